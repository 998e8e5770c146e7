/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/config_test.h"

#include <json-c/json.h>
#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/diag.h"
#include "config/language.h"
#include "daemon/config_child.h"
#include "daemon/global_conf.h"
#include "daemon/language.h"
#include "daemon/netns.h"
#include "lib/mem.h"

/* The largest that the library takes. */
#define MMAP_THRESHOLD (32 << 20)
#define WARM_BLOCK ((size_t)1 << 20)
#define WARM_BLOCKS_MAX 128
/* Of the file's size; it is 3.5 in the end. */
#define WARM_FACTOR 3

static void config_test_print(
	struct diag_list *diags, enum options_format format)
{
	struct json_object *json;

	switch (format) {
	case OPTIONS_FORMAT_TEXT:
		diag_print(diags, stderr);
		break;
	case OPTIONS_FORMAT_GCC:
		diag_print_gcc(diags, stderr);
		break;
	case OPTIONS_FORMAT_JSON:
		json = diag_to_json(diags);
		printf("%s\n", json_object_to_json_string_ext(json,
				       JSON_C_TO_STRING_PRETTY |
					       JSON_C_TO_STRING_SPACED |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(json);
		break;
	}
}

/* The text of the file and the tables of the parser serve the views, which are
 * bound one after the other, and what one gave back serves the next. */
static void keep_freed_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_TOP_PAD, 1 << 20);
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
}

/* Memory for the parser and the views, about as much as FILE will need: made
 * present in a few calls, which costs half of the faults of its pages one by
 * one.  Nothing is lost where the kernel cannot (before Linux 5.14). */
static void warm_memory(const char *file)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *blocks[WARM_BLOCKS_MAX];
	struct stat st;
	size_t n = 0;

	if (stat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	while (n < WARM_BLOCKS_MAX &&
		(off_t)((n + 1) * WARM_BLOCK) <= st.st_size * WARM_FACTOR) {
		uintptr_t start;

		blocks[n] = x_realloc(NULL, WARM_BLOCK, 1);
		start = ((uintptr_t)blocks[n] + page - 1) & ~(page - 1);
		madvise((char *)blocks[n] + (start - (uintptr_t)blocks[n]),
			WARM_BLOCK - page, MADV_POPULATE_WRITE);
		n++;
	}
	while (n)
		x_free(blocks[--n]);
}

/* The exit code is that of a good file: say what it is. */
static void put_ignored(const char *file, struct diag_list *diags)
{
	size_t n = diag_count_severity(diags, DIAG_ERROR);

	if (n)
		fprintf(stderr, "%s: usable with --lenient: %zu error%s ignored\n",
			file, n, n == 1 ? "" : "s");
}

static void check_present(const struct options *options,
	const struct conf_tree *tree, struct diag_list *diags)
{
	struct conf_bind ctx = { .tree = tree, .arena = arena_new() };
	const struct global_conf *conf =
		conf_bind_root(&ctx, &global_conf_root);
	bool there = options->net_namespace || !conf->net_namespace ||
		netns_enter(conf->net_namespace) == 0;
	bool made = conf->defs->startup_script.node != 0;

	size_t n_diags = diag_count(diags);

	/* A namespace may be made just before the start, and what is in it by
	 * startup_script: no word on it. */
	if (there && !made && tandem_language.check_present)
		tandem_language.check_present(tree, diags);
	if (diag_count(diags) > n_diags)
		conf_keep_lines(tree, diags);
	arena_free(ctx.arena);
}

int config_test_run(const struct options *options)
{
	const struct conf_load_options load = {
		.config_id = options->config_id,
		.lenient = options->lenient,
		.portable = options->portable,
		.all_files = options->all_config,
	};
	struct diag_list *diags = diag_list_new();
	enum config_outcome outcome;
	struct conf_tree *tree;
	int code;

	keep_freed_memory();
	warm_memory(options->file);
	tree = conf_load(&tandem_language, options->file, &load, diags);
	/* All problems in one run: what is wrong does not hide what this
	 * machine lacks. */
	if (tree && !options->only_check)
		check_present(options, tree, diags);
	outcome = config_judge(
		options->file, tree != NULL, options->lenient, diags);
	code = config_test_exit_code(
		outcome, diag_has_code(diags, DIAG_SCRIPT_SECURITY));
	config_test_print(diags, options->format);
	if (outcome == CONFIG_GOOD && options->format == OPTIONS_FORMAT_TEXT)
		put_ignored(options->file, diags);
	conf_tree_free(tree);
	diag_list_free(diags);
	return code;
}

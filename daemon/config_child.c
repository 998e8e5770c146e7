/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/config_child.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/generation.h"
#include "config/language.h"
#include "daemon/global_conf.h"
#include "daemon/language.h"
#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/timeutil.h"

#define CONFIG_TIMEOUT_US (60 * USEC_PER_SEC)

int config_test_exit_code(enum config_outcome outcome, bool script_security)
{
	switch (outcome) {
	case CONFIG_MISSING:
	case CONFIG_UNUSABLE:
		return 4;
	case CONFIG_ERRORS:
		return 5;
	case CONFIG_GOOD:
		return script_security ? 6 : 0;
	}
	return 4;
}

enum config_outcome config_judge(
	const char *file, bool have_tree, bool lenient, struct diag_list *diags)
{
	struct stat st;

	if (!have_tree && stat(file, &st) < 0 && errno == ENOENT)
		return CONFIG_MISSING;
	if (!have_tree || diag_count_severity(diags, DIAG_FATAL))
		return CONFIG_UNUSABLE;
	if (!lenient && diag_count_severity(diags, DIAG_ERROR))
		return CONFIG_ERRORS;
	return CONFIG_GOOD;
}

static int config_diags_fd(struct diag_list *diags)
{
	struct json_object *json = json_object_new_object();
	int fd;

	json_object_object_add(
		json, "diagnostics", diag_to_json_with_source(diags));
	fd = json_to_fd(json);
	json_object_put(json);
	return fd;
}

/* Like -t.  The role would refuse it, too, but at the first thing that is
 * missing. */
static void config_check_present(const struct config_request *request,
	const struct conf_tree *tree, struct diag_list *diags)
{
	struct conf_bind ctx = { .tree = tree, .arena = arena_new() };
	const struct global_conf *conf =
		conf_bind_root(&ctx, &global_conf_root);

	if (!tandem_language.check_present ||
		(request->first && (conf->net_namespace ||
					   conf->defs->startup_script.node)))
		return;
	tandem_language.check_present(tree, diags);
	conf_keep_lines(tree, diags);
}

/* Nothing but this: no link leads to another file. */
static bool config_is_marker(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1;
}

/* Empties a file that is there. */
static int config_make_marker(const char *marker)
{
	int fd = open(marker,
		O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
	struct stat st;
	int err = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		err = -errno;
	else if (!config_is_marker(&st))
		err = -EPERM;
	else if (st.st_size && ftruncate(fd, 0) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static void config_mark(const char *marker)
{
	int err = config_make_marker(marker);

	if (err)
		log_warning("reload_file %s: %s", marker, strerror(-err));
}

void config_remove_marker(const char *marker)
{
	struct stat st;

	if (lstat(marker, &st) == 0 && config_is_marker(&st))
		unlink(marker);
}

/* In the worker, which ends after this: nothing is freed. */
static void config_run(void *arg, struct worker_result *result)
{
	const struct config_request *request = arg;
	const struct conf_load_options options = {
		.config_id = request->config_id,
		.lenient = request->lenient,
		.all_files = request->all_files,
	};
	struct diag_list *diags = diag_list_new();
	enum config_outcome outcome;
	struct conf_tree *tree;

	if (request->marker)
		config_mark(request->marker);
	tree = conf_load(&tandem_language, request->file, &options, diags);

	if (tree && request->present)
		config_check_present(request, tree, diags);
	outcome = config_judge(
		request->file, tree != NULL, request->lenient, diags);
	if (request->print)
		diag_print(diags, stderr);
	result->fds[0] = config_diags_fd(diags);
	if (outcome == CONFIG_GOOD && tree) {
		result->fds[1] = conf_generation_write(tree);
		if (result->fds[1] < 0)
			outcome = CONFIG_UNUSABLE;
	}
	result->value = outcome;
}

static void config_done(
	int error, const struct worker_result *result, void *user_data)
{
	struct config_child *child = user_data;
	struct config_answer answer = {
		.error = error,
		.outcome = error ? CONFIG_UNUSABLE
				 : (enum config_outcome)result->value,
		.diags_fd = result->fds[0],
		.generation_fd = result->fds[1],
	};

	child->done(&answer, child->user_data);
}

int config_child_start(struct workers *workers,
	const struct config_request *request, struct config_child *child)
{
	return worker_start(workers, WORKER_CONFIG, CONFIG_TIMEOUT_US,
		config_run, (void *)(uintptr_t)request, config_done, child);
}

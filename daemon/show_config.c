/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/show_config.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "daemon/generation.h"
#include "daemon/language.h"
#include "lib/jsonfd.h"
#include "lib/mem.h"

static char *print(const struct generation *generation,
	const struct effective_print_options *options)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return x_strdup("");
	effective_print(out, &tandem_language, generation->tree, options);
	fclose(out);
	return text ? text : x_strdup("");
}

char *show_config_text(const struct generation *generation)
{
	const struct effective_print_options options = { .origin = true };

	return print(generation, &options);
}

/* What is long is written as it is made: it may be much larger than the
 * configuration. */
static void put_answer(FILE *out, const struct generation *generation,
	const struct effective_print_options *options, bool text_only)
{
	struct json_object *json = json_object_new_object();
	char *text = print(generation, options);
	const char *head;

	json_object_object_add(
		json, "generation", json_object_new_int64(generation->number));
	json_object_object_add(
		json, "file", json_object_new_string(generation->file));
	json_object_object_add(json, "text", json_object_new_string(text));
	x_free(text);
	head = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	fwrite(head, 1, strlen(head) - 1, out);
	json_object_put(json);
	if (!text_only) {
		fputs(",\"config\":", out);
		effective_put_json(out, &tandem_language, generation->tree,
			options->defaults);
	}
	fputs("}\n", out);
}

int show_config_answer(const struct generation *generation,
	const struct effective_print_options *options, bool text_only)
{
	int fd = json_fd_new();
	int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
	bool failed;

	if (!out) {
		if (copy >= 0)
			close(copy);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	put_answer(out, generation, options, text_only);
	failed = ferror(out);
	if (fclose(out) || failed || json_fd_seal(fd) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/diag.h"
#include "daemon/diag_log.h"
#include "lib/jsonfd.h"
#include "lib/log.h"

/* What the daemon's log on standard error says of DIAGS, which are freed,
 * without "test[PID]: ". */
static void log_lines(struct diag_list *diags, char *text, size_t size)
{
	struct json_object *json = json_object_new_object();
	int saved = dup(STDERR_FILENO);
	char all[2048];
	int fds[2];
	ssize_t n;
	int fd;

	json_object_object_add(
		json, "diagnostics", diag_to_json_with_source(diags));
	fd = json_to_fd(json);
	json_object_put(json);
	diag_list_free(diags);
	assert_int_equal(pipe(fds), 0);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	log_open("test", LOG_TARGET_STDERR, 0, LOG_LEVEL_INFO);
	diag_log(fd);
	dup2(saved, STDERR_FILENO);
	n = read(fds[0], all, sizeof(all) - 1);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	close(fd);
	assert_true(n > 0);
	all[n] = '\0';
	*text = '\0';
	for (char *line = strtok(all, "\n"); line; line = strtok(NULL, "\n")) {
		assert_non_null(strstr(line, "]: "));
		snprintf(text + strlen(text), size - strlen(text), "%s\n",
			strstr(line, "]: ") + 3);
	}
}

static void test_a_line_has_its_place_and_its_severity_once(void **state)
{
	const struct diag_place place = {
		.file = "/etc/t.conf", .line = 3, .column = 2, .length = 4
	};
	struct diag_list *diags = diag_list_new();
	char text[2048];

	(void)state;
	diag_add(diags, DIAG_ERROR, DIAG_UNKNOWN_KEYWORD, &place, "autx",
		"did you mean 'auto'?", "unknown keyword");
	diag_add(diags, DIAG_WARNING, DIAG_DEPRECATED, &place, "auto", NULL,
		"error: is only a word here");
	log_lines(diags, text, sizeof(text));
	assert_string_equal(text,
		"/etc/t.conf:3:2: error: unknown keyword [autx] "
		"(hint: did you mean 'auto'?)\n"
		"/etc/t.conf:3:2: warning: error: is only a word here "
		"[auto]\n");
}

static void test_the_file_as_a_whole_has_no_place(void **state)
{
	const struct diag_place place = { .file = "/etc/t.conf" };
	struct diag_list *diags = diag_list_new();
	char text[2048];

	(void)state;
	diag_add(diags, DIAG_FATAL, DIAG_IO, &place, "", NULL,
		"cannot read '/etc/t.conf'");
	log_lines(diags, text, sizeof(text));
	assert_string_equal(
		text, "/etc/t.conf: error: cannot read '/etc/t.conf'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_line_has_its_place_and_its_severity_once),
		cmocka_unit_test(test_the_file_as_a_whole_has_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets that stand in files and credentials, and that are never shown. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "tests/unit/config-toy.h"

struct outcome {
	char password[64]; /* "" = none was bound */
	char codes[256];
	char said[4096]; /* as printed, and as JSON */
};

static char directory[64];

static int setup(void **state)
{
	(void)state;
	strcpy(directory, "secret-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

static void write_file(const char *name, const char *text, size_t len, mode_t mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite(text, 1, len, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void collect(struct outcome *o, struct diag_list *diags)
{
	FILE *out = fmemopen(o->said, sizeof(o->said), "w");
	struct json_object *json = diag_to_json_with_source(diags);

	for (size_t i = 0; i < diag_count(diags); i++) {
		const struct diag *d = diag_get(diags, i);

		snprintf(o->codes + strlen(o->codes),
			sizeof(o->codes) - strlen(o->codes), "%s%s %s",
			i ? "; " : "", diag_severity_name(d->severity),
			diag_code_name(d->code));
	}
	diag_print(diags, out);
	fputs(json_object_to_json_string(json), out);
	fclose(out);
	json_object_put(json);
}

static struct outcome load_lines(const char *lines, bool portable)
{
	const struct conf_load_options options = { .portable = portable };
	struct diag_list *diags = diag_list_new();
	struct arena *arena = arena_new();
	struct outcome o = { .password = "" };
	struct conf_tree *tree;
	char path[128];

	write_file("main.conf", lines, strlen(lines), 0600);
	snprintf(path, sizeof(path), "%s/main.conf", directory);
	tree = conf_load(&toy_language, path, &options, diags);
	if (tree) {
		struct conf_bind ctx = { .tree = tree, .arena = arena };
		struct toy_root *root = conf_bind_root(&ctx, &toy_root_block);

		if (root->global && root->global->password)
			strcpy(o.password, root->global->password);
	}
	collect(&o, diags);
	conf_tree_free(tree);
	arena_free(arena);
	diag_list_free(diags);
	return o;
}

static struct outcome load_word(const char *keyword, const char *value)
{
	char text[256];

	snprintf(text, sizeof(text), "global_defs {\n %s %s\n}\n", keyword,
		value);
	return load_lines(text, false);
}

static struct outcome load(const char *password)
{
	return load_word("auth_pass", password);
}

static void test_secret_in_a_file_beside_the_configuration(void **state)
{
	struct outcome o;

	(void)state;
	write_file("pass", "hunter2\n", 8, 0600);
	o = load("file:pass");
	assert_string_equal(o.codes, "");
	assert_string_equal(o.password, "hunter2");
	write_file("pass", "with blanks # and signs\r\n", 25, 0400);
	o = load("file:pass");
	assert_string_equal(o.password, "with blanks # and signs");
}

static void test_secret_in_a_credential(void **state)
{
	struct outcome o;

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	o = load("credential:vrrp");
	assert_string_equal(o.codes, "error cannot-read");
	setenv("CREDENTIALS_DIRECTORY", directory, 1);
	write_file("vrrp", "hunter2", 7, 0440);
	o = load("credential:vrrp");
	assert_string_equal(o.codes, "");
	assert_string_equal(o.password, "hunter2");
	o = load("credential:../vrrp");
	assert_string_equal(o.codes, "error value-type");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_loose_files_are_named(void **state)
{
	struct outcome o;

	(void)state;
	write_file("pass", "hunter2\n", 8, 0640);
	o = load("file:pass");
	assert_string_equal(o.codes, "warning secret-file");
	assert_non_null(strstr(o.said, "0640"));
	assert_string_equal(o.password, "hunter2");
	write_file("pass", "hunter2\n", 8, 0620);
	o = load("file:pass");
	assert_string_equal(o.codes, "error secret-file");
	assert_string_equal(o.password, "");
}

static void test_loose_files_of_keys_are_refused(void **state)
{
	struct outcome o;
	char path[PATH_MAX];

	(void)state;
	write_file("pass", "hunter2\n", 8, 0600);
	o = load_word("sign_key", "file:pass");
	assert_string_equal(o.codes, "");
	assert_string_equal(o.password, "hunter2");
	write_file("pass", "hunter2\n", 8, 0640);
	assert_string_equal(load_word("sign_key", "file:pass").codes,
		"error secret-file");
	write_file("pass", "hunter2\n", 8, 0604);
	assert_string_equal(load_word("sign_key", "file:pass").codes,
		"error secret-file");
	/* But for what systemd keeps, with keepalived's words. */
	assert_non_null(realpath(directory, path));
	setenv("CREDENTIALS_DIRECTORY", path, 1);
	o = load_word("sign_key", "file:${_ENV CREDENTIALS_DIRECTORY}/pass");
	assert_string_equal(o.codes, "");
	assert_string_equal(o.password, "hunter2");
	assert_string_equal(load_word("sign_key",
		"file:${_ENV CREDENTIALS_DIRECTORY}/../pass").codes,
		"error cannot-read");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static bool always(const struct conf_tree *tree)
{
	return conf_tree_count(tree) > 0;
}

static void test_where_security_is_wanted_a_loose_file_is_an_error(void **state)
{
	static const char text[] =
		"global_defs {\n auth_pass file:pass\n}\n";
	const struct conf_language strict = {
		.views = toy_language.views,
		.strict_secrets = always,
	};
	char path[128];

	(void)state;
	write_file("main.conf", text, strlen(text), 0600);
	snprintf(path, sizeof(path), "%s/main.conf", directory);
	for (int loose = 0; loose < 2; loose++) {
		struct diag_list *diags = diag_list_new();

		write_file("pass", "x\n", 2, loose ? 0644 : 0600);
		conf_tree_free(conf_load(&strict, path, NULL, diags));
		assert_int_equal(
			(int)diag_count_severity(diags, DIAG_ERROR), loose);
		assert_int_equal((int)diag_count(diags), loose);
		diag_list_free(diags);
	}
}

static void test_what_is_no_secret_is_an_error(void **state)
{
	static const char nul[] = "hun\0ter";
	char *large = calloc(1, 5000);

	(void)state;
	memset(large, 'x', 5000);
	assert_string_equal(load("file:none").codes, "error cannot-read");
	assert_string_equal(load("file:.").codes, "error cannot-read");
	write_file("pass", "\n", 1, 0600);
	assert_string_equal(load("file:pass").codes, "error empty-file");
	write_file("pass", nul, sizeof(nul), 0600);
	assert_string_equal(load("file:pass").codes, "error not-text");
	write_file("pass", "two\nlines\n", 10, 0600);
	assert_string_equal(load("file:pass").codes, "error not-text");
	write_file("pass", large, 5000, 0600);
	assert_string_equal(load("file:pass").codes, "error too-large");
	free(large);
}

static void test_keepalived_would_take_the_name_for_the_password(void **state)
{
	(void)state;
	write_file("pass", "hunter2\n", 8, 0600);
	assert_string_equal(
		load_lines("global_defs {\n auth_pass file:pass\n}\n", true)
			.codes,
		"error not-portable");
}

/* Whatever is wrong with the line, what stands in it is not shown. */
static void test_secrets_are_not_shown(void **state)
{
	static const char *const lines[] = {
		"global_defs {\n auth_pass \"hunter2\n}\n",
		"global_defs {\n auth_pass x hunter2\n}\n",
		"global_defs {\n auth_pass hunter2 {\n }\n}\n",
		"global_defs {\n auth_paas hunter2\n}\n",
		"auth_pass hunter2\n",
		"virtual_server a {\n auth_pass hunter2\n}\n",
		"global_defs {\n auth_pass hunt!hunter2\n}\n",
		"global_defs {\n auth_pass hunter2\xE2\x80\x93\n}\n",
		"global_defs {\n auth_pass\xC2\xA0hunter2 x\n}\n",
		"global_defs {\n auth_pass a\n auth_pass hunter2\n}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct outcome o = load_lines(lines[i], true);

		if (!o.codes[0] || strstr(o.said, "hunter2"))
			fail_msg("%s\nsays\n%s", lines[i], o.said);
	}
	write_file("pass", "hunter2\n", 8, 0666);
	assert_null(strstr(load("file:pass x y").said, "hunter2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secret_in_a_file_beside_the_configuration),
		cmocka_unit_test(test_secret_in_a_credential),
		cmocka_unit_test(test_loose_files_are_named),
		cmocka_unit_test(test_loose_files_of_keys_are_refused),
		cmocka_unit_test(
			test_where_security_is_wanted_a_loose_file_is_an_error),
		cmocka_unit_test(test_what_is_no_secret_is_an_error),
		cmocka_unit_test(
			test_keepalived_would_take_the_name_for_the_password),
		cmocka_unit_test(test_secrets_are_not_shown),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

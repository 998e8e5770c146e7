/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts in a configuration: whose they are, and what is said of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/generation.h"
#include "lib/mem.h"
#include "runner/runner_conf.h"
#include "runner/script_check.h"
#include "runner/script_table.h"
#include "tests/unit/runner-toy.h"

struct loaded {
	struct diag_list *diags;
	struct conf_tree *tree;
};

static struct loaded load(const char *text)
{
	struct conf_load_options options = { .config_id = "here" };
	struct loaded l = { .diags = diag_list_new() };

	l.tree = conf_load_text(&toy_language, "test.conf", text, strlen(text),
		&options, l.diags);
	assert_non_null(l.tree);
	return l;
}

static void unload(struct loaded *l)
{
	conf_tree_free(l->tree);
	diag_list_free(l->diags);
}

/* The diagnostics as "LINE severity code", one a line. */
static void assert_diags(const char *text, const char *expected)
{
	struct loaded l = load(text);
	char got[2048] = "";
	size_t len = 0;
	size_t i;

	for (i = 0; i < diag_count(l.diags); i++) {
		const struct diag *d = diag_get(l.diags, i);

		len += (size_t)snprintf(got + len, sizeof(got) - len,
			"%u %s %s\n", d->place.line,
			diag_severity_name(d->severity),
			diag_code_name(d->code));
		assert_true(len < sizeof(got));
	}
	if (strcmp(got, expected))
		diag_print(l.diags, stderr);
	assert_string_equal(got, expected);
	unload(&l);
}

#define SECURE                                                                 \
	"global_defs {\n enable_script_security\n script_user nobody\n}\n"

static void test_a_good_script_gives_nothing_to_say(void **state)
{
	(void)state;
	assert_diags(SECURE "check a {\n script \"/bin/true -x\"\n}\n", "");
	assert_diags(SECURE "check a {\n script true\n}\n", "");
}

static void test_a_missing_script_is_an_error_at_its_line(void **state)
{
	(void)state;
	assert_diags(SECURE "check a {\n script \"/no/such arg\"\n}\n"
			    "instance b {\n notify no-such-command\n"
			    " notify_stop /etc\n}\n",
		"6 error script\n9 error script\n10 error script\n");
}

static void test_a_redirection_is_no_missing_script(void **state)
{
	(void)state;
	assert_diags(SECURE "check a {\n script \"</no/such/file\"\n}\n"
			    "check b {\n script \">/run/x\"\n}\n"
			    "check c {\n script \"< /etc/hostname\"\n}\n",
		"9 error script\n12 error script\n");
}

/* What dash says of it is the same every time. */
static void test_what_only_bash_knows_is_one_warning(void **state)
{
	(void)state;
	assert_diags(SECURE "check a {\n script \"</dev/tcp/192.0.2.1/80\"\n}\n",
		script_check_shell_is_bash() ? "" : "6 warning script\n");
}

static void test_what_a_shell_would_start_as_root_is_not_taken(void **state)
{
	static const char text[] =
		"check a {\n script \"</etc/passwd; /bin/true\" root\n}\n";
	char secure[sizeof(SECURE) + sizeof(text)];

	(void)state;
	snprintf(secure, sizeof(secure), SECURE "%s", text);
	assert_diags(secure, "6 error script-security\n");
	assert_diags(SECURE "check a {\n script \"</etc/passwd\" root\n}\n",
		"");
	assert_diags(SECURE "check a {\n script \"</etc/passwd; true\"\n}\n",
		"");
}

static void test_a_script_without_permission_is_an_error(void **state)
{
	(void)state;
	assert_diags(SECURE "check a {\n script /etc/passwd\n}\n",
		"6 error script\n");
}

static void test_running_scripts_without_security_is_one_warning(void **state)
{
	(void)state;
	assert_diags("global_defs {\n script_user nobody\n}\n"
		     "check a {\n script true\n}\n"
		     "check b {\n script false\n}\n",
		"5 warning script-security\n");
	/* Nothing is run, nothing is said. */
	assert_diags("global_defs {\n script_user nobody\n}\n", "");
}

static void test_security_does_not_make_root_the_default(void **state)
{
	(void)state;
	assert_diags("global_defs {\n enable_script_security\n}\n"
		     "check a {\n script true\n}\n",
		"5 error script\n");
	assert_diags("global_defs {\n enable_script_security\n}\n"
		     "check a {\n script true root\n}\n",
		"");
}

static void test_an_unknown_account_is_named_once(void **state)
{
	(void)state;
	assert_diags("global_defs {\n enable_script_security\n"
		     " script_user no-such-user\n}\n"
		     "check a {\n script true\n}\n"
		     "check b {\n script true\n}\n",
		"3 error unknown-reference\n");
	/* No script runs as it. */
	assert_diags("global_defs {\n script_user no-such-user\n}\n",
		"2 warning unknown-reference\n");
	assert_diags("global_defs {\n script_user root nogroup-here\n}\n",
		"2 warning unknown-reference\n");
	assert_diags(SECURE "check a {\n script true root nogroup-here\n}\n",
		"6 error unknown-reference\n");
	assert_diags(SECURE "check a {\n script true\n user nobody-here\n}\n",
		"7 error unknown-reference\n");
}

static void test_what_others_can_change_is_not_run_as_root(void **state)
{
	char path[] = "/tmp/tandem-conf-XXXXXX";
	char *text;
	int fd;

	(void)state;
	if (getuid() != 0)
		skip();
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0777), 0);
	close(fd);
	text = x_asprintf(SECURE "check a {\n script %s root\n}\n"
				 "check b {\n script %s nobody\n}\n",
		path, path);
	assert_diags(text, "6 error script-security\n");
	x_free(text);
	text = x_asprintf("check a {\n script %s root\n}\n", path);
	/* Without script security it runs, and both things are said. */
	assert_diags(
		text, "2 warning script-security\n2 warning script-security\n");
	x_free(text);
	unlink(path);
}

static void test_settings_of_several_global_blocks_add_up(void **state)
{
	struct loaded l = load("global_defs {\n script_user nobody :daemon\n}\n"
			       "check a {\n script true\n}\n"
			       "global_defs {\n enable_script_security\n"
			       " set_supplementary_groups\n"
			       " use_symlink_paths on\n}\n");
	struct conf_bind bind = { .tree = l.tree, .arena = arena_new() };
	const struct runner_conf *conf =
		conf_bind_root(&bind, &runner_conf_root);

	(void)state;
	assert_string_equal(conf->user, "nobody");
	assert_string_equal(conf->group, ":daemon");
	assert_true(conf->script_security);
	assert_true(conf->supplementary_groups);
	assert_true(conf->symlink_paths);
	arena_free(bind.arena);
	unload(&l);
}

/* --- the table that the role runs from --- */

static struct script_table *open_table(const char *text)
{
	struct loaded l = load(text);
	struct script_table *table;
	int fd = conf_generation_write(l.tree);

	assert_true(fd >= 0);
	assert_int_equal(script_table_open(fd, 7, &table), 0);
	close(fd);
	unload(&l);
	return table;
}

struct expected {
	uint32_t line;
	const char *argv[5];
	const char *user;
	gid_t gid;
	enum script_purpose purpose;
};

static void assert_spec(
	const struct script_spec *spec, const struct expected *e)
{
	unsigned int i;

	assert_int_equal(spec->line, e->line);
	for (i = 0; e->argv[i]; i++)
		assert_string_equal(spec->argv[i], e->argv[i]);
	assert_null(spec->argv[i]);
	assert_int_equal(spec->n_args, i);
	assert_string_equal(spec->identity->name, e->user);
	assert_int_equal(spec->identity->gid, e->gid);
	assert_int_equal(spec->purpose, e->purpose);
}

static void test_commands_and_accounts_are_found_by_node(void **state)
{
	static const struct expected expected[] = {
		{ 5, { "/bin/true", "a b", "c" }, "nobody", 65534,
			SCRIPT_CHECK },
		{ 8, { "true" }, "daemon", 1, SCRIPT_CHECK },
		{ 12, { "true" }, "bin", 1, SCRIPT_NOTIFICATION },
		{ 13, { "true", "x" }, "root", 0, SCRIPT_NOTIFICATION },
	};
	struct script_table *table = open_table(
		"global_defs {\n script_user nobody\n}\n"
		"check a {\n script \"/bin/true 'a b' c\"\n}\n"
		"check b {\n script true\n user daemon\n}\n"
		"instance i {\n"
		" notify true bin daemon\n notify_stop 'true x' root : root\n"
		"}\n");
	unsigned int found = 0;
	uint32_t node;

	(void)state;
	assert_int_equal(script_table_generation(table), 7);
	for (node = 0; node < 64; node++) {
		struct script_spec *spec = script_table_get(table, node);

		if (!spec)
			continue;
		assert_true(found < 4);
		assert_spec(spec, &expected[found++]);
		assert_ptr_equal(script_table_get(table, node), spec);
	}
	assert_int_equal(found, 4);
	assert_null(script_table_get(table, UINT32_MAX));
	script_table_unref(table);
}

static void test_a_descriptor_without_a_generation_is_refused(void **state)
{
	struct script_table *table = NULL;

	(void)state;
	assert_true(script_table_open(STDIN_FILENO, 1, &table) < 0);
	assert_null(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_script_gives_nothing_to_say),
		cmocka_unit_test(test_a_missing_script_is_an_error_at_its_line),
		cmocka_unit_test(test_a_redirection_is_no_missing_script),
		cmocka_unit_test(test_what_only_bash_knows_is_one_warning),
		cmocka_unit_test(
			test_what_a_shell_would_start_as_root_is_not_taken),
		cmocka_unit_test(test_a_script_without_permission_is_an_error),
		cmocka_unit_test(
			test_running_scripts_without_security_is_one_warning),
		cmocka_unit_test(test_security_does_not_make_root_the_default),
		cmocka_unit_test(test_an_unknown_account_is_named_once),
		cmocka_unit_test(
			test_what_others_can_change_is_not_run_as_root),
		cmocka_unit_test(test_settings_of_several_global_blocks_add_up),
		cmocka_unit_test(test_commands_and_accounts_are_found_by_node),
		cmocka_unit_test(
			test_a_descriptor_without_a_generation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

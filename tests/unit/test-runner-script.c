/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts in the file system: there, executable, safe; their accounts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "runner/script_check.h"

static gid_t groups[] = { 1234, 77 };
static char name[] = "someone";
static const struct script_identity root = { .uid = 0, .name = name };
static const struct script_identity other = {
	.uid = 1234,
	.gid = 1234,
	.groups = groups,
	.n_groups = 2,
	.name = name,
};

struct fixture {
	char dir[64];
	char *path;
};

static int setup(void **state)
{
	struct fixture *f = x_new(struct fixture, 1);

	strcpy(f->dir, "/tmp/tandem-script-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(chmod(f->dir, 0755), 0);
	f->path = x_asprintf("%s/script", f->dir);
	close(open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755));
	assert_int_equal(chmod(f->path, 0755), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *command = x_asprintf("rm -rf %s", f->dir);

	assert_int_equal(system(command), 0);
	x_free(command);
	x_free(f->path);
	x_free(f);
	return 0;
}

static int find(const char *command, const struct script_identity *identity)
{
	char *path = NULL;
	int err = script_check_find(command, identity, &path);

	assert_int_equal(path != NULL, err == 0);
	x_free(path);
	return err;
}

static void test_an_executable_file_is_found(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(find(f->path, &root), 0);
	assert_int_equal(find(f->path, &other), 0);
}

static void test_missing_files_and_directories_are_told_apart(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(find("/nonexistent/script", &root), -ENOENT);
	assert_int_equal(find(f->dir, &root), -EISDIR);
}

static void test_modes_decide_for_the_user(void **state)
{
	struct fixture *f = *state;

	if (getuid() != 0)
		skip();
	chmod(f->path, 0644);
	assert_int_equal(find(f->path, &root), -EACCES);
	chmod(f->path, 0700);
	assert_int_equal(find(f->path, &root), 0);
	assert_int_equal(find(f->path, &other), -EACCES);
	assert_int_equal(chown(f->path, 1234, 0), 0);
	assert_int_equal(find(f->path, &other), 0);
	/* The owner's bits count, not the wider ones of others. */
	chmod(f->path, 0655);
	assert_int_equal(find(f->path, &other), -EACCES);
	/* By a supplementary group. */
	assert_int_equal(chown(f->path, 0, 77), 0);
	chmod(f->path, 0710);
	assert_int_equal(find(f->path, &other), 0);
	assert_int_equal(chown(f->path, 0, 78), 0);
	assert_int_equal(find(f->path, &other), -EACCES);
}

static void test_a_bare_name_is_looked_for_on_the_path(void **state)
{
	char *path = NULL;

	(void)state;
	assert_int_equal(script_check_find("true", &other, &path), 0);
	assert_string_equal(path, "/usr/bin/true");
	x_free(path);
	assert_int_equal(find("tandem-no-such-command", &root), -ENOENT);
	assert_int_equal(find("", &root), -ENOENT);
}

static void test_a_system_command_is_secure(void **state)
{
	char *component = NULL;

	(void)state;
	assert_int_equal(script_check_secure("/usr/bin/env", &component), 0);
	assert_null(component);
}

static void check_insecure(const char *path, const char *expected)
{
	char *component = NULL;

	assert_int_equal(script_check_secure(path, &component), -EPERM);
	assert_string_equal(component, expected);
	x_free(component);
}

static void test_what_others_can_change_is_insecure(void **state)
{
	struct fixture *f = *state;
	char *component = NULL;
	char *link = x_asprintf("%s/link", f->dir);

	if (getuid() != 0)
		skip();
	/* /tmp is sticky: others cannot replace root's directory in it. */
	assert_int_equal(script_check_secure(f->path, &component), 0);
	chmod(f->path, 0775);
	assert_int_equal(script_check_secure(f->path, &component), 0);
	assert_int_equal(chown(f->path, 0, 77), 0);
	check_insecure(f->path, f->path);
	chmod(f->path, 0757);
	check_insecure(f->path, f->path);
	chmod(f->path, 0755);
	assert_int_equal(script_check_secure(f->path, &component), 0);
	assert_int_equal(chown(f->path, 1234, 0), 0);
	check_insecure(f->path, f->path);
	assert_int_equal(symlink("/usr/bin/env", link), 0);
	assert_int_equal(script_check_secure(link, &component), 0);
	assert_int_equal(lchown(link, 1234, 0), 0);
	check_insecure(link, link);
	assert_int_equal(lchown(link, 0, 0), 0);
	chmod(f->dir, 0777);
	check_insecure(link, f->dir);
	x_free(link);
}

static void test_a_link_is_no_better_than_its_target(void **state)
{
	struct fixture *f = *state;
	char safe[] = "/tmp/tandem-script-XXXXXX";
	char *link;

	if (getuid() != 0)
		skip();
	assert_non_null(mkdtemp(safe));
	link = x_asprintf("%s/link", safe);
	assert_int_equal(symlink(f->path, link), 0);
	chmod(f->path, 0777);
	check_insecure(link, f->path);
	unlink(link);
	rmdir(safe);
	x_free(link);
}

static void test_a_path_that_is_not_there_is_neither(void **state)
{
	char *component = NULL;

	(void)state;
	assert_int_equal(
		script_check_secure("/nonexistent/x", &component), -ENOENT);
	assert_null(component);
}

static void test_accounts_are_looked_up_and_remembered(void **state)
{
	struct script_users *users = script_users_new();
	const struct script_identity *id =
		script_users_get(users, "nobody", NULL, false);

	(void)state;
	assert_int_equal(id->error, 0);
	assert_int_equal(id->uid, 65534);
	assert_int_equal(id->n_groups, 1);
	assert_int_equal(id->groups[0], id->gid);
	assert_ptr_equal(script_users_get(users, "nobody", "", false), id);
	assert_ptr_not_equal(
		script_users_get(users, "nobody", "daemon", false), id);
	assert_int_equal(
		script_users_get(users, "nobody", "daemon", false)->gid, 1);
	id = script_users_get(users, "root", ":daemon", false);
	assert_int_equal(id->error, 0);
	assert_int_equal(id->gid, 1);
	assert_true(id->n_groups >= 1);
	assert_int_equal(
		script_users_get(users, "no-such-user", NULL, false)->error,
		-ENOENT);
	assert_int_equal(
		script_users_get(users, "root", "no-such-group", true)->error,
		-ESRCH);
	script_users_free(users);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_an_executable_file_is_found),
		TEST(test_missing_files_and_directories_are_told_apart),
		TEST(test_modes_decide_for_the_user),
		TEST(test_a_bare_name_is_looked_for_on_the_path),
		TEST(test_a_system_command_is_secure),
		TEST(test_what_others_can_change_is_insecure),
		TEST(test_a_link_is_no_better_than_its_target),
		TEST(test_a_path_that_is_not_there_is_neither),
		TEST(test_accounts_are_looked_up_and_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real scripts: how they end, what they see, what is left of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/run.h"

struct fixture {
	char dir[64];
	struct loop *loop;
	struct run_pool *pool;
	struct loop_timer *guard;
	struct script_identity identity;
	gid_t group;
	struct run_result result;
	char output[2048];
	unsigned int done;
};

static void on_guard(void *user_data)
{
	(void)user_data;
	fail_msg("the script did not end in time");
}

static void on_done(const struct run_result *result, void *user_data)
{
	struct fixture *f = user_data;

	f->result = *result;
	snprintf(f->output, sizeof(f->output), "%s", result->output);
	f->done++;
	loop_stop(f->loop);
}

static int setup(void **state)
{
	static char name[] = "root";
	static char home[] = "/root";
	struct fixture *f = x_new(struct fixture, 1);

	strcpy(f->dir, "/tmp/tandem-run-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(chmod(f->dir, 0755), 0);
	f->loop = loop_new();
	f->pool = run_pool_new(f->loop);
	f->guard = loop_timer_new(f->loop, on_guard, f);
	f->group = getgid();
	f->identity = (struct script_identity){
		.uid = getuid(),
		.gid = getgid(),
		.groups = &f->group,
		.n_groups = 1,
		.name = name,
		.home = home,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *command = x_asprintf("rm -rf %s", f->dir);

	run_pool_free(f->pool);
	loop_timer_free(f->guard);
	loop_free(f->loop);
	assert_int_equal(system(command), 0);
	x_free(command);
	x_free(f);
	return 0;
}

static char *write_script(struct fixture *f, const char *text, mode_t mode)
{
	char *path = x_asprintf("%s/script", f->dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void run_argv(struct fixture *f, char *const argv[], int64_t timeout_us)
{
	struct run *run;
	unsigned int before = f->done;

	assert_int_equal(run_start(f->pool, argv, &f->identity, timeout_us,
				 on_done, f, &run),
		0);
	loop_timer_set(f->guard, time_monotonic_us() + 10 * USEC_PER_SEC);
	loop_run(f->loop);
	assert_int_equal(f->done, before + 1);
}

static void run_text(struct fixture *f, const char *text, int64_t timeout_us)
{
	char *path = write_script(f, text, 0755);
	char *argv[] = { path, NULL };

	run_argv(f, argv, timeout_us);
	x_free(path);
}

static void test_an_exit_status_comes_back(void **state)
{
	struct fixture *f = *state;

	run_text(f, "#!/bin/sh\nexit 0\n", 0);
	assert_int_equal(f->result.outcome, RUN_EXITED);
	assert_int_equal(f->result.value, 0);
	run_text(f, "#!/bin/sh\nexit 37\n", 0);
	assert_int_equal(f->result.outcome, RUN_EXITED);
	assert_int_equal(f->result.value, 37);
}

static void test_a_deadly_signal_is_named(void **state)
{
	run_text(*state, "#!/bin/sh\nkill -SEGV $$\n", 0);
	assert_int_equal(
		((struct fixture *)*state)->result.outcome, RUN_SIGNALED);
	assert_int_equal(((struct fixture *)*state)->result.value, SIGSEGV);
}

static void test_a_missing_script_is_not_run(void **state)
{
	static char path[] = "/nonexistent/script";
	static char name[] = "tandem-no-such-command";
	char *by_path[] = { path, NULL };
	char *by_name[] = { name, NULL };
	struct fixture *f = *state;

	run_argv(f, by_path, 0);
	assert_int_equal(f->result.outcome, RUN_NOT_RUN);
	assert_int_equal(f->result.value, ENOENT);
	run_argv(f, by_name, 0);
	assert_int_equal(f->result.outcome, RUN_NOT_RUN);
	assert_int_equal(f->result.value, ENOENT);
}

static void test_a_file_without_permission_is_not_run(void **state)
{
	struct fixture *f = *state;
	char *path = write_script(f, "#!/bin/sh\nexit 0\n", 0644);
	char *argv[] = { path, NULL };

	run_argv(f, argv, 0);
	assert_int_equal(f->result.outcome, RUN_NOT_RUN);
	assert_int_equal(f->result.value, EACCES);
	x_free(path);
}

static void test_a_command_is_found_on_the_path(void **state)
{
	static char name[] = "false";
	char *argv[] = { name, NULL };
	struct fixture *f = *state;

	run_argv(f, argv, 0);
	assert_int_equal(f->result.outcome, RUN_EXITED);
	assert_int_equal(f->result.value, 1);
}

static void test_a_script_without_a_first_line_is_run_by_the_shell(void **state)
{
	struct fixture *f = *state;
	char *path = write_script(f, "echo \"$1-$2\"; exit 4\n", 0755);
	char a[] = "one";
	char b[] = "two";
	char *argv[] = { path, a, b, NULL };

	run_argv(f, argv, 0);
	assert_int_equal(f->result.outcome, RUN_EXITED);
	assert_int_equal(f->result.value, 4);
	assert_string_equal(f->output, "one-two\n");
	x_free(path);
}

static void test_the_environment_is_clean(void **state)
{
	static char name[] = "env";
	char *argv[] = { name, NULL };
	struct fixture *f = *state;

	setenv("IFS", "x", 1);
	setenv("LD_LIBRARY_PATH", "/tmp", 1);
	setenv("BASH_ENV", "/tmp/x", 1);
	setenv("NOTIFY_SOCKET", "/tmp/x", 1);
	setenv("TZ", "UTC", 1);
	setenv("PATH", "/tmp:/usr/bin:/bin", 1);
	unsetenv("LANG");
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	/* env and no shell, which adds variables of its own. */
	run_argv(f, argv, 0);
	assert_string_equal(f->output,
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		"/sbin:/bin\n"
		"HOME=/root\nUSER=root\nLOGNAME=root\nSHELL=/bin/sh\n"
		"TZ=UTC\n");
}

static void test_a_script_has_its_own_session_and_only_its_descriptors(
	void **state)
{
	struct fixture *f = *state;
	int extra = dup(2); /* not close-on-exec, as a library may do */

	run_text(f,
		"#!/bin/sh\n"
		"set -- $(ps -o pid=,pgid=,sid= -p $$)\n"
		"[ $1 = $2 ] && [ $1 = $3 ] || exit 1\n"
		"[ $(readlink /proc/$$/fd/0) = /dev/null ] || exit 2\n"
		"pwd\n"
		"ls /proc/$$/fd\n", /* no pipe, whose end it might have */
		0);
	close(extra);
	assert_int_equal(f->result.value, 0);
	/* 10 is the shell's own copy of the script. */
	assert_string_equal(f->output, "/\n0\n1\n10\n2\n");
}

static void test_signals_are_as_new(void **state)
{
	struct fixture *f = *state;
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* One that the C library does not let anybody touch. */
	{
		unsigned long ignore[8] = { (unsigned long)SIG_IGN };

		assert_int_equal(
			syscall(SYS_rt_sigaction, 33, ignore, NULL, 8), 0);
	}
	run_text(f, "#!/bin/sh\nsed -n '/^Sig[BIC]/p' /proc/self/status\n", 0);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	signal(SIGHUP, SIG_DFL);
	assert_string_equal(f->output,
		"SigBlk: 0000000000000000\nSigIgn: 0000000000000000\n"
		"SigCgt: 0000000000000000\n");
}

static void test_a_script_over_time_is_ended(void **state)
{
	struct fixture *f = *state;

	run_text(f, "#!/bin/sh\nexec sleep 60\n", 100 * USEC_PER_MSEC);
	assert_int_equal(f->result.outcome, RUN_TIMED_OUT);
	assert_int_equal(f->result.value, SIGTERM);
	assert_in_range(f->result.duration_us, 100 * USEC_PER_MSEC,
		1500 * USEC_PER_MSEC);
}

/* A zombie, which is init's to wait for, is not alive. */
static bool is_alive(const char *pid)
{
	char state = 'X';
	char *path = x_asprintf("/proc/%d/stat", atoi(pid));
	FILE *file = fopen(path, "re");

	x_free(path);
	if (!file)
		return false;
	if (fscanf(file, "%*d %*s %c", &state) != 1)
		state = 'X';
	fclose(file);
	return state != 'X' && state != 'Z';
}

static void test_a_script_that_ignores_term_is_killed_with_its_children(
	void **state)
{
	struct fixture *f = *state;
	int i;

	run_text(f,
		"#!/bin/sh\ntrap '' TERM\nsleep 60 &\necho $!\n"
		"while :; do sleep 60; done\n",
		100 * USEC_PER_MSEC);
	assert_int_equal(f->result.outcome, RUN_TIMED_OUT);
	assert_int_equal(f->result.value, SIGKILL);
	assert_in_range(f->result.duration_us, 2000 * USEC_PER_MSEC,
		15000 * USEC_PER_MSEC);
	for (i = 0; i < 1000 && is_alive(f->output); i++)
		usleep(10000);
	assert_false(is_alive(f->output));
}

static void test_a_process_left_behind_neither_delays_nor_dies(void **state)
{
	struct fixture *f = *state;
	char pid[16];
	char *path;
	struct stat st;
	pid_t group;

	/* It writes after the script has ended, and then leaves a sign. */
	run_text(f,
		"#!/bin/sh\n"
		"(sleep 0.3; echo more; touch ${0%/*}/sign; sleep 60) &\n"
		"echo $!\n",
		0);
	assert_int_equal(f->result.outcome, RUN_EXITED);
	assert_true(f->result.duration_us < 250 * USEC_PER_MSEC);
	snprintf(pid, sizeof(pid), "%.10s", f->output);
	assert_true(is_alive(pid));
	run_text(f, "#!/bin/sh\nsleep 0.6\n", 0);
	path = x_asprintf("%s/sign", f->dir);
	assert_int_equal(stat(path, &st), 0);
	x_free(path);
	assert_true(is_alive(pid));
	group = getpgid(atoi(pid));
	assert_true(group > 1 && group != getpgrp());
	kill(-group, SIGKILL);
}

static void test_much_output_is_cut_and_does_not_block(void **state)
{
	struct fixture *f = *state;

	run_text(f,
		"#!/bin/sh\nprintf 'a\\033[31mb\\n'\n"
		"head -c 1000000 /dev/zero\nexit 5\n",
		5 * USEC_PER_SEC);
	assert_int_equal(f->result.outcome, RUN_EXITED);
	assert_int_equal(f->result.value, 5);
	assert_memory_equal(f->output, "a?[31mb\n????", 12);
	assert_int_equal(strlen(f->output), 1024);
}

static void test_a_cancelled_run_is_killed_and_says_nothing(void **state)
{
	static char name[] = "sleep";
	static char arg[] = "60";
	char *argv[] = { name, arg, NULL };
	struct fixture *f = *state;
	struct run *run;
	pid_t pid;

	assert_int_equal(
		run_start(f->pool, argv, &f->identity, 0, on_done, f, &run), 0);
	pid = run_pid(run);
	run_cancel(run);
	run_text(f, "#!/bin/sh\nsleep 0.1\n", 0);
	assert_int_equal(f->done, 1);
	/* Gone and waited for. */
	assert_int_equal(kill(pid, 0), -1);
}

static void test_an_unknown_user_runs_nothing(void **state)
{
	static char name[] = "true";
	char *argv[] = { name, NULL };
	struct fixture *f = *state;
	struct run *run;

	f->identity.error = -ENOENT;
	assert_int_equal(
		run_start(f->pool, argv, &f->identity, 0, on_done, f, &run),
		-ENOENT);
	assert_int_equal(f->done, 0);
}

static void test_another_user_has_no_capabilities_and_no_groups(void **state)
{
	static char nobody[] = "nobody";
	struct fixture *f = *state;

	if (getuid() != 0)
		skip();
	f->identity.uid = 65534;
	f->identity.gid = 65534;
	f->group = 65534;
	f->identity.name = nobody;
	run_text(f,
		"#!/bin/sh\nid -u; id -G\n"
		"grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status\n",
		0);
	assert_string_equal(f->output,
		"65534\n65534\n"
		"CapInh: 0000000000000000\nCapPrm: 0000000000000000\n"
		"CapEff: 0000000000000000\nCapAmb: 0000000000000000\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_an_exit_status_comes_back),
		TEST(test_a_deadly_signal_is_named),
		TEST(test_a_missing_script_is_not_run),
		TEST(test_a_file_without_permission_is_not_run),
		TEST(test_a_command_is_found_on_the_path),
		TEST(test_a_script_without_a_first_line_is_run_by_the_shell),
		TEST(test_the_environment_is_clean),
		TEST(test_a_script_has_its_own_session_and_only_its_descriptors),
		TEST(test_signals_are_as_new),
		TEST(test_a_script_over_time_is_ended),
		TEST(test_a_script_that_ignores_term_is_killed_with_its_children),
		TEST(test_a_process_left_behind_neither_delays_nor_dies),
		TEST(test_much_output_is_cut_and_does_not_block),
		TEST(test_a_cancelled_run_is_killed_and_says_nothing),
		TEST(test_an_unknown_user_runs_nothing),
		TEST(test_another_user_has_no_capabilities_and_no_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

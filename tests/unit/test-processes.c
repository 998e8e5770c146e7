/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real processes: by the kernel's events where it tells them, else by /proc. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/process_scan.h"
#include "vrrp/processes.h"

#define DEADLINE_US (10 * USEC_PER_SEC)

static struct loop *loop;
static struct vrrp_processes *processes;
static struct arena *arena;
static struct vrrp_process_conf confs[2];
static struct conf_list list;
static char name[16]; /* of this run's processes */
static char command[32];

/* --- waiting --- */

static struct {
	size_t watch;
	bool up;
	uint32_t n;
} wanted;
static size_t looked_at;
static bool there;
static unsigned int changes;

static void look(const struct vrrp_process_view *view, void *user_data)
{
	(void)user_data;
	if (looked_at++ == wanted.watch)
		there = view->known && view->up == wanted.up &&
			view->n == wanted.n;
}

static void check(void)
{
	looked_at = 0;
	there = false;
	vrrp_processes_each(processes, look, NULL);
}

static void poll_state(void *user_data)
{
	struct loop_timer **timer = user_data;

	check();
	if (there)
		loop_stop(loop);
	else
		loop_timer_set(*timer, time_monotonic_us() + 2000);
}

static void give_up(void *user_data)
{
	(void)user_data;
	loop_stop(loop);
}

static void wait_for(size_t watch, bool up, uint32_t n)
{
	struct loop_timer *timer = NULL;
	struct loop_timer *end = loop_timer_new(loop, give_up, NULL);

	timer = loop_timer_new(loop, poll_state, &timer);
	wanted.watch = watch;
	wanted.up = up;
	wanted.n = n;
	loop_timer_set(timer, time_monotonic_us());
	loop_timer_set(end, time_monotonic_us() + DEADLINE_US);
	loop_run(loop);
	loop_timer_free(timer);
	loop_timer_free(end);
	check();
	assert_true(there);
}

/* --- processes --- */

/* One that is called NAME. */
static pid_t start(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	for (;;)
		pause();
}

/* One that is `sleep`, under a name of this run's own. */
static pid_t start_command(const char *param)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl("/bin/sleep", command, param, (char *)NULL);
	_exit(1);
}

static void end(pid_t pid, bool reap)
{
	kill(pid, SIGKILL);
	if (reap)
		waitpid(pid, NULL, 0);
}

/* --- fixture --- */

static void changed(const struct vrrp_process_view *view, void *user_data)
{
	(void)view;
	(void)user_data;
	changes++;
}

static int setup(void **state)
{
	static const struct vrrp_process_events events = { .changed = changed };

	(void)state;
	snprintf(name, sizeof(name), "tp%d", (int)getpid());
	snprintf(command, sizeof(command), "/tp/%d", (int)getpid());
	loop = loop_new();
	arena = arena_new();
	memset(confs, 0, sizeof(confs));
	memset(&list, 0, sizeof(list));
	for (size_t i = 0; i < 2; i++) {
		confs[i].quorum.quorum = 1;
		confs[i].quorum.quorum_max = UINT32_MAX;
		conf_list_add(arena, &list, &confs[i]);
	}
	confs[0].name = "byname";
	confs[0].rule.name = name;
	confs[1].name = "bycommand";
	confs[1].rule.name = command;
	confs[1].rule.full_command = true;
	confs[1].rule.params = "1000\0";
	confs[1].rule.params_len = 5;
	confs[1].rule.match = PROCESS_MATCH_EXACT;
	processes = vrrp_processes_new(loop, &events, NULL);
	changes = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vrrp_processes_free(processes);
	arena_free(arena);
	loop_free(loop);
	return 0;
}

static void test_processes_come_and_go(void **state)
{
	pid_t one, two;

	(void)state;
	vrrp_processes_apply(processes, &list, 0, false);
	wait_for(0, false, 0);
	one = start();
	wait_for(0, true, 1);
	two = start();
	wait_for(0, true, 2);
	end(one, true);
	wait_for(0, true, 1);
	/* A zombie is gone. */
	end(two, false);
	wait_for(0, false, 0);
	waitpid(two, NULL, 0);
	assert_true(changes >= 3);
}

static void test_command_lines_are_looked_at(void **state)
{
	pid_t one, other;

	(void)state;
	vrrp_processes_apply(processes, &list, 0, false);
	wait_for(1, false, 0);
	other = start_command("2000");
	one = start_command("1000");
	wait_for(1, true, 1);
	end(other, true);
	end(one, true);
	wait_for(1, false, 0);
}

static void test_what_is_there_already_counts(void **state)
{
	pid_t one = start_command("1000");

	(void)state;
	vrrp_processes_apply(processes, &list, 0, false);
	wait_for(1, true, 1);
	end(one, true);
	wait_for(1, false, 0);
}

/* The same rules: what is counted stays, only the limits are others. */
static void test_reload_counts_nothing_anew(void **state)
{
	struct vrrp_process_conf again[2];
	struct conf_list second = { .n = 0 };
	pid_t one = start();

	(void)state;
	vrrp_processes_apply(processes, &list, 0, false);
	wait_for(0, true, 1);
	memcpy(again, confs, sizeof(again));
	again[0].quorum.quorum = 2;
	conf_list_add(arena, &second, &again[0]);
	conf_list_add(arena, &second, &again[1]);
	vrrp_processes_apply(processes, &second, 0, false);
	wanted.watch = 0;
	wanted.up = false;
	wanted.n = 1;
	check();
	assert_true(there);
	/* Other rules are counted anew; none need no thread. */
	second.n = 1;
	again[0].quorum.quorum = 1;
	vrrp_processes_apply(processes, &second, 0, false);
	wait_for(0, true, 1);
	second.n = 0;
	vrrp_processes_apply(processes, &second, 0, false);
	assert_int_equal(vrrp_processes_source(processes), VRRP_PROCESS_NONE);
	end(one, true);
}

static void test_child_becomes_another_program(void **state)
{
	pid_t shell;

	(void)state;
	vrrp_processes_apply(processes, &list, 0, false);
	wait_for(0, false, 0);
	shell = fork();
	if (!shell) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		usleep(700000);
		execl("/bin/sleep", command, "1000", (char *)NULL);
		_exit(1);
	}
	wait_for(0, true, 1);
	wait_for(1, true, 1);
	wait_for(0, false, 0);
	end(shell, true);
	wait_for(1, false, 0);
}

/* --- the thread's queue --- */

static struct process_scanner *scanner;
static bool scan_done;

static void nothing_found(
	pid_t pid, uint32_t number, const uint64_t *mask, void *user_data)
{
	(void)pid;
	(void)number;
	(void)mask;
	(void)user_data;
}

static void scan_over(uint32_t number, void *user_data)
{
	(void)user_data;
	scan_done = number == 1;
	loop_stop(loop);
}

/* Takes answers away, so that the thread goes on and makes room. */
static bool scan_after_room(int fd)
{
	int64_t end = time_monotonic_us() + DEADLINE_US;
	char answer[1024];

	while (!process_scanner_scan(scanner, 1)) {
		if (time_monotonic_us() > end)
			return false;
		for (int i = 0; i < 4; i++)
			if (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) < 0)
				break;
		usleep(100);
	}
	return true;
}

/* The rules come when the queue is full, and the scan finds the place that
 * they did not find: it is still one by these rules. */
static void test_scan_follows_rules_that_waited(void **state)
{
	static const struct process_scan_events events = {
		.found = nothing_found,
		.scanned = scan_over,
	};
	const struct process_rule rule = { .name = "none-has-this-name" };
	struct loop_timer *end_timer = loop_timer_new(loop, give_up, NULL);
	int fd = dup(STDIN_FILENO); /* the number of the scanner's socket */

	(void)state;
	scan_done = false;
	close(fd);
	scanner = process_scanner_new(loop, &events, NULL);
	assert_non_null(scanner);
	process_scanner_set_rules(scanner, &rule, 1);
	/* Nobody reads the answers, so that the thread waits in the end. */
	for (int full = 0; full < 50; usleep(1000)) {
		bool any = false;

		while (process_scanner_look(scanner, getpid()))
			any = true;
		full = any ? 0 : full + 1;
	}
	process_scanner_set_rules(scanner, &rule, 1);
	assert_true(scan_after_room(fd));
	loop_timer_set(end_timer, time_monotonic_us() + DEADLINE_US);
	loop_run(loop);
	assert_true(scan_done);
	loop_timer_free(end_timer);
	process_scanner_free(scanner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_processes_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_command_lines_are_looked_at, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_there_already_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_reload_counts_nothing_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_child_becomes_another_program, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_scan_follows_rules_that_waited, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

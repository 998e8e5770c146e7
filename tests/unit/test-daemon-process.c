/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Priorities, names and the umask of real processes, whose roles are fakes
 * (fake-roles.c).
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/daemon-driver.h"

#define SKIP 77
#define DEADLINE_MS DRIVER_WAIT_MS

#define TUNED                                                                  \
	"global_defs {\n"                                                      \
	"vrrp_rt_priority 7\nvrrp_cpu_affinity 0\n"                            \
	"checker_priority 4\nprocess_names\nprocess_name boss\n"               \
	"vrrp_rlimit_rttime 20000\numask 027\n}\n"

struct scheduling {
	char name[32];
	int rt_priority;
	int nice;
	int n_cpus;
	unsigned int mask;
	long rttime_us;
};

static bool read_line(pid_t pid, const char *file, const char *key, char *value)
{
	char path[64];
	char line[256];
	FILE *f;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key))) {
			snprintf(value, 128, "%s", line + strlen(key));
			found = true;
		}
	if (f)
		fclose(f);
	return found;
}

static struct scheduling scheduling_of(pid_t pid)
{
	struct scheduling s = { .name = "" };
	struct sched_param param = { .sched_priority = 0 };
	char value[128];
	cpu_set_t cpus;

	sched_getparam(pid, &param);
	s.rt_priority = param.sched_priority;
	s.nice = getpriority(PRIO_PROCESS, (id_t)pid);
	sched_getaffinity(pid, sizeof(cpus), &cpus);
	s.n_cpus = CPU_COUNT(&cpus);
	if (read_line(pid, "status", "Name:", value))
		sscanf(value, "%31s", s.name);
	if (read_line(pid, "status", "Umask:", value))
		sscanf(value, "%o", &s.mask);
	if (read_line(pid, "limits", "Max realtime timeout", value))
		sscanf(value, "%ld", &s.rttime_us);
	return s;
}

/* Of NAME in the end. */
static bool has_name(pid_t pid, const char *name)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (strcmp(scheduling_of(pid).name, name) != 0) {
		if (now_ms() > deadline)
			return false;
		sleep_ms(5);
	}
	return true;
}

static bool has_rt_within(pid_t pid, int priority, int64_t ms)
{
	int64_t deadline = now_ms() + ms;

	while (scheduling_of(pid).rt_priority != priority) {
		if (now_ms() > deadline)
			return false;
		sleep_ms(5);
	}
	return true;
}

static bool has_rt(pid_t pid, int priority)
{
	return has_rt_within(pid, priority, DEADLINE_MS);
}

static bool has_mask(pid_t pid, unsigned int mask)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (scheduling_of(pid).mask != mask) {
		if (now_ms() > deadline)
			return false;
		sleep_ms(5);
	}
	return true;
}

static void assert_tuned(const struct driver *d)
{
	pid_t vrrp = driver_role_pid(d, "vrrp");
	pid_t check = driver_role_pid(d, "healthcheck");
	struct scheduling s;

	assert_true(has_name(d->pid, "boss"));
	assert_true(has_name(vrrp, "tandem_vrrp"));
	assert_true(has_name(check, "tandem_check"));
	assert_true(has_rt(vrrp, 7));
	s = scheduling_of(vrrp);
	assert_int_equal(s.n_cpus, 1);
	assert_true(has_mask(vrrp, 027));
	assert_int_equal(s.rttime_us, 20000);
	s = scheduling_of(check);
	assert_int_equal(s.nice, 4);
	assert_int_equal(s.rt_priority, 0);
	assert_int_equal(scheduling_of(driver_role_pid(d, "ipvs")).nice, 4);
	assert_int_equal(scheduling_of(driver_role_pid(d, "runner")).nice,
		scheduling_of(getpid()).nice);
}

static void test_a_reload_tunes_processes_and_takes_it_back(void **state)
{
	struct scheduling before;
	struct scheduling after;
	struct driver d;
	pid_t vrrp;

	(void)state;
	driver_open(&d, "global_defs {\n}\n");
	driver_start(&d);
	vrrp = driver_role_pid(&d, "vrrp");
	before = scheduling_of(vrrp);
	assert_string_equal(before.name, "vrrp");
	assert_int_equal(before.mask, 022);
	driver_write(&d, TUNED);
	json_object_put(driver_ask(&d, "{\"command\":\"reload\"}"));
	assert_tuned(&d);
	driver_write(&d, "global_defs {\n}\n");
	json_object_put(driver_ask(&d, "{\"command\":\"reload\"}"));
	assert_true(has_name(vrrp, "vrrp"));
	assert_true(has_name(d.pid, "tandemd"));
	assert_true(has_rt(vrrp, before.rt_priority));
	after = scheduling_of(vrrp);
	assert_int_equal(after.n_cpus, before.n_cpus);
	assert_int_equal(after.nice, before.nice);
	assert_true(has_mask(vrrp, before.mask));
	assert_int_equal(driver_role_pid(&d, "vrrp"), vrrp);
	driver_stop(&d);
	driver_close(&d);
}

static void test_a_successor_is_tuned_as_well(void **state)
{
	struct json_object *status;
	struct driver d;
	pid_t old;

	(void)state;
	driver_open(&d, TUNED);
	driver_start(&d);
	assert_tuned(&d);
	old = driver_role_pid(&d, "vrrp");
	process_signal(old, SIGKILL);
	assert_true(driver_role_replaced(&d, "vrrp", old, DEADLINE_MS));
	assert_tuned(&d);
	status = driver_status(&d);
	assert_int_equal(json_int(status, "roles.1.realtime_priority"), 7);
	json_object_put(status);
	driver_stop(&d);
	driver_close(&d);
}

static void test_the_umask_of_the_command_line_prevails(void **state)
{
	struct driver d;

	(void)state;
	driver_open(&d, TUNED);
	driver_spawn(&d, "-u077");
	assert_true(driver_wait_ready(&d, DEADLINE_MS));
	assert_true(has_name(driver_role_pid(&d, "runner"), "tandem_runner"));
	assert_int_equal(
		scheduling_of(driver_role_pid(&d, "runner")).mask, 077);
	driver_stop(&d);
	driver_close(&d);
}

/* A role that is stopped for a moment sees that its timers are late. */
static void test_late_timers_raise_the_priority_of_a_role(void **state)
{
	struct driver d;
	pid_t vrrp;
	pid_t runner;
	int i;

	(void)state;
	driver_open(&d, "global_defs {\nrole_timeout 2\nmax_auto_priority 2\n"
			"min_auto_priority_delay 100000\n}\n");
	driver_start(&d);
	vrrp = driver_role_pid(&d, "vrrp");
	runner = driver_role_pid(&d, "runner");
	for (i = 0; i < 5; i++) {
		process_signal(vrrp, SIGSTOP);
		process_signal(runner, SIGSTOP);
		sleep_ms(300);
		process_signal(vrrp, SIGCONT);
		process_signal(runner, SIGCONT);
		/* The first of them may have been the load of the machine. */
		if (has_rt_within(vrrp, 2, 500))
			break;
	}
	assert_true(has_rt(vrrp, 2));
	/* What runs scripts has no limit of real-time work, and earns none. */
	assert_int_equal(scheduling_of(runner).rt_priority, 0);
	assert_true(driver_log_has(&d, "its real-time priority is 2 now"));
	driver_write(&d, "global_defs {\nrole_timeout 2\n}\n");
	json_object_put(driver_ask(&d, "{\"command\":\"reload\"}"));
	assert_true(has_rt(vrrp, 0));
	driver_stop(&d);
	driver_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		driver_test(test_a_reload_tunes_processes_and_takes_it_back),
		driver_test(test_a_successor_is_tuned_as_well),
		driver_test(test_the_umask_of_the_command_line_prevails),
		driver_test(test_late_timers_raise_the_priority_of_a_role),
	};

	if (geteuid() != 0)
		return SKIP;
	driver_guard();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	driver_guard();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A supervisor under test, driven from outside: started in a directory of its
 * own, asked at its control socket, its roles killed and stopped.
 */
#ifndef TANDEM_TESTS_UNIT_DAEMON_DRIVER_H
#define TANDEM_TESTS_UNIT_DAEMON_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct json_object;

struct driver {
	char dir[64]; /* holds "conf", "log" and the runtime directory "run" */
	char run_dir[80];
	pid_t pid; /* 0 = not started, or ended */
};

/* What is waited for happens sooner, on any machine that is not broken. */
#define DRIVER_WAIT_MS 20000

/*
 * First in main(): a process that outlives this one and then ends what runs
 * in the directories of its drivers, and removes them.
 */
void driver_guard(void);
/* A test that drives: what it leaves behind when it fails is ended. */
#define driver_test(f) cmocka_unit_test_teardown(f, driver_teardown)
int driver_teardown(void **state);

/* Makes the directory; CONFIG is the text of its file. */
void driver_open(struct driver *d, const char *config);
/* Ends what is left and removes the directory. */
void driver_close(struct driver *d);

void driver_write(const struct driver *d, const char *config);
/* Returns when all roles are ready, or fails the test. */
void driver_start(struct driver *d);
/* Only starts; OPTION may be NULL. */
void driver_spawn(struct driver *d, const char *option);
/* Waits for the end; its exit code. */
int driver_wait(struct driver *d);
/* SIGTERM and driver_wait(). */
int driver_stop(struct driver *d);

/* A connection to the control socket, or -1. */
int driver_connect(const struct driver *d);
/* The answer to a line of JSON; NULL when nobody answers.  Freed with
 * json_object_put(). */
struct json_object *driver_ask(const struct driver *d, const char *request);
struct json_object *driver_status(const struct driver *d);

/* One value somewhere in JSON: "roles.2.pid", "vrrp.generation". */
struct json_object *json_at(struct json_object *json, const char *path);
int64_t json_int(struct json_object *json, const char *path);
const char *json_text(struct json_object *json, const char *path);

/* What a fake role says in STATUS that it runs. */
int64_t role_generation(struct json_object *status, const char *role);

/* From a status of now; -1 and "" when it cannot be had. */
pid_t driver_role_pid(const struct driver *d, const char *role);
int64_t driver_generation(const struct driver *d);

/* ROLE runs, is ready and is another process than OLD, within MS. */
bool driver_role_replaced(
	const struct driver *d, const char *role, pid_t old, int64_t ms);
bool driver_wait_ready(const struct driver *d, int64_t ms);
/* kill(), which fails the test for what is no process: 0 and -1 would mean
 * our own process group and every process there is. */
void process_signal(pid_t pid, int signo);
bool process_is_gone(pid_t pid, int64_t ms);

/* These wait for it, and fail the test when it does not come. */
void driver_wait_generation(const struct driver *d, int64_t generation);
/* N times in the log. */
void driver_wait_log(const struct driver *d, const char *text, int n);
/* The supervisor has read what was sent to it before. */
void driver_sync(const struct driver *d);

/* The log holds TEXT. */
bool driver_log_has(const struct driver *d, const char *text);
/* Where TEXT stands in the log; -1 = nowhere. */
long driver_log_place(const struct driver *d, const char *text);

int64_t now_ms(void);
void sleep_ms(int64_t ms);

#endif

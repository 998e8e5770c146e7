/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/daemon-driver.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

#define PROGRAM "tests/unit/fake/tandemd"

int64_t now_ms(void)
{
	return time_monotonic_us() / USEC_PER_MSEC;
}

void sleep_ms(int64_t ms)
{
	usleep((useconds_t)(ms * USEC_PER_MSEC));
}

static char *path_in(const struct driver *d, const char *name)
{
	return x_asprintf("%s/%s", d->dir, name);
}

void driver_write(const struct driver *d, const char *config)
{
	char *path = path_in(d, "conf");
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(config, file);
	assert_int_equal(fclose(file), 0);
	x_free(path);
}

/* --- what a test may leave behind --- */

/* Of this process; "" = none yet.  Each driver has a directory in it. */
static char root[48];
static unsigned int n_opened;

static void driver_remove(const char *dir)
{
	char *command = x_asprintf("rm -rf '%s'", dir);

	assert_int_equal(system(command), 0);
	x_free(command);
}

/* Has PID an argument that begins with DIR?  Supervisors and roles have. */
static bool runs_in(pid_t pid, const char *dir)
{
	char path[32], text[1024];
	size_t len, at;
	FILE *file;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	for (at = 0; at < len && !found; at += strlen(text + at) + 1)
		found = !strncmp(text + at, dir, strlen(dir));
	return found;
}

/* Kills what runs in DIR; how many there were. */
static unsigned int sweep(const char *dir)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;

	while (proc && (entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 1 && pid != getpid() && runs_in(pid, dir)) {
			kill(pid, SIGKILL);
			n++;
		}
	}
	if (proc)
		closedir(proc);
	return n;
}

/* A supervisor that is dying may still have had a role started. */
static void sweep_all(const char *dir)
{
	int64_t deadline = now_ms() + DRIVER_WAIT_MS;

	while (sweep(dir) && now_ms() < deadline) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		sleep_ms(5);
	}
}

void driver_guard(void)
{
	int fds[2];
	char c;

	snprintf(root, sizeof(root), "/tmp/tandem-test-XXXXXX");
	if (!mkdtemp(root) || chmod(root, 0755) < 0 || pipe2(fds, O_CLOEXEC))
		abort();
	if (fork() == 0) {
		setsid();
		close(fds[1]);
		/* The end of the tests, however they end. */
		while (read(fds[0], &c, 1) < 0 && errno == EINTR)
			;
		sweep_all(root);
		driver_remove(root);
		_exit(0);
	}
	close(fds[0]);
}

int driver_teardown(void **state)
{
	(void)state;
	/* Of a test that played somebody else. */
	if (seteuid(0) < 0)
		return -1;
	sweep_all(root);
	return 0;
}

/* --- life --- */

void driver_open(struct driver *d, const char *config)
{
	*d = (struct driver){ .pid = 0 };
	snprintf(d->dir, sizeof(d->dir), "%s/%u", root, ++n_opened);
	assert_int_equal(mkdir(d->dir, 0755), 0);
	/* Roles run as somebody else. */
	assert_int_equal(chmod(d->dir, 0755), 0);
	snprintf(d->run_dir, sizeof(d->run_dir), "%s/run", d->dir);
	driver_write(d, config);
}

void driver_spawn(struct driver *d, const char *option)
{
	char *conf = path_in(d, "conf");
	char *log = path_in(d, "log");
	int fd;

	assert_int_equal(d->pid, 0);
	d->pid = fork();
	assert_true(d->pid >= 0);
	if (d->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execl(PROGRAM, "tandemd", "-n", "-l", "-G", "-f", conf,
			"--runtime-dir", d->run_dir, option, NULL);
		_exit(99);
	}
	x_free(conf);
	x_free(log);
}

void driver_start(struct driver *d)
{
	driver_spawn(d, NULL);
	assert_true(driver_wait_ready(d, DRIVER_WAIT_MS));
}

int driver_wait(struct driver *d)
{
	int64_t deadline = now_ms() + DRIVER_WAIT_MS;
	int status = 0;

	while (waitpid(d->pid, &status, WNOHANG) == 0) {
		assert_true(now_ms() < deadline);
		sleep_ms(5);
	}
	d->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int driver_stop(struct driver *d)
{
	process_signal(d->pid, SIGTERM);
	return driver_wait(d);
}

/* --- asking --- */

int driver_connect(const struct driver *d)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = 15 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/control.sock",
		d->run_dir);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

static struct json_object *read_answer(int fd)
{
	size_t capacity = 1 << 20;
	char *text = x_calloc(1, capacity);
	struct json_object *json;
	size_t len = 0;
	ssize_t n;

	while (len + 1 < capacity &&
		(n = recv(fd, text + len, capacity - len - 1, 0)) > 0)
		len += (size_t)n;
	/* One line, and nothing else. */
	json = len && text[len - 1] == '\n' ? json_tokener_parse(text) : NULL;
	x_free(text);
	return json;
}

struct json_object *driver_ask(const struct driver *d, const char *request)
{
	struct json_object *json = NULL;
	int fd = driver_connect(d);

	if (fd < 0)
		return NULL;
	if (dprintf(fd, "%s\n", request) > 0)
		json = read_answer(fd);
	close(fd);
	return json;
}

struct json_object *driver_status(const struct driver *d)
{
	return driver_ask(d, "{\"command\":\"status\"}");
}

static struct json_object *json_step(struct json_object *json, const char *key)
{
	struct json_object *value = NULL;

	if (json_object_is_type(json, json_type_array))
		return json_object_array_get_idx(
			json, (size_t)strtoul(key, NULL, 10));
	if (json_object_is_type(json, json_type_object))
		json_object_object_get_ex(json, key, &value);
	return value;
}

struct json_object *json_at(struct json_object *json, const char *path)
{
	char *copy = x_strdup(path);
	char *rest = copy;
	char *key;

	while (json && (key = strsep(&rest, ".")) != NULL)
		json = json_step(json, key);
	x_free(copy);
	return json;
}

int64_t json_int(struct json_object *json, const char *path)
{
	struct json_object *value = json_at(json, path);

	return value ? json_object_get_int64(value) : -1;
}

const char *json_text(struct json_object *json, const char *path)
{
	struct json_object *value = json_at(json, path);

	return value ? json_object_get_string(value) : "";
}

int64_t role_generation(struct json_object *status, const char *role)
{
	char *path = x_asprintf("fake-%s.generation", role);
	int64_t generation = json_int(status, path);

	x_free(path);
	return generation;
}

static struct json_object *find_role(
	struct json_object *status, const char *role)
{
	struct json_object *roles = json_at(status, "roles");
	size_t n = roles ? json_object_array_length(roles) : 0;
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(roles, i);

		if (!strcmp(json_text(one, "name"), role))
			return one;
	}
	return NULL;
}

pid_t driver_role_pid(const struct driver *d, const char *role)
{
	struct json_object *status =
		driver_ask(d, "{\"command\":\"show\",\"what\":\"roles\"}");
	pid_t pid = (pid_t)json_int(find_role(status, role), "pid");

	json_object_put(status);
	return pid;
}

int64_t driver_generation(const struct driver *d)
{
	struct json_object *status =
		driver_ask(d, "{\"command\":\"show\",\"what\":\"roles\"}");
	int64_t generation = json_int(status, "generation");

	json_object_put(status);
	return generation;
}

void driver_wait_generation(const struct driver *d, int64_t generation)
{
	int64_t deadline = now_ms() + DRIVER_WAIT_MS;

	while (driver_generation(d) != generation) {
		assert_true(now_ms() < deadline);
		sleep_ms(5);
	}
}

void driver_sync(const struct driver *d)
{
	/* Requests are read in their order. */
	assert_true(driver_generation(d) >= 0);
}

static bool role_is_ready(const struct driver *d, const char *role, pid_t old)
{
	struct json_object *status =
		driver_ask(d, "{\"command\":\"show\",\"what\":\"roles\"}");
	struct json_object *one = find_role(status, role);
	bool ready = one && !strcmp(json_text(one, "state"), "ready") &&
		     json_int(one, "pid") != old;

	json_object_put(status);
	return ready;
}

bool driver_role_replaced(
	const struct driver *d, const char *role, pid_t old, int64_t ms)
{
	int64_t deadline = now_ms() + ms;

	do {
		if (role_is_ready(d, role, old))
			return true;
		sleep_ms(5);
	} while (now_ms() < deadline);
	return false;
}

bool driver_wait_ready(const struct driver *d, int64_t ms)
{
	return driver_role_replaced(d, "supervisor", 0, ms);
}

void process_signal(pid_t pid, int signo)
{
	assert_true(pid > 1);
	kill(pid, signo);
}

bool process_is_gone(pid_t pid, int64_t ms)
{
	int64_t deadline = now_ms() + ms;

	do {
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return true;
		/* Without a parent nobody else may take its status. */
		waitpid(pid, NULL, WNOHANG);
		sleep_ms(5);
	} while (now_ms() < deadline);
	return false;
}

/* --- the log --- */

/* All of it; freed with x_free(). */
static char *log_text(const struct driver *d)
{
	char *path = path_in(d, "log");
	FILE *file = fopen(path, "r");
	char *all = x_calloc(1, 1 << 20);

	x_free(path);
	if (file) {
		if (fread(all, 1, (1 << 20) - 1, file) == 0)
			all[0] = '\0';
		fclose(file);
	}
	return all;
}

long driver_log_place(const struct driver *d, const char *text)
{
	char *all = log_text(d);
	const char *found = strstr(all, text);
	long place = found ? found - all : -1;

	x_free(all);
	return place;
}

static int log_count(const struct driver *d, const char *text)
{
	char *all = log_text(d);
	const char *at;
	int n = 0;

	for (at = all; (at = strstr(at, text)) != NULL; at++)
		n++;
	x_free(all);
	return n;
}

void driver_wait_log(const struct driver *d, const char *text, int n)
{
	int64_t deadline = now_ms() + DRIVER_WAIT_MS;

	while (log_count(d, text) < n) {
		assert_true(now_ms() < deadline);
		sleep_ms(5);
	}
}

bool driver_log_has(const struct driver *d, const char *text)
{
	return driver_log_place(d, text) >= 0;
}

void driver_close(struct driver *d)
{
	if (d->pid) {
		process_signal(d->pid, SIGKILL);
		driver_wait(d);
	}
	/* Whatever a sanitizer has said of the roles is there, too. */
	assert_false(driver_log_has(d, "Sanitizer"));
	assert_false(driver_log_has(d, "runtime error"));
	driver_remove(d->dir);
}

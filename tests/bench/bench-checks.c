/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a TCP check costs: N targets on loopback (127.x.y.z, one listener),
 * each every INTERVAL seconds, for SECONDS.
 *
 *	bench-checks [N [INTERVAL [SECONDS]]]
 *
 * Prints CPU time and, by `strace -c`, shows the system calls; the listener
 * is a process of its own and not counted.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/language.h"
#include "healthcheck/check_table.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

static const struct conf_block *const views[] = { &check_conf_root, NULL };

static struct conf_tree *make_tree(unsigned int n, double interval, int port)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = false };
	struct diag_list *diags = diag_list_new();
	size_t size = 256 + (size_t)n * 64;
	char *text = x_calloc(1, size);
	struct conf_tree *tree;
	size_t len;
	unsigned int i;

	len = (size_t)snprintf(text, size,
		"virtual_server 192.0.2.1 80 {\n delay_loop %.3f\n", interval);
	for (i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, size - len,
			" real_server 127.%u.%u.%u %d {\n  TCP_CHECK {\n"
			"  }\n }\n",
			1 + i / 62500, i / 250 % 250, 1 + i % 250, port);
	snprintf(text + len, size - len, "}\n");
	tree = conf_load_text(
		&language, "bench", text, strlen(text), &options, diags);
	if (!tree)
		diag_print(diags, stderr);
	diag_list_free(diags);
	x_free(text);
	return tree;
}

/* Accepts and closes for ever; returns its process. */
static pid_t listener(int *ret_port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sin);
	pid_t pid;

	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
		listen(fd, 4096) < 0 ||
		getsockname(fd, (struct sockaddr *)&sin, &len) < 0) {
		perror("listener");
		exit(EXIT_FAILURE);
	}
	*ret_port = ntohs(sin.sin_port);
	pid = fork();
	if (pid) {
		close(fd);
		return pid;
	}
	for (;;)
		close(accept(fd, NULL, NULL));
}

static void on_changed(struct check *check, void *user_data)
{
	unsigned int *changes = user_data;

	(void)check;
	++*changes;
}

static void on_end(void *user_data)
{
	loop_stop(user_data);
}

static double cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static long rss_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void measure(struct loop *loop, struct check_table *table,
	struct probe_engine *engine, double seconds)
{
	struct loop_timer *timer = loop_timer_new(loop, on_end, loop);
	struct probe_counters before = *probe_engine_counters(engine);
	double cpu = cpu_us();
	const struct probe_counters *c;
	struct check_table_stats stats;
	uint64_t runs;

	check_table_stats(table);
	loop_timer_set(timer,
		time_monotonic_us() + (int64_t)(seconds * 1000000));
	loop_run(loop);
	cpu = cpu_us() - cpu;
	c = probe_engine_counters(engine);
	stats = check_table_stats(table);
	runs = c->started - before.started;
	printf("checks: %" PRIu64 " in %.1f s, %" PRIu64 " failed, %" PRIu64
	       " inconclusive\n",
		runs, seconds, c->failed - before.failed,
		c->inconclusive - before.inconclusive);
	printf("cpu: %.1f us a check\n", runs ? cpu / (double)runs : 0.0);
	printf("worst lateness: %.1f ms\n",
		(double)stats.late_worst_us / 1000);
	loop_timer_free(timer);
}

int main(int argc, char **argv)
{
	unsigned int n = argc > 1 ? (unsigned int)atoi(argv[1]) : 10000;
	double interval = argc > 2 ? atof(argv[2]) : 2;
	double seconds = argc > 3 ? atof(argv[3]) : 6;
	unsigned int changes = 0;
	struct probe_engine *engine;
	struct check_table *table;
	struct check_set *set;
	struct loop *loop;
	int64_t start;
	pid_t pid;
	int port;

	log_open("bench-checks", 0, 0, LOG_LEVEL_ERROR);
	pid = listener(&port);
	printf("rss: %ld KiB before\n", rss_kib());
	set = check_set_new(1, make_tree(n, interval, port));
	printf("rss: %ld KiB with the configuration of %u checks\n", rss_kib(),
		n);
	loop = loop_new();
	engine = probe_engine_new(loop, 65536, NULL, NULL);
	table = check_table_new(loop, engine, 1, on_changed, &changes);
	start = time_monotonic_us();
	check_table_apply(table, set, NULL, NULL);
	printf("start: %.1f ms\n",
		(double)(time_monotonic_us() - start) / 1000);
	measure(loop, table, engine, interval); /* the first round */
	printf("rss: %ld KiB after the first round\n", rss_kib());
	measure(loop, table, engine, seconds);
	start = time_monotonic_us();
	check_set_unref(set);
	set = check_set_new(2, make_tree(n, interval, port));
	printf("reload, nothing changed: bind %.1f ms",
		(double)(time_monotonic_us() - start) / 1000);
	start = time_monotonic_us();
	check_table_apply(table, set, NULL, NULL);
	printf(", switch %.1f ms\n",
		(double)(time_monotonic_us() - start) / 1000);
	check_set_unref(set);
	check_table_free(table);
	probe_engine_free(engine);
	loop_free(loop);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return EXIT_SUCCESS;
}

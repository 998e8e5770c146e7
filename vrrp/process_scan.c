/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/process_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"

#define CMDLINE_MAX 4096
#define COMM_MAX 64
#define ANSWERS_AT_ONCE 256
#define STACK_BYTES (256 * 1024)

struct rules {
	struct process_rule *rules;
	size_t n;
	bool need_cmdline;
	uint32_t generation;
};

enum order_type {
	ORDER_RULES, /* rules are the thread's from now on */
	ORDER_LOOK,
	ORDER_SCAN,
};

struct order {
	enum order_type type;
	pid_t pid;
	uint32_t number;
	struct rules *rules;
};

enum answer_type {
	ANSWER_FOUND,
	ANSWER_SCANNED,
};

struct answer {
	enum answer_type type;
	uint32_t generation;
	uint32_t number;
	pid_t pid;
	uint64_t mask[PROCESS_WORDS_MAX];
};

struct process_scanner {
	struct process_scan_events events;
	void *user_data;
	struct loop_io *io;
	int fds[2]; /* ours, the thread's */
	uint32_t generation;
	struct rules *unsent; /* rules that found no place in the queue */
};

/* --- the thread --- */

struct reader {
	int fd;
	struct rules *rules;
	char comm[COMM_MAX];
	char cmdline[CMDLINE_MAX];
	struct answer answer;
};

static void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->n; i++) {
		x_free((void *)(uintptr_t)rules->rules[i].name);
		x_free((void *)(uintptr_t)rules->rules[i].params);
	}
	x_free(rules->rules);
	x_free(rules);
}

/* Its length, or -1. */
static ssize_t read_file(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, buf, size);
	close(fd);
	return len;
}

static bool read_comm(struct reader *r, pid_t pid)
{
	ssize_t len = read_file(pid, "comm", r->comm, sizeof(r->comm) - 1);

	if (len <= 0)
		return false;
	if (r->comm[len - 1] == '\n')
		len--;
	r->comm[len] = '\0';
	return true;
}

/* Blocks when the owner of the other end has no time; that one never waits
 * for this thread. */
static void answer(struct reader *r)
{
	while (send(r->fd, &r->answer, sizeof(r->answer), MSG_NOSIGNAL) < 0 &&
		errno == EINTR)
		;
}

/* True when a rule matches. */
static bool look(struct reader *r, pid_t pid)
{
	const struct rules *rules = r->rules;
	ssize_t len = 0;
	bool any = false;

	memset(r->answer.mask, 0, sizeof(r->answer.mask));
	if (!rules || !read_comm(r, pid))
		return false;
	if (rules->need_cmdline)
		len = read_file(pid, "cmdline", r->cmdline, CMDLINE_MAX);
	for (size_t i = 0; i < rules->n; i++)
		if (process_rule_matches(&rules->rules[i], r->comm, r->cmdline,
			    len > 0 ? (size_t)len : 0)) {
			r->answer.mask[i / 64] |= UINT64_C(1) << (i % 64);
			any = true;
		}
	return any;
}

static void tell(
	struct reader *r, enum answer_type type, pid_t pid, uint32_t number)
{
	r->answer.type = type;
	r->answer.generation = r->rules ? r->rules->generation : 0;
	r->answer.pid = pid;
	r->answer.number = number;
	answer(r);
}

static void scan(struct reader *r, uint32_t number)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && look(r, pid))
			tell(r, ANSWER_FOUND, pid, number);
	}
	if (dir)
		closedir(dir);
	tell(r, ANSWER_SCANNED, 0, number);
}

static void obey(struct reader *r, const struct order *order)
{
	switch (order->type) {
	case ORDER_RULES:
		rules_free(r->rules);
		r->rules = order->rules;
		return;
	case ORDER_LOOK:
		look(r, order->pid);
		tell(r, ANSWER_FOUND, order->pid, 0);
		return;
	case ORDER_SCAN:
		scan(r, order->number);
		return;
	}
}

/* What the role is for its adverts, this thread is not. */
static void be_ordinary(void)
{
	const struct sched_param param = { .sched_priority = 0 };

	sched_setscheduler(0, SCHED_OTHER, &param);
	prctl(PR_SET_NAME, "processes");
}

static void *run(void *arg)
{
	struct reader *r = arg;
	struct order order;
	ssize_t len;

	be_ordinary();
	do {
		len = recv(r->fd, &order, sizeof(order), 0);
		if (len == sizeof(order))
			obey(r, &order);
	} while (len > 0 || (len < 0 && errno == EINTR));
	rules_free(r->rules);
	close(r->fd);
	x_free(r);
	return NULL;
}

/* --- the owner --- */

static void take(struct process_scanner *scanner, const struct answer *got)
{
	if (got->generation != scanner->generation)
		return;
	switch (got->type) {
	case ANSWER_FOUND:
		scanner->events.found(
			got->pid, got->number, got->mask, scanner->user_data);
		return;
	case ANSWER_SCANNED:
		scanner->events.scanned(got->number, scanner->user_data);
		return;
	}
}

/* The queue is full of questions only, and each is answered: another try
 * follows. */
static bool give(struct process_scanner *scanner, const struct order *order)
{
	return send(scanner->fds[0], order, sizeof(*order),
		       MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(*order);
}

static void give_rules(struct process_scanner *scanner)
{
	const struct order order = {
		.type = ORDER_RULES,
		.rules = scanner->unsent,
	};

	if (scanner->unsent && give(scanner, &order))
		scanner->unsent = NULL;
}

static void readable(int fd, unsigned int events, void *user_data)
{
	struct process_scanner *scanner = user_data;
	struct answer got;

	(void)events;
	for (int i = 0; i < ANSWERS_AT_ONCE; i++) {
		if (recv(fd, &got, sizeof(got), MSG_DONTWAIT) != sizeof(got))
			break;
		take(scanner, &got);
	}
	give_rules(scanner);
}

void process_scanner_set_rules(struct process_scanner *scanner,
	const struct process_rule *rules, size_t n)
{
	struct rules *copy = x_new(struct rules, 1);

	copy->rules = x_new(struct process_rule, n);
	copy->n = n < PROCESS_RULES_MAX ? n : PROCESS_RULES_MAX;
	for (size_t i = 0; i < copy->n; i++) {
		copy->rules[i] = rules[i];
		copy->rules[i].name = x_strdup(rules[i].name);
		if (rules[i].params) {
			char *params = x_calloc(1, rules[i].params_len + 1);

			memcpy(params, rules[i].params, rules[i].params_len);
			copy->rules[i].params = params;
		}
		copy->need_cmdline |= rules[i].full_command;
	}
	copy->generation = ++scanner->generation;
	rules_free(scanner->unsent);
	scanner->unsent = copy;
	give_rules(scanner);
}

/* Never before the rules that it is about: its answer would be for others,
 * and thrown away. */
static bool ask(struct process_scanner *scanner, const struct order *order)
{
	give_rules(scanner);
	return !scanner->unsent && give(scanner, order);
}

bool process_scanner_look(struct process_scanner *scanner, pid_t pid)
{
	const struct order order = { .type = ORDER_LOOK, .pid = pid };

	return ask(scanner, &order);
}

bool process_scanner_scan(struct process_scanner *scanner, uint32_t number)
{
	const struct order order = { .type = ORDER_SCAN, .number = number };

	return ask(scanner, &order);
}

struct process_scanner *process_scanner_new(struct loop *loop,
	const struct process_scan_events *events, void *user_data)
{
	struct process_scanner *scanner = x_new(struct process_scanner, 1);
	struct reader *r = x_new(struct reader, 1);
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int err = 0;

	scanner->events = *events;
	scanner->user_data = user_data;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
		    scanner->fds) < 0) {
		err = errno;
		goto failed;
	}
	r->fd = scanner->fds[1];
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&thread, &attr, run, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (err) {
		close(scanner->fds[0]);
		close(scanner->fds[1]);
		goto failed;
	}
	scanner->io = loop_io_new(
		loop, scanner->fds[0], LOOP_READ, readable, scanner);
	return scanner;
failed:
	x_free(r);
	x_free(scanner);
	errno = err;
	return NULL;
}

void process_scanner_free(struct process_scanner *scanner)
{
	if (!scanner)
		return;
	loop_io_free(scanner->io);
	/* The thread sees the end, also where it waits to be heard; it is not
	 * waited for. */
	close(scanner->fds[0]);
	rules_free(scanner->unsent);
	x_free(scanner);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/processes.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uthash.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/process_events.h"
#include "vrrp/process_scan.h"

/* Between two looks at all processes: half a second, and long enough that
 * they take a twentieth of a processor at most. */
#define SCAN_PAUSE_US (500 * USEC_PER_MSEC)
#define SCAN_SHARE 20
/* With events, only to make up for what may have been missed. */
#define CHECK_PAUSE_US (60 * USEC_PER_SEC)
#define RETRY_US (100 * USEC_PER_MSEC)
/* A scan that takes longer than this hangs on a process. */
#define HANGS_US (10 * USEC_PER_SEC)
/* Descriptors for processes; more of them end when a scan misses them. */
#define PIDFDS_MAX 1024

struct watch {
	struct vrrp_processes *all;
	char *name;
	const struct vrrp_process_conf *conf;
	struct process_quorum quorum;
	struct loop_timer *timer;
};

/* A process that counts. */
struct counted {
	struct vrrp_processes *all;
	pid_t pid;
	int pidfd; /* -1 = none */
	struct loop_io *io;
	uint32_t seen; /* the last scan that found it */
	uint64_t *mask;
	UT_hash_handle hh;
};

struct vrrp_processes {
	struct loop *loop;
	struct vrrp_process_events events;
	void *user_data;
	struct watch **watches;
	size_t n;
	size_t words;		 /* of masks */
	struct counted *counted; /* hash by pid */
	size_t n_pidfds;
	struct process_scanner *scanner;
	struct process_events *connector;
	bool told;     /* by events */
	uint32_t scan; /* under way or the last */
	bool scanning;
	bool again;	 /* another scan is wanted */
	int64_t scan_us; /* when it began */
	struct loop_timer *timer;
	int error;
	bool quiet;
};

/* --- counting --- */

static struct vrrp_process_view view_of(const struct watch *watch)
{
	return (struct vrrp_process_view){
		.name = watch->name,
		.conf = watch->conf,
		.known = watch->quorum.known,
		.up = watch->quorum.up,
		.n = watch->quorum.n,
	};
}

static void tell(struct watch *watch)
{
	const struct vrrp_process_view view = view_of(watch);

	log_notice("process %s is %s: %u of them", watch->name,
		view.up ? "up" : "down", (unsigned int)view.n);
	if (!watch->all->quiet)
		watch->all->events.changed(&view, watch->all->user_data);
}

static void evaluate(struct watch *watch, uint32_t n, enum process_cause cause)
{
	bool changed = process_quorum_set(
		&watch->quorum, n, cause, time_monotonic_us());

	loop_timer_set(watch->timer, watch->quorum.due_us);
	if (changed)
		tell(watch);
}

static void on_delay(void *user_data)
{
	struct watch *watch = user_data;

	if (process_quorum_timer(&watch->quorum, time_monotonic_us()))
		tell(watch);
}

/* Before the first scan is over, it is only counted. */
static void count(struct watch *watch, int difference, enum process_cause cause)
{
	uint32_t n = watch->quorum.n + (uint32_t)difference;

	if (watch->quorum.known)
		evaluate(watch, n, cause);
	else
		watch->quorum.n = n;
}

/* --- processes that count --- */

static struct counted *find(struct vrrp_processes *all, pid_t pid)
{
	struct counted *counted;

	HASH_FIND_INT(all->counted, &pid, counted);
	return counted;
}

/* NULL = none of them any more. */
static void set_mask(
	struct counted *counted, const uint64_t *mask, enum process_cause cause)
{
	struct vrrp_processes *all = counted->all;

	for (size_t word = 0; word < all->words; word++) {
		uint64_t to = mask ? mask[word] : 0;
		uint64_t changed = counted->mask[word] ^ to;

		counted->mask[word] = to;
		while (changed) {
			unsigned int bit =
				(unsigned int)__builtin_ctzll(changed);

			changed &= changed - 1;
			count(all->watches[word * 64 + bit],
				to >> bit & 1 ? 1 : -1, cause);
		}
	}
}

static void forget(struct counted *counted)
{
	struct vrrp_processes *all = counted->all;

	HASH_DEL(all->counted, counted);
	loop_io_free(counted->io);
	if (counted->pidfd >= 0) {
		close(counted->pidfd);
		all->n_pidfds--;
	}
	x_free(counted->mask);
	x_free(counted);
}

static void ended(struct counted *counted)
{
	set_mask(counted, NULL, PROCESS_BY_EXIT);
	forget(counted);
}

static void on_end(int fd, unsigned int flags, void *user_data)
{
	(void)fd;
	(void)flags;
	ended(user_data);
}

/* False when it is gone already. */
static bool watch_end(struct counted *counted)
{
	struct vrrp_processes *all = counted->all;

	counted->pidfd = -1;
	if (all->n_pidfds == PIDFDS_MAX)
		return true;
	counted->pidfd = (int)syscall(SYS_pidfd_open, counted->pid, 0);
	if (counted->pidfd < 0)
		return errno != ESRCH;
	all->n_pidfds++;
	counted->io = loop_io_new(
		all->loop, counted->pidfd, LOOP_READ, on_end, counted);
	return true;
}

static struct counted *begin_counting(struct vrrp_processes *all, pid_t pid)
{
	struct counted *counted = x_new(struct counted, 1);

	counted->all = all;
	counted->pid = pid;
	if (!watch_end(counted)) {
		x_free(counted);
		return NULL;
	}
	counted->mask = x_new(uint64_t, all->words);
	HASH_ADD_INT(all->counted, pid, counted);
	return counted;
}

static bool is_empty(const struct vrrp_processes *all, const uint64_t *mask)
{
	for (size_t i = 0; i < all->words; i++)
		if (mask[i])
			return false;
	return true;
}

/* --- what the thread found --- */

static void found(
	pid_t pid, uint32_t number, const uint64_t *mask, void *user_data)
{
	struct vrrp_processes *all = user_data;
	struct counted *counted = find(all, pid);

	if (!counted && !is_empty(all, mask))
		counted = begin_counting(all, pid);
	if (!counted)
		return;
	counted->seen = number ? number : all->scan;
	set_mask(counted, mask, number ? PROCESS_BY_SCAN : PROCESS_BY_EXEC);
	if (is_empty(all, mask))
		forget(counted);
}

/* All that are there were found: the rest is gone, or has another name.  One
 * that lives is given another scan: while it becomes another program, it has
 * no command line. */
static void sweep(struct vrrp_processes *all)
{
	struct counted *counted, *next;

	HASH_ITER (hh, all->counted, counted, next) {
		if (counted->seen == all->scan ||
			(counted->pidfd >= 0 && all->scan - counted->seen < 2))
			continue;
		set_mask(counted, NULL, PROCESS_BY_SCAN);
		forget(counted);
	}
}

static void start_scan(struct vrrp_processes *all)
{
	int64_t now = time_monotonic_us();

	if (all->scanning) {
		all->again = true;
		return;
	}
	all->again = false;
	if (++all->scan == 0)
		all->scan = 1;
	all->scan_us = now;
	all->scanning = process_scanner_scan(all->scanner, all->scan);
	loop_timer_set(all->timer, now + (all->scanning ? HANGS_US : RETRY_US));
}

static void on_timer(void *user_data)
{
	struct vrrp_processes *all = user_data;
	int64_t now = time_monotonic_us();

	if (!all->scanning) {
		start_scan(all);
		return;
	}
	log_warning("processes are not counted for %d s: one that hangs holds "
		    "up who reads /proc",
		(int)((now - all->scan_us) / USEC_PER_SEC));
	loop_timer_set(all->timer, now + 6 * HANGS_US);
}

static void scanned(uint32_t number, void *user_data)
{
	struct vrrp_processes *all = user_data;
	int64_t now = time_monotonic_us();
	int64_t pause = all->told ? CHECK_PAUSE_US : SCAN_PAUSE_US;

	if (number != all->scan)
		return;
	all->scanning = false;
	sweep(all);
	for (size_t i = 0; i < all->n; i++)
		if (!all->watches[i]->quorum.known)
			evaluate(all->watches[i], all->watches[i]->quorum.n,
				PROCESS_BY_SCAN);
	if (pause < SCAN_SHARE * (now - all->scan_us))
		pause = SCAN_SHARE * (now - all->scan_us);
	if (all->again)
		start_scan(all);
	else
		loop_timer_set(all->timer, now + pause);
}

/* --- what the kernel tells --- */

static void on_ready(int error, void *user_data)
{
	struct vrrp_processes *all = user_data;

	all->told = !error;
	if (error)
		log_info("processes are looked for every half second: the "
			 "kernel tells nothing of them here (%s)",
			strerror(-error));
	else
		log_info("the kernel tells of processes");
	/* What came between the first scan and this. */
	if (!error)
		start_scan(all);
}

/* As with keepalived, a child counts like its parent until it is another
 * program. */
static void on_fork(pid_t parent, pid_t child, void *user_data)
{
	struct vrrp_processes *all = user_data;
	struct counted *counted = find(all, parent), *born;

	if (!counted || find(all, child))
		return;
	born = begin_counting(all, child);
	if (!born)
		return;
	born->seen = all->scan;
	set_mask(born, counted->mask, PROCESS_BY_FORK);
}

static void on_change(pid_t pid, void *user_data)
{
	struct vrrp_processes *all = user_data;

	if (!process_scanner_look(all->scanner, pid))
		start_scan(all);
}

static void on_exit_event(pid_t pid, void *user_data)
{
	struct counted *counted = find(user_data, pid);

	if (counted)
		ended(counted);
}

static void on_lost(void *user_data)
{
	start_scan(user_data);
}

static void connect_events(
	struct vrrp_processes *all, uint32_t rcv_buf, bool force)
{
	static const struct process_events_ops ops = {
		.ready = on_ready,
		.forked = on_fork,
		.changed = on_change,
		.exited = on_exit_event,
		.lost = on_lost,
	};
	int err = process_events_new(
		all->loop, &ops, rcv_buf, force, all, &all->connector);

	if (err)
		on_ready(err, all);
}

/* --- generations --- */

static void watch_free(struct watch *watch)
{
	loop_timer_free(watch->timer);
	x_free(watch->name);
	x_free(watch);
}

static struct watch *watch_new(
	struct vrrp_processes *all, const struct vrrp_process_conf *conf)
{
	struct watch *watch = x_new(struct watch, 1);

	watch->all = all;
	watch->name = x_strdup(conf->name);
	watch->conf = conf;
	watch->timer = loop_timer_new(all->loop, on_delay, watch);
	process_quorum_init(&watch->quorum, &conf->quorum);
	return watch;
}

static bool same_rule(
	const struct process_rule *a, const struct process_rule *b)
{
	return !strcmp(a->name, b->name) && a->params_len == b->params_len &&
	       (!a->params_len ||
		       !memcmp(a->params, b->params, a->params_len)) &&
	       a->match == b->match && a->full_command == b->full_command;
}

/* The same rules in the same order: nothing is counted anew. */
static bool same_rules(
	const struct vrrp_processes *all, const struct conf_list *confs)
{
	if (all->n != confs->n)
		return false;
	for (size_t i = 0; i < all->n; i++) {
		const struct vrrp_process_conf *conf = confs->items[i];

		if (strcmp(all->watches[i]->name, conf->name) != 0 ||
			!same_rule(&all->watches[i]->conf->rule, &conf->rule))
			return false;
	}
	return true;
}

static void keep_all(struct vrrp_processes *all, const struct conf_list *confs)
{
	for (size_t i = 0; i < all->n; i++) {
		struct watch *watch = all->watches[i];

		watch->conf = confs->items[i];
		if (process_quorum_reconfigure(&watch->quorum,
			    &watch->conf->quorum, time_monotonic_us()))
			tell(watch);
		loop_timer_set(watch->timer, watch->quorum.due_us);
	}
}

static void forget_all(struct vrrp_processes *all)
{
	struct counted *counted, *next;

	HASH_ITER (hh, all->counted, counted, next)
		forget(counted);
	for (size_t i = 0; i < all->n; i++)
		watch_free(all->watches[i]);
	x_free((void *)all->watches);
	all->watches = NULL;
	all->n = 0;
}

static void stop_looking(struct vrrp_processes *all)
{
	process_events_free(all->connector);
	all->connector = NULL;
	process_scanner_free(all->scanner);
	all->scanner = NULL;
	loop_timer_set(all->timer, TIME_NEVER);
	all->scanning = false;
	all->told = false;
	all->error = 0;
}

static bool start_looking(
	struct vrrp_processes *all, uint32_t rcv_buf, bool force)
{
	static const struct process_scan_events events = {
		.found = found,
		.scanned = scanned,
	};

	if (all->scanner)
		return true;
	all->scanner = process_scanner_new(all->loop, &events, all);
	if (!all->scanner) {
		all->error = errno;
		log_error("processes cannot be tracked: no thread: %s",
			strerror(all->error));
		return false;
	}
	connect_events(all, rcv_buf, force);
	return true;
}

static void give_rules(struct vrrp_processes *all)
{
	struct process_rule *rules = x_new(struct process_rule, all->n);

	for (size_t i = 0; i < all->n; i++)
		rules[i] = all->watches[i]->conf->rule;
	process_scanner_set_rules(all->scanner, rules, all->n);
	x_free(rules);
	/* Answers to questions about other rules do not come. */
	all->scanning = false;
	start_scan(all);
}

/* What was up stays so until the first scan by the new rules is over. */
static void count_anew(struct vrrp_processes *all,
	const struct conf_list *confs, uint32_t rcv_buf, bool force)
{
	forget_all(all);
	all->n = confs->n < PROCESS_RULES_MAX ? confs->n : PROCESS_RULES_MAX;
	all->words = (all->n + 63) / 64;
	all->watches = x_new(struct watch *, all->n);
	for (size_t i = 0; i < all->n; i++)
		all->watches[i] = watch_new(all, confs->items[i]);
	if (!all->n)
		stop_looking(all);
	else if (start_looking(all, rcv_buf, force))
		give_rules(all);
}

void vrrp_processes_apply(struct vrrp_processes *all,
	const struct conf_list *confs, uint32_t rcv_buf, bool force)
{
	all->quiet = true;
	if (same_rules(all, confs))
		keep_all(all, confs);
	else
		count_anew(all, confs, rcv_buf, force);
	all->quiet = false;
}

/* --- looking --- */

void vrrp_processes_each(struct vrrp_processes *all,
	void (*callback)(const struct vrrp_process_view *view, void *user_data),
	void *user_data)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct vrrp_process_view view = view_of(all->watches[i]);

		callback(&view, user_data);
	}
}

enum vrrp_process_source vrrp_processes_source(const struct vrrp_processes *all)
{
	if (!all->scanner)
		return VRRP_PROCESS_NONE;
	return all->told ? VRRP_PROCESS_EVENTS : VRRP_PROCESS_SCAN;
}

int vrrp_processes_error(const struct vrrp_processes *all)
{
	return all->error;
}

/* --- life --- */

struct vrrp_processes *vrrp_processes_new(struct loop *loop,
	const struct vrrp_process_events *events, void *user_data)
{
	struct vrrp_processes *all = x_new(struct vrrp_processes, 1);

	all->loop = loop;
	all->events = *events;
	all->user_data = user_data;
	all->timer = loop_timer_new(loop, on_timer, all);
	return all;
}

void vrrp_processes_free(struct vrrp_processes *all)
{
	if (!all)
		return;
	forget_all(all);
	stop_looking(all);
	loop_timer_free(all->timer);
	x_free(all);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/probe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* Events taken from the kernel at once, and how often in a row before other
 * work gets its turn. */
#define EVENTS_AT_ONCE 256
#define EVENT_ROUNDS 4

struct probe_slot {
	struct probe *probe; /* NULL = free */
	uint32_t serial;
	uint32_t next_free;
};

#define NO_SLOT UINT32_MAX

struct probe_engine {
	int epoll_fd;
	struct loop_io *io;
	struct loop_timer *timer;
	int64_t timer_us; /* when it fires; TIME_NEVER = not set */
	struct schedule deadlines;
	struct probe_slot *slots;
	size_t n_slots;
	uint32_t first_free;
	size_t in_flight;
	size_t max_probes;
	struct probe_counters counters;
	int (*run)(const struct msg_run *run, void *user_data);
	void *user_data;
	bool (*bfd_look)(void *user_data, const char *session, bool *ret_up,
		const char **ret_detail);
	void *bfd_user_data;
};

/* --- slots: a name for a probe that the kernel and the runner may say when
 * it is long gone --- */

static uint64_t slot_id(const struct probe *probe)
{
	return (uint64_t)probe->serial << 32 | probe->slot;
}

static struct probe *slot_find(const struct probe_engine *engine, uint64_t id)
{
	uint32_t slot = (uint32_t)id;

	if (slot >= engine->n_slots ||
		engine->slots[slot].serial != id >> 32)
		return NULL;
	return engine->slots[slot].probe;
}

static void slot_take(struct probe_engine *engine, struct probe *probe)
{
	uint32_t slot = engine->first_free;

	if (slot == NO_SLOT) {
		size_t n = engine->n_slots ? engine->n_slots * 2 : 64;
		size_t i;

		engine->slots = x_realloc(
			engine->slots, n, sizeof(*engine->slots));
		for (i = engine->n_slots; i < n; i++)
			engine->slots[i] = (struct probe_slot){
				.serial = 1,
				.next_free = i + 1 < n ? (uint32_t)i + 1 :
							 NO_SLOT,
			};
		slot = (uint32_t)engine->n_slots;
		engine->n_slots = n;
	}
	engine->first_free = engine->slots[slot].next_free;
	engine->slots[slot].probe = probe;
	probe->slot = slot;
	probe->serial = engine->slots[slot].serial;
	engine->in_flight++;
}

static void slot_give_back(struct probe *probe)
{
	struct probe_engine *engine = probe->engine;
	struct probe_slot *slot = &engine->slots[probe->slot];

	slot->probe = NULL;
	slot->serial++;
	slot->next_free = engine->first_free;
	engine->first_free = probe->slot;
	engine->in_flight--;
}

/* --- deadlines --- */

/* The timer is only moved forward: most probes end long before their
 * deadline, and one that fires early costs less than moving it each time. */
static void arm_timer(struct probe_engine *engine)
{
	int64_t next = schedule_next_us(&engine->deadlines);

	if (next >= engine->timer_us)
		return;
	engine->timer_us = next;
	loop_timer_set(engine->timer, next);
}

static void on_timer(void *user_data)
{
	struct probe_engine *engine = user_data;
	int64_t now = time_monotonic_us();
	struct schedule_entry *entry;

	engine->timer_us = TIME_NEVER;
	while ((entry = schedule_first(&engine->deadlines)) &&
		entry->due_us <= now) {
		struct probe *probe = (struct probe *)((char *)entry -
			offsetof(struct probe, deadline));

		schedule_remove(&engine->deadlines, entry);
		probe->ops->timeout(probe);
	}
	arm_timer(engine);
}

void probe_begin_step(struct probe *probe, int64_t timeout_us)
{
	probe->step_us = time_monotonic_us();
	schedule_put(&probe->engine->deadlines, &probe->deadline,
		probe->step_us + timeout_us);
	arm_timer(probe->engine);
}

static int32_t elapsed(int64_t from_us)
{
	int64_t us = time_monotonic_us() - from_us;

	return us > INT32_MAX ? INT32_MAX : (int32_t)us;
}

int32_t probe_step_elapsed(const struct probe *probe)
{
	return elapsed(probe->step_us);
}

/* --- events --- */

static int dispatch(struct probe_engine *engine)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int n = epoll_wait(engine->epoll_fd, events, EVENTS_AT_ONCE, 0);
	int i;

	for (i = 0; i < n; i++) {
		struct probe *probe = slot_find(engine, events[i].data.u64);

		/* One that ended within this batch. */
		if (probe)
			probe->ops->event(probe, events[i].events);
	}
	return n;
}

static void on_events(int fd, unsigned int events, void *user_data)
{
	int round = 0;

	(void)fd;
	(void)events;
	while (dispatch(user_data) == EVENTS_AT_ONCE &&
		++round < EVENT_ROUNDS)
		;
}

static int watch(struct probe *probe, int operation)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.u64 = slot_id(probe),
	};

	if (epoll_ctl(probe->engine->epoll_fd, operation, probe->fd, &event) <
		0)
		return -errno;
	return 0;
}

int probe_watch(struct probe *probe)
{
	return watch(probe, EPOLL_CTL_ADD);
}

void probe_again(struct probe *probe)
{
	watch(probe, EPOLL_CTL_MOD);
}

/* --- ends --- */

static void release(struct probe *probe)
{
	schedule_remove(&probe->engine->deadlines, &probe->deadline);
	if (probe->ops->release)
		probe->ops->release(probe);
	/* Closing takes it out of the epoll set. */
	if (probe->fd >= 0)
		close(probe->fd);
	slot_give_back(probe);
	x_free(probe);
}

void probe_cancel(struct probe *probe)
{
	release(probe);
}

static void finish(struct probe *probe)
{
	struct probe_counters *counters = &probe->engine->counters;
	struct probe_result result = probe->result;
	void (*done)(const struct probe_result *, void *) = probe->done;
	void *user_data = probe->user_data;

	switch (result.outcome) {
	case VERDICT_PASSED:
		counters->passed++;
		break;
	case VERDICT_FAILED:
		counters->failed++;
		break;
	case VERDICT_INCONCLUSIVE:
		counters->inconclusive++;
		break;
	}
	result.latency.total_us = elapsed(probe->started_us);
	release(probe);
	done(&result, user_data);
}

static void __attribute__((format(printf, 2, 0))) vset_detail(
	struct probe *probe, const char *format, va_list ap)
{
	char *pos = probe->result.detail;

	vsnprintf(pos, sizeof(probe->result.detail), format, ap);
	/* Some of it was said by a server. */
	for (; *pos; pos++)
		if (*pos < ' ' || *pos > '~')
			*pos = '?';
}

void probe_set_detail(struct probe *probe, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vset_detail(probe, format, ap);
	va_end(ap);
}

void probe_pass(struct probe *probe)
{
	probe->result.outcome = VERDICT_PASSED;
	probe->result.reason = REASON_CHECK_OK;
	finish(probe);
}

void probe_fail(
	struct probe *probe, enum reason reason, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vset_detail(probe, format, ap);
	va_end(ap);
	probe->result.outcome = VERDICT_FAILED;
	probe->result.reason = reason;
	finish(probe);
}

void probe_inconclusive(
	struct probe *probe, enum reason reason, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vset_detail(probe, format, ap);
	va_end(ap);
	probe->result.outcome = VERDICT_INCONCLUSIVE;
	probe->result.reason = reason;
	finish(probe);
}

/* --- sessions --- */

void probe_engine_set_bfd(struct probe_engine *engine,
	bool (*look)(void *user_data, const char *session, bool *ret_up,
		const char **ret_detail),
	void *user_data)
{
	engine->bfd_look = look;
	engine->bfd_user_data = user_data;
}

bool probe_bfd_look(const struct probe *probe, const char *session,
	bool *ret_up, const char **ret_detail)
{
	const struct probe_engine *engine = probe->engine;

	return engine->bfd_look &&
		engine->bfd_look(
			engine->bfd_user_data, session, ret_up, ret_detail);
}

/* --- a block that is no checker --- */

static void lost_start(struct probe *probe)
{
	const char *word = probe->check->kind_name;
	const char *meant = check_kind_suggest(word);

	if (meant)
		probe_fail(probe, REASON_CHECK_MISCONFIGURED,
			"'%s' is no checker: did you mean '%s'?", word, meant);
	else
		probe_fail(probe, REASON_CHECK_MISCONFIGURED,
			"'%s' is no checker", word);
}

static const struct probe_ops lost_ops = { .start = lost_start };

/* --- starting --- */

struct probe *probe_new(struct probe_engine *engine, size_t size,
	const struct probe_ops *ops)
{
	struct probe *probe = x_calloc(1, size);

	probe->ops = ops;
	probe->engine = engine;
	probe->fd = -1;
	probe->result.weight = CHECK_WEIGHT_NONE;
	probe->result.latency = (struct probe_latency){ -1, -1, -1, -1 };
	return probe;
}

static struct probe *new_of_kind(
	struct probe_engine *engine, enum check_kind kind)
{
	switch (kind) {
	case CHECK_KIND_TCP:
		return probe_tcp_new(engine);
	case CHECK_KIND_HTTP:
	case CHECK_KIND_SSL:
		return probe_http_new(engine);
	case CHECK_KIND_MISC:
		return probe_misc_new(engine);
	case CHECK_KIND_SMTP:
		return probe_smtp_new(engine);
	case CHECK_KIND_DNS:
		return probe_dns_new(engine);
	case CHECK_KIND_UDP:
		return probe_udp_new(engine);
	case CHECK_KIND_PING:
		return probe_ping_new(engine);
	case CHECK_KIND_FILE:
		return probe_file_new(engine);
	case CHECK_KIND_BFD:
		return probe_bfd_new(engine);
	case CHECK_KIND_LOST:
		break;
	}
	return probe_new(engine, sizeof(struct probe), &lost_ops);
}

struct probe *probe_start(struct probe_engine *engine,
	const struct check_config *check, const struct probe_program *program,
	void (*done)(const struct probe_result *result, void *user_data),
	void *user_data)
{
	struct probe *probe = new_of_kind(engine, check->kind);
	uint64_t id;

	probe->check = check;
	probe->program = program;
	probe->done = done;
	probe->user_data = user_data;
	slot_take(engine, probe);
	engine->counters.started++;
	id = slot_id(probe);
	probe->started_us = time_monotonic_us();
	probe->step_us = probe->started_us;
	probe->ops->start(probe);
	return slot_find(engine, id);
}

/* --- scripts --- */

int probe_run_script(struct probe *probe, int64_t timeout_us)
{
	char subject[CHECK_NAME_MAX + 16];
	char name[CHECK_NAME_MAX];
	struct msg_run run = {
		.id = slot_id(probe),
		.node = probe->check->script.node,
		.subject = subject,
		.timeout_us = timeout_us,
	};

	if (!probe->engine->run)
		return -ENOTCONN;
	snprintf(subject, sizeof(subject), "check %s",
		check_config_name(probe->check, name));
	return probe->engine->run(&run, probe->engine->user_data);
}

void probe_engine_ran(struct probe_engine *engine, const struct msg_ran *ran)
{
	struct probe *probe = slot_find(engine, ran->id);

	if (probe && probe->ops->ran)
		probe->ops->ran(probe, ran);
}

void probe_engine_runner_lost(struct probe_engine *engine)
{
	size_t i;

	/* The end of one may start another: it then goes to the new runner,
	 * or ends at once. */
	for (i = 0; i < engine->n_slots; i++) {
		struct probe *probe = engine->slots[i].probe;

		if (probe && probe->ops->ran)
			probe_inconclusive(probe, REASON_CHECK_SCRIPT_NOT_RUN,
				"the runner is gone");
	}
}

/* --- the engine --- */

struct probe_engine *probe_engine_new(struct loop *loop, size_t max_probes,
	int (*run)(const struct msg_run *run, void *user_data),
	void *user_data)
{
	struct probe_engine *engine = x_new(struct probe_engine, 1);

	engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (engine->epoll_fd < 0)
		log_fatal("probes: no epoll set: %s", strerror(errno));
	engine->io = loop_io_new(
		loop, engine->epoll_fd, LOOP_READ, on_events, engine);
	engine->timer = loop_timer_new(loop, on_timer, engine);
	engine->timer_us = TIME_NEVER;
	engine->first_free = NO_SLOT;
	engine->max_probes = max_probes;
	engine->run = run;
	engine->user_data = user_data;
	return engine;
}

void probe_engine_free(struct probe_engine *engine)
{
	size_t i;

	for (i = 0; i < engine->n_slots; i++)
		if (engine->slots[i].probe)
			probe_cancel(engine->slots[i].probe);
	schedule_free(&engine->deadlines);
	loop_timer_free(engine->timer);
	loop_io_free(engine->io);
	close(engine->epoll_fd);
	x_free(engine->slots);
	x_free(engine);
}

size_t probe_engine_in_flight(const struct probe_engine *engine)
{
	return engine->in_flight;
}

bool probe_engine_is_full(const struct probe_engine *engine)
{
	return engine->in_flight >= engine->max_probes;
}

const struct probe_counters *probe_engine_counters(
	const struct probe_engine *engine)
{
	return &engine->counters;
}

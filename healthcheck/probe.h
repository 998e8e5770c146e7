/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes: one run of one check, from its first packet to a result.
 *
 * A probe engine watches any number of probes with one epoll set and one
 * timer.  A probe never blocks; each of its steps (connect, TLS handshake,
 * reply) has a deadline of the check's connect_timeout; and whatever the
 * other side does, it ends with exactly one call of `done`.
 *
 * Each kind of probe is a const struct probe_ops in a file of its own.  The
 * shells in here read the clock; what a result means is verdict.h's matter.
 */
#ifndef TANDEM_HEALTHCHECK_PROBE_H
#define TANDEM_HEALTHCHECK_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "healthcheck/check_conf.h"
#include "healthcheck/schedule.h"
#include "healthcheck/verdict.h"
#include "lib/loop.h"
#include "lib/messages.h"

#define PROBE_DETAIL_MAX 112

/* Microseconds from the start of the step; -1 = not reached. */
struct probe_latency {
	int32_t connect_us;
	int32_t tls_us;
	int32_t first_byte_us;
	int32_t total_us; /* from the start of the run */
};

struct probe_result {
	enum verdict_outcome outcome;
	enum reason reason;
	int32_t weight; /* or CHECK_WEIGHT_NONE */
	struct probe_latency latency;
	char detail[PROBE_DETAIL_MAX]; /* evidence, printable */
};

struct probe;
struct probe_engine;
struct probe_program;

struct probe_ops {
	/* Begins; may finish at once. */
	void (*start)(struct probe *probe);
	/* EPOLL* events of the descriptor; edge-triggered. */
	void (*event)(struct probe *probe, uint32_t events);
	/* The deadline is over: finish. */
	void (*timeout)(struct probe *probe);
	/* A script ended; NULL where there is none. */
	void (*ran)(struct probe *probe, const struct msg_ran *ran);
	/* Gives back what the kind holds; the descriptor is closed after. */
	void (*release)(struct probe *probe);
};

/* The part that all kinds share, first in their own struct. */
struct probe {
	const struct probe_ops *ops;
	struct probe_engine *engine;
	const struct check_config *check; /* borrowed */
	const struct probe_program *program; /* borrowed */
	int fd; /* -1 = none */
	uint32_t slot;
	uint32_t serial; /* of the slot, against stale events */
	struct schedule_entry deadline;
	int64_t started_us; /* the run */
	int64_t step_us; /* the step */
	struct probe_result result;
	/* RESULT lives until the call returns; PROBE is gone then. */
	void (*done)(const struct probe_result *result, void *user_data);
	void *user_data;
};

struct probe_counters {
	uint64_t started;
	uint64_t passed;
	uint64_t failed;
	uint64_t inconclusive;
};

/* RUN sends a command to the runner: 0 or -errno; NULL = there is none. */
struct probe_engine *probe_engine_new(struct loop *loop, size_t max_probes,
	int (*run)(const struct msg_run *run, void *user_data),
	void *user_data);
/* Cancels what is in flight. */
void probe_engine_free(struct probe_engine *engine);

/* LOOK answers for BFD_CHECK what is known of a session. */
void probe_engine_set_bfd(struct probe_engine *engine,
	bool (*look)(void *user_data, const char *session, bool *ret_up,
		const char **ret_detail),
	void *user_data);

size_t probe_engine_in_flight(const struct probe_engine *engine);
bool probe_engine_is_full(const struct probe_engine *engine);
const struct probe_counters *probe_engine_counters(
	const struct probe_engine *engine);

/*
 * Starts a run of CHECK.  CHECK and PROGRAM (see program.h) must live until
 * `done` was called or the probe cancelled.  Returns NULL, with `done`
 * already called, when it ended at once.
 */
struct probe *probe_start(struct probe_engine *engine,
	const struct check_config *check, const struct probe_program *program,
	void (*done)(const struct probe_result *result, void *user_data),
	void *user_data);
/* Ends PROBE without a call. */
void probe_cancel(struct probe *probe);

/* The runner answered, or is gone (then all scripts are inconclusive). */
void probe_engine_ran(struct probe_engine *engine, const struct msg_ran *ran);
void probe_engine_runner_lost(struct probe_engine *engine);

/* --- for the kinds --- */

/* A new probe of SIZE bytes that begin with a struct probe. */
struct probe *probe_new(struct probe_engine *engine, size_t size,
	const struct probe_ops *ops);

/* Opens a socket of TYPE and PROTOCOL, connected to the check's target;
 * PROBE->fd is watched for reading and writing, and the first step begins.
 * False when the probe has finished already. */
bool probe_open(struct probe *probe, int type, int protocol);
/* The same with PROBE->fd, a non-blocking socket without ports. */
bool probe_open_with(struct probe *probe);

/* Of a datagram so many bytes are looked at. */
#define PROBE_DATAGRAM_MAX 4096
/* Sends one.  False when the probe has finished. */
bool probe_datagram_send(struct probe *probe, const void *data, size_t len);
/* For an event: gives TAKE what has come.  LEN is that of the datagram, also
 * when DATA holds only the first PROBE_DATAGRAM_MAX bytes of it; TAKE returns
 * whether to go on, that is false when the probe has ended. */
void probe_datagram_event(struct probe *probe, uint32_t events,
	bool (*take)(struct probe *probe, const void *data, size_t len));
/* Random bytes.  False when the probe has finished. */
bool probe_random(struct probe *probe, void *data, size_t len);

/* Opens a TCP connection to the check's target; PROBE->fd is watched for
 * reading and writing.  False when the probe has finished already. */
bool probe_connect(struct probe *probe);
/* After the first event: 0 when connected, else finishes and returns
 * -errno. */
int probe_connected(struct probe *probe, uint32_t events);
/* Closes the descriptor with a reset: no TIME_WAIT is left behind. */
void probe_disconnect(struct probe *probe);
/* Watches PROBE->fd for reading and writing.  0 or -errno. */
int probe_watch(struct probe *probe);
/* Asks for another event of a descriptor that was not read empty. */
void probe_again(struct probe *probe);

/* A new step begins: its clock and its deadline start. */
void probe_begin_step(struct probe *probe, int64_t timeout_us);
/* Microseconds since the step began. */
int32_t probe_step_elapsed(const struct probe *probe);

int probe_run_script(struct probe *probe, int64_t timeout_us);

/* Set the detail, then finish.  Each ends the probe. */
void probe_pass(struct probe *probe);
void probe_fail(struct probe *probe, enum reason reason, const char *format,
	...) __attribute__((format(printf, 3, 4)));
/* The check could not be done here; says nothing about the server. */
void probe_inconclusive(struct probe *probe, enum reason reason,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
/* By the errno of a socket call. */
void probe_fail_errno(struct probe *probe, int error, const char *what);

void probe_set_detail(struct probe *probe, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct probe *probe_tcp_new(struct probe_engine *engine);
struct probe *probe_http_new(struct probe_engine *engine);
struct probe *probe_smtp_new(struct probe_engine *engine);
struct probe *probe_dns_new(struct probe_engine *engine);
struct probe *probe_udp_new(struct probe_engine *engine);
struct probe *probe_ping_new(struct probe_engine *engine);
struct probe *probe_misc_new(struct probe_engine *engine);
struct probe *probe_file_new(struct probe_engine *engine);
struct probe *probe_bfd_new(struct probe_engine *engine);

/* False when nothing is known of SESSION. */
bool probe_bfd_look(const struct probe *probe, const char *session,
	bool *ret_up, const char **ret_detail);

/* What a FILE_CHECK of WEIGHT makes of NUMBER: true = passes, and then
 * *RET_WEIGHT is to be added to the server's, or CHECK_WEIGHT_NONE.  Without
 * a weight any number but 0 fails, with REVERSE 0 does; with one a product
 * below what a weight can be. */
bool probe_file_judge(
	int64_t number, int64_t weight, bool reverse, int32_t *ret_weight);

#endif

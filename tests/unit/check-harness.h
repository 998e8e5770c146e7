/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The healthcheck role in a process of its own, with the test as its
 * supervisor, its ipvs and its runner.
 */
#ifndef TANDEM_TESTS_CHECK_HARNESS_H
#define TANDEM_TESTS_CHECK_HARNESS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/tree.h"
#include "lib/channel.h"
#include "lib/messages.h"

#define HARNESS_STATES_MAX 256
#define HARNESS_RUNS_MAX 64

struct harness_checkpoint {
	struct harness_checkpoint *next;
	char *key;
	void *data;
	size_t len;
};

struct harness {
	struct loop *loop;
	struct loop_timer *patience;
	pid_t pid;
	struct channel *supervisor;
	struct channel *ipvs;
	struct channel *runner;
	struct channel *vrrp; /* NULL until it is connected */
	struct conf_tree *tree; /* of the last generation */

	uint32_t generation; /* committed */
	struct msg_prepared prepared;
	uint32_t prepared_generation;
	struct json_object *plan;
	struct json_object *answer;
	bool lenient; /* configurations may have errors */
	bool ready;
	bool timed_out;

	/* What ipvs knows of the generation in hand. */
	struct msg_check_state states[HARNESS_STATES_MAX];
	size_t n_states;
	uint32_t states_generation;
	unsigned int n_snapshots; /* messages with `last` */

	struct msg_run runs[HARNESS_RUNS_MAX];
	size_t n_runs;

	struct harness_checkpoint *checkpoints;
};

void harness_start(struct harness *h);
/* Kills the role and starts another with what it had saved. */
void harness_restart(struct harness *h);
void harness_stop(struct harness *h);
/* What the role had saved. */
void harness_forget_checkpoints(struct harness *h);

/* Prepares TEXT as GENERATION; harness_load() commits it as well. */
void harness_prepare(struct harness *h, uint32_t generation, const char *text);
/* The error of the answer, 0 = it is prepared. */
int harness_try(struct harness *h, uint32_t generation, const char *text);
void harness_abort(struct harness *h);
void harness_load(struct harness *h, uint32_t generation, const char *text);

/* Says what vrrp says of a BFD session. */
void harness_tell_bfd(struct harness *h, const char *session,
	enum bfd_session_state state, const char *detail);

/* New channels to ipvs, the runner or vrrp. */
void harness_connect(struct harness *h, enum role_id peer);
void harness_disconnect(struct harness *h, enum role_id peer);

/* Turns the loop until CONDITION holds; fails the test after 20 s. */
void harness_wait(struct harness *h,
	bool (*condition)(struct harness *h, const void *arg),
	const void *arg);
/* Turns the loop for so long. */
void harness_pause(struct harness *h, int64_t us);

struct json_object *harness_ask(struct harness *h, const char *json);
void harness_answer_run(
	struct harness *h, size_t i, enum run_outcome outcome, int32_t value);

/* The node of real_server number SERVER (over all services), or of its
 * checker number CHECK. */
uint32_t harness_server_node(const struct harness *h, unsigned int server);
uint32_t harness_check_node(
	const struct harness *h, unsigned int server, unsigned int check);
/* What ipvs was told last; NULL = nothing. */
const struct msg_check_state *harness_state(
	const struct harness *h, unsigned int server, unsigned int check);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A simulated world of VRRP routers: segments, links with every fault a
 * network has, and routers that are paused, killed and restarted, all in
 * virtual time and repeatable from a seed.
 *
 * Each router has one instance on each segment; the real state machine and
 * the real packet codec run in it.
 */
#ifndef TANDEM_TESTS_SIM_VRRP_WORLD_H
#define TANDEM_TESTS_SIM_VRRP_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/fsm.h"
#include "vrrp/group.h"

#define ROUTERS_MAX 4
#define SEGMENTS_MAX 3

struct prng {
	uint64_t state;
};

uint64_t prng_next(struct prng *prng);
/* In [low, high]. */
int64_t prng_range(struct prng *prng, int64_t low, int64_t high);
/* True in PERCENT of 100 cases. */
bool prng_chance(struct prng *prng, int percent);

struct world;

struct sim_router {
	struct world *world;
	int index;
	bool alive; /* the role runs */
	bool stopping; /* SHUTDOWN was given */
	int64_t paused_until; /* 0 = runs */
	int64_t dead_since;
	int64_t restart_at; /* TIME_NEVER = not planned */
	bool remembers; /* restart finds checkpoints */
	struct vrrp_fsm fsm[SEGMENTS_MAX];
	struct vrrp_fsm_conf conf;
	struct vrrp_group group; /* used when the world is grouped */
	struct ip_addr addr[SEGMENTS_MAX];
	unsigned int faults[SEGMENTS_MAX]; /* of the outside world */
	bool has_vip[SEGMENTS_MAX]; /* what actions made of it */
	enum vrrp_state checkpoint[SEGMENTS_MAX];
	int64_t wake_at[SEGMENTS_MAX];
	int64_t wake_for[SEGMENTS_MAX]; /* deadline behind wake_at */
};

struct sim_packet {
	int64_t at;
	uint64_t number; /* keeps the order of equal times */
	int segment;
	int from;
	int to;
	uint8_t len;
	uint8_t data[32];
};

struct world {
	uint64_t seed;
	struct prng prng;
	bool trace;
	int64_t now;
	uint64_t steps; /* events given to state machines */

	int n_routers;
	int n_segments;
	bool grouped;
	uint8_t version;
	sa_family_t family;
	bool preempt_everywhere; /* at once: the best one must win */
	struct sim_router routers[ROUTERS_MAX];

	/* The network as it is now. */
	int loss_percent;
	int duplicate_percent;
	int64_t latency_us;
	int64_t jitter_us;
	int64_t timer_lag_us; /* timers are late by up to so much */
	bool blocked[SEGMENTS_MAX][ROUTERS_MAX][ROUTERS_MAX]; /* from, to */

	struct sim_packet *queue; /* heap by (at, number) */
	size_t n_queue;
	size_t queue_capacity;
	uint64_t n_packets;

	int64_t changed_at; /* last change of any state */
	int64_t moved_at[SEGMENTS_MAX]; /* last change, by segment */
	bool failed;
	char failure[256];
};

/* Routers, priorities, intervals and options from SEED. */
void world_init(struct world *world, uint64_t seed, bool trace);
void world_free(struct world *world);

/* Runs until UNTIL, or until a broken invariant sets failed. */
void world_run(struct world *world, int64_t until);

/* What happens to routers; all of them are harmless when not applicable. */
void world_start_router(struct world *world, int router);
void world_stop_router(struct world *world, int router, int64_t restart_at);
void world_kill_router(struct world *world, int router, int64_t restart_at,
	bool remembers);
void world_reboot_router(struct world *world, int router, int64_t restart_at);
void world_pause_router(struct world *world, int router, int64_t until);
void world_set_fault(struct world *world, int router, int segment,
	enum vrrp_fault fault, bool set);
void world_reconfigure(
	struct world *world, int router, const struct vrrp_fsm_conf *conf);

void world_fail(struct world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void world_trace(struct world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP under every fault there is, in virtual time.
 *
 * A seed makes a world.  Each round first lets things go wrong (loss, delay,
 * duplicates, reordering, one-way links, partitions, hangs, kills with and
 * without a memory, power losses, link and script faults, reloads), then
 * heals most of it and asks for the promises of the protocol:
 *
 * - after the convergence bound, each set of routers that hear each other
 *   has exactly one Active and one holder of the addresses, if anybody in it
 *   is fit; the best one, where all preempt at once;
 * - from then on nothing moves: no flap without a cause;
 * - when the Active router then loses power, one router takes over, once,
 *   after one down interval;
 * - a sync group moves whole, at every single step (sim-vrrp-world.c).
 *
 * SIM_SEEDS=N runs N seeds (200), SIM_SEED=S replays one with a trace.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim-vrrp-world.h"

#define ROUNDS 3
#define SEEDS_DEFAULT 200

/* The slowest interval of the world: in version 3 that of any router may be
 * learned by any other. */
static int64_t slowest_interval(const struct world *world)
{
	int64_t slowest = 0;

	for (int i = 0; i < world->n_routers; i++)
		if (world->routers[i].conf.advert_int_us > slowest)
			slowest = world->routers[i].conf.advert_int_us;
	return slowest;
}

/*
 * From the last disturbance to one Active.  A backup may have been put off
 * just before by the worst of intervals: one down interval until somebody
 * advertises, another one until the best one preempts, and the patience of
 * addresses and ties.  preempt_delay comes on top.
 */
static int64_t convergence_bound(const struct world *world)
{
	int64_t interval = slowest_interval(world);
	int64_t skew = world->version == 2 ? USEC_PER_SEC : interval;
	int64_t delay = 0;

	for (int i = 0; i < world->n_routers; i++)
		if (world->routers[i].conf.preempt_delay_us > delay)
			delay = world->routers[i].conf.preempt_delay_us;
	return 2 * (3 * interval + skew) + 2 * interval + delay +
	       200 * USEC_PER_MSEC;
}

/* --- what goes wrong --- */

static void block_one_way(struct world *world, int segment)
{
	int from = (int)prng_range(&world->prng, 0, world->n_routers - 1);
	int to = (int)prng_range(&world->prng, 0, world->n_routers - 1);

	world_trace(world, "segment %d: nothing from %d reaches %d", segment,
		from, to);
	world->blocked[segment][from][to] = true;
}

/* Splits SEGMENT into two halves that do not hear each other. */
static void partition(struct world *world, int segment, unsigned int half)
{
	world_trace(world, "segment %d: split, half %x", segment, half);
	for (int a = 0; a < world->n_routers; a++)
		for (int b = 0; b < world->n_routers; b++)
			world->blocked[segment][a][b] = (half >> a & 1) !=
							(half >> b & 1);
}

static void heal_network(struct world *world)
{
	world_trace(world, "the network heals");
	memset(world->blocked, 0, sizeof(world->blocked));
	world->loss_percent = 0;
	world->duplicate_percent = 0;
	world->jitter_us = 0;
}

static void worsen_network(struct world *world)
{
	struct prng *prng = &world->prng;

	world->loss_percent = (int)prng_range(prng, 0, 60);
	world->duplicate_percent = (int)prng_range(prng, 0, 30);
	world->jitter_us = prng_range(prng, 0, slowest_interval(world) / 2);
	world_trace(world,
		"loss %d %%, duplicates %d %%, jitter %" PRId64 " us",
		world->loss_percent, world->duplicate_percent,
		world->jitter_us);
}

static void reload(struct world *world, int router)
{
	struct vrrp_fsm_conf conf = world->routers[router].conf;

	if (world->version == 3)
		conf.advert_int_us =
			prng_range(&world->prng, 1, 100) * VRRP_CENTISECOND_US;
	conf.higher_prio_send_advert = !conf.higher_prio_send_advert;
	world_trace(world, "router %d reloads: interval %" PRId64 " us", router,
		conf.advert_int_us);
	world_reconfigure(world, router, &conf);
}

static void disturb(struct world *world)
{
	struct prng *prng = &world->prng;
	int router = (int)prng_range(prng, 0, world->n_routers - 1);
	int segment = (int)prng_range(prng, 0, world->n_segments - 1);
	int64_t later =
		world->now + prng_range(prng, 1, 8 * slowest_interval(world));

	switch (prng_range(prng, 0, 12)) {
	case 0:
		worsen_network(world);
		break;
	case 1:
		heal_network(world);
		break;
	case 2:
		block_one_way(world, segment);
		break;
	case 3:
		partition(
			world, segment, (unsigned int)prng_range(prng, 1, 14));
		break;
	case 4:
		world_pause_router(world, router, later);
		break;
	case 5:
		world_kill_router(world, router, later, true);
		break;
	case 6:
		world_kill_router(world, router, later, false);
		break;
	case 7:
		world_reboot_router(world, router, later);
		break;
	case 8:
		world_stop_router(world, router, later);
		break;
	case 9:
		world_set_fault(world, router, segment, VRRP_FAULT_LINK,
			prng_chance(prng, 50));
		break;
	case 10:
		world_set_fault(world, router, segment, VRRP_FAULT_TRACK,
			prng_chance(prng, 50));
		break;
	case 11:
		reload(world, router);
		break;
	case 12:
		break;
	}
}

/* --- what must hold --- */

static bool is_fit(const struct world *world, int router, int segment)
{
	const struct sim_router *r = &world->routers[router];

	for (int i = 0; i < world->n_segments; i++)
		if ((world->grouped || i == segment) && r->faults[i])
			return false;
	return r->alive;
}

/* The one of the set that must win where all preempt at once.  A tie is
 * anybody's: the first that speaks is obeyed. */
static int best_priority(
	const struct world *world, int segment, unsigned int set)
{
	int best = 0;

	for (int i = 0; i < world->n_routers; i++)
		if ((set >> i & 1) && is_fit(world, i, segment) &&
			world->routers[i].fsm[segment].priority > best)
			best = world->routers[i].fsm[segment].priority;
	return best;
}

/* Routers of SET hear each other and nobody else. */
static void check_set(struct world *world, int segment, unsigned int set)
{
	int active = 0, holders = 0, who = -1;
	int best = best_priority(world, segment, set);
	int wanted = best > 0;

	for (int i = 0; i < world->n_routers; i++) {
		const struct sim_router *router = &world->routers[i];

		if (!(set >> i & 1))
			continue;
		holders += router->has_vip[segment];
		if (router->fsm[segment].state == VRRP_STATE_ACTIVE) {
			active++;
			who = i;
		}
	}
	if (active != wanted)
		world_fail(world, "segment %d, routers %x: %d Active, not %d",
			segment, set, active, wanted);
	else if (holders != wanted)
		world_fail(world,
			"segment %d, routers %x: %d have the "
			"addresses, not %d",
			segment, set, holders, wanted);
	else if (wanted && world->preempt_everywhere &&
		 world->routers[who].fsm[segment].priority != best)
		world_fail(world,
			"segment %d: Active is %d with priority %d, "
			"not %d",
			segment, who, world->routers[who].fsm[segment].priority,
			best);
}

static void check_promises(struct world *world, unsigned int half)
{
	unsigned int all = (1U << world->n_routers) - 1;

	for (int i = 0; i < world->n_segments && !world->failed; i++) {
		if (half & all)
			check_set(world, i, half & all);
		if (~half & all)
			check_set(world, i, ~half & all);
	}
}

/* The fittest router but WHO on SEGMENT, and whether no other one could be as
 * fast: their skew times are apart by more than the network's delays. */
static int find_successor(
	const struct world *world, int segment, int who, bool *ret_clear)
{
	int64_t slack = world->latency_us + 2 * world->timer_lag_us;
	int64_t first = TIME_NEVER, second = TIME_NEVER;
	int best = -1;

	for (int i = 0; i < world->n_routers; i++) {
		int64_t down = vrrp_fsm_down_interval_us(
			&world->routers[i].fsm[segment]);

		if (i == who || !is_fit(world, i, segment))
			continue;
		if (down < first) {
			second = first;
			first = down;
			best = i;
		} else if (down < second) {
			second = down;
		}
	}
	*ret_clear = second == TIME_NEVER || second - first > slack;
	return best;
}

static uint64_t count_takeovers(const struct world *world, int segment)
{
	uint64_t n = 0;

	for (int i = 0; i < world->n_routers; i++)
		n += world->routers[i].fsm[segment].counters.became_active;
	return n;
}

static int find_active(const struct world *world, int segment)
{
	for (int i = 0; i < world->n_routers; i++)
		if (world->routers[i].alive &&
			world->routers[i].fsm[segment].state ==
				VRRP_STATE_ACTIVE)
			return i;
	return -1;
}

/* One segment is looked at; with a group all others move with it. */
static void check_failover(struct world *world)
{
	int who = find_active(world, 0), successor;
	uint64_t before = count_takeovers(world, 0);
	int64_t begin = world->now, limit = 0;
	bool clear;

	if (who < 0)
		return;
	successor = find_successor(world, 0, who, &clear);
	if (successor >= 0)
		limit = vrrp_fsm_down_interval_us(
				&world->routers[successor].fsm[0]) +
			2 * world->timer_lag_us + world->latency_us;
	world_reboot_router(world, who, TIME_NEVER);
	world_run(world, world->now + convergence_bound(world));
	if (!world->failed && successor >= 0 && clear) {
		if (count_takeovers(world, 0) != before + 1)
			world_fail(world, "%d takeovers instead of one",
				(int)(count_takeovers(world, 0) - before));
		else if (find_active(world, 0) != successor)
			world_fail(world, "router %d should have taken over",
				successor);
		else if (world->moved_at[0] - begin > limit)
			world_fail(world, "a failover took %d us, not %d",
				(int)(world->moved_at[0] - begin), (int)limit);
	}
	world->routers[who].restart_at = world->now;
}

/* --- a round --- */

static void chaos(struct world *world)
{
	int64_t interval = slowest_interval(world);
	int n = (int)prng_range(&world->prng, 3, 15);

	for (int i = 0; i < n && !world->failed; i++) {
		disturb(world);
		world_run(world,
			world->now + prng_range(&world->prng, 0, 6 * interval));
	}
}

/* Ends what has an end of its own, and leaves some routers unfit. */
static void settle_routers(struct world *world)
{
	int64_t latest = world->now;

	for (int i = 0; i < world->n_routers; i++) {
		struct sim_router *router = &world->routers[i];

		if (router->paused_until > latest)
			latest = router->paused_until;
		if (router->restart_at != TIME_NEVER &&
			router->restart_at > latest)
			latest = router->restart_at;
	}
	/* A stop may take its linger time. */
	world_run(world, latest + 4 * USEC_PER_SEC);
	for (int i = 0; i < world->n_routers && !world->failed; i++)
		for (int j = 0; j < world->n_segments; j++) {
			bool stay = prng_chance(&world->prng, 15);

			if (world->routers[i].faults[j] && !stay) {
				world_set_fault(
					world, i, j, VRRP_FAULT_LINK, false);
				world_set_fault(
					world, i, j, VRRP_FAULT_TRACK, false);
			}
		}
}

static void play_round(struct world *world)
{
	unsigned int half = (1U << world->n_routers) - 1;
	int64_t bound;

	chaos(world);
	if (world->failed)
		return;
	heal_network(world);
	settle_routers(world);
	/* Some rounds end in two halves, each of which must work. */
	if (prng_chance(&world->prng, 30)) {
		half = (unsigned int)prng_range(&world->prng, 1, 14);
		for (int i = 0; i < world->n_segments; i++)
			partition(world, i, half);
	}
	bound = convergence_bound(world);
	world_run(world, world->now + bound);
	if (world->failed)
		return;
	world_trace(world, "now it must be settled");
	check_promises(world, half);
	world->changed_at = -1;
	world_run(world, world->now + 3 * bound);
	if (!world->failed && world->changed_at >= 0)
		world_fail(world, "something moved without a cause");
	if (!world->failed)
		check_promises(world, half);
	if (!world->failed && half == (1U << world->n_routers) - 1)
		check_failover(world);
}

static bool play(uint64_t seed, bool trace, uint64_t *steps, int64_t *time_us)
{
	static struct world world;
	bool good;

	world_init(&world, seed, trace);
	for (int i = 0; i < world.n_routers; i++)
		world_start_router(&world, i);
	for (int i = 0; i < ROUNDS && !world.failed; i++)
		play_round(&world);
	good = !world.failed;
	if (!good)
		printf("seed %" PRIu64 " failed at %.6f s: %s\n"
		       "replay with SIM_SEED=%" PRIu64 "\n",
			seed, (double)world.now / 1e6, world.failure, seed);
	*steps += world.steps;
	*time_us += world.now;
	world_free(&world);
	return good;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

int main(void)
{
	uint64_t seeds = from_environment("SIM_SEEDS", SEEDS_DEFAULT);
	uint64_t steps = 0, failed = 0, played = 0;
	int64_t virtual_us = 0, start = time_monotonic_us(), took;

	if (getenv("SIM_SEED"))
		return !play(from_environment("SIM_SEED", 0), true, &steps,
			&virtual_us);
	for (; played < seeds && failed < 10; played++)
		failed += !play(played + 1, false, &steps, &virtual_us);
	took = time_monotonic_us() - start;
	printf("%" PRIu64 " seeds, %" PRIu64 " failed, %" PRIu64
	       " steps, %.0f s of virtual time in %.2f s, %.0f steps/s\n",
		played, failed, steps, (double)virtual_us / 1e6,
		(double)took / 1e6, (double)steps * 1e6 / (double)(took + 1));
	return failed > 0;
}

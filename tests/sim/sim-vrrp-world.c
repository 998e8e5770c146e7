/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim-vrrp-world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrp/packet.h"

#define SIM_VRID 51

/* --- chance (splitmix64) --- */

uint64_t prng_next(struct prng *prng)
{
	uint64_t z = prng->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int64_t prng_range(struct prng *prng, int64_t low, int64_t high)
{
	return low + (int64_t)(prng_next(prng) % (uint64_t)(high - low + 1));
}

bool prng_chance(struct prng *prng, int percent)
{
	return prng_range(prng, 0, 99) < percent;
}

/* --- telling --- */

void world_fail(struct world *world, const char *format, ...)
{
	va_list ap;

	if (world->failed)
		return;
	world->failed = true;
	va_start(ap, format);
	vsnprintf(world->failure, sizeof(world->failure), format, ap);
	va_end(ap);
	world_trace(world, "FAILED: %s", world->failure);
}

void world_trace(struct world *world, const char *format, ...)
{
	va_list ap;

	if (!world->trace)
		return;
	printf("%12.6f ", (double)world->now / 1e6);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
}

/* --- the network --- */

static bool earlier(const struct sim_packet *a, const struct sim_packet *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

static void queue_push(struct world *world, const struct sim_packet *packet)
{
	size_t i = world->n_queue++;

	if (world->n_queue > world->queue_capacity) {
		world->queue_capacity = 2 * world->n_queue + 64;
		world->queue = x_realloc(world->queue, world->queue_capacity,
			sizeof(*world->queue));
	}
	for (; i > 0 && earlier(packet, &world->queue[(i - 1) / 2]);
		i = (i - 1) / 2)
		world->queue[i] = world->queue[(i - 1) / 2];
	world->queue[i] = *packet;
}

static struct sim_packet queue_pop(struct world *world)
{
	struct sim_packet first = world->queue[0];
	struct sim_packet last = world->queue[--world->n_queue];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < world->n_queue) {
		if (child + 1 < world->n_queue &&
			earlier(&world->queue[child + 1], &world->queue[child]))
			child++;
		if (!earlier(&world->queue[child], &last))
			break;
		world->queue[i] = world->queue[child];
		i = child;
	}
	if (world->n_queue > 0)
		world->queue[i] = last;
	return first;
}

static struct ip_addr sim_addr(const struct world *world, unsigned int low)
{
	struct ip_addr addr = { .family = world->family };
	unsigned int bytes = ip_family_bytes(world->family);

	addr.bytes[0] = world->family == AF_INET ? 10 : 0xfe;
	if (world->family == AF_INET6)
		addr.bytes[1] = 0x80;
	addr.bytes[bytes - 1] = (uint8_t)low;
	return addr;
}

static struct ip_addr sim_multicast(const struct world *world)
{
	struct ip_addr addr = { .family = AF_UNSPEC };

	ip_addr_parse(
		world->family == AF_INET ? "224.0.0.18" : "ff02::12", &addr);
	return addr;
}

static void transmit(struct world *world, int segment, int from, int to,
	const uint8_t *data, int len)
{
	struct sim_packet packet = {
		.segment = segment,
		.from = from,
		.to = to,
		.len = (uint8_t)len,
	};
	int copies = 1;

	memcpy(packet.data, data, (size_t)len);
	if (world->blocked[segment][from][to] ||
		prng_chance(&world->prng, world->loss_percent))
		return;
	if (prng_chance(&world->prng, world->duplicate_percent))
		copies = 2;
	while (copies-- > 0) {
		packet.at = world->now + world->latency_us +
			    prng_range(&world->prng, 0, world->jitter_us);
		packet.number = world->n_packets++;
		queue_push(world, &packet);
	}
}

static void send_advert(
	struct sim_router *router, int segment, uint8_t priority)
{
	struct world *world = router->world;
	struct ip_addr vip = sim_addr(world, 200);
	struct ip_addr group = sim_multicast(world);
	struct vrrp_tx tx = {
		.version = world->version,
		.vrid = SIM_VRID,
		.priority = priority,
		.family = world->family,
		.advert_int_us = router->conf.advert_int_us,
		.addresses = &vip,
		.n_addresses = 1,
	};
	uint8_t buf[32];
	int len = vrrp_packet_encode(
		&tx, &router->addr[segment], &group, buf, sizeof(buf));

	if (len < 0) {
		world_fail(world, "cannot encode: %d", len);
		return;
	}
	/* A dead link carries nothing. */
	if (router->faults[segment] & VRRP_FAULT_LINK)
		return;
	for (int to = 0; to < world->n_routers; to++)
		if (to != router->index)
			transmit(world, segment, router->index, to, buf, len);
}

/* --- actions --- */

static int segment_of(
	const struct sim_router *router, const struct vrrp_fsm *fsm)
{
	return (int)(fsm - router->fsm);
}

static void on_state(struct sim_router *router, int segment,
	const struct vrrp_action *action)
{
	struct world *world = router->world;

	world_trace(world, "router %d segment %d: %s -> %s (%s)", router->index,
		segment, vrrp_state_name(action->state.from),
		vrrp_state_name(action->state.to),
		reason_text(action->state.reason));
	world->changed_at = world->now;
	world->moved_at[segment] = world->now;
	router->checkpoint[segment] = action->state.to;
}

static void on_actions(
	void *ctx, struct vrrp_fsm *fsm, const struct vrrp_actions *actions)
{
	struct sim_router *router = ctx;
	struct world *world = router->world;
	int segment = segment_of(router, fsm);

	if (actions->n >= VRRP_ACTIONS_MAX)
		world_fail(world, "too many actions");
	for (unsigned int i = 0; i < actions->n; i++) {
		const struct vrrp_action *action = &actions->items[i];

		switch (action->type) {
		case VRRP_ACT_SEND_ADVERT:
			if (action->priority != 0 &&
				(!fsm->running || fsm->faults))
				world_fail(world, "router %d advertises",
					router->index);
			send_advert(router, segment, action->priority);
			break;
		case VRRP_ACT_ADD_ADDRESSES:
			router->has_vip[segment] = true;
			break;
		case VRRP_ACT_REMOVE_ADDRESSES:
			world_trace(world, "router %d segment %d: addresses go",
				router->index, segment);
			router->has_vip[segment] = false;
			break;
		case VRRP_ACT_ANNOUNCE:
			if (!router->has_vip[segment])
				world_fail(world,
					"router %d announces what it "
					"has not",
					router->index);
			break;
		case VRRP_ACT_STATE:
			on_state(router, segment, action);
			break;
		case VRRP_ACT_RX_LOWER_PRIO:
		case VRRP_ACT_DROPPED:
			break;
		case VRRP_ACT_STOPPED:
			if (router->has_vip[segment])
				world_fail(world,
					"router %d stopped with "
					"addresses",
					router->index);
			break;
		}
	}
}

/* What must be true after every single event. */
static void check_router(struct sim_router *router)
{
	struct world *world = router->world;
	int active = 0, running = 0;

	for (int i = 0; i < world->n_segments; i++) {
		const struct vrrp_fsm *fsm = &router->fsm[i];

		active += fsm->state == VRRP_STATE_ACTIVE;
		running += fsm->running;
		/* Before STARTUP the core does not know of leftovers. */
		if ((fsm->running || router->stopping) &&
			fsm->holding != router->has_vip[i])
			world_fail(world,
				"router %d segment %d: holding %d, "
				"has addresses %d",
				router->index, i, fsm->holding,
				router->has_vip[i]);
		if (fsm->state == VRRP_STATE_ACTIVE &&
			(fsm->faults || !fsm->running || !fsm->holding))
			world_fail(world,
				"router %d segment %d: ACTIVE but "
				"faults %x running %d holding %d",
				router->index, i, fsm->faults, fsm->running,
				fsm->holding);
		if (fsm->running &&
			!fsm->faults != (fsm->state != VRRP_STATE_FAULT))
			world_fail(world, "router %d segment %d: %s, faults %x",
				router->index, i, vrrp_state_name(fsm->state),
				fsm->faults);
	}
	/* A group is whole whenever all of it runs. */
	if (world->grouped && running == world->n_segments && active != 0 &&
		active != world->n_segments)
		world_fail(world, "router %d: half a group is ACTIVE",
			router->index);
}

static void give(
	struct sim_router *router, int segment, const struct vrrp_event *event)
{
	struct world *world = router->world;
	const struct vrrp_sink sink = { .actions = on_actions, .ctx = router };

	world->steps++;
	vrrp_dispatch(&router->fsm[segment], event, world->now, &sink);
	check_router(router);
}

static void give_all(struct sim_router *router, const struct vrrp_event *event)
{
	for (int i = 0; i < router->world->n_segments; i++)
		give(router, i, event);
}

/* --- routers --- */

static void power_up(struct sim_router *router)
{
	struct world *world = router->world;

	if (world->grouped) {
		vrrp_group_clear(&router->group);
		vrrp_group_init(&router->group);
	}
	for (int i = 0; i < world->n_segments; i++) {
		vrrp_fsm_init(&router->fsm[i], &router->conf, &router->addr[i]);
		router->wake_for[i] = TIME_NEVER;
		router->wake_at[i] = TIME_NEVER;
		if (world->grouped)
			vrrp_group_add(&router->group, &router->fsm[i]);
	}
	router->alive = true;
	router->stopping = false;
	router->paused_until = 0;
	router->restart_at = TIME_NEVER;
}

void world_start_router(struct world *world, int index)
{
	struct sim_router *router = &world->routers[index];

	if (router->alive)
		return;
	power_up(router);
	world_trace(world, "router %d starts%s", index,
		router->remembers ? " again, with checkpoints" : "");
	for (int i = 0; i < world->n_segments; i++) {
		struct vrrp_event event = {
			.type = VRRP_EVENT_FAULT_SET,
			.fault = { (enum vrrp_fault)router->faults[i],
				REASON_VRRP_LINK_DOWN },
		};

		if (router->faults[i])
			give(router, i, &event);
	}
	for (int i = 0; i < world->n_segments; i++) {
		struct vrrp_event event = {
			.type = VRRP_EVENT_STARTUP,
			.startup = { .resume = VRRP_STATE_INITIALIZE,
				.gap_us = world->now - router->dead_since,
				.leftovers = router->has_vip[i] },
		};

		if (router->remembers) {
			event.startup.resume = router->checkpoint[i];
			if (router->checkpoint[i] == VRRP_STATE_ACTIVE)
				router->has_vip[i] = true;
		}
		give(router, i, &event);
	}
	router->remembers = false;
}

static void die(struct sim_router *router, int64_t restart_at)
{
	router->alive = false;
	router->dead_since = router->world->now;
	router->restart_at = restart_at;
}

void world_stop_router(struct world *world, int index, int64_t restart_at)
{
	struct sim_router *router = &world->routers[index];
	struct vrrp_event event = { .type = VRRP_EVENT_SHUTDOWN,
		.reason = REASON_SHUTDOWN };

	if (!router->alive || router->stopping || router->paused_until)
		return;
	world_trace(world, "router %d is stopped", index);
	router->stopping = true;
	router->restart_at = restart_at;
	give_all(router, &event);
}

void world_kill_router(
	struct world *world, int index, int64_t restart_at, bool remembers)
{
	struct sim_router *router = &world->routers[index];

	if (!router->alive || router->stopping)
		return;
	world_trace(world, "router %d is killed", index);
	router->remembers = remembers;
	die(router, restart_at);
}

void world_reboot_router(struct world *world, int index, int64_t restart_at)
{
	struct sim_router *router = &world->routers[index];

	if (!router->alive || router->stopping)
		return;
	world_trace(world, "router %d loses power", index);
	router->remembers = false;
	memset(router->has_vip, 0, sizeof(router->has_vip));
	die(router, restart_at);
}

void world_pause_router(struct world *world, int index, int64_t until)
{
	struct sim_router *router = &world->routers[index];

	if (!router->alive || router->stopping || router->paused_until)
		return;
	world_trace(world, "router %d hangs", index);
	router->paused_until = until;
}

void world_set_fault(struct world *world, int index, int segment,
	enum vrrp_fault fault, bool set)
{
	struct sim_router *router = &world->routers[index];
	struct vrrp_event event = {
		.type = set ? VRRP_EVENT_FAULT_SET : VRRP_EVENT_FAULT_CLEAR,
		.fault = { fault, set ? REASON_VRRP_TRACK_SCRIPT
				      : REASON_VRRP_TRACK_RECOVERED },
	};

	if (router->paused_until)
		return;
	world_trace(world, "router %d segment %d: fault %x %s", index, segment,
		(unsigned int)fault, set ? "set" : "cleared");
	if (set)
		router->faults[segment] |= (unsigned int)fault;
	else
		router->faults[segment] &= ~(unsigned int)fault;
	if (router->alive)
		give(router, segment, &event);
}

void world_reconfigure(
	struct world *world, int index, const struct vrrp_fsm_conf *conf)
{
	struct sim_router *router = &world->routers[index];
	struct vrrp_event event = { .type = VRRP_EVENT_RECONFIGURE,
		.conf = conf };

	if (router->paused_until || router->stopping)
		return;
	router->conf = *conf;
	if (router->alive)
		give_all(router, &event);
}

/* --- time --- */

static void deliver(struct world *world, struct sim_packet *packet)
{
	struct sim_router *router = &world->routers[packet->to];
	struct vrrp_rx_meta meta = {
		.src = world->routers[packet->from].addr[packet->segment],
		.dst = sim_multicast(world),
		.ttl = 255,
	};
	struct ip_addr vip = sim_addr(world, 200);
	struct vrrp_rx_rules rules = {
		.version = world->version,
		.vrid = SIM_VRID,
		.family = world->family,
		.group = meta.dst,
		.ttl_min = 255,
		.ttl_max = 255,
		.addresses = &vip,
		.n_addresses = 1,
	};
	struct vrrp_event event = { .type = VRRP_EVENT_ADVERT };
	struct vrrp_advert advert;
	enum vrrp_rx rx;

	if (!router->alive ||
		(router->faults[packet->segment] & VRRP_FAULT_LINK))
		return;
	if (router->paused_until) {
		/* It waits in the socket, in front of the timers. */
		packet->at = router->paused_until;
		queue_push(world, packet);
		return;
	}
	rx = vrrp_packet_decode(
		packet->data, packet->len, &meta, &rules, &advert);
	if (rx != VRRP_RX_OK || advert.addresses_differ) {
		world_fail(world, "a good packet is dropped: %s",
			vrrp_rx_text(rx));
		return;
	}
	event.advert.priority = advert.priority;
	event.advert.advert_int_us = advert.advert_int_us;
	event.advert.src = advert.src;
	give(router, packet->segment, &event);
}

static void arm(struct sim_router *router, int segment)
{
	struct world *world = router->world;
	int64_t deadline = vrrp_fsm_deadline(&router->fsm[segment]);

	if (deadline == router->wake_for[segment])
		return;
	router->wake_for[segment] = deadline;
	router->wake_at[segment] = deadline;
	if (deadline != TIME_NEVER)
		router->wake_at[segment] +=
			prng_range(&world->prng, 0, world->timer_lag_us);
}

static void fire(struct sim_router *router, int segment)
{
	struct world *world = router->world;
	const struct vrrp_event event = { .type = VRRP_EVENT_TIMER };

	router->wake_for[segment] = TIME_NEVER;
	router->wake_at[segment] = TIME_NEVER;
	give(router, segment, &event);
	if (vrrp_fsm_deadline(&router->fsm[segment]) <= world->now)
		world_fail(world,
			"router %d segment %d: deadline not in the "
			"future",
			router->index, segment);
}

/* A stopped router ends when it holds nothing any more. */
static void check_stopped(struct sim_router *router)
{
	if (!router->stopping)
		return;
	for (int i = 0; i < router->world->n_segments; i++)
		if (vrrp_fsm_deadline(&router->fsm[i]) != TIME_NEVER)
			return;
	router->stopping = false;
	world_trace(router->world, "router %d has stopped", router->index);
	die(router, router->restart_at);
}

/* The next thing that happens to ROUTER by itself; *RET_SEGMENT is -1 for a
 * start. */
static int64_t next_of(struct sim_router *router, int *ret_segment)
{
	int64_t at = TIME_NEVER;

	*ret_segment = -1;
	if (!router->alive)
		return router->restart_at;
	for (int i = 0; i < router->world->n_segments; i++) {
		int64_t wake;

		arm(router, i);
		wake = router->wake_at[i];
		if (router->paused_until > wake)
			wake = router->paused_until;
		if (wake < at) {
			at = wake;
			*ret_segment = i;
		}
	}
	return at;
}

static void run_next(struct world *world, int64_t until)
{
	struct sim_router *chosen = NULL;
	struct sim_packet packet;
	int64_t best = until;
	int segment = -1;

	for (int i = 0; i < world->n_routers; i++) {
		int candidate;
		int64_t at = next_of(&world->routers[i], &candidate);

		if (at < best) {
			best = at;
			chosen = &world->routers[i];
			segment = candidate;
		}
	}
	if (world->n_queue > 0 && world->queue[0].at <= best) {
		packet = queue_pop(world);
		if (packet.at > world->now)
			world->now = packet.at;
		/* Out of the pause it reads its socket first. */
		if (world->routers[packet.to].paused_until <= world->now)
			world->routers[packet.to].paused_until = 0;
		deliver(world, &packet);
		return;
	}
	if (best > world->now)
		world->now = best;
	if (!chosen)
		return;
	if (chosen->paused_until <= world->now)
		chosen->paused_until = 0;
	if (chosen->alive)
		fire(chosen, segment);
	else
		world_start_router(world, chosen->index);
	check_stopped(chosen);
}

void world_run(struct world *world, int64_t until)
{
	while (world->now < until && !world->failed) {
		for (int i = 0; i < world->n_routers; i++)
			check_stopped(&world->routers[i]);
		run_next(world, until);
	}
}

/* --- making one --- */

static void make_conf(struct world *world, struct sim_router *router,
	uint8_t priority, int64_t interval_us)
{
	struct prng *prng = &world->prng;

	router->conf = (struct vrrp_fsm_conf){
		.version = world->version,
		.priority = priority,
		.advert_int_us = interval_us,
		.preempt = world->preempt_everywhere || prng_chance(prng, 50),
		.down_timer_adverts = 3,
		.higher_prio_send_advert = prng_chance(prng, 20),
		.lower_prio_no_advert = prng_chance(prng, 20),
		.garp = {
			.delay_us = 5 * USEC_PER_SEC,
			.repeat = 5,
			.refresh_us = prng_chance(prng, 20) ?
					      10 * USEC_PER_SEC : 0,
			.refresh_repeat = 1,
			.lower_prio_delay_us = 5 * USEC_PER_SEC,
			.lower_prio_repeat = 5,
		},
	};
	if (!world->preempt_everywhere && prng_chance(prng, 30))
		router->conf.preempt_delay_us =
			prng_range(prng, 1, 10) * interval_us;
}

static void make_router(
	struct world *world, int index, uint8_t priority, int64_t interval_us)
{
	struct sim_router *router = &world->routers[index];

	router->world = world;
	router->index = index;
	router->restart_at = TIME_NEVER;
	make_conf(world, router, priority, interval_us);
	for (int i = 0; i < world->n_segments; i++) {
		/* Who has the greater address differs by segment. */
		unsigned int low =
			(unsigned int)prng_range(&world->prng, 1, 20);

		router->addr[i] = sim_addr(
			world, low * ROUTERS_MAX + (unsigned int)index);
	}
	vrrp_group_init(&router->group);
}

void world_init(struct world *world, uint64_t seed, bool trace)
{
	struct prng *prng = &world->prng;
	int64_t interval_us = USEC_PER_SEC;
	bool same_priority;

	memset(world, 0, sizeof(*world));
	world->seed = seed;
	world->trace = trace;
	prng->state = seed;
	world->n_routers = (int)prng_range(prng, 2, ROUTERS_MAX);
	world->grouped = prng_chance(prng, 40);
	world->n_segments =
		(int)prng_range(prng, world->grouped ? 2 : 1, SEGMENTS_MAX);
	world->version = prng_chance(prng, 40) ? 2 : 3;
	world->family = world->version == 3 && prng_chance(prng, 50) ? AF_INET6
								     : AF_INET;
	world->preempt_everywhere = prng_chance(prng, 50);
	same_priority = prng_chance(prng, 25);
	if (world->version == 3)
		interval_us = prng_range(prng, 1, 100) * VRRP_CENTISECOND_US;
	for (int i = 0; i < world->n_routers; i++) {
		int64_t priority = same_priority ? 100
						 : prng_range(prng, 1, 254);

		/* In version 3 each may have its own interval. */
		if (world->version == 3 && prng_chance(prng, 20))
			interval_us =
				prng_range(prng, 1, 100) * VRRP_CENTISECOND_US;
		if (i == 0 && prng_chance(prng, 15))
			priority = VRRP_PRIORITY_OWNER;
		make_router(world, i, (uint8_t)priority, interval_us);
	}
	world->latency_us = prng_range(prng, 20, 200);
	world->timer_lag_us = prng_range(prng, 0, 300);
	world_trace(world,
		"seed %llu: %d routers, %d segments%s, version %d, "
		"%s",
		(unsigned long long)seed, world->n_routers, world->n_segments,
		world->grouped ? " in a group" : "", world->version,
		world->family == AF_INET ? "IPv4" : "IPv6");
	for (int i = 0; i < world->n_routers; i++)
		world_trace(world, "router %d: priority %d, interval %lld us%s",
			i, world->routers[i].conf.priority,
			(long long)world->routers[i].conf.advert_int_us,
			world->routers[i].conf.preempt ? "" : ", nopreempt");
}

void world_free(struct world *world)
{
	for (int i = 0; i < world->n_routers; i++)
		vrrp_group_clear(&world->routers[i].group);
	x_free(world->queue);
}

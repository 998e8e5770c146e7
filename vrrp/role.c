/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/role.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/event_sender.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/process.h"
#include "lib/timeutil.h"
#include "vrrp/bfd_role.h"
#include "vrrp/process_role.h"
#include "vrrp/shell.h"

/* A planned stop takes no longer than this. */
#define STOP_US (4 * USEC_PER_SEC)

/* The lowest real-time priority: before everything that has none, behind
 * everything that was given more. */
#define RT_PRIORITY 1

/* --- peers --- */

static int on_ran(void *state, enum role_id peer, struct message *msg)
{
	struct vrrp_role *role = state;

	(void)peer;
	return vrrp_runs_on_ran(role->runs, msg);
}

static const struct role_handler runner_handlers[] = {
	{ MSG_RAN, on_ran },
	{ 0, NULL },
};

/* The ipvs role listens only. */
static const struct role_handler ipvs_handlers[] = {
	{ 0, NULL },
};

/* So does healthcheck. */
static const struct role_handler healthcheck_handlers[] = {
	{ 0, NULL },
};

static const struct role_peer peers[] = {
	{ ROLE_RUNNER, runner_handlers },
	{ ROLE_IPVS, ipvs_handlers },
	{ ROLE_HEALTHCHECK, healthcheck_handlers },
	{ ROLE_SUPERVISOR, NULL },
};

static void peer_up(void *state, enum role_id peer)
{
	struct vrrp_role *role = state;

	if (peer == ROLE_RUNNER) {
		vrrp_runs_runner_up(role->runs);
		event_sender_flush(role->events);
		vrrp_tracker_runner_up(role->tracker);
	}
	if (peer == ROLE_IPVS)
		vrrp_for_each_instance(role, inst) vrrp_tell_ipvs(role, inst);
	if (peer == ROLE_HEALTHCHECK)
		vrrp_bfd_role_tell_all(role);
}

static void peer_down(void *state, enum role_id peer)
{
	struct vrrp_role *role = state;

	if (peer == ROLE_RUNNER)
		vrrp_runs_runner_down(role->runs);
}

/* --- the kernel --- */

static void link_told(struct vrrp_role *role, const char *name)
{
	vrrp_links_on_link(role->links, name);
	vrrp_tracker_on_link(role->tracker, name);
}

static void on_link(const struct netlink_link_info *before,
	const struct netlink_link_info *after, void *user_data)
{
	struct vrrp_role *role = user_data;

	role->links_changed = true;
	role->routes_stale = true;
	if (!before || !after || strcmp(before->name, after->name) != 0)
		role->rebind = true;
	if (before)
		link_told(role, before->name);
	if (after)
		link_told(role, after->name);
}

static void on_addr(const struct netlink_addr_info *before,
	const struct netlink_addr_info *after, void *user_data)
{
	const struct netlink_addr_info *info = after ? after : before;
	struct vrrp_role *role = user_data;
	bool is_virtual = vrrp_addresses_is_virtual(role->addresses, info);

	vrrp_addresses_on_addr(role->addresses, before, after);
	if (!is_virtual)
		role->networks_epoch++;
	/* Virtual addresses come and go in hundreds and are no source. */
	if (!is_virtual || (role->running && role->has_owner))
		role->links_changed = true;
	/* Their own routes are asked for behind them. */
	if (!is_virtual || !after)
		role->routes_stale = true;
}

static void check_all(struct vrrp_role *role)
{
	vrrp_for_each_instance(role, inst) vrrp_instance_check(inst);
}

/* A link has been up or down for long enough. */
static void link_counts(const char *name, void *user_data)
{
	struct vrrp_role *role = user_data;

	vrrp_tracker_on_link(role->tracker, name);
	check_all(role);
}

static void on_settled(void *user_data)
{
	struct vrrp_role *role = user_data;
	bool rebind = role->rebind;

	if (role->running && role->settings_changed)
		vrrp_sync_settings(role);
	if (role->running && role->links_changed)
		vrrp_vmacs_on_links(role->vmacs);
	if (role->running && rebind) {
		role->rebind = false;
		vrrp_sync_settings(role);
		vrrp_define_all_addresses(role);
		vrrp_define_filter(role);
		vrrp_define_all_routes(role);
	}
	if (role->links_changed) {
		role->links_changed = false;
		check_all(role);
	}
	if (role->running && rebind) {
		vrrp_for_each_instance(role, inst) if (inst->fsm.holding)
			vrrp_instance_put_all(inst);
		vrrp_fib_sweep(role->fib);
	}
	vrrp_addresses_on_settled(role->addresses);
	/* Last: addresses that are put back come first. */
	if (role->running && role->routes_stale) {
		role->routes_stale = false;
		vrrp_fib_recheck(role->fib);
	}
}

static void on_all_rp_filter(void *user_data)
{
	struct vrrp_role *role = user_data;

	role->settings_changed = true;
}

static const struct netlink_events netlink_events = {
	.link = on_link,
	.addr = on_addr,
	.settled = on_settled,
	.all_rp_filter = on_all_rp_filter,
};

static const struct vrrp_address_events address_events = {
	.done = vrrp_instance_addresses_done,
	.lost = vrrp_instance_address_lost,
};

static void stranger(
	const struct vrrp_rx_meta *meta, uint8_t vrid, void *user_data)
{
	struct vrrp_role *role = user_data;
	char text[IP_ADDR_STRLEN];

	if (role->running && role->running->conf->globals->log_unknown_vrids)
		log_limited(&role->stranger_limit, LOG_LEVEL_INFO,
			"%s advertises VRID %u, which is not configured here",
			ip_addr_format(&meta->src, text), (unsigned int)vrid);
}

static void track_changed(
	const struct vrrp_track_object *object, void *user_data)
{
	(void)user_data;
	vrrp_track_object_each_user(object, vrrp_instance_check_user);
}

static void group_changed(void *ctx, struct vrrp_group *core,
	enum vrrp_state from, enum vrrp_state to, enum reason reason)
{
	struct vrrp_sync_group *group = core->user;

	log_notice("%s: %s -> %s (%s)", group->subject, vrrp_state_name(from),
		vrrp_state_name(to), reason_text(reason));
	vrrp_notify_group(group, ctx, to);
}

/* --- what is done a little later --- */

static void finish_stop(struct vrrp_role *role)
{
	if (role->stopping && !role->instances && !role->retired &&
		!vrrp_vmacs_is_busy(role->vmacs) &&
		netlink_writer_is_idle(role->writer))
		role_stopped(role->role);
}

static void reap_one(struct vrrp_role *role, struct vrrp_instance *inst)
{
	struct vrrp_instance *other;

	HASH_FIND_STR(role->instances, inst->name, other);
	if (!other) {
		vrrp_checkpoint_forget(inst);
		vrrp_instance_forget_routes(inst);
	}
	DL_DELETE(role->retired, inst);
	/* At a stop it is still a member. */
	if (inst->fsm.group)
		vrrp_group_remove(inst->fsm.group, &inst->fsm);
	vrrp_instance_free(inst);
}

static void reap(void *user_data)
{
	struct vrrp_role *role = user_data;
	struct vrrp_instance *inst, *next;
	bool any = role->stopping && !role->retired;
	bool later = role->stopping;

	DL_FOREACH_SAFE (role->retired, inst, next) {
		if (inst->phase != VRRP_PHASE_STOPPED)
			continue;
		/* While addresses are being removed. */
		if (vrrp_address_set_is_busy(inst->addresses) ||
			vrrp_fib_set_is_busy(inst->routes)) {
			later = true;
			continue;
		}
		reap_one(role, inst);
		any = true;
	}
	/* Behind its addresses goes the interface that was there for them. */
	if (any) {
		vrrp_define_vmacs(role);
		vrrp_define_filter(role);
	}
	finish_stop(role);
	if (later)
		loop_timer_set(
			role->reap_timer, time_monotonic_us() + USEC_PER_MSEC);
}

void vrrp_role_reap_soon(struct vrrp_role *role)
{
	loop_timer_set(role->reap_timer, time_monotonic_us());
}

static void retry(void *user_data)
{
	struct vrrp_role *role = user_data;
	bool again = false;

	vrrp_for_each_instance(role, inst)
	{
		vrrp_instance_check(inst);
		if (inst->fsm.holding)
			vrrp_instance_put_all(inst);
		again |= vrrp_fib_set_has_failed(inst->routes);
		again |= inst->fsm.faults &
			 (VRRP_FAULT_SOCKET | VRRP_FAULT_ADDRESS);
	}
	if (vrrp_fib_set_is_wanted(role->static_routes))
		vrrp_fib_set_sync(role->static_routes, true);
	again |= vrrp_fib_set_has_failed(role->static_routes);
	role->retry_us = TIME_NEVER;
	if (again)
		vrrp_role_retry_at(role, time_monotonic_us() + VRRP_RETRY_US);
}

void vrrp_role_retry_at(struct vrrp_role *role, int64_t when_us)
{
	if (when_us >= role->retry_us)
		return;
	role->retry_us = when_us;
	loop_timer_set(role->retry_timer, when_us);
}

/* --- life --- */

static int be_real_time(void)
{
	const struct sched_param param = { .sched_priority = RT_PRIORITY };

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param) < 0)
		return -errno;
	return process_set_rttime(PROCESS_RTTIME_MAX_US);
}

/* A socket for each interface and source: as many as root may have. */
static void allow_many_sockets(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int setup(void)
{
	int err = be_real_time();

	allow_many_sockets();
	if (err)
		log_info("no real-time priority: %s", strerror(-err));
	err = process_lock_memory(true);
	if (err)
		log_info("memory is not locked: %s " PROCESS_LOCK_HINT,
			strerror(-err));
	/* Both are for busy hosts; nothing depends on them. */
	return 0;
}

/* The supervisor has named what is missing; all instances stay in FAULT. */
static void check_capabilities(struct vrrp_role *role)
{
	role->no_raw = !privileges_has(CAP_NET_RAW);
	role->no_admin = !privileges_has(CAP_NET_ADMIN);
}

static void *create(struct role *shell)
{
	struct vrrp_role *role = x_new(struct vrrp_role, 1);
	struct loop *loop = role_loop(shell);
	int err;

	role->role = shell;
	role->loop = loop;
	role->retry_us = TIME_NEVER;
	check_capabilities(role);
	err = netlink_writer_new(loop, &role->writer);
	if (!err)
		err = netlink_new(loop, &netlink_events, role, &role->netlink);
	if (err)
		log_fatal("no netlink socket: %s", strerror(-err));
	role->sockets =
		vrrp_sockets_new(loop, vrrp_instance_receive, stranger, role);
	role->announcer = vrrp_announcer_new(loop, role->netlink);
	role->addresses = vrrp_addresses_new(
		role->netlink, role->writer, &address_events);
	role->statics =
		vrrp_address_set_new(role->addresses, "static_ipaddress", NULL);
	vrrp_routes_new(role);
	role->runs = vrrp_runs_new(shell);
	role->events = event_sender_new(shell);
	role->tracker = vrrp_tracker_new(
		loop, role->netlink, role->runs, track_changed, role);
	vrrp_vmac_role_create(role);
	role->links = vrrp_links_new(loop, role->netlink, link_counts, role);
	vrrp_tracker_set_links(role->tracker, role->links);
	role->bfds = vrrp_bfd_role_new(role);
	role->bfd_timer = loop_timer_new(loop, vrrp_bfd_role_on_timer, role);
	role->processes = vrrp_process_role_new(role);
	role->reap_timer = loop_timer_new(loop, reap, role);
	role->retry_timer = loop_timer_new(loop, retry, role);
	role->sink = (struct vrrp_sink){
		.actions = vrrp_instance_actions,
		.group_state = group_changed,
		.ctx = role,
	};
	return role;
}

static void free_instances(struct vrrp_role *role)
{
	struct vrrp_sync_group *group, *next_group;
	struct vrrp_instance *inst, *next;

	HASH_ITER (hh, role->groups, group, next_group) {
		HASH_DELETE(hh, role->groups, group);
		vrrp_group_clear(&group->core);
		x_free(group->subject);
		x_free(group->name);
		x_free(group);
	}
	HASH_ITER (hh, role->instances, inst, next) {
		HASH_DELETE(hh, role->instances, inst);
		vrrp_instance_free(inst);
	}
	DL_FOREACH_SAFE (role->retired, inst, next) {
		DL_DELETE(role->retired, inst);
		vrrp_instance_free(inst);
	}
}

static void destroy(void *state)
{
	struct vrrp_role *role = state;

	free_instances(role);
	vrrp_bfds_free(role->bfds);
	vrrp_processes_free(role->processes);
	vrrp_tracker_free(role->tracker);
	vrrp_links_free(role->links);
	vrrp_runs_free(role->runs);
	event_sender_free(role->events);
	vrrp_routes_free(role);
	vrrp_address_set_free(role->statics);
	vrrp_addresses_free(role->addresses);
	vrrp_vmac_role_destroy(role);
	vrrp_announcer_free(role->announcer);
	vrrp_sockets_free(role->sockets);
	netlink_writer_free(role->writer);
	netlink_free(role->netlink);
	vrrp_checkpoint_free_all(role);
	vrrp_generation_unref(role->prepared);
	vrrp_generation_unref(role->running);
	loop_timer_free(role->bfd_timer);
	loop_timer_free(role->reap_timer);
	loop_timer_free(role->retry_timer);
	x_free(role);
}

static void restore(void *state, const char *key, const void *data, size_t len)
{
	if (!vrrp_bfd_role_restore(state, key, data, len) &&
		!vrrp_vmac_role_restore(state, key, data, len))
		vrrp_checkpoint_restore(state, key, data, len);
}

static void stop_timeout(void *user_data)
{
	struct vrrp_role *role = user_data;

	log_warning("the stop took too long; addresses may be left");
	role_stopped(role->role);
}

/* Resigns everywhere; each instance ends when its successor was heard or has
 * had the time that it needs. */
static void stop(void *state, enum stop_mode mode)
{
	struct vrrp_role *role = state;

	if (mode == STOP_LEAVE) {
		role_stopped(role->role);
		return;
	}
	role->stopping = true;
	loop_timer_free(role->retry_timer);
	role->retry_timer = loop_timer_new(role->loop, stop_timeout, role);
	loop_timer_set(role->retry_timer, time_monotonic_us() + STOP_US);
	role->retry_us = 0;
	vrrp_for_each_instance(role, inst)
	{
		HASH_DELETE(hh, role->instances, inst);
		DL_APPEND(role->retired, inst);
		vrrp_instance_shutdown(inst, REASON_SHUTDOWN);
	}
	vrrp_tracker_forget_users(role->tracker);
	vrrp_bfds_stop(role->bfds);
	if (!(role_settings_flags(role->role) & SETTINGS_KEEP_VIPS)) {
		vrrp_fib_set_sync(role->static_routes, false);
		vrrp_address_set_sync(role->statics, false);
	}
	vrrp_role_reap_soon(role);
}

const struct role_ops vrrp_role_ops = {
	.id = ROLE_VRRP,
	.keeps_copy = true,
	.peers = peers,
	.privileges = {
		.caps = { CAP_NET_RAW, CAP_NET_ADMIN },
		.n_caps = 2,
		.no_new_privileges = true,
	},
	.setup = setup,
	.create = create,
	.destroy = destroy,
	.restore = restore,
	.prepare = vrrp_prepare,
	.commit = vrrp_commit,
	.abort = vrrp_abort,
	.peer_up = peer_up,
	.peer_down = peer_down,
	.request = vrrp_request,
	.stop = stop,
};

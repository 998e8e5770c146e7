/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps an instance from taking part: its link, its source address, its
 * socket, what it tracks. */
#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/shell.h"

static unsigned int fault_index(enum vrrp_fault fault)
{
	return (unsigned int)__builtin_ctz((unsigned int)fault);
}

void vrrp_instance_set_fault(struct vrrp_instance *inst, enum vrrp_fault fault,
	bool set, enum reason reason)
{
	struct vrrp_event event = {
		.type = set ? VRRP_EVENT_FAULT_SET : VRRP_EVENT_FAULT_CLEAR,
		.fault = { fault, reason },
	};
	bool is_set = inst->fsm.faults & fault;

	if (set == is_set &&
		(!set || inst->fsm.fault_reasons[fault_index(fault)] == reason))
		return;
	vrrp_instance_event(inst, &event);
}

/* --- link --- */

static void check_link(struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	const struct netlink_link *link;
	uint32_t ifindex;

	if (!conf->interface)
		return;
	link = netlink_find_link_by_name(inst->role->netlink, conf->interface);
	ifindex = link ? link->info.ifindex : 0;
	if (vrrp_instance_find_ports(inst, ifindex)) {
		vrrp_instance_close(inst);
		inst->rules.ifindex = inst->rx_ifindex;
	}
	if (!link)
		vrrp_instance_set_fault(
			inst, VRRP_FAULT_LINK, true, REASON_VRRP_LINK_MISSING);
	else if (!inst->port)
		vrrp_instance_set_fault(
			inst, VRRP_FAULT_LINK, true, REASON_VRRP_NO_VMAC);
	else if ((!vrrp_links_is_running(inst->role->links, &link->info) ||
			 !vrrp_instance_port_is_up(inst)) &&
		 !conf->dont_track_primary)
		vrrp_instance_set_fault(
			inst, VRRP_FAULT_LINK, true, REASON_VRRP_LINK_DOWN);
	else
		vrrp_instance_set_fault(
			inst, VRRP_FAULT_LINK, false, REASON_VRRP_LINK_UP);
}

/* --- source --- */

static bool is_virtual(
	const struct vrrp_instance *inst, const struct netlink_addr_info *info)
{
	/* The owner speaks from the address that it owns. */
	return inst->conf->priority != VRRP_PRIORITY_OWNER &&
	       vrrp_addresses_is_virtual(inst->role->addresses, info);
}

static bool suits(
	const struct vrrp_instance *inst, const struct netlink_addr_info *info)
{
	const struct ip_addr *wanted = &inst->conf->source;

	if (!netlink_addr_is_usable(info))
		return false;
	if (ip_addr_is_set(wanted))
		return !ip_addr_compare(&info->addr, wanted);
	if (info->addr.family != inst->conf->family ||
		(info->flags & IFA_F_SECONDARY) || is_virtual(inst, info))
		return false;
	/* RFC 9568 5.1.2.1: the link-local one. */
	return info->addr.family == AF_INET || inst->conf->unicast ||
	       ip_addr_is_link_local(&info->addr);
}

static const struct netlink_addr *find_source(
	const struct vrrp_instance *inst, const struct netlink_link *link)
{
	const struct netlink_addr *addr;

	DL_FOREACH (link->addrs, addr)
		if (suits(inst, &addr->info))
			return addr;
	return NULL;
}

/* The address to send from; AF_UNSPEC when there is none. */
static struct ip_addr choose_source(const struct vrrp_instance *inst)
{
	const struct ip_addr none = { .family = AF_UNSPEC };
	const struct netlink_addr *addr = NULL;
	const struct netlink_link *link = netlink_find_link(
		inst->role->netlink, vrrp_instance_source_link(inst));

	if (link)
		addr = find_source(inst, link);
	/* A configured source may live on another interface. */
	if (!addr && ip_addr_is_set(&inst->conf->source))
		addr = netlink_find_local(
			inst->role->netlink, &inst->conf->source);
	return addr ? addr->info.addr : none;
}

static void check_source(struct vrrp_instance *inst)
{
	struct vrrp_event event = {
		.type = VRRP_EVENT_PRIMARY,
		.address = choose_source(inst),
	};
	bool is_set = ip_addr_is_set(&event.address);

	if (is_set && ip_addr_compare(&event.address, &inst->fsm.primary)) {
		vrrp_instance_event(inst, &event);
		inst->rules.own = event.address;
		if (inst->conf->unicast)
			vrrp_instance_close(inst);
	}
	vrrp_instance_find_networks(inst);
	/* Without a link there are no addresses; that is said already. */
	if (inst->conf->interface && !inst->port)
		return;
	vrrp_instance_set_fault(inst, VRRP_FAULT_SOURCE, !is_set,
		is_set ? REASON_VRRP_TRACK_RECOVERED : REASON_VRRP_NO_SOURCE);
}

/* --- socket --- */

void vrrp_instance_close(struct vrrp_instance *inst)
{
	if (inst->tx_sock)
		vrrp_socket_leave(inst->tx_sock, inst->tx.vrid);
	inst->tx_sock = NULL;
	if (inst->sock)
		vrrp_socket_leave(inst->sock, inst->tx.vrid);
	inst->sock = NULL;
}

/* Adverts from the interface below, heard on the virtual MAC. */
static int open_sender(
	struct vrrp_instance *inst, const struct vrrp_socket_key *key)
{
	struct vrrp_socket_key sender = *key;

	if (inst->tx_ifindex == inst->rx_ifindex)
		return 0;
	sender.ifindex = inst->tx_ifindex;
	sender.send_only = true;
	return vrrp_sockets_join(inst->role->sockets, &sender, inst->tx.vrid,
		inst, &inst->tx_sock);
}

static int open_sockets(
	struct vrrp_instance *inst, const struct vrrp_socket_key *key)
{
	int err = vrrp_sockets_join(inst->role->sockets, key, inst->tx.vrid,
		inst, &inst->sock);

	if (!err)
		err = open_sender(inst, key);
	if (err)
		vrrp_instance_close(inst);
	return err;
}

static enum reason socket_reason(const struct vrrp_instance *inst, int err)
{
	if (err != -EPERM && err != -EACCES)
		return REASON_VRRP_SOCKET;
	inst->role->no_raw = true;
	return REASON_VRRP_NO_PERMISSION;
}

static void check_socket(struct vrrp_instance *inst)
{
	const unsigned int before = inst->fsm.faults;
	struct vrrp_socket_key key = { .ifindex = inst->rx_ifindex };
	int err;

	/* unicast_fault_no_peer; without that word it is multicast. */
	if (inst->conf->unicast && !inst->conf->peers.n) {
		vrrp_instance_set_fault(
			inst, VRRP_FAULT_SOCKET, true, REASON_VRRP_NO_PEER);
		vrrp_instance_close(inst);
		return;
	}
	if (inst->sock || (inst->conf->interface && !inst->port) ||
		!ip_addr_is_set(&inst->fsm.primary) ||
		(inst->fsm.faults & VRRP_FAULT_SOURCE))
		return;
	/* No such digest: rather nothing than without authentication. */
	if ((inst->rules.auth_type == VRRP_AUTH_AH && !inst->ah) ||
		(inst->conf->hmac && !inst->hmac)) {
		vrrp_instance_set_fault(
			inst, VRRP_FAULT_SOCKET, true, REASON_VRRP_SOCKET);
		return;
	}
	key.bind = inst->conf->unicast ? inst->fsm.primary
				       : inst->conf->mcast_group;
	key.ah = inst->ah;
	key.any_source = inst->vmac && !inst->conf->unicast;
	key.vrid = key.any_source ? inst->tx.vrid : 0;
	err = open_sockets(inst, &key);
	if (!err) {
		inst->role->no_raw = false;
		vrrp_instance_set_fault(inst, VRRP_FAULT_SOCKET, false,
			REASON_VRRP_TRACK_RECOVERED);
		return;
	}
	if (!(before & VRRP_FAULT_SOCKET))
		log_error("%s: cannot open its socket: %s", inst->subject,
			strerror(-err));
	vrrp_instance_set_fault(
		inst, VRRP_FAULT_SOCKET, true, socket_reason(inst, err));
	vrrp_role_retry_at(inst->role, time_monotonic_us() + VRRP_RETRY_US);
}

/* --- tracked objects, addresses --- */

static void check_tracks(struct vrrp_instance *inst, bool *ret_pending)
{
	struct vrrp_event event = { .type = VRRP_EVENT_PRIORITY };
	struct vrrp_track_result result = vrrp_track_evaluate(
		(uint8_t)inst->conf->priority, inst->track_refs, inst->n_tracks,
		inst->conf->ignore_weights);

	if (!result.fault && vrrp_instance_statics_lost(inst)) {
		result.fault = true;
		result.reason = REASON_VRRP_STATIC_LOST;
	}
	*ret_pending = result.pending;
	if (result.priority != inst->fsm.priority) {
		log_info("%s: priority %u -> %u", inst->subject,
			(unsigned int)inst->fsm.priority,
			(unsigned int)result.priority);
		event.priority = result.priority;
		vrrp_instance_event(inst, &event);
	}
	vrrp_instance_set_fault(inst, VRRP_FAULT_TRACK, result.fault,
		result.fault ? result.reason : REASON_VRRP_TRACK_RECOVERED);
}

static void check_addresses(struct vrrp_instance *inst)
{
	if (inst->role->no_admin)
		vrrp_instance_set_fault(inst, VRRP_FAULT_ADDRESS, true,
			REASON_VRRP_NO_PERMISSION);
	else if (time_monotonic_us() >= inst->address_retry_us)
		vrrp_instance_set_fault(inst, VRRP_FAULT_ADDRESS, false,
			REASON_VRRP_TRACK_RECOVERED);
}

/* --- start --- */

static int64_t predecessor_gap(const struct vrrp_role *role)
{
	int64_t last = role_predecessor_us(role->role);

	return last ? time_monotonic_us() - last : 0;
}

/* vrrp_delay_after_boot: what is left of it. */
static int64_t boot_delay(const struct vrrp_instance *inst)
{
	const struct vrrp_conf *conf = inst->generation->conf;
	int64_t left = conf->globals->delay_after_boot_us - time_boot_us();

	return left > 0 ? left : 0;
}

static void start(struct vrrp_instance *inst)
{
	struct vrrp_event event = { .type = VRRP_EVENT_STARTUP };

	inst->phase = VRRP_PHASE_LIVE;
	if (inst->resumes) {
		event.startup.resume = inst->resume;
		event.startup.gap_us = predecessor_gap(inst->role);
	}
	event.startup.delay_us = boot_delay(inst);
	event.startup.leftovers = vrrp_address_set_any_present(inst->addresses);
	vrrp_instance_event(inst, &event);
	/* Routes alone are nothing to hold on to. */
	if (!inst->fsm.holding)
		vrrp_fib_set_sync(inst->routes, false);
}

void vrrp_instance_check(struct vrrp_instance *inst)
{
	bool pending;

	if (inst->phase != VRRP_PHASE_NEW && inst->phase != VRRP_PHASE_LIVE)
		return;
	/* A moment; it would be a FAULT that is none. */
	if (inst->phase == VRRP_PHASE_NEW && vrrp_instance_waits_for_vmac(inst))
		return;
	check_link(inst);
	check_source(inst);
	check_socket(inst);
	check_tracks(inst, &pending);
	check_addresses(inst);
	/* A script that says nothing yet holds up a first start, as with
	 * keepalived, but not one that goes on. */
	if (inst->phase == VRRP_PHASE_NEW && (!pending || inst->resumes))
		start(inst);
}

void vrrp_instance_check_user(void *inst)
{
	vrrp_instance_check(inst);
}

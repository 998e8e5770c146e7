/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making, adopting and looking after virtual-MAC interfaces. */
#include <errno.h>
#include <linux/if_addr.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/sysctl.h"
#include "lib/timeutil.h"
#include "vrrp/vmac_internal.h"

/* One that others remove or change again and again is put right so often, and
 * one that cannot be made is tried again then. */
#define RETRY_US (1 * USEC_PER_SEC)
#define MAKE_RETRY_US (3 * USEC_PER_SEC)
#define READ_TRIES 16

/* Messages of the job that makes one. */
enum {
	JOB_MAKE,
	JOB_CHANGE,
	JOB_NO_ADDRESS,
};

/* --- states --- */

static void try_again(struct vrrp_vmac *vmac)
{
	vmac->retry_us = time_monotonic_us() + MAKE_RETRY_US;
	loop_timer_set(vmac->vmacs->timer, vmac->retry_us);
}

/* Said once for each cause. */
static void wait_because(struct vrrp_vmac *vmac, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void wait_because(struct vrrp_vmac *vmac, const char *format, ...)
{
	char text[sizeof(vmac->problem)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	vmac->state = VMAC_WAITING;
	vrrp_vmac_let_go(vmac);
	if (strcmp(text, vmac->problem) != 0)
		log_error("%s: no virtual-MAC interface: %s", vmac->subject,
			text);
	memcpy(vmac->problem, text, sizeof(text));
}

static void ready(struct vrrp_vmac *vmac)
{
	vmac->state = VMAC_READY;
	vmac->problem[0] = 0;
	vmac->vmacs->events->owned(
		vmac->ifindex, true, vmac->vmacs->user_data);
}

/* --- the last steps: what rtnetlink does not set, and up --- */

static void set_inet6(const struct vrrp_vmac *vmac, enum sysctl_setting setting,
	int value)
{
	int now, err = sysctl_get(setting, vmac->interface, &now);

	if (!err && now != value)
		err = sysctl_set(setting, vmac->interface, value);
	/* -ENOENT: this kernel has no IPv6. */
	if (err && err != -ENOENT)
		log_limited(&vmac->vmacs->limit, LOG_LEVEL_WARNING,
			"%s: cannot set %s of %s to %d: %s", vmac->subject,
			sysctl_name(setting), vmac->interface, value,
			strerror(-err));
}

/* Router advertisements are for the interface itself; here they would make
 * an address of the virtual MAC. */
static void settle_inet6(const struct vrrp_vmac *vmac)
{
	if (!vmac->want.uses_inet6) {
		set_inet6(vmac, SYSCTL_IPV6_DISABLE, 1);
		return;
	}
	set_inet6(vmac, SYSCTL_IPV6_DISABLE, 0);
	set_inet6(vmac, SYSCTL_IPV6_ACCEPT_RA, 0);
	set_inet6(vmac, SYSCTL_IPV6_AUTOCONF, 0);
}

/* Wanted no more, since the job began.  True when it is gone. */
static bool drop_unwanted(struct vrrp_vmac *vmac)
{
	if (vmac->claimed)
		return false;
	vrrp_vmac_drop(vmac, false);
	return true;
}

static void rise_done(const int *errors, size_t n, void *user_data)
{
	struct vrrp_vmac *vmac = user_data;
	size_t i;

	vmac->job = NULL;
	if (drop_unwanted(vmac))
		return;
	for (i = 0; i < n; i++) {
		if (!errors[i] || errors[i] == -EEXIST)
			continue;
		wait_because(vmac, "%s: %s", vmac->interface,
			strerror(-errors[i]));
		try_again(vmac);
		return;
	}
	netlink_read(vmac->vmacs->netlink);
	log_info("%s: interface %s is ready", vmac->subject, vmac->interface);
	ready(vmac);
	vrrp_vmacs_tell(vmac->vmacs);
}

static void add_own_address(struct vrrp_vmac *vmac, bool *needed)
{
	struct netlink_addr_info info = {
		.ifindex = vmac->ifindex,
		.addr = vmac->address,
		.prefix_len = vmac->address_len,
		.valid_s = NETLINK_LIFETIME_FOREVER,
		.preferred_s = NETLINK_LIFETIME_FOREVER,
		.proto = NETLINK_ADDR_PROTO,
		.flags = vmac->address.family == AF_INET6 ? IFA_F_NODAD : 0,
	};

	if (!ip_addr_is_set(&vmac->address) ||
		netlink_find_addr(vmac->vmacs->netlink, &info))
		return;
	netlink_job_add_addr(vmac->job, &info);
	*needed = true;
}

/* CHANGE (NULL = none) is done on the way. */
static void rise(struct vrrp_vmac *vmac, const struct netlink_link_info *link,
	const struct netlink_link_change *change)
{
	struct netlink_link_change up = { .ifindex = vmac->ifindex, .up = true };
	bool needed = change;

	settle_inet6(vmac);
	vmac->job = netlink_job_new(vmac->vmacs->writer, rise_done, vmac);
	if (change)
		netlink_job_change_link(vmac->job, change);
	if (!(link->flags & IFF_UP)) {
		netlink_job_change_link(vmac->job, &up);
		needed = true;
	}
	add_own_address(vmac, &needed);
	vmac->state = VMAC_RISING;
	if (needed) {
		netlink_job_submit(vmac->job);
		return;
	}
	/* Adopted as it is. */
	netlink_job_discard(vmac->job);
	vmac->job = NULL;
	ready(vmac);
}

static void change_done(const int *errors, size_t n, void *user_data)
{
	size_t i;

	(void)user_data;
	for (i = 0; i < n; i++)
		if (errors[i] && errors[i] != -ENODEV)
			log_warning("cannot set up a virtual-MAC interface: %s",
				strerror(-errors[i]));
}

static void submit_change(
	struct vrrp_vmac *vmac, const struct netlink_link_change *change)
{
	struct netlink_job *job =
		netlink_job_new(vmac->vmacs->writer, change_done, NULL);

	netlink_job_change_link(job, change);
	netlink_job_submit(job);
}

void vrrp_vmac_change_families(
	struct vrrp_vmac *vmac, bool uses_inet, bool uses_inet6)
{
	const struct netlink *netlink = vmac->vmacs->netlink;
	const struct netlink_link *link, *parent;
	struct netlink_link_change change;

	if (vmac->want.uses_inet == uses_inet &&
		vmac->want.uses_inet6 == uses_inet6)
		return;
	vmac->want.uses_inet = uses_inet;
	vmac->want.uses_inet6 = uses_inet6;
	link = netlink_find_link(netlink, vmac->ifindex);
	parent = netlink_find_link_by_name(netlink, vmac->want.parent);
	if (vmac->state != VMAC_READY || !link || !parent)
		return;
	settle_inet6(vmac);
	/* Only the settings of IPv4: the rest is as it was. */
	if (!vrrp_vmac_fill_change(&vmac->want, &parent->info,
		    link->info.master, vmac->interface, &link->info, &change))
		return;
	submit_change(vmac, &change);
}

/* --- making --- */

static bool find_vrf(struct vrrp_vmac *vmac,
	const struct netlink_link_info *parent, uint32_t *ret)
{
	const struct netlink *netlink = vmac->vmacs->netlink;
	const struct netlink_link *link;

	*ret = 0;
	link = vmac->want.vrf[0]
		       ? netlink_find_link_by_name(netlink, vmac->want.vrf)
		       : netlink_find_link(netlink, parent->master);
	if (link && link->info.kind == NETLINK_KIND_VRF)
		*ret = link->info.ifindex;
	else if (vmac->want.vrf[0])
		wait_because(vmac, "%s is no VRF", vmac->want.vrf);
	return *ret || !vmac->want.vrf[0];
}

struct made_search {
	const struct vrrp_vmac *vmac;
	const struct netlink_link *found;
};

/* Its MAC is nowhere else on that interface, whatever it is called by now; of
 * an ipvlan there is the name alone. */
static void match_made(const struct netlink_link *link, void *user_data)
{
	struct made_search *search = user_data;
	const struct vrrp_vmac *vmac = search->vmac;

	if (vmac->want.kind == NETLINK_KIND_MACVLAN &&
		link->info.kind == NETLINK_KIND_MACVLAN &&
		link->info.parent == vmac->place.parent &&
		link->info.mac_len == NETLINK_MAC_BYTES &&
		memcmp(link->info.mac, vmac->want.mac, NETLINK_MAC_BYTES) == 0)
		search->found = link;
}

/* The news of it may be behind that of many others, or lost, and udev may
 * have called it something else: what we made we find, lest it stay behind. */
static const struct netlink_link *find_made(struct vrrp_vmac *vmac)
{
	struct netlink *netlink = vmac->vmacs->netlink;
	struct made_search search = { vmac, NULL };
	const struct netlink_link *link = NULL;
	unsigned int i;

	for (i = 0; !link && i < READ_TRIES; i++) {
		netlink_read(netlink);
		link = netlink_find_link_by_name(netlink, vmac->interface);
	}
	if (link)
		return link;
	netlink_resync(netlink);
	link = netlink_find_link_by_name(netlink, vmac->interface);
	if (link)
		return link;
	netlink_each_link(netlink, match_made, &search);
	return search.found;
}

/* -ENOBUFS: the answer was lost. */
static bool may_be_made(int error)
{
	return !error || error == -ENOBUFS;
}

static void make_done(const int *errors, size_t n, void *user_data)
{
	struct vrrp_vmac *vmac = user_data;
	const struct netlink_link *link = NULL;
	int err = errors[JOB_MAKE] ? errors[JOB_MAKE] : errors[JOB_CHANGE];

	vmac->job = NULL;
	/* The third is for a kernel without IPv6. */
	(void)n;
	if (may_be_made(errors[JOB_MAKE]))
		link = find_made(vmac);
	if (link) {
		vmac->ifindex = link->info.ifindex;
		vrrp_vmac_hold(vmac, link->info.name, vmac->place.parent);
	}
	if (drop_unwanted(vmac))
		return;
	if (err || !link) {
		wait_because(vmac, "cannot make %s on %s: %s", vmac->interface,
			vmac->want.parent,
			err == -EADDRINUSE
				? "another interface on it has the MAC"
				: strerror(err ? -err : ENODEV));
		try_again(vmac);
		return;
	}
	rise(vmac, &link->info, NULL);
}

static void make(struct vrrp_vmac *vmac, const struct netlink_link_info *parent,
	uint32_t vrf, const char *name)
{
	struct netlink_link_change change, inet6;
	struct netlink_link_make message;

	vrrp_vmac_hold(vmac, name, vrrp_vmac_base(parent));
	vrrp_vmac_fill_make(&vmac->want, parent, vmac->interface, &message);
	vrrp_vmac_fill_change(
		&vmac->want, parent, vrf, vmac->interface, NULL, &change);
	inet6 = (struct netlink_link_change){ .name = vmac->interface,
		.no_auto_address = change.no_auto_address };
	change.no_auto_address = false;
	if (!vmac->problem[0])
		log_info("%s: makes interface %s", vmac->subject, name);
	vmac->state = VMAC_MAKING;
	vmac->job = netlink_job_new(vmac->vmacs->writer, make_done, vmac);
	netlink_job_make_link(vmac->job, &message);
	netlink_job_change_link(vmac->job, &change);
	netlink_job_change_link(vmac->job, &inet6);
	netlink_job_submit(vmac->job);
}

static void adopt(struct vrrp_vmac *vmac,
	const struct netlink_link_info *parent, uint32_t vrf,
	const struct netlink_link *link)
{
	struct netlink_link_change change;
	bool different;

	/* Its settings may have changed without an event. */
	netlink_refresh_link(vmac->vmacs->netlink, link->info.ifindex);
	vrrp_vmac_hold(vmac, link->info.name, vrrp_vmac_base(parent));
	vmac->ifindex = link->info.ifindex;
	different = vrrp_vmac_fill_change(&vmac->want, parent, vrf,
		vmac->interface, &link->info, &change);
	log_info("%s: adopts interface %s", vmac->subject, vmac->interface);
	rise(vmac, &link->info, different ? &change : NULL);
}

/* What the kernel has for it from earlier.  An ipvlan is known by its name
 * alone. */
static const struct netlink_link *find_old(const struct vrrp_vmac *vmac,
	const struct vmac_place *place, uint32_t parent)
{
	const struct netlink *netlink = vmac->vmacs->netlink;
	const struct netlink_link *link;
	const struct vmac_old *old;
	char name[IFNAMSIZ];

	if (vmac->want.kind == NETLINK_KIND_MACVLAN) {
		HASH_FIND(hh, vmac->vmacs->olds, place, sizeof(*place), old);
		link = old ? netlink_find_link(netlink, old->ifindex) : NULL;
	} else {
		vrrp_vmac_name(&vmac->want, 0, name);
		link = netlink_find_link_by_name(netlink, name);
	}
	if (!link || !vrrp_vmac_name_fits(&vmac->want, link->info.name) ||
		vrrp_vmac_compare(&vmac->want, parent, &link->info) !=
			VRRP_VMAC_MATCHES ||
		vrrp_vmac_name_is_taken(vmac->vmacs, link->info.name))
		return NULL;
	return link;
}

static bool find_name(struct vrrp_vmac *vmac, uint32_t parent, char *name)
{
	const struct netlink_link *link = NULL;
	unsigned int i;

	for (i = 0; vrrp_vmac_name(&vmac->want, i, name); i++) {
		link = netlink_find_link_by_name(vmac->vmacs->netlink, name);
		if (!link && !vrrp_vmac_name_is_taken(vmac->vmacs, name))
			return true;
		if (vmac->want.name[0])
			break;
	}
	wait_because(vmac, "%s %s", name,
		link ? vrrp_vmac_match_text(vrrp_vmac_compare(
			       &vmac->want, parent, &link->info))
		     : "is another's");
	return false;
}

static void begin_work(struct vrrp_vmac *vmac)
{
	const struct netlink_link *parent, *old;
	const struct vrrp_vmac *holder;
	struct vmac_place place;
	char name[IFNAMSIZ];
	uint32_t vrf, base;

	parent = netlink_find_link_by_name(
		vmac->vmacs->netlink, vmac->want.parent);
	vmac->blocked = false;
	if (!parent) {
		/* Said of the interface itself already. */
		snprintf(vmac->problem, sizeof(vmac->problem),
			"interface %s is missing", vmac->want.parent);
		return;
	}
	base = vrrp_vmac_base(&parent->info);
	place = vrrp_vmac_place(&vmac->want, base);
	holder = vrrp_vmac_place_holder(vmac, &place);
	if (holder && holder->live && holder->state != VMAC_DYING) {
		wait_because(vmac, "%s of %s has its MAC on %s",
			holder->interface, holder->subject, vmac->want.parent);
		return;
	}
	vmac->blocked = holder;
	if (holder) {
		snprintf(vmac->problem, sizeof(vmac->problem),
			"its predecessor is not gone yet");
		return;
	}
	if (!find_vrf(vmac, &parent->info, &vrf))
		return;
	old = find_old(vmac, &place, base);
	if (old)
		adopt(vmac, &parent->info, vrf, old);
	else if (find_name(vmac, base, name))
		make(vmac, &parent->info, vrf, name);
}

static void lost(struct vrrp_vmac *vmac)
{
	struct vrrp_vmacs *vmacs = vmac->vmacs;
	int64_t now = time_monotonic_us();
	bool pause = now < vmac->retry_us;

	vmacs->events->owned(vmac->ifindex, false, vmacs->user_data);
	vmac->ifindex = 0;
	vrrp_vmac_let_go(vmac);
	vmac->state = VMAC_WAITING;
	if (!netlink_find_link_by_name(vmacs->netlink, vmac->want.parent)) {
		log_notice("%s: interface %s is gone with %s", vmac->subject,
			vmac->interface, vmac->want.parent);
		vmac->retry_us = 0;
		begin_work(vmac);
		return;
	}
	log_warning("%s: somebody removed interface %s; it is made again",
		vmac->subject, vmac->interface);
	/* Who removes it again and again is not raced. */
	if (!pause)
		begin_work(vmac);
	vmac->retry_us = now + RETRY_US;
	if (pause)
		loop_timer_set(vmacs->timer, vmac->retry_us);
}

/* Boot scripts and udev rules set rp_filter of whatever appears, and then the
 * twin is not heard any more. */
static void put_right(
	struct vrrp_vmac *vmac, const struct netlink_link_info *link)
{
	struct netlink *netlink = vmac->vmacs->netlink;
	int64_t now = time_monotonic_us();
	const struct netlink_link *parent;
	struct netlink_link_change change;

	if (!vmac->want.uses_inet || !link->has_devconf ||
		!link->devconf[NETLINK_DEVCONF_RP_FILTER])
		return;
	if (now < vmac->retry_us) {
		loop_timer_set(vmac->vmacs->timer, vmac->retry_us);
		return;
	}
	/* Not our own change, of which the cache has not heard. */
	netlink_refresh_link(netlink, vmac->ifindex);
	parent = netlink_find_link_by_name(netlink, vmac->want.parent);
	if (!parent || !link->devconf[NETLINK_DEVCONF_RP_FILTER] ||
		!vrrp_vmac_fill_change(&vmac->want, &parent->info, link->master,
			vmac->interface, link, &change))
		return;
	vmac->retry_us = now + RETRY_US;
	log_notice("%s: somebody set rp_filter of %s; it is put back",
		vmac->subject, vmac->interface);
	submit_change(vmac, &change);
	loop_timer_set(vmac->vmacs->timer, vmac->retry_us);
}

/* It may have gone, have another name, or other settings. */
static void look_at(struct vrrp_vmac *vmac)
{
	const struct netlink_link *link =
		netlink_find_link(vmac->vmacs->netlink, vmac->ifindex);

	if (!link) {
		lost(vmac);
		return;
	}
	if (strcmp(link->info.name, vmac->interface) != 0) {
		log_notice("%s: interface %s is called %s now", vmac->subject,
			vmac->interface, link->info.name);
		vrrp_vmac_hold(vmac, link->info.name, vmac->place.parent);
	}
	put_right(vmac, &link->info);
}

static void work(struct vrrp_vmac *vmac)
{
	switch (vmac->state) {
	case VMAC_WAITING:
		if (time_monotonic_us() >= vmac->retry_us)
			begin_work(vmac);
		else
			loop_timer_set(vmac->vmacs->timer, vmac->retry_us);
		return;
	case VMAC_READY:
		look_at(vmac);
		return;
	case VMAC_MAKING:
	case VMAC_RISING:
	case VMAC_DYING:
		return;
	}
}

static void note_old(const struct netlink_link *link, void *user_data)
{
	struct vrrp_vmacs *vmacs = user_data;
	struct vmac_old *old;
	struct vmac_place place;

	if (link->info.kind != NETLINK_KIND_MACVLAN ||
		link->info.mac_len != NETLINK_MAC_BYTES)
		return;
	memset(&place, 0, sizeof(place));
	place.parent = link->info.parent;
	memcpy(place.mac, link->info.mac, sizeof(place.mac));
	HASH_FIND(hh, vmacs->olds, &place, sizeof(place), old);
	if (old)
		return;
	old = x_new(struct vmac_old, 1);
	old->place = place;
	old->ifindex = link->info.ifindex;
	HASH_ADD(hh, vmacs->olds, place, sizeof(old->place), old);
}

static bool any_waits(const struct vrrp_vmacs *vmacs)
{
	const struct vrrp_vmac *vmac;

	for (vmac = vmacs->all; vmac; vmac = vmac->hh.next)
		if (vmac->state == VMAC_WAITING)
			return true;
	return false;
}

void vrrp_vmacs_work(struct vrrp_vmacs *vmacs)
{
	struct vrrp_vmac *vmac, *next;
	struct vmac_old *old, *next_old;

	if (any_waits(vmacs))
		netlink_each_link(vmacs->netlink, note_old, vmacs);
	HASH_ITER (hh, vmacs->all, vmac, next)
		work(vmac);
	HASH_ITER (hh, vmacs->olds, old, next_old) {
		HASH_DELETE(hh, vmacs->olds, old);
		x_free(old);
	}
}

void vrrp_vmacs_on_links(struct vrrp_vmacs *vmacs)
{
	vrrp_vmacs_work(vmacs);
}

void vrrp_vmacs_retry(void *vmacs)
{
	vrrp_vmacs_work(vmacs);
	vrrp_vmacs_tell(vmacs);
}

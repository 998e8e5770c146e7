/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/vmac_internal.h"

#include <string.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

/* --- asking --- */

uint32_t vrrp_vmac_ifindex(const struct vrrp_vmac *vmac)
{
	return vmac->state == VMAC_READY ? vmac->ifindex : 0;
}

bool vrrp_vmac_is_pending(const struct vrrp_vmac *vmac)
{
	return vmac->state == VMAC_MAKING || vmac->state == VMAC_RISING ||
	       vmac->blocked;
}

const char *vrrp_vmac_interface(const struct vrrp_vmac *vmac)
{
	return vmac->interface;
}

const char *vrrp_vmac_subject(const struct vrrp_vmac *vmac)
{
	return vmac->subject;
}

const char *vrrp_vmac_problem(const struct vrrp_vmac *vmac)
{
	return vmac->state == VMAC_WAITING ? vmac->problem : "";
}

const struct vrrp_vmac_want *vrrp_vmac_get_want(const struct vrrp_vmac *vmac)
{
	return &vmac->want;
}

static struct vmac_wire wire_of(const struct vrrp_vmac_want *want)
{
	struct vmac_wire wire;

	memset(&wire, 0, sizeof(wire));
	memcpy(wire.parent, want->parent, sizeof(wire.parent));
	memcpy(wire.mac, want->mac, sizeof(wire.mac));
	wire.kind = want->kind;
	return wire;
}

static struct vrrp_vmac *find_wire(
	const struct vrrp_vmacs *vmacs, const struct vrrp_vmac_want *want)
{
	const struct vmac_wire wire = wire_of(want);
	struct vrrp_vmac *vmac;

	HASH_FIND(hh_wire, vmacs->wires, &wire, sizeof(wire), vmac);
	return vmac;
}

const struct vrrp_vmac *vrrp_vmacs_find_shared(
	const struct vrrp_vmacs *vmacs, const struct vrrp_vmac_want *want)
{
	return find_wire(vmacs, want);
}

bool vrrp_vmacs_is_busy(const struct vrrp_vmacs *vmacs)
{
	return vmacs->dying || vmacs->all;
}

void vrrp_vmacs_each(const struct vrrp_vmacs *vmacs,
	void (*callback)(const struct vrrp_vmac *vmac, void *user_data),
	void *user_data)
{
	const struct vrrp_vmac *vmac;

	for (vmac = vmacs->all; vmac; vmac = vmac->hh.next)
		callback(vmac, user_data);
}

/* --- names and MACs --- */

struct vmac_place vrrp_vmac_place(
	const struct vrrp_vmac_want *want, uint32_t parent)
{
	struct vmac_place place;

	memset(&place, 0, sizeof(place));
	place.parent = parent;
	memcpy(place.mac, want->mac, sizeof(place.mac));
	return place;
}

bool vrrp_vmac_name_is_taken(const struct vrrp_vmacs *vmacs, const char *name)
{
	const struct vrrp_vmac *other;

	HASH_FIND(hh_name, vmacs->names, name, strlen(name), other);
	return other;
}

const struct vrrp_vmac *vrrp_vmac_place_holder(
	const struct vrrp_vmac *vmac, const struct vmac_place *place)
{
	const struct vrrp_vmac *other;

	if (vmac->want.kind != NETLINK_KIND_MACVLAN)
		return NULL;
	HASH_FIND(hh_place, vmac->vmacs->places, place, sizeof(*place), other);
	return other;
}

void vrrp_vmac_let_go(struct vrrp_vmac *vmac)
{
	if (!vmac->holds)
		return;
	vmac->holds = false;
	HASH_DELETE(hh_name, vmac->vmacs->names, vmac);
	if (vmac->want.kind == NETLINK_KIND_MACVLAN)
		HASH_DELETE(hh_place, vmac->vmacs->places, vmac);
}

void vrrp_vmac_hold(struct vrrp_vmac *vmac, const char *name, uint32_t parent)
{
	struct vrrp_vmacs *vmacs = vmac->vmacs;

	vrrp_vmac_let_go(vmac);
	memset(vmac->interface, 0, IFNAMSIZ);
	memcpy(vmac->interface, name, strnlen(name, IFNAMSIZ - 1));
	vmac->place = vrrp_vmac_place(&vmac->want, parent);
	vmac->holds = true;
	HASH_ADD_KEYPTR(hh_name, vmacs->names, vmac->interface,
		strlen(vmac->interface), vmac);
	if (vmac->want.kind == NETLINK_KIND_MACVLAN)
		HASH_ADD(hh_place, vmacs->places, place, sizeof(vmac->place),
			vmac);
}

/* --- what changed --- */

void vrrp_vmacs_tell(struct vrrp_vmacs *vmacs)
{
	loop_timer_set(vmacs->tell_timer, time_monotonic_us());
}

static void tell_now(void *user_data)
{
	struct vrrp_vmacs *vmacs = user_data;

	vmacs->events->changed(vmacs->user_data);
}

/* --- what is wanted --- */

void vrrp_vmacs_begin(struct vrrp_vmacs *vmacs)
{
	struct vrrp_vmac *vmac;

	HASH_CLEAR(hh_wire, vmacs->wires);
	for (vmac = vmacs->all; vmac; vmac = vmac->hh.next)
		vmac->claimed = vmac->live = vmac->says_inet =
			vmac->says_inet6 = false;
}

static void claimed(
	struct vrrp_vmac *vmac, const struct vrrp_vmac_want *want, bool live)
{
	vmac->claimed = true;
	vmac->live |= live;
	vmac->says_inet |= want->uses_inet;
	vmac->says_inet6 |= want->uses_inet6;
}

struct vrrp_vmac *vrrp_vmacs_claim(struct vrrp_vmacs *vmacs,
	const struct vrrp_vmac_want *want, const char *subject, bool live)
{
	const struct vrrp_vmac_want key = vrrp_vmac_identity(want);
	struct vrrp_vmac *vmac;

	HASH_FIND(hh, vmacs->all, &key, sizeof(key), vmac);
	if (!vmac) {
		vmac = x_new(struct vrrp_vmac, 1);
		memcpy(&vmac->key, &key, sizeof(key));
		vmac->want = *want;
		vmac->wire = wire_of(want);
		vmac->vmacs = vmacs;
		vmac->subject = x_strdup(subject);
		HASH_ADD(hh, vmacs->all, key, sizeof(vmac->key), vmac);
	}
	if (!vmac->claimed && !find_wire(vmacs, want))
		HASH_ADD(hh_wire, vmacs->wires, wire, sizeof(vmac->wire), vmac);
	claimed(vmac, want, live);
	return vmac;
}

struct vrrp_vmac *vrrp_vmacs_share(struct vrrp_vmacs *vmacs,
	const struct vrrp_vmac_want *want, const char *subject, bool live)
{
	struct vrrp_vmac *vmac = find_wire(vmacs, want);

	if (!vmac)
		return vrrp_vmacs_claim(vmacs, want, subject, live);
	claimed(vmac, want, live);
	return vmac;
}

void vrrp_vmac_set_address(
	struct vrrp_vmac *vmac, const struct ip_addr *addr, uint8_t prefix_len)
{
	vmac->address = *addr;
	vmac->address_len = prefix_len;
}

void vrrp_vmacs_end(struct vrrp_vmacs *vmacs, bool keep)
{
	struct vrrp_vmac *vmac, *next;

	HASH_ITER (hh, vmacs->all, vmac, next)
		if (!vmac->claimed)
			vrrp_vmac_drop(vmac, keep);
		else
			vrrp_vmac_change_families(
				vmac, vmac->says_inet, vmac->says_inet6);
	vrrp_vmacs_work(vmacs);
}

void vrrp_vmac_free(struct vrrp_vmac *vmac)
{
	vrrp_vmac_let_go(vmac);
	if (vmac->job)
		netlink_job_detach(vmac->job);
	x_free(vmac->subject);
	x_free(vmac);
}

/* --- life --- */

struct vrrp_vmacs *vrrp_vmacs_new(struct loop *loop, struct netlink *netlink,
	struct netlink_writer *writer, const struct vrrp_vmac_events *events,
	void *user_data)
{
	struct vrrp_vmacs *vmacs = x_new(struct vrrp_vmacs, 1);

	vmacs->loop = loop;
	vmacs->netlink = netlink;
	vmacs->writer = writer;
	vmacs->events = events;
	vmacs->user_data = user_data;
	vmacs->timer = loop_timer_new(loop, vrrp_vmacs_retry, vmacs);
	vmacs->remove_timer = loop_timer_new(loop, vrrp_vmacs_remove, vmacs);
	vmacs->tell_timer = loop_timer_new(loop, tell_now, vmacs);
	return vmacs;
}

void vrrp_vmacs_free(struct vrrp_vmacs *vmacs)
{
	struct vrrp_vmac *vmac, *next;

	if (!vmacs)
		return;
	HASH_CLEAR(hh_wire, vmacs->wires);
	HASH_ITER (hh, vmacs->all, vmac, next) {
		HASH_DELETE(hh, vmacs->all, vmac);
		vrrp_vmac_free(vmac);
	}
	while ((vmac = vmacs->dying)) {
		LL_DELETE(vmacs->dying, vmac);
		vrrp_vmac_free(vmac);
	}
	if (vmacs->removal)
		netlink_job_detach(vmacs->removal);
	loop_timer_free(vmacs->tell_timer);
	loop_timer_free(vmacs->remove_timer);
	loop_timer_free(vmacs->timer);
	x_free(vmacs);
}

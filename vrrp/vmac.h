/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual-MAC interfaces: makes what is wanted, adopts what is there already,
 * removes what is not wanted any more, and nothing else.
 *
 * What is wanted is said anew for all of them between begin and end.  One that
 * is wanted as before is not touched.  CHANGED is called when one became
 * ready, was lost or was removed, never from within a call.  An interface that
 * somebody removes is made again; one that is in the way is said, and waited
 * for.  vmac_plan.h has the decisions.
 *
 * Borrowed: the netlink cache and writer; what the cache hears is passed in by
 * the owner of both.
 */
#ifndef TANDEM_VRRP_VMAC_H
#define TANDEM_VRRP_VMAC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop.h"
#include "lib/netlink.h"
#include "lib/netlink_writer.h"
#include "vrrp/vmac_plan.h"

struct vrrp_vmacs;
struct vrrp_vmac;

struct vrrp_vmac_events {
	/* Something is different; ask. */
	void (*changed)(void *user_data);
	/* Interface IFINDEX is ours, or is no more: for the checkpoint. */
	void (*owned)(uint32_t ifindex, bool owned, void *user_data);
};

struct vrrp_vmacs *vrrp_vmacs_new(struct loop *loop, struct netlink *netlink,
	struct netlink_writer *writer, const struct vrrp_vmac_events *events,
	void *user_data);
/* Leaves the kernel as it is.  NULL is fine. */
void vrrp_vmacs_free(struct vrrp_vmacs *vmacs);

void vrrp_vmacs_begin(struct vrrp_vmacs *vmacs);
/* The object is valid until the next end().  SUBJECT is for the log.  LIVE:
 * not for one that is going, whose interface makes room when it has gone. */
struct vrrp_vmac *vrrp_vmacs_claim(struct vrrp_vmacs *vmacs,
	const struct vrrp_vmac_want *want, const char *subject, bool live);
/* Any with its MAC on its interface will do; one that is claimed already, or
 * else a new one. */
struct vrrp_vmac *vrrp_vmacs_share(struct vrrp_vmacs *vmacs,
	const struct vrrp_vmac_want *want, const char *subject, bool live);
/* An address that the interface has for itself (use_ipvlan). */
void vrrp_vmac_set_address(
	struct vrrp_vmac *vmac, const struct ip_addr *addr, uint8_t prefix_len);
/* KEEP: what is not wanted any more is left in the kernel. */
void vrrp_vmacs_end(struct vrrp_vmacs *vmacs, bool keep);

/* IFINDEX was made by a predecessor: if nothing claims it, it goes. */
void vrrp_vmacs_inherit(struct vrrp_vmacs *vmacs, uint32_t ifindex);

/* The one that share() gives for WANT, or NULL. */
const struct vrrp_vmac *vrrp_vmacs_find_shared(
	const struct vrrp_vmacs *vmacs, const struct vrrp_vmac_want *want);

/* The kernel's links have changed. */
void vrrp_vmacs_on_links(struct vrrp_vmacs *vmacs);

/* Any is there still. */
bool vrrp_vmacs_is_busy(const struct vrrp_vmacs *vmacs);

/* 0 until it is there and up. */
uint32_t vrrp_vmac_ifindex(const struct vrrp_vmac *vmac);
/* Is being made: it will be there in a moment. */
bool vrrp_vmac_is_pending(const struct vrrp_vmac *vmac);
/* Its name as of now; "" = not known yet. */
const char *vrrp_vmac_interface(const struct vrrp_vmac *vmac);
/* Who claimed it first. */
const char *vrrp_vmac_subject(const struct vrrp_vmac *vmac);
/* Why it is not there; "" = it is. */
const char *vrrp_vmac_problem(const struct vrrp_vmac *vmac);
const struct vrrp_vmac_want *vrrp_vmac_get_want(const struct vrrp_vmac *vmac);

void vrrp_vmacs_each(const struct vrrp_vmacs *vmacs,
	void (*callback)(const struct vrrp_vmac *vmac, void *user_data),
	void *user_data);

#endif

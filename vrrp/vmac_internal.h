/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of vrrp/vmac*.c share: vmac.c has what is wanted and who has
 * which name, vmac_make.c makes and adopts, vmac_remove.c removes.  Nobody
 * else includes it.
 */
#ifndef TANDEM_VRRP_VMAC_INTERNAL_H
#define TANDEM_VRRP_VMAC_INTERNAL_H

#include <uthash.h>

#include "lib/log.h"
#include "vrrp/vmac.h"

enum vmac_state {
	VMAC_WAITING, /* PROBLEM says for what */
	VMAC_MAKING,  /* a job is under way */
	VMAC_RISING,  /* likewise: the last before it is ready */
	VMAC_READY,
	VMAC_DYING, /* a job removes it, or will */
};

/* Two macvlans of one interface cannot have one MAC. */
struct vmac_place {
	uint32_t parent;
	uint8_t mac[NETLINK_MAC_BYTES];
	uint16_t zero;
};

/* The same before the interface below is there. */
struct vmac_wire {
	char parent[IFNAMSIZ];
	uint32_t kind;
	uint8_t mac[NETLINK_MAC_BYTES];
	uint16_t zero;
};

struct vrrp_vmac {
	struct vrrp_vmac_want key; /* identity of ... */
	struct vrrp_vmac_want want;
	bool says_inet; /* since begin: IPv4 addresses come on it */
	bool says_inet6;
	struct vrrp_vmacs *vmacs;
	char *subject;
	enum vmac_state state;
	bool claimed;
	bool live; /* by one that stays */
	bool removing; /* in the job that removes */
	bool blocked; /* waits for its predecessor to be removed */
	uint32_t ifindex; /* 0 = not there */
	char interface[IFNAMSIZ];
	struct ip_addr address;
	uint8_t address_len;
	struct netlink_job *job;
	int64_t retry_us; /* not before */
	char problem[128];
	bool holds; /* its name and its MAC: it is in the hashes below */
	struct vmac_place place;
	struct vmac_wire wire;
	UT_hash_handle hh;
	UT_hash_handle hh_wire;
	UT_hash_handle hh_name;
	UT_hash_handle hh_place;
	struct vrrp_vmac *next; /* in vrrp_vmacs.dying */
};

/* A macvlan that the kernel has. */
struct vmac_old {
	struct vmac_place place;
	uint32_t ifindex;
	UT_hash_handle hh;
};

struct vrrp_vmacs {
	struct loop *loop;
	struct netlink *netlink;
	struct netlink_writer *writer;
	const struct vrrp_vmac_events *events;
	void *user_data;
	struct loop_timer *timer;
	struct vrrp_vmac *all;	  /* hash by want */
	struct vrrp_vmac *wires;  /* hash by wire, claimed ones */
	struct vrrp_vmac *names;  /* hash by name, those that hold one */
	struct vrrp_vmac *places; /* hash by place, likewise */
	struct vrrp_vmac *dying;  /* list */
	struct netlink_job *removal; /* of some of them */
	struct loop_timer *remove_timer;
	struct loop_timer *tell_timer;
	struct vmac_old *olds;	  /* hash by place, only while working */
	struct log_limit limit;
};

/* vmac.c */
struct vmac_place vrrp_vmac_place(
	const struct vrrp_vmac_want *want, uint32_t parent);
bool vrrp_vmac_name_is_taken(const struct vrrp_vmacs *vmacs, const char *name);
/* Who has that MAC there, or NULL.  While an old one is not gone, there can be
 * no new one. */
const struct vrrp_vmac *vrrp_vmac_place_holder(
	const struct vrrp_vmac *vmac, const struct vmac_place *place);
/* VMAC has NAME and its MAC from now on, or has them no more. */
void vrrp_vmac_hold(struct vrrp_vmac *vmac, const char *name, uint32_t parent);
void vrrp_vmac_let_go(struct vrrp_vmac *vmac);
/* From the loop, once for all that changes until then. */
void vrrp_vmacs_tell(struct vrrp_vmacs *vmacs);
void vrrp_vmac_free(struct vrrp_vmac *vmac);

/* vmac_make.c */
void vrrp_vmacs_work(struct vrrp_vmacs *vmacs);
void vrrp_vmacs_retry(void *vmacs); /* timer */
/* Other families come on it now; it stays what it is. */
void vrrp_vmac_change_families(
	struct vrrp_vmac *vmac, bool uses_inet, bool uses_inet6);

/* vmac_remove.c */
/* Removes it, or, with KEEP, only forgets it. */
void vrrp_vmac_drop(struct vrrp_vmac *vmac, bool keep);
void vrrp_vmacs_remove(void *vmacs); /* timer */

#endif

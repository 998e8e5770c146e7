/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the role's shell share: its one state, the instances and
 * who does what.  Nobody outside of them includes it.
 *
 *	role.c		the role's life, peers, events of the kernel
 *	reload.c	generations: prepare, plan, commit
 *	instance.c	one virtual router: events in, actions out
 *	instance_conf.c	what its configuration means for it
 *	instance_routes.c	its routes and rules, and static ones
 *	faults.c	what keeps an instance from taking part
 *	link_networks.c	where the adverts on its link may come from
 *	notify.c	who is told about a change of state
 *	events.c	what FIFOs and mail are told
 *	checkpoint.c	what survives the death of the role
 *	status.c	answers for tandemctl
 *	explain.c	one of them: what happened to a subject, and why
 *	filter_role.c	packet filters, announcements on other interfaces
 *	vmac_role.c	virtual-MAC interfaces and settings of others
 *
 * The state machine decides, these files only carry out.  An instance may
 * vanish only in vrrp_role_reap(), which the loop calls, never under way.
 */
#ifndef TANDEM_VRRP_SHELL_H
#define TANDEM_VRRP_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/netlink.h"
#include "lib/netlink_writer.h"
#include "lib/role.h"
#include "vrrp/addresses.h"
#include "vrrp/ah.h"
#include "vrrp/announce.h"
#include "vrrp/bfd.h"
#include "vrrp/fib.h"
#include "vrrp/filter.h"
#include "vrrp/fsm.h"
#include "vrrp/group.h"
#include "vrrp/hmac.h"
#include "vrrp/link_state.h"
#include "vrrp/networks.h"
#include "vrrp/processes.h"
#include "vrrp/runs.h"
#include "vrrp/settings.h"
#include "vrrp/socket.h"
#include "vrrp/tracker.h"
#include "vrrp/vmac.h"
#include "vrrp/vrrp_conf.h"

struct event_sender;
struct json_object;
struct vrrp_checkpoint;
struct vrrp_link_networks;
struct vrrp_role;
struct vrrp_route_heritage;
struct vrrp_hmac_heritage;

/* A bound generation; freed when nobody uses it any more. */
struct vrrp_generation {
	unsigned int refs;
	uint32_t number;
	struct conf_tree *tree;
	struct arena *arena;
	const struct vrrp_conf *conf;
};

struct vrrp_generation *vrrp_generation_ref(struct vrrp_generation *g);
void vrrp_generation_unref(struct vrrp_generation *g); /* NULL is fine */

/* --- instances --- */

#define VRRP_HISTORY 16

/* There are many: as small as its values are. */
struct vrrp_history_entry {
	int64_t realtime_us;
	uint16_t reason; /* enum reason */
	uint8_t from; /* enum vrrp_state, also to */
	uint8_t to;
	uint8_t priority;
};

enum vrrp_phase {
	VRRP_PHASE_NEW, /* waits for STARTUP */
	VRRP_PHASE_LIVE,
	VRRP_PHASE_RETIRING, /* no longer configured: SHUTDOWN was sent */
	VRRP_PHASE_STOPPED,  /* to be reaped */
};

struct vrrp_instance {
	struct vrrp_role *role;
	const struct vrrp_instance_conf *conf; /* lives in generation */
	struct vrrp_generation *generation;
	char *name;
	char *subject; /* "instance NAME" */
	enum vrrp_phase phase;
	bool replaced; /* retires for another with its name */
	bool hands_down; /* another takes over its addresses at once */
	struct vrrp_fsm fsm;
	struct loop_timer *timer;
	int64_t armed_us;

	uint32_t ifindex;	  /* 0 = missing, or none configured */
	struct vrrp_vmac *vmac;	  /* use_vmac, use_ipvlan; NULL = without */
	uint32_t port;		  /* its ifindex, or that of the interface */
	uint32_t rx_ifindex;	  /* where adverts are heard */
	uint32_t tx_ifindex;	  /* where they are sent */
	struct vrrp_socket *sock; /* NULL = not open */
	struct vrrp_socket *tx_sock; /* NULL = the same */
	struct vrrp_socket_key sock_key;
	struct vrrp_tx tx;
	struct vrrp_rx_rules rules;
	struct vrrp_rx_peer *peers; /* in rules */
	struct vrrp_link_networks *on_link; /* in rules; NULL = not asked */
	struct ip_addr *sorted;	    /* in rules: the advertised addresses */
	struct vrrp_ah *ah;	    /* auth_type AH; NULL = another */
	struct vrrp_hmac *hmac;	    /* auth_hmac; NULL = none */
	bool hmac_saved;	    /* the checkpoint has some of it */
	int64_t skew_logged_us;	    /* when clocks were found far apart */
	struct vrrp_address_set *addresses;
	struct vrrp_fib_set *routes; /* and rules */
	bool routes_saved;	     /* the checkpoint has some */
	int64_t address_retry_us;      /* end of VRRP_FAULT_ADDRESS */
	unsigned int address_failures; /* in a row */
	int64_t lost_us;	       /* when an address was lost last */

	struct loop_timer *extra_timer; /* garp_extra_if; NULL = idle */
	int64_t extra_interval_us;
	uint64_t announce_id;
	unsigned int announce_count; /* waits for the addresses to be there */

	struct vrrp_track_ref *track_refs;
	const struct vrrp_track_object **track_objects;
	size_t n_tracks;

	/* From the predecessor's checkpoint. */
	bool resumes;
	enum vrrp_state resume;
	int64_t resume_since_us;
	bool has_notified;
	enum vrrp_state notified; /* what scripts were told last */

	uint8_t told_priority; /* what FIFOs know; 0 = nothing yet */

	uint64_t sent;
	uint64_t received;
	uint64_t send_errors;
	uint64_t drops[VRRP_RX_COUNT_];
	int64_t since_us;      /* in this state, over the death of a role */
	int64_t heard_us;      /* last good advert, 0 = none */
	enum vrrp_rx drop_logged;
	int64_t drop_logged_us;
	struct ip_addr drop_src; /* of that */
	bool addresses_differ; /* in that advert */
	int64_t unlisted_us;   /* when one of no peer was believed */
	struct ip_addr unlisted_src;
	bool heard_old_checksum; /* old_unicast_checksum: do likewise */
	struct log_limit limit;
	struct vrrp_history_entry history[VRRP_HISTORY];
	unsigned int n_history; /* ever */

	UT_hash_handle hh; /* by name, while not retiring */
	struct vrrp_instance *prev;
	struct vrrp_instance *next; /* in vrrp_role.retired */
};

struct vrrp_sync_group {
	char *name;
	char *subject; /* "group NAME" */
	struct vrrp_group core;
	const struct vrrp_group_conf *conf;
	bool used; /* in the generation being committed */
	UT_hash_handle hh;
};

struct vrrp_role {
	struct role *role;
	struct loop *loop;
	struct netlink *netlink;
	struct netlink_writer *writer;
	struct vrrp_sockets *sockets;
	struct vrrp_announcer *announcer;
	struct vrrp_addresses *addresses;
	struct vrrp_runs *runs;
	struct event_sender *events;
	struct vrrp_tracker *tracker;
	struct vrrp_links *links;
	struct vrrp_bfds *bfds;
	struct loop_timer *bfd_timer; /* tells the checks again */
	struct vrrp_processes *processes;
	struct vrrp_vmacs *vmacs;
	struct vrrp_settings *settings;
	struct vrrp_filter *filter;
	struct vrrp_filter_list filter_want; /* while it is being said */
	uint32_t *inherited_vmacs; /* ifindex, until the first commit */
	size_t n_inherited_vmacs;
	struct vrrp_sink sink;

	struct vrrp_generation *running;
	struct vrrp_generation *prepared;
	struct vrrp_instance *instances; /* hash by name */
	struct vrrp_instance *retired;	 /* list */
	struct vrrp_sync_group *groups;	 /* hash by name */
	struct vrrp_address_set *statics;
	struct vrrp_fib *fib;
	struct vrrp_fib_set *static_routes; /* and rules */
	bool static_routes_saved;	    /* the checkpoint has some */
	bool routes_stale; /* links or addresses took some, perhaps */
	struct vrrp_route_heritage *route_heritage;
	struct vrrp_hmac_heritage *hmac_heritage;
	struct vrrp_checkpoint *checkpoints; /* hash by name */
	uint64_t last_announce_id;

	struct loop_timer *reap_timer;
	struct loop_timer *retry_timer;
	int64_t retry_us;
	bool has_owner; /* an instance with priority 255 */
	bool rebind;	/* a link came or went: addresses are defined anew */
	bool settings_changed; /* by others: those that are held are read */
	bool links_changed; /* all faults are looked at when settled */
	bool stopping;
	struct vrrp_link_networks *link_networks; /* hash by ifindex */
	uint64_t networks_epoch; /* their addresses changed so often */
	bool no_raw; /* capabilities that are missing */
	bool no_admin;
	struct log_limit stranger_limit;
};

/* instance.c */
struct vrrp_instance *vrrp_instance_new(
	struct vrrp_role *role, const struct vrrp_instance_conf *conf);
void vrrp_instance_free(struct vrrp_instance *inst);
/* Takes CONF, of the generation GENERATION, as what is true from now on:
 * rules, packets, tracks.  vrrp_instance_apply() tells the state machine. */
void vrrp_instance_configure(struct vrrp_instance *inst,
	struct vrrp_generation *generation,
	const struct vrrp_instance_conf *conf);
/* An advert of PEER has the checksum of keepalived before 1.3.6. */
void vrrp_instance_heard_old_checksum(
	struct vrrp_instance *inst, const struct ip_addr *peer);
void vrrp_instance_define_addresses(struct vrrp_instance *inst);
void vrrp_instance_apply(struct vrrp_instance *inst);
void vrrp_instance_event(
	struct vrrp_instance *inst, const struct vrrp_event *event);
void vrrp_instance_shutdown(struct vrrp_instance *inst, enum reason reason);
/* Its addresses, then its routes and rules: what is not there is added. */
void vrrp_instance_put_all(struct vrrp_instance *inst);
void vrrp_instance_arm(struct vrrp_instance *inst);
/* The addresses of a sync or an addition are there. */
void vrrp_instance_addresses_done(
	void *owner, size_t n_added, size_t n_failed, int error);
void vrrp_instance_address_lost(
	void *owner, const struct netlink_addr_info *info);
/* Callbacks of sink and sockets. */
void vrrp_instance_actions(
	void *ctx, struct vrrp_fsm *fsm, const struct vrrp_actions *actions);
void vrrp_instance_receive(void *subscriber, const uint8_t *payload, size_t len,
	const struct vrrp_rx_meta *meta, void *user_data);
void vrrp_address_want_from_conf(const struct netlink *netlink,
	const struct vrrp_address_conf *conf, const char *otherwise,
	struct vrrp_address_want *ret);

/* instance_routes.c */
void vrrp_routes_new(struct vrrp_role *role);
void vrrp_routes_free(struct vrrp_role *role);
/* All sets, by the running generation; vrrp_fib_sweep() is to follow. */
void vrrp_define_all_routes(struct vrrp_role *role);
/* A static object of a track_group that INST is in is not there. */
bool vrrp_instance_statics_lost(const struct vrrp_instance *inst);
/* KEY is about routes; they are taken over when they are defined. */
bool vrrp_routes_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len);
void vrrp_instance_forget_routes(struct vrrp_instance *inst);

/* faults.c */
/* Looks at link, source, socket and tracked objects, and tells the state
 * machine what changed.  Starts the instance when nothing is pending. */
void vrrp_instance_check(struct vrrp_instance *inst);
void vrrp_instance_check_user(void *inst); /* the same */
void vrrp_instance_close(struct vrrp_instance *inst);
void vrrp_instance_set_fault(struct vrrp_instance *inst, enum vrrp_fault fault,
	bool set, enum reason reason);

/* link_networks.c: of the source's link, for inst->rules */
void vrrp_instance_find_networks(struct vrrp_instance *inst);
void vrrp_instance_forget_networks(struct vrrp_instance *inst);

/* notify.c */
void vrrp_notify_instance(
	struct vrrp_instance *inst, enum vrrp_state from, enum vrrp_state to);
void vrrp_notify_lower_prio(struct vrrp_instance *inst);
void vrrp_notify_group(struct vrrp_sync_group *group, struct vrrp_role *role,
	enum vrrp_state to);
void vrrp_tell_ipvs(struct vrrp_role *role, const struct vrrp_instance *inst);

/* events.c */
void vrrp_tell_instance(const struct vrrp_instance *inst, enum event_what what);
/* GROUP must have its configuration. */
void vrrp_tell_group(const struct vrrp_sync_group *group,
	const struct vrrp_role *role, enum event_what what);
/* After an event: has the priority changed, and does anybody want to know? */
void vrrp_tell_priority(struct vrrp_instance *inst);
/* After a reload, where that is configured. */
void vrrp_tell_states(const struct vrrp_role *role);
enum event_what vrrp_event_of_state(enum vrrp_state state);

/* checkpoint.c */
/* hmac_role.c: for a successor, what was signed and taken (vrrp/hmac.h) */
void vrrp_hmac_note(struct vrrp_instance *inst, int64_t now_us);
void vrrp_hmac_forget(struct vrrp_instance *inst);
bool vrrp_hmac_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len);
/* When INST has a new, configured hmac. */
void vrrp_hmac_inherit(struct vrrp_instance *inst);
/* What nobody inherited is forgotten. */
void vrrp_hmac_heritage_end(struct vrrp_role *role);
void vrrp_hmac_heritage_free(struct vrrp_role *role);

void vrrp_checkpoint_save(struct vrrp_instance *inst);
void vrrp_checkpoint_forget(struct vrrp_instance *inst);
void vrrp_checkpoint_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len);
/* Takes what the predecessor left for INST, if it was the same router. */
void vrrp_checkpoint_take(
	struct vrrp_instance *inst, const struct vrrp_instance_conf *conf);
/* After the first commit: addresses of nobody go, the rest is forgotten. */
void vrrp_checkpoint_finish(struct vrrp_role *role);
void vrrp_checkpoint_free_all(struct vrrp_role *role);

/* reload.c */
int vrrp_prepare(void *state, uint32_t generation, int fd, bool dry_run,
	struct json_object *plan, char **ret_error);
void vrrp_commit(void *state, uint32_t generation);
void vrrp_abort(void *state);
void vrrp_define_all_addresses(struct vrrp_role *role);

/* filter_role.c */
/* Says anew what packet filters are for, for all instances. */
void vrrp_define_filter(struct vrrp_role *role);
bool vrrp_filter_role_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len);
/* Starts or ends garp_extra_if by state and configuration. */
void vrrp_instance_arm_extra(struct vrrp_instance *inst);

/* vmac_role.c */
void vrrp_vmac_role_create(struct vrrp_role *role);
void vrrp_vmac_role_destroy(struct vrrp_role *role);
/* False when KEY is not about this. */
bool vrrp_vmac_role_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len);
/* After the first commit: what a predecessor made and nobody wants goes. */
void vrrp_vmac_role_finish(struct vrrp_role *role);
/* Says anew what is wanted, for all instances, retired ones too. */
void vrrp_define_vmacs(struct vrrp_role *role);
void vrrp_sync_settings(struct vrrp_role *role);
/* The interfaces of INST, the one of its configuration being BASE (0 = it is
 * missing).  True when they have changed. */
bool vrrp_instance_find_ports(struct vrrp_instance *inst, uint32_t base);
/* The link whose addresses are sources of adverts. */
uint32_t vrrp_instance_source_link(const struct vrrp_instance *inst);
bool vrrp_instance_waits_for_vmac(const struct vrrp_instance *inst);
bool vrrp_instance_port_is_up(const struct vrrp_instance *inst);
/* Puts ADDR on the virtual-MAC interface that it belongs on, if on any. */
void vrrp_instance_place_address(const struct vrrp_instance *inst,
	const struct vrrp_address_conf *addr, struct vrrp_address_want *want);

/* dump.c: {"vrrp": [...], "track_process": [...]} with keepalived's keys.
 * CLEAR sets the counters to zero afterwards. */
struct json_object *vrrp_dump_json(struct vrrp_role *role, bool clear);

/* explain.c: NULL when the subject is none of this role's. */
struct json_object *vrrp_explain_json(
	struct vrrp_role *role, struct json_object *request);

/* status.c */
struct json_object *vrrp_request(
	void *state, const char *command, struct json_object *request);

/* role.c */
void vrrp_role_reap_soon(struct vrrp_role *role);
/* Failed things are tried again then, if not earlier. */
void vrrp_role_retry_at(struct vrrp_role *role, int64_t when_us);

#define VRRP_RETRY_US (10 * USEC_PER_SEC)
/* The same cause of dropped adverts is named again so often. */
#define VRRP_DROP_LOG_PAUSE_US (60 * USEC_PER_SEC)

#define vrrp_for_each_instance(role, inst)                                     \
	for (struct vrrp_instance *inst = (role)->instances, *inst##_next;     \
		inst && (inst##_next = inst->hh.next, true);                   \
		inst = inst##_next)

#endif

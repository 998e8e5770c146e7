/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VRRP part of the configuration: bound structs and the view of the
 * language that fills them.
 *
 * Everything lives in the arena of its generation and is not changed after
 * binding.  Globals are already inherited, references resolved, families and
 * versions decided: a role reads values and never asks where they come from.
 * Whether an interface exists is not checked in binding (that needs the
 * kernel): the role does at PREPARE, and vrrp_conf_check_present() for -t.
 */
#ifndef TANDEM_VRRP_VRRP_CONF_H
#define TANDEM_VRRP_VRRP_CONF_H

#include "config/schema.h"
#include "lib/ipaddr.h"
#include "vrrp/bfd_fsm.h"
#include "vrrp/fsm.h"
#include "vrrp/hmac.h"
#include "vrrp/packet.h"
#include "vrrp/process_rule.h"
#include "vrrp/route_conf.h"
#include "vrrp/track.h"
#include "vrrp/vmac_conf.h"

extern const struct conf_block vrrp_conf_root;

struct diag_list;

/* Reports interfaces that this network namespace does not have: those without
 * which a start would be refused, and those that are waited for.  Not where
 * DIAGS has an error in the same line. */
void vrrp_conf_check_present(
	const struct conf_tree *tree, struct diag_list *diags);

/* One line of virtual_ipaddress, _excluded or static_ipaddress. */
struct vrrp_address_conf {
	uint32_t node;
	struct ip_addr addr;
	uint8_t prefix_len;
	const char *dev; /* NULL = the interface of the instance */
	int scope; /* RT_SCOPE_*, -1 = the kernel's choice */
	const char *label; /* NULL = none */
	struct ip_addr broadcast; /* AF_UNSPEC = none */
	bool broadcast_auto; /* brd +: from the prefix, host bits one */
	bool broadcast_zero; /* brd -: host bits zero */
	struct ip_addr peer; /* AF_UNSPEC = none */
	bool home;
	bool nodad; /* -nodad */
	bool mngtmpaddr;
	bool noprefixroute;
	bool autojoin;
	bool no_track; /* its loss is not looked for */
	bool use_vmac; /* on a virtual-MAC interface of its own */
	const char *track_group; /* of static ones; NULL = none */
	bool duplicate; /* only while binding */
	bool has_preferred_lft;
	uint32_t preferred_lft_s; /* UINT32_MAX = forever */
};

struct vrrp_script_conf {
	uint32_t node;
	const char *name;
	struct conf_script script; /* .node is what the runner is told */
	int64_t interval_us;
	int64_t timeout_us;
	int64_t weight;
	bool reverse;
	int64_t rise;
	int64_t fall;
	bool init_fail;
};

/* A track_file block. */
struct vrrp_file_conf {
	uint32_t node;
	const char *name;
	const char *path; /* NULL = none was given: it is in no list */
	int64_t weight;
	bool reverse;
	bool init; /* make it at the start, with ... */
	int64_t init_value;
	bool overwrite; /* also when it is there */
};

/* A bfd_instance. */
struct vrrp_bfd_conf {
	uint32_t node;
	const char *name;
	struct ip_addr neighbour;
	struct ip_addr source; /* AF_UNSPEC = that of the route */
	bool multihop;
	bool passive;
	bool for_vrrp;
	bool for_checker;
	int64_t weight;
	bool reverse;
	uint8_t ttl; /* of packets sent */
	int ttl_min; /* of packets taken; -1 = any */
	struct bfd_fsm_conf fsm;
	/* --- words that only finish looks at --- */
	int64_t min_rx_us;
	int64_t min_tx_us;
	int64_t idle_tx_us;
	int64_t multiplier;
	int64_t ttl_said; /* 0 = not */
	int64_t max_hops;
	bool broken; /* reported; it is in no list */
};

/* A vrrp_track_process. */
struct vrrp_process_conf {
	uint32_t node;
	const char *name;
	struct process_rule rule; /* .name NULL = it is in no list */
	struct process_quorum_conf quorum;
	int64_t weight;
	bool reverse;
	/* --- what only binding looks at --- */
	int64_t quorum_said;
	int64_t quorum_max_said;
	bool broken; /* reported; it is in no list */
};

/* A line of track_interface, track_script, track_file or track_bfd. */
struct vrrp_track_conf {
	uint32_t node;
	enum vrrp_track_kind kind;
	const char *name;
	const struct vrrp_script_conf *script; /* of that kind only */
	const struct vrrp_file_conf *file; /* likewise */
	const struct vrrp_bfd_conf *bfd; /* likewise */
	const struct vrrp_process_conf *process; /* likewise */
	int weight; /* 0 = none, then its failure is a FAULT */
	bool has_weight; /* said on the line itself */
	bool has_reverse; /* likewise */
	bool reverse;
};

struct vrrp_peer_conf {
	uint32_t node;
	struct ip_addr addr;
	bool duplicate; /* only while binding */
	bool has_ttl; /* min_ttl or max_ttl was said */
	int64_t ttl_min;
	int64_t ttl_max;
};

struct vrrp_notify_conf {
	struct conf_script master;
	struct conf_script backup;
	struct conf_script fault;
	struct conf_script stop;
	struct conf_script any; /* notify: gets 4 arguments more */
	struct conf_script deleted; /* instances only */
	bool deleted_said; /* with or without a command */
	struct conf_script master_rx_lower_pri; /* instances only */
};

struct vrrp_auth_conf {
	int type; /* enum vrrp_auth_type */
	const char *password; /* NULL = none */
};

/* auth_hmac */
struct vrrp_hmac_block {
	uint32_t node;
	int64_t active_key; /* 0 = none (receive-only) */
	int by_time; /* bool: anti_replay time */
	int64_t window_s; /* of by_time; never 0 after binding */
	int mode; /* enum vrrp_hmac_mode */
	struct vrrp_hmac_key *keys; /* sorted by id */
	size_t n_keys;
	struct conf_list lines; /* only while binding */
};

struct vrrp_group_conf;

/* Checksums of unicast as keepalived before 1.3.6 made them. */
enum vrrp_old_checksum {
	VRRP_OLD_CHECKSUM_IF_HEARD,
	VRRP_OLD_CHECKSUM_ALWAYS,
	VRRP_OLD_CHECKSUM_NEVER,
};

struct vrrp_instance_conf {
	uint32_t node;
	const char *name;

	int want; /* VRRP_STATE_BACKUP or VRRP_STATE_ACTIVE */
	const char *interface; /* NULL = unicast without an interface */
	int64_t vrid;
	int64_t priority; /* 1..255 */
	int64_t version; /* 2 or 3 */
	sa_family_t family;
	int64_t advert_int_us;

	struct conf_list addresses; /* struct vrrp_address_conf */
	struct conf_list excluded; /* struct vrrp_address_conf */
	struct conf_list routes; /* struct vrrp_route_conf */
	struct conf_list rules; /* struct vrrp_rule_conf */
	/* What the packet carries, in its order (at most 255). */
	struct ip_addr *advertised;
	size_t n_advertised;

	struct vrrp_auth_conf *auth; /* NULL = none */
	struct vrrp_hmac_block *hmac; /* NULL = none; excludes auth */

	struct vrrp_vmac_conf vmac;

	bool unicast; /* has peers */
	struct ip_addr source; /* unicast_src_ip or mcast_src_ip */
	struct ip_addr mcast_group; /* destination of multicast */
	struct conf_list peers; /* struct vrrp_peer_conf */
	bool unicast_fault_no_peer; /* FAULT, not multicast, without peers */
	int old_unicast_checksum; /* enum vrrp_old_checksum */
	int64_t unicast_ttl; /* TTL of what we send to peers */
	int check_unicast_src; /* bool */
	int check_mcast_src; /* bool */

	bool nopreempt;
	int64_t preempt_delay_us;
	int64_t expired_priority; /* timer_expired_backup; 0 = not said */
	int64_t down_timer_adverts;
	int lower_prio_no_advert; /* bool, and so on */
	int higher_prio_send_advert;
	int owner_ignore_adverts;
	int skip_check_adv_addr;
	int strict;
	int v3_checksum_as_v2;
	int accept; /* packets to the addresses are accepted */
	bool promote_secondaries;
	bool dont_track_primary;
	bool track_src_ip;

	int64_t garp_master_delay_us;
	int64_t garp_master_repeat;
	int64_t garp_master_refresh_us;
	int64_t garp_master_refresh_repeat;
	int64_t garp_lower_prio_delay_us;
	int64_t garp_lower_prio_repeat;
	struct vrrp_extra_garp_conf extra_garp;

	struct conf_list tracks; /* struct vrrp_track_conf; its own and those
				    of its group */
	/* Weights do not count (sync group). */
	bool ignore_weights;

	struct vrrp_notify_conf notify;
	int notify_priority_changes;

	struct vrrp_group_conf *group; /* NULL = in none */
	struct conf_list track_groups; /* struct vrrp_track_group_conf */

	/* What the state machine is given, made of the above. */
	struct vrrp_fsm_conf fsm;
	/* --- keywords that only finish looks at --- */
	bool no_accept_said;
	bool accept_said;
	bool no_virtual_ipaddress;
	bool preempt_said;
	bool native_ipv6_said;
	struct ip_addr unicast_src;
	struct ip_addr mcast_src;
};

struct vrrp_group_conf {
	uint32_t node;
	const char *name;
	struct conf_list members; /* struct vrrp_instance_conf, resolved */
	struct conf_list member_names; /* struct vrrp_member_conf */
	struct conf_list tracks; /* struct vrrp_track_conf */
	struct vrrp_notify_conf notify;
	int notify_priority_changes;
	bool global_tracking;
	bool tracking_weight; /* sync_group_tracking_weight */
};

struct vrrp_member_conf {
	uint32_t node;
	const char *name;
};

/* garp_group */
struct vrrp_garp_group_conf {
	uint32_t node;
	int64_t garp_interval_us; /* -1 = as the global one */
	int64_t gna_interval_us; /* likewise */
	struct conf_list interfaces; /* const char */
};

/* interface_up_down_delays */
struct vrrp_delay_conf {
	uint32_t node;
	const char *interface;
	int64_t down_us;
	int64_t up_us;
};

/* The words of global_defs that VRRP uses. */
struct vrrp_globals_conf {
	int64_t version;
	int skip_check_adv_addr;
	int strict;
	int64_t garp_master_delay_us;
	int64_t garp_master_repeat;
	int64_t garp_master_refresh_us;
	int64_t garp_master_refresh_repeat;
	int64_t garp_lower_prio_delay_us;
	int64_t garp_lower_prio_repeat;
	int64_t garp_interval_us;
	int64_t gna_interval_us;
	int min_garp;
	struct ip_addr mcast_group4;
	struct ip_addr mcast_group6;
	int lower_prio_no_advert;
	int higher_prio_send_advert;
	int64_t down_timer_adverts;
	int check_unicast_src;
	int owner_ignore_adverts;
	int v3_checksum_as_v2;
	const char *default_interface;
	const char *iproute_usr_dir; /* NULL = the usual one */
	const char *iproute_etc_dir;
	int dynamic_interfaces; /* bool */
	int64_t startup_delay_us;
	int64_t delay_after_boot_us;
	bool log_unknown_vrids;
	int notify_priority_changes; /* bool */
	bool tell_states_on_reload;
	bool no_swap;
	int64_t netlink_rcv_bufs; /* vrrp_netlink_monitor_rcv_bufs; 0 = no */
	bool netlink_rcv_bufs_force;
	struct vrrp_filter_conf filter;
	struct vrrp_extra_garp_conf extra_garp;
	bool disable_local_igmp;
	const char *vmac_prefix;      /* NULL = the usual */
	const char *vmac_addr_prefix; /* NULL = vmac_prefix */
	int64_t process_rcv_bufs; /* process_monitor_rcv_bufs; 0 = no */
	int process_rcv_bufs_force; /* bool */
};

/* The root struct. */
struct vrrp_conf {
	struct vrrp_globals_conf *globals; /* never NULL after binding */
	struct conf_list instances; /* struct vrrp_instance_conf */
	struct conf_list broken; /* those of them that cannot run */
	struct conf_list groups; /* struct vrrp_group_conf */
	struct conf_list scripts; /* struct vrrp_script_conf */
	struct conf_list files; /* struct vrrp_file_conf */
	struct conf_list bfds; /* struct vrrp_bfd_conf */
	struct conf_list processes; /* struct vrrp_process_conf */
	struct conf_list static_addresses; /* struct vrrp_address_conf */
	struct conf_list static_routes; /* struct vrrp_route_conf */
	struct conf_list static_rules; /* struct vrrp_rule_conf */
	struct conf_list track_groups; /* struct vrrp_track_group_conf */
	struct conf_list garp_groups; /* struct vrrp_garp_group_conf */
	struct conf_list delays; /* struct vrrp_delay_conf */
};

/* Is the virtual-MAC interface of both the same, and used likewise? */
bool vrrp_conf_same_vmac(
	const struct vrrp_instance_conf *x, const struct vrrp_instance_conf *y);

/* for (struct TYPE *item in LIST) */
#define vrrp_conf_for_each(type, item, list)                                  \
	for (size_t item##_i = 0; item##_i < (list)->n; item##_i++)           \
		for (struct type *item = (list)->items[item##_i]; item;       \
			item = NULL)

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of global_defs that concern VRRP. */
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define AT(field) .offset = offsetof(struct vrrp_globals_conf, field)
#define SWITCH(keyword, field, ...)                                           \
	VRRP_CONF_SWITCH(keyword, struct vrrp_globals_conf, field, __VA_ARGS__)
#define NO_EFFECT VRRP_CONF_NO_EFFECT
#define BUFFERS_WHY "Tandem asks for large buffers by itself"
#define NFT_WHY "nftables does what it is for, see nftables"
#define DEFAULT_TABLE "tandem"
#define SECONDS(n) ((n) * USEC_PER_SEC)

const struct conf_value vrrp_conf_switch[] = {
	{ "on", 1 },
	{ "true", 1 },
	{ "yes", 1 },
	{ "off", 0 },
	{ "false", 0 },
	{ "no", 0 },
	{ NULL, 0 },
};

void vrrp_conf_globals_init(void *target, const void *parent)
{
	struct vrrp_globals_conf *globals = target;

	(void)parent;
	*globals = (struct vrrp_globals_conf){
		.version = 2,
		.garp_master_delay_us = VRRP_CONF_UNSET,
		.garp_master_repeat = VRRP_CONF_UNSET,
		.garp_master_refresh_us = 0,
		.garp_master_refresh_repeat = 1,
		.garp_lower_prio_delay_us = VRRP_CONF_UNSET,
		.garp_lower_prio_repeat = VRRP_CONF_UNSET,
		.down_timer_adverts = 3,
		.filter = { .table = DEFAULT_TABLE, .priority = -1 },
	};
	ip_addr_parse("224.0.0.18", &globals->mcast_group4);
	ip_addr_parse("ff02::12", &globals->mcast_group6);
}

static void check_multicast(struct conf_bind *ctx, uint32_t node,
	const char *keyword, struct ip_addr *addr, sa_family_t family,
	const char *usual)
{
	if (addr->family == family && ip_addr_is_multicast(addr))
		return;
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE,
		vrrp_conf_child(ctx, node, keyword), 0, usual,
		"no multicast address of this family");
	ip_addr_parse(usual, addr);
}

/* vrrp_min_garp: one announcement, none later. */
void vrrp_conf_globals_settle(struct vrrp_globals_conf *globals)
{
	if (globals->garp_master_delay_us == VRRP_CONF_UNSET)
		globals->garp_master_delay_us =
			globals->min_garp ? 0 : SECONDS(5);
	if (globals->garp_master_repeat == VRRP_CONF_UNSET)
		globals->garp_master_repeat = globals->min_garp ? 1 : 5;
}

/* keepalived takes it for a mistake: there 0 is no interval. */
static void check_pace(
	struct conf_bind *ctx, uint32_t node, const char *keyword)
{
	uint32_t line = vrrp_conf_child(ctx, node, keyword);
	const char *word = line == node ? NULL
					: conf_node_arg(ctx->tree, line, 0);

	if (word && *word && strspn(word, "0.") == strlen(word))
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE, line, 0,
			"leave it out, or 0.001: one in a millisecond",
			"0 is no interval: announcements are sent without a "
			"pause, as without this line");
}

static void finish_globals(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_globals_conf *globals = target;

	(void)parent;
	check_multicast(ctx, node, "vrrp_mcast_group4", &globals->mcast_group4,
		AF_INET, "224.0.0.18");
	check_multicast(ctx, node, "vrrp_mcast_group6", &globals->mcast_group6,
		AF_INET6, "ff02::12");
	check_pace(ctx, node, "vrrp_garp_interval");
	check_pace(ctx, node, "vrrp_gna_interval");
	vrrp_conf_check_prefixes(ctx, node, globals);
	vrrp_conf_globals_settle(globals);
}

static void bind_dynamic(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_globals_conf *globals = target;
	static const struct conf_value words[] = {
		{ "allow_if_changes", 1 },
		{ NULL, 0 },
	};
	int word;

	globals->dynamic_interfaces = 1;
	if (conf_node_n_args(ctx->tree, node) > 0)
		conf_arg_enum(ctx, node, 0, words, &word);
}

static const struct conf_keyword keywords[] = {
	{ .name = "vrrp_version", .type = CONF_INT, AT(version), .min = 2,
		.max = 3, .args = "2|3", .default_text = "2",
		.doc = "VRRP version of instances that do not say it; those "
		       "of IPv6 are version 3 then." },
	SWITCH("vrrp_skip_check_adv_addr", skip_check_adv_addr,
		.default_text = "off",
		.compat = "keepalived drops an advert whose list differs in "
			  "part, too.",
		.doc = "Do not compare the addresses in adverts with the "
		       "configured ones. Else an advert without one in common "
		       "is dropped, as one of another virtual router, and one "
		       "that differs in part is told and counts."),
	SWITCH("vrrp_strict", strict, .default_text = "off",
		.doc = "Keep to the letter of the RFC: no_accept unless the "
		       "priority is 255 or version 3 says accept, so that "
		       "the addresses are for routing only; no "
		       "authentication; state MASTER for priority 255 "
		       "alone; no answer to adverts of lower or higher "
		       "priority; three intervals until a router is missed; "
		       "an address owner ignores adverts; version "
		       "2 drops adverts with other addresses."),
	{ .name = "vrrp_garp_master_delay", .type = CONF_TIME,
		.flags = CONF_WHOLE,
		AT(garp_master_delay_us), .min = 0, .max = SECONDS(86400),
		.args = "SECONDS", .default_text = "5",
		.doc = "Announce the addresses again so long after becoming "
		       "Active; 0 = do not." },
	{ .name = "vrrp_garp_master_repeat", .type = CONF_INT,
		AT(garp_master_repeat), .min = 0, .max = 255, .args = "N",
		.default_text = "5",
		.doc = "Gratuitous ARPs or NAs for an address in one burst." },
	{ .name = "vrrp_garp_master_refresh", .type = CONF_TIME,
		.flags = CONF_WHOLE,
		AT(garp_master_refresh_us), .min = 0, .max = SECONDS(86400),
		.args = "SECONDS", .default_text = "0",
		.doc = "Announce the addresses in this interval; 0 = do not." },
	{ .name = "vrrp_garp_master_refresh_repeat", .type = CONF_INT,
		AT(garp_master_refresh_repeat), .min = 1, .max = 255,
		.args = "N", .default_text = "1",
		.doc = "Announcements in each refresh." },
	{ .name = "vrrp_garp_lower_prio_delay", .type = CONF_TIME,
		.flags = CONF_WHOLE,
		AT(garp_lower_prio_delay_us), .min = 0, .max = SECONDS(86400),
		.args = "SECONDS",
		.doc = "Announce again so long after an advert of lower "
		       "priority; as vrrp_garp_master_delay when not "
		       "set." },
	{ .name = "vrrp_garp_lower_prio_repeat", .type = CONF_INT,
		AT(garp_lower_prio_repeat), .min = 0, .max = 255, .args = "N",
		.doc = "Announcements after an advert of lower priority; as "
		       "vrrp_garp_master_repeat when not set." },
	{ .name = "vrrp_garp_interval", .type = CONF_TIME,
		AT(garp_interval_us), .min = 0, .max = SECONDS(3600),
		.args = "SECONDS", .default_text = "0",
		.doc = "Time between two gratuitous ARPs on one interface." },
	{ .name = "vrrp_gna_interval", .type = CONF_TIME, AT(gna_interval_us),
		.min = 0, .max = SECONDS(3600), .args = "SECONDS",
		.default_text = "0",
		.doc = "Time between two unsolicited NAs on one interface." },
	SWITCH("vrrp_min_garp", min_garp, .default_text = "off",
		.doc = "One announcement when becoming Active, none later."),
	{ .name = "vrrp_garp_extra_if", .type = CONF_CUSTOM,
		.bind = vrrp_conf_bind_extra_garp_global,
		.args = "[all] SECONDS",
		.doc = "While Active, announce an address in this interval on "
		       "each virtual-MAC interface that adverts do not leave "
		       "by, so that switches know its MAC; with all, on all "
		       "other interfaces of addresses.",
		.example = "vrrp_garp_extra_if 60" },
	{ .name = "vrrp_vmac_garp_intvl", .type = CONF_CUSTOM,
		.flags = CONF_DEPRECATED,
		.bind = vrrp_conf_bind_extra_garp_global,
		.args = "[all] SECONDS",
		.doc = "Old name of vrrp_garp_extra_if.",
		.example = "vrrp_vmac_garp_intvl 60" },
	{ .name = "vrrp_mcast_group4", .type = CONF_ADDRESS, AT(mcast_group4),
		.args = "ADDRESS", .default_text = "224.0.0.18",
		.doc = "Multicast group of IPv4 adverts." },
	{ .name = "vrrp_mcast_group6", .type = CONF_ADDRESS, AT(mcast_group6),
		.args = "ADDRESS", .default_text = "ff02::12",
		.doc = "Multicast group of IPv6 adverts." },
	SWITCH("vrrp_lower_prio_no_advert", lower_prio_no_advert,
		.default_text = "off",
		.doc = "Do not answer an advert of lower priority at once."),
	SWITCH("vrrp_higher_prio_send_advert", higher_prio_send_advert,
		.default_text = "off",
		.doc = "Send a last advert before giving way to a higher "
		       "priority."),
	{ .name = "vrrp_down_timer_adverts", .type = CONF_INT,
		AT(down_timer_adverts), .min = 1, .max = 100, .args = "N",
		.default_text = "3",
		.doc = "Adverts that must be missed before a backup takes "
		       "over." },
	SWITCH("vrrp_check_unicast_src", check_unicast_src,
		.default_text = "off",
		.doc = "Drop unicast adverts that do not come from a peer."),
	SWITCH("vrrp_owner_ignore_adverts", owner_ignore_adverts,
		.default_text = "off",
		.doc = "An address owner (priority 255) ignores adverts, as "
		       "RFC 9568 7.1 says."),
	SWITCH("v3_checksum_as_v2", v3_checksum_as_v2, .default_text = "off",
		.doc = "Version 3 over IPv4: leave the pseudo-header out of "
		       "the checksum."),
	{ .name = "default_interface", .type = CONF_STRING,
		AT(default_interface), .args = "INTERFACE",
		.default_text = "eth0",
		.doc = "Interface of static addresses that name none." },
	{ .name = "iproute_usr_dir", .type = CONF_STRING, AT(iproute_usr_dir),
		.args = "DIR", .default_text = "/usr/share/iproute2",
		.doc = "Where iproute2 has its names of tables, protocols, "
		       "scopes, realms, groups and dsfields." },
	{ .name = "iproute_etc_dir", .type = CONF_STRING, AT(iproute_etc_dir),
		.args = "DIR", .default_text = "/etc/iproute2",
		.doc = "The same for local names, which come before those of "
		       "iproute_usr_dir." },
	{ .name = "dynamic_interfaces", .type = CONF_CUSTOM,
		.bind = bind_dynamic, .args = "[allow_if_changes]",
		.doc = "Interfaces may be missing at the start and appear "
		       "later.",
		.compat = "Tandem always waits for a missing interface; "
			  "without this keyword it also says so." },
	{ .name = "vrrp_startup_delay", .type = CONF_TIME,
		AT(startup_delay_us), .min = 1000, .max = SECONDS(3600),
		.args = "SECONDS",
		.doc = "Take no part in VRRP for so long after the start." },
	{ .name = "vrrp_delay_after_boot", .type = CONF_TIME,
		AT(delay_after_boot_us), .min = 0, .max = SECONDS(86400),
		.args = "SECONDS", .default_text = "0",
		.doc = "Take no part in VRRP for so long after the machine "
		       "booted; a start later than that waits for nothing." },
	{ .name = "log_unknown_vrids", .type = CONF_FLAG,
		AT(log_unknown_vrids), .args = "",
		.doc = "Log adverts for virtual routers that are not "
		       "configured." },
	{ .name = "disable_local_igmp", .type = CONF_FLAG,
		AT(disable_local_igmp), .args = "",
		.doc = "Set net.ipv4.igmp_link_local_mcast_reports to 0: no "
		       "reports for groups of 224.0.0.0/24, which switches "
		       "flood in any case (RFC 4541); put back at the "
		       "end." },
	{ .name = "vmac_prefix", .type = CONF_STRING, AT(vmac_prefix),
		.args = "PREFIX", .default_text = "vrrp",
		.doc = "What the names of virtual-MAC interfaces begin with; "
		       "8 characters at most." },
	{ .name = "vmac_addr_prefix", .type = CONF_STRING,
		AT(vmac_addr_prefix), .args = "PREFIX",
		.doc = "The same for the interfaces of use_vmac_addr; as "
		       "vmac_prefix when not set." },
	NO_EFFECT("vrrp_rx_bufs_policy", "Size of receive buffers.", BUFFERS_WHY,
		.args = "MTU|ADVERT|BYTES"),
	NO_EFFECT("vrrp_rx_bufs_multiplier", "Adverts that a buffer holds.",
		BUFFERS_WHY,
		.args = "N"),
	SWITCH("vrrp_notify_priority_changes", notify_priority_changes,
		.default_text = "off",
		.doc = "Write changes of priority to the notify FIFOs."),
	{ .name = "fifo_write_vrrp_states_on_reload", .type = CONF_FLAG,
		AT(tell_states_on_reload), .args = "",
		.doc = "Write the state of each instance and group to the "
		       "notify FIFOs after a reload." },
	NO_EFFECT("vrrp_iptables", "Chains for packets to addresses.",
		NFT_WHY, .args = "[INPUT [OUTPUT]]"),
	NO_EFFECT("vrrp_ipsets", "Names of the ipsets for addresses.",
		NFT_WHY, .args = "[NAME...]"),
	{ .name = "nftables", .type = CONF_CUSTOM,
		.bind = vrrp_conf_bind_nftables, .args = "[TABLE]",
		.default_text = "tandem",
		.doc = "Name of the table of nftables for no_accept and for "
		       "virtual-MAC interfaces. It is there while it is "
		       "needed, and a table of this name is Tandem's alone.",
		.compat = "keepalived's is called keepalived",
		.example = "nftables tandem" },
	{ .name = "nftables_priority", .type = CONF_INT, AT(filter.priority),
		.min = INT32_MIN, .max = INT32_MAX, .args = "N",
		.default_text = "-1",
		.doc = "Priority of the chains in that table." },
	{ .name = "nftables_counters", .type = CONF_FLAG, AT(filter.counters),
		.args = "", .doc = "Count packets in the rules." },
	{ .name = "nftables_ifindex", .type = CONF_FLAG, AT(filter.by_index),
		.args = "",
		.doc = "Name interfaces of link-local addresses by number in "
		       "the rules, not by name." },
	{ .name = "vrrp_no_swap", .type = CONF_FLAG, AT(no_swap), .args = "",
		.doc = "Lock the vrrp role into memory; always so, where it "
		       "is allowed." },
	NO_EFFECT("vrrp_netlink_cmd_rcv_bufs",
		"Receive buffer of netlink commands.", BUFFERS_WHY,
		.args = "BYTES"),
	NO_EFFECT("vrrp_netlink_cmd_rcv_bufs_force",
		"Go beyond the system's limit.", BUFFERS_WHY,
		.args = "[on|off]"),
	NO_EFFECT("vrrp_netlink_monitor_rcv_bufs",
		"Receive buffer of netlink events.", BUFFERS_WHY,
		.args = "BYTES"),
	NO_EFFECT("vrrp_netlink_monitor_rcv_bufs_force",
		"Go beyond the system's limit.", BUFFERS_WHY,
		.args = "[on|off]"),
	{ .name = "process_monitor_rcv_bufs", .type = CONF_INT,
		AT(process_rcv_bufs), .min = 1, .max = INT32_MAX,
		.args = "BYTES",
		.doc = "Receive buffer of process events, for "
		       "vrrp_track_process on busy hosts; the system's "
		       "default when not set." },
	SWITCH("process_monitor_rcv_bufs_force", process_rcv_bufs_force,
		.doc = "Go beyond the system's limit for it."),
	{ .name = NULL },
};

const struct conf_block vrrp_conf_globals = {
	.size = sizeof(struct vrrp_globals_conf),
	.keywords = keywords,
	.init = vrrp_conf_globals_init,
	.finish = finish_globals,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of vrrp_instance. */
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define AT(field) .offset = offsetof(struct vrrp_instance_conf, field)
#define SWITCH(keyword, field, ...)                                           \
	VRRP_CONF_SWITCH(                                                     \
		keyword, struct vrrp_instance_conf, field, __VA_ARGS__)
#define NO_EFFECT VRRP_CONF_NO_EFFECT
#define SECONDS(n) ((n) * USEC_PER_SEC)

#define NOTIFY(keyword, field, text)                                          \
	{                                                                     \
		.name = (keyword), .type = CONF_SCRIPT,                       \
		.flags = CONF_FIRST_WINS | CONF_QUOTED, AT(field),            \
		.args = "COMMAND [USER [GROUP]]", .doc = (text)               \
	}

/* --- authentication --- */

static const struct conf_value auth_types[] = {
	{ "NONE", VRRP_AUTH_NONE },
	{ "PASS", VRRP_AUTH_PASS },
	{ "AH", VRRP_AUTH_AH },
	{ NULL, 0 },
};

static const struct conf_keyword auth_keywords[] = {
	{ .name = "auth_type", .type = CONF_ENUM, .values = auth_types,
		.offset = offsetof(struct vrrp_auth_conf, type),
		.args = "PASS|AH",
		.doc = "PASS sends a password in clear text; AH signs adverts "
		       "with it (HMAC-MD5), against forgery and replay.",
		.example = "auth_type AH" },
	{ .name = "auth_pass", .type = CONF_STRING, .flags = CONF_SECRET,
		.offset = offsetof(struct vrrp_auth_conf, password),
		.args = "PASSWORD | file:PATH | credential:NAME",
		.doc = "The password; 8 bytes at most. file:PATH reads it "
		       "from a file that only its owner may read, "
		       "credential:NAME from a systemd credential.",
		.compat = "keepalived has passwords in the file itself only.",
		.example = "auth_pass file:/etc/tandem/vrrp.pass" },
	{ .name = NULL },
};

static void check_auth_none(struct conf_bind *ctx, uint32_t node)
{
	const char *type = conf_node_arg(ctx->tree, node, 0);

	if (type && !strcmp(type, "NONE"))
		conf_not_portable(ctx, node, 0,
			"leave the authentication block out",
			"keepalived does not know this type");
}

static void finish_auth(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_auth_conf *auth = target;

	(void)parent;
	check_auth_none(ctx, vrrp_conf_child(ctx, node, "auth_type"));
	if (auth->type != VRRP_AUTH_NONE && !auth->password) {
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"auth_pass PASSWORD", "%s needs an auth_pass",
			auth->type == VRRP_AUTH_AH ? "AH" : "PASS");
		auth->type = VRRP_AUTH_NONE;
	}
	if (auth->type != VRRP_AUTH_NONE &&
		strlen(auth->password) > VRRP_AUTH_BYTES)
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			vrrp_conf_child(ctx, node, "auth_pass"), 0, NULL,
			"only the first %d bytes of the password are used",
			VRRP_AUTH_BYTES);
}

static const struct conf_block auth_block = {
	.size = sizeof(struct vrrp_auth_conf),
	.keywords = auth_keywords,
	.finish = finish_auth,
};

/* --- lines --- */

static void bind_address(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;
	struct vrrp_address_conf *addr = vrrp_conf_read_address(ctx, node);

	if (addr)
		conf_list_add(ctx->arena, &inst->addresses, addr);
}

static void bind_excluded(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;
	struct vrrp_address_conf *addr = vrrp_conf_read_address(ctx, node);

	if (addr)
		conf_list_add(ctx->arena, &inst->excluded, addr);
}

static void bind_track_interface(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_INTERFACE, &inst->tracks);
}

static void bind_track_script(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_SCRIPT, &inst->tracks);
}

static void bind_track_file(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_FILE, &inst->tracks);
}

static void bind_track_process(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_PROCESS, &inst->tracks);
}

static void bind_track_bfd(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	vrrp_conf_read_track(ctx, node, VRRP_TRACK_BFD, &inst->tracks);
}

static void bind_route(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	vrrp_conf_add_route(ctx, node, &inst->routes);
}

static void bind_rule(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	vrrp_conf_add_rule(ctx, node, &inst->rules);
}

static void read_peer_words(
	struct conf_bind *ctx, uint32_t node, struct vrrp_peer_conf *peer)
{
	const char *word;

	for (uint32_t i = 0; (word = conf_node_arg(ctx->tree, node, i)); i++) {
		int64_t *value = NULL;

		if (!strcmp(word, "min_ttl"))
			value = &peer->ttl_min;
		else if (!strcmp(word, "max_ttl"))
			value = &peer->ttl_max;
		if (!value) {
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node,
				(int)i, "min_ttl N or max_ttl N",
				"'%s' is no option of a peer", word);
			continue;
		}
		conf_arg_int(ctx, node, ++i, 0, 255, value);
		peer->has_ttl = true;
	}
	if (peer->ttl_min > peer->ttl_max)
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, node, -1, NULL,
			"min_ttl is greater than max_ttl");
}

static void bind_peer(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;
	const char *text = conf_node_keyword(ctx->tree, node);
	struct vrrp_peer_conf *peer =
		arena_new_object(ctx->arena, struct vrrp_peer_conf);

	*peer = (struct vrrp_peer_conf){ .node = node, .ttl_max = 255 };
	if (ip_addr_parse(text, &peer->addr) < 0 ||
		ip_addr_is_multicast(&peer->addr)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, -1, NULL,
			"'%s' is no address of a peer", text);
		return;
	}
	read_peer_words(ctx, node, peer);
	conf_list_add(ctx->arena, &inst->peers, peer);
}

static void arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	inst->node = node;
	inst->name = vrrp_conf_block_name(ctx, node);
	conf_check_extra(ctx, node, 1);
}

static void init(void *target, const void *parent)
{
	struct vrrp_instance_conf *inst = target;

	(void)parent;
	inst->want = VRRP_STATE_BACKUP;
	inst->advert_int_us = USEC_PER_SEC;
	inst->unicast_ttl = VRRP_TTL;
	inst->check_unicast_src = VRRP_CONF_UNSET;
	inst->check_mcast_src = 1;
	inst->down_timer_adverts = VRRP_CONF_UNSET;
	inst->lower_prio_no_advert = VRRP_CONF_UNSET;
	inst->higher_prio_send_advert = VRRP_CONF_UNSET;
	inst->owner_ignore_adverts = VRRP_CONF_UNSET;
	inst->skip_check_adv_addr = VRRP_CONF_UNSET;
	inst->notify_priority_changes = VRRP_CONF_UNSET;
	inst->strict = VRRP_CONF_UNSET;
	inst->v3_checksum_as_v2 = VRRP_CONF_UNSET;
	inst->garp_master_delay_us = VRRP_CONF_UNSET;
	inst->garp_master_repeat = VRRP_CONF_UNSET;
	inst->garp_master_refresh_us = VRRP_CONF_UNSET;
	inst->garp_master_refresh_repeat = VRRP_CONF_UNSET;
	inst->garp_lower_prio_delay_us = VRRP_CONF_UNSET;
	inst->garp_lower_prio_repeat = VRRP_CONF_UNSET;
	inst->extra_garp.interval_us = VRRP_CONF_UNSET;
}

static const struct conf_value old_checksums[] = {
	{ "never", VRRP_OLD_CHECKSUM_NEVER },
	{ NULL, 0 },
};

static const struct conf_value states[] = {
	{ "MASTER", VRRP_STATE_ACTIVE },
	{ "BACKUP", VRRP_STATE_BACKUP },
	{ NULL, 0 },
};

static const struct conf_keyword keywords[] = {
	{ .name = "state", .type = CONF_ENUM,
		.flags = CONF_FIRST_WINS | CONF_CAPITALS,
		AT(want), .values = states, .args = "MASTER|BACKUP",
		.default_text = "BACKUP",
		.doc = "What the router would like to be. Only priority 255 "
		       "makes it Active at once; others listen first." },
	{ .name = "interface", .type = CONF_STRING, AT(interface),
		.args = "INTERFACE",
		.doc = "Where adverts are sent and the addresses go." },
	{ .name = "virtual_router_id", .type = CONF_INT, AT(vrid), .min = 1,
		.max = 255, .args = "N",
		.doc = "Number of the virtual router, the same on all of its "
		       "routers and used once on a network." },
	{ .name = "priority", .type = CONF_INT, AT(priority), .min = 1,
		.max = 255, .args = "N", .default_text = "100",
		.doc = "The highest priority becomes Active; 255 is for the "
		       "owner of the addresses." },
	{ .name = "version", .type = CONF_INT, AT(version), .min = 2,
		.max = 3, .args = "2|3",
		.doc = "VRRP version; vrrp_version when not set, 3 for "
		       "IPv6. Version 2 of IPv6 is in no RFC, and as "
		       "keepalived sends it." },
	{ .name = "advert_int", .type = CONF_TIME, AT(advert_int_us),
		.min = VRRP_CENTISECOND_US, .max = SECONDS(255),
		.args = "SECONDS", .default_text = "1",
		.doc = "Time between adverts: whole seconds from 1 to 255 in "
		       "version 2, 0.01 to 40.95 in version 3." },
	{ .name = "virtual_ipaddress", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_address, .args = "{ ADDRESS[/LENGTH] ... }",
		.doc = "The virtual addresses, one a line, all of one family. "
		       "Words: brd, dev, scope, label, peer, home, -nodad, "
		       "mngtmpaddr, noprefixroute, autojoin, no_track, "
		       "preferred_lft." },
	{ .name = "virtual_ipaddress_excluded", .type = CONF_LIST,
		.flags = CONF_MULTI, .bind = bind_excluded,
		.args = "{ ADDRESS[/LENGTH] ... }",
		.doc = "Addresses that move along but are not in the adverts; "
		       "families may be mixed." },
	{ .name = "no_virtual_ipaddress", .type = CONF_FLAG,
		AT(no_virtual_ipaddress), .args = "",
		.doc = "There are no virtual addresses on purpose." },
	{ .name = "authentication", .type = CONF_BLOCK, AT(auth),
		.block = &auth_block,
		.doc = "Authentication of version 2." },
	{ .name = "auth_hmac", .type = CONF_BLOCK, AT(hmac),
		.block = &vrrp_conf_hmac,
		.doc = "Signed adverts (HMAC-SHA256) of any version, against "
		       "forgery and replay; instead of authentication." },
	{ .name = "unicast_src_ip", .type = CONF_ADDRESS, AT(unicast_src),
		.args = "ADDRESS", .doc = "Source address of unicast adverts." },
	{ .name = "mcast_src_ip", .type = CONF_ADDRESS, AT(mcast_src),
		.args = "ADDRESS",
		.doc = "Source address of multicast adverts; the first "
		       "address of the interface when not set." },
	{ .name = "mcast_dst_ip", .type = CONF_ADDRESS, AT(mcast_group),
		.args = "ADDRESS",
		.doc = "Multicast group of this instance's adverts.",
		.example = "mcast_dst_ip 224.0.0.77" },
	{ .name = "unicast_peer", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_peer,
		.args = "{ ADDRESS [min_ttl N] [max_ttl N] ... }",
		.doc = "Send adverts to these routers instead of the "
		       "multicast group." },
	{ .name = "unicast_ttl", .type = CONF_INT, AT(unicast_ttl), .min = 0,
		.max = 255, .args = "N", .default_text = "255",
		.doc = "TTL or hop limit of unicast adverts." },
	{ .name = "unicast_fault_no_peer", .type = CONF_FLAG,
		AT(unicast_fault_no_peer), .args = "",
		.doc = "Without any peer be in FAULT, instead of sending to "
		       "the multicast group." },
	SWITCH("check_unicast_src", check_unicast_src,
		.doc = "Drop adverts that do not come from a peer; "
		       "vrrp_check_unicast_src when not set."),
	{ .name = "check_mcast_src", .type = CONF_ENUM,
		.flags = CONF_OPTIONAL_ARG | CONF_LOWER | CONF_EXTENSION,
		AT(check_mcast_src), .implied = 1, .values = vrrp_conf_switch,
		.args = "[on|off]", .default_text = "on",
		.doc = "Drop multicast adverts that come from outside of the "
		       "interface's networks, and those of IPv6 that are not "
		       "from a link-local address; a router whose own source "
		       "address is outside of them drops none for that.",
		.example = "check_mcast_src off" },
	{ .name = "old_unicast_checksum", .type = CONF_ENUM,
		.flags = CONF_OPTIONAL_ARG, AT(old_unicast_checksum),
		.implied = VRRP_OLD_CHECKSUM_ALWAYS,
		.values = old_checksums, .args = "[never]",
		.doc = "Send version 3 unicast adverts over IPv4 with the "
		       "checksum of keepalived before 1.3.6. Otherwise that "
		       "is done once a peer was heard that does; never: not "
		       "even then." },
	{ .name = "nopreempt", .type = CONF_FLAG, AT(nopreempt), .args = "",
		.doc = "Do not take over from an Active router of lower "
		       "priority. Needs state BACKUP." },
	{ .name = "preempt", .type = CONF_FLAG, .flags = CONF_DEPRECATED,
		AT(preempt_said), .args = "",
		.doc = "The default; the opposite of nopreempt." },
	{ .name = "preempt_delay", .type = CONF_TIME, AT(preempt_delay_us),
		.min = 0, .max = SECONDS(1000), .args = "SECONDS",
		.default_text = "0",
		.doc = "Wait for so long before taking over from an Active "
		       "router of lower priority. Needs state BACKUP." },
	{ .name = "track_interface", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_track_interface,
		.args = "{ INTERFACE [weight N] [reverse] ... }",
		.doc = "Be in FAULT, or change the priority, when one of "
		       "these is down.",
		.compat = "One that is not here counts as down until it is; "
			  "keepalived does not start with it unless there is "
			  "dynamic_interfaces." },
	{ .name = "track_script", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_track_script,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "Be in FAULT, or change the priority, when one of "
		       "these scripts fails." },
	{ .name = "track_process", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_track_process,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "Be in FAULT, or change the priority, when one of "
		       "these vrrp_track_process blocks has not its number of "
		       "processes." },
	{ .name = "track_file", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_track_file,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "Be in FAULT, or change the priority, by the number in "
		       "one of these track_file blocks." },
	{ .name = "track_bfd", .type = CONF_LIST, .flags = CONF_MULTI,
		.bind = bind_track_bfd,
		.args = "{ NAME [weight N] [reverse|noreverse] ... }",
		.doc = "Be in FAULT, or change the priority, while one of "
		       "these BFD sessions is not up." },
	{ .name = "track_src_ip", .type = CONF_FLAG, AT(track_src_ip),
		.args = "",
		.doc = "Be in FAULT without the source address; always so." },
	{ .name = "dont_track_primary", .type = CONF_FLAG,
		AT(dont_track_primary), .args = "",
		.doc = "Take part even while the own interface is down." },
	NOTIFY("notify_master", notify.master, "Run when becoming Active."),
	NOTIFY("notify_backup", notify.backup, "Run when becoming Backup."),
	NOTIFY("notify_fault", notify.fault, "Run when entering FAULT."),
	NOTIFY("notify_stop", notify.stop, "Run when VRRP stops."),
	NOTIFY("notify", notify.any,
		"Run at each change, with INSTANCE, the name, the new state "
		"and the priority behind the command's own arguments."),
	{ .name = "notify_deleted", .type = CONF_SCRIPT,
		.flags = CONF_FIRST_WINS | CONF_QUOTED | CONF_OPTIONAL_ARG,
		AT(notify.deleted), .args = "[COMMAND [USER [GROUP]]]",
		.doc = "Say DELETED, not FAULT, when a reload removes the "
		       "instance, and run COMMAND." },
	NOTIFY("notify_master_rx_lower_pri", notify.master_rx_lower_pri,
		"Run when an Active router hears an advert of lower "
		"priority."),
	SWITCH("notify_priority_changes", notify_priority_changes,
		.doc = "As vrrp_notify_priority_changes, for this "
		       "instance."),
	{ .name = "virtual_routes", .type = CONF_LIST,
		.flags = CONF_MULTI | CONF_ORDERED,
		.bind = bind_route, .args = "{ ROUTE ... }",
		.doc = "Routes that move along, as 'ip route add' has them; "
		       "no_track: their loss changes nothing.",
		.example = "virtual_routes { default via 10.0.0.254 dev eth0 "
			   "}" },
	{ .name = "virtual_rules", .type = CONF_LIST,
		.flags = CONF_MULTI | CONF_ORDERED,
		.bind = bind_rule, .args = "{ RULE ... }",
		.doc = "Routing rules that move along, as 'ip rule add' has "
		       "them; no_track: their loss changes nothing.",
		.example = "virtual_rules { from 10.0.0.100 table 100 "
			   "preference 1000 }" },
	{ .name = "use_vmac", .type = CONF_CUSTOM, .bind = vrrp_conf_bind_vmac,
		.args = "[[name] INTERFACE] [MAC] [netlink_notify_msg] "
			"[group G]",
		.doc = "Have the addresses, and send adverts, on a macvlan "
		       "interface with the virtual MAC 00:00:5e:00:01:VRID "
		       "(02 for IPv6), named vrrp.VRID (vrrp6.VRID) unless "
		       "said. The MAC may have 5 octets: the VRID is the "
		       "sixth.",
		.example = "use_vmac vrrp.51" },
	{ .name = "use_vmac_addr", .type = CONF_FLAG, AT(vmac.for_addresses),
		.args = "",
		.doc = "Virtual-MAC interfaces also for addresses on other "
		       "interfaces, and of the other family." },
	{ .name = "vmac_xmit_base", .type = CONF_FLAG, AT(vmac.xmit_base),
		.args = "",
		.doc = "Send adverts from the interface itself, with its own "
		       "MAC; always so with unicast peers.",
		.compat = "adverts from virtual and from ordinary MACs are "
			  "heard in either case" },
	{ .name = "use_ipvlan", .type = CONF_CUSTOM,
		.bind = vrrp_conf_bind_ipvlan,
		.args = "[[name] INTERFACE] [ADDRESS[/LENGTH]] "
			"[bridge|private|vepa] [group G]",
		.doc = "Have the addresses, and send adverts, on an ipvlan "
		       "interface, which shares the MAC of the instance's "
		       "interface. IPv4 needs an ADDRESS to send from.",
		.example = "use_ipvlan vrrp.51 10.0.0.5/24" },
	{ .name = "garp_master_delay", .type = CONF_TIME,
		.flags = CONF_WHOLE,
		AT(garp_master_delay_us), .min = 0, .max = SECONDS(86400),
		.args = "SECONDS",
		.doc = "As vrrp_garp_master_delay, for this instance." },
	{ .name = "garp_master_repeat", .type = CONF_INT,
		AT(garp_master_repeat), .min = 0, .max = 255, .args = "N",
		.doc = "As vrrp_garp_master_repeat, for this instance." },
	{ .name = "garp_master_refresh", .type = CONF_TIME,
		.flags = CONF_WHOLE,
		AT(garp_master_refresh_us), .min = 0, .max = SECONDS(86400),
		.args = "SECONDS",
		.doc = "As vrrp_garp_master_refresh, for this instance." },
	{ .name = "garp_master_refresh_repeat", .type = CONF_INT,
		AT(garp_master_refresh_repeat), .min = 1, .max = 255,
		.args = "N",
		.doc = "As vrrp_garp_master_refresh_repeat, for this "
		       "instance." },
	{ .name = "garp_lower_prio_delay", .type = CONF_TIME,
		.flags = CONF_WHOLE,
		AT(garp_lower_prio_delay_us), .min = 0, .max = SECONDS(86400),
		.args = "SECONDS",
		.doc = "As vrrp_garp_lower_prio_delay, for this instance." },
	{ .name = "garp_lower_prio_repeat", .type = CONF_INT,
		AT(garp_lower_prio_repeat), .min = 0, .max = 255, .args = "N",
		.doc = "As vrrp_garp_lower_prio_repeat, for this instance." },
	{ .name = "garp_extra_if", .type = CONF_CUSTOM,
		.bind = vrrp_conf_bind_extra_garp, .args = "[all] SECONDS",
		.doc = "As vrrp_garp_extra_if, for this instance; 0 = do "
		       "not.",
		.example = "garp_extra_if 60" },
	{ .name = "vmac_garp_intvl", .type = CONF_CUSTOM,
		.flags = CONF_DEPRECATED, .bind = vrrp_conf_bind_extra_garp,
		.args = "[all] SECONDS", .doc = "Old name of garp_extra_if.",
		.example = "vmac_garp_intvl 60" },
	{ .name = "accept", .type = CONF_FLAG, AT(accept_said), .args = "",
		.doc = "Accept packets to the virtual addresses; the "
		       "default without vrrp_strict, with which version 2 "
		       "never does." },
	{ .name = "no_accept", .type = CONF_FLAG, AT(no_accept_said),
		.args = "",
		.doc = "Drop packets to and from the virtual addresses, with "
		       "nftables, unless the priority is 255: the addresses "
		       "are for routing only. Virtual servers on them get "
		       "nothing either." },
	{ .name = "vrf", .type = CONF_STRING, AT(vmac.vrf),
		.args = "INTERFACE",
		.doc = "The VRF of the virtual-MAC interface; that of the "
		       "instance's interface when not set." },
	{ .name = "native_ipv6", .type = CONF_FLAG, .flags = CONF_IGNORED,
		AT(native_ipv6_said), .args = "",
		.doc = "Once made an instance IPv6; the addresses do." },
	{ .name = "promote_secondaries", .type = CONF_FLAG,
		AT(promote_secondaries), .args = "",
		.doc = "Set the interface's sysctl of that name, so that "
		       "other addresses of a network stay when its first is "
		       "removed; put back at the end." },
	SWITCH("skip_check_adv_addr", skip_check_adv_addr,
		.doc = "As vrrp_skip_check_adv_addr, for this instance."),
	SWITCH("strict_mode", strict,
		.doc = "As vrrp_strict, for this instance."),
	SWITCH("lower_prio_no_advert", lower_prio_no_advert,
		.doc = "As vrrp_lower_prio_no_advert, for this instance."),
	SWITCH("higher_prio_send_advert", higher_prio_send_advert,
		.doc = "As vrrp_higher_prio_send_advert, for this instance."),
	SWITCH("owner_ignore_adverts", owner_ignore_adverts,
		.doc = "As vrrp_owner_ignore_adverts, for this instance."),
	SWITCH("v3_checksum_as_v2", v3_checksum_as_v2,
		.doc = "As v3_checksum_as_v2 in global_defs, for this "
		       "instance."),
	{ .name = "down_timer_adverts", .type = CONF_INT,
		AT(down_timer_adverts), .min = 1, .max = 100, .args = "N",
		.doc = "As vrrp_down_timer_adverts, for this instance." },
	{ .name = "timer_expired_backup", .type = CONF_INT,
		.flags = CONF_OPTIONAL_ARG, AT(expired_priority), .min = 1,
		.max = 254, .implied = 254, .args = "[PRIORITY]",
		.doc = "An Active router with nopreempt that was not run (a "
		       "virtual machine was paused) for so long that a router "
		       "of PRIORITY, the highest of the others, has taken "
		       "over, listens before it speaks again.",
		.example = "timer_expired_backup 200" },
	{ .name = "thread_timer_expired", .type = CONF_INT,
		.flags = CONF_OPTIONAL_ARG | CONF_DEPRECATED,
		AT(expired_priority), .min = 1, .max = 254, .implied = 254,
		.args = "[PRIORITY]",
		.doc = "Old name of timer_expired_backup.",
		.compat = "use timer_expired_backup" },
	NO_EFFECT("kernel_rx_buf_size", "Size of the receive buffer.",
		"Tandem asks for large buffers by itself",
		.args = "BYTES"),
	{ .name = "debug", .type = CONF_CUSTOM, .flags = CONF_IGNORED,
		.args = "0..4", .doc = "Has no effect." },
	{ .name = "lvs_sync_daemon_interface", .type = CONF_CUSTOM,
		.flags = CONF_DEPRECATED, .args = "INTERFACE",
		.doc = "The old way to say lvs_sync_daemon INTERFACE of this "
		       "instance; the first one counts.",
		.compat = "use lvs_sync_daemon in global_defs",
		.example = "lvs_sync_daemon_interface eth1" },
	{ .name = "linkbeat_use_polling", .type = CONF_CUSTOM,
		.flags = CONF_IGNORED, .args = "",
		.doc = "Poll the link state; the kernel tells it." },
	{ .name = NULL },
};

const struct conf_block vrrp_conf_instance = {
	.size = sizeof(struct vrrp_instance_conf),
	.keywords = keywords,
	.arguments = arguments,
	.init = init,
};

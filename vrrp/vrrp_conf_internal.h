/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the VRRP keyword tables share.  Nobody else includes it.
 */
#ifndef TANDEM_VRRP_VRRP_CONF_INTERNAL_H
#define TANDEM_VRRP_VRRP_CONF_INTERNAL_H

#include "vrrp/vrrp_conf.h"

/* Not said: a global decides, else the default. */
#define VRRP_CONF_UNSET (-1)

/* on, off ... as an int, so that VRRP_CONF_UNSET can be told apart. */
extern const struct conf_value vrrp_conf_switch[];

/* A keyword that is on when it stands alone, and may be unset. */
#define VRRP_CONF_SWITCH(keyword, type_, field, ...)                          \
	{                                                                     \
		.name = (keyword), .type = CONF_ENUM,                         \
		.flags = CONF_OPTIONAL_ARG | CONF_LOWER, .implied = 1,       \
		.values = vrrp_conf_switch, .args = "[on|off]",               \
		.offset = offsetof(type_, field), __VA_ARGS__                 \
	}

/* There is nothing that it could set: WHY says what is so in any case. */
#define VRRP_CONF_NO_EFFECT(keyword, text, why, ...)                          \
	{                                                                     \
		.name = (keyword), .type = CONF_CUSTOM,                       \
		.flags = CONF_IGNORED, .doc = (text), .compat = (why),        \
		__VA_ARGS__                                                   \
	}

extern const struct conf_block vrrp_conf_globals;
extern const struct conf_block vrrp_conf_instance;
extern const struct conf_block vrrp_conf_hmac;
extern const struct conf_block vrrp_conf_script;
extern const struct conf_block vrrp_conf_group;
extern const struct conf_block vrrp_conf_track_process;
extern const struct conf_block vrrp_conf_track_file;
extern const struct conf_block vrrp_conf_bfd;
extern const struct conf_block vrrp_conf_garp_group;

/* Sets what stands in vrrp_conf.globals without a global_defs block. */
void vrrp_conf_globals_init(void *target, const void *parent);
/* Decides what was left unset. */
void vrrp_conf_globals_settle(struct vrrp_globals_conf *globals);

/* ADDRESS[/LENGTH], the length of the family when there is none.  0 or -1. */
int vrrp_conf_parse_prefix(
	const char *text, struct ip_addr *ret_addr, uint8_t *ret_len);

/* One address line; NULL after having reported why not. */
struct vrrp_address_conf *vrrp_conf_read_address(
	struct conf_bind *ctx, uint32_t node);

/* Lines of track_interface and track_script, for instances and groups. */
void vrrp_conf_read_track(struct conf_bind *ctx, uint32_t node,
	enum vrrp_track_kind kind, struct conf_list *list);

/* The name of a block; reports when it is missing. */
const char *vrrp_conf_block_name(struct conf_bind *ctx, uint32_t node);

/* The last child of NODE with this keyword, NODE itself when there is none:
 * where to report about a keyword. */
uint32_t vrrp_conf_child(
	const struct conf_bind *ctx, uint32_t node, const char *keyword);

/* Inherits, decides and checks what one instance alone can show. */
void vrrp_conf_resolve_instance(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst);

/* Decides about auth_hmac, once the interval and strict_mode are known. */
void vrrp_conf_resolve_hmac(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst);

/* [all] SECONDS, in an instance and in global_defs (vrrp_conf_garp.c). */
void vrrp_conf_bind_extra_garp(
	struct conf_bind *ctx, uint32_t node, void *target);
void vrrp_conf_bind_extra_garp_global(
	struct conf_bind *ctx, uint32_t node, void *target);

/* nftables [TABLE] */
void vrrp_conf_bind_nftables(
	struct conf_bind *ctx, uint32_t node, void *target);
/* What accept and no_accept decide; extra_garp is inherited. */
void vrrp_conf_resolve_accept(
	struct conf_bind *ctx, const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst);

/* What vrrp_strict changes, once version, priority and accept are known. */
void vrrp_conf_resolve_strict(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst);

/* The words of virtual-MAC interfaces (vrrp_conf_vmac.c). */
void vrrp_conf_bind_vmac(struct conf_bind *ctx, uint32_t node, void *target);
void vrrp_conf_bind_ipvlan(struct conf_bind *ctx, uint32_t node, void *target);
void vrrp_conf_check_prefixes(struct conf_bind *ctx, uint32_t node,
	struct vrrp_globals_conf *globals);
/* After the transport and the interface are known. */
void vrrp_conf_resolve_vmac(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst);
/* Names and MACs that two instances have. */
void vrrp_conf_check_vmacs(struct conf_bind *ctx, struct vrrp_conf *conf);

/* Fills inst->fsm; after groups are resolved. */
void vrrp_conf_fill_fsm(const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst);

/* Takes sessions that cannot run, or are there already, out of the list. */
void vrrp_conf_settle_bfds(
	struct conf_bind *ctx, struct conf_list *sessions);

/* References between scripts, instances and groups, and everything that two
 * of them cannot have in common. */
void vrrp_conf_link(struct conf_bind *ctx, struct vrrp_conf *conf);

extern const struct conf_block vrrp_conf_track_group;

/* Lines of routes and rules; what they say is read when the globals are
 * known, and gives instances more to track: before vrrp_conf_link(). */
void vrrp_conf_add_route(
	struct conf_bind *ctx, uint32_t node, struct conf_list *list);
void vrrp_conf_add_rule(
	struct conf_bind *ctx, uint32_t node, struct conf_list *list);
void vrrp_conf_read_routes(struct conf_bind *ctx, struct vrrp_conf *conf);

/* A line of interface_up_down_delays; and what the instances allow. */
void vrrp_conf_bind_delay(struct conf_bind *ctx, uint32_t node, void *target);
void vrrp_conf_link_delays(struct conf_bind *ctx, struct vrrp_conf *conf);

#endif

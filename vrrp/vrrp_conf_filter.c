/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packet filters: nftables in global_defs, accept and no_accept. */
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "vrrp/vrrp_conf_internal.h"

void vrrp_conf_bind_nftables(struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *name = conf_node_arg(ctx->tree, node, 0);
	struct vrrp_globals_conf *globals = target;

	conf_check_extra(ctx, node, 1);
	if (!name)
		return;
	if (!*name || strlen(name) >= NFT_TABLE_MAXNAMELEN / 2 ||
		strchr(name, '/')) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0, NULL,
			"a table has a name of 1 to %d characters, without a "
			"slash",
			NFT_TABLE_MAXNAMELEN / 2 - 1);
		return;
	}
	globals->filter.table = arena_strdup(ctx->arena, name);
}

void vrrp_conf_resolve_accept(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst)
{
	/* The last one counts. */
	inst->accept = !inst->no_accept_said ||
		       (inst->accept_said &&
			       vrrp_conf_child(ctx, inst->node, "accept") >
				       vrrp_conf_child(ctx, inst->node,
					       "no_accept"));
	if (inst->extra_garp.interval_us == VRRP_CONF_UNSET)
		inst->extra_garp = globals->extra_garp;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of routes and rules with any words, which become values, and values
 * messages, which are parsed again and must agree with them; and files of
 * names.
 */
#include <assert.h>
#include <netlink/msg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/language.h"
#include "lib/mem.h"
#include "vrrp/iproute_names.h"
#include "vrrp/vrrp_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct conf_block *const views[] = { &vrrp_conf_root, NULL };

/* What is written is what was meant; the kernel adds nothing here. */
static void round_trip_route(const struct vrrp_route_conf *conf)
{
	struct netlink_route route = conf->route, back;
	struct nl_msg *msg;

	route.hops = x_new(struct netlink_hop, conf->hops.n);
	vrrp_conf_for_each(vrrp_hop_conf, hop, &conf->hops)
	{
		route.hops[route.n_hops] = hop->hop;
		route.hops[route.n_hops++].ifindex = hop->dev != NULL;
	}
	msg = netlink_build_route_add(&route, conf->place);
	assert(netlink_parse_route(nlmsg_hdr(msg), &back) == 0);
	assert(netlink_route_agrees(&route, &back));
	assert(netlink_route_metrics_agree(&route, &back));
	netlink_route_clear(&back);
	netlink_route_clear(&route);
	nlmsg_free(msg);
}

static void round_trip_rule(const struct netlink_rule *rule)
{
	struct nl_msg *msg = netlink_build_rule_add(rule);
	struct netlink_rule back;

	assert(netlink_parse_rule(nlmsg_hdr(msg), &back) == 0);
	assert(netlink_rule_agrees(rule, &back));
	nlmsg_free(msg);
}

static void try_block(const char *block, const uint8_t *data, size_t size)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = true };
	struct diag_list *diags = diag_list_new();
	char *text = x_asprintf("%s {\n%.*s\n}\nglobal_defs {\n"
				"iproute_usr_dir /nonexistent\n"
				"iproute_etc_dir /nonexistent\n}\n",
		block, (int)size, (const char *)data);
	struct conf_bind ctx = { .lenient = true };
	const struct vrrp_conf *conf;

	ctx.tree = conf_load_text(
		&language, "fuzz", text, strlen(text), &options, diags);
	if (ctx.tree) {
		ctx.arena = arena_new();
		conf = conf_bind_root(&ctx, &vrrp_conf_root);
		vrrp_conf_for_each(
			vrrp_route_conf, route, &conf->static_routes)
			round_trip_route(route);
		vrrp_conf_for_each(vrrp_rule_conf, rule, &conf->static_rules)
			round_trip_rule(&rule->rule);
		arena_free(ctx.arena);
		conf_tree_free((struct conf_tree *)(uintptr_t)ctx.tree);
	}
	diag_list_free(diags);
	x_free(text);
}

static void try_names(const uint8_t *data, size_t size)
{
	struct iproute_names *names =
		iproute_names_new("/nonexistent", "/nonexistent");
	uint32_t number;

	iproute_names_add_text(
		names, IPROUTE_TABLE, (const char *)data, size);
	iproute_names_find(names, IPROUTE_TABLE, "web", &number);
	iproute_names_free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || size > 4096)
		return 0;
	if (data[0] == 'R')
		try_block("static_rules", data + 1, size - 1);
	else if (data[0] == 'N')
		try_names(data + 1, size - 1);
	else
		try_block("static_routes", data + 1, size - 1);
	return 0;
}

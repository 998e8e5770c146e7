/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD_CHECK, and what it needs of bfd_instance: vrrp knows these blocks too,
 * documents them and says what is wrong with them.
 */
#include <string.h>

#include "healthcheck/check_conf_rows.h"

#define BFD_AT(member) offsetof(struct check_bfd, member)

/* --- bfd_instance --- */

static const struct conf_keyword instance_keywords[] = {
	{ .name = "vrrp", .type = CONF_FLAG, .flags = CONF_SHARED,
		.offset = BFD_AT(for_vrrp), .args = "", .doc = "See vrrp." },
	{ .name = "checker", .type = CONF_FLAG, .flags = CONF_SHARED,
		.offset = BFD_AT(for_checker), .args = "", .doc = "See vrrp." },
	{ .name = NULL },
};

static void instance_arguments(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	const char *name = conf_node_arg(ctx->tree, node, 0);
	struct check_bfd *bfd = target;

	bfd->name = arena_strdup(ctx->arena, name ? name : "");
}

const struct conf_block check_conf_bfd_instance = {
	.size = sizeof(struct check_bfd),
	.keywords = instance_keywords,
	.arguments = instance_arguments,
};

/* --- BFD_CHECK --- */

static const struct conf_keyword bfd_keywords[] = {
	{ .name = "name",
		.type = CONF_STRING,
		.offset = CHECK_AT(bfd_name),
		.args = "NAME",
		.doc = "The bfd_instance whose session it follows.",
		.compat = "A session that was not up within three of its idle "
			  "intervals is down; keepalived takes it for up "
			  "until it has been up once.",
		.example = "name leaf1" },
	{ .name = "alpha",
		.type = CONF_CUSTOM,
		.bind = check_bind_alpha,
		.show = check_show_alpha,
		.args = "[BOOL]",
		.default_text = "that of the real_server",
		.doc = "The server is not used before the session was up." },
	{ .name = NULL },
};

static void bfd_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_BFD;
}

static void bfd_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;

	/* The session has waited and tried again already. */
	check->timing.retry = 0;
	check->timing.warmup_us = 0;
	check_config_finish(ctx, node, target, parent);
	if (!check->bfd_name)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"name NAME", "BFD_CHECK names no bfd_instance");
}

const struct conf_block check_conf_bfd = {
	.size = sizeof(struct check_config),
	.keywords = bfd_keywords,
	.init = bfd_init,
	.finish = bfd_finish,
};

/* --- which session a check follows --- */

struct check_bfd *check_bfds_index(const struct conf_list *sessions)
{
	struct check_bfd *index = NULL;
	uint32_t i;

	for (i = 0; i < sessions->n; i++) {
		struct check_bfd *bfd = sessions->items[i];
		struct check_bfd *other;

		HASH_FIND_STR(index, bfd->name, other);
		if (!other)
			HASH_ADD_KEYPTR(
				hh, index, bfd->name, strlen(bfd->name), bfd);
	}
	return index;
}

/* Where CHECK names its session. */
static uint32_t name_node(
	const struct conf_bind *ctx, const struct check_config *check)
{
	conf_for_each_child(ctx->tree, check->node, child)
		if (!strcmp(conf_node_keyword(ctx->tree, child), "name"))
			return child;
	return check->node;
}

void check_bfd_resolve(struct conf_bind *ctx, struct check_bfd *index,
	struct check_config *check)
{
	struct check_bfd *bfd;

	if (!check->bfd_name)
		return;
	HASH_FIND_STR(index, check->bfd_name, bfd);
	check->bfd_found = bfd && (bfd->for_checker || !bfd->for_vrrp);
	if (!bfd)
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE,
			name_node(ctx, check), 0,
			"define it: bfd_instance NAME { neighbor_ip ADDRESS }",
			"there is no bfd_instance '%s'", check->bfd_name);
	else if (!check->bfd_found)
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE,
			name_node(ctx, check), 0,
			"write 'checker' in the bfd_instance, too",
			"bfd_instance '%s' is for VRRP only", check->bfd_name);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bfd_instance: its words, and what they mean together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/bfd_packet.h"
#include "vrrp/vrrp_conf_internal.h"

#define AT(field) .offset = offsetof(struct vrrp_bfd_conf, field)
#define NAME_MAX_LEN 31
#define WEIGHT_MAX 253
#define MS_MAX INT64_C(4294967)
/* keepalived says from here on that this makes little sense. */
#define SENSIBLE_US (1000 * USEC_PER_MSEC)
#define SENSIBLE_IDLE_US (10000 * USEC_PER_MSEC)
#define HOPS_ANY 255
/* What keepalived sends, and takes, over IPv6. */
#define HOPLIMIT_DEFAULT 64

static void bind_weight(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_bfd_conf *bfd = target;
	const char *word = conf_node_arg(ctx->tree, node, 1);

	conf_arg_int(ctx, node, 0, -WEIGHT_MAX, WEIGHT_MAX, &bfd->weight);
	if (word && !strcmp(word, "reverse"))
		bfd->reverse = true;
	else if (word)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, 1,
			"weight N [reverse]", "'%s' is not known here", word);
}

/* --- intervals: milliseconds, of which there may be thousandths --- */

/* 0, or -EINVAL when TEXT is no such number. */
static int parse_ms(const char *text, int64_t *ret_us)
{
	int64_t us = 0, unit = USEC_PER_MSEC;
	const char *c = text;

	for (; *c >= '0' && *c <= '9' && us <= MS_MAX * USEC_PER_MSEC; c++)
		us = us * 10 + (*c - '0') * USEC_PER_MSEC;
	if (c == text)
		return -EINVAL;
	if (*c == '.')
		for (c++; *c >= '0' && *c <= '9' && unit > 1; c++) {
			unit /= 10;
			us += (*c - '0') * unit;
		}
	/* So large that it was not read to its end. */
	if (*c && us <= MS_MAX * USEC_PER_MSEC)
		return -EINVAL;
	*ret_us = us;
	return 0;
}

static void bind_ms(struct conf_bind *ctx, uint32_t node, int64_t *target)
{
	const char *text;
	int64_t us;

	if (conf_arg_string(ctx, node, 0, &text) < 0)
		return;
	conf_check_extra(ctx, node, 1);
	if (parse_ms(text, &us) < 0)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, 0,
			"valid: 1 to 4294967 milliseconds, with three "
			"decimals at most",
			"'%s' is no number of milliseconds", text);
	else if (us < USEC_PER_MSEC || us > MS_MAX * USEC_PER_MSEC)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0,
			"valid: 1 to 4294967 milliseconds",
			"%s is out of range", text);
	else
		*target = us;
}

static void show_ms(int64_t us, FILE *out)
{
	fprintf(out, "%lld", (long long)(us / USEC_PER_MSEC));
	if (us % USEC_PER_MSEC)
		fprintf(out, ".%03d", (int)(us % USEC_PER_MSEC));
}

#define INTERVAL(word)                                                         \
	static void bind_##word(                                               \
		struct conf_bind *ctx, uint32_t node, void *target)            \
	{                                                                      \
		struct vrrp_bfd_conf *bfd = target;                            \
                                                                               \
		bind_ms(ctx, node, &bfd->word##_us);                           \
	}                                                                      \
	static void show_##word(const void *target, FILE *out)                 \
	{                                                                      \
		const struct vrrp_bfd_conf *bfd = target;                      \
                                                                               \
		show_ms(bfd->word##_us, out);                                  \
	}

INTERVAL(min_rx)
INTERVAL(min_tx)
INTERVAL(idle_tx)

static const struct conf_keyword keywords[] = {
	{ .name = "neighbor_ip",
		.type = CONF_ADDRESS,
		AT(neighbour),
		.args = "ADDRESS",
		.doc = "The neighbour's address." },
	{ .name = "neighbour_ip",
		.type = CONF_ADDRESS,
		AT(neighbour),
		.args = "ADDRESS",
		.doc = "The same as neighbor_ip." },
	{ .name = "source_ip",
		.type = CONF_ADDRESS,
		AT(source),
		.args = "ADDRESS",
		.doc = "The own address; the one that the route has when not "
		       "set." },
	{ .name = "min_rx",
		.type = CONF_CUSTOM,
		.bind = bind_min_rx,
		.show = show_min_rx,
		.args = "MILLISECONDS",
		.default_text = "10",
		.doc = "The neighbour may send so often." },
	{ .name = "min_tx",
		.type = CONF_CUSTOM,
		.bind = bind_min_tx,
		.show = show_min_tx,
		.args = "MILLISECONDS",
		.default_text = "10",
		.doc = "Send so often while the session is up, or as seldom "
		       "as the neighbour asks for." },
	{ .name = "idle_tx",
		.type = CONF_CUSTOM,
		.bind = bind_idle_tx,
		.show = show_idle_tx,
		.args = "MILLISECONDS",
		.default_text = "1000",
		.doc = "Send so often while it is not up." },
	{ .name = "multiplier",
		.type = CONF_INT,
		AT(multiplier),
		.min = 1,
		.max = 255,
		.args = "N",
		.default_text = "5",
		.doc = "The neighbour takes us for down when it missed so many "
		       "packets in a row." },
	{ .name = "passive",
		.type = CONF_FLAG,
		AT(passive),
		.args = "",
		.doc = "Say nothing until the neighbour does." },
	{ .name = "ttl",
		.type = CONF_INT,
		AT(ttl_said),
		.min = 1,
		.max = 255,
		.args = "N",
		.default_text = "255",
		.doc = "TTL of packets that are sent; those that come must "
		       "have as much, less max_hops." },
	{ .name = "hoplimit",
		.type = CONF_INT,
		AT(ttl_said),
		.min = 1,
		.max = 255,
		.args = "N",
		.default_text = "255, from 64 on",
		.doc = "The same as ttl. Without it, IPv6 sends 255 as RFC "
		       "5881 wants, and takes 64 and more.",
		.compat = "keepalived sends 64 over IPv6 when nothing is "
			  "said." },
	{ .name = "max_hops",
		.type = CONF_INT,
		AT(max_hops),
		.min = -1,
		.max = 255,
		.args = "N",
		.default_text = "0",
		.doc = "So many routers may be on the way; 255 or -1: any." },
	{ .name = "multihop",
		.type = CONF_BOOL,
		AT(multihop),
		.args = "[BOOL]",
		.default_text = "no",
		.doc = "A session over routers (RFC 5883, port 4784)." },
	{ .name = "weight",
		.type = CONF_CUSTOM,
		.bind = bind_weight,
		.args = "N [reverse]",
		.default_text = "0",
		.doc = "For track_bfd, as in vrrp_script." },
	{ .name = "vrrp",
		.type = CONF_FLAG,
		AT(for_vrrp),
		.args = "",
		.doc = "For track_bfd; without this and checker for both." },
	{ .name = "checker",
		.type = CONF_FLAG,
		AT(for_checker),
		.args = "",
		.doc = "For BFD_CHECK; without this and vrrp for both." },
	{ .name = NULL },
};

static void arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_bfd_conf *bfd = target;

	bfd->node = node;
	bfd->name = vrrp_conf_block_name(ctx, node);
	conf_check_extra(ctx, node, 1);
	if (strlen(bfd->name) <= NAME_MAX_LEN)
		return;
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0, NULL,
		"the name of a bfd_instance has %d characters at most",
		NAME_MAX_LEN);
	bfd->broken = true;
}

static void init(void *target, const void *parent)
{
	struct vrrp_bfd_conf *bfd = target;

	(void)parent;
	bfd->min_rx_us = 10 * USEC_PER_MSEC;
	bfd->min_tx_us = 10 * USEC_PER_MSEC;
	bfd->idle_tx_us = USEC_PER_SEC;
	bfd->multiplier = 5;
}

/* --- the whole --- */

static void check_addresses(struct conf_bind *ctx, struct vrrp_bfd_conf *bfd)
{
	uint32_t node = vrrp_conf_child(ctx, bfd->node, "neighbor_ip");

	if (node == bfd->node)
		node = vrrp_conf_child(ctx, bfd->node, "neighbour_ip");
	if (!ip_addr_is_set(&bfd->neighbour)) {
		/* A bad one was reported as such. */
		if (node == bfd->node)
			conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node,
				-1, "neighbor_ip ADDRESS",
				"bfd_instance '%s' has no neighbour",
				bfd->name);
		bfd->broken = true;
		return;
	}
	if (ip_addr_is_link_local(&bfd->neighbour) &&
		bfd->neighbour.family == AF_INET6)
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE, node, 0,
			"use a global or a unique local address",
			"a link-local neighbour cannot be reached without an "
			"interface, which bfd_instance has no word for");
	if (!ip_addr_is_set(&bfd->source) ||
		bfd->source.family == bfd->neighbour.family)
		return;
	conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT,
		vrrp_conf_child(ctx, bfd->node, "source_ip"), 0, NULL,
		"source and neighbour are of different families");
	bfd->broken = true;
}

static void check_one_interval(struct conf_bind *ctx,
	const struct vrrp_bfd_conf *bfd, const char *keyword, int64_t value,
	int64_t most)
{
	if (value > most)
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			vrrp_conf_child(ctx, bfd->node, keyword), 0, NULL,
			"these are milliseconds: more than %lld makes little "
			"sense",
			(long long)(most / USEC_PER_MSEC));
}

static void check_intervals(struct conf_bind *ctx, struct vrrp_bfd_conf *bfd)
{
	check_one_interval(ctx, bfd, "min_rx", bfd->min_rx_us, SENSIBLE_US);
	check_one_interval(ctx, bfd, "min_tx", bfd->min_tx_us, SENSIBLE_US);
	check_one_interval(
		ctx, bfd, "idle_tx", bfd->idle_tx_us, SENSIBLE_IDLE_US);
	if (bfd->idle_tx_us < USEC_PER_SEC)
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			vrrp_conf_child(ctx, bfd->node, "idle_tx"), 0,
			"1000 or more",
			"RFC 5880 6.8.3 wants one packet a second at most "
			"while a session is not up");
	bfd->fsm = (struct bfd_fsm_conf){
		.min_tx_us = (uint32_t)bfd->min_tx_us,
		.min_rx_us = (uint32_t)bfd->min_rx_us,
		.idle_tx_us = (uint32_t)bfd->idle_tx_us,
		.multiplier = (uint8_t)bfd->multiplier,
		.passive = bfd->passive,
	};
}

static uint32_t ttl_node(
	const struct conf_bind *ctx, const struct vrrp_bfd_conf *bfd)
{
	uint32_t node = vrrp_conf_child(ctx, bfd->node, "ttl");

	return node != bfd->node ? node
				 : vrrp_conf_child(ctx, bfd->node, "hoplimit");
}

static void warn_about_hops(
	struct conf_bind *ctx, const struct vrrp_bfd_conf *bfd)
{
	bool v6 = bfd->neighbour.family == AF_INET6;

	if (bfd->multihop) {
		if (bfd->max_hops == 0)
			conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
				vrrp_conf_child(ctx, bfd->node, "multihop"), -1,
				"max_hops N, 255 for any",
				"with max_hops 0 packets that came over a "
				"router are dropped");
		return;
	}
	if (bfd->ttl_said && bfd->ttl_said != BFD_TTL)
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE,
			ttl_node(ctx, bfd), 0, "255",
			"neighbours that keep to RFC 5881 drop packets with "
			"less than 255");
	else if (!bfd->ttl_said && v6)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, bfd->node,
			0, "hoplimit 255, if the neighbour sends that",
			"packets with a hop limit from %d on are taken, as "
			"keepalived sends them: they may come from afar",
			HOPLIMIT_DEFAULT);
}

static void decide_hops(struct conf_bind *ctx, struct vrrp_bfd_conf *bfd)
{
	int64_t from = bfd->ttl_said;

	if (!from)
		from = bfd->neighbour.family == AF_INET6 ? HOPLIMIT_DEFAULT
							 : BFD_TTL;
	bfd->ttl = (uint8_t)(bfd->ttl_said ? bfd->ttl_said : BFD_TTL);
	warn_about_hops(ctx, bfd);
	if (bfd->max_hops < 0 || bfd->max_hops == HOPS_ANY) {
		bfd->ttl_min = -1;
		return;
	}
	if (bfd->max_hops > from) {
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, bfd->node, "max_hops"), 0, NULL,
			"more hops than the TTL, which is %lld",
			(long long)from);
		bfd->max_hops = from;
	}
	bfd->ttl_min = (int)(from - bfd->max_hops);
}

static void finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_bfd_conf *bfd = target;

	(void)node;
	(void)parent;
	check_addresses(ctx, bfd);
	check_intervals(ctx, bfd);
	if (!bfd->broken)
		decide_hops(ctx, bfd);
	if (!bfd->for_vrrp && !bfd->for_checker)
		bfd->for_vrrp = bfd->for_checker = true;
}

const struct conf_block vrrp_conf_bfd = {
	.size = sizeof(struct vrrp_bfd_conf),
	.keywords = keywords,
	.arguments = arguments,
	.init = init,
	.finish = finish,
};

/* --- all of them --- */

static bool same_addresses(
	const struct vrrp_bfd_conf *a, const struct vrrp_bfd_conf *b)
{
	return a->multihop == b->multihop &&
	       !ip_addr_compare(&a->neighbour, &b->neighbour) &&
	       !ip_addr_compare(&a->source, &b->source);
}

static int compare(const void *a, const void *b)
{
	const struct vrrp_bfd_conf *const *x = a;
	const struct vrrp_bfd_conf *const *y = b;
	int order = ip_addr_compare(&(*x)->neighbour, &(*y)->neighbour);

	if (!order)
		order = ip_addr_compare(&(*x)->source, &(*y)->source);
	if (!order)
		order = (int)(*x)->multihop - (int)(*y)->multihop;
	if (!order)
		order = (*x)->node < (*y)->node ? -1 : 1;
	return order;
}

/* The first of two sessions with the same ends counts. */
static void find_duplicates(
	struct conf_bind *ctx, const struct conf_list *sessions)
{
	void **sorted = x_new(void *, sessions->n + 1);
	const struct vrrp_bfd_conf *first = NULL;

	if (sessions->n)
		memcpy(sorted, sessions->items, sessions->n * sizeof(*sorted));
	qsort(sorted, sessions->n, sizeof(*sorted), compare);
	for (size_t i = 0; i < sessions->n; i++) {
		struct vrrp_bfd_conf *bfd = sorted[i];

		if (bfd->broken)
			continue;
		if (!first || !same_addresses(first, bfd)) {
			first = bfd;
			continue;
		}
		bfd->broken = true;
		conf_report(ctx, DIAG_ERROR, DIAG_DUPLICATE, bfd->node, 0, NULL,
			"bfd_instance '%s' has the same neighbour, in "
			"line %u",
			first->name,
			conf_node_place(ctx->tree, first->node).line);
	}
	x_free(sorted);
}

void vrrp_conf_settle_bfds(struct conf_bind *ctx, struct conf_list *sessions)
{
	size_t kept = 0;

	find_duplicates(ctx, sessions);
	for (size_t i = 0; i < sessions->n; i++) {
		const struct vrrp_bfd_conf *bfd = sessions->items[i];

		if (!bfd->broken)
			sessions->items[kept++] = sessions->items[i];
	}
	sessions->n = (uint32_t)kept;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface_up_down_delays. */
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define DELAY_MAX_US (255 * USEC_PER_SEC)

/* A line: INTERFACE DOWN [UP]. */
void vrrp_conf_bind_delay(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_conf *conf = target;
	struct vrrp_delay_conf *delay =
		arena_new_object(ctx->arena, struct vrrp_delay_conf);

	delay->node = node;
	delay->interface = arena_strdup(
		ctx->arena, conf_node_keyword(ctx->tree, node));
	if (conf_arg_time(
		    ctx, node, 0, 0, DELAY_MAX_US, &delay->down_us) < 0)
		return;
	delay->up_us = delay->down_us;
	if (conf_node_n_args(ctx->tree, node) > 1 &&
		conf_arg_time(ctx, node, 1, 0, DELAY_MAX_US, &delay->up_us) < 0)
		return;
	conf_check_extra(ctx, node, 2);
	conf_list_add(ctx->arena, &conf->delays, delay);
}

struct by_name {
	struct vrrp_delay_conf *delay;
	UT_hash_handle hh;
};

static void add_delay(struct conf_bind *ctx, struct by_name **delays,
	struct vrrp_delay_conf *delay, struct conf_list *kept)
{
	struct by_name *found;

	HASH_FIND_STR(*delays, delay->interface, found);
	if (found) {
		conf_report(ctx, DIAG_WARNING, DIAG_DUPLICATE, delay->node, -1,
			NULL, "%s is there twice, first in line %u",
			delay->interface,
			conf_node_place(ctx->tree, found->delay->node).line);
		return;
	}
	conf_list_add(ctx->arena, kept, delay);
	found = x_new(struct by_name, 1);
	found->delay = delay;
	HASH_ADD_KEYPTR(hh, *delays, delay->interface,
		strlen(delay->interface), found);
}

/*
 * A backup that hears nothing because its link is down must not take over
 * before that counts: the down interval less one advert, which may have come
 * just before.
 */
static void limit_delay(struct conf_bind *ctx, struct by_name *delays,
	const struct vrrp_instance_conf *inst)
{
	int64_t limit = (inst->down_timer_adverts - 1) * inst->advert_int_us;
	struct by_name *found = NULL;

	if (inst->interface)
		HASH_FIND_STR(delays, inst->interface, found);
	if (!found || inst->dont_track_primary || found->delay->down_us < limit)
		return;
	/* An interval of 1 s allows 1.9 s. */
	limit -= limit / 20;
	conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE, found->delay->node, 0,
		NULL,
		"a delay of %g s is too long for instance '%s': %g s, or it "
		"takes over while its link is down",
		(double)found->delay->down_us / USEC_PER_SEC, inst->name,
		(double)limit / USEC_PER_SEC);
	found->delay->down_us = limit;
}

void vrrp_conf_link_delays(struct conf_bind *ctx, struct vrrp_conf *conf)
{
	struct by_name *delays = NULL, *item, *next;
	struct conf_list kept = { .n = 0 };

	if (!conf->delays.n)
		return;
	vrrp_conf_for_each(vrrp_delay_conf, delay, &conf->delays)
		add_delay(ctx, &delays, delay, &kept);
	conf->delays = kept;
	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
		limit_delay(ctx, delays, inst);
	HASH_ITER (hh, delays, item, next) {
		HASH_DEL(delays, item);
		x_free(item);
	}
}

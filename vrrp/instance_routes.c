/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes and rules of instances, and static ones: what the configuration
 * means here, who is told, and what is left to a successor. */
#include <string.h>
#include <utlist.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/shell.h"

#define HERITAGE_VERSION 1
#define HERITAGE_KEY "routes/"
#define HERITAGE_STATIC "static routes"
/* So much fits one message; the rest is known by its number. */
#define HERITAGE_BYTES_MAX 32768

/* --- what is wanted --- */

/* What a want points to. */
struct wanted {
	struct netlink_route *routes;
	struct vrrp_fib_want *wants;
	size_t n;
};

static uint32_t find_ifindex(
	const struct netlink *netlink, const char *dev, bool *missing)
{
	const struct netlink_link *link =
		dev ? netlink_find_link_by_name(netlink, dev) : NULL;

	*missing |= dev && !link;
	return link ? link->info.ifindex : 0;
}

static uint32_t table_of_vrf(
	const struct netlink *netlink, const char *vrf, bool *missing)
{
	const struct netlink_link *link =
		netlink_find_link_by_name(netlink, vrf);

	if (link && link->info.kind == NETLINK_KIND_VRF &&
		link->info.vrf_table)
		return link->info.vrf_table;
	*missing = true;
	return 0;
}

static void want_route(const struct netlink *netlink,
	const struct vrrp_route_conf *conf, struct netlink_route *route,
	struct vrrp_fib_want *want)
{
	*route = conf->route;
	route->hops = x_new(struct netlink_hop, conf->hops.n);
	route->n_hops = 0;
	vrrp_conf_for_each(vrrp_hop_conf, hop, &conf->hops)
	{
		struct netlink_hop *to = &route->hops[route->n_hops++];

		*to = hop->hop;
		to->ifindex = find_ifindex(netlink, hop->dev, &want->missing);
	}
	if (conf->vrf)
		route->table =
			table_of_vrf(netlink, conf->vrf, &want->missing);
	want->route = route;
	want->place = conf->place;
}

static void want_object(
	const struct vrrp_object_conf *object, struct vrrp_fib_want *want)
{
	want->text = object->text;
	want->no_track = object->no_track;
	want->tag = object->group;
}

static struct wanted collect(const struct netlink *netlink,
	const struct conf_list *routes, const struct conf_list *rules)
{
	struct wanted w = {
		.routes = x_new(struct netlink_route, routes->n),
		.wants = x_new(struct vrrp_fib_want, routes->n + rules->n),
	};

	vrrp_conf_for_each(vrrp_route_conf, route, routes)
	{
		struct vrrp_fib_want *want = &w.wants[w.n];

		want_object(&route->object, want);
		want_route(netlink, route, &w.routes[w.n++], want);
	}
	vrrp_conf_for_each(vrrp_rule_conf, rule, rules)
	{
		struct vrrp_fib_want *want = &w.wants[w.n++];

		want_object(&rule->object, want);
		want->rule = &rule->rule;
	}
	return w;
}

static void define(struct vrrp_role *role, struct vrrp_fib_set *set,
	const struct conf_list *routes, const struct conf_list *rules,
	bool rest)
{
	struct wanted w = collect(role->netlink, routes, rules);

	if (rest)
		vrrp_fib_set_define_rest(set, w.wants, w.n);
	else
		vrrp_fib_set_define(set, w.wants, w.n);
	for (size_t i = 0; i < routes->n; i++)
		netlink_route_clear(&w.routes[i]);
	x_free(w.routes);
	x_free(w.wants);
}

static void inherit_all(struct vrrp_role *role);

void vrrp_define_all_routes(struct vrrp_role *role)
{
	const struct vrrp_conf *conf = role->running->conf;
	struct vrrp_instance *inst;

	vrrp_fib_begin(role->fib);
	vrrp_for_each_instance(role, live) define(role, live->routes,
		&live->conf->routes, &live->conf->rules, false);
	define(role, role->static_routes, &conf->static_routes,
		&conf->static_rules, false);
	/* Last: what a live one has too is not theirs any more. */
	DL_FOREACH (role->retired, inst)
		define(role, inst->routes, &inst->conf->routes,
			&inst->conf->rules, true);
	vrrp_fib_end(role->fib);
	inherit_all(role);
	DL_FOREACH (role->retired, inst)
		if (inst->hands_down)
			vrrp_fib_set_sync(inst->routes, false);
	vrrp_fib_set_sync(role->static_routes, true);
}

/* --- what happens to them --- */

static void save(struct vrrp_role *role, const char *key,
	const struct vrrp_fib_set *set, bool *saved);

static void done(void *owner)
{
	struct vrrp_instance *inst = owner;
	char *key = x_asprintf("%s%s", HERITAGE_KEY, inst->name);

	if (vrrp_fib_set_has_failed(inst->routes))
		vrrp_role_retry_at(
			inst->role, time_monotonic_us() + VRRP_RETRY_US);
	save(inst->role, key, inst->routes, &inst->routes_saved);
	x_free(key);
}

static void lost(void *owner, const char *text)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_RELEASE,
		.reason = REASON_VRRP_ROUTE_LOST,
	};

	(void)text;
	vrrp_instance_event(owner, &event);
}

/* Which groups have lost something static. */
struct looking {
	const struct vrrp_track_group_conf *group;
	bool lost;
};

static void look(const struct vrrp_fib_status *status, void *user_data)
{
	struct looking *looking = user_data;

	looking->lost |= status->tag == looking->group && !status->present;
}

bool vrrp_instance_statics_lost(const struct vrrp_instance *inst)
{
	struct looking looking = { .lost = false };

	if (!vrrp_fib_set_is_wanted(inst->role->static_routes))
		return false;
	vrrp_conf_for_each(
		vrrp_track_group_conf, group, &inst->conf->track_groups)
	{
		looking.group = group;
		vrrp_fib_set_each(inst->role->static_routes, look, &looking);
	}
	return looking.lost;
}

static void statics(void *user_data)
{
	struct vrrp_role *role = user_data;

	if (!role->running)
		return;
	if (vrrp_fib_set_has_failed(role->static_routes))
		vrrp_role_retry_at(role, time_monotonic_us() + VRRP_RETRY_US);
	save(role, HERITAGE_STATIC, role->static_routes,
		&role->static_routes_saved);
	vrrp_conf_for_each(
		vrrp_track_group_conf, group, &role->running->conf->track_groups)
	{
		vrrp_conf_for_each(vrrp_instance_conf, conf, &group->members)
		{
			struct vrrp_instance *inst;

			HASH_FIND_STR(role->instances, conf->name, inst);
			if (inst)
				vrrp_instance_check(inst);
		}
	}
}

static const struct vrrp_fib_events events = {
	.done = done,
	.lost = lost,
	.statics = statics,
};

/* --- the successor --- */

struct vrrp_route_heritage {
	char *key;
	uint8_t *data;
	size_t len;
	struct vrrp_route_heritage *next;
};

static void put_removal(const void *message, size_t len, void *user_data)
{
	struct buf_writer *body = user_data;

	if (body->len + len + sizeof(uint32_t) <= HERITAGE_BYTES_MAX)
		buf_put_blob(body, message, len);
}

static void save(struct vrrp_role *role, const char *key,
	const struct vrrp_fib_set *set, bool *saved)
{
	struct buf_writer body = { .data = NULL };

	buf_put_u8(&body, HERITAGE_VERSION);
	vrrp_fib_set_each_removal(set, put_removal, &body);
	/* Nothing in the kernel, and nothing known of it: nothing to say. */
	if (body.len > 1)
		role_checkpoint(role->role, key, body.data, body.len);
	else if (*saved)
		role_checkpoint(role->role, key, NULL, 0);
	*saved = body.len > 1;
	buf_writer_free(&body);
}

bool vrrp_routes_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len)
{
	struct vrrp_route_heritage *h;

	if (strncmp(key, HERITAGE_KEY, strlen(HERITAGE_KEY)) != 0 &&
		strcmp(key, HERITAGE_STATIC) != 0)
		return false;
	h = x_new(struct vrrp_route_heritage, 1);
	h->key = x_strdup(key);
	h->data = x_new(uint8_t, len);
	memcpy(h->data, data, len);
	h->len = len;
	LL_PREPEND(role->route_heritage, h);
	return true;
}

static void inherit(struct vrrp_role *role, const struct vrrp_route_heritage *h)
{
	struct buf_reader r;
	const void *message;
	size_t len;

	buf_reader_init(&r, h->data, h->len);
	if (buf_get_u8(&r) != HERITAGE_VERSION)
		return;
	while (!r.failed && r.pos < r.end) {
		message = buf_get_blob(&r, &len);
		if (len)
			vrrp_fib_inherit(role->fib, message, len);
	}
}

/* Who has to say so when it has nothing any more; of an instance that is no
 * longer configured it is said now. */
static void note_saved(struct vrrp_role *role, const char *key)
{
	struct vrrp_instance *inst = NULL;

	if (!strcmp(key, HERITAGE_STATIC)) {
		role->static_routes_saved = true;
		return;
	}
	HASH_FIND_STR(role->instances, key + strlen(HERITAGE_KEY), inst);
	if (inst)
		inst->routes_saved = true;
	else
		role_checkpoint(role->role, key, NULL, 0);
}

static void inherit_all(struct vrrp_role *role)
{
	struct vrrp_route_heritage *h, *next;

	LL_FOREACH_SAFE (role->route_heritage, h, next) {
		inherit(role, h);
		note_saved(role, h->key);
		x_free(h->key);
		x_free(h->data);
		x_free(h);
	}
	role->route_heritage = NULL;
}

/* --- life --- */

void vrrp_routes_new(struct vrrp_role *role)
{
	role->fib = vrrp_fib_new(
		role->loop, role->netlink, role->writer, &events, role);
	role->static_routes =
		vrrp_fib_set_new(role->fib, "static_routes", NULL);
}

void vrrp_routes_free(struct vrrp_role *role)
{
	struct vrrp_route_heritage *h, *next;

	LL_FOREACH_SAFE (role->route_heritage, h, next) {
		x_free(h->key);
		x_free(h->data);
		x_free(h);
	}
	vrrp_fib_set_free(role->static_routes);
	vrrp_fib_free(role->fib);
}

void vrrp_instance_forget_routes(struct vrrp_instance *inst)
{
	char *key;

	if (!inst->routes_saved)
		return;
	key = x_asprintf("%s%s", HERITAGE_KEY, inst->name);
	role_checkpoint(inst->role->role, key, NULL, 0);
	x_free(key);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/plan.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"
#include "vrrp/plan_fields.h"

/* --- comparison --- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool vrrp_plan_can_stay(const struct vrrp_instance_conf *before,
	const struct vrrp_instance_conf *after)
{
	return same_text(before->interface, after->interface) &&
	       before->vrid == after->vrid && before->family == after->family &&
	       before->version == after->version &&
	       before->unicast == after->unicast &&
	       vrrp_conf_same_vmac(before, after);
}

static void say(struct json_object *plan, const char *action,
	const char *subject, const char *detail)
{
	struct json_object *line = json_object_new_object();

	json_object_object_add(line, "action", json_object_new_string(action));
	json_object_object_add(
		line, "subject", json_object_new_string(subject));
	json_object_object_add(line, "detail", json_object_new_string(detail));
	json_object_array_add(plan, line);
}

static void say_instance(struct json_object *plan, const char *action,
	const char *name, const char *detail)
{
	char *subject = x_asprintf("vrrp_instance %s", name);

	say(plan, action, subject, detail);
	x_free(subject);
}

/* Text that grows, its parts joined by ", ". */
struct text {
	char *str;
	size_t len;
	size_t capacity;
};

static void text_add(struct text *text, char *part)
{
	size_t len = strlen(part);

	if (text->capacity < text->len + len + sizeof(", ")) {
		text->capacity = 2 * (text->len + len + sizeof(", "));
		text->str = x_realloc(text->str, text->capacity, 1);
	}
	if (text->len) {
		memcpy(text->str + text->len, ", ", 2);
		text->len += 2;
	}
	memcpy(text->str + text->len, part, len + 1);
	text->len += len;
	x_free(part);
}

static void add_part(void *user_data, char *part)
{
	text_add(user_data, part);
}

static void diff_number(
	struct text *text, const char *what, int64_t before, int64_t after)
{
	if (before != after)
		text_add(text, x_asprintf("%s %" PRId64 " -> %" PRId64, what,
				       before, after));
}

static void diff_seconds(
	struct text *text, const char *what, int64_t before, int64_t after)
{
	if (before != after)
		text_add(text,
			x_asprintf("%s %g -> %g s", what, (double)before / 1e6,
				(double)after / 1e6));
}

static void diff_flag(
	struct text *text, const char *what, bool before, bool after)
{
	if (before != after)
		text_add(text, x_asprintf("%s %s", what,
				       after ? "set" : "no longer set"));
}

static void diff_text(struct text *text, const char *what, const char *before,
	const char *after)
{
	if (!same_text(before, after))
		text_add(text, x_asprintf("%s %s -> %s", what,
				       before ? before : "none",
				       after ? after : "none"));
}

static void diff_addr(struct text *text, const char *what,
	const struct ip_addr *before, const struct ip_addr *after)
{
	char a[IP_ADDR_STRLEN], b[IP_ADDR_STRLEN];

	if (ip_addr_compare(before, after))
		text_add(text, x_asprintf("%s %s -> %s", what,
				       ip_addr_format(before, a),
				       ip_addr_format(after, b)));
}

/* --- lists: what is in one and not in the other --- */

struct word {
	char *text;
	bool seen;
	UT_hash_handle hh;
};

typedef char *word_fn(const void *item);

static char *address_word(const void *item)
{
	return vrrp_plan_address_text(item);
}

/* A route or a rule, which both begin with what they have in common. */
static char *object_word(const void *item)
{
	const struct vrrp_object_conf *object = item;

	return x_strdup(object->text);
}

static char *peer_word(const void *item)
{
	const struct vrrp_peer_conf *peer = item;
	char text[IP_ADDR_STRLEN];

	ip_addr_format(&peer->addr, text);
	if (!peer->has_ttl)
		return x_strdup(text);
	return x_asprintf("%s min_ttl %" PRId64 " max_ttl %" PRId64, text,
		peer->ttl_min, peer->ttl_max);
}

static char *track_word(const void *item)
{
	const struct vrrp_track_conf *track = item;

	return x_asprintf("%s %s weight %d%s",
		vrrp_track_kind_name(track->kind), track->name, track->weight, track->reverse ? " reverse" : "");
}

static struct word *words_of(const struct conf_list *list, word_fn *word_of)
{
	struct word *words = NULL, *word;
	size_t i;

	for (i = 0; i < list->n; i++) {
		char *text = word_of(list->items[i]);

		HASH_FIND_STR(words, text, word);
		if (word) {
			x_free(text);
			continue;
		}
		word = x_new(struct word, 1);
		word->text = text;
		HASH_ADD_KEYPTR(hh, words, word->text, strlen(text), word);
	}
	return words;
}

static void diff_list(struct text *text, const char *what,
	const struct conf_list *before, const struct conf_list *after,
	word_fn *word_of)
{
	struct word *words = words_of(before, word_of), *word, *next;
	size_t i;

	for (i = 0; i < after->n; i++) {
		char *item = word_of(after->items[i]);

		HASH_FIND_STR(words, item, word);
		if (word)
			word->seen = true;
		else
			text_add(text, x_asprintf("%s +%s", what, item));
		x_free(item);
	}
	HASH_ITER (hh, words, word, next) {
		if (!word->seen)
			text_add(text, x_asprintf("%s -%s", what, word->text));
		HASH_DELETE(hh, words, word);
		x_free(word->text);
		x_free(word);
	}
}

/* --- instances --- */

static void diff_identity(struct text *text, const struct vrrp_instance_conf *a,
	const struct vrrp_instance_conf *b)
{
	if (!vrrp_plan_can_stay(a, b))
		text_add(text, x_strdup("starts anew"));
	diff_text(text, "interface", a->interface, b->interface);
	diff_number(text, "virtual_router_id", a->vrid, b->vrid);
	diff_number(text, "version", a->version, b->version);
	diff_text(text, "family", a->family == AF_INET ? "inet" : "inet6",
		b->family == AF_INET ? "inet" : "inet6");
	diff_flag(text, "unicast_peer", a->unicast, b->unicast);
	diff_addr(text, "source", &a->source, &b->source);
	diff_addr(text, "group", &a->mcast_group, &b->mcast_group);
	diff_list(text, "peer", &a->peers, &b->peers, peer_word);
	diff_flag(text, "use_vmac", a->vmac.use == VRRP_VMAC_MACVLAN,
		b->vmac.use == VRRP_VMAC_MACVLAN);
	diff_flag(text, "use_ipvlan", a->vmac.use == VRRP_VMAC_IPVLAN,
		b->vmac.use == VRRP_VMAC_IPVLAN);
	diff_flag(text, "use_vmac_addr", a->vmac.for_addresses,
		b->vmac.for_addresses);
	if (a->vmac.use && a->vmac.use == b->vmac.use &&
		!vrrp_conf_same_vmac(a, b))
		text_add(text, x_strdup("virtual-MAC interface changed"));
}

static const char *auth_name(const struct vrrp_instance_conf *conf)
{
	if (!conf->auth || conf->auth->type == VRRP_AUTH_NONE)
		return NULL;
	return conf->auth->type == VRRP_AUTH_AH ? "AH" : "PASS";
}

static char *key_word(const struct vrrp_hmac_key *key)
{
	return x_asprintf("auth_hmac key %u", (unsigned int)key->id);
}

/* Which came, went or changed, never what they are.  Both are sorted. */
static void diff_keys(struct text *text, const struct vrrp_hmac_block *a,
	const struct vrrp_hmac_block *b)
{
	size_t i = 0, j = 0;

	while (i < a->n_keys || j < b->n_keys) {
		const struct vrrp_hmac_key *x = a->keys + i, *y = b->keys + j;
		bool gone = j == b->n_keys || (i < a->n_keys && x->id < y->id);
		bool came = i == a->n_keys || (j < b->n_keys && y->id < x->id);
		char *word = key_word(gone ? x : y);

		if (gone || came)
			text_add(text, x_asprintf("%s %s", word,
					       gone ? "removed" : "added"));
		else if (x->len != y->len || memcmp(x->bytes, y->bytes, x->len))
			text_add(text, x_asprintf("%s changed", word));
		x_free(word);
		i += !came;
		j += !gone;
	}
}

static void diff_hmac(struct text *text, const struct vrrp_hmac_block *a,
	const struct vrrp_hmac_block *b)
{
	diff_flag(text, "auth_hmac", a != NULL, b != NULL);
	if (!a || !b)
		return;
	diff_text(text, "auth_hmac mode",
		vrrp_hmac_mode_name((enum vrrp_hmac_mode)a->mode),
		vrrp_hmac_mode_name((enum vrrp_hmac_mode)b->mode));
	diff_keys(text, a, b);
	diff_number(text, "active_key", a->active_key, b->active_key);
	diff_text(text, "anti_replay", a->by_time ? "time" : "monotonic",
		b->by_time ? "time" : "monotonic");
	if (a->by_time && b->by_time)
		diff_number(text, "time_window", a->window_s, b->window_s);
}

static void diff_election(struct text *text, const struct vrrp_instance_conf *a,
	const struct vrrp_instance_conf *b)
{
	diff_number(text, "priority", a->priority, b->priority);
	diff_seconds(text, "advert_int", a->advert_int_us, b->advert_int_us);
	diff_flag(text, "nopreempt", a->nopreempt, b->nopreempt);
	diff_seconds(text, "preempt_delay", a->preempt_delay_us,
		b->preempt_delay_us);
	diff_number(text, "down_timer_adverts", a->down_timer_adverts,
		b->down_timer_adverts);
	diff_text(text, "sync group", a->group ? a->group->name : NULL,
		b->group ? b->group->name : NULL);
	diff_text(text, "auth_type", auth_name(a), auth_name(b));
	if (a->auth && b->auth &&
		!same_text(a->auth->password, b->auth->password))
		text_add(text, x_strdup("auth_pass changed"));
	diff_hmac(text, a->hmac, b->hmac);
}

static void diff_garp(struct text *text, const struct vrrp_instance_conf *a,
	const struct vrrp_instance_conf *b)
{
	diff_seconds(text, "garp_master_delay", a->garp_master_delay_us,
		b->garp_master_delay_us);
	diff_number(text, "garp_master_repeat", a->garp_master_repeat,
		b->garp_master_repeat);
	diff_seconds(text, "garp_master_refresh", a->garp_master_refresh_us,
		b->garp_master_refresh_us);
	diff_number(text, "garp_master_refresh_repeat",
		a->garp_master_refresh_repeat, b->garp_master_refresh_repeat);
	diff_seconds(text, "garp_extra_if", a->extra_garp.interval_us,
		b->extra_garp.interval_us);
	if (a->extra_garp.all != b->extra_garp.all)
		text_add(text, x_strdup("garp_extra_if changed"));
	diff_flag(text, "no_accept", !a->accept, !b->accept);
	diff_flag(text, "promote_secondaries", a->promote_secondaries,
		b->promote_secondaries);
}

static void diff_notify(struct text *text, const struct vrrp_notify_conf *a,
	const struct vrrp_notify_conf *b)
{
	diff_text(text, "notify_master", a->master.command, b->master.command);
	diff_text(text, "notify_backup", a->backup.command, b->backup.command);
	diff_text(text, "notify_fault", a->fault.command, b->fault.command);
	diff_text(text, "notify_stop", a->stop.command, b->stop.command);
	diff_text(text, "notify", a->any.command, b->any.command);
}

static void plan_edit(const struct vrrp_instance_conf *a,
	const struct vrrp_instance_conf *b, struct json_object *plan)
{
	struct text text = { .str = NULL };

	diff_identity(&text, a, b);
	diff_election(&text, a, b);
	diff_list(&text, "address", &a->addresses, &b->addresses, address_word);
	diff_list(&text, "excluded address", &a->excluded, &b->excluded,
		address_word);
	diff_list(&text, "route", &a->routes, &b->routes, object_word);
	diff_list(&text, "rule", &a->rules, &b->rules, object_word);
	diff_list(&text, "track", &a->tracks, &b->tracks, track_word);
	diff_garp(&text, a, b);
	diff_notify(&text, &a->notify, &b->notify);
	vrrp_plan_instance_fields(a, b, add_part, &text);
	if (text.str)
		say_instance(plan, "edit", b->name, text.str);
	x_free(text.str);
}

static void plan_add(
	const struct vrrp_instance_conf *conf, struct json_object *plan)
{
	char *detail = x_asprintf("interface %s, VRID %" PRId64
				  ", version %" PRId64 ", priority %" PRId64
				  ", %u addresses",
		conf->interface ? conf->interface : "none", conf->vrid,
		conf->version, conf->priority,
		conf->addresses.n + conf->excluded.n);

	say_instance(plan, "add", conf->name, detail);
	x_free(detail);
}

static void plan_remove(
	const struct vrrp_instance_conf *conf, struct json_object *plan)
{
	char *detail = x_asprintf("resigns, removes %u addresses",
		conf->addresses.n + conf->excluded.n);

	say_instance(plan, "remove", conf->name, detail);
	x_free(detail);
}

static void plan_static_objects(struct json_object *plan, const char *subject,
	const char *what, const struct conf_list *before, const struct conf_list *after)
{
	struct text text = { .str = NULL };

	diff_list(&text, what, before, after, object_word);
	if (text.str)
		say(plan, "edit", subject, text.str);
	x_free(text.str);
}

static void plan_statics(const struct vrrp_conf *before,
	const struct vrrp_conf *after, struct json_object *plan)
{
	struct text text = { .str = NULL };

	diff_list(&text, "address", &before->static_addresses,
		&after->static_addresses, address_word);
	if (text.str)
		say(plan, "edit", "static_ipaddress", text.str);
	x_free(text.str);
	plan_static_objects(plan, "static_routes", "route",
		&before->static_routes, &after->static_routes);
	plan_static_objects(plan, "static_rules", "rule",
		&before->static_rules, &after->static_rules);
}

/* --- groups, scripts, files, globals --- */

/* Things of one kind in both configurations, matched by their names. */
struct named_kind {
	const char *block;
	size_t name; /* offset of the const char * */
	void (*diff)(struct text *text, const void *before, const void *after);
};

struct named {
	const char *name;
	const void *item;
	bool seen;
	UT_hash_handle hh;
};

static char *member_word(const void *item)
{
	const struct vrrp_instance_conf *member = item;

	return x_strdup(member->name);
}

static void diff_group(struct text *text, const void *before, const void *after)
{
	const struct vrrp_group_conf *a = before, *b = after;

	diff_list(text, "member", &a->members, &b->members, member_word);
	vrrp_plan_group_fields(a, b, add_part, text);
}

static void diff_script(
	struct text *text, const void *before, const void *after)
{
	vrrp_plan_script_fields(before, after, add_part, text);
}

static void diff_file(struct text *text, const void *before, const void *after)
{
	vrrp_plan_file_fields(before, after, add_part, text);
}

static const struct named_kind groups = { "vrrp_sync_group",
	offsetof(struct vrrp_group_conf, name), diff_group };
static const struct named_kind scripts = { "vrrp_script",
	offsetof(struct vrrp_script_conf, name), diff_script };
static const struct named_kind files = { "track_file",
	offsetof(struct vrrp_file_conf, name), diff_file };

static const char *name_of(const struct named_kind *kind, const void *item)
{
	return *(const char *const *)(const void *)((const char *)item +
						    kind->name);
}

static struct named *named_index(
	const struct named_kind *kind, const struct conf_list *list)
{
	struct named *index = NULL, *known;

	for (size_t i = 0; i < list->n; i++) {
		const char *name = name_of(kind, list->items[i]);

		HASH_FIND_STR(index, name, known);
		if (known)
			continue;
		known = x_new(struct named, 1);
		known->name = name;
		known->item = list->items[i];
		HASH_ADD_KEYPTR(hh, index, name, strlen(name), known);
	}
	return index;
}

static void say_named(const struct named_kind *kind, const char *name,
	const char *action, const char *detail, struct json_object *plan)
{
	char *subject = x_asprintf("%s %s", kind->block, name);

	say(plan, action, subject, detail);
	x_free(subject);
}

static void plan_named(const struct named_kind *kind,
	const struct conf_list *before, const struct conf_list *after,
	struct json_object *plan)
{
	struct named *old = named_index(kind, before), *known, *next;

	for (size_t i = 0; i < after->n; i++) {
		const char *name = name_of(kind, after->items[i]);
		struct text text = { .str = NULL };

		HASH_FIND_STR(old, name, known);
		if (known) {
			known->seen = true;
			kind->diff(&text, known->item, after->items[i]);
			if (text.str)
				say_named(kind, name, "edit", text.str, plan);
		} else {
			say_named(kind, name, "add", "", plan);
		}
		x_free(text.str);
	}
	HASH_ITER (hh, old, known, next) {
		if (!known->seen)
			say_named(kind, known->name, "remove", "", plan);
		HASH_DELETE(hh, old, known);
		x_free(known);
	}
}

/* Before the first start there is nothing that they could differ from. */
static void plan_globals(const struct vrrp_conf *before,
	const struct vrrp_conf *after, struct json_object *plan)
{
	struct text text = { .str = NULL };

	vrrp_plan_global_fields(
		before->globals, after->globals, add_part, &text);
	if (text.str)
		say(plan, "edit", "global_defs", text.str);
	x_free(text.str);
}

void vrrp_plan(const struct vrrp_conf *before, const struct vrrp_conf *after,
	struct json_object *plan)
{
	static const struct vrrp_conf nothing;
	struct vrrp_plan_index *old =
		vrrp_plan_index_new(before ? before : &nothing);
	struct vrrp_plan_index *new = vrrp_plan_index_new(after);
	const struct vrrp_instance_conf *other;

	if (before)
		vrrp_conf_for_each(vrrp_instance_conf, conf,
			&before->instances) if (!vrrp_plan_index_find(new,
							conf->name))
			plan_remove(conf, plan);
	vrrp_conf_for_each(vrrp_instance_conf, conf, &after->instances)
	{
		other = vrrp_plan_index_find(old, conf->name);
		if (other)
			plan_edit(other, conf, plan);
		else
			plan_add(conf, plan);
	}
	plan_statics(before ? before : &nothing, after, plan);
	if (before) {
		plan_globals(before, after, plan);
		plan_named(&groups, &before->groups, &after->groups, plan);
		plan_named(&scripts, &before->scripts, &after->scripts, plan);
		plan_named(&files, &before->files, &after->files, plan);
	}
	vrrp_plan_index_free(old);
	vrrp_plan_index_free(new);
}

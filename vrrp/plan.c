/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/plan.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"

/* --- index --- */

/* The place of a virtual router on the wire. */
struct place {
	char interface[64];
	struct ip_addr source; /* unicast */
	struct ip_addr group;  /* multicast */
	int64_t vrid;
	uint32_t family;
};

struct entry {
	const struct vrrp_instance_conf *conf;
	struct place place;
	UT_hash_handle hh; /* by name */
	UT_hash_handle hh_place;
};

struct vrrp_plan_index {
	struct entry *names;
	struct entry *places;
};

static void put_addr(struct ip_addr *to, const struct ip_addr *from)
{
	to->family = from->family;
	memcpy(to->bytes, from->bytes, ip_family_bytes(from->family));
}

static void place_of(const struct vrrp_instance_conf *conf, struct place *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (conf->interface)
		snprintf(ret->interface, sizeof(ret->interface), "%s",
			conf->interface);
	if (conf->unicast)
		put_addr(&ret->source, &conf->source);
	else
		put_addr(&ret->group, &conf->mcast_group);
	ret->vrid = conf->vrid;
	ret->family = conf->family;
}

struct vrrp_plan_index *vrrp_plan_index_new(const struct vrrp_conf *conf)
{
	struct vrrp_plan_index *index = x_new(struct vrrp_plan_index, 1);

	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
	{
		struct entry *entry = x_new(struct entry, 1);

		entry->conf = inst;
		place_of(inst, &entry->place);
		HASH_ADD_KEYPTR(hh, index->names, inst->name,
			strlen(inst->name), entry);
		HASH_ADD(hh_place, index->places, place, sizeof(entry->place),
			entry);
	}
	return index;
}

void vrrp_plan_index_free(struct vrrp_plan_index *index)
{
	struct entry *entry, *next;

	HASH_CLEAR(hh_place, index->places);
	HASH_ITER (hh, index->names, entry, next) {
		HASH_DELETE(hh, index->names, entry);
		x_free(entry);
	}
	x_free(index);
}

const struct vrrp_instance_conf *vrrp_plan_index_find(
	const struct vrrp_plan_index *index, const char *name)
{
	struct entry *entry;

	HASH_FIND(hh, index->names, name, strlen(name), entry);
	return entry ? entry->conf : NULL;
}

bool vrrp_plan_index_has_router(const struct vrrp_plan_index *index,
	const struct vrrp_instance_conf *inst)
{
	struct place place;
	struct entry *entry;

	place_of(inst, &place);
	HASH_FIND(hh_place, index->places, &place, sizeof(place), entry);
	return entry != NULL;
}

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
};

static void text_add(struct text *text, char *part)
{
	char *joined = text->str ? x_asprintf("%s, %s", text->str, part)
				 : x_strdup(part);

	x_free(text->str);
	x_free(part);
	text->str = joined;
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
	const struct vrrp_address_conf *a = item;
	char text[IP_ADDR_STRLEN];

	return x_asprintf("%s/%u%s%s%s", ip_addr_format(&a->addr, text),
		(unsigned int)a->prefix_len, a->dev ? " dev " : "",
		a->dev ? a->dev : "", a->use_vmac ? " use_vmac" : "");
}

static char *peer_word(const void *item)
{
	const struct vrrp_peer_conf *peer = item;
	char text[IP_ADDR_STRLEN];

	return x_strdup(ip_addr_format(&peer->addr, text));
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
	struct text text = { NULL };

	diff_identity(&text, a, b);
	diff_election(&text, a, b);
	diff_list(&text, "address", &a->addresses, &b->addresses, address_word);
	diff_list(&text, "excluded address", &a->excluded, &b->excluded,
		address_word);
	diff_list(&text, "track", &a->tracks, &b->tracks, track_word);
	diff_garp(&text, a, b);
	diff_notify(&text, &a->notify, &b->notify);
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

static void plan_statics(const struct vrrp_conf *before,
	const struct vrrp_conf *after, struct json_object *plan)
{
	struct text text = { NULL };

	diff_list(&text, "address", &before->static_addresses,
		&after->static_addresses, address_word);
	if (text.str)
		say(plan, "edit", "static_ipaddress", text.str);
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
	vrrp_plan_index_free(old);
	vrrp_plan_index_free(new);
}

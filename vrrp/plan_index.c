/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instances of a configuration, by name and by place on the wire. */
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"
#include "vrrp/plan.h"

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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/addresses.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"

struct vrrp_vip_key {
	uint32_t ifindex;
	uint32_t prefix_len; /* 0 for IPv6, which has one of a kind */
	struct ip_addr addr;
};

struct vrrp_vip {
	struct vrrp_vip_key key;
	struct netlink_addr_info info;
	struct vrrp_addresses *table;
	struct vrrp_address_set *set; /* NULL: in none any more */
	bool hashed;		      /* not while its interface is missing */
	bool claimed;		      /* between begin and end */
	bool no_track;
	bool keep_foreign;
	bool foreign; /* was there before us */
	bool fresh;
	bool suspect;	      /* in the list of those that may be lost */
	unsigned int pending; /* operations under way */
	bool last_add;	      /* what the last of them does */
	int error;
	UT_hash_handle hh;
	struct vrrp_vip *next_suspect;
};

struct vrrp_address_set {
	struct vrrp_addresses *table;
	char *name;
	void *owner;
	struct vrrp_vip **vips;
	size_t n;
	bool want;
	bool dead;	      /* freed when the last batch is done */
	unsigned int pending; /* batches under way */
};

struct vrrp_addresses {
	struct netlink *netlink;
	struct netlink_writer *writer;
	const struct vrrp_address_events *events;
	struct vrrp_vip *vips;
	struct vrrp_vip *suspects;
	struct change *changes;
};

/* A batch under way. */
struct change {
	struct change *prev;
	struct change *next;
	struct vrrp_addresses *table;
	struct vrrp_address_set *set; /* NULL: leftovers of none */
	size_t n;
	size_t capacity;
	struct vrrp_vip **vips;
	bool *adds;
	struct netlink_job *job;
};

/* --- one address --- */

static void vip_key(
	const struct netlink_addr_info *info, struct vrrp_vip_key *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->ifindex = info->ifindex;
	ret->addr.family = info->addr.family;
	memcpy(ret->addr.bytes, info->addr.bytes,
		ip_family_bytes(info->addr.family));
	if (info->addr.family == AF_INET)
		ret->prefix_len = info->prefix_len;
}

static struct vrrp_vip *vip_find(const struct vrrp_addresses *addresses,
	const struct netlink_addr_info *info)
{
	struct vrrp_vip_key key;
	struct vrrp_vip *vip;

	vip_key(info, &key);
	HASH_FIND(hh, addresses->vips, &key, sizeof(key), vip);
	return vip;
}

bool vrrp_addresses_is_virtual(const struct vrrp_addresses *addresses,
	const struct netlink_addr_info *info)
{
	const struct vrrp_vip *vip = vip_find(addresses, info);

	return vip && !(vip->set && !vip->set->owner);
}

static bool vip_in_kernel(const struct vrrp_vip *vip)
{
	return netlink_find_addr(vip->table->netlink, &vip->info) != NULL;
}

/* There, or about to be. */
static bool vip_is_there(const struct vrrp_vip *vip)
{
	if (!vip->hashed)
		return false;
	return vip->pending ? vip->last_add : vip_in_kernel(vip);
}

static bool vip_may_go(const struct vrrp_vip *vip)
{
	return !(vip->foreign && vip->keep_foreign);
}

static struct vrrp_vip *vip_new(
	struct vrrp_addresses *addresses, const struct netlink_addr_info *info)
{
	struct vrrp_vip *vip = x_new(struct vrrp_vip, 1);
	const struct netlink_addr_info *found;

	vip->table = addresses;
	vip->info = *info;
	if (!info->ifindex)
		return vip;
	vip_key(info, &vip->key);
	HASH_ADD(hh, addresses->vips, key, sizeof(vip->key), vip);
	vip->hashed = true;
	found = netlink_find_addr(addresses->netlink, info);
	vip->foreign = found && found->proto != NETLINK_ADDR_PROTO;
	return vip;
}

/* Frees what is in no set, unless an answer about it is still to come. */
static void vip_release(struct vrrp_vip *vip)
{
	if (vip->set || vip->pending)
		return;
	if (vip->suspect)
		LL_DELETE2(vip->table->suspects, vip, next_suspect);
	if (vip->hashed)
		HASH_DELETE(hh, vip->table->vips, vip);
	x_free(vip);
}

static void set_destroy(struct vrrp_address_set *set)
{
	x_free(set->vips);
	x_free(set->name);
	x_free(set);
}

/* --- batches --- */

static void change_done(const int *errors, size_t n, void *user_data);

static struct change *change_new(
	struct vrrp_addresses *addresses, struct vrrp_address_set *set)
{
	struct change *change = x_new(struct change, 1);

	change->table = addresses;
	change->set = set;
	change->job = netlink_job_new(addresses->writer, change_done, change);
	DL_APPEND(addresses->changes, change);
	return change;
}

static void change_free(struct change *change)
{
	DL_DELETE(change->table->changes, change);
	x_free(change->vips);
	x_free(change->adds);
	x_free(change);
}

static void change_add(struct change *change, struct vrrp_vip *vip, bool add)
{
	if (change->n == change->capacity) {
		change->capacity = change->capacity ? 2 * change->capacity : 4;
		change->vips = x_realloc(
			change->vips, change->capacity, sizeof(*change->vips));
		change->adds = x_realloc(
			change->adds, change->capacity, sizeof(*change->adds));
	}
	change->vips[change->n] = vip;
	change->adds[change->n++] = add;
	vip->pending++;
	vip->last_add = add;
	if (add)
		netlink_job_add_addr(change->job, &vip->info);
	else
		netlink_job_remove_addr(change->job, &vip->info);
}

static void change_submit(struct change *change)
{
	if (change->set)
		change->set->pending++;
	netlink_job_submit(change->job);
}

static void log_failure(const struct change *change, const struct vrrp_vip *vip,
	bool add, int error)
{
	char text[IP_ADDR_STRLEN];
	const struct netlink_link *link =
		netlink_find_link(change->table->netlink, vip->info.ifindex);

	log_error("%s: cannot %s %s/%u %s %s: %s",
		change->set ? change->set->name : "leftover",
		add ? "add" : "remove", ip_addr_format(&vip->info.addr, text),
		(unsigned int)vip->info.prefix_len, add ? "to" : "from",
		link ? link->info.name : "an interface that is gone",
		strerror(-error));
}

/* The error of one operation, 0 when the kernel is as it should be. */
static int judge(const struct vrrp_vip *vip, bool add, int error)
{
	struct netlink *netlink = vip->table->netlink;

	/* Somebody else was faster. */
	if (error == (add ? -EEXIST : -EADDRNOTAVAIL))
		error = 0;
	if (error == 0) {
		if (add)
			netlink_note_added(netlink, &vip->info);
		else
			netlink_note_removed(netlink, &vip->info);
		return 0;
	}
	/* A later operation says more than this one; or its answer was
	 * lost. */
	if (vip->pending || vip_in_kernel(vip) == add)
		return 0;
	return error;
}

static void change_done(const int *errors, size_t n, void *user_data)
{
	struct change *change = user_data;
	struct vrrp_address_set *set = change->set;
	size_t added = 0, failed = 0, i;
	int error, last_error = 0;
	struct vrrp_vip *vip;

	netlink_read(change->table->netlink);
	for (i = 0; i < n; i++) {
		vip = change->vips[i];
		vip->pending--;
		error = judge(vip, change->adds[i], errors[i]);
		if (error)
			log_failure(change, vip, change->adds[i], error);
		added += change->adds[i];
		if (change->adds[i]) {
			vip->error = error;
			vip->fresh = !error;
			vip->foreign = false;
		}
		if (change->adds[i] && error) {
			failed++;
			last_error = error;
		}
		vip_release(vip);
	}
	change_free(change);
	if (!set)
		return;
	set->pending--;
	if (!set->dead && set->owner)
		set->table->events->done(set->owner, added, failed, last_error);
	if (set->dead && !set->pending)
		set_destroy(set);
}

bool vrrp_address_set_sync(struct vrrp_address_set *set, bool want)
{
	struct change *change = NULL;
	struct vrrp_vip *vip;
	size_t i;

	set->want = want;
	for (i = 0; i < set->n; i++) {
		vip = set->vips[i];
		if (!vip->hashed || vip_is_there(vip) == want ||
			(!want && !vip_may_go(vip)))
			continue;
		if (!change)
			change = change_new(set->table, set);
		change_add(change, vip, want);
	}
	if (change)
		change_submit(change);
	return change != NULL;
}

/* --- sets --- */

struct vrrp_address_set *vrrp_address_set_new(
	struct vrrp_addresses *addresses, const char *name, void *owner)
{
	struct vrrp_address_set *set = x_new(struct vrrp_address_set, 1);

	set->table = addresses;
	set->name = x_strdup(name);
	set->owner = owner;
	return set;
}

/* Lets go of what SET holds; addresses without an interface go at once. */
static void set_forget(struct vrrp_address_set *set, bool all)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		struct vrrp_vip *vip = set->vips[i];

		if (vip->set != set || (vip->hashed && !all))
			continue;
		vip->set = NULL;
		vip_release(vip);
	}
	x_free(set->vips);
	set->vips = NULL;
	set->n = 0;
}

void vrrp_address_set_free(struct vrrp_address_set *set)
{
	if (!set)
		return;
	set_forget(set, true);
	set->dead = true;
	if (!set->pending)
		set_destroy(set);
}

void vrrp_addresses_begin(struct vrrp_addresses *addresses)
{
	struct vrrp_vip *vip, *next;

	HASH_ITER (hh, addresses->vips, vip, next)
		vip->claimed = false;
}

static struct vrrp_vip *set_claim(struct vrrp_address_set *set,
	const struct vrrp_address_want *want, bool keep_foreign)
{
	struct vrrp_vip *vip = NULL;

	if (want->info.ifindex)
		vip = vip_find(set->table, &want->info);
	if (vip && vip->claimed)
		return NULL;
	if (!vip)
		vip = vip_new(set->table, &want->info);
	vip->info = want->info;
	vip->set = set;
	vip->claimed = true;
	vip->no_track = want->no_track;
	vip->keep_foreign = keep_foreign;
	return vip;
}

void vrrp_address_set_define(struct vrrp_address_set *set,
	const struct vrrp_address_want *wants, size_t n, bool keep_foreign)
{
	struct vrrp_vip *vip;
	size_t i;

	set_forget(set, false);
	set->vips = x_new(struct vrrp_vip *, n);
	for (i = 0; i < n; i++) {
		vip = set_claim(set, &wants[i], keep_foreign);
		if (vip)
			set->vips[set->n++] = vip;
	}
}

void vrrp_addresses_end(struct vrrp_addresses *addresses)
{
	struct change *change = NULL;
	struct vrrp_vip *vip, *next;

	HASH_ITER (hh, addresses->vips, vip, next) {
		if (vip->claimed)
			continue;
		vip->set = NULL;
		if (vip_is_there(vip) && vip_may_go(vip)) {
			if (!change)
				change = change_new(addresses, NULL);
			change_add(change, vip, false);
		}
		vip_release(vip);
	}
	if (change)
		change_submit(change);
}

void vrrp_addresses_inherit(
	struct vrrp_addresses *addresses, const struct netlink_addr_info *info)
{
	struct vrrp_vip *vip = vip_find(addresses, info);
	struct change *change;

	if (vip) {
		vip->foreign = false;
		return;
	}
	if (!netlink_find_addr(addresses->netlink, info))
		return;
	change = change_new(addresses, NULL);
	change_add(change, vip_new(addresses, info), false);
	change_submit(change);
}

bool vrrp_address_set_is_wanted(const struct vrrp_address_set *set)
{
	return set->want;
}

bool vrrp_address_set_is_busy(const struct vrrp_address_set *set)
{
	return set->pending > 0;
}

bool vrrp_address_set_any_present(const struct vrrp_address_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (vip_is_there(set->vips[i]) && vip_may_go(set->vips[i]))
			return true;
	return false;
}

void vrrp_address_set_each(const struct vrrp_address_set *set,
	void (*callback)(
		const struct vrrp_address_status *status, void *user_data),
	void *user_data)
{
	struct vrrp_address_status status;
	size_t i;

	for (i = 0; i < set->n; i++) {
		status.info = &set->vips[i]->info;
		status.present = vip_is_there(set->vips[i]);
		status.fresh = set->vips[i]->fresh;
		status.error = set->vips[i]->error;
		callback(&status, user_data);
	}
}

void vrrp_address_set_seen(struct vrrp_address_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		set->vips[i]->fresh = false;
}

/* --- what others do --- */

static bool vip_is_lost(const struct vrrp_vip *vip)
{
	return vip->set && vip->set->want && !vip->no_track && !vip->pending &&
	       !vip_in_kernel(vip);
}

void vrrp_addresses_on_addr(struct vrrp_addresses *addresses,
	const struct netlink_addr_info *before,
	const struct netlink_addr_info *after)
{
	struct vrrp_vip *vip;

	if (after)
		return;
	vip = vip_find(addresses, before);
	/* Whether it stays away is known when all events were read. */
	if (!vip || vip->suspect || !vip_is_lost(vip))
		return;
	vip->suspect = true;
	LL_PREPEND2(addresses->suspects, vip, next_suspect);
}

/* What has no owner is simply to be there. */
static void put_back(struct vrrp_vip *vip)
{
	char text[IP_ADDR_STRLEN];

	log_warning("%s: somebody removed address %s/%u; it is put back",
		vip->set->name, ip_addr_format(&vip->info.addr, text),
		(unsigned int)vip->info.prefix_len);
	vrrp_address_set_sync(vip->set, true);
}

void vrrp_addresses_on_settled(struct vrrp_addresses *addresses)
{
	struct vrrp_vip *vip;

	while ((vip = addresses->suspects)) {
		LL_DELETE2(addresses->suspects, vip, next_suspect);
		vip->suspect = false;
		if (!vip_is_lost(vip))
			continue;
		if (vip->set->owner)
			addresses->events->lost(vip->set->owner, &vip->info);
		else
			put_back(vip);
	}
}

/* --- life --- */

struct vrrp_addresses *vrrp_addresses_new(struct netlink *netlink,
	struct netlink_writer *writer, const struct vrrp_address_events *events)
{
	struct vrrp_addresses *addresses = x_new(struct vrrp_addresses, 1);

	addresses->netlink = netlink;
	addresses->writer = writer;
	addresses->events = events;
	return addresses;
}

void vrrp_addresses_free(struct vrrp_addresses *addresses)
{
	struct vrrp_vip *vip, *next;
	struct change *change;

	if (!addresses)
		return;
	/* What is under way goes on without us. */
	while ((change = addresses->changes)) {
		netlink_job_detach(change->job);
		if (change->set && --change->set->pending == 0)
			set_destroy(change->set);
		change_free(change);
	}
	HASH_ITER (hh, addresses->vips, vip, next) {
		HASH_DELETE(hh, addresses->vips, vip);
		x_free(vip);
	}
	x_free(addresses);
}

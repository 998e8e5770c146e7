/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/suspend.h"

#include <string.h>
#include <uthash.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/netlink.h"

/* Family and address without padding, as a key. */
struct local_key {
	uint8_t bytes[1 + 16];
};

/* An address of this host. */
struct local {
	UT_hash_handle hh;
	struct local_key key;
	struct ip_addr addr;
	unsigned int n; /* on so many links */
};

struct suspend {
	struct loop *loop;
	struct check_table *table;
	struct netlink *netlink; /* NULL = nobody asks */
	struct local *locals;
	bool changed; /* since the checks were looked at */
};

/* --- addresses --- */

static struct local_key key_of(const struct ip_addr *addr)
{
	struct local_key key;

	key.bytes[0] = (uint8_t)addr->family;
	memcpy(key.bytes + 1, addr->bytes, sizeof(addr->bytes));
	return key;
}

static struct local *find_local(
	const struct suspend *s, const struct ip_addr *addr)
{
	struct local_key key = key_of(addr);
	struct local *local;

	HASH_FIND(hh, s->locals, &key, sizeof(key), local);
	return local;
}

static void add_local(struct suspend *s, const struct ip_addr *addr)
{
	struct local *local = find_local(s, addr);

	if (!local) {
		local = x_new(struct local, 1);
		local->key = key_of(addr);
		local->addr = *addr;
		HASH_ADD(hh, s->locals, key, sizeof(local->key), local);
		s->changed = true;
	}
	local->n++;
}

static void remove_local(struct suspend *s, const struct ip_addr *addr)
{
	struct local *local = find_local(s, addr);

	if (!local || --local->n)
		return;
	HASH_DEL(s->locals, local);
	x_free(local);
	s->changed = true;
}

static void visit_addr(const struct netlink_addr_info *info, void *user_data)
{
	add_local(user_data, &info->addr);
}

static void on_addr(const struct netlink_addr_info *before,
	const struct netlink_addr_info *after, void *user_data)
{
	/* What changes of one that stays is nothing here. */
	if (before && !after)
		remove_local(user_data, &before->addr);
	else if (after && !before)
		add_local(user_data, &after->addr);
}

/* --- checks --- */

static bool is_suspended(
	const struct suspend *s, const struct check_service *service)
{
	const struct local *local;

	if (!service->suspend || !s->netlink)
		return false;
	if (!service->group)
		return !find_local(s, &service->addr);
	for (local = s->locals; local; local = local->hh.next)
		if (check_service_has_address(service, &local->addr))
			return false;
	return true;
}

static bool all_suspended(
	const bool *suspended, const struct check_entry *entry)
{
	uint32_t i;

	for (i = 0; i < entry->n_users; i++)
		if (!suspended[entry->users[i]->server->service->number])
			return false;
	return true;
}

static void log_service(const struct check_set *set,
	const struct check_service *service, bool suspended)
{
	const char *first = conf_node_arg(set->tree, service->node, 0);
	const char *second = conf_node_arg(set->tree, service->node, 1);

	log_info("virtual_server %s %s: its checks %s", first ? first : "",
		second ? second : "",
		suspended ? "rest, its address is not on this host"
			  : "are run, its address is on this host");
}

static bool is_awake(const struct suspend *s, const struct check_entry *entry)
{
	return !check_table_get(s->table,
		(size_t)(entry - check_table_set(s->table)->entries))
			->resting;
}

/* Says it once a service: when its first check changes. */
static void look(struct suspend *s)
{
	const struct check_set *set = check_table_set(s->table);
	size_t n = set->conf->services.n;
	bool *suspended = x_new(bool, n + 1);
	bool *told = x_new(bool, n + 1);
	size_t i;

	s->changed = false;
	for (i = 0; i < n; i++)
		suspended[i] = is_suspended(s, set->conf->services.items[i]);
	for (i = 0; i < set->n_entries; i++) {
		const struct check_entry *entry = &set->entries[i];
		const struct check_service *service =
			entry->users[0]->server->service;
		bool rest = all_suspended(suspended, entry);

		if (rest == is_awake(s, entry) && !told[service->number]) {
			told[service->number] = true;
			log_service(set, service, rest);
		}
		check_table_rest(s->table, check_table_get(s->table, i), rest);
	}
	x_free(suspended);
	x_free(told);
}

static void on_settled(void *user_data)
{
	struct suspend *s = user_data;

	if (s->changed && check_table_set(s->table))
		look(s);
}

/* --- life --- */

static const struct netlink_events events = {
	.addr = on_addr,
	.settled = on_settled,
};

static void forget(struct suspend *s)
{
	struct local *local;
	struct local *next;

	netlink_free(s->netlink);
	s->netlink = NULL;
	HASH_ITER (hh, s->locals, local, next) {
		HASH_DEL(s->locals, local);
		x_free(local);
	}
}

static void begin(struct suspend *s)
{
	int err = netlink_new(s->loop, &events, s, &s->netlink);

	if (err)
		log_error("ha_suspend has no effect: the kernel does not tell "
			  "the addresses of this host: %s",
			strerror(-err));
	else
		netlink_for_each_addr(s->netlink, visit_addr, s);
}

static bool is_wanted(const struct check_set *set)
{
	size_t i;

	for (i = 0; i < set->conf->services.n; i++) {
		const struct check_service *service =
			set->conf->services.items[i];

		if (service->suspend)
			return true;
	}
	return false;
}

void suspend_apply(struct suspend *s)
{
	bool wanted = is_wanted(check_table_set(s->table));
	bool was = s->netlink != NULL;

	if (wanted && !was)
		begin(s);
	else if (!wanted && was)
		forget(s);
	if (wanted || was)
		look(s);
}

struct suspend *suspend_new(struct loop *loop, struct check_table *table)
{
	struct suspend *s = x_new(struct suspend, 1);

	s->loop = loop;
	s->table = table;
	return s;
}

void suspend_free(struct suspend *s)
{
	forget(s);
	x_free(s);
}

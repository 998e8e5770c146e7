/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* --- keys and entries --- */

void table_key_address(struct table_key *ret_key, uint16_t protocol,
	const struct ip_endpoint *endpoint)
{
	memset(ret_key, 0, sizeof(*ret_key));
	ret_key->family = endpoint->addr.family;
	ret_key->protocol = protocol;
	ret_key->port = endpoint->port;
	memcpy(ret_key->addr, endpoint->addr.bytes,
		ip_family_bytes(endpoint->addr.family));
}

void table_key_fwmark(
	struct table_key *ret_key, sa_family_t family, uint32_t fwmark)
{
	memset(ret_key, 0, sizeof(*ret_key));
	ret_key->family = family;
	ret_key->fwmark = fwmark;
}

struct ip_addr table_key_addr(const struct table_key *key)
{
	struct ip_addr addr = { .family = key->family };

	if (key->fwmark)
		addr.family = AF_UNSPEC;
	else
		memcpy(addr.bytes, key->addr, ip_family_bytes(key->family));
	return addr;
}

uint32_t table_netmask_full(sa_family_t family)
{
	return family == AF_INET6 ? 128 : UINT32_MAX;
}

const char *table_key_protocol(const struct table_key *key)
{
	if (key->fwmark)
		return "fwmark";
	if (key->protocol == IPPROTO_TCP)
		return "tcp";
	if (key->protocol == IPPROTO_UDP)
		return "udp";
	if (key->protocol == IPPROTO_SCTP)
		return "sctp";
	return "other";
}

const char *table_key_format(
	const struct table_key *key, char buf[static TABLE_KEY_STRLEN])
{
	char text[IP_ENDPOINT_STRLEN];
	struct ip_endpoint endpoint;

	if (key->fwmark) {
		snprintf(buf, TABLE_KEY_STRLEN, "fwmark %u%s", key->fwmark,
			key->family == AF_INET6 ? " inet6" : "");
		return buf;
	}
	endpoint.addr = table_key_addr(key);
	endpoint.port = key->port;
	snprintf(buf, TABLE_KEY_STRLEN, "%s %s", table_key_protocol(key),
		ip_endpoint_format(&endpoint, text));
	return buf;
}

bool table_key_equal(const struct table_key *a, const struct table_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static int compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int table_key_compare(const struct table_key *a, const struct table_key *b)
{
	int order = compare_u32(a->fwmark, b->fwmark);

	if (!order)
		order = compare_u32(a->family, b->family);
	if (!order)
		order = memcmp(a->addr, b->addr, sizeof(a->addr));
	if (!order)
		order = compare_u32(a->port, b->port);
	if (!order)
		order = compare_u32(a->protocol, b->protocol);
	return order;
}

bool table_attributes_equal(
	const struct table_attributes *a, const struct table_attributes *b)
{
	return a->flags == b->flags && a->timeout_s == b->timeout_s &&
		a->netmask == b->netmask &&
		strcmp(a->scheduler, b->scheduler) == 0 &&
		strcmp(a->engine, b->engine) == 0;
}

bool table_dest_equal(const struct table_dest *a, const struct table_dest *b)
{
	return table_dest_compare(a, b) == 0 && a->forward == b->forward &&
		a->tunnel == b->tunnel && a->tunnel_port == b->tunnel_port &&
		a->tunnel_flags == b->tunnel_flags && a->weight == b->weight &&
		a->upper == b->upper && a->lower == b->lower;
}

bool table_dest_usable(const struct table_dest *dest)
{
	return dest->weight > 0;
}

int table_dest_compare(const struct table_dest *a, const struct table_dest *b)
{
	return ip_endpoint_compare(&a->endpoint, &b->endpoint);
}

bool table_daemon_fits(
	const struct table_daemon *wanted, const struct table_daemon *have)
{
	return wanted->sync_id == have->sync_id &&
		!strcmp(wanted->interface, have->interface) &&
		(!wanted->port || wanted->port == have->port) &&
		(!wanted->ttl || wanted->ttl == have->ttl) &&
		(!ip_addr_is_set(&wanted->group) ||
			!ip_addr_compare(&wanted->group, &have->group));
}

/* --- services --- */

struct table_service *table_service_new(const struct table_key *key,
	const struct table_attributes *attributes)
{
	struct table_service *service = x_new(struct table_service, 1);

	service->key = *key;
	service->attributes = *attributes;
	return service;
}

void table_service_free(struct table_service *service)
{
	if (!service)
		return;
	x_free(service->dests);
	x_free(service);
}

static void service_reserve(struct table_service *service, size_t n)
{
	if (service->capacity >= n)
		return;
	if (n < service->capacity * 2)
		n = service->capacity * 2;
	service->capacity = n < 4 ? 4 : n;
	service->dests = x_realloc(service->dests, service->capacity,
		sizeof(*service->dests));
}

void table_service_push(
	struct table_service *service, const struct table_dest *dest)
{
	service_reserve(service, service->n_dests + 1);
	service->dests[service->n_dests++] = *dest;
}

static int order_dests(const void *a, const void *b)
{
	return table_dest_compare(a, b);
}

/* qsort() is not stable, so equal endpoints are told apart by their place
 * before: the order is only needed when there is something to do. */
static bool service_is_sorted(const struct table_service *service)
{
	size_t i;

	for (i = 1; i < service->n_dests; i++)
		if (table_dest_compare(&service->dests[i - 1],
			    &service->dests[i]) >= 0)
			return false;
	return true;
}

struct placed_dest {
	struct table_dest dest;
	size_t place;
};

static int order_placed(const void *a, const void *b)
{
	const struct placed_dest *x = a;
	const struct placed_dest *y = b;
	int order = table_dest_compare(&x->dest, &y->dest);

	return order ? order : (x->place > y->place) - (x->place < y->place);
}

void table_service_sort(struct table_service *service)
{
	struct placed_dest *placed;
	size_t i;
	size_t n = 0;

	if (service_is_sorted(service))
		return;
	placed = x_new(struct placed_dest, service->n_dests);
	for (i = 0; i < service->n_dests; i++) {
		placed[i].dest = service->dests[i];
		placed[i].place = i;
	}
	qsort(placed, service->n_dests, sizeof(*placed), order_placed);
	for (i = 0; i < service->n_dests; i++) {
		if (n && table_dest_compare(&service->dests[n - 1],
				 &placed[i].dest) == 0)
			continue;
		service->dests[n++] = placed[i].dest;
	}
	service->n_dests = n;
	x_free(placed);
}

struct table_dest *table_service_find(const struct table_service *service,
	const struct ip_endpoint *endpoint)
{
	struct table_dest wanted = { .endpoint = *endpoint };

	if (!service->n_dests)
		return NULL;
	return bsearch(&wanted, service->dests, service->n_dests,
		sizeof(*service->dests), order_dests);
}

size_t table_service_usable(const struct table_service *service)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < service->n_dests; i++)
		n += table_dest_usable(&service->dests[i]);
	return n;
}

bool table_service_equal(
	const struct table_service *a, const struct table_service *b)
{
	size_t i;

	if (!table_key_equal(&a->key, &b->key) ||
		!table_attributes_equal(&a->attributes, &b->attributes) ||
		a->n_dests != b->n_dests)
		return false;
	for (i = 0; i < a->n_dests; i++)
		if (!table_dest_equal(&a->dests[i], &b->dests[i]))
			return false;
	return true;
}

void table_service_copy_dests(
	struct table_service *to, const struct table_service *from)
{
	to->n_dests = 0;
	if (!from->n_dests)
		return;
	service_reserve(to, from->n_dests);
	memcpy(to->dests, from->dests, from->n_dests * sizeof(*from->dests));
	to->n_dests = from->n_dests;
}

/* --- tables --- */

void table_clear(struct table *table)
{
	struct table_service *service = table->services;
	struct table_service *next;

	memset(&table->globals, 0, sizeof(table->globals));
	/* Clearing the hash first leaves the list of its items intact. */
	for (; service; service = next) {
		next = service->hh.next;
		HASH_DEL(table->services, service);
		table_service_free(service);
	}
}

struct table_service *table_find(
	const struct table *table, const struct table_key *key)
{
	struct table_service *service;

	HASH_FIND(hh, table->services, key, sizeof(*key), service);
	return service;
}

void table_put(struct table *table, struct table_service *service)
{
	table_remove(table, &service->key);
	HASH_ADD(hh, table->services, key, sizeof(service->key), service);
}

void table_remove(struct table *table, const struct table_key *key)
{
	struct table_service *service = table_find(table, key);

	if (!service)
		return;
	HASH_DEL(table->services, service);
	table_service_free(service);
}

size_t table_count(const struct table *table)
{
	return HASH_COUNT(table->services);
}

size_t table_count_dests(const struct table *table)
{
	const struct table_service *service;
	size_t n = 0;

	table_for_each(table, service)
		n += service->n_dests;
	return n;
}

void table_copy(struct table *to, const struct table *from)
{
	const struct table_service *service;
	struct table_service *copy;

	table_clear(to);
	to->globals = from->globals;
	table_for_each(from, service) {
		copy = table_service_new(&service->key, &service->attributes);
		table_service_copy_dests(copy, service);
		table_put(to, copy);
	}
}

bool table_equal(const struct table *a, const struct table *b)
{
	const struct table_service *service;
	const struct table_service *other;

	if (table_count(a) != table_count(b))
		return false;
	table_for_each(a, service) {
		other = table_find(b, &service->key);
		if (!other || !table_service_equal(service, other))
			return false;
	}
	return true;
}

/* --- operations --- */

struct table_op *table_ops_add(struct table_ops *ops, enum table_op_kind kind,
	const struct table_key *key)
{
	struct table_op *op;

	if (ops->n == ops->capacity) {
		ops->capacity = ops->capacity ? ops->capacity * 2 : 16;
		ops->items = x_realloc(
			ops->items, ops->capacity, sizeof(*ops->items));
	}
	op = &ops->items[ops->n++];
	memset(op, 0, sizeof(*op));
	op->kind = kind;
	op->key = *key;
	return op;
}

void table_ops_free(struct table_ops *ops)
{
	x_free(ops->items);
	ops->items = NULL;
	ops->n = 0;
	ops->capacity = 0;
}

const char *table_op_action(enum table_op_kind kind)
{
	switch (kind) {
	case TABLE_OP_NEW_SERVICE:
	case TABLE_OP_NEW_DEST:
	case TABLE_OP_NEW_DAEMON:
		return "add";
	case TABLE_OP_SET_SERVICE:
	case TABLE_OP_SET_DEST:
	case TABLE_OP_SET_TIMEOUTS:
		return "edit";
	case TABLE_OP_DEL_SERVICE:
	case TABLE_OP_DEL_DEST:
	case TABLE_OP_DEL_DAEMON:
		return "remove";
	}
	return "unknown";
}

const char *table_daemon_name(enum table_daemon_kind kind)
{
	return kind == TABLE_DAEMON_MASTER ? "master" : "backup";
}

const char *table_op_format(
	const struct table_op *op, char buf[static TABLE_OP_STRLEN])
{
	char key[TABLE_KEY_STRLEN];
	char dest[IP_ENDPOINT_STRLEN];

	table_key_format(&op->key, key);
	switch (op->kind) {
	case TABLE_OP_NEW_SERVICE:
	case TABLE_OP_SET_SERVICE:
		snprintf(buf, TABLE_OP_STRLEN, "%s service %s, scheduler %s",
			table_op_action(op->kind), key,
			op->attributes.scheduler);
		break;
	case TABLE_OP_DEL_SERVICE:
		snprintf(buf, TABLE_OP_STRLEN, "remove service %s", key);
		break;
	case TABLE_OP_NEW_DEST:
	case TABLE_OP_SET_DEST:
		snprintf(buf, TABLE_OP_STRLEN, "%s server %s of %s, weight %d",
			table_op_action(op->kind),
			ip_endpoint_format(&op->dest.endpoint, dest), key,
			op->dest.weight);
		break;
	case TABLE_OP_DEL_DEST:
		snprintf(buf, TABLE_OP_STRLEN, "remove server %s of %s",
			ip_endpoint_format(&op->dest.endpoint, dest), key);
		break;
	case TABLE_OP_SET_TIMEOUTS:
		snprintf(buf, TABLE_OP_STRLEN,
			"set timeouts tcp %u, tcpfin %u, udp %u",
			op->timeouts.tcp_s, op->timeouts.tcp_fin_s,
			op->timeouts.udp_s);
		break;
	case TABLE_OP_NEW_DAEMON:
	case TABLE_OP_DEL_DAEMON:
		snprintf(buf, TABLE_OP_STRLEN,
			"%s the %s sync daemon on %s, id %u",
			op->kind == TABLE_OP_NEW_DAEMON ? "start" : "stop",
			table_daemon_name(op->daemon_kind),
			op->daemon.interface, op->daemon.sync_id);
		break;
	}
	return buf;
}

/* One run of destination operations on SERVICE.  REMOVED has a byte for each
 * of the N0 destinations that were there before. */
static void apply_dest(struct table_service *service, size_t n0,
	uint8_t *removed, const struct table_op *op)
{
	struct table_dest *found = NULL;

	if (n0)
		found = bsearch(&op->dest, service->dests, n0,
			sizeof(*service->dests), order_dests);
	if (op->kind == TABLE_OP_DEL_DEST) {
		if (found)
			removed[found - service->dests] = 1;
	} else if (found) {
		*found = op->dest;
		removed[found - service->dests] = 0;
	} else {
		table_service_push(service, &op->dest);
	}
}

static bool is_dest_op(const struct table_op *op)
{
	return op->kind == TABLE_OP_NEW_DEST || op->kind == TABLE_OP_SET_DEST ||
		op->kind == TABLE_OP_DEL_DEST;
}

/* Applies the run that begins at OPS and returns its length. */
static size_t apply_dest_run(struct table *table, const struct table_op *ops,
	const int *errors, size_t n)
{
	struct table_service *service = table_find(table, &ops->key);
	uint8_t *removed;
	size_t n0;
	size_t kept = 0;
	size_t run;
	size_t i;

	n0 = service ? service->n_dests : 0;
	removed = x_new(uint8_t, n0 + 1);
	for (run = 0; run < n && is_dest_op(&ops[run]) &&
		table_key_equal(&ops[run].key, &ops->key);
		run++)
		if (service && !(errors && errors[run]))
			apply_dest(service, n0, removed, &ops[run]);
	for (i = 0; service && i < service->n_dests; i++)
		if (i >= n0 || !removed[i])
			service->dests[kept++] = service->dests[i];
	if (service) {
		service->n_dests = kept;
		table_service_sort(service);
	}
	x_free(removed);
	return run;
}

static void apply_service(struct table *table, const struct table_op *op)
{
	struct table_service *service = table_find(table, &op->key);

	if (op->kind == TABLE_OP_DEL_SERVICE) {
		table_remove(table, &op->key);
		return;
	}
	if (service)
		service->attributes = op->attributes;
	else
		table_put(table, table_service_new(&op->key, &op->attributes));
}

static void apply_timeout(uint32_t *timeout, uint32_t value)
{
	if (value)
		*timeout = value;
}

static void apply_once(struct table *table, const struct table_op *op)
{
	struct table_globals *globals = &table->globals;
	struct table_daemon *daemon = &globals->daemons[op->daemon_kind];

	if (op->kind == TABLE_OP_SET_TIMEOUTS) {
		apply_timeout(&globals->timeouts.tcp_s, op->timeouts.tcp_s);
		apply_timeout(&globals->timeouts.tcp_fin_s,
			op->timeouts.tcp_fin_s);
		apply_timeout(&globals->timeouts.udp_s, op->timeouts.udp_s);
		return;
	}
	*daemon = op->daemon;
	daemon->running = op->kind == TABLE_OP_NEW_DAEMON;
}

void table_apply(struct table *table, const struct table_op *ops,
	const int *errors, size_t n)
{
	size_t i = 0;

	while (i < n) {
		if (is_dest_op(&ops[i])) {
			i += apply_dest_run(table, ops + i,
				errors ? errors + i : NULL, n - i);
			continue;
		}
		if (errors && errors[i])
			;
		else if (ops[i].key.family)
			apply_service(table, &ops[i]);
		else
			apply_once(table, &ops[i]);
		i++;
	}
}

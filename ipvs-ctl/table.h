/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarding table, whatever data plane holds it: services, each with
 * its destinations.  The model makes one (what should be), a data plane
 * reads one (what is), the difference becomes operations.
 *
 * Services are found by hash, destinations of one service are a sorted
 * array: tables of 10,000 services and 50,000 destinations are built,
 * compared and changed without a quadratic step.
 *
 * A table owns all memory under it.
 */
#ifndef TANDEM_IPVS_TABLE_H
#define TANDEM_IPVS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "lib/ipaddr.h"

#define TABLE_NAME_MAX 16 /* with the NUL, as in linux/ip_vs.h */

/*
 * What names a service: family with either protocol, address and port, or a
 * firewall mark.  Without padding, since it is hashed and compared as bytes;
 * what does not apply is zero.
 */
struct table_key {
	uint16_t family;
	uint16_t protocol;
	uint16_t port; /* host order */
	uint16_t zero;
	uint32_t fwmark; /* 0 = by address */
	uint8_t addr[16];
};

enum table_forward {
	TABLE_FORWARD_NAT,
	TABLE_FORWARD_LOCAL,
	TABLE_FORWARD_TUNNEL,
	TABLE_FORWARD_ROUTE,
	TABLE_FORWARD_BYPASS,
};

enum table_tunnel {
	TABLE_TUNNEL_IPIP,
	TABLE_TUNNEL_GUE,
	TABLE_TUNNEL_GRE,
};

enum table_tunnel_flags {
	TABLE_TUNNEL_CSUM = 1 << 0,
	TABLE_TUNNEL_REMCSUM = 1 << 1,
};

struct table_dest {
	struct ip_endpoint endpoint; /* the key */
	uint8_t forward; /* enum table_forward */
	uint8_t tunnel; /* enum table_tunnel */
	uint16_t tunnel_port; /* host order */
	uint16_t tunnel_flags;
	int32_t weight;
	uint32_t upper; /* connection thresholds, 0 = none */
	uint32_t lower;
	/* What a data plane counted; no part of the configuration. */
	uint32_t active;
	uint32_t inactive;
	uint32_t persistent;
};

enum table_service_flags {
	TABLE_SERVICE_PERSISTENT = 1 << 0,
	TABLE_SERVICE_ONE_PACKET = 1 << 1,
	TABLE_SERVICE_SCHED1 = 1 << 2, /* sh-fallback, mh-fallback */
	TABLE_SERVICE_SCHED2 = 1 << 3, /* sh-port, mh-port */
	TABLE_SERVICE_SCHED3 = 1 << 4,
};

struct table_attributes {
	char scheduler[TABLE_NAME_MAX];
	char engine[TABLE_NAME_MAX]; /* persistence engine, "" = none */
	uint32_t flags; /* enum table_service_flags */
	uint32_t timeout_s; /* of persistence */
	/* Granularity of persistence.  IPv4: mask in host order; IPv6: prefix
	 * length. */
	uint32_t netmask;
};

struct table_service {
	struct table_key key;
	struct table_attributes attributes;
	struct table_dest *dests; /* sorted by endpoint */
	size_t n_dests;
	size_t capacity;
	UT_hash_handle hh;
};

/* In seconds; 0 = none is named. */
struct table_timeouts {
	uint32_t tcp_s;
	uint32_t tcp_fin_s;
	uint32_t udp_s;
};

enum table_daemon_kind {
	TABLE_DAEMON_MASTER, /* sends connections */
	TABLE_DAEMON_BACKUP, /* receives them */
};

/* A connection sync daemon.  What is 0 or not set is the kernel's choice. */
struct table_daemon {
	bool running;
	uint8_t ttl;
	uint16_t port; /* host order */
	uint16_t max_len; /* of a message; the kernel fits it to the MTU */
	uint32_t sync_id;
	char interface[TABLE_NAME_MAX];
	struct ip_addr group;
};

/* What there is once.  SYNC: in a desired table, daemons are of concern. */
struct table_globals {
	struct table_timeouts timeouts;
	bool sync;
	struct table_daemon daemons[2]; /* by enum table_daemon_kind */
};

struct table {
	struct table_service *services; /* uthash by key */
	struct table_globals globals;
};

/* --- keys and entries --- */

void table_key_address(struct table_key *ret_key, uint16_t protocol,
	const struct ip_endpoint *endpoint);
void table_key_fwmark(
	struct table_key *ret_key, sa_family_t family, uint32_t fwmark);
struct ip_addr table_key_addr(const struct table_key *key);
/* The widest netmask of a family: every client for itself. */
uint32_t table_netmask_full(sa_family_t family);

#define TABLE_KEY_STRLEN (IP_ENDPOINT_STRLEN + 16)
/* "tcp 192.0.2.1:80", "fwmark 7", "fwmark 7 inet6".  Writes to BUF and
 * returns it. */
const char *table_key_format(
	const struct table_key *key, char buf[static TABLE_KEY_STRLEN]);
/* "tcp", "udp", "sctp", "fwmark" or "other". */
const char *table_key_protocol(const struct table_key *key);

bool table_key_equal(const struct table_key *a, const struct table_key *b);
/* An order for lists: by family, address, port, protocol, mark. */
int table_key_compare(const struct table_key *a, const struct table_key *b);

bool table_attributes_equal(const struct table_attributes *a,
	const struct table_attributes *b);
/* Without the counters. */
bool table_dest_equal(const struct table_dest *a, const struct table_dest *b);
/* New connections may go there. */
bool table_dest_usable(const struct table_dest *dest);
int table_dest_compare(const struct table_dest *a, const struct table_dest *b);

/* Is a daemon that runs as HAVE what WANTED asks for, max_len aside? */
bool table_daemon_fits(
	const struct table_daemon *wanted, const struct table_daemon *have);

/* --- services --- */

/* A service outside of any table; table_service_free() gives it back. */
struct table_service *table_service_new(const struct table_key *key,
	const struct table_attributes *attributes);
void table_service_free(struct table_service *service); /* NULL is fine */

/* Appends; table_service_sort() must follow before anything else looks. */
void table_service_push(
	struct table_service *service, const struct table_dest *dest);
/* Sorts; of several with one endpoint the one pushed first stays. */
void table_service_sort(struct table_service *service);
/* NULL when there is none. */
struct table_dest *table_service_find(const struct table_service *service,
	const struct ip_endpoint *endpoint);
size_t table_service_usable(const struct table_service *service);
bool table_service_equal(
	const struct table_service *a, const struct table_service *b);
void table_service_copy_dests(
	struct table_service *to, const struct table_service *from);

/* --- tables --- */

void table_clear(struct table *table);
/* NULL when there is none. */
struct table_service *table_find(
	const struct table *table, const struct table_key *key);
/* Takes SERVICE; one with the same key is freed. */
void table_put(struct table *table, struct table_service *service);
/* Frees the service with this key, if there is one. */
void table_remove(struct table *table, const struct table_key *key);
size_t table_count(const struct table *table);
size_t table_count_dests(const struct table *table);
void table_copy(struct table *to, const struct table *from);
/* Same services, attributes and destinations, counters and globals aside. */
bool table_equal(const struct table *a, const struct table *b);

#define table_for_each(table, service)                                        \
	for ((service) = (table)->services; (service);                        \
		(service) = (service)->hh.next)

/* --- operations --- */

enum table_op_kind {
	TABLE_OP_NEW_SERVICE,
	TABLE_OP_SET_SERVICE,
	TABLE_OP_DEL_SERVICE, /* with its destinations */
	TABLE_OP_NEW_DEST,
	TABLE_OP_SET_DEST,
	TABLE_OP_DEL_DEST,
	/* Of no service: their key is zero. */
	TABLE_OP_SET_TIMEOUTS,
	TABLE_OP_NEW_DAEMON,
	TABLE_OP_DEL_DAEMON,
};

struct table_op {
	enum table_op_kind kind;
	enum table_daemon_kind daemon_kind; /* *_DAEMON */
	struct table_key key;
	union {
		struct table_attributes attributes; /* *_SERVICE */
		struct table_dest dest; /* *_DEST */
		struct table_timeouts timeouts; /* SET_TIMEOUTS */
		struct table_daemon daemon; /* *_DAEMON */
	};
};

/* A growing list; zero-initialise, table_ops_free() gives it back. */
struct table_ops {
	struct table_op *items;
	size_t n;
	size_t capacity;
};

struct table_op *table_ops_add(struct table_ops *ops, enum table_op_kind kind,
	const struct table_key *key);
void table_ops_free(struct table_ops *ops);

/* "add", "edit" or "remove". */
const char *table_op_action(enum table_op_kind kind);
/* "master" or "backup". */
const char *table_daemon_name(enum table_daemon_kind kind);
/* Says what OP does, for logs and plans. */
#define TABLE_OP_STRLEN 256
const char *table_op_format(
	const struct table_op *op, char buf[static TABLE_OP_STRLEN]);

/*
 * Carries out N operations on TABLE as the kernel does.  ERRORS, where it is
 * not NULL, says which of them failed (non-zero): they are left out.  Runs
 * of operations on one service cost n log n.
 * Operations on what is not there count as done when they remove, and make
 * it when they edit: what the kernel acknowledged is believed.
 */
void table_apply(struct table *table, const struct table_op *ops,
	const int *errors, size_t n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ipvs role reads of a configuration: virtual servers, their groups
 * and real servers, and the lvs_ words of global_defs.
 *
 * Everything here lives in the arena of its generation and is not changed
 * after binding.  Times are in microseconds, ports in host order.
 */
#ifndef TANDEM_IPVS_CONF_H
#define TANDEM_IPVS_CONF_H

#include "config/schema.h"
#include "ipvs-ctl/table.h"

/* What happens to services in the kernel that no configuration names. */
enum ipvs_foreign {
	IPVS_FOREIGN_LEAVE,
	IPVS_FOREIGN_ADOPT,
	IPVS_FOREIGN_FLUSH,
};

enum ipvs_flush_on_stop {
	IPVS_STOP_FLUSH_OWN, /* what Tandem made */
	IPVS_STOP_FLUSH_ALL,
	IPVS_STOP_FLUSH_SERVICES, /* delete services alone, the kernel frees
				     their servers */
};

struct ipvs_conf_timeouts {
	int64_t tcp_s; /* 0 = not set */
	int64_t tcp_fin_s;
	int64_t udp_s;
};

/* lvs_sync_daemon. */
struct ipvs_conf_sync {
	const char *interface; /* NULL = none */
	const char *instance; /* whose state it follows; NULL = both run */
	uint32_t node;
	int64_t id; /* -1 = the VRID of the instance */
	int64_t max_len;
	int64_t port;
	int64_t ttl;
	struct ip_addr group;
};

/* Its own table, unless it is named. */
#define IPVS_CONF_MARKS_TABLE "tandem_ipvs"

/* nftables_ipvs: groups are served by mark. */
struct ipvs_conf_marks {
	const char *table; /* NULL = they are not */
	int64_t priority;
	int64_t first;
};

struct ipvs_conf_globals {
	struct ipvs_conf_marks marks;
	int foreign; /* enum ipvs_foreign */
	bool flush; /* foreign services are removed at start */
	bool init_notifies; /* scripts of real servers run at start, too */
	int flush_on_stop; /* enum ipvs_flush_on_stop */
	struct ipvs_conf_timeouts timeouts;
	struct ipvs_conf_sync sync;
	int64_t receive_buffer; /* bytes, 0 = own choice */
};

struct ipvs_conf_method {
	bool set;
	int forward; /* enum table_forward */
	int tunnel; /* enum table_tunnel */
	uint16_t tunnel_port;
	uint16_t tunnel_flags;
};

struct ipvs_conf_service;

struct ipvs_conf_server {
	uint32_t node;
	struct ipvs_conf_service *service;
	struct ip_endpoint endpoint; /* port 0: that of the service */
	bool bad; /* had an error; left out where a start is lenient */
	int64_t weight;
	struct ipvs_conf_method method;
	bool inhibit;
	bool alpha;
	int64_t upper;
	int64_t lower;
	struct conf_script notify_up;
	struct conf_script notify_down;
	/* Numbers of the checker blocks in it, in file order. */
	uint32_t *checks;
	uint32_t n_checks;
	/* A block in it means nothing to anybody (lenient start): it may
	 * have been a check, so the server is never healthy. */
	bool lost_check;
};

/* A sorry server: taken from one line. */
struct ipvs_conf_sorry {
	bool set;
	struct ip_endpoint endpoint;
	struct ipvs_conf_method method;
	bool inhibit;
};

struct ipvs_conf_service {
	uint32_t node;
	const char *name; /* as in the file: "192.0.2.1 80", "group web" */
	const char *label; /* for people: "tcp 192.0.2.1:80", "group web" */
	const char *group_name; /* NULL = not a group */
	bool bad; /* as in a server */
	struct ip_endpoint endpoint;
	uint32_t fwmark;
	int family; /* ip_family; AF_UNSPEC = as the servers */
	/* What the kernel knows it as: one, or those of its group. */
	struct table_key *keys;
	size_t n_keys;
	/* With nftables_ipvs: what gets MARK, which is one of keys then. */
	struct table_key *marked;
	size_t n_marked;
	uint32_t mark; /* 0 = none */
	int protocol; /* IPPROTO_*, -1 = not set in the file */
	const char *scheduler; /* NULL = not set */
	uint32_t scheduler_flags; /* enum table_service_flags */
	bool one_packet;
	struct ipvs_conf_method method;
	int64_t persistence_s; /* 0 = none */
	uint32_t granularity; /* 0 = not set; see table_attributes */
	sa_family_t granularity_family;
	const char *engine;
	int64_t weight;
	int64_t quorum;
	int64_t hysteresis;
	bool alpha;
	bool omega;
	bool inhibit;
	struct conf_script quorum_up;
	struct conf_script quorum_down;
	struct ipvs_conf_sorry sorry;
	struct conf_list servers; /* struct ipvs_conf_server */
};

/* One line of a virtual_server_group; address ranges are still folded. */
struct ipvs_conf_entry {
	uint32_t node;
	uint32_t fwmark; /* 0 = addresses */
	sa_family_t family; /* of a mark: AF_UNSPEC = as the servers */
	struct ip_addr first;
	uint32_t n_addrs;
	uint16_t first_port;
	uint32_t n_ports;
};

struct ipvs_conf_group {
	uint32_t node;
	const char *name;
	struct conf_list entries; /* struct ipvs_conf_entry */
};

struct ipvs_conf {
	struct ipvs_conf_globals globals;
	struct conf_list global_blocks;
	struct conf_list groups; /* struct ipvs_conf_group */
	struct conf_list services; /* struct ipvs_conf_service */
};

extern const struct conf_block ipvs_conf_root;

/* More services than this from one virtual_server are an error. */
#define IPVS_CONF_KEYS_MAX 65536

/* Reads the arguments of group line NODE (whose keyword is the first word).
 * 0, or -EINVAL after having reported. */
int ipvs_conf_read_entry(
	struct conf_bind *ctx, uint32_t node, struct ipvs_conf_entry *ret);
/* How many services an entry stands for. */
uint64_t ipvs_conf_entry_count(const struct ipvs_conf_entry *entry);
/* Writes them to KEYS, which has room. */
void ipvs_conf_entry_keys(const struct ipvs_conf_entry *entry,
	uint16_t protocol, sa_family_t default_family,
	struct table_key *keys);

/* lvs_sync_daemon's arguments; TARGET is a struct ipvs_conf_globals. */
void ipvs_conf_bind_sync(struct conf_bind *ctx, uint32_t node, void *target);
/* Finds the instance that the sync daemon follows. */
void ipvs_conf_finish_sync(struct conf_bind *ctx, struct ipvs_conf_sync *sync);

/* Fills keys, attributes and what depends on other blocks, and checks the
 * whole: the finish function of the root. */
void ipvs_conf_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent);

/* --- marks across a reload: ipvs_conf_marks.c --- */

/* The mark of the services of a group with one protocol. */
struct ipvs_conf_mark {
	const char *group;
	int protocol;
	uint32_t mark;
};

/* CONF was bound without knowing what was before it: its groups keep the N
 * marks they HAD unless the file names them or begins behind them, and new
 * ones get none of these. */
void ipvs_conf_keep_marks(
	struct ipvs_conf *conf, const struct ipvs_conf_mark *had, size_t n);

/* --- what a role takes from it --- */

/* Timeouts and sync daemons while the instance is (with ACTIVE) active. */
void ipvs_conf_table_globals(const struct ipvs_conf_globals *globals,
	bool active, struct table_globals *ret);

/* The kernel's attributes of the service KEY. */
void ipvs_conf_service_attributes(const struct ipvs_conf_service *service,
	const struct table_key *key, struct table_attributes *ret);
/* Where SERVER is for the service KEY. */
struct ip_endpoint ipvs_conf_server_endpoint(
	const struct ipvs_conf_server *server, const struct table_key *key);

/* A destination of the service KEY, with WEIGHT. */
void ipvs_conf_server_dest(const struct ipvs_conf_server *server,
	const struct table_key *key, int32_t weight, struct table_dest *ret);
/* The same of the sorry server, which must be set. */
void ipvs_conf_sorry_dest(const struct ipvs_conf_service *service,
	const struct table_key *key, int32_t weight, struct table_dest *ret);

#endif

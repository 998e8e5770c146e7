/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration says about health checks: the bound structs and the
 * view of the language that fills them.
 *
 * Everything lives in the arena of the bind and is not changed afterwards.
 * Inheritance (global_defs, virtual_server, real_server, checker) and the
 * defaults of each kind are resolved when binding is done, so that a probe
 * looks at one struct check_config and nothing else.
 */
#ifndef TANDEM_HEALTHCHECK_CHECK_CONF_H
#define TANDEM_HEALTHCHECK_CHECK_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "config/schema.h"
#include "lib/buf.h"
#include "lib/ipaddr.h"

enum check_kind {
	CHECK_KIND_TCP,
	CHECK_KIND_HTTP,
	CHECK_KIND_SSL,
	CHECK_KIND_MISC,
	CHECK_KIND_SMTP,
	CHECK_KIND_DNS,
	CHECK_KIND_UDP,
	CHECK_KIND_PING,
	CHECK_KIND_FILE,
	CHECK_KIND_BFD,
	/* (Lenient) a block that is no checker: its server must not count as
	 * healthy. */
	CHECK_KIND_LOST,
};

/* Not given yet: the next level up, or the kind, decides. */
#define CHECK_UNSET INT64_C(-1)

#define CHECK_TIME_MAX (INT64_C(31) * 86400 * 1000000)

enum check_tristate {
	CHECK_INHERIT = -1,
	CHECK_NO,
	CHECK_YES,
};

/* The words that virtual_server, real_server and checkers share. */
struct check_defaults {
	int64_t delay_loop_us;
	int64_t retry;
	int64_t delay_before_retry_us;
	int64_t connect_timeout_us;
	int64_t warmup_us;
	const char *virtualhost; /* NULL = none */
	int alpha; /* enum check_tristate */
	int log_all_failures; /* enum check_tristate */
};

struct check_range {
	uint16_t low;
	uint16_t high;
};

#define CHECK_RANGES_MAX 32
#define CHECK_DIGEST_LEN 16

struct check_url {
	uint32_t node;
	const char *path;
	const char *virtualhost; /* NULL = none */
	struct check_range status[CHECK_RANGES_MAX];
	unsigned int n_status;
	bool has_digest;
	uint8_t digest[CHECK_DIGEST_LEN]; /* MD5 of the body */
	const char *regex; /* NULL = none */
	bool regex_no_match;
	uint32_t regex_options; /* PCRE2_* bits */
	int64_t regex_min_offset;
	int64_t regex_max_offset; /* 0 = none */
	bool tls_compliant;
};

/* Bytes of the configuration; LEN 0 = none. */
struct check_bytes {
	const uint8_t *bytes;
	const uint8_t *mask; /* bits that count; NULL = all do */
	uint32_t len;
};

enum check_http_protocol {
	CHECK_HTTP_1_0,
	CHECK_HTTP_1_0_CLOSE,
	CHECK_HTTP_1_1,
};

struct check_server;

/* There may be many: members stand where they leave no holes. */
struct check_config {
	struct check_defaults timing; /* first; resolved */
	const struct check_server *server;
	uint32_t node; /* of the checker block */
	uint32_t entry; /* number in its check_set, which fills it in */
	enum check_kind kind;
	int http_protocol; /* enum check_http_protocol */
	const char *kind_name; /* as in the file: "TCP_CHECK" */

	struct ip_endpoint target;
	int64_t connect_port; /* target.port once it is resolved */
	struct ip_endpoint source; /* bindto, bind_port */
	int64_t bind_port; /* source.port once it is resolved */
	const char *bind_if; /* NULL = none */
	int64_t fwmark; /* 0 = none */

	int64_t misc_timeout_us; /* MISC_CHECK; the interval for others */

	/* What only one kind knows: of the others nothing may be read, and
	 * TCP_CHECK, of which there may be most, ends here. */
	union {
		struct { /* HTTP_GET, SSL_GET */
			struct conf_list urls; /* struct check_url */
			const char *virtualhost; /* resolved: of the urls */
			bool fast_recovery;
			bool enable_sni;
			bool tls_compliant;
			bool tls_verify;
			const char *sni_name;
			const char *tls_ca; /* NULL = the system's store */
			const char *tls_name; /* in the certificate, or NULL */
			const struct check_ssl *ssl; /* or NULL */
		};
		struct { /* MISC_CHECK */
			struct conf_script script;
			const char *misc_user; /* as written, "" = none */
			bool misc_dynamic;
		};
		struct { /* SMTP_CHECK */
			const char *helo_name;
			/* struct check_config: how to connect */
			struct conf_list hosts;
		};
		struct { /* DNS_CHECK */
			const char *dns_name;
			int dns_type; /* enum dns_type */
		};
		struct { /* UDP_CHECK */
			bool require_reply;
			struct check_bytes payload;
			struct check_bytes reply;
			int64_t min_reply_length;
			int64_t max_reply_length;
		};
		struct { /* FILE_CHECK */
			const char *file_name; /* of the track_file */
			const char *file_path; /* NULL = there is none */
			/* 0 = none: any number but 0 fails. */
			int64_t file_weight;
			bool file_reverse;
		};
		struct { /* BFD_CHECK */
			const char *bfd_name;
			bool bfd_found; /* there is one, for checks */
		};
	};
};

/* Of a check whose kind has nothing of its own. */
#define CHECK_CONFIG_PLAIN_SIZE offsetof(struct check_config, urls)

/* A track_file block. */
struct check_file {
	const char *name;
	const char *path; /* NULL = not given */
	int64_t weight;
	bool reverse;
	UT_hash_handle hh; /* while checks are resolved */
};

/* A bfd_instance block. */
struct check_bfd {
	const char *name;
	bool for_vrrp;
	bool for_checker; /* neither: for both */
	UT_hash_handle hh; /* while checks are resolved */
};

struct check_server {
	struct check_defaults defaults; /* first */
	const struct check_service *service;
	uint32_t node;
	struct ip_endpoint endpoint; /* port of the service where 0 */
	struct conf_list checks; /* struct check_config, in file order */
};

struct check_group;

struct check_service {
	struct check_defaults defaults; /* first */
	uint32_t node;
	uint32_t number; /* among the services */
	uint16_t port;
	bool suspend; /* ha_suspend, where there are addresses */
	struct ip_addr addr; /* AF_UNSPEC = a group or a fwmark */
	const char *group_name; /* NULL = none */
	const struct check_group *group; /* with ha_suspend */
	struct conf_list servers; /* struct check_server */
};

/* Addresses in a row, both ends included. */
struct check_addresses {
	struct ip_addr first;
	struct ip_addr last;
};

/* A virtual_server_group, without its marks. */
struct check_group {
	uint32_t node;
	const char *name;
	struct conf_list addresses; /* struct check_addresses */
	UT_hash_handle hh; /* while services are resolved */
};

/* The SSL block. */
struct check_ssl {
	const char *ca; /* file; NULL = none */
	const char *certificate; /* PEM text; NULL = no client certificate */
	const char *key; /* PEM text; NULL = in certificate */
	const char *password; /* of the key, NULL = none */
	uint64_t print; /* of certificate and key: another one is another */
};

struct check_globals {
	bool log_all_failures;
};

struct check_conf {
	struct check_globals *globals; /* NULL = no global_defs */
	struct check_ssl *ssl; /* NULL = no SSL block */
	struct conf_list services; /* struct check_service */
	struct conf_list files; /* struct check_file */
	struct conf_list bfds; /* struct check_bfd */
	struct conf_list groups; /* struct check_group */
};

/* The view; conf_bind_root() with it returns a struct check_conf. */
extern const struct conf_block check_conf_root;

/*
 * What makes two checks the same, as bytes: kind, target, request and
 * expectation, and how the connection is made.  Equal checks are run once.
 * TIMING: with the intervals and counts as well.
 */
void check_config_identity(
	const struct check_config *check, bool timing, struct buf_writer *w);
/* Only kind and target: which of the old checks an edited one replaces. */
void check_config_place(const struct check_config *check, struct buf_writer *w);

/* For the tables: what a checker block begins with, and ends with. */
void check_config_init(void *target, const void *parent);
void check_config_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent);
/* Takes "", or a BOOL, into the tristates of a struct check_defaults. */
/* What holds, for `show config`; TARGET begins with the check_defaults. */
void check_show_alpha(const void *target, FILE *out);
void check_show_log_all_failures(const void *target, FILE *out);
void check_bind_alpha(struct conf_bind *ctx, uint32_t node, void *target);
void check_bind_log_all_failures(
	struct conf_bind *ctx, uint32_t node, void *target);

/* The blocks of the checkers, in check_conf_kinds.c and
 * check_conf_protocols.c. */
extern const struct conf_block check_conf_tcp;
extern const struct conf_block check_conf_http;
extern const struct conf_block check_conf_ssl;
extern const struct conf_block check_conf_misc;
extern const struct conf_block check_conf_smtp;
extern const struct conf_block check_conf_dns;
extern const struct conf_block check_conf_udp;
extern const struct conf_block check_conf_ping;
extern const struct conf_block check_conf_bfd;
extern const struct conf_block check_conf_file;

/* bfd_instance, in check_conf_bfd.c. */
extern const struct conf_block check_conf_bfd_instance;
/* SESSIONS by name; free it with HASH_CLEAR. */
struct check_bfd *check_bfds_index(const struct conf_list *sessions);
/* Looks whether CHECK, a BFD_CHECK, names one of them. */
void check_bfd_resolve(struct conf_bind *ctx, struct check_bfd *index,
	struct check_config *check);

/* track_file, in check_conf_file.c. */
extern const struct conf_block check_conf_track_file;
/* FILES by name; free it with HASH_CLEAR. */
struct check_file *check_files_index(const struct conf_list *files);

/* One line of a virtual_server_group, in check_conf_group.c. */
void check_group_bind(struct conf_bind *ctx, uint32_t node, void *target);
/* GROUPS by name; free it with HASH_CLEAR. */
struct check_group *check_groups_index(const struct conf_list *groups);
/* Finds the group of SERVICE and whether it can be suspended. */
void check_service_resolve(struct conf_bind *ctx, struct check_group *index,
	struct check_service *service);
/* Is ADDR one of the service's addresses? */
bool check_service_has_address(
	const struct check_service *service, const struct ip_addr *addr);

/* Gives CHECK, a FILE_CHECK, what the file that it names says. */
void check_file_resolve(struct conf_bind *ctx, struct check_file *index,
	struct check_config *check);

/* Says which files of tls_verify cannot be used, in check_conf_ca.c. */
void check_ca_verify(struct conf_bind *ctx, const struct check_conf *conf);

/* The kind of check that WORD is meant to be, or NULL. */
const char *check_kind_suggest(const char *word);

/* "TCP_CHECK 192.0.2.1:80", "MISC_CHECK 192.0.2.1:80 /usr/bin/x". */
#define CHECK_NAME_MAX 160
const char *check_config_name(
	const struct check_config *check, char buf[static CHECK_NAME_MAX]);

#endif

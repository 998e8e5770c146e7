/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ldirectord.cf in Tandem's language.
 *
 * Everything that ldirectord 4.12 reads is known by name.  Two steps: the
 * file to structs (import_ldirectord_parse.c), structs to text
 * (import_ldirectord.c); both are pure.
 */
#ifndef TANDEM_CTL_IMPORT_LDIRECTORD_H
#define TANDEM_CTL_IMPORT_LDIRECTORD_H

#include "ctl/import_result.h"
#include "lib/ipaddr.h"

#define LD_RANGE_MAX 4096     /* servers of one range */
#define LD_SERVERS_MAX 262144 /* of a whole file */

enum ld_check {
	LD_CHECK_NEGOTIATE,
	LD_CHECK_CONNECT,
	LD_CHECK_COMBINED, /* a number: so many connects, then negotiate */
	LD_CHECK_PING,
	LD_CHECK_EXTERNAL,
	LD_CHECK_EXTERNAL_PERL,
	LD_CHECK_ON,
	LD_CHECK_OFF,
};

enum ld_bool {
	LD_UNSET,
	LD_NO,
	LD_YES,
};

/* Options that stand for all services or for one; 0 or NULL = not said. */
struct ld_options {
	uint32_t checktimeout;
	uint32_t negotiatetimeout;
	uint32_t checkinterval;
	uint32_t checkcount;
	uint32_t failurecount;
	enum ld_bool quiescent;
	enum ld_bool cleanstop;
	char *fallbackcommand;
	char *emailalert;
	char *emailalertfrom;
	char *smtp;
};

struct ld_real {
	char address[IP_ADDR_STRLEN];
	uint32_t port; /* 0 = that of the service */
	uint32_t weight;
	uint32_t lower, upper; /* connection thresholds; 0 = none */
	char forward;	       /* g, m, i: gate, masq, ipip */
	uint32_t line;
	char *request; /* of its own, or NULL; shared ones are copies */
	char *receive;
};

struct ld_fallback {
	char address[IP_ADDR_STRLEN]; /* "" = none */
	uint32_t port;
	char forward;
	uint32_t line;
};

struct ld_virtual {
	uint32_t line;
	bool v6;
	bool unusable; /* its address could not be read */
	uint32_t fwmark;
	char address[IP_ADDR_STRLEN];
	uint32_t port;
	const char *protocol; /* "TCP", "UDP"; NULL with a fwmark */
	struct ld_options options;
	enum ld_check check;
	uint32_t n_connects;
	char *service; /* or NULL: by port */
	char *command;
	char *request;
	char *receive;
	char *method;
	char *virtualhost;
	char *login;
	char *passwd;
	char *database;
	char *secret;
	char *scheduler;
	char *schedflags;
	char *netmask;
	char *servicename;
	char *comment;
	char *monitorfile;
	uint32_t checkport;
	uint32_t persistent;
	bool ops;
	struct ld_fallback fallback;
	struct ld_real *reals;
	size_t n_reals, reals_capacity;
	struct import_notes notes;
};

struct ld_file {
	struct ld_options options;
	struct ld_fallback fallback4;
	struct ld_fallback fallback6;
	struct import_notes notes;
	struct ld_virtual *virtuals;
	size_t n_virtuals, virtuals_capacity;
	size_t n_servers;
};

/* Reads LEN bytes of TEXT.  Free with ld_file_free(). */
void ld_parse(const char *text, size_t len,
	const struct import_resolver *resolver, struct ld_file *ret);
void ld_file_free(struct ld_file *file);

/* All of it.  RESULT is to be begun and ended by the caller. */
void import_ldirectord(const char *text, size_t len,
	const struct import_resolver *resolver, struct import_result *result);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of ipvsadm(8) as structs; for the import alone.
 */
#ifndef TANDEM_CTL_IMPORT_IPVSADM_PARSE_H
#define TANDEM_CTL_IMPORT_IPVSADM_PARSE_H

#include <uthash.h>

#include "ctl/import_result.h"
#include "lib/ipaddr.h"

#define IPVSADM_WORDS_MAX 64

struct ipvsadm_address {
	char text[IP_ADDR_STRLEN];
	uint32_t port;
};

struct ipvsadm_server {
	struct ipvsadm_address address;
	char method; /* g, i, m */
	uint32_t weight, upper, lower;
	char *tunnel; /* words behind TUN, or NULL */
};

struct ipvsadm_service {
	char *key; /* kind and address as written */
	uint32_t line;
	char kind; /* t, u, s, f */
	bool v6;
	struct ipvsadm_address address;
	uint32_t fwmark;
	char *scheduler, *flags, *engine, *mask;
	uint32_t persistent;
	bool ops;
	struct ipvsadm_server *servers;
	size_t n_servers, capacity;
	struct import_notes notes;
	UT_hash_handle hh; /* in the order of lines */
};

struct ipvsadm_parser {
	const struct import_resolver *resolver;
	struct import_result *result;
	struct ipvsadm_service *services;
	struct import_notes notes; /* of the whole */
	char *daemon;		   /* what follows lvs_sync_daemon */
	uint32_t timeouts[3];
	char *words[IPVSADM_WORDS_MAX];
	uint32_t columns[IPVSADM_WORDS_MAX];
	unsigned int n_words;
	unsigned int at;
	uint32_t line;
};

/* Reads LEN bytes of TEXT into P, of which resolver and result are set; the
 * caller frees the services, the notes and the daemon's words. */
void ipvsadm_parse(struct ipvsadm_parser *p, const char *text, size_t len);
void ipvsadm_service_free(struct ipvsadm_service *s);

#endif

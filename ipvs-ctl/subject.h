/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator calls a service or a real server, read once and then
 * compared as numbers.  Pure.
 *
 * "192.0.2.1:80", "192.0.2.1 80", "192.0.2.1" (any port), "[2001:db8::1]:80",
 * each with "tcp:" or "tcp " in front for a service of that protocol;
 * "fwmark 7 [inet6]"; or the name of a virtual_server as in the file
 * ("group web").  "server" or "real_server" in front: real servers alone;
 * "service" or "virtual_server": services alone.
 */
#ifndef TANDEM_IPVS_SUBJECT_H
#define TANDEM_IPVS_SUBJECT_H

#include "ipvs-ctl/ipvs_conf.h"

struct subject {
	const char *name; /* without the kind; borrowed */
	bool servers; /* may name some */
	bool services;
	uint16_t protocol; /* IPPROTO_*, 0 = any */
	struct ip_endpoint endpoint; /* AF_UNSPEC = none; port 0 = any */
	uint32_t fwmark; /* 0 = none */
	sa_family_t family; /* of the mark, AF_UNSPEC = any */
};

/* TEXT must outlive RET. */
void subject_parse(const char *text, struct subject *ret);
bool subject_names_service(const struct subject *subject,
	const struct ipvs_conf_service *service);
bool subject_names_server(
	const struct subject *subject, const struct ipvs_conf_server *server);

#endif

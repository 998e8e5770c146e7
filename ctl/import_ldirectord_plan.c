/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/import_ldirectord_plan.h"

#include <string.h>

#define CHECKTIMEOUT_S 5 /* ldirectord's defaults */
#define NEGOTIATETIMEOUT_S 30
#define CHECKINTERVAL_S 10

static uint32_t first_of(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	return a ? a : b ? b : c ? c : d;
}

static const char *service_of_port(uint32_t port)
{
	static const struct {
		uint32_t port;
		const char *service;
	} services[] = {
		{ 21, "ftp" },
		{ 25, "smtp" },
		{ 53, "dns" },
		{ 80, "http" },
		{ 110, "pop" },
		{ 119, "nntp" },
		{ 143, "imap" },
		{ 389, "ldap" },
		{ 443, "https" },
		{ 587, "submission" },
		{ 636, "ldaps" },
		{ 993, "imaps" },
		{ 995, "pops" },
		{ 1521, "oracle" },
		{ 1812, "radius" },
		{ 3128, "http_proxy" },
		{ 3306, "mysql" },
		{ 5060, "sip" },
		{ 5432, "pgsql" },
	};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (services[i].port == port)
			return services[i].service;
	return "none";
}

static uint32_t port_of_service(const char *service)
{
	for (uint32_t port = 21; port <= 5432; port++)
		if (!strcmp(service_of_port(port), service))
			return port;
	return 0;
}

bool ld_asks_udp(const struct ld_virtual *v)
{
	return v->protocol && !strcmp(v->protocol, "UDP");
}

static enum ld_kind negotiate_kind(struct ld_virtual *v, const char *service)
{
	if (!strcmp(service, "http"))
		return LD_KIND_HTTP;
	if (!strcmp(service, "https"))
		return LD_KIND_HTTPS;
	if (!strcmp(service, "smtp") || !strcmp(service, "submission"))
		return LD_KIND_SMTP;
	if (!strcmp(service, "dns")) {
		if (v->receive)
			ld_tell(v, IMPORT_DIFFERS,
				"any answer of the name server passes; that it "
				"is '%s' is not looked at",
				v->receive);
		return LD_KIND_DNS;
	}
	if (!strcmp(service, "none")) {
		ld_tell(v, IMPORT_DIFFERS,
			"ldirectord checks nothing for service=none: the "
			"servers are always up; add a check");
		return LD_KIND_NONE;
	}
	ld_tell(v, IMPORT_DIFFERS,
		"there is no check for %s: only %s is checked; for more, write "
		"a script and use MISC_CHECK",
		service,
		ld_asks_udp(v) ? "that the host answers a ping"
			       : "that a connection comes about");
	return ld_asks_udp(v) ? LD_KIND_PING : LD_KIND_TCP;
}

static enum ld_kind choose_kind(struct ld_virtual *v, const char *service)
{
	switch (v->check) {
	case LD_CHECK_COMBINED:
		ld_tell(v, IMPORT_NOTE,
			"checktype=%u: each check negotiates here, not only "
			"one in %u",
			v->n_connects, v->n_connects + 1);
		return negotiate_kind(v, service);
	case LD_CHECK_NEGOTIATE:
		return negotiate_kind(v, service);
	case LD_CHECK_CONNECT:
		if (!ld_asks_udp(v))
			return LD_KIND_TCP;
		ld_tell(v, IMPORT_NOTE,
			"checktype=connect of a UDP service is a ping, as in "
			"ldirectord");
		return LD_KIND_PING;
	case LD_CHECK_PING:
		return LD_KIND_PING;
	case LD_CHECK_EXTERNAL:
		return LD_KIND_MISC;
	case LD_CHECK_EXTERNAL_PERL:
		ld_tell(v, IMPORT_DIFFERS,
			"external-perl: the file is run as a program: it needs "
			"to be executable, with a first line that names perl");
		return LD_KIND_MISC;
	case LD_CHECK_ON:
		ld_tell(v, IMPORT_NOTE,
			"checktype=on: nothing is checked, as before");
		return LD_KIND_NONE;
	case LD_CHECK_OFF:
		ld_tell(v, IMPORT_DIFFERS,
			"checktype=off: ldirectord does not use the servers; "
			"here they have weight 0");
		return LD_KIND_OFF;
	}
	return LD_KIND_NONE;
}

struct ld_plan ld_make_plan(const struct ld_file *file, struct ld_virtual *v)
{
	const struct ld_options *g = &file->options;
	struct ld_options *o = &v->options;
	struct ld_plan plan = {
		.service = v->service  ? v->service
			   : v->fwmark ? "none"
				       : service_of_port(v->port),
		.interval = first_of(
			o->checkinterval, g->checkinterval, 0, CHECKINTERVAL_S),
		.failures = first_of(o->failurecount, g->failurecount, 0, 1),
		.inhibit = (o->quiescent ? o->quiescent : g->quiescent) ==
			   LD_YES,
		.port = v->checkport,
	};

	plan.kind = choose_kind(v, plan.service);
	if (v->check == LD_CHECK_NEGOTIATE || v->check == LD_CHECK_COMBINED)
		plan.timeout = first_of(o->negotiatetimeout, o->checktimeout,
			g->negotiatetimeout,
			first_of(g->checktimeout, 0, 0, NEGOTIATETIMEOUT_S));
	else
		plan.timeout = first_of(o->checktimeout, g->checktimeout,
			g->negotiatetimeout, CHECKTIMEOUT_S);
	if (!plan.port && v->fwmark)
		plan.port = port_of_service(plan.service);
	if (v->check == LD_CHECK_PING &&
		first_of(o->checkcount, g->checkcount, 0, 1) > 1)
		ld_tell(v, IMPORT_NOTE,
			"checkcount: one ping is sent for each check; "
			"failurecount says how many may be lost");
	return plan;
}

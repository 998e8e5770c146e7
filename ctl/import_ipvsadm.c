/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of ipvsadm in Tandem's language. */
#include "ctl/import_ipvsadm.h"

#include <string.h>

#include "ctl/import_ipvsadm_parse.h"
#include "lib/mem.h"

static const char *method_name(char method)
{
	return method == 'g' ? "DR" : method == 'i' ? "TUN" : "NAT";
}

static void put_flags(FILE *out, const struct ipvsadm_service *s)
{
	const char *rest = s->flags ? s->flags : "";

	while (*rest) {
		size_t n = strcspn(rest, ",");

		if (n)
			fprintf(out, "\t%.*s\n", (int)n, rest);
		rest += n;
		rest += *rest == ',';
	}
}

static bool same_method(
	const struct ipvsadm_server *a, const struct ipvsadm_server *b)
{
	return a->method == b->method && !a->tunnel == !b->tunnel &&
	       (!a->tunnel || !strcmp(a->tunnel, b->tunnel));
}

static void put_server(FILE *out, const struct ipvsadm_service *s,
	const struct ipvsadm_server *server)
{
	fprintf(out, "\treal_server %s", server->address.text);
	if (s->kind != 'f' || server->address.port)
		fprintf(out, " %u", server->address.port);
	fputs(" {\n", out);
	if (!same_method(server, &s->servers[0]))
		fprintf(out, "\t\tlvs_method %s%s\n",
			method_name(server->method),
			server->tunnel ? server->tunnel : "");
	fprintf(out, "\t\tweight %u\n", server->weight);
	if (server->upper)
		fprintf(out, "\t\tuthreshold %u\n", server->upper);
	if (server->lower)
		fprintf(out, "\t\tlthreshold %u\n", server->lower);
	fputs("\t}\n", out);
}

static void put_settings(FILE *out, const struct ipvsadm_service *s)
{
	fprintf(out, "\tlb_algo %s\n", s->scheduler ? s->scheduler : "wlc");
	put_flags(out, s);
	if (s->ops)
		fputs("\tops\n", out);
	fprintf(out, "\tlb_kind %s%s\n", method_name(s->servers[0].method),
		s->servers[0].tunnel ? s->servers[0].tunnel : "");
	if (s->kind != 'f')
		fprintf(out, "\tprotocol %s\n",
			s->kind == 't'	 ? "TCP"
			: s->kind == 'u' ? "UDP"
					 : "SCTP");
	else if (s->v6)
		fputs("\tip_family inet6\n", out);
	if (s->persistent)
		fprintf(out, "\tpersistence_timeout %u\n", s->persistent);
	if (s->persistent && s->mask && strcmp(s->mask, "255.255.255.255") &&
		strcmp(s->mask, "128"))
		fprintf(out, "\tpersistence_granularity %s\n", s->mask);
	if (s->engine)
		fprintf(out, "\tpersistence_engine %s\n", s->engine);
}

static void put_service(struct ipvsadm_parser *p, struct ipvsadm_service *s)
{
	FILE *out = p->result->out;

	if (!s->n_servers) {
		import_note(&s->notes, IMPORT_LOST, s->line, 0,
			"a service without servers is left out");
		import_put_notes(p->result, &s->notes, "");
		return;
	}
	if (s->kind == 'f')
		fprintf(out, "virtual_server fwmark %u {\n", s->fwmark);
	else
		fprintf(out, "virtual_server %s %u {\n", s->address.text,
			s->address.port);
	put_settings(out, s);
	for (size_t i = 0; i < s->n_servers; i++)
		put_server(out, s, &s->servers[i]);
	fputs("}\n\n", out);
	p->result->n_services++;
	p->result->n_servers += s->n_servers;
}

static void put_global(struct ipvsadm_parser *p)
{
	static const char *const names[] = { "tcp", "tcpfin", "udp" };
	FILE *out = p->result->out;
	bool timeouts = p->timeouts[0] || p->timeouts[1] || p->timeouts[2];

	if (p->services)
		import_note(&p->notes, IMPORT_NOTE, 0, 0,
			"the kernel's table knows no checks: add one to each "
			"real_server, or failed ones stay in use");
	import_put_notes(p->result, &p->notes, "");
	if (!p->daemon && !timeouts)
		return;
	fputs("global_defs {\n", out);
	if (timeouts) {
		fputs("\tlvs_timeouts", out);
		for (size_t i = 0; i < 3; i++)
			if (p->timeouts[i])
				fprintf(out, " %s %u", names[i],
					p->timeouts[i]);
		fputc('\n', out);
	}
	if (p->daemon)
		fprintf(out, "\tlvs_sync_daemon %s\n", p->daemon);
	fputs("}\n\n", out);
}

void import_ipvsadm(const char *text, size_t len,
	const struct import_resolver *resolver, struct import_result *result)
{
	struct ipvsadm_parser p = { .resolver = resolver, .result = result };
	struct ipvsadm_service *s, *next;

	ipvsadm_parse(&p, text, len);
	put_global(&p);
	HASH_ITER (hh, p.services, s, next) {
		put_service(&p, s);
		HASH_DEL(p.services, s);
		ipvsadm_service_free(s);
	}
	import_notes_free(&p.notes);
	x_free(p.daemon);
}

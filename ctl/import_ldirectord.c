/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what ldirectord.cf says to text.  A check that Tandem does not have
 * becomes the nearest one, with a note that says what is lost.
 */
#include "ctl/import_ldirectord_plan.h"

#include <string.h>

#include "lib/mem.h"

struct emitter {
	struct import_result *result;
	const struct ld_file *file;
	FILE *out;
};

static const char *method_name(char forward)
{
	return forward == 'g' ? "DR" : forward == 'i' ? "TUN" : "NAT";
}

/* --- checks --- */

/* A retry of 0 can be said in a check alone. */
static void put_retry(const struct emitter *e, const struct ld_plan *plan)
{
	fprintf(e->out, "\t\t\tretry %u\n", plan->failures - 1);
	if (plan->failures > 1)
		fprintf(e->out, "\t\t\tdelay_before_retry %u\n",
			plan->interval);
}

static void put_times(const struct emitter *e, const struct ld_plan *plan,
	const struct ld_real *r)
{
	if (plan->port && plan->port != r->port && plan->kind != LD_KIND_PING)
		fprintf(e->out, "\t\t\tconnect_port %u\n", plan->port);
	fprintf(e->out, "\t\t\tconnect_timeout %u\n", plan->timeout);
	put_retry(e, plan);
}

static const char *with_slash(const char *request)
{
	return request && *request == '/' ? "" : "/";
}

static void put_url(const struct emitter *e, const struct ld_virtual *v,
	const struct ld_real *r)
{
	const char *request = r->request ? r->request : v->request;
	const char *receive = r->receive ? r->receive : v->receive;
	char *path =
		x_asprintf("%s%s", with_slash(request), request ? request : "");

	fputs("\t\t\turl {\n\t\t\t\tpath ", e->out);
	import_put_string(e->result, path, false);
	fputc('\n', e->out);
	if (receive && *receive) {
		fputs("\t\t\t\tregex ", e->out);
		import_put_string(e->result, receive, true);
		fputc('\n', e->out);
	}
	fputs("\t\t\t}\n", e->out);
	x_free(path);
}

static void put_http(const struct emitter *e, const struct ld_virtual *v,
	const struct ld_plan *plan, const struct ld_real *r)
{
	bool tls = plan->kind == LD_KIND_HTTPS;

	fprintf(e->out, "\t\t%s {\n", tls ? "SSL_GET" : "HTTP_GET");
	put_url(e, v, r);
	fputs("\t\t\thttp_protocol 1.1\n", e->out);
	if (v->virtualhost) {
		fputs("\t\t\tvirtualhost ", e->out);
		import_put_string(e->result, v->virtualhost, false);
		fputc('\n', e->out);
		if (tls)
			fputs("\t\t\tenable_sni\n", e->out);
	}
	put_times(e, plan, r);
	fputs("\t\t}\n", e->out);
}

static void put_misc(const struct emitter *e, const struct ld_virtual *v,
	const struct ld_plan *plan, const struct ld_real *r)
{
	const char *program = v->command ? v->command : "/bin/true";
	char mark[16];
	char *command;

	snprintf(mark, sizeof(mark), "%u", v->fwmark);
	command = x_asprintf("%s %s %u %s %u", program,
		v->fwmark ? mark : v->address, v->port, r->address,
		r->port ? r->port : v->port);
	fputs("\t\tMISC_CHECK {\n\t\t\tmisc_path ", e->out);
	import_put_string(e->result, command, true);
	fprintf(e->out, "\n\t\t\tmisc_timeout %u\n", plan->timeout);
	put_retry(e, plan);
	fputs("\t\t}\n", e->out);
	x_free(command);
}

static void put_check(const struct emitter *e, const struct ld_virtual *v,
	const struct ld_plan *plan, const struct ld_real *r)
{
	const char *name = plan->kind == LD_KIND_TCP	? "TCP_CHECK"
			   : plan->kind == LD_KIND_SMTP ? "SMTP_CHECK"
			   : plan->kind == LD_KIND_DNS	? "DNS_CHECK"
							: "PING_CHECK";

	if (plan->kind == LD_KIND_NONE || plan->kind == LD_KIND_OFF)
		return;
	if (plan->kind == LD_KIND_HTTP || plan->kind == LD_KIND_HTTPS) {
		put_http(e, v, plan, r);
		return;
	}
	if (plan->kind == LD_KIND_MISC) {
		put_misc(e, v, plan, r);
		return;
	}
	fprintf(e->out, "\t\t%s {\n", name);
	if (plan->kind == LD_KIND_DNS && v->request) {
		fputs("\t\t\ttype A\n\t\t\tname ", e->out);
		import_put_string(
			e->result, v->request + strspn(v->request, "/"), false);
		fputc('\n', e->out);
	}
	put_times(e, plan, r);
	fputs("\t\t}\n", e->out);
}

/* --- servers --- */

static void put_address(const struct emitter *e, const char *word,
	const char *address, uint32_t port, const char *after)
{
	fprintf(e->out, "\t%s %s", word, address);
	if (port)
		fprintf(e->out, " %u", port);
	fputs(after, e->out);
}

static void put_real(const struct emitter *e, const struct ld_virtual *v,
	const struct ld_plan *plan, const struct ld_real *r)
{
	put_address(e, "real_server", r->address, r->port, " {\n");
	if (r->forward != v->reals[0].forward)
		fprintf(e->out, "\t\tlvs_method %s\n", method_name(r->forward));
	fprintf(e->out, "\t\tweight %u\n",
		plan->kind == LD_KIND_OFF ? 0 : r->weight);
	if (r->upper)
		fprintf(e->out, "\t\tuthreshold %u\n", r->upper);
	if (r->lower)
		fprintf(e->out, "\t\tlthreshold %u\n", r->lower);
	if (plan->inhibit)
		fputs("\t\tinhibit_on_failure\n", e->out);
	put_check(e, v, plan, r);
	fputs("\t}\n", e->out);
	e->result->n_servers++;
}

static void put_fallback(const struct emitter *e, const struct ld_virtual *v,
	const struct ld_plan *plan)
{
	const struct ld_fallback *own = &v->fallback;
	const struct ld_fallback *f = *own->address ? own
				      : v->v6	    ? &e->file->fallback6
						    : &e->file->fallback4;

	if (!*f->address)
		return;
	/* Only with masq may the port be another one. */
	put_address(e, "sorry_server", f->address,
		v->fwmark && f->forward != 'm' ? 0
		: f->port		       ? f->port
					       : v->port,
		"\n");
	if (f->forward != (v->n_reals ? v->reals[0].forward : 'm'))
		fprintf(e->out, "\tsorry_server_lvs_method %s\n",
			method_name(f->forward));
	if (plan->inhibit)
		fputs("\tsorry_server_inhibit\n", e->out);
}

/* --- services --- */

/* They must follow the scheduler. */
static void put_schedflags(const struct emitter *e, struct ld_virtual *v)
{
	static const char *const known[] = { "sh-port", "sh-fallback",
		"mh-port", "mh-fallback", "flag-1", "flag-2", "flag-3" };
	char *rest = v->schedflags;

	while (rest && *rest) {
		size_t n = strcspn(rest, ",");
		size_t i;

		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strlen(known[i]) == n && !memcmp(known[i], rest, n))
				fprintf(e->out, "\t%s\n", known[i]);
		rest += n;
		rest += *rest == ',';
	}
}

static void check_schedflags(struct ld_virtual *v)
{
	static const char *const known =
		",sh-port,sh-fallback,mh-port,mh-fallback,flag-1,flag-2,"
		"flag-3,";
	char *rest = v->schedflags;

	while (rest && *rest) {
		size_t n = strcspn(rest, ",");
		char *word = x_asprintf(",%.*s,", (int)n, rest);

		if (n && !strstr(known, word))
			ld_tell(v, IMPORT_LOST,
				"'%.*s' is not a flag of a "
				"scheduler",
				(int)n, rest);
		x_free(word);
		rest += n;
		rest += *rest == ',';
	}
}

static const char *scheduler_of(struct ld_virtual *v)
{
	static const char *const known =
		" rr wrr lc wlc lblc lblcr dh sh mh sed nq fo ovf twos ";
	char *word;
	bool good;

	if (!v->scheduler)
		return "wrr";
	word = x_asprintf(" %s ", v->scheduler);
	good = !strchr(v->scheduler, ' ') && strstr(known, word);
	x_free(word);
	if (good)
		return v->scheduler;
	ld_tell(v, IMPORT_LOST, "'%s' is not a scheduler: it is wrr here",
		v->scheduler);
	return "wrr";
}

static bool mask_is_good(const struct ld_virtual *v)
{
	struct ip_addr addr;
	uint32_t mask;
	size_t n = strlen(v->netmask);

	if (v->v6)
		return n && n <= 3 && strspn(v->netmask, "0123456789") == n &&
		       strcmp(v->netmask, "0");
	if (ip_addr_parse(v->netmask, &addr) || addr.family != AF_INET)
		return false;
	mask = ntohl(addr.v4.s_addr);
	return mask && !(~mask & (~mask + 1));
}

static void note_virtual(struct ld_virtual *v, const struct ld_plan *plan)
{
	struct ld_options *o = &v->options;

	if (v->monitorfile)
		ld_tell(v, IMPORT_DIFFERS,
			"monitorfile: use log_all_failures in the checks and "
			"'tandemctl explain'");
	if (o->cleanstop == LD_NO)
		ld_tell(v, IMPORT_DIFFERS,
			"cleanstop=no: start tandemd with -I "
			"(--dont-release-ipvs) to leave the table when it "
			"ends");
	if (o->emailalert || o->smtp)
		ld_tell(v, IMPORT_DIFFERS,
			"mail goes to the addresses and the server of "
			"global_defs for all services");
	if (v->netmask && !mask_is_good(v)) {
		ld_tell(v, IMPORT_LOST, "'%s' is not a netmask", v->netmask);
		x_free(v->netmask);
		v->netmask = NULL;
	}
	if (v->netmask && !v->persistent)
		ld_tell(v, IMPORT_NOTE,
			"netmask does nothing without persistent");
	if (v->ops && !v->fwmark && !ld_asks_udp(v))
		ld_tell(v, IMPORT_DIFFERS, "ops is for UDP alone: left out");
	if (v->method && !strcmp(v->method, "HEAD") &&
		(plan->kind == LD_KIND_HTTP || plan->kind == LD_KIND_HTTPS))
		ld_tell(v, IMPORT_NOTE,
			"httpmethod: pages are asked for by GET");
	if ((v->login || v->passwd || v->database || v->secret) &&
		(plan->kind == LD_KIND_TCP || plan->kind == LD_KIND_PING))
		ld_tell(v, IMPORT_NOTE,
			"login, passwd, database and secret are left out: no "
			"check uses them");
	check_schedflags(v);
}

static bool sends_mail(const struct emitter *e, const struct ld_virtual *v)
{
	return e->file->options.emailalert || v->options.emailalert;
}

static void put_command(const struct emitter *e, const char *word,
	const char *command, const char *argument)
{
	char *text = x_asprintf("%s %s", command, argument);

	fprintf(e->out, "\t%s ", word);
	import_put_string(e->result, text, true);
	fputc('\n', e->out);
	x_free(text);
}

static void put_settings(const struct emitter *e, struct ld_virtual *v,
	const struct ld_plan *plan, const char *scheduler)
{
	const struct ld_options *g = &e->file->options;
	const char *command = v->options.fallbackcommand
				      ? v->options.fallbackcommand
				      : g->fallbackcommand;

	fprintf(e->out, "\tlb_algo %s\n", scheduler);
	put_schedflags(e, v);
	if (v->ops && (v->fwmark || ld_asks_udp(v)))
		fputs("\tops\n", e->out);
	fprintf(e->out, "\tlb_kind %s\n",
		method_name(v->n_reals ? v->reals[0].forward : 'm'));
	if (v->protocol)
		fprintf(e->out, "\tprotocol %s\n", v->protocol);
	else if (v->v6)
		fputs("\tip_family inet6\n", e->out);
	if (v->persistent) {
		fprintf(e->out, "\tpersistence_timeout %u\n", v->persistent);
		if (v->netmask)
			fprintf(e->out, "\tpersistence_granularity %s\n",
				v->netmask);
	}
	fprintf(e->out, "\tdelay_loop %u\n", plan->interval);
	if (plan->kind != LD_KIND_NONE && plan->kind != LD_KIND_OFF) {
		/* ldirectord uses no server before its first check. */
		fputs("\talpha\n", e->out);
	}
	if (sends_mail(e, v))
		fputs("\tsmtp_alert\n", e->out);
	if (command) {
		put_command(e, "quorum_up", command, "stop");
		put_command(e, "quorum_down", command, "start");
	}
}

static void put_servers(
	const struct emitter *e, struct ld_virtual *v, struct ld_plan *plan)
{
	for (size_t i = 0; i < v->n_reals; i++)
		put_real(e, v, plan, &v->reals[i]);
}

static void put_virtual(const struct emitter *e, struct ld_virtual *v)
{
	struct ld_plan plan;
	const char *scheduler;

	if (v->unusable || !v->n_reals) {
		ld_tell(v, IMPORT_LOST, "the service is left out: it has no %s",
			v->unusable ? "address" : "real server");
		import_put_notes(e->result, &v->notes, "");
		fputc('\n', e->out);
		return;
	}
	plan = ld_make_plan(e->file, v);
	scheduler = scheduler_of(v);
	note_virtual(v, &plan);
	if (v->servicename) {
		fputs("# ", e->out);
		import_put_quoted_line(
			e->result, v->servicename, strlen(v->servicename));
	}
	if (v->comment) {
		fputs("# ", e->out);
		import_put_quoted_line(
			e->result, v->comment, strlen(v->comment));
	}
	import_put_notes(e->result, &v->notes, "");
	if (v->fwmark)
		fprintf(e->out, "virtual_server fwmark %u {\n", v->fwmark);
	else
		fprintf(e->out, "virtual_server %s %u {\n", v->address,
			v->port);
	put_settings(e, v, &plan, scheduler);
	put_fallback(e, v, &plan);
	put_servers(e, v, &plan);
	fputs("}\n\n", e->out);
	e->result->n_services++;
}

/* --- the whole --- */

static bool runs_programs(const struct ld_file *f)
{
	bool any = f->options.fallbackcommand;

	for (size_t i = 0; i < f->n_virtuals; i++)
		any = any || f->virtuals[i].options.fallbackcommand ||
		      f->virtuals[i].check == LD_CHECK_EXTERNAL ||
		      f->virtuals[i].check == LD_CHECK_EXTERNAL_PERL;
	return any;
}

static void put_mail(const struct emitter *e, const struct ld_options *o)
{
	const char *rest = o->emailalert;

	fputs("\tnotification_email {\n", e->out);
	while (*rest) {
		size_t n = strcspn(rest, ", \t\"");

		char *address = x_strndup(rest, n);

		if (n) {
			fputs("\t\t", e->out);
			import_put_string(e->result, address, false);
			fputc('\n', e->out);
		}
		x_free(address);
		rest += n;
		rest += strspn(rest, ", \t\"");
	}
	fputs("\t}\n", e->out);
	if (o->emailalertfrom) {
		fputs("\tnotification_email_from ", e->out);
		import_put_string(e->result, o->emailalertfrom, false);
		fputc('\n', e->out);
	}
	if (o->smtp) {
		fputs("\tsmtp_server ", e->out);
		import_put_string(e->result, o->smtp, false);
		fputc('\n', e->out);
	}
}

static void put_global(const struct emitter *e, struct ld_file *f)
{
	bool programs = runs_programs(f);

	if (f->options.cleanstop == LD_NO)
		import_note(&f->notes, IMPORT_DIFFERS, 0, 0,
			"cleanstop=no: start tandemd with -I "
			"(--dont-release-ipvs) to leave the table when it "
			"ends");
	if (programs)
		import_note(&f->notes, IMPORT_NOTE, 0, 0,
			"programs run as root, as ldirectord runs them; "
			"script_user can name somebody with fewer rights");
	import_put_notes(e->result, &f->notes, "");
	if (!programs && !f->options.emailalert)
		return;
	fputs("global_defs {\n", e->out);
	if (programs)
		fputs("\tenable_script_security\n\tscript_user root\n", e->out);
	if (f->options.emailalert)
		put_mail(e, &f->options);
	fputs("}\n\n", e->out);
}

void import_ldirectord(const char *text, size_t len,
	const struct import_resolver *resolver, struct import_result *result)
{
	struct ld_file file;
	struct emitter e = {
		.result = result,
		.file = &file,
		.out = result->out,
	};

	ld_parse(text, len, resolver, &file);
	put_global(&e, &file);
	for (size_t i = 0; i < file.n_virtuals; i++)
		put_virtual(&e, &file.virtuals[i]);
	ld_file_free(&file);
}

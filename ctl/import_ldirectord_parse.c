/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading ldirectord.cf.  What ldirectord refuses is said with its place;
 * where its own reading would be a trap, the note says what was read.
 */
#include <ctype.h>
#include <string.h>

#include "ctl/import_ldirectord_parse.h"
#include "lib/mem.h"

/* --- real servers --- */

static struct ld_real *add_real(struct ld_parser *p)
{
	struct ld_virtual *v = p->current;

	if (v->n_reals == v->reals_capacity) {
		v->reals_capacity = v->reals_capacity ? 2 * v->reals_capacity
						      : 4;
		v->reals = x_realloc(
			v->reals, v->reals_capacity, sizeof(*v->reals));
	}
	p->file->n_servers++;
	v->reals[v->n_reals] = (struct ld_real){ .weight = 1, .forward = 'g' };
	return &v->reals[v->n_reals++];
}

/* "a","b" at the head of *TEXT: request and expected answer. */
static bool take_quoted_pair(char **text, struct ld_real *real)
{
	char *a = *text + strspn(*text, " \t");
	char *a_end, *b, *b_end;

	if (*a != '"')
		return false;
	a_end = strchr(a + 1, '"');
	b = a_end ? a_end + 1 + strspn(a_end + 1, " \t,") : NULL;
	b_end = b && *b == '"' ? strchr(b + 1, '"') : NULL;
	if (!b_end)
		return false;
	/* Said again, the last one counts. */
	x_free(real->request);
	x_free(real->receive);
	real->request = x_strndup(a + 1, (size_t)(a_end - a - 1));
	real->receive = x_strndup(b + 1, (size_t)(b_end - b - 1));
	*text = b_end + 1;
	return true;
}

/* What follows the address: method, weight, request, thresholds. */
static bool take_real_flags(
	struct ld_parser *p, char *rest, struct ld_real *real)
{
	char *word = ld_next_word(&rest);
	struct ld_line saved = p->line;
	bool good = true;

	if (!ld_take_forward(p, word, &real->forward))
		return false;
	while (good) {
		if (take_quoted_pair(&rest, real))
			continue;
		word = ld_next_word(&rest);
		if (!word)
			return true;
		p->line.value = word;
		p->line.name = "weight";
		p->line.name_len = 6;
		if (isdigit((unsigned char)*word)) {
			good = ld_take_number(p, 0, INT32_MAX, &real->weight);
		} else if (!strncmp(word, "l:", 2)) {
			good = ld_take_number(p, 0, INT32_MAX, &real->lower);
		} else if (!strncmp(word, "u:", 2)) {
			good = ld_take_number(p, 0, INT32_MAX, &real->upper);
		} else {
			p->line = saved;
			ld_say(p, IMPORT_LOST, "'%s' is not understood", word);
			good = false;
		}
		p->line = saved;
	}
	return false;
}

static uint32_t ipv4_number(const char *address)
{
	struct ip_addr addr = { 0 };

	if (ip_addr_parse(address, &addr) || addr.family != AF_INET)
		return 0;
	return ntohl(addr.v4.s_addr);
}

/* COUNT servers from the address of REAL on.  Takes its strings. */
static void add_reals(struct ld_parser *p, struct ld_real *real, uint32_t count)
{
	uint32_t first = ipv4_number(real->address);

	for (uint32_t i = 0; i < count; i++) {
		struct ld_real *added = add_real(p);

		*added = *real;
		if (i) {
			struct ip_addr addr = { .family = AF_INET };

			addr.v4.s_addr = htonl(first + i);
			ip_addr_format(&addr, added->address);
			added->request = real->request ? x_strdup(real->request)
						       : NULL;
			added->receive = real->receive ? x_strdup(real->receive)
						       : NULL;
		}
	}
}

/* How many servers the range from REAL to LAST has; 0 = said why not. */
static uint32_t range_size(
	struct ld_parser *p, const struct ld_real *real, char *last)
{
	char address[IP_ADDR_STRLEN];
	uint32_t a, b;

	if (p->current->v6) {
		ld_say(p, IMPORT_LOST, "ldirectord has no ranges of IPv6");
		return 0;
	}
	if (!ld_resolve(p, last, false, address))
		return 0;
	a = ipv4_number(real->address);
	b = ipv4_number(address);
	if (a > b || b - a >= LD_RANGE_MAX) {
		ld_say(p, IMPORT_LOST, "the range %s to %s is %s",
			real->address, address,
			a > b ? "backwards" : "too large");
		return 0;
	}
	return b - a + 1;
}

static void take_real(struct ld_parser *p)
{
	struct ld_real real = { .weight = 1, .line = p->line.number };
	char *rest = p->line.value;
	char *word = ld_next_word(&rest);
	char *arrow, *port;
	uint32_t count = 1;

	if (!word) {
		ld_say(p, IMPORT_LOST, "a real server without an address");
		return;
	}
	arrow = strstr(word, "->");
	if (arrow)
		*arrow = '\0';
	ld_split_port(p, arrow ? arrow + 2 : word, &port);
	if (!ld_resolve(p, word, p->current->v6, real.address) ||
		(*port && !ld_resolve_port(p, port, &real.port)))
		return;
	if (arrow)
		count = range_size(p, &real, arrow + 2);
	if (!count)
		return;
	if (p->file->n_servers + count > LD_SERVERS_MAX) {
		ld_say(p, IMPORT_LOST, "more than %d real servers",
			LD_SERVERS_MAX);
		return;
	}
	if (take_real_flags(p, rest, &real)) {
		add_reals(p, &real, count);
		return;
	}
	x_free(real.request);
	x_free(real.receive);
}

/* --- services --- */

static void begin_virtual(struct ld_parser *p, bool v6)
{
	struct ld_file *f = p->file;
	struct ld_virtual *v;
	char *value = p->line.value;
	char *port;

	if (f->n_virtuals == f->virtuals_capacity) {
		f->virtuals_capacity =
			f->virtuals_capacity ? 2 * f->virtuals_capacity : 8;
		f->virtuals = x_realloc(f->virtuals, f->virtuals_capacity,
			sizeof(*f->virtuals));
	}
	v = &f->virtuals[f->n_virtuals++];
	*v = (struct ld_virtual){ .line = p->line.number, .v6 = v6 };
	p->current = v;
	value[strcspn(value, " \t")] = '\0';
	if (*value && strspn(value, "0123456789") == strlen(value)) {
		v->unusable = !ld_take_number(p, 1, INT32_MAX, &v->fwmark);
		return;
	}
	ld_split_port(p, value, &port);
	v->unusable = !ld_resolve(p, value, v6, v->address);
	if (!*port) {
		ld_say(p, IMPORT_LOST, "a service without a port");
		v->unusable = true;
	} else if (!ld_resolve_port(p, port, &v->port)) {
		v->unusable = true;
	}
	v->protocol = v->port == 53 ? "UDP" : "TCP";
}

static void take_checktype(struct ld_parser *p)
{
	static const struct {
		const char *name;
		enum ld_check check;
	} types[] = {
		{ "negotiate", LD_CHECK_NEGOTIATE },
		{ "connect", LD_CHECK_CONNECT },
		{ "ping", LD_CHECK_PING },
		{ "external", LD_CHECK_EXTERNAL },
		{ "external-perl", LD_CHECK_EXTERNAL_PERL },
		{ "on", LD_CHECK_ON },
		{ "off", LD_CHECK_OFF },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(p->line.value, types[i].name)) {
			p->current->check = types[i].check;
			return;
		}
	}
	if (isdigit((unsigned char)p->line.value[0]) &&
		ld_take_number(p, 0, INT32_MAX, &p->current->n_connects))
		p->current->check = LD_CHECK_COMBINED;
	else
		ld_say(p, IMPORT_LOST, "'%s' is not a type of check",
			p->line.value);
}

static void take_service(struct ld_parser *p)
{
	static const char *const known[] = { "dns", "ftp", "http", "https",
		"http_proxy", "imap", "imaps", "ldap", "ldaps", "nntp", "mysql",
		"none", "oracle", "pop", "pops", "radius", "pgsql", "sip",
		"smtp", "submission", "simpletcp" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(p->line.value, known[i])) {
			ld_take_string(p, &p->current->service);
			return;
		}
	}
	ld_say(p, IMPORT_LOST, "'%s' is not a service", p->line.value);
}

static void take_protocol(struct ld_parser *p)
{
	struct ld_virtual *v = p->current;
	const char *value = p->line.value;

	if (v->fwmark ? strcmp(value, "fwm")
		      : strcmp(value, "tcp") && strcmp(value, "udp"))
		ld_say(p, IMPORT_LOST, "the protocol must be %s here",
			v->fwmark ? "fwm" : "tcp or udp");
	else if (!v->fwmark)
		v->protocol = *value == 't' ? "TCP" : "UDP";
}

/* --- the words --- */

static bool is(const struct ld_parser *p, const char *name)
{
	return strlen(name) == p->line.name_len &&
	       !memcmp(p->line.name, name, p->line.name_len);
}

/* Words that stand in both places. */
static bool take_common(struct ld_parser *p, struct ld_options *o)
{
	if (is(p, "checktimeout"))
		ld_take_number(p, 1, 86400, &o->checktimeout);
	else if (is(p, "negotiatetimeout"))
		ld_take_number(p, 1, 86400, &o->negotiatetimeout);
	else if (is(p, "checkinterval"))
		ld_take_number(p, 1, 86400, &o->checkinterval);
	else if (is(p, "checkcount"))
		ld_take_number(p, 1, 10000, &o->checkcount);
	else if (is(p, "failurecount"))
		ld_take_number(p, 1, 10000, &o->failurecount);
	else if (is(p, "fallbackcommand"))
		ld_take_string(p, &o->fallbackcommand);
	else if (is(p, "quiescent"))
		ld_take_bool(p, &o->quiescent);
	else if (is(p, "cleanstop"))
		ld_take_bool(p, &o->cleanstop);
	else if (is(p, "emailalert"))
		ld_take_string(p, &o->emailalert);
	else if (is(p, "smtp"))
		ld_take_string(p, &o->smtp);
	else if (is(p, "emailalertfreq"))
		ld_say(p, IMPORT_DIFFERS,
			"emailalertfreq: a mail is sent for each change, and "
			"not repeated");
	else if (is(p, "emailalertstatus"))
		ld_say(p, IMPORT_DIFFERS,
			"emailalertstatus: mail is about servers that come and "
			"go, nothing else");
	else if (is(p, "connecttimeout") || is(p, "timeout"))
		ld_say(p, IMPORT_LOST,
			"ldirectord refuses this word; write negotiatetimeout "
			"or checktimeout");
	else
		return false;
	return true;
}

static const struct {
	const char *name;
	enum import_level level;
	const char *text;
} global_words[] = {
	{ "autoreload", IMPORT_DIFFERS,
		"autoreload: Tandem does not watch its file; 'tandemctl plan "
		"&& tandemctl reload' after a change" },
	{ "callback", IMPORT_DIFFERS,
		"callback: nothing is run when the file changes; copy it to "
		"the other director before the reload" },
	{ "logfile", IMPORT_NOTE,
		"logfile: Tandem logs to the system's log; 'journalctl -u "
		"tandem' or 'tandemctl show log'" },
	{ "execute", IMPORT_DIFFERS,
		"execute: import that file too, and include it here" },
	{ "fork", IMPORT_NOTE, "fork: checks never wait for each other here" },
	{ "supervised", IMPORT_NOTE,
		"supervised: systemd supervises Tandem; with another "
		"supervisor 'tandemd -n'" },
	{ "readdquiescent", IMPORT_NOTE,
		"readdquiescent: what somebody else removes from the kernel's "
		"table is put back" },
	{ "maintenancedir", IMPORT_DIFFERS,
		"maintenancedir: set the weight to 0 here and reload instead "
		"of touching a file" },
};

static void take_global(struct ld_parser *p)
{
	if (take_common(p, &p->file->options))
		return;
	if (is(p, "fallback")) {
		ld_take_fallback(p, false, &p->file->fallback4);
		return;
	}
	if (is(p, "fallback6")) {
		ld_take_fallback(p, true, &p->file->fallback6);
		return;
	}
	if (is(p, "emailalertfrom")) {
		ld_take_string(p, &p->file->options.emailalertfrom);
		return;
	}
	for (size_t i = 0; i < sizeof(global_words) / sizeof(global_words[0]);
		i++) {
		if (is(p, global_words[i].name)) {
			ld_say(p, global_words[i].level, "%s",
				global_words[i].text);
			return;
		}
	}
	ld_say(p, IMPORT_LOST, "ldirectord does not know '%.*s' here",
		(int)p->line.name_len, p->line.name);
}

static bool take_strings(struct ld_parser *p)
{
	struct ld_virtual *v = p->current;
	const struct {
		const char *name;
		char **value;
	} strings[] = {
		{ "checkcommand", &v->command },
		{ "request", &v->request },
		{ "receive", &v->receive },
		{ "httpmethod", &v->method },
		{ "virtualhost", &v->virtualhost },
		{ "login", &v->login },
		{ "passwd", &v->passwd },
		{ "database", &v->database },
		{ "secret", &v->secret },
		{ "scheduler", &v->scheduler },
		{ "schedflags", &v->schedflags },
		{ "netmask", &v->netmask },
		{ "servicename", &v->servicename },
		{ "comment", &v->comment },
		{ "monitorfile", &v->monitorfile },
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (is(p, strings[i].name)) {
			ld_take_string(p, strings[i].value);
			return true;
		}
	}
	return false;
}

static void take_virtual_word(struct ld_parser *p)
{
	struct ld_virtual *v = p->current;
	enum ld_bool ops = LD_UNSET;
	bool v6 = p->line.name_len && p->line.name[p->line.name_len - 1] == '6';

	if (is(p, "real") || is(p, "real6") || is(p, "fallback") ||
		is(p, "fallback6")) {
		if (v6 != v->v6)
			ld_say(p, IMPORT_LOST, "write '%.*s%s' in a virtual%s",
				(int)p->line.name_len - v6, p->line.name,
				v->v6 ? "6" : "", v->v6 ? "6" : "");
		else if (*p->line.name == 'r')
			take_real(p);
		else
			ld_take_fallback(p, v6, &v->fallback);
	} else if (is(p, "checktype")) {
		take_checktype(p);
	} else if (is(p, "service")) {
		take_service(p);
	} else if (is(p, "protocol")) {
		take_protocol(p);
	} else if (is(p, "checkport")) {
		ld_take_number(p, 1, UINT16_MAX, &v->checkport);
	} else if (is(p, "persistent")) {
		ld_take_number(p, 1, INT32_MAX, &v->persistent);
	} else if (is(p, "ops")) {
		ld_take_bool(p, &ops);
		v->ops = ops == LD_YES;
	} else if (is(p, "load")) {
		ld_say(p, IMPORT_NOTE, "load: ldirectord does nothing with it");
	} else if (!take_strings(p) && !take_common(p, &v->options)) {
		ld_say(p, IMPORT_LOST, "ldirectord does not know '%.*s' here",
			(int)p->line.name_len, p->line.name);
	}
}

/* --- lines --- */

/* False for a line that says nothing. */
static bool split_line(struct ld_parser *p, const char *text, size_t len,
	uint32_t number, char **ret_copy)
{
	char *copy = x_strndup(text, len);
	char *start = copy + strspn(copy, " \t");
	char *value;
	size_t n;

	*ret_copy = copy;
	p->line = (struct ld_line){
		.number = number,
		.column = (uint32_t)(start - copy) + 1,
		.indented = start != copy,
	};
	/* ldirectord takes '#' for a comment even within quotes there. */
	if (p->line.indented)
		copy[strcspn(copy, "#")] = '\0';
	n = strlen(copy);
	while (n && isspace((unsigned char)copy[n - 1]))
		copy[--n] = '\0';
	if (!*start || *start == '#' || start >= copy + n)
		return false;
	p->line.name = start;
	p->line.name_len = strcspn(start, " \t=");
	value = start + p->line.name_len;
	value += strspn(value, " \t");
	if (*value == '=')
		value++;
	value += strspn(value, " \t");
	p->line.value = value;
	p->line.value_column = (uint32_t)(value - copy) + 1;
	return true;
}

static void take_line(struct ld_parser *p)
{
	for (const char *c = p->line.value; *c; c++) {
		if ((unsigned char)*c < ' ' && *c != '\t') {
			ld_say(p, IMPORT_LOST, "a byte that is no text");
			return;
		}
	}
	if (is(p, "virtual") || is(p, "virtual6")) {
		begin_virtual(p, is(p, "virtual6"));
	} else if (p->current && p->line.indented) {
		take_virtual_word(p);
	} else {
		p->current = NULL;
		take_global(p);
	}
}

void ld_parse(const char *text, size_t len,
	const struct import_resolver *resolver, struct ld_file *ret)
{
	struct ld_parser p = { .resolver = resolver, .file = ret };
	const char *end = text + len;
	uint32_t number = 0;

	*ret = (struct ld_file){ 0 };
	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((eol ? eol : end) - text);
		char *copy;

		number++;
		if (memchr(text, '\0', n)) {
			p.line = (struct ld_line){ .number = number };
			ld_say(&p, IMPORT_LOST, "a line with a NUL byte");
		} else {
			if (split_line(&p, text, n, number, &copy))
				take_line(&p);
			x_free(copy);
		}
		text = eol ? eol + 1 : end;
	}
}

static void free_options(struct ld_options *o)
{
	x_free(o->fallbackcommand);
	x_free(o->emailalert);
	x_free(o->emailalertfrom);
	x_free(o->smtp);
}

static void free_virtual(struct ld_virtual *v)
{
	char *strings[] = { v->service, v->command, v->request, v->receive,
		v->method, v->virtualhost, v->login, v->passwd, v->database,
		v->secret, v->scheduler, v->schedflags, v->netmask,
		v->servicename, v->comment, v->monitorfile };

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		x_free(strings[i]);
	for (size_t i = 0; i < v->n_reals; i++) {
		x_free(v->reals[i].request);
		x_free(v->reals[i].receive);
	}
	x_free(v->reals);
	free_options(&v->options);
	import_notes_free(&v->notes);
}

void ld_file_free(struct ld_file *file)
{
	for (size_t i = 0; i < file->n_virtuals; i++)
		free_virtual(&file->virtuals[i]);
	x_free(file->virtuals);
	free_options(&file->options);
	import_notes_free(&file->notes);
}

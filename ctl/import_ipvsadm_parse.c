/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each line is one command of ipvsadm(8), as ipvsadm-save prints them: -A or
 * --add-service, -a or --add-server, --start-daemon, --set.
 */
#include "ctl/import_ipvsadm_parse.h"

#include <ctype.h>
#include <string.h>

#include "lib/mem.h"

#define LINE_MAX_LEN 4096

static uint32_t column_of(const struct ipvsadm_parser *p)
{
	return p->at < p->n_words ? p->columns[p->at] : 0;
}

#define say(p, level, ...)                                                     \
	import_note(&(p)->notes, (level), (p)->line, column_of(p), __VA_ARGS__)

/* The value of the option at hand; NULL, said, when there is none. */
static const char *value_of(struct ipvsadm_parser *p)
{
	if (p->at + 1 < p->n_words)
		return p->words[++p->at];
	say(p, IMPORT_LOST, "a value is missing after '%s'", p->words[p->at]);
	return NULL;
}

static bool read_number(const char *text, uint32_t max, uint32_t *ret)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		value = 10 * value + (uint64_t)(*text - '0');
		if (value > max)
			return false;
	}
	*ret = (uint32_t)value;
	return true;
}

static bool number_of(struct ipvsadm_parser *p, uint32_t max, uint32_t *ret)
{
	const char *text = value_of(p);

	if (!text)
		return false;
	if (read_number(text, max, ret))
		return true;
	say(p, IMPORT_LOST, "'%s' is not a number of 0 to %u", text, max);
	return false;
}

/* --- addresses --- */

static bool name_to_address(
	struct ipvsadm_parser *p, const char *name, char *ret)
{
	struct ip_addr addr;

	if (!ip_addr_parse(name, &addr)) {
		ip_addr_format(&addr, ret);
		return true;
	}
	if (p->resolver->address &&
		(!p->resolver->address(name, AF_INET, ret, IP_ADDR_STRLEN) ||
			!p->resolver->address(
				name, AF_INET6, ret, IP_ADDR_STRLEN)))
		return true;
	say(p, IMPORT_LOST, "no address is known for '%s': use ipvsadm-save -n",
		name);
	return false;
}

static bool name_to_port(
	struct ipvsadm_parser *p, const char *name, char kind, uint32_t *ret)
{
	int port;

	if (read_number(name, UINT16_MAX, ret))
		return true;
	port = p->resolver->port && isalpha((unsigned char)*name)
		       ? p->resolver->port(name, kind == 'u' ? "udp" : "tcp")
		       : -1;
	if (port < 0) {
		say(p, IMPORT_LOST, "'%s' is not a port: use ipvsadm-save -n",
			name);
		return false;
	}
	*ret = (uint32_t)port;
	return true;
}

/* "host", "host:port", "[v6]:port". */
static bool read_address(struct ipvsadm_parser *p, const char *text, char kind,
	struct ipvsadm_address *ret)
{
	char host[256];
	const char *end = strchr(text, ']');
	const char *colon;
	size_t n;

	if (*text == '[' && end)
		text++;
	else
		end = NULL;
	colon = end && end[1] == ':' ? end + 1
		: end		     ? NULL
				     : strrchr(text, ':');
	n = (size_t)((end ? end : colon ? colon : text + strlen(text)) - text);
	if (!n || n >= sizeof(host)) {
		say(p, IMPORT_LOST, "'%s' is not an address", text);
		return false;
	}
	memcpy(host, text, n);
	host[n] = '\0';
	ret->port = 0;
	return name_to_address(p, host, ret->text) &&
	       (!colon || name_to_port(p, colon + 1, kind, &ret->port));
}

/* --- options --- */

static bool option(
	const struct ipvsadm_parser *p, const char *brief, const char *full)
{
	const char *word = p->words[p->at];

	return (*brief && !strcmp(word, brief)) || !strcmp(word, full);
}

/* Reads -t, -u, -f and their like; 0 when it is something else. */
static char service_option(const struct ipvsadm_parser *p)
{
	if (option(p, "-t", "--tcp-service"))
		return 't';
	if (option(p, "-u", "--udp-service"))
		return 'u';
	if (option(p, "", "--sctp-service"))
		return 's';
	if (option(p, "-f", "--fwmark-service"))
		return 'f';
	return 0;
}

static void set_text(struct ipvsadm_parser *p, char **ret)
{
	const char *text = value_of(p);

	if (!text)
		return;
	x_free(*ret);
	*ret = x_strdup(text);
}

/* A mark may have a service of either family: -6 tells them apart. */
static bool wants_v6(struct ipvsadm_parser *p)
{
	unsigned int at = p->at;
	bool found = false;

	for (p->at = 1; p->at < p->n_words; p->at++)
		found = found || option(p, "-6", "--ipv6");
	p->at = at;
	return found;
}

static char *service_key(struct ipvsadm_parser *p, char kind, const char *text)
{
	return x_asprintf(
		"%c%s %s", kind, kind == 'f' && wants_v6(p) ? "6" : "", text);
}

/* A value that is there only when it looks like one. */
static bool next_is_value(const struct ipvsadm_parser *p)
{
	return p->at + 1 < p->n_words && *p->words[p->at + 1] != '-';
}

static bool service_detail(struct ipvsadm_parser *p, struct ipvsadm_service *s)
{
	if (option(p, "-s", "--scheduler")) {
		set_text(p, &s->scheduler);
	} else if (option(p, "-p", "--persistent")) {
		s->persistent = 300; /* of ipvsadm */
		if (next_is_value(p))
			number_of(p, INT32_MAX, &s->persistent);
	} else if (option(p, "-M", "--netmask")) {
		set_text(p, &s->mask);
	} else if (option(p, "-b", "--sched-flags")) {
		set_text(p, &s->flags);
	} else if (option(p, "", "--pe")) {
		set_text(p, &s->engine);
	} else if (option(p, "-o", "--ops")) {
		s->ops = true;
	} else if (option(p, "-6", "--ipv6")) {
		s->v6 = true;
	} else {
		return false;
	}
	return true;
}

struct tunnel {
	char type[8];
	uint32_t port;
	const char *checksum;
};

static bool tunnel_detail(struct ipvsadm_parser *p, struct tunnel *t)
{
	const char *text;

	if (option(p, "", "--tun-type")) {
		text = value_of(p);
		if (text && (!strcmp(text, "ipip") || !strcmp(text, "gue") ||
				    !strcmp(text, "gre")))
			snprintf(t->type, sizeof(t->type), "%s", text);
		else if (text)
			say(p, IMPORT_LOST, "'%s' is not a type of tunnel",
				text);
	} else if (option(p, "", "--tun-port")) {
		number_of(p, UINT16_MAX, &t->port);
	} else if (option(p, "", "--tun-nocsum")) {
		t->checksum = "nocsum";
	} else if (option(p, "", "--tun-csum")) {
		t->checksum = "csum";
	} else if (option(p, "", "--tun-remcsum")) {
		t->checksum = "remcsum";
	} else {
		return false;
	}
	return true;
}

static bool server_detail(struct ipvsadm_parser *p, struct ipvsadm_server *s)
{
	if (option(p, "-g", "--gatewaying"))
		s->method = 'g';
	else if (option(p, "-i", "--ipip"))
		s->method = 'i';
	else if (option(p, "-m", "--masquerading"))
		s->method = 'm';
	else if (option(p, "-w", "--weight"))
		number_of(p, INT32_MAX, &s->weight);
	else if (option(p, "-x", "--u-threshold"))
		number_of(p, INT32_MAX, &s->upper);
	else if (option(p, "-y", "--l-threshold"))
		number_of(p, INT32_MAX, &s->lower);
	else
		return false;
	return true;
}

static char *tunnel_words(struct ipvsadm_server *s, const struct tunnel *t)
{
	char port[16] = "";

	if (s->method != 'i' ||
		(!t->checksum && (!*t->type || !strcmp(t->type, "ipip"))))
		return NULL;
	if (!strcmp(t->type, "gue"))
		snprintf(port, sizeof(port), " port %u", t->port);
	return x_asprintf(" type %s%s%s%s", *t->type ? t->type : "ipip", port,
		t->checksum ? " " : "", t->checksum ? t->checksum : "");
}

/* --- commands --- */

static struct ipvsadm_service *find_service(struct ipvsadm_parser *p, char kind)
{
	struct ipvsadm_service *s = NULL;
	const char *text = value_of(p);
	char *key;

	if (!text)
		return NULL;
	key = service_key(p, kind, text);
	HASH_FIND_STR(p->services, key, s);
	x_free(key);
	return s;
}

void ipvsadm_service_free(struct ipvsadm_service *s)
{
	x_free(s->key);
	x_free(s->scheduler);
	x_free(s->flags);
	x_free(s->engine);
	x_free(s->mask);
	for (size_t i = 0; i < s->n_servers; i++)
		x_free(s->servers[i].tunnel);
	x_free(s->servers);
	import_notes_free(&s->notes);
	x_free(s);
}

static bool take_service_address(
	struct ipvsadm_parser *p, char kind, struct ipvsadm_service *s)
{
	struct ip_addr addr;
	const char *text = value_of(p);

	if (!text)
		return false;
	x_free(s->key);
	s->key = service_key(p, kind, text);
	s->kind = kind;
	if (kind == 'f') {
		if (read_number(text, UINT32_MAX, &s->fwmark) && s->fwmark)
			return true;
		say(p, IMPORT_LOST, "'%s' is not a firewall mark", text);
		return false;
	}
	if (!read_address(p, text, kind, &s->address))
		return false;
	if (!ip_addr_parse(s->address.text, &addr))
		s->v6 = addr.family == AF_INET6;
	return true;
}

static void add_service(struct ipvsadm_parser *p)
{
	struct ipvsadm_service *s = x_new(struct ipvsadm_service, 1);
	struct ipvsadm_service *other;
	bool good = true;
	char kind;

	s->line = p->line;
	for (p->at = 1; p->at < p->n_words && good; p->at++) {
		kind = service_option(p);
		if (kind) {
			good = take_service_address(p, kind, s);
		} else if (!service_detail(p, s)) {
			say(p, IMPORT_LOST, "'%s' is not understood",
				p->words[p->at]);
			good = false;
		}
	}
	if (good && s->key) {
		HASH_FIND_STR(p->services, s->key, other);
		if (!other) {
			HASH_ADD_KEYPTR(
				hh, p->services, s->key, strlen(s->key), s);
			return;
		}
		say(p, IMPORT_LOST, "the service is there already, in line %u",
			other->line);
	} else if (good) {
		say(p, IMPORT_LOST, "a service without an address");
	}
	ipvsadm_service_free(s);
}

static void keep_server(
	struct ipvsadm_service *s, struct ipvsadm_server *server)
{
	if (s->n_servers == s->capacity) {
		s->capacity = s->capacity ? 2 * s->capacity : 4;
		s->servers =
			x_realloc(s->servers, s->capacity, sizeof(*s->servers));
	}
	s->servers[s->n_servers++] = *server;
}

static void add_server(struct ipvsadm_parser *p)
{
	struct ipvsadm_server server = { .method = 'g', .weight = 1 };
	struct tunnel tunnel = { .checksum = NULL };
	struct ipvsadm_service *s = NULL;
	const char *text = NULL;
	bool good = true;

	for (p->at = 1; p->at < p->n_words && good; p->at++) {
		char kind = service_option(p);

		if (kind) {
			s = find_service(p, kind);
			if (!s)
				say(p, IMPORT_LOST,
					"a server of a service that was not "
					"added before");
			good = s;
		} else if (option(p, "-r", "--real-server")) {
			text = value_of(p);
			good = text;
		} else if (option(p, "-6", "--ipv6")) {
			continue; /* wants_v6() saw it */
		} else if (!server_detail(p, &server) &&
			   !tunnel_detail(p, &tunnel)) {
			say(p, IMPORT_LOST, "'%s' is not understood",
				p->words[p->at]);
			good = false;
		}
	}
	if (!good)
		return;
	if (!s || !text) {
		say(p, IMPORT_LOST, "a server without %s",
			s ? "an address" : "a service");
		return;
	}
	if (!read_address(p, text, s->kind, &server.address))
		return;
	server.tunnel = tunnel_words(&server, &tunnel);
	keep_server(s, &server);
}

static void start_daemon(struct ipvsadm_parser *p)
{
	const char *role = NULL, *interface = NULL, *group = NULL;
	uint32_t id = 0, maxlen = 0, port = 0, ttl = 0;

	p->at = 0;
	role = value_of(p);
	for (p->at = 2; p->at < p->n_words; p->at++) {
		if (option(p, "", "--mcast-interface"))
			interface = value_of(p);
		else if (option(p, "", "--syncid"))
			number_of(p, 255, &id);
		else if (option(p, "", "--sync-maxlen"))
			number_of(p, 65507, &maxlen);
		else if (option(p, "", "--mcast-group"))
			group = value_of(p);
		else if (option(p, "", "--mcast-port"))
			number_of(p, UINT16_MAX, &port);
		else if (option(p, "", "--mcast-ttl"))
			number_of(p, 255, &ttl);
		else
			say(p, IMPORT_LOST, "'%s' is not understood",
				p->words[p->at]);
	}
	p->at = 0;
	if (!role || !interface || strlen(interface) > 15) {
		say(p, IMPORT_LOST,
			"a sync daemon needs a state and an "
			"interface");
		return;
	}
	if (p->daemon)
		return; /* the other state of the same */
	p->daemon = x_asprintf("%s id %u%s%.0u%s%.0u%s%.0u%s%s", interface, id,
		maxlen ? " maxlen " : "", maxlen, port ? " port " : "", port,
		ttl ? " ttl " : "", ttl, group ? " group " : "",
		group ? group : "");
	say(p, IMPORT_DIFFERS,
		"sync daemon: name the vrrp_instance that it follows in "
		"lvs_sync_daemon, so that it is master where that is active");
}

static void set_timeouts(struct ipvsadm_parser *p)
{
	p->at = 0;
	for (size_t i = 0; i < 3; i++)
		if (!number_of(p, INT32_MAX, &p->timeouts[i]))
			return;
}

static void take_line(struct ipvsadm_parser *p)
{
	p->at = 0;
	if (!strcmp(p->words[0], "ipvsadm") && p->n_words > 1) {
		memmove(p->words, p->words + 1,
			(p->n_words - 1) * sizeof(p->words[0]));
		memmove(p->columns, p->columns + 1,
			(p->n_words - 1) * sizeof(p->columns[0]));
		p->n_words--;
	}
	if (option(p, "-A", "--add-service"))
		add_service(p);
	else if (option(p, "-a", "--add-server"))
		add_server(p);
	else if (option(p, "", "--start-daemon"))
		start_daemon(p);
	else if (option(p, "", "--set"))
		set_timeouts(p);
	else if (option(p, "-C", "--clear"))
		say(p, IMPORT_NOTE,
			"what else is in the table: see lvs_flush and "
			"lvs_foreign");
	else
		say(p, IMPORT_LOST, "'%s' is not understood", p->words[0]);
}

/* Cuts the line in words; false when there is none, or it is no line. */
static bool split_line(struct ipvsadm_parser *p, char *line, size_t len)
{
	char *c = line;

	p->n_words = 0;
	p->at = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)line[i];

		if (line[0] == '#' || isalnum(byte) ||
			(byte && strchr(" \t\r-.:[]/,_%+", byte)))
			continue;
		say(p, IMPORT_LOST, "a byte that does not belong here");
		return false;
	}
	for (;;) {
		c += strspn(c, " \t\r");
		if (!*c || *c == '#')
			return p->n_words > 0;
		if (p->n_words == IPVSADM_WORDS_MAX) {
			say(p, IMPORT_LOST, "too many words");
			return false;
		}
		p->columns[p->n_words] = (uint32_t)(c - line) + 1;
		p->words[p->n_words++] = c;
		c += strcspn(c, " \t\r");
		if (*c)
			*c++ = '\0';
	}
}

void ipvsadm_parse(struct ipvsadm_parser *p, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((eol ? eol : end) - text);

		p->line++;
		if (n > LINE_MAX_LEN || memchr(text, '\0', n)) {
			p->n_words = 0;
			say(p, IMPORT_LOST,
				n > LINE_MAX_LEN ? "the line is too long"
						 : "a line with a NUL byte");
		} else {
			char *line = x_strndup(text, n);

			if (split_line(p, line, n))
				take_line(p);
			p->n_words = 0;
			x_free(line);
		}
		text = eol ? eol + 1 : end;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/subject.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Cuts WORD and what follows it, one of ENDS, off the front of TEXT. */
static bool cut_word(const char **text, const char *word, const char *ends)
{
	size_t len = strlen(word);
	char end;

	if (strncasecmp(*text, word, len))
		return false;
	end = (*text)[len];
	if (!end || !strchr(ends, end))
		return false;
	*text += len + 1;
	return true;
}

static uint16_t cut_protocol(const char **text)
{
	static const struct {
		const char *name;
		uint16_t protocol;
	} protocols[] = {
		{ "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP },
		{ "sctp", IPPROTO_SCTP },
	};
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (cut_word(text, protocols[i].name, ": "))
			return protocols[i].protocol;
	return 0;
}

/* The number that is all of TEXT up to END, 0 to MAX; -1 = none. */
static int64_t read_number(const char *text, char end, uint32_t max)
{
	unsigned long long number;
	char *stop;

	if (*text < '0' || *text > '9')
		return -1;
	number = strtoull(text, &stop, 10);
	return (*stop == end || !*stop) && number <= max ? (int64_t)number : -1;
}

static bool read_fwmark(const char *text, struct subject *ret)
{
	const char *family = strchr(text, ' ');
	int64_t mark = read_number(text, ' ', UINT32_MAX);

	if (mark <= 0)
		return false;
	ret->fwmark = (uint32_t)mark;
	if (family && !strcmp(family, " inet6"))
		ret->family = AF_INET6;
	else if (family && !strcmp(family, " inet"))
		ret->family = AF_INET;
	else
		return !family;
	return true;
}

/* An address, and a port behind a blank or a colon.  "fe80::1:80" is an
 * address. */
static bool read_endpoint(const char *text, struct ip_endpoint *ret)
{
	char copy[IP_ENDPOINT_STRLEN];
	char *start = copy;
	char *mark;
	int64_t port;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	if (ip_addr_parse(copy, &ret->addr) == 0)
		return true;
	mark = strchr(copy, ' ');
	if (!mark)
		mark = strrchr(copy, ':');
	if (!mark)
		return false;
	*mark = '\0';
	port = read_number(mark + 1, '\0', UINT16_MAX);
	if (*start == '[' && mark > start && mark[-1] == ']') {
		mark[-1] = '\0';
		start++;
	} else if (text[mark - copy] == ':' && strchr(copy, ':')) {
		return false; /* of IPv6, without brackets */
	}
	if (port < 0 || ip_addr_parse(start, &ret->addr) < 0)
		return false;
	ret->port = (uint16_t)port;
	return true;
}

void subject_parse(const char *text, struct subject *ret)
{
	struct ip_endpoint endpoint = { .port = 0 };

	memset(ret, 0, sizeof(*ret));
	ret->servers = true;
	ret->services = true;
	if (cut_word(&text, "real_server", " ") ||
		cut_word(&text, "server", " "))
		ret->services = false;
	else if (cut_word(&text, "virtual_server", " ") ||
		cut_word(&text, "service", " "))
		ret->servers = false;
	ret->name = text;
	if (cut_word(&text, "fwmark", " ")) {
		if (!read_fwmark(text, ret))
			ret->fwmark = 0;
		return;
	}
	ret->protocol = cut_protocol(&text);
	if (read_endpoint(text, &endpoint))
		ret->endpoint = endpoint;
}

static bool names_endpoint(
	const struct subject *subject, const struct ip_endpoint *endpoint)
{
	return ip_addr_is_set(&subject->endpoint.addr) &&
		!ip_addr_compare(&subject->endpoint.addr, &endpoint->addr) &&
		(!subject->endpoint.port ||
			subject->endpoint.port == endpoint->port);
}

static bool names_key(
	const struct subject *subject, const struct table_key *key)
{
	struct ip_endpoint endpoint;

	if (key->fwmark)
		return key->fwmark == subject->fwmark &&
			(!subject->family || subject->family == key->family);
	endpoint.addr = table_key_addr(key);
	endpoint.port = key->port;
	return (!subject->protocol || subject->protocol == key->protocol) &&
		names_endpoint(subject, &endpoint);
}

bool subject_names_service(const struct subject *subject,
	const struct ipvs_conf_service *service)
{
	size_t i;

	if (!subject->services)
		return false;
	if (!strcmp(subject->name, service->name))
		return true;
	if (!subject->fwmark && !ip_addr_is_set(&subject->endpoint.addr))
		return false;
	for (i = 0; i < service->n_keys; i++)
		if (names_key(subject, &service->keys[i]))
			return true;
	for (i = 0; i < service->n_marked; i++)
		if (names_key(subject, &service->marked[i]))
			return true;
	return false;
}

bool subject_names_server(
	const struct subject *subject, const struct ipvs_conf_server *server)
{
	struct ip_endpoint endpoint;

	if (!subject->servers || subject->protocol ||
		ip_addr_compare(&subject->endpoint.addr, &server->endpoint.addr))
		return false;
	endpoint = ipvs_conf_server_endpoint(
		server, &server->service->keys[0]);
	return names_endpoint(subject, &endpoint);
}

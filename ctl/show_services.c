/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/show_services.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/style_of.h"
#include "lib/mem.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const struct table_column server_columns[] = {
	{ "REAL SERVER", TABLE_LEFT },
	{ "STATE", TABLE_LEFT },
	{ "FOR", TABLE_LEFT },
	{ "WEIGHT", TABLE_RIGHT },
	{ "CONNS", TABLE_RIGHT },
	{ "REASON", TABLE_LEFT },
	{ "CHECKS", TABLE_LEFT },
};

/* ADDRESS:PORT, with brackets around an IPv6 address; no port, no colon. */
static char *endpoint(struct json_object *json)
{
	const char *address = answer_text(json, "address");
	int64_t port = answer_int(json, "port", 0);
	bool v6 = strchr(address, ':');

	if (!port)
		return x_strdup(address);
	return x_asprintf(
		"%s%s%s:%" PRId64, v6 ? "[" : "", address, v6 ? "]" : "", port);
}

/* "HTTP_GET ok 1.2 ms, TCP_CHECK connection-refused". */
static char *describe_checks(struct json_object *server)
{
	size_t n;
	struct json_object *checks = answer_array(server, "checks", &n);
	char *text = x_strdup("");
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *check =
			json_object_array_get_idx(checks, i);
		double latency = answer_double(check, "latency_ms", -1);
		char *ms = latency < 0 ? x_strdup("")
				       : x_asprintf(" %.1f ms", latency);
		char *longer = x_asprintf("%s%s%s %s%s%s", text,
			i ? ", " : "", answer_text(check, "kind"),
			answer_text(check, "reason"), ms,
			answer_has(check, "resting") ? " (rests)" : "");

		x_free(ms);
		x_free(text);
		text = longer;
	}
	return text;
}

static void add_weight(struct table *table, struct json_object *server)
{
	int64_t weight = answer_int(server, "weight", 0);
	int64_t effective = answer_int(server, "effective_weight", weight);

	if (effective == weight)
		table_addf(table, STYLE_PLAIN, "%" PRId64, weight);
	else
		table_addf(table, STYLE_WARN, "%" PRId64 " of %" PRId64,
			effective, weight);
}

static void add_connections(struct table *table, struct json_object *server)
{
	if (!answer_has(server, "active_connections"))
		table_add(table, STYLE_DIM, "");
	else
		table_addf(table, STYLE_DIM, "%" PRId64 "+%" PRId64,
			answer_int(server, "active_connections", 0),
			answer_int(server, "inactive_connections", 0));
}

static void add_server(
	struct table *table, struct json_object *server, int64_t now_us)
{
	const char *state = answer_text(server, "state");
	char *checks = describe_checks(server);
	char *age = answer_age(server, "since", now_us);
	char *where = endpoint(server);

	table_add(table, STYLE_PLAIN, where);
	table_add(table, style_of_server(state), state);
	table_add(table, STYLE_DIM, age);
	add_weight(table, server);
	add_connections(table, server);
	table_add(table, STYLE_PLAIN, answer_text(server, "reason"));
	table_add(table, STYLE_DIM, checks);
	x_free(where);
	x_free(age);
	x_free(checks);
}

char *show_service_name(struct json_object *service)
{
	const char *protocol = answer_text(service, "protocol");
	int64_t fwmark = answer_int(service, "fwmark", 0);
	char *where;
	char *name;

	if (fwmark)
		return x_asprintf("fwmark %" PRId64, fwmark);
	where = endpoint(service);
	name = x_asprintf("%s%s%s", protocol, *protocol ? " " : "", where);
	x_free(where);
	return name;
}

static void put_heading(
	const struct screen *screen, struct json_object *service)
{
	const char *state = answer_text(service, "state");
	char *what = show_service_name(service);
	char *how = x_asprintf(", %s %s, weight %" PRId64
			       " up, quorum %" PRId64,
		answer_text(service, "scheduler"),
		answer_text(service, "forwarding"),
		answer_int(service, "weight_up", 0),
		answer_int(service, "quorum", 0));

	screen_put(screen, STYLE_HEAD, what);
	fputc(' ', screen->out);
	screen_put(screen, style_of_service(state), state);
	screen_put(screen, STYLE_PLAIN, how);
	fputc('\n', screen->out);
	x_free(how);
	x_free(what);
}

void show_service(const struct screen *screen, struct json_object *service,
	int64_t now_us)
{
	struct table *table =
		table_new(server_columns, ARRAY_SIZE(server_columns));
	size_t n;
	struct json_object *servers = answer_array(service, "real_servers", &n);
	size_t i;

	put_heading(screen, service);
	for (i = 0; i < n; i++)
		add_server(
			table, json_object_array_get_idx(servers, i), now_us);
	if (n)
		table_print(table, screen, 2);
	table_free(table);
}

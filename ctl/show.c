/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/show.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "ctl/answer.h"
#include "ctl/show_bfd.h"
#include "ctl/show_services.h"
#include "ctl/style_of.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static void put_title(const struct screen *screen, const char *title)
{
	fputc('\n', screen->out);
	screen_put(screen, STYLE_HEAD, title);
	fputc('\n', screen->out);
}

/* --- roles --- */

static const struct table_column role_columns[] = {
	{ "ROLE", TABLE_LEFT },
	{ "PID", TABLE_RIGHT },
	{ "STATE", TABLE_LEFT },
	{ "UP", TABLE_LEFT },
	{ "RESTARTS", TABLE_RIGHT },
	{ "PING", TABLE_RIGHT },
	{ "LAST END", TABLE_LEFT },
};

static void add_role(struct table *table, struct json_object *role)
{
	const char *state = answer_text(role, "state");
	int64_t restarts = answer_int(role, "restarts", 0);
	double ping = answer_double(role, "last_ping_ms", -1);
	char *up = answer_duration(answer_double(role, "uptime_s", 0));

	table_add(table, STYLE_PLAIN, answer_text(role, "name"));
	table_add(table, STYLE_PLAIN, answer_text(role, "pid"));
	table_add(table, style_of_role(state), state);
	table_add(table, STYLE_DIM, answer_has(role, "uptime_s") ? up : "");
	table_addf(
		table, restarts ? STYLE_WARN : STYLE_DIM, "%" PRId64, restarts);
	if (ping < 0)
		table_add(table, STYLE_DIM, "-");
	else
		table_addf(table, STYLE_DIM, "%.1f ms", ping);
	table_add(table, STYLE_WARN,
		answer_has(role, "last_death") ? answer_text(role, "last_death")
					       : "");
	x_free(up);
}

void show_roles(const struct screen *screen, struct json_object *answer)
{
	struct table *table = table_new(role_columns, ARRAY_SIZE(role_columns));
	size_t n;
	struct json_object *roles = answer_array(answer, "roles", &n);
	size_t i;

	for (i = 0; i < n; i++)
		add_role(table, json_object_array_get_idx(roles, i));
	table_print(table, screen, 0);
	table_free(table);
}

/* --- vrrp --- */

static const struct table_column vrrp_columns[] = {
	{ "INSTANCE", TABLE_LEFT },
	{ "STATE", TABLE_LEFT },
	{ "FOR", TABLE_LEFT },
	{ "REASON", TABLE_LEFT },
	{ "INTERFACE", TABLE_LEFT },
	{ "VRID", TABLE_RIGHT },
	{ "VERSION", TABLE_LEFT },
	{ "PRIORITY", TABLE_RIGHT },
	{ "ACTIVE ROUTER", TABLE_LEFT },
	{ "ADDRESSES", TABLE_LEFT },
};

static char *join_addresses(struct json_object *instance)
{
	size_t n;
	struct json_object *list = answer_array(instance, "addresses", &n);
	char *text = x_strdup("");
	size_t i;

	for (i = 0; i < n; i++) {
		const char *address = json_object_get_string(
			json_object_array_get_idx(list, i));
		char *longer = x_asprintf(
			"%s%s%s", text, i ? " " : "", address ? address : "");

		x_free(text);
		text = longer;
	}
	return text;
}

static void add_instance(
	struct table *table, struct json_object *instance, int64_t now_us)
{
	const char *state = answer_text(instance, "state");
	int64_t priority = answer_int(instance, "priority", 0);
	int64_t effective =
		answer_int(instance, "effective_priority", priority);
	char *age = answer_age(instance, "since", now_us);
	char *addresses = join_addresses(instance);

	table_add(table, STYLE_PLAIN, answer_text(instance, "name"));
	table_add(table, style_of_vrrp(state), state);
	table_add(table, STYLE_DIM, age);
	table_add(table, STYLE_PLAIN, answer_text(instance, "reason"));
	table_add(table, STYLE_PLAIN, answer_text(instance, "interface"));
	table_add(table, STYLE_PLAIN, answer_text(instance, "vrid"));
	table_addf(table, STYLE_DIM, "v%s %s", answer_text(instance, "version"),
		answer_text(instance, "family"));
	if (effective == priority)
		table_addf(table, STYLE_PLAIN, "%" PRId64, priority);
	else
		table_addf(table, STYLE_WARN, "%" PRId64 " of %" PRId64,
			effective, priority);
	table_add(table, STYLE_PLAIN, answer_text(instance, "active_router"));
	table_add(table, STYLE_PLAIN, addresses);
	x_free(addresses);
	x_free(age);
}

void show_vrrp(const struct screen *screen, struct json_object *answer)
{
	struct table *table = table_new(vrrp_columns, ARRAY_SIZE(vrrp_columns));
	int64_t now_us = time_realtime_us();
	size_t n;
	struct json_object *list = answer_array(answer, "vrrp", &n);
	size_t i;

	for (i = 0; i < n; i++)
		add_instance(table, json_object_array_get_idx(list, i), now_us);
	if (n) {
		table_print(table, screen, 0);
	} else {
		screen_put(screen, STYLE_DIM, "no VRRP instances");
		fputc('\n', screen->out);
	}
	table_free(table);
	show_bfd(screen, answer);
}

/* --- status --- */

#define BAD_SHOWN 10

static size_t count_where(struct json_object *answer, const char *array,
	const char *key, const char *value)
{
	size_t n;
	struct json_object *list = answer_array(answer, array, &n);
	size_t found = 0;
	size_t i;

	for (i = 0; i < n; i++)
		found += !strcmp(
			answer_text(json_object_array_get_idx(list, i), key),
			value);
	return found;
}

static size_t length_of(struct json_object *answer, const char *array)
{
	size_t n;

	answer_array(answer, array, &n);
	return n;
}

struct summary {
	size_t instances;
	size_t active;
	size_t fault;
	size_t services;
	size_t up;
	size_t degraded;
	size_t sorry;
	size_t down;
	size_t roles_down;
	size_t problems;
};

static size_t count_roles_down(struct json_object *answer)
{
	size_t n;
	struct json_object *roles = answer_array(answer, "roles", &n);
	size_t down = 0;
	size_t i;

	for (i = 0; i < n; i++)
		down += style_of_role(
				answer_text(json_object_array_get_idx(roles, i),
					"state")) == STYLE_BAD;
	return down;
}

static struct summary summarise(struct json_object *answer)
{
	struct summary s = {
		.instances = length_of(answer, "vrrp"),
		.active = count_where(answer, "vrrp", "state", "ACTIVE"),
		.fault = count_where(answer, "vrrp", "state", "FAULT"),
		.services = length_of(answer, "services"),
		.up = count_where(answer, "services", "state", "up"),
		.degraded =
			count_where(answer, "services", "state", "degraded"),
		.sorry = count_where(answer, "services", "state", "sorry"),
		.down = count_where(answer, "services", "state", "down"),
		.roles_down = count_roles_down(answer),
		.problems = length_of(answer, "problems"),
	};

	return s;
}

static void put_count(const struct screen *screen, const char **gap, size_t n,
	const char *noun, const char *what)
{
	if (!n)
		return;
	fprintf(screen->out, "%s%zu %s%s %s", *gap, n, noun, n == 1 ? "" : "s",
		what);
	*gap = ", ";
}

/* One line that says whether anybody has to do something. */
static void put_summary(const struct screen *screen, const struct summary *s)
{
	bool bad = s->down || s->sorry || s->roles_down || s->problems ||
		   s->fault;
	const char *gap = ": ";

	if (bad)
		screen_put(screen, STYLE_BAD, "PROBLEMS");
	else if (s->degraded)
		screen_put(screen, STYLE_WARN, "DEGRADED");
	else
		screen_put(screen, STYLE_GOOD, "OK");
	put_count(screen, &gap, s->roles_down, "role", "not running");
	put_count(screen, &gap, s->fault, "instance", "in fault");
	put_count(screen, &gap, s->down, "service", "down");
	put_count(screen, &gap, s->sorry, "service", "on the sorry server");
	put_count(screen, &gap, s->degraded, "service", "degraded");
	if (s->services) {
		fprintf(screen->out, "%s%zu of %zu services serve", gap,
			s->up + s->degraded, s->services);
		gap = ", ";
	}
	if (s->instances) {
		fprintf(screen->out, "%sactive for %zu of %zu instances", gap,
			s->active, s->instances);
		gap = ", ";
	}
	if (*gap == ':')
		fputs(": nothing configured", screen->out);
	fputc('\n', screen->out);
}

static void put_problem(const struct screen *screen, const char *text)
{
	fputs("  ! ", screen->out);
	screen_put(screen, STYLE_BAD, text);
	fputc('\n', screen->out);
}

/* What is wrong with an instance or a service, NULL = nothing. */
static char *fault_of(struct json_object *instance)
{
	if (strcmp(answer_text(instance, "state"), "FAULT") != 0)
		return NULL;
	return x_asprintf("instance %s is in fault: %s",
		answer_text(instance, "name"), answer_text(instance, "reason"));
}

static char *outage_of(struct json_object *service)
{
	bool sorry = !strcmp(answer_text(service, "state"), "sorry");
	const char *reason = answer_text(service, "reason");
	char *name;
	char *text;

	if (!sorry && strcmp(answer_text(service, "state"), "down") != 0)
		return NULL;
	name = show_service_name(service);
	text = x_asprintf(
		"service %s is %s: %s%sweight %" PRId64 " up, quorum %" PRId64,
		name, sorry ? "on the sorry server" : "down", reason,
		*reason ? ", " : "",
		answer_int(service, "weight_up", 0),
		answer_int(service, "quorum", 0));
	x_free(name);
	return text;
}

/* Whatever the first line counts as a problem has its line; of many, the
 * tables have the rest. */
static void put_bad(const struct screen *screen, struct json_object *answer,
	const char *array, char *(*what)(struct json_object *item))
{
	size_t n;
	struct json_object *list = answer_array(answer, array, &n);
	size_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		char *text = what(json_object_array_get_idx(list, i));

		if (text && bad++ < BAD_SHOWN)
			put_problem(screen, text);
		x_free(text);
	}
	if (bad > BAD_SHOWN)
		fprintf(screen->out, "  ! and %zu more\n", bad - BAD_SHOWN);
}

/* The daemon's own words, among them those on roles, come first. */
static void put_problems(
	const struct screen *screen, struct json_object *answer)
{
	size_t n;
	struct json_object *list = answer_array(answer, "problems", &n);
	size_t i;

	for (i = 0; i < n; i++) {
		const char *text = json_object_get_string(
			json_object_array_get_idx(list, i));

		put_problem(screen, text ? text : "");
	}
	put_bad(screen, answer, "vrrp", fault_of);
	put_bad(screen, answer, "services", outage_of);
}

/* What stands in the kernel's table and in no configuration. */
static struct json_object *unconfigured_of(
	struct json_object *answer, size_t *ret_n)
{
	return answer_array(answer, "unconfigured_services", ret_n);
}

void show_status(const struct screen *screen, struct json_object *answer)
{
	struct summary summary = summarise(answer);
	size_t unconfigured;
	char *up = answer_duration(answer_double(answer, "uptime_s", 0));
	char *line = x_asprintf("tandem %s, generation %s of %s, up %s",
		answer_text(answer, "version"),
		answer_text(answer, "generation"),
		answer_text(answer, "config_file"), up);

	put_summary(screen, &summary);
	put_problems(screen, answer);
	screen_put(screen, STYLE_DIM, line);
	fputc('\n', screen->out);
	put_title(screen, "Roles");
	show_roles(screen, answer);
	if (summary.instances || length_of(answer, "bfd")) {
		put_title(screen, "VRRP");
		show_vrrp(screen, answer);
	}
	unconfigured_of(answer, &unconfigured);
	if (summary.services || unconfigured) {
		put_title(screen, "Services");
		show_services(screen, answer);
	}
	x_free(line);
	x_free(up);
}

static void show_unconfigured(
	const struct screen *screen, struct json_object *answer)
{
	size_t n;
	struct json_object *list = unconfigured_of(answer, &n);

	for (size_t i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		int64_t servers = answer_int(one, "real_servers", 0);
		char *name = show_service_name(one);

		screen_put(screen, STYLE_HEAD, name);
		fprintf(screen->out,
			" %s, in no configuration, %" PRId64 " real server%s\n",
			json_object_get_boolean(
				json_object_object_get(one, "adopted"))
				? "adopted"
				: "foreign, left alone",
			servers, servers == 1 ? "" : "s");
		x_free(name);
	}
}

void show_services(const struct screen *screen, struct json_object *answer)
{
	size_t n;
	struct json_object *list = answer_array(answer, "services", &n);
	int64_t now_us = time_realtime_us();
	size_t i;

	for (i = 0; i < n; i++)
		show_service(
			screen, json_object_array_get_idx(list, i), now_us);
	if (!n) {
		screen_put(screen, STYLE_DIM, "no services");
		fputc('\n', screen->out);
	}
	show_unconfigured(screen, answer);
}

/* --- configuration, log, explain --- */

void show_config(const struct screen *screen, struct json_object *answer)
{
	const char *text = answer_text(answer, "text");

	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t tabs = strspn(text, "\t");
		char *line = x_strndup(text + tabs, len - tabs);

		fprintf(screen->out, "%.*s", (int)tabs, text);
		screen_put(screen, STYLE_PLAIN, line);
		fputc('\n', screen->out);
		x_free(line);
		text += len + (text[len] == '\n');
	}
}

static void put_log_line(const struct screen *screen, struct json_object *line)
{
	int64_t time_us = answer_int(line, "time_us", 0);
	time_t seconds = (time_t)(time_us / USEC_PER_SEC);
	const char *level = answer_text(line, "level");
	const char *text = answer_text(line, "text");
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(when, sizeof(when), "%F %T", &tm);
	fprintf(screen->out, "%s.%03d ", when,
		(int)(time_us % USEC_PER_SEC / USEC_PER_MSEC));
	screen_put(screen, STYLE_DIM, answer_text(line, "role"));
	fputc(' ', screen->out);
	if (!log_says_level(level, text)) {
		screen_put(screen, style_of_level(level), level);
		fputs(": ", screen->out);
	}
	screen_put(screen, STYLE_PLAIN, text);
	fputc('\n', screen->out);
}

void show_log(const struct screen *screen, struct json_object *answer)
{
	size_t n;
	struct json_object *lines = answer_array(answer, "log", &n);
	size_t i;

	for (i = 0; i < n; i++)
		put_log_line(screen, json_object_array_get_idx(lines, i));
}

void show_explain(const struct screen *screen, struct json_object *answer)
{
	size_t n;
	struct json_object *lines = answer_array(answer, "explain", &n);
	size_t i;

	for (i = 0; i < n; i++) {
		const char *text = json_object_get_string(
			json_object_array_get_idx(lines, i));

		screen_put(screen, STYLE_PLAIN, text ? text : "");
		fputc('\n', screen->out);
	}
}

/* --- plan and reload --- */

static const struct table_column plan_columns[] = {
	{ "ACTION", TABLE_LEFT },
	{ "SUBJECT", TABLE_LEFT },
	{ "DETAIL", TABLE_LEFT },
	{ "ROLE", TABLE_LEFT },
};

void show_plan(const struct screen *screen, struct json_object *answer)
{
	struct table *table = table_new(plan_columns, ARRAY_SIZE(plan_columns));
	size_t n;
	struct json_object *list = answer_array(answer, "plan", &n);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		const char *action = answer_text(entry, "action");

		table_add(table, style_of_action(action), action);
		table_add(table, STYLE_PLAIN, answer_text(entry, "subject"));
		table_add(table, STYLE_PLAIN, answer_text(entry, "detail"));
		table_add(table, STYLE_DIM, answer_text(entry, "role"));
	}
	if (n) {
		table_print(table, screen, 0);
		fprintf(screen->out, "%zu change%s\n", n, n == 1 ? "" : "s");
	} else {
		fputs("no changes\n", screen->out);
	}
	table_free(table);
}

void show_reload(const struct screen *screen, struct json_object *answer)
{
	show_plan(screen, answer);
	fprintf(screen->out, "generation %" PRId64 " runs",
		answer_int(answer, "generation", 0));
	if (answer_has(answer, "duration_ms"))
		fprintf(screen->out, " (%.0f ms)",
			answer_double(answer, "duration_ms", 0));
	fputc('\n', screen->out);
}

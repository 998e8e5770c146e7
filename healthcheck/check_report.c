/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/check_report.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

#define EXPLAIN_LINES_MAX 500
/* A plan is for people: above this it only counts. */
#define PLAN_ENTRIES_MAX 1000

static double to_ms(int64_t us)
{
	return (double)us / (double)USEC_PER_MSEC;
}

static void add_string(
	struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

/* A number with three digits; NULL for what is not known. */
static struct json_object *new_ms(int64_t us)
{
	char text[32];

	if (us < 0)
		return NULL;
	snprintf(text, sizeof(text), "%.3f", to_ms(us));
	return json_object_new_double_s(to_ms(us), text);
}

static struct json_object *new_time(int64_t realtime_us)
{
	double s = (double)realtime_us / (double)USEC_PER_SEC;
	char text[32];

	if (!realtime_us)
		return NULL;
	snprintf(text, sizeof(text), "%.3f", s);
	return json_object_new_double_s(s, text);
}

/* --- status --- */

static struct json_object *report_check(
	const struct check *check, const struct check_config *config)
{
	struct json_object *object = json_object_new_object();
	const struct probe_latency *latency = &check->latency;

	add_string(object, "kind", config->kind_name);
	add_string(object, "state", verdict_state_name(check->verdict.state));
	add_string(object, "reason", reason_text(check->verdict.reason));
	json_object_object_add(
		object, "latency_ms", new_ms(latency->total_us));
	json_object_object_add(
		object, "last_run", new_time(check->last_run_us));
	json_object_object_add(
		object, "since", new_time(check->since_realtime_us));
	json_object_object_add(
		object, "failed", json_object_new_int64(check->verdict.failed));
	if (check->detail)
		add_string(object, "detail", check->detail);
	if (check->resting)
		json_object_object_add(
			object, "resting", json_object_new_boolean(true));
	if (latency->connect_us >= 0)
		json_object_object_add(
			object, "connect_ms", new_ms(latency->connect_us));
	if (latency->tls_us >= 0)
		json_object_object_add(
			object, "tls_ms", new_ms(latency->tls_us));
	if (latency->first_byte_us >= 0)
		json_object_object_add(object, "first_byte_ms",
			new_ms(latency->first_byte_us));
	return object;
}

struct json_object *check_report_server(
	const struct check_table *table, const struct check_server *server)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < server->checks.n; i++) {
		const struct check_config *config = server->checks.items[i];

		json_object_array_add(array,
			report_check(check_table_get(table, config->entry),
				config));
	}
	return array;
}

/* --- explain --- */

static void add_line(struct json_object *lines, const char *text)
{
	if (json_object_array_length(lines) < EXPLAIN_LINES_MAX)
		json_object_array_add(lines, json_object_new_string(text));
}

static void format_time(int64_t realtime_us, char *buf, size_t size)
{
	time_t seconds = (time_t)(realtime_us / USEC_PER_SEC);
	struct tm tm;
	size_t len;

	if (!localtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	len = strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + len, size - len, ".%03d",
		(int)(realtime_us % USEC_PER_SEC / USEC_PER_MSEC));
}

static void explain_events(
	const struct check *check, struct json_object *lines)
{
	const struct check_event *event;
	char when[40];
	char line[320];

	for (event = check->events; event; event = event->next) {
		format_time(event->realtime_us, when, sizeof(when));
		snprintf(line, sizeof(line),
			"  %s %s -> %s: %s%s%s%s, %.1f ms", when,
			verdict_state_name(event->from),
			verdict_state_name(event->to),
			reason_text(event->reason),
			event->detail[0] ? " (" : "", event->detail,
			event->detail[0] ? ")" : "", to_ms(event->total_us));
		add_line(lines, line);
	}
}

static void explain_last_run(
	const struct check *check, struct json_object *lines)
{
	const struct probe_latency *latency = &check->latency;
	char when[40];
	char line[320];
	int len;

	if (!check->last_run_us) {
		add_line(lines, "  not run yet");
		return;
	}
	format_time(check->last_run_us, when, sizeof(when));
	len = snprintf(line, sizeof(line), "  last run %s: %s%s%s%s", when,
		reason_text(check->last_reason), check->detail ? " (" : "",
		check->detail ? check->detail : "", check->detail ? ")" : "");
	if (latency->total_us >= 0)
		len += snprintf(line + len, sizeof(line) - (size_t)len,
			", total %.1f ms", to_ms(latency->total_us));
	if (latency->connect_us >= 0)
		len += snprintf(line + len, sizeof(line) - (size_t)len,
			", connect %.1f", to_ms(latency->connect_us));
	if (latency->tls_us >= 0)
		len += snprintf(line + len, sizeof(line) - (size_t)len,
			", TLS %.1f", to_ms(latency->tls_us));
	if (latency->first_byte_us >= 0)
		snprintf(line + len, sizeof(line) - (size_t)len,
			", first byte %.1f", to_ms(latency->first_byte_us));
	add_line(lines, line);
}

static void explain_check(const struct check_table *table,
	const struct check_config *config, struct json_object *lines)
{
	const struct check *check = check_table_get(table, config->entry);
	struct diag_place place = conf_node_place(
		check_table_set(table)->tree, config->node);
	char server[IP_ENDPOINT_STRLEN];
	char name[CHECK_NAME_MAX];
	char when[40];
	char more[80] = "";
	char line[512];
	int len = 0;

	format_time(check->since_realtime_us, when, sizeof(when));
	if (check->verdict.failed)
		len = snprintf(more, sizeof(more), ", failed %u times in a row",
			check->verdict.failed);
	if (check->entry->n_users > 1)
		snprintf(more + len, sizeof(more) - (size_t)len,
			", one run for %u servers", check->entry->n_users);
	snprintf(line, sizeof(line),
		"%s of real_server %s (%s:%u): %s since %s, %s%s",
		check_config_name(config, name),
		ip_endpoint_format(&config->server->endpoint, server),
		place.file, place.line,
		verdict_state_name(check->verdict.state), when,
		reason_text(check->verdict.reason), more);
	add_line(lines, line);
	if (check->resting)
		add_line(lines,
			"  rests: the address of the service is not on this "
			"host (ha_suspend)");
	explain_last_run(check, lines);
	explain_events(check, lines);
}

/* What a subject may mean: endpoints, with port 0 for any port. */
#define SUBJECT_ENDPOINTS_MAX 8
#define SUBJECT_WORD_MAX 64

struct subject {
	char kind[SUBJECT_WORD_MAX]; /* "" = any */
	struct ip_endpoint endpoints[SUBJECT_ENDPOINTS_MAX];
	size_t n;
};

/* 1 to 65535, or 0 when TEXT is no port. */
static uint16_t parse_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || port > UINT16_MAX)
		return 0;
	return (uint16_t)port;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80"; changes
 * WORD. */
static bool parse_endpoint(char *word, struct ip_endpoint *ret)
{
	char *colon;

	*ret = (struct ip_endpoint){ .port = 0 };
	if (ip_addr_parse(word, &ret->addr) == 0)
		return true;
	colon = strrchr(word, ':');
	if (!colon)
		return false;
	ret->port = parse_port(colon + 1);
	*colon = '\0';
	if (*word == '[' && colon > word && colon[-1] == ']') {
		colon[-1] = '\0';
		word++;
	}
	return ret->port && ip_addr_parse(word, &ret->addr) == 0;
}

/* "TCP_CHECK" and the like in front; "" = none. */
static void parse_kind(const char *text, char *ret)
{
	size_t len = strcspn(text, " ");

	if (*text < 'A' || *text > 'Z' || len >= SUBJECT_WORD_MAX ||
		!memchr(text, '_', len))
		len = 0;
	memcpy(ret, text, len);
	ret[len] = '\0';
}

/* A port may stand in its address's word, or as a word behind it, as in a
 * configuration. */
static void parse_subject(const char *text, struct subject *ret)
{
	char word[SUBJECT_WORD_MAX];
	bool is_address = false;
	uint16_t port;

	*ret = (struct subject){ .n = 0 };
	parse_kind(text, ret->kind);
	for (; *text; text += *text == ' ') {
		size_t len = strcspn(text, " ");

		if (len && len < sizeof(word)) {
			memcpy(word, text, len);
			word[len] = '\0';
			port = is_address ? parse_port(word) : 0;
			is_address = false;
			if (port) {
				ret->endpoints[ret->n - 1].port = port;
			} else if (ret->n < SUBJECT_ENDPOINTS_MAX &&
				parse_endpoint(word,
					&ret->endpoints[ret->n])) {
				is_address = !ret->endpoints[ret->n].port;
				ret->n++;
			}
		}
		text += len;
	}
}

static bool endpoint_means(
	const struct ip_endpoint *meant, const struct ip_endpoint *endpoint)
{
	return !ip_addr_compare(&meant->addr, &endpoint->addr) &&
		(!meant->port || meant->port == endpoint->port);
}

static bool is_meant(
	const struct check_config *config, const struct subject *subject)
{
	size_t i;

	if (*subject->kind && strcmp(subject->kind, config->kind_name))
		return false;
	for (i = 0; i < subject->n; i++)
		if (endpoint_means(&subject->endpoints[i],
			    &config->server->endpoint) ||
			endpoint_means(
				&subject->endpoints[i], &config->target))
			return true;
	return !subject->n && *subject->kind;
}

void check_report_explain(const struct check_table *table,
	const char *text, struct json_object *lines)
{
	const struct check_set *set = check_table_set(table);
	struct subject subject;
	size_t i;

	parse_subject(text, &subject);
	for (i = 0; set && i < set->n_users &&
		json_object_array_length(lines) < EXPLAIN_LINES_MAX;
		i++)
		if (is_meant(set->users[i], &subject))
			explain_check(table, set->users[i], lines);
}

/* --- plan --- */

static void add_step(struct json_object *plan, const char *action,
	const struct check_config *config, const char *detail)
{
	struct json_object *step = json_object_new_object();
	char name[CHECK_NAME_MAX];
	char subject[CHECK_NAME_MAX + 8];

	snprintf(subject, sizeof(subject), "check %s",
		check_config_name(config, name));
	add_string(step, "action", action);
	add_string(step, "subject", subject);
	add_string(step, "detail", detail);
	json_object_array_add(plan, step);
}

/* What a reload makes of the check of a new entry; NULL = nothing. */
static const char *step_of(enum check_fate fate, const char **ret_detail)
{
	switch (fate) {
	case CHECK_KEPT:
		break;
	case CHECK_NEW:
		*ret_detail = "not checked yet";
		return "add";
	case CHECK_RETIMED:
		*ret_detail = "timing; the verdict is kept";
		return "edit";
	case CHECK_REPLACES:
		*ret_detail = "what is asked or expected; the verdict is kept "
			      "until the next run";
		return "edit";
	}
	return NULL;
}

static void add_rest(struct json_object *plan, size_t n)
{
	struct json_object *step = json_object_new_object();
	char text[64];

	snprintf(text, sizeof(text), "%zu more checks", n);
	add_string(step, "action", "edit");
	add_string(step, "subject", text);
	add_string(step, "detail", "");
	json_object_array_add(plan, step);
}

void check_report_plan(const struct check_set *old,
	const struct check_set *set, struct json_object *plan)
{
	struct check_diff diff = check_diff_make(old, set);
	const char *action;
	const char *detail;
	size_t n = 0;
	size_t i;

	for (i = 0; i < set->n_entries; i++) {
		action = step_of(diff.changes[i].fate, &detail);
		if (action && n++ < PLAN_ENTRIES_MAX)
			add_step(plan, action, set->entries[i].config, detail);
	}
	for (i = 0; old && i < old->n_entries; i++)
		if (!diff.claimed[i] && n++ < PLAN_ENTRIES_MAX)
			add_step(plan, "remove", old->entries[i].config, "");
	if (n > PLAN_ENTRIES_MAX)
		add_rest(plan, n - PLAN_ENTRIES_MAX);
	check_diff_free(&diff);
}

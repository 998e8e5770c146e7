/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ipvs role answers: status, explanations, plans. */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "ipvs-ctl/diff.h"
#include "ipvs-ctl/role_internal.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* A plan is for people: above this it only counts. */
#define PLAN_ENTRIES_MAX 1000

/* Each key is a literal and added once, which saves a copy and a search. */
static void add(
	struct json_object *json, const char *key, struct json_object *value)
{
	json_object_object_add_ex(json, key, value,
		JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
}

static void add_text(
	struct json_object *json, const char *key, const char *text)
{
	add(json, key, json_object_new_string(text));
}

static void add_int(struct json_object *json, const char *key, int64_t value)
{
	add(json, key, json_object_new_int64(value));
}

static void add_bool(struct json_object *json, const char *key, bool value)
{
	add(json, key, json_object_new_boolean(value));
}

/* --- status --- */

static void add_problem(enum reason reason, const char *text, void *user_data)
{
	(void)reason;
	json_object_array_add(user_data, json_object_new_string(text));
}

/* Services in the kernel that are not ours. */
static int64_t count_foreign(const struct ipvs_role *r)
{
	const struct table *kernel = reconcile_kernel(r->reconcile);
	const struct table_service *service;
	int64_t n = 0;

	table_for_each(kernel, service)
		n += !reconcile_owns(r->reconcile, &service->key);
	return n;
}

static struct json_object *role_counters(const struct ipvs_role *r)
{
	const struct reconcile_counters *c = reconcile_counters(r->reconcile);
	struct json_object *json = json_object_new_object();

	add_int(json, "netlink_writes",
		(int64_t)reconcile_writes(r->reconcile));
	add_int(json, "netlink_failed", (int64_t)c->failed);
	add_int(json, "dumps", (int64_t)c->dumps);
	add_int(json, "glances", (int64_t)c->glances);
	add_int(json, "dump_us", c->dump_us);
	add_int(json, "repairs", (int64_t)c->repairs);
	add_int(json, "removals_held_back", (int64_t)c->held_back);
	add_int(json, "foreign_services", count_foreign(r));
	add_int(json, "stale_facts", (int64_t)r->stale_facts);
	add_int(json, "unknown_facts", (int64_t)r->unknown_facts);
	add_int(json, "scripts_lost", (int64_t)r->lost_runs);
	add_bool(json, "settled", reconcile_is_settled(r->reconcile));
	return json;
}

static void free_text(struct json_object *json, void *text)
{
	(void)json;
	x_free(text);
}

struct json_object *ipvs_role_status(struct ipvs_role *r)
{
	struct json_object *services = json_object_new_array();
	struct json_object *problems = json_object_new_array();
	struct json_object *json = json_object_new_object();
	const struct model *model = r->running ? r->running->model : NULL;

	/* Ready-made text instead of a tree of objects. */
	json_object_set_serializer(services,
		json_object_userdata_to_json_string,
		ipvs_role_services_text(r), free_text);
	/* A kernel that is not needed is no problem. */
	if (model && model->n_services)
		reconcile_for_each_problem(
			r->reconcile, add_problem, problems);
	add(json, "services", services);
	add(json, "problems", problems);
	add(json, "ipvs", role_counters(r));
	return json;
}

/* --- explanations --- */

static void add_line(struct json_object *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_line(struct json_object *lines, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_object_array_add(lines, json_object_new_string(text));
}

static const char *format_time(
	const struct ipvs_role *r, int64_t at_us, char buf[static 32])
{
	int64_t real = at_us + r->realtime_offset_us;
	time_t seconds = (time_t)(real / USEC_PER_SEC);
	struct tm tm;
	size_t len;

	localtime_r(&seconds, &tm);
	len = strftime(buf, 32, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + len, 32 - len, ".%03d",
		(int)(real % USEC_PER_SEC / USEC_PER_MSEC));
	return buf;
}

static const char *state_name(bool is_server, unsigned int state)
{
	return is_server ?
		model_server_state_name((enum model_server_state)state) :
		model_service_state_name((enum model_service_state)state);
}

static void add_history(const struct ipvs_role *r, struct json_object *lines,
	const struct model_history *history, bool is_server)
{
	unsigned int n = model_history_count(history);
	char when[32];
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct model_event *event =
			model_history_get(history, i);

		add_line(lines, "  %s %s -> %s (%s)",
			format_time(r, event->at_us, when),
			state_name(is_server, event->from),
			state_name(is_server, event->to),
			reason_text((enum reason)event->reason));
	}
}

static void explain_server(const struct ipvs_role *r,
	const struct model_server *server, struct json_object *lines)
{
	struct diag_place place =
		conf_node_place(r->running->tree, server->conf->node);
	char *name = ipvs_role_subject(server->service, server);
	char when[32];

	add_line(lines, "%s is %s since %s: %s", name,
		model_server_state_name(server->state),
		format_time(r, server->since_us, when),
		reason_text(server->reason));
	x_free(name);
	add_line(lines, "  weight %d of %lld, from %s:%u",
		ipvs_role_weight_in_use(server), (long long)server->conf->weight,
		place.file, place.line);
	if (server->carried)
		add_line(lines,
			"  the state is a predecessor's: not every check has "
			"spoken yet");
	add_history(r, lines, &server->history, true);
}

static void explain_service(const struct ipvs_role *r,
	const struct model_service *service, struct json_object *lines)
{
	const struct ipvs_conf_service *conf = service->conf;
	struct diag_place place =
		conf_node_place(r->running->tree, conf->node);
	size_t up = 0;
	char when[32];
	size_t i;

	for (i = 0; i < service->n_servers; i++)
		up += service->servers[i].state == MODEL_SERVER_UP;
	add_line(lines, "service %s is %s since %s: %s", conf->label,
		model_service_state_name(service->state),
		format_time(r, service->since_us, when),
		reason_text(service->reason));
	add_line(lines,
		"  %zu of %zu servers up, weight %lld, quorum %lld, "
		"hysteresis %lld; from %s:%u",
		up, service->n_servers, (long long)service->weight_up,
		(long long)conf->quorum, (long long)conf->hysteresis,
		place.file, place.line);
	add_history(r, lines, &service->history, false);
	for (i = 0; i < service->n_servers; i++)
		if (service->servers[i].state != MODEL_SERVER_UP)
			explain_server(r, &service->servers[i], lines);
}

/* "ADDRESS:PORT", "ADDRESS PORT" as in the configuration, or "ADDRESS". */
static bool names_endpoint(
	const struct ip_endpoint *endpoint, const char *subject)
{
	char text[IP_ENDPOINT_STRLEN];
	size_t len;

	if (!strcmp(subject, ip_endpoint_format(endpoint, text)))
		return true;
	ip_addr_format(&endpoint->addr, text);
	len = strlen(text);
	if (strncmp(subject, text, len))
		return false;
	if (!subject[len])
		return true;
	snprintf(text, sizeof(text), " %u", (unsigned int)endpoint->port);
	return !strcmp(subject + len, text);
}

/* "tcp:X" and "tcp X" name the X of that protocol, X that of any. */
static bool names_key(const struct table_key *key, const char *subject)
{
	struct ip_endpoint endpoint = {
		.addr = table_key_addr(key),
		.port = key->port,
	};
	char text[TABLE_KEY_STRLEN];
	const char *protocol;
	size_t len;

	if (!strcmp(subject, table_key_format(key, text)))
		return true;
	if (!ip_addr_is_set(&endpoint.addr))
		return false;
	protocol = table_key_protocol(key);
	len = strlen(protocol);
	if (!strncasecmp(subject, protocol, len) &&
		(subject[len] == ':' || subject[len] == ' '))
		subject += len + 1;
	return names_endpoint(&endpoint, subject);
}

static bool names_service(
	const struct model_service *service, const char *subject)
{
	const struct ipvs_conf_service *conf = service->conf;
	size_t i;

	if (!strcmp(subject, conf->name))
		return true;
	for (i = 0; i < conf->n_keys; i++)
		if (names_key(&conf->keys[i], subject))
			return true;
	return false;
}

static bool names_server(
	const struct model_server *server, const char *subject)
{
	struct ip_endpoint endpoint = ipvs_conf_server_endpoint(
		server->conf, &server->service->conf->keys[0]);

	return names_endpoint(&endpoint, subject);
}

/* Cuts WORD and a blank off the front of SUBJECT; false if it is not there. */
static bool cut_kind(const char **subject, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*subject, word, len) || (*subject)[len] != ' ')
		return false;
	*subject += len + 1;
	return true;
}

struct json_object *ipvs_role_explain(struct ipvs_role *r, const char *subject)
{
	struct json_object *lines = json_object_new_array();
	struct json_object *json = json_object_new_object();
	const struct model *model = r->running ? r->running->model : NULL;
	bool server = cut_kind(&subject, "real_server") ||
		cut_kind(&subject, "server");
	bool service_only = !server &&
		(cut_kind(&subject, "virtual_server") ||
			cut_kind(&subject, "service"));
	size_t i;
	size_t j;

	for (i = 0; model && i < model->n_services; i++) {
		const struct model_service *service = &model->services[i];

		if (!server && names_service(service, subject)) {
			explain_service(r, service, lines);
			continue;
		}
		for (j = 0; !service_only && j < service->n_servers; j++)
			if (names_server(&service->servers[j], subject))
				explain_server(
					r, &service->servers[j], lines);
	}
	add(json, "explain", lines);
	return json;
}

/* --- plans --- */

static int64_t service_connections(const struct table_service *service)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < service->n_dests; i++)
		n += (int64_t)service->dests[i].active +
			service->dests[i].inactive;
	return n;
}

/* Connections that OP ends; -1 = it ends none. */
static int64_t connections_cut(
	const struct table *kernel, const struct table_op *op)
{
	const struct table_service *service = table_find(kernel, &op->key);
	const struct table_dest *dest;

	if (!service)
		return -1;
	if (op->kind == TABLE_OP_DEL_SERVICE)
		return service_connections(service);
	if (op->kind != TABLE_OP_DEL_DEST)
		return -1;
	dest = table_service_find(service, &op->dest.endpoint);
	return dest ? (int64_t)dest->active + dest->inactive : 0;
}

static void add_subject(struct json_object *entry, const struct table_op *op)
{
	char server[IP_ENDPOINT_STRLEN];
	char key[TABLE_KEY_STRLEN];
	char text[TABLE_OP_STRLEN];

	table_key_format(&op->key, key);
	if (op->kind == TABLE_OP_NEW_SERVICE ||
		op->kind == TABLE_OP_SET_SERVICE ||
		op->kind == TABLE_OP_DEL_SERVICE)
		snprintf(text, sizeof(text), "service %s", key);
	else if (!op->key.family)
		snprintf(text, sizeof(text), "IPVS");
	else
		snprintf(text, sizeof(text), "server %s of %s",
			ip_endpoint_format(&op->dest.endpoint, server), key);
	add_text(entry, "subject", text);
}

static void add_detail(struct json_object *entry, const struct table *kernel,
	const struct table_op *op)
{
	const struct table_service *service = table_find(kernel, &op->key);
	const struct table_dest *old = NULL;
	char text[TABLE_OP_STRLEN] = "";

	switch (op->kind) {
	case TABLE_OP_NEW_SERVICE:
	case TABLE_OP_SET_SERVICE:
		snprintf(text, sizeof(text), "scheduler %s%s",
			op->attributes.scheduler,
			op->attributes.flags & TABLE_SERVICE_PERSISTENT ?
				", persistent" : "");
		break;
	case TABLE_OP_NEW_DEST:
		snprintf(text, sizeof(text), "%s, weight %d",
			ipvs_role_forward_name(op->dest.forward), op->dest.weight);
		break;
	case TABLE_OP_SET_DEST:
		if (service)
			old = table_service_find(service, &op->dest.endpoint);
		snprintf(text, sizeof(text), "%s, weight %d -> %d",
			ipvs_role_forward_name(op->dest.forward),
			old ? old->weight : 0, op->dest.weight);
		break;
	case TABLE_OP_SET_TIMEOUTS:
	case TABLE_OP_NEW_DAEMON:
	case TABLE_OP_DEL_DAEMON:
		table_op_format(op, text);
		break;
	case TABLE_OP_DEL_SERVICE:
	case TABLE_OP_DEL_DEST:
		snprintf(text, sizeof(text), "connections affected: %lld",
			(long long)connections_cut(kernel, op));
		break;
	}
	add_text(entry, "detail", text);
}

static void add_entries(const struct table *kernel,
	const struct table_ops *ops, struct json_object *plan)
{
	size_t i;

	for (i = 0; i < ops->n; i++) {
		const struct table_op *op = &ops->items[i];
		struct json_object *entry;
		int64_t cut = connections_cut(kernel, op);

		if (json_object_array_length(plan) >= PLAN_ENTRIES_MAX)
			return;
		entry = json_object_new_object();
		add_text(entry, "action", table_op_action(op->kind));
		add_subject(entry, op);
		add_detail(entry, kernel, op);
		if (cut >= 0)
			add_int(entry, "connections", cut);
		json_object_array_add(plan, entry);
	}
}

static void add_unseen(
	const struct model_server *server, struct json_object *plan)
{
	struct json_object *entry = json_object_new_object();
	char *subject = ipvs_role_subject(server->service, server);
	char text[128];

	snprintf(text, sizeof(text), "weight %lld -> %lld, not in use now (%s)",
		(long long)server->weight_before,
		(long long)server->conf->weight,
		model_server_state_name(server->state));
	add_text(entry, "action", "edit");
	add_text(entry, "subject", subject);
	add_text(entry, "detail", text);
	json_object_array_add(plan, entry);
	x_free(subject);
}

void ipvs_role_plan_unseen(const struct model *model, struct json_object *plan)
{
	size_t i;
	size_t j;

	for (i = 0; i < model->n_services; i++)
		for (j = 0; j < model->services[i].n_servers; j++) {
			const struct model_server *server =
				&model->services[i].servers[j];

			if (server->weight_before == server->conf->weight ||
				model_server_in_use(server))
				continue;
			if (json_object_array_length(plan) >= PLAN_ENTRIES_MAX)
				return;
			add_unseen(server, plan);
		}
}

void ipvs_role_plan(const struct table *kernel,
	const struct diff_result *result, struct json_object *plan)
{
	size_t n = result->give.n + result->take.n;
	struct json_object *entry;
	char text[64];

	add_entries(kernel, &result->give, plan);
	add_entries(kernel, &result->take, plan);
	if (n <= PLAN_ENTRIES_MAX)
		return;
	entry = json_object_new_object();
	snprintf(text, sizeof(text), "%zu more changes of the IPVS table",
		n - PLAN_ENTRIES_MAX);
	add_text(entry, "action", "edit");
	add_text(entry, "subject", text);
	add_text(entry, "detail", "");
	json_object_array_add(plan, entry);
}

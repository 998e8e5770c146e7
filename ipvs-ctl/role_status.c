/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ipvs role answers: status and plans. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ipvs-ctl/diff.h"
#include "ipvs-ctl/role_internal.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* A plan is for people: above this it only counts. */
#define PLAN_ENTRIES_MAX 1000

/* Of services that are not ours so many are named. */
#define UNCONFIGURED_MAX 100

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

static struct json_object *unconfigured_service(
	const struct table_service *service, bool adopted)
{
	struct json_object *json = json_object_new_object();
	struct ip_addr addr = table_key_addr(&service->key);
	char text[IP_ADDR_STRLEN];

	add_text(json, "protocol", table_key_protocol(&service->key));
	add_text(json, "address",
		service->key.fwmark ? "" : ip_addr_format(&addr, text));
	add_int(json, "port", service->key.port);
	add_int(json, "fwmark", service->key.fwmark);
	add_bool(json, "adopted", adopted);
	add_int(json, "real_servers", (int64_t)service->n_dests);
	return json;
}

/* Services in the kernel that no configuration names. */
static struct json_object *unconfigured_services(const struct ipvs_role *r)
{
	struct json_object *list = json_object_new_array();
	const struct table *kernel = reconcile_kernel(r->reconcile);
	const struct table_service *service;

	table_for_each(kernel, service) {
		bool adopted =
			reconcile_has_adopted(r->reconcile, &service->key);

		if (!adopted && reconcile_owns(r->reconcile, &service->key))
			continue;
		if (json_object_array_length(list) < UNCONFIGURED_MAX)
			json_object_array_add(list,
				unconfigured_service(service, adopted));
	}
	return list;
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
	if (marks_problem(r->marks))
		json_object_array_add(problems,
			json_object_new_string(marks_problem(r->marks)));
	add(json, "services", services);
	add(json, "unconfigured_services", unconfigured_services(r));
	add(json, "problems", problems);
	add(json, "ipvs", role_counters(r));
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

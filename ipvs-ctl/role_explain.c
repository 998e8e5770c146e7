/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ipvs role says when it is asked to explain. */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "ipvs-ctl/role_internal.h"
#include "ipvs-ctl/subject.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

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

static const char *format_time(int64_t at_us, char buf[static 32])
{
	int64_t real = time_realtime_of(at_us);
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

static void add_history(struct json_object *lines,
	const struct model_history *history, bool is_server)
{
	unsigned int n = model_history_count(history);
	char when[32];
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct model_event *event =
			model_history_get(history, i);

		add_line(lines, "  %s %s -> %s (%s)",
			format_time(event->at_us, when),
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
		format_time(server->since_us, when),
		reason_text(server->reason));
	x_free(name);
	add_line(lines, "  weight %d of %lld, from %s:%u",
		ipvs_role_weight_in_use(server), (long long)server->conf->weight,
		place.file, place.line);
	if (server->carried)
		add_line(lines,
			"  the state is a predecessor's: not every check has "
			"spoken yet");
	add_history(lines, &server->history, true);
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
		format_time(service->since_us, when),
		reason_text(service->reason));
	add_line(lines,
		"  %zu of %zu servers up, weight %lld, quorum %lld, "
		"hysteresis %lld; from %s:%u",
		up, service->n_servers, (long long)service->weight_up,
		(long long)conf->quorum, (long long)conf->hysteresis,
		place.file, place.line);
	add_history(lines, &service->history, false);
	for (i = 0; i < service->n_servers; i++)
		if (service->servers[i].state != MODEL_SERVER_UP)
			explain_server(r, &service->servers[i], lines);
}

struct json_object *ipvs_role_explain(struct ipvs_role *r, const char *text)
{
	struct json_object *lines = json_object_new_array();
	struct json_object *json = json_object_new_object();
	const struct model *model = r->running ? r->running->model : NULL;
	struct subject subject;
	size_t i;
	size_t j;

	subject_parse(text, &subject);
	for (i = 0; model && i < model->n_services; i++) {
		const struct model_service *service = &model->services[i];

		if (subject_names_service(&subject, service->conf)) {
			explain_service(r, service, lines);
			continue;
		}
		for (j = 0; j < service->n_servers; j++)
			if (subject_names_server(
				    &subject, service->servers[j].conf))
				explain_server(
					r, &service->servers[j], lines);
	}
	json_object_object_add(json, "explain", lines);
	return json;
}

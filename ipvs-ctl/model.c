/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/model.h"

#include <errno.h>
#include <string.h>

#include "ipvs-ctl/model_events.h"
#include "ipvs-ctl/model_internal.h"
#include "lib/mem.h"

const char *model_server_state_name(enum model_server_state state)
{
	switch (state) {
	case MODEL_SERVER_STARTING:
		return "starting";
	case MODEL_SERVER_UP:
		return "up";
	case MODEL_SERVER_DOWN:
		return "down";
	}
	return "unknown";
}

const char *model_service_state_name(enum model_service_state state)
{
	switch (state) {
	case MODEL_SERVICE_UP:
		return "up";
	case MODEL_SERVICE_DEGRADED:
		return "degraded";
	case MODEL_SERVICE_SORRY:
		return "sorry";
	case MODEL_SERVICE_DOWN:
		return "down";
	}
	return "unknown";
}

/* --- history and changes --- */

static void history_add(struct model_history *history, int64_t now_us,
	unsigned int from, unsigned int to, enum reason reason)
{
	struct model_event *event;

	if (!history->events)
		history->events = x_new(struct model_event, MODEL_HISTORY);
	event = &history->events[history->n++ % MODEL_HISTORY];
	event->at_us = now_us;
	event->from = (uint8_t)from;
	event->to = (uint8_t)to;
	event->reason = (uint16_t)reason;
}

unsigned int model_history_count(const struct model_history *history)
{
	return history->n < MODEL_HISTORY ? history->n : MODEL_HISTORY;
}

const struct model_event *model_history_get(
	const struct model_history *history, unsigned int i)
{
	unsigned int first = history->n - model_history_count(history);

	return &history->events[(first + i) % MODEL_HISTORY];
}

struct model_change *model_change_add(struct model_changes *changes,
	struct model_service *service, struct model_server *server)
{
	struct model_change *change;

	if (changes->n == changes->capacity) {
		changes->capacity = changes->capacity ?
			changes->capacity * 2 : 16;
		changes->items = x_realloc(changes->items, changes->capacity,
			sizeof(*changes->items));
	}
	change = &changes->items[changes->n++];
	memset(change, 0, sizeof(*change));
	change->service = service;
	change->server = server;
	return change;
}

static const struct conf_script *if_set(const struct conf_script *script)
{
	return script->node ? script : NULL;
}

void model_changes_free(struct model_changes *changes)
{
	x_free(changes->items);
	x_free(changes->events);
	memset(changes, 0, sizeof(*changes));
}

/* --- making --- */

static void make_server(struct model *model, struct model_service *service,
	struct model_server *server, const struct ipvs_conf_server *conf)
{
	uint32_t i;

	server->conf = conf;
	server->service = service;
	server->weight_before = conf->weight;
	server->checks = x_new(struct model_check, conf->n_checks);
	for (i = 0; i < conf->n_checks; i++) {
		server->checks[i].node = conf->checks[i];
		server->checks[i].weight = CHECK_WEIGHT_NONE;
	}
	if (conf->node < model->n_nodes)
		model->by_node[conf->node] = server;
}

static void make_service(struct model *model, struct model_service *service,
	const struct ipvs_conf_service *conf)
{
	size_t i;

	service->conf = conf;
	service->n_servers = conf->servers.n;
	service->servers = x_new(struct model_server, service->n_servers);
	for (i = 0; i < service->n_servers; i++)
		make_server(model, service, &service->servers[i],
			conf->servers.items[i]);
}

struct model *model_new(
	const struct ipvs_conf *conf, uint32_t n_nodes, int64_t now_us)
{
	struct model *model = x_new(struct model, 1);
	size_t i;
	size_t j;

	model->conf = conf;
	model->n_nodes = n_nodes;
	model->by_node = x_new(struct model_server *, n_nodes);
	model->n_services = conf->services.n;
	model->services = x_new(struct model_service, model->n_services);
	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];

		make_service(model, service, conf->services.items[i]);
		service->since_us = now_us;
		for (j = 0; j < service->n_servers; j++)
			service->servers[j].since_us = now_us;
	}
	return model;
}

void model_free(struct model *model)
{
	size_t i;
	size_t j;

	if (!model)
		return;
	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];

		for (j = 0; j < service->n_servers; j++) {
			x_free(service->servers[j].checks);
			x_free(service->servers[j].history.events);
		}
		x_free(service->servers);
		x_free(service->history.events);
	}
	x_free(model->services);
	x_free(model->by_node);
	x_free(model);
}

/* --- what a server is --- */

static void judge_checks(const struct model_server *server,
	const struct model_check **ret_failed, bool *ret_all_known,
	int64_t *ret_delta)
{
	uint32_t i;

	*ret_failed = NULL;
	*ret_all_known = true;
	*ret_delta = 0;
	for (i = 0; i < server->conf->n_checks; i++) {
		const struct model_check *check = &server->checks[i];

		if (!check->known)
			*ret_all_known = false;
		else if (check->state == CHECK_STATE_DOWN && !*ret_failed)
			*ret_failed = check;
		if (check->known && check->weight != CHECK_WEIGHT_NONE)
			*ret_delta += check->weight -
				(check->adds ? 0 : server->conf->weight);
	}
}

/* What SERVER should be, by its checks; false: as it is. */
static bool judge_server(struct model_server *server,
	enum model_server_state *ret_state, enum reason *ret_reason)
{
	const struct model_check *failed;
	bool all_known;
	int64_t delta;

	judge_checks(server, &failed, &all_known, &delta);
	if (failed) {
		*ret_state = MODEL_SERVER_DOWN;
		*ret_reason = failed->reason == REASON_NONE ?
			REASON_SERVER_CHECK_FAILED : failed->reason;
	} else if (server->conf->lost_check) {
		*ret_state = MODEL_SERVER_DOWN;
		*ret_reason = REASON_CHECK_MISCONFIGURED;
	} else if (!server->conf->n_checks) {
		*ret_state = MODEL_SERVER_UP;
		*ret_reason = REASON_SERVER_UNCHECKED;
	} else if (all_known) {
		*ret_state = MODEL_SERVER_UP;
		*ret_reason = REASON_SERVER_CHECKS_OK;
	} else {
		if (server->carried)
			return false;
		*ret_state = server->conf->alpha ? MODEL_SERVER_STARTING :
						   MODEL_SERVER_UP;
		*ret_reason = REASON_CHECK_PENDING;
	}
	if (all_known)
		server->carried = false;
	server->weight_delta = delta;
	return true;
}

static void mark_dirty(struct model *model, struct model_service *service)
{
	if (service->dirty)
		return;
	service->dirty = true;
	service->next_dirty = model->dirty;
	model->dirty = service;
}

/* The one place that changes a server. */
static void set_server(struct model *model, struct model_server *server,
	enum model_server_state state, enum reason reason, int64_t now_us,
	struct model_changes *changes)
{
	enum model_server_state from = server->state;
	struct model_change *change;

	server->reason = reason;
	if (state == from)
		return;
	server->state = state;
	server->since_us = now_us;
	history_add(&server->history, now_us, from, state, reason);
	mark_dirty(model, server->service);
	change = model_change_add(changes, server->service, server);
	change->from = from;
	change->to = state;
	change->reason = reason;
	if (state == MODEL_SERVER_UP)
		change->script = if_set(&server->conf->notify_up);
	else if (state == MODEL_SERVER_DOWN)
		change->script = if_set(&server->conf->notify_down);
	model_tell_server(changes, server, state == MODEL_SERVER_UP, 0);
}

bool model_sorry_took_over(const struct model_service *service)
{
	return service->conf->sorry.set && !service->quorum_up;
}

bool model_server_in_use(const struct model_server *server)
{
	return server->state == MODEL_SERVER_UP &&
		!model_sorry_took_over(server->service);
}

int32_t model_server_weight(const struct model_server *server)
{
	int64_t weight = server->conf->weight + server->weight_delta;

	if (weight < 0)
		return 0;
	return weight > INT32_MAX ? INT32_MAX : (int32_t)weight;
}

/* --- what a service is --- */

int64_t model_weigh(const struct model_service *service, bool *ret_all_up)
{
	int64_t sum = 0;
	size_t i;

	*ret_all_up = true;
	for (i = 0; i < service->n_servers; i++) {
		const struct model_server *server = &service->servers[i];

		if (server->state == MODEL_SERVER_UP)
			sum += model_server_weight(server);
		else
			*ret_all_up = false;
	}
	return sum;
}

/* Gained at quorum + hysteresis, lost below quorum - hysteresis or with
 * nothing left. */
bool model_judge_quorum(const struct model_service *service)
{
	const struct ipvs_conf_service *conf = service->conf;

	if (!service->quorum_up)
		return service->weight_up >= conf->quorum + conf->hysteresis;
	return service->weight_up > 0 &&
		service->weight_up >= conf->quorum - conf->hysteresis;
}

void model_judge_service(const struct model_service *service, bool all_up,
	enum model_service_state *ret_state, enum reason *ret_reason)
{
	if (service->quorum_up) {
		*ret_state = all_up ? MODEL_SERVICE_UP :
				      MODEL_SERVICE_DEGRADED;
		*ret_reason = all_up ? REASON_SERVICE_QUORUM_MET :
				       REASON_SERVICE_SERVERS_DOWN;
	} else if (service->conf->sorry.set) {
		*ret_state = MODEL_SERVICE_SORRY;
		*ret_reason = REASON_SERVICE_SORRY;
	} else if (service->weight_up > 0) {
		*ret_state = MODEL_SERVICE_DEGRADED;
		*ret_reason = REASON_SERVICE_QUORUM_LOST;
	} else {
		*ret_state = MODEL_SERVICE_DOWN;
		*ret_reason = REASON_SERVICE_NO_SERVER;
	}
}

/* The one place that changes a service. */
static void set_service(struct model_service *service,
	enum model_service_state state, enum reason reason,
	const struct conf_script *script, int64_t now_us,
	struct model_changes *changes)
{
	enum model_service_state from = service->state;
	struct model_change *change;

	service->reason = reason;
	if (state != from) {
		service->state = state;
		service->since_us = now_us;
		history_add(&service->history, now_us, from, state, reason);
	} else if (!script) {
		return;
	}
	change = model_change_add(changes, service, NULL);
	change->from = from;
	change->to = state;
	change->reason = reason;
	change->script = script;
}

static void settle_service(struct model_service *service, int64_t now_us,
	struct model_changes *changes)
{
	const struct conf_script *script = NULL;
	enum model_service_state state;
	enum reason reason;
	bool all_up;
	bool quorum;

	service->weight_up = model_weigh(service, &all_up);
	quorum = model_judge_quorum(service);
	if (quorum != service->quorum_up) {
		script = if_set(quorum ? &service->conf->quorum_up :
					 &service->conf->quorum_down);
		model_tell_service(changes, service, quorum, 0);
	}
	service->quorum_up = quorum;
	model_judge_service(service, all_up, &state, &reason);
	set_service(service, state, reason, script, now_us, changes);
}

void model_settle(
	struct model *model, int64_t now_us, struct model_changes *changes)
{
	struct model_service *service;

	for (service = model->dirty; service; service = service->next_dirty)
		settle_service(service, now_us, changes);
}

struct model_service *model_next_dirty(struct model *model)
{
	struct model_service *service = model->dirty;

	if (!service)
		return NULL;
	model->dirty = service->next_dirty;
	service->dirty = false;
	service->next_dirty = NULL;
	return service;
}

/* --- start --- */

/* rs_init_notifies: the first state is told, though it is no change. */
static void tell_first_state(
	struct model_server *server, struct model_changes *changes)
{
	bool up = server->state == MODEL_SERVER_UP;
	const struct conf_script *script = if_set(up ?
			&server->conf->notify_up :
			&server->conf->notify_down);
	struct model_change *change;

	model_tell_server(changes, server, up, 0);
	if (!script)
		return;
	change = model_change_add(changes, server->service, server);
	change->from = server->state;
	change->to = server->state;
	change->reason = server->reason;
	change->script = script;
}

/* The first state of a service is no change of state. */
static void start_service(struct model_service *service, int64_t now_us,
	struct model_changes *changes)
{
	enum model_service_state state;
	enum reason reason;
	bool all_up;

	if (service->carried) {
		settle_service(service, now_us, changes);
		return;
	}
	service->weight_up = model_weigh(service, &all_up);
	service->quorum_up = service->weight_up >= service->conf->quorum;
	model_judge_service(service, all_up, &state, &reason);
	service->state = state;
	if (service->quorum_up)
		set_service(service, state, reason,
			if_set(&service->conf->quorum_up), now_us, changes);
	if (service->quorum_up || service->conf->sorry.set)
		model_tell_service(changes, service, service->quorum_up,
			EVENT_STARTING);
	service->reason = reason;
}

void model_start(
	struct model *model, int64_t now_us, struct model_changes *changes)
{
	size_t i;
	size_t j;

	model->started = true;
	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];

		for (j = 0; j < service->n_servers; j++) {
			struct model_server *server = &service->servers[j];
			enum model_server_state state;
			enum reason reason;

			if (!judge_server(server, &state, &reason))
				continue;
			if (service->carried && server->carried) {
				set_server(model, server, state, reason,
					now_us, changes);
				continue;
			}
			server->state = state;
			server->reason = reason;
			if (model->conf->globals.init_notifies &&
				!service->carried)
				tell_first_state(server, changes);
		}
		mark_dirty(model, service);
		start_service(service, now_us, changes);
	}
}

/* --- facts --- */

static struct model_check *find_check(
	struct model_server *server, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < server->conf->n_checks; i++)
		if (server->checks[i].node == node)
			return &server->checks[i];
	return NULL;
}

/* Is it another state than the check was thought to have?  The first word
 * about a server that goes on as it was is none. */
static bool is_news(const struct model_server *server,
	const struct model_check *check, enum check_state state)
{
	if (check->known)
		return check->state != state;
	if (server->carried)
		return false;
	return (state == CHECK_STATE_DOWN) != server->conf->alpha;
}

int model_check_state(struct model *model, const struct msg_check_state *fact,
	int64_t now_us, struct model_changes *changes)
{
	struct model_server *server = NULL;
	struct model_check *check;
	enum model_server_state state;
	enum model_server_state before;
	enum reason reason;
	int32_t weight;
	bool news;

	if (fact->server_node < model->n_nodes)
		server = model->by_node[fact->server_node];
	check = server ? find_check(server, fact->check_node) : NULL;
	if (!server || !check)
		return -ENOENT;
	news = is_news(server, check, fact->state);
	check->known = true;
	check->state = fact->state;
	check->reason = fact->reason;
	check->weight = fact->weight;
	check->adds = fact->adds;
	if (!model->started)
		return 0;
	weight = model_server_weight(server);
	if (!judge_server(server, &state, &reason))
		return 0;
	before = server->state;
	set_server(model, server, state, reason, now_us, changes);
	if (news || server->state != before)
		model_tell_check(
			changes, server, check, server->state != before);
	if (weight != model_server_weight(server))
		mark_dirty(model, server->service);
	return 0;
}

/* --- stop --- */

static void stop_change(struct model_changes *changes,
	struct model_service *service, struct model_server *server,
	unsigned int from, unsigned int to, const struct conf_script *script)
{
	struct model_change *change;

	if (!script->node)
		return;
	change = model_change_add(changes, service, server);
	change->from = from;
	change->to = to;
	change->reason = REASON_SHUTDOWN;
	change->script = script;
}

void model_stop(const struct model *model, struct model_changes *changes)
{
	size_t i;
	size_t j;

	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];

		if (!service->conf->omega)
			continue;
		for (j = 0; j < service->n_servers; j++) {
			struct model_server *server = &service->servers[j];

			if (server->state != MODEL_SERVER_UP)
				continue;
			model_tell_server(
				changes, server, false, EVENT_STOPPING);
			stop_change(changes, service, server, server->state,
				MODEL_SERVER_DOWN, &server->conf->notify_down);
		}
		if (!service->quorum_up)
			continue;
		model_tell_service(changes, service, false, EVENT_STOPPING);
		stop_change(changes, service, NULL, service->state,
			MODEL_SERVICE_DOWN, &service->conf->quorum_down);
	}
}

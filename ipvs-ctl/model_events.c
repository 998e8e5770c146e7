/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/model_events.h"

#include "ipvs-ctl/model_internal.h"
#include "lib/mem.h"

static struct msg_event *event_add(struct model_changes *changes)
{
	if (changes->n_events == changes->event_capacity) {
		changes->event_capacity = changes->event_capacity ?
			changes->event_capacity * 2 : 16;
		changes->events = x_realloc(changes->events,
			changes->event_capacity, sizeof(*changes->events));
	}
	return &changes->events[changes->n_events++];
}

static uint32_t clamp(int64_t value)
{
	if (value < 0)
		return 0;
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

void model_tell_server(struct model_changes *changes,
	const struct model_server *server, bool up, unsigned int flags)
{
	*event_add(changes) = (struct msg_event){
		.subject = EVENT_SERVER,
		.what = up ? EVENT_UP : EVENT_DOWN,
		.flags = (uint8_t)flags,
		.node = server->conf->node,
	};
}

void model_tell_service(struct model_changes *changes,
	const struct model_service *service, bool up, unsigned int flags)
{
	const struct ipvs_conf_service *conf = service->conf;

	*event_add(changes) = (struct msg_event){
		.subject = EVENT_SERVICE,
		.what = up ? EVENT_UP : EVENT_DOWN,
		.flags = (uint8_t)flags,
		.node = conf->node,
		.threshold = clamp(conf->quorum +
			(up ? conf->hysteresis : -conf->hysteresis)),
		.weight = clamp(service->weight_up),
	};
}

void model_tell_check(struct model_changes *changes,
	const struct model_server *server, const struct model_check *check,
	bool server_changed)
{
	unsigned int flags = 0;

	if (check->state == CHECK_STATE_DOWN)
		flags |= EVENT_CHECK_FAILED;
	if (server_changed)
		flags |= EVENT_SERVER_CHANGED;
	*event_add(changes) = (struct msg_event){
		.subject = EVENT_CHECK,
		.what = server->state == MODEL_SERVER_UP ? EVENT_UP :
							   EVENT_DOWN,
		.flags = (uint8_t)flags,
		.node = server->conf->node,
		.check_node = check->node,
	};
}

void model_forget_starts(struct model_changes *changes)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < changes->n_events; i++)
		if (!(changes->events[i].flags & EVENT_STARTING))
			changes->events[n++] = changes->events[i];
	changes->n_events = n;
}

/* --- what a reload takes away --- */

/* It goes down for its scripts, but is no change of state: there is nothing
 * left that could have one. */
static void run_removed(struct model_changes *changes,
	struct model_service *service, struct model_server *server,
	unsigned int state, const struct conf_script *script)
{
	struct model_change *change;

	if (!script->node)
		return;
	change = model_change_add(changes, service, server);
	change->from = state;
	change->to = state;
	change->reason = REASON_RELOAD;
	change->script = script;
}

static void tell_removed_servers(
	struct model_service *service, struct model_changes *changes)
{
	size_t i;

	for (i = 0; i < service->n_servers; i++) {
		struct model_server *server = &service->servers[i];

		if (server->handed_on || server->state != MODEL_SERVER_UP)
			continue;
		model_tell_server(changes, server, false, EVENT_REMOVED);
		run_removed(changes, service, server, server->state,
			&server->conf->notify_down);
	}
}

void model_tell_removed(struct model *model, struct model_changes *changes)
{
	size_t i;

	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];

		tell_removed_servers(service, changes);
		if (service->handed_on || !service->quorum_up)
			continue;
		service->weight_up = 0;
		model_tell_service(changes, service, false, EVENT_REMOVED);
		run_removed(changes, service, NULL, service->state,
			&service->conf->quorum_down);
	}
}

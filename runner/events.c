/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/events.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "runner/event_text.h"

static unsigned int source_of(const struct msg_event *event)
{
	switch (event->subject) {
	case EVENT_INSTANCE:
	case EVENT_GROUP:
		return FIFO_VRRP;
	case EVENT_SERVICE:
	case EVENT_SERVER:
	case EVENT_CHECK:
		return FIFO_LVS;
	}
	return 0;
}

/* Who may tell what. */
static bool may_tell(enum role_id peer, const struct msg_event *event)
{
	return source_of(event) ==
	       (peer == ROLE_VRRP ? FIFO_VRRP : FIFO_LVS);
}

static void tell_fifos(struct events *events, struct event_names *names,
	const struct msg_event *event)
{
	unsigned int source = source_of(event);
	size_t subject_len = 0;
	char *line;

	if (!fifos_want(events->fifos, source))
		return;
	line = event_line(names, event, &subject_len);
	if (line)
		fifos_write(events->fifos, source, line, subject_len);
	x_free(line);
}

static void tell(struct events *events, struct script_table *table,
	const struct msg_event *event)
{
	struct event_names *names = table ? script_table_names(table) : NULL;

	if (!names || !event_is_valid(event_names_tree(names), event)) {
		events->counters.unknown++;
		log_limited(&events->limit, LOG_LEVEL_WARNING,
			"an event is not told: it is of %s",
			names ? "no such node" : "a generation not held");
		return;
	}
	events->counters.told++;
	tell_fifos(events, names, event);
	mailer_tell(events->mailer, names, event);
}

/* The whole message is read before anything of it is believed. */
static int check(enum role_id peer, struct buf_reader body, uint32_t count)
{
	struct msg_event event;
	uint32_t i;

	for (i = 0; i < count; i++)
		if (msg_get_event(&body, &event) < 0 ||
			!may_tell(peer, &event))
			return -EBADMSG;
	return buf_reader_finish(&body);
}

int events_take(struct events *events, enum role_id peer,
	struct script_table *table, bool past, struct buf_reader *body)
{
	struct msg_event event;
	uint64_t lost;
	uint32_t count;
	uint32_t i;

	if (msg_get_events(body, &lost, &count) < 0 ||
		check(peer, *body, count) < 0)
		return -EBADMSG;
	if (lost) {
		events->counters.lost += lost;
		log_error("%s could not tell %" PRIu64 " events, which FIFOs "
			  "and mail do not have",
			role_id_name(peer), lost);
	}
	/* What its nodes were called nobody knows any more. */
	if (!table && past) {
		events->counters.stale += count;
		return 0;
	}
	for (i = 0; i < count && msg_get_event(body, &event) == 0; i++)
		tell(events, table, &event);
	return 0;
}

struct json_object *events_status(
	const struct events *events, struct json_object *problems)
{
	const struct events_counters *counters = &events->counters;
	struct json_object *json = json_object_new_object();
	char *text;

	json_object_object_add(
		json, "told", json_object_new_uint64(counters->told));
	json_object_object_add(
		json, "stale", json_object_new_uint64(counters->stale));
	json_object_object_add(
		json, "unknown", json_object_new_uint64(counters->unknown));
	json_object_object_add(
		json, "lost", json_object_new_uint64(counters->lost));
	if (!counters->lost && !counters->unknown)
		return json;
	text = x_asprintf("%" PRIu64 " events were not told to FIFOs and mail",
		counters->lost + counters->unknown);
	json_object_array_add(problems, json_object_new_string(text));
	x_free(text);
	return json;
}

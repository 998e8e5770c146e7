/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/kept.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

#define KEPT_VERSION 1
#define KEPT_START "start"
#define KEPT_PREFIX "state "
#define KEPT_KEY_MAX 256

struct kept_entry {
	char *key;
	void *data;
	size_t len;
	UT_hash_handle hh;
};

struct kept {
	struct kept_entry *entries;
	int64_t start_us; /* 0 = not known */
};

/* --- names and blobs --- */

static const char *key_of(const struct model_service *service,
	const struct model_server *server, char buf[static KEPT_KEY_MAX])
{
	char text[IP_ENDPOINT_STRLEN];

	if (server)
		snprintf(buf, KEPT_KEY_MAX, KEPT_PREFIX "%s of %s",
			ip_endpoint_format(&server->conf->endpoint, text),
			service->conf->label);
	else
		snprintf(buf, KEPT_KEY_MAX, KEPT_PREFIX "%s",
			service->conf->label);
	return buf;
}

static void put_history(
	struct buf_writer *w, const struct model_history *history)
{
	unsigned int n = model_history_count(history);
	unsigned int i;

	buf_put_u8(w, (uint8_t)n);
	for (i = 0; i < n; i++) {
		const struct model_event *event =
			model_history_get(history, i);

		buf_put_i64(w, event->at_us);
		buf_put_u8(w, event->from);
		buf_put_u8(w, event->to);
		buf_put_u16(w, event->reason);
	}
}

void kept_say(struct model_service *service, struct model_server *server,
	kept_put *put, void *user_data)
{
	struct buf_writer w = { .data = NULL };
	char key[KEPT_KEY_MAX];

	buf_put_u8(&w, KEPT_VERSION);
	buf_put_u8(&w, server ? (uint8_t)server->state :
				(uint8_t)service->state);
	buf_put_u8(&w, server ? 0 : service->quorum_up);
	buf_put_u16(&w, server ? (uint16_t)server->reason :
				 (uint16_t)service->reason);
	buf_put_i64(&w, server ? server->since_us : service->since_us);
	put_history(&w, server ? &server->history : &service->history);
	put(key_of(service, server, key), w.data, w.len, user_data);
	buf_writer_free(&w);
	if (server)
		server->kept = true;
	else
		service->kept = true;
}

void kept_say_start(int64_t now_us, kept_put *put, void *user_data)
{
	struct buf_writer w = { .data = NULL };

	buf_put_u8(&w, KEPT_VERSION);
	buf_put_i64(&w, now_us);
	put(KEPT_START, w.data, w.len, user_data);
	buf_writer_free(&w);
}

/* --- a reload --- */

static void forget(const struct model_service *service,
	const struct model_server *server, kept_put *put, void *user_data)
{
	char key[KEPT_KEY_MAX];

	put(key_of(service, server, key), NULL, 0, user_data);
}

void kept_say_inherited(const struct model *old, struct model *new,
	kept_put *put, void *user_data)
{
	size_t i;
	size_t j;

	/* What was inherited took the mark with it. */
	for (i = 0; i < old->n_services; i++) {
		const struct model_service *service = &old->services[i];

		if (service->kept)
			forget(service, NULL, put, user_data);
		for (j = 0; j < service->n_servers; j++)
			if (service->servers[j].kept)
				forget(service, &service->servers[j], put,
					user_data);
	}
	for (i = 0; i < new->n_services; i++) {
		struct model_service *service = &new->services[i];

		if (!service->carried)
			kept_say(service, NULL, put, user_data);
		for (j = 0; j < service->n_servers; j++)
			if (!service->servers[j].carried)
				kept_say(service, &service->servers[j], put,
					user_data);
	}
}

/* --- a successor --- */

struct kept *kept_new(void)
{
	return x_new(struct kept, 1);
}

void kept_free(struct kept *kept)
{
	struct kept_entry *entry;
	struct kept_entry *next;

	if (!kept)
		return;
	for (entry = kept->entries; entry; entry = next) {
		next = entry->hh.next;
		HASH_DEL(kept->entries, entry);
		x_free(entry->key);
		x_free(entry->data);
		x_free(entry);
	}
	x_free(kept);
}

bool kept_take(
	struct kept *kept, const char *key, const void *data, size_t len)
{
	struct buf_reader reader;
	struct kept_entry *entry;
	int64_t start_us;

	if (!strcmp(key, KEPT_START)) {
		buf_reader_init(&reader, data, len);
		if (buf_get_u8(&reader) != KEPT_VERSION)
			return true;
		start_us = buf_get_i64(&reader);
		if (buf_reader_finish(&reader) == 0)
			kept->start_us = start_us;
		return true;
	}
	if (strncmp(key, KEPT_PREFIX, strlen(KEPT_PREFIX)))
		return false;
	HASH_FIND_STR(kept->entries, key, entry);
	if (entry)
		return true;
	entry = x_new(struct kept_entry, 1);
	entry->key = x_strdup(key);
	entry->data = x_new(uint8_t, len + 1);
	if (len)
		memcpy(entry->data, data, len);
	entry->len = len;
	HASH_ADD_KEYPTR(
		hh, kept->entries, entry->key, strlen(entry->key), entry);
	return true;
}

struct kept_state {
	uint8_t state;
	bool quorum_up;
	uint16_t reason;
	int64_t since_us;
	struct model_history history; /* taken, or to be freed */
};

static void get_history(struct buf_reader *reader, struct model_history *ret)
{
	unsigned int n = buf_get_u8(reader);
	unsigned int i;

	memset(ret, 0, sizeof(*ret));
	if (!n || n > MODEL_HISTORY)
		return;
	ret->events = x_new(struct model_event, MODEL_HISTORY);
	ret->n = n;
	for (i = 0; i < n; i++) {
		ret->events[i].at_us = buf_get_i64(reader);
		ret->events[i].from = buf_get_u8(reader);
		ret->events[i].to = buf_get_u8(reader);
		ret->events[i].reason = buf_get_u16(reader);
	}
}

/* False: nothing usable under KEY, whose highest state is MAX. */
static bool get_state(const struct kept *kept, const char *key, uint8_t max,
	struct kept_state *ret)
{
	struct kept_entry *entry;
	struct buf_reader reader;

	HASH_FIND_STR(kept->entries, key, entry);
	if (!entry)
		return false;
	buf_reader_init(&reader, entry->data, entry->len);
	if (buf_get_u8(&reader) != KEPT_VERSION)
		return false;
	ret->state = buf_get_u8(&reader);
	ret->quorum_up = buf_get_u8(&reader);
	ret->reason = buf_get_u16(&reader);
	ret->since_us = buf_get_i64(&reader);
	get_history(&reader, &ret->history);
	if (buf_reader_finish(&reader) == 0 && ret->state <= max)
		return true;
	x_free(ret->history.events);
	return false;
}

static void take_history(
	struct model_history *to, const struct model_history *from)
{
	x_free(to->events);
	*to = *from;
}

static void apply_server(
	const struct kept *kept, struct model_server *server)
{
	struct kept_state state;
	char key[KEPT_KEY_MAX];

	if (kept->start_us)
		server->since_us = kept->start_us;
	if (!get_state(kept, key_of(server->service, server, key),
		    MODEL_SERVER_DOWN, &state))
		return;
	server->kept = true;
	server->since_us = state.since_us;
	take_history(&server->history, &state.history);
	if (!server->conf->n_checks)
		return;
	server->carried = true;
	server->state = (enum model_server_state)state.state;
	server->reason = (enum reason)state.reason;
}

static void apply_service(
	const struct kept *kept, struct model_service *service)
{
	struct kept_state state;
	char key[KEPT_KEY_MAX];

	if (kept->start_us)
		service->since_us = kept->start_us;
	if (!get_state(kept, key_of(service, NULL, key), MODEL_SERVICE_DOWN,
		    &state))
		return;
	service->kept = true;
	service->carried = true;
	service->quorum_up = state.quorum_up;
	service->state = (enum model_service_state)state.state;
	service->reason = (enum reason)state.reason;
	service->since_us = state.since_us;
	take_history(&service->history, &state.history);
}

void kept_apply(const struct kept *kept, struct model *model)
{
	size_t i;
	size_t j;

	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];

		for (j = 0; j < service->n_servers; j++)
			apply_server(kept, &service->servers[j]);
		apply_service(kept, service);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a model takes over: from the one before it, or from the kernel. */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "ipvs-ctl/model_internal.h"
#include "lib/mem.h"

static int order_servers(const void *a, const void *b)
{
	const struct model_server *const *x = a;
	const struct model_server *const *y = b;

	return ip_endpoint_compare(
		&(*x)->conf->endpoint, &(*y)->conf->endpoint);
}

static void move_events(struct model_history *to, struct model_history *from)
{
	*to = *from;
	memset(from, 0, sizeof(*from));
}

static void inherit_server(struct model_server *server,
	struct model_server *old, bool move_history)
{
	server->carried = true;
	server->state = old->state;
	server->reason = old->reason;
	server->weight_delta = old->weight_delta;
	server->weight_before = old->conf->weight;
	server->since_us = old->since_us;
	if (!move_history)
		return;
	old->handed_on = true;
	move_events(&server->history, &old->history);
	server->kept = old->kept;
	old->kept = false;
}

static void inherit_service(struct model_service *service,
	struct model_service *old, bool move_history)
{
	struct model_server **sorted =
		x_new(struct model_server *, old->n_servers + 1);
	size_t i;

	service->carried = true;
	service->quorum_up = old->quorum_up;
	service->state = old->state;
	service->reason = old->reason;
	service->since_us = old->since_us;
	if (move_history) {
		old->handed_on = true;
		move_events(&service->history, &old->history);
		service->kept = old->kept;
		old->kept = false;
	}
	for (i = 0; i < old->n_servers; i++)
		sorted[i] = &old->servers[i];
	qsort(sorted, old->n_servers, sizeof(*sorted), order_servers);
	for (i = 0; i < service->n_servers; i++) {
		struct model_server *wanted = &service->servers[i];
		struct model_server **found = bsearch(&wanted, sorted,
			old->n_servers, sizeof(*sorted), order_servers);

		if (found)
			inherit_server(wanted, *found, move_history);
	}
	x_free(sorted);
}

struct known_service {
	struct table_key key;
	struct model_service *service;
	UT_hash_handle hh;
};

/* What a service is known by: its addresses and the marks of the file.  NULL
 * for a mark that it was given, which the next file may give to another. */
static const struct table_key *name_of(
	const struct ipvs_conf_service *conf, size_t i)
{
	const struct table_key *key;

	if (i < conf->n_marked)
		return &conf->marked[i];
	key = &conf->keys[i - conf->n_marked];
	return conf->mark && key->fwmark == conf->mark ? NULL : key;
}

static size_t count_names(const struct ipvs_conf_service *conf)
{
	return conf->n_marked + conf->n_keys;
}

void model_inherit(struct model *model, struct model *old, bool move_history)
{
	struct known_service *known = NULL;
	struct known_service *entry;
	struct arena *arena = arena_new();
	const struct table_key *name;
	size_t i;
	size_t j;

	for (i = 0; i < old->n_services; i++) {
		struct model_service *service = &old->services[i];

		for (j = 0; j < count_names(service->conf); j++) {
			name = name_of(service->conf, j);
			if (!name)
				continue;
			entry = arena_new_object(arena, struct known_service);
			entry->key = *name;
			entry->service = service;
			HASH_ADD(hh, known, key, sizeof(entry->key), entry);
		}
	}
	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];

		for (j = 0; j < count_names(service->conf); j++) {
			name = name_of(service->conf, j);
			if (!name)
				continue;
			HASH_FIND(hh, known, name, sizeof(entry->key), entry);
			if (!entry || !entry->service)
				continue;
			inherit_service(
				service, entry->service, move_history);
			break;
		}
	}
	HASH_CLEAR(hh, known);
	arena_free(arena);
}

static void adopt_server(struct model_server *server,
	const struct table_service *kernel, const struct table_key *key)
{
	struct ip_endpoint endpoint =
		ipvs_conf_server_endpoint(server->conf, key);
	const struct table_dest *dest = table_service_find(kernel, &endpoint);

	if (!server->conf->n_checks)
		return;
	server->carried = true;
	server->reason = REASON_ADOPTED;
	if (dest && (table_dest_usable(dest) || !server->conf->weight)) {
		server->state = MODEL_SERVER_UP;
		server->weight_delta = dest->weight - server->conf->weight;
	} else {
		server->state = MODEL_SERVER_DOWN;
	}
}

static bool sorry_in_use(const struct model_service *service,
	const struct table_service *kernel, const struct table_key *key)
{
	const struct table_dest *dest;
	struct table_dest sorry;

	if (!service->conf->sorry.set)
		return false;
	ipvs_conf_sorry_dest(service->conf, key, 1, &sorry);
	dest = table_service_find(kernel, &sorry.endpoint);
	return dest && table_dest_usable(dest);
}

void model_adopt(struct model *model, const struct table *kernel)
{
	size_t i;
	size_t j;

	for (i = 0; i < model->n_services; i++) {
		struct model_service *service = &model->services[i];
		const struct table_key *key = &service->conf->keys[0];
		const struct table_service *found = table_find(kernel, key);
		bool all_up;

		if (!found)
			continue;
		for (j = 0; j < service->n_servers; j++) {
			struct model_server *server = &service->servers[j];

			adopt_server(server, found, key);
			if (!server->conf->n_checks)
				server->state = MODEL_SERVER_UP;
		}
		service->carried = true;
		service->weight_up = model_weigh(service, &all_up);
		service->quorum_up = true;
		service->quorum_up = !sorry_in_use(service, found, key) &&
			model_judge_quorum(service);
		model_judge_service(service, all_up, &service->state,
			&service->reason);
	}
}

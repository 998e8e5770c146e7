/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that a model wants. */
#include "ipvs-ctl/model_internal.h"

/* False when SERVER has no place in the table now. */
static bool server_place(
	const struct model_server *server, int32_t *ret_weight)
{
	if (model_server_in_use(server)) {
		*ret_weight = model_server_weight(server);
		return true;
	}
	*ret_weight = 0;
	return server->conf->inhibit;
}

struct table_service *model_make_service(
	const struct model_service *service, size_t i)
{
	const struct ipvs_conf_service *conf = service->conf;
	const struct table_key *key = &conf->keys[i];
	bool sorry = model_sorry_took_over(service);
	struct table_attributes attributes;
	struct table_service *made;
	struct table_dest dest;
	int32_t weight;
	size_t j;

	ipvs_conf_service_attributes(conf, key, &attributes);
	made = table_service_new(key, &attributes);
	/* Of two with one address the first pushed stays: the sorry server
	 * while it is in use. */
	if (sorry) {
		ipvs_conf_sorry_dest(conf, key, 1, &dest);
		table_service_push(made, &dest);
	}
	for (j = 0; j < service->n_servers; j++) {
		const struct model_server *server = &service->servers[j];

		if (!server_place(server, &weight))
			continue;
		ipvs_conf_server_dest(server->conf, key, weight, &dest);
		table_service_push(made, &dest);
	}
	if (!sorry && conf->sorry.set && conf->sorry.inhibit) {
		ipvs_conf_sorry_dest(conf, key, 0, &dest);
		table_service_push(made, &dest);
	}
	table_service_sort(made);
	return made;
}

void model_make_table(const struct model *model, struct table *table)
{
	size_t i;
	size_t j;

	table_clear(table);
	for (i = 0; i < model->n_services; i++) {
		const struct model_service *service = &model->services[i];

		for (j = 0; j < service->conf->n_keys; j++)
			table_put(table, model_make_service(service, j));
	}
}

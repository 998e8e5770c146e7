/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a role takes from a checked configuration: the attributes of services
 * and servers as the table has them.
 */
#include <string.h>

#include "ipvs-ctl/ipvs_conf.h"
#include "ipvs-ctl/ipvs_conf_internal.h"

void ipvs_conf_service_attributes(const struct ipvs_conf_service *service,
	const struct table_key *key, struct table_attributes *ret)
{
	memset(ret, 0, sizeof(*ret));
	strncpy(ret->scheduler, service->scheduler, TABLE_NAME_MAX - 1);
	if (service->engine)
		strncpy(ret->engine, service->engine, TABLE_NAME_MAX - 1);
	ret->flags = service->scheduler_flags;
	if (service->one_packet)
		ret->flags |= TABLE_SERVICE_ONE_PACKET;
	ret->netmask = table_netmask_full(key->family);
	if (!service->persistence_s)
		return;
	ret->flags |= TABLE_SERVICE_PERSISTENT;
	ret->timeout_s = (uint32_t)service->persistence_s;
	if (service->granularity && service->granularity_family == key->family)
		ret->netmask = service->granularity;
}

/* Port 0 stands for the port of the service, which a fwmark has not. */
static struct ip_endpoint endpoint_for(
	const struct ip_endpoint *configured, const struct table_key *key)
{
	struct ip_endpoint endpoint = *configured;

	if (!endpoint.port)
		endpoint.port = key->port;
	return endpoint;
}

struct ip_endpoint ipvs_conf_server_endpoint(
	const struct ipvs_conf_server *server, const struct table_key *key)
{
	return endpoint_for(&server->endpoint, key);
}

static void make_dest(const struct ip_endpoint *endpoint,
	const struct ipvs_conf_method *method, const struct table_key *key,
	int32_t weight, struct table_dest *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->endpoint = endpoint_for(endpoint, key);
	ret->forward = (uint8_t)method->forward;
	ret->weight = weight;
	if (method->forward != TABLE_FORWARD_TUNNEL)
		return;
	ret->tunnel = (uint8_t)method->tunnel;
	ret->tunnel_port = method->tunnel_port;
	ret->tunnel_flags = method->tunnel_flags;
}

void ipvs_conf_server_dest(const struct ipvs_conf_server *server,
	const struct table_key *key, int32_t weight, struct table_dest *ret)
{
	make_dest(&server->endpoint, &server->method, key, weight, ret);
	ret->upper = (uint32_t)server->upper;
	ret->lower = (uint32_t)server->lower;
}

void ipvs_conf_sorry_dest(const struct ipvs_conf_service *service,
	const struct table_key *key, int32_t weight, struct table_dest *ret)
{
	make_dest(&service->sorry.endpoint, &service->sorry.method, key,
		weight, ret);
}

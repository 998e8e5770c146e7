/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The services of the status as JSON text.
 *
 * Written without a tree of objects: for 10,000 services that would be half a
 * million allocations, in a role that must not pause.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ipvs-ctl/role_internal.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

struct text {
	char *data;
	size_t len;
	size_t capacity;
};

static void text_reserve(struct text *t, size_t more)
{
	if (t->capacity - t->len > more)
		return;
	t->capacity = (t->capacity + more) * 2 + 4096;
	t->data = x_realloc(t->data, t->capacity, 1);
}

static void text_put(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* At most 512 bytes at a time. */
static void text_put(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	text_reserve(t, 512);
	va_start(args, format);
	n = vsnprintf(t->data + t->len, 512, format, args);
	va_end(args);
	if (n > 0)
		t->len += n < 512 ? (size_t)n : 511;
}

/* A string of any length and content, with its quotes. */
static void text_put_string(struct text *t, const char *string)
{
	text_reserve(t, strlen(string) * 6 + 3);
	t->data[t->len++] = '"';
	for (; *string; string++) {
		unsigned char c = (unsigned char)*string;

		if (c == '"' || c == '\\') {
			t->data[t->len++] = '\\';
			t->data[t->len++] = (char)c;
		} else if (c < 0x20) {
			t->len += (size_t)sprintf(
				t->data + t->len, "\\u%04x", c);
		} else {
			t->data[t->len++] = (char)c;
		}
	}
	t->data[t->len++] = '"';
	t->data[t->len] = '\0';
}

const char *ipvs_role_forward_name(int forward)
{
	switch ((enum table_forward)forward) {
	case TABLE_FORWARD_NAT:
		return "NAT";
	case TABLE_FORWARD_ROUTE:
		return "DR";
	case TABLE_FORWARD_TUNNEL:
		return "TUN";
	case TABLE_FORWARD_LOCAL:
		return "LOCAL";
	case TABLE_FORWARD_BYPASS:
		return "BYPASS";
	}
	return "unknown";
}

int32_t ipvs_role_weight_in_use(const struct model_server *server)
{
	return model_server_in_use(server) ? model_server_weight(server) : 0;
}

char *ipvs_role_subject(const struct model_service *service,
	const struct model_server *server)
{
	struct ip_endpoint endpoint;
	char text[IP_ENDPOINT_STRLEN];

	if (!server)
		return x_asprintf("service %s", service->conf->label);
	endpoint = ipvs_conf_server_endpoint(
		server->conf, &service->conf->keys[0]);
	return x_asprintf("server %s of %s",
		ip_endpoint_format(&endpoint, text), service->conf->label);
}

static void put_address(struct text *t, const struct ip_addr *addr,
	unsigned int port)
{
	char buf[IP_ADDR_STRLEN] = "";

	if (ip_addr_is_set(addr))
		ip_addr_format(addr, buf);
	text_put(t, "\"address\":\"%s\",\"port\":%u", buf, port);
}

/* Seconds of the wall clock. */
static void put_since(struct text *t, int64_t since_us)
{
	int64_t real = time_realtime_of(since_us);

	text_put(t, ",\"since\":%" PRId64 ".%06" PRId64,
		real / USEC_PER_SEC, real % USEC_PER_SEC);
}

static void put_connections(struct text *t, const struct table_dest *dest)
{
	static const struct table_dest none = { .weight = 0 };

	if (!dest)
		dest = &none;
	text_put(t,
		",\"active_connections\":%u,\"inactive_connections\":%u,"
		"\"persistent_connections\":%u",
		dest->active, dest->inactive, dest->persistent);
}

static void put_server(struct text *t, const struct model_server *server,
	const struct table_key *key, const struct table_service *kernel)
{
	struct ip_endpoint endpoint =
		ipvs_conf_server_endpoint(server->conf, key);

	text_put(t, "{");
	put_address(t, &endpoint.addr, endpoint.port);
	text_put(t,
		",\"node\":%u,\"state\":\"%s\",\"weight\":%" PRId64
		",\"effective_weight\":%d",
		server->conf->node, model_server_state_name(server->state),
		server->conf->weight, ipvs_role_weight_in_use(server));
	put_since(t, server->since_us);
	text_put(t, ",\"reason\":\"%s\",\"forwarding\":\"%s\",\"checks\":[]",
		reason_text(server->reason),
		ipvs_role_forward_name(server->conf->method.forward));
	put_connections(
		t, kernel ? table_service_find(kernel, &endpoint) : NULL);
	text_put(t, "}");
}

static void put_sorry(struct text *t, const struct model_service *service,
	const struct table_key *key, const struct table_service *kernel)
{
	struct table_dest sorry;

	ipvs_conf_sorry_dest(service->conf, key, 1, &sorry);
	text_put(t, ",\"sorry_server\":{");
	put_address(t, &sorry.endpoint.addr, sorry.endpoint.port);
	text_put(t, ",\"in_use\":%s",
		service->state == MODEL_SERVICE_SORRY ? "true" : "false");
	put_connections(t,
		kernel ? table_service_find(kernel, &sorry.endpoint) : NULL);
	text_put(t, "}");
}

static void put_service_head(struct text *t, const struct model_service *service,
	const struct table_key *key)
{
	const struct ipvs_conf_service *conf = service->conf;
	struct ip_addr addr = table_key_addr(key);

	text_put(t, "{\"name\":");
	text_put_string(t, conf->name);
	text_put(t, ",\"protocol\":\"%s\",", table_key_protocol(key));
	put_address(t, &addr, key->port);
	text_put(t,
		",\"fwmark\":%u,\"scheduler\":\"%s\",\"forwarding\":\"%s\","
		"\"state\":\"%s\",\"reason\":\"%s\"",
		key->fwmark, conf->scheduler,
		ipvs_role_forward_name(conf->method.forward),
		model_service_state_name(service->state),
		reason_text(service->reason));
	put_since(t, service->since_us);
	text_put(t,
		",\"quorum\":%" PRId64 ",\"hysteresis\":%" PRId64
		",\"quorum_up\":%s,\"weight_up\":%" PRId64,
		conf->quorum, conf->hysteresis,
		service->quorum_up ? "true" : "false", service->weight_up);
}

static void put_service(struct text *t, const struct ipvs_role *r,
	const struct model_service *service, const struct table_key *key)
{
	const struct table_service *kernel =
		table_find(reconcile_kernel(r->reconcile), key);
	size_t i;

	put_service_head(t, service, key);
	text_put(t, ",\"in_kernel\":%s,\"real_servers\":[",
		kernel ? "true" : "false");
	for (i = 0; i < service->n_servers; i++) {
		if (i)
			text_put(t, ",");
		put_server(t, &service->servers[i], key, kernel);
	}
	text_put(t, "]");
	if (service->conf->sorry.set)
		put_sorry(t, service, key, kernel);
	text_put(t, "}");
}

char *ipvs_role_services_text(const struct ipvs_role *r)
{
	const struct model *model = r->running ? r->running->model : NULL;
	struct text t = { .data = NULL };
	bool first = true;
	size_t i;
	size_t j;

	text_put(&t, "[");
	for (i = 0; model && i < model->n_services; i++) {
		const struct model_service *service = &model->services[i];

		for (j = 0; j < service->conf->n_keys; j++) {
			if (!first)
				text_put(&t, ",");
			first = false;
			put_service(&t, r, service, &service->conf->keys[j]);
		}
	}
	text_put(&t, "]");
	return t.data;
}

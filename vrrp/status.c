/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers for tandemctl: status and its problems. */
#include <json-c/json.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/answer.h"
#include "vrrp/bfd_status.h"
#include "vrrp/process_role.h"
#include "vrrp/shell.h"
#include "vrrp/status_routes.h"

/* --- status --- */

static void add_address(
	const struct vrrp_address_status *status, void *user_data)
{
	char text[IP_ADDR_STRLEN];
	char *line = x_asprintf("%s/%u",
		ip_addr_format(&status->info->addr, text),
		(unsigned int)status->info->prefix_len);

	json_object_array_add(user_data, json_object_new_string(line));
	x_free(line);
}

static void add_present(
	const struct vrrp_address_status *status, void *user_data)
{
	if (status->present)
		add_address(status, user_data);
}

static struct json_object *drops_json(const uint64_t *drops)
{
	struct json_object *object = json_object_new_object();
	unsigned int i;

	for (i = 0; i < VRRP_RX_COUNT_; i++)
		if (drops[i])
			vrrp_answer_number(object,
				vrrp_rx_text((enum vrrp_rx)i),
				(int64_t)drops[i]);
	return object;
}

static void add_identity(
	const struct vrrp_instance *inst, struct json_object *o)
{
	vrrp_answer_text(o, "name", inst->name);
	vrrp_answer_number(o, "vrid", inst->conf->vrid);
	vrrp_answer_text(
		o, "family", inst->conf->family == AF_INET ? "inet" : "inet6");
	vrrp_answer_number(o, "version", inst->conf->version);
	vrrp_answer_text(o, "interface",
		inst->conf->interface ? inst->conf->interface : "");
	vrrp_answer_text(o, "virtual_interface",
		inst->vmac ? vrrp_vmac_interface(inst->vmac) : NULL);
	vrrp_answer_text(
		o, "group", inst->conf->group ? inst->conf->group->name : NULL);
}

static void add_addresses(
	const struct vrrp_instance *inst, struct json_object *o)
{
	struct json_object *all = json_object_new_array();
	struct json_object *present = json_object_new_array();
	char text[IP_ADDR_STRLEN];

	vrrp_address_set_each(inst->addresses, add_address, all);
	vrrp_address_set_each(inst->addresses, add_present, present);
	json_object_object_add(o, "addresses", all);
	json_object_object_add(o, "addresses_present", present);
	vrrp_answer_text(o, "source",
		ip_addr_is_set(&inst->fsm.primary)
			? ip_addr_format(&inst->fsm.primary, text)
			: NULL);
	vrrp_answer_text(o, "active_router",
		ip_addr_is_set(&inst->fsm.active_router)
			? ip_addr_format(&inst->fsm.active_router, text)
			: NULL);
}

static void add_counters(
	const struct vrrp_instance *inst, struct json_object *o, int64_t now)
{
	const struct vrrp_fsm_counters *c = &inst->fsm.counters;

	vrrp_answer_number(o, "adverts_sent", (int64_t)inst->sent);
	vrrp_answer_number(o, "adverts_received", (int64_t)inst->received);
	vrrp_answer_number(o, "send_errors", (int64_t)inst->send_errors);
	vrrp_answer_number(o, "became_active", (int64_t)c->became_active);
	vrrp_answer_number(o, "released_active", (int64_t)c->released_active);
	vrrp_answer_number(o, "priority_zero_sent", (int64_t)c->prio_zero_sent);
	vrrp_answer_number(
		o, "priority_zero_received", (int64_t)c->prio_zero_received);
	json_object_object_add(o, "drops", drops_json(inst->drops));
	json_object_object_add(o, "last_advert_ms",
		inst->heard_us ? json_object_new_double(
					 (double)(now - inst->heard_us) /
					 (double)USEC_PER_MSEC)
			       : NULL);
}

/* Who signs and who does not; of the keys only their numbers. */
static void add_hmac(const struct vrrp_instance *inst, struct json_object *o)
{
	const struct vrrp_hmac_block *conf = inst->conf->hmac;
	struct json_object *hmac, *keys;
	const struct vrrp_hmac_counters *c;

	if (!conf || !inst->hmac)
		return;
	c = vrrp_hmac_counters(inst->hmac);
	hmac = json_object_new_object();
	keys = json_object_new_array();
	for (size_t i = 0; i < conf->n_keys; i++)
		json_object_array_add(
			keys, json_object_new_int(conf->keys[i].id));
	vrrp_answer_text(hmac, "mode",
		vrrp_hmac_mode_name((enum vrrp_hmac_mode)conf->mode));
	json_object_object_add(hmac, "keys", keys);
	json_object_object_add(hmac, "active_key",
		conf->active_key ? json_object_new_int64(conf->active_key)
				 : NULL);
	vrrp_answer_number(hmac, "verified", (int64_t)c->verified);
	vrrp_answer_number(hmac, "unsigned_taken", (int64_t)c->unsigned_taken);
	json_object_object_add(hmac, "clock_skew_ms",
		c->verified ? json_object_new_double((double)c->skew_us /
						     (double)USEC_PER_MSEC)
			    : NULL);
	json_object_object_add(o, "auth_hmac", hmac);
}

static struct json_object *instance_json(
	const struct vrrp_instance *inst, int64_t now)
{
	struct json_object *o = json_object_new_object();
	const struct vrrp_fsm *fsm = &inst->fsm;

	add_identity(inst, o);
	vrrp_answer_text(o, "state", vrrp_state_name(fsm->state));
	vrrp_answer_number(o, "priority", inst->conf->priority);
	vrrp_answer_number(o, "effective_priority", fsm->priority);
	json_object_object_add(o, "advert_interval_ms",
		json_object_new_double((double)inst->conf->advert_int_us /
				       (double)USEC_PER_MSEC));
	vrrp_answer_time(o, "since", inst->since_us);
	vrrp_answer_text(o, "reason", reason_text(fsm->reason));
	add_addresses(inst, o);
	json_object_object_add(o, "routes", vrrp_routes_json(inst->routes));
	add_counters(inst, o, now);
	add_hmac(inst, o);
	return o;
}

/* --- problems --- */

struct problems {
	struct json_object *array;
	const char *subject;
};

static void address_problem(
	const struct vrrp_address_status *status, void *user_data)
{
	struct problems *p = user_data;
	char text[IP_ADDR_STRLEN];

	ip_addr_format(&status->info->addr, text);
	if (!status->info->ifindex)
		vrrp_answer_line(p->array,
			x_asprintf("%s: the interface of %s is missing",
				p->subject, text));
	else if (status->error && !status->present)
		vrrp_answer_line(p->array,
			x_asprintf("%s: cannot add %s: %s", p->subject, text,
				strerror(-status->error)));
}

/* Is this how a router looks that was set up differently, or whose clock is
 * wrong?  Not what strangers and floods bring about. */
static bool is_disagreement(enum vrrp_rx rx)
{
	static const enum vrrp_rx kinds[] = { VRRP_RX_VERSION, VRRP_RX_INTERVAL,
		VRRP_RX_OFF_LINK, VRRP_RX_ADDRESSES, VRRP_RX_AUTH_TYPE,
		VRRP_RX_AUTH_DATA, VRRP_RX_AUTH_MISSING, VRRP_RX_AUTH_KEY,
		VRRP_RX_AUTH_STALE };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i] == rx)
			return true;
	return false;
}

/* What goes on is noted once a minute. */
static bool is_recent(int64_t noted_us)
{
	return noted_us &&
	       time_monotonic_us() - noted_us <= 2 * VRRP_DROP_LOG_PAUSE_US;
}

/* Two routers that do not believe each other are both Active. */
static void drop_problem(
	const struct vrrp_instance *inst, struct json_object *array)
{
	char text[IP_ADDR_STRLEN];

	if (!is_recent(inst->drop_logged_us) ||
		!is_disagreement(inst->drop_logged))
		return;
	vrrp_answer_line(array,
		x_asprintf("%s: adverts of %s are dropped: %s", inst->subject,
			ip_addr_format(&inst->drop_src, text),
			vrrp_rx_text(inst->drop_logged)));
}

static void unlisted_problem(
	const struct vrrp_instance *inst, struct json_object *array)
{
	char text[IP_ADDR_STRLEN];

	/* A reload may have said otherwise. */
	if (!is_recent(inst->unlisted_us) || inst->rules.check_source ||
		!inst->rules.n_peers)
		return;
	vrrp_answer_line(
		array, x_asprintf("%s: adverts of %s are believed, which is no "
				  "unicast_peer",
			       inst->subject,
			       ip_addr_format(&inst->unlisted_src, text)));
}

static void instance_problems(
	const struct vrrp_instance *inst, struct json_object *array)
{
	struct problems p = { array, inst->subject };

	if (inst->fsm.faults)
		vrrp_answer_line(array,
			x_asprintf("%s: FAULT: %s", inst->subject,
				reason_text(
					vrrp_fsm_fault_reason(&inst->fsm))));
	drop_problem(inst, array);
	unlisted_problem(inst, array);
	vrrp_address_set_each(inst->addresses, address_problem, &p);
	if (vrrp_fib_set_is_wanted(inst->routes))
		vrrp_routes_problems(inst->routes, inst->subject, array);
}

static void vmac_problem(const struct vrrp_vmac *vmac, void *user_data)
{
	if (vrrp_vmac_problem(vmac)[0])
		vrrp_answer_line(user_data,
			x_asprintf("%s: no virtual-MAC interface: %s",
				vrrp_vmac_subject(vmac),
				vrrp_vmac_problem(vmac)));
}

static struct json_object *problems_json(const struct vrrp_role *role)
{
	struct json_object *array = json_object_new_array();
	struct problems p = { array, "static_ipaddress" };

	if (role->no_raw)
		vrrp_answer_line(
			array, x_strdup("vrrp: no permission to open raw "
					"sockets (CAP_NET_RAW)"));
	if (role->no_admin)
		vrrp_answer_line(
			array, x_strdup("vrrp: no permission to change "
					"addresses (CAP_NET_ADMIN)"));
	vrrp_for_each_instance(role, inst) instance_problems(inst, array);
	vrrp_bfd_problems(role->bfds, array);
	vrrp_process_problems(role->processes, array);
	vrrp_vmacs_each(role->vmacs, vmac_problem, array);
	if (vrrp_filter_error(role->filter))
		vrrp_answer_line(array,
			x_asprintf("vrrp: cannot write packet filters: %s",
				strerror(-vrrp_filter_error(role->filter))));
	vrrp_address_set_each(role->statics, address_problem, &p);
	vrrp_routes_problems(role->static_routes, "static", array);
	return array;
}

static void add_socket(const struct vrrp_socket *sock, void *user_data)
{
	const struct vrrp_socket_counters *c = vrrp_socket_counters(sock);
	const struct vrrp_socket_key *key = vrrp_socket_key(sock);
	struct json_object *o = json_object_new_object();
	char text[IP_ADDR_STRLEN];

	vrrp_answer_number(o, "ifindex", key->ifindex);
	vrrp_answer_text(o, "address", ip_addr_format(&key->bind, text));
	vrrp_answer_number(o, "received", (int64_t)c->received);
	vrrp_answer_number(o, "sent", (int64_t)c->sent);
	vrrp_answer_number(o, "send_errors", (int64_t)c->send_errors);
	json_object_object_add(o, "drops", drops_json(c->dropped));
	json_object_array_add(user_data, o);
}

/* With a dump when REQUEST has "dump": true; see vrrp_dump_json(). */
static struct json_object *status_json(
	struct vrrp_role *role, struct json_object *request)
{
	struct json_object *answer = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *sockets = json_object_new_array();
	int64_t now = time_monotonic_us();

	vrrp_for_each_instance(role, inst)
		json_object_array_add(list, instance_json(inst, now));
	vrrp_sockets_each(role->sockets, add_socket, sockets);
	json_object_object_add(answer, "vrrp", list);
	json_object_object_add(answer, "vrrp_sockets", sockets);
	json_object_object_add(answer, "bfd", vrrp_bfd_json(role->bfds));
	json_object_object_add(
		answer, "track_processes", vrrp_process_json(role->processes));
	json_object_object_add(
		answer, "static_routes", vrrp_routes_json(role->static_routes));
	json_object_object_add(answer, "problems", problems_json(role));
	if (json_object_object_get_ex(request, "dump", NULL))
		json_object_object_add(answer, "dump",
			vrrp_dump_json(role, json_object_object_get_ex(
						     request, "clear", NULL)));
	return answer;
}

struct json_object *vrrp_request(
	void *state, const char *command, struct json_object *request)
{
	if (!strcmp(command, "status"))
		return status_json(state, request);
	if (!strcmp(command, "explain"))
		return vrrp_explain_json(state, request);
	return NULL;
}

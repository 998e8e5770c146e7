/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keepalived writes at SIGRTMIN+2, with its keys and in its order, for
 * programs that read that.
 */
#include <json-c/json.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "config/script.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/shell.h"

#define HIDDEN "********"

static void put_int(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

static void put_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

static void put_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(
		o, key, json_object_new_string(value ? value : ""));
}

static void put_seconds(struct json_object *o, const char *key, int64_t us)
{
	double value = (double)us / (double)USEC_PER_SEC;
	char text[32];

	snprintf(text, sizeof(text), "%g", value);
	json_object_object_add(o, key, json_object_new_double_s(value, text));
}

static void put_moment(struct json_object *o, const char *key, int64_t us)
{
	double value = (double)us / (double)USEC_PER_SEC;
	char text[32];

	snprintf(text, sizeof(text), "%.6f", value);
	json_object_object_add(o, key, json_object_new_double_s(value, text));
}

/* --- parts of an instance --- */

/* keepalived's numbers. */
static int state_number(enum vrrp_state state)
{
	switch (state) {
	case VRRP_STATE_INITIALIZE:
		return 0;
	case VRRP_STATE_BACKUP:
		return 1;
	case VRRP_STATE_ACTIVE:
		return 2;
	case VRRP_STATE_FAULT:
		return 3;
	}
	return 0;
}

static int wanted_number(const struct vrrp_instance *inst)
{
	enum vrrp_state state = inst->fsm.state;

	if (state == VRRP_STATE_BACKUP || state == VRRP_STATE_ACTIVE)
		return state_number(state);
	return state_number((enum vrrp_state)inst->conf->want);
}

static const char *interface_of(const struct vrrp_instance *inst)
{
	return inst->vmac ? vrrp_vmac_interface(inst->vmac)
			  : inst->conf->interface;
}

static const char *scope_name(int scope)
{
	switch (scope) {
	case RT_SCOPE_SITE:
		return "site";
	case RT_SCOPE_LINK:
		return "link";
	case RT_SCOPE_HOST:
		return "host";
	case RT_SCOPE_NOWHERE:
		return "nowhere";
	default:
		return "global";
	}
}

static void print_lifetime(FILE *out, const struct vrrp_address_conf *conf)
{
	uint32_t seconds = conf->prefix_len == 128 ? 0 : UINT32_MAX;

	if (conf->addr.family != AF_INET6)
		return;
	if (conf->has_preferred_lft)
		seconds = conf->preferred_lft_s;
	if (!seconds)
		fputs(" deprecated", out);
	else if (seconds == UINT32_MAX)
		fputs(" preferred_lft forever", out);
	else
		fprintf(out, " preferred_lft %u", (unsigned int)seconds);
}

/* As `ip addr` writes them, more or less. */
static void print_address(FILE *out, const struct vrrp_instance *inst,
	const struct vrrp_address_conf *conf)
{
	unsigned int whole = conf->addr.family == AF_INET ? 32 : 128;
	const char *dev = conf->dev ? conf->dev : interface_of(inst);
	char text[IP_ADDR_STRLEN];

	fputs(ip_addr_format(&conf->addr, text), out);
	if (conf->prefix_len != whole)
		fprintf(out, "/%u", (unsigned int)conf->prefix_len);
	if (ip_addr_is_set(&conf->peer))
		fprintf(out, " peer %s", ip_addr_format(&conf->peer, text));
	if (ip_addr_is_set(&conf->broadcast))
		fprintf(out, " brd %s", ip_addr_format(&conf->broadcast, text));
	fprintf(out, " dev %s scope %s", dev ? dev : "none",
		scope_name(conf->scope));
	if (conf->label)
		fprintf(out, " label %s", conf->label);
	print_lifetime(out, conf);
	if (conf->no_track)
		fputs(" no_track", out);
	if (inst->fsm.holding)
		fputs(" set", out);
}

static void put_addresses(struct json_object *o, const char *key,
	const struct vrrp_instance *inst, const struct conf_list *list)
{
	struct json_object *array;

	if (!list->n)
		return;
	array = json_object_new_array();
	vrrp_conf_for_each(vrrp_address_conf, conf, list)
	{
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		if (!out)
			continue;
		print_address(out, inst, conf);
		fclose(out);
		json_object_array_add(array, json_object_new_string(text));
		x_free(text);
	}
	json_object_object_add(o, key, array);
}

/* The lines of the file, where keepalived writes all that it has added. */
static void put_routes(
	struct json_object *o, const struct vrrp_instance_conf *conf)
{
	struct json_object *routes = json_object_new_array();
	struct json_object *rules = json_object_new_array();

	vrrp_conf_for_each(vrrp_route_conf, route, &conf->routes)
		json_object_array_add(
			routes, json_object_new_string(route->object.text));
	vrrp_conf_for_each(vrrp_rule_conf, rule, &conf->rules)
		json_object_array_add(
			rules, json_object_new_string(rule->object.text));
	if (conf->routes.n)
		json_object_object_add(o, "vroutes", json_object_get(routes));
	if (conf->rules.n)
		json_object_object_add(o, "vrules", json_object_get(rules));
	json_object_put(routes);
	json_object_put(rules);
}

/* "'/bin/a' 'b c'"; the caller frees it. */
static char *quoted_command(const char *command)
{
	struct arena *arena = arena_new();
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	char **argv;
	int n = conf_script_split(command, arena, &argv);
	int i;

	for (i = 0; out && i < n; i++)
		fprintf(out, "%s'%s'", i ? " " : "", argv[i]);
	if (out)
		fclose(out);
	arena_free(arena);
	return text ? text : x_strdup("");
}

static void put_script(struct json_object *o, const char *key,
	const struct conf_script *script)
{
	char *text;

	if (!script->node)
		return;
	text = quoted_command(script->command);
	put_text(o, key, text);
	x_free(text);
}

static void put_scripts(
	struct json_object *o, const struct vrrp_notify_conf *notify)
{
	put_script(o, "script_backup", &notify->backup);
	put_script(o, "script_master", &notify->master);
	put_script(o, "script_fault", &notify->fault);
	put_script(o, "script_stop", &notify->stop);
	put_script(o, "script_deleted", &notify->deleted);
	put_script(
		o, "script_master_rx_lower_pri", &notify->master_rx_lower_pri);
	put_script(o, "script", &notify->any);
}

static void put_tracked(struct json_object *o, const char *key,
	const struct vrrp_instance *inst, enum vrrp_track_kind kind)
{
	struct json_object *array = NULL;

	vrrp_conf_for_each(vrrp_track_conf, track, &inst->conf->tracks)
	{
		char *text;

		if (track->kind != kind)
			continue;
		if (!array)
			array = json_object_new_array();
		text = track->script
			       ? quoted_command(track->script->script.command)
			       : x_strdup(track->name);
		json_object_array_add(array, json_object_new_string(text));
		x_free(text);
	}
	if (array)
		json_object_object_add(o, key, array);
}

static void put_announcements(
	struct json_object *o, const struct vrrp_instance_conf *conf)
{
	put_int(o, "garp_delay", conf->garp_master_delay_us / USEC_PER_SEC);
	put_int(o, "garp_refresh", conf->garp_master_refresh_us / USEC_PER_SEC);
	put_int(o, "garp_rep", conf->garp_master_repeat);
	put_int(o, "garp_refresh_rep", conf->garp_master_refresh_repeat);
	put_int(o, "garp_lower_prio_delay",
		conf->garp_lower_prio_delay_us / USEC_PER_SEC);
	put_int(o, "garp_lower_prio_rep", conf->garp_lower_prio_repeat);
}

static void put_intervals(
	struct json_object *o, const struct vrrp_instance *inst)
{
	int64_t learned = inst->fsm.active_adver_int_us;

	put_seconds(o, "adver_int", inst->conf->advert_int_us);
	put_seconds(o, "master_adver_int",
		learned ? learned : inst->conf->advert_int_us);
}

static void put_auth(
	struct json_object *o, const struct vrrp_instance_conf *conf)
{
	int type = conf->auth ? conf->auth->type : VRRP_AUTH_NONE;

	put_int(o, "auth_type", type);
	if (type != VRRP_AUTH_NONE)
		put_text(o, "auth_data", HIDDEN);
}

/* The runner sends the mail, and reads these words by itself. */
static bool find_switch(const struct conf_tree *tree, uint32_t node,
	const char *keyword, bool otherwise)
{
	conf_for_each_child(tree, node, child)
	{
		const char *arg = conf_node_arg(tree, child, 0);

		if (!strcmp(conf_node_keyword(tree, child), keyword))
			otherwise = !arg || (strcmp(arg, "off") != 0 &&
						    strcmp(arg, "no") != 0 &&
						    strcmp(arg, "false") != 0);
	}
	return otherwise;
}

static bool wants_mail(const struct vrrp_instance *inst)
{
	const struct conf_tree *tree = inst->generation->tree;
	bool all = false;

	conf_for_each_child(tree, 0, child)
	{
		if (strcmp(conf_node_keyword(tree, child), "global_defs") != 0)
			continue;
		all = find_switch(tree, child, "smtp_alert", all);
		all = find_switch(tree, child, "smtp_alert_vrrp", all);
	}
	return find_switch(tree, inst->conf->node, "smtp_alert", all);
}

/* --- an instance --- */

static struct json_object *data_json(const struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	struct json_object *o = json_object_new_object();
	bool active = inst->fsm.state == VRRP_STATE_ACTIVE;

	put_text(o, "iname", inst->name);
	put_int(o, "dont_track_primary", conf->dont_track_primary);
	put_int(o, "skip_check_adv_addr", conf->skip_check_adv_addr);
	put_int(o, "strict_mode", conf->strict);
	put_text(o, "vmac_ifname",
		inst->vmac ? vrrp_vmac_interface(inst->vmac) : "");
	put_text(o, "ifp_ifname", interface_of(inst));
	put_int(o, "master_priority", active ? 0 : inst->fsm.active_priority);
	put_moment(o, "last_transition",
		inst->since_us ? time_realtime_of(inst->since_us) : 0);
	put_announcements(o, conf);
	put_int(o, "lower_prio_no_advert", conf->lower_prio_no_advert);
	put_int(o, "higher_prio_send_advert", conf->higher_prio_send_advert);
	put_int(o, "vrid", conf->vrid);
	put_int(o, "base_priority", conf->priority);
	put_int(o, "effective_priority", inst->fsm.priority);
	put_bool(o, "vipset", inst->fsm.holding);
	put_bool(o, "promote_secondaries", conf->promote_secondaries);
	put_intervals(o, inst);
	put_int(o, "accept", conf->accept != 0);
	put_bool(o, "nopreempt", conf->nopreempt);
	put_int(o, "preempt_delay", conf->preempt_delay_us / USEC_PER_SEC);
	put_int(o, "state", state_number(inst->fsm.state));
	put_int(o, "wantstate", wanted_number(inst));
	put_int(o, "version", conf->version);
	put_bool(o, "smtp_alert", wants_mail(inst));
	put_bool(o, "notify_deleted", conf->notify.deleted_said);
	put_scripts(o, &conf->notify);
	put_addresses(o, "vips", inst, &conf->addresses);
	put_addresses(o, "evips", inst, &conf->excluded);
	put_routes(o, conf);
	put_tracked(o, "track_ifp", inst, VRRP_TRACK_INTERFACE);
	put_tracked(o, "track_script", inst, VRRP_TRACK_SCRIPT);
	put_tracked(o, "track_process", inst, VRRP_TRACK_PROCESS);
	put_auth(o, conf);
	return o;
}

static struct json_object *stats_json(const struct vrrp_instance *inst)
{
	const struct vrrp_fsm_counters *c = &inst->fsm.counters;
	struct json_object *o = json_object_new_object();
	const uint64_t *drops = inst->drops;
	const struct {
		const char *key;
		uint64_t value;
	} counters[] = {
		{ "advert_rcvd", inst->received },
		{ "advert_sent", inst->sent },
		{ "become_master", c->became_active },
		{ "release_master", c->released_active },
		{ "packet_len_err",
			drops[VRRP_RX_TOO_SHORT] + drops[VRRP_RX_LENGTH] },
		{ "advert_interval_err", drops[VRRP_RX_INTERVAL] },
		{ "ip_ttl_err", drops[VRRP_RX_TTL] },
		{ "invalid_type_rcvd", drops[VRRP_RX_TYPE] },
		{ "addr_list_err", drops[VRRP_RX_ADDRESSES] },
		{ "invalid_authtype", 0 },
		{ "authtype_mismatch", drops[VRRP_RX_AUTH_TYPE] },
		{ "auth_failure", inst->hmac ? 0 : drops[VRRP_RX_AUTH_DATA] },
		{ "auth_ext_missing", drops[VRRP_RX_AUTH_MISSING] },
		{ "auth_ext_malformed", drops[VRRP_RX_AUTH_MALFORMED] },
		{ "auth_ext_unknown_key", drops[VRRP_RX_AUTH_KEY] },
		{ "auth_ext_invalid_hmac",
			inst->hmac ? drops[VRRP_RX_AUTH_DATA] : 0 },
		{ "auth_ext_stale", drops[VRRP_RX_AUTH_STALE] },
		{ "auth_ext_replay", drops[VRRP_RX_REPLAY] },
		{ "pri_zero_rcvd", c->prio_zero_received },
		{ "pri_zero_sent", c->prio_zero_sent },
	};
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		put_int(o, counters[i].key, (int64_t)counters[i].value);
	return o;
}

/* --- tracked processes --- */

/* keepalived's words, "" when the parameters do not matter. */
static const char *match_name(enum process_match match)
{
	switch (match) {
	case PROCESS_MATCH_EXACT:
		return "exact";
	case PROCESS_MATCH_PARTIAL:
		return "partial";
	case PROCESS_MATCH_INITIAL:
		return "initial";
	case PROCESS_MATCH_NONE:
		break;
	}
	return "";
}

static void put_parameters(
	struct json_object *o, const struct process_rule *rule)
{
	size_t len = rule->params ? rule->params_len : 0;
	char *text = x_calloc(1, len + 1);
	size_t i;

	/* Each has its NUL. */
	for (i = 0; i < len; i++)
		text[i] = rule->params[i] ? rule->params[i]
			  : i + 1 < len	  ? ' '
					  : '\0';
	put_text(o, "parameters", text);
	x_free(text);
}

static void add_process(const struct vrrp_process_view *view, void *user_data)
{
	const struct vrrp_process_conf *conf = view->conf;
	struct json_object *o = json_object_new_object();

	put_text(o, "process", conf->rule.name);
	put_parameters(o, &conf->rule);
	put_text(o, "param_match", match_name(conf->rule.match));
	put_int(o, "min_processes", conf->quorum.quorum);
	put_int(o, "max_processes", conf->quorum.quorum_max);
	put_int(o, "current_processes", view->n);
	put_bool(o, "have_quorum", view->up);
	put_int(o, "weight", conf->weight);
	put_seconds(o, "terminate_delay", conf->quorum.terminate_delay_us);
	put_seconds(o, "fork_delay", conf->quorum.fork_delay_us);
	put_bool(o, "full_command", conf->rule.full_command);
	json_object_array_add(user_data, o);
}

/* --- all --- */

static void clear_counters(struct vrrp_instance *inst)
{
	inst->sent = 0;
	inst->received = 0;
	inst->send_errors = 0;
	memset(inst->drops, 0, sizeof(inst->drops));
	inst->fsm.counters = (struct vrrp_fsm_counters){ .became_active = 0 };
}

struct json_object *vrrp_dump_json(struct vrrp_role *role, bool clear)
{
	struct json_object *dump = json_object_new_object();
	struct json_object *processes = json_object_new_array();
	struct json_object *list = json_object_new_array();

	vrrp_for_each_instance(role, inst)
	{
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "data", data_json(inst));
		json_object_object_add(o, "stats", stats_json(inst));
		json_object_array_add(list, o);
		if (clear)
			clear_counters(inst);
	}
	json_object_object_add(dump, "vrrp", list);
	vrrp_processes_each(role->processes, add_process, processes);
	json_object_object_add(dump, "track_process", processes);
	return dump;
}

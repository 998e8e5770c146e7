/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <time.h>

#include "daemon/dump.h"

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) ? value : NULL;
}

static int64_t number(struct json_object *o, const char *key)
{
	return json_object_get_int64(member(o, key));
}

static const char *text(struct json_object *o, const char *key)
{
	const char *value = json_object_get_string(member(o, key));

	return value ? value : "";
}

/* --- the state --- */

static const char *state_name(int64_t state)
{
	static const char *const names[] = { "INIT", "BACKUP", "MASTER",
		"FAULT" };

	return state >= 0 && state < 4 ? names[state] : "unknown";
}

static const char *switch_name(int64_t on)
{
	return on ? "enabled" : "disabled";
}

static void print_list(
	FILE *out, struct json_object *data, const char *key, const char *title)
{
	struct json_object *list = member(data, key);
	size_t n = list ? json_object_array_length(list) : 0;
	size_t i;

	if (n > 1)
		fprintf(out, "   %s (%zu):\n", title, n);
	else if (n)
		fprintf(out, "   %s :\n", title);
	for (i = 0; i < n; i++)
		fprintf(out, "     %s\n",
			json_object_get_string(
				json_object_array_get_idx(list, i)));
}

static void print_transition(FILE *out, struct json_object *data)
{
	double since = json_object_get_double(member(data, "last_transition"));
	time_t seconds = (time_t)since;
	char when[64] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", &tm);
	fprintf(out, "   Last transition = %.6f (%s)\n", since, when);
}

static void print_instance(FILE *out, struct json_object *data)
{
	static const struct {
		const char *title;
		const char *key;
	} numbers[] = {
		{ "Gratuitous ARP delay", "garp_delay" },
		{ "Gratuitous ARP repeat", "garp_rep" },
		{ "Gratuitous ARP refresh", "garp_refresh" },
		{ "Gratuitous ARP refresh repeat", "garp_refresh_rep" },
		{ "Gratuitous ARP lower priority delay",
			"garp_lower_prio_delay" },
		{ "Gratuitous ARP lower priority repeat",
			"garp_lower_prio_rep" },
		{ "Virtual Router ID", "vrid" },
		{ "Priority", "base_priority" },
		{ "Effective priority", "effective_priority" },
	};
	size_t i;

	fprintf(out, " VRRP Instance = %s\n", text(data, "iname"));
	fprintf(out, "   VRRP Version = %" PRId64 "\n",
		number(data, "version"));
	fprintf(out, "   State = %s\n", state_name(number(data, "state")));
	fprintf(out, "   Wantstate = %s\n",
		state_name(number(data, "wantstate")));
	print_transition(out, data);
	fprintf(out, "   Interface = %s\n", text(data, "ifp_ifname"));
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		fprintf(out, "   %s = %" PRId64 "\n", numbers[i].title,
			number(data, numbers[i].key));
	fprintf(out, "   Advert interval = %s sec\n", text(data, "adver_int"));
	fprintf(out, "   Accept = %s\n", switch_name(number(data, "accept")));
	fprintf(out, "   Preempt = %s\n",
		switch_name(!number(data, "nopreempt")));
	print_list(out, data, "vips", "Virtual IP");
	print_list(out, data, "evips", "Virtual IP Excluded");
	print_list(out, data, "track_ifp", "Tracked interfaces");
	print_list(out, data, "track_script", "Tracked scripts");
	fprintf(out, "   Using smtp notification = %s\n",
		number(data, "smtp_alert") ? "yes" : "no");
}

static void each_instance(FILE *out, struct json_object *vrrp,
	void (*print)(FILE *out, struct json_object *instance))
{
	size_t n = vrrp ? json_object_array_length(vrrp) : 0;
	size_t i;

	for (i = 0; i < n; i++)
		print(out, json_object_array_get_idx(vrrp, i));
}

static void print_data(FILE *out, struct json_object *instance)
{
	print_instance(out, member(instance, "data"));
}

void dump_print_topology(FILE *out, struct json_object *vrrp)
{
	fputs("------< VRRP Topology >------\n", out);
	each_instance(out, vrrp, print_data);
}

/* --- counters --- */

static void print_counters(FILE *out, struct json_object *instance)
{
	/* Without a key: a heading. */
	static const struct {
		const char *title;
		const char *key;
	} lines[] = {
		{ "  Advertisements:", NULL },
		{ "    Received", "advert_rcvd" },
		{ "    Sent", "advert_sent" },
		{ "  Became master", "become_master" },
		{ "  Released master", "release_master" },
		{ "  Packet Errors:", NULL },
		{ "    Length", "packet_len_err" },
		{ "    TTL", "ip_ttl_err" },
		{ "    Invalid Type", "invalid_type_rcvd" },
		{ "    Advertisement Interval", "advert_interval_err" },
		{ "    Address List", "addr_list_err" },
		{ "  Authentication Errors:", NULL },
		{ "    Invalid Type", "invalid_authtype" },
		{ "    Type Mismatch", "authtype_mismatch" },
		{ "    Failure", "auth_failure" },
		{ "  Priority Zero:", NULL },
		{ "    Received", "pri_zero_rcvd" },
		{ "    Sent", "pri_zero_sent" },
	};
	struct json_object *stats = member(instance, "stats");
	size_t i;

	fprintf(out, "VRRP Instance: %s\n",
		text(member(instance, "data"), "iname"));
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (lines[i].key)
			fprintf(out, "%s: %" PRId64 "\n", lines[i].title,
				number(stats, lines[i].key));
		else
			fprintf(out, "%s\n", lines[i].title);
	}
}

void dump_print_counters(FILE *out, struct json_object *vrrp)
{
	each_instance(out, vrrp, print_counters);
}

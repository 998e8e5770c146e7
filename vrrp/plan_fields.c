/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/plan_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

enum kind {
	FIELD_NUMBER, /* int64_t */
	FIELD_SECONDS, /* int64_t us */
	FIELD_SWITCH, /* int: 0 = off */
	FIELD_FLAG, /* bool */
	FIELD_TEXT, /* const char * */
	FIELD_COMMAND, /* struct conf_script */
	FIELD_ADDRESS, /* struct ip_addr */
};

struct field {
	const char *name; /* NULL ends the list */
	enum kind kind;
	size_t offset;
};

#define END { NULL, FIELD_FLAG, 0 }

#define I(name, kind, field)                                                  \
	{ name, FIELD_##kind, offsetof(struct vrrp_instance_conf, field) }

static const struct field instance_fields[] = {
	I("unicast_ttl", NUMBER, unicast_ttl),
	I("unicast_fault_no_peer", FLAG, unicast_fault_no_peer),
	I("check_unicast_src", SWITCH, check_unicast_src),
	I("check_mcast_src", SWITCH, check_mcast_src),
	I("lower_prio_no_advert", SWITCH, lower_prio_no_advert),
	I("higher_prio_send_advert", SWITCH, higher_prio_send_advert),
	I("owner_ignore_adverts", SWITCH, owner_ignore_adverts),
	I("skip_check_adv_addr", SWITCH, skip_check_adv_addr),
	I("strict_mode", SWITCH, strict),
	I("v3_checksum_as_v2", SWITCH, v3_checksum_as_v2),
	I("old_unicast_checksum", SWITCH, old_unicast_checksum),
	I("dont_track_primary", FLAG, dont_track_primary),
	I("track_src_ip", FLAG, track_src_ip),
	I("garp_lower_prio_delay", SECONDS, garp_lower_prio_delay_us),
	I("garp_lower_prio_repeat", NUMBER, garp_lower_prio_repeat),
	I("notify_priority_changes", SWITCH, notify_priority_changes),
	I("notify_deleted", COMMAND, notify.deleted),
	I("notify_master_rx_lower_pri", COMMAND, notify.master_rx_lower_pri),
	END,
};

#define N(name, kind, type, field)                                            \
	{ name, FIELD_##kind, offsetof(struct type, field) }
#define NOTIFY(type)                                                          \
	N("notify_master", COMMAND, type, notify.master),                     \
	N("notify_backup", COMMAND, type, notify.backup),                     \
	N("notify_fault", COMMAND, type, notify.fault),                       \
	N("notify_stop", COMMAND, type, notify.stop),                         \
	N("notify", COMMAND, type, notify.any)

static const struct field group_fields[] = {
	NOTIFY(vrrp_group_conf),
	N("notify_priority_changes", SWITCH, vrrp_group_conf,
		notify_priority_changes),
	N("global_tracking", FLAG, vrrp_group_conf, global_tracking),
	N("sync_group_tracking_weight", FLAG, vrrp_group_conf, tracking_weight),
	END,
};

static const struct field script_fields[] = {
	N("script", COMMAND, vrrp_script_conf, script),
	N("interval", SECONDS, vrrp_script_conf, interval_us),
	N("timeout", SECONDS, vrrp_script_conf, timeout_us),
	N("weight", NUMBER, vrrp_script_conf, weight),
	N("reverse", FLAG, vrrp_script_conf, reverse),
	N("rise", NUMBER, vrrp_script_conf, rise),
	N("fall", NUMBER, vrrp_script_conf, fall),
	N("init_fail", FLAG, vrrp_script_conf, init_fail),
	END,
};

static const struct field file_fields[] = {
	N("file", TEXT, vrrp_file_conf, path),
	N("weight", NUMBER, vrrp_file_conf, weight),
	N("reverse", FLAG, vrrp_file_conf, reverse),
	N("init_file", FLAG, vrrp_file_conf, init),
	N("init_file value", NUMBER, vrrp_file_conf, init_value),
	N("init_file overwrite", FLAG, vrrp_file_conf, overwrite),
	END,
};

/* Those that no instance inherits. */
static const struct field global_fields[] = {
	N("vrrp_garp_interval", SECONDS, vrrp_globals_conf, garp_interval_us),
	N("vrrp_gna_interval", SECONDS, vrrp_globals_conf, gna_interval_us),
	N("default_interface", TEXT, vrrp_globals_conf, default_interface),
	N("dynamic_interfaces", SWITCH, vrrp_globals_conf, dynamic_interfaces),
	N("vrrp_startup_delay", SECONDS, vrrp_globals_conf, startup_delay_us),
	N("vrrp_delay_after_boot", SECONDS, vrrp_globals_conf,
		delay_after_boot_us),
	N("log_unknown_vrids", FLAG, vrrp_globals_conf, log_unknown_vrids),
	N("disable_local_igmp", FLAG, vrrp_globals_conf, disable_local_igmp),
	N("nftables", TEXT, vrrp_globals_conf, filter.table),
	N("nftables_priority", NUMBER, vrrp_globals_conf, filter.priority),
	N("nftables_counters", FLAG, vrrp_globals_conf, filter.counters),
	N("nftables_ifindex", FLAG, vrrp_globals_conf, filter.by_index),
	END,
};

/* --- comparison --- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static const char *or_none(const char *text)
{
	return text ? text : "none";
}

static char *diff_number(const char *name, const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x == *y ? NULL
			: x_asprintf("%s %" PRId64 " -> %" PRId64, name, *x,
				  *y);
}

static char *diff_seconds(const char *name, const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x == *y ? NULL
			: x_asprintf("%s %g -> %g s", name, (double)*x / 1e6,
				  (double)*y / 1e6);
}

static char *diff_flag(const char *name, bool a, bool b)
{
	return a == b ? NULL
		      : x_asprintf("%s %s", name, b ? "set" : "no longer set");
}

static char *diff_text(const char *name, const char *a, const char *b)
{
	return same_text(a, b) ? NULL
			       : x_asprintf("%s %s -> %s", name, or_none(a),
					 or_none(b));
}

static char *diff_address(const char *name, const void *a, const void *b)
{
	char x[IP_ADDR_STRLEN], y[IP_ADDR_STRLEN];

	return ip_addr_compare(a, b) == 0
		       ? NULL
		       : x_asprintf("%s %s -> %s", name, ip_addr_format(a, x),
				 ip_addr_format(b, y));
}

/* What to say of one field of the structs A and B, or NULL. */
static char *diff_field(const struct field *field, const void *a, const void *b)
{
	const void *x = (const char *)a + field->offset;
	const void *y = (const char *)b + field->offset;
	const char *name = field->name;

	switch (field->kind) {
	case FIELD_NUMBER:
		return diff_number(name, x, y);
	case FIELD_SECONDS:
		return diff_seconds(name, x, y);
	case FIELD_SWITCH:
		return diff_flag(
			name, *(const int *)x != 0, *(const int *)y != 0);
	case FIELD_FLAG:
		return diff_flag(name, *(const bool *)x, *(const bool *)y);
	case FIELD_TEXT:
		return diff_text(name, *(const char *const *)x,
			*(const char *const *)y);
	case FIELD_COMMAND:
		return diff_text(name, ((const struct conf_script *)x)->command,
			((const struct conf_script *)y)->command);
	case FIELD_ADDRESS:
		return diff_address(name, x, y);
	}
	return NULL;
}

static void diff_all(const struct field *fields, const void *a, const void *b,
	vrrp_plan_part_fn *part, void *user_data)
{
	for (; fields->name; fields++) {
		char *text = diff_field(fields, a, b);

		if (text)
			part(user_data, text);
	}
}

void vrrp_plan_instance_fields(const struct vrrp_instance_conf *before,
	const struct vrrp_instance_conf *after, vrrp_plan_part_fn *part,
	void *user_data)
{
	diff_all(instance_fields, before, after, part, user_data);
}

void vrrp_plan_group_fields(const struct vrrp_group_conf *before,
	const struct vrrp_group_conf *after, vrrp_plan_part_fn *part,
	void *user_data)
{
	diff_all(group_fields, before, after, part, user_data);
}

void vrrp_plan_script_fields(const struct vrrp_script_conf *before,
	const struct vrrp_script_conf *after, vrrp_plan_part_fn *part,
	void *user_data)
{
	diff_all(script_fields, before, after, part, user_data);
}

void vrrp_plan_file_fields(const struct vrrp_file_conf *before,
	const struct vrrp_file_conf *after, vrrp_plan_part_fn *part,
	void *user_data)
{
	diff_all(file_fields, before, after, part, user_data);
}

void vrrp_plan_global_fields(const struct vrrp_globals_conf *before,
	const struct vrrp_globals_conf *after, vrrp_plan_part_fn *part,
	void *user_data)
{
	diff_all(global_fields, before, after, part, user_data);
}

/* --- addresses --- */

static const char *broadcast_text(
	const struct vrrp_address_conf *addr, char buf[static IP_ADDR_STRLEN])
{
	if (addr->broadcast_auto)
		return "+";
	if (addr->broadcast_zero)
		return "-";
	return ip_addr_is_set(&addr->broadcast)
		       ? ip_addr_format(&addr->broadcast, buf)
		       : "";
}

static char *append(char *text, const char *word, const char *value)
{
	char *longer = x_asprintf("%s %s%s%s", text, word, *value ? " " : "",
		value);

	x_free(text);
	return longer;
}

char *vrrp_plan_address_text(const struct vrrp_address_conf *addr)
{
	const struct {
		const char *word;
		bool set;
	} flags[] = {
		{ "use_vmac", addr->use_vmac }, { "home", addr->home },
		{ "-nodad", addr->nodad }, { "mngtmpaddr", addr->mngtmpaddr },
		{ "noprefixroute", addr->noprefixroute },
		{ "autojoin", addr->autojoin }, { "no_track", addr->no_track },
	};
	char buf[IP_ADDR_STRLEN], number[16];
	char *text = x_asprintf("%s/%u", ip_addr_format(&addr->addr, buf),
		(unsigned int)addr->prefix_len);
	const char *broadcast = broadcast_text(addr, buf);

	if (addr->dev)
		text = append(text, "dev", addr->dev);
	if (*broadcast)
		text = append(text, "brd", broadcast);
	if (ip_addr_is_set(&addr->peer))
		text = append(text, "peer", ip_addr_format(&addr->peer, buf));
	if (addr->label)
		text = append(text, "label", addr->label);
	if (addr->scope >= 0) {
		snprintf(number, sizeof(number), "%d", addr->scope);
		text = append(text, "scope", number);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].set)
			text = append(text, flags[i].word, "");
	if (addr->has_preferred_lft) {
		snprintf(number, sizeof(number), "%u",
			(unsigned int)addr->preferred_lft_s);
		text = append(text, "preferred_lft",
			addr->preferred_lft_s == UINT32_MAX ? "forever"
							    : number);
	}
	return text;
}

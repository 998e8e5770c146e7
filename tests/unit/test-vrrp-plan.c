/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plan says of two configurations: everything that differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "config/language.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/plan.h"
#include "vrrp/vrrp_conf_internal.h"

static const struct conf_block *const views[] = { &vrrp_conf_root, NULL };

struct loaded {
	struct conf_tree *tree;
	struct arena *arena;
	const struct vrrp_conf *conf;
};

static struct loaded load(const char *text)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = true };
	struct diag_list *diags = diag_list_new();
	struct loaded l = { .arena = arena_new() };
	struct conf_bind ctx = { .arena = l.arena, .lenient = true };

	l.tree = conf_load_text(
		&language, "t.conf", text, strlen(text), &options, diags);
	if (!l.tree || diag_count_severity(diags, DIAG_ERROR))
		diag_print(diags, stderr);
	assert_non_null(l.tree);
	assert_int_equal(diag_count_severity(diags, DIAG_ERROR), 0);
	ctx.tree = l.tree;
	l.conf = conf_bind_root(&ctx, &vrrp_conf_root);
	diag_list_free(diags);
	return l;
}

static void unload(struct loaded *l)
{
	conf_tree_free(l->tree);
	arena_free(l->arena);
}

/* "edit vrrp_instance A: DETAIL; ..." for x_free(). */
static char *plan(const char *before, const char *after)
{
	struct loaded a = load(before), b = load(after);
	struct json_object *lines = json_object_new_array();
	char *text = x_strdup("");

	vrrp_plan(a.conf, b.conf, lines);
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		struct json_object *line = json_object_array_get_idx(lines, i);
		char *longer = x_asprintf("%s%s%s %s: %s", text, i ? "; " : "",
			json_object_get_string(
				json_object_object_get(line, "action")),
			json_object_get_string(
				json_object_object_get(line, "subject")),
			json_object_get_string(
				json_object_object_get(line, "detail")));

		x_free(text);
		text = longer;
	}
	json_object_put(lines);
	unload(&a);
	unload(&b);
	return text;
}

static void assert_plan(
	const char *before, const char *after, const char *expected)
{
	char *text = plan(before, after);

	assert_string_equal(text, expected);
	x_free(text);
}

#define HEAD                                                                  \
	"vrrp_script s {\nscript \"/bin/true\"\n}\n"                          \
	"track_file f {\nfile /tmp/f\n}\n"                                    \
	"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"
#define TAIL                                                                  \
	"virtual_ipaddress {\n10.0.0.1\n}\n}\n"

/* --- every word of vrrp_instance --- */

/* Words, and a use of them that is not the default.  NULL: nothing that
 * runs depends on it, so nothing is said. */
static const struct {
	const char *keyword;
	const char *lines;
	const char *said;
} words[] = {
	{ "state", "state MASTER\npriority 7", "priority 100 -> 7" },
	{ "interface", "interface eth1", "interface eth0 -> eth1" },
	{ "virtual_router_id", "virtual_router_id 2",
		"virtual_router_id 1 -> 2" },
	{ "priority", "priority 7", "priority 100 -> 7" },
	{ "version", "version 3", "version 2 -> 3" },
	{ "advert_int", "advert_int 2", "advert_int 1 -> 2 s" },
	{ "virtual_ipaddress", "virtual_ipaddress {\n10.0.0.2\n}",
		"address +10.0.0.2/32" },
	{ "virtual_ipaddress_excluded",
		"virtual_ipaddress_excluded {\n10.0.0.2\n}",
		"excluded address +10.0.0.2/32" },
	{ "no_virtual_ipaddress", "no_virtual_ipaddress", NULL },
	{ "authentication",
		"authentication {\nauth_type AH\nauth_pass x\n}",
		"auth_type none -> AH" },
	{ "auth_hmac",
		"auth_hmac {\nkey 1 0123456789abcdef0123456789abcdef\n"
		"active_key 1\n}",
		"auth_hmac set" },
	{ "unicast_src_ip", "unicast_src_ip 10.0.0.9", "source" },
	{ "mcast_src_ip", "mcast_src_ip 10.0.0.9", "source" },
	{ "mcast_dst_ip", "mcast_dst_ip 224.0.0.42",
		"group 224.0.0.18 -> 224.0.0.42" },
	{ "unicast_peer", "unicast_peer {\n10.0.0.8\n}", "peer +10.0.0.8" },
	{ "unicast_ttl", "unicast_ttl 7", "unicast_ttl 255 -> 7" },
	{ "unicast_fault_no_peer", "unicast_fault_no_peer",
		"unicast_fault_no_peer set" },
	{ "check_unicast_src", "check_unicast_src", "check_unicast_src set" },
	{ "check_mcast_src", "check_mcast_src off", "check_mcast_src" },
	{ "old_unicast_checksum",
		"old_unicast_checksum\nversion 3\nunicast_peer {\n10.0.0.8\n}",
		"old_unicast_checksum" },
	{ "nopreempt", "nopreempt", "nopreempt set" },
	{ "preempt", "preempt", NULL },
	{ "preempt_delay", "preempt_delay 3", "preempt_delay 0 -> 3 s" },
	{ "track_interface", "track_interface {\neth1 weight 3\n}",
		"track +interface eth1 weight 3" },
	{ "track_script", "track_script {\ns\n}", "track +script s" },
	{ "track_file", "track_file {\nf weight 1\n}", "track +file f" },
	{ "track_src_ip", "track_src_ip", "track_src_ip set" },
	{ "dont_track_primary", "dont_track_primary",
		"dont_track_primary set" },
	{ "notify_deleted", "notify_deleted \"/bin/true d\"",
		"notify_deleted none -> /bin/true d" },
	{ "notify_master", "notify_master \"/bin/true m\"",
		"notify_master none -> /bin/true m" },
	{ "notify_backup", "notify_backup \"/bin/true b\"",
		"notify_backup none" },
	{ "notify_fault", "notify_fault \"/bin/true f\"", "notify_fault none" },
	{ "notify_stop", "notify_stop \"/bin/true s\"", "notify_stop none" },
	{ "notify", "notify \"/bin/true n\"", "notify none -> /bin/true n" },
	{ "notify_master_rx_lower_pri",
		"notify_master_rx_lower_pri \"/bin/true l\"",
		"notify_master_rx_lower_pri none" },
	{ "notify_priority_changes", "notify_priority_changes on",
		"notify_priority_changes set" },
	{ "garp_master_delay", "garp_master_delay 9",
		"garp_master_delay 5 -> 9 s" },
	{ "garp_master_repeat", "garp_master_repeat 9",
		"garp_master_repeat 5 -> 9" },
	{ "garp_master_refresh", "garp_master_refresh 9",
		"garp_master_refresh 0 -> 9 s" },
	{ "garp_master_refresh_repeat", "garp_master_refresh_repeat 9",
		"garp_master_refresh_repeat 1 -> 9" },
	{ "garp_lower_prio_delay", "garp_lower_prio_delay 9",
		"garp_lower_prio_delay 5 -> 9 s" },
	{ "garp_lower_prio_repeat", "garp_lower_prio_repeat 9",
		"garp_lower_prio_repeat 5 -> 9" },
	{ "accept", "accept", NULL },
	{ "no_accept", "no_accept", "no_accept set" },
	{ "native_ipv6", "native_ipv6", NULL },
	{ "promote_secondaries", "promote_secondaries",
		"promote_secondaries set" },
	{ "garp_extra_if", "garp_extra_if 9", "garp_extra_if" },
	{ "skip_check_adv_addr", "skip_check_adv_addr",
		"skip_check_adv_addr set" },
	{ "strict_mode", "strict_mode", "strict_mode set" },
	{ "lower_prio_no_advert", "lower_prio_no_advert",
		"lower_prio_no_advert set" },
	{ "higher_prio_send_advert", "higher_prio_send_advert",
		"higher_prio_send_advert set" },
	{ "owner_ignore_adverts", "owner_ignore_adverts",
		"owner_ignore_adverts set" },
	{ "v3_checksum_as_v2", "v3_checksum_as_v2", "v3_checksum_as_v2 set" },
	{ "down_timer_adverts", "down_timer_adverts 9",
		"down_timer_adverts 3 -> 9" },
	{ "use_vmac", "use_vmac", "use_vmac set" },
	{ "use_vmac_addr", "use_vmac_addr", "use_vmac_addr set" },
	{ "use_ipvlan", "use_ipvlan vrrp.1 10.0.0.5/24", "use_ipvlan set" },
	/* Of use_vmac, and said as a change of it. */
	{ "vmac_xmit_base", "use_vmac\nvmac_xmit_base", "use_vmac set" },
};

#define N_WORDS (sizeof(words) / sizeof(words[0]))

static void test_every_word_of_an_instance_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WORDS; i++) {
		char *after = x_asprintf(
			"%s%s\n%s", HEAD, words[i].lines, TAIL);
		char *text = plan(HEAD TAIL, after);

		if (words[i].said ? !strstr(text, words[i].said) : *text)
			fail_msg("%s: '%s'", words[i].keyword, text);
		x_free(after);
		/* And not when it is the same in both. */
		x_free(text);
	}
}

static bool is_tested(const char *keyword)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (!strcmp(words[i].keyword, keyword))
			return true;
	return false;
}

/* Whoever adds a word says here what a plan says of it. */
static void test_no_word_is_forgotten(void **state)
{
	static const char *const elsewhere[] = { "smtp_alert", "track_process",
		"track_bfd", "virtual_routes", "virtual_rules",
		"vmac_garp_intvl", "vrf", "debug",
		"timer_expired_backup", "thread_timer_expired", NULL };
	const struct conf_keyword *k;

	(void)state;
	for (k = vrrp_conf_instance.keywords; k->name; k++) {
		bool known = is_tested(k->name) ||
			     k->flags & (CONF_NOT_BUILT | CONF_IGNORED |
						CONF_DEPRECATED | CONF_FOREIGN |
						CONF_SHARED);

		for (size_t i = 0; elsewhere[i]; i++)
			known = known || !strcmp(elsewhere[i], k->name);
		if (!known)
			fail_msg("what does a plan say of %s?", k->name);
	}
}

/* --- the rest --- */

static void test_the_same_is_no_change(void **state)
{
	(void)state;
	assert_plan(HEAD TAIL, HEAD TAIL, "");
	/* Lines moved, comments. */
	assert_plan(HEAD TAIL, "# a\n\n" HEAD "# b\n" TAIL, "");
}

static void test_attributes_of_an_address_are_told(void **state)
{
#define WITH(address)                                                         \
	"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"            \
	"virtual_ipaddress {\n" address "\n}\n}\n"
	(void)state;
	assert_plan(WITH("10.0.0.1"), WITH("10.0.0.1 label eth0:1"),
		"edit vrrp_instance A: address +10.0.0.1/32 label eth0:1, "
		"address -10.0.0.1/32");
	assert_plan(WITH("10.0.0.1/24 brd +"), WITH("10.0.0.1/24 brd -"),
		"edit vrrp_instance A: address +10.0.0.1/24 brd -, "
		"address -10.0.0.1/24 brd +");
	assert_plan(WITH("10.0.0.1 no_track"), WITH("10.0.0.1 -nodad"),
		"edit vrrp_instance A: address +10.0.0.1/32 -nodad, "
		"address -10.0.0.1/32 no_track");
#undef WITH
}

static void test_limits_of_a_peer_are_told(void **state)
{
	(void)state;
	assert_plan(HEAD "unicast_peer {\n10.0.0.8\n}\ncheck_unicast_src\n" TAIL,
		HEAD "unicast_peer {\n10.0.0.8 min_ttl 250\n}\n"
		     "check_unicast_src\n" TAIL,
		"edit vrrp_instance A: peer +10.0.0.8 min_ttl 250 max_ttl 255, "
		"peer -10.0.0.8");
}

static void test_groups_scripts_files_and_globals_are_told(void **state)
{
#define GROUP(lines) "vrrp_sync_group G {\ngroup {\nA\n}\n" lines "}\n"
#define SCRIPT(lines) "vrrp_script t {\nscript \"/bin/true\"\n" lines "}\n"
#define FILE_(lines) "track_file g {\nfile /tmp/g\n" lines "}\n"
	(void)state;
	assert_plan(HEAD TAIL GROUP(""),
		HEAD TAIL GROUP("notify_master \"/bin/true m\"\n"),
		"edit vrrp_sync_group G: notify_master none -> /bin/true m");
	assert_plan(HEAD TAIL, HEAD TAIL GROUP(""),
		"edit vrrp_instance A: sync group none -> G; "
		"add vrrp_sync_group G: ");
	assert_plan(SCRIPT("interval 1\n"), SCRIPT("interval 2\nrise 3\n"),
		"edit vrrp_script t: interval 1 -> 2 s, timeout 1 -> 2 s, "
		"rise 1 -> 3");
	assert_plan(SCRIPT(""), FILE_(""),
		"remove vrrp_script t: ; add track_file g: ");
	assert_plan(FILE_(""), FILE_("weight 5\n"),
		"edit track_file g: weight 1 -> 5");
	assert_plan(HEAD TAIL,
		"global_defs {\nvrrp_garp_interval 0.5\nlog_unknown_vrids\n}\n"
		HEAD TAIL,
		"edit global_defs: vrrp_garp_interval 0 -> 0.5 s, "
		"log_unknown_vrids set");
#undef GROUP
#undef SCRIPT
#undef FILE_
}

/* Each of them once copied all that was said before. */
static void test_many_changes_take_no_time(void **state)
{
	enum { N = 100000 };
	char *text = x_calloc(N + 16, 24), *end = text;
	int64_t began;
	char *said;
	int i;

	(void)state;
	end += sprintf(end, "vrrp_instance A {\ninterface eth0\n"
			    "virtual_router_id 1\n"
			    "virtual_ipaddress_excluded {\n");
	for (i = 0; i < N; i++)
		end += sprintf(end, "10.%d.%d.%d\n", 1 + i / 65536,
			i / 256 % 256, i % 256);
	sprintf(end, "}\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n");
	began = time_monotonic_us();
	said = plan("vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"
		    "virtual_ipaddress {\n10.0.0.1\n}\n}\n",
		text);
	assert_true(strlen(said) > N * 20);
	/* Far above what it takes, far below what N times N copies take. */
	assert_true(time_monotonic_us() - began < 10 * USEC_PER_SEC);
	x_free(said);
	x_free(text);
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(test_every_word_of_an_instance_is_told),
		T(test_no_word_is_forgotten),
		T(test_the_same_is_no_change),
		T(test_attributes_of_an_address_are_told),
		T(test_limits_of_a_peer_are_told),
		T(test_groups_scripts_files_and_globals_are_told),
		T(test_many_changes_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

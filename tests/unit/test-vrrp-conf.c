/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/language.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/vrrp_conf.h"

#define MS USEC_PER_MSEC
#define SECOND USEC_PER_SEC

static const struct conf_block *const views[] = { &vrrp_conf_root, NULL };

static struct conf_tree *tree;
static struct arena *arena;
static struct diag_list *diags;
static const struct vrrp_conf *conf;

static void unload(void)
{
	conf_tree_free(tree);
	arena_free(arena);
	if (diags)
		diag_list_free(diags);
	tree = NULL;
	arena = NULL;
	diags = NULL;
}

static int teardown(void **state)
{
	(void)state;
	unload();
	return 0;
}

static void load(const char *text)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = true };
	struct conf_bind ctx;

	unload();
	arena = arena_new();
	diags = diag_list_new();
	tree = conf_load_text(
		&language, "t.conf", text, strlen(text), &options, diags);
	assert_non_null(tree);
	ctx = (struct conf_bind){ .tree = tree, .arena = arena,
		.lenient = true };
	conf = conf_bind_root(&ctx, &vrrp_conf_root);
}

/* "error 3 duplicate; warning 7 conflict", in the order of lines. */
static const char *told(void)
{
	static char text[1024];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < diag_count(diags); i++) {
		const struct diag *diag = diag_get(diags, i);

		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"%s%s %u %s", i ? "; " : "",
			diag->severity == DIAG_FATAL ?
				"fatal" : diag_severity_name(diag->severity),
			diag->place.line,
			diag_code_name(diag->code));
		assert_true(used < sizeof(text));
	}
	return text;
}

static void expect(const char *text, const char *diagnostics)
{
	load(text);
	if (strcmp(told(), diagnostics) != 0)
		diag_print(diags, stderr);
	assert_string_equal(told(), diagnostics);
}

static const struct vrrp_instance_conf *instance(size_t i)
{
	assert_true(i < conf->instances.n);
	return conf->instances.items[i];
}

/* An instance on eth0 with LINES in it. */
#define INSTANCE(name, vrid, lines)                                           \
	"vrrp_instance " name " {\n"                                          \
	"interface eth0\nvirtual_router_id " vrid "\n"                        \
	"virtual_ipaddress {\n10.0.0." vrid "\n}\n" lines "}\n"
/* The line of the first of LINES, in the first instance. */
#define FIRST_LINE "7"

static void test_delays_of_links_end_before_a_backup_takes_over(void **state)
{
	(void)state;
	expect("interface_up_down_delays {\neth0 0.5 3\neth1 9\neth0 1\n}\n"
		INSTANCE("A", "51", ""),
		"warning 4 duplicate");
	assert_int_equal(conf->delays.n, 2);
	assert_int_equal(((const struct vrrp_delay_conf *)
				 conf->delays.items[0])->up_us, 3 * SECOND);
	assert_int_equal(((const struct vrrp_delay_conf *)
				 conf->delays.items[1])->up_us, 9 * SECOND);
	expect("interface_up_down_delays {\neth0 2\n}\n"
		INSTANCE("A", "51", ""),
		"warning 2 value-range");
	assert_int_equal(((const struct vrrp_delay_conf *)
				 conf->delays.items[0])->down_us,
		1900 * MS);
	expect("interface_up_down_delays {\neth0 256\neth1\n}\n",
		"error 2 value-range; error 3 missing-argument");
}

static void test_unicast_without_a_peer(void **state)
{
	(void)state;
	expect(INSTANCE("A", "51", "unicast_src_ip 10.0.0.1\n"),
		"warning " FIRST_LINE " missing-keyword");
	assert_false(instance(0)->unicast);
	expect(INSTANCE("A", "51", "unicast_fault_no_peer\n"),
		"warning " FIRST_LINE " missing-keyword");
	assert_true(instance(0)->unicast);
	expect(INSTANCE("A", "51", "old_unicast_checksum\n"),
		"warning " FIRST_LINE " missing-keyword");
	assert_int_equal(instance(0)->old_unicast_checksum,
		VRRP_OLD_CHECKSUM_ALWAYS);
	expect(INSTANCE("A", "51", "old_unicast_checksum never\n"),
		"warning " FIRST_LINE " missing-keyword");
	assert_int_equal(instance(0)->old_unicast_checksum,
		VRRP_OLD_CHECKSUM_NEVER);
}

static void test_defaults(void **state)
{
	const struct vrrp_instance_conf *inst;
	struct ip_addr group = { .family = AF_UNSPEC };

	(void)state;
	expect(INSTANCE("A", "51", ""), "");
	inst = instance(0);
	assert_string_equal(inst->name, "A");
	assert_string_equal(inst->interface, "eth0");
	assert_int_equal(inst->vrid, 51);
	assert_int_equal(inst->version, 2);
	assert_int_equal(inst->family, AF_INET);
	assert_int_equal(inst->fsm.priority, 100);
	assert_int_equal(inst->fsm.advert_int_us, SECOND);
	assert_true(inst->fsm.preempt);
	assert_int_equal(inst->fsm.down_timer_adverts, 3);
	assert_int_equal(inst->fsm.garp.delay_us, 5 * SECOND);
	assert_int_equal(inst->fsm.garp.repeat, 5);
	assert_int_equal(inst->fsm.garp.refresh_us, 0);
	assert_int_equal(inst->fsm.garp.lower_prio_delay_us, 5 * SECOND);
	assert_int_equal(inst->fsm.garp.lower_prio_repeat, 5);
	assert_false(inst->unicast);
	ip_addr_parse("224.0.0.18", &group);
	assert_int_equal(ip_addr_compare(&inst->mcast_group, &group), 0);
	assert_int_equal(inst->n_advertised, 1);
}

static void test_globals_are_inherited_wherever_they_stand(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "garp_master_repeat 9\nstrict_mode off\n"
				  "advert_int 0.25\n")
		"global_defs {\nvrrp_version 3\nvrrp_garp_master_repeat 2\n"
		"vrrp_garp_master_delay 7\nvrrp_strict\n"
		"vrrp_down_timer_adverts 4\n"
		"vrrp_higher_prio_send_advert true\n"
		"vrrp_mcast_group4 224.0.0.99\nvrrp_startup_delay 1.5\n}\n"
		INSTANCE("B", "2", ""), "");
	assert_int_equal(instance(0)->version, 3);
	assert_int_equal(instance(0)->fsm.advert_int_us, 250 * MS);
	assert_int_equal(instance(0)->fsm.garp.repeat, 9);
	/* As keepalived: the global value, whatever the instance says. */
	assert_int_equal(instance(0)->fsm.garp.lower_prio_repeat, 2);
	assert_int_equal(instance(0)->fsm.garp.delay_us, 7 * SECOND);
	assert_int_equal(instance(0)->strict, 0);
	assert_int_equal(instance(0)->fsm.down_timer_adverts, 4);
	assert_int_equal(instance(0)->fsm.startup_delay_us, 1500 * MS);
	assert_int_equal(instance(0)->mcast_group.bytes[3], 99);
	assert_int_equal(instance(1)->fsm.garp.repeat, 2);
	assert_true(instance(1)->fsm.owner_ignore_adverts);
	assert_true(instance(0)->fsm.higher_prio_send_advert);
	assert_true(instance(1)->strict);
	assert_false(instance(1)->fsm.higher_prio_send_advert);
	assert_int_equal(instance(1)->fsm.down_timer_adverts, 3);
}

static void test_strict_is_what_keepalived_makes_of_it(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "strict_mode\npriority 90\n"), "");
	assert_false(instance(0)->accept);
	assert_true(instance(0)->fsm.lower_prio_no_advert);
	assert_int_equal(instance(0)->fsm.garp.lower_prio_repeat, 0);
	assert_int_equal(instance(0)->fsm.garp.lower_prio_delay_us, 0);
	expect(INSTANCE("A", "1", "strict_mode\nversion 3\naccept\n"), "");
	assert_true(instance(0)->accept);
	expect(INSTANCE("A", "1", "strict_mode\nversion 3\naccept\nno_accept\n"),
		"");
	assert_false(instance(0)->accept);
	expect(INSTANCE("A", "1", "strict_mode\naccept\n"), "warning 8 ignored");
	assert_false(instance(0)->accept);
	expect(INSTANCE("A", "1", "strict_mode\nstate MASTER\npriority 255\n"), "");
	assert_true(instance(0)->accept);
	/* nopreempt may go with a state that is not what it says. */
	expect(INSTANCE("A", "1", "strict_mode\nstate MASTER\npriority 90\n"
		"nopreempt\n"), "warning 8 ignored");
	assert_false(instance(0)->fsm.preempt);
	expect(INSTANCE("A", "1", "strict_mode\nlower_prio_no_advert off\n"
		"garp_lower_prio_repeat 3\nhigher_prio_send_advert\n"
		"garp_lower_prio_delay 0\ndown_timer_adverts 9\n"),
		"warning 8 ignored; warning 9 ignored; warning 10 ignored; "
		"warning 12 ignored");
	assert_int_equal(instance(0)->fsm.down_timer_adverts, 3);
	assert_false(instance(0)->fsm.higher_prio_send_advert);
}

static void test_an_interval_of_nothing_is_told(void **state)
{
	(void)state;
	expect("global_defs {\nvrrp_garp_interval 0\nvrrp_gna_interval 0.0\n}\n",
		"warning 2 value-range; warning 3 value-range");
	expect("global_defs {\nvrrp_garp_interval 0.001\n}\n", "");
	expect("global_defs {\nvrrp_garp_interval x\n}\n", "error 2 value-type");
}

static void test_min_garp_is_one_announcement(void **state)
{
	(void)state;
	expect("global_defs {\nvrrp_min_garp\n}\n" INSTANCE("A", "1", ""), "");
	assert_int_equal(instance(0)->fsm.garp.repeat, 1);
	assert_int_equal(instance(0)->fsm.garp.delay_us, 0);
}

static void test_ipv6_is_version_3(void **state)
{
#define IPV6(lines)                                                           \
	"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"            \
	"virtual_ipaddress {\nfe80::1\n2001:db8::1/64\n}\n" lines "}\n"
	(void)state;
	expect(IPV6(""), "");
	assert_int_equal(instance(0)->version, 3);
	assert_int_equal(instance(0)->family, AF_INET6);
	assert_int_equal(instance(0)->mcast_group.family, AF_INET6);
	expect(IPV6("version 2\n"), "warning 8 conflict");
	assert_int_equal(instance(0)->version, 2);
	expect(IPV6("version 2\nstrict_mode\n"), "warning 8 conflict");
	assert_int_equal(instance(0)->version, 3);
	expect("global_defs {\nvrrp_version 2\n}\n" IPV6(""), "");
	assert_int_equal(instance(0)->version, 3);
	expect("vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"
	       "virtual_ipaddress {\n2001:db8::1\n}\n}\n",
		"warning 5 value-range");
}

static void test_required_keywords_are_fatal(void **state)
{
	(void)state;
	expect("vrrp_instance A {\ninterface eth0\n"
	       "virtual_ipaddress {\n10.0.0.1\n}\n}\n",
		"fatal 1 missing-keyword");
	expect("vrrp_instance A {\nvirtual_router_id 1\n"
	       "virtual_ipaddress {\n10.0.0.1\n}\n}\n",
		"fatal 1 missing-keyword");
}

static void test_broken_instances_do_not_run(void **state)
{
	(void)state;
	expect("vrrp_instance A {\ninterface eth0\nvirtual_router_id 256\n"
	       "virtual_ipaddress {\n10.0.0.1\n}\n}\n"
	       "vrrp_instance B {\ninterface lo\nvirtual_router_id 1\n"
	       "virtual_ipaddress {\n10.0.0.1\n}\n}\n",
		"error 3 value-range; error 9 value-range");
	assert_int_equal(conf->instances.n, 0);
}

static void test_vrid_is_used_once_on_an_interface(void **state)
{
	const struct diag *diag;

	(void)state;
	expect(INSTANCE("A", "7", "") INSTANCE("B", "7", ""),
		"fatal 10 duplicate");
	diag = diag_get(diags, 0);
	assert_non_null(strstr(diag->message, "'A'"));
	assert_non_null(strstr(diag->message, "t.conf:3"));
	/* Another group, as keepalived has it, but not the usual one. */
	expect(INSTANCE("A", "7", "") INSTANCE("B", "7",
		"mcast_dst_ip 224.0.0.42\n"), "");
	expect(INSTANCE("A", "7", "") INSTANCE("B", "7",
		"mcast_dst_ip 224.0.0.18\n"), "fatal 10 duplicate");
	/* The other family, another interface. */
	expect(INSTANCE("A", "7", "")
		"vrrp_instance B {\ninterface eth0\nvirtual_router_id 7\n"
		"virtual_ipaddress {\nfe80::1\n}\n}\n"
		"vrrp_instance C {\ninterface eth1\nvirtual_router_id 7\n"
		"virtual_ipaddress {\n10.1.0.1\n}\n}\n", "");
}

static void test_advert_int_by_version(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "advert_int 0.5\n"),
		"error " FIRST_LINE " value-range");
	assert_int_equal(instance(0)->fsm.advert_int_us, SECOND);
	expect(INSTANCE("A", "1", "advert_int 0.5\nversion 3\n"), "");
	expect(INSTANCE("A", "1", "advert_int 0.01\nversion 3\n"), "");
	assert_int_equal(instance(0)->fsm.advert_int_us, 10 * MS);
	expect(INSTANCE("A", "1", "advert_int 41\nversion 3\n"),
		"error " FIRST_LINE " value-range");
	expect(INSTANCE("A", "1", "advert_int 255\n"), "");
	expect(INSTANCE("A", "1", "advert_int 256\n"),
		"error " FIRST_LINE " value-range");
	expect(INSTANCE("A", "1", "advert_int 0.001\nversion 3\n"),
		"error " FIRST_LINE " value-range");
}

static void test_master_without_priority_is_the_owner(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "state MASTER\n"),
		"warning 1 missing-keyword");
	assert_int_equal(instance(0)->fsm.priority, 255);
	expect(INSTANCE("A", "1", "state MASTER\npriority 7\n"), "");
	assert_int_equal(instance(0)->fsm.priority, 7);
	/* A bad one is not the same as none. */
	expect(INSTANCE("A", "1", "state MASTER\npriority 256\n"),
		"error 8 value-range");
	assert_int_equal(instance(0)->fsm.priority, 100);
	expect(INSTANCE("A", "1", "state SLAVE\n"), "error 7 value-unknown");
	assert_int_equal(instance(0)->want, VRRP_STATE_BACKUP);
}

static void test_preemption_and_state_master(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "state MASTER\npriority 9\nnopreempt\n"
				  "preempt_delay 5\n"),
		"warning 9 conflict; warning 10 conflict");
	assert_true(instance(0)->fsm.preempt);
	assert_int_equal(instance(0)->fsm.preempt_delay_us, 0);
	expect(INSTANCE("A", "1", "priority 255\nnopreempt\n"),
		"warning 8 conflict");
	assert_true(instance(0)->fsm.preempt);
	expect(INSTANCE("A", "1", "nopreempt\n"), "");
	assert_false(instance(0)->fsm.preempt);
	expect(INSTANCE("A", "1", "nopreempt\npreempt_delay 5\n"),
		"warning 8 conflict");
	expect(INSTANCE("A", "1", "preempt_delay 5.5\n"), "");
	assert_int_equal(instance(0)->fsm.preempt_delay_us, 5500 * MS);
}

static void test_authentication(void **state)
{
#define AUTH(type, pass)                                                      \
	"authentication {\nauth_type " type "\nauth_pass " pass "\n}\n"
	(void)state;
	expect(INSTANCE("A", "1", AUTH("PASS", "secret")), "");
	assert_int_equal(instance(0)->auth->type, VRRP_AUTH_PASS);
	assert_string_equal(instance(0)->auth->password, "secret");
	expect(INSTANCE("A", "1", AUTH("PASS", "123456789")),
		"warning 9 value-range");
	expect(INSTANCE("A", "1", "version 3\n" AUTH("PASS", "secret")),
		"warning 8 ignored");
	assert_int_equal(instance(0)->auth->type, VRRP_AUTH_NONE);
	expect(INSTANCE("A", "1", "strict_mode\n" AUTH("PASS", "secret")),
		"warning 8 ignored");
	expect(INSTANCE("A", "1", AUTH("AH", "secret")), "");
	assert_int_equal(instance(0)->auth->type, VRRP_AUTH_AH);
	expect(INSTANCE("A", "1", AUTH("AH", "123456789")),
		"warning 9 value-range");
	expect(INSTANCE("A", "1", "authentication {\nauth_type AH\n}\n"),
		"error 7 missing-keyword");
	expect(INSTANCE("A", "1", "authentication {\nauth_type PASS\n}\n"),
		"error 7 missing-keyword");
}

static void test_passwords_are_never_shown(void **state)
{
	(void)state;
	load(INSTANCE("A", "1", AUTH("PASS", "123456789")));
	for (size_t i = 0; i < diag_count(diags); i++)
		assert_null(strstr(diag_get(diags, i)->message, "123456"));
}

static void test_words_of_an_address_line(void **state)
{
	const struct vrrp_address_conf *addr;

	(void)state;
	expect("vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"
	       "virtual_ipaddress {\n"
	       "10.0.0.1/24 brd 10.0.0.255 dev eth1 scope link label eth1:v "
	       "noprefixroute home no_track\n"
	       "10.0.0.2 brd + peer 10.9.9.9/32 preferred_lft 30\n"
	       "10.0.0.3 broadcast - preferred_lft forever\n}\n"
	       "virtual_ipaddress_excluded {\n"
	       "2001:db8::5/64 -nodad mngtmpaddr\n}\n}\n", "");
	addr = instance(0)->addresses.items[0];
	assert_int_equal(addr->prefix_len, 24);
	assert_int_equal(addr->broadcast.bytes[3], 255);
	assert_string_equal(addr->dev, "eth1");
	assert_int_equal(addr->scope, RT_SCOPE_LINK);
	assert_string_equal(addr->label, "eth1:v");
	assert_true(addr->noprefixroute && addr->home && addr->no_track);
	addr = instance(0)->addresses.items[1];
	assert_int_equal(addr->prefix_len, 32);
	assert_int_equal(addr->scope, -1);
	assert_true(addr->broadcast_auto);
	assert_int_equal(addr->peer.bytes[1], 9);
	assert_true(addr->has_preferred_lft);
	assert_int_equal(addr->preferred_lft_s, 30);
	addr = instance(0)->addresses.items[2];
	assert_true(addr->broadcast_zero);
	assert_int_equal(addr->preferred_lft_s, UINT32_MAX);
	addr = instance(0)->excluded.items[0];
	assert_int_equal(addr->prefix_len, 64);
	assert_true(addr->nodad && addr->mngtmpaddr);
	assert_int_equal(instance(0)->n_advertised, 3);
}

static void test_bad_address_lines(void **state)
{
	(void)state;
	expect("vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"
	       "virtual_ipaddress {\n"
	       "10.0.0.1\n"
	       "10.0.0.256\n"
	       "10.0.0.2/33\n"
	       "10.0.0.3/\n"
	       "10.0.0.4 scope moon\n"
	       "10.0.0.5 colour red\n"
	       "224.0.0.1\n"
	       "2001:db8::1\n"
	       "10.0.0.1/24\n"
	       "10.0.0.6 dev\n"
	       "10.0.0.7 use_vmac\n"
	       "}\n}\n",
		"error 6 value-type; error 7 value-type; error 8 value-type; "
		"error 9 value-unknown; error 10 value-unknown; "
		"error 11 value-range; "
		"error 12 conflict; warning 13 duplicate; "
		"error 14 missing-argument");
	assert_int_equal(instance(0)->n_advertised, 5);
}

static void test_more_than_255_addresses_do_not_fit(void **state)
{
	static char text[16384];
	size_t used = (size_t)snprintf(text, sizeof(text),
		"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n"
		"virtual_ipaddress {\n");

	(void)state;
	for (int i = 0; i < 257; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"10.0.%d.%d\n", i / 250, i % 250 + 1);
	snprintf(text + used, sizeof(text) - used, "}\n}\n");
	expect(text, "error 260 value-range; error 261 value-range");
	assert_int_equal(instance(0)->n_advertised, 255);
}

static void test_unicast(void **state)
{
	const struct vrrp_peer_conf *peer;

	(void)state;
	expect(INSTANCE("A", "1", "unicast_src_ip 10.0.0.11\n"
				  "unicast_peer {\n10.0.0.12\n"
				  "10.0.0.13 min_ttl 64 max_ttl 65\n}\n"
				  "unicast_ttl 65\n"), "");
	assert_true(instance(0)->unicast);
	assert_int_equal(instance(0)->source.bytes[3], 11);
	assert_int_equal(instance(0)->unicast_ttl, 65);
	assert_int_equal(instance(0)->check_unicast_src, 1); /* TTL implies */
	peer = instance(0)->peers.items[1];
	assert_int_equal(peer->ttl_min, 64);
	assert_int_equal(peer->ttl_max, 65);
	expect(INSTANCE("A", "1", "unicast_peer {\n10.0.0.12\n}\n"),
		"warning 7 missing-keyword");
	expect(INSTANCE("A", "1", "unicast_src_ip 10.0.0.11\n"
				  "unicast_peer {\n10.0.0.12\n10.0.0.12\n"
				  "10.0.0.11\n2001:db8::1\nx\n"
				  "10.0.0.14 hops 3\n}\n"),
		"error 10 duplicate; error 11 conflict; error 12 conflict; "
		"error 13 value-type; error 14 value-unknown; "
		"error 14 value-unknown");
}

static void test_tracked_objects(void **state)
{
	const struct vrrp_track_conf *track;

	(void)state;
	expect(INSTANCE("A", "1", "track_interface {\neth1\n"
				  "eth2 weight -20 reverse\n}\n"
				  "track_script {\nc\nc weight 5\n"
				  "c noreverse\n}\n")
		"vrrp_script c {\nscript /bin/true\nweight -3 reverse\n"
		"interval 0.5\nfall 2\nrise 3\ninit_fail\n}\n", "");
	assert_int_equal(instance(0)->tracks.n, 5);
	track = instance(0)->tracks.items[0];
	assert_int_equal(track->kind, VRRP_TRACK_INTERFACE);
	assert_int_equal(track->weight, 0);
	track = instance(0)->tracks.items[1];
	assert_int_equal(track->weight, -20);
	assert_true(track->reverse);
	track = instance(0)->tracks.items[2];
	assert_int_equal(track->weight, -3);
	assert_true(track->reverse);
	assert_int_equal(track->script->interval_us, 500 * MS);
	assert_int_equal(track->script->timeout_us, 500 * MS);
	assert_int_equal(track->script->fall, 2);
	assert_int_equal(track->script->rise, 3);
	assert_true(track->script->init_fail);
	assert_string_equal(track->script->script.command, "/bin/true");
	track = instance(0)->tracks.items[3];
	assert_int_equal(track->weight, 5);
	track = instance(0)->tracks.items[4];
	assert_false(track->reverse);
}

static void test_garp_groups(void **state)
{
	const struct vrrp_garp_group_conf *group;

	(void)state;
	expect(INSTANCE("A", "1", "")
		"garp_group {\ngarp_interval 0.1\ninterface eth0\n"
		"interfaces {\neth1\neth2 eth3\n}\n}\n", "");
	assert_int_equal(conf->garp_groups.n, 1);
	group = conf->garp_groups.items[0];
	assert_int_equal(group->garp_interval_us, 100 * MS);
	assert_int_equal(group->gna_interval_us, -1);
	assert_int_equal(group->interfaces.n, 4);
	assert_string_equal(group->interfaces.items[3], "eth3");
}

static void test_tracked_files(void **state)
{
	const struct vrrp_track_conf *track;

	(void)state;
	expect(INSTANCE("A", "1", "track_file {\nf\nf weight 254 reverse\n"
				  "old\n}\n")
		"track_file f {\nfile /run/f\ninit_file 7 overwrite\n}\n"
		"vrrp_track_file old {\nfile \"/run/o\"\nweight -2\n"
		"init_file\n}\n", "");
	assert_int_equal(instance(0)->tracks.n, 3);
	track = instance(0)->tracks.items[0];
	assert_int_equal(track->kind, VRRP_TRACK_FILE);
	assert_int_equal(track->weight, 1);
	assert_string_equal(track->file->path, "/run/f");
	assert_true(track->file->init);
	assert_true(track->file->overwrite);
	assert_int_equal(track->file->init_value, 7);
	track = instance(0)->tracks.items[1];
	assert_int_equal(track->weight, 254);
	assert_true(track->reverse);
	track = instance(0)->tracks.items[2];
	assert_int_equal(track->weight, -2);
	assert_true(track->file->init);
	assert_false(track->file->overwrite);
	/* Two errors, each said once; the lines after them still count. */
	expect(INSTANCE("A", "1", "track_file {\nnope\nempty\n}\n")
		"track_file empty {\nweight 2\n}\n",
		"error 8 unknown-reference; error 12 missing-keyword");
	assert_int_equal(instance(0)->tracks.n, 0);
	expect(INSTANCE("A", "1", "")
		"track_file f {\nfile run/f\nweight 255\n}\n",
		"warning 9 value-range; error 10 value-range");
}

static void test_bad_tracked_objects(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "track_script {\nnope\nempty\n}\n"
				  "track_interface {\neth1 weight 254\n"
				  "eth2 heavy\n}\n")
		"vrrp_script empty {\ninterval 1\n}\n",
		"error 8 unknown-reference; error 12 value-range; "
		"error 13 value-unknown; error 16 missing-keyword");
	assert_int_equal(conf->scripts.n, 0);
	assert_int_equal(instance(0)->tracks.n, 2);
	expect(INSTANCE("A", "1", "priority 255\n"
				  "track_interface {\neth1 weight 3\n}\n"),
		"warning 9 conflict");
}

static void test_sync_group(void **state)
{
	const struct vrrp_group_conf *group;

	(void)state;
	expect("vrrp_sync_group G {\ngroup {\nB\nA\n}\n"
	       "track_interface {\neth9\neth1\n}\n"
	       "notify_master /bin/true\n}\n"
	       INSTANCE("A", "1", "track_interface {\neth1 weight 3\n}\n")
	       INSTANCE("B", "2", ""), "");
	group = conf->groups.items[0];
	assert_string_equal(group->name, "G");
	assert_int_equal(group->members.n, 2);
	/* By VRID, so that all routers have the same order. */
	assert_ptr_equal(group->members.items[0], instance(0));
	assert_ptr_equal(instance(1)->group, group);
	assert_true(instance(0)->ignore_weights);
	assert_true(group->notify.master.node != 0);
	/* eth1 is tracked already, as the instance says. */
	assert_int_equal(instance(0)->tracks.n, 2);
	assert_int_equal(((struct vrrp_track_conf *)
		instance(0)->tracks.items[0])->weight, 3);
	assert_int_equal(instance(1)->tracks.n, 2);
}

static void test_bad_sync_groups(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "") INSTANCE("B", "2", "priority 7\n")
		"vrrp_sync_group G {\ngroup {\nA\nB\nnobody\n}\n}\n"
		"vrrp_sync_group H {\ngroup {\nA\n}\n}\n"
		"vrrp_sync_group H {\n}\n",
		"warning 14 conflict; error 20 unknown-reference; "
		"error 25 conflict; "
		"error 28 duplicate");
}

static void test_names_are_used_once(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "") INSTANCE("A", "2", ""),
		"error 8 duplicate");
}

static void test_notify_scripts(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "notify_master \"/bin/true a b\"\n"
				  "notify /bin/true nobody\n"
				  "notify_deleted\n"), "");
	assert_string_equal(
		instance(0)->notify.master.command, "/bin/true a b");
	assert_true(instance(0)->notify.any.node != 0);
	assert_int_equal(instance(0)->notify.deleted.node, 0);
	assert_true(instance(0)->notify.deleted_said);
	assert_int_equal(instance(0)->notify.fault.node, 0);
}

static const struct vrrp_bfd_conf *session(size_t i)
{
	assert_true(i < conf->bfds.n);
	return conf->bfds.items[i];
}

static void test_bfd_defaults_are_keepalived_s(void **state)
{
	const struct vrrp_bfd_conf *bfd;

	(void)state;
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\n}\n", "");
	bfd = session(0);
	assert_string_equal(bfd->name, "B");
	assert_int_equal(bfd->fsm.min_rx_us, 10 * MS);
	assert_int_equal(bfd->fsm.min_tx_us, 10 * MS);
	assert_int_equal(bfd->fsm.idle_tx_us, SECOND);
	assert_int_equal(bfd->fsm.multiplier, 5);
	assert_false(bfd->fsm.passive);
	assert_false(bfd->multihop);
	assert_int_equal(bfd->ttl, 255);
	assert_int_equal(bfd->ttl_min, 255);
	assert_true(bfd->for_vrrp);
	assert_true(bfd->for_checker);
}

static void test_bfd_words(void **state)
{
	const struct vrrp_bfd_conf *bfd;

	(void)state;
	expect("bfd_instance B {\nneighbour_ip 2001:db8::1\n"
	       "source_ip 2001:db8::2\nmin_rx 3.3\nmin_tx 30\nidle_tx 2000\n"
	       "multiplier 3\npassive\nhoplimit 200\nmax_hops 10\n"
	       "multihop\nweight -5 reverse\nchecker\n}\n", "");
	bfd = session(0);
	assert_int_equal(bfd->neighbour.family, AF_INET6);
	assert_int_equal(bfd->source.family, AF_INET6);
	assert_int_equal(bfd->fsm.min_rx_us, 3300);
	assert_int_equal(bfd->fsm.min_tx_us, 30 * MS);
	assert_int_equal(bfd->fsm.idle_tx_us, 2 * SECOND);
	assert_int_equal(bfd->fsm.multiplier, 3);
	assert_true(bfd->fsm.passive);
	assert_true(bfd->multihop);
	assert_int_equal(bfd->ttl, 200);
	assert_int_equal(bfd->ttl_min, 190);
	assert_int_equal(bfd->weight, -5);
	assert_true(bfd->reverse);
	assert_false(bfd->for_vrrp);
	assert_true(bfd->for_checker);
}

/* keepalived sends a hop limit of 64 over IPv6. */
static void test_bfd_takes_what_keepalived_sends(void **state)
{
	(void)state;
	expect("bfd_instance B {\nneighbor_ip 2001:db8::1\n}\n",
		"warning 1 missing-keyword");
	assert_int_equal(session(0)->ttl, 255);
	assert_int_equal(session(0)->ttl_min, 64);
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\nmax_hops 255\n}\n", "");
	assert_int_equal(session(0)->ttl_min, -1);
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\nmax_hops -1\n}\n", "");
	assert_int_equal(session(0)->ttl_min, -1);
}

static void test_bfd_mistakes(void **state)
{
	(void)state;
	expect("bfd_instance B {\n}\n", "error 1 missing-keyword");
	assert_int_equal(conf->bfds.n, 0);
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\n"
	       "source_ip 2001:db8::1\n}\n", "error 3 conflict");
	assert_int_equal(conf->bfds.n, 0);
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\n}\n"
	       "bfd_instance C {\nneighbor_ip 10.0.0.1\n}\n"
	       "bfd_instance D {\nneighbor_ip 10.0.0.1\nmultihop\n"
	       "max_hops 3\n}\n", "error 4 duplicate");
	assert_int_equal(conf->bfds.n, 2);
	assert_string_equal(session(0)->name, "B");
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\nttl 10\n"
	       "max_hops 20\n}\n", "warning 3 value-range; "
				    "warning 4 conflict");
	assert_int_equal(session(0)->ttl_min, 0);
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\nidle_tx 500\n"
	       "min_rx 5000\nmultihop yes\nmultiplier 256\n}\n",
		"warning 3 value-range; warning 4 value-range; "
		"warning 5 conflict; error 6 value-range");
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\n}\n"
	       "bfd_instance B {\nneighbor_ip 10.0.0.2\n}\n",
		"error 4 duplicate");
	assert_int_equal(conf->bfds.n, 1);
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\nmin_rx 1.0005\n"
	       "min_tx 0.999\nidle_tx 1.x\n}\n",
		"error 3 value-type; error 4 value-range; error 5 value-type");
	expect("bfd_instance B {\nneighbor_ip 10.0.0.1\nmin_rx .5\n"
	       "min_tx 4294968\nidle_tx 99999999999999999999999\n}\n",
		"error 3 value-type; error 4 value-range; error 5 value-range");
	assert_int_equal(session(0)->fsm.min_tx_us, 10 * MS);
	expect("bfd_instance a23456789012345678901234567890123 {\n"
	       "neighbor_ip 10.0.0.1\n}\n", "error 1 value-range");
	assert_int_equal(conf->bfds.n, 0);
}

static void test_track_bfd_inherits_and_finds_its_session(void **state)
{
	const struct vrrp_track_conf *track;

	(void)state;
	expect(INSTANCE("A", "1", "track_bfd {\nB\nC weight 20 noreverse\n}\n")
	       "bfd_instance B {\nneighbor_ip 10.0.0.1\nweight -9\n}\n"
	       "bfd_instance C {\nneighbor_ip 10.0.0.2\n"
	       "weight 5 reverse\n}\n", "");
	assert_int_equal(instance(0)->tracks.n, 2);
	track = instance(0)->tracks.items[0];
	assert_int_equal(track->kind, VRRP_TRACK_BFD);
	assert_string_equal(track->bfd->name, "B");
	assert_int_equal(track->weight, -9);
	track = instance(0)->tracks.items[1];
	assert_int_equal(track->weight, 20);
	assert_false(track->reverse);
	expect(INSTANCE("A", "1", "track_bfd {\nB\nN\n}\n")
	       "bfd_instance B {\nneighbor_ip 10.0.0.1\nchecker\n}\n",
		"error 8 unknown-reference; error 9 unknown-reference");
	assert_int_equal(instance(0)->tracks.n, 0);
	expect("vrrp_sync_group G {\ngroup {\nA\nB\n}\n"
	       "track_bfd {\nX\n}\n}\n"
	       INSTANCE("A", "1", "") INSTANCE("B", "2", "")
	       "bfd_instance X {\nneighbor_ip 10.0.0.1\n}\n", "");
	assert_int_equal(instance(0)->tracks.n, 1);
	assert_int_equal(instance(1)->tracks.n, 1);
}

static const struct vrrp_process_conf *process(size_t i)
{
	assert_true(i < conf->processes.n);
	return conf->processes.items[i];
}

static void test_track_process_words(void **state)
{
	const struct vrrp_process_conf *p;

	(void)state;
	expect("vrrp_track_process P {\nprocess nginx\n}\n", "");
	p = process(0);
	assert_string_equal(p->rule.name, "nginx");
	assert_false(p->rule.full_command);
	assert_int_equal(p->rule.match, PROCESS_MATCH_NONE);
	assert_int_equal(p->weight, 0);
	assert_int_equal(p->quorum.quorum, 1);
	assert_int_equal(p->quorum.quorum_max, UINT32_MAX);
	expect("vrrp_track_process P {\nprocess /bin/x \"a b\" c\n"
	       "weight -254 reverse\nquorum 2\nquorum_max 4\ndelay 0.5\n"
	       "fork_delay 0.000001\n}\n", "");
	p = process(0);
	assert_string_equal(p->rule.name, "/bin/x");
	assert_true(p->rule.full_command);
	assert_int_equal(p->rule.match, PROCESS_MATCH_EXACT);
	assert_int_equal(p->rule.params_len, 6);
	assert_memory_equal(p->rule.params, "a b\0c", 6);
	assert_int_equal(p->weight, -254);
	assert_true(p->reverse);
	assert_int_equal(p->quorum.quorum, 2);
	assert_int_equal(p->quorum.quorum_max, 4);
	assert_int_equal(p->quorum.terminate_delay_us, 500 * MS);
	assert_int_equal(p->quorum.fork_delay_us, 1);
	expect("vrrp_track_process P {\nparam_match initial\n"
	       "process x a\nquorum_max 0\n}\n"
	       "vrrp_track_process Q {\nprocess x\nparam_match\n}\n", "");
	assert_int_equal(process(0)->rule.match, PROCESS_MATCH_INITIAL);
	assert_int_equal(process(0)->quorum.quorum, 0);
	assert_int_equal(process(0)->quorum.quorum_max, 0);
	assert_int_equal(process(1)->rule.match, PROCESS_MATCH_EXACT);
	assert_true(process(1)->rule.full_command);
}

static void test_track_process_mistakes(void **state)
{
	(void)state;
	expect("vrrp_track_process P {\n}\n", "error 1 missing-keyword");
	assert_int_equal(conf->processes.n, 0);
	expect("vrrp_track_process P {\nprocess x\nquorum 3\n"
	       "quorum_max 2\n}\n", "error 4 conflict");
	expect("vrrp_track_process P {\nprocess a234567890123456\n}\n",
		"warning 2 value-range");
	expect("vrrp_track_process P {\nprocess x\n}\n"
	       "vrrp_track_process P {\nprocess y\n}\n",
		"error 4 duplicate");
	assert_int_equal(conf->processes.n, 1);
	expect(INSTANCE("A", "1", "track_process {\nP weight 254\nQ\n}\n")
	       "vrrp_track_process P {\nprocess x\nweight 3\n}\n",
		"error 9 unknown-reference");
	assert_int_equal(instance(0)->tracks.n, 1);
	assert_int_equal(((const struct vrrp_track_conf *)
		instance(0)->tracks.items[0])->weight, 254);
}

static void test_timer_expired_backup_needs_nopreempt(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", "timer_expired_backup\n"),
		"warning 7 conflict");
	assert_int_equal(instance(0)->fsm.expired_priority, 0);
	expect(INSTANCE("A", "1", "timer_expired_backup\nnopreempt\n"), "");
	assert_int_equal(instance(0)->fsm.expired_priority, 254);
	expect(INSTANCE("A", "1", "thread_timer_expired 200\nnopreempt\n"),
		"warning 7 deprecated");
	assert_int_equal(instance(0)->fsm.expired_priority, 200);
}

static void test_static_addresses(void **state)
{
	const struct vrrp_address_conf *addr;

	(void)state;
	expect("static_ipaddress {\n10.0.0.1/24 dev eth3\n}\n"
	       "static_ipaddress {\n10.0.0.2/24\n}\n", "");
	assert_int_equal(conf->static_addresses.n, 2);
	addr = conf->static_addresses.items[0];
	assert_string_equal(addr->dev, "eth3");
}

static void test_every_keyword_is_documented(void **state)
{
	const struct conf_block *blocks[64] = { &vrrp_conf_root };
	size_t n = 1, seen = 0;

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (const struct conf_keyword *k = blocks[i]->keywords;
			k->name; k++) {
			seen++;
			if (!k->doc || !*k->doc || k->doc[strlen(k->doc) - 1] !=
							   '.')
				fail_msg("%s has no sentence", k->name);
			if (!k->args && k->type != CONF_BLOCK)
				fail_msg("%s does not name its arguments",
					k->name);
			if (k->block)
				blocks[n++] = k->block;
			assert_true(n < 64);
		}
	assert_true(seen > 150);
}

#define T(name) cmocka_unit_test_teardown(name, teardown)

#define KEY_A "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F"
#define KEY_B "\"a passphrase of 32 bytes or more\""
#define HMAC(lines) "auth_hmac {\n" lines "}\n"

/* Each was compared with all before it. */
static void test_many_peers_take_no_time(void **state)
{
	enum { N = 60000 };
	char *text = x_calloc(N + 16, 24), *end = text;
	int64_t began = time_monotonic_us();

	(void)state;
	end += sprintf(end, "vrrp_instance A {\ninterface eth0\n"
			    "virtual_router_id 1\nunicast_src_ip 10.9.9.9\n"
			    "virtual_ipaddress {\n10.0.0.1\n}\n"
			    "unicast_peer {\n");
	for (int i = 0; i < N; i++)
		end += sprintf(end, "10.1.%d.%d\n", i / 256, i % 256);
	sprintf(end, "10.1.0.7\n}\n}\n");
	load(text);
	assert_int_equal(diag_count(diags), 1);
	assert_int_equal(diag_get(diags, 0)->place.line, N + 9);
	assert_int_equal(instance(0)->peers.n, N);
	assert_true(time_monotonic_us() - began < 5 * SECOND);
	x_free(text);
}

static void test_auth_hmac(void **state)
{
	const struct vrrp_hmac_block *hmac;

	(void)state;
	expect(INSTANCE("A", "1", HMAC("key 7 " KEY_A "\nkey 2 " KEY_B
		"\nactive_key 7\n")), "");
	hmac = instance(0)->hmac;
	assert_non_null(hmac);
	assert_int_equal(hmac->n_keys, 2);
	assert_int_equal(hmac->keys[0].id, 2);
	assert_int_equal(hmac->keys[0].len, 32);
	assert_memory_equal(hmac->keys[0].bytes,
		"a passphrase of 32 bytes or more", 32);
	assert_int_equal(hmac->keys[1].id, 7);
	assert_int_equal(hmac->keys[1].len, 32);
	for (int i = 0; i < 32; i++)
		assert_int_equal(hmac->keys[1].bytes[i], i);
	assert_int_equal(hmac->active_key, 7);
	assert_true(hmac->by_time);
	assert_int_equal(hmac->mode, VRRP_HMAC_ENFORCE);
	/* Three adverts of 1 s are less than 5 s. */
	assert_int_equal(hmac->window_s, 5);
	expect(INSTANCE("A", "1", HMAC("key 1 " KEY_A "\nactive_key 1\n")
		"advert_int 10\n"), "");
	assert_int_equal(instance(0)->hmac->window_s, 30);
	expect(INSTANCE("A", "1", HMAC("key 1 " KEY_A "\nactive_key 1\n")
		"advert_int 255\n"), "");
	assert_int_equal(instance(0)->hmac->window_s, 300);
	/* Receiving needs no key to send with. */
	expect(INSTANCE("A", "1", HMAC("key 1 " KEY_A "\nkey 2 " KEY_B
		"\nmode receive-only\nanti_replay monotonic\n")), "");
	assert_int_equal(instance(0)->hmac->mode, VRRP_HMAC_RECEIVE_ONLY);
	assert_false(instance(0)->hmac->by_time);
}

static void test_auth_hmac_is_never_silently_left_out(void **state)
{
	(void)state;
	expect(INSTANCE("A", "1", HMAC("")),
		"fatal " FIRST_LINE " missing-keyword");
	expect(INSTANCE("A", "1", HMAC("key 1 short\nactive_key 1\n")),
		"fatal 7 missing-keyword; error 8 value-range");
	expect(INSTANCE("A", "1", HMAC("key 1 hex:0\nkey 1 " KEY_B "\n")),
		"error 8 value-type");
	assert_int_equal(instance(0)->hmac->active_key, 1);
	expect(INSTANCE("A", "1", HMAC("key 1 " KEY_A "\nkey 2 " KEY_B "\n")),
		"fatal 7 missing-keyword");
	expect(INSTANCE("A", "1", HMAC("key 1 " KEY_A "\nactive_key 2\n")),
		"fatal 9 unknown-reference");
	expect(INSTANCE("A", "1", HMAC("key 1 " KEY_A "\nkey 1 " KEY_B
		"\nactive_key 1\n")), "error 9 duplicate");
	assert_int_equal(instance(0)->hmac->keys[0].bytes[1], 1);
	expect(INSTANCE("A", "1", HMAC("key 1 two words of which none is it\n"
		"key 2 " KEY_A "\nactive_key 2\n")),
		"error 8 extra-argument");
	/* Exactly 64 bytes; one more is one too many. */
	expect(INSTANCE("A", "1", HMAC("active_key 1\nkey 1 "
		"0123456789012345678901234567890123456789012345678901234567890123"
		"\n")), "");
	assert_int_equal(instance(0)->hmac->keys[0].len, 64);
	expect(INSTANCE("A", "1", HMAC("active_key 2\nkey 2 " KEY_A "\nkey 1 "
		"01234567890123456789012345678901234567890123456789012345678901234"
		"\n")), "error 10 value-range");
}

static void test_auth_hmac_and_what_it_excludes(void **state)
{
#define GOOD "key 1 " KEY_A "\nactive_key 1\n"
	(void)state;
	expect(INSTANCE("A", "1", HMAC(GOOD)
		"authentication {\nauth_type PASS\nauth_pass x\n}\n"),
		"warning 11 conflict");
	assert_int_equal(instance(0)->auth->type, VRRP_AUTH_NONE);
	/* Versions do not matter to it. */
	expect(INSTANCE("A", "1", HMAC(GOOD) "version 3\n"), "");
	expect(INSTANCE("A", "1", HMAC(GOOD) "strict_mode\n"), "");
	expect(INSTANCE("A", "1", HMAC(GOOD "mode permissive\n")
		"strict_mode\n"), "error 10 conflict");
	assert_int_equal(instance(0)->hmac->mode, VRRP_HMAC_ENFORCE);
	expect(INSTANCE("A", "1", HMAC(GOOD "anti_replay monotonic\n"
		"time_window 9\n")), "warning 11 conflict");
#undef GOOD
}

static void test_virtual_macs(void **state)
{
	const uint8_t mac[] = { 0x00, 0x00, 0x5e, 0x00, 0x01, 51 };
	const uint8_t said[] = { 0x02, 0x11, 0x22, 0x33, 0x44, 51 };
	const struct vrrp_vmac_conf *vmac;

	(void)state;
	expect("global_defs {\nvmac_prefix vip\n}\n"
		INSTANCE("A", "51", "use_vmac group 7\nvrf red\n"), "");
	vmac = &instance(0)->vmac;
	assert_int_equal(vmac->use, VRRP_VMAC_MACVLAN);
	assert_null(vmac->name);
	assert_string_equal(vmac->prefix, "vip");
	assert_string_equal(vmac->addr_prefix, "vip");
	assert_string_equal(vmac->vrf, "red");
	assert_int_equal(vmac->group, 7);
	assert_memory_equal(vmac->mac, mac, sizeof(mac));
	expect(INSTANCE("A", "51", "use_vmac name group 02:11:22:33:44\n"
				   "vmac_xmit_base\n"), "");
	vmac = &instance(0)->vmac;
	assert_string_equal(vmac->name, "group");
	assert_memory_equal(vmac->mac, said, sizeof(said));
	assert_true(vmac->xmit_base);
	assert_int_equal(vmac->group, -1);
	expect(INSTANCE("A", "51", "use_vmac netlink_notify_msg\n"),
		"warning " FIRST_LINE " ignored");
	expect(INSTANCE("A", "51", "vmac_xmit_base\n"),
		"warning " FIRST_LINE " conflict");
}

static void test_virtual_macs_that_cannot_be(void **state)
{
	(void)state;
	expect(INSTANCE("A", "51", "use_vmac a-very-long-name\n"),
		"error " FIRST_LINE " value-range");
	expect(INSTANCE("A", "51", "use_vmac 01:11:22:33:44:55\n"),
		"error " FIRST_LINE " value-range");
	expect(INSTANCE("A", "51", "use_vmac one two\n"),
		"error " FIRST_LINE " value-unknown");
	expect(INSTANCE("A", "51", "use_vmac group nobody-has-this\n"),
		"error " FIRST_LINE " value-unknown");
	expect(INSTANCE("A", "51", "use_vmac eth0\n"),
		"error " FIRST_LINE " conflict");
	assert_int_equal(instance(0)->vmac.use, VRRP_VMAC_NONE);
	expect(INSTANCE("A", "51", "use_ipvlan\n"),
		"error " FIRST_LINE " conflict");
	expect(INSTANCE("A", "51", "use_ipvlan x 10.0.0.5/24 private\n"), "");
	assert_int_equal(instance(0)->vmac.ipvlan_flags, 1);
	assert_int_equal(instance(0)->source.bytes[3], 5);
	expect(INSTANCE("A", "51", "use_vmac mine\n")
		INSTANCE("B", "52", "use_vmac mine\n"),
		"error 15 duplicate");
	expect(INSTANCE("A", "51", "use_vmac 02:11:22:33:44:55\n")
		INSTANCE("B", "52", "use_vmac 02:11:22:33:44:55\n"),
		"error 15 duplicate");
	assert_int_equal(instance(1)->vmac.use, VRRP_VMAC_NONE);
	expect("global_defs {\nvmac_prefix much-too-long\n}\n"
		INSTANCE("A", "51", "use_vmac\n"), "error 2 value-range");
	assert_string_equal(instance(0)->vmac.prefix, "vrrp");
}

static void test_unicast_does_not_go_by_the_virtual_mac(void **state)
{
	(void)state;
	expect(INSTANCE("A", "51", "use_vmac\nunicast_src_ip 10.0.0.8\n"
				   "unicast_peer {\n10.0.0.9\n}\n"),
		"warning " FIRST_LINE " conflict");
	assert_true(instance(0)->vmac.xmit_base);
}

/* The last one: it leaves this network, for one with eth0 and eth1. */
static void test_interfaces_that_are_not_here_are_told(void **state)
{
	static const char text[] =
		"vrrp_sync_group G {\ngroup {\nA\nB\n}\n"
		"track_interface {\neth1\neht1\n}\n}\n"
		INSTANCE("A", "51", "track_interface {\neth0\nbond7 weight 5\n}\n"
			"virtual_ipaddress_excluded {\n10.0.0.1 dev eht0\n}\n"
			"virtual_routes {\n10.1.0.0/24 dev eht2\n}\n")
		INSTANCE("B", "52", "use_vmac vm52\ntrack_interface {\nvm52\n}\n");

	(void)state;
	if (unshare(CLONE_NEWNET) < 0 ||
		system("ip link add eth0 type veth peer name eth1") != 0)
		skip();
	load(text);
	vrrp_conf_check_present(tree, diags);
	assert_string_equal(told(),
		"warning 8 unknown-reference; warning 19 unknown-reference; "
		"warning 22 unknown-reference; warning 25 unknown-reference");
	assert_string_equal(diag_get(diags, 0)->hint, "did you mean 'eth1'?");
	assert_string_equal(diag_get(diags, 0)->keyword, "track_interface");
	assert_string_equal(diag_get(diags, 1)->hint, "");
	assert_string_equal(diag_get(diags, 2)->hint, "did you mean 'eth0'?");
	expect("global_defs {\ndynamic_interfaces\n}\n"
		INSTANCE("A", "51", "track_interface {\neht1\n}\n"), "");
	vrrp_conf_check_present(tree, diags);
	assert_string_equal(told(), "");
	load("vrrp_instance A {\ninterface eht1\nvirtual_router_id 5\n}\n");
	vrrp_conf_check_present(tree, diags);
	assert_int_equal(diag_count_severity(diags, DIAG_FATAL), 1);
	/* Beside errors, but not in their lines: of an instance that cannot
	 * run, too. */
	load("vrrp_instance A {\ninterface eht1\nvirtual_router_id 256\n"
	     "track_interface {\neht0 weight 999\neht0\n}\n}\n"
	     "vrrp_instance B {\ninterface averyverylongname\n"
	     "virtual_router_id 5\n}\n");
	vrrp_conf_check_present(tree, diags);
	assert_string_equal(told(),
		"warning 1 missing-keyword; fatal 2 unknown-reference; "
		"error 3 value-range; error 5 value-range; "
		"warning 6 unknown-reference; warning 9 missing-keyword; "
		"error 10 value-range");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_delays_of_links_end_before_a_backup_takes_over),
		T(test_unicast_without_a_peer),
		T(test_defaults),
		T(test_globals_are_inherited_wherever_they_stand),
		T(test_strict_is_what_keepalived_makes_of_it),
		T(test_an_interval_of_nothing_is_told),
		T(test_min_garp_is_one_announcement),
		T(test_ipv6_is_version_3),
		T(test_required_keywords_are_fatal),
		T(test_broken_instances_do_not_run),
		T(test_vrid_is_used_once_on_an_interface),
		T(test_advert_int_by_version),
		T(test_master_without_priority_is_the_owner),
		T(test_preemption_and_state_master),
		T(test_authentication),
		T(test_many_peers_take_no_time),
		T(test_auth_hmac),
		T(test_auth_hmac_is_never_silently_left_out),
		T(test_auth_hmac_and_what_it_excludes),
		T(test_passwords_are_never_shown),
		T(test_words_of_an_address_line),
		T(test_bad_address_lines),
		T(test_more_than_255_addresses_do_not_fit),
		T(test_unicast),
		T(test_tracked_objects),
		T(test_garp_groups),
		T(test_tracked_files),
		T(test_bad_tracked_objects),
		T(test_sync_group),
		T(test_bad_sync_groups),
		T(test_names_are_used_once),
		T(test_notify_scripts),
		T(test_bfd_defaults_are_keepalived_s),
		T(test_bfd_words),
		T(test_bfd_takes_what_keepalived_sends),
		T(test_bfd_mistakes),
		T(test_track_bfd_inherits_and_finds_its_session),
		T(test_track_process_words),
		T(test_track_process_mistakes),
		T(test_timer_expired_backup_needs_nopreempt),
		T(test_static_addresses),
		T(test_every_keyword_is_documented),
		T(test_virtual_macs),
		T(test_virtual_macs_that_cannot_be),
		T(test_unicast_does_not_go_by_the_virtual_mac),
		T(test_interfaces_that_are_not_here_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

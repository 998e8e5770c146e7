/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual servers as the file says them, and what is wrong with them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/ipvs-helper.h"

#define SERVER(address) " real_server " address " {\n }\n"
#define SERVICE(head, body)                                                   \
	"virtual_server " head " {\n protocol TCP\n lb_algo rr\n"             \
	" lb_kind NAT\n" body "}\n"

static void expect_key(const struct table_key *key, const char *text)
{
	char buf[TABLE_KEY_STRLEN];

	assert_string_equal(table_key_format(key, buf), text);
}

static void expect_clean(const struct loaded *l)
{
	if (diag_count(l->diags))
		diag_print(l->diags, stderr);
	assert_int_equal(diag_count(l->diags), 0);
}

static void test_full_service_is_taken_as_written(void **state)
{
	struct table_attributes a;
	struct ipvs_conf_service *service;
	struct ipvs_conf_server *server;
	struct table_dest dest;
	struct loaded l;

	(void)state;
	load_text(&l,
		"virtual_server 192.0.2.1 80 {\n"
		" lb_algo mh\n mh-port\n mh-fallback\n"
		" lvs_method TUN type gue port 6080 csum\n protocol tcp\n"
		" persistence_timeout\n persistence_granularity 255.255.0.0\n"
		" weight 4\n quorum 3\n hysteresis 1\n omega\n alpha\n"
		" inhibit_on_failure\n sorry_server 192.0.2.9\n"
		" sorry_server_inhibit\n sorry_server_lvs_method DR\n"
		" quorum_up \"/bin/true up\"\n"
		" real_server 192.0.2.2 80 {\n  weight 7\n  uthreshold 9\n"
		"  lthreshold 5\n  inhibit_on_failure no\n  TCP_CHECK {\n  }\n"
		"  HTTP_GET {\n  }\n }\n"
		" real_server 192.0.2.3 {\n  lvs_method DR\n }\n"
		"}\n");
	expect_clean(&l);
	service = loaded_service(&l, 0);
	assert_int_equal(service->n_keys, 1);
	expect_key(service->keys, "tcp 192.0.2.1:80");
	ipvs_conf_service_attributes(service, service->keys, &a);
	assert_string_equal(a.scheduler, "mh");
	assert_int_equal(a.flags, TABLE_SERVICE_PERSISTENT |
			TABLE_SERVICE_SCHED1 | TABLE_SERVICE_SCHED2);
	assert_int_equal(a.timeout_s, 360);
	assert_int_equal(a.netmask, 0xffff0000);
	assert_int_equal(service->quorum, 3);
	assert_int_equal(service->hysteresis, 1);
	assert_true(service->omega);
	assert_true(service->quorum_up.node != 0);
	assert_true(service->sorry.set && service->sorry.inhibit);
	ipvs_conf_sorry_dest(service, service->keys, 1, &dest);
	assert_int_equal(dest.forward, TABLE_FORWARD_ROUTE);
	assert_int_equal(dest.endpoint.port, 80);

	server = loaded_server(&l, 0, 0);
	assert_int_equal(server->weight, 7);
	assert_int_equal(server->n_checks, 2);
	assert_true(server->alpha);
	assert_false(server->inhibit);
	ipvs_conf_server_dest(server, service->keys, 7, &dest);
	assert_int_equal(dest.forward, TABLE_FORWARD_TUNNEL);
	assert_int_equal(dest.tunnel, TABLE_TUNNEL_GUE);
	assert_int_equal(dest.tunnel_port, 6080);
	assert_int_equal(dest.tunnel_flags, TABLE_TUNNEL_CSUM);
	assert_int_equal(dest.upper, 9);
	assert_int_equal(dest.lower, 5);

	server = loaded_server(&l, 0, 1);
	assert_int_equal(server->weight, 4);
	assert_true(server->inhibit);
	assert_int_equal(server->n_checks, 0);
	ipvs_conf_server_dest(server, service->keys, 4, &dest);
	assert_int_equal(dest.forward, TABLE_FORWARD_ROUTE);
	assert_int_equal(dest.endpoint.port, 80);
	load_free(&l);
}

/* HEAD begins a service, of which it is said (or not) that it is persistent:
 * the seconds that the kernel gets. */
static uint32_t persistence_of(const char *head, bool told)
{
	struct table_attributes a;
	struct loaded l;
	char text[512];

	snprintf(text, sizeof(text),
		"%s\n lb_algo rr\n lb_kind NAT\n protocol TCP\n"
		SERVER("192.0.2.2 80") "}\n", head);
	load_text(&l, text);
	assert_int_equal(diag_count_severity(l.diags, DIAG_WARNING), told);
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 0);
	ipvs_conf_service_attributes(loaded_service(&l, 0),
		loaded_service(&l, 0)->keys, &a);
	assert_true(!a.timeout_s == !(a.flags & TABLE_SERVICE_PERSISTENT));
	load_free(&l);
	return a.timeout_s;
}

static void test_what_needs_persistence_brings_it(void **state)
{
	(void)state;
	assert_int_equal(persistence_of("virtual_server 192.0.2.1 {", true), 360);
	assert_int_equal(persistence_of("virtual_server 192.0.2.1 0 {", true), 360);
	assert_int_equal(persistence_of("virtual_server 192.0.2.1 0 {\n"
			" persistence_timeout 9", false), 9);
	assert_int_equal(persistence_of("virtual_server 192.0.2.1 80 {\n"
			" persistence_granularity 255.255.0.0", true), 360);
	assert_int_equal(persistence_of("virtual_server_group g {\n"
			" 192.0.2.1 80\n 192.0.2.3 0\n}\n"
			"virtual_server group g {", true), 360);
	assert_int_equal(persistence_of("virtual_server_group g {\n"
			" 192.0.2.1 80\n fwmark 3\n}\n"
			"virtual_server group g {", false), 0);
	assert_int_equal(persistence_of("virtual_server fwmark 3 {", false), 0);
	assert_int_equal(persistence_of("virtual_server 192.0.2.1 80 {", false), 0);
}

static size_t warnings_of(const char *head, const char *method)
{
	struct loaded l;
	char text[512];
	size_t n;

	snprintf(text, sizeof(text),
		"%s\n lb_algo rr\n lb_kind %s\n protocol TCP\n"
		SERVER("192.0.2.2 80") "}\n", head, method);
	load_text(&l, text);
	n = diag_count_severity(l.diags, DIAG_WARNING);
	assert_int_equal(diag_count(l.diags), n);
	load_free(&l);
	return n;
}

static void test_a_port_that_no_packet_gets_is_told(void **state)
{
#define GROUP(lines) "virtual_server_group g {\n" lines "}\nvirtual_server group g {"
	(void)state;
	assert_int_equal(warnings_of("virtual_server 192.0.2.1 80 {", "DR"), 0);
	assert_int_equal(warnings_of("virtual_server 192.0.2.1 81 {", "DR"), 1);
	assert_int_equal(warnings_of("virtual_server 192.0.2.1 81 {", "NAT"), 0);
	assert_int_equal(warnings_of("virtual_server fwmark 3 {", "TUN"), 1);
	assert_int_equal(warnings_of("virtual_server fwmark 3 {", "NAT"), 0);
	assert_int_equal(warnings_of(GROUP(" 192.0.2.1-9 80\n"), "DR"), 0);
	assert_int_equal(warnings_of(GROUP(" 192.0.2.1 80-81\n"), "DR"), 1);
	assert_int_equal(warnings_of(
		GROUP(" 192.0.2.1 80\n fwmark 3\n"), "DR"), 1);
	assert_int_equal(warnings_of(
		GROUP(" 192.0.2.1 80\n fwmark 3\n"), "NAT"), 0);
}

static void test_protocol_without_a_word_is_udp_with_a_warning(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, "virtual_server 192.0.2.1 53 {\n lb_algo rr\n"
		      " lb_kind NAT\n" SERVER("192.0.2.2 53") "}\n");
	assert_int_equal(loaded_diag(&l, DIAG_MISSING_KEYWORD)->severity,
		DIAG_WARNING);
	expect_key(loaded_service(&l, 0)->keys, "udp 192.0.2.1:53");
	load_free(&l);
}

static void test_scheduler_and_method_have_defaults_with_warnings(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, "virtual_server 192.0.2.1 53 {\n protocol UDP\n"
		SERVER("192.0.2.2 53") "}\n");
	assert_int_equal(diag_count_severity(l.diags, DIAG_WARNING), 1);
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 0);
	assert_string_equal(loaded_service(&l, 0)->scheduler, "wlc");
	assert_int_equal(loaded_server(&l, 0, 0)->method.forward,
		TABLE_FORWARD_NAT);
	load_free(&l);
}

static void test_unknown_scheduler_is_an_error(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, "virtual_server 192.0.2.1 80 {\n protocol TCP\n"
		      " lb_kind NAT\n lb_algo r\n" SERVER("192.0.2.2 80")
		      "}\n");
	assert_int_equal(loaded_diag(&l, DIAG_VALUE_UNKNOWN)->severity,
		DIAG_ERROR);
	load_free(&l);
}

static void test_second_virtual_server_is_an_error_with_both_places(
	void **state)
{
	const struct diag *diag;
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("192.0.2.1 80", SERVER("192.0.2.2 80"))
		SERVICE("192.0.2.1 80", SERVER("192.0.2.3 80")));
	diag = loaded_diag(&l, DIAG_DUPLICATE);
	assert_int_equal(diag->severity, DIAG_ERROR);
	assert_int_equal(diag->place.line, 8);
	assert_string_equal(diag->hint, "first at test.conf:1");
	assert_int_equal(l.conf->services.n, 1);
	load_free(&l);
}

static void test_second_real_server_is_an_error_and_left_out(void **state)
{
	const struct diag *diag;
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("192.0.2.1 80",
		SERVER("192.0.2.2 80") SERVER("192.0.2.2 80")));
	diag = loaded_diag(&l, DIAG_DUPLICATE);
	assert_int_equal(diag->place.line, 7);
	assert_string_equal(diag->hint, "first at test.conf:5");
	assert_int_equal(loaded_service(&l, 0)->servers.n, 1);
	load_free(&l);
}

static void test_virtual_server_without_server_is_an_error(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("192.0.2.1 80", ""));
	assert_int_equal(loaded_diag(&l, DIAG_MISSING_KEYWORD)->severity,
		DIAG_ERROR);
	assert_int_equal(l.conf->services.n, 0);
	load_free(&l);
}

static void test_port_behind_dr_is_that_of_the_service(void **state)
{
	struct ip_endpoint endpoint;
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("192.0.2.1 80", " lvs_method DR\n"
		SERVER("192.0.2.2 8080")));
	assert_int_equal(
		loaded_diag(&l, DIAG_CONFLICT)->severity, DIAG_WARNING);
	endpoint = ipvs_conf_server_endpoint(
		loaded_server(&l, 0, 0), loaded_service(&l, 0)->keys);
	assert_int_equal(endpoint.port, 80);
	load_free(&l);
}

static void test_other_family_needs_a_tunnel(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("192.0.2.1 80",
		SERVER("2001:db8::1 80") SERVER("192.0.2.2 80")));
	assert_int_equal(
		loaded_diag(&l, DIAG_CONFLICT)->severity, DIAG_ERROR);
	assert_int_equal(loaded_service(&l, 0)->servers.n, 1);
	load_free(&l);
	load_text(&l, SERVICE("192.0.2.1 80", " lvs_method TUN\n"
		SERVER("2001:db8::1 80")));
	expect_clean(&l);
	load_free(&l);
}

static void test_quorum_out_of_reach_is_reduced(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("192.0.2.1 80", " quorum 5\n hysteresis 2\n"
		SERVER("192.0.2.2 80") SERVER("192.0.2.3 80")));
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 0);
	assert_true(diag_count(l.diags) >= 1);
	assert_int_equal(loaded_service(&l, 0)->quorum, 2);
	assert_int_equal(loaded_service(&l, 0)->hysteresis, 0);
	load_free(&l);
}

static void test_fwmark_takes_the_family_of_its_servers(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, "virtual_server fwmark 7 {\n lb_algo rr\n lb_kind NAT\n"
		SERVER("2001:db8::1") "}\n"
		"virtual_server fwmark 7 {\n lb_algo rr\n lb_kind NAT\n"
		" ip_family inet\n" SERVER("192.0.2.1") "}\n");
	expect_clean(&l);
	expect_key(loaded_service(&l, 0)->keys, "fwmark 7 inet6");
	expect_key(loaded_service(&l, 1)->keys, "fwmark 7");
	load_free(&l);
}

static void test_group_with_ranges_is_expanded(void **state)
{
	static const char *const expected[] = {
		"tcp 192.0.2.254:80", "tcp 192.0.2.255:80",
		"tcp 198.51.100.1:80", "tcp 198.51.100.1:81",
		"tcp 198.51.100.2:80", "tcp 198.51.100.2:81",
		"tcp 203.0.113.4:443", "tcp 203.0.113.5:443",
		"tcp [2001:db8::a]:443", "tcp [2001:db8::b]:443",
		"fwmark 3", "fwmark 3 inet6",
	};
	struct ipvs_conf_service *service;
	struct loaded l;
	size_t i;

	(void)state;
	load_text(&l, "virtual_server_group web {\n 192.0.2.254-255 80\n"
		" 198.51.100.1-198.51.100.2 80-81\n 203.0.113.5/31 443\n"
		" 2001:db8::a-b 443\n fwmark 3\n fwmark 3 inet6\n}\n"
		SERVICE("group web", " lvs_method TUN\n" SERVER("192.0.2.2")));
	expect_clean(&l);
	service = loaded_service(&l, 0);
	assert_int_equal(service->n_keys, 12);
	for (i = 0; i < 12; i++)
		expect_key(&service->keys[i], expected[i]);
	load_free(&l);
}

static void test_bad_group_lines_are_refused(void **state)
{
	static const char *const lines[] = { "192.0.2.9-3 80", "192.0.2.1/40",
		"192.0.2.1-2001:db8::1", "192.0.2.1 80-70", "192.0.2.1 99999",
		"10.0.0.0/8 80", "fwmark 0", "fwmark 5 inet9", "host 80",
		"192.0.2.1-", "2001:db8::1-12345", "192.0.2.1/" };
	char text[256];
	struct loaded l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text),
			"virtual_server_group g {\n 192.0.2.77 80\n %s\n}\n",
			lines[i]);
		load_text(&l, text);
		if (diag_count_severity(l.diags, DIAG_ERROR) != 1)
			fprintf(stderr, "accepted: %s\n", lines[i]);
		assert_int_equal(
			diag_count_severity(l.diags, DIAG_ERROR), 1);
		load_free(&l);
	}
}

static void test_unknown_group_is_an_error(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("group nix", SERVER("192.0.2.2 80")));
	assert_int_equal(
		loaded_diag(&l, DIAG_REFERENCE)->severity, DIAG_ERROR);
	assert_int_equal(l.conf->services.n, 0);
	load_free(&l);
}

static void test_globals_of_several_blocks_add_up(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, "global_defs {\n lvs_foreign adopt\n}\n"
		      "global_defs {\n lvs_flush\n lvs_flush_on_stop VS\n}\n");
	expect_clean(&l);
	assert_int_equal(l.conf->globals.foreign, IPVS_FOREIGN_ADOPT);
	assert_true(l.conf->globals.flush);
	assert_int_equal(
		l.conf->globals.flush_on_stop, IPVS_STOP_FLUSH_SERVICES);
	load_free(&l);
}

static void test_sync_daemon_is_taken_as_written(void **state)
{
	const struct ipvs_conf_sync *sync;
	struct table_globals globals;
	struct loaded l;

	(void)state;
	load_text(&l,
		"global_defs {\n lvs_sync_daemon eth1 VI_1 port 8849 ttl 2"
		" group 224.0.0.82 maxlen 1400\n"
		" lvs_timeouts tcp 7200 udp 60\n}\n"
		"vrrp_instance VI_0 {\n virtual_router_id 80\n}\n"
		"vrrp_instance VI_1 {\n virtual_router_id 81\n}\n");
	expect_clean(&l);
	sync = &l.conf->globals.sync;
	assert_string_equal(sync->instance, "VI_1");
	assert_int_equal(sync->id, 81);
	ipvs_conf_table_globals(&l.conf->globals, true, &globals);
	assert_true(globals.sync);
	assert_true(globals.daemons[TABLE_DAEMON_MASTER].running);
	assert_false(globals.daemons[TABLE_DAEMON_BACKUP].running);
	assert_int_equal(globals.daemons[TABLE_DAEMON_MASTER].port, 8849);
	assert_int_equal(globals.daemons[TABLE_DAEMON_MASTER].max_len, 1400);
	assert_int_equal(globals.timeouts.tcp_s, 7200);
	assert_int_equal(globals.timeouts.tcp_fin_s, 0);
	ipvs_conf_table_globals(&l.conf->globals, false, &globals);
	assert_false(globals.daemons[TABLE_DAEMON_MASTER].running);
	assert_true(globals.daemons[TABLE_DAEMON_BACKUP].running);
	load_free(&l);
}

static void test_sync_daemon_without_an_instance_runs_both_ways(void **state)
{
	struct table_globals globals;
	struct loaded l;

	(void)state;
	load_text(&l, "global_defs {\n lvs_sync_daemon eth1 id 7\n}\n");
	expect_clean(&l);
	ipvs_conf_table_globals(&l.conf->globals, false, &globals);
	assert_true(globals.daemons[TABLE_DAEMON_MASTER].running);
	assert_true(globals.daemons[TABLE_DAEMON_BACKUP].running);
	assert_int_equal(globals.daemons[TABLE_DAEMON_BACKUP].sync_id, 7);
	load_free(&l);
}

static void test_old_word_for_the_sync_daemon_names_its_instance(void **state)
{
	const struct ipvs_conf_sync *sync;
	struct loaded l;

	(void)state;
	load_text(&l, "vrrp_instance A {\n virtual_router_id 9\n"
		      " lvs_sync_daemon_interface eth2\n}\n"
		      "vrrp_instance B {\n virtual_router_id 8\n"
		      " lvs_sync_daemon_interface eth3\n}\n");
	sync = &l.conf->globals.sync;
	assert_string_equal(sync->interface, "eth2");
	assert_string_equal(sync->instance, "A");
	assert_int_equal(sync->id, 9);
	load_free(&l);
}

static void test_bad_sync_daemons_are_errors(void **state)
{
	static const struct {
		const char *words;
		enum diag_code code;
	} bad[] = {
		{ "eth0 id 256", DIAG_VALUE_RANGE },
		{ "eth0 inst VI_2", DIAG_REFERENCE },
		{ "eth0 VI_1 group 192.0.2.1", DIAG_VALUE_RANGE },
		{ "eth0 VI_1 fast", DIAG_EXTRA_ARGUMENT },
		{ "eth0 VI_1 ttl", DIAG_MISSING_ARGUMENT },
		{ "a-name-far-too-long VI_1", DIAG_VALUE_RANGE },
	};
	char text[256];
	struct loaded l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
			"global_defs {\n lvs_sync_daemon %s\n}\n"
			"vrrp_instance VI_1 {\n virtual_router_id 81\n}\n",
			bad[i].words);
		load_text(&l, text);
		loaded_diag(&l, bad[i].code);
		assert_null(l.conf->globals.sync.interface);
		load_free(&l);
	}
}

static void test_thresholds_in_the_wrong_order_are_an_error(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, SERVICE("192.0.2.1 80",
		" real_server 192.0.2.2 80 {\n  uthreshold 5\n"
		"  lthreshold 6\n }\n"));
	assert_int_equal(
		loaded_diag(&l, DIAG_CONFLICT)->severity, DIAG_ERROR);
	load_free(&l);
}

static void expect_documented(const struct conf_block *block)
{
	const struct conf_keyword *k;

	for (k = block->keywords; k->name; k++) {
		assert_non_null(k->doc);
		assert_true(strlen(k->doc) > 10);
		assert_non_null(k->args);
		if (k->type == CONF_CUSTOM)
			assert_true(k->bind || k->flags &
				(CONF_NOT_BUILT | CONF_IGNORED));
		if (k->block)
			expect_documented(k->block);
	}
}

static void test_every_keyword_is_documented(void **state)
{
	(void)state;
	expect_documented(&ipvs_conf_root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_service_is_taken_as_written),
		cmocka_unit_test(test_what_needs_persistence_brings_it),
		cmocka_unit_test(test_a_port_that_no_packet_gets_is_told),
		cmocka_unit_test(
			test_protocol_without_a_word_is_udp_with_a_warning),
		cmocka_unit_test(
			test_scheduler_and_method_have_defaults_with_warnings),
		cmocka_unit_test(test_unknown_scheduler_is_an_error),
		cmocka_unit_test(
			test_second_virtual_server_is_an_error_with_both_places),
		cmocka_unit_test(
			test_second_real_server_is_an_error_and_left_out),
		cmocka_unit_test(
			test_virtual_server_without_server_is_an_error),
		cmocka_unit_test(test_port_behind_dr_is_that_of_the_service),
		cmocka_unit_test(test_other_family_needs_a_tunnel),
		cmocka_unit_test(test_quorum_out_of_reach_is_reduced),
		cmocka_unit_test(test_fwmark_takes_the_family_of_its_servers),
		cmocka_unit_test(test_group_with_ranges_is_expanded),
		cmocka_unit_test(test_bad_group_lines_are_refused),
		cmocka_unit_test(test_unknown_group_is_an_error),
		cmocka_unit_test(test_globals_of_several_blocks_add_up),
		cmocka_unit_test(test_sync_daemon_is_taken_as_written),
		cmocka_unit_test(
			test_sync_daemon_without_an_instance_runs_both_ways),
		cmocka_unit_test(
			test_old_word_for_the_sync_daemon_names_its_instance),
		cmocka_unit_test(test_bad_sync_daemons_are_errors),
		cmocka_unit_test(
			test_thresholds_in_the_wrong_order_are_an_error),
		cmocka_unit_test(test_every_keyword_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

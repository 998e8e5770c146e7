/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "config/effective.h"
#include "config/effective_print.h"
#include "daemon/language.h"
#include "lib/mem.h"

struct fixture {
	struct conf_tree *tree;
	struct effective *e;
	struct effective_value value;
};

static void fixture_open(struct fixture *f, const char *text)
{
	const struct conf_load_options options = { .config_id = "here" };
	struct diag_list *diags = diag_list_new();

	f->tree = conf_load_text(&tandem_language, "t.conf", text, strlen(text),
		&options, diags);
	assert_non_null(f->tree);
	assert_int_equal(diag_count_severity(diags, DIAG_ERROR), 0);
	diag_list_free(diags);
	f->e = effective_new(&tandem_language, f->tree);
}

static void fixture_close(struct fixture *f)
{
	effective_free(f->e);
	conf_tree_free(f->tree);
}

/* The N-th block of BLOCK. */
static const struct effective_block *inside(
	const struct effective_block *block, size_t n)
{
	assert_true(n < block->n_blocks);
	return block->blocks[n];
}

static const char *value_of(struct fixture *f,
	const struct effective_block *block, const char *keyword)
{
	const struct effective_row *row =
		effective_find_row(block->class, keyword);

	assert_non_null(row);
	effective_value(f->e, block, row, &f->value);
	return f->value.text ? f->value.text : "(none)";
}

#define INSTANCE                                                               \
	"vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n"             \
	"virtual_ipaddress {\n192.0.2.1/24\n}\n"
#define SERVICE "virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind NAT\n"

static void test_what_is_in_the_file_is_given(void **state)
{
	struct fixture f;
	const struct effective_block *v;

	(void)state;
	fixture_open(&f, INSTANCE "priority 7\nadvert_int 2.0\n}\n");
	v = inside(effective_root(f.e), 0);
	assert_string_equal(value_of(&f, v, "priority"), "7");
	assert_int_equal(f.value.origin, EFFECTIVE_GIVEN);
	assert_int_equal(conf_node_place(f.tree, f.value.node).line, 7);
	assert_string_equal(value_of(&f, v, "advert_int"), "2");
	fixture_close(&f);
}

static void test_what_is_not_is_a_default_or_nothing(void **state)
{
	struct fixture f;
	const struct effective_block *v;

	(void)state;
	fixture_open(&f, INSTANCE "}\n");
	v = inside(effective_root(f.e), 0);
	assert_string_equal(value_of(&f, v, "priority"), "100");
	assert_int_equal(f.value.origin, EFFECTIVE_DEFAULT);
	assert_string_equal(value_of(&f, v, "garp_master_delay"), "5");
	assert_int_equal(f.value.origin, EFFECTIVE_DEFAULT);
	assert_string_equal(value_of(&f, v, "nopreempt"), "off");
	assert_string_equal(value_of(&f, v, "unicast_src_ip"), "(none)");
	assert_int_equal(f.value.origin, EFFECTIVE_UNSET);
	fixture_close(&f);
}

static void test_instances_inherit_from_global_defs(void **state)
{
	struct fixture f;
	const struct effective_block *v;

	(void)state;
	fixture_open(&f, INSTANCE "}\nglobal_defs {\n"
				  "vrrp_garp_master_delay 3\n}\n");
	v = inside(effective_root(f.e), 0);
	assert_string_equal(value_of(&f, v, "garp_master_delay"), "3");
	assert_int_equal(f.value.origin, EFFECTIVE_INHERITED);
	assert_string_equal(f.value.from, "vrrp_garp_master_delay");
	assert_int_equal(conf_node_place(f.tree, f.value.node).line, 9);
	fixture_close(&f);
}

/* By other names, and not from the block around. */
static void test_mail_is_inherited_from_global_defs_alone(void **state)
{
	struct fixture f;
	const struct effective_block *service;
	const struct effective_block *server;

	(void)state;
	fixture_open(&f, "global_defs {\nsmtp_alert off\nsmtp_alert_vrrp\n}\n"
			 INSTANCE "}\n"
			 SERVICE "smtp_alert yes\n"
			 "real_server 192.0.2.2 80 {\n}\n}\n");
	assert_string_equal(value_of(&f, inside(effective_root(f.e), 1),
				    "smtp_alert"),
		"on");
	assert_int_equal(f.value.origin, EFFECTIVE_INHERITED);
	assert_string_equal(f.value.from, "smtp_alert_vrrp");
	service = inside(effective_root(f.e), 2);
	assert_string_equal(value_of(&f, service, "smtp_alert"), "on");
	assert_int_equal(f.value.origin, EFFECTIVE_GIVEN);
	server = inside(service, 0);
	assert_string_equal(value_of(&f, server, "smtp_alert"), "off");
	assert_int_equal(f.value.origin, EFFECTIVE_INHERITED);
	assert_string_equal(f.value.from, "smtp_alert");
	fixture_close(&f);
	/* Alike by chance. */
	fixture_open(&f, SERVICE "smtp_alert on\nreal_server 192.0.2.2 80 {\n"
				 "}\n}\n");
	server = inside(inside(effective_root(f.e), 0), 0);
	assert_string_equal(value_of(&f, server, "smtp_alert"), "on");
	assert_int_equal(f.value.origin, EFFECTIVE_DEFAULT);
	fixture_close(&f);
}

static void test_servers_and_checks_inherit_from_services(void **state)
{
	struct fixture f;
	const struct effective_block *check;

	(void)state;
	fixture_open(&f, SERVICE "delay_loop 9\nreal_server 192.0.2.2 80 {\n"
				 "TCP_CHECK {\n}\n}\n}\n");
	check = inside(inside(inside(effective_root(f.e), 0), 0), 0);
	assert_string_equal(value_of(&f, check, "delay_loop"), "9");
	assert_int_equal(f.value.origin, EFFECTIVE_INHERITED);
	assert_string_equal(f.value.from, "delay_loop");
	fixture_close(&f);
}

static void test_what_a_role_makes_of_the_rest_is_derived(void **state)
{
	struct fixture f;
	const struct effective_block *v;

	(void)state;
	fixture_open(&f, "vrrp_instance V {\ninterface eth0\n"
			 "virtual_router_id 1\n"
			 "virtual_ipaddress {\nfe80::1/64\n}\n}\n");
	v = inside(effective_root(f.e), 0);
	assert_string_equal(value_of(&f, v, "version"), "3");
	assert_int_equal(f.value.origin, EFFECTIVE_DERIVED);
	fixture_close(&f);
}

static void test_two_names_of_a_thing_are_one_row(void **state)
{
	struct fixture f;
	const struct effective_block *s;

	(void)state;
	fixture_open(&f, "virtual_server 192.0.2.1 80 {\nlvs_sched wrr\n"
			 "real_server 192.0.2.2 80 {\n}\n}\n");
	s = inside(effective_root(f.e), 0);
	assert_string_equal(value_of(&f, s, "lvs_sched"), "wrr");
	assert_string_equal(value_of(&f, s, "lb_algo"), "wrr");
	assert_int_equal(f.value.origin, EFFECTIVE_GIVEN);
	fixture_close(&f);
}

static void test_the_last_of_two_counts_and_the_first_of_scripts(void **state)
{
	struct fixture f;
	const struct effective_block *v;

	(void)state;
	fixture_open(&f, INSTANCE "priority 7\npriority 8\n"
				  "notify /bin/true\nnotify /bin/false\n}\n");
	v = inside(effective_root(f.e), 0);
	assert_string_equal(value_of(&f, v, "priority"), "8");
	assert_int_equal(conf_node_place(f.tree, f.value.node).line, 8);
	value_of(&f, v, "notify");
	assert_int_equal(conf_node_place(f.tree, f.value.node).line, 9);
	fixture_close(&f);
}

static void test_a_block_in_two_parts_is_one(void **state)
{
	struct fixture f;
	const struct effective_block *global;

	(void)state;
	fixture_open(&f, "global_defs {\nvrrp_garp_master_delay 3\n}\n"
			 "global_defs {\nvrrp_garp_master_repeat 2\n}\n");
	assert_int_equal(effective_root(f.e)->n_blocks, 1);
	global = inside(effective_root(f.e), 0);
	assert_string_equal(
		value_of(&f, global, "vrrp_garp_master_delay"), "3");
	assert_string_equal(
		value_of(&f, global, "vrrp_garp_master_repeat"), "2");
	fixture_close(&f);
}

static struct json_object *json_of(const struct fixture *f, bool defaults)
{
	struct json_object *list;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	effective_put_json(out, &tandem_language, f->tree, defaults);
	fclose(out);
	list = json_tokener_parse(text);
	assert_non_null(list);
	free(text);
	return list;
}

/* The child of LIST with KEYWORD, or NULL. */
static struct json_object *find(struct json_object *list, const char *keyword)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		if (!strcmp(json_object_get_string(
				    json_object_object_get(one, "keyword")),
			    keyword))
			return one;
	}
	return NULL;
}

static const char *member(struct json_object *json, const char *key)
{
	return json_object_get_string(json_object_object_get(json, key));
}

static void test_json_has_values_of_their_type(void **state)
{
	struct fixture f;
	struct json_object *list;
	struct json_object *v;
	struct json_object *one;

	(void)state;
	fixture_open(&f, INSTANCE "advert_int 1\npreempt_delay 0.5\n"
				  "authentication {\nauth_type PASS\n"
				  "auth_pass hunter2\n}\n}\n");
	list = json_of(&f, true);
	assert_null(strstr(json_object_to_json_string(list), "hunter2"));
	v = json_object_object_get(find(list, "vrrp_instance"), "children");
	one = find(v, "preempt_delay");
	assert_string_equal(member(one, "origin"), "file");
	assert_string_equal(member(one, "unit"), "seconds");
	assert_string_equal(member(one, "line"), "8");
	assert_true(json_object_get_double(
			    json_object_object_get(one, "value")) == 0.5);
	assert_true(json_object_is_type(
		json_object_object_get(find(v, "nopreempt"), "value"),
		json_type_boolean));
	assert_string_equal(member(find(v, "priority"), "value"), "100");
	assert_string_equal(member(find(v, "priority"), "origin"), "default");
	/* global_defs is not in the file; what holds is shown nonetheless. */
	one = json_object_object_get(find(list, "global_defs"), "children");
	assert_string_equal(
		member(find(one, "vrrp_garp_master_delay"), "value"), "5");
	json_object_put(list);
	list = json_of(&f, false);
	assert_null(find(list, "global_defs"));
	json_object_put(list);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_in_the_file_is_given),
		cmocka_unit_test(test_what_is_not_is_a_default_or_nothing),
		cmocka_unit_test(test_instances_inherit_from_global_defs),
		cmocka_unit_test(
			test_mail_is_inherited_from_global_defs_alone),
		cmocka_unit_test(test_servers_and_checks_inherit_from_services),
		cmocka_unit_test(test_what_a_role_makes_of_the_rest_is_derived),
		cmocka_unit_test(test_two_names_of_a_thing_are_one_row),
		cmocka_unit_test(
			test_the_last_of_two_counts_and_the_first_of_scripts),
		cmocka_unit_test(test_a_block_in_two_parts_is_one),
		cmocka_unit_test(test_json_has_values_of_their_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

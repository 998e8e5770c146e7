/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <string.h>

#include "daemon/merge.h"

static struct json_object *parse(const char *text)
{
	struct json_object *json = json_tokener_parse(text);

	assert_non_null(json);
	return json;
}

static void assert_json(struct json_object *json, const char *expected)
{
	assert_string_equal(
		json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
		expected);
}

static void free_all(
	struct json_object *base, struct json_object *const *answers)
{
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		json_object_put(answers[id]);
	json_object_put(base);
}

static void test_checks_go_to_the_server_with_their_node(void **state)
{
	struct json_object *answers[ROLE_COUNT] = {
		[ROLE_IPVS] = parse("{\"services\":[{\"real_servers\":["
				    "{\"node\":7,\"checks\":[]},"
				    "{\"node\":9,\"checks\":[]}]}]}"),
		[ROLE_HEALTHCHECK] = parse(
			"{\"checks\":{\"9\":[{\"kind\":\"x\"}],"
			"\"11\":[{\"kind\":\"y\"}]}}"),
	};
	struct json_object *base = parse("{\"problems\":[]}");

	(void)state;
	merge_status(base, answers);
	assert_json(base, "{\"problems\":[],\"services\":[{\"real_servers\":["
			  "{\"checks\":[]},{\"checks\":[{\"kind\":\"x\"}]}]}],"
			  "\"vrrp\":[]}");
	free_all(base, answers);
}

static void test_problems_of_all_roles_are_joined(void **state)
{
	struct json_object *answers[ROLE_COUNT] = {
		[ROLE_VRRP] = parse("{\"vrrp\":[1],\"problems\":[\"v\"]}"),
		[ROLE_IPVS] = parse("{\"problems\":[\"i1\",\"i2\"]}"),
	};
	struct json_object *base = parse("{\"problems\":[\"own\"]}");

	(void)state;
	merge_status(base, answers);
	assert_json(base,
		"{\"problems\":[\"own\",\"v\",\"i1\",\"i2\"],\"vrrp\":[1],"
		"\"services\":[]}");
	free_all(base, answers);
}

static void test_answers_of_any_shape_are_survived(void **state)
{
	static const char *const shapes[] = { "[]", "1", "\"x\"", "{}",
		"{\"vrrp\":1}", "{\"services\":{}}", "{\"services\":[1,[],{}]}",
		"{\"services\":[{\"real_servers\":1}]}",
		"{\"services\":[{\"real_servers\":[1,{\"node\":\"x\"}]}]}",
		"{\"checks\":[]}", "{\"checks\":{\"7\":1}}", "{\"problems\":1}",
		"{\"explain\":1}" };
	size_t n = sizeof(shapes) / sizeof(shapes[0]);
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			struct json_object *answers[ROLE_COUNT] = {
				[ROLE_IPVS] = parse(shapes[i]),
				[ROLE_HEALTHCHECK] = parse(shapes[k]),
			};
			struct json_object *base = parse("{}");

			merge_status(base, answers);
			merge_explain(base, answers);
			assert_true(json_object_object_get_ex(
				base, "services", NULL));
			free_all(base, answers);
		}
	}
}

static void test_explain_joins_lines_or_says_that_there_are_none(void **state)
{
	struct json_object *answers[ROLE_COUNT] = {
		[ROLE_VRRP] = parse("{\"explain\":[\"a\"]}"),
		[ROLE_RUNNER] = parse("{\"explain\":[\"b\"]}"),
	};
	struct json_object *none[ROLE_COUNT] = { NULL };
	struct json_object *base = parse("{}");

	(void)state;
	merge_explain(base, answers);
	assert_json(base, "{\"explain\":[\"a\",\"b\"]}");
	free_all(base, answers);
	base = parse("{}");
	merge_explain(base, none);
	assert_true(json_object_object_get_ex(base, "error", NULL));
	free_all(base, none);
}

static void test_log_lines_are_in_the_order_of_time(void **state)
{
	struct json_object *base = parse("{}");

	(void)state;
	merge_log(base,
		parse("[{\"time_us\":2},{\"time_us\":3,\"role\":\"vrrp\"},"
		      "{\"time_us\":5},{\"time_us\":1},{\"time_us\":4}]"));
	assert_json(base, "{\"log\":[{\"time_us\":1},{\"time_us\":2},"
			  "{\"time_us\":3,\"role\":\"vrrp\"},{\"time_us\":4},"
			  "{\"time_us\":5}]}");
	json_object_put(base);
}

static void test_only_the_wanted_part_is_kept(void **state)
{
	struct json_object *base = parse(
		"{\"version\":1,\"roles\":[],\"generation\":2,"
		"\"a\":1,\"bfd\":[],\"vrrp\":[],\"problems\":[],\"b\":1}");

	(void)state;
	merge_keep_only(base, "vrrp bfd");
	assert_json(base,
		"{\"generation\":2,\"bfd\":[],\"vrrp\":[],\"problems\":[]}");
	json_object_put(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks_go_to_the_server_with_their_node),
		cmocka_unit_test(test_problems_of_all_roles_are_joined),
		cmocka_unit_test(test_answers_of_any_shape_are_survived),
		cmocka_unit_test(
			test_explain_joins_lines_or_says_that_there_are_none),
		cmocka_unit_test(test_log_lines_are_in_the_order_of_time),
		cmocka_unit_test(test_only_the_wanted_part_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

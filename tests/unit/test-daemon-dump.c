/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the dumps: their names, their layouts, what is in their place.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/dump.h"
#include "daemon/files_conf.h"
#include "lib/mem.h"

#define STATUS                                                                 \
	"{\"version\":\"1\",\"problems\":[\"p\"],\"dump\":{\"vrrp\":[{"        \
	"\"data\":{\"iname\":\"A\",\"state\":2,\"wantstate\":1,"               \
	"\"adver_int\":0.5,\"nopreempt\":true,\"vips\":[\"x\",\"y\"]},"        \
	"\"stats\":{\"advert_rcvd\":3,\"pri_zero_sent\":4}}],"                 \
	"\"track_process\":[]}}"

static void assert_path(enum dump_kind kind, const struct files_conf *conf,
	const char *instance, const char *expected)
{
	char *path = dump_path(kind, conf, "/run/t", "ns", instance);

	assert_string_equal(path, expected);
	x_free(path);
}

static void test_files_are_in_the_runtime_directory_unless_named(void **state)
{
	struct files_conf conf = { .json_version = 1 };

	(void)state;
	assert_path(DUMP_DATA, NULL, NULL, "/run/t/tandem.data");
	assert_path(DUMP_STATS, &conf, "i", "/run/t/tandem.stats");
	assert_path(DUMP_JSON, &conf, "i", "/run/t/tandem.json");
	conf.use_instance = true;
	assert_path(DUMP_DATA, &conf, "i", "/run/t/tandem.ns.i.data");
	assert_path(DUMP_JSON, &conf, "i", "/run/t/tandem.json");
	conf.state_dump = "/var/a.d/state";
	conf.json_dump = "sub/j";
	assert_path(DUMP_DATA, &conf, NULL, "/var/a.d/state.ns");
	assert_path(DUMP_JSON, &conf, NULL, "/run/t/sub/j");
}

static char *printed(enum dump_kind kind, int64_t version, const char *text)
{
	struct json_object *status = json_tokener_parse(text);
	char *got = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&got, &len);

	assert_non_null(status);
	assert_non_null(out);
	dump_print(out, kind, version, status);
	fclose(out);
	json_object_put(status);
	return got;
}

static void assert_printed(enum dump_kind kind, int64_t version,
	const char *text, const char *expected)
{
	char *got = printed(kind, version, text);

	assert_string_equal(got, expected);
	free(got);
}

static void assert_has(enum dump_kind kind, const char *part)
{
	char *got = printed(kind, 1, STATUS);

	if (!strstr(got, part))
		fail_msg("'%s' is not in: %s", part, got);
	free(got);
}

static void test_json_is_a_list_or_an_object_of_lists(void **state)
{
	static const char small[] =
		"{\"dump\":{\"vrrp\":[{\"data\":{}}],\"track_process\":[]}}";

	(void)state;
	assert_printed(DUMP_JSON, 1, small, "[{\"data\":{}}]");
	assert_printed(DUMP_JSON, 2, small,
		"{\"vrrp\":[{\"data\":{}}],\"track_process\":[]}");
}

static void test_without_vrrp_there_are_no_instances(void **state)
{
	(void)state;
	assert_printed(DUMP_JSON, 1, "{}", "[]");
	assert_printed(DUMP_JSON, 2, "{\"dump\":7}",
		"{\"vrrp\":[],\"track_process\":[]}");
	assert_printed(DUMP_STATS, 1, "{}", "");
}

static void test_counters_and_state_read_as_keepalived_s(void **state)
{
	(void)state;
	assert_has(DUMP_STATS, "VRRP Instance: A\n  Advertisements:\n"
			       "    Received: 3\n    Sent: 0\n");
	assert_has(DUMP_STATS, "  Priority Zero:\n    Received: 0\n"
			       "    Sent: 4\n");
	assert_has(DUMP_DATA, "------< VRRP Topology >------\n"
			      " VRRP Instance = A\n");
	assert_has(DUMP_DATA, "   State = MASTER\n   Wantstate = BACKUP\n");
	assert_has(DUMP_DATA, "   Preempt = disabled\n"
			      "   Virtual IP (2):\n     x\n     y\n");
	assert_has(DUMP_DATA, "problems = p\n");
}

static void test_a_link_in_the_place_is_replaced_not_followed(void **state)
{
	struct json_object *status = json_tokener_parse(STATUS);
	char dir[] = "dump-test-XXXXXX";
	struct stat st;
	char *victim;
	char *path;

	(void)state;
	assert_non_null(mkdtemp(dir));
	victim = x_asprintf("%s/victim", dir);
	path = x_asprintf("%s/json", dir);
	assert_int_equal(symlink("victim", path), 0);
	assert_int_equal(dump_write(path, DUMP_JSON, 1, status), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(lstat(victim, &st), -1);
	unlink(path);
	/* What cannot be replaced stays, and nothing is left beside it. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(dump_write(path, DUMP_JSON, 1, status), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
	x_free(victim);
	x_free(path);
	json_object_put(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_files_are_in_the_runtime_directory_unless_named),
		cmocka_unit_test(test_json_is_a_list_or_an_object_of_lists),
		cmocka_unit_test(test_without_vrrp_there_are_no_instances),
		cmocka_unit_test(test_counters_and_state_read_as_keepalived_s),
		cmocka_unit_test(
			test_a_link_in_the_place_is_replaced_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

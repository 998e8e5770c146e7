/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "daemon/options.h"
#include "lib/mem.h"

#define ARGS_MAX 24

/* LINE split at blanks; the words stay valid until the next call. */
static int parse(struct options *options, const char *line, char **ret_text)
{
	static char words[512];
	char *argv[ARGS_MAX + 1] = { NULL };
	char *text = NULL;
	size_t size = 0;
	char *rest = words;
	int argc = 0;
	FILE *err;
	int result;

	snprintf(words, sizeof(words), "tandemd %s", line);
	while (argc < ARGS_MAX && (argv[argc] = strsep(&rest, " ")) != NULL)
		if (*argv[argc])
			argc++;
	argv[argc] = NULL;
	err = open_memstream(&text, &size);
	assert_non_null(err);
	result = options_parse(options, argc, argv, err);
	fclose(err);
	if (ret_text)
		*ret_text = text;
	else
		free(text);
	return result;
}

static void parse_good(struct options *options, const char *line)
{
	char *text;

	assert_int_equal(parse(options, line, &text), 0);
	assert_string_equal(text, "");
	free(text);
}

static void assert_refused(const char *line, const char *why)
{
	struct options options;
	char *text;

	assert_int_equal(parse(&options, line, &text), -EINVAL);
	if (!strstr(text, why))
		fail_msg("'%s' is not in: %s", why, text);
	free(text);
}

static void test_defaults_are_those_of_the_contract(void **state)
{
	struct options o;

	(void)state;
	parse_good(&o, "");
	assert_int_equal(o.action, OPTIONS_RUN);
	assert_string_equal(o.file, TANDEM_CONFIG_FILE);
	assert_string_equal(o.runtime_dir, TANDEM_RUNTIME_DIR);
	assert_int_equal(o.facility, LOG_DAEMON);
	assert_false(o.foreground || o.lenient || o.log_console);
	assert_int_equal(o.n_idle, 0);
}

static void test_short_options_of_keepalived(void **state)
{
	struct options o;

	(void)state;
	parse_good(&o, "-f /a -n -l -D -D -G -P -V -I -R -d -m -p /p -r /v "
		       "-c /c -s ns -i id");
	assert_string_equal(o.file, "/a");
	assert_true(o.foreground && o.log_console && o.no_syslog);
	assert_int_equal(o.detail, 2);
	assert_true(o.only_vrrp && !o.only_check);
	assert_true(o.keep_vips && o.keep_ipvs && o.no_respawn);
	assert_true(o.dump_config && o.core_dump);
	assert_string_equal(o.pid_file, "/p");
	assert_string_equal(o.vrrp_pid_file, "/v");
	assert_string_equal(o.check_pid_file, "/c");
	assert_string_equal(o.net_namespace, "ns");
	assert_string_equal(o.config_id, "id");
}

static void test_long_options_of_keepalived(void **state)
{
	struct options o;

	(void)state;
	parse_good(&o, "--use-file=/a --dont-fork --log-console --log-detail "
		       "--check --dont-release-ipvs --ignore-sigint --all "
		       "--namespace ns --config-id=id --pid /p");
	assert_string_equal(o.file, "/a");
	assert_true(o.foreground && o.log_console && o.only_check);
	assert_true(o.keep_ipvs && o.ignore_sigint && !o.no_bfd);
	parse_good(&o, "-B");
	assert_true(o.no_bfd);
	assert_int_equal(o.n_idle, 0);
	parse_good(&o, "--namespace ns");
	assert_string_equal(o.net_namespace, "ns");
}

static void test_config_test_takes_its_file_in_every_way(void **state)
{
	static const char *const lines[] = { "-t/a", "-t /a", "-t -f /a",
		"-f /a -t", "--config-test=/a", "--config-test /a" };
	struct options o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		parse_good(&o, lines[i]);
		assert_int_equal(o.action, OPTIONS_TEST);
		assert_string_equal(o.file, "/a");
	}
	parse_good(&o, "-t -f -");
	assert_string_equal(o.file, "-");
	parse_good(&o, "-t");
	assert_string_equal(o.file, OPTIONS_CONFIG_FILE);
}

static void test_formats_of_the_config_test(void **state)
{
	struct options o;

	(void)state;
	parse_good(&o, "-t --json");
	assert_int_equal(o.format, OPTIONS_FORMAT_JSON);
	parse_good(&o, "-t --format=gcc");
	assert_int_equal(o.format, OPTIONS_FORMAT_GCC);
	parse_good(&o, "-t");
	assert_int_equal(o.format, OPTIONS_FORMAT_TEXT);
	assert_refused("-t --format=xml",
		"'xml' is no value for --format; valid: text, gcc, json\n");
}

static void test_log_facilities(void **state)
{
	static const struct {
		const char *line;
		int facility;
	} good[] = {
		{ "-S 0", LOG_LOCAL0 },
		{ "-S 7", LOG_LOCAL7 },
		{ "-S local3", LOG_LOCAL3 },
		{ "-S user", LOG_USER },
		{ "--log-facility=daemon", LOG_DAEMON },
	};
	struct options o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		parse_good(&o, good[i].line);
		assert_int_equal(o.facility, good[i].facility);
	}
	assert_refused("-S 8", "'8' is no value");
	assert_refused("-S local", "'local' is no value");
	assert_refused("-S kern", "'kern' is no value");
}

static void test_umask_is_a_number_or_bits(void **state)
{
	struct options o;

	(void)state;
	parse_good(&o, "-u 022");
	assert_true(o.umask_set);
	assert_int_equal(o.umask, 022);
	parse_good(&o, "-u 0x12");
	assert_int_equal(o.umask, 022);
	parse_good(&o, "-u IWGRP|IWOTH");
	assert_int_equal(o.umask, 022);
	parse_good(&o, "-u S_IWGRP");
	assert_int_equal(o.umask, 020);
	assert_refused("-u 01000", "no value");
	assert_refused("-u 08", "no value");
	assert_refused("-u IWGRP|", "no value");
	assert_refused("-u bits", "no value");
}

static void test_signal_numbers_by_keepalived_s_names(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(options_signal_number("RELOAD"), SIGHUP);
	assert_int_equal(options_signal_number("HUP"), SIGHUP);
	assert_int_equal(options_signal_number("STOP"), SIGTERM);
	assert_int_equal(options_signal_number("DATA"), SIGUSR1);
	assert_int_equal(options_signal_number("STATS"), SIGUSR2);
	assert_int_equal(options_signal_number("JSON"), SIGRTMIN + 2);
	assert_int_equal(options_signal_number("kill"), -EINVAL);
	parse_good(&o, "--signum=JSON");
	assert_int_equal(o.action, OPTIONS_SIGNUM);
	assert_refused("--signum=NONE", "'NONE' is no value for --signum; valid: HUP,");
	assert_refused("-S none", "'none' is no value for --log-facility; ");
}

static void test_options_without_a_function_are_named_once(void **state)
{
	struct options o;

	(void)state;
	parse_good(&o, "-x -x -A socket -a -X -b /b -g/log -M --perf");
	assert_int_equal(o.n_idle, 8);
	assert_string_equal(o.idle[0], "-x/--snmp");
	assert_string_equal(o.idle[1], "-A/--snmp-agent-socket");
	assert_false(o.all_config);
	parse_good(&o, "-e");
	assert_true(o.all_config);
}

static void test_what_cannot_be_is_refused_with_a_reason(void **state)
{
	(void)state;
	assert_refused("--nonsense", "unknown option '--nonsense'");
	assert_refused("-Z", "unknown option");
	assert_refused("-f", "argument missing");
	assert_refused("file", "unexpected argument 'file'");
	assert_refused("-t a b", "unexpected argument 'a'");
	assert_refused("-P -C", "exclude each other");
	assert_refused("--runtime-dir=run", "absolute path");
	assert_refused("-f -", "'-' is for -t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_those_of_the_contract),
		cmocka_unit_test(test_short_options_of_keepalived),
		cmocka_unit_test(test_long_options_of_keepalived),
		cmocka_unit_test(test_config_test_takes_its_file_in_every_way),
		cmocka_unit_test(test_formats_of_the_config_test),
		cmocka_unit_test(test_log_facilities),
		cmocka_unit_test(test_umask_is_a_number_or_bits),
		cmocka_unit_test(test_signal_numbers_by_keepalived_s_names),
		cmocka_unit_test(
			test_options_without_a_function_are_named_once),
		cmocka_unit_test(test_what_cannot_be_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

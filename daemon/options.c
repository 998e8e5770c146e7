/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "daemon/umask.h"

/* Options without a letter. */
enum {
	OPT_RUNTIME_DIR = 256,
	OPT_LENIENT,
	OPT_PORTABLE,
	OPT_JSON,
	OPT_FORMAT,
	OPT_ALL,
	OPT_SIGNUM,
	OPT_IGNORE_SIGINT,
	OPT_FLUSH_LOG_FILE,
	OPT_PERF,
	OPT_DEBUG,
	OPT_NO_MEM_CHECK,
};

static const struct option long_options[] = {
	{ "use-file", required_argument, NULL, 'f' },
	{ "config-test", optional_argument, NULL, 't' },
	{ "dont-fork", no_argument, NULL, 'n' },
	{ "log-console", no_argument, NULL, 'l' },
	{ "log-detail", no_argument, NULL, 'D' },
	{ "log-facility", required_argument, NULL, 'S' },
	{ "log-file", optional_argument, NULL, 'g' },
	{ "flush-log-file", no_argument, NULL, OPT_FLUSH_LOG_FILE },
	{ "no-syslog", no_argument, NULL, 'G' },
	{ "vrrp", no_argument, NULL, 'P' },
	{ "check", no_argument, NULL, 'C' },
	{ "no_bfd", no_argument, NULL, 'B' },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "release-vips", no_argument, NULL, 'X' },
	{ "dont-release-vrrp", no_argument, NULL, 'V' },
	{ "dont-release-ipvs", no_argument, NULL, 'I' },
	{ "dont-respawn", no_argument, NULL, 'R' },
	{ "dump-conf", no_argument, NULL, 'd' },
	{ "pid", required_argument, NULL, 'p' },
	{ "vrrp_pid", required_argument, NULL, 'r' },
	{ "checkers_pid", required_argument, NULL, 'c' },
	{ "bfd_pid", required_argument, NULL, 'b' },
	{ "address-monitoring", no_argument, NULL, 'a' },
	{ "namespace", required_argument, NULL, 's' },
	{ "all-config", no_argument, NULL, 'e' },
	{ "config-id", required_argument, NULL, 'i' },
	{ "umask", required_argument, NULL, 'u' },
	{ "core-dump", no_argument, NULL, 'm' },
	{ "core-dump-pattern", optional_argument, NULL, 'M' },
	{ "snmp", no_argument, NULL, 'x' },
	{ "snmp-agent-socket", required_argument, NULL, 'A' },
	{ "signum", required_argument, NULL, OPT_SIGNUM },
	{ "ignore-sigint", no_argument, NULL, OPT_IGNORE_SIGINT },
	{ "runtime-dir", required_argument, NULL, OPT_RUNTIME_DIR },
	{ "lenient", no_argument, NULL, OPT_LENIENT },
	{ "portable", no_argument, NULL, OPT_PORTABLE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "perf", optional_argument, NULL, OPT_PERF },
	{ "debug", optional_argument, NULL, OPT_DEBUG },
	{ "no-mem-check", no_argument, NULL, OPT_NO_MEM_CHECK },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char short_options[] =
	":f:t::nlDS:g::GPCBXVIRdp:r:c:b:as:ei:u:mM::xA:vh";

static const struct {
	const char *name;
	int facility;
} facilities[] = {
	{ "user", LOG_USER },
	{ "daemon", LOG_DAEMON },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static int parse_facility(const char *text, int *ret_facility)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(facilities); i++) {
		const char *name = facilities[i].name;

		/* keepalived's short form of localN is the digit. */
		if (strcmp(text, name) &&
			(strncmp(name, "local", 5) || strcmp(text, name + 5)))
			continue;
		*ret_facility = facilities[i].facility;
		return 0;
	}
	return -EINVAL;
}

static int parse_format(const char *text, enum options_format *ret_format)
{
	if (!strcmp(text, "gcc"))
		*ret_format = OPTIONS_FORMAT_GCC;
	else if (!strcmp(text, "json"))
		*ret_format = OPTIONS_FORMAT_JSON;
	else if (!strcmp(text, "text"))
		*ret_format = OPTIONS_FORMAT_TEXT;
	else
		return -EINVAL;
	return 0;
}

static void add_idle(struct options *options, const char *name)
{
	unsigned int i;

	for (i = 0; i < options->n_idle; i++)
		if (!strcmp(options->idle[i], name))
			return;
	if (options->n_idle < OPTIONS_IDLE_MAX)
		options->idle[options->n_idle++] = name;
}

/* What has no function yet: one warning each.  False for any other. */
static bool take_idle(struct options *options, int opt)
{
	static const struct {
		int opt;
		const char *name;
	} idle[] = {
		{ 'g', "-g/--log-file" },
		{ OPT_FLUSH_LOG_FILE, "--flush-log-file" },
		{ 'X', "-X/--release-vips" },
		{ 'b', "-b/--bfd_pid" },
		{ 'a', "-a/--address-monitoring" },
		{ 'M', "-M/--core-dump-pattern" },
		{ 'x', "-x/--snmp" },
		{ 'A', "-A/--snmp-agent-socket" },
		{ OPT_PERF, "--perf" },
		{ OPT_DEBUG, "--debug" },
		{ OPT_NO_MEM_CHECK, "--no-mem-check" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(idle); i++) {
		if (idle[i].opt != opt)
			continue;
		add_idle(options, idle[i].name);
		return true;
	}
	return false;
}

/* Options that set one flag.  False for any other. */
static bool take_flag(struct options *o, int opt)
{
	const struct {
		int opt;
		bool *flag;
	} flags[] = {
		{ 'n', &o->foreground },
		{ 'l', &o->log_console },
		{ 'G', &o->no_syslog },
		{ 'P', &o->only_vrrp },
		{ 'C', &o->only_check },
		{ 'B', &o->no_bfd },
		{ 'V', &o->keep_vips },
		{ 'I', &o->keep_ipvs },
		{ 'R', &o->no_respawn },
		{ 'd', &o->dump_config },
		{ 'e', &o->all_config },
		{ 'm', &o->core_dump },
		{ OPT_IGNORE_SIGINT, &o->ignore_sigint },
		{ OPT_LENIENT, &o->lenient },
		{ OPT_PORTABLE, &o->portable },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (flags[i].opt != opt)
			continue;
		*flags[i].flag = true;
		return true;
	}
	return false;
}

/* Options that keep a string.  False for any other. */
static bool take_string(struct options *o, int opt, const char *arg)
{
	const struct {
		int opt;
		const char **string;
	} strings[] = {
		{ 'f', &o->file },
		{ 'p', &o->pid_file },
		{ 'r', &o->vrrp_pid_file },
		{ 'c', &o->check_pid_file },
		{ 's', &o->net_namespace },
		{ 'i', &o->config_id },
		{ OPT_RUNTIME_DIR, &o->runtime_dir },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		if (strings[i].opt != opt)
			continue;
		*strings[i].string = arg;
		return true;
	}
	return false;
}

/* The rest.  0 or -EINVAL. */
static int take_other(struct options *o, int opt, const char *arg)
{
	switch (opt) {
	case 't':
		o->action = OPTIONS_TEST;
		if (arg)
			o->file = arg;
		return 0;
	case 'D':
		o->detail++;
		return 0;
	case 'S':
		return parse_facility(arg, &o->facility);
	case 'u':
		o->umask_set = true;
		return umask_parse(arg, &o->umask);
	case 'v':
		o->action = OPTIONS_VERSION;
		return 0;
	case 'h':
		o->action = OPTIONS_HELP;
		return 0;
	case OPT_ALL: /* all roles always run */
		return 0;
	case OPT_JSON:
		o->format = OPTIONS_FORMAT_JSON;
		return 0;
	case OPT_FORMAT:
		return parse_format(arg, &o->format);
	case OPT_SIGNUM:
		o->action = OPTIONS_SIGNUM;
		o->signal_name = arg;
		return options_signal_number(arg) < 0 ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/* "--NAME" of OPT, and what may stand there. */
static int refuse_value(int opt, const char *arg, FILE *err)
{
	static const struct {
		int opt;
		const char *valid;
	} values[] = {
		{ OPT_FORMAT, "text, gcc, json" },
		{ OPT_SIGNUM,
			"HUP, RELOAD, STOP, DATA, STATS, STATS_CLEAR, JSON, "
			"TDUMP" },
		{ 'S', "0 to 7, local0 to local7, user, daemon" },
		{ 'u', "a number, as 022, or bits, as IWGRP|IWOTH" },
	};
	const struct option *option = long_options;

	while (option->name && option->val != opt)
		option++;
	fprintf(err, "tandemd: '%s' is no value for --%s", arg ? arg : "",
		option->name ? option->name : "");
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (values[i].opt == opt)
			fprintf(err, "; valid: %s", values[i].valid);
	fputc('\n', err);
	return -EINVAL;
}

static int options_check(
	struct options *options, int argc, char **argv, FILE *err)
{
	/* "-t FILE" with a blank, as people write it. */
	if (options->action == OPTIONS_TEST && optind == argc - 1)
		options->file = argv[optind++];
	if (optind < argc) {
		fprintf(err, "tandemd: unexpected argument '%s'\n",
			argv[optind]);
		return -EINVAL;
	}
	if (options->action == OPTIONS_RUN && !strcmp(options->file, "-")) {
		fprintf(err,
			"tandemd: a daemon reads its file again at a reload: "
			"'-' is for -t\n");
		return -EINVAL;
	}
	if (options->only_vrrp && options->only_check) {
		fprintf(err, "tandemd: -P and -C exclude each other\n");
		return -EINVAL;
	}
	if (options->runtime_dir[0] != '/') {
		fprintf(err,
			"tandemd: --runtime-dir must be an absolute path, "
			"not '%s'\n",
			options->runtime_dir);
		return -EINVAL;
	}
	return 0;
}

int options_parse(struct options *options, int argc, char **argv, FILE *err)
{
	int opt;

	*options = (struct options){
		.file = OPTIONS_CONFIG_FILE,
		.runtime_dir = OPTIONS_RUNTIME_DIR,
		.facility = LOG_DAEMON,
	};
	optind = 0; /* forget an earlier run: tests */
	opterr = 0;
	while ((opt = getopt_long(
			argc, argv, short_options, long_options, NULL)) != -1) {
		if (opt == '?' || opt == ':') {
			fprintf(err, "tandemd: %s '%s'\n",
				opt == ':' ? "argument missing after"
					   : "unknown option",
				argv[optind - 1]);
			return -EINVAL;
		}
		if (take_idle(options, opt) || take_flag(options, opt) ||
			take_string(options, opt, optarg))
			continue;
		if (take_other(options, opt, optarg) < 0)
			return refuse_value(opt, optarg, err);
	}
	return options_check(options, argc, argv, err);
}

int options_signal_number(const char *name)
{
	const struct {
		const char *name;
		int number;
	} signals[] = {
		{ "HUP", SIGHUP },
		{ "RELOAD", SIGHUP },
		{ "STOP", SIGTERM },
		{ "DATA", SIGUSR1 },
		{ "STATS", SIGUSR2 },
		{ "STATS_CLEAR", SIGRTMAX - 1 },
		{ "JSON", SIGRTMIN + 2 },
		{ "TDUMP", SIGRTMAX },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (!strcmp(signals[i].name, name))
			return signals[i].number;
	return -EINVAL;
}

void options_print_help(FILE *out)
{
	fputs("Usage: tandemd [OPTION]...\n"
	      "\n"
	      "  -f, --use-file FILE       configuration (" OPTIONS_CONFIG_FILE
	      ")\n"
	      "  -t, --config-test[=FILE]  check the configuration and exit\n"
	      "      --json, --format=gcc  with -t: how problems are printed\n"
	      "      --portable            with -t: also what keepalived would "
	      "not understand\n"
	      "      --lenient             run in spite of errors, as "
	      "keepalived does\n"
	      "  -e, --all-config          includes that match nothing are "
	      "errors\n"
	      "  -i, --config-id ID        for @ID lines (short host name)\n"
	      "      --runtime-dir DIR     pid file, control socket, dumps "
	      "(" OPTIONS_RUNTIME_DIR ")\n"
	      "  -n, --dont-fork           stay in the foreground\n"
	      "  -l, --log-console         log to stderr\n"
	      "  -G, --no-syslog           do not log to syslog\n"
	      "  -S, --log-facility F      0-7, local0-local7, user, daemon\n"
	      "  -D, --log-detail          log details; twice: everything\n"
	      "  -d, --dump-conf           log the configuration\n"
	      "  -P, --vrrp                VRRP only\n"
	      "  -C, --check               health checks and IPVS only\n"
	      "      --all                 all roles (the default)\n"
	      "  -V, --dont-release-vrrp   leave addresses at exit\n"
	      "  -I, --dont-release-ipvs   leave IPVS entries at exit\n"
	      "  -R, --dont-respawn        end when a role ends\n"
	      "  -s, --namespace NAME      run in this network namespace\n"
	      "  -p, --pid FILE            pid file of the supervisor\n"
	      "  -r, --vrrp_pid FILE       pid file of the vrrp role\n"
	      "  -c, --checkers_pid FILE   pid file of the healthcheck role\n"
	      "  -u, --umask MASK          of the files it makes\n"
	      "  -m, --core-dump           allow core files\n"
	      "      --signum=NAME         print a signal's number: RELOAD, "
	      "STOP, DATA,\n"
	      "                            STATS, STATS_CLEAR, JSON\n"
	      "      --ignore-sigint       go on after Ctrl-C\n"
	      "  -v, --version             version\n"
	      "  -h, --help                this text\n"
	      "\n"
	      "Accepted without a function yet: -a -b -g -M -x -X -A\n",
		out);
}

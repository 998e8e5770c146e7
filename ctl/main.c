/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tandemctl: the operator's tool.  It asks the daemon at its control socket,
 * except for `check`, which needs none.
 */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/digest.h"
#include "lib/timeutil.h"

#define RUNTIME_DIR TANDEM_RUNTIME_DIR
#define TIMEOUT_MAX_S 86400.0

enum {
	OPT_RUNTIME_DIR = 256,
	OPT_JSON,
	OPT_FORMAT,
	OPT_TIMEOUT,
	OPT_LENIENT,
	OPT_LIVE,
	OPT_PEER,
	OPT_DISABLE,
	OPT_IN_PLACE,
	OPT_CHECK,
	OPT_ORIGIN,
	OPT_DEFAULTS,
};

static const struct option long_options[] = {
	{ "runtime-dir", required_argument, NULL, OPT_RUNTIME_DIR },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "config-id", required_argument, NULL, 'i' },
	{ "lenient", no_argument, NULL, OPT_LENIENT },
	{ "live", no_argument, NULL, OPT_LIVE },
	{ "peer", required_argument, NULL, OPT_PEER },
	{ "disable", required_argument, NULL, OPT_DISABLE },
	{ "in-place", no_argument, NULL, OPT_IN_PLACE },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "origin", no_argument, NULL, OPT_ORIGIN },
	{ "defaults", no_argument, NULL, OPT_DEFAULTS },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(FILE *out)
{
	const struct command *command;

	fputs("Usage: tandemctl [OPTION]... COMMAND\n\n", out);
	for (command = command_table(); command->name; command++)
		fprintf(out, "  %s%s%s\n        %s\n", command->name,
			*command->arguments ? " " : "", command->arguments,
			command->summary);
	fputs("\n"
	      "  --runtime-dir DIR     of the daemon (" RUNTIME_DIR ")\n"
	      "  --json                answers as JSON\n"
	      "  --timeout SECONDS     how long an answer may take\n"
	      "  --format=FORMAT       text, json; check: also gcc; keywords: "
	      "also man\n"
	      "  --lenient             check: as tandemd --lenient\n"
	      "  -i, --config-id ID    check, show config FILE: for @ID lines (short "
	      "host "
	      "name)\n"
	      "  --live                import ipvsadm: what the kernel holds now"
	      "\n"
	      "  --peer FILE           lint: the other director's file\n"
	      "  --disable RULE,...    lint: leave these rules out\n"
	      "  --in-place            format: write the file back\n"
	      "  --check               format: only tell whether it is so\n"
	      "  --origin              show config: with file and line\n"
	      "  --defaults            show config: with what the file leaves "
	      "out\n"
	      "  -v, --version\n"
	      "  -h, --help\n"
	      "\n"
	      "Exit status: 0 done, 1 refused or failed, 2 usage, 3 no "
	      "daemon.\n",
		out);
}

static int bad_value(const char *option, const char *text, const char *valid)
{
	fprintf(stderr, "tandemctl: '%s' is no value for %s; valid: %s\n", text,
		option, valid);
	return -EINVAL;
}

static int parse_timeout(const char *text, int64_t *ret_us)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(text, &end);
	if (errno || end == text || *end || seconds > TIMEOUT_MAX_S ||
		!(seconds * (double)USEC_PER_SEC >= 1))
		return bad_value("--timeout", text,
			"a number of seconds, more than 0 and at most 86400");
	*ret_us = (int64_t)(seconds * (double)USEC_PER_SEC);
	return 0;
}

static int parse_format(const char *text, enum format *ret_format)
{
	if (!strcmp(text, "text"))
		*ret_format = FORMAT_TEXT;
	else if (!strcmp(text, "gcc"))
		*ret_format = FORMAT_GCC;
	else if (!strcmp(text, "json"))
		*ret_format = FORMAT_JSON;
	else if (!strcmp(text, "man"))
		*ret_format = FORMAT_MAN;
	else
		return bad_value("--format", text,
			"text, json, gcc (check, lint) and man (keywords)");
	return 0;
}

/* One option with a value or a flag.  0, or -EINVAL, and it has been said. */
static int take_option(struct request *request, int opt)
{
	switch (opt) {
	case OPT_RUNTIME_DIR:
		request->runtime_dir = optarg;
		return 0;
	case OPT_JSON:
		request->format = FORMAT_JSON;
		return 0;
	case OPT_FORMAT:
		return parse_format(optarg, &request->format);
	case OPT_TIMEOUT:
		return parse_timeout(optarg, &request->timeout_us);
	case OPT_LENIENT:
		request->lenient = true;
		return 0;
	case OPT_LIVE:
		request->live = true;
		return 0;
	case OPT_PEER:
		request->peer = optarg;
		return 0;
	case OPT_DISABLE:
		request->disable = optarg;
		return 0;
	case OPT_IN_PLACE:
		request->in_place = true;
		return 0;
	case OPT_CHECK:
		request->check_only = true;
		return 0;
	case OPT_ORIGIN:
		request->origin = true;
		return 0;
	case OPT_DEFAULTS:
		request->defaults = true;
		return 0;
	case 'i':
		request->config_id = optarg;
		return 0;
	default:
		return -EINVAL;
	}
}

static int usage(const char *what, const char *which)
{
	fprintf(stderr, "tandemctl: %s%s%s%s (see tandemctl --help)\n", what,
		which ? " '" : "", which ? which : "", which ? "'" : "");
	return EXIT_USAGE;
}

/* *RET_GO: the options are read, and a command is to be run. */
static int parse_options(
	struct request *request, int argc, char **argv, bool *ret_go)
{
	int opt;

	*ret_go = false;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":i:vh", long_options, NULL)) !=
		-1) {
		if (opt == 'h') {
			print_help(stdout);
			return EXIT_DONE;
		}
		if (opt == 'v') {
			printf("tandemctl %s\n", PACKAGE_VERSION);
			return EXIT_DONE;
		}
		if (opt == '?')
			return usage("unknown option", argv[optind - 1]);
		if (opt == ':')
			return usage(
				"argument missing after", argv[optind - 1]);
		if (take_option(request, opt) < 0)
			return EXIT_USAGE;
	}
	*ret_go = true;
	return EXIT_DONE;
}

static int unknown_command(const char *name)
{
	fprintf(stderr, "tandemctl: unknown command '%s'", name);
	put_meant(stderr, command_suggest(name));
	fputs(" (see tandemctl --help)\n", stderr);
	return EXIT_USAGE;
}

static int run(struct request *request, int argc, char **argv)
{
	const struct command *command;

	if (optind == argc)
		return usage("a command is missing", NULL);
	command = command_find(argv[optind]);
	if (!command)
		return unknown_command(argv[optind]);
	request->n_words = (unsigned int)(argc - optind - 1);
	request->words = argv + optind + 1;
	if (request->n_words < command->min_words)
		return usage("this command needs", command->arguments);
	if (request->n_words > command->max_words)
		return usage("unexpected argument",
			request->words[command->max_words]);
	return (int)command->run(command, request);
}

int main(int argc, char **argv)
{
	struct request request = {
		.runtime_dir = RUNTIME_DIR,
		.out = screen_for(stdout),
		.err = screen_for(stderr),
	};
	bool go;
	int status;

	setlocale(LC_TIME, "");
	/* Its options are genhash's. */
	if (argc > 1 && !strcmp(argv[1], "digest"))
		return digest_main(argc - 1, argv + 1);
	status = parse_options(&request, argc, argv, &go);
	if (go)
		status = run(&request, argc, argv);
	/* A full disk must not look like an empty answer. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "tandemctl: cannot write: %s\n",
			strerror(errno));
		return EXIT_REFUSED;
	}
	return status;
}

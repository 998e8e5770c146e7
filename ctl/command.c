/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/command.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "config/spelling.h"
#include "ctl/answer.h"
#include "ctl/check.h"
#include "ctl/config.h"
#include "ctl/control.h"
#include "ctl/digest.h"
#include "ctl/format.h"
#include "ctl/help.h"
#include "ctl/import.h"
#include "ctl/keywords.h"
#include "ctl/lint.h"
#include "ctl/show.h"
#include "ctl/show_diags.h"
#include "ctl/show_file.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* Questions are answered at once; a plan or a reload reads the configuration
 * and waits for all roles. */
#define ASK_TIMEOUT_US (10 * USEC_PER_SEC)
#define RELOAD_TIMEOUT_US (120 * USEC_PER_SEC)

/* --- asking --- */

static struct json_object *new_question(const char *command)
{
	struct json_object *question = json_object_new_object();

	json_object_object_add(
		question, "command", json_object_new_string(command));
	return question;
}

static void put_json(FILE *out, struct json_object *json)
{
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(json,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void put_reason(const struct request *request, const char *text)
{
	fputs("tandemctl: ", request->err.out);
	screen_put(&request->err, STYLE_BAD, text);
	fputc('\n', request->err.out);
}

/* ABOUT: what was asked for, or the daemon's own word for where it failed. */
static enum exit_status refuse(const struct request *request, const char *about,
	struct json_object *answer)
{
	const char *where = about ? about : answer_text(answer, "role");
	const char *error = answer_text(answer, "error");
	size_t len = strlen(where);
	char *text;

	if (!strncmp(error, where, len) && error[len] == ':')
		where = ""; /* it says so itself */
	text = x_asprintf("%s%s%s", where, *where ? ": " : "", error);

	/* With --json the whole answer is there for programs, too. */
	if (request->format == FORMAT_JSON)
		put_json(request->out.out, answer);
	show_diags(request->err.out, answer);
	put_reason(request, text);
	x_free(text);
	return EXIT_REFUSED;
}

/* Takes QUESTION.  EXIT_DONE with a new reference in *RET_ANSWER, or the
 * reason has been said, with ABOUT, if not NULL, in front. */
static enum exit_status fetch(const struct request *request,
	struct json_object *question, int64_t timeout_us, const char *about,
	struct json_object **ret_answer)
{
	struct json_object *answer;
	enum control_status status;
	char *error;

	if (request->timeout_us)
		timeout_us = request->timeout_us;
	status = control_ask(
		request->runtime_dir, question, timeout_us, &answer, &error);
	json_object_put(question);
	if (status != CONTROL_OK) {
		put_reason(request, error);
		x_free(error);
		return status == CONTROL_NO_DAEMON ? EXIT_NO_DAEMON
						   : EXIT_REFUSED;
	}
	if (answer_has(answer, "error")) {
		refuse(request, about, answer);
		json_object_put(answer);
		return EXIT_REFUSED;
	}
	*ret_answer = answer;
	return EXIT_DONE;
}

static void put_answer(const struct request *request,
	struct json_object *answer,
	void (*show)(const struct screen *screen, struct json_object *answer))
{
	if (request->format == FORMAT_JSON) {
		put_json(request->out.out, answer);
		return;
	}
	/* Warnings of a plan or a reload. */
	show_diags(request->err.out, answer);
	show(&request->out, answer);
}

/* Takes QUESTION. */
static enum exit_status ask(const struct request *request,
	struct json_object *question, int64_t timeout_us,
	void (*show)(const struct screen *screen, struct json_object *answer))
{
	struct json_object *answer;
	enum exit_status status =
		fetch(request, question, timeout_us, NULL, &answer);

	if (status != EXIT_DONE)
		return status;
	put_answer(request, answer, show);
	json_object_put(answer);
	return EXIT_DONE;
}

/* --- commands --- */

static enum exit_status run_status(
	const struct command *command, const struct request *request)
{
	return ask(request, new_question(command->name), ASK_TIMEOUT_US,
		show_status);
}

static const struct {
	const char *what;
	void (*show)(const struct screen *screen, struct json_object *answer);
} shows[] = {
	{ "vrrp", show_vrrp },
	{ "services", show_services },
	{ "roles", show_roles },
	{ "config", show_config },
	{ "log", show_log },
};

/* Of `show config`; what is not wanted is not said. */
static void add_options(
	struct json_object *question, const struct request *request)
{
	if (request->origin)
		json_object_object_add(
			question, "origin", json_object_new_boolean(true));
	if (request->defaults)
		json_object_object_add(
			question, "defaults", json_object_new_boolean(true));
	if (request->format != FORMAT_JSON)
		json_object_object_add(
			question, "text_only", json_object_new_boolean(true));
}

static enum exit_status refuse_show(const struct request *request)
{
	struct spelling_guess guess = spelling_guess(request->words[0]);

	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++)
		spelling_try(&guess, shows[i].what);
	fputs("tandemctl: show what? vrrp, services, roles, config or log",
		request->err.out);
	put_meant(request->err.out, guess.meant);
	fputc('\n', request->err.out);
	return EXIT_USAGE;
}

static enum exit_status run_show(
	const struct command *command, const struct request *request)
{
	struct json_object *question;
	size_t i;

	if (request->n_words > 1) {
		if (!strcmp(request->words[0], "config"))
			return show_config_file(request);
		put_reason(request, "only 'show config' takes a file");
		return EXIT_USAGE;
	}
	for (i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		if (strcmp(request->words[0], shows[i].what))
			continue;
		question = new_question(command->name);
		json_object_object_add(question, "what",
			json_object_new_string(shows[i].what));
		if (shows[i].show == show_config)
			add_options(question, request);
		return ask(request, question, ASK_TIMEOUT_US, shows[i].show);
	}
	return refuse_show(request);
}

static enum exit_status run_plan(
	const struct command *command, const struct request *request)
{
	struct json_object *question = new_question(command->name);
	char *path;

	if (request->n_words) {
		/* The daemon has a working directory of its own. */
		path = realpath(request->words[0], NULL);
		if (!path) {
			char *text = x_asprintf(
				"%s: %s", request->words[0], strerror(errno));

			put_reason(request, text);
			x_free(text);
			json_object_put(question);
			return EXIT_REFUSED;
		}
		json_object_object_add(
			question, "file", json_object_new_string(path));
		free(path);
	}
	return ask(request, question, RELOAD_TIMEOUT_US, show_plan);
}

static enum exit_status run_reload(
	const struct command *command, const struct request *request)
{
	return ask(request, new_question(command->name), RELOAD_TIMEOUT_US,
		show_reload);
}

static char *join_words(const struct request *request)
{
	char *text = x_strdup(request->words[0]);
	unsigned int i;

	for (i = 1; i < request->n_words; i++) {
		char *longer = x_asprintf("%s %s", text, request->words[i]);

		x_free(text);
		text = longer;
	}
	return text;
}

static enum exit_status explain(
	const struct request *request, const char *subject)
{
	struct json_object *question = new_question("explain");
	struct json_object *answer;
	enum exit_status status;
	size_t n;

	json_object_object_add(
		question, "subject", json_object_new_string(subject));
	status = fetch(request, question, ASK_TIMEOUT_US, subject, &answer);
	if (status != EXIT_DONE)
		return status;
	answer_array(answer, "explain", &n);
	if (n) {
		put_answer(request, answer, show_explain);
	} else {
		char *text = x_asprintf("nothing is known of '%s' (try "
					"'instance NAME', 'service "
					"tcp:ADDRESS:PORT', 'real_server "
					"ADDRESS:PORT')",
			subject);

		put_reason(request, text);
		x_free(text);
		status = EXIT_REFUSED;
	}
	json_object_put(answer);
	return status;
}

static enum exit_status run_explain(
	const struct command *command, const struct request *request)
{
	char *subject = join_words(request);
	enum exit_status status = explain(request, subject);

	(void)command;
	x_free(subject);
	return status;
}

/* --- the table --- */

static const struct command commands[] = {
	{ "status", "", "all of it: roles, VRRP instances, services", 0, 0,
		run_status },
	{ "show", "vrrp|services|roles|config [FILE|-]|log",
		"one part of it; config: in canonical form, --defaults with "
		"all that holds; of FILE it needs no daemon",
		1, 2, run_show },
	{ "explain", "SUBJECT",
		"why something is as it is: instance VI_1, "
		"real_server 10.0.0.1:80, ...",
		1, 16, run_explain },
	{ "check", "FILE|-", "whether a configuration is good; needs no daemon",
		1, 1, check_run },
	{ "config", "diff FILE|- FILE|-",
		"what differs in the meaning of two configurations; exit "
		"status 0: nothing, 1: something, 2: cannot tell",
		3, 3, config_run },
	{ "digest", "URL | HOST PORT PATH",
		"what digest in a url block has to be for this page, as genhash "
		"says; see digest -h; needs no daemon",
		1, 3, digest_run },
	{ "format", "FILE|-",
		"the same file in the canonical layout; needs no daemon", 1, 1,
		format_run },
	{ "help", "KEYWORD", "what a keyword means; needs no daemon", 1, 1,
		help_run },
	{ "import", "ldirectord FILE | ipvsadm [FILE|-] | keepalived FILE",
		"a configuration of another program, in Tandem's language", 1,
		2, import_run },
	{ "keywords", "[BLOCK... | KEYWORD]",
		"what may stand in a configuration; needs no daemon", 0, 8,
		keywords_run },
	{ "lint", "[FILE|-]",
		"what may be unwise in a good configuration; the rules; needs "
		"no daemon",
		0, 1, lint_run },
	{ "plan", "[FILE]", "what a reload would change, changing nothing", 0,
		1, run_plan },
	{ "reload", "", "read the configuration again; all of it or nothing", 0,
		0, run_reload },
	{ NULL, NULL, NULL, 0, 0, NULL },
};

const struct command *command_table(void)
{
	return commands;
}

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

const char *command_suggest(const char *name)
{
	struct spelling_guess guess = spelling_guess(name);

	for (const struct command *c = commands; c->name; c++)
		spelling_try(&guess, c->name);
	return guess.meant;
}

void put_meant(FILE *out, const char *meant)
{
	if (meant)
		fprintf(out, "; did you mean '%s'?", meant);
}

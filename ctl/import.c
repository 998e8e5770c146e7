/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/import.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "config/language.h"
#include "config/spelling.h"
#include "ctl/import_check.h"
#include "ctl/import_files.h"
#include "ctl/import_ipvsadm.h"
#include "ctl/import_keepalived.h"
#include "ctl/import_ldirectord.h"
#include "daemon/language.h"
#include "lib/mem.h"

#define INPUT_MAX ((size_t)40 * 1024 * 1024)

/* --- names --- */

static int resolve_address(const char *name, int family, char *buf, size_t size)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found;
	int err = getaddrinfo(name, NULL, &hints, &found);

	if (err)
		return -ENOENT;
	err = getnameinfo(found->ai_addr, found->ai_addrlen, buf,
		(socklen_t)size, NULL, 0, NI_NUMERICHOST);
	freeaddrinfo(found);
	return err ? -ENOENT : 0;
}

static int resolve_port(const char *name, const char *protocol)
{
	const struct servent *found = getservbyname(name, protocol);

	return found ? ntohs((uint16_t)found->s_port) : -ENOENT;
}

static const struct import_resolver resolver = {
	.address = resolve_address,
	.port = resolve_port,
};

/* --- input --- */

struct input {
	char *text;
	size_t len;
};

static int read_stream(FILE *in, struct input *ret)
{
	size_t capacity = 65536;
	size_t len = 0;
	char *text = x_realloc(NULL, capacity, 1);

	for (;;) {
		size_t n = fread(text + len, 1, capacity - len, in);

		len += n;
		if (!n)
			break;
		if (len == capacity) {
			if (capacity >= INPUT_MAX) {
				x_free(text);
				return -EFBIG;
			}
			capacity *= 2;
			text = x_realloc(text, capacity, 1);
		}
	}
	if (ferror(in)) {
		x_free(text);
		return errno ? -errno : -EIO;
	}
	*ret = (struct input){ .text = text, .len = len };
	return 0;
}

static int read_file(const char *name, struct input *ret)
{
	FILE *in;
	int err;

	if (!strcmp(name, "-"))
		return read_stream(stdin, ret);
	in = fopen(name, "re");
	if (!in)
		return -errno;
	errno = 0;
	err = read_stream(in, ret);
	fclose(in);
	return err;
}

static int read_live(struct input *ret)
{
	FILE *in = popen("ipvsadm-save -n", "re");
	int err;

	if (!in)
		return -errno;
	errno = 0;
	err = read_stream(in, ret);
	if (pclose(in) && !err) {
		x_free(ret->text);
		return -EIO; /* it has said why */
	}
	return err;
}

/* --- output --- */

static void put_notes(const struct request *request, const char *name,
	const struct import_notes *notes)
{
	static const enum style styles[] = {
		[IMPORT_NOTE] = STYLE_PLAIN,
		[IMPORT_DIFFERS] = STYLE_WARN,
		[IMPORT_LOST] = STYLE_BAD,
	};
	const struct screen *err = &request->err;

	for (size_t i = 0; i < notes->n; i++) {
		const struct import_note *note = &notes->items[i];

		screen_put(err, STYLE_PLAIN, name);
		if (note->line)
			fprintf(err->out, ":%u", note->line);
		if (note->column)
			fprintf(err->out, ":%u", note->column);
		fputs(": ", err->out);
		screen_put(err, styles[note->level],
			import_level_name(note->level));
		fputs(": ", err->out);
		screen_put(err, STYLE_PLAIN, note->text);
		fputc('\n', err->out);
	}
}

static void put_summary(const struct request *request, const char *name,
	const struct import_result *result, bool good)
{
	size_t differs = import_notes_count(&result->notes, IMPORT_DIFFERS);
	size_t lost = import_notes_count(&result->notes, IMPORT_LOST);
	const struct screen *err = &request->err;

	screen_put(err, STYLE_PLAIN, name);
	if (result->n_services)
		fprintf(err->out, ": %zu service%s, %zu real server%s; ",
			result->n_services,
			result->n_services == 1 ? "" : "s", result->n_servers,
			result->n_servers == 1 ? "" : "s");
	else
		fputs(": ", err->out);
	fputs("differences that matter: ", err->out);
	if (differs || lost)
		fprintf(err->out, "%zu (%zu lost)", differs + lost, lost);
	else
		fputs("none", err->out);
	fputs(good ? "\n" : "; the text is not good yet, see above\n", err->out);
}

static enum exit_status finish(const struct request *request, const char *name,
	struct import_result *result)
{
	bool good;

	fwrite(result->text, 1, result->len, request->out.out);
	put_notes(request, name, &result->notes);
	good = import_check(request, name, result);
	put_summary(request, name, result, good);
	if (import_notes_count(&result->notes, IMPORT_LOST))
		good = false;
	import_result_free(result);
	return good ? EXIT_DONE : EXIT_REFUSED;
}

/* --- the command --- */

struct source_kind {
	const char *name;
	bool needs_file;
	void (*import)(const char *text, size_t len,
		const struct import_resolver *resolver,
		struct import_result *result);
};

static const struct source_kind kinds[] = {
	{ "ldirectord", true, import_ldirectord },
	{ "ipvsadm", false, import_ipvsadm },
	{ "keepalived", true, NULL },
	{ NULL, false, NULL },
};

static enum exit_status complain(
	const struct request *request, const char *what, const char *why)
{
	fprintf(request->err.out, "tandemctl: ");
	screen_put(&request->err, STYLE_BAD, what);
	fprintf(request->err.out, ": %s\n", why);
	return EXIT_REFUSED;
}

static enum exit_status import_one(
	const struct request *request, const struct source_kind *kind)
{
	const char *name = request->n_words > 1 ? request->words[1] : "-";
	bool live = !kind->needs_file && request->live;
	struct import_result result;
	struct input input;
	int err = live ? read_live(&input) : read_file(name, &input);

	if (err < 0)
		return complain(request, live ? "ipvsadm-save" : name,
			strerror(-err));
	import_result_begin(&result);
	if (!kind->import) {
		import_keepalived(&tandem_language, name, request->config_id,
			&import_files, input.text, input.len, &result);
		import_result_end(&result);
		x_free(input.text);
		return finish(request, name, &result);
	}
	fprintf(result.out,
		"# Made by tandemctl import %s.  Notes begin with note, differs"
		" or lost.\n\n",
		kind->name);
	kind->import(input.text, input.len, &resolver, &result);
	import_result_end(&result);
	x_free(input.text);
	return finish(request, name, &result);
}

static enum exit_status refuse_kind(const struct request *request)
{
	struct spelling_guess guess = spelling_guess(request->words[0]);

	for (const struct source_kind *kind = kinds; kind->name; kind++)
		spelling_try(&guess, kind->name);
	fprintf(request->err.out,
		"tandemctl: %s: import from what? ldirectord, ipvsadm or "
		"keepalived",
		request->words[0]);
	put_meant(request->err.out, guess.meant);
	fputc('\n', request->err.out);
	return EXIT_USAGE;
}

enum exit_status import_run(
	const struct command *command, const struct request *request)
{
	const struct source_kind *kind;

	(void)command;
	for (kind = kinds; kind->name; kind++) {
		if (strcmp(request->words[0], kind->name))
			continue;
		if (kind->needs_file && request->n_words < 2) {
			complain(request, kind->name, "which file?");
			return EXIT_USAGE;
		}
		return import_one(request, kind);
	}
	return refuse_kind(request);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/keyword_example.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

/* What may stand where an argument is called so. */
static const struct {
	const char *name;
	const char *sample;
} samples[] = {
	{ "ADDRESS", "192.0.2.7" },
	{ "ADDRESS[/LENGTH]", "192.0.2.7/24" },
	{ "BOOL", "on" },
	{ "BYTES", "1048576" },
	{ "CA_FILE", "/etc/ssl/certs/ca-certificates.crt" },
	{ "CODE", "200" },
	{ "COMMAND", "/bin/true" },
	{ "CONNECTIONS", "1000" },
	{ "CPU", "0" },
	{ "DIR", "/run/tandem" },
	{ "DOWN", "1" },
	{ "EXPRESSION", "ready" },
	{ "FILE", "/etc/tandem/client.pem" },
	{ "G", "1" },
	{ "HEX", "00ff" },
	{ "HOST", "192.0.2.25" },
	{ "ID", "1" },
	{ "INPUT", "INPUT" },
	{ "INSTANCE", "VI_1" },
	{ "INTERFACE", "eth0" },
	{ "MARK", "1" },
	{ "MASK", "022" },
	{ "MAX", "2" },
	{ "MD5", "d41d8cd98f00b204e9800998ecf8427e" },
	{ "MICROSECONDS", "10000" },
	{ "MILLISECONDS", "300" },
	{ "MTU", "MTU" },
	{ "N", "1" },
	{ "NETMASK", "255.255.255.0" },
	{ "NUMBER", "1" },
	{ "OPTION", "caseless" },
	{ "PASSWORD", "secret" },
	{ "PATH", "/run/tandem/file" },
	{ "PORT", "80" },
	{ "PREFIX", "vrrp" },
	{ "PRIORITY", "50" },
	{ "SCHEDULER", "wlc" },
	{ "SECONDS", "1" },
	{ "START", "1" },
	{ "TABLE", "tandem" },
	{ "USER", "root" },
	{ "VALUE", "1" },
};

/* --- numbers --- */

/* A value in [MIN, MAX] that looks like one: the default, or a small one. */
static int64_t choose(
	const struct conf_keyword *k, int64_t wanted, int64_t unit)
{
	if (!k->min && !k->max)
		return wanted;
	if (wanted < k->min)
		wanted = k->min;
	if (wanted > k->max)
		wanted = k->max;
	return wanted - (wanted - k->min >= unit ? wanted % unit : 0);
}

static const char *number(const struct conf_keyword *k, struct arena *arena)
{
	int64_t unit = k->type == CONF_TIME ? USEC_PER_SEC : 1;
	const char *fallback = k->default_text ? k->default_text : "";
	size_t len = strspn(fallback, "0123456789.");
	char text[48];

	/* More may follow in prose. */
	if (strtod(fallback, NULL) > 0)
		return arena_strndup(arena, fallback, len);
	snprintf(text, sizeof(text), "%" PRId64, choose(k, unit, unit));
	if (k->type == CONF_TIME)
		keyword_seconds(choose(k, unit, unit), text, sizeof(text));
	return arena_strdup(arena, text);
}

/* --- words --- */

static void put_sample(FILE *out, const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (strlen(samples[i].name) == len &&
			!strncmp(samples[i].name, word, len)) {
			fputs(samples[i].sample, out);
			return;
		}
	/* What is not in capitals stands for itself. */
	for (size_t i = 0; i < len; i++)
		fputc(isupper((unsigned char)word[0]) &&
					isupper((unsigned char)word[len - 1])
				? tolower((unsigned char)word[i])
				: word[i],
			out);
}

/* The first alternative of WORD, without dots and brackets around it. */
static void put_word(FILE *out, const char *word, size_t len)
{
	const char *end;

	while (len && word[0] == '[') {
		word++;
		len--;
	}
	end = memchr(word, '|', len);
	if (end && end > word)
		len = (size_t)(end - word);
	end = memmem(word, len, "..", 2);
	if (end && end > word)
		len = (size_t)(end - word);
	while (len && (word[len - 1] == '.' ||
			      (word[len - 1] == ']' && !memchr(word, '[', len))))
		len--;
	put_sample(out, word, len);
}

/* How many brackets stay open in WORD. */
static int opened(const char *word, size_t len)
{
	int depth = 0;

	for (size_t i = 0; i < len; i++)
		depth += (word[i] == '[') - (word[i] == ']');
	return depth;
}

/*
 * The words that ARGS, as "NAME [PORT] | group NAME", asks for: the first of
 * alternatives, and nothing that may be left out, unless there would be
 * nothing at all.
 */
static void put_arguments(FILE *out, const char *args)
{
	bool any = false;
	bool braces = false;
	int depth = 0;

	while (*args) {
		size_t len = strcspn(args, " ");
		bool optional = depth > 0 || args[0] == '[';
		bool dots = !strncmp(args, "...", 3);

		if (len == 1 && *args == '|')
			break;
		if (len == 1 && (*args == '{' || *args == '}')) {
			fprintf(out, " %c", *args);
			braces = *args == '{';
		} else if (len && !dots && (!optional || (!any && !braces))) {
			fputc(' ', out);
			put_word(out, args, len);
			any = true;
		}
		depth += opened(args, len);
		args += len;
		args += strspn(args, " ");
	}
}

/* --- the line --- */

static bool is_choice(const struct conf_keyword *k, const char *text)
{
	for (const struct conf_value *v = k->values; text && v && v->name; v++)
		if (!strcmp(v->name, text))
			return true;
	return false;
}

/* More than 0, and nothing else. */
static bool is_number(const char *text)
{
	return text && strtod(text, NULL) > 0 &&
	       !text[strspn(text, "0123456789.")];
}

static void put_value(
	FILE *out, const struct conf_keyword *k, struct arena *arena)
{
	const char *args = k->args ? k->args : "";
	struct ip_addr addr;

	switch (k->type) {
	case CONF_FLAG:
		return;
	case CONF_INT:
	case CONF_TIME:
		fprintf(out, " %s", number(k, arena));
		return;
	case CONF_ENUM:
		if (is_choice(k, "on"))
			fputs(" on", out);
		else if (is_choice(k, k->default_text))
			fprintf(out, " %s", k->default_text);
		else if (k->values)
			fprintf(out, " %s", k->values->name);
		return;
	case CONF_ADDRESS:
		if (k->default_text && ip_addr_parse(k->default_text, &addr) == 0)
			fprintf(out, " %s", k->default_text);
		else
			put_arguments(out, args);
		return;
	case CONF_CUSTOM:
		if (is_number(k->default_text) && isupper((unsigned char)*args))
			fprintf(out, " %s", k->default_text);
		else
			put_arguments(out, args);
		return;
	case CONF_STRING:
	case CONF_SCRIPT:
	case CONF_BOOL:
	case CONF_BLOCK:
	case CONF_LIST:
		put_arguments(out, args);
		return;
	}
}

const char *keyword_example(
	const struct keyword_node *node, struct arena *arena)
{
	const struct conf_keyword *k = node->keyword;
	bool braces = k->args && strchr(k->args, '{');
	const char *copy;
	char *text = NULL;
	size_t len;
	FILE *out;

	if (k->example)
		return k->example;
	out = open_memstream(&text, &len);
	if (!out)
		return node->name;
	fputs(node->name, out);
	put_value(out, k, arena);
	if (node->is_block && !braces)
		fputs(k->type == CONF_LIST ? " { }" : " {", out);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}

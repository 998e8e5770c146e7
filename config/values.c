/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments as values: numbers, times, addresses, names of a list.
 */
#include "config/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/advice.h"
#include "config/diag_internal.h"
#include "config/image.h"
#include "config/scope.h"

#define USEC INT64_C(1000000)

/* What stands for what is missing in NODE, as far as can be told: a line that
 * nobody knows.  CONF_NODE_NONE = nothing. */
static uint32_t unknown_child(const struct conf_tree *tree, uint32_t node)
{
	conf_for_each_child(tree, node, child)
	{
		if (conf_node_is_unknown(tree, child))
			return child;
	}
	return CONF_NODE_NONE;
}

static bool is_word_of(const char *word, const char *text)
{
	size_t len = strlen(word);
	const char *found = strstr(text, word);

	return found && !isalnum((unsigned char)found[len]) &&
	       found[len] != '_' && found[len] != '-';
}

/* The line that gave what is missing, but wrongly; HINT names it. */
static uint32_t wrong_child(
	const struct conf_bind *ctx, uint32_t node, const char *hint)
{
	conf_for_each_child(ctx->tree, node, child)
	{
		struct diag_place place = conf_node_place(ctx->tree, child);

		if (is_word_of(conf_node_keyword(ctx->tree, child), hint) &&
			diag_has_error_at(ctx->diags, &place))
			return child;
	}
	return CONF_NODE_NONE;
}

/* One message a cause: what is missing is likely what was misspelt, or what
 * has a wrong value; what is referred to may be in a block that nobody knows.
 * All of these were told, and are errors; when it is fatal, its cause is. */
static bool is_consequence(const struct conf_bind *ctx, enum diag_code code,
	enum diag_severity severity, uint32_t node, const char *hint)
{
	bool told = diag_has_code(ctx->diags, DIAG_UNKNOWN_KEYWORD) ||
		    diag_has_code(ctx->diags, DIAG_WRONG_BLOCK);
	uint32_t cause = CONF_NODE_NONE;
	struct diag_place place;

	if (code == DIAG_REFERENCE)
		return told && conf_node_has_unknown_block(ctx->tree, 0);
	/* Who goes on in spite of errors is to know why it cannot. */
	if (code != DIAG_MISSING_KEYWORD ||
		(severity == DIAG_FATAL && ctx->lenient))
		return false;
	if (told || severity == DIAG_WARNING)
		cause = unknown_child(ctx->tree, node);
	if (cause == CONF_NODE_NONE && hint)
		cause = wrong_child(ctx, node, hint);
	if (cause == CONF_NODE_NONE || severity != DIAG_FATAL)
		return cause != CONF_NODE_NONE;
	place = conf_node_place(ctx->tree, cause);
	return diag_make_fatal(ctx->diags, &place);
}

/* What was said of a line before explains these: a name that was not replaced
 * is no value, and behind a '=' something is always too much. */
static bool is_explained(const struct conf_bind *ctx, enum diag_code code,
	enum diag_severity severity, uint32_t node, const char *text)
{
	struct diag_place place = conf_node_place(ctx->tree, node);
	const char *first;

	if (severity == DIAG_ERROR && strchr(text, '$'))
		return diag_make_error_at(
			ctx->diags, DIAG_DEFINITION, &place);
	if (code != DIAG_EXTRA_ARGUMENT)
		return false;
	first = conf_node_arg(ctx->tree, node, 0);
	return first && (!strcmp(first, "=") || !strcmp(first, ":")) &&
	       diag_has_error_at(ctx->diags, &place);
}

/* May an unknown child of NODE have been meant to be KEYWORD? */
static bool is_lost(
	const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	size_t len = strlen(keyword);

	conf_for_each_child(tree, node, child)
	{
		const char *word = conf_node_keyword(tree, child);
		size_t n = strcspn(word, "=:;");

		if (conf_node_is_unknown(tree, child) &&
			spelling_distance(word, n, keyword, len) <=
				spelling_tolerance(n))
			return true;
	}
	return false;
}

bool conf_is_doubtful(
	const struct conf_bind *ctx, uint32_t node, const char *keyword)
{
	if (!ctx->diags)
		return false;
	return is_lost(ctx->tree, node, keyword) ||
	       wrong_child(ctx, node, keyword) != CONF_NODE_NONE;
}

void conf_report(struct conf_bind *ctx, enum diag_severity severity,
	enum diag_code code, uint32_t node, int arg, const char *hint,
	const char *format, ...)
{
	struct diag_place place;
	const char *keyword;
	const char *text;
	char advice[80];
	struct diag *diag;
	uint32_t subject = node;
	va_list ap;

	if (!ctx->diags)
		return;
	if (is_consequence(ctx, code, severity, node, hint))
		return;
	text = arg >= 0 ? conf_node_arg(ctx->tree, node, (uint32_t)arg)
			: conf_node_keyword(ctx->tree, node);
	if (text && (arg >= 0 || ctx->tree->nodes[node].flags & NODE_LINE) &&
		is_explained(ctx, code, severity, node, text))
		return;
	if (text && (code == DIAG_VALUE_TYPE || code == DIAG_VALUE_UNKNOWN) &&
		advice_punctuation(text, advice, sizeof(advice)))
		hint = advice;
	place = arg < 0 ? conf_node_place(ctx->tree, node)
			: conf_arg_place(ctx->tree, node, (uint32_t)arg);
	/* The first word of a list's line is a value, not a keyword. */
	if (ctx->tree->nodes[node].flags & NODE_LINE)
		node = subject = conf_node_parent(ctx->tree, node);
	keyword = conf_node_keyword(ctx->tree, node);
	va_start(ap, format);
	diag = diag_addv(
		ctx->diags, severity, code, &place, keyword, hint, format, ap);
	va_end(ap);
	/* Without the line: it would show the value. */
	if (diag && conf_node_is_secret(ctx->tree, subject) &&
		(conf_node_n_args(ctx->tree, subject) ||
			conf_node_is_block(ctx->tree, subject)))
		diag->source = "";
}

bool conf_not_portable(struct conf_bind *ctx, uint32_t node, int arg,
	const char *hint, const char *what)
{
	struct diag_place place;

	if (!ctx->diags)
		return false;
	place = arg < 0 ? conf_node_place(ctx->tree, node)
			: conf_arg_place(ctx->tree, node, (uint32_t)arg);
	if (ctx->tree->nodes[node].flags & NODE_LINE)
		node = conf_node_parent(ctx->tree, node);
	return diag_not_portable(ctx->diags, &place,
		conf_node_keyword(ctx->tree, node), hint, "%s", what);
}

/* Says that something belongs behind the last word of NODE's line. */
static void report_missing(
	struct conf_bind *ctx, uint32_t node, const char *what)
{
	uint32_t n = conf_node_n_args(ctx->tree, node);
	bool secret = conf_node_is_secret(ctx->tree, node);

	/* Also why a secret could not be read. */
	if ((!n || secret) && ctx->tree->nodes[node].flags & NODE_REPORTED)
		return;
	if (n && !secret)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node,
			(int)n - 1, NULL, "%s is missing behind '%s'", what,
			conf_node_arg(ctx->tree, node, n - 1));
	else
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			NULL, "%s is missing", what);
}

/* Argument ARG as it may be shown; NULL after having said that it is
 * missing. */
static const char *need_arg(
	struct conf_bind *ctx, uint32_t node, uint32_t arg, const char *what)
{
	const char *text = conf_node_arg(ctx->tree, node, arg);

	if (!text)
		report_missing(ctx, node, what);
	return text;
}

static const char *shown(struct conf_bind *ctx, uint32_t node, const char *text)
{
	return conf_node_is_secret(ctx->tree, node) ? "(secret)" : text;
}

/* "1 to 255 UNIT", "1 UNIT or more", in BUF; NULL when there is no limit. */
static const char *range_hint(int64_t min, int64_t max, const char *unit,
	char *buf, size_t size)
{
	if (min == INT64_MIN && max == INT64_MAX)
		return NULL;
	if (max == INT64_MAX)
		snprintf(buf, size, "valid: %lld%s or more", (long long)min,
			unit);
	else if (min == INT64_MIN)
		snprintf(buf, size, "valid: %lld%s or less", (long long)max,
			unit);
	else
		snprintf(buf, size, "valid: %lld to %lld%s", (long long)min,
			(long long)max, unit);
	return buf;
}

/* Decimal digits with a sign.  *RET is held within int64_t: a range check
 * sees the rest. */
static int parse_int(const char *text, int64_t *ret)
{
	bool negative = *text == '-';
	int64_t value = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		int digit = *text - '0';

		if (digit < 0 || digit > 9)
			return -EINVAL;
		if (negative ? __builtin_mul_overflow(value, 10, &value) ||
					__builtin_sub_overflow(
						value, digit, &value)
			     : __builtin_mul_overflow(value, 10, &value) ||
					__builtin_add_overflow(
						value, digit, &value))
			value = negative ? INT64_MIN / 100 * 10
					 : INT64_MAX / 100 * 10;
	}
	*ret = value;
	return 0;
}

int conf_arg_int(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	int64_t min, int64_t max, int64_t *ret)
{
	return conf_arg_quantity(ctx, node, arg, min, max, "", ret);
}

int conf_arg_quantity(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	int64_t min, int64_t max, const char *unit, int64_t *ret)
{
	const char *text = need_arg(ctx, node, arg, "a number");
	char hint[80];
	int64_t value;

	if (!text)
		return -EINVAL;
	while (lexer_is_blank(*text))
		text++;
	if (parse_int(text, &value) < 0) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, (int)arg,
			range_hint(min, max, unit, hint, sizeof(hint)),
			"'%s' is no whole number", shown(ctx, node, text));
		return -EINVAL;
	}
	if (value < min || value > max) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, (int)arg,
			range_hint(min, max, unit, hint, sizeof(hint)),
			"%s is out of range", shown(ctx, node, text));
		return -EINVAL;
	}
	*ret = value;
	return 0;
}

/* Decimal seconds; more than six places are cut. */
static int parse_time(const char *text, int64_t *ret_us)
{
	int64_t unit = USEC;
	int64_t value = 0;
	bool negative = *text == '-';
	bool digits = false;
	bool point = false;

	if (*text == '-' || *text == '+')
		text++;
	for (; *text; text++) {
		int digit = *text - '0';

		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (digit < 0 || digit > 9)
			return -EINVAL;
		digits = true;
		if (point)
			unit /= 10;
		if (!point && value > INT64_MAX / 100)
			value = INT64_MAX / 1000;
		value = point ? value + digit * unit
			      : value * 10 + digit * USEC;
	}
	if (!digits)
		return -EINVAL;
	*ret_us = negative ? -value : value;
	return 0;
}

void conf_format_time(int64_t us, char *buf, size_t size)
{
	int len = snprintf(buf, size, "%lld.%06lld", (long long)(us / USEC),
		(long long)(us % USEC));

	if (len <= 0 || (size_t)len >= size)
		return;
	while (buf[len - 1] == '0')
		buf[--len] = '\0';
	if (buf[len - 1] == '.')
		buf[--len] = '\0';
}

/* Units and commas that people write: what to write instead, in BUF. */
static const char *time_advice(const char *text, char *buf, size_t size)
{
	static const struct {
		const char *unit;
		int64_t us;
	} units[] = {
		{ "s", USEC },
		{ "sec", USEC },
		{ "ms", USEC / 1000 },
		{ "us", 1 },
		{ "m", 60 * USEC },
		{ "min", 60 * USEC },
		{ "h", 3600 * USEC },
	};
	char *end;
	double value = strtod(text, &end);
	char number[32];

	if (end == text || value < 0 || value > 1e9)
		return NULL;
	if (*end == ',') {
		snprintf(buf, size, "write a point: %.*s.%s",
			(int)(end - text), text, end + 1);
		return buf;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit))
			continue;
		conf_format_time((int64_t)(value * (double)units[i].us + 0.5),
			number, sizeof(number));
		snprintf(buf, size, "times are seconds without a unit: %s",
			number);
		return buf;
	}
	return NULL;
}

static const char *time_hint(
	int64_t min_us, int64_t max_us, char *buf, size_t size)
{
	char low[32];
	char high[32];

	conf_format_time(min_us, low, sizeof(low));
	conf_format_time(max_us, high, sizeof(high));
	if (max_us == INT64_MAX)
		snprintf(buf, size, "valid: %s seconds or more", low);
	else
		snprintf(buf, size, "valid: %s to %s seconds", low, high);
	return buf;
}

int conf_arg_time(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	int64_t min_us, int64_t max_us, int64_t *ret_us)
{
	const char *text = need_arg(ctx, node, arg, "a time in seconds");
	char hint[96];
	int64_t value;

	if (!text)
		return -EINVAL;
	if (parse_time(text, &value) < 0) {
		const char *advice = time_advice(text, hint, sizeof(hint));

		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, (int)arg,
			advice ? advice : time_hint(min_us, max_us, hint,
						  sizeof(hint)),
			"'%s' is no time in seconds", shown(ctx, node, text));
		return -EINVAL;
	}
	if (value < min_us || value > max_us) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, (int)arg,
			time_hint(min_us, max_us, hint, sizeof(hint)),
			"%s is out of range", shown(ctx, node, text));
		return -EINVAL;
	}
	*ret_us = value;
	return 0;
}

/* TEXT is WORD, but not in lower case. */
static void report_case(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const char *text, const char *word)
{
	char hint[80];

	snprintf(hint, sizeof(hint), "write '%s'", word);
	if (conf_not_portable(ctx, node, (int)arg, hint,
		    "keepalived takes lower case alone"))
		return;
	conf_report(ctx, DIAG_WARNING, DIAG_VALUE_UNKNOWN, node, (int)arg,
		"keepalived wants lower case", "'%s' is read as %s", text,
		word);
}

int conf_arg_bool(struct conf_bind *ctx, uint32_t node, uint32_t arg, bool *ret)
{
	static const char *const words[] = {
		"off",
		"on",
		"false",
		"true",
		"no",
		"yes",
	};
	const char *text = need_arg(ctx, node, arg, "on or off");

	if (!text)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(text, words[i])) {
			if (strcmp(text, words[i]) != 0)
				report_case(ctx, node, arg, text, words[i]);
			*ret = i % 2;
			return 0;
		}
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, (int)arg,
		"one of on, off, true, false, yes, no",
		"'%s' is neither on nor off", shown(ctx, node, text));
	return -EINVAL;
}

const char *conf_address_hint(const char *text, char *buf, size_t size)
{
	return advice_address(text, buf, size);
}

const char *conf_address_fault(const char *text, char *buf, size_t size)
{
	return advice_address_fault(text, buf, size);
}

/* ADDRESS/LENGTH where a length says nothing: keepalived drops it, too. */
static int drop_length(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const char *text, struct ip_addr *ret)
{
	const char *slash = strchr(text, '/');
	struct ip_addr addr = { .family = AF_UNSPEC };
	char *end;
	char *copy;
	long len;
	int err;

	if (!slash || slash == text)
		return -EINVAL;
	copy = x_strndup(text, (size_t)(slash - text));
	err = ip_addr_parse(copy, &addr);
	x_free(copy);
	len = strtol(slash + 1, &end, 10);
	if (err < 0 || !isdigit((unsigned char)slash[1]) || *end || len < 0 ||
		len > 8 * (long)ip_family_bytes(addr.family))
		return -EINVAL;
	conf_report(ctx, DIAG_WARNING, DIAG_EXTRA_ARGUMENT, node, (int)arg,
		NULL, "the prefix length '%s' has no meaning here", slash);
	*ret = addr;
	return 0;
}

int conf_arg_address(
	struct conf_bind *ctx, uint32_t node, uint32_t arg, struct ip_addr *ret)
{
	const char *text = need_arg(ctx, node, arg, "an IP address");
	char fault[160];
	char hint[160];

	if (!text)
		return -EINVAL;
	if (ip_addr_parse(text, ret) < 0 &&
		drop_length(ctx, node, arg, text, ret) < 0) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, (int)arg,
			advice_address(text, hint, sizeof(hint)),
			"%s",
			conf_address_fault(shown(ctx, node, text), fault,
				sizeof(fault)));
		return -EINVAL;
	}
	return 0;
}

/* "did you mean 'x'?" or "one of: ...", in BUF. */
static void enum_hint(const struct conf_value *values, const char *text,
	char *buf, size_t size)
{
	unsigned int best = spelling_tolerance(strlen(text)) + 1;
	int used = snprintf(buf, size, "one of: ");

	for (const struct conf_value *v = values; v->name; v++) {
		if (used >= 0 && (size_t)used < size)
			used += snprintf(buf + used, size - (size_t)used,
				"%s%s", v == values ? "" : ", ", v->name);
	}
	for (const struct conf_value *v = values; v->name; v++) {
		unsigned int distance = spelling_distance(
			text, strlen(text), v->name, strlen(v->name));

		if (distance >= best)
			continue;
		best = distance;
		snprintf(buf, size, "did you mean '%s'?", v->name);
	}
}

/* A value in lower case where only capitals count. */
static int pass_over(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const struct conf_keyword *k, const char *text)
{
	char hint[80];

	for (const struct conf_value *v = k->values; v->name; v++) {
		if (strcasecmp(text, v->name))
			continue;
		snprintf(hint, sizeof(hint), "write '%s %s'", k->name, v->name);
		conf_report(ctx, DIAG_WARNING, DIAG_IGNORED, node, (int)arg,
			hint,
			"'%s' counts in capitals only: the default %s is "
			"used, as by keepalived",
			text, k->default_text);
		return 0;
	}
	return -ENOENT;
}

int conf_arg_keyword_choice(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const struct conf_keyword *k, int *ret)
{
	const char *text = conf_node_arg(ctx->tree, node, arg);

	for (const struct conf_value *v = k->values; text && v->name; v++)
		if (!strcmp(text, v->name)) {
			*ret = v->value;
			return 0;
		}
	for (const struct conf_value *v = k->values;
		text && k->flags & CONF_LOWER && v->name; v++)
		if (!strcasecmp(text, v->name)) {
			report_case(ctx, node, arg, text, v->name);
			*ret = v->value;
			return 0;
		}
	if (text && k->flags & CONF_CAPITALS &&
		pass_over(ctx, node, arg, k, text) == 0)
		return 0;
	return conf_arg_choice(
		ctx, node, arg, k->values, k->flags & CONF_NOCASE, ret);
}

int conf_arg_choice(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const struct conf_value *values, bool nocase, int *ret)
{
	const char *text = need_arg(ctx, node, arg, "a value");
	char hint[400];

	if (!text)
		return -EINVAL;
	for (const struct conf_value *v = values; v->name; v++)
		if (!(nocase ? strcasecmp(text, v->name)
			     : strcmp(text, v->name))) {
			*ret = v->value;
			return 0;
		}
	if (!ctx->diags)
		return -EINVAL;
	enum_hint(values, text, hint, sizeof(hint));
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node, (int)arg, hint,
		"'%s' is not known here", shown(ctx, node, text));
	return -EINVAL;
}

int conf_arg_enum(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	const struct conf_value *values, int *ret)
{
	return conf_arg_choice(ctx, node, arg, values, false, ret);
}

int conf_arg_string(
	struct conf_bind *ctx, uint32_t node, uint32_t arg, const char **ret)
{
	const char *text = need_arg(ctx, node, arg, "a word");

	if (!text)
		return -EINVAL;
	*ret = arena_strdup(ctx->arena, text);
	return 0;
}

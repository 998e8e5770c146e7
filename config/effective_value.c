/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for a keyword, and where that comes from. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/effective_internal.h"
#include "config/values.h"
#include "lib/mem.h"

const char *effective_origin_name(enum effective_origin origin)
{
	switch (origin) {
	case EFFECTIVE_GIVEN:
		return "file";
	case EFFECTIVE_INHERITED:
		return "inherited";
	case EFFECTIVE_DEFAULT:
		return "default";
	case EFFECTIVE_DERIVED:
		return "derived";
	case EFFECTIVE_UNSET:
		return "unset";
	}
	return "";
}

/* What view V bound for BLOCK, or for the part of it that GIVEN stands in. */
static const void *target_of(const struct effective *e,
	const struct effective_block *block, size_t v, uint32_t given)
{
	uint32_t part = given == CONF_NODE_NONE
				? block->node
				: conf_node_parent(e->tree, given);

	if (part != block->node)
		for (uint32_t i = e->first[part]; i; i = e->bound[i - 1].next)
			if (e->bound[i - 1].view == v)
				return e->bound[i - 1].target;
	return block->targets[v];
}

/* The view whose struct has the value of ROW: that which documents it, if it
 * is bound there. */
static const struct conf_keyword *choose(const struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	const void **ret_target)
{
	const struct conf_keyword *found = NULL;

	for (size_t v = 0; v < e->n_views; v++) {
		const struct conf_keyword *k = row->in_view[v];
		const void *target;

		if (!k || !effective_is_built(k) || !block->class->blocks[v]->size)
			continue;
		target = target_of(e, block, v, block->given[row->alias_of]);
		if (!target)
			continue;
		if (found && !(found->flags & CONF_SHARED))
			continue;
		if (found && k->flags & CONF_SHARED)
			continue;
		found = k;
		*ret_target = target;
	}
	return found;
}

static void take_number(struct effective_value *value,
	const struct conf_keyword *k, int64_t number)
{
	bool limited = k->min || k->max;

	/* What no file can say is the role's way to say "not set". */
	if (value->origin != EFFECTIVE_GIVEN && limited &&
		(number < k->min || number > k->max))
		return;
	value->number = number;
	if (k->type == CONF_TIME)
		conf_format_time(number, value->buf, sizeof(value->buf));
	else
		snprintf(value->buf, sizeof(value->buf), "%" PRId64, number);
	value->text = value->buf;
}

static void take_bool(struct effective_value *value, bool on)
{
	value->number = on;
	value->text = on ? "on" : "off";
}

static void take_enum(struct effective_value *value,
	const struct conf_keyword *k, int number)
{
	for (const struct conf_value *v = k->values; v && v->name; v++)
		if (v->value == number) {
			value->text = v->name;
			return;
		}
}

static void take_address(
	struct effective_value *value, const struct ip_addr *addr)
{
	_Static_assert(sizeof(value->buf) >= IP_ADDR_STRLEN, "too short");
	if (addr->family == AF_UNSPEC)
		return;
	ip_addr_format(addr, value->buf);
	value->text = value->buf;
}

/* The arguments of the node that sets VALUE, with a blank between them. */
static void take_words(struct effective *e, struct effective_value *value)
{
	uint32_t n = conf_node_n_args(e->tree, value->node);
	size_t size = 1;
	char *text;
	char *end;

	for (uint32_t i = 0; i < n; i++)
		size += strlen(conf_node_arg(e->tree, value->node, i)) + 1;
	text = arena_alloc(e->arena, size);
	end = text;
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			*end++ = ' ';
		end = stpcpy(end, conf_node_arg(e->tree, value->node, i));
	}
	value->text = text;
}

static void take_shown(struct effective *e, struct effective_value *value,
	const struct conf_keyword *k, const void *target)
{
	char *text = NULL;
	size_t len;
	FILE *out = k->show ? open_memstream(&text, &len) : NULL;

	if (!out)
		return;
	k->show(target, out);
	fclose(out);
	if (text && *text)
		value->text = arena_strdup(e->arena, text);
	free(text);
}

/* What is bound at K. */
static void take_bound_value(struct effective *e, struct effective_value *value,
	const struct conf_keyword *k, const void *target)
{
	const void *at = (const char *)target + k->offset;

	switch (k->type) {
	case CONF_FLAG:
	case CONF_BOOL:
		take_bool(value, *(const bool *)at);
		return;
	case CONF_INT:
	case CONF_TIME:
		take_number(value, k, *(const int64_t *)at);
		return;
	case CONF_STRING:
		value->text = *(const char *const *)at;
		return;
	case CONF_ADDRESS:
		take_address(value, at);
		return;
	case CONF_ENUM:
		take_enum(value, k, *(const int *)at);
		return;
	case CONF_SCRIPT:
		if (value->origin != EFFECTIVE_GIVEN)
			value->text = ((const struct conf_script *)at)->command;
		return;
	case CONF_CUSTOM:
		take_shown(e, value, k, target);
		if (!value->text && value->origin == EFFECTIVE_GIVEN)
			take_words(e, value);
		return;
	case CONF_BLOCK:
	case CONF_LIST:
		return;
	}
}

/* Is VALUE what K has when nothing is said?  A text that only explains holds
 * for all of them. */
static bool is_default(
	const struct effective_value *value, const struct conf_keyword *k)
{
	const char *text = k->default_text;
	char *end;
	double number;

	if (k->type == CONF_FLAG || k->type == CONF_BOOL)
		return value->number == (text && (!strcmp(text, "on") ||
							 !strcmp(text, "yes") ||
							 !strcmp(text, "true")));
	if (!text || strchr(text, ' ') || !strcmp(text, value->text))
		return true;
	number = strtod(text, &end);
	return end != text && !*end && number == strtod(value->text, NULL);
}

/* Is VALUE that which row NAME of BLOCK, of CLASS, has?  Then says where it
 * comes from.  BLOCK is NULL when it is not in the file.  *RET_ANY: there is
 * such a row. */
static bool inherits_from(struct effective *e,
	const struct effective_class *class,
	const struct effective_block *block, const char *name,
	struct effective_value *value, bool *ret_any)
{
	const struct effective_row *row = effective_find_row(class, name);
	struct effective_value other;

	if (!row || !row->built || row->is_block)
		return false;
	*ret_any = true;
	if (!block) {
		value->origin = EFFECTIVE_DEFAULT;
		return row->keyword->default_text &&
		       is_default(value, row->keyword);
	}
	effective_value(e, block, row, &other);
	if (!other.text || strcmp(other.text, value->text) != 0)
		return false;
	value->origin = other.origin;
	value->node = other.node;
	value->from = other.from;
	if (other.origin == EFFECTIVE_GIVEN) {
		value->origin = EFFECTIVE_INHERITED;
		value->from = conf_node_keyword(e->tree, other.node);
	}
	return true;
}

/* Does global_defs have one of NAMES with that value? */
static bool inherits_global(struct effective *e, const char *names,
	struct effective_value *value, bool *ret_any)
{
	const struct effective_row *defs =
		effective_find_row(e->root->class, "global_defs");
	const struct effective_block *global = NULL;
	uint32_t node;

	if (!defs || !defs->inner)
		return false;
	node = e->root->given[defs->alias_of];
	if (node != CONF_NODE_NONE)
		global = e->by_node[node];
	while (*names) {
		size_t len = strcspn(names, " ");
		char name[80];

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		if (inherits_from(
			    e, defs->inner, global, name, value, ret_any))
			return true;
		names += len + (names[len] == ' ');
	}
	return false;
}

static bool find_ancestor(struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	struct effective_value *value, bool *ret_any)
{
	const struct effective_row *defs =
		effective_find_row(e->root->class, "global_defs");
	char names[3 * 80];

	if (row->keyword->inherits)
		return inherits_global(
			e, row->keyword->inherits, value, ret_any);
	for (const struct effective_block *up = block->parent; up && up->row;
		up = up->parent)
		if (inherits_from(e, up->class, up, row->name, value, ret_any))
			return true;
	if (defs && block->class == defs->inner)
		return false;
	snprintf(names, sizeof(names), "vrrp_%s checker_%s %s", row->name,
		row->name, row->name);
	return inherits_global(e, names, value, ret_any);
}

/* The default of K as it is documented. */
static void take_default(
	struct effective_value *value, const struct conf_keyword *k)
{
	char *end;
	double number;

	if (!k->default_text)
		return;
	number = strtod(k->default_text, &end);
	if (k->type == CONF_TIME && end != k->default_text && !*end)
		take_number(value, k, (int64_t)(number * 1e6 + 0.5));
	else if (k->type == CONF_INT && end != k->default_text && !*end)
		take_number(value, k, (int64_t)number);
	if (!value->text)
		value->text = k->default_text;
	value->origin = EFFECTIVE_DEFAULT;
}

static void find_origin(struct effective *e,
	const struct effective_block *block, const struct effective_row *row,
	struct effective_value *value)
{
	const struct conf_keyword *k = row->keyword;
	bool any = false;

	if (!value->text) {
		take_default(value, k);
		return;
	}
	if (find_ancestor(e, block, row, value, &any))
		return;
	value->origin = is_default(value, k) && (k->default_text || !any)
				? EFFECTIVE_DEFAULT
				: EFFECTIVE_DERIVED;
}

void effective_value(struct effective *e, const struct effective_block *block,
	const struct effective_row *row, struct effective_value *ret)
{
	const void *target = NULL;
	const struct conf_keyword *k = choose(e, block, row, &target);
	uint32_t given = block->given[row->alias_of];

	ret->origin = given == CONF_NODE_NONE ? EFFECTIVE_UNSET
					      : EFFECTIVE_GIVEN;
	ret->node = given;
	ret->from = NULL;
	ret->text = NULL;
	ret->number = 0;
	if (k)
		take_bound_value(e, ret, k, target);
	if (given == CONF_NODE_NONE && row->built)
		find_origin(e, block, row, ret);
}

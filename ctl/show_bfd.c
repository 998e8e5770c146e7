/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/show_bfd.h"

#include <json-c/json.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/table.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const struct table_column columns[] = {
	{ "BFD SESSION", TABLE_LEFT },
	{ "STATE", TABLE_LEFT },
	{ "FOR", TABLE_LEFT },
	{ "REASON", TABLE_LEFT },
	{ "NEIGHBOUR", TABLE_LEFT },
	{ "SENDS EVERY", TABLE_RIGHT },
	{ "LOST AFTER", TABLE_RIGHT },
	{ "WENT DOWN", TABLE_RIGHT },
};

static void add_session(
	struct table *table, struct json_object *session, int64_t now_us)
{
	const char *state = answer_text(session, "state");
	const char *reason = answer_text(session, "reason");
	char *age = answer_age(session, "since", now_us);

	table_add(table, STYLE_PLAIN, answer_text(session, "name"));
	table_add(table, !strcmp(state, "UP") ? STYLE_GOOD : STYLE_BAD, state);
	table_add(table, STYLE_DIM, age);
	table_add(table, STYLE_PLAIN, !strcmp(reason, "none") ? "" : reason);
	table_add(table, STYLE_PLAIN, answer_text(session, "neighbor"));
	table_addf(table, STYLE_DIM, "%.1f ms",
		answer_double(session, "tx_interval_ms", 0));
	table_addf(table, STYLE_DIM, "%.1f ms",
		answer_double(session, "detection_time_ms", 0));
	table_add(table, STYLE_PLAIN, answer_text(session, "went_down"));
	x_free(age);
}

void show_bfd(const struct screen *screen, struct json_object *answer)
{
	int64_t now_us = time_realtime_us();
	struct json_object *list;
	struct table *table;
	size_t n, i;

	list = answer_array(answer, "bfd", &n);
	if (!n)
		return;
	table = table_new(columns, ARRAY_SIZE(columns));
	for (i = 0; i < n; i++)
		add_session(table, json_object_array_get_idx(list, i), now_us);
	fputc('\n', screen->out);
	table_print(table, screen, 0);
	table_free(table);
}

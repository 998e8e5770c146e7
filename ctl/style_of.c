/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/style_of.h"

#include <string.h>

struct word {
	const char *text;
	enum style style;
};

static enum style find(const struct word *words, const char *text)
{
	for (; words->text; words++)
		if (!strcmp(words->text, text))
			return words->style;
	return STYLE_PLAIN;
}

enum style style_of_role(const char *state)
{
	static const struct word words[] = {
		{ "ready", STYLE_GOOD },
		{ "running", STYLE_GOOD },
		{ "up", STYLE_GOOD },
		{ "starting", STYLE_WARN },
		{ "stopping", STYLE_WARN },
		{ "waiting", STYLE_BAD },
		{ "off", STYLE_DIM },
		{ NULL, STYLE_PLAIN },
	};

	return find(words, state);
}

enum style style_of_vrrp(const char *state)
{
	static const struct word words[] = {
		{ "ACTIVE", STYLE_GOOD },
		{ "FAULT", STYLE_BAD },
		{ "INITIALIZE", STYLE_WARN },
		{ NULL, STYLE_PLAIN },
	};

	return find(words, state);
}

enum style style_of_service(const char *state)
{
	static const struct word words[] = {
		{ "up", STYLE_GOOD },
		{ "degraded", STYLE_WARN },
		{ "sorry", STYLE_BAD },
		{ "down", STYLE_BAD },
		{ NULL, STYLE_PLAIN },
	};

	return find(words, state);
}

enum style style_of_server(const char *state)
{
	static const struct word words[] = {
		{ "up", STYLE_GOOD },
		{ "down", STYLE_BAD },
		{ "starting", STYLE_WARN },
		{ "draining", STYLE_WARN },
		{ "maintenance", STYLE_WARN },
		{ NULL, STYLE_PLAIN },
	};

	return find(words, state);
}

enum style style_of_level(const char *level)
{
	static const struct word words[] = {
		{ "fatal", STYLE_BAD },
		{ "error", STYLE_BAD },
		{ "warning", STYLE_WARN },
		{ "notice", STYLE_HEAD },
		{ "debug", STYLE_DIM },
		{ NULL, STYLE_PLAIN },
	};

	return find(words, level);
}

enum style style_of_action(const char *action)
{
	static const struct word words[] = {
		{ "add", STYLE_GOOD },
		{ "edit", STYLE_WARN },
		{ "remove", STYLE_BAD },
		{ NULL, STYLE_PLAIN },
	};

	return find(words, action);
}

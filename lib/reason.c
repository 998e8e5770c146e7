/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/reason.h"

#include <stddef.h>

static const char *const texts[REASON_COUNT] = {
#define REASON_TEXT(name, text) [REASON_##name] = text,
	REASON_LIST(REASON_TEXT)
#undef REASON_TEXT
};

const char *reason_text(enum reason reason)
{
	if ((size_t)reason >= REASON_COUNT)
		return "unknown";
	return texts[reason];
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/history.h"

#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* Lines of a failed script's output that go into the log. */
#define HISTORY_LINES 5

char *history_describe(int outcome, int32_t value)
{
	switch ((enum run_outcome)outcome) {
	case RUN_EXITED:
		return x_asprintf("ended with status %d", value);
	case RUN_SIGNALED:
		return x_asprintf(
			"ended by signal %d (%s)", value, strsignal(value));
	case RUN_TIMED_OUT:
		return x_asprintf("timed out, ended by signal %d (%s)", value,
			strsignal(value));
	case RUN_NOT_RUN:
		return x_asprintf("could not be run: %s", strerror(value));
	}
	return x_strdup("unknown");
}

static void log_output(
	const struct script_spec *spec, const char *text, enum log_level level)
{
	unsigned int n;

	for (n = 0; n < HISTORY_LINES && *text; n++) {
		size_t len = strcspn(text, "\n");

		log_write(level, "%s: %.*s", spec->argv[0], (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static bool is_good(int outcome, int32_t value)
{
	return outcome == RUN_EXITED && value == 0;
}

/* A check that fails is news of vrrp's or healthcheck's, who say what they
 * make of it.  A notification has nobody but us. */
static enum log_level level_of(
	const struct script_spec *spec, const struct run_result *result)
{
	if (result->outcome == RUN_NOT_RUN)
		return LOG_LEVEL_ERROR;
	return spec->purpose == SCRIPT_CHECK ? LOG_LEVEL_DEBUG
					     : LOG_LEVEL_WARNING;
}

void history_note(struct script_spec *spec, const char *subject,
	const struct run_result *result)
{
	struct script_history *last = &spec->history;
	bool good = is_good(result->outcome, result->value);
	bool was_good = !last->known || is_good(last->outcome, last->value);
	bool same = last->known && last->outcome == (int)result->outcome &&
		    last->value == result->value;
	double seconds = (double)result->duration_us / (double)USEC_PER_SEC;
	enum log_level level = LOG_LEVEL_DEBUG;
	char *text = history_describe(result->outcome, result->value);

	last->known = true;
	last->outcome = (int)result->outcome;
	last->value = result->value;
	if (!good && !same)
		level = level_of(spec, result);
	else if (good && !was_good && spec->purpose == SCRIPT_NOTIFICATION)
		level = LOG_LEVEL_INFO;
	if (log_enabled(level))
		log_write(level, "%s: %s %s %s (%.3f s)", subject,
			spec->keyword, spec->argv[0], text, seconds);
	/* What a script says of its failure is worth a line in any case. */
	if (!good && !same)
		log_output(spec, result->output, LOG_LEVEL_INFO);
	else if (log_enabled(LOG_LEVEL_DEBUG))
		log_output(spec, result->output, LOG_LEVEL_DEBUG);
	x_free(text);
}

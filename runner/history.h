/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How scripts ended, told once for each change: a track script that fails
 * every second is one line in the log, and another one when it works again.
 */
#ifndef TANDEM_RUNNER_HISTORY_H
#define TANDEM_RUNNER_HISTORY_H

#include "runner/run.h"
#include "runner/script_table.h"

/* Notes the end of a run of SPEC for SUBJECT, and logs it if it is news. */
void history_note(struct script_spec *spec, const char *subject,
	const struct run_result *result);

/* "ended with status 3", "ended by signal 9", ...; the caller frees it. */
char *history_describe(int outcome, int32_t value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an event is called, in keepalived's words, which readers of FIFOs and
 * filters of mail know.
 *
 * Pure: everything comes from the tree of the generation that the event
 * speaks of.  An event whose node is something else there has no text.
 */
#ifndef TANDEM_RUNNER_EVENT_TEXT_H
#define TANDEM_RUNNER_EVENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/tree.h"
#include "lib/messages.h"
#include "runner/event_names.h"

/* Is NODE what the event says that it is? */
bool event_is_valid(const struct conf_tree *tree, const struct msg_event *event);

/*
 * The line for a FIFO, with its line feed; the caller frees it.  NULL when
 * the event is none for FIFOs.  *RET_SUBJECT_LEN: so much of it says what it
 * is about; a later line that begins so makes it old news.
 */
char *event_line(struct event_names *names, const struct msg_event *event,
	size_t *ret_subject_len);

/* "MASTER", "UP" ... */
const char *event_word(enum event_what what);

#endif

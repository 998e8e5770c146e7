/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running configuration, expanded and printed in one canonical form.
 * Secrets are never shown.
 */
#ifndef TANDEM_DAEMON_SHOW_CONFIG_H
#define TANDEM_DAEMON_SHOW_CONFIG_H

#include "config/effective_print.h"

struct generation;

/* {"generation", "file", "text", "config": [...]}, as config/effective_print.h
 * describes it, without "config" when TEXT_ONLY.  A memfd, or -1. */
int show_config_answer(const struct generation *generation,
	const struct effective_print_options *options, bool text_only);

/* The text alone, with the places that its lines come from; the caller frees
 * it. */
char *show_config_text(const struct generation *generation);

#endif

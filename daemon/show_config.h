/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running configuration, expanded and printed in one canonical form with
 * the places that its lines come from.  Secrets are never shown.
 */
#ifndef TANDEM_DAEMON_SHOW_CONFIG_H
#define TANDEM_DAEMON_SHOW_CONFIG_H

struct generation;
struct json_object;

/* {"generation", "file", "text", "config": [{"keyword", "arguments", "file",
 * "line", "children"}]}.  A new reference. */
struct json_object *show_config_json(const struct generation *generation);

/* The text alone; the caller frees it. */
char *show_config_text(const struct generation *generation);

#endif

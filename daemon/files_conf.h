/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words about files that the supervisor writes or watches.
 */
#ifndef TANDEM_DAEMON_FILES_CONF_H
#define TANDEM_DAEMON_FILES_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "config/schema.h"

struct files_conf {
	/* Absolute, or relative to the runtime directory; NULL = the usual. */
	const char *state_dump;
	const char *stats_dump;
	const char *json_dump;
	int64_t json_version;
	bool use_instance;	 /* in the name of the first */
	const char *reload_time; /* absolute; NULL = none */
	bool reload_repeat;
	bool reload_marked;	   /* with a marker file */
	const char *reload_marker; /* absolute; NULL = the usual one */
	const char *save_dir;	   /* absolute; NULL = none */
};

/* The root is a struct that begins with a pointer, never NULL. */
struct files_root {
	const struct files_conf *conf;
};

extern const struct conf_block files_conf_root;

#endif

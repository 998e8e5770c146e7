/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify_fifo, vrrp_notify_fifo, lvs_notify_fifo and their scripts.
 */
#ifndef TANDEM_DAEMON_FIFO_CONF_H
#define TANDEM_DAEMON_FIFO_CONF_H

#include "config/schema.h"
#include "lib/messages.h"

/* One of the three words, as it stands in the file. */
struct fifo_word {
	uint32_t node;	   /* 0 = not said */
	const char *path;  /* NULL = not said */
	const char *user;  /* NULL = as scripts */
	const char *group; /* NULL = the user's */
	struct conf_script script;
};

/* One FIFO that is made: of one word, or of two with the same path. */
struct fifo_conf {
	const struct fifo_word *word;
	const struct conf_script *script; /* NULL = none */
	unsigned int events;		  /* enum fifo_events */
};

struct fifos_conf {
	struct fifo_word all;
	struct fifo_word vrrp;
	struct fifo_word lvs;
	/* script_user, the owner where none is said; NULL = not said */
	const char *user;
	const char *group;
	struct fifo_conf list[MSG_FIFOS_MAX];
	unsigned int n;
};

/* Arguments PATH [USER [GROUP]] of NODE. */
void fifo_conf_bind(struct conf_bind *ctx, uint32_t node, struct fifo_word *word);
/* Arguments USER [GROUP] of script_user. */
void fifo_conf_bind_user(
	struct conf_bind *ctx, uint32_t node, struct fifos_conf *conf);
/* Fills the list, and reports what is wrong where there are diagnostics. */
void fifo_conf_finish(struct conf_bind *ctx, struct fifos_conf *conf);

#endif

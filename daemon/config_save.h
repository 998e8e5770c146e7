/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config_save_dir: a copy of each generation that ran.
 */
#ifndef TANDEM_DAEMON_CONFIG_SAVE_H
#define TANDEM_DAEMON_CONFIG_SAVE_H

struct generation;
struct workers;

/* Writes DIR/tandem-NUMBER.conf in a worker, with secrets hidden; makes DIR.
 * Problems are logged. */
void config_save(struct workers *workers, const char *dir,
	const struct generation *generation);

#endif

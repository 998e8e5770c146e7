/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the supervisor tells systemd: ready, reloading, stopping, alive.
 * Without systemd all of it does nothing.
 */
#ifndef TANDEM_DAEMON_SYSTEMD_H
#define TANDEM_DAEMON_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop.h"

struct systemd;

/* Starts to feed the watchdog, if there is one. */
struct systemd *systemd_new(struct loop *loop);
void systemd_free(struct systemd *systemd);

void systemd_ready(struct systemd *systemd, uint32_t generation);
bool systemd_is_ready(const struct systemd *systemd);
/* systemd_ready() ends it. */
void systemd_reloading(struct systemd *systemd);
void systemd_stopping(struct systemd *systemd);
/* A start or a stop may take US from now, whatever the unit says. */
void systemd_extend(struct systemd *systemd, int64_t us);

/* Is stderr the journal's? */
bool systemd_has_journal(void);

#endif

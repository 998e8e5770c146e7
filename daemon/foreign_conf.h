/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words that are in configurations and are none of this language: what
 * keepalived once knew or never did, and what other programs with a similar
 * language know.  A view that is never bound; it explains.
 */
#ifndef TANDEM_DAEMON_FOREIGN_CONF_H
#define TANDEM_DAEMON_FOREIGN_CONF_H

#include "config/schema.h"

extern const struct conf_block foreign_conf_root;

#endif

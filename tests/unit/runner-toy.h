/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A language with scripts in it, for the runner's tests. */
#ifndef TANDEM_TESTS_RUNNER_TOY_H
#define TANDEM_TESTS_RUNNER_TOY_H

#include "config/language.h"

/* The runner's own view, and blocks `check { script, user }` and, with
 * `vrrp_instance` as another name, `instance { notify, notify_stop }`. */
extern const struct conf_language toy_language;

#endif

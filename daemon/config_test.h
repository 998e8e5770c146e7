/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemd -t`: checks a configuration and says what is wrong with it.
 */
#ifndef TANDEM_DAEMON_CONFIG_TEST_H
#define TANDEM_DAEMON_CONFIG_TEST_H

#include "daemon/options.h"

/* 0 good, 4 unusable, 5 has errors that only --lenient would run, 6 script
 * security.  JSON goes to stdout, everything else to stderr. */
int config_test_run(const struct options *options);

#endif

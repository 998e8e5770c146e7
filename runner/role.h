/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runner: the one role that runs other people's programs.
 *
 * It executes track scripts, MISC_CHECKs and notify scripts as the account
 * that the configuration says, with time limits, one at a time and in order
 * for each subject.  It takes commands from its own copy of the generation
 * and from nowhere else.
 */
#ifndef TANDEM_RUNNER_ROLE_H
#define TANDEM_RUNNER_ROLE_H

#include "lib/role.h"

extern const struct role_ops runner_role_ops;

#endif

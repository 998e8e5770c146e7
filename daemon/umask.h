/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A umask as people write it.
 */
#ifndef TANDEM_DAEMON_UMASK_H
#define TANDEM_DAEMON_UMASK_H

#include <sys/types.h>

/* A number in C's notation, or bits: "IWGRP|IWOTH".  0 or -EINVAL. */
int umask_parse(const char *text, mode_t *ret_mode);

#endif

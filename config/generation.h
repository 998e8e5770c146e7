/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A generation on its way: the validated tree in a sealed memfd.
 */
#ifndef TANDEM_CONFIG_GENERATION_H
#define TANDEM_CONFIG_GENERATION_H

#include "config/tree.h"

/* The tree in a sealed, close-on-exec memfd.  The descriptor or -errno. */
int conf_generation_write(const struct conf_tree *tree);

/* Maps FD (borrowed) read-only, after checking seals, header and every
 * offset in it.  0 or -errno; conf_tree_free() unmaps. */
int conf_generation_open(int fd, struct conf_tree **ret_tree);

#endif

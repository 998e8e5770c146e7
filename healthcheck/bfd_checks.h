/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the vrrp role says of its BFD sessions, for BFD_CHECK: a word about a
 * session runs the checks that follow it at once.  While that role is away,
 * its last word holds.
 */
#ifndef TANDEM_HEALTHCHECK_BFD_CHECKS_H
#define TANDEM_HEALTHCHECK_BFD_CHECKS_H

#include <stdbool.h>

#include "healthcheck/check_table.h"
#include "lib/buf.h"

struct bfd_checks;

/* TABLE must outlive it. */
struct bfd_checks *bfd_checks_new(struct check_table *table);
void bfd_checks_free(struct bfd_checks *checks);

/* The table has another set. */
void bfd_checks_apply(struct bfd_checks *checks);
/* The body of MSG_BFD_STATES.  0 or -EBADMSG, then up to where it is bad. */
int bfd_checks_take(struct bfd_checks *checks, struct buf_reader *body);
/* Does the running set have any? */
bool bfd_checks_wanted(const struct bfd_checks *checks);

/* For probes; CHECKS is a struct bfd_checks.  False when nothing was said
 * about SESSION.  *RET_DETAIL lives until the next word. */
bool bfd_checks_look(void *checks, const char *session, bool *ret_up,
	const char **ret_detail);

#endif

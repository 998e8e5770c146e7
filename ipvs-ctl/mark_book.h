/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables_ipvs: which mark each group has, across reloads and for a
 * successor of the role: a connection that is new while the marks change must
 * not be another group's.  The supervisor keeps a blob for each mark.
 */
#ifndef TANDEM_IPVS_MARK_BOOK_H
#define TANDEM_IPVS_MARK_BOOK_H

#include <stdbool.h>

#include "ipvs-ctl/ipvs_conf.h"
#include "ipvs-ctl/kept.h"

struct mark_book;

struct mark_book *mark_book_new(void);
void mark_book_free(struct mark_book *book); /* NULL is fine */

/* A blob of a predecessor.  False: KEY is not of this module. */
bool mark_book_restore(
	struct mark_book *book, const char *key, const void *data, size_t len);
/* Gives the groups of CONF the marks that they have in the book. */
void mark_book_apply(const struct mark_book *book, struct ipvs_conf *conf);
/* The marks of CONF are in use from now on; says what is new and what goes. */
void mark_book_set(struct mark_book *book, const struct ipvs_conf *conf,
	kept_put *put, void *user_data);

#endif

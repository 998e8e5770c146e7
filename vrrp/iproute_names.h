/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of routing tables, protocols, scopes and so on, as iproute2 has them
 * in its files: /usr/share/iproute2 and, over these, /etc/iproute2, each with
 * NAME and NAME.d/ *.conf.
 *
 * A file is read when the first name of its kind is looked for, not for
 * numbers and not for what every system has.
 */
#ifndef TANDEM_VRRP_IPROUTE_NAMES_H
#define TANDEM_VRRP_IPROUTE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum iproute_names_kind {
	IPROUTE_TABLE,	  /* rt_tables */
	IPROUTE_PROTOCOL, /* rt_protos */
	IPROUTE_SCOPE,	  /* rt_scopes */
	IPROUTE_REALM,	  /* rt_realms */
	IPROUTE_DSFIELD,  /* rt_dsfield */
	IPROUTE_GROUP,	  /* group */
	IPROUTE_KINDS,
};

/* The file of this kind. */
const char *iproute_names_file(enum iproute_names_kind kind);

struct iproute_names;

/* NULL stands for the usual directory. */
struct iproute_names *iproute_names_new(
	const char *usr_dir, const char *etc_dir);
void iproute_names_free(struct iproute_names *names); /* NULL is fine */

/* TEXT is a number (0x.. too) or a name of this kind.  0, -ENOENT, or -ERANGE
 * for a number that is too large. */
int iproute_names_find(struct iproute_names *names,
	enum iproute_names_kind kind, const char *text, uint32_t *ret);

/* Pure: adds the lines of a file, later ones over earlier ones.  What is no
 * "NUMBER NAME" is passed over. */
void iproute_names_add_text(struct iproute_names *names,
	enum iproute_names_kind kind, const char *text, size_t len);

#endif

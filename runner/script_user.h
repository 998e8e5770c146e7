/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a script runs as: names looked up once for a generation.
 *
 * The name service may be slow or away, so nothing is looked up when a
 * script is due: all accounts of a generation are found while it is
 * prepared, and kept here.
 */
#ifndef TANDEM_RUNNER_SCRIPT_USER_H
#define TANDEM_RUNNER_SCRIPT_USER_H

#include <stdbool.h>
#include <sys/types.h>

/* The account that keepalived uses when none is configured. */
#define SCRIPT_USER_DEFAULT "keepalived_script"

struct script_identity {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* all to be set, GID among them */
	unsigned int n_groups;
	char *name;
	char *home;
	/* 0, or what is wrong: -ENOENT no such user, -ESRCH no such group.
	 * Nothing runs as such an identity. */
	int error;
};

struct script_users;

struct script_users *script_users_new(void);
void script_users_free(struct script_users *users); /* NULL is fine */

/*
 * USER with GROUP as a file writes it: NULL or "" = the user's own group; a
 * colon in front, or SUPPLEMENTARY, = with the user's supplementary groups.
 * Looked up the first time, remembered afterwards.  Never NULL, borrowed.
 */
const struct script_identity *script_users_get(struct script_users *users,
	const char *user, const char *group, bool supplementary);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving up what a role does not need.
 */
#ifndef TANDEM_LIB_PRIVILEGES_H
#define TANDEM_LIB_PRIVILEGES_H

#include <stdbool.h>

/* The account that roles run as; made by sysusers.  Where it does not exist
 * (a build tree), "nobody" serves. */
#define PRIVILEGES_USER "tandem"

#define PRIVILEGES_CAPS_MAX 8

struct privileges {
	/* Capabilities to keep (linux/capability.h), n_caps of them. */
	int caps[PRIVILEGES_CAPS_MAX];
	unsigned int n_caps;
	/* The bounding set stays whole, so that scripts of root's can be
	 * run; otherwise it is emptied.  Without CAP_SETPCAP it cannot be:
	 * then no_new_privileges alone keeps it out of reach. */
	bool keep_bounding_set;
	bool no_new_privileges;
};

struct privileges_ids {
	unsigned int uid;
	unsigned int gid;
};

/* Of PRIVILEGES_USER; looked up once in the life of the process. */
struct privileges_ids privileges_find_ids(void);

/* CAP (linux/capability.h) is in the effective set. */
bool privileges_has(unsigned int cap);
/* For good: a process that is not root does not get it back.  0 or -errno. */
int privileges_give_up(unsigned int cap);

/*
 * Opens PATH for reading as the account of IDS, if the process is root's; it
 * stays what it is otherwise.  For processes of one thread.  A descriptor or
 * -errno.
 */
int privileges_open(const char *path, const struct privileges_ids *ids);

/*
 * Becomes IDS (NULL or 0: they are looked up, which loads the libraries of
 * nsswitch: 0.7 MiB that a role needs for nothing else), with no supplementary
 * groups and, of the capabilities in P, those that it has.  Without root (a
 * test run by a user) it only drops capabilities.  0 or -errno; after an error
 * the process must not go on.
 */
int privileges_drop(
	const struct privileges *p, const struct privileges_ids *ids);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/log.h"

/* The kernel's overflow ids: the last resort when nsswitch knows nobody. */
#define PRIVILEGES_NOBODY 65534

static void privileges_find_user(uid_t *ret_uid, gid_t *ret_gid)
{
	const struct passwd *pw = getpwnam(PRIVILEGES_USER);

	if (!pw)
		pw = getpwnam("nobody");
	*ret_uid = pw ? pw->pw_uid : PRIVILEGES_NOBODY;
	*ret_gid = pw ? pw->pw_gid : PRIVILEGES_NOBODY;
}

int privileges_drop(const struct privileges *p)
{
	unsigned int flags = CAPNG_DROP_SUPP_GRP;
	unsigned int i;
	uid_t uid;
	gid_t gid;
	int err;

	if (p->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	capng_clear(CAPNG_SELECT_BOTH);
	for (i = 0; i < p->n_caps; i++)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			(unsigned int)p->caps[i]);
	if (geteuid() != 0) {
		/* Keep what of these the caller has; gain nothing. */
		capng_apply(CAPNG_SELECT_CAPS);
		return 0;
	}
	if (!p->keep_bounding_set)
		flags |= CAPNG_CLEAR_BOUNDING;
	privileges_find_user(&uid, &gid);
	err = capng_change_id((int)uid, (int)gid, flags);
	if (err) {
		log_error("cannot give up privileges (libcap-ng error %d)",
			err);
		return -EPERM;
	}
	/* The kernel clears this on a change of identity; without it a role
	 * leaves no core and cannot be examined by its owner. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

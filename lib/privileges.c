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

struct privileges_ids privileges_find_ids(void)
{
	static struct privileges_ids found = { 0, 0 };
	const struct passwd *pw;

	if (found.uid)
		return found;
	pw = getpwnam(PRIVILEGES_USER);
	if (!pw)
		pw = getpwnam("nobody");
	found.uid = pw ? pw->pw_uid : PRIVILEGES_NOBODY;
	found.gid = pw ? pw->pw_gid : PRIVILEGES_NOBODY;
	return found;
}

int privileges_drop(
	const struct privileges *p, const struct privileges_ids *ids)
{
	unsigned int flags = CAPNG_DROP_SUPP_GRP;
	unsigned int i;
	struct privileges_ids become;
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
	become = ids && ids->uid ? *ids : privileges_find_ids();
	err = capng_change_id((int)become.uid, (int)become.gid, flags);
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

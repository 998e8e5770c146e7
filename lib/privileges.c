/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/log.h"

/* The kernel's overflow ids: the last resort when nsswitch knows nobody. */
#define PRIVILEGES_NOBODY 65534

/* Root with more of them looks at nothing with another's eyes. */
#define GROUPS_MAX 256

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

/* Without libcap-ng's state, which is what is asked for next. */
bool privileges_has(unsigned int cap)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return true;
	return data[cap / 32].effective & (1u << (cap % 32));
}

int privileges_give_up(unsigned int cap)
{
	if (capng_get_caps_process() < 0 ||
		capng_update(CAPNG_DROP,
			CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE,
			cap) < 0 ||
		capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	return 0;
}

/* What an error of capng_change_id(3) means. */
static const char *failed_step(int err)
{
	switch (err) {
	case -4:
		return "the group cannot be changed";
	case -5:
		return "supplementary groups cannot be dropped";
	case -6:
		return "the user cannot be changed";
	case -8:
		return "the bounding set cannot be emptied";
	default:
		return "capabilities cannot be set";
	}
}

static int open_for_reading(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* The ids of file access alone: with them go the capabilities that pass over
 * modes, and come back. */
int privileges_open(const char *path, const struct privileges_ids *ids)
{
	gid_t groups[GROUPS_MAX];
	int n_groups;
	int fd;

	if (geteuid() != 0)
		return open_for_reading(path);
	n_groups = getgroups(GROUPS_MAX, groups);
	if (n_groups < 0 || setgroups(0, NULL) < 0)
		return -errno;
	setfsgid(ids->gid);
	setfsuid(ids->uid);
	fd = open_for_reading(path);
	setfsuid(geteuid());
	setfsgid(getegid());
	if (setgroups((size_t)n_groups, groups) < 0)
		log_fatal("cannot take back the groups of root");
	return fd;
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
	/* What of these the caller has: to ask for more gives nothing. */
	for (i = 0; i < p->n_caps; i++)
		if (privileges_has((unsigned int)p->caps[i]))
			capng_update(CAPNG_ADD,
				CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				(unsigned int)p->caps[i]);
	if (geteuid() != 0)
		return capng_apply(CAPNG_SELECT_CAPS) < 0 ? -EPERM : 0;
	if (!p->keep_bounding_set && privileges_has(CAP_SETPCAP))
		flags |= CAPNG_CLEAR_BOUNDING;
	become = ids && ids->uid ? *ids : privileges_find_ids();
	err = capng_change_id((int)become.uid, (int)become.gid, flags);
	if (err) {
		log_error("cannot give up root's privileges for user %u, "
			  "group %u: %s: %s",
			become.uid, become.gid, failed_step(err),
			strerror(errno));
		return -EPERM;
	}
	/* The kernel clears this on a change of identity; without it a role
	 * leaves no core and cannot be examined by its owner. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

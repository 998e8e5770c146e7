/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/process.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void process_set_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void process_allow_lock(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	/* Not root: locking says that it is not allowed. */
	if (setrlimit(RLIMIT_MEMLOCK, &none) < 0)
		return;
}

int process_lock_memory(bool lock)
{
#ifdef __SANITIZE_ADDRESS__
	(void)lock;
	return 0; /* its shadow is larger than any memory */
#else
	struct rlimit limit;

	if (!lock)
		return munlockall() < 0 ? -errno : 0;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return -errno;
	if (limit.rlim_cur != RLIM_INFINITY)
		return -EPERM;
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0 ? -errno
								    : 0;
#endif
}

int process_set_rttime(int64_t us)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_RTTIME, &limit) < 0)
		return -errno;
	if (limit.rlim_max == RLIM_INFINITY ||
		limit.rlim_max > (rlim_t)PROCESS_RTTIME_MAX_US)
		limit.rlim_max = (rlim_t)PROCESS_RTTIME_MAX_US;
	limit.rlim_cur = (rlim_t)us;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_RTTIME, &limit) < 0 ? -errno : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE_CHECK: the number in a track_file.  It is read anew with each run; a
 * change of the file hastens the next (see file_checks.h).
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "healthcheck/probe.h"
#include "lib/file_watch.h"
#include "lib/log.h"

bool probe_file_judge(
	int64_t number, int64_t weight, bool reverse, int32_t *ret_weight)
{
	int64_t product = number * weight * (reverse ? -1 : 1);

	*ret_weight = CHECK_WEIGHT_NONE;
	if (!weight)
		return reverse ? number != 0 : number == 0;
	if (product < -INT32_MAX)
		return false;
	*ret_weight = product > INT32_MAX ? INT32_MAX : (int32_t)product;
	return true;
}

/* One that is not there may be meant; one that cannot be read is not. */
static void count_as_zero(struct probe *probe, int err)
{
	static struct log_limit limit;

	probe_set_detail(probe, "%s: %s: counts as 0",
		probe->check->file_path, strerror(-err));
	if (err != -ENOENT)
		log_limited(&limit, LOG_LEVEL_WARNING,
			"FILE_CHECK: %s cannot be read and counts as 0: %s",
			probe->check->file_path, strerror(-err));
}

static void file_start(struct probe *probe)
{
	const struct check_config *check = probe->check;
	int64_t number = 0;
	int err;

	if (!check->file_path) {
		probe_fail(probe, REASON_CHECK_MISCONFIGURED, "no track_file");
		return;
	}
	/* What holds no number counts as 0, as for vrrp. */
	err = file_read_number(check->file_path, &number);
	if (err == -EINVAL)
		probe_set_detail(probe, "no number in %s: counts as 0",
			check->file_path);
	else if (err)
		count_as_zero(probe, err);
	else
		probe_set_detail(probe, "%" PRId64 " in %s", number,
			check->file_path);
	if (probe_file_judge(number, check->file_weight, check->file_reverse,
		    &probe->result.weight))
		probe_pass(probe);
	else
		probe_fail(probe, REASON_CHECK_FILE, "%" PRId64 " in %s",
			number, check->file_path);
}

static const struct probe_ops file_ops = { .start = file_start };

struct probe *probe_file_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct probe), &file_ops);
}

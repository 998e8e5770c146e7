/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD_CHECK: what the vrrp role said of a session last (see bfd_checks.h).
 */
#include "healthcheck/probe.h"

static void bfd_start(struct probe *probe)
{
	const struct check_config *check = probe->check;
	const char *detail;
	bool up;

	if (!check->bfd_found)
		probe_fail(probe, REASON_CHECK_MISCONFIGURED, "no bfd_instance");
	else if (!probe_bfd_look(probe, check->bfd_name, &up, &detail))
		probe_inconclusive(probe, REASON_CHECK_PENDING,
			"nothing is known of bfd %s yet", check->bfd_name);
	else if (up)
		probe_pass(probe);
	else
		probe_fail(probe, REASON_CHECK_BFD, "%s",
			*detail ? detail : "not up");
}

static const struct probe_ops bfd_ops = { .start = bfd_start };

struct probe *probe_bfd_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct probe), &bfd_ops);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/tuning.h"

#include <stdio.h>
#include <string.h>

#include "lib/process.h"

static const struct process_words *words_of(
	const struct process_conf *conf, enum role_id id)
{
	switch (id) {
	case ROLE_VRRP:
		return &conf->kinds[PROCESS_VRRP];
	case ROLE_HEALTHCHECK:
	case ROLE_IPVS:
		return &conf->kinds[PROCESS_CHECKER];
	case ROLE_SUPERVISOR:
	case ROLE_RUNNER:
	case ROLE_COUNT:
		break;
	}
	return NULL;
}

/* With process_names. */
static const char *suite_name(enum role_id id)
{
	switch (id) {
	case ROLE_VRRP:
		return "tandem_vrrp";
	case ROLE_HEALTHCHECK:
		return "tandem_check";
	case ROLE_IPVS:
		return "tandem_ipvs";
	case ROLE_RUNNER:
		return "tandem_runner";
	case ROLE_SUPERVISOR:
	case ROLE_COUNT:
		break;
	}
	return "";
}

void tuning_of(const struct process_conf *conf, enum role_id id,
	struct tuning_wish *ret_wish)
{
	const struct process_words *words = words_of(conf, id);
	const char *name = conf->names ? suite_name(id) : "";

	*ret_wish = (struct tuning_wish){ .nice = PROCESS_UNSET };
	if (words) {
		ret_wish->nice = words->nice;
		ret_wish->rt_priority = words->rt_priority;
		ret_wish->rttime_us = words->rttime_us ? words->rttime_us
						       : PROCESS_RTTIME_MAX_US;
		ret_wish->lock_memory = words->no_swap;
		ret_wish->has_cpus = words->has_cpus;
		ret_wish->cpus = words->cpus;
		/* Two processes of one name would only confuse. */
		if (words->name && id != ROLE_IPVS)
			name = words->name;
	}
	snprintf(ret_wish->name, sizeof(ret_wish->name), "%s", name);
}

const char *tuning_own_name(const struct process_conf *conf)
{
	return conf->name ? conf->name : "tandemd";
}

bool tuning_is_equal(const struct tuning_wish *a, const struct tuning_wish *b)
{
	return a->nice == b->nice && a->rt_priority == b->rt_priority &&
	       a->rttime_us == b->rttime_us &&
	       a->lock_memory == b->lock_memory && a->has_cpus == b->has_cpus &&
	       CPU_EQUAL(&a->cpus, &b->cpus) && !strcmp(a->name, b->name);
}

struct tuning_state tuning_goal(const struct tuning_state *own,
	const struct tuning_wish *wish, int earned)
{
	struct tuning_state goal = *own;

	if (wish->rt_priority)
		goal.rt_priority = (int)wish->rt_priority;
	if (earned > goal.rt_priority)
		goal.rt_priority = earned;
	if (wish->nice != PROCESS_UNSET)
		goal.nice = (int)wish->nice;
	if (wish->has_cpus)
		goal.cpus = wish->cpus;
	return goal;
}

int tuning_earn(int now, int64_t max)
{
	return now < max ? now + 1 : now;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/process_rule.h"

#include <string.h>

#include "lib/timeutil.h"

/* --- which --- */

static bool params_match(
	const struct process_rule *rule, const char *params, size_t len)
{
	size_t wanted = rule->params_len;

	switch (rule->match) {
	case PROCESS_MATCH_NONE:
		return true;
	case PROCESS_MATCH_EXACT:
		return len == wanted &&
		       (!wanted || !memcmp(params, rule->params, wanted));
	case PROCESS_MATCH_PARTIAL:
		return !wanted ||
		       (len >= wanted && !memcmp(params, rule->params, wanted));
	case PROCESS_MATCH_INITIAL:
		/* Without the end of the last. */
		return !wanted ||
		       (len >= wanted &&
			       !memcmp(params, rule->params, wanted - 1));
	}
	return false;
}

bool process_rule_matches(const struct process_rule *rule, const char *comm,
	const char *cmdline, size_t len)
{
	size_t first;

	if (!rule->full_command)
		return !strcmp(comm, rule->name);
	if (!cmdline || !len)
		return false;
	first = strnlen(cmdline, len);
	if (first != strlen(rule->name) ||
		memcmp(cmdline, rule->name, first) != 0)
		return false;
	first = first < len ? first + 1 : len;
	return params_match(rule, cmdline + first, len - first);
}

/* --- how many --- */

static bool enough(const struct process_quorum *quorum)
{
	return quorum->n >= quorum->conf.quorum &&
	       quorum->n <= quorum->conf.quorum_max;
}

/* The only place that changes it. */
static bool set_up(struct process_quorum *quorum, bool up)
{
	bool changed = !quorum->known || quorum->up != up;

	quorum->known = true;
	quorum->up = up;
	quorum->due_us = TIME_NEVER;
	return changed;
}

void process_quorum_init(
	struct process_quorum *quorum, const struct process_quorum_conf *conf)
{
	*quorum = (struct process_quorum){
		.conf = *conf,
		.due_us = TIME_NEVER,
	};
}

bool process_quorum_reconfigure(struct process_quorum *quorum,
	const struct process_quorum_conf *conf, int64_t now)
{
	quorum->conf = *conf;
	return quorum->known &&
	       process_quorum_set(quorum, quorum->n, PROCESS_BY_SCAN, now);
}

/* fork_delay: a process that was just forked may be about to become another
 * one.  terminate_delay: another one may follow at once. */
static int64_t delay(const struct process_quorum *quorum, bool to_up,
	enum process_cause cause)
{
	switch (cause) {
	case PROCESS_BY_FORK:
		return quorum->conf.fork_delay_us;
	case PROCESS_BY_EXIT:
		return quorum->conf.terminate_delay_us;
	case PROCESS_BY_SCAN:
		return to_up ? 0 : quorum->conf.terminate_delay_us;
	case PROCESS_BY_EXEC:
		return 0;
	}
	return 0;
}

bool process_quorum_set(struct process_quorum *quorum, uint32_t n,
	enum process_cause cause, int64_t now)
{
	int64_t wait;
	bool up;

	quorum->n = n;
	up = enough(quorum);
	if (!quorum->known)
		return set_up(quorum, up);
	if (up == quorum->up) {
		quorum->due_us = TIME_NEVER;
		return false;
	}
	wait = delay(quorum, up, cause);
	if (!wait)
		return set_up(quorum, up);
	if (quorum->due_us == TIME_NEVER)
		quorum->due_us = now + wait;
	return false;
}

bool process_quorum_timer(struct process_quorum *quorum, int64_t now)
{
	if (now < quorum->due_us)
		return false;
	return set_up(quorum, enough(quorum));
}

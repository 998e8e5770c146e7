/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes a vrrp_track_process means, and when there are enough of
 * them.
 *
 * Pure: names and command lines, numbers and the time go in.  The shell of
 * processes.h counts, and asks at each change.
 */
#ifndef TANDEM_VRRP_PROCESS_RULE_H
#define TANDEM_VRRP_PROCESS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum process_match {
	PROCESS_MATCH_NONE,    /* whatever the parameters are */
	PROCESS_MATCH_EXACT,   /* these and no others */
	PROCESS_MATCH_PARTIAL, /* begin with these */
	PROCESS_MATCH_INITIAL, /* likewise, and the last may be longer */
};

struct process_rule {
	const char *name;   /* comm, or argv[0] with full_command */
	const char *params; /* each with its NUL; NULL = none */
	size_t params_len;
	enum process_match match;
	bool full_command;
};

/* COMM is what the kernel calls it, without newline; CMDLINE is
 * /proc/PID/cmdline, LEN bytes of it, and may be NULL when no rule needs
 * it. */
bool process_rule_matches(const struct process_rule *rule, const char *comm,
	const char *cmdline, size_t len);

/* What a change of the number came from. */
enum process_cause {
	PROCESS_BY_SCAN,
	PROCESS_BY_FORK,
	PROCESS_BY_EXEC, /* or another name */
	PROCESS_BY_EXIT,
};

struct process_quorum_conf {
	uint32_t quorum;
	uint32_t quorum_max; /* UINT32_MAX = no limit */
	int64_t fork_delay_us;
	int64_t terminate_delay_us;
};

struct process_quorum {
	struct process_quorum_conf conf;
	uint32_t n;
	bool known; /* counted once */
	bool up;
	int64_t due_us; /* a delay ends, or TIME_NEVER */
};

void process_quorum_init(struct process_quorum *quorum,
	const struct process_quorum_conf *conf);
/* Other limits, the same processes.  True when UP changed. */
bool process_quorum_reconfigure(struct process_quorum *quorum,
	const struct process_quorum_conf *conf, int64_t now);
/* There are N now.  True when UP changed, or is known for the first time: at
 * once, or as the delay of the CAUSE wants it, in a later timer. */
bool process_quorum_set(struct process_quorum *quorum, uint32_t n,
	enum process_cause cause, int64_t now);
bool process_quorum_timer(struct process_quorum *quorum, int64_t now);

#endif

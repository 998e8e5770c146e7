/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /proc, in a thread of its own: a command line is memory of the other
 * process, whose lock or whose swap may keep a reader waiting, and adverts
 * must not wait with it.  The thread has no real-time priority, knows nothing
 * but the rules that it was given, and writes no log.
 */
#ifndef TANDEM_VRRP_PROCESS_SCAN_H
#define TANDEM_VRRP_PROCESS_SCAN_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/loop.h"
#include "vrrp/process_rule.h"

struct process_scanner;

/* One bit a rule, in words of 64. */
#define PROCESS_RULES_MAX 1024
#define PROCESS_WORDS_MAX (PROCESS_RULES_MAX / 64)

struct process_scan_events {
	/* What a look, or a scan (NUMBER, else 0), found of PID: the rules
	 * that it matches.  A scan tells only of those that match one. */
	void (*found)(pid_t pid, uint32_t number, const uint64_t *mask,
		void *user_data);
	/* The scan was everywhere. */
	void (*scanned)(uint32_t number, void *user_data);
};

/* NULL when there can be no thread; errno says why. */
struct process_scanner *process_scanner_new(struct loop *loop,
	const struct process_scan_events *events, void *user_data);
void process_scanner_free(struct process_scanner *scanner); /* NULL is fine */

/* Takes a copy of the N rules.  Nothing that was found by the rules before is
 * told any more. */
void process_scanner_set_rules(struct process_scanner *scanner,
	const struct process_rule *rules, size_t n);
/* Both are answered later, in this order; scans are numbered from 1.  False
 * when the queue is full: then there is no answer. */
bool process_scanner_look(struct process_scanner *scanner, pid_t pid);
bool process_scanner_scan(struct process_scanner *scanner, uint32_t number);

#endif

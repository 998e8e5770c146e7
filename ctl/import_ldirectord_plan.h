/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a service of ldirectord.cf is checked: the kind nearest to what
 * ldirectord does, and its times.
 */
#ifndef TANDEM_CTL_IMPORT_LDIRECTORD_PLAN_H
#define TANDEM_CTL_IMPORT_LDIRECTORD_PLAN_H

#include "ctl/import_ldirectord.h"

enum ld_kind {
	LD_KIND_NONE,
	LD_KIND_TCP,
	LD_KIND_HTTP,
	LD_KIND_HTTPS,
	LD_KIND_SMTP,
	LD_KIND_DNS,
	LD_KIND_PING,
	LD_KIND_MISC,
	LD_KIND_OFF,
};

struct ld_plan {
	enum ld_kind kind;
	const char *service;
	uint32_t interval;
	uint32_t timeout;
	uint32_t failures;
	uint32_t port; /* of the service checked; 0 = that of the server */
	bool inhibit;
};

#define ld_tell(v, level, ...)                                                 \
	import_note(&(v)->notes, (level), (v)->line, 0, __VA_ARGS__)

bool ld_asks_udp(const struct ld_virtual *v);
/* Notes what is lost on V. */
struct ld_plan ld_make_plan(const struct ld_file *file, struct ld_virtual *v);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/capabilities.h"

#include <json-c/json.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/privileges.h"

#define CAPABILITIES_HINT                                                      \
	"(hint: CapabilityBoundingSet= of the unit, --cap-add of the container)"
#define TEXT_MAX 320

struct capability {
	unsigned int cap;
	const char *name;
	bool of_root; /* others never have it, nor need it */
	const char *missed_for;
};

/* Roles begin as root, and none of them stays so. */
static const struct capability to_leave_root[] = {
	{ CAP_SETUID, "CAP_SETUID", true,
		"roles cannot give up root's privileges" },
	{ CAP_SETGID, "CAP_SETGID", true,
		"roles cannot give up root's privileges" },
};

static const struct capability optional[] = {
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", false,
		"no address can be set and no IPVS entry written" },
	{ CAP_NET_RAW, "CAP_NET_RAW", false,
		"VRRP can neither send nor receive, PING_CHECK works for the "
		"groups in ping_group_range only, fwmark of a checker not at "
		"all" },
	{ CAP_KILL, "CAP_KILL", true,
		"scripts of other users that take too long, and roles that "
		"hang, cannot be ended" },
	{ CAP_SETPCAP, "CAP_SETPCAP", true,
		"the bounding sets of the roles are not emptied; no_new_privs "
		"alone keeps roles from gaining what is in them" },
};

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static bool is_missing(const struct capability *c)
{
	return (!c->of_root || geteuid() == 0) && !privileges_has(c->cap);
}

static bool has_all(const struct capability *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_missing(&list[i]))
			continue;
		fprintf(stderr,
			"tandemd: no permission: %s is missing: "
			"%s " CAPABILITIES_HINT "\n",
			list[i].name, list[i].missed_for);
		return false;
	}
	return true;
}

/* A user namespace may lack the users or refuse the change, whatever the
 * capabilities are.  A process of its own tries. */
static bool can_leave_root(void)
{
	const struct privileges none = { .no_new_privileges = true };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(privileges_drop(&none, NULL) < 0);
	return pid < 0 || waitpid(pid, &status, 0) != pid || status == 0;
}

bool capabilities_suffice(bool only_check)
{
	if (geteuid() != 0 && (!privileges_has(CAP_NET_ADMIN) ||
				      (!only_check &&
					      !privileges_has(CAP_NET_RAW)))) {
		fprintf(stderr,
			"tandemd: no permission: start it as root, or with "
			"CAP_NET_ADMIN and CAP_NET_RAW\n");
		return false;
	}
	return geteuid() != 0 ||
	       (has_all(to_leave_root, ARRAY_SIZE(to_leave_root)) &&
		       can_leave_root());
}

/* --- what is done without --- */

static void each_missing(
	void (*visit)(const char *text, void *user_data), void *user_data)
{
	char text[TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(optional); i++) {
		if (!is_missing(&optional[i]))
			continue;
		snprintf(text, sizeof(text),
			"%s is missing: %s " CAPABILITIES_HINT,
			optional[i].name, optional[i].missed_for);
		visit(text, user_data);
	}
}

static void warn(const char *text, void *user_data)
{
	(void)user_data;
	log_warning("%s", text);
}

void capabilities_warn(void)
{
	each_missing(warn, NULL);
}

static void add(const char *text, void *user_data)
{
	json_object_array_add(user_data, json_object_new_string(text));
}

void capabilities_add_problems(struct json_object *problems)
{
	each_missing(add, problems);
}

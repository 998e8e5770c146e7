/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Roles that a former supervisor has left: ended, and succeeded by ours. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/orphans.h"
#include "daemon/role_table.h"
#include "daemon/roles_internal.h"

#define BIT(id) (1u << (id))

/* --- the file that a role hands over in --- */

static const char *handover_path(
	const struct role_process *p, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s/%s.handover", p->roles->settings.runtime_dir,
		role_id_name(p->id));
	return buffer;
}

void role_remove_handover(const struct role_process *p)
{
	char path[PATH_MAX];

	unlink(handover_path(p, path, sizeof(path)));
}

int role_open_handover(const struct role_process *p)
{
	char path[PATH_MAX];
	int fd;

	/* A new one: who has the old one open does not write to ours. */
	role_remove_handover(p);
	fd = open(handover_path(p, path, sizeof(path)),
		O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		log_warning("cannot make %s: %s", path, strerror(errno));
	return fd;
}

/* --- succession --- */

static const char *why_not(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENODATA:
		return "nothing was handed over";
	case -ESTALE:
		return "it is of another process or network namespace";
	case -EPROTO:
		return "another version wrote it";
	case -EBADMSG:
		return "it is damaged";
	default:
		return strerror(-err);
	}
}

static int role_take_over(
	struct role_process *p, const struct handover_mark *expected)
{
	char path[PATH_MAX];
	int fd = open(handover_path(p, path, sizeof(path)),
		O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int err;

	if (fd < 0)
		return -errno;
	err = handover_read(fd, expected, p->checkpoints, &p->predecessor_us);
	close(fd);
	return err;
}

static void role_succeed(struct role_process *p)
{
	const struct roles_settings *s = &p->roles->settings;
	struct handover_mark expected;
	char path[PATH_MAX];
	int err;

	if (orphans_end(p->id, role_pid_file(p, path, sizeof(path)),
		    s->runtime_dir, &expected)) {
		expected.netns = handover_netns(p->netns_fd);
		err = role_take_over(p, &expected);
		p->succeeds = !err;
		if (err)
			log_notice("%s begins anew: %s", role_id_name(p->id),
				why_not(err));
		else
			log_notice("%s goes on where the former was",
				role_id_name(p->id));
	}
	role_remove_handover(p);
}

/* Were they told to stay? */
static bool roles_hand_over(struct roles *roles)
{
	char path[PATH_MAX];
	unsigned int id;

	for (id = 0; id < ROLE_COUNT; id++)
		if (!access(handover_path(
				    &roles->processes[id], path, sizeof(path)),
			    F_OK))
			return true;
	return false;
}

void roles_succeed(struct roles *roles, unsigned int which)
{
	unsigned int n;
	const enum role_id *order = role_table_stop_order(&n);
	bool reverse = roles_hand_over(roles);
	struct role_process *p;
	unsigned int i;

	/* Those that stop need each other, and are waited for in their order.
	 * Of those that stay, vrrp is the last: its peers do not wait for
	 * long. */
	if (!reverse)
		which = ~0u;
	for (i = 0; i < n; i++) {
		p = &roles->processes[order[reverse ? n - 1 - i : i]];
		if (which & BIT(p->id) && !p->starts)
			role_succeed(p);
	}
}

void roles_stop_left(struct roles *roles)
{
	unsigned int n;
	const enum role_id *order = role_table_stop_order(&n);
	struct role_process *p;
	char path[PATH_MAX];
	unsigned int i;

	for (i = 0; i < n; i++) {
		p = &roles->processes[order[i]];
		if (p->starts)
			continue;
		if (orphans_stop(p->id, role_pid_file(p, path, sizeof(path)),
			    roles->settings.runtime_dir))
			unlink(role_pid_file(p, path, sizeof(path)));
		role_remove_handover(p);
	}
}

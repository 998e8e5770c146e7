/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/script_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"

/* More groups than the kernel takes are no use. */
#define GROUPS_MAX 65536

struct script_users_entry {
	UT_hash_handle hh;
	struct script_identity identity;
	char key[];
};

struct script_users {
	struct script_users_entry *entries;
};

struct script_users *script_users_new(void)
{
	return x_new(struct script_users, 1);
}

void script_users_free(struct script_users *users)
{
	struct script_users_entry *entry;
	struct script_users_entry *next;

	if (!users)
		return;
	HASH_ITER (hh, users->entries, entry, next) {
		HASH_DEL(users->entries, entry);
		x_free(entry->identity.groups);
		x_free(entry->identity.name);
		x_free(entry->identity.home);
		x_free(entry);
	}
	x_free(users);
}

static void set_groups(struct script_identity *id, bool supplementary)
{
	int n = 16;

	id->groups = x_new(gid_t, (size_t)n);
	id->groups[0] = id->gid;
	id->n_groups = 1;
	if (!supplementary)
		return;
	for (;;) {
		int room = n;

		if (getgrouplist(id->name, id->gid, id->groups, &n) >= 0)
			break;
		if (n <= room)
			n = room * 2;
		if (n > GROUPS_MAX)
			return;
		id->groups =
			x_realloc(id->groups, (size_t)n, sizeof(*id->groups));
	}
	id->n_groups = (unsigned int)n;
}

static void look_up(struct script_identity *id, const char *user,
	const char *group, bool supplementary)
{
	const struct passwd *pw = getpwnam(user);
	const struct group *gr;

	id->name = x_strdup(user);
	id->home = x_strdup(pw && pw->pw_dir && *pw->pw_dir ? pw->pw_dir : "/");
	if (!pw) {
		id->error = -ENOENT;
		return;
	}
	id->uid = pw->pw_uid;
	id->gid = pw->pw_gid;
	if (group && *group == ':') {
		supplementary = true;
		group++;
	}
	if (group && *group) {
		gr = getgrnam(group);
		if (!gr) {
			id->error = -ESRCH;
			return;
		}
		id->gid = gr->gr_gid;
	}
	set_groups(id, supplementary);
}

const struct script_identity *script_users_get(struct script_users *users,
	const char *user, const char *group, bool supplementary)
{
	/* No name has a line end in it: the tree is made of lines. */
	char *key = x_asprintf(
		"%s\n%s\n%d", user, group ? group : "", supplementary);
	struct script_users_entry *entry;
	size_t len = strlen(key);

	HASH_FIND(hh, users->entries, key, len, entry);
	if (!entry) {
		entry = x_calloc(1, sizeof(*entry) + len + 1);
		memcpy(entry->key, key, len + 1);
		look_up(&entry->identity, user, group, supplementary);
		HASH_ADD_KEYPTR(hh, users->entries, entry->key, len, entry);
	}
	x_free(key);
	return &entry->identity;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/script_check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/script.h"
#include "lib/mem.h"

/* May IDENTITY execute a file with the owner and mode in ST? */
static bool may_execute(
	const struct stat *st, const struct script_identity *identity)
{
	unsigned int i;

	if (identity->uid == 0)
		return st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
	if (identity->uid == st->st_uid)
		return st->st_mode & S_IXUSR;
	for (i = 0; i < identity->n_groups; i++)
		if (identity->groups[i] == st->st_gid)
			return st->st_mode & S_IXGRP;
	return st->st_mode & S_IXOTH;
}

static int check_file(const char *path, const struct script_identity *identity)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == EACCES ? -EPERM : -ENOENT;
	if (!S_ISREG(st.st_mode))
		return -EISDIR;
	return may_execute(&st, identity) ? 0 : -EACCES;
}

/* Of several failures on the search path the most telling one counts. */
static int worse(int a, int b)
{
	return a == -ENOENT ? b : a;
}

int script_check_find(const char *command,
	const struct script_identity *identity, char **ret_path)
{
	const char *dir = SCRIPT_PATH;
	int found = -ENOENT;
	int err;

	if (strchr(command, '/')) {
		err = check_file(command, identity);
		if (!err)
			*ret_path = x_strdup(command);
		return err;
	}
	while (*dir && *command) {
		size_t len = strcspn(dir, ":");
		char *path = x_asprintf("%.*s/%s", (int)len, dir, command);

		err = check_file(path, identity);
		if (!err) {
			*ret_path = path;
			return 0;
		}
		x_free(path);
		/* A directory of that name is no command. */
		found = worse(found, err == -EISDIR ? -ENOENT : err);
		dir += len + (dir[len] == ':');
	}
	return found;
}

static bool others_can_write(const struct stat *st)
{
	mode_t mode = st->st_mode;

	if (st->st_uid != 0)
		return true;
	/* In a sticky directory nobody replaces a file of root's. */
	if (S_ISDIR(mode) && mode & S_ISVTX)
		return false;
	return mode & S_IWOTH || (mode & S_IWGRP && st->st_gid != 0);
}

/* PATH and every directory above it, without following its last link. */
static int check_components(const char *path, char **ret_component)
{
	char *copy = x_strdup(path);
	struct stat st;
	int err = 0;

	for (;;) {
		char *slash;

		if (lstat(*copy ? copy : "/", &st) < 0) {
			err = -errno;
			break;
		}
		/* The mode of a link means nothing, its owner does. */
		if (S_ISLNK(st.st_mode) ? st.st_uid != 0
					: others_can_write(&st)) {
			*ret_component = x_strdup(*copy ? copy : "/");
			err = -EPERM;
			break;
		}
		slash = strrchr(copy, '/');
		if (!*copy || !slash)
			break;
		*slash = '\0';
	}
	x_free(copy);
	return err;
}

int script_check_secure(const char *path, char **ret_component)
{
	char real[PATH_MAX];
	int err = check_components(path, ret_component);

	if (err)
		return err;
	if (!realpath(path, real))
		return -errno;
	return strcmp(path, real) ? check_components(real, ret_component) : 0;
}

bool script_check_shell_is_bash(void)
{
	char real[PATH_MAX];
	const char *slash;

	if (!realpath(CONF_SCRIPT_SHELL, real))
		return false;
	slash = strrchr(real, '/');
	return slash && !strcmp(slash + 1, "bash");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/mem.h"

static int write_to(
	int fd, void (*put)(FILE *out, void *user_data), void *user_data)
{
	FILE *out = fdopen(fd, "w");
	int err;

	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	put(out, user_data);
	err = ferror(out) ? -EIO : 0;
	if (fclose(out))
		err = -errno;
	return err;
}

int replace_file(const char *path, void (*put)(FILE *out, void *user_data),
	void *user_data)
{
	char *temporary = x_asprintf("%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	int err = fd < 0 ? -errno : write_to(fd, put, user_data);

	if (!err && rename(temporary, path) < 0)
		err = -errno;
	if (err && fd >= 0)
		unlink(temporary);
	x_free(temporary);
	return err;
}

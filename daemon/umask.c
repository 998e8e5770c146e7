/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/umask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	mode_t bit;
} mode_bits[] = {
	{ "IRUSR", 0400 },
	{ "IWUSR", 0200 },
	{ "IXUSR", 0100 },
	{ "IRGRP", 0040 },
	{ "IWGRP", 0020 },
	{ "IXGRP", 0010 },
	{ "IROTH", 0004 },
	{ "IWOTH", 0002 },
	{ "IXOTH", 0001 },
};

static int parse_mode_name(const char *name, size_t len, mode_t *mode)
{
	size_t i;

	if (len >= 2 && !strncmp(name, "S_", 2)) {
		name += 2;
		len -= 2;
	}
	for (i = 0; i < sizeof(mode_bits) / sizeof((mode_bits)[0]); i++) {
		if (strlen(mode_bits[i].name) != len ||
			strncmp(mode_bits[i].name, name, len))
			continue;
		*mode |= mode_bits[i].bit;
		return 0;
	}
	return -EINVAL;
}

int umask_parse(const char *text, mode_t *ret_mode)
{
	mode_t mode = 0;
	char *end;
	unsigned long number;

	if (*text >= '0' && *text <= '9') {
		number = strtoul(text, &end, 0);
		if (*end || number > 0777)
			return -EINVAL;
		*ret_mode = (mode_t)number;
		return 0;
	}
	for (;;) {
		size_t len = strcspn(text, "|");

		if (parse_mode_name(text, len, &mode) < 0)
			return -EINVAL;
		if (!text[len])
			break;
		text += len + 1;
	}
	*ret_mode = mode;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/input.h"

#include <string.h>

#include "config/file.h"

const char *input_name(const struct request *request, const char *word)
{
	int err;

	if (strcmp(word, "-") != 0)
		return word;
	err = file_keep_stdin();
	if (!err)
		return FILE_STDIN;
	fprintf(request->err.out, "tandemctl: cannot read standard input: %s\n",
		strerror(-err));
	return NULL;
}

const char *input_name_unread(const char *word)
{
	if (strcmp(word, "-") != 0)
		return word;
	file_keep_stdin();
	return FILE_STDIN;
}

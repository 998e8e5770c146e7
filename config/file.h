/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading one file of a configuration, or saying why that cannot be.
 */
#ifndef TANDEM_CONFIG_FILE_H
#define TANDEM_CONFIG_FILE_H

#include <sys/types.h>

#include "config/diag.h"

struct file_text {
	char *text; /* x_free() it; not terminated */
	size_t len;
	dev_t dev;
	ino_t ino;
};

/*
 * Standard input under the name that diagnostics show.  What a pipe says is
 * gone once it is read, and a configuration is read more than once:
 * file_keep_stdin() puts a file with all of it in its place.  0 or -errno,
 * which is also told when the file is read.
 */
#define FILE_STDIN "<stdin>"
int file_keep_stdin(void);

/*
 * Reads PATH, at most MAX bytes.  Problems are reported at PLACE with
 * SEVERITY; KEYWORD is "include" or "".  0 or -errno.
 */
int file_read(const char *path, size_t max, enum diag_severity severity,
	const struct diag_place *place, const char *keyword,
	struct diag_list *diags, struct file_text *ret);

/* Reads a file that was read before; says nothing.  0 or -errno. */
int file_read_again(const char *path, struct file_text *ret);

/* Is it text?  Otherwise reports the first byte that says it is not. */
bool file_is_text(const char *name, const char *text, size_t len,
	enum diag_severity severity, struct diag_list *diags);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical layout of a configuration: one tab for each open block, no
 * blanks at the end of a line, one empty line where there were several, LF.
 *
 * Only blanks at both ends of a line change, and empty lines: the text reads
 * the same.  Left as they are: the lines of a definition that goes on with
 * backslashes, and lines so long that indentation could push them over
 * keepalived's limit.  Pure.
 */
#ifndef TANDEM_CTL_FORMAT_TEXT_H
#define TANDEM_CTL_FORMAT_TEXT_H

#include <stddef.h>

/* The text, terminated; x_free() it. */
char *format_text(const char *text, size_t len, size_t *ret_len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Print, read again, the same tree", for tests and fuzzers.
 */
#ifndef TANDEM_TESTS_CONFIG_PRINT_H
#define TANDEM_TESTS_CONFIG_PRINT_H

#include "config/language.h"

/* The text of TREE; free() it. */
char *print_text(const struct conf_language *language,
	const struct conf_tree *tree, bool secrets);

/* Where A and B differ first, in BUF, or NULL when they are the same but for
 * places.  MARKS: what is marked as unknown or skipped as well; without it,
 * secrets that could not be read may differ. */
const char *print_compare(const struct conf_tree *a, const struct conf_tree *b,
	bool marks, char *buf, size_t size);

/* Prints TREE and reads it again: NULL when it is the same, or what is not,
 * in BUF.  TREE was read with ERRORS. */
const char *print_round_trip(const struct conf_language *language,
	const struct conf_tree *tree, bool errors, char *buf, size_t size);

#endif

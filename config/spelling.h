/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was meant by a word that is not known.
 */
#ifndef TANDEM_CONFIG_SPELLING_H
#define TANDEM_CONFIG_SPELLING_H

#include <stddef.h>

/* Is A the misspelt B?  The number of slips, or a big number. */
unsigned int spelling_distance(
	const char *a, size_t a_len, const char *b, size_t b_len);
/* As many slips as a word of LEN bytes may have to be recognised. */
unsigned int spelling_tolerance(size_t len);

/* The nearest of the names that were tried. */
struct spelling_guess {
	const char *word;
	unsigned int distance;
	const char *meant; /* borrowed; NULL = none is near enough */
};

struct spelling_guess spelling_guess(const char *word);
void spelling_try(struct spelling_guess *guess, const char *name);

#endif

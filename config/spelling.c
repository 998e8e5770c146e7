/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edit distance between what was written and what was meant: slips are a
 * letter too many, one too few, a wrong one, or two exchanged.  Case and the
 * choice between '-' and '_' cost nothing.
 */
#include "config/spelling.h"

#include <string.h>
#include <strings.h>

#define WORD_MAX 40
/* The beginning of a name that tells which one is meant. */
#define SHORT_MIN 3

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' ? '_' : c;
}

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

unsigned int spelling_tolerance(size_t len)
{
	if (len < 3)
		return 0;
	return len < 6 ? 1 : len < 12 ? 2 : 3;
}

unsigned int spelling_distance(
	const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int rows[3][WORD_MAX + 1];

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (unsigned int j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (unsigned int i = 1; i <= a_len; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i + 2) % 3];
		const unsigned int *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned int j = 1; j <= b_len; j++) {
			char x = fold(a[i - 1]);
			char y = fold(b[j - 1]);

			row[j] = min3(above[j] + 1, row[j - 1] + 1,
				above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == fold(b[j - 2]) &&
				y == fold(a[i - 2]) &&
				above2[j - 2] + 1 < row[j])
				row[j] = above2[j - 2] + 1;
		}
	}
	return rows[a_len % 3][b_len];
}

struct spelling_guess spelling_guess(const char *word)
{
	return (struct spelling_guess){
		.word = word,
		.distance = spelling_tolerance(strlen(word)) + 1,
	};
}

void spelling_try(struct spelling_guess *guess, const char *name)
{
	size_t len = strlen(guess->word);
	unsigned int distance =
		spelling_distance(guess->word, len, name, strlen(name));

	/* Cut short. */
	if (len >= SHORT_MIN && distance && !strncasecmp(guess->word, name, len))
		distance = 1;

	if (distance >= guess->distance)
		return;
	guess->distance = distance;
	guess->meant = name;
}

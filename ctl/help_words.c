/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/help_words.h"

#include <string.h>

#define WORD(word_, name_, doc_, example_)                                     \
	{                                                                      \
		.word = (word_),                                               \
		.keyword = {                                                   \
			.name = (name_),                                       \
			.type = CONF_CUSTOM,                                   \
			.flags = CONF_MULTI,                                   \
			.doc = (doc_),                                         \
			.example = (example_),                                 \
		},                                                             \
	}

static const struct help_word words[] = {
	WORD("include", "include PATTERN",
		"Reads the files that match, in the order of their names, as "
		"if they stood there. Relative names start at the directory "
		"of the including file. If nothing matches, nothing is read; "
		"include_check and the other words that begin with include "
		"are stricter.",
		"include conf.d/*.conf"),
	WORD("includer", "includer PATTERN",
		"As include; what matches must be readable.",
		"includer conf.d/*.conf"),
	WORD("includem", "includem PATTERN",
		"As include; something must match.", "includem conf.d/*.conf"),
	WORD("includew", "includew PATTERN",
		"As include; each wildcard must match something.",
		"includew conf.d/*.conf"),
	WORD("includeb", "includeb PATTERN",
		"As include; each alternative in braces must match something.",
		"includeb conf.d/{vrrp,services}.conf"),
	WORD("includea", "includea PATTERN",
		"As include, with the checks of includer, includem, includew "
		"and includeb.",
		"includea conf.d/*.conf"),
	WORD("$", "$NAME=VALUE",
		"Defines a text that $NAME or ${NAME} stands for in all that "
		"follows. With a \\ at its end it goes on on the next line. "
		"${_PWD} is the directory of the file, ${_INSTANCE} the "
		"config-id, ${_ENV NAME} a variable of the environment, "
		"${_RANDOM MIN MAX} a number; ${_HASH} and ${_BANG} are # and "
		"!.",
		"$NET=192.0.2"),
	WORD("@", "@ID LINE",
		"LINE counts only where the config-id is ID: the short host "
		"name, or what tandemd is told by -i. It holds for the line, "
		"not for the block that the line opens.",
		"@director-a priority 150"),
	WORD("@^", "@^ID LINE",
		"LINE counts only where the config-id is not ID; see @.",
		"@^director-a priority 100"),
	WORD("~SEQ", "~SEQ(NAME, [FIRST, [STEP,]] LAST) LINE",
		"Repeats LINE with $NAME counting from FIRST, or else 1, to "
		"LAST.",
		"~SEQ(i, 10, 12) 192.0.2.$i 80"),
	WORD("~SEQx", "~SEQx(NAME, [FIRST, [STEP,]] LAST) LINE",
		"As ~SEQ, with $NAME in hexadecimal.",
		"~SEQx(i, 0x8, 0xb) 2001:db8::$i 80"),
	WORD("~LST", "~LST(NAME, VALUE, VALUE ...) LINE",
		"Repeats LINE with $NAME being each VALUE. {A, B} as NAME and "
		"as each VALUE set several names at once.",
		"~LST(i, 10, 20) 192.0.2.$i 80"),
	{ .word = NULL },
};

/* How much of TEXT is the word, what follows being the reader's own. */
static size_t word_len(const char *text)
{
	if (*text == '$')
		return 1;
	if (*text == '@')
		return 1 + (text[1] == '^');
	if (*text == '~')
		return strcspn(text, "( \t");
	return strlen(text);
}

const struct help_word *help_find_word(const char *text)
{
	size_t len = word_len(text);

	for (const struct help_word *w = words; w->word; w++)
		if (strlen(w->word) == len && !memcmp(w->word, text, len))
			return w;
	return NULL;
}

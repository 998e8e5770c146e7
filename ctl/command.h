/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of tandemctl: what each asks for and how it is shown.
 */
#ifndef TANDEM_CTL_COMMAND_H
#define TANDEM_CTL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/table.h"

/* What the exit status tells scripts. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1, /* or failed; the reason is on stderr */
	EXIT_USAGE = 2,
	EXIT_NO_DAEMON = 3,
};

enum format {
	FORMAT_TEXT,
	FORMAT_GCC,
	FORMAT_JSON,
	FORMAT_MAN, /* keywords: a manual page */
};

struct request {
	const char *runtime_dir;
	enum format format;
	int64_t timeout_us;    /* 0 = the command's own */
	const char *config_id; /* of check; NULL = this host */
	bool lenient;	       /* check: errors do not refuse */
	bool in_place;	       /* format: write the file */
	bool check_only;       /* format: only tell whether it is so */
	const char *peer;      /* lint: the other director's file, or NULL */
	const char *disable;   /* lint: rules, separated by commas, or NULL */
	bool origin;	       /* show config: where each line stands */
	bool defaults;	       /* show config: what the file leaves out */
	bool live;	       /* import: the table of this kernel */
	unsigned int n_words;  /* after the command */
	char **words;
	struct screen out;
	struct screen err;
};

struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	unsigned int min_words;
	unsigned int max_words;
	enum exit_status (*run)(
		const struct command *command, const struct request *request);
};

/* The table; ends with a NULL name. */
const struct command *command_table(void);
const struct command *command_find(const char *name);
/* The one that NAME, which is none, was meant to be, or NULL. */
const char *command_suggest(const char *name);

/* "; did you mean 'MEANT'?", or nothing for NULL. */
void put_meant(FILE *out, const char *meant);

#endif

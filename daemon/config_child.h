/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a configuration in a worker: the supervisor stays responsive
 * however big the file is, and a file that kills the parser kills only the
 * worker.
 */
#ifndef TANDEM_DAEMON_CONFIG_CHILD_H
#define TANDEM_DAEMON_CONFIG_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/worker.h"

struct diag_list;

enum config_outcome {
	CONFIG_GOOD,
	CONFIG_ERRORS, /* refused; lenient would run it */
	CONFIG_UNUSABLE,
	CONFIG_MISSING, /* no such file */
};

struct config_request {
	const char *file;
	const char *config_id;
	bool lenient;
	bool all_files;
	const char *marker; /* emptied before anything is read; NULL = none */
	/* Name all that the machine lacks, each with its place... */
	bool present;
	/* ...but not when the file names a namespace, which is entered only
	 * later, or a startup_script, which may bring it. */
	bool first;
	bool print; /* problems to stderr, too: nobody reads the log yet */
};

/* Removes a marker, unless it is one that was not touched: the worker may have
 * ended before it could say so. */
void config_remove_marker(const char *marker);

/* What an outcome means for `-t`: 0, 4, 5 or 6. */
int config_test_exit_code(enum config_outcome outcome, bool script_security);

/* The outcome of a load that gave HAVE_TREE and DIAGS. */
enum config_outcome config_judge(const char *file, bool have_tree, bool lenient,
	struct diag_list *diags);

/* ERROR as in worker_start().  GENERATION_FD is -1 unless good; DIAGS_FD
 * holds {"diagnostics": [...]} or is -1.  The callback owns both. */
struct config_answer {
	int error;
	enum config_outcome outcome;
	int generation_fd;
	int diags_fd;
};

struct config_child {
	void (*done)(const struct config_answer *answer, void *user_data);
	void *user_data;
};

/* Borrows CHILD until its DONE was called.  0 or -errno. */
int config_child_start(struct workers *workers,
	const struct config_request *request, struct config_child *child);

#endif

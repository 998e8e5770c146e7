/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watches the files of all FILE_CHECKs of the running set: those of a file
 * that may have changed are run at once.
 */
#ifndef TANDEM_HEALTHCHECK_FILE_CHECKS_H
#define TANDEM_HEALTHCHECK_FILE_CHECKS_H

#include "healthcheck/check_table.h"

struct file_checks;

/* TABLE must outlive it. */
struct file_checks *file_checks_new(
	struct loop *loop, struct check_table *table);
void file_checks_free(struct file_checks *files);

/* The table has another set: watches what that names. */
void file_checks_apply(struct file_checks *files);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets that stand elsewhere: `file:PATH` and `credential:NAME` instead of a
 * password or key.  They are read while the configuration is, by the process
 * that reads it; what is in the tree then is the secret itself, as if it had
 * stood in the file.
 */
#ifndef TANDEM_CONFIG_SECRET_H
#define TANDEM_CONFIG_SECRET_H

#include <stdbool.h>

#include "config/diag.h"

/* Does TEXT name another place?  And one that only Tandem knows? */
bool secret_is_reference(const char *text, size_t len);
bool secret_is_credential(const char *text, size_t len);

/*
 * Reads what TEXT names; PATHs are relative to the directory of PLACE's file.
 * Returns the secret, which the caller frees with x_free(), or NULL after
 * having reported at PLACE.  Files that others than their owner may read are
 * a warning, an error when STRICT; files that they may write are an error.
 * Neither is asked of what is in $CREDENTIALS_DIRECTORY.
 */
char *secret_read(const char *text, size_t len, const char *keyword,
	bool strict, const struct diag_place *place, struct diag_list *diags);

/*
 * The same of a whole PEM file, which TEXT names as a path (without file:) or
 * as credential:NAME.  Others may read it if it holds no private key.
 */
char *secret_read_pem(const char *text, size_t len, const char *keyword,
	const struct diag_place *place, struct diag_list *diags);

#endif

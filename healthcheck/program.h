/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check's configuration is compiled to once a generation: regular
 * expressions and TLS contexts.
 *
 * A store belongs to one generation and holds its TLS contexts, one for each
 * CA file.  Programs borrow them.  A context that cannot be made (no CA
 * file, say) is remembered with its error: the checks that need it fail with
 * that text, none is ever run without the verification that was asked for,
 * or without the client certificate.
 */
#ifndef TANDEM_HEALTHCHECK_PROGRAM_H
#define TANDEM_HEALTHCHECK_PROGRAM_H

#include <openssl/ssl.h>
#include <stddef.h>

#include "healthcheck/check_conf.h"

struct program_store;
struct probe_program;

/* SSL, which may be NULL, is borrowed: the client certificate. */
struct program_store *program_store_new(const struct check_ssl *ssl);
void program_store_free(struct program_store *store);
/* Calls PROBLEM for each context that could not be made. */
void program_store_problems(const struct program_store *store,
	void (*problem)(const char *text, void *user_data), void *user_data);
/* Why the client certificate cannot be shown, or NULL; known once a program
 * needed it. */
const char *program_store_client_error(const struct program_store *store);
/* The program of CHECK, or NULL when it needs none. */
struct probe_program *program_new(
	struct program_store *store, const struct check_config *check);
void program_free(struct probe_program *program); /* NULL is fine */

/* Why the check can only fail (an expression that is none, which only a
 * lenient start lets through), or NULL. */
const char *program_error(const struct probe_program *program);

/* NULL, with *RET_ERROR (borrowed), when it could not be made. */
SSL_CTX *program_tls(
	const struct probe_program *program, const char **ret_error);

enum program_match {
	PROGRAM_MATCH,
	PROGRAM_NO_MATCH,
	PROGRAM_TOO_COSTLY, /* the bound on the work was reached */
	PROGRAM_AGAIN, /* a slice of the work is done: call again */
};

/* A search under way. */
struct program_search {
	size_t at; /* where a match may begin */
	unsigned int left; /* of the bound on the whole work */
};

void program_search_begin(const struct probe_program *program, size_t url,
	struct program_search *ret);
/* Looks for the expression of url number URL in DATA, within the url's
 * offsets, for some milliseconds at most. */
enum program_match program_search(const struct probe_program *program,
	size_t url, struct program_search *search, const void *data,
	size_t len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS over the descriptor of a probe, without blocking.
 *
 * Nothing of a session is kept for the next probe.  The functions say what
 * happened; ending the probe is the caller's matter, except that
 * probe_tls_fail() turns an error into a reason and a text.
 */
#ifndef TANDEM_HEALTHCHECK_PROBE_TLS_H
#define TANDEM_HEALTHCHECK_PROBE_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "healthcheck/probe.h"

/* NAME is sent as SNI unless NULL; VERIFY_NAME must be borne by the
 * certificate unless NULL.  NULL on lack of memory. */
SSL *probe_tls_new(
	SSL_CTX *ctx, int fd, const char *sni, const char *verify_name);

enum probe_tls_status {
	PROBE_TLS_DONE,
	PROBE_TLS_AGAIN, /* wait for the descriptor */
	PROBE_TLS_EOF, /* closed, with or without a notice */
	PROBE_TLS_ERROR,
};

/* *RET_CLEAN says whether an EOF came with a close notice. */
enum probe_tls_status probe_tls_handshake(SSL *ssl);
enum probe_tls_status probe_tls_read(
	SSL *ssl, void *data, size_t size, size_t *ret_len, bool *ret_clean);
enum probe_tls_status probe_tls_write(
	SSL *ssl, const void *data, size_t len, size_t *ret_len);

/* Ends PROBE for a handshake or transfer that ended with STATUS. */
void probe_tls_fail(
	struct probe *probe, SSL *ssl, enum probe_tls_status status);

#endif

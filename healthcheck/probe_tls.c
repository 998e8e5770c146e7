/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/probe_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "lib/ipaddr.h"

/* SSL_set_tlsext_host_name() casts const away, which is a warning. */
static bool set_sni(SSL *ssl, const char *name)
{
	return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
		       TLSEXT_NAMETYPE_host_name,
		       (void *)(uintptr_t)name) == 1;
}

SSL *probe_tls_new(
	SSL_CTX *ctx, int fd, const char *sni, const char *verify_name)
{
	SSL *ssl = SSL_new(ctx);
	struct ip_addr addr;
	bool ok;

	if (!ssl)
		return NULL;
	ok = SSL_set_fd(ssl, fd) == 1;
	/* RFC 6066 3: literal addresses are no names. */
	if (ok && sni && ip_addr_parse(sni, &addr) < 0)
		ok = set_sni(ssl, sni);
	if (ok && verify_name) {
		if (ip_addr_parse(verify_name, &addr) == 0)
			ok = X509_VERIFY_PARAM_set1_ip_asc(
				     SSL_get0_param(ssl), verify_name) == 1;
		else
			ok = SSL_set1_host(ssl, verify_name) == 1;
	}
	if (!ok) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	return ssl;
}

static bool is_unclean_eof(void)
{
	return ERR_GET_REASON(ERR_peek_error()) ==
		SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

/* Ends each call: what OpenSSL's return value RET means. */
static enum probe_tls_status tls_status(SSL *ssl, int ret, bool *ret_clean)
{
	switch (SSL_get_error(ssl, ret)) {
	case SSL_ERROR_NONE:
		return PROBE_TLS_DONE;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return PROBE_TLS_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		*ret_clean = true;
		return PROBE_TLS_EOF;
	case SSL_ERROR_SSL:
		*ret_clean = false;
		return is_unclean_eof() ? PROBE_TLS_EOF : PROBE_TLS_ERROR;
	default:
		return PROBE_TLS_ERROR;
	}
}

static void tls_begin(void)
{
	ERR_clear_error();
	errno = 0;
}

enum probe_tls_status probe_tls_handshake(SSL *ssl)
{
	bool clean;

	tls_begin();
	return tls_status(ssl, SSL_do_handshake(ssl), &clean);
}

enum probe_tls_status probe_tls_read(
	SSL *ssl, void *data, size_t size, size_t *ret_len, bool *ret_clean)
{
	tls_begin();
	return tls_status(
		ssl, SSL_read_ex(ssl, data, size, ret_len), ret_clean);
}

enum probe_tls_status probe_tls_write(
	SSL *ssl, const void *data, size_t len, size_t *ret_len)
{
	bool clean;

	tls_begin();
	return tls_status(ssl, SSL_write_ex(ssl, data, len, ret_len), &clean);
}

static bool is_name_mismatch(long verify)
{
	return verify == X509_V_ERR_HOSTNAME_MISMATCH ||
		verify == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

static void fail_verify(struct probe *probe, SSL *ssl, long verify)
{
	enum reason reason = REASON_CHECK_TLS_VERIFY;

	(void)ssl;
	if (verify == X509_V_ERR_CERT_HAS_EXPIRED)
		reason = REASON_CHECK_TLS_EXPIRED;
	else if (is_name_mismatch(verify))
		reason = REASON_CHECK_TLS_NAME;
	probe_fail(probe, reason, "%s", X509_verify_cert_error_string(verify));
}

void probe_tls_fail(
	struct probe *probe, SSL *ssl, enum probe_tls_status status)
{
	unsigned long error = ERR_peek_error();
	long verify = SSL_get_verify_result(ssl);
	const char *text = ERR_reason_error_string(error);
	int saved = errno;

	ERR_clear_error();
	if (status == PROBE_TLS_EOF)
		probe_fail(probe, REASON_CHECK_CLOSED_EARLY,
			"closed during the TLS handshake");
	else if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		fail_verify(probe, ssl, verify);
	else if (error)
		probe_fail(probe, REASON_CHECK_TLS, "TLS: %s",
			text ? text : "unknown error");
	else if (saved)
		probe_fail_errno(probe, saved, "TLS");
	else
		probe_fail(probe, REASON_CHECK_CLOSED_EARLY,
			"closed during the TLS handshake");
}

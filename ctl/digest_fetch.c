/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/digest_fetch.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ipaddr.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define BODY_MAX (16 * 1024 * 1024) /* as the checks */

struct fetch {
	const struct digest_page *page;
	int64_t deadline_us;
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	EVP_MD_CTX *md5;
	struct http_reply reply;
	char *error;
};

static int fail(struct fetch *f, int err, const char *what, const char *why)
{
	x_free(f->error);
	f->error = x_asprintf("%s: %s", what, why);
	return err;
}

static int fail_errno(struct fetch *f, int err, const char *what)
{
	return fail(f, err, what, strerror(-err));
}

/* Waits for EVENTS: 0 or -ETIMEDOUT. */
static int wait_for(struct fetch *f, short events)
{
	struct pollfd p = { .fd = f->fd, .events = events };
	int64_t left = f->deadline_us - time_monotonic_us();
	int n;

	do
		n = left > 0 ? poll(&p, 1, (int)(left / USEC_PER_MSEC) + 1) : 0;
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : -ETIMEDOUT;
}

/* --- connection --- */

static int connect_to(struct fetch *f, const struct addrinfo *to)
{
	uint32_t mark = f->page->mark;
	socklen_t len = sizeof(int);
	int err = 0;

	f->fd = socket(to->ai_family,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->fd < 0)
		return -errno;
	if (mark && setsockopt(f->fd, SOL_SOCKET, SO_MARK, &mark,
			    sizeof(mark)) < 0)
		return -errno;
	if (connect(f->fd, to->ai_addr, to->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	if (wait_for(f, POLLOUT) < 0)
		return -ETIMEDOUT;
	if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

static int open_connection(struct fetch *f)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	struct addrinfo *to;
	int err = getaddrinfo(
		f->page->host, f->page->port, &hints, &found);

	if (err)
		return fail(f, -ENOENT, f->page->host, gai_strerror(err));
	for (to = found; to; to = to->ai_next) {
		err = connect_to(f, to);
		if (!err)
			break;
		if (f->fd >= 0)
			close(f->fd);
		f->fd = -1;
	}
	freeaddrinfo(found);
	return err ? fail_errno(f, err, "connect") : 0;
}

/* --- TLS --- */

static int fail_tls(struct fetch *f)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());
	int err = fail(f, -EPROTO, "TLS", text ? text : "connection ended");

	ERR_clear_error();
	return err;
}

/* After a call that returned RET: 0 = once more, else an error. */
static int tls_again(struct fetch *f, int ret)
{
	short events = POLLIN;

	switch (SSL_get_error(f->ssl, ret)) {
	case SSL_ERROR_WANT_WRITE:
		events = POLLOUT;
		break;
	case SSL_ERROR_WANT_READ:
		break;
	default:
		return fail_tls(f);
	}
	return wait_for(f, events) < 0 ? fail_errno(f, -ETIMEDOUT, "TLS") : 0;
}

static int begin_tls(struct fetch *f)
{
	struct ip_addr addr;
	int err = 0;
	int ret;

	f->ctx = SSL_CTX_new(TLS_client_method());
	f->ssl = f->ctx ? SSL_new(f->ctx) : NULL;
	if (!f->ssl || SSL_set_fd(f->ssl, f->fd) != 1)
		return fail_tls(f);
	/* RFC 6066 3: literal addresses are no names. */
	if (f->page->sni && ip_addr_parse(f->page->sni, &addr) < 0)
		SSL_ctrl(f->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)f->page->sni);
	while (!err && (ret = SSL_connect(f->ssl)) != 1)
		err = tls_again(f, ret);
	return err;
}

/* --- request and reply --- */

static char *make_request(const struct digest_page *page)
{
	bool v6 = !page->virtualhost && strchr(page->host, ':');
	bool usual = !strcmp(page->port, page->tls ? "443" : "80");
	bool with_port = !page->virtualhost && !usual;

	/* RFC 9110 7.2: the port is left out where it is the scheme's own. */
	return x_asprintf("GET %s HTTP/1.%d\r\n"
			  "User-Agent: KeepAliveClient (tandem)\r\n"
			  "%sHost: %s%s%s%s%s\r\n\r\n",
		page->path, page->protocol == DIGEST_HTTP_1_1,
		page->protocol == DIGEST_HTTP_1_0 ? "" :
						     "Connection: close\r\n",
		v6 ? "[" : "",
		page->virtualhost ? page->virtualhost : page->host,
		v6 ? "]" : "", with_port ? ":" : "",
		with_port ? page->port : "");
}

static int write_some(
	struct fetch *f, const char *data, size_t len, size_t *ret_len)
{
	ssize_t n;
	int ret;

	*ret_len = 0;
	if (f->ssl) {
		ret = SSL_write_ex(f->ssl, data, len, ret_len);
		return ret == 1 ? 0 : tls_again(f, ret);
	}
	n = send(f->fd, data, len, MSG_NOSIGNAL);
	if (n < 0 && errno == EAGAIN)
		return wait_for(f, POLLOUT) < 0 ?
			fail_errno(f, -ETIMEDOUT, "request") :
			0;
	if (n < 0)
		return fail_errno(f, -errno, "request");
	*ret_len = (size_t)n;
	return 0;
}

static int send_request(struct fetch *f)
{
	char *request = make_request(f->page);
	size_t left = strlen(request);
	const char *pos = request;
	size_t n;
	int err = 0;

	for (; left && !err; left -= n, pos += n)
		err = write_some(f, pos, left, &n);
	x_free(request);
	return err;
}

/* *RET_LEN: bytes; with *RET_END none will follow. */
static int read_some(struct fetch *f, char *data, size_t size,
	size_t *ret_len, bool *ret_end)
{
	ssize_t n;
	int ret;

	*ret_len = 0;
	if (f->ssl) {
		ret = SSL_read_ex(f->ssl, data, size, ret_len);
		if (ret == 1)
			return 0;
		/* Some servers end without a notice. */
		*ret_end = SSL_get_error(f->ssl, ret) ==
				SSL_ERROR_ZERO_RETURN ||
			ERR_GET_REASON(ERR_peek_error()) ==
				SSL_R_UNEXPECTED_EOF_WHILE_READING;
		return *ret_end ? 0 : tls_again(f, ret);
	}
	n = recv(f->fd, data, size, 0);
	if (n < 0 && errno == EAGAIN)
		return wait_for(f, POLLIN) < 0 ?
			fail_errno(f, -ETIMEDOUT, "reply") :
			0;
	if (n < 0)
		return fail_errno(f, -errno, "reply");
	*ret_len = (size_t)n;
	*ret_end = n == 0;
	return 0;
}

static void take_body(const void *data, size_t len, void *user_data)
{
	struct fetch *f = user_data;

	EVP_DigestUpdate(f->md5, data, len);
}

static int read_reply(struct fetch *f)
{
	char data[16384];
	bool end = false;
	size_t len;
	int err;

	http_reply_init(&f->reply, BODY_MAX, take_body, f);
	while (f->reply.state < HTTP_REPLY_DONE) {
		err = read_some(f, data, sizeof(data), &len, &end);
		if (err)
			return err;
		if (end)
			http_reply_eof(&f->reply);
		else
			http_reply_feed(&f->reply, data, len);
	}
	if (f->reply.state == HTTP_REPLY_FAILED)
		return fail(f, -EPROTO, "reply", f->reply.error);
	return 0;
}

/* --- all of it --- */

static int fetch(struct fetch *f)
{
	int err;

	f->md5 = EVP_MD_CTX_new();
	if (!f->md5 || EVP_DigestInit_ex(f->md5, EVP_md5(), NULL) != 1)
		return fail(f, -ENOTSUP, "MD5",
			"not to be had on this system");
	err = open_connection(f);
	if (!err && f->page->tls)
		err = begin_tls(f);
	if (!err)
		err = send_request(f);
	if (!err)
		err = read_reply(f);
	return err;
}

int digest_fetch(const struct digest_page *page, struct digest_result *ret,
	char **ret_error)
{
	int64_t began = time_monotonic_us();
	struct fetch f = {
		.page = page,
		.deadline_us = began + page->timeout_us,
		.fd = -1,
	};
	int err = fetch(&f);

	if (err) {
		*ret_error = f.error;
	} else {
		EVP_DigestFinal_ex(f.md5, ret->md5, NULL);
		ret->status = f.reply.status;
		memcpy(ret->status_line, f.reply.status_line,
			sizeof(ret->status_line));
		ret->body_bytes = f.reply.body_bytes;
		ret->took_us = time_monotonic_us() - began;
	}
	SSL_free(f.ssl);
	SSL_CTX_free(f.ctx);
	EVP_MD_CTX_free(f.md5);
	if (f.fd >= 0)
		close(f.fd);
	return err;
}

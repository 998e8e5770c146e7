/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP_GET and SSL_GET: each url is asked for over a connection of its own,
 * one after the other; all of them must answer as expected.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "lib/http_reply.h"
#include "healthcheck/probe.h"
#include "healthcheck/probe_tls.h"
#include "healthcheck/program.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* A health page is small.  What is longer is a mistake or an attack. */
#define BODY_MAX (16 * 1024 * 1024)
/* Expressions are looked for in so much of the body. */
#define CAPTURE_MAX (256 * 1024)
#define READ_SIZE 16384
/* Read from one server before others get their turn. */
#define READS_AT_ONCE 4

#define USER_AGENT "KeepAliveClient (tandem)"

enum http_step {
	HTTP_CONNECT,
	HTTP_TLS,
	HTTP_SEND,
	HTTP_READ,
	HTTP_SEARCH, /* for the regex, in what was read */
};

struct http_probe {
	struct probe probe;
	enum http_step step;
	size_t url;
	SSL *ssl;
	EVP_MD_CTX *digest;
	char *request;
	size_t request_len;
	size_t sent;
	uint8_t *capture;
	size_t captured;
	size_t capture_size;
	struct http_reply reply;
	struct program_search search;
};

static struct http_probe *http_of(struct probe *probe)
{
	return (struct http_probe *)probe;
}

static const struct check_url *http_url(const struct http_probe *http)
{
	return http->probe.check->urls.items[http->url];
}

/* --- the request --- */

static const char *http_virtualhost(const struct http_probe *http)
{
	const struct check_url *url = http_url(http);

	return url->virtualhost ? url->virtualhost :
				  http->probe.check->virtualhost;
}

/* RFC 9110 7.2: the port is left out where it is the scheme's own. */
static void format_host(
	const struct http_probe *http, char *buf, size_t size)
{
	const struct ip_endpoint *target = &http->probe.check->target;
	uint16_t own = http->probe.check->kind == CHECK_KIND_SSL ? 443 : 80;
	char addr[IP_ADDR_STRLEN];
	bool v6 = target->addr.family == AF_INET6;

	ip_addr_format(&target->addr, addr);
	if (target->port == own)
		snprintf(buf, size, v6 ? "[%s]" : "%s", addr);
	else
		snprintf(buf, size, v6 ? "[%s]:%u" : "%s:%u", addr,
			(unsigned int)target->port);
}

static void make_request(struct http_probe *http)
{
	int protocol = http->probe.check->http_protocol;
	const char *name = http_virtualhost(http);
	char host[IP_ENDPOINT_STRLEN];

	if (!name) {
		format_host(http, host, sizeof(host));
		name = host;
	}
	x_free(http->request);
	http->request = x_asprintf("GET %s HTTP/1.%d\r\n"
				   "User-Agent: " USER_AGENT "\r\n"
				   "%sHost: %s\r\n\r\n",
		http_url(http)->path, protocol == CHECK_HTTP_1_1 ? 1 : 0,
		protocol == CHECK_HTTP_1_0 ? "" : "Connection: close\r\n",
		name);
	http->request_len = strlen(http->request);
	http->sent = 0;
}

/* --- the body --- */

static void capture(struct http_probe *http, const void *data, size_t len)
{
	if (len > CAPTURE_MAX - http->captured)
		len = CAPTURE_MAX - http->captured;
	if (!len)
		return;
	if (http->captured + len > http->capture_size) {
		size_t size = http->capture_size ? http->capture_size : 4096;

		while (size < http->captured + len)
			size *= 2;
		http->capture = x_realloc(http->capture, size, 1);
		http->capture_size = size;
	}
	memcpy(http->capture + http->captured, data, len);
	http->captured += len;
}

static void take_body(const void *data, size_t len, void *user_data)
{
	struct http_probe *http = user_data;

	if (http->digest)
		EVP_DigestUpdate(http->digest, data, len);
	if (http_url(http)->regex)
		capture(http, data, len);
}

/* --- one url --- */

static void http_clear(struct http_probe *http)
{
	SSL_free(http->ssl);
	http->ssl = NULL;
	EVP_MD_CTX_free(http->digest);
	http->digest = NULL;
	http->captured = 0;
}

static void http_begin_url(struct http_probe *http)
{
	make_request(http);
	http->step = HTTP_CONNECT;
	http_reply_init(&http->reply, BODY_MAX, take_body, http);
	probe_connect(&http->probe);
}

static bool begin_digest(struct http_probe *http)
{
	if (!http_url(http)->has_digest)
		return true;
	http->digest = EVP_MD_CTX_new();
	if (http->digest &&
		EVP_DigestInit_ex(http->digest, EVP_md5(), NULL) == 1)
		return true;
	probe_fail(&http->probe, REASON_CHECK_SOCKET,
		"MD5 is not to be had on this system");
	return false;
}

static bool status_expected(const struct http_probe *http)
{
	const struct check_url *url = http_url(http);
	unsigned int i;

	for (i = 0; i < url->n_status; i++)
		if (http->reply.status >= url->status[i].low &&
			http->reply.status <= url->status[i].high)
			return true;
	return false;
}

static void format_digest(const uint8_t *digest, char buf[static 33])
{
	unsigned int i;

	for (i = 0; i < CHECK_DIGEST_LEN; i++)
		snprintf(buf + 2 * i, 3, "%02x", digest[i]);
}

static bool digest_expected(struct http_probe *http)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char text[33];

	if (!http->digest)
		return true;
	if (EVP_DigestFinal_ex(http->digest, digest, NULL) == 1 &&
		!memcmp(digest, http_url(http)->digest, CHECK_DIGEST_LEN))
		return true;
	format_digest(digest, text);
	probe_fail(&http->probe, REASON_CHECK_DIGEST, "%s: digest %s",
		http_url(http)->path, text);
	return false;
}

static void http_passed(struct http_probe *http)
{
	if (http->url + 1 < http->probe.check->urls.n) {
		probe_disconnect(&http->probe);
		http_clear(http);
		http->url++;
		http_begin_url(http);
		return;
	}
	probe_set_detail(&http->probe, "%s", http->reply.status_line);
	probe_disconnect(&http->probe);
	probe_pass(&http->probe);
}

/* One slice of the search; the next comes after others had their turn. */
static void http_search(struct http_probe *http)
{
	const struct check_url *url = http_url(http);

	switch (program_search(http->probe.program, http->url, &http->search,
		http->capture ? (const void *)http->capture : "",
		http->captured)) {
	case PROGRAM_AGAIN:
		probe_begin_step(&http->probe, 1);
		return;
	case PROGRAM_MATCH:
		if (!url->regex_no_match)
			http_passed(http);
		else
			probe_fail(&http->probe, REASON_CHECK_NO_MATCH,
				"%s: regex matches", url->path);
		return;
	case PROGRAM_NO_MATCH:
		if (url->regex_no_match)
			http_passed(http);
		else
			probe_fail(&http->probe, REASON_CHECK_NO_MATCH,
				"%s: no match in %zu bytes", url->path,
				http->captured);
		return;
	case PROGRAM_TOO_COSTLY:
		break;
	}
	probe_fail(&http->probe, REASON_CHECK_NO_MATCH,
		"%s: regex gave up on %zu bytes", url->path, http->captured);
}

static void http_done(struct http_probe *http)
{
	if (!digest_expected(http))
		return;
	if (!http_url(http)->regex) {
		http_passed(http);
		return;
	}
	http->step = HTTP_SEARCH;
	program_search_begin(
		http->probe.program, http->url, &http->search);
	http_search(http);
}

/* Looks at the reply as far as it was read.  True while more is wanted. */
static bool http_judge(struct http_probe *http)
{
	struct http_reply *reply = &http->reply;

	if (reply->state == HTTP_REPLY_FAILED) {
		if (reply->status)
			probe_fail(&http->probe, reply->reason, "%s (%s)",
				reply->error, reply->status_line);
		else
			probe_fail(&http->probe, reply->reason, "%s",
				reply->error);
		return false;
	}
	if (http_reply_in_body(reply) && !status_expected(http)) {
		probe_fail(&http->probe, REASON_CHECK_BAD_STATUS, "%s",
			reply->status_line);
		return false;
	}
	if (reply->state == HTTP_REPLY_DONE) {
		http_done(http);
		return false;
	}
	return true;
}

/* --- steps --- */

/* RET > 0 bytes, 0 = closed, -EAGAIN, or another error (reported). */
static ssize_t http_receive(struct http_probe *http, void *data, size_t size)
{
	enum probe_tls_status status;
	bool clean = true;
	size_t len = 0;
	ssize_t got;

	if (!http->ssl) {
		got = recv(http->probe.fd, data, size, 0);
		return got < 0 ? -errno : got;
	}
	status = probe_tls_read(http->ssl, data, size, &len, &clean);
	switch (status) {
	case PROBE_TLS_DONE:
		return (ssize_t)len;
	case PROBE_TLS_AGAIN:
		return -EAGAIN;
	case PROBE_TLS_EOF:
		if (clean ||
			!(http->probe.check->tls_compliant ||
				http_url(http)->tls_compliant))
			return 0;
		probe_fail(&http->probe, REASON_CHECK_CLOSED_EARLY,
			"closed without a TLS notice");
		return -ECANCELED;
	case PROBE_TLS_ERROR:
		break;
	}
	probe_tls_fail(&http->probe, http->ssl, status);
	return -ECANCELED;
}

/* True while the probe lives and its descriptor may have more to read. */
static bool http_read_some(struct http_probe *http)
{
	char data[READ_SIZE];
	ssize_t got = http_receive(http, data, sizeof(data));

	if (got == -ECANCELED || got == -EAGAIN || got == -EINTR)
		return false;
	if (got < 0) {
		probe_fail_errno(&http->probe, (int)-got, "read");
		return false;
	}
	if (got && http->probe.result.latency.first_byte_us < 0)
		http->probe.result.latency.first_byte_us =
			probe_step_elapsed(&http->probe);
	if (got)
		http_reply_feed(&http->reply, data, (size_t)got);
	else
		http_reply_eof(&http->reply);
	return http_judge(http);
}

static void http_read(struct http_probe *http)
{
	int i;

	for (i = 0; i < READS_AT_ONCE; i++)
		if (!http_read_some(http))
			return;
	probe_again(&http->probe);
}

static ssize_t http_write(struct http_probe *http)
{
	const char *pos = http->request + http->sent;
	size_t left = http->request_len - http->sent;
	enum probe_tls_status status;
	size_t len = 0;
	ssize_t put;

	if (!http->ssl) {
		put = send(http->probe.fd, pos, left, MSG_NOSIGNAL);
		return put < 0 ? -errno : put;
	}
	status = probe_tls_write(http->ssl, pos, left, &len);
	if (status == PROBE_TLS_DONE)
		return (ssize_t)len;
	if (status == PROBE_TLS_AGAIN)
		return -EAGAIN;
	probe_tls_fail(&http->probe, http->ssl, status);
	return -ECANCELED;
}

static void http_send(struct http_probe *http)
{
	while (http->sent < http->request_len) {
		ssize_t put = http_write(http);

		if (put == -EAGAIN || put == -ECANCELED)
			return;
		if (put < 0) {
			probe_fail_errno(&http->probe, (int)-put, "write");
			return;
		}
		http->sent += (size_t)put;
	}
	http->step = HTTP_READ;
	http->probe.result.latency.first_byte_us = -1;
	http_read(http);
}

static void http_begin_send(struct http_probe *http)
{
	if (!begin_digest(http))
		return;
	http->step = HTTP_SEND;
	probe_begin_step(
		&http->probe, http->probe.check->timing.connect_timeout_us);
	http_send(http);
}

static void http_handshake(struct http_probe *http)
{
	enum probe_tls_status status = probe_tls_handshake(http->ssl);

	if (status == PROBE_TLS_AGAIN)
		return;
	if (status != PROBE_TLS_DONE) {
		probe_tls_fail(&http->probe, http->ssl, status);
		return;
	}
	http->probe.result.latency.tls_us = probe_step_elapsed(&http->probe);
	http_begin_send(http);
}

/* The name that the client asks for, and the one it insists on. */
static void http_begin_tls(struct http_probe *http)
{
	const struct check_config *check = http->probe.check;
	const char *host = http_virtualhost(http);
	const char *sni = check->sni_name;
	const char *name = check->tls_name;
	const char *error = "";
	SSL_CTX *ctx = program_tls(http->probe.program, &error);

	if (!ctx) {
		probe_fail(&http->probe, REASON_CHECK_MISCONFIGURED, "%s", error);
		return;
	}
	if (!sni && check->enable_sni)
		sni = host;
	if (!name)
		name = sni ? sni : host;
	http->ssl = probe_tls_new(ctx, http->probe.fd, sni,
		check->tls_verify ? name : NULL);
	if (!http->ssl) {
		probe_inconclusive(&http->probe, REASON_CHECK_SOCKET,
			"no TLS session");
		return;
	}
	http->step = HTTP_TLS;
	probe_begin_step(&http->probe, check->timing.connect_timeout_us);
	http_handshake(http);
}

static void http_on_connect(struct http_probe *http, uint32_t events)
{
	if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) ||
		probe_connected(&http->probe, events) < 0)
		return;
	if (http->probe.check->kind == CHECK_KIND_SSL)
		http_begin_tls(http);
	else
		http_begin_send(http);
}

/* --- ops --- */

static void http_start(struct probe *probe)
{
	const char *error = program_error(probe->program);

	if (!probe->check->urls.n)
		error = "no url";
	if (error) {
		probe_fail(probe, REASON_CHECK_MISCONFIGURED, "%s", error);
		return;
	}
	http_begin_url(http_of(probe));
}

static void http_event(struct probe *probe, uint32_t events)
{
	struct http_probe *http = http_of(probe);

	switch (http->step) {
	case HTTP_CONNECT:
		http_on_connect(http, events);
		break;
	case HTTP_TLS:
		http_handshake(http);
		break;
	case HTTP_SEND:
		http_send(http);
		break;
	case HTTP_READ:
		http_read(http);
		break;
	case HTTP_SEARCH:
		break;
	}
}

static void http_timeout(struct probe *probe)
{
	struct http_probe *http = http_of(probe);
	double s = (double)probe->check->timing.connect_timeout_us /
		(double)USEC_PER_SEC;

	switch (http->step) {
	case HTTP_CONNECT:
		probe_fail(probe, REASON_CHECK_TIMEOUT_CONNECT,
			"no answer within %.3f s", s);
		return;
	case HTTP_TLS:
		probe_fail(probe, REASON_CHECK_TLS_TIMEOUT,
			"TLS not agreed within %.3f s", s);
		return;
	case HTTP_SEARCH:
		http_search(http);
		return;
	case HTTP_SEND:
	case HTTP_READ:
		break;
	}
	if (!http->reply.total_bytes)
		probe_fail(probe, REASON_CHECK_TIMEOUT_REPLY,
			"no reply within %.3f s", s);
	else
		probe_fail(probe, REASON_CHECK_TOO_SLOW,
			"%llu bytes within %.3f s, reply not complete",
			(unsigned long long)http->reply.total_bytes, s);
}

static void http_release(struct probe *probe)
{
	struct http_probe *http = http_of(probe);

	/* Whatever was left unread must not linger. */
	if (http->step > HTTP_CONNECT)
		probe_disconnect(probe);
	http_clear(http);
	x_free(http->capture);
	x_free(http->request);
}

static const struct probe_ops http_ops = {
	.start = http_start,
	.event = http_event,
	.timeout = http_timeout,
	.release = http_release,
};

struct probe *probe_http_new(struct probe_engine *engine)
{
	return probe_new(engine, sizeof(struct http_probe), &http_ops);
}

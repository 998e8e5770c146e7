/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/check-probe-servers.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

/* *PORT 0: any. */
static int listen_at(uint16_t *port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	must(fd >= 0, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0, "bind");
	must(listen(fd, 128) == 0, "listen");
	must(getsockname(fd, (struct sockaddr *)&sin, &len) == 0, "name");
	*port = ntohs(sin.sin_port);
	return fd;
}

uint16_t unused_port(void)
{
	uint16_t port = 0;

	close(listen_at(&port));
	return port;
}

static void *server_main(void *arg)
{
	struct server *server = arg;
	int client;

	while ((client = accept(server->fd, NULL, NULL)) >= 0) {
		atomic_fetch_add(&server->accepted, 1);
		server->serve(server, client);
		close(client);
	}
	return NULL;
}

void server_start(struct server *server,
	void (*serve)(struct server *server, int client))
{
	server_start_at(server, 0, serve);
}

void server_start_at(struct server *server, uint16_t port,
	void (*serve)(struct server *server, int client))
{
	server->serve = serve;
	server->port = port;
	server->fd = listen_at(&server->port);
	must(!pthread_create(&server->thread, NULL, server_main, server),
		"thread");
}

void server_stop(struct server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	SSL_CTX_free(server->tls);
}

static bool say(int client, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(client, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/* Until the empty line; false when the client went away before. */
static bool read_request(struct server *server, int client)
{
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(server->request) - 1) {
		n = recv(client, server->request + len,
			sizeof(server->request) - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		server->request[len] = '\0';
		if (strstr(server->request, "\r\n\r\n"))
			return true;
	}
	return false;
}

void serve_text(struct server *server, int client)
{
	if (read_request(server, client))
		say(client, server->text, strlen(server->text));
}

void serve_nothing(struct server *server, int client)
{
	char data[256];

	(void)server;
	while (recv(client, data, sizeof(data), 0) > 0)
		;
}

void serve_drip(struct server *server, int client)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000000 };
	const char *pos = "HTTP/1.1 200 OK\r\nX-Drip: ";

	if (!read_request(server, client))
		return;
	while (say(client, *pos ? pos++ : "x", 1))
		nanosleep(&pause, NULL);
}

void serve_endless_headers(struct server *server, int client)
{
	static const char line[] = "X-Endless: and on and on and on\r\n";

	if (!read_request(server, client))
		return;
	say(client, "HTTP/1.1 200 OK\r\n", 17);
	while (say(client, line, sizeof(line) - 1))
		;
}

void serve_endless_body(struct server *server, int client)
{
	static const char data[65536] = { 'x' };

	if (!read_request(server, client))
		return;
	say(client, "HTTP/1.1 200 OK\r\n\r\n", 19);
	while (say(client, data, sizeof(data)))
		;
}

void serve_reset(struct server *server, int client)
{
	const struct linger reset = { 1, 0 };

	if (read_request(server, client))
		setsockopt(client, SOL_SOCKET, SO_LINGER, &reset,
			sizeof(reset));
}

void serve_close(struct server *server, int client)
{
	char data[4096];

	(void)server;
	(void)!recv(client, data, sizeof(data), 0);
}

/* --- TLS --- */

static SSL *tls_accept(struct server *server, int client)
{
	SSL *ssl = SSL_new(server->tls);
	const char *name;

	SSL_set_fd(ssl, client);
	if (SSL_accept(ssl) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	snprintf(server->sni, sizeof(server->sni), "%s", name ? name : "");
	return ssl;
}

static void serve_tls(struct server *server, int client, bool notice)
{
	SSL *ssl = tls_accept(server, client);

	if (!ssl)
		return;
	if (SSL_read(ssl, server->request, sizeof(server->request) - 1) > 0)
		SSL_write(ssl, server->text, (int)strlen(server->text));
	if (notice)
		SSL_shutdown(ssl);
	SSL_free(ssl);
	/* A reset must not overtake what was sent. */
	shutdown(client, SHUT_WR);
	serve_nothing(server, client);
}

void serve_text_tls(struct server *server, int client)
{
	serve_tls(server, client, true);
}

void serve_tls_cut(struct server *server, int client)
{
	serve_tls(server, client, false);
}

static void add_names(X509 *cert, const char *name)
{
	char value[300];
	X509_EXTENSION *ext;

	snprintf(value, sizeof(value), "DNS:%s,IP:127.0.0.1", name);
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	must(ext && X509_add_ext(cert, ext, -1), "subjectAltName");
	X509_EXTENSION_free(ext);
}

static X509 *make_cert(
	EVP_PKEY *key, const char *name, long from_s, long to_s)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), from_s);
	X509_gmtime_adj(X509_getm_notAfter(cert), to_s);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, subject);
	add_names(cert, name);
	must(X509_sign(cert, key, EVP_sha256()) > 0, "sign");
	return cert;
}

SSL_CTX *make_tls(const char *name, long from_s, long to_s, const char *file)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = make_cert(key, name, from_s, to_s);
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	FILE *out = fopen(file, "w");

	must(out && PEM_write_X509(out, cert), file);
	fclose(out);
	must(SSL_CTX_use_certificate(ctx, cert) == 1 &&
			SSL_CTX_use_PrivateKey(ctx, key) == 1,
		"certificate");
	X509_free(cert);
	EVP_PKEY_free(key);
	return ctx;
}

void make_client(const char *cert_file, const char *key_file,
	const char *password)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = make_cert(key, "client", -60, 3600);
	FILE *out = fopen(cert_file, "w");

	must(out && PEM_write_X509(out, cert), cert_file);
	fclose(out);
	out = fopen(key_file, "w");
	must(out && PEM_write_PrivateKey(out, key,
			    password ? EVP_aes_256_cbc() : NULL, NULL, 0, NULL,
			    (void *)(uintptr_t)password) == 1,
		key_file);
	fclose(out);
	must(chmod(key_file, 0600) == 0, key_file);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* --- datagrams --- */

static void *udp_main(void *arg)
{
	struct udp_server *server = arg;
	struct sockaddr_in from;
	uint8_t reply[4096];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t got = recvfrom(server->fd, server->request,
			sizeof(server->request), 0, (struct sockaddr *)&from,
			&len);
		unsigned int n;
		size_t size;

		/* An empty datagram from itself is the word to stop. */
		if (got < 0 || (!got && from.sin_port == htons(server->port)))
			return NULL;
		atomic_store(&server->received, (int)got);
		for (n = 0; (size = server->answer(server->request,
				     (size_t)got, n, reply));
			n++)
			sendto(server->fd, reply, size, 0,
				(struct sockaddr *)&from, len);
	}
}

static struct sockaddr_in udp_address(const struct udp_server *server)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(server->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

void udp_server_start(struct udp_server *server,
	size_t (*answer)(const uint8_t *data, size_t len, unsigned int n,
		uint8_t reply[static 4096]))
{
	struct sockaddr_in sin = udp_address(server);
	socklen_t len = sizeof(sin);

	server->answer = answer;
	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(server->fd >= 0, "socket");
	must(!bind(server->fd, (struct sockaddr *)&sin, len), "bind");
	must(!getsockname(server->fd, (struct sockaddr *)&sin, &len), "name");
	server->port = ntohs(sin.sin_port);
	must(!pthread_create(&server->thread, NULL, udp_main, server),
		"thread");
}

void udp_server_stop(struct udp_server *server)
{
	struct sockaddr_in sin = udp_address(server);

	must(sendto(server->fd, "", 0, 0, (struct sockaddr *)&sin,
		     sizeof(sin)) == 0,
		"stop");
	pthread_join(server->thread, NULL);
	close(server->fd);
}

/* --- mail --- */

/* Up to and with a line end; false when the client has gone. */
static bool read_line(int client)
{
	char c = '\0';

	while (c != '\n')
		if (recv(client, &c, 1, 0) != 1)
			return false;
	return true;
}

void serve_smtp(struct server *server, int client)
{
	const char *pos = server->text;

	for (;;) {
		size_t len = strcspn(pos, "|");

		if (len && send(client, pos, len, MSG_NOSIGNAL) < 0)
			return;
		if (!read_line(client) || !pos[len])
			return;
		pos += len + 1;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Servers on loopback for the probe tests: each has a thread, an ephemeral
 * port and one behaviour.
 */
#ifndef TANDEM_TESTS_CHECK_PROBE_SERVERS_H
#define TANDEM_TESTS_CHECK_PROBE_SERVERS_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	void (*serve)(struct server *server, int client);
	const char *text; /* what some of them say */
	SSL_CTX *tls;
	atomic_int accepted;
	char request[2048]; /* the last one, when it ended */
	char sni[256];
};

void server_start(struct server *server,
	void (*serve)(struct server *server, int client));
void server_start_at(struct server *server, uint16_t port,
	void (*serve)(struct server *server, int client));
void server_stop(struct server *server);

/* A server of datagrams; ANSWER writes the reply to DATA into REPLY and
 * returns its length, 0 = none; it is called again for another one while it
 * returns one. */
struct udp_server {
	int fd;
	uint16_t port;
	pthread_t thread;
	size_t (*answer)(const uint8_t *data, size_t len, unsigned int n,
		uint8_t reply[static 4096]);
	uint8_t request[4096]; /* the last one */
	atomic_int received; /* its length */
};

void udp_server_start(struct udp_server *server,
	size_t (*answer)(const uint8_t *data, size_t len, unsigned int n,
		uint8_t reply[static 4096]));
void udp_server_stop(struct udp_server *server);

/* A port where nobody listens. */
uint16_t unused_port(void);

/* Behaviours. */
void serve_text(struct server *server, int client);
/* A mail server; TEXT: "GREETING|HELO|QUIT", the lines that it says. */
void serve_smtp(struct server *server, int client);
void serve_text_tls(struct server *server, int client);
void serve_tls_cut(struct server *server, int client);
void serve_nothing(struct server *server, int client);
void serve_drip(struct server *server, int client);
void serve_endless_headers(struct server *server, int client);
void serve_endless_body(struct server *server, int client);
void serve_reset(struct server *server, int client);
void serve_close(struct server *server, int client);

/* A certificate for NAME (and 127.0.0.1), valid from now + FROM_S to now +
 * TO_S, signed by itself, written to FILE. */
SSL_CTX *make_tls(const char *name, long from_s, long to_s, const char *file);
/* A certificate and its key as PEM files, the key behind PASSWORD unless that
 * is NULL. */
void make_client(const char *cert_file, const char *key_file,
	const char *password);

#endif

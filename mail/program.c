/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail/program.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/smtp_reply.h"
#include "lib/timeutil.h"
#include "mail/session.h"

#define ARGS_BEFORE_TO 7
#define EXIT_TRY_AGAIN 75
#define MAILS_MAX 256
#define INPUT_MAX (8u * 1024 * 1024)
#define MEMORY_MAX (256u * 1024 * 1024)
#define CPU_SECONDS 20
#define FILES_MAX 16

struct program {
	const char *host;
	const char *port;
	int timeout_ms; /* of each step */
	int fd;
	char *input;
	const char *mails[MAILS_MAX];
	unsigned int n_mails;
	struct mail_session session;
	struct smtp_reply reply;
	char error[128];
};

/* --- before anything from outside is read --- */

static void limit(int resource, rlim_t value)
{
	const struct rlimit limits = { value, value };

	setrlimit((__rlimit_resource_t)resource, &limits);
}

static void give_up_more(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NAME, "mail");
	signal(SIGPIPE, SIG_IGN);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_NOFILE, FILES_MAX);
#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_AS, MEMORY_MAX);
#endif
}

/* --- the mails --- */

static int read_input(struct program *p, size_t *ret_len)
{
	size_t len = 0;
	ssize_t n;

	p->input = x_calloc(INPUT_MAX + 1, 1);
	while ((n = read(STDIN_FILENO, p->input + len, INPUT_MAX - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

/* Cuts the input into mails, each ending with a NUL in place of the byte
 * behind it, which is the first of the next length. */
static int split_input(struct program *p, size_t len)
{
	char *pos = p->input;
	char *end = p->input + len;
	char *last = NULL;

	while (pos < end && p->n_mails < MAILS_MAX) {
		char *text;
		unsigned long size = strtoul(pos, &text, 10);

		if (text == pos || *text != '\n' ||
			size > (size_t)(end - text - 1))
			return -EBADMSG;
		if (last)
			*last = '\0';
		p->mails[p->n_mails++] = text + 1;
		pos = text + 1 + size;
		last = pos;
	}
	if (last)
		*last = '\0';
	return p->n_mails && pos == end ? 0 : -EBADMSG;
}

/* --- the connection --- */

static int wait_for(struct program *p, short events)
{
	struct pollfd pfd = { .fd = p->fd, .events = events };
	int64_t deadline = time_monotonic_us() +
			   (int64_t)p->timeout_ms * USEC_PER_MSEC;
	int left = p->timeout_ms;
	int n;

	do {
		n = poll(&pfd, 1, left);
		left = (int)((deadline - time_monotonic_us()) / USEC_PER_MSEC);
	} while (n < 0 && errno == EINTR && left > 0);
	return n > 0 ? 0 : n < 0 ? -errno : -ETIMEDOUT;
}

static int connect_to(struct program *p, const struct addrinfo *ai)
{
	socklen_t len = sizeof(int);
	int err = 0;

	p->fd = socket(ai->ai_family,
		ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
		ai->ai_protocol);
	if (p->fd < 0)
		return -errno;
	if (connect(p->fd, ai->ai_addr, ai->ai_addrlen) < 0)
		err = errno == EINPROGRESS ? wait_for(p, POLLOUT) : -errno;
	if (!err && getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0)
		err = -err;
	if (err) {
		close(p->fd);
		p->fd = -1;
	}
	return err;
}

static int open_connection(struct program *p)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *list;
	struct addrinfo *ai;
	int err = getaddrinfo(p->host, p->port, &hints, &list);

	if (err) {
		snprintf(p->error, sizeof(p->error), "%s", gai_strerror(err));
		return -EHOSTUNREACH;
	}
	for (ai = list; ai; ai = ai->ai_next) {
		err = connect_to(p, ai);
		if (!err)
			break;
	}
	freeaddrinfo(list);
	if (err)
		snprintf(p->error, sizeof(p->error), "no connection: %s",
			strerror(-err));
	return err;
}

static int send_all(struct program *p, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = send(p->fd, text, len, MSG_NOSIGNAL);
		int err = 0;

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			err = wait_for(p, POLLOUT);
		} else if (errno != EINTR) {
			err = -errno;
		}
		if (err)
			return err;
	}
	return 0;
}

/* Until the reply is whole.  What comes behind it would be the answer to
 * something that was not said: such a server is not trusted. */
static int read_reply(struct program *p)
{
	char data[512];

	smtp_reply_init(&p->reply);
	while (p->reply.state == SMTP_REPLY_READING) {
		int err = wait_for(p, POLLIN);
		ssize_t n;

		if (err)
			return err;
		n = recv(p->fd, data, sizeof(data), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return n ? -errno : -ECONNRESET;
		if (smtp_reply_feed(&p->reply, data, (size_t)n) < (size_t)n)
			return -EPROTO;
	}
	return p->reply.state == SMTP_REPLY_DONE ? 0 : -EPROTO;
}

/* --- the session --- */

static void say(enum mail_answer answer)
{
	const char *sign = answer == MAIL_ANSWER_SENT ? "+" : "-";

	if (answer != MAIL_ANSWER_NONE && write(STDOUT_FILENO, sign, 1) < 0)
		_exit(EXIT_TRY_AGAIN);
}

static int step(struct program *p)
{
	char *text = NULL;
	int err = read_reply(p);

	if (err)
		return err;
	say(mail_session_reply(
		&p->session, p->reply.code, p->reply.text, &text));
	if (text)
		err = send_all(p, text);
	x_free(text);
	return err;
}

static int run_session(struct program *p)
{
	int err = open_connection(p);

	while (!err && p->session.state != MAIL_SESSION_DONE)
		err = step(p);
	/* When all is answered, nobody minds how the server says goodbye. */
	if (p->session.mail == p->n_mails)
		return 0;
	if (err && !p->error[0])
		snprintf(p->error, sizeof(p->error), "%s",
			err == -EPROTO ? "the server does not speak SMTP"
				       : strerror(-err));
	return err ? err : -EAGAIN;
}

static int parse(struct program *p, int argc, char **argv)
{
	struct mail_session_params params;
	size_t len = 0;

	if (argc <= ARGS_BEFORE_TO)
		return -EINVAL;
	p->host = argv[2];
	p->port = argv[3];
	p->timeout_ms = atoi(argv[4]);
	if (p->timeout_ms <= 0 || read_input(p, &len) < 0 ||
		split_input(p, len) < 0)
		return -EINVAL;
	params = (struct mail_session_params){
		.helo = argv[5],
		.from = argv[6],
		.to = argv + ARGS_BEFORE_TO,
		.n_to = (unsigned int)(argc - ARGS_BEFORE_TO),
		.mails = p->mails,
		.n_mails = p->n_mails,
	};
	mail_session_init(&p->session, &params);
	return 0;
}

int mail_program_main(int argc, char **argv)
{
	struct program p = { .fd = -1 };
	int err;

	give_up_more();
	if (parse(&p, argc, argv) < 0)
		return EXIT_FAILURE;
	err = run_session(&p);
	dprintf(STDOUT_FILENO, "%s",
		p.session.error[0] ? p.session.error : p.error);
	if (p.fd >= 0)
		close(p.fd);
	x_free(p.input);
	return err ? EXIT_TRY_AGAIN : EXIT_SUCCESS;
}

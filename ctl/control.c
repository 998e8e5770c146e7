/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/control.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/timeutil.h"

/* No answer is as large as that: something else listens there. */
#define ANSWER_MAX ((size_t)1 << 30)
#define ANSWER_CHUNK 65536

struct conversation {
	char *path;
	int fd;
	int64_t timeout_us;
	int64_t deadline_us;
	char *text;
	size_t len;
	size_t capacity;
	char **ret_error;
};

static enum control_status fail(struct conversation *c,
	enum control_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum control_status fail(struct conversation *c,
	enum control_status status, const char *format, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = x_strdup("out of memory");
	va_end(ap);
	*c->ret_error = text;
	return status;
}

static enum control_status fail_timeout(struct conversation *c)
{
	return fail(c, CONTROL_FAILED,
		"the daemon does not answer: nothing came from %s within "
		"%.0f s (is it stopped or hung?)",
		c->path, (double)c->timeout_us / (double)USEC_PER_SEC);
}

/* Waits until FD is ready for EVENTS; false when the time is over. */
static bool wait_for(struct conversation *c, short events)
{
	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = events };
		int64_t left_us = c->deadline_us - time_monotonic_us();
		int64_t left_ms = left_us / USEC_PER_MSEC + 1;
		int n;

		if (left_us <= 0)
			return false;
		n = poll(&p, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

static enum control_status connect_daemon(struct conversation *c)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(c->path) >= sizeof(address.sun_path))
		return fail(c, CONTROL_FAILED,
			"the name of the control socket is too long: %s",
			c->path);
	strcpy(address.sun_path, c->path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return fail(
			c, CONTROL_FAILED, "no socket: %s", strerror(errno));
	/* A Unix socket connects at once, or says EAGAIN when the daemon's
	 * queue is full: then it is tried until the time is over. */
	while (connect(c->fd, (const struct sockaddr *)(const void *)&address,
		       sizeof(address)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED ||
			errno == ENOTDIR)
			return fail(c, CONTROL_NO_DAEMON,
				"no daemon is running (%s: %s)", c->path,
				strerror(errno));
		if (errno != EAGAIN && errno != EINTR)
			return fail(c, CONTROL_FAILED,
				"cannot connect to %s: %s", c->path,
				strerror(errno));
		if (time_monotonic_us() > c->deadline_us)
			return fail_timeout(c);
		poll(NULL, 0, 20);
	}
	return CONTROL_OK;
}

static enum control_status send_all(
	struct conversation *c, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			/* It has hung up; what it said may explain it. */
			return CONTROL_OK;
		} else if (errno == EAGAIN) {
			if (!wait_for(c, POLLOUT))
				return fail_timeout(c);
		} else if (errno != EINTR) {
			return fail(c, CONTROL_FAILED, "cannot ask %s: %s",
				c->path, strerror(errno));
		}
	}
	return CONTROL_OK;
}

static enum control_status receive_all(struct conversation *c)
{
	for (;;) {
		ssize_t n;

		if (c->capacity - c->len < ANSWER_CHUNK) {
			c->capacity = c->capacity * 2 + ANSWER_CHUNK;
			c->text = x_realloc(c->text, c->capacity, 1);
		}
		n = recv(c->fd, c->text + c->len, c->capacity - c->len, 0);
		if (n > 0)
			c->len += (size_t)n;
		else if (n == 0)
			return CONTROL_OK;
		else if (errno == ECONNRESET && c->len &&
			 c->text[c->len - 1] == '\n')
			return CONTROL_OK; /* all of it was said before */
		else if (errno == EAGAIN && !wait_for(c, POLLIN))
			return fail_timeout(c);
		else if (errno != EAGAIN && errno != EINTR)
			return fail(c, CONTROL_FAILED,
				"the answer from %s broke off: %s", c->path,
				strerror(errno));
		if (c->len > ANSWER_MAX)
			return fail(c, CONTROL_FAILED,
				"what comes from %s has no end", c->path);
	}
}

static enum control_status parse(
	struct conversation *c, struct json_object **ret_answer)
{
	struct json_tokener *tokener;
	struct json_object *answer;

	if (!c->len)
		return fail(c, CONTROL_FAILED,
			"the daemon hung up without an answer");
	tokener = json_tokener_new();
	if (!tokener)
		return fail(c, CONTROL_FAILED, "out of memory");
	answer = json_tokener_parse_ex(tokener, c->text, (int)c->len);
	json_tokener_free(tokener);
	if (!json_object_is_type(answer, json_type_object)) {
		json_object_put(answer);
		return fail(c, CONTROL_FAILED,
			"what came from %s is no answer (%zu bytes)", c->path,
			c->len);
	}
	*ret_answer = answer;
	return CONTROL_OK;
}

static enum control_status converse(struct conversation *c,
	struct json_object *request, struct json_object **ret_answer)
{
	enum control_status status = connect_daemon(c);
	char *line;

	if (status != CONTROL_OK)
		return status;
	line = x_asprintf("%s\n", json_object_to_json_string_ext(
					  request, JSON_C_TO_STRING_PLAIN));
	status = send_all(c, line, strlen(line));
	x_free(line);
	if (status == CONTROL_OK)
		status = receive_all(c);
	if (status == CONTROL_OK)
		status = parse(c, ret_answer);
	return status;
}

enum control_status control_ask(const char *runtime_dir,
	struct json_object *request, int64_t timeout_us,
	struct json_object **ret_answer, char **ret_error)
{
	struct conversation c = {
		.fd = -1,
		.timeout_us = timeout_us,
		.deadline_us = time_monotonic_us() + timeout_us,
		.ret_error = ret_error,
	};
	enum control_status status;

	c.path = x_asprintf("%s/%s", runtime_dir, CONTROL_SOCKET);
	status = converse(&c, request, ret_answer);
	if (c.fd >= 0)
		close(c.fd);
	x_free(c.text);
	x_free(c.path);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends HTTP requests at a fixed pace and writes down what became of each.
 *
 *	httpprobe ADDRESS PORT INTERVAL_US TIMEOUT_MS [PATH]
 *
 * A request is started every INTERVAL_US on a new connection, whether or not
 * the earlier ones were answered. One line for each, when it is over:
 *
 *	START_NS END_NS OUTCOME SERVER
 *
 * Times are CLOCK_MONOTONIC. OUTCOME is "ok" (status 200 and a whole answer),
 * "status-NNN", "short" (closed before a whole header), "timeout", or the name
 * of the errno (ECONNREFUSED, ECONNRESET, ...). SERVER is the X-Server header
 * of the answer, "-" if there was none. On SIGTERM no further request is
 * started and the program ends when the last one is over.
 *
 * The connection is closed by the server first, so that no port of the client
 * stays in TIME_WAIT at a thousand requests a second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS_MAX 4096
#define REPLY_MAX 1024

struct request {
	int fd; /* -1: the slot is free */
	int sent;
	int64_t start_ns;
	size_t len;
	char reply[REPLY_MAX + 1];
};

static struct request requests[REQUESTS_MAX];
static int in_flight;
static volatile sig_atomic_t stopping;

static void on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void finish(struct request *r, const char *outcome, const char *server)
{
	printf("%" PRId64 " %" PRId64 " %s %s\n", r->start_ns, now_ns(), outcome, server);
	close(r->fd);
	r->fd = -1;
	in_flight--;
}

static void finish_errno(struct request *r, int err)
{
	finish(r, strerrorname_np(err) ? strerrorname_np(err) : "unknown", "-");
}

/* The server has closed: what did it say? */
static void judge_reply(struct request *r)
{
	char server[64] = "-", outcome[32];
	const char *head;
	int status;

	r->reply[r->len] = '\0';
	if (!strstr(r->reply, "\r\n\r\n") || sscanf(r->reply, "HTTP/1.%*d %d", &status) != 1) {
		finish(r, "short", "-");
		return;
	}
	head = strcasestr(r->reply, "\r\nX-Server: ");
	if (head)
		sscanf(head + 12, "%63[^\r\n ]", server);
	snprintf(outcome, sizeof(outcome), "status-%d", status);
	finish(r, status == 200 ? "ok" : outcome, server);
}

static void start_request(int epfd, const struct sockaddr_storage *to, socklen_t to_len)
{
	struct epoll_event ev = { .events = EPOLLOUT };
	struct request *r = NULL;
	int i;

	for (i = 0; i < REQUESTS_MAX && !r; i++)
		if (requests[i].fd < 0)
			r = &requests[i];
	if (!r) {
		fprintf(stderr, "httpprobe: more than %d requests in flight\n", REQUESTS_MAX);
		return;
	}
	r->start_ns = now_ns();
	r->len = 0;
	r->sent = 0;
	r->fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd < 0) {
		perror("httpprobe: socket");
		exit(1);
	}
	in_flight++;
	if (connect(r->fd, (const struct sockaddr *)to, to_len) && errno != EINPROGRESS) {
		finish_errno(r, errno);
		return;
	}
	ev.data.ptr = r;
	epoll_ctl(epfd, EPOLL_CTL_ADD, r->fd, &ev);
}

static void send_request(int epfd, struct request *r, const char *text)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = r };
	socklen_t len = sizeof(int);
	int err = 0;

	getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err) {
		finish_errno(r, err);
		return;
	}
	if (send(r->fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
		finish_errno(r, errno);
		return;
	}
	r->sent = 1;
	epoll_ctl(epfd, EPOLL_CTL_MOD, r->fd, &ev);
}

static void read_reply(struct request *r)
{
	char rest[4096];
	ssize_t n;

	for (;;) {
		n = r->len < REPLY_MAX ? recv(r->fd, r->reply + r->len, REPLY_MAX - r->len, 0) :
					 recv(r->fd, rest, sizeof(rest), 0);
		if (n <= 0)
			break;
		if (r->len < REPLY_MAX)
			r->len += (size_t)n;
	}
	if (n == 0)
		judge_reply(r);
	else if (errno != EAGAIN)
		finish_errno(r, errno);
}

static void expire(int64_t timeout_ns)
{
	int64_t now = now_ns();
	int i;

	for (i = 0; i < REQUESTS_MAX; i++)
		if (requests[i].fd >= 0 && now - requests[i].start_ns > timeout_ns)
			finish(&requests[i], "timeout", "-");
}

static socklen_t parse_address(const char *host, int port, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *in = (struct sockaddr_in *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		return sizeof(*in6);
	}
	fprintf(stderr, "httpprobe: not an address: %s\n", host);
	exit(2);
}

static int pace_timer(long interval_us)
{
	struct timespec t = { interval_us / 1000000, interval_us % 1000000 * 1000 };
	struct itimerspec its = { t, { 0, 1 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, 0, &its, NULL)) {
		perror("httpprobe: timer");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct epoll_event ev = { .events = EPOLLIN }, events[64];
	struct sigaction sa = { .sa_handler = on_term };
	struct sockaddr_storage to;
	int64_t timeout_ns;
	socklen_t to_len;
	char text[512];
	int i, n, epfd, timer;
	uint64_t ticks;

	if (argc < 5) {
		fprintf(stderr, "usage: httpprobe ADDRESS PORT INTERVAL_US TIMEOUT_MS [PATH]\n");
		return 2;
	}
	to_len = parse_address(argv[1], atoi(argv[2]), &to);
	timeout_ns = atoll(argv[4]) * 1000000;
	snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\nHost: lab\r\n\r\n",
		 argc > 5 ? argv[5] : "/");
	for (i = 0; i < REQUESTS_MAX; i++)
		requests[i].fd = -1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	epfd = epoll_create1(EPOLL_CLOEXEC);
	timer = pace_timer(atol(argv[3]));
	epoll_ctl(epfd, EPOLL_CTL_ADD, timer, &ev); /* data.ptr NULL: the timer */

	while (!stopping || in_flight) {
		n = epoll_wait(epfd, events, 64, 10);
		for (i = 0; i < n; i++) {
			struct request *r = events[i].data.ptr;

			if (r && r->fd >= 0 && !r->sent)
				send_request(epfd, r, text);
			else if (r && r->fd >= 0)
				read_reply(r);
			else if (!r && read(timer, &ticks, sizeof(ticks)) > 0 && !stopping)
				start_request(epfd, &to, to_len);
		}
		expire(timeout_ns);
	}
	return 0;
}

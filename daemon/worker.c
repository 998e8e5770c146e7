/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/worker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#include "daemon/spawn.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

static const unsigned int workers_max[WORKER_KINDS] = {
	[WORKER_CONFIG] = 4,
	[WORKER_REPORT] = 16,
	[WORKER_STATUS] = 16,
	[WORKER_SHOW] = 4,
};

struct worker {
	struct worker *prev;
	struct worker *next;
	struct workers *workers;
	enum worker_kind kind;
	pid_t pid; /* 0 = reaped */
	int fd;	   /* -1 = done */
	struct loop_io *io;
	struct loop_timer *timer;
	void (*done)(
		int error, const struct worker_result *result, void *user_data);
	void *user_data;
};

struct workers {
	struct loop *loop;
	struct worker *list;
	unsigned int counts[WORKER_KINDS];
};

union worker_control {
	char data[CMSG_SPACE(sizeof(int) * WORKER_FDS)];
	struct cmsghdr align;
};

struct workers *workers_new(struct loop *loop)
{
	struct workers *workers = x_new(struct workers, 1);

	workers->loop = loop;
	return workers;
}

static void worker_close(struct worker *worker)
{
	loop_io_free(worker->io);
	loop_timer_free(worker->timer);
	worker->io = NULL;
	worker->timer = NULL;
	if (worker->fd >= 0)
		close(worker->fd);
	worker->fd = -1;
}

static void worker_drop(struct worker *worker)
{
	DL_DELETE(worker->workers->list, worker);
	worker->workers->counts[worker->kind]--;
	x_free(worker);
}

void workers_free(struct workers *workers)
{
	while (workers->list) {
		struct worker *worker = workers->list;

		worker_close(worker);
		if (worker->pid) {
			kill(worker->pid, SIGKILL);
			waitpid(worker->pid, NULL, 0);
		}
		worker_drop(worker);
	}
	x_free(workers);
}

/* --- the child --- */

static void worker_send(int fd, const struct worker_result *result)
{
	struct iovec iov = {
		.iov_base = (void *)(uintptr_t)&result->value,
		.iov_len = sizeof(result->value),
	};
	union worker_control control = { .data = { 0 } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	size_t n = 0;
	int i;

	while (n < WORKER_FDS && result->fds[n] >= 0)
		n++;
	if (n) {
		msg.msg_control = control.data;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(cmsg), result->fds, n * sizeof(int));
	}
	do
		i = (int)sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (i < 0 && errno == EINTR);
}

static void worker_child(
	int fd, void (*run)(void *arg, struct worker_result *result), void *arg)
{
	struct worker_result result = { .fds = { -1, -1 } };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	run(arg, &result);
	worker_send(fd, &result);
	_exit(0);
}

/* --- the parent --- */

static int worker_receive(int fd, struct worker_result *result)
{
	struct iovec iov = {
		.iov_base = &result->value,
		.iov_len = sizeof(result->value),
	};
	union worker_control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	struct cmsghdr *cmsg;
	ssize_t len = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	if (len != (ssize_t)sizeof(result->value))
		return -EPIPE;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET &&
		cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(result->fds, CMSG_DATA(cmsg),
			cmsg->cmsg_len - CMSG_LEN(0));
	return 0;
}

static void worker_done(
	struct worker *worker, int error, const struct worker_result *result)
{
	worker_close(worker);
	worker->done(error, result, worker->user_data);
	/* The entry itself waits for the end of the process. */
	if (!worker->pid)
		worker_drop(worker);
}

static void worker_event(int fd, unsigned int events, void *user_data)
{
	struct worker_result result = { .fds = { -1, -1 } };
	int err = worker_receive(fd, &result);

	(void)events;
	if (err != -EAGAIN)
		worker_done(user_data, err, &result);
}

static void worker_timeout(void *user_data)
{
	struct worker_result result = { .fds = { -1, -1 } };
	struct worker *worker = user_data;

	if (worker->pid)
		kill(worker->pid, SIGKILL);
	worker_done(worker, -ETIMEDOUT, &result);
}

int worker_start(struct workers *workers, enum worker_kind kind,
	int64_t timeout_us,
	void (*run)(void *arg, struct worker_result *result), void *arg,
	void (*done)(
		int error, const struct worker_result *result, void *user_data),
	void *user_data)
{
	struct worker *worker;
	int fds[2];
	pid_t pid;

	if (workers->counts[kind] >= workers_max[kind])
		return -EBUSY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	pid = spawn_fork();
	if (pid == 0)
		worker_child(fds[1], run, arg);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	worker = x_new(struct worker, 1);
	worker->workers = workers;
	worker->kind = kind;
	worker->pid = pid;
	worker->fd = fds[0];
	worker->done = done;
	worker->user_data = user_data;
	worker->io = loop_io_new(
		workers->loop, fds[0], LOOP_READ, worker_event, worker);
	worker->timer = loop_timer_new(workers->loop, worker_timeout, worker);
	loop_timer_set(worker->timer, time_monotonic_us() + timeout_us);
	DL_APPEND(workers->list, worker);
	workers->counts[kind]++;
	return 0;
}

void workers_reap(struct workers *workers)
{
	struct worker *worker;
	struct worker *next;

	DL_FOREACH_SAFE (workers->list, worker, next) {
		if (!worker->pid ||
			waitpid(worker->pid, NULL, WNOHANG) != worker->pid)
			continue;
		worker->pid = 0;
		/* A result may still wait in the socket. */
		if (worker->fd < 0)
			worker_drop(worker);
	}
}

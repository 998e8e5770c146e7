/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/jsonfd.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define CONTROL_GROUP "tandem"
#define CONTROL_IDLE_US (10 * USEC_PER_SEC)
#define CONTROL_WRITE_US (30 * USEC_PER_SEC)
/* Every request is answered sooner; nothing may hold a place for ever. */
#define CONTROL_WAIT_US (300 * USEC_PER_SEC)
/* After the system has refused a connection: descriptors are short. */
#define CONTROL_PAUSE_US (200 * USEC_PER_MSEC)
#define CONTROL_CHUNK (256 * 1024)

enum client_state {
	CLIENT_READING,
	CLIENT_WAITING, /* for its answer */
	CLIENT_WRITING,
};

struct control_client {
	struct control_client *prev;
	struct control_client *next;
	struct control *control;
	uint64_t id;
	enum client_state state;
	int fd;
	uid_t uid;
	struct loop_io *io;
	struct loop_timer *timer;
	char *request;
	size_t len;
	int answer_fd;
	off_t sent;
	off_t size;
};

struct control {
	struct loop *loop;
	char *path;
	int fd;
	struct loop_io *io;
	struct loop_timer *pause_timer;
	struct control_client *clients;
	unsigned int n_clients;
	uint64_t last_id;
	struct log_limit limit;
	void (*request)(uint64_t client, uid_t uid, const char *line,
		size_t len, void *user_data);
	void *user_data;
};

/* Ends a connection so that the client reads what it was sent: closed over
 * bytes of its own, the rest of it would be a reset.  After the shutdown no
 * more can come, so there is an end to them. */
static void control_hang_up(int fd)
{
	char drop[4096];

	/* A worker may hold a copy of the descriptor: the client has to see
	 * the end all the same. */
	shutdown(fd, SHUT_RDWR);
	while (recv(fd, drop, sizeof(drop), MSG_DONTWAIT) > 0)
		;
	close(fd);
}

static void client_free(struct control_client *client)
{
	struct control *control = client->control;

	DL_DELETE(control->clients, client);
	control->n_clients--;
	loop_io_free(client->io);
	loop_timer_free(client->timer);
	control_hang_up(client->fd);
	if (client->answer_fd >= 0)
		close(client->answer_fd);
	x_free(client->request);
	x_free(client);
}

static void client_timeout(void *user_data)
{
	struct control_client *client = user_data;

	log_limited(&client->control->limit, LOG_LEVEL_WARNING,
		"control: a client of uid %u %s: cut off",
		(unsigned int)client->uid,
		client->state == CLIENT_READING ? "sends no request"
						: "does not read its answer");
	client_free(client);
}

/* --- writing --- */

/* 1 = all sent, 0 = later, -errno. */
static int client_send(struct control_client *client)
{
	ssize_t n;

	while (client->sent < client->size) {
		n = sendfile(client->fd, client->answer_fd, &client->sent,
			CONTROL_CHUNK);
		if (n <= 0)
			return n < 0 && errno == EAGAIN ? 0 : -EPIPE;
		if (n < CONTROL_CHUNK)
			continue;
		return 0; /* others want to be served, too */
	}
	n = send(client->fd, "\n", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN ? 0 : -EPIPE;
	return 1;
}

static void client_write(struct control_client *client)
{
	if (client_send(client) != 0)
		client_free(client);
}

static void client_answer(struct control_client *client, int fd)
{
	struct stat st;

	if (client->state != CLIENT_WAITING || fstat(fd, &st) < 0) {
		close(fd);
		return;
	}
	client->state = CLIENT_WRITING;
	client->answer_fd = fd;
	client->size = st.st_size;
	loop_timer_set(client->timer, time_monotonic_us() + CONTROL_WRITE_US);
	loop_io_set_events(client->io, LOOP_WRITE);
}

static struct control_client *control_find(
	const struct control *control, uint64_t id)
{
	struct control_client *client;

	DL_FOREACH (control->clients, client)
		if (client->id == id)
			return client;
	return NULL;
}

void control_answer(struct control *control, uint64_t id, int fd)
{
	struct control_client *client = control_find(control, id);

	if (fd < 0)
		control_answer_error(control, id, "no answer");
	else if (client)
		client_answer(client, fd);
	else
		close(fd);
}

void control_answer_error(
	struct control *control, uint64_t id, const char *text)
{
	struct control_client *client = control_find(control, id);
	struct json_object *json;
	int fd;

	if (!client)
		return;
	json = json_object_new_object();
	json_object_object_add(json, "error", json_object_new_string(text));
	fd = json_to_fd(json);
	json_object_put(json);
	if (fd < 0)
		client_free(client);
	else
		client_answer(client, fd);
}

/* --- reading --- */

static void client_request(struct control_client *client, size_t len)
{
	struct control *control = client->control;

	client->request[len] = '\0';
	client->state = CLIENT_WAITING;
	/* Nothing more is read: a client that has sent its request may close
	 * its half.  One that is gone is noticed when it is answered. */
	loop_io_set_events(client->io, 0);
	loop_timer_set(client->timer, time_monotonic_us() + CONTROL_WAIT_US);
	control->request(client->id, client->uid, client->request, len,
		control->user_data);
}

static void client_read(struct control_client *client)
{
	size_t room = CONTROL_REQUEST_MAX - client->len;
	char *end;
	ssize_t n;

	n = recv(client->fd, client->request + client->len, room, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (n == 0 && !client->len)) {
		client_free(client);
		return;
	}
	end = memchr(client->request + client->len, '\n', (size_t)n);
	client->len += (size_t)n;
	if (end) {
		client_request(client, (size_t)(end - client->request));
	} else if (n == 0) {
		client_request(client, client->len);
	} else if (client->len == CONTROL_REQUEST_MAX) {
		client->state = CLIENT_WAITING;
		control_answer_error(
			client->control, client->id, "the request is too long");
	}
}

static void client_event(int fd, unsigned int events, void *user_data)
{
	struct control_client *client = user_data;

	(void)fd;
	(void)events;
	switch (client->state) {
	case CLIENT_READING:
		client_read(client);
		break;
	case CLIENT_WAITING:
		break;
	case CLIENT_WRITING:
		client_write(client);
		break;
	}
}

/* --- connecting --- */

static uid_t control_peer_uid(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	return peer.uid;
}

static void control_add_client(struct control *control, int fd, uid_t uid)
{
	struct control_client *client = x_new(struct control_client, 1);

	client->control = control;
	client->id = ++control->last_id;
	client->fd = fd;
	client->uid = uid;
	client->answer_fd = -1;
	client->request = x_calloc(1, CONTROL_REQUEST_MAX + 1);
	client->io =
		loop_io_new(control->loop, fd, LOOP_READ, client_event, client);
	client->timer = loop_timer_new(control->loop, client_timeout, client);
	loop_timer_set(client->timer, time_monotonic_us() + CONTROL_IDLE_US);
	DL_APPEND(control->clients, client);
	control->n_clients++;
}

static void control_refuse(int fd, const char *why)
{
	char line[96];
	int len = snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", why);

	if (send(fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("control: a client too many is gone already");
	control_hang_up(fd);
}

static unsigned int control_clients_of(const struct control *control, uid_t uid)
{
	const struct control_client *client;
	unsigned int n = 0;

	DL_FOREACH (control->clients, client)
		n += client->uid == uid;
	return n;
}

/* Why there is no place for another client of UID, or NULL.  The last places
 * are root's: others cannot shut the operator out. */
static const char *control_refusal(const struct control *control, uid_t uid)
{
	unsigned int max = CONTROL_CLIENTS_MAX;

	if (uid == 0)
		max += CONTROL_CLIENTS_ROOT;
	else if (control_clients_of(control, uid) >= CONTROL_CLIENTS_USER)
		return "too many clients of this user: try again";
	return control->n_clients < max ? NULL : "too many clients: try again";
}

static void control_accepted(struct control *control, int fd)
{
	uid_t uid = control_peer_uid(fd);
	const char *refusal = control_refusal(control, uid);

	if (refusal)
		control_refuse(fd, refusal);
	else
		control_add_client(control, fd, uid);
}

static void control_event(int fd, unsigned int events, void *user_data)
{
	struct control *control = user_data;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (client >= 0) {
		control_accepted(control, client);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		log_limited(&control->limit, LOG_LEVEL_WARNING,
			"control: no connection: %s", strerror(errno));
		loop_io_set_events(control->io, 0);
		loop_timer_set(control->pause_timer,
			time_monotonic_us() + CONTROL_PAUSE_US);
	}
}

static void control_resume(void *user_data)
{
	struct control *control = user_data;

	loop_io_set_events(control->io, LOOP_READ);
}

static int control_listen(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const struct group *group = getgrnam(CONTROL_GROUP);
	size_t len = strlen(path);
	mode_t old;
	int err;
	int fd;

	if (len >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, len + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path); /* we hold the pid file's lock: it is stale */
	old = umask(0117);
	err = bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 ? -errno : 0;
	umask(old);
	if (!err && group && lchown(path, (uid_t)-1, group->gr_gid) < 0)
		log_warning("control: cannot give %s to group " CONTROL_GROUP
			    ": %s",
			path, strerror(errno));
	if (!err && listen(fd, CONTROL_CLIENTS_MAX + CONTROL_CLIENTS_ROOT) < 0)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int control_new(struct loop *loop, const char *path,
	void (*request)(uint64_t client, uid_t uid, const char *line,
		size_t len, void *user_data),
	void *user_data, struct control **ret_control)
{
	struct control *control;
	int fd = control_listen(path);

	if (fd < 0)
		return fd;
	control = x_new(struct control, 1);
	control->loop = loop;
	control->path = x_strdup(path);
	control->fd = fd;
	control->request = request;
	control->user_data = user_data;
	control->io = loop_io_new(loop, fd, LOOP_READ, control_event, control);
	control->pause_timer = loop_timer_new(loop, control_resume, control);
	*ret_control = control;
	return 0;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	while (control->clients)
		client_free(control->clients);
	loop_io_free(control->io);
	loop_timer_free(control->pause_timer);
	close(control->fd);
	unlink(control->path);
	x_free(control->path);
	x_free(control);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/file_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define FILE_WATCH_EVENTS                                                      \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |              \
		IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define FILE_WATCH_LOST                                                        \
	(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)
/* Looked at again without being told. */
#define FILE_WATCH_BLIND_US (1 * USEC_PER_SEC)
#define FILE_WATCH_SLOW_US (10 * USEC_PER_SEC)

struct file_watch {
	struct file_watch *prev;
	struct file_watch *next;
	struct file_watcher *watcher;
	char *directory;
	const char *name; /* in the path that was given, kept in it */
	char *path;
	void *owner;
	int wd; /* -1 = its directory is not watched */
	bool due;
};

struct file_watcher {
	struct loop *loop;
	file_watch_fn *changed;
	struct file_watch *watches;
	struct loop_io *io;
	struct loop_timer *timer;
	int fd; /* -1 = none: it only looks again */
};

/* Two files of a directory share the kernel's watch. */
static void watch_directory(struct file_watch *watch)
{
	int fd = watch->watcher->fd;

	if (watch->wd < 0 && fd >= 0)
		watch->wd = inotify_add_watch(
			fd, watch->directory, FILE_WATCH_EVENTS);
}

static void plan_look(struct file_watcher *w)
{
	int64_t wait = TIME_NEVER;
	struct file_watch *watch;

	DL_FOREACH (w->watches, watch)
		if (watch->wd < 0)
			wait = FILE_WATCH_BLIND_US;
		else if (wait == TIME_NEVER)
			wait = FILE_WATCH_SLOW_US;
	loop_timer_set(w->timer, wait == TIME_NEVER
					 ? TIME_NEVER
					 : time_monotonic_us() + wait);
}

static void tell_due(struct file_watcher *w)
{
	struct file_watch *watch;

	DL_FOREACH (w->watches, watch) {
		if (!watch->due)
			continue;
		watch->due = false;
		w->changed(watch->owner);
	}
}

static void look_again(void *user_data)
{
	struct file_watcher *w = user_data;
	struct file_watch *watch;

	DL_FOREACH (w->watches, watch) {
		watch_directory(watch);
		watch->due = true;
	}
	tell_due(w);
	plan_look(w);
}

static void take_event(
	struct file_watcher *w, const struct inotify_event *event)
{
	bool lost = event->mask & FILE_WATCH_LOST;
	bool all = event->mask & IN_Q_OVERFLOW;
	struct file_watch *watch;

	DL_FOREACH (w->watches, watch) {
		if (!all && watch->wd != event->wd)
			continue;
		if (all || lost || !event->len ||
			!strcmp(watch->name, event->name))
			watch->due = true;
		if (lost)
			watch->wd = -1;
	}
	/* A directory that was moved is still watched, under its number. */
	if (event->mask & IN_MOVE_SELF)
		inotify_rm_watch(w->fd, event->wd);
	if (lost)
		plan_look(w);
}

static void readable(int fd, unsigned int events, void *user_data)
{
	char buffer[4096]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	struct file_watcher *w = user_data;
	const struct inotify_event *event;
	ssize_t len = read(fd, buffer, sizeof(buffer));
	ssize_t at;

	(void)events;
	for (at = 0; at + (ssize_t)sizeof(*event) <= len;
		at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const void *)(buffer + at);
		take_event(w, event);
	}
	tell_due(w);
}

struct file_watch *file_watch_new(
	struct file_watcher *w, const char *path, void *owner)
{
	struct file_watch *watch = x_new(struct file_watch, 1);
	const char *slash = strrchr(path, '/');

	watch->watcher = w;
	watch->owner = owner;
	watch->wd = -1;
	watch->path = x_strdup(path);
	watch->name = slash ? watch->path + (slash - path) + 1 : watch->path;
	watch->directory =
		slash ? x_asprintf("%.*s", (int)(slash - path) + 1, path)
		      : x_strdup(".");
	DL_APPEND(w->watches, watch);
	watch_directory(watch);
	plan_look(w);
	return watch;
}

void file_watch_free(struct file_watch *watch)
{
	struct file_watcher *w;
	struct file_watch *other;
	bool shared = false;

	if (!watch)
		return;
	w = watch->watcher;
	DL_DELETE(w->watches, watch);
	DL_FOREACH (w->watches, other)
		shared |= other->wd == watch->wd;
	if (watch->wd >= 0 && !shared)
		inotify_rm_watch(w->fd, watch->wd);
	x_free(watch->directory);
	x_free(watch->path);
	x_free(watch);
}

struct file_watcher *file_watcher_new(
	struct loop *loop, file_watch_fn *changed)
{
	struct file_watcher *w = x_new(struct file_watcher, 1);

	w->loop = loop;
	w->changed = changed;
	w->timer = loop_timer_new(loop, look_again, w);
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd >= 0)
		w->io = loop_io_new(loop, w->fd, LOOP_READ, readable, w);
	else
		log_warning("tracked files are looked at once a second: "
			    "inotify: %s",
			strerror(errno));
	return w;
}

void file_watcher_free(struct file_watcher *w)
{
	if (!w)
		return;
	loop_io_free(w->io);
	loop_timer_free(w->timer);
	if (w->fd >= 0)
		close(w->fd);
	x_free(w);
}

/* --- the number --- */

static int parse_number(char *text, int64_t *ret_value)
{
	long long value;
	char *end;

	/* Too large for it: cut as well. */
	value = strtoll(text, &end, 10);
	if (end == text)
		return -EINVAL;
	end += strspn(end, " \t\r\n");
	if (*end)
		return -EINVAL;
	if (value > INT32_MAX)
		value = INT32_MAX;
	if (value < -INT32_MAX)
		value = -INT32_MAX;
	*ret_value = value;
	return 0;
}

int file_read_number(const char *path, int64_t *ret_value)
{
	/* A FIFO must not block, and is no such file. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	char text[64];
	ssize_t len = -1;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		errno = EINVAL;
	else
		len = read(fd, text, sizeof(text) - 1);
	if (len < 0) {
		len = -errno;
		close(fd);
		return (int)len;
	}
	close(fd);
	text[len] = '\0';
	return parse_number(text, ret_value);
}

int file_write_number(const char *path, int64_t value, bool overwrite)
{
	int fd = open(path,
		O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW |
			(overwrite ? O_TRUNC : O_EXCL),
		0644);
	int err = 0;

	if (fd < 0)
		return !overwrite && errno == EEXIST ? 0 : -errno;
	if (dprintf(fd, "%lld\n", (long long)value) < 0)
		err = -errno;
	close(fd);
	return err;
}

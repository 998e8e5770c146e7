/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/reload_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/reload_time.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

/* How often the wall clock is looked at: somebody may set it. */
#define CLOCK_STEP_US (10 * USEC_PER_SEC)
#define CLOCK_EVENTS                                                           \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |            \
		IN_DELETE_SELF | IN_MOVE_SELF)

struct reload_clock {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_io *io;
	int fd; /* inotify, -1 = nothing is watched */
	char *path;
	const char *name; /* in path */
	bool repeat;
	bool daily;
	int64_t when; /* seconds since 1970; 0 = never */
	void (*due)(void *user_data);
	void *user_data;
};

/* --- the time --- */

static void clock_arm(struct reload_clock *clock)
{
	int64_t left;

	if (!clock->when) {
		loop_timer_set(clock->timer, TIME_NEVER);
		return;
	}
	left = clock->when * USEC_PER_SEC - time_realtime_us();
	if (left < 0)
		left = 0;
	loop_timer_set(clock->timer,
		time_monotonic_us() +
			(left < CLOCK_STEP_US ? left : CLOCK_STEP_US));
}

/* The first bytes of the file; 0, or -errno. */
static int clock_read(const struct reload_clock *clock, char *text, size_t size,
	size_t *ret_len)
{
	int fd =
		open(clock->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t len;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		err = -EINVAL;
	len = err ? 0 : read(fd, text, size);
	if (len < 0)
		err = -errno;
	close(fd);
	*ret_len = err ? 0 : (size_t)len;
	return err;
}

static void clock_tell(const struct reload_clock *clock)
{
	time_t seconds = (time_t)clock->when;
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	log_notice("a reload is due at %s (%s)", text, clock->path);
}

static void clock_look(struct reload_clock *clock)
{
	int64_t before = clock->when;
	char text[64];
	size_t len = 0;
	int err = clock_read(clock, text, sizeof(text), &len);

	clock->when = 0;
	if (!err)
		err = reload_time_parse(text, len,
			time_realtime_us() / USEC_PER_SEC, &clock->when,
			&clock->daily);
	if (err == -ETIME)
		log_info("%s: that time is over", clock->path);
	else if (err && err != -ENOENT)
		log_warning("%s: no time of a reload: %s", clock->path,
			err == -EINVAL ? "HH:MM:SS, with a date YYYY-MM-DD in "
					 "front, or with a Z behind it"
				       : strerror(-err));
	if (clock->when && clock->when != before)
		clock_tell(clock);
	else if (before && !clock->when)
		log_notice("no reload is due any more (%s)", clock->path);
	clock_arm(clock);
}

/* A file that stays would have it done again tomorrow, which is what repeat
 * is for. */
static void clock_is_due(struct reload_clock *clock)
{
	bool again = clock->repeat && clock->daily;

	clock->when = 0;
	log_notice("reload requested by %s", clock->path);
	if (again)
		clock_look(clock);
	else if (!clock->repeat && unlink(clock->path) < 0 && errno != ENOENT)
		log_warning("%s cannot be removed: %s", clock->path,
			strerror(errno));
	clock->due(clock->user_data);
}

static void clock_timeout(void *user_data)
{
	struct reload_clock *clock = user_data;

	if (clock->when && time_realtime_us() / USEC_PER_SEC >= clock->when)
		clock_is_due(clock);
	clock_arm(clock);
}

/* --- the directory --- */

static void clock_unwatch(struct reload_clock *clock)
{
	loop_io_free(clock->io);
	clock->io = NULL;
	if (clock->fd >= 0)
		close(clock->fd);
	clock->fd = -1;
}

/* What happened: our file changed, the directory is gone. */
struct clock_news {
	bool file;
	bool gone;
};

static struct clock_news clock_read_events(struct reload_clock *clock)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} buffer;
	struct clock_news news = { .file = false };
	ssize_t len;

	while ((len = read(clock->fd, buffer.bytes, sizeof(buffer))) > 0) {
		size_t pos = 0;

		while (pos + sizeof(struct inotify_event) <= (size_t)len) {
			struct inotify_event event;

			memcpy(&event, buffer.bytes + pos, sizeof(event));
			if (event.mask &
				(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
				news.gone = true;
			if (event.mask & IN_Q_OVERFLOW ||
				(event.len && !strcmp(buffer.bytes + pos +
							      sizeof(event),
						      clock->name)))
				news.file = true;
			pos += sizeof(event) + event.len;
		}
	}
	return news;
}

static void clock_event(int fd, unsigned int events, void *user_data)
{
	struct reload_clock *clock = user_data;
	struct clock_news news = clock_read_events(clock);

	(void)fd;
	(void)events;
	if (news.gone) {
		log_warning("the directory of %s is gone: no reload is due "
			    "before the next one by hand",
			clock->path);
		clock_unwatch(clock);
		clock->when = 0;
		clock_arm(clock);
	} else if (news.file) {
		clock_look(clock);
	}
}

static int clock_watch(struct reload_clock *clock)
{
	char *directory =
		x_strndup(clock->path, (size_t)(clock->name - clock->path));
	int err = 0;

	clock->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (clock->fd < 0 || inotify_add_watch(clock->fd, directory,
				     CLOCK_EVENTS | IN_ONLYDIR) < 0)
		err = -errno;
	x_free(directory);
	if (err) {
		clock_unwatch(clock);
		return err;
	}
	clock->io = loop_io_new(
		clock->loop, clock->fd, LOOP_READ, clock_event, clock);
	return 0;
}

/* --- life --- */

struct reload_clock *reload_clock_new(
	struct loop *loop, void (*due)(void *user_data), void *user_data)
{
	struct reload_clock *clock = x_new(struct reload_clock, 1);

	clock->loop = loop;
	clock->fd = -1;
	clock->due = due;
	clock->user_data = user_data;
	clock->timer = loop_timer_new(loop, clock_timeout, clock);
	return clock;
}

void reload_clock_free(struct reload_clock *clock)
{
	clock_unwatch(clock);
	loop_timer_free(clock->timer);
	x_free(clock->path);
	x_free(clock);
}

void reload_clock_set(struct reload_clock *clock, const char *path, bool repeat)
{
	bool same = path && clock->path && !strcmp(path, clock->path);
	int err = 0;

	clock->repeat = repeat;
	if (!same) {
		clock_unwatch(clock);
		x_free(clock->path);
		clock->path = path ? x_strdup(path) : NULL;
		clock->when = 0;
	}
	if (!path) {
		clock_arm(clock);
		return;
	}
	clock->name = strrchr(clock->path, '/') + 1;
	if (clock->fd < 0)
		err = clock_watch(clock);
	if (err)
		log_warning("the directory of %s cannot be watched: %s",
			clock->path, strerror(-err));
	clock_look(clock);
}

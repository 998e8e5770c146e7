/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/fifo_files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"

#define FIFO_MODE 0600
/* The account of scripts where nothing is said, as the runner has it. */
#define DEFAULT_USER "keepalived_script"

struct fifo {
	struct fifo *prev;
	struct fifo *next;
	char *path;
	int fd;
	bool made;
	dev_t dev;
	ino_t ino;
};

struct fifo_files {
	struct fifo *list;
};

/* --- one FIFO --- */

/* Is it still what stands at its path? */
static bool is_in_place(const struct fifo *fifo)
{
	struct stat st;

	return lstat(fifo->path, &st) == 0 && st.st_dev == fifo->dev &&
	       st.st_ino == fifo->ino;
}

static void fifo_free(struct fifo *fifo)
{
	if (fifo->made && is_in_place(fifo))
		unlink(fifo->path);
	close(fifo->fd);
	x_free(fifo->path);
	x_free(fifo);
}

static int open_once(const char *path)
{
	int fd = open(
		path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Root without the capability to pass over modes opens what somebody else
 * owns in that one's name. */
static int open_as_owner(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return -errno;
	setfsgid(st.st_gid);
	setfsuid(st.st_uid);
	fd = open_once(path);
	setfsuid(geteuid());
	setfsgid(getegid());
	return fd;
}

static int open_fifo(const char *path, struct stat *st)
{
	int fd = open_once(path);

	if (fd == -EACCES)
		fd = open_as_owner(path);
	if (fd < 0)
		return fd;
	if (fstat(fd, st) == 0 && S_ISFIFO(st->st_mode))
		return fd;
	close(fd);
	return -ENOTUNIQ; /* said as "no FIFO" below */
}

static void find_owner(const struct fifos_conf *conf,
	const struct fifo_word *word, uid_t *ret_uid, gid_t *ret_gid)
{
	const char *user = word->user ? word->user : conf->user;
	const char *group = word->user ? word->group : conf->group;
	const struct passwd *pw = getpwnam(user ? user : DEFAULT_USER);
	const struct group *gr = group ? getgrnam(group) : NULL;

	*ret_uid = pw ? pw->pw_uid : 0;
	*ret_gid = gr ? gr->gr_gid : pw ? pw->pw_gid : 0;
}

/* It was made a moment ago, by root: nobody else's is given away. */
static int give_away(int fd, const struct stat *st,
	const struct fifos_conf *conf, const struct fifo_word *word)
{
	uid_t uid;
	gid_t gid;

	if (st->st_uid != geteuid() || st->st_nlink != 1)
		return -EEXIST;
	find_owner(conf, word, &uid, &gid);
	if (fchmod(fd, FIFO_MODE) < 0)
		return -errno;
	if ((uid != st->st_uid || gid != st->st_gid) &&
		fchown(fd, uid, gid) < 0)
		return -errno;
	return 0;
}

static int make_fifo(const struct fifos_conf *conf,
	const struct fifo_word *word, struct fifo *ret)
{
	bool made = mkfifo(word->path, FIFO_MODE) == 0;
	struct stat st;
	int err = 0;
	int fd;

	if (!made && errno != EEXIST)
		return -errno;
	fd = open_fifo(word->path, &st);
	if (fd < 0)
		return fd;
	if (made)
		err = give_away(fd, &st, conf, word);
	if (err) {
		close(fd);
		return err;
	}
	*ret = (struct fifo){
		.fd = fd,
		.made = made,
		.dev = st.st_dev,
		.ino = st.st_ino,
	};
	return 0;
}

/* --- all of them --- */

static struct fifo *find(const struct fifo_files *fifos, const char *path)
{
	struct fifo *fifo;

	DL_FOREACH (fifos->list, fifo)
		if (!strcmp(fifo->path, path))
			return fifo;
	return NULL;
}

static void open_one(struct fifo_files *fifos, const struct fifos_conf *conf,
	const struct fifo_word *word)
{
	struct fifo made;
	struct fifo *fifo;
	int err = make_fifo(conf, word, &made);

	if (err) {
		log_error("cannot open FIFO %s: %s", word->path,
			err == -ENOTUNIQ ? "it is no FIFO" : strerror(-err));
		return;
	}
	fifo = x_new(struct fifo, 1);
	*fifo = made;
	fifo->path = x_strdup(word->path);
	DL_APPEND(fifos->list, fifo);
	log_info("FIFO %s: %s", fifo->path,
		fifo->made ? "made" : "there already, used as it is");
}

void fifo_files_open(struct fifo_files *fifos, const struct fifos_conf *conf)
{
	struct fifo *fifo;
	unsigned int i;

	for (i = 0; i < conf->n; i++) {
		const struct fifo_word *word = conf->list[i].word;

		fifo = find(fifos, word->path);
		if (fifo && is_in_place(fifo))
			continue;
		/* Somebody removed it, or put another in its place. */
		if (fifo) {
			DL_DELETE(fifos->list, fifo);
			fifo_free(fifo);
		}
		open_one(fifos, conf, word);
	}
}

static void send_one(struct roles *roles, uint32_t generation,
	const struct msg_fifo *m, int fd)
{
	struct buf_writer w = { .data = NULL };

	msg_put_fifo(&w, m);
	roles_send(roles, ROLE_RUNNER, MSG_FIFO, generation, &w, fd);
	buf_writer_free(&w);
}

void fifo_files_send(const struct fifo_files *fifos, struct roles *roles,
	const struct fifos_conf *conf, uint32_t generation)
{
	struct msg_fifo m = { .count = (uint8_t)conf->n, .path = "" };
	unsigned int i;

	if (!conf->n)
		send_one(roles, generation, &m, -1);
	for (i = 0; i < conf->n; i++) {
		const struct fifo_conf *one = &conf->list[i];
		const struct fifo *fifo = find(fifos, one->word->path);

		m.index = (uint8_t)i;
		m.events = (uint8_t)one->events;
		m.script_node = one->script ? one->script->node : 0;
		m.path = one->word->path;
		send_one(roles, generation, &m, fifo ? fifo->fd : -1);
	}
}

static bool is_wanted(const struct fifos_conf *conf, const char *path)
{
	unsigned int i;

	for (i = 0; i < conf->n; i++)
		if (!strcmp(conf->list[i].word->path, path))
			return true;
	return false;
}

void fifo_files_keep(struct fifo_files *fifos, const struct fifos_conf *conf)
{
	struct fifo *fifo;
	struct fifo *next;

	DL_FOREACH_SAFE (fifos->list, fifo, next) {
		if (is_wanted(conf, fifo->path))
			continue;
		DL_DELETE(fifos->list, fifo);
		fifo_free(fifo);
	}
}

struct fifo_files *fifo_files_new(void)
{
	return x_new(struct fifo_files, 1);
}

void fifo_files_free(struct fifo_files *fifos)
{
	struct fifo *fifo;
	struct fifo *next;

	DL_FOREACH_SAFE (fifos->list, fifo, next) {
		DL_DELETE(fifos->list, fifo);
		fifo_free(fifo);
	}
	x_free(fifos);
}

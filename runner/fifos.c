/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/fifos.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/fifos_internal.h"
#include "runner/run.h"

#define KEY "fifo/"
/* At a stop: how often it is looked whether a script has read everything, and
 * how long it may take for that. */
#define LOOK_US (10 * USEC_PER_MSEC)
#define READ_US (1 * USEC_PER_SEC)

/* --- what the supervisor keeps of it --- */

static void make_key(char *key, size_t size, uint64_t id)
{
	snprintf(key, size, KEY "%020" PRIu64, id);
}

static void remember(struct fifos *fifos, const struct fifo *fifo, uint64_t id,
	const char *line, size_t subject_len)
{
	struct buf_writer w = { .data = NULL };
	char key[32];

	make_key(key, sizeof(key), id);
	buf_put_str(&w, fifo->path);
	buf_put_u32(&w, (uint32_t)subject_len);
	buf_put_str(&w, line);
	role_checkpoint(fifos->role, key, w.data, w.len);
	buf_writer_free(&w);
}

static void forget(struct fifos *fifos, uint64_t id)
{
	char key[32];

	make_key(key, sizeof(key), id);
	role_checkpoint(fifos->role, key, NULL, 0);
}

static int compare_restored(const struct restored *a, const struct restored *b)
{
	return (a->id > b->id) - (a->id < b->id);
}

/* They are given back in the order in which they were noted. */
static void insert_restored(struct fifos *fifos, struct restored *restored)
{
	if (restored->id > fifos->last_id)
		DL_APPEND(fifos->restored, restored);
	else
		DL_INSERT_INORDER(fifos->restored, restored, compare_restored);
	if (restored->id > fifos->last_id)
		fifos->last_id = restored->id;
}

bool fifos_restore(
	struct fifos *fifos, const char *key, const void *data, size_t len)
{
	struct restored *restored;
	struct buf_reader r;
	const char *path;
	const char *text;
	uint32_t subject_len;

	if (strncmp(key, KEY, strlen(KEY)) != 0)
		return false;
	buf_reader_init(&r, data, len);
	path = buf_get_str(&r);
	subject_len = buf_get_u32(&r);
	text = buf_get_str(&r);
	if (buf_reader_finish(&r) < 0 || subject_len > strlen(text))
		return true;
	restored = x_new(struct restored, 1);
	restored->id = strtoull(key + strlen(KEY), NULL, 10);
	restored->subject_len = subject_len;
	restored->path = x_strdup(path);
	restored->text = x_strdup(text);
	insert_restored(fifos, restored);
	return true;
}

/* --- one FIFO --- */

static void fifo_free(struct fifo *fifo)
{
	loop_io_free(fifo->io);
	fifo_queue_free(fifo->queue);
	fifo_script_free(fifo->script);
	if (fifo->fd >= 0)
		close(fifo->fd);
	x_free(fifo->path);
	x_free(fifo);
}

static void free_all(struct fifo **list)
{
	struct fifo *fifo;
	struct fifo *next;

	DL_FOREACH_SAFE (*list, fifo, next) {
		DL_DELETE(*list, fifo);
		fifo_free(fifo);
	}
}

/* 0 when the FIFO takes no more now. */
static size_t write_some(struct fifo *fifo, const char *text, size_t len)
{
	ssize_t n;

	do
		n = write(fifo->fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (size_t)n;
	if (errno != EAGAIN)
		log_limited(&fifo->limit, LOG_LEVEL_ERROR,
			"cannot write to FIFO %s: %s", fifo->path,
			strerror(errno));
	return 0;
}

static void flush(struct fifo *fifo)
{
	struct fifo_line line;
	uint64_t id;
	size_t n;

	while (fifo_queue_first(fifo->queue, &line)) {
		n = write_some(fifo, line.text, line.len);
		if (!n)
			return;
		id = fifo_queue_wrote(fifo->queue, n);
		if (id) {
			forget(fifo->fifos, id);
			fifo->written++;
		}
	}
	loop_io_free(fifo->io);
	fifo->io = NULL;
	log_notice("FIFO %s: all lines that waited are written", fifo->path);
}

static void on_writable(int fd, unsigned int events, void *user_data)
{
	struct fifo *fifo = user_data;

	(void)fd;
	(void)events;
	flush(fifo);
	if (!fifo->io)
		fifo->fifos->changed(fifo->fifos->user_data);
}

static void lose(struct fifo *fifo)
{
	fifo->lost++;
	fifo->lost_us = time_monotonic_us();
	log_limited(&fifo->limit, LOG_LEVEL_ERROR,
		"FIFO %s: a line is lost, its reader does not read (%" PRIu64
		" so far)",
		fifo->path, fifo->lost);
}

static void enqueue(struct fifo *fifo, uint64_t id, const char *line,
	size_t subject_len)
{
	struct fifos *fifos = fifo->fifos;
	uint64_t dropped =
		fifo_queue_push(fifo->queue, id, line, subject_len);

	if (dropped) {
		forget(fifos, dropped);
		lose(fifo);
	}
	if (fifo->io || fifo->fd < 0)
		return;
	log_warning("FIFO %s is full: lines wait for its reader", fifo->path);
	fifo->io = loop_io_new(role_loop(fifos->role), fifo->fd, LOOP_WRITE,
		on_writable, fifo);
}

static void fifo_write(struct fifo *fifo, const char *line, size_t subject_len)
{
	size_t len = strlen(line);
	size_t n = 0;
	uint64_t id;

	if (fifo->fd < 0) {
		fifo->lost++;
		return;
	}
	if (!fifo_queue_count(fifo->queue))
		n = write_some(fifo, line, len);
	if (n == len) {
		fifo->written++;
		return;
	}
	id = ++fifo->fifos->last_id;
	enqueue(fifo, id, line, subject_len);
	if (n)
		fifo_queue_wrote(fifo->queue, n);
	remember(fifo->fifos, fifo, id, line, subject_len);
}

bool fifos_want(const struct fifos *fifos, unsigned int source)
{
	const struct fifo *fifo;

	DL_FOREACH (fifos->list, fifo)
		if (fifo->events & source)
			return true;
	return false;
}

void fifos_write(struct fifos *fifos, unsigned int source, const char *line,
	size_t subject_len)
{
	struct fifo *fifo;

	DL_FOREACH (fifos->list, fifo)
		if (fifo->events & source)
			fifo_write(fifo, line, subject_len);
}

/* --- generations --- */

void fifos_offer(struct fifos *fifos, uint32_t generation,
	const struct msg_fifo *m, int fd)
{
	struct fifo *fifo;

	if (!m->count || !m->index)
		free_all(&fifos->offered);
	fifos->offered_generation = generation;
	if (!m->count)
		return;
	fifo = x_new(struct fifo, 1);
	fifo->fifos = fifos;
	fifo->path = x_strdup(m->path);
	fifo->events = m->events;
	fifo->script_node = m->script_node;
	fifo->fd = fd;
	fifo->queue = fifo_queue_new(FIFO_QUEUE_MAX);
	DL_APPEND(fifos->offered, fifo);
}

static void free_ending(struct ending *ending)
{
	DL_DELETE(ending->fifos->endings, ending);
	fifo_script_free(ending->script);
	x_free(ending);
}

static void script_ended(void *user_data)
{
	struct ending *ending = user_data;
	struct fifos *fifos = ending->fifos;

	free_ending(ending);
	fifos->changed(fifos->user_data);
}

/* Tells the script of FIFO to end, if it has one. */
static void end_script(struct fifo *fifo)
{
	struct ending *ending;

	if (!fifo->script)
		return;
	ending = x_new(struct ending, 1);
	ending->fifos = fifo->fifos;
	ending->script = fifo->script;
	DL_APPEND(fifo->fifos->endings, ending);
	fifo->script = NULL;
	fifo_script_end(ending->script, script_ended, ending);
	if (!fifo_script_pid(ending->script))
		free_ending(ending);
}

/* FIFO, which stays, is now what OFFERED says. */
static void take_over(struct fifo *fifo, struct fifo *offered)
{
	int fd = fifo->fd;

	fifo->events = offered->events;
	fifo->script_node = offered->script_node;
	loop_io_free(fifo->io);
	fifo->io = NULL;
	fifo->fd = offered->fd;
	offered->fd = fd;
	fifo_free(offered);
}

static struct fifo *find(struct fifo *list, const char *path)
{
	struct fifo *fifo;

	DL_FOREACH (list, fifo)
		if (!strcmp(fifo->path, path))
			return fifo;
	return NULL;
}

static void drop(struct fifos *fifos, struct fifo *fifo)
{
	size_t waiting = fifo_queue_count(fifo->queue);
	struct fifo_line line;

	if (waiting)
		log_warning("FIFO %s is no longer configured: %zu lines that "
			    "waited are lost",
			fifo->path, waiting);
	while (fifo_queue_first(fifo->queue, &line))
		forget(fifos, fifo_queue_wrote(fifo->queue, line.len));
	end_script(fifo);
	fifo_free(fifo);
}

/* A script that is another one now is told to end, and the new one starts at
 * once: a line that the old one takes yet is not lost. */
static void fit_script(struct fifo *fifo, struct script_table *table)
{
	const struct script_spec *spec =
		fifo->script_node ? script_table_get(table, fifo->script_node)
				  : NULL;

	if (fifo->script && spec && fifo_script_is(fifo->script, spec))
		return;
	end_script(fifo);
	if (spec && fifo->fd >= 0)
		fifo->script = fifo_script_new(fifo->fifos->role,
			fifo->fifos->runs, table, spec, fifo->path);
}

/* What the predecessor had not written. */
static void resume(struct fifos *fifos)
{
	struct restored *restored;
	struct restored *next;

	DL_FOREACH_SAFE (fifos->restored, restored, next) {
		struct fifo *fifo = find(fifos->list, restored->path);

		if (fifo)
			enqueue(fifo, restored->id, restored->text,
				restored->subject_len);
		else
			forget(fifos, restored->id);
		DL_DELETE(fifos->restored, restored);
		x_free(restored->path);
		x_free(restored->text);
		x_free(restored);
	}
}

void fifos_commit(struct fifos *fifos, struct script_table *table)
{
	struct fifo *old = fifos->list;
	struct fifo *fifo;
	struct fifo *next;

	if (fifos->offered_generation != script_table_generation(table))
		free_all(&fifos->offered);
	fifos->list = NULL;
	DL_FOREACH_SAFE (fifos->offered, fifo, next) {
		struct fifo *same = find(old, fifo->path);

		DL_DELETE(fifos->offered, fifo);
		if (same) {
			DL_DELETE(old, same);
			take_over(same, fifo);
		}
		DL_APPEND(fifos->list, same ? same : fifo);
	}
	DL_FOREACH_SAFE (old, fifo, next) {
		DL_DELETE(old, fifo);
		drop(fifos, fifo);
	}
	resume(fifos);
	DL_FOREACH (fifos->list, fifo) {
		if (fifo->fd >= 0 && !fifo->io &&
			fifo_queue_count(fifo->queue))
			fifo->io = loop_io_new(role_loop(fifos->role),
				fifo->fd, LOOP_WRITE, on_writable, fifo);
		fit_script(fifo, table);
	}
}

/* --- stop --- */

/* Bytes in the pipe that nobody has read. */
static bool is_unread(const struct fifo *fifo)
{
	int n = 0;

	return fifo->fd >= 0 && ioctl(fifo->fd, FIONREAD, &n) == 0 && n > 0;
}

/* What is in the pipe whoever else reads it reads without us; a script of
 * ours is told to end. */
static bool waits_for_reading(const struct fifos *fifos)
{
	const struct fifo *fifo;

	DL_FOREACH (fifos->list, fifo) {
		if (fifo->io)
			return true;
		if (fifo->script && fifo_script_pid(fifo->script) &&
			is_unread(fifo))
			return true;
	}
	return false;
}

static void end_scripts(struct fifos *fifos)
{
	struct fifo *fifo;

	DL_FOREACH (fifos->list, fifo)
		end_script(fifo);
}

static void tell_lost(const struct fifos *fifos)
{
	const struct fifo *fifo;

	DL_FOREACH (fifos->list, fifo)
		if (fifo_queue_count(fifo->queue))
			log_warning("FIFO %s: %zu lines were never read and "
				    "are lost",
				fifo->path, fifo_queue_count(fifo->queue));
}

bool fifos_stop_step(
	struct fifos *fifos, int64_t deadline_us, int64_t *ret_again_us)
{
	int64_t now = time_monotonic_us();

	if (!fifos->read_by_us)
		fifos->read_by_us = now + READ_US;
	*ret_again_us = now + LOOK_US;
	if (now < fifos->read_by_us && waits_for_reading(fifos))
		return false;
	end_scripts(fifos);
	if (fifos->endings && now < deadline_us)
		return false;
	tell_lost(fifos);
	return true;
}

/* --- life --- */

struct fifos *fifos_new(
	struct role *role, void (*changed)(void *user_data), void *user_data)
{
	struct fifos *fifos = x_new(struct fifos, 1);

	fifos->role = role;
	fifos->runs = run_pool_new(role_loop(role));
	fifos->changed = changed;
	fifos->user_data = user_data;
	return fifos;
}

void fifos_free(struct fifos *fifos)
{
	struct restored *restored;
	struct restored *next;

	free_all(&fifos->list);
	free_all(&fifos->offered);
	while (fifos->endings)
		free_ending(fifos->endings);
	DL_FOREACH_SAFE (fifos->restored, restored, next) {
		DL_DELETE(fifos->restored, restored);
		x_free(restored->path);
		x_free(restored->text);
		x_free(restored);
	}
	run_pool_free(fifos->runs);
	x_free(fifos);
}

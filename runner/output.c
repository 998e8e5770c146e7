/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/output.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"

#define OUTPUT_KEEP 1024
/* Pipes of processes that scripts left behind. */
#define OUTPUT_LEFT_MAX 64
/* How often one look reads at most, so that a script that writes without end
 * does not keep the runner busy. */
#define OUTPUT_BURST 4
#define OUTPUT_CHUNK 16384

struct output {
	struct output *prev;
	struct output *next;
	struct output_pool *pool;
	struct loop_io *io;
	int fd; /* -1 = ended */
	size_t len;
	bool cut;
	bool released;
	char text[OUTPUT_KEEP + 1];
};

struct output_pool {
	struct loop *loop;
	struct output *left; /* oldest first */
	unsigned int n_left;
	struct log_limit limit;
};

struct output_pool *output_pool_new(struct loop *loop)
{
	struct output_pool *pool = x_new(struct output_pool, 1);

	pool->loop = loop;
	return pool;
}

static void output_close(struct output *output)
{
	if (output->fd < 0)
		return;
	loop_io_free(output->io);
	close(output->fd);
	output->fd = -1;
}

static void output_free(struct output *output)
{
	struct output_pool *pool = output->pool;

	if (output->released) {
		DL_DELETE(pool->left, output);
		pool->n_left--;
	}
	output_close(output);
	x_free(output);
}

void output_pool_free(struct output_pool *pool)
{
	if (!pool)
		return;
	while (pool->left)
		output_free(pool->left);
	x_free(pool);
}

static void output_keep(struct output *output, const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (output->len == OUTPUT_KEEP) {
			output->cut = true;
			return;
		}
		if (c == '\t' || c == '\r')
			c = ' ';
		else if (c != '\n' && (c < 0x20 || c == 0x7f))
			c = '?';
		output->text[output->len++] = (char)c;
	}
}

static void output_read(struct output *output)
{
	char data[OUTPUT_CHUNK];
	int i;

	for (i = 0; i < OUTPUT_BURST && output->fd >= 0; i++) {
		ssize_t n = read(output->fd, data, sizeof(data));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0)
			output_close(output);
		else
			output_keep(output, data, (size_t)n);
	}
}

static void output_event(int fd, unsigned int events, void *user_data)
{
	struct output *output = user_data;

	(void)fd;
	(void)events;
	output_read(output);
	if (output->released && output->fd < 0)
		output_free(output);
}

struct output *output_new(struct output_pool *pool, int fd)
{
	struct output *output = x_new(struct output, 1);

	output->pool = pool;
	output->fd = fd;
	output->io =
		loop_io_new(pool->loop, fd, LOOP_READ, output_event, output);
	return output;
}

const char *output_text(struct output *output)
{
	output_read(output);
	return output->text;
}

bool output_was_cut(const struct output *output)
{
	return output->cut;
}

void output_release(struct output *output)
{
	struct output_pool *pool = output->pool;

	output_read(output);
	if (output->fd < 0) {
		output_free(output);
		return;
	}
	if (pool->n_left >= OUTPUT_LEFT_MAX) {
		log_limited(&pool->limit, LOG_LEVEL_WARNING,
			"more than %d processes that scripts left behind "
			"have their output open; closing the oldest",
			OUTPUT_LEFT_MAX);
		output_free(pool->left);
	}
	output->released = true;
	DL_APPEND(pool->left, output);
	pool->n_left++;
}

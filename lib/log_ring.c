/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"

#define RING_LINES 256u

struct log_ring_line {
	/* Which line of all this is, from 1; 0 = it is being written. */
	_Atomic uint64_t number;
	int64_t realtime_us;
	int32_t level;
	char text[LOG_RING_TEXT];
};

struct log_ring {
	_Atomic uint64_t written;
	struct log_ring_line lines[RING_LINES];
};

struct log_ring *log_ring_new(void)
{
	return x_new(struct log_ring, 1);
}

int log_ring_create(void)
{
	int fd = memfd_create("tandem-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, sizeof(struct log_ring)) < 0 ||
		fcntl(fd, F_ADD_SEALS,
			F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

struct log_ring *log_ring_map(int fd)
{
	struct stat st;
	void *memory;

	if (fstat(fd, &st) < 0 || st.st_size != sizeof(struct log_ring))
		return NULL;
	memory = mmap(NULL, sizeof(struct log_ring), PROT_READ | PROT_WRITE,
		MAP_SHARED, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

void log_ring_unmap(struct log_ring *ring)
{
	if (ring)
		munmap(ring, sizeof(*ring));
}

void log_ring_put(
	struct log_ring *ring, int64_t realtime_us, int level, const char *text)
{
	uint64_t number =
		atomic_load_explicit(&ring->written, memory_order_relaxed) + 1;
	struct log_ring_line *line = &ring->lines[number % RING_LINES];

	atomic_store_explicit(&line->number, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	line->realtime_us = realtime_us;
	line->level = level;
	snprintf(line->text, sizeof(line->text), "%s", text);
	atomic_store_explicit(&line->number, number, memory_order_release);
	atomic_store_explicit(&ring->written, number, memory_order_release);
}

/* Copies line NUMBER when it is there and whole. */
static int ring_copy(const struct log_ring *ring, uint64_t number,
	struct log_ring_line *ret_line)
{
	const struct log_ring_line *line = &ring->lines[number % RING_LINES];

	if (atomic_load_explicit(&line->number, memory_order_acquire) != number)
		return -EAGAIN;
	ret_line->realtime_us = line->realtime_us;
	ret_line->level = line->level;
	memcpy(ret_line->text, line->text, sizeof(line->text));
	ret_line->text[sizeof(ret_line->text) - 1] = '\0';
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&line->number, memory_order_relaxed) != number)
		return -EAGAIN;
	return 0;
}

void log_ring_each(const struct log_ring *ring,
	void (*callback)(int64_t realtime_us, int level, const char *text,
		void *user_data),
	void *user_data)
{
	uint64_t last =
		atomic_load_explicit(&ring->written, memory_order_acquire);
	uint64_t number = last > RING_LINES ? last - RING_LINES : 0;
	struct log_ring_line line;

	while (number < last) {
		number++;
		if (ring_copy(ring, number, &line) == 0)
			callback(line.realtime_us, line.level, line.text,
				user_data);
	}
}

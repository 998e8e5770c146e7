/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log_ring.h"
#include "lib/mem.h"

struct seen {
	unsigned int n;
	int64_t first_us;
	int64_t last_us;
	char last[LOG_RING_TEXT];
};

static void note(
	int64_t realtime_us, int level, const char *text, void *user_data)
{
	struct seen *seen = user_data;

	(void)level;
	if (!seen->n++)
		seen->first_us = realtime_us;
	seen->last_us = realtime_us;
	assert_true(strlen(text) < LOG_RING_TEXT);
	snprintf(seen->last, sizeof(seen->last), "%s", text);
}

static struct seen read_ring(const struct log_ring *ring)
{
	struct seen seen = { .n = 0 };

	log_ring_each(ring, note, &seen);
	return seen;
}

static void test_the_last_lines_stay(void **state)
{
	struct log_ring *ring = log_ring_new();
	struct seen seen;
	int i;

	(void)state;
	assert_int_equal(read_ring(ring).n, 0);
	for (i = 1; i <= 1000; i++)
		log_ring_put(ring, i, 1, "line");
	seen = read_ring(ring);
	assert_int_equal(seen.n, 256);
	assert_int_equal(seen.first_us, 745);
	assert_int_equal(seen.last_us, 1000);
	x_free(ring);
}

static void test_a_line_that_is_too_long_is_cut(void **state)
{
	struct log_ring *ring = log_ring_new();
	char text[2 * LOG_RING_TEXT];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_ring_put(ring, 1, 1, text);
	assert_int_equal(strlen(read_ring(ring).last), LOG_RING_TEXT - 1);
	x_free(ring);
}

/* Killed in the middle of writing, most likely; then a successor goes on. */
static void test_what_a_killed_process_wrote_is_there(void **state)
{
	int fd = log_ring_create();
	struct log_ring *ring = log_ring_map(fd);
	struct seen seen;
	pid_t pid;
	int i;

	(void)state;
	assert_non_null(ring);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		for (i = 1;; i++)
			log_ring_put(ring, i, 1, "of the child");
	while (read_ring(ring).n < 200)
		;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	seen = read_ring(ring);
	assert_in_range(seen.n, 200, 256);
	assert_string_equal(seen.last, "of the child");
	log_ring_put(ring, 7, 1, "of its successor");
	assert_string_equal(read_ring(ring).last, "of its successor");
	assert_true(read_ring(ring).n >= 200);
	log_ring_unmap(ring);
	close(fd);
}

/* Whatever is in it, there are at most 256 lines with an end. */
static void test_garbage_in_the_ring_is_survived(void **state)
{
	int fd = log_ring_create();
	struct log_ring *ring = log_ring_map(fd);
	struct stat st;
	unsigned char *bytes;
	unsigned int seed;
	off_t i;

	(void)state;
	assert_int_equal(fstat(fd, &st), 0);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		MAP_SHARED, fd, 0);
	assert_true(bytes != MAP_FAILED);
	for (seed = 0; seed < 256; seed++) {
		memset(bytes, (int)seed, (size_t)st.st_size);
		assert_true(read_ring(ring).n <= 256);
		for (i = 0; i < st.st_size; i++)
			bytes[i] = (unsigned char)(i * 131 + seed);
		assert_true(read_ring(ring).n <= 256);
	}
	munmap(bytes, (size_t)st.st_size);
	log_ring_unmap(ring);
	close(fd);
}

/* A role cannot take the memory from under the supervisor's feet. */
static void test_the_memory_cannot_shrink(void **state)
{
	int fd = log_ring_create();
	int other;

	(void)state;
	assert_true(fd >= 0);
	assert_true(ftruncate(fd, 0) < 0);
	close(fd);
	assert_null(log_ring_map(-1));
	other = open("/dev/null", O_RDWR);
	assert_null(log_ring_map(other));
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_last_lines_stay),
		cmocka_unit_test(test_a_line_that_is_too_long_is_cut),
		cmocka_unit_test(test_what_a_killed_process_wrote_is_there),
		cmocka_unit_test(test_garbage_in_the_ring_is_survived),
		cmocka_unit_test(test_the_memory_cannot_shrink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

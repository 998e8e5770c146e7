/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"

static bool is_zero(const unsigned char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (data[i])
			return false;
	return true;
}

static void test_arena_memory_is_zeroed_aligned_and_its_own(void **state)
{
	struct arena *arena = arena_new();
	unsigned char *pieces[2000];
	size_t sizes[2000];
	size_t i;

	(void)state;
	srandom(5);
	for (i = 0; i < 2000; i++) {
		sizes[i] = (size_t)(random() % 300);
		pieces[i] = arena_alloc(arena, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(uint64_t), 0);
		assert_true(is_zero(pieces[i], sizes[i]));
		memset(pieces[i], (int)(i % 255) + 1, sizes[i]);
	}
	for (i = 0; i < 2000; i++) {
		size_t k;

		for (k = 0; k < sizes[i]; k++)
			assert_int_equal(pieces[i][k], i % 255 + 1);
	}
	arena_free(arena);
}

static void test_an_arena_takes_pieces_larger_than_its_chunks(void **state)
{
	struct arena *arena = arena_new();
	unsigned char *small = arena_alloc(arena, 10);
	unsigned char *big = arena_alloc(arena, 3 << 20);
	unsigned char *after = arena_alloc(arena, 10);

	(void)state;
	memset(small, 1, 10);
	memset(big, 2, 3 << 20);
	memset(after, 3, 10);
	assert_int_equal(small[9], 1);
	assert_int_equal(big[(3 << 20) - 1], 2);
	assert_true(arena_used(arena) >= (3 << 20) + 20);
	arena_free(arena);
}

static void test_arena_strings_are_copies_with_an_end(void **state)
{
	struct arena *arena = arena_new();
	char text[] = "virtual";
	char *copy = arena_strdup(arena, text);
	char *part = arena_strndup(arena, text, 3);

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_string_equal(copy, "virtual");
	assert_string_equal(part, "vir");
	arena_free(arena);
	arena_free(NULL);
}

static void test_strings_and_zeroed_memory(void **state)
{
	char *copy = x_strndup("abcdef", 2);
	char *text = x_asprintf("%s-%d", copy, 7);
	int *numbers = x_new(int, 100);

	(void)state;
	assert_string_equal(text, "ab-7");
	assert_true(is_zero((unsigned char *)numbers, 100 * sizeof(int)));
	x_free(numbers);
	x_free(text);
	x_free(copy);
	x_free(NULL);
}

/* ASan refuses impossible sizes by ending the process itself: here malloc()
 * shall return NULL, as it does without ASan. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* A child does it, without a core file; the signal that ended it. */
static int signal_of(void (*doomed)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		close(STDERR_FILENO);
		doomed();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static volatile size_t huge = SIZE_MAX / 2;

static void realloc_overflow(void)
{
	x_free(x_realloc(NULL, huge, 8));
}

static void arena_overflow(void)
{
	arena_alloc(arena_new(), huge + 2);
}

static void test_impossible_sizes_end_the_process(void **state)
{
	(void)state;
	assert_int_equal(signal_of(realloc_overflow), SIGABRT);
	assert_int_equal(signal_of(arena_overflow), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_arena_memory_is_zeroed_aligned_and_its_own),
		cmocka_unit_test(
			test_an_arena_takes_pieces_larger_than_its_chunks),
		cmocka_unit_test(test_arena_strings_are_copies_with_an_end),
		cmocka_unit_test(test_strings_and_zeroed_memory),
		cmocka_unit_test(test_impossible_sizes_end_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

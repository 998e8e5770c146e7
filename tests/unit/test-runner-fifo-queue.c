/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/fifo_queue.h"

static uint64_t push(struct fifo_queue *queue, uint64_t id, const char *subject,
	const char *word)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %s\n", subject, word);
	return fifo_queue_push(queue, id, line, strlen(subject));
}

/* Takes the first line whole and says whether it is TEXT. */
static bool pops(struct fifo_queue *queue, uint64_t id, const char *text)
{
	struct fifo_line line;

	if (!fifo_queue_first(queue, &line))
		return false;
	return line.id == id && line.len == strlen(text) &&
	       !memcmp(line.text, text, line.len) &&
	       fifo_queue_wrote(queue, line.len) == id;
}

static void test_lines_leave_in_the_order_in_which_they_came(void **state)
{
	struct fifo_queue *queue = fifo_queue_new(10);
	struct fifo_line line;

	(void)state;
	assert_false(fifo_queue_first(queue, &line));
	assert_int_equal(push(queue, 1, "A", "UP"), 0);
	assert_int_equal(push(queue, 2, "B", "UP"), 0);
	assert_int_equal(push(queue, 3, "A", "DOWN"), 0);
	assert_int_equal(fifo_queue_count(queue), 3);
	assert_true(pops(queue, 1, "A UP\n"));
	assert_true(pops(queue, 2, "B UP\n"));
	assert_int_equal(push(queue, 4, "A", "UP"), 0);
	assert_true(pops(queue, 3, "A DOWN\n"));
	assert_true(pops(queue, 4, "A UP\n"));
	assert_false(fifo_queue_first(queue, &line));
	fifo_queue_free(queue);
}

static void test_a_full_queue_spares_the_last_word_on_each_subject(void **state)
{
	struct fifo_queue *queue = fifo_queue_new(3);

	(void)state;
	push(queue, 1, "B", "UP");
	push(queue, 2, "A", "UP");
	push(queue, 3, "A", "DOWN");
	/* 2 is old news, although 1 is older. */
	assert_int_equal(push(queue, 4, "C", "UP"), 2);
	/* A line of the same subject makes room for itself. */
	assert_int_equal(push(queue, 5, "C", "DOWN"), 4);
	/* Nothing is old news: the oldest goes. */
	assert_int_equal(push(queue, 6, "D", "UP"), 1);
	assert_true(pops(queue, 3, "A DOWN\n"));
	assert_true(pops(queue, 5, "C DOWN\n"));
	assert_true(pops(queue, 6, "D UP\n"));
	fifo_queue_free(queue);
}

static void test_a_line_that_has_begun_is_finished(void **state)
{
	struct fifo_queue *queue = fifo_queue_new(2);
	struct fifo_line line;

	(void)state;
	push(queue, 1, "A", "UP");
	assert_int_equal(fifo_queue_wrote(queue, 2), 0);
	assert_int_equal(push(queue, 2, "A", "DOWN"), 0);
	assert_int_equal(push(queue, 3, "A", "UP"), 2);
	assert_int_equal(push(queue, 4, "B", "UP"), 3);
	assert_true(fifo_queue_first(queue, &line));
	assert_int_equal(line.len, 3);
	assert_memory_equal(line.text, "UP\n", 3);
	assert_int_equal(fifo_queue_wrote(queue, 3), 1);
	assert_true(pops(queue, 4, "B UP\n"));
	fifo_queue_free(queue);
}

/* Whatever happens, a reader that reads to the end knows the truth about as
 * many subjects as fit, and never hears of anything out of order. */
static void test_what_is_read_last_is_true(void **state)
{
	enum { SUBJECTS = 8, MAX = 8, STEPS = 20000 };
	struct fifo_queue *queue = fifo_queue_new(MAX);
	unsigned int said[SUBJECTS] = { 0 };
	unsigned int heard[SUBJECTS] = { 0 };
	unsigned int seed = 7;
	unsigned int i;

	(void)state;
	for (i = 1; i <= STEPS; i++) {
		unsigned int s = (unsigned int)rand_r(&seed) % SUBJECTS;
		struct fifo_line line;
		char subject[8];
		char word[16];

		snprintf(subject, sizeof(subject), "S%u", s);
		snprintf(word, sizeof(word), "%u", i);
		push(queue, i, subject, word);
		said[s] = i;
		while (rand_r(&seed) % 3 == 0 &&
			fifo_queue_first(queue, &line)) {
			unsigned int number = 0;

			assert_int_equal(
				sscanf(line.text, "S%u %u", &s, &number), 2);
			assert_true(number > heard[s]);
			heard[s] = number;
			fifo_queue_wrote(queue, line.len);
		}
		assert_true(fifo_queue_count(queue) <= MAX);
	}
	while (fifo_queue_count(queue)) {
		struct fifo_line line;
		unsigned int s = 0;

		fifo_queue_first(queue, &line);
		assert_int_equal(sscanf(line.text, "S%u %u", &s, &i), 2);
		assert_true(i > heard[s]);
		heard[s] = i;
		fifo_queue_wrote(queue, line.len);
	}
	assert_memory_equal(said, heard, sizeof(said));
	fifo_queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_lines_leave_in_the_order_in_which_they_came),
		cmocka_unit_test(
			test_a_full_queue_spares_the_last_word_on_each_subject),
		cmocka_unit_test(test_a_line_that_has_begun_is_finished),
		cmocka_unit_test(test_what_is_read_last_is_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which script may start: order, overlap, limits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "runner/queue.h"

struct job {
	struct run_queue_entry entry;
	unsigned int subject;
	unsigned int number;
};

static const struct run_queue_limits limits = { 4, 5, 12 };

static struct job *job_of(struct run_queue_entry *entry)
{
	return (struct job *)(void *)entry;
}

static int push(struct run_queue *queue, struct job *job, const char *subject)
{
	memset(job, 0, sizeof(*job));
	return run_queue_push(queue, subject, &job->entry);
}

static void test_jobs_of_a_subject_keep_their_order_and_never_overlap(
	void **state)
{
	struct run_queue *queue = run_queue_new(&limits);
	struct job a;
	struct job b;

	(void)state;
	assert_null(run_queue_next(queue));
	assert_int_equal(push(queue, &a, "instance VI_1"), 0);
	assert_int_equal(push(queue, &b, "instance VI_1"), 0);
	assert_ptr_equal(run_queue_next(queue), &a.entry);
	assert_null(run_queue_next(queue));
	run_queue_done(queue, &a.entry);
	assert_ptr_equal(run_queue_next(queue), &b.entry);
	run_queue_done(queue, &b.entry);
	assert_null(run_queue_next(queue));
	assert_int_equal(run_queue_running(queue), 0);
	run_queue_free(queue);
}

static void test_subjects_run_side_by_side_up_to_the_limit(void **state)
{
	struct run_queue *queue = run_queue_new(&limits);
	struct job jobs[6];
	char name[16];
	unsigned int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "check %u", i);
		assert_int_equal(push(queue, &jobs[i], name), 0);
	}
	for (i = 0; i < 4; i++)
		assert_ptr_equal(run_queue_next(queue), &jobs[i].entry);
	assert_null(run_queue_next(queue));
	run_queue_done(queue, &jobs[2].entry);
	assert_ptr_equal(run_queue_next(queue), &jobs[4].entry);
	assert_null(run_queue_next(queue));
	for (i = 0; i < 6; i++)
		if (i != 2)
			run_queue_done(queue, &jobs[i].entry);
	assert_int_equal(run_queue_waiting(queue), 0);
	run_queue_free(queue);
}

static void test_a_full_queue_refuses_and_keeps_what_it_has(void **state)
{
	struct run_queue *queue = run_queue_new(&limits);
	struct job jobs[20];
	struct job extra;
	bool running;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(push(queue, &jobs[i], "a"), 0);
	assert_int_equal(push(queue, &extra, "a"), -ENOBUFS);
	for (i = 5; i < 10; i++)
		assert_int_equal(push(queue, &jobs[i], "b"), 0);
	for (i = 10; i < 12; i++)
		assert_int_equal(push(queue, &jobs[i], "c"), 0);
	assert_int_equal(push(queue, &extra, "d"), -ENOBUFS);
	assert_int_equal(run_queue_waiting(queue), 12);
	assert_int_equal(run_queue_subject_waiting(queue, "a", &running), 5);
	assert_false(running);
	assert_int_equal(run_queue_subject_waiting(queue, "d", &running), 0);
	for (i = 0; i < 12; i++)
		run_queue_done(queue, &jobs[i].entry);
	assert_int_equal(push(queue, &extra, "a"), 0);
	run_queue_done(queue, &extra.entry);
	run_queue_free(queue);
}

static void test_a_busy_subject_does_not_starve_the_others(void **state)
{
	struct run_queue_limits one = { 1, 5, 12 };
	struct run_queue *queue = run_queue_new(&one);
	struct job busy[3];
	struct job other;

	(void)state;
	push(queue, &busy[0], "busy");
	push(queue, &busy[1], "busy");
	push(queue, &busy[2], "busy");
	push(queue, &other, "other");
	assert_ptr_equal(run_queue_next(queue), &busy[0].entry);
	run_queue_done(queue, &busy[0].entry);
	assert_ptr_equal(run_queue_next(queue), &other.entry);
	run_queue_done(queue, &other.entry);
	run_queue_done(queue, &busy[2].entry);
	run_queue_done(queue, &busy[1].entry);
	run_queue_free(queue);
}

struct sweep {
	struct run_queue *queue;
	unsigned int subject;
	unsigned int left;
};

static void sweep_subject(struct run_queue_entry *entry, void *user_data)
{
	struct sweep *sweep = user_data;
	struct job *job = job_of(entry);

	if (job->subject != sweep->subject) {
		sweep->left++;
		return;
	}
	run_queue_done(sweep->queue, entry);
	free(job);
}

#define SUBJECTS 7
#define STEPS 20000

/* Random steps against the rule itself: numbers of a subject start in
 * ascending order, one at a time. */
static void test_random_steps_keep_the_rules(void **state)
{
	struct run_queue *queue = run_queue_new(&limits);
	struct job *running[SUBJECTS] = { NULL };
	unsigned int pushed[SUBJECTS] = { 0 };
	unsigned int started[SUBJECTS] = { 0 };
	unsigned int refused = 0;
	unsigned int step;

	(void)state;
	srand(20261124);
	for (step = 0; step < STEPS; step++) {
		unsigned int s = (unsigned int)rand() % SUBJECTS;
		char name[16];

		snprintf(name, sizeof(name), "s%u", s);
		switch (rand() % 8) {
		case 0:
		case 1:
		case 2: {
			struct job *job = x_new(struct job, 1);

			job->subject = s;
			job->number = pushed[s] + 1;
			if (run_queue_push(queue, name, &job->entry) < 0) {
				refused++;
				free(job);
			} else {
				pushed[s]++;
			}
			break;
		}
		case 3:
		case 4:
		case 5: {
			struct run_queue_entry *entry = run_queue_next(queue);
			struct job *job;

			if (!entry)
				break;
			job = job_of(entry);
			assert_null(running[job->subject]);
			assert_true(job->number > started[job->subject]);
			started[job->subject] = job->number;
			running[job->subject] = job;
			break;
		}
		case 6:
			if (!running[s])
				break;
			run_queue_done(queue, &running[s]->entry);
			free(running[s]);
			running[s] = NULL;
			break;
		case 7: {
			struct sweep sweep = { queue, s, 0 };

			if (rand() % 20)
				break;
			running[s] = NULL;
			run_queue_each(queue, sweep_subject, &sweep);
			assert_int_equal(
				sweep.left, run_queue_waiting(queue) +
						    run_queue_running(queue));
			break;
		}
		}
		assert_true(run_queue_running(queue) <= limits.parallel);
		assert_true(run_queue_waiting(queue) <= limits.total);
	}
	assert_true(refused > 0);
	for (step = 0; step < SUBJECTS; step++) {
		struct sweep sweep = { queue, step, 0 };

		assert_true(started[step] > 100);
		run_queue_each(queue, sweep_subject, &sweep);
	}
	assert_int_equal(run_queue_waiting(queue), 0);
	assert_int_equal(run_queue_running(queue), 0);
	run_queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_jobs_of_a_subject_keep_their_order_and_never_overlap),
		cmocka_unit_test(
			test_subjects_run_side_by_side_up_to_the_limit),
		cmocka_unit_test(
			test_a_full_queue_refuses_and_keeps_what_it_has),
		cmocka_unit_test(
			test_a_busy_subject_does_not_starve_the_others),
		cmocka_unit_test(test_random_steps_keep_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

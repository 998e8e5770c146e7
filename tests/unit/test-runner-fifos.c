/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing to FIFOs: the test is the role, the supervisor and the reader. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/file.h"
#include "config/generation.h"
#include "config/language.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/fifo_queue.h"
#include "runner/fifos.h"
#include "tests/unit/runner-toy.h"

#define PATH "/nowhere/fifo"
#define KEYS_MAX (FIFO_QUEUE_MAX + 16)

/* --- the role --- */

struct key {
	char name[32];
	uint8_t *data;
	size_t len;
};

static struct loop *loop;
static struct key *keys;
static size_t n_keys; /* places used, those that were forgotten too */
static size_t n_kept;

struct loop *role_loop(struct role *role)
{
	(void)role;
	return loop;
}

/* Lines are noted in their order and mostly forgotten in it. */
static struct key *find_key(const char *name)
{
	static size_t first;
	size_t i;

	if (first > n_keys)
		first = 0;
	while (first < n_keys && !keys[first].len)
		first++;
	for (i = first; i < n_keys; i++)
		if (keys[i].len && !strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

void role_checkpoint(
	struct role *role, const char *name, const void *data, size_t len)
{
	struct key *key;

	(void)role;
	if (!len) {
		key = find_key(name);
		if (!key)
			return;
		free(key->data);
		key->len = 0;
		n_kept--;
		return;
	}
	key = &keys[n_keys++];
	snprintf(key->name, sizeof(key->name), "%s", name);
	key->data = malloc(len);
	memcpy(key->data, data, len);
	key->len = len;
	n_kept++;
}

static void changed(void *user_data)
{
	(void)user_data;
}

/* --- a FIFO, a generation --- */

struct world {
	struct fifos *fifos;
	int read_fd;
	int write_fd;
};

static void commit(struct world *w, uint32_t generation, const char *path)
{
	static const char text[] = "instance A {\n notify /bin/true\n}\n";
	const struct msg_fifo fifo = {
		.count = 1,
		.events = FIFO_VRRP,
		.path = path,
	};
	struct conf_load_options options = { .config_id = "here" };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(&toy_language, "test.conf",
		text, strlen(text), &options, diags);
	struct script_table *table;
	int fd;

	assert_non_null(tree);
	diag_list_free(diags);
	fd = conf_generation_write(tree);
	assert_true(fd >= 0);
	assert_int_equal(script_table_open(fd, generation, &table), 0);
	close(fd);
	conf_tree_free(tree);
	fifos_offer(w->fifos, generation, &fifo,
		fcntl(w->write_fd, F_DUPFD_CLOEXEC, 0));
	fifos_commit(w->fifos, table);
	script_table_unref(table);
}

static void open_world(struct world *w)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	w->read_fd = fds[0];
	w->write_fd = fds[1];
	/* A page. */
	assert_true(fcntl(w->write_fd, F_SETPIPE_SZ, 4096) >= 4096);
	loop = loop_new();
	keys = x_new(struct key, KEYS_MAX * 2);
	n_keys = 0;
	n_kept = 0;
	find_key(""); /* from the front again */
	w->fifos = fifos_new(NULL, changed, NULL);
}

static void close_world(struct world *w)
{
	size_t i;

	fifos_free(w->fifos);
	loop_free(loop);
	close(w->read_fd);
	close(w->write_fd);
	for (i = 0; i < n_keys; i++)
		if (keys[i].len)
			free(keys[i].data);
	x_free(keys);
}

static int64_t status(const struct world *w, const char *key)
{
	struct json_object *problems = json_object_new_array();
	struct json_object *array = fifos_status(w->fifos, problems);
	struct json_object *value;
	int64_t number;

	assert_int_equal(json_object_array_length(array), 1);
	assert_true(json_object_object_get_ex(
		json_object_array_get_idx(array, 0), key, &value));
	number = json_object_get_int64(value);
	json_object_put(array);
	json_object_put(problems);
	return number;
}

static void write_line(struct world *w, unsigned int subject, unsigned int word)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "S%05u ", subject);

	snprintf(line + len, sizeof(line) - (size_t)len, "%05u\n", word);
	fifos_write(w->fifos, FIFO_VRRP, line, (size_t)len);
	fifos_write(w->fifos, FIFO_LVS, "no such event\n", 3);
}

static void on_time(void *user_data)
{
	(void)user_data;
	loop_stop(loop);
}

/* Reads all that there is, with the loop in between; lines have 13 bytes.
 * CALLBACK gets each. */
static size_t read_all(struct world *w,
	void (*callback)(unsigned int subject, unsigned int word))
{
	struct loop_timer *timer = loop_timer_new(loop, on_time, NULL);
	char line[14] = "";
	size_t lines = 0;
	int idle = 0;

	while (idle < 2) {
		unsigned int subject = 0;
		unsigned int word = 0;

		if (read(w->read_fd, line, 13) == 13) {
			assert_int_equal(
				sscanf(line, "S%5u %5u", &subject, &word), 2);
			callback(subject, word);
			lines++;
			idle = 0;
			continue;
		}
		idle++;
		loop_timer_set(timer, time_monotonic_us() + 1000);
		loop_run(loop);
	}
	loop_timer_free(timer);
	return lines;
}

/* --- tests --- */

static unsigned int next;

static void expect_next(unsigned int subject, unsigned int word)
{
	(void)subject;
	assert_int_equal(word, next);
	next++;
}

static void test_a_late_reader_gets_every_line(void **state)
{
	struct world w;
	unsigned int i;

	(void)state;
	open_world(&w);
	commit(&w, 1, PATH);
	for (i = 0; i < 2000; i++)
		write_line(&w, i % 7, i);
	assert_true(status(&w, "waiting") > 1000);
	assert_int_equal(status(&w, "waiting"), n_kept);
	assert_int_equal(
		status(&w, "waiting") + status(&w, "written"), 2000);
	/* A reload changes nothing. */
	commit(&w, 2, PATH);
	next = 0;
	assert_int_equal(read_all(&w, expect_next), 2000);
	assert_int_equal(n_kept, 0);
	assert_int_equal(status(&w, "written"), 2000);
	assert_int_equal(status(&w, "lost"), 0);
	close_world(&w);
}

static unsigned int last_words[FIFO_QUEUE_MAX];

static void note_word(unsigned int subject, unsigned int word)
{
	last_words[subject] = word;
}

static void test_what_is_too_much_is_counted_and_old_news(void **state)
{
	enum { SUBJECTS = 1000, LINES = FIFO_QUEUE_MAX + 5000 };
	struct world w;
	unsigned int i;

	(void)state;
	open_world(&w);
	commit(&w, 1, PATH);
	for (i = 0; i < LINES; i++)
		write_line(&w, i % SUBJECTS, i);
	assert_int_equal(status(&w, "waiting"), FIFO_QUEUE_MAX);
	assert_true(status(&w, "lost") > 4000);
	assert_int_equal(status(&w, "waiting") + status(&w, "written") +
				 status(&w, "lost"),
		LINES);
	assert_int_equal(n_kept, FIFO_QUEUE_MAX);
	read_all(&w, note_word);
	for (i = LINES - SUBJECTS; i < LINES; i++)
		assert_int_equal(last_words[i % SUBJECTS], i);
	close_world(&w);
}

static void test_a_successor_goes_on_where_it_was_killed(void **state)
{
	struct world w;
	size_t i;

	(void)state;
	open_world(&w);
	commit(&w, 1, PATH);
	for (i = 0; i < 2000; i++)
		write_line(&w, 0, (unsigned int)i);
	/* It is killed: what is noted stays. */
	fifos_free(w.fifos);
	assert_true(n_kept > 1000);
	w.fifos = fifos_new(NULL, changed, NULL);
	for (i = 0; i < n_keys; i++)
		if (keys[i].len)
			assert_true(fifos_restore(w.fifos, keys[i].name,
				keys[i].data, keys[i].len));
	assert_false(fifos_restore(w.fifos, "run/17", "", 0));
	assert_true(fifos_restore(w.fifos, "fifo/1", "bad", 3));
	commit(&w, 1, PATH);
	write_line(&w, 0, 2000);
	next = 0;
	assert_int_equal(read_all(&w, expect_next), 2001);
	assert_int_equal(n_kept, 0);
	close_world(&w);
}

static void test_lines_go_with_their_fifo(void **state)
{
	struct world w;
	unsigned int i;

	(void)state;
	open_world(&w);
	commit(&w, 1, PATH);
	for (i = 0; i < 2000; i++)
		write_line(&w, 0, i);
	commit(&w, 2, "/nowhere/other");
	assert_int_equal(n_kept, 0);
	assert_int_equal(status(&w, "waiting"), 0);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_late_reader_gets_every_line),
		cmocka_unit_test(test_what_is_too_much_is_counted_and_old_news),
		cmocka_unit_test(test_a_successor_goes_on_where_it_was_killed),
		cmocka_unit_test(test_lines_go_with_their_fifo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

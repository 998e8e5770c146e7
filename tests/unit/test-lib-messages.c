/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/messages.h"

/* --- each body: put, get, compare --- */

static void put_settings(struct buf_writer *w)
{
	msg_put_settings(
		w, &(struct msg_settings){ SETTINGS_DETAIL | SETTINGS_RESTARTED,
			   "/run/tandem", "tandem_vrrp", 027, 20000,
			   INT64_MAX });
}

static int get_settings(struct buf_reader *r)
{
	struct msg_settings m;
	int err = msg_get_settings(r, &m);

	if (!err) {
		assert_int_equal(m.flags, SETTINGS_DETAIL | SETTINGS_RESTARTED);
		assert_string_equal(m.runtime_dir, "/run/tandem");
		assert_string_equal(m.process_name, "tandem_vrrp");
		assert_int_equal(m.umask, 027);
		assert_int_equal(m.rttime_us, 20000);
		assert_true(m.predecessor_us == INT64_MAX);
	}
	return err;
}

static void put_checkpoint(struct buf_writer *w)
{
	msg_put_checkpoint(w, &(struct msg_checkpoint){ "key", "\0\1", 2 });
}

static int get_checkpoint(struct buf_reader *r)
{
	struct msg_checkpoint m;
	int err = msg_get_checkpoint(r, &m);

	if (!err) {
		assert_string_equal(m.key, "key");
		assert_int_equal(m.len, 2);
		assert_memory_equal(m.data, "\0\1", 2);
	}
	return err;
}

static void put_peer(struct buf_writer *w)
{
	msg_put_peer(w, &(struct msg_peer){ ROLE_RUNNER });
}

static int get_peer(struct buf_reader *r)
{
	struct msg_peer m;
	int err = msg_get_peer(r, &m);

	if (!err)
		assert_int_equal(m.role, ROLE_RUNNER);
	return err;
}

static void put_prepare(struct buf_writer *w)
{
	msg_put_prepare(w, &(struct msg_prepare){ true });
}

static int get_prepare(struct buf_reader *r)
{
	struct msg_prepare m;
	int err = msg_get_prepare(r, &m);

	if (!err)
		assert_true(m.dry_run);
	return err;
}

static void put_prepared(struct buf_writer *w)
{
	msg_put_prepared(w, &(struct msg_prepared){ -EINVAL, "no" });
}

static int get_prepared(struct buf_reader *r)
{
	struct msg_prepared m;
	int err = msg_get_prepared(r, &m);

	if (!err) {
		assert_int_equal(m.error, -EINVAL);
		assert_string_equal(m.text, "no");
	}
	return err;
}

static void put_ping(struct buf_writer *w)
{
	msg_put_ping(w, &(struct msg_ping){ UINT64_MAX, INT64_MAX });
}

static int get_ping(struct buf_reader *r)
{
	struct msg_ping m;
	int err = msg_get_ping(r, &m);

	if (!err) {
		assert_true(m.number == UINT64_MAX);
		assert_true(m.stall_us == INT64_MAX);
	}
	return err;
}

static void put_request(struct buf_writer *w)
{
	msg_put_request(w, &(struct msg_request){ 17, "{}" });
}

static int get_request(struct buf_reader *r)
{
	struct msg_request m;
	int err = msg_get_request(r, &m);

	if (!err) {
		assert_int_equal(m.id, 17);
		assert_string_equal(m.json, "{}");
	}
	return err;
}

static void put_answer(struct buf_writer *w)
{
	msg_put_answer(w, &(struct msg_answer){ 17, -ENOENT });
}

static int get_answer(struct buf_reader *r)
{
	struct msg_answer m;
	int err = msg_get_answer(r, &m);

	if (!err) {
		assert_int_equal(m.id, 17);
		assert_int_equal(m.error, -ENOENT);
	}
	return err;
}

static void put_stop(struct buf_writer *w)
{
	msg_put_stop(w, &(struct msg_stop){ STOP_LEAVE });
}

static int get_stop(struct buf_reader *r)
{
	struct msg_stop m;
	int err = msg_get_stop(r, &m);

	if (!err)
		assert_int_equal(m.mode, STOP_LEAVE);
	return err;
}

static void put_check_states(struct buf_writer *w)
{
	msg_begin_check_states(w, true, 2);
	msg_put_check_state(w, &(struct msg_check_state){ 4, 5, CHECK_STATE_UP,
				       REASON_CHECK_OK, CHECK_WEIGHT_NONE, false });
	msg_put_check_state(
		w, &(struct msg_check_state){
			   6, 7, CHECK_STATE_DOWN, REASON_CHECK_REFUSED, -3, true });
}

static int get_check_states(struct buf_reader *r)
{
	struct msg_check_state m = { .server_node = 0 };
	uint32_t count;
	uint32_t i;
	bool last;

	if (msg_get_check_states(r, &last, &count) < 0)
		return -EBADMSG;
	assert_in_range(count, 0, MSG_CHECK_STATES_MAX);
	for (i = 0; i < count; i++)
		if (msg_get_check_state(r, &m) < 0)
			return -EBADMSG;
	if (buf_reader_finish(r) < 0)
		return -EBADMSG;
	assert_true(last);
	assert_int_equal(count, 2);
	assert_int_equal(m.server_node, 6);
	assert_int_equal(m.check_node, 7);
	assert_int_equal(m.state, CHECK_STATE_DOWN);
	assert_true(m.adds);
	assert_int_equal(m.reason, REASON_CHECK_REFUSED);
	assert_int_equal(m.weight, -3);
	return 0;
}

static void put_bfd_states(struct buf_writer *w)
{
	msg_begin_bfd_states(w, 2);
	msg_put_bfd_state(
		w, &(struct msg_bfd_state){ "leaf1", BFD_SESSION_UP, "" });
	msg_put_bfd_state(w, &(struct msg_bfd_state){ "leaf2",
				     BFD_SESSION_DOWN,
				     "detection-time-expired" });
}

static int get_bfd_states(struct buf_reader *r)
{
	struct msg_bfd_state m[2];
	uint32_t count;
	int err = msg_get_bfd_states(r, &count);

	for (uint32_t i = 0; !err && i < count && i < 2; i++)
		err = msg_get_bfd_state(r, &m[i]);
	if (!err)
		err = buf_reader_finish(r);
	if (!err) {
		assert_int_equal(count, 2);
		assert_string_equal(m[0].session, "leaf1");
		assert_int_equal(m[0].state, BFD_SESSION_UP);
		assert_string_equal(m[1].session, "leaf2");
		assert_int_equal(m[1].state, BFD_SESSION_DOWN);
		assert_string_equal(m[1].detail, "detection-time-expired");
	}
	return err;
}

static void put_vrrp_state(struct buf_writer *w)
{
	msg_put_vrrp_state(
		w, &(struct msg_vrrp_state){ "VI_1", VRRP_STATE_ACTIVE });
}

static int get_vrrp_state(struct buf_reader *r)
{
	struct msg_vrrp_state m;
	int err = msg_get_vrrp_state(r, &m);

	if (!err) {
		assert_string_equal(m.instance, "VI_1");
		assert_int_equal(m.state, VRRP_STATE_ACTIVE);
	}
	return err;
}

static void put_run(struct buf_writer *w)
{
	msg_put_run(w, &(struct msg_run){ 99, 12, "check 17", 5000, 2,
			       { "INSTANCE", "VI_1" } });
}

static int get_run(struct buf_reader *r)
{
	struct msg_run m;
	int err = msg_get_run(r, &m);

	if (!err) {
		assert_int_equal(m.id, 99);
		assert_int_equal(m.node, 12);
		assert_string_equal(m.subject, "check 17");
		assert_int_equal(m.timeout_us, 5000);
		assert_int_equal(m.n_args, 2);
		assert_string_equal(m.args[1], "VI_1");
	}
	return err;
}

static void put_ran(struct buf_writer *w)
{
	msg_put_ran(w, &(struct msg_ran){ 99, RUN_SIGNALED, 9, 1234 });
}

static int get_ran(struct buf_reader *r)
{
	struct msg_ran m;
	int err = msg_get_ran(r, &m);

	if (!err) {
		assert_int_equal(m.id, 99);
		assert_int_equal(m.outcome, RUN_SIGNALED);
		assert_int_equal(m.value, 9);
		assert_int_equal(m.duration_us, 1234);
	}
	return err;
}

static void put_events(struct buf_writer *w)
{
	msg_begin_events(w, 3, 1);
	msg_put_event(w, &(struct msg_event){ EVENT_CHECK, EVENT_DOWN,
				 EVENT_FLAGS_ALL, 100, 12, 13, 2, 1 });
}

static int get_events(struct buf_reader *r)
{
	struct msg_event m;
	uint64_t lost;
	uint32_t count;

	if (msg_get_events(r, &lost, &count) < 0 || msg_get_event(r, &m) < 0)
		return -EBADMSG;
	if (buf_reader_finish(r) < 0)
		return -EBADMSG;
	assert_int_equal(lost, 3);
	assert_int_equal(count, 1);
	assert_int_equal(m.subject, EVENT_CHECK);
	assert_int_equal(m.what, EVENT_DOWN);
	assert_int_equal(m.flags, EVENT_FLAGS_ALL);
	assert_int_equal(m.priority, 100);
	assert_int_equal(m.node, 12);
	assert_int_equal(m.check_node, 13);
	assert_int_equal(m.threshold, 2);
	assert_int_equal(m.weight, 1);
	return 0;
}

static void put_fifo(struct buf_writer *w)
{
	msg_put_fifo(w, &(struct msg_fifo){ 1, 2, FIFO_LVS, 7, "/run/f" });
}

static int get_fifo(struct buf_reader *r)
{
	struct msg_fifo m;
	int err = msg_get_fifo(r, &m);

	if (!err) {
		assert_int_equal(m.index, 1);
		assert_int_equal(m.count, 2);
		assert_int_equal(m.events, FIFO_LVS);
		assert_int_equal(m.script_node, 7);
		assert_string_equal(m.path, "/run/f");
	}
	return err;
}

static const struct {
	void (*put)(struct buf_writer *w);
	int (*get)(struct buf_reader *r);
} bodies[] = {
	{ put_settings, get_settings },
	{ put_checkpoint, get_checkpoint },
	{ put_peer, get_peer },
	{ put_prepare, get_prepare },
	{ put_prepared, get_prepared },
	{ put_ping, get_ping },
	{ put_request, get_request },
	{ put_answer, get_answer },
	{ put_stop, get_stop },
	{ put_check_states, get_check_states },
	{ put_bfd_states, get_bfd_states },
	{ put_vrrp_state, get_vrrp_state },
	{ put_run, get_run },
	{ put_ran, get_ran },
	{ put_events, get_events },
	{ put_fifo, get_fifo },
};

#define N_BODIES (sizeof(bodies) / sizeof(bodies[0]))

static void test_every_body_comes_back_as_it_was_put(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_BODIES; i++) {
		struct buf_writer w = { .data = NULL };
		struct buf_reader r;

		bodies[i].put(&w);
		buf_reader_init(&r, w.data, w.len);
		assert_int_equal(bodies[i].get(&r), 0);
		buf_writer_free(&w);
	}
}

/* The bytes in memory of exactly their size, for the sanitizer. */
static int get_bytes(
	int (*get)(struct buf_reader *r), const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct buf_reader r;
	int err;

	if (len)
		memcpy(copy, data, len);
	buf_reader_init(&r, copy, len);
	err = get(&r);
	free(copy);
	return err;
}

static void test_every_truncation_and_every_byte_more_is_refused(void **state)
{
	size_t i;
	size_t len;

	(void)state;
	for (i = 0; i < N_BODIES; i++) {
		struct buf_writer w = { .data = NULL };

		bodies[i].put(&w);
		for (len = 0; len < w.len; len++)
			assert_int_equal(get_bytes(bodies[i].get, w.data, len),
				-EBADMSG);
		buf_put_u8(&w, 0);
		assert_int_equal(
			get_bytes(bodies[i].get, w.data, w.len), -EBADMSG);
		buf_writer_free(&w);
	}
}

/* --- values that no enum has --- */

static int get_peer_any(struct buf_reader *r)
{
	return msg_get_peer(r, &(struct msg_peer){ 0 });
}

static int get_stop_any(struct buf_reader *r)
{
	return msg_get_stop(r, &(struct msg_stop){ 0 });
}

static int get_prepare_any(struct buf_reader *r)
{
	return msg_get_prepare(r, &(struct msg_prepare){ 0 });
}

static void test_enums_out_of_range_are_refused(void **state)
{
	static const uint8_t peer = ROLE_COUNT;
	static const uint8_t stop = STOP_LEAVE + 1;
	static const uint8_t flag = 2;

	(void)state;
	assert_int_equal(get_bytes(get_peer_any, &peer, 1), -EBADMSG);
	assert_int_equal(get_bytes(get_stop_any, &stop, 1), -EBADMSG);
	assert_int_equal(get_bytes(get_prepare_any, &flag, 1), -EBADMSG);
}

static void test_a_check_state_has_a_known_state_and_reason(void **state)
{
	static const struct msg_check_state bad[] = {
		{ 1, 2, (enum check_state)0, REASON_NONE, 0, false },
		{ 1, 2, (enum check_state)3, REASON_NONE, 0, false },
		{ 1, 2, CHECK_STATE_UP, REASON_COUNT, 0, false },
	};
	struct msg_check_state m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf_writer w = { .data = NULL };
		struct buf_reader r;

		msg_put_check_state(&w, &bad[i]);
		buf_reader_init(&r, w.data, w.len);
		assert_int_equal(msg_get_check_state(&r, &m), -EBADMSG);
		buf_writer_free(&w);
	}
}

static void test_lists_have_a_limit(void **state)
{
	struct msg_run run = { .subject = "s" };
	struct buf_writer w = { .data = NULL };
	struct buf_reader r;
	uint32_t count;
	bool last;

	(void)state;
	msg_begin_check_states(&w, false, MSG_CHECK_STATES_MAX + 1);
	buf_reader_init(&r, w.data, w.len);
	assert_int_equal(msg_get_check_states(&r, &last, &count), -EBADMSG);
	buf_writer_reset(&w);

	buf_put_u64(&w, 1);
	buf_put_u32(&w, 2);
	buf_put_str(&w, "subject");
	buf_put_i64(&w, 0);
	buf_put_u32(&w, MSG_RUN_ARGS_MAX + 1);
	buf_reader_init(&r, w.data, w.len);
	assert_int_equal(msg_get_run(&r, &run), -EBADMSG);
	buf_writer_free(&w);
}

static void test_a_timeout_is_not_negative(void **state)
{
	struct msg_run run = { .subject = "s", .timeout_us = -1 };
	struct buf_writer w = { .data = NULL };
	struct buf_reader r;

	(void)state;
	msg_put_run(&w, &run);
	buf_reader_init(&r, w.data, w.len);
	assert_int_equal(msg_get_run(&r, &run), -EBADMSG);
	buf_writer_free(&w);
}

static int get_garbage(size_t i, struct buf_reader *r)
{
	union {
		struct msg_settings settings;
		struct msg_checkpoint checkpoint;
		struct msg_prepared prepared;
		struct msg_request request;
		struct msg_vrrp_state vrrp;
		struct msg_run run;
		struct msg_ran ran;
	} m;

	switch (i) {
	case 0:
		return msg_get_settings(r, &m.settings);
	case 1:
		return msg_get_checkpoint(r, &m.checkpoint);
	case 2:
		return msg_get_prepared(r, &m.prepared);
	case 3:
		return msg_get_request(r, &m.request);
	case 4:
		return msg_get_vrrp_state(r, &m.vrrp);
	case 5:
		return msg_get_run(r, &m.run);
	default:
		return msg_get_ran(r, &m.ran);
	}
}

static void test_random_bodies_are_read_safely(void **state)
{
	int round;

	(void)state;
	srandom(11);
	for (round = 0; round < 50000; round++) {
		size_t len = (size_t)(random() % 80);
		uint8_t *data = malloc(len ? len : 1);
		struct buf_reader r;
		size_t i;

		/* Mostly small numbers, so that lengths are often right. */
		for (i = 0; i < len; i++)
			data[i] = (uint8_t)(random() % 4 ? 0 : random() % 16);
		buf_reader_init(&r, data, len);
		get_garbage((size_t)round % 7, &r);
		assert_true(r.pos <= r.end);
		free(data);
	}
}

static void test_everything_has_a_name(void **state)
{
	uint16_t type;
	unsigned int id;
	unsigned int reason;

	(void)state;
	for (id = 0; id < ROLE_COUNT; id++)
		assert_string_not_equal(
			role_id_name((enum role_id)id), "unknown");
	assert_string_equal(role_id_name(ROLE_COUNT), "unknown");
	for (type = MSG_SETTINGS; type <= MSG_RAN; type++)
		assert_string_not_equal(message_type_name(type), "unknown");
	assert_string_equal(message_type_name(0), "unknown");
	assert_string_equal(message_type_name(UINT16_MAX), "unknown");
	assert_string_equal(vrrp_state_name(VRRP_STATE_FAULT), "FAULT");
	for (reason = 0; reason < REASON_COUNT; reason++)
		assert_string_not_equal(
			reason_text((enum reason)reason), "unknown");
	assert_string_equal(reason_text(REASON_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_body_comes_back_as_it_was_put),
		cmocka_unit_test(
			test_every_truncation_and_every_byte_more_is_refused),
		cmocka_unit_test(test_enums_out_of_range_are_refused),
		cmocka_unit_test(
			test_a_check_state_has_a_known_state_and_reason),
		cmocka_unit_test(test_lists_have_a_limit),
		cmocka_unit_test(test_a_timeout_is_not_negative),
		cmocka_unit_test(test_random_bodies_are_read_safely),
		cmocka_unit_test(test_everything_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

static void put_everything(struct buf_writer *w)
{
	struct ip_endpoint endpoint = { .port = 8080 };
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse("192.0.2.1", &addr), 0);
	assert_int_equal(ip_addr_parse("2001:db8::7", &endpoint.addr), 0);
	buf_put_u8(w, 0xab);
	buf_put_u16(w, 0xabcd);
	buf_put_u32(w, 0xabcdef01);
	buf_put_u64(w, UINT64_C(0xabcdef0123456789));
	buf_put_i32(w, INT32_MIN);
	buf_put_i64(w, INT64_MIN);
	buf_put_str(w, "text");
	buf_put_str(w, NULL);
	buf_put_blob(w, "\0\1\2", 3);
	buf_put_addr(w, &addr);
	buf_put_endpoint(w, &endpoint);
}

static void get_everything(struct buf_reader *r)
{
	buf_get_u8(r);
	buf_get_u16(r);
	buf_get_u32(r);
	buf_get_u64(r);
	buf_get_i32(r);
	buf_get_i64(r);
	assert_non_null(buf_get_str(r));
	assert_non_null(buf_get_str(r));
	buf_get_blob(r, &(size_t){ 0 });
	buf_get_addr(r);
	buf_get_endpoint(r);
}

static void test_everything_comes_back_as_it_was_put(void **state)
{
	struct buf_writer w = { .data = NULL };
	struct ip_endpoint endpoint;
	struct buf_reader r;
	char text[IP_ENDPOINT_STRLEN];
	struct ip_addr addr;
	size_t len;

	(void)state;
	put_everything(&w);
	buf_reader_init(&r, w.data, w.len);
	assert_int_equal(buf_get_u8(&r), 0xab);
	assert_int_equal(buf_get_u16(&r), 0xabcd);
	assert_int_equal(buf_get_u32(&r), 0xabcdef01);
	assert_true(buf_get_u64(&r) == UINT64_C(0xabcdef0123456789));
	assert_int_equal(buf_get_i32(&r), INT32_MIN);
	assert_true(buf_get_i64(&r) == INT64_MIN);
	assert_string_equal(buf_get_str(&r), "text");
	assert_string_equal(buf_get_str(&r), "");
	assert_memory_equal(buf_get_blob(&r, &len), "\0\1\2", 3);
	assert_int_equal(len, 3);
	addr = buf_get_addr(&r);
	assert_string_equal(ip_addr_format(&addr, text), "192.0.2.1");
	endpoint = buf_get_endpoint(&r);
	assert_string_equal(
		ip_endpoint_format(&endpoint, text), "[2001:db8::7]:8080");
	assert_int_equal(buf_reader_finish(&r), 0);
	buf_writer_free(&w);
}

static void test_every_truncation_is_noticed(void **state)
{
	struct buf_writer w = { .data = NULL };
	size_t len;

	(void)state;
	put_everything(&w);
	for (len = 0; len < w.len; len++) {
		/* An exact copy, so that a sanitizer sees a byte too far. */
		uint8_t *copy = malloc(len ? len : 1);
		struct buf_reader r;

		if (len)
			memcpy(copy, w.data, len);
		buf_reader_init(&r, copy, len);
		get_everything(&r);
		assert_int_equal(buf_reader_finish(&r), -EBADMSG);
		free(copy);
	}
	buf_writer_free(&w);
}

static void test_what_is_left_over_is_an_error(void **state)
{
	struct buf_reader r;

	(void)state;
	buf_reader_init(&r, "\1\2", 2);
	buf_get_u8(&r);
	assert_int_equal(buf_reader_finish(&r), -EBADMSG);
}

static void test_a_failure_sticks_and_gives_zeros(void **state)
{
	struct buf_reader r;

	(void)state;
	buf_reader_init(&r, "\1\2\3", 3);
	assert_int_equal(buf_get_u32(&r), 0);
	assert_int_equal(buf_get_u8(&r), 0);
	assert_string_equal(buf_get_str(&r), "");
	assert_int_equal(buf_reader_finish(&r), -EBADMSG);
}

static void assert_bad_string(const void *data, size_t len)
{
	struct buf_writer w = { .data = NULL };
	struct buf_reader r;

	buf_put_blob(&w, data, len);
	buf_reader_init(&r, w.data, w.len);
	assert_string_equal(buf_get_str(&r), "");
	assert_int_equal(buf_reader_finish(&r), -EBADMSG);
	buf_writer_free(&w);
}

static void test_strings_end_with_their_only_nul(void **state)
{
	(void)state;
	assert_bad_string("", 0);
	assert_bad_string("abc", 3);
	assert_bad_string("a\0c", 3);
	assert_bad_string("a\0c", 4);
}

static void test_a_length_beyond_the_end_reads_nothing(void **state)
{
	static const uint32_t lengths[] = { 1, 5, 0x7fffffff, 0xffffffff };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct buf_writer w = { .data = NULL };
		struct buf_reader r;
		size_t len = 99;

		buf_put_u32(&w, lengths[i]);
		buf_reader_init(&r, w.data, w.len);
		assert_null(buf_get_blob(&r, &len));
		assert_int_equal(len, 0);
		assert_int_equal(buf_reader_finish(&r), -EBADMSG);
		buf_writer_free(&w);
	}
}

static void test_an_address_of_no_family_is_an_error(void **state)
{
	struct buf_reader r;

	(void)state;
	buf_reader_init(&r, "\x63\1\2\3\4", 5);
	assert_int_equal(buf_get_addr(&r).family, AF_UNSPEC);
	assert_int_equal(buf_reader_finish(&r), -EBADMSG);
}

static void test_random_bytes_never_read_past_the_end(void **state)
{
	int round;

	(void)state;
	srandom(3);
	for (round = 0; round < 20000; round++) {
		size_t len = (size_t)(random() % 64);
		uint8_t *data = malloc(len ? len : 1);
		struct buf_reader r;
		size_t i;

		for (i = 0; i < len; i++)
			data[i] = (uint8_t)(random() % 5 ? random() : 0);
		buf_reader_init(&r, data, len);
		get_everything(&r);
		assert_true(r.pos <= r.end);
		free(data);
	}
}

static void test_a_writer_grows_and_can_be_used_again(void **state)
{
	struct buf_writer w = { .data = NULL };
	struct buf_reader r;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		buf_put_u32(&w, i);
	buf_reader_init(&r, w.data, w.len);
	for (i = 0; i < 100000; i++)
		assert_int_equal(buf_get_u32(&r), i);
	buf_writer_reset(&w);
	assert_int_equal(w.len, 0);
	buf_put_u8(&w, 7);
	assert_int_equal(w.data[0], 7);
	buf_writer_free(&w);
	assert_null(w.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_comes_back_as_it_was_put),
		cmocka_unit_test(test_every_truncation_is_noticed),
		cmocka_unit_test(test_what_is_left_over_is_an_error),
		cmocka_unit_test(test_a_failure_sticks_and_gives_zeros),
		cmocka_unit_test(test_strings_end_with_their_only_nul),
		cmocka_unit_test(test_a_length_beyond_the_end_reads_nothing),
		cmocka_unit_test(test_an_address_of_no_family_is_an_error),
		cmocka_unit_test(test_random_bytes_never_read_past_the_end),
		cmocka_unit_test(test_a_writer_grows_and_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

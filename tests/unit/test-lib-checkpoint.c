/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checkpoint.h"

struct seen {
	char text[256];
};

static void collect(
	const char *key, const void *data, size_t len, void *user_data)
{
	struct seen *seen = user_data;
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof(seen->text) - used, "%s=%.*s ", key,
		(int)len, (const char *)data);
}

static void assert_holds(
	const struct checkpoint_store *store, const char *expected)
{
	struct seen seen = { .text = "" };

	checkpoint_store_each(store, collect, &seen);
	assert_string_equal(seen.text, expected);
}

static void test_a_later_value_replaces_an_earlier_one(void **state)
{
	struct checkpoint_store *store = checkpoint_store_new(1000, 1000);

	(void)state;
	assert_int_equal(checkpoint_store_put(store, "a", "one", 3), 0);
	assert_int_equal(checkpoint_store_put(store, "b", "two", 3), 0);
	assert_int_equal(checkpoint_store_put(store, "a", "three", 5), 0);
	assert_holds(store, "a=three b=two ");
	assert_int_equal(checkpoint_store_bytes(store), 1 + 5 + 1 + 3);
	checkpoint_store_free(store);
}

static void test_an_empty_value_forgets_the_key(void **state)
{
	struct checkpoint_store *store = checkpoint_store_new(1000, 1000);

	(void)state;
	checkpoint_store_put(store, "a", "one", 3);
	assert_int_equal(checkpoint_store_put(store, "a", NULL, 0), 0);
	assert_int_equal(checkpoint_store_put(store, "never", NULL, 0), 0);
	assert_int_equal(checkpoint_store_count(store), 0);
	assert_int_equal(checkpoint_store_bytes(store), 0);
	checkpoint_store_free(store);
}

static void test_a_full_store_keeps_what_it_has(void **state)
{
	struct checkpoint_store *store = checkpoint_store_new(10, 1000);

	(void)state;
	assert_int_equal(checkpoint_store_put(store, "a", "12345", 5), 0);
	assert_int_equal(checkpoint_store_put(store, "b", "1234", 4), -ENOSPC);
	assert_int_equal(
		checkpoint_store_put(store, "longkey", "1", 1), -ENOSPC);
	assert_int_equal(
		checkpoint_store_put(store, "a", "1234567890", 10), -ENOSPC);
	assert_holds(store, "a=12345 ");
	assert_int_equal(checkpoint_store_put(store, "b", "123", 3), 0);
	assert_int_equal(checkpoint_store_put(store, "a", "54321", 5), 0);
	assert_holds(store, "a=54321 b=123 ");
	checkpoint_store_free(store);
}

static void test_the_number_of_keys_has_a_limit(void **state)
{
	struct checkpoint_store *store = checkpoint_store_new(1000, 2);

	(void)state;
	assert_int_equal(checkpoint_store_put(store, "a", "1", 1), 0);
	assert_int_equal(checkpoint_store_put(store, "b", "2", 1), 0);
	assert_int_equal(checkpoint_store_put(store, "c", "3", 1), -ENOSPC);
	assert_int_equal(checkpoint_store_put(store, "b", "4", 1), 0);
	assert_int_equal(checkpoint_store_put(store, "a", NULL, 0), 0);
	assert_int_equal(checkpoint_store_put(store, "c", "3", 1), 0);
	assert_holds(store, "b=4 c=3 ");
	checkpoint_store_free(store);
}

/* The sum that the store keeps must be that of its entries, always. */
static void count_bytes(
	const char *key, const void *data, size_t len, void *user_data)
{
	size_t *sum = user_data;

	(void)data;
	*sum += strlen(key) + len;
}

static void test_the_sum_is_right_after_random_changes(void **state)
{
	struct checkpoint_store *store = checkpoint_store_new(2000, 1000);
	char data[64] = "";
	char key[16];
	int i;

	(void)state;
	srandom(7);
	for (i = 0; i < 20000; i++) {
		size_t sum = 0;

		snprintf(key, sizeof(key), "key%ld", random() % 100);
		checkpoint_store_put(store, key, data, (size_t)(random() % 64));
		checkpoint_store_each(store, count_bytes, &sum);
		assert_int_equal(checkpoint_store_bytes(store), sum);
		assert_true(sum <= 2000);
	}
	checkpoint_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_later_value_replaces_an_earlier_one),
		cmocka_unit_test(test_an_empty_value_forgets_the_key),
		cmocka_unit_test(test_a_full_store_keeps_what_it_has),
		cmocka_unit_test(test_the_number_of_keys_has_a_limit),
		cmocka_unit_test(test_the_sum_is_right_after_random_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

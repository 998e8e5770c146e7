/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forwarding table and the difference of two: properties over random
 * tables. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs-ctl/diff.h"
#include "lib/mem.h"

/* --- random tables, the same in every run --- */

static uint32_t random_state;

static uint32_t random_next(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static struct ip_endpoint endpoint_of(uint32_t host, uint16_t port)
{
	struct ip_endpoint endpoint = { .port = port };

	endpoint.addr.family = AF_INET;
	endpoint.addr.v4.s_addr = htonl(0x0a000000u + host);
	return endpoint;
}

static struct table_dest random_dest(uint32_t hosts)
{
	struct table_dest dest = { .weight = (int32_t)random_next(4) };

	dest.endpoint = endpoint_of(
		random_next(hosts), (uint16_t)(80 + random_next(2)));
	dest.forward = random_next(4) ? TABLE_FORWARD_NAT :
					TABLE_FORWARD_TUNNEL;
	dest.tunnel = dest.forward == TABLE_FORWARD_TUNNEL && random_next(2);
	dest.upper = random_next(8) ? 0 : 100;
	return dest;
}

static struct table_key random_key(uint32_t services)
{
	struct ip_endpoint endpoint =
		endpoint_of(0x10000 + random_next(services), 80);
	struct table_key key;

	if (random_next(5) == 0)
		table_key_fwmark(&key, random_next(2) ? AF_INET : AF_INET6,
			1 + random_next(services));
	else
		table_key_address(&key,
			random_next(2) ? IPPROTO_TCP : IPPROTO_UDP, &endpoint);
	return key;
}

static struct table_attributes random_attributes(void)
{
	static const char *const schedulers[] = { "rr", "wlc", "mh" };
	struct table_attributes attributes = { .flags = random_next(2) };

	strcpy(attributes.scheduler, schedulers[random_next(3)]);
	attributes.netmask = UINT32_MAX;
	attributes.timeout_s = attributes.flags ? 300 : 0;
	return attributes;
}

static void fill_random(struct table *table, uint32_t services, uint32_t hosts)
{
	uint32_t n = random_next(services + 1);
	uint32_t i;
	uint32_t j;

	for (i = 0; i < n; i++) {
		struct table_key key = random_key(services);
		struct table_attributes attributes = random_attributes();
		struct table_service *service =
			table_service_new(&key, &attributes);
		uint32_t dests = random_next(hosts + 1);

		for (j = 0; j < dests; j++) {
			struct table_dest dest = random_dest(hosts);

			table_service_push(service, &dest);
		}
		table_service_sort(service);
		table_put(table, service);
	}
}

/* A table that shares most with FROM, as after a small change. */
static void fill_similar(struct table *table, const struct table *from)
{
	struct table_service *service;
	size_t i;

	fill_random(table, 4, 6);
	table_for_each(from, service) {
		struct table_service *copy;

		if (random_next(8) == 0)
			continue;
		copy = table_service_new(&service->key, &service->attributes);
		if (random_next(8) == 0)
			copy->attributes = random_attributes();
		for (i = 0; i < service->n_dests; i++) {
			struct table_dest dest = service->dests[i];

			if (random_next(6) == 0)
				continue;
			if (random_next(4) == 0)
				dest.weight = (int32_t)random_next(4);
			table_service_push(copy, &dest);
		}
		if (random_next(3) == 0) {
			struct table_dest dest = random_dest(6);

			table_service_push(copy, &dest);
		}
		table_service_sort(copy);
		table_put(table, copy);
	}
}

/* Every third service that nobody wants is ours. */
static bool owned(const struct table_key *key, const void *user_data)
{
	(void)user_data;
	return (key->fwmark + key->addr[3]) % 3 == 0;
}

static const struct diff_policy policy = { .owned = owned };

static void expect_reached(const struct table *before,
	const struct table *after, const struct table *desired)
{
	const struct table_service *service;
	const struct table_service *was;

	table_for_each(desired, service)
		assert_true(table_service_equal(
			service, table_find(after, &service->key)));
	table_for_each(before, service) {
		if (table_find(desired, &service->key))
			continue;
		was = table_find(after, &service->key);
		if (owned(&service->key, NULL)) {
			assert_null(was);
		} else {
			assert_non_null(was);
			assert_true(table_service_equal(service, was));
		}
	}
}

static size_t usable_in(const struct table *table, const struct table_key *key)
{
	const struct table_service *service = table_find(table, key);

	return service ? table_service_usable(service) : 0;
}

/* Applies OPS one by one; after each, services that were usable in BEFORE
 * and are in DESIRED must be usable. */
static void apply_watching(struct table *table, const struct table_ops *ops,
	const struct table *before, const struct table *desired)
{
	size_t i;

	for (i = 0; i < ops->n; i++) {
		const struct table_key *key = &ops->items[i].key;

		table_apply(table, &ops->items[i], NULL, 1);
		if (usable_in(before, key) && usable_in(desired, key))
			assert_int_not_equal(usable_in(table, key), 0);
	}
}

static void test_applied_difference_is_the_desired_table(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		struct table kernel = { .services = NULL };
		struct table before = { .services = NULL };
		struct table desired = { .services = NULL };
		struct diff_result diff = { .give = { .n = 0 } };

		random_state = round;
		fill_random(&kernel, 12, 10);
		table_copy(&before, &kernel);
		if (round % 2)
			fill_similar(&desired, &kernel);
		else
			fill_random(&desired, 12, 10);

		diff_tables(&kernel, &desired, &policy, &diff);
		apply_watching(&kernel, &diff.give, &before, &desired);
		assert_int_equal(
			diff_guard_take(&kernel, &desired, &diff.take), 0);
		apply_watching(&kernel, &diff.take, &before, &desired);
		expect_reached(&before, &kernel, &desired);

		diff_result_free(&diff);
		diff_tables(&kernel, &desired, &policy, &diff);
		assert_true(diff_result_is_empty(&diff));
		table_clear(&kernel);
		table_clear(&before);
		table_clear(&desired);
	}
}

static void test_batch_applies_like_single_operations(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 500; round++) {
		struct table one = { .services = NULL };
		struct table many = { .services = NULL };
		struct table desired = { .services = NULL };
		struct diff_result diff = { .give = { .n = 0 } };
		int errors[4096];
		size_t i;

		random_state = 77000 + round;
		fill_random(&one, 8, 40);
		table_copy(&many, &one);
		fill_similar(&desired, &one);
		diff_tables(&one, &desired, &policy, &diff);
		assert_true(diff.give.n < 4096);
		for (i = 0; i < diff.give.n; i++)
			errors[i] = random_next(5) ? 0 : -12;
		table_apply(&many, diff.give.items, errors, diff.give.n);
		for (i = 0; i < diff.give.n; i++)
			if (!errors[i])
				table_apply(&one, &diff.give.items[i], NULL, 1);
		assert_true(table_equal(&one, &many));
		diff_result_free(&diff);
		table_clear(&one);
		table_clear(&many);
		table_clear(&desired);
	}
}

static void test_failed_additions_keep_the_old_servers(void **state)
{
	unsigned int guarded = 0;
	unsigned int round;

	(void)state;
	for (round = 0; round < 1000; round++) {
		struct table kernel = { .services = NULL };
		struct table before = { .services = NULL };
		struct table desired = { .services = NULL };
		struct diff_result diff = { .give = { .n = 0 } };
		int errors[1024];
		size_t i;

		random_state = 555000 + round;
		fill_random(&kernel, 6, 4);
		table_copy(&before, &kernel);
		fill_similar(&desired, &kernel);
		diff_tables(&kernel, &desired, &policy, &diff);
		for (i = 0; i < diff.give.n; i++)
			errors[i] = random_next(2) ? 0 : -12;
		table_apply(&kernel, diff.give.items, errors, diff.give.n);
		guarded += diff_guard_take(&kernel, &desired, &diff.take) > 0;
		apply_watching(&kernel, &diff.take, &before, &desired);

		/* The next pass converges. */
		diff_result_free(&diff);
		diff_tables(&kernel, &desired, &policy, &diff);
		table_apply(&kernel, diff.give.items, NULL, diff.give.n);
		table_apply(&kernel, diff.take.items, NULL, diff.take.n);
		expect_reached(&before, &kernel, &desired);
		diff_result_free(&diff);
		table_clear(&kernel);
		table_clear(&before);
		table_clear(&desired);
	}
	assert_true(guarded > 5);
}

/* Carries out OPS, of which one in six fails. */
static void apply_failing(struct table *table, const struct table_ops *ops)
{
	int *errors = x_new(int, ops->n + 1);
	size_t i;

	for (i = 0; i < ops->n; i++)
		errors[i] = random_next(6) ? 0 : -12;
	table_apply(table, ops->items, errors, ops->n);
	x_free(errors);
}

/* 200 services with 2,000 servers; whatever fails, and wherever. */
static void test_large_tables_converge_whatever_fails(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 20; round++) {
		struct table kernel = { .services = NULL };
		struct table before = { .services = NULL };
		struct table desired = { .services = NULL };
		struct diff_result diff = { .give = { .n = 0 } };
		const struct table_service *service;
		unsigned int passes = 0;

		random_state = 910000 + round;
		while (table_count(&kernel) < 100)
			fill_random(&kernel, 220, 22);
		table_copy(&before, &kernel);
		fill_similar(&desired, &kernel);
		for (;;) {
			diff_tables(&kernel, &desired, &policy, &diff);
			if (diff_result_is_empty(&diff))
				break;
			assert_true(passes++ < 50);
			apply_failing(&kernel, &diff.give);
			diff_guard_take(&kernel, &desired, &diff.take);
			apply_failing(&kernel, &diff.take);
			table_for_each(&before, service)
				if (usable_in(&before, &service->key) &&
					usable_in(&desired, &service->key))
					assert_int_not_equal(usable_in(&kernel,
						&service->key), 0);
			diff_result_free(&diff);
		}
		expect_reached(&before, &kernel, &desired);
		table_clear(&kernel);
		table_clear(&before);
		table_clear(&desired);
	}
}

static void test_foreign_services_stay_without_a_policy(void **state)
{
	struct table kernel = { .services = NULL };
	struct table desired = { .services = NULL };
	struct diff_result diff = { .give = { .n = 0 } };

	(void)state;
	random_state = 1;
	while (table_count(&kernel) < 5)
		fill_random(&kernel, 12, 10);
	diff_tables(&kernel, &desired, NULL, &diff);
	assert_true(diff_result_is_empty(&diff));
	table_clear(&kernel);
}

static void test_counters_are_no_difference(void **state)
{
	struct table kernel = { .services = NULL };
	struct table desired = { .services = NULL };
	struct diff_result diff = { .give = { .n = 0 } };
	struct table_service *service;

	(void)state;
	random_state = 3;
	fill_random(&desired, 12, 10);
	table_copy(&kernel, &desired);
	table_for_each(&kernel, service)
		if (service->n_dests)
			service->dests[0].active = 17;
	diff_tables(&kernel, &desired, &policy, &diff);
	assert_true(diff_result_is_empty(&diff));
	table_clear(&kernel);
	table_clear(&desired);
}

static void test_of_two_equal_endpoints_the_first_stays(void **state)
{
	struct table_key key;
	struct table_attributes attributes = { .scheduler = "rr" };
	struct table_service *service;
	struct table_dest dest = { .weight = 1 };

	(void)state;
	table_key_fwmark(&key, AF_INET, 1);
	service = table_service_new(&key, &attributes);
	dest.endpoint = endpoint_of(9, 80);
	table_service_push(service, &dest);
	dest.endpoint = endpoint_of(3, 80);
	dest.weight = 5;
	table_service_push(service, &dest);
	dest.weight = 7;
	table_service_push(service, &dest);
	table_service_sort(service);
	assert_int_equal(service->n_dests, 2);
	assert_int_equal(service->dests[0].weight, 5);
	assert_int_equal(service->dests[1].weight, 1);
	table_service_free(service);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_applied_difference_is_the_desired_table),
		cmocka_unit_test(test_batch_applies_like_single_operations),
		cmocka_unit_test(test_failed_additions_keep_the_old_servers),
		cmocka_unit_test(test_large_tables_converge_whatever_fails),
		cmocka_unit_test(test_foreign_services_stay_without_a_policy),
		cmocka_unit_test(test_counters_are_no_difference),
		cmocka_unit_test(test_of_two_equal_endpoints_the_first_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "daemon/role_ops.h"
#include "daemon/role_table.h"

static bool has_peer(enum role_id id, enum role_id peer)
{
	const struct role_ops *ops = role_ops_get(id);
	const struct role_peer *p;

	assert_non_null(ops);
	for (p = ops->peers; p && p->handlers; p++)
		if (p->id == peer)
			return true;
	return false;
}

static bool is_pair(enum role_id a, enum role_id b)
{
	const struct role_pair *pairs;
	unsigned int n;
	unsigned int i;

	pairs = role_table_pairs(&n);
	for (i = 0; i < n; i++)
		if ((pairs[i].a == a && pairs[i].b == b) ||
			(pairs[i].a == b && pairs[i].b == a))
			return true;
	return false;
}

static void test_every_role_is_found_by_its_name(void **state)
{
	unsigned int id;

	(void)state;
	for (id = ROLE_SUPERVISOR + 1; id < ROLE_COUNT; id++) {
		const struct role_ops *ops = role_ops_get((enum role_id)id);

		assert_non_null(ops);
		assert_int_equal(ops->id, id);
		assert_ptr_equal(
			role_ops_find(role_id_name((enum role_id)id)), ops);
	}
	assert_null(role_ops_get(ROLE_SUPERVISOR));
	assert_null(role_ops_get(ROLE_COUNT));
	assert_null(role_ops_find("nobody"));
}

static void test_pairs_are_those_that_the_roles_declare(void **state)
{
	unsigned int a;
	unsigned int b;

	(void)state;
	for (a = ROLE_SUPERVISOR + 1; a < ROLE_COUNT; a++)
		for (b = ROLE_SUPERVISOR + 1; b < ROLE_COUNT; b++)
			assert_int_equal(
				has_peer((enum role_id)a, (enum role_id)b),
				is_pair((enum role_id)a, (enum role_id)b));
}

static void assert_has_each_role_once(const enum role_id *order, unsigned int n)
{
	unsigned int seen = 0;
	unsigned int i;

	assert_int_equal(n, ROLE_COUNT - 1);
	for (i = 0; i < n; i++) {
		assert_false(seen & 1u << order[i]);
		seen |= 1u << order[i];
	}
	assert_false(seen & 1u << ROLE_SUPERVISOR);
}

static void test_orders_name_each_role_once(void **state)
{
	const enum role_id *order;
	unsigned int n;

	(void)state;
	order = role_table_commit_order(&n);
	assert_has_each_role_once(order, n);
	order = role_table_stop_order(&n);
	assert_has_each_role_once(order, n);
}

/* An orphan waits for those in stop_after: a circle would wait for ever, and
 * it can only see the end of its own peers. */
static void test_orphans_wait_for_peers_that_stop_before_them(void **state)
{
	const enum role_id *order;
	unsigned int before = 0;
	unsigned int n;
	unsigned int i;
	unsigned int id;

	(void)state;
	order = role_table_stop_order(&n);
	for (i = 0; i < n; i++) {
		unsigned int after = role_ops_get(order[i])->stop_after;

		assert_int_equal(after & ~before, 0);
		for (id = 0; id < ROLE_COUNT; id++)
			if (after & 1u << id)
				assert_true(
					has_peer(order[i], (enum role_id)id));
		before |= 1u << order[i];
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_role_is_found_by_its_name),
		cmocka_unit_test(test_pairs_are_those_that_the_roles_declare),
		cmocka_unit_test(test_orders_name_each_role_once),
		cmocka_unit_test(
			test_orphans_wait_for_peers_that_stop_before_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements of packet filters, and the difference between two lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "vrrp/filter_plan.h"

static void add(struct vrrp_filter_list *list, const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	vrrp_filter_add_addr(list, &addr, false, 7, "vrrp6.51");
}

static void test_addresses_go_where_they_are_looked_up(void **state)
{
	struct vrrp_filter_list list = { .n = 0 };
	struct ip_addr addr;
	uint32_t index = 7;

	(void)state;
	add(&list, "fe80::1");
	add(&list, "2001:db8::1");
	add(&list, "10.0.0.1");
	vrrp_filter_sort(&list);
	assert_int_equal(list.n, 3);
	assert_int_equal(list.items[0].set, VRRP_FILTER_ADDRS4);
	assert_int_equal(list.items[0].element.key[0], 10);
	assert_int_equal(list.items[1].set, VRRP_FILTER_ADDRS6);
	assert_int_equal(list.items[2].set, VRRP_FILTER_LINK_LOCALS);
	assert_string_equal(
		(const char *)list.items[2].element.key + 16, "vrrp6.51");
	assert_true(vrrp_filter_any(&list, AF_INET));
	list.n = 0;
	ip_addr_parse("fe80::1", &addr);
	vrrp_filter_add_addr(&list, &addr, true, index, NULL);
	assert_memory_equal(
		list.items[0].element.key + 16, &index, sizeof(index));
	/* Its interface is missing. */
	vrrp_filter_add_addr(&list, &addr, true, 0, NULL);
	vrrp_filter_add_addr(&list, &addr, false, 0, NULL);
	vrrp_filter_add_mac(&list, true, 0, 3);
	vrrp_filter_add_mac(&list, true, 3, 0);
	assert_int_equal(list.n, 1);
	assert_false(vrrp_filter_any(&list, AF_INET));
	x_free(list.items);
}

static void test_twice_is_once(void **state)
{
	struct vrrp_filter_list list = { .n = 0 };

	(void)state;
	add(&list, "10.0.0.1");
	add(&list, "10.0.0.2");
	add(&list, "10.0.0.1");
	vrrp_filter_sort(&list);
	assert_int_equal(list.n, 2);
	x_free(list.items);
}

static void fill(struct vrrp_filter_list *list)
{
	int n = rand() % 12, i;

	for (i = 0; i < n; i++) {
		struct ip_addr addr = { .family = rand() % 2 ? AF_INET
							     : AF_INET6 };

		memset(addr.bytes, 0, sizeof(addr.bytes));
		addr.bytes[0] = (uint8_t)(rand() % 4);
		if (rand() % 2)
			vrrp_filter_add_addr(list, &addr, true, 1, NULL);
		else
			vrrp_filter_add_mac(list, rand() % 2,
				(uint32_t)(1 + rand() % 4),
				(uint32_t)(1 + rand() % 2));
	}
	vrrp_filter_sort(list);
}

static bool is_in(const struct vrrp_filter_list *list,
	const struct vrrp_filter_element *item)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!memcmp(&list->items[i], item, sizeof(*item)))
			return true;
	return false;
}

/* have - remove + add is want, and nothing is written without need. */
static void test_the_difference_leads_to_what_is_wanted(void **state)
{
	unsigned int round;
	size_t i;

	(void)state;
	srand(1);
	for (round = 0; round < 2000; round++) {
		struct vrrp_filter_list have = { .n = 0 }, want = { .n = 0 };
		struct vrrp_filter_list more = { .n = 0 }, less = { .n = 0 };

		fill(&have);
		fill(&want);
		vrrp_filter_diff(&have, &want, &more, &less);
		assert_int_equal(have.n - less.n + more.n, want.n);
		for (i = 0; i < want.n; i++)
			assert_true(is_in(&more, &want.items[i]) !=
				    is_in(&have, &want.items[i]));
		for (i = 0; i < less.n; i++) {
			assert_true(is_in(&have, &less.items[i]));
			assert_false(is_in(&want, &less.items[i]));
		}
		x_free(have.items);
		x_free(want.items);
		x_free(more.items);
		x_free(less.items);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_go_where_they_are_looked_up),
		cmocka_unit_test(test_twice_is_once),
		cmocka_unit_test(test_the_difference_leads_to_what_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ipaddr.h"

static struct ip_addr parse(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static void test_addresses_are_printed_as_they_were_read(void **state)
{
	static const char *const texts[] = { "0.0.0.0", "192.0.2.1",
		"255.255.255.255", "::", "::1", "2001:db8::7", "fe80::1",
		"::ffff:192.0.2.1" };
	char text[IP_ADDR_STRLEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ip_addr addr = parse(texts[i]);

		assert_string_equal(ip_addr_format(&addr, text), texts[i]);
	}
}

static void test_what_is_no_address_is_refused_and_nothing_is_touched(
	void **state)
{
	static const char *const texts[] = { "", "1.2.3", "1.2.3.4.5",
		"256.1.1.1", "1.2.3.4/24", " 1.2.3.4", "1.2.3.4 ", "::1%lo",
		"2001:db8::7::1", "host", "12345::", "0x7f.0.0.1" };
	struct ip_addr addr = parse("192.0.2.1");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(ip_addr_parse(texts[i], &addr), -EINVAL);
	assert_int_equal(addr.family, AF_INET);
}

static void test_no_address_has_a_text(void **state)
{
	struct ip_endpoint none = { .port = 80 };
	char text[IP_ENDPOINT_STRLEN];

	(void)state;
	assert_false(ip_addr_is_set(&none.addr));
	assert_string_equal(ip_addr_format(&none.addr, text), "none");
	assert_string_equal(ip_endpoint_format(&none, text), "none:80");
}

static void test_order_is_that_of_unsigned_bytes(void **state)
{
	/* Each is less than the next. */
	static const char *const texts[] = { "0.0.0.1", "9.255.255.255",
		"10.0.0.0", "127.0.0.1", "128.0.0.1", "255.0.0.0", "::", "::1",
		"2001:db8::1", "2001:db8::ff", "fe80::1" };
	const size_t n = sizeof(texts) / sizeof(texts[0]);
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			struct ip_addr a = parse(texts[i]);
			struct ip_addr b = parse(texts[k]);
			int order = ip_addr_compare(&a, &b);

			assert_true(i < k   ? order < 0
				    : i > k ? order > 0
					    : order == 0);
		}
	}
}

static void test_endpoints_are_ordered_by_address_then_port(void **state)
{
	struct ip_endpoint a = { .addr = parse("10.0.0.1"), .port = 9000 };
	struct ip_endpoint b = { .addr = parse("10.0.0.2"), .port = 80 };
	struct ip_endpoint c = { .addr = parse("10.0.0.2"), .port = 65535 };

	(void)state;
	assert_true(ip_endpoint_compare(&a, &b) < 0);
	assert_true(ip_endpoint_compare(&b, &c) < 0);
	assert_true(ip_endpoint_compare(&c, &b) > 0);
	assert_int_equal(ip_endpoint_compare(&c, &c), 0);
}

static void test_kinds_of_addresses(void **state)
{
	static const struct {
		const char *text;
		bool multicast;
		bool link_local;
	} kinds[] = {
		{ "224.0.0.18", true, false },
		{ "239.255.255.255", true, false },
		{ "223.255.255.255", false, false },
		{ "240.0.0.0", false, false },
		{ "ff02::12", true, false },
		{ "fe80::1", false, true },
		{ "febf::1", false, true },
		{ "fec0::1", false, false },
		{ "169.254.0.1", false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct ip_addr addr = parse(kinds[i].text);

		assert_int_equal(
			ip_addr_is_multicast(&addr), kinds[i].multicast);
		assert_int_equal(
			ip_addr_is_link_local(&addr), kinds[i].link_local);
	}
}

static void test_socket_addresses_and_back(void **state)
{
	static const char *const texts[] = { "192.0.2.1", "2001:db8::7" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct ip_endpoint in = { .addr = parse(texts[i]), .port = 80 };
		struct sockaddr_storage ss;
		struct ip_endpoint out;

		assert_int_equal(ip_endpoint_to_sockaddr(&in, 3, &ss),
			i ? sizeof(struct sockaddr_in6)
			  : sizeof(struct sockaddr_in));
		assert_int_equal(
			ip_endpoint_from_sockaddr((struct sockaddr *)&ss, &out),
			0);
		assert_int_equal(ip_endpoint_compare(&in, &out), 0);
		if (i)
			assert_int_equal(
				((struct sockaddr_in6 *)&ss)->sin6_scope_id, 3);
	}
}

static void test_other_families_have_no_socket_address(void **state)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct ip_endpoint none = { .port = 1 };
	struct sockaddr_storage ss;
	struct ip_endpoint out;

	(void)state;
	assert_int_equal(ip_endpoint_to_sockaddr(&none, 0, &ss), 0);
	assert_int_equal(ip_endpoint_from_sockaddr(&sa, &out), -EAFNOSUPPORT);
	assert_int_equal(ip_family_bytes(AF_UNIX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_printed_as_they_were_read),
		cmocka_unit_test(
			test_what_is_no_address_is_refused_and_nothing_is_touched),
		cmocka_unit_test(test_no_address_has_a_text),
		cmocka_unit_test(test_order_is_that_of_unsigned_bytes),
		cmocka_unit_test(
			test_endpoints_are_ordered_by_address_then_port),
		cmocka_unit_test(test_kinds_of_addresses),
		cmocka_unit_test(test_socket_addresses_and_back),
		cmocka_unit_test(test_other_families_have_no_socket_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

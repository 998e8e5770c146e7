/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator may call services and real servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs-ctl/subject.h"
#include "tests/unit/ipvs-helper.h"

#define WORDS " lb_algo rr\n lb_kind NAT\n"
#define SERVER(endpoint) " real_server " endpoint " {\n }\n"

static const char text[] =
	"virtual_server_group web {\n 192.0.2.5 8080\n fwmark 9\n}\n"
	"virtual_server 192.0.2.1 80 {\n protocol TCP\n" WORDS
	SERVER("10.0.0.1 80") "}\n"
	"virtual_server 192.0.2.1 80 {\n protocol UDP\n" WORDS
	SERVER("10.0.0.2") "}\n"
	"virtual_server 2001:db8::1 443 {\n protocol TCP\n" WORDS
	SERVER("2001:db8::11 443") "}\n"
	"virtual_server fwmark 7 {\n" WORDS SERVER("10.0.0.1 80") "}\n"
	"virtual_server group web {\n protocol TCP\n" WORDS
	SERVER("10.0.0.3 80") "}\n";

/* Services and servers that SUBJECT names: "s0 r1". */
static void expect(const char *subject_text, const char *expected)
{
	struct subject subject;
	struct loaded loaded;
	char found[128] = "";
	size_t i;

	load_text(&loaded, text);
	assert_int_equal(diag_count_severity(loaded.diags, DIAG_ERROR), 0);
	subject_parse(subject_text, &subject);
	for (i = 0; i < loaded.conf->services.n; i++) {
		size_t len = strlen(found);

		if (subject_names_service(&subject, loaded_service(&loaded, i)))
			snprintf(found + len, sizeof(found) - len, "s%zu ", i);
		len = strlen(found);
		if (subject_names_server(
			    &subject, loaded_server(&loaded, i, 0)))
			snprintf(found + len, sizeof(found) - len, "r%zu ", i);
	}
	if (*found)
		found[strlen(found) - 1] = '\0';
	if (strcmp(found, expected))
		fail_msg("'%s' names '%s', not '%s'", subject_text, found,
			expected);
	load_free(&loaded);
}

static void test_services_by_address_port_and_protocol(void **state)
{
	(void)state;
	expect("192.0.2.1:80", "s0 s1");
	expect("192.0.2.1 80", "s0 s1");
	expect("192.0.2.1", "s0 s1");
	expect("tcp 192.0.2.1:80", "s0");
	expect("udp:192.0.2.1", "s1");
	expect("UDP 192.0.2.1 80", "s1");
	expect("192.0.2.1:81", "");
	expect("192.0.2.1:80x", "");
	expect("[2001:db8::1]:443", "s2");
	expect("2001:db8::1 443", "s2");
	expect("2001:db8::1", "s2");
	expect("2001:db8::1:443", "");
	expect("sctp 192.0.2.1", "");
}

static void test_services_by_mark_and_name(void **state)
{
	(void)state;
	expect("fwmark 7", "s3");
	expect("fwmark 7 inet", "s3");
	expect("fwmark 7 inet6", "");
	expect("fwmark 70", "");
	expect("fwmark 0", "");
	expect("fwmark 9", "s4");
	expect("group web", "s4");
	expect("group we", "");
	expect("192.0.2.5:8080", "s4");
	expect("web", "");
}

static void test_servers(void **state)
{
	(void)state;
	expect("10.0.0.1:80", "r0 r3");
	expect("10.0.0.1", "r0 r3");
	expect("server 10.0.0.1 80", "r0 r3");
	expect("real_server 10.0.0.2:80", "r1");
	expect("[2001:db8::11]:443", "r2");
	expect("10.0.0.2:81", "");
	expect("tcp 10.0.0.1:80", "");
}

static void test_kinds_of_subjects(void **state)
{
	(void)state;
	expect("server 192.0.2.1", "");
	expect("service 192.0.2.1", "s0 s1");
	expect("virtual_server 192.0.2.1 80", "s0 s1");
	expect("service 10.0.0.1", "");
	expect("service", "");
	expect("", "");
	expect("server ", "");
	expect("VI_1", "");
	expect("192.0.2.1:80 and a subject that is longer than any address can be",
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services_by_address_port_and_protocol),
		cmocka_unit_test(test_services_by_mark_and_name),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_kinds_of_subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables_ipvs: groups that are served by mark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs-ctl/mark_book.h"
#include "ipvs-ctl/marks_plan.h"
#include "ipvs-ctl/subject.h"
#include "tests/unit/ipvs-helper.h"

#define GROUP                                                                 \
	"virtual_server_group web {\n 192.0.2.1-2 80-81\n 192.0.2.9\n"        \
	" 2001:db8::1 80\n fwmark 1001\n}\n"
#define SERVICE(name, protocol)                                               \
	"virtual_server " name " {\n protocol " protocol "\n lb_algo rr\n"    \
	" lb_kind TUN\n real_server 10.0.0.1 {\n }\n}\n"
#define ON "global_defs {\n nftables_ipvs\n nftables_ipvs_start_fwmark 1000\n}\n"

static void open_text(struct loaded *loaded, const char *text)
{
	load_text(loaded, text);
	if (diag_count_severity(loaded->diags, DIAG_ERROR))
		diag_print(loaded->diags, stderr);
	assert_int_equal(diag_count_severity(loaded->diags, DIAG_ERROR), 0);
}

static void test_a_group_is_one_service_of_a_mark(void **state)
{
	const struct ipvs_conf_service *tcp;
	const struct ipvs_conf_service *udp;
	struct subject subject;
	struct loaded loaded;

	(void)state;
	open_text(&loaded, ON GROUP SERVICE("group web", "TCP")
			SERVICE("192.0.2.50 80", "TCP"));
	tcp = loaded_service(&loaded, 0);
	/* Its own mark, and one of each family for the six addresses. */
	assert_int_equal(tcp->n_keys, 3);
	assert_int_equal(tcp->keys[0].fwmark, 1001);
	assert_int_equal(tcp->keys[1].fwmark, 1000);
	assert_int_equal(tcp->keys[1].family, AF_INET);
	assert_int_equal(tcp->keys[2].family, AF_INET6);
	assert_int_equal(tcp->n_marked, 6);
	subject_parse("192.0.2.2:81", &subject);
	assert_true(subject_names_service(&subject, tcp));
	subject_parse("192.0.2.3:81", &subject);
	assert_false(subject_names_service(&subject, tcp));
	udp = loaded_service(&loaded, 1);
	assert_int_equal(udp->n_marked, 0);
	assert_int_equal(udp->keys[0].fwmark, 0);
	load_free(&loaded);
	open_text(&loaded, GROUP SERVICE("group web", "TCP"));
	assert_int_equal(loaded_service(&loaded, 0)->n_keys, 7);
	assert_int_equal(loaded_service(&loaded, 0)->mark, 0);
	load_free(&loaded);
}

static void test_marks_that_are_named_are_left_out(void **state)
{
	struct loaded loaded;

	(void)state;
	open_text(&loaded,
		ON "virtual_server_group a {\n 192.0.2.1 80\n}\n"
		   "virtual_server_group b {\n 192.0.2.2 80\n}\n"
		SERVICE("group a", "TCP") SERVICE("group b", "TCP")
		SERVICE("group a", "UDP") SERVICE("fwmark 1000", "TCP")
		SERVICE("fwmark 1002", "TCP"));
	assert_int_equal(loaded_service(&loaded, 0)->mark, 1001);
	assert_int_equal(loaded_service(&loaded, 1)->mark, 1003);
	assert_int_equal(loaded_service(&loaded, 2)->mark, 1004);
	load_free(&loaded);
}

static void test_an_address_twice_is_still_an_error(void **state)
{
	struct loaded loaded;

	(void)state;
	load_text(&loaded,
		ON "virtual_server_group a {\n 192.0.2.1 80\n}\n"
		   "virtual_server_group b {\n 192.0.2.1 80\n}\n"
		SERVICE("group a", "TCP") SERVICE("group b", "TCP"));
	loaded_diag(&loaded, DIAG_DUPLICATE);
	load_free(&loaded);
}

static void test_elements_are_as_nftables_wants_them(void **state)
{
	static const uint8_t first[12] = { 192, 0, 2, 1, 6, 0, 0, 0, 0, 80 };
	static const uint8_t host[8] = { 192, 0, 2, 9, 6 };
	struct nft_element elements[8];
	struct mark_list list;
	struct loaded loaded;

	(void)state;
	open_text(&loaded, ON GROUP SERVICE("group web", "TCP"));
	mark_list_make(loaded.conf, &list);
	assert_int_equal(list.n, 6);
	assert_int_equal(
		mark_map_elements(&list, AF_INET, false, elements), 4);
	assert_memory_equal(elements[0].key, first, sizeof(first));
	assert_int_equal(elements[0].value, 1000);
	assert_int_equal(mark_map_elements(&list, AF_INET, true, elements), 1);
	assert_memory_equal(elements[0].key, host, sizeof(host));
	assert_int_equal(
		mark_map_elements(&list, AF_INET6, false, elements), 1);
	assert_int_equal(elements[0].key[16], 6);
	assert_int_equal(elements[0].key[21], 80);
	mark_list_free(&list);
	load_free(&loaded);
}

static void test_what_goes_stays_until_the_services_are_written(void **state)
{
	struct mark_list before;
	struct mark_list after;
	struct mark_list both;
	struct loaded a;
	struct loaded b;

	(void)state;
	open_text(&a, ON "virtual_server_group g {\n 192.0.2.1-2 80\n}\n"
			SERVICE("group g", "TCP"));
	open_text(&b, ON "virtual_server_group g {\n 192.0.2.2-3 80\n}\n"
			SERVICE("fwmark 1000", "TCP")
			SERVICE("group g", "TCP"));
	mark_list_make(a.conf, &before);
	mark_list_make(b.conf, &after);
	assert_false(mark_list_equal(&before, &after));
	mark_list_join(&before, &after, &both);
	assert_int_equal(both.n, 3);
	assert_int_equal(both.items[1].mark, 1000);
	assert_int_equal(both.items[2].mark, 1001);
	assert_true(mark_list_equal(&before, &before));
	mark_list_free(&both);
	mark_list_free(&before);
	mark_list_free(&after);
	load_free(&a);
	load_free(&b);
}

#define A "virtual_server_group a {\n 192.0.2.1 80\n}\n"
#define B "virtual_server_group b {\n 192.0.2.2 80\n 2001:db8::2 80\n}\n"
#define C "virtual_server_group c {\n 192.0.2.3 80\n}\n"

/* What the supervisor holds: one blob more or less. */
static struct mark_book *successor;
static unsigned int n_puts;

static void put_blob(
	const char *key, const void *data, size_t len, void *user_data)
{
	(void)user_data;
	n_puts++;
	if (successor && len)
		assert_true(mark_book_restore(successor, key, data, len));
}

/* The next generation of BOOK: TEXT with the marks it gets. */
static void reload(struct mark_book *book, const char *text, uint32_t marks[3])
{
	struct loaded loaded;
	size_t i;

	open_text(&loaded, text);
	mark_book_apply(book, loaded.conf);
	n_puts = 0;
	mark_book_set(book, loaded.conf, put_blob, NULL);
	for (i = 0; i < loaded.conf->services.n && i < 3; i++) {
		const struct ipvs_conf_service *service =
			loaded_service(&loaded, i);

		marks[i] = service->mark;
		if (service->n_marked)
			assert_int_equal(
				service->keys[0].fwmark, service->mark);
	}
	load_free(&loaded);
}

static void test_a_group_keeps_its_mark_at_a_reload(void **state)
{
	struct mark_book *book = mark_book_new();
	uint32_t marks[3];

	(void)state;
	reload(book, ON A SERVICE("group a", "TCP") SERVICE("group a", "UDP"),
		marks);
	assert_int_equal(marks[0], 1000);
	assert_int_equal(marks[1], 1001);
	assert_int_equal(n_puts, 2);
	/* In front of them, and with one of them gone: its mark is not free
	 * while it may still be in use. */
	reload(book, ON B A SERVICE("group b", "TCP") SERVICE("group a", "TCP"),
		marks);
	assert_int_equal(marks[0], 1002);
	assert_int_equal(marks[1], 1000);
	assert_int_equal(n_puts, 2);
	reload(book, ON B A SERVICE("group b", "TCP") SERVICE("group a", "TCP"),
		marks);
	assert_int_equal(n_puts, 0);
	/* Then it is. */
	reload(book, ON C B A SERVICE("group c", "TCP")
			SERVICE("group b", "TCP") SERVICE("group a", "TCP"),
		marks);
	assert_int_equal(marks[0], 1001);
	assert_int_equal(marks[1], 1002);
	assert_int_equal(marks[2], 1000);
	mark_book_free(book);
}

static void test_the_file_prevails_over_marks_of_before(void **state)
{
	struct mark_book *book = mark_book_new();
	uint32_t marks[3];

	(void)state;
	reload(book, ON A B SERVICE("group a", "TCP") SERVICE("group b", "TCP"),
		marks);
	reload(book, ON A B SERVICE("group a", "TCP") SERVICE("group b", "TCP")
			SERVICE("fwmark 1000", "TCP"),
		marks);
	assert_int_equal(marks[0], 1002);
	assert_int_equal(marks[1], 1001);
	reload(book, "global_defs {\n nftables_ipvs\n"
		     " nftables_ipvs_start_fwmark 1002\n}\n" A B
			SERVICE("group a", "TCP") SERVICE("group b", "TCP"),
		marks);
	assert_int_equal(marks[0], 1002);
	assert_int_equal(marks[1], 1003);
	mark_book_free(book);
}

static void test_a_successor_knows_the_marks(void **state)
{
	struct mark_book *book = mark_book_new();
	uint32_t marks[3];

	(void)state;
	successor = mark_book_new();
	assert_false(mark_book_restore(successor, "owned.0", "", 0));
	assert_true(mark_book_restore(successor, "mark 6 x", "\1", 1));
	reload(book, ON A SERVICE("group a", "TCP"), marks);
	reload(book, ON B A SERVICE("group b", "TCP") SERVICE("group a", "TCP"),
		marks);
	mark_book_free(book);
	book = successor;
	successor = NULL;
	reload(book, ON B A SERVICE("group b", "TCP") SERVICE("group a", "TCP"),
		marks);
	assert_int_equal(marks[0], 1001);
	assert_int_equal(marks[1], 1000);
	assert_int_equal(n_puts, 0);
	mark_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_group_is_one_service_of_a_mark),
		cmocka_unit_test(test_marks_that_are_named_are_left_out),
		cmocka_unit_test(test_an_address_twice_is_still_an_error),
		cmocka_unit_test(test_elements_are_as_nftables_wants_them),
		cmocka_unit_test(
			test_what_goes_stays_until_the_services_are_written),
		cmocka_unit_test(test_a_group_keeps_its_mark_at_a_reload),
		cmocka_unit_test(test_the_file_prevails_over_marks_of_before),
		cmocka_unit_test(test_a_successor_knows_the_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs a network namespace of its own, so root: skipped (77) without. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/netlink.h"
#include "lib/netlink_writer.h"
#include "lib/timeutil.h"

#define LO 1

struct fixture {
	struct loop *loop;
	struct loop_timer *deadline;
	struct netlink *netlink;
	struct netlink_writer *writer;
	unsigned int added, removed, link_changes, settled;
	unsigned int until_added, until_removed, until_links;
	int errors[1024];
	size_t n_errors;
	unsigned int answers;
	unsigned int until_answers;
	bool timed_out;
};

static void check(struct fixture *f)
{
	if (f->added >= f->until_added && f->removed >= f->until_removed &&
		f->link_changes >= f->until_links &&
		f->answers >= f->until_answers)
		loop_stop(f->loop);
}

static void on_link(const struct netlink_link_info *before,
	const struct netlink_link_info *after, void *user_data)
{
	struct fixture *f = user_data;

	assert_true(before || after);
	f->link_changes++;
	check(f);
}

static void on_addr(const struct netlink_addr_info *before,
	const struct netlink_addr_info *after, void *user_data)
{
	struct fixture *f = user_data;

	f->added += !before;
	f->removed += !after;
	check(f);
}

static void on_settled(void *user_data)
{
	struct fixture *f = user_data;

	f->settled++;
}

static const struct netlink_events events = {
	.link = on_link,
	.addr = on_addr,
	.settled = on_settled,
};

static void on_deadline(void *user_data)
{
	struct fixture *f = user_data;

	f->timed_out = true;
	loop_stop(f->loop);
}

static void on_done(const int *errors, size_t n, void *user_data)
{
	struct fixture *f = user_data;

	assert_in_range(n, 0, 1024);
	if (n)
		memcpy(f->errors, errors, n * sizeof(*errors));
	f->n_errors = n;
	f->answers++;
	check(f);
}

static void run(struct fixture *f)
{
	loop_timer_set(f->deadline, time_monotonic_us() + 5 * USEC_PER_SEC);
	loop_run(f->loop);
	assert_false(f->timed_out);
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.loop = loop_new();
	f.deadline = loop_timer_new(f.loop, on_deadline, &f);
	assert_int_equal(netlink_new(f.loop, &events, &f, &f.netlink), 0);
	assert_int_equal(netlink_writer_new(f.loop, &f.writer), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	netlink_writer_free(f->writer);
	netlink_free(f->netlink);
	loop_timer_free(f->deadline);
	loop_free(f->loop);
	return 0;
}

static struct netlink_addr_info address(const char *text, uint8_t prefix_len)
{
	struct netlink_addr_info info = {
		.ifindex = LO,
		.prefix_len = prefix_len,
		.preferred_s = NETLINK_LIFETIME_FOREVER,
		.valid_s = NETLINK_LIFETIME_FOREVER,
		.proto = NETLINK_ADDR_PROTO,
	};

	assert_int_equal(ip_addr_parse(text, &info.addr), 0);
	if (info.addr.family == AF_INET6)
		info.flags = IFA_F_NODAD;
	return info;
}

static struct netlink_addr_info nth_address(unsigned int i)
{
	char text[32];

	snprintf(text, sizeof(text), "10.77.%u.%u", i / 250, i % 250 + 1);
	return address(text, 32);
}

static void set_lo(short flags)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = flags };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &req), 0);
	close(fd);
}

/* Submits JOB and waits for its answer and, by UNTIL_*, for events. */
static void carry_out(struct fixture *f, struct netlink_job *job)
{
	f->until_answers = f->answers + 1;
	netlink_job_submit(job);
	run(f);
}

static void test_cache_knows_links_by_index_and_name(void **state)
{
	struct fixture *f = *state;
	const struct netlink_link *link = netlink_find_link(f->netlink, LO);

	assert_non_null(link);
	assert_string_equal(link->info.name, "lo");
	assert_ptr_equal(netlink_find_link_by_name(f->netlink, "lo"), link);
	assert_null(netlink_find_link_by_name(f->netlink, "l"));
	assert_null(netlink_find_link(f->netlink, 99));
}

static void test_link_going_up_is_told(void **state)
{
	struct fixture *f = *state;

	assert_false(netlink_link_is_running(
		&netlink_find_link(f->netlink, LO)->info));
	f->until_links = 1;
	set_lo(IFF_UP);
	run(f);
	assert_true(netlink_link_is_running(
		&netlink_find_link(f->netlink, LO)->info));
}

static void test_many_addresses_are_added_and_removed_in_one_job(void **state)
{
	struct fixture *f = *state;
	struct netlink_addr_info info;
	struct netlink_job *job = netlink_job_new(f->writer, on_done, f);
	unsigned int i;

	for (i = 0; i < 500; i++) {
		info = nth_address(i);
		netlink_job_add_addr(job, &info);
	}
	f->until_added = 500;
	carry_out(f, job);
	assert_int_equal(f->n_errors, 500);
	for (i = 0; i < 500; i++) {
		assert_int_equal(f->errors[i], 0);
		info = nth_address(i);
		assert_non_null(netlink_find_addr(f->netlink, &info));
	}
	assert_true(f->settled > 0);

	job = netlink_job_new(f->writer, on_done, f);
	for (i = 0; i < 500; i++) {
		info = nth_address(i);
		netlink_job_remove_addr(job, &info);
	}
	f->until_removed = 500;
	carry_out(f, job);
	for (i = 0; i < 500; i++)
		assert_int_equal(f->errors[i], 0);
	info = nth_address(0);
	assert_null(netlink_find_addr(f->netlink, &info));
}

static void test_errors_belong_to_their_message(void **state)
{
	struct fixture *f = *state;
	struct netlink_addr_info v4 = address("10.78.0.1", 32);
	struct netlink_addr_info v6 = address("2001:db8::1", 128);
	struct netlink_addr_info absent = address("10.78.0.2", 32);
	struct netlink_job *job = netlink_job_new(f->writer, on_done, f);

	netlink_job_add_addr(job, &v4);
	netlink_job_add_addr(job, &v4);
	netlink_job_remove_addr(job, &absent);
	netlink_job_add_addr(job, &v6);
	netlink_job_remove_addr(job, &v4);
	netlink_job_remove_addr(job, &v6);
	carry_out(f, job);
	assert_int_equal(f->errors[0], 0);
	assert_int_equal(f->errors[1], -EEXIST);
	assert_int_equal(f->errors[2], -EADDRNOTAVAIL);
	assert_int_equal(f->errors[3], 0);
	assert_int_equal(f->errors[4], 0);
	assert_int_equal(f->errors[5], 0);
	assert_true(netlink_writer_is_idle(f->writer));
}

static void test_empty_job_is_answered(void **state)
{
	struct fixture *f = *state;

	carry_out(f, netlink_job_new(f->writer, on_done, f));
	assert_int_equal(f->n_errors, 0);
}

static void test_detached_job_is_carried_out_unanswered(void **state)
{
	struct fixture *f = *state;
	struct netlink_addr_info info = address("10.78.0.9", 32);
	struct netlink_job *job = netlink_job_new(f->writer, on_done, f);

	netlink_job_add_addr(job, &info);
	netlink_job_remove_addr(job, &info);
	netlink_job_submit(job);
	netlink_job_detach(job);
	f->until_removed = 1;
	run(f);
	assert_int_equal(f->answers, 0);
}

static void test_addresses_carry_label_flags_and_mark(void **state)
{
	struct fixture *f = *state;
	struct netlink_addr_info info = address("10.78.1.1", 24);
	const struct netlink_addr_info *found;
	struct netlink_job *job = netlink_job_new(f->writer, on_done, f);

	strcpy(info.label, "lo:vip");
	info.scope = RT_SCOPE_LINK;
	info.flags = IFA_F_NOPREFIXROUTE;
	assert_int_equal(ip_addr_parse("10.78.1.255", &info.broadcast), 0);
	netlink_job_add_addr(job, &info);
	f->until_added = 1;
	carry_out(f, job);
	found = netlink_find_addr(f->netlink, &info);
	assert_non_null(found);
	assert_string_equal(found->label, "lo:vip");
	assert_int_equal(found->scope, RT_SCOPE_LINK);
	assert_true(found->flags & IFA_F_NOPREFIXROUTE);
	assert_int_equal(
		ip_addr_compare(&found->broadcast, &info.broadcast), 0);
	/* 0 before Linux 5.18. */
	assert_true(found->proto == NETLINK_ADDR_PROTO || found->proto == 0);
	job = netlink_job_new(f->writer, on_done, f);
	netlink_job_remove_addr(job, &info);
	f->until_removed = 1;
	carry_out(f, job);
}

static void test_resync_tells_the_difference_once(void **state)
{
	struct fixture *f = *state;
	struct netlink_addr_info info = address("10.78.2.1", 32);
	struct netlink_job *job = netlink_job_new(f->writer, on_done, f);

	netlink_job_add_addr(job, &info);
	carry_out(f, job);
	assert_int_equal(netlink_resync(f->netlink), 0);
	assert_int_equal(f->added, 1);
	assert_int_equal(netlink_resync(f->netlink), 0);
	assert_int_equal(f->added, 1);
	assert_int_equal(f->removed, 0);

	job = netlink_job_new(f->writer, on_done, f);
	netlink_job_remove_addr(job, &info);
	carry_out(f, job);
	assert_int_equal(netlink_resync(f->netlink), 0);
	assert_int_equal(f->removed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_cache_knows_links_by_index_and_name),
		T(test_link_going_up_is_told),
		T(test_many_addresses_are_added_and_removed_in_one_job),
		T(test_errors_belong_to_their_message),
		T(test_empty_job_is_answered),
		T(test_detached_job_is_carried_out_unanswered),
		T(test_addresses_carry_label_flags_and_mark),
		T(test_resync_tells_the_difference_once),
#undef T
	};

	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

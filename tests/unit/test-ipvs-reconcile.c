/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping a data plane as it should be: repairs, foreign services, failures,
 * and no write without need. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs-ctl/reconcile.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

struct world {
	struct dataplane *dp;
	struct reconcile *r;
	int64_t now;
	unsigned int settled;
	int settled_err;
	unsigned int owned_changed;
	unsigned int known;
};

static void on_settled(void *user_data, int err)
{
	struct world *w = user_data;

	w->settled++;
	w->settled_err = err;
}

static void on_owned_changed(void *user_data)
{
	((struct world *)user_data)->owned_changed++;
}

static void on_known(void *user_data)
{
	((struct world *)user_data)->known++;
}

static void on_rearm(void *user_data)
{
	(void)user_data;
}

static int64_t on_now(void *user_data)
{
	return ((struct world *)user_data)->now;
}

static const struct reconcile_handlers handlers = {
	.settled = on_settled,
	.rearm = on_rearm,
	.known = on_known,
	.owned_changed = on_owned_changed,
	.now = on_now,
};

static void world_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->now = USEC_PER_SEC;
	w->dp = dataplane_memory_new(false);
	w->r = reconcile_new(w->dp, &handlers, w);
}

static void world_close(struct world *w)
{
	reconcile_free(w->r);
}

/* Lets everything that is due happen, without time passing. */
static void run(struct world *w)
{
	unsigned int guard;

	for (guard = 0; guard < 1000; guard++) {
		reconcile_run(w->r);
		if (!dataplane_memory_step(w->dp) &&
			reconcile_deadline(w->r) > w->now)
			return;
	}
	fail_msg("it never comes to rest");
}

static void pass_time(struct world *w, int64_t us)
{
	int64_t end = w->now + us;

	while (w->now < end) {
		w->now += 100 * USEC_PER_MSEC;
		run(w);
	}
}

static struct table_key key_of(uint16_t port)
{
	struct ip_endpoint endpoint = { .port = port };
	struct table_key key;

	ip_addr_parse("192.0.2.1", &endpoint.addr);
	table_key_address(&key, IPPROTO_TCP, &endpoint);
	return key;
}

static struct table_dest dest_of(const char *address, int32_t weight)
{
	struct table_dest dest = { .weight = weight };

	ip_addr_parse(address, &dest.endpoint.addr);
	dest.endpoint.port = 80;
	return dest;
}

/* A service on PORT with servers 10.0.0.1 ... N, weight 1. */
static struct table_service *service_of(uint16_t port, unsigned int n)
{
	struct table_attributes attributes = { .scheduler = "rr" };
	struct table_key key = key_of(port);
	struct table_service *service = table_service_new(&key, &attributes);
	unsigned int i;

	for (i = 1; i <= n; i++) {
		char text[32];
		struct table_dest dest;

		snprintf(text, sizeof(text), "10.0.0.%u", i);
		dest = dest_of(text, 1);
		table_service_push(service, &dest);
	}
	return service;
}

/* Services on the ports FIRST to LAST, none when LAST is less. */
static void want(struct world *w, uint16_t first, uint16_t last)
{
	struct table desired = { .services = NULL };
	uint16_t port;

	for (port = first; port <= last; port++)
		table_put(&desired, service_of(port, 3));
	reconcile_set_table(w->r, &desired);
}

static struct table_service *held(struct world *w, uint16_t port)
{
	struct table_key key = key_of(port);

	return table_find(dataplane_memory_table(w->dp), &key);
}

static void expect_held(struct world *w, uint16_t port, unsigned int n)
{
	struct table_service *wanted = service_of(port, n);

	assert_non_null(held(w, port));
	assert_true(table_service_equal(held(w, port), wanted));
	table_service_free(wanted);
}

static void put_foreign(struct world *w, uint16_t port)
{
	table_put(dataplane_memory_table(w->dp), service_of(port, 1));
}

/* --- tests --- */

static void test_start_writes_everything_and_settles(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 5);
	run(&w);
	assert_int_equal(table_count(dataplane_memory_table(w.dp)), 5);
	expect_held(&w, 3, 3);
	assert_int_equal(w.dp->writes, 20);
	assert_true(w.settled > 0 && !w.settled_err);
	assert_int_equal(w.known, 1);
	assert_true(w.owned_changed > 0);
	assert_true(reconcile_is_settled(w.r));
	world_close(&w);
}

static void test_what_is_there_already_is_not_written(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	table_put(dataplane_memory_table(w.dp), service_of(1, 3));
	want(&w, 1, 1);
	run(&w);
	assert_int_equal(w.dp->writes, 0);
	/* Nor again: a reload that changes nothing, and time. */
	want(&w, 1, 1);
	run(&w);
	pass_time(&w, 60 * USEC_PER_SEC);
	assert_int_equal(w.dp->writes, 0);
	assert_true(reconcile_counters(w.r)->dumps > 5);
	assert_true(reconcile_counters(w.r)->glances > 20);
	assert_int_equal(reconcile_counters(w.r)->repairs, 0);
	world_close(&w);
}

static void test_one_server_costs_one_write(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 9);
	run(&w);
	w.dp->writes = 0;
	reconcile_set_service(w.r, service_of(4, 2));
	run(&w);
	assert_int_equal(w.dp->writes, 1);
	expect_held(&w, 4, 2);
	world_close(&w);
}

static void test_emptied_table_is_repaired_within_two_seconds(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 5);
	run(&w);
	table_clear(dataplane_memory_table(w.dp));
	pass_time(&w, 2 * USEC_PER_SEC);
	assert_int_equal(table_count(dataplane_memory_table(w.dp)), 5);
	expect_held(&w, 5, 3);
	assert_int_equal(reconcile_counters(w.r)->repairs, 5);
	world_close(&w);
}

static void test_changed_server_is_repaired_by_the_next_dump(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 2);
	run(&w);
	held(&w, 1)->dests[0].weight = 99;
	held(&w, 2)->n_dests = 1;
	pass_time(&w, 6 * USEC_PER_SEC);
	expect_held(&w, 1, 3);
	expect_held(&w, 2, 3);
	assert_int_equal(reconcile_counters(w.r)->repairs, 2);
	world_close(&w);
}

static void test_foreign_services_are_left_alone(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	put_foreign(&w, 99);
	want(&w, 1, 1);
	run(&w);
	put_foreign(&w, 98);
	pass_time(&w, 20 * USEC_PER_SEC);
	expect_held(&w, 99, 1);
	reconcile_remove_all(w.r, false);
	run(&w);
	assert_null(held(&w, 1));
	expect_held(&w, 98, 1);
	expect_held(&w, 99, 1);
	world_close(&w);
}

static void test_foreign_services_are_flushed_where_configured(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	put_foreign(&w, 99);
	reconcile_set_policy(w.r, IPVS_FOREIGN_FLUSH, false);
	want(&w, 1, 1);
	run(&w);
	assert_null(held(&w, 99));
	put_foreign(&w, 98);
	pass_time(&w, 2 * USEC_PER_SEC);
	assert_null(held(&w, 98));
	expect_held(&w, 1, 3);
	world_close(&w);
}

static void test_flush_at_start_flushes_once(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	put_foreign(&w, 99);
	reconcile_set_policy(w.r, IPVS_FOREIGN_LEAVE, true);
	want(&w, 1, 1);
	run(&w);
	assert_null(held(&w, 99));
	put_foreign(&w, 98);
	pass_time(&w, 20 * USEC_PER_SEC);
	expect_held(&w, 98, 1);
	world_close(&w);
}

static void test_adopted_services_are_kept_restored_and_removed(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	put_foreign(&w, 99);
	reconcile_set_policy(w.r, IPVS_FOREIGN_ADOPT, false);
	want(&w, 1, 1);
	run(&w);
	expect_held(&w, 99, 1);
	table_clear(dataplane_memory_table(w.dp));
	pass_time(&w, 2 * USEC_PER_SEC);
	expect_held(&w, 99, 1);
	want(&w, 1, 2);
	run(&w);
	expect_held(&w, 99, 1);
	reconcile_remove_all(w.r, false);
	run(&w);
	assert_int_equal(table_count(dataplane_memory_table(w.dp)), 0);
	world_close(&w);
}

static void test_service_of_a_predecessor_is_removed(void **state)
{
	struct table_key key = key_of(7);
	struct world w;

	(void)state;
	world_open(&w);
	put_foreign(&w, 7);
	reconcile_own(w.r, &key);
	want(&w, 1, 1);
	run(&w);
	assert_null(held(&w, 7));
	assert_false(reconcile_owns(w.r, &key));
	world_close(&w);
}

static void test_nothing_is_written_while_held(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	reconcile_hold(w.r, true);
	want(&w, 1, 3);
	pass_time(&w, 10 * USEC_PER_SEC);
	assert_int_equal(w.dp->writes, 0);
	assert_int_equal(w.known, 1);
	reconcile_hold(w.r, false);
	run(&w);
	expect_held(&w, 3, 3);
	world_close(&w);
}

static void count_problem(enum reason reason, const char *text, void *user_data)
{
	enum reason *last = user_data;

	assert_non_null(text);
	*last = reason;
}

static enum reason problem_of(const struct world *w)
{
	enum reason reason = REASON_NONE;

	reconcile_for_each_problem(w->r, count_problem, &reason);
	return reason;
}

static void test_missing_module_is_tried_again_slowly(void **state)
{
	struct world w;
	unsigned int tried;

	(void)state;
	world_open(&w);
	dataplane_memory_break(w.dp, -ENOENT);
	want(&w, 1, 3);
	run(&w);
	assert_int_equal(w.settled_err, -ENOENT);
	assert_int_equal(problem_of(&w), REASON_KERNEL_NO_IPVS);
	assert_int_equal(reconcile_error(w.r), -ENOENT);
	tried = w.settled;
	pass_time(&w, 35 * USEC_PER_SEC);
	assert_int_equal(w.settled - tried, 3);
	dataplane_memory_break(w.dp, 0);
	pass_time(&w, 10 * USEC_PER_SEC);
	expect_held(&w, 3, 3);
	assert_int_equal(problem_of(&w), REASON_NONE);
	world_close(&w);
}

static void test_stop_without_the_module_ends_at_once(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	dataplane_memory_break(w.dp, -ENOENT);
	want(&w, 1, 3);
	run(&w);
	w.settled = 0;
	reconcile_remove_all(w.r, false);
	assert_int_equal(w.settled, 1);
	world_close(&w);
}

static int refuse_scheduler(const struct table_op *op, void *user_data)
{
	const bool *missing = user_data;

	return *missing && op->kind == TABLE_OP_NEW_SERVICE &&
			op->key.port == 2 ?
		-ENOENT : 0;
}

static void test_missing_scheduler_is_one_services_problem(void **state)
{
	bool missing = true;
	uint64_t writes;
	struct world w;

	(void)state;
	world_open(&w);
	dataplane_memory_refuse(w.dp, refuse_scheduler, &missing);
	want(&w, 1, 3);
	run(&w);
	expect_held(&w, 1, 3);
	expect_held(&w, 3, 3);
	assert_null(held(&w, 2));
	assert_int_equal(problem_of(&w), REASON_KERNEL_NO_SCHEDULER);
	writes = w.dp->writes;
	pass_time(&w, 9 * USEC_PER_SEC);
	assert_int_equal(w.dp->writes, writes);
	pass_time(&w, 11 * USEC_PER_SEC);
	assert_true(w.dp->writes > writes);
	missing = false;
	pass_time(&w, 20 * USEC_PER_SEC);
	expect_held(&w, 2, 3);
	assert_int_equal(problem_of(&w), REASON_NONE);
	world_close(&w);
}

static void test_lost_answers_lead_to_a_dump_and_no_loss(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 3);
	run(&w);
	reconcile_set_service(w.r, service_of(2, 1));
	reconcile_run(w.r);
	dataplane_memory_break(w.dp, -ENOBUFS);
	dataplane_memory_step(w.dp);
	dataplane_memory_break(w.dp, 0);
	pass_time(&w, USEC_PER_SEC);
	expect_held(&w, 2, 1);
	assert_int_equal(problem_of(&w), REASON_NONE);
	world_close(&w);
}

/* The table changes behind our back in the middle of a pass. */
static void test_surprise_leads_to_a_dump_at_once(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 3);
	run(&w);
	table_clear(dataplane_memory_table(w.dp));
	reconcile_set_service(w.r, service_of(2, 1));
	run(&w);
	expect_held(&w, 1, 3);
	expect_held(&w, 2, 1);
	world_close(&w);
}

/* --- timeouts and sync daemons --- */

static struct table_globals *globals_of(struct world *w)
{
	return &dataplane_memory_table(w->dp)->globals;
}

static void want_timeouts(struct world *w, uint32_t tcp_s, uint32_t udp_s)
{
	struct table_globals globals = { .timeouts = { tcp_s, 0, udp_s } };

	reconcile_set_globals(w->r, &globals);
	run(w);
}

static void expect_timeouts(
	struct world *w, uint32_t tcp_s, uint32_t tcp_fin_s, uint32_t udp_s)
{
	assert_int_equal(globals_of(w)->timeouts.tcp_s, tcp_s);
	assert_int_equal(globals_of(w)->timeouts.tcp_fin_s, tcp_fin_s);
	assert_int_equal(globals_of(w)->timeouts.udp_s, udp_s);
}

static void test_timeouts_are_set_kept_and_restored(void **state)
{
	const struct table_timeouts usual = { 900, 120, 300 };
	struct world w;

	(void)state;
	world_open(&w);
	globals_of(&w)->timeouts = usual;
	want(&w, 1, 1);
	want_timeouts(&w, 7200, 0);
	expect_timeouts(&w, 7200, 120, 300);
	want_timeouts(&w, 3600, 60);
	expect_timeouts(&w, 3600, 120, 60);
	/* Somebody else's doing is repaired, what is not named is his. */
	globals_of(&w)->timeouts.tcp_s = 1;
	globals_of(&w)->timeouts.tcp_fin_s = 2;
	pass_time(&w, 2 * USEC_PER_SEC);
	expect_timeouts(&w, 3600, 2, 60);
	/* No longer named: as before, and then no longer ours. */
	want_timeouts(&w, 0, 60);
	expect_timeouts(&w, 900, 2, 60);
	globals_of(&w)->timeouts.tcp_s = 5;
	pass_time(&w, 10 * USEC_PER_SEC);
	expect_timeouts(&w, 5, 2, 60);
	reconcile_remove_all(w.r, false);
	run(&w);
	expect_timeouts(&w, 5, 2, 300);
	world_close(&w);
}

static void test_successor_restores_the_timeouts_from_before(void **state)
{
	const struct table_timeouts usual = { 900, 120, 300 };
	const struct table_timeouts ours = { 7200, 120, 300 };
	struct table_timeouts before;
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 0);
	globals_of(&w)->timeouts = usual;
	want_timeouts(&w, 7200, 0);
	assert_int_not_equal(w.owned_changed, 0);
	before = reconcile_globals(w.r)->before;
	world_close(&w);

	world_open(&w);
	want(&w, 1, 0);
	globals_of(&w)->timeouts = ours;
	reconcile_inherit_globals(w.r, &before, false);
	want_timeouts(&w, 7200, 0);
	assert_int_equal(w.dp->writes, 0);
	reconcile_remove_all(w.r, false);
	run(&w);
	expect_timeouts(&w, 900, 120, 300);
	world_close(&w);
}

static void want_daemon(struct world *w, bool sync, enum table_daemon_kind kind)
{
	struct table_globals globals = { .sync = sync };

	if (sync) {
		globals.daemons[kind].running = true;
		globals.daemons[kind].sync_id = 51;
		strcpy(globals.daemons[kind].interface, "eth0");
	}
	reconcile_set_globals(w->r, &globals);
	run(w);
}

static void expect_daemons(struct world *w, bool master, bool backup)
{
	const struct table_daemon *d = globals_of(w)->daemons;

	assert_int_equal(d[TABLE_DAEMON_MASTER].running, master);
	assert_int_equal(d[TABLE_DAEMON_BACKUP].running, backup);
}

static void test_sync_daemon_follows_is_repaired_and_stopped(void **state)
{
	struct world w;
	uint64_t writes;

	(void)state;
	world_open(&w);
	want(&w, 1, 0);
	want_daemon(&w, true, TABLE_DAEMON_BACKUP);
	expect_daemons(&w, false, true);
	want_daemon(&w, true, TABLE_DAEMON_MASTER);
	expect_daemons(&w, true, false);
	writes = w.dp->writes;
	want_daemon(&w, true, TABLE_DAEMON_MASTER);
	assert_int_equal(w.dp->writes, writes);
	globals_of(&w)->daemons[TABLE_DAEMON_MASTER].running = false;
	pass_time(&w, 2 * USEC_PER_SEC);
	expect_daemons(&w, true, false);
	want_daemon(&w, false, TABLE_DAEMON_MASTER);
	expect_daemons(&w, false, false);
	/* Now it is somebody else's. */
	globals_of(&w)->daemons[TABLE_DAEMON_BACKUP].running = true;
	pass_time(&w, 10 * USEC_PER_SEC);
	reconcile_remove_all(w.r, false);
	run(&w);
	expect_daemons(&w, false, true);
	world_close(&w);
}

static int refuse_daemon(const struct table_op *op, void *user_data)
{
	(void)user_data;
	return op->kind == TABLE_OP_NEW_DAEMON ? -ENODEV : 0;
}

static void test_refused_daemon_is_tried_again_slowly(void **state)
{
	uint64_t writes;
	struct world w;

	(void)state;
	world_open(&w);
	dataplane_memory_refuse(w.dp, refuse_daemon, NULL);
	want(&w, 1, 2);
	want_daemon(&w, true, TABLE_DAEMON_MASTER);
	expect_held(&w, 2, 3);
	assert_int_equal(problem_of(&w), REASON_KERNEL_ERROR);
	writes = w.dp->writes;
	reconcile_set_service(w.r, service_of(2, 2));
	pass_time(&w, 9 * USEC_PER_SEC);
	assert_int_equal(w.dp->writes, writes + 1);
	assert_int_equal(problem_of(&w), REASON_KERNEL_ERROR);
	dataplane_memory_refuse(w.dp, NULL, NULL);
	pass_time(&w, 20 * USEC_PER_SEC);
	expect_daemons(&w, true, false);
	assert_int_equal(problem_of(&w), REASON_NONE);
	world_close(&w);
}

static int refuse_as_there(const struct table_op *op, void *user_data)
{
	unsigned int *times = user_data;

	if (op->kind != TABLE_OP_NEW_DEST || !*times)
		return 0;
	--*times;
	return -EEXIST;
}

/* The dump behind the surprise shows what was believed before. */
static void test_surprise_that_is_over_is_tried_again(void **state)
{
	unsigned int times = 1;
	struct world w;

	(void)state;
	world_open(&w);
	want(&w, 1, 3);
	run(&w);
	dataplane_memory_refuse(w.dp, refuse_as_there, &times);
	reconcile_set_service(w.r, service_of(2, 4));
	run(&w);
	expect_held(&w, 2, 4);
	/* A lie that goes on is not asked about without a pause. */
	times = 1000;
	reconcile_set_service(w.r, service_of(2, 5));
	run(&w);
	assert_in_range(1000 - times, 1, 10);
	pass_time(&w, 60 * USEC_PER_SEC);
	assert_in_range(1000 - times, 2, 20);
	times = 0;
	pass_time(&w, 30 * USEC_PER_SEC);
	expect_held(&w, 2, 5);
	world_close(&w);
}

struct mixed {
	bool missing;
	unsigned int lies;
};

static int refuse_mixed(const struct table_op *op, void *user_data)
{
	struct mixed *mixed = user_data;

	if (refuse_scheduler(op, &mixed->missing))
		return -ENOENT;
	return op->key.port == 3 ? refuse_as_there(op, &mixed->lies) : 0;
}

static void test_problem_of_one_service_hides_no_surprise_of_another(
	void **state)
{
	struct mixed mixed = { .missing = true, .lies = 1 };
	struct world w;

	(void)state;
	world_open(&w);
	dataplane_memory_refuse(w.dp, refuse_mixed, &mixed);
	want(&w, 1, 3);
	run(&w);
	assert_int_equal(reconcile_counters(w.r)->dumps, 2);
	pass_time(&w, 11 * USEC_PER_SEC);
	expect_held(&w, 3, 3);
	world_close(&w);
}

static int refuse_some(const struct table_op *op, void *user_data)
{
	uint32_t *seed = user_data;

	(void)op;
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 29 ? 0 : -ENOMEM;
}

static void test_it_converges_whatever_fails(void **state)
{
	unsigned int round;
	struct world w;
	uint32_t seed = 5;

	(void)state;
	world_open(&w);
	dataplane_memory_refuse(w.dp, refuse_some, &seed);
	for (round = 0; round < 50; round++) {
		uint16_t port;

		want(&w, 1, (uint16_t)(3 + round % 5));
		reconcile_set_service(w.r, service_of(2, round % 4));
		run(&w);
		if (round % 7 == 0)
			table_clear(dataplane_memory_table(w.dp));
		pass_time(&w, 120 * USEC_PER_SEC);
		for (port = 3; port <= 3 + round % 5; port++)
			expect_held(&w, port, 3);
		expect_held(&w, 2, round % 4);
		assert_int_equal(table_count(dataplane_memory_table(w.dp)),
			3 + round % 5);
	}
	world_close(&w);
}

/* A successor that is asked for a status before its first commit dumps early:
 * what its predecessor made is not too much because nothing is desired yet. */
static void test_nothing_is_written_before_the_owner_said_what_it_wants(
	void **state)
{
	struct table_key key = key_of(80);
	const struct table_timeouts before = { .tcp_s = 900 };
	struct table desired = { .services = NULL };
	struct world w;

	(void)state;
	world_open(&w);
	table_put(dataplane_memory_table(w.dp), service_of(80, 2));
	reconcile_own(w.r, &key);
	reconcile_inherit_globals(w.r, &before, true);
	reconcile_freshen(w.r, USEC_PER_SEC);
	pass_time(&w, 10 * USEC_PER_SEC);
	assert_int_equal(w.known, 1);
	assert_int_equal(reconcile_writes(w.r), 0);
	assert_non_null(table_find(dataplane_memory_table(w.dp), &key));
	table_put(&desired, service_of(80, 2));
	reconcile_hold(w.r, true);
	reconcile_set_table(w.r, &desired);
	run(&w);
	assert_int_equal(reconcile_writes(w.r), 0);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_writes_everything_and_settles),
		cmocka_unit_test(test_what_is_there_already_is_not_written),
		cmocka_unit_test(test_one_server_costs_one_write),
		cmocka_unit_test(
			test_emptied_table_is_repaired_within_two_seconds),
		cmocka_unit_test(
			test_changed_server_is_repaired_by_the_next_dump),
		cmocka_unit_test(test_foreign_services_are_left_alone),
		cmocka_unit_test(
			test_foreign_services_are_flushed_where_configured),
		cmocka_unit_test(test_flush_at_start_flushes_once),
		cmocka_unit_test(
			test_adopted_services_are_kept_restored_and_removed),
		cmocka_unit_test(test_service_of_a_predecessor_is_removed),
		cmocka_unit_test(test_nothing_is_written_while_held),
		cmocka_unit_test(test_missing_module_is_tried_again_slowly),
		cmocka_unit_test(test_stop_without_the_module_ends_at_once),
		cmocka_unit_test(
			test_missing_scheduler_is_one_services_problem),
		cmocka_unit_test(
			test_lost_answers_lead_to_a_dump_and_no_loss),
		cmocka_unit_test(test_surprise_leads_to_a_dump_at_once),
		cmocka_unit_test(test_timeouts_are_set_kept_and_restored),
		cmocka_unit_test(
			test_successor_restores_the_timeouts_from_before),
		cmocka_unit_test(
			test_sync_daemon_follows_is_repaired_and_stopped),
		cmocka_unit_test(test_refused_daemon_is_tried_again_slowly),
		cmocka_unit_test(test_surprise_that_is_over_is_tried_again),
		cmocka_unit_test(
			test_problem_of_one_service_hides_no_surprise_of_another),
		cmocka_unit_test(
			test_nothing_is_written_before_the_owner_said_what_it_wants),
		cmocka_unit_test(test_it_converges_whatever_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

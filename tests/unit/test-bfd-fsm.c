/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One session by hand; two that talk to each other are in tests/sim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vrrp/bfd_fsm.h"

#define MS(n) ((n) * USEC_PER_MSEC)
#define OURS 7
#define THEIRS 9
#define START MS(1000)

static const struct bfd_fsm_conf conf = {
	.min_tx_us = 10000,
	.min_rx_us = 20000,
	.idle_tx_us = 1000000,
	.multiplier = 5,
};

struct fixture {
	struct bfd_fsm fsm;
	struct bfd_actions did;
	int64_t now;
	uint32_t jitter;
};

static void begin(struct fixture *f, const struct bfd_fsm_conf *c)
{
	memset(f, 0, sizeof(*f));
	f->now = START;
	bfd_fsm_init(&f->fsm, c, OURS, f->now);
}

/* To the next deadline, and over it. */
static void tick(struct fixture *f)
{
	const struct bfd_event event = { .type = BFD_EVENT_TIMER };

	f->now = bfd_fsm_deadline(&f->fsm);
	bfd_fsm_step(&f->fsm, &event, f->now, f->jitter, &f->did);
}

static struct bfd_packet theirs(enum bfd_state state)
{
	return (struct bfd_packet){
		.state = state,
		.multiplier = 3,
		.my_discr = THEIRS,
		.your_discr = OURS,
		.min_tx_us = 30000,
		.min_rx_us = 15000,
	};
}

static void take(struct fixture *f, struct bfd_packet packet)
{
	const struct bfd_event event = {
		.type = BFD_EVENT_PACKET,
		.packet = &packet,
	};

	bfd_fsm_step(&f->fsm, &event, f->now, f->jitter, &f->did);
}

static void hear(struct fixture *f, enum bfd_state state)
{
	take(f, theirs(state));
}

static void hear_final(struct fixture *f)
{
	struct bfd_packet packet = theirs(BFD_STATE_UP);

	packet.final = true;
	take(f, packet);
}

static void reconfigure(struct fixture *f, const struct bfd_fsm_conf *c)
{
	const struct bfd_event event = {
		.type = BFD_EVENT_RECONFIGURE,
		.conf = c,
	};

	bfd_fsm_step(&f->fsm, &event, f->now, f->jitter, &f->did);
}

static void come_up(struct fixture *f)
{
	begin(f, &conf);
	tick(f);
	hear(f, BFD_STATE_DOWN);
	assert_int_equal(f->fsm.state, BFD_STATE_INIT);
	hear(f, BFD_STATE_INIT);
	assert_int_equal(f->fsm.state, BFD_STATE_UP);
}

/* Up, and the poll that follows has been answered. */
static void settle(struct fixture *f)
{
	come_up(f);
	hear_final(f);
	assert_int_equal(f->fsm.poll, BFD_POLL_NONE);
}

/* --- sending --- */

static void test_active_session_begins_at_once_and_idles(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, &conf);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), START);
	tick(&f);
	assert_true(f.did.send);
	assert_int_equal(f.did.packet.state, BFD_STATE_DOWN);
	assert_int_equal(f.did.packet.my_discr, OURS);
	assert_int_equal(f.did.packet.your_discr, 0);
	assert_int_equal(f.did.packet.min_tx_us, 1000000);
	assert_int_equal(f.did.packet.min_rx_us, 20000);
	assert_int_equal(f.did.packet.multiplier, 5);
	assert_false(f.did.packet.poll);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), START + MS(1000));
}

static void test_passive_session_waits_for_the_neighbour(void **state)
{
	struct bfd_fsm_conf passive = conf;
	struct fixture f;

	(void)state;
	passive.passive = true;
	begin(&f, &passive);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), TIME_NEVER);
	hear(&f, BFD_STATE_DOWN);
	assert_true(f.did.send);
	assert_int_equal(f.did.packet.state, BFD_STATE_INIT);
	assert_int_equal(f.did.packet.your_discr, THEIRS);
	/* And falls silent when it is gone. */
	while (bfd_fsm_deadline(&f.fsm) != TIME_NEVER)
		tick(&f);
	assert_int_equal(f.fsm.state, BFD_STATE_DOWN);
	assert_int_equal(f.fsm.remote_discr, 0);
}

/* RFC 5880 6.8.7. */
static void test_jitter_takes_up_to_a_quarter(void **state)
{
	struct bfd_fsm_conf one = conf;
	struct fixture f;

	(void)state;
	begin(&f, &conf);
	f.jitter = UINT32_MAX;
	tick(&f);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), START + MS(750));
	one.multiplier = 1;
	begin(&f, &one);
	tick(&f);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), START + MS(900));
	begin(&f, &one);
	f.jitter = UINT32_MAX;
	tick(&f);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), START + MS(750));
}

/* Else each packet heard would bring ours forward. */
static void test_hearing_does_not_throw_the_dice_again(void **state)
{
	int64_t due;
	struct fixture f;

	(void)state;
	settle(&f);
	tick(&f);
	due = f.fsm.send_us;
	f.jitter = UINT32_MAX;
	hear(&f, BFD_STATE_UP);
	assert_int_equal(f.fsm.send_us, due);
}

static void test_interval_is_what_the_slower_side_wants(void **state)
{
	struct bfd_packet slow = theirs(BFD_STATE_UP);
	struct fixture f;

	(void)state;
	settle(&f);
	assert_int_equal(bfd_fsm_tx_interval_us(&f.fsm), 15000);
	slow.min_rx_us = 50000;
	take(&f, slow);
	assert_int_equal(f.fsm.send_us, f.fsm.sent_us + 50000);
}

/* 6.8.7: who wants no packets gets none, until it is lost. */
static void test_required_interval_of_zero_silences(void **state)
{
	struct bfd_packet none = theirs(BFD_STATE_UP);
	struct fixture f;

	(void)state;
	settle(&f);
	none.min_rx_us = 0;
	take(&f, none);
	assert_int_equal(f.fsm.send_us, TIME_NEVER);
	tick(&f);
	assert_int_equal(f.fsm.state, BFD_STATE_DOWN);
	assert_true(f.did.send);
	assert_int_not_equal(f.fsm.send_us, TIME_NEVER);
}

/* 6.6 and 6.8.7: demand counts only while both are up and nothing is asked. */
static void test_demand_of_the_neighbour_stops_periodic_packets(void **state)
{
	struct bfd_packet demand = theirs(BFD_STATE_UP);
	struct bfd_fsm_conf other = conf;
	struct fixture f;

	(void)state;
	settle(&f);
	demand.demand = true;
	take(&f, demand);
	assert_int_equal(f.fsm.send_us, TIME_NEVER);
	demand.poll = true;
	take(&f, demand);
	assert_true(f.did.send);
	assert_true(f.did.packet.final);
	/* Our own poll goes out. */
	other.min_rx_us = 40000;
	reconfigure(&f, &other);
	assert_int_not_equal(f.fsm.send_us, TIME_NEVER);
	tick(&f);
	assert_true(f.did.packet.poll);
	demand.poll = false;
	demand.final = true;
	take(&f, demand);
	assert_int_equal(f.fsm.send_us, TIME_NEVER);
	demand.state = BFD_STATE_DOWN;
	take(&f, demand);
	assert_int_equal(f.fsm.state, BFD_STATE_DOWN);
	assert_int_not_equal(f.fsm.send_us, TIME_NEVER);
}

/* --- the state --- */

static void test_change_of_state_is_told_at_once(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, &conf);
	tick(&f);
	hear(&f, BFD_STATE_DOWN);
	assert_true(f.did.changed);
	assert_int_equal(f.did.from, BFD_STATE_DOWN);
	assert_true(f.did.send);
	assert_int_equal(f.did.packet.state, BFD_STATE_INIT);
	hear(&f, BFD_STATE_UP);
	assert_true(f.did.send);
	assert_int_equal(f.did.packet.state, BFD_STATE_UP);
	assert_int_equal(f.did.packet.min_tx_us, 10000);
	assert_true(f.did.packet.poll);
}

/* 6.8.6: a neighbour that believes to be up must first hear that we are
 * not. */
static void test_down_session_does_not_follow_up(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, &conf);
	hear(&f, BFD_STATE_UP);
	assert_int_equal(f.fsm.state, BFD_STATE_DOWN);
	assert_false(f.did.changed);
}

static void test_silence_takes_the_session_down(void **state)
{
	struct fixture f;
	int64_t heard;

	(void)state;
	settle(&f);
	heard = f.now;
	assert_int_equal(bfd_fsm_detection_us(&f.fsm), 3 * 30000);
	while (f.fsm.state == BFD_STATE_UP)
		tick(&f);
	assert_int_equal(f.now, heard + 3 * 30000);
	assert_int_equal(f.fsm.state, BFD_STATE_DOWN);
	assert_int_equal(f.fsm.diag, BFD_DIAG_EXPIRED);
	assert_int_equal(f.fsm.remote_discr, 0);
	assert_true(f.did.send);
	assert_int_equal(f.did.packet.state, BFD_STATE_DOWN);
	assert_int_equal(f.did.packet.diag, BFD_DIAG_EXPIRED);
	assert_int_equal(f.did.packet.min_tx_us, 1000000);
	assert_int_equal(f.did.packet.your_discr, 0);
}

static void test_neighbour_that_goes_down_takes_us_along(void **state)
{
	struct fixture f;

	(void)state;
	settle(&f);
	hear(&f, BFD_STATE_DOWN);
	assert_int_equal(f.fsm.state, BFD_STATE_DOWN);
	assert_int_equal(f.fsm.diag, BFD_DIAG_NEIGHBOR_DOWN);
	hear(&f, BFD_STATE_DOWN);
	assert_int_equal(f.fsm.state, BFD_STATE_INIT);
	settle(&f);
	hear(&f, BFD_STATE_ADMIN_DOWN);
	assert_int_equal(f.fsm.state, BFD_STATE_DOWN);
	assert_int_equal(f.fsm.diag, BFD_DIAG_NEIGHBOR_DOWN);
}

static void test_admin_down_is_the_end(void **state)
{
	const struct bfd_event end = { .type = BFD_EVENT_ADMIN_DOWN };
	struct fixture f;

	(void)state;
	settle(&f);
	bfd_fsm_step(&f.fsm, &end, f.now, 0, &f.did);
	assert_true(f.did.send);
	assert_int_equal(f.did.packet.state, BFD_STATE_ADMIN_DOWN);
	assert_int_equal(f.did.packet.diag, BFD_DIAG_ADMIN_DOWN);
	assert_int_equal(f.did.packet.your_discr, THEIRS);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), TIME_NEVER);
	hear(&f, BFD_STATE_DOWN);
	assert_true(f.did.dropped);
	assert_int_equal(f.fsm.state, BFD_STATE_ADMIN_DOWN);
	bfd_fsm_step(&f.fsm, &end, f.now, 0, &f.did);
	assert_true(f.did.send);
	assert_false(f.did.changed);
}

/* --- polls and rates --- */

static void test_poll_lasts_until_its_final(void **state)
{
	struct fixture f;

	(void)state;
	come_up(&f);
	for (int i = 0; i < 3; i++) {
		hear(&f, BFD_STATE_UP);
		tick(&f);
		assert_true(f.did.packet.poll);
	}
	hear_final(&f);
	tick(&f);
	assert_false(f.did.packet.poll);
}

static void test_poll_is_answered_at_once_whatever_the_timer(void **state)
{
	struct bfd_packet poll = theirs(BFD_STATE_UP);
	struct fixture f;
	int64_t due;

	(void)state;
	come_up(&f);
	due = f.fsm.send_us;
	poll.poll = true;
	take(&f, poll);
	assert_true(f.did.send);
	assert_true(f.did.packet.final);
	assert_false(f.did.packet.poll);
	assert_int_equal(f.fsm.send_us, due);
}

/* 6.8.3. */
static void test_slower_sending_waits_for_the_final(void **state)
{
	struct bfd_fsm_conf slow = conf;
	struct fixture f;

	(void)state;
	settle(&f);
	slow.min_tx_us = 100000;
	reconfigure(&f, &slow);
	assert_int_equal(bfd_fsm_tx_interval_us(&f.fsm), 15000);
	tick(&f);
	assert_true(f.did.packet.poll);
	assert_int_equal(f.did.packet.min_tx_us, 100000);
	hear_final(&f);
	assert_int_equal(bfd_fsm_tx_interval_us(&f.fsm), 100000);
}

static void test_faster_detection_waits_for_the_final(void **state)
{
	struct bfd_fsm_conf c = conf;
	struct fixture f;

	(void)state;
	c.min_rx_us = 90000;
	begin(&f, &c);
	hear(&f, BFD_STATE_DOWN);
	hear(&f, BFD_STATE_INIT);
	hear_final(&f);
	assert_int_equal(bfd_fsm_detection_us(&f.fsm), 3 * 90000);
	reconfigure(&f, &conf);
	assert_int_equal(bfd_fsm_detection_us(&f.fsm), 3 * 90000);
	tick(&f);
	assert_true(f.did.packet.poll);
	assert_int_equal(f.did.packet.min_rx_us, 20000);
	hear_final(&f);
	assert_int_equal(bfd_fsm_detection_us(&f.fsm), 3 * 30000);
}

static void test_faster_sending_and_slower_detection_are_at_once(void **state)
{
	struct bfd_fsm_conf c = conf;
	struct fixture f;

	(void)state;
	c.min_tx_us = 100000;
	begin(&f, &c);
	hear(&f, BFD_STATE_DOWN);
	hear(&f, BFD_STATE_INIT);
	hear_final(&f);
	c = conf;
	c.min_rx_us = 200000;
	reconfigure(&f, &c);
	assert_int_equal(bfd_fsm_tx_interval_us(&f.fsm), 15000);
	assert_int_equal(bfd_fsm_detection_us(&f.fsm), 3 * 200000);
	assert_int_equal(f.fsm.detect_us, f.now + 3 * 200000);
}

/* 6.5: the F of the first says nothing about what came after. */
static void test_second_change_gets_a_poll_of_its_own(void **state)
{
	struct bfd_fsm_conf c = conf;
	struct fixture f;

	(void)state;
	settle(&f);
	c.min_tx_us = 50000;
	reconfigure(&f, &c);
	tick(&f);
	c.min_tx_us = 60000;
	reconfigure(&f, &c);
	tick(&f);
	assert_true(f.did.packet.poll);
	hear_final(&f);
	assert_int_equal(bfd_fsm_tx_interval_us(&f.fsm), 15000);
	tick(&f);
	assert_false(f.did.packet.poll);
	tick(&f);
	assert_true(f.did.packet.poll);
	hear_final(&f);
	assert_int_equal(bfd_fsm_tx_interval_us(&f.fsm), 60000);
}

static void test_final_that_nobody_asked_for_is_harmless(void **state)
{
	struct fixture f;

	(void)state;
	settle(&f);
	hear_final(&f);
	assert_int_equal(f.fsm.state, BFD_STATE_UP);
	assert_int_equal(f.fsm.poll, BFD_POLL_NONE);
}

/* --- a process that was replaced --- */

static void test_resumed_session_stays_up_and_asks(void **state)
{
	struct bfd_fsm before;
	struct fixture f;

	(void)state;
	settle(&f);
	before = f.fsm;
	f.now += MS(30);
	bfd_fsm_init(&f.fsm, &conf, 12345, f.now);
	bfd_fsm_resume(&f.fsm, &before, f.now);
	assert_int_equal(f.fsm.state, BFD_STATE_UP);
	assert_int_equal(f.fsm.discr, OURS);
	assert_int_equal(bfd_fsm_deadline(&f.fsm), f.now);
	tick(&f);
	assert_true(f.did.packet.poll);
	assert_int_equal(f.did.packet.state, BFD_STATE_UP);
	assert_int_equal(f.did.packet.your_discr, THEIRS);
	assert_int_equal(f.fsm.detect_us, f.now + 3 * 30000);
	hear_final(&f);
	assert_int_equal(f.fsm.poll, BFD_POLL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_active_session_begins_at_once_and_idles),
		cmocka_unit_test(test_passive_session_waits_for_the_neighbour),
		cmocka_unit_test(test_jitter_takes_up_to_a_quarter),
		cmocka_unit_test(test_hearing_does_not_throw_the_dice_again),
		cmocka_unit_test(test_interval_is_what_the_slower_side_wants),
		cmocka_unit_test(test_required_interval_of_zero_silences),
		cmocka_unit_test(
			test_demand_of_the_neighbour_stops_periodic_packets),
		cmocka_unit_test(test_change_of_state_is_told_at_once),
		cmocka_unit_test(test_down_session_does_not_follow_up),
		cmocka_unit_test(test_silence_takes_the_session_down),
		cmocka_unit_test(test_neighbour_that_goes_down_takes_us_along),
		cmocka_unit_test(test_admin_down_is_the_end),
		cmocka_unit_test(test_poll_lasts_until_its_final),
		cmocka_unit_test(
			test_poll_is_answered_at_once_whatever_the_timer),
		cmocka_unit_test(test_slower_sending_waits_for_the_final),
		cmocka_unit_test(test_faster_detection_waits_for_the_final),
		cmocka_unit_test(
			test_faster_sending_and_slower_detection_are_at_once),
		cmocka_unit_test(test_second_change_gets_a_poll_of_its_own),
		cmocka_unit_test(test_final_that_nobody_asked_for_is_harmless),
		cmocka_unit_test(test_resumed_session_stays_up_and_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine against RFC 9568 6.4 (and RFC 3768 6.4), case by case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/vrrp-fsm-driver.h"

#define TO_BACKUP "INITIALIZE>BACKUP(startup)"
#define TO_ACTIVE "adv:100 add garp:5 BACKUP>ACTIVE(no-adverts-heard)"
#define LINGER (255 * SECOND / 256 + 100 * MS)

static struct vrrp_fsm_conf conf;
static struct driver d;

/* Each test begins with a fresh conf and, as it likes, a started router. */
static int reset(void **state)
{
	(void)state;
	conf = driver_conf();
	return 0;
}

static void start(void)
{
	driver_init(&d, &conf);
	driver_start(&d);
}

static void start_active(void)
{
	start();
	assert_string_equal(driver_wait(&d), TO_ACTIVE);
}

static int64_t down_in(void)
{
	return d.fsm.timers[VRRP_TIMER_DOWN] - d.now;
}

/* --- 6.1: arithmetic --- */

static void test_skew_and_down_interval_of_version_3(void **state)
{
	(void)state;
	conf.advert_int_us = 100 * MS;
	start();
	/* (256 - 100) / 256 of the interval */
	assert_int_equal(vrrp_fsm_skew_us(&d.fsm), 60937);
	assert_int_equal(down_in(), 360937);
	conf.advert_int_us = 10 * MS;
	conf.priority = 254;
	start();
	assert_int_equal(down_in(), 30078);
}

static void test_skew_of_version_2_is_in_seconds(void **state)
{
	(void)state;
	conf.version = 2;
	conf.advert_int_us = 4 * SECOND;
	start();
	assert_int_equal(vrrp_fsm_skew_us(&d.fsm), 609375);
	assert_int_equal(down_in(), 12 * SECOND + 609375);
}

static void test_down_timer_adverts_changes_the_3(void **state)
{
	(void)state;
	conf.down_timer_adverts = 5;
	start();
	assert_int_equal(down_in(), 5 * SECOND + 609375);
}

/* --- 6.4.1: Initialize --- */

static void test_startup_listens_first(void **state)
{
	(void)state;
	driver_init(&d, &conf);
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), TIME_NEVER);
	assert_string_equal(driver_start(&d), TO_BACKUP);
	assert_string_equal(driver_start(&d), "");
}

static void test_startup_of_the_owner_is_active_at_once(void **state)
{
	(void)state;
	conf.priority = 255;
	driver_init(&d, &conf);
	assert_string_equal(driver_start(&d),
		"adv:255 add garp:5 INITIALIZE>ACTIVE(address-owner)");
}

static void test_startup_delay_ignores_adverts(void **state)
{
	(void)state;
	conf.startup_delay_us = 2 * SECOND;
	driver_init(&d, &conf);
	assert_string_equal(driver_start(&d), "");
	assert_string_equal(driver_hear(&d, 50, 9), "drop:not-listening");
	d.now += 2 * SECOND - 1;
	assert_string_equal(driver_timer(&d), "");
	assert_string_equal(driver_wait(&d), TO_BACKUP);
	assert_int_equal(down_in(), 3609375);
}

static void test_before_startup_nothing_happens(void **state)
{
	(void)state;
	driver_init(&d, &conf);
	assert_string_equal(driver_hear(&d, 50, 9), "drop:not-listening");
	assert_string_equal(driver_timer(&d), "");
	assert_string_equal(driver_fault(&d, VRRP_FAULT_LINK, true), "");
	assert_string_equal(
		driver_start(&d), "INITIALIZE>FAULT(interface-down)");
}

/* --- 6.4.2: Backup --- */

static void test_backup_takes_over_when_the_down_timer_is_over(void **state)
{
	(void)state;
	start();
	d.now += 3609374;
	assert_string_equal(driver_timer(&d), "");
	d.now += 1;
	assert_string_equal(driver_timer(&d), TO_ACTIVE);
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + SECOND);
}

static void test_backup_takes_over_after_priority_zero(void **state)
{
	(void)state;
	start();
	assert_string_equal(driver_hear(&d, 0, 9), "");
	assert_int_equal(down_in(), 609375);
	/* A row of them does not put it off. */
	d.now += 300 * MS;
	driver_hear(&d, 0, 9);
	assert_int_equal(down_in(), 309375);
	assert_string_equal(driver_wait(&d),
		"add garp:5 BACKUP>ACTIVE(active-router-resigned)");
}

static void take_over_from_resigned(void)
{
	start();
	driver_hear(&d, 0, 9);
	driver_wait(&d);
}

static void test_successor_speaks_when_its_addresses_are_there(void **state)
{
	(void)state;
	take_over_from_resigned();
	d.now += 2 * MS;
	assert_string_equal(driver_there(&d), "adv:100");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + SECOND);
	assert_string_equal(driver_there(&d), "");
}

static void test_successor_waits_for_its_addresses_only_so_long(void **state)
{
	int64_t begin;

	(void)state;
	take_over_from_resigned();
	begin = d.now;
	assert_string_equal(driver_wait(&d), "adv:100");
	assert_int_equal(d.now - begin, SECOND / 32);
	assert_string_equal(driver_there(&d), "");
	assert_string_equal(driver_wait(&d), "adv:100");
	assert_int_equal(d.now - begin, SECOND / 32 + SECOND);
}

static void test_successor_with_addresses_speaks_at_once(void **state)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_STARTUP,
		.startup.leftovers = true,
	};

	(void)state;
	driver_init(&d, &conf);
	driver_give(&d, &event);
	driver_hear(&d, 0, 9);
	assert_string_equal(driver_wait(&d),
		"adv:100 add garp:5 BACKUP>ACTIVE(active-router-resigned)");
}

static void test_held_advert_is_not_sent_after_giving_way(void **state)
{
	(void)state;
	take_over_from_resigned();
	driver_hear(&d, 200, 9);
	assert_int_equal(d.fsm.state, VRRP_STATE_BACKUP);
	assert_string_equal(driver_there(&d), "");
	assert_true(down_in() > 0);
}

static void test_start_waits_for_the_longer_of_two_delays(void **state)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_STARTUP,
		.startup.delay_us = 7 * SECOND,
	};

	(void)state;
	conf.startup_delay_us = 2 * SECOND;
	driver_init(&d, &conf);
	driver_give(&d, &event);
	assert_int_equal(vrrp_fsm_deadline(&d.fsm) - d.now, 7 * SECOND);
	conf.startup_delay_us = 9 * SECOND;
	driver_init(&d, &conf);
	driver_give(&d, &event);
	assert_int_equal(vrrp_fsm_deadline(&d.fsm) - d.now, 9 * SECOND);
}

static void test_backup_obeys_higher_and_equal_priority(void **state)
{
	(void)state;
	start();
	d.now += SECOND;
	driver_hear(&d, 101, 9);
	assert_int_equal(down_in(), 3609375);
	d.now += SECOND;
	driver_hear(&d, 100, 1); /* the address does not matter here */
	assert_int_equal(down_in(), 3609375);
}

static void hear_with_interval(
	uint8_t priority, int last, int64_t interval_us)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_ADVERT,
		.advert = { priority, interval_us, driver_addr(last) },
	};

	driver_give(&d, &event);
}

static void test_last_word_of_a_loser_does_not_shorten_the_interval(void **state)
{
	(void)state;
	start();
	hear_with_interval(200, 9, 5 * SECOND);
	d.now += SECOND;
	hear_with_interval(150, 8, 10 * MS);
	hear_with_interval(200, 7, 10 * MS); /* lower address */
	assert_int_equal(down_in(), 14 * SECOND + 156 * 5 * SECOND / 256);
	assert_int_equal(d.fsm.active_priority, 200);
	/* A greater claim, or the same router, is believed. */
	hear_with_interval(200, 9, 2 * SECOND);
	assert_int_equal(down_in(), 6 * SECOND + 2 * 609375);
	hear_with_interval(200, 10, SECOND);
	assert_int_equal(down_in(), 3609375);
}

static void test_successor_of_less_priority_is_followed(void **state)
{
	(void)state;
	start();
	hear_with_interval(200, 9, SECOND);
	/* It dies; another backup is a little faster than we are. */
	d.now += 3300 * MS;
	hear_with_interval(150, 8, SECOND);
	assert_int_equal(down_in(), 3609375);
	d.now += SECOND;
	hear_with_interval(150, 8, SECOND);
	assert_int_equal(down_in(), 3609375);
	assert_int_equal(d.fsm.active_priority, 150);
	/* It resigns: whoever comes then is believed at once. */
	hear_with_interval(0, 8, SECOND);
	d.now += 100 * MS;
	hear_with_interval(120, 7, 2 * SECOND);
	assert_int_equal(d.fsm.active_priority, 120);
	assert_int_equal(down_in(), 6 * SECOND + 2 * 609375);
}

static void test_backup_discards_lower_priority_and_preempts(void **state)
{
	(void)state;
	start();
	d.now += SECOND;
	assert_string_equal(driver_hear(&d, 99, 9), "");
	assert_int_equal(down_in(), 2609375);
	assert_string_equal(driver_wait(&d),
		"adv:100 add garp:5 BACKUP>ACTIVE(higher-priority-than-"
		"active)");
}

static void test_nopreempt_obeys_lower_priority(void **state)
{
	(void)state;
	conf.preempt = false;
	start();
	d.now += SECOND;
	driver_hear(&d, 1, 9);
	assert_int_equal(down_in(), 3609375);
	assert_string_equal(driver_wait(&d), TO_ACTIVE);
}

static void test_preempt_delay_begins_with_the_first_lower_advert(void **state)
{
	(void)state;
	conf.preempt_delay_us = 5 * SECOND;
	start();
	d.now += SECOND;
	driver_hear(&d, 50, 9);
	assert_int_equal(down_in(), 3609375);
	d.now += 4999 * MS;
	driver_hear(&d, 50, 9);
	assert_int_equal(down_in(), 3609375);
	d.now += 1 * MS;
	driver_hear(&d, 50, 9);
	assert_int_equal(down_in(), 3608375); /* discarded */
}

static void test_preempt_delay_begins_again_after_a_higher_advert(void **state)
{
	(void)state;
	conf.preempt_delay_us = 5 * SECOND;
	start();
	driver_hear(&d, 50, 9);
	d.now += SECOND;
	driver_hear(&d, 150, 8);
	d.now += 2 * SECOND;
	driver_hear(&d, 50, 9);
	d.now += 3 * SECOND; /* 6 s after the first */
	driver_hear(&d, 50, 9);
	assert_int_equal(down_in(), 3609375);
}

static void test_preempt_delay_does_not_delay_without_active_router(void **state)
{
	(void)state;
	conf.preempt_delay_us = 500 * SECOND;
	start();
	assert_int_equal(down_in(), 3609375);
	assert_string_equal(driver_wait(&d), TO_ACTIVE);
}

static struct vrrp_event advert_with_interval(int64_t interval_us)
{
	return (struct vrrp_event){
		.type = VRRP_EVENT_ADVERT,
		.advert = { 200, interval_us, driver_addr(9) },
	};
}

static void test_version_3_learns_the_interval(void **state)
{
	struct vrrp_event event = advert_with_interval(5 * SECOND);

	(void)state;
	start();
	driver_give(&d, &event);
	assert_int_equal(down_in(), 15 * SECOND + 156 * 5 * SECOND / 256);
	/* Its own interval counts again once it is Active. */
	assert_string_equal(driver_wait(&d), TO_ACTIVE);
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + SECOND);
}

static void test_version_2_drops_another_interval(void **state)
{
	struct vrrp_event event = advert_with_interval(2 * SECOND);

	(void)state;
	conf.version = 2;
	start();
	d.now += SECOND;
	assert_string_equal(driver_give(&d, &event), "drop:interval-mismatch");
	assert_int_equal(down_in(), 2609375);
	assert_int_equal(d.fsm.counters.interval_mismatches, 1);
	assert_int_equal(d.fsm.counters.adverts_received, 0);
}

static void test_own_packets_are_no_adverts(void **state)
{
	(void)state;
	start();
	assert_string_equal(driver_hear(&d, 200, 5), "drop:own-packet");
}

static void test_shutdown_of_a_backup_is_silent(void **state)
{
	(void)state;
	start();
	assert_string_equal(
		driver_reason(&d, VRRP_EVENT_SHUTDOWN, REASON_SHUTDOWN),
		"BACKUP>INITIALIZE(shutdown) stopped");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), TIME_NEVER);
}

/* --- 6.4.3: Active --- */

static void test_active_advertises_every_interval(void **state)
{
	int64_t begin;

	(void)state;
	conf.advert_int_us = 10 * MS;
	driver_init(&d, &conf);
	driver_start(&d);
	driver_wait(&d);
	begin = d.now;
	for (int i = 1; i <= 100; i++) {
		/* Late by up to 3 ms: the next one is not. */
		d.now = vrrp_fsm_deadline(&d.fsm) + i % 4 * MS;
		assert_string_equal(driver_timer(&d), "adv:100");
		assert_int_equal(vrrp_fsm_deadline(&d.fsm),
			begin + (i + 1) * 10 * MS);
	}
}

static void test_active_that_was_stalled_does_not_catch_up(void **state)
{
	(void)state;
	start_active();
	d.now += 10 * SECOND;
	assert_string_equal(driver_timer(&d), "adv:100");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + SECOND);
}

static void test_active_answers_priority_zero(void **state)
{
	(void)state;
	start_active();
	d.now += 400 * MS;
	assert_string_equal(driver_hear(&d, 0, 9), "adv:100");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + SECOND);
}

static void test_active_yields_to_higher_priority(void **state)
{
	struct vrrp_event event = advert_with_interval(2 * SECOND);

	(void)state;
	start_active();
	assert_string_equal(driver_give(&d, &event),
		"del ACTIVE>BACKUP(higher-priority-advert)");
	assert_int_equal(down_in(), 6 * SECOND + 2 * 609375);
}

static void test_active_yields_to_equal_priority_of_greater_address(void **state)
{
	(void)state;
	start_active();
	assert_string_equal(driver_hear(&d, 100, 6),
		"del ACTIVE>BACKUP(equal-priority-higher-address)");
	start_active();
	assert_string_equal(driver_hear(&d, 100, 4), "adv:100 lower:100");
}

static void test_active_asserts_itself_to_lower_priority(void **state)
{
	(void)state;
	conf.garp.lower_prio_repeat = 2;
	start_active();
	d.now += 400 * MS;
	assert_string_equal(driver_hear(&d, 99, 9), "adv:100 garp:2 lower:99");
	/* The regular advert comes when it was due. */
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + 600 * MS);
	assert_int_equal(d.fsm.counters.lower_prio_received, 1);
}

static void test_a_flood_of_lower_adverts_gets_few_answers(void **state)
{
	unsigned int answers = 0;

	(void)state;
	conf.garp.lower_prio_repeat = 5;
	start_active();
	for (int i = 0; i < 10000; i++) {
		d.now += 100;
		if (d.now >= vrrp_fsm_deadline(&d.fsm))
			driver_timer(&d);
		answers += driver_hear(&d, 99, 9)[0] != '\0';
	}
	assert_in_range(answers, 7, 9);
	assert_true(d.fsm.counters.adverts_sent < 12);
}

static void test_lower_prio_no_advert_is_silent(void **state)
{
	(void)state;
	conf.lower_prio_no_advert = true;
	start_active();
	assert_string_equal(driver_hear(&d, 99, 9), "lower:99");
}

static void test_higher_prio_send_advert_says_goodbye(void **state)
{
	(void)state;
	conf.higher_prio_send_advert = true;
	start_active();
	assert_string_equal(driver_hear(&d, 101, 9),
		"adv:100 del ACTIVE>BACKUP(higher-priority-advert)");
}

static void test_owner_ignores_adverts_when_told_to(void **state)
{
	(void)state;
	conf.priority = 255;
	start();
	assert_string_equal(driver_hear(&d, 255, 9),
		"del ACTIVE>BACKUP(equal-priority-higher-address)");
	conf.owner_ignore_adverts = true;
	start();
	assert_string_equal(driver_hear(&d, 255, 9), "drop:not-listening");
}

static void test_owner_always_preempts(void **state)
{
	(void)state;
	conf.priority = 255;
	conf.preempt = false;
	start();
	driver_hear(&d, 255, 9); /* yields for now */
	d.now += SECOND;
	driver_hear(&d, 200, 8);
	assert_true(down_in() < 3 * SECOND);
}

/* --- announcements --- */

static void test_announcements_are_repeated_and_refreshed(void **state)
{
	(void)state;
	conf.garp.delay_us = 5 * SECOND;
	conf.garp.refresh_us = 7 * SECOND;
	conf.garp.refresh_repeat = 2;
	start_active();
	for (int i = 1; i <= 15; i++) {
		const char *wanted = i == 5 ? "adv:100 garp:5" :
				     i % 7 ? "adv:100" : "adv:100 garp:2";

		assert_string_equal(driver_wait(&d), wanted);
	}
}

static void test_lower_advert_announces_again_later(void **state)
{
	(void)state;
	conf.garp.lower_prio_repeat = 3;
	conf.garp.lower_prio_delay_us = 1500 * MS;
	start_active();
	driver_hear(&d, 1, 9);
	assert_string_equal(driver_wait(&d), "adv:100");
	assert_string_equal(driver_wait(&d), "garp:3");
	assert_string_equal(driver_wait(&d), "adv:100");
}

static void test_lost_addresses_are_put_back_by_the_active_only(void **state)
{
	struct vrrp_event event = { .type = VRRP_EVENT_ADDRESSES_GONE };

	(void)state;
	start();
	assert_string_equal(driver_give(&d, &event), "");
	driver_wait(&d);
	assert_string_equal(driver_give(&d, &event), "add garp:5");
}

/* --- make before break --- */

static void test_shutdown_keeps_addresses_until_the_successor_speaks(void **state)
{
	(void)state;
	start_active();
	assert_string_equal(
		driver_reason(&d, VRRP_EVENT_SHUTDOWN, REASON_SHUTDOWN),
		"adv:0 ACTIVE>INITIALIZE(shutdown)");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + LINGER);
	d.now += 300 * MS;
	assert_string_equal(
		driver_hear(&d, 50, 9), "del stopped drop:not-listening");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), TIME_NEVER);
}

static void test_shutdown_without_successor_ends_by_itself(void **state)
{
	(void)state;
	start_active();
	driver_reason(&d, VRRP_EVENT_SHUTDOWN, REASON_SHUTDOWN);
	assert_string_equal(driver_hear(&d, 0, 9), "drop:not-listening");
	assert_string_equal(driver_wait(&d), "del stopped");
}

static void test_second_shutdown_does_not_wait(void **state)
{
	(void)state;
	start_active();
	driver_reason(&d, VRRP_EVENT_SHUTDOWN, REASON_SHUTDOWN);
	assert_string_equal(
		driver_reason(&d, VRRP_EVENT_SHUTDOWN, REASON_SHUTDOWN),
		"del stopped");
}

static void test_linger_never_is_longer_than_3_seconds(void **state)
{
	(void)state;
	conf.advert_int_us = 40 * SECOND;
	start_active();
	driver_reason(&d, VRRP_EVENT_SHUTDOWN, REASON_SHUTDOWN);
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + 3 * SECOND);
}

static void test_release_gives_active_away(void **state)
{
	(void)state;
	start_active();
	assert_string_equal(
		driver_reason(&d, VRRP_EVENT_RELEASE, REASON_OPERATOR),
		"adv:0 ACTIVE>BACKUP(operator-request)");
	assert_string_equal(driver_hear(&d, 150, 9), "del");
	/* Nobody came: it takes over again, without a gap. */
	start_active();
	driver_reason(&d, VRRP_EVENT_RELEASE, REASON_OPERATOR);
	assert_string_equal(driver_wait(&d), "del");
	assert_string_equal(driver_wait(&d), TO_ACTIVE);
}

/* --- FAULT --- */

static void test_link_loss_removes_addresses_at_once(void **state)
{
	(void)state;
	start_active();
	assert_string_equal(driver_fault(&d, VRRP_FAULT_LINK, true),
		"del ACTIVE>FAULT(interface-down)");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), TIME_NEVER);
	assert_string_equal(driver_hear(&d, 200, 9), "drop:not-listening");
}

static void test_tracked_failure_resigns_in_good_order(void **state)
{
	(void)state;
	start_active();
	assert_string_equal(driver_fault(&d, VRRP_FAULT_TRACK, true),
		"adv:0 ACTIVE>FAULT(interface-down)");
	assert_string_equal(
		driver_hear(&d, 50, 9), "del drop:not-listening");
	/* The link goes as well, while addresses are still held. */
	start_active();
	driver_fault(&d, VRRP_FAULT_TRACK, true);
	assert_string_equal(driver_fault(&d, VRRP_FAULT_LINK, true), "del");
}

static void test_fault_ends_with_the_last_one(void **state)
{
	(void)state;
	start();
	driver_fault(&d, VRRP_FAULT_LINK, true);
	assert_string_equal(driver_fault(&d, VRRP_FAULT_TRACK, true), "");
	assert_string_equal(driver_fault(&d, VRRP_FAULT_LINK, false), "");
	assert_string_equal(driver_fault(&d, VRRP_FAULT_TRACK, false),
		"FAULT>BACKUP(interface-up)");
	assert_int_equal(down_in(), 3609375);
}

static void test_owner_is_active_right_after_a_fault(void **state)
{
	(void)state;
	conf.priority = 255;
	start();
	driver_fault(&d, VRRP_FAULT_LINK, true);
	assert_string_equal(driver_fault(&d, VRRP_FAULT_LINK, false),
		"adv:255 add garp:5 FAULT>ACTIVE(address-owner)");
}

static void test_fault_during_the_startup_delay_does_not_shorten_it(void **state)
{
	(void)state;
	conf.startup_delay_us = 2 * SECOND;
	driver_init(&d, &conf);
	driver_start(&d);
	driver_fault(&d, VRRP_FAULT_LINK, true);
	assert_string_equal(driver_fault(&d, VRRP_FAULT_LINK, false),
		"FAULT>INITIALIZE(interface-up)");
	assert_string_equal(driver_wait(&d), TO_BACKUP);
}

/* --- restart of the role --- */

static const char *resume(
	enum vrrp_state state, int64_t gap_us, bool leftovers)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_STARTUP,
		.startup = { .resume = state, .gap_us = gap_us,
			.leftovers = leftovers },
	};

	driver_init(&d, &conf);
	return driver_give(&d, &event);
}

static void test_resumed_active_advertises_at_once(void **state)
{
	(void)state;
	conf.startup_delay_us = 100 * SECOND;
	assert_string_equal(resume(VRRP_STATE_ACTIVE, SECOND, true),
		"adv:100 add garp:5 "
		"INITIALIZE>ACTIVE(adopted-from-predecessor)");
}

static void test_resumed_too_late_listens_with_its_addresses(void **state)
{
	(void)state;
	assert_string_equal(resume(VRRP_STATE_ACTIVE, 4 * SECOND, true),
		"INITIALIZE>BACKUP(adopted-from-predecessor)");
	assert_true(d.fsm.holding);
	assert_string_equal(driver_hear(&d, 50, 9), "del");
	resume(VRRP_STATE_ACTIVE, 4 * SECOND, true);
	assert_string_equal(driver_wait(&d), TO_ACTIVE);
}

/* timer_expired_backup: 3 s and (256 - 200) / 256 s after the last advert. */
static void test_who_was_not_run_for_long_listens_first(void **state)
{
	int64_t last;

	(void)state;
	conf.preempt = false;
	conf.expired_priority = 200;
	driver_init(&d, &conf);
	driver_start(&d);
	driver_wait(&d);
	assert_int_equal(d.fsm.state, VRRP_STATE_ACTIVE);
	last = d.now;
	d.now = last + 3 * SECOND + 56 * SECOND / 256 - 1;
	assert_string_equal(driver_timer(&d), "adv:100");
	last = d.now;
	d.now = last + 3 * SECOND + 56 * SECOND / 256;
	assert_string_equal(
		driver_timer(&d), "ACTIVE>BACKUP(was-not-run-in-time)");
	assert_true(d.fsm.holding);
	/* Somebody is there, of lower priority, or nobody is. */
	assert_string_equal(driver_hear(&d, 50, 9), "del");
	assert_int_equal(d.fsm.state, VRRP_STATE_BACKUP);
	driver_wait(&d);
	d.now += 10 * SECOND;
	assert_string_equal(
		driver_timer(&d), "ACTIVE>BACKUP(was-not-run-in-time)");
	assert_string_equal(driver_wait(&d), TO_ACTIVE);
	/* Without the word it goes on. */
	conf.expired_priority = 0;
	driver_init(&d, &conf);
	driver_start(&d);
	driver_wait(&d);
	d.now += 10 * SECOND;
	assert_string_equal(driver_timer(&d), "adv:100");
}

static void test_leftovers_are_kept_until_an_active_router_is_heard(void **state)
{
	(void)state;
	assert_string_equal(
		resume(VRRP_STATE_INITIALIZE, 0, true), TO_BACKUP);
	assert_string_equal(driver_hear(&d, 0, 9), "");
	assert_string_equal(driver_hear(&d, 200, 9), "del");
	resume(VRRP_STATE_INITIALIZE, 0, true);
	assert_string_equal(
		driver_reason(&d, VRRP_EVENT_SHUTDOWN, REASON_SHUTDOWN),
		"BACKUP>INITIALIZE(shutdown) del stopped");
}

static void test_resumed_active_with_a_fault_resigns(void **state)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_STARTUP,
		.startup = { .resume = VRRP_STATE_ACTIVE,
			.leftovers = true },
	};

	(void)state;
	driver_init(&d, &conf);
	driver_fault(&d, VRRP_FAULT_TRACK, true);
	assert_string_equal(driver_give(&d, &event),
		"adv:0 INITIALIZE>FAULT(interface-down)");
	assert_string_equal(driver_wait(&d), "del");
	driver_init(&d, &conf);
	driver_fault(&d, VRRP_FAULT_LINK, true);
	assert_string_equal(driver_give(&d, &event),
		"del INITIALIZE>FAULT(interface-down)");
}

/* --- priority, address, reload --- */

static void test_new_priority_moves_the_down_timer(void **state)
{
	struct vrrp_event event = { .type = VRRP_EVENT_PRIORITY,
		.priority = 228 };

	(void)state;
	start();
	d.now += SECOND;
	driver_give(&d, &event);
	assert_int_equal(down_in(), 2 * SECOND + 109375);
	driver_wait(&d);
	event.priority = 20;
	assert_string_equal(driver_give(&d, &event), "");
	assert_string_equal(driver_wait(&d), "adv:20");
	assert_string_equal(driver_hear(&d, 21, 9),
		"del ACTIVE>BACKUP(higher-priority-advert)");
}

static void test_new_primary_address_decides_ties(void **state)
{
	struct vrrp_event event = { .type = VRRP_EVENT_PRIMARY,
		.address = driver_addr(77) };

	(void)state;
	start_active();
	driver_give(&d, &event);
	driver_hear(&d, 100, 9);
	assert_int_equal(d.fsm.state, VRRP_STATE_ACTIVE);
	assert_int_equal(
		ip_addr_compare(&d.fsm.active_router, &event.address), 0);
}

static void test_reload_keeps_state_and_takes_new_values(void **state)
{
	struct vrrp_event event = { .type = VRRP_EVENT_RECONFIGURE,
		.conf = &conf };

	(void)state;
	start_active();
	d.now += 100 * MS;
	conf.advert_int_us = 200 * MS;
	conf.priority = 120;
	assert_string_equal(driver_give(&d, &event), "");
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + 200 * MS);
	assert_string_equal(driver_wait(&d), "adv:120");
	/* Unchanged means untouched. */
	d.now += 50 * MS;
	driver_give(&d, &event);
	assert_int_equal(vrrp_fsm_deadline(&d.fsm), d.now + 150 * MS);
}

static void test_reload_of_a_backup_keeps_a_learned_interval(void **state)
{
	struct vrrp_event event = advert_with_interval(5 * SECOND);
	struct vrrp_event reload = { .type = VRRP_EVENT_RECONFIGURE,
		.conf = &conf };

	(void)state;
	start();
	driver_give(&d, &event);
	conf.advert_int_us = 100 * MS;
	driver_give(&d, &reload);
	assert_int_equal(down_in(), 15 * SECOND + 156 * 5 * SECOND / 256);
}

static void test_active_router_is_known(void **state)
{
	struct ip_addr self = driver_addr(5), other = driver_addr(9);

	(void)state;
	start();
	assert_false(ip_addr_is_set(&d.fsm.active_router));
	driver_hear(&d, 50, 9);
	assert_int_equal(ip_addr_compare(&d.fsm.active_router, &other), 0);
	driver_wait(&d);
	assert_int_equal(ip_addr_compare(&d.fsm.active_router, &self), 0);
	driver_hear(&d, 150, 9);
	assert_int_equal(ip_addr_compare(&d.fsm.active_router, &other), 0);
	driver_fault(&d, VRRP_FAULT_LINK, true);
	assert_false(ip_addr_is_set(&d.fsm.active_router));
}

#define T(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_skew_and_down_interval_of_version_3),
		T(test_skew_of_version_2_is_in_seconds),
		T(test_down_timer_adverts_changes_the_3),
		T(test_startup_listens_first),
		T(test_startup_of_the_owner_is_active_at_once),
		T(test_startup_delay_ignores_adverts),
		T(test_before_startup_nothing_happens),
		T(test_backup_takes_over_when_the_down_timer_is_over),
		T(test_backup_takes_over_after_priority_zero),
		T(test_successor_speaks_when_its_addresses_are_there),
		T(test_successor_waits_for_its_addresses_only_so_long),
		T(test_successor_with_addresses_speaks_at_once),
		T(test_held_advert_is_not_sent_after_giving_way),
		T(test_start_waits_for_the_longer_of_two_delays),
		T(test_backup_obeys_higher_and_equal_priority),
		T(test_last_word_of_a_loser_does_not_shorten_the_interval),
		T(test_successor_of_less_priority_is_followed),
		T(test_backup_discards_lower_priority_and_preempts),
		T(test_nopreempt_obeys_lower_priority),
		T(test_preempt_delay_begins_with_the_first_lower_advert),
		T(test_preempt_delay_begins_again_after_a_higher_advert),
		T(test_preempt_delay_does_not_delay_without_active_router),
		T(test_version_3_learns_the_interval),
		T(test_version_2_drops_another_interval),
		T(test_own_packets_are_no_adverts),
		T(test_shutdown_of_a_backup_is_silent),
		T(test_active_advertises_every_interval),
		T(test_active_that_was_stalled_does_not_catch_up),
		T(test_active_answers_priority_zero),
		T(test_active_yields_to_higher_priority),
		T(test_active_yields_to_equal_priority_of_greater_address),
		T(test_active_asserts_itself_to_lower_priority),
		T(test_a_flood_of_lower_adverts_gets_few_answers),
		T(test_lower_prio_no_advert_is_silent),
		T(test_higher_prio_send_advert_says_goodbye),
		T(test_owner_ignores_adverts_when_told_to),
		T(test_owner_always_preempts),
		T(test_announcements_are_repeated_and_refreshed),
		T(test_lower_advert_announces_again_later),
		T(test_lost_addresses_are_put_back_by_the_active_only),
		T(test_shutdown_keeps_addresses_until_the_successor_speaks),
		T(test_shutdown_without_successor_ends_by_itself),
		T(test_second_shutdown_does_not_wait),
		T(test_linger_never_is_longer_than_3_seconds),
		T(test_release_gives_active_away),
		T(test_link_loss_removes_addresses_at_once),
		T(test_tracked_failure_resigns_in_good_order),
		T(test_fault_ends_with_the_last_one),
		T(test_owner_is_active_right_after_a_fault),
		T(test_fault_during_the_startup_delay_does_not_shorten_it),
		T(test_resumed_active_advertises_at_once),
		T(test_resumed_too_late_listens_with_its_addresses),
		T(test_who_was_not_run_for_long_listens_first),
		T(test_leftovers_are_kept_until_an_active_router_is_heard),
		T(test_resumed_active_with_a_fault_resigns),
		T(test_new_priority_moves_the_down_timer),
		T(test_new_primary_address_decides_ties),
		T(test_reload_keeps_state_and_takes_new_values),
		T(test_reload_of_a_backup_keeps_a_learned_interval),
		T(test_active_router_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

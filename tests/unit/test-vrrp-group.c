/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sync groups: two members, each with a peer of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vrrp-fsm-driver.h"

#define SKEW 609375

/* Member I has the address 10.0.0.(5 + I). */
struct pair {
	int64_t now;
	struct vrrp_group group;
	struct vrrp_fsm fsm[2];
	char text[2][1024]; /* actions of each in the last call */
	char group_text[256];
};

static struct vrrp_fsm_conf conf;
static struct pair p;

static void on_actions(
	void *ctx, struct vrrp_fsm *fsm, const struct vrrp_actions *actions)
{
	struct pair *pair = ctx;
	char *text = pair->text[fsm - pair->fsm];

	driver_append(text, sizeof(pair->text[0]), actions);
}

static void on_group_state(void *ctx, struct vrrp_group *group,
	enum vrrp_state from, enum vrrp_state to, enum reason reason)
{
	struct pair *pair = ctx;
	size_t used = strlen(pair->group_text);

	assert_ptr_equal(group, &pair->group);
	snprintf(pair->group_text + used, sizeof(pair->group_text) - used,
		"%s%s>%s(%s)", used ? " " : "", vrrp_state_name(from),
		vrrp_state_name(to), reason_text(reason));
}

static void give(int member, const struct vrrp_event *event)
{
	const struct vrrp_sink sink = { .actions = on_actions,
		.group_state = on_group_state, .ctx = &p };

	memset(p.text, 0, sizeof(p.text));
	memset(p.group_text, 0, sizeof(p.group_text));
	vrrp_dispatch(&p.fsm[member], event, p.now, &sink);
}

static void hear(int member, uint8_t priority, int last)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_ADVERT,
		.advert = { priority, conf.advert_int_us, driver_addr(last) },
	};

	give(member, &event);
}

static void set_fault(int member, enum vrrp_fault fault, bool set)
{
	const struct vrrp_event event = {
		.type = set ? VRRP_EVENT_FAULT_SET : VRRP_EVENT_FAULT_CLEAR,
		.fault = { fault, set ? REASON_VRRP_LINK_DOWN :
					REASON_VRRP_LINK_UP },
	};

	give(member, &event);
}

/* To the deadline of MEMBER. */
static void wait_for(int member)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_TIMER };
	int64_t deadline = vrrp_fsm_deadline(&p.fsm[member]);

	assert_true(deadline != TIME_NEVER);
	if (deadline > p.now)
		p.now = deadline;
	give(member, &event);
}

static int setup(void **state)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_STARTUP };

	(void)state;
	conf = driver_conf();
	memset(&p, 0, sizeof(p));
	p.now = 1000 * SECOND;
	vrrp_group_init(&p.group);
	for (int i = 0; i < 2; i++) {
		struct ip_addr primary = driver_addr(5 + i);

		vrrp_fsm_init(&p.fsm[i], &conf, &primary);
		vrrp_group_add(&p.group, &p.fsm[i]);
	}
	give(0, &event);
	assert_string_equal(p.group_text, "");
	give(1, &event);
	assert_string_equal(p.group_text, "INITIALIZE>BACKUP(startup)");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vrrp_group_clear(&p.group);
	return 0;
}

static void make_active(void)
{
	wait_for(0);
	wait_for(1);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_ACTIVE);
	assert_int_equal(p.fsm[1].state, VRRP_STATE_ACTIVE);
}

static void test_active_only_when_all_can(void **state)
{
	(void)state;
	p.now += SECOND;
	hear(1, 200, 99); /* an Active router on the second segment */
	wait_for(0);
	assert_string_equal(p.text[0], "");
	assert_true(p.fsm[0].willing);
	assert_int_equal(vrrp_fsm_deadline(&p.fsm[0]), TIME_NEVER);
	wait_for(1);
	assert_string_equal(p.text[0],
		"adv:100 add garp:5 BACKUP>ACTIVE(no-adverts-heard)");
	assert_string_equal(p.text[1], p.text[0]);
	assert_string_equal(p.group_text, "BACKUP>ACTIVE(no-adverts-heard)");
}

static void test_advert_ends_the_waiting(void **state)
{
	(void)state;
	wait_for(0);
	assert_true(p.fsm[0].willing);
	hear(0, 200, 99);
	assert_false(p.fsm[0].willing);
	assert_int_equal(
		vrrp_fsm_deadline(&p.fsm[0]), p.now + 3 * SECOND + SKEW);
	wait_for(1);
	assert_int_equal(p.fsm[1].state, VRRP_STATE_BACKUP);
}

static void test_all_yield_with_one(void **state)
{
	(void)state;
	make_active();
	hear(1, 200, 99);
	assert_string_equal(
		p.text[1], "del ACTIVE>BACKUP(higher-priority-advert)");
	assert_string_equal(p.text[0], "adv:0 ACTIVE>BACKUP(sync-group)");
	assert_string_equal(
		p.group_text, "ACTIVE>BACKUP(higher-priority-advert)");
	/* Its addresses go when the successor is heard. */
	hear(0, 200, 98);
	assert_string_equal(p.text[0], "del");
}

static void test_fault_of_one_is_a_fault_of_all(void **state)
{
	(void)state;
	make_active();
	set_fault(0, VRRP_FAULT_LINK, true);
	assert_string_equal(p.text[0], "del ACTIVE>FAULT(interface-down)");
	assert_string_equal(p.text[1], "adv:0 ACTIVE>FAULT(sync-group)");
	assert_string_equal(p.group_text, "ACTIVE>FAULT(interface-down)");
	set_fault(0, VRRP_FAULT_LINK, false);
	assert_string_equal(p.text[0], "FAULT>BACKUP(interface-up)");
	assert_string_equal(p.text[1], "FAULT>BACKUP(interface-up)");
	assert_string_equal(p.group_text, "FAULT>BACKUP(interface-up)");
}

static void test_fault_ends_when_no_member_has_one(void **state)
{
	(void)state;
	set_fault(0, VRRP_FAULT_LINK, true);
	set_fault(1, VRRP_FAULT_TRACK, true);
	set_fault(0, VRRP_FAULT_LINK, false);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_FAULT);
	assert_int_equal(p.fsm[0].faults, VRRP_FAULT_GROUP);
	assert_int_equal(p.fsm[1].faults, VRRP_FAULT_TRACK);
	set_fault(1, VRRP_FAULT_TRACK, false);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_BACKUP);
	assert_int_equal(p.fsm[1].state, VRRP_STATE_BACKUP);
}

static void test_resignation_hurries_the_others(void **state)
{
	int64_t heard;

	(void)state;
	p.now += SECOND;
	hear(0, 200, 98);
	hear(1, 200, 99);
	heard = p.now;
	p.now += 200 * MS;
	hear(0, 0, 98); /* its group had a fault on the second segment */
	assert_int_equal(vrrp_fsm_deadline(&p.fsm[0]), p.now + SKEW);
	assert_int_equal(vrrp_fsm_deadline(&p.fsm[1]), heard + SECOND + SKEW);
	wait_for(0);
	wait_for(1);
	assert_string_equal(
		p.group_text, "BACKUP>ACTIVE(active-router-resigned)");
	assert_int_equal(p.now, heard + SECOND + SKEW);
}

static void test_hurry_never_puts_off(void **state)
{
	(void)state;
	hear(0, 200, 98);
	hear(1, 200, 99);
	hear(1, 0, 99); /* both resign: each is over after its skew time */
	hear(0, 0, 98);
	assert_int_equal(vrrp_fsm_deadline(&p.fsm[0]), p.now + SKEW);
	assert_int_equal(vrrp_fsm_deadline(&p.fsm[1]), p.now + SKEW);
}

static void test_ties_are_settled_by_the_first_member(void **state)
{
	(void)state;
	make_active();
	/* Lost on the second segment, but won on the first. */
	hear(1, 100, 99);
	assert_int_equal(p.fsm[1].state, VRRP_STATE_ACTIVE);
	hear(0, 100, 1);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_ACTIVE);
	/* Lost on the first one: all go. */
	hear(0, 100, 99);
	assert_string_equal(p.text[0],
		"del ACTIVE>BACKUP(equal-priority-higher-address)");
	assert_int_equal(p.fsm[1].state, VRRP_STATE_BACKUP);
}

static void test_tie_that_lasts_is_settled_by_any_member(void **state)
{
	(void)state;
	make_active();
	for (int i = 0; i < 2; i++) {
		hear(1, 100, 99);
		assert_int_equal(p.fsm[1].state, VRRP_STATE_ACTIVE);
		p.now += SECOND;
	}
	hear(1, 100, 99);
	assert_int_equal(p.fsm[1].state, VRRP_STATE_BACKUP);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_BACKUP);
}

static void test_owner_waits_for_its_group(void **state)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_STARTUP };

	(void)state;
	vrrp_group_clear(&p.group);
	vrrp_group_init(&p.group);
	for (int i = 0; i < 2; i++) {
		struct ip_addr primary = driver_addr(5 + i);

		conf.priority = i ? 100 : 255;
		vrrp_fsm_init(&p.fsm[i], &conf, &primary);
		vrrp_group_add(&p.group, &p.fsm[i]);
	}
	give(0, &event);
	give(1, &event);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_BACKUP);
	wait_for(1);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_ACTIVE);
	assert_int_equal(p.fsm[1].state, VRRP_STATE_ACTIVE);
}

static void test_resumed_group_is_active_as_a_whole(void **state)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_STARTUP,
		.startup = { .resume = VRRP_STATE_ACTIVE,
			.leftovers = true },
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ip_addr primary = driver_addr(5 + i);

		vrrp_group_remove(&p.group, &p.fsm[i]);
		vrrp_fsm_init(&p.fsm[i], &conf, &primary);
		vrrp_group_add(&p.group, &p.fsm[i]);
	}
	give(0, &event);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_ACTIVE);
	give(1, &event);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_ACTIVE);
	assert_int_equal(p.group.state, VRRP_STATE_ACTIVE);
}

static void test_stop_of_one_member_does_not_move_the_others(void **state)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_SHUTDOWN,
		.reason = REASON_SHUTDOWN };

	(void)state;
	make_active();
	give(0, &event);
	assert_string_equal(p.text[1], "");
	assert_string_equal(p.group_text, "ACTIVE>INITIALIZE(shutdown)");
	give(1, &event);
	assert_string_equal(p.text[1], "adv:0 ACTIVE>INITIALIZE(shutdown)");
}

static void test_member_that_leaves_is_free(void **state)
{
	const struct vrrp_event reload = { .type = VRRP_EVENT_RECONFIGURE,
		.conf = &conf };

	(void)state;
	hear(1, 200, 99);
	wait_for(0);
	vrrp_group_remove(&p.group, &p.fsm[0]);
	wait_for(0);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_ACTIVE);
	/* So it is from a fault that it had from the group. */
	vrrp_group_add(&p.group, &p.fsm[0]);
	set_fault(1, VRRP_FAULT_LINK, true);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_FAULT);
	vrrp_group_remove(&p.group, &p.fsm[0]);
	give(0, &reload);
	assert_int_equal(p.fsm[0].state, VRRP_STATE_BACKUP);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_active_only_when_all_can),
		T(test_advert_ends_the_waiting),
		T(test_all_yield_with_one),
		T(test_fault_of_one_is_a_fault_of_all),
		T(test_fault_ends_when_no_member_has_one),
		T(test_resignation_hurries_the_others),
		T(test_hurry_never_puts_off),
		T(test_ties_are_settled_by_the_first_member),
		T(test_tie_that_lasts_is_settled_by_any_member),
		T(test_owner_waits_for_its_group),
		T(test_resumed_group_is_active_as_a_whole),
		T(test_stop_of_one_member_does_not_move_the_others),
		T(test_member_that_leaves_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

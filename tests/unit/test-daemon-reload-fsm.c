/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/reload_fsm.h"

#define N_ORDER 4

static const enum role_id order[N_ORDER] = { ROLE_RUNNER, ROLE_IPVS, ROLE_VRRP,
	ROLE_HEALTHCHECK };

static const unsigned int all =
	RELOAD_ROLE(ROLE_RUNNER) | RELOAD_ROLE(ROLE_IPVS) |
	RELOAD_ROLE(ROLE_VRRP) | RELOAD_ROLE(ROLE_HEALTHCHECK);

static struct reload_actions start(struct reload_fsm *fsm, bool dry_run)
{
	return reload_fsm_start(fsm, all, dry_run, order, N_ORDER);
}

/* All but LAST have prepared. */
static void prepare_but(struct reload_fsm *fsm, enum role_id last)
{
	unsigned int i;

	for (i = 0; i < N_ORDER; i++)
		if (order[i] != last)
			assert_int_equal(
				reload_fsm_prepared(fsm, order[i], true).commit,
				0);
}

static void test_commits_go_in_order_each_after_the_one_before(void **state)
{
	struct reload_actions a;
	struct reload_fsm fsm;
	unsigned int i;

	(void)state;
	a = start(&fsm, false);
	assert_int_equal(a.prepare, all);
	prepare_but(&fsm, ROLE_VRRP);
	a = reload_fsm_prepared(&fsm, ROLE_VRRP, true);
	for (i = 0; i < N_ORDER; i++) {
		assert_int_equal(a.outcome, RELOAD_RUNNING);
		assert_int_equal(a.commit, RELOAD_ROLE(order[i]));
		a = reload_fsm_committed(&fsm, order[i]);
	}
	assert_int_equal(a.outcome, RELOAD_COMMITTED);
	assert_int_equal(a.abort, 0);
}

static void test_one_refusal_aborts_all(void **state)
{
	struct reload_actions a;
	struct reload_fsm fsm;

	(void)state;
	start(&fsm, false);
	reload_fsm_prepared(&fsm, ROLE_IPVS, true);
	a = reload_fsm_prepared(&fsm, ROLE_VRRP, false);
	assert_int_equal(a.outcome, RELOAD_REFUSED);
	assert_int_equal(a.abort, all);
	assert_int_equal(a.commit, 0);
	/* Late answers change nothing. */
	a = reload_fsm_prepared(&fsm, ROLE_RUNNER, true);
	assert_int_equal(a.outcome, RELOAD_RUNNING);
	assert_int_equal(a.abort | a.commit | a.prepare, 0);
}

static void test_a_dry_run_aborts_when_all_have_prepared(void **state)
{
	struct reload_actions a;
	struct reload_fsm fsm;

	(void)state;
	start(&fsm, true);
	prepare_but(&fsm, ROLE_RUNNER);
	a = reload_fsm_prepared(&fsm, ROLE_RUNNER, true);
	assert_int_equal(a.outcome, RELOAD_PLANNED);
	assert_int_equal(a.abort, all);
	assert_int_equal(a.commit, 0);
}

static void test_a_role_that_dies_while_preparing_aborts_the_others(
	void **state)
{
	struct reload_actions a;
	struct reload_fsm fsm;

	(void)state;
	start(&fsm, false);
	a = reload_fsm_lost(&fsm, ROLE_VRRP);
	assert_int_equal(a.outcome, RELOAD_ROLE_LOST);
	assert_int_equal(a.abort, all & ~RELOAD_ROLE(ROLE_VRRP));
}

static void test_a_role_that_dies_while_committing_is_passed_over(void **state)
{
	struct reload_actions a;
	struct reload_fsm fsm;

	(void)state;
	start(&fsm, false);
	prepare_but(&fsm, ROLE_VRRP);
	reload_fsm_prepared(&fsm, ROLE_VRRP, true);
	reload_fsm_committed(&fsm, ROLE_RUNNER);
	/* One whose turn comes later, and the one that is awaited. */
	a = reload_fsm_lost(&fsm, ROLE_VRRP);
	assert_int_equal(a.commit, 0);
	a = reload_fsm_lost(&fsm, ROLE_IPVS);
	assert_int_equal(a.commit, RELOAD_ROLE(ROLE_HEALTHCHECK));
	a = reload_fsm_committed(&fsm, ROLE_HEALTHCHECK);
	assert_int_equal(a.outcome, RELOAD_COMMITTED);
}

static void test_a_commit_that_hangs_costs_the_role_its_life(void **state)
{
	struct reload_actions a;
	struct reload_fsm fsm;

	(void)state;
	start(&fsm, false);
	prepare_but(&fsm, ROLE_VRRP);
	reload_fsm_prepared(&fsm, ROLE_VRRP, true);
	a = reload_fsm_timeout(&fsm);
	assert_int_equal(a.kill, RELOAD_ROLE(ROLE_RUNNER));
	assert_int_equal(a.outcome, RELOAD_RUNNING);
	a = reload_fsm_lost(&fsm, ROLE_RUNNER);
	assert_int_equal(a.commit, RELOAD_ROLE(ROLE_IPVS));
}

static void test_without_participants_it_is_done_at_once(void **state)
{
	struct reload_fsm fsm;

	(void)state;
	assert_int_equal(
		reload_fsm_start(&fsm, 0, false, order, N_ORDER).outcome,
		RELOAD_COMMITTED);
	assert_int_equal(
		reload_fsm_start(&fsm, 0, true, order, N_ORDER).outcome,
		RELOAD_PLANNED);
}

/* --- simulated roles --- */

enum sim_state {
	SIM_DEAD,
	SIM_IDLE,
	SIM_ASKED, /* has a PREPARE to answer */
	SIM_PREPARED,
	SIM_TOLD, /* has a COMMIT to answer */
};

struct sim {
	enum sim_state roles[ROLE_COUNT];
	unsigned int generation[ROLE_COUNT];
	unsigned int running;
	unsigned int candidate;
	bool dry_run;
	bool commit_sent;
	bool finished;
	unsigned int last_commit; /* place in order */
	struct reload_fsm fsm;
};

static unsigned int place_of(enum role_id id)
{
	unsigned int i;

	for (i = 0; i < N_ORDER; i++)
		if (order[i] == id)
			return i;
	fail();
	return 0;
}

static void sim_act_role(
	struct sim *sim, const struct reload_actions *a, enum role_id id)
{
	unsigned int bit = RELOAD_ROLE(id);

	if (a->prepare & bit && sim->roles[id] != SIM_DEAD) {
		assert_int_equal(sim->roles[id], SIM_IDLE);
		sim->roles[id] = SIM_ASKED;
	}
	if (a->commit & bit && sim->roles[id] != SIM_DEAD) {
		/* Nobody commits what it has not prepared, or in a dry run. */
		assert_int_equal(sim->roles[id], SIM_PREPARED);
		assert_false(sim->dry_run);
		assert_true(
			!sim->commit_sent || place_of(id) > sim->last_commit);
		sim->commit_sent = true;
		sim->last_commit = place_of(id);
		sim->roles[id] = SIM_TOLD;
	}
	if (a->abort & bit && sim->roles[id] != SIM_DEAD) {
		/* There is no way back after the first commit. */
		assert_false(sim->commit_sent);
		sim->roles[id] = SIM_IDLE;
	}
}

static void sim_check_end(struct sim *sim, enum reload_outcome outcome)
{
	unsigned int wanted = outcome == RELOAD_COMMITTED ? sim->candidate
							  : sim->running;
	unsigned int i;

	sim->finished = true;
	for (i = 0; i < N_ORDER; i++) {
		enum role_id id = order[i];

		if (sim->roles[id] == SIM_DEAD)
			continue;
		assert_int_equal(sim->roles[id], SIM_IDLE);
		assert_int_equal(sim->generation[id], wanted);
	}
	sim->running = wanted;
}

static void sim_lose(struct sim *sim, enum role_id id);

static void sim_act(struct sim *sim, struct reload_actions a)
{
	unsigned int id;

	assert_true((a.commit & (a.commit - 1)) == 0);
	for (id = 0; id < ROLE_COUNT; id++)
		sim_act_role(sim, &a, (enum role_id)id);
	if (a.outcome != RELOAD_RUNNING)
		sim_check_end(sim, a.outcome);
	for (id = 0; id < ROLE_COUNT; id++)
		if (a.kill & RELOAD_ROLE(id))
			sim_lose(sim, (enum role_id)id);
}

static void sim_lose(struct sim *sim, enum role_id id)
{
	if (sim->roles[id] == SIM_DEAD)
		return;
	sim->roles[id] = SIM_DEAD;
	sim_act(sim, reload_fsm_lost(&sim->fsm, id));
}

static void sim_answer(struct sim *sim, enum role_id id)
{
	bool ok = random() % 12 != 0;

	if (sim->roles[id] == SIM_ASKED) {
		sim->roles[id] = ok ? SIM_PREPARED : SIM_IDLE;
		sim_act(sim, reload_fsm_prepared(&sim->fsm, id, ok));
	} else if (sim->roles[id] == SIM_TOLD) {
		sim->roles[id] = SIM_IDLE;
		sim->generation[id] = sim->candidate;
		sim_act(sim, reload_fsm_committed(&sim->fsm, id));
	}
}

static void sim_step(struct sim *sim)
{
	enum role_id id = order[random() % N_ORDER];
	long what = random() % 100;

	if (what < 85)
		sim_answer(sim, id);
	else if (what < 88)
		sim_lose(sim, id);
	else if (what < 90)
		sim_act(sim, reload_fsm_timeout(&sim->fsm));
	else if (what < 95) /* an answer that nobody has asked for */
		sim_act(sim, sim->roles[id] == SIM_TOLD
				     ? (struct reload_actions){ 0 }
				     : reload_fsm_committed(&sim->fsm, id));
	else
		sim_act(sim,
			sim->roles[id] == SIM_ASKED
				? (struct reload_actions){ 0 }
				: reload_fsm_prepared(&sim->fsm, id, true));
}

/* Dead roles come back with the running generation, as joins do. */
static void sim_begin(struct sim *sim)
{
	unsigned int participants = 0;
	unsigned int i;

	for (i = 0; i < N_ORDER; i++) {
		enum role_id id = order[i];

		if (sim->roles[id] == SIM_DEAD && random() % 2) {
			sim->roles[id] = SIM_IDLE;
			sim->generation[id] = sim->running;
		}
		if (sim->roles[id] != SIM_DEAD)
			participants |= RELOAD_ROLE(id);
	}
	sim->candidate++;
	sim->dry_run = random() % 4 == 0;
	sim->commit_sent = false;
	sim->finished = false;
	sim_act(sim, reload_fsm_start(&sim->fsm, participants, sim->dry_run,
			     order, N_ORDER));
}

static void test_a_cancelled_transaction_asks_nobody_for_anything(void **state)
{
	struct reload_fsm fsm;
	struct reload_actions actions;
	unsigned int i;

	(void)state;
	reload_fsm_start(&fsm, all, false, order, N_ORDER);
	for (i = 0; i < N_ORDER; i++)
		actions = reload_fsm_prepared(&fsm, order[i], true);
	assert_int_equal(actions.commit, RELOAD_ROLE(order[0]));

	reload_fsm_cancel(&fsm);
	assert_int_equal(fsm.phase, RELOAD_IDLE);
	actions = reload_fsm_committed(&fsm, order[0]);
	assert_int_equal(actions.commit, 0);
	assert_int_equal(actions.outcome, RELOAD_RUNNING);
	actions = reload_fsm_lost(&fsm, order[1]);
	assert_int_equal(actions.commit | actions.abort, 0);
	actions = reload_fsm_timeout(&fsm);
	assert_int_equal(actions.kill, 0);
}

static void test_all_living_roles_agree_whatever_happens(void **state)
{
	struct sim sim = { .running = 0 };
	unsigned int committed = 0;
	unsigned int i;
	int round;

	(void)state;
	srandom(42);
	for (i = 0; i < N_ORDER; i++)
		sim.roles[order[i]] = SIM_IDLE;
	for (round = 0; round < 20000; round++) {
		int steps = 0;

		sim_begin(&sim);
		while (!sim.finished) {
			sim_step(&sim);
			assert_true(++steps < 10000);
		}
		committed += sim.running == sim.candidate;
	}
	/* The walk has to have seen both ends often. */
	assert_in_range(committed, 2000, 18000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_commits_go_in_order_each_after_the_one_before),
		cmocka_unit_test(test_one_refusal_aborts_all),
		cmocka_unit_test(test_a_dry_run_aborts_when_all_have_prepared),
		cmocka_unit_test(
			test_a_role_that_dies_while_preparing_aborts_the_others),
		cmocka_unit_test(
			test_a_role_that_dies_while_committing_is_passed_over),
		cmocka_unit_test(
			test_a_commit_that_hangs_costs_the_role_its_life),
		cmocka_unit_test(test_without_participants_it_is_done_at_once),
		cmocka_unit_test(
			test_a_cancelled_transaction_asks_nobody_for_anything),
		cmocka_unit_test(test_all_living_roles_agree_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

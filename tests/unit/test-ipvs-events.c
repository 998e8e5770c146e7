/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service model tells FIFOs and mail. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs-ctl/model.h"
#include "ipvs-ctl/model_events.h"
#include "tests/unit/ipvs-helper.h"

#define NOW INT64_C(1000000)

struct world {
	struct loaded loaded;
	struct model *model;
	struct model_changes changes;
};

static void world_load(struct world *w, const char *text)
{
	memset(w, 0, sizeof(*w));
	load_text(&w->loaded, text);
	assert_int_equal(
		diag_count_severity(w->loaded.diags, DIAG_ERROR), 0);
	w->model = model_new(
		w->loaded.conf, conf_tree_count(w->loaded.tree), NOW);
}

static void world_open(struct world *w, const char *text)
{
	world_load(w, text);
	model_start(w->model, NOW, &w->changes);
}

static void world_close(struct world *w)
{
	model_free(w->model);
	model_changes_free(&w->changes);
	load_free(&w->loaded);
}

static void fact(struct world *w, size_t server, uint32_t check, bool up)
{
	struct model_server *s = &w->model->services[0].servers[server];
	struct msg_check_state m = {
		.server_node = s->conf->node,
		.check_node = s->conf->checks[check],
		.state = up ? CHECK_STATE_UP : CHECK_STATE_DOWN,
		.reason = up ? REASON_CHECK_OK : REASON_CHECK_REFUSED,
		.weight = CHECK_WEIGHT_NONE,
	};

	model_changes_free(&w->changes);
	assert_int_equal(model_check_state(w->model, &m, NOW, &w->changes), 0);
	model_settle(w->model, NOW, &w->changes);
}

/* "VS UP starting, RS DOWN, CHECK DOWN failed changed ...". */
static const char *told(const struct world *w)
{
	static char text[512];
	static const char *const flags[] = { "again", "starting", "stopping",
		"removed", "failed", "changed" };
	size_t len = 0;
	size_t i;
	size_t bit;

	text[0] = '\0';
	for (i = 0; i < w->changes.n_events; i++) {
		const struct msg_event *event = &w->changes.events[i];
		const char *what = event->subject == EVENT_SERVICE  ? "VS"
				   : event->subject == EVENT_SERVER ? "RS"
								    : "CHECK";

		len += (size_t)snprintf(text + len, sizeof(text) - len,
			"%s%s %s", i ? ", " : "", what,
			event->what == EVENT_UP ? "UP" : "DOWN");
		for (bit = 0; bit < 6; bit++)
			if (event->flags & (1u << bit))
				len += (size_t)snprintf(text + len,
					sizeof(text) - len, " %s", flags[bit]);
	}
	return text;
}

#define HEAD                                                                   \
	"virtual_server 192.0.2.100 80 {\n protocol TCP\n lb_algo rr\n"       \
	" lb_kind NAT\n"
#define SERVER(last, words)                                                    \
	" real_server 192.0.2." last " 80 {\n  TCP_CHECK {\n  }\n" words " }\n"
#define TAIL "}\n"

static void test_a_server_goes_and_comes(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " quorum 2\n hysteresis 1\n"
			    SERVER("1", "  weight 3\n") TAIL);
	assert_string_equal(told(&w), "VS UP starting");
	fact(&w, 0, 0, true);
	assert_string_equal(told(&w), "");
	fact(&w, 0, 0, false);
	assert_string_equal(
		told(&w), "RS DOWN, CHECK DOWN failed changed, VS DOWN");
	assert_int_equal(w.changes.events[0].node,
		w.model->services[0].servers[0].conf->node);
	assert_int_equal(w.changes.events[1].check_node,
		w.model->services[0].servers[0].conf->checks[0]);
	assert_int_equal(
		w.changes.events[2].node, w.model->services[0].conf->node);
	assert_int_equal(w.changes.events[2].threshold, 1);
	assert_int_equal(w.changes.events[2].weight, 0);
	fact(&w, 0, 0, false);
	assert_string_equal(told(&w), "");
	fact(&w, 0, 0, true);
	assert_string_equal(told(&w), "RS UP, CHECK UP changed, VS UP");
	assert_int_equal(w.changes.events[2].threshold, 3);
	assert_int_equal(w.changes.events[2].weight, 3);
	world_close(&w);
}

static void test_a_second_check_changes_no_server(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD SERVER("1", "  HTTP_GET {\n  }\n") TAIL);
	fact(&w, 0, 0, false);
	assert_string_equal(
		told(&w), "RS DOWN, CHECK DOWN failed changed, VS DOWN");
	fact(&w, 0, 1, false);
	assert_string_equal(told(&w), "CHECK DOWN failed");
	fact(&w, 0, 0, true);
	assert_string_equal(told(&w), "CHECK DOWN");
	world_close(&w);
}

static void test_alpha_is_told_when_it_comes_up(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " alpha\n" SERVER("1", "") TAIL);
	assert_string_equal(told(&w), "");
	fact(&w, 0, 0, true);
	assert_string_equal(told(&w), "RS UP, CHECK UP changed, VS UP");
	world_close(&w);
}

/* The quorum is lost, but the service is degraded before and after. */
static void test_a_quorum_is_told_without_another_state(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " quorum 2\n" SERVER("1", "") SERVER("2", "")
			    SERVER("3", "") TAIL);
	fact(&w, 0, 0, false);
	assert_string_equal(told(&w), "RS DOWN, CHECK DOWN failed changed");
	assert_int_equal(w.model->services[0].state, MODEL_SERVICE_DEGRADED);
	fact(&w, 1, 0, false);
	assert_string_equal(
		told(&w), "RS DOWN, CHECK DOWN failed changed, VS DOWN");
	assert_int_equal(w.model->services[0].state, MODEL_SERVICE_DEGRADED);
	world_close(&w);
}

static void test_a_reload_tells_what_it_takes_away(void **state)
{
	struct world old;
	struct world new;

	(void)state;
	world_open(&old, HEAD SERVER("1", "  notify_down \"/d1\"\n")
			SERVER("2", "") SERVER("3", "") TAIL);
	fact(&old, 1, 0, false);
	model_changes_free(&old.changes);
	world_load(&new, HEAD SERVER("3", "") TAIL);
	model_inherit(new.model, old.model, true);
	model_tell_removed(old.model, &old.changes);
	assert_string_equal(told(&old), "RS DOWN removed");
	assert_int_equal(old.changes.events[0].node,
		old.model->services[0].servers[0].conf->node);
	assert_int_equal(old.changes.n, 1);
	assert_string_equal(old.changes.items[0].script->command, "/d1");
	assert_int_equal(
		old.changes.items[0].from, old.changes.items[0].to);
	model_start(new.model, NOW, &new.changes);
	assert_string_equal(told(&new), "");
	world_close(&new);
	/* All of it. */
	world_load(&new, "virtual_server 192.0.2.101 80 {\n protocol TCP\n"
			 " lb_algo rr\n lb_kind NAT\n" SERVER("3", "") TAIL);
	world_close(&old);
	world_open(&old, HEAD SERVER("1", "") TAIL);
	model_changes_free(&old.changes);
	model_inherit(new.model, old.model, true);
	model_tell_removed(old.model, &old.changes);
	assert_string_equal(told(&old), "RS DOWN removed, VS DOWN removed");
	world_close(&new);
	world_close(&old);
}

static void test_omega_tells_the_stop(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " omega\n" SERVER("1", "") SERVER("2", "") TAIL);
	fact(&w, 0, 0, false);
	model_changes_free(&w.changes);
	model_stop(w.model, &w.changes);
	assert_string_equal(told(&w), "RS DOWN stopping, VS DOWN stopping");
	world_close(&w);
	world_open(&w, HEAD SERVER("1", "") TAIL);
	model_changes_free(&w.changes);
	model_stop(w.model, &w.changes);
	assert_string_equal(told(&w), "");
	world_close(&w);
}

static void test_a_successor_tells_no_start(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD SERVER("1", "") TAIL);
	model_tell_server(&w.changes, &w.model->services[0].servers[0], false,
		0);
	assert_string_equal(told(&w), "VS UP starting, RS DOWN");
	model_forget_starts(&w.changes);
	assert_string_equal(told(&w), "RS DOWN");
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_server_goes_and_comes),
		cmocka_unit_test(test_a_second_check_changes_no_server),
		cmocka_unit_test(test_alpha_is_told_when_it_comes_up),
		cmocka_unit_test(test_a_quorum_is_told_without_another_state),
		cmocka_unit_test(test_a_reload_tells_what_it_takes_away),
		cmocka_unit_test(test_omega_tells_the_stop),
		cmocka_unit_test(test_a_successor_tells_no_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service model: what facts of checks make of services and tables. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs-ctl/model.h"
#include "ipvs-ctl/kept.h"
#include "tests/unit/ipvs-helper.h"

#define NOW INT64_C(1000000)

/* A configuration with its model. */
struct world {
	struct loaded loaded;
	struct model *model;
	struct model_changes changes;
	int64_t now;
};

static void world_load_lenient(
	struct world *w, const char *text, size_t n_errors)
{
	memset(w, 0, sizeof(*w));
	w->now = NOW;
	load_text(&w->loaded, text);
	assert_int_equal(
		diag_count_severity(w->loaded.diags, DIAG_ERROR), n_errors);
	w->model = model_new(w->loaded.conf,
		conf_tree_count(w->loaded.tree), w->now);
}

static void world_load(struct world *w, const char *text)
{
	world_load_lenient(w, text, 0);
}

static void world_open(struct world *w, const char *text)
{
	world_load(w, text);
	model_start(w->model, w->now, &w->changes);
}

static void world_close(struct world *w)
{
	model_free(w->model);
	model_changes_free(&w->changes);
	load_free(&w->loaded);
}

static void fact_full(struct world *w, size_t server, uint32_t check,
	enum check_state state, enum reason reason, int32_t weight)
{
	struct model_server *s = &w->model->services[0].servers[server];
	struct msg_check_state fact = {
		.server_node = s->conf->node,
		.check_node = s->conf->checks[check],
		.state = state,
		.reason = reason,
		.weight = weight,
	};

	w->now += 1000;
	model_changes_free(&w->changes);
	assert_int_equal(
		model_check_state(w->model, &fact, w->now, &w->changes), 0);
	model_settle(w->model, w->now, &w->changes);
}

static void fact(struct world *w, size_t server, enum check_state state)
{
	fact_full(w, server, 0, state,
		state == CHECK_STATE_UP ? REASON_CHECK_OK :
					  REASON_CHECK_REFUSED,
		CHECK_WEIGHT_NONE);
}

/* The destinations of the first service: "1=1 2=3", by last byte. */
static void expect_table(struct world *w, const char *expected)
{
	struct table_service *service =
		model_make_service(&w->model->services[0], 0);
	char text[512] = "";
	size_t i;

	for (i = 0; i < service->n_dests; i++) {
		const struct table_dest *dest = &service->dests[i];
		char one[32];

		snprintf(one, sizeof(one), "%s%u=%d", i ? " " : "",
			dest->endpoint.addr.bytes[3], dest->weight);
		strcat(text, one);
	}
	table_service_free(service);
	assert_string_equal(text, expected);
}

static struct model_service *service_of(struct world *w)
{
	return &w->model->services[0];
}

static bool has_script(const struct world *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->changes.n; i++)
		if (w->changes.items[i].script &&
			strstr(w->changes.items[i].script->command, name))
			return true;
	return false;
}

#define HEAD                                                                  \
	"virtual_server 192.0.2.100 80 {\n protocol TCP\n lb_algo rr\n"       \
	" lb_kind NAT\n"
#define CHECKED(last, words)                                                  \
	" real_server 192.0.2." last " 80 {\n  TCP_CHECK {\n  }\n" words " }\n"
#define TAIL "}\n"

static void test_servers_start_up_unchecked_unless_alpha(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD CHECKED("1", "") CHECKED("2", "  alpha\n") TAIL);
	assert_int_equal(service_of(&w)->servers[0].state, MODEL_SERVER_UP);
	assert_int_equal(
		service_of(&w)->servers[0].reason, REASON_CHECK_PENDING);
	assert_int_equal(
		service_of(&w)->servers[1].state, MODEL_SERVER_STARTING);
	expect_table(&w, "1=1");
	fact(&w, 1, CHECK_STATE_UP);
	assert_int_equal(service_of(&w)->state, MODEL_SERVICE_UP);
	expect_table(&w, "1=1 2=1");
	world_close(&w);
}

static void test_server_without_checks_is_up_and_says_so(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " real_server 192.0.2.1 80 {\n }\n" TAIL);
	assert_int_equal(
		service_of(&w)->servers[0].reason, REASON_SERVER_UNCHECKED);
	expect_table(&w, "1=1");
	world_close(&w);
}

static void test_server_that_lost_its_check_is_never_up(void **state)
{
	struct world w;

	(void)state;
	world_load_lenient(&w, HEAD " real_server 192.0.2.1 80 {\n"
		"  TPC_CHECK {\n  }\n }\n" CHECKED("2", "") TAIL, 1);
	model_start(w.model, w.now, &w.changes);
	assert_int_equal(service_of(&w)->servers[0].state, MODEL_SERVER_DOWN);
	expect_table(&w, "2=1");
	world_close(&w);
}

static void test_failed_check_removes_the_server_with_its_reason(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD CHECKED("1", "  notify_down \"/d\"\n"
					 "  notify_up \"/u\"\n")
			CHECKED("2", "") TAIL);
	fact(&w, 0, CHECK_STATE_DOWN);
	assert_int_equal(w.changes.n, 2);
	assert_int_equal(w.changes.items[0].reason, REASON_CHECK_REFUSED);
	assert_true(has_script(&w, "/d"));
	assert_int_equal(service_of(&w)->state, MODEL_SERVICE_DEGRADED);
	assert_int_equal(service_of(&w)->servers[0].since_us, w.now);
	expect_table(&w, "2=1");
	fact(&w, 0, CHECK_STATE_DOWN);
	assert_int_equal(w.changes.n, 0);
	fact(&w, 0, CHECK_STATE_UP);
	assert_true(has_script(&w, "/u"));
	expect_table(&w, "1=1 2=1");
	assert_int_equal(
		model_history_count(&service_of(&w)->servers[0].history), 2);
	world_close(&w);
}

static void test_every_check_must_pass(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD CHECKED("1", "  HTTP_GET {\n  }\n  alpha\n") TAIL);
	fact(&w, 0, CHECK_STATE_UP);
	expect_table(&w, "");
	fact_full(&w, 0, 1, CHECK_STATE_UP, REASON_CHECK_OK,
		CHECK_WEIGHT_NONE);
	expect_table(&w, "1=1");
	fact_full(&w, 0, 1, CHECK_STATE_DOWN, REASON_CHECK_BAD_STATUS,
		CHECK_WEIGHT_NONE);
	assert_int_equal(
		service_of(&w)->servers[0].reason, REASON_CHECK_BAD_STATUS);
	expect_table(&w, "");
	world_close(&w);
}

static void test_quorum_has_hysteresis(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " quorum 3\n hysteresis 1\n quorum_up \"/qu\"\n"
			    " quorum_down \"/qd\"\n sorry_server 192.0.2.9\n"
			CHECKED("1", "") CHECKED("2", "") CHECKED("3", "")
			CHECKED("4", "") TAIL);
	assert_true(has_script(&w, "/qu"));
	fact(&w, 0, CHECK_STATE_DOWN);
	fact(&w, 1, CHECK_STATE_DOWN);
	/* 2 is not below 3 - 1. */
	assert_int_equal(service_of(&w)->state, MODEL_SERVICE_DEGRADED);
	expect_table(&w, "3=1 4=1");
	fact(&w, 2, CHECK_STATE_DOWN);
	assert_true(has_script(&w, "/qd"));
	assert_int_equal(service_of(&w)->state, MODEL_SERVICE_SORRY);
	/* The servers that are up make room for the sorry server. */
	expect_table(&w, "9=1");
	fact(&w, 0, CHECK_STATE_UP);
	fact(&w, 1, CHECK_STATE_UP);
	/* 3 is not yet 3 + 1. */
	expect_table(&w, "9=1");
	fact(&w, 2, CHECK_STATE_UP);
	assert_true(has_script(&w, "/qu"));
	expect_table(&w, "1=1 2=1 3=1 4=1");
	world_close(&w);
}

static void test_lost_quorum_without_sorry_server_keeps_the_rest(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " quorum 2\n" CHECKED("1", "") CHECKED("2", "")
			TAIL);
	fact(&w, 0, CHECK_STATE_DOWN);
	assert_int_equal(service_of(&w)->reason, REASON_SERVICE_QUORUM_LOST);
	assert_int_equal(service_of(&w)->state, MODEL_SERVICE_DEGRADED);
	expect_table(&w, "2=1");
	fact(&w, 1, CHECK_STATE_DOWN);
	assert_int_equal(service_of(&w)->state, MODEL_SERVICE_DOWN);
	assert_int_equal(service_of(&w)->reason, REASON_SERVICE_NO_SERVER);
	expect_table(&w, "");
	world_close(&w);
}

static void test_inhibited_servers_stay_with_weight_0(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " inhibit_on_failure\n sorry_server 192.0.2.9\n"
			    " sorry_server_inhibit\n quorum 2\n"
			CHECKED("1", "  weight 5\n") CHECKED("2", "") TAIL);
	expect_table(&w, "1=5 2=1 9=0");
	fact(&w, 1, CHECK_STATE_DOWN);
	expect_table(&w, "1=5 2=0 9=0");
	fact(&w, 0, CHECK_STATE_DOWN);
	expect_table(&w, "1=0 2=0 9=1");
	world_close(&w);
}

static void test_weights_that_checks_ask_for_add_up(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD CHECKED("1",
			    "  weight 10\n  HTTP_GET {\n  }\n") TAIL);
	fact_full(&w, 0, 0, CHECK_STATE_UP, REASON_CHECK_OK, 4);
	expect_table(&w, "1=4");
	fact_full(&w, 0, 1, CHECK_STATE_UP, REASON_CHECK_OK, 12);
	expect_table(&w, "1=6");
	assert_ptr_equal(model_next_dirty(w.model), service_of(&w));
	assert_null(model_next_dirty(w.model));
	fact_full(&w, 0, 0, CHECK_STATE_UP, REASON_CHECK_OK, -100);
	expect_table(&w, "1=0");
	assert_int_equal(service_of(&w)->state, MODEL_SERVICE_DOWN);
	world_close(&w);
}

/* FILE_CHECK beside a check that asks for a weight of its own. */
static void test_weights_of_checks_add_up(void **state)
{
	struct msg_check_state fact = {
		.state = CHECK_STATE_UP,
		.reason = REASON_CHECK_OK,
		.weight = 5,
		.adds = true,
	};
	struct model_server *s;
	struct world w;

	(void)state;
	world_open(&w, HEAD CHECKED("1",
			    "  weight 10\n  HTTP_GET {\n  }\n") TAIL);
	s = &service_of(&w)->servers[0];
	fact.server_node = s->conf->node;
	fact.check_node = s->conf->checks[1];
	fact_full(&w, 0, 0, CHECK_STATE_UP, REASON_CHECK_OK, 4);
	expect_table(&w, "1=4");
	assert_int_equal(model_check_state(w.model, &fact, w.now, &w.changes), 0);
	expect_table(&w, "1=9");
	fact.weight = -1000;
	assert_int_equal(model_check_state(w.model, &fact, w.now, &w.changes), 0);
	expect_table(&w, "1=0");
	assert_int_equal(s->state, MODEL_SERVER_UP);
	world_close(&w);
}

static void test_unknown_checks_are_refused(void **state)
{
	struct msg_check_state fact = { .server_node = 1, .check_node = 2 };
	struct world w;

	(void)state;
	world_open(&w, HEAD CHECKED("1", "") TAIL);
	assert_int_equal(
		model_check_state(w.model, &fact, NOW, &w.changes), -ENOENT);
	fact.server_node = UINT32_MAX;
	assert_int_equal(
		model_check_state(w.model, &fact, NOW, &w.changes), -ENOENT);
	fact.server_node = service_of(&w)->servers[0].conf->node;
	assert_int_equal(
		model_check_state(w.model, &fact, NOW, &w.changes), -ENOENT);
	world_close(&w);
}

static void test_omega_runs_the_scripts_of_what_is_up(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, HEAD " omega\n quorum_down \"/qd\"\n"
			CHECKED("1", "  notify_down \"/d1\"\n")
			CHECKED("2", "  notify_down \"/d2\"\n") TAIL);
	fact(&w, 0, CHECK_STATE_DOWN);
	model_changes_free(&w.changes);
	model_stop(w.model, &w.changes);
	assert_int_equal(w.changes.n, 2);
	assert_true(has_script(&w, "/d2") && has_script(&w, "/qd"));
	world_close(&w);
}

/* --- reload and restart --- */

static void test_reload_keeps_states_by_address_not_by_place(void **state)
{
	struct world old;
	struct world new;

	(void)state;
	world_open(&old, HEAD CHECKED("1", "") CHECKED("2", "") TAIL);
	fact(&old, 0, CHECK_STATE_DOWN);
	fact(&old, 1, CHECK_STATE_UP);
	world_load(&new, "virtual_server fwmark 3 {\n lb_algo rr\n"
			 " lb_kind NAT\n real_server 192.0.2.7 {\n }\n}\n"
		HEAD CHECKED("3", "") CHECKED("2", "  weight 9\n")
		CHECKED("1", "") TAIL);
	model_inherit(new.model, old.model, true);
	model_start(new.model, NOW, &new.changes);
	{
		struct model_service *s = &new.model->services[1];

		assert_int_equal(s->servers[0].state, MODEL_SERVER_UP);
		assert_int_equal(s->servers[0].reason, REASON_CHECK_PENDING);
		assert_int_equal(s->servers[1].state, MODEL_SERVER_UP);
		assert_int_equal(model_server_weight(&s->servers[1]), 9);
		assert_int_equal(s->servers[2].state, MODEL_SERVER_DOWN);
		assert_int_equal(s->servers[2].reason, REASON_CHECK_REFUSED);
		assert_int_equal(
			model_history_count(&s->servers[2].history), 1);
	}
	assert_int_equal(new.changes.n, 0);
	world_close(&new);
	world_close(&old);
}

#define MARKS                                                                 \
	"global_defs {\n nftables_ipvs\n nftables_ipvs_start_fwmark 1000\n}\n"
#define GROUP(name, address)                                                  \
	"virtual_server_group " name " {\n " address " 80\n}\n"              \
	"virtual_server group " name " {\n lb_algo rr\n lb_kind TUN\n"       \
	CHECKED("1", "") TAIL

/* Another group in front of them moves all marks on. */
static void test_reload_keeps_states_by_address_not_by_given_mark(void **state)
{
	struct world old;
	struct world new;

	(void)state;
	world_open(&old, MARKS GROUP("a", "192.0.2.101"));
	fact(&old, 0, CHECK_STATE_DOWN);
	world_load(&new, MARKS GROUP("b", "192.0.2.102")
			GROUP("a", "192.0.2.101"));
	model_inherit(new.model, old.model, true);
	model_start(new.model, NOW, &new.changes);
	{
		const struct model_service *b = &new.model->services[0];
		const struct model_service *a = &new.model->services[1];

		assert_int_equal(b->servers[0].state, MODEL_SERVER_UP);
		assert_int_equal(b->servers[0].reason, REASON_CHECK_PENDING);
		assert_int_equal(a->servers[0].state, MODEL_SERVER_DOWN);
		assert_int_equal(
			model_history_count(&a->servers[0].history), 1);
	}
	world_close(&new);
	world_close(&old);
}

static void test_carried_state_holds_until_every_check_has_spoken(void **state)
{
	struct world old;
	struct world new;

	(void)state;
	world_open(&old, HEAD CHECKED("1", "") TAIL);
	fact(&old, 0, CHECK_STATE_DOWN);
	world_load(&new, HEAD CHECKED("1", "  HTTP_GET {\n  }\n") TAIL);
	model_inherit(new.model, old.model, true);
	model_start(new.model, NOW, &new.changes);
	expect_table(&new, "");
	fact(&new, 0, CHECK_STATE_UP);
	expect_table(&new, "");
	fact_full(&new, 0, 1, CHECK_STATE_UP, REASON_CHECK_OK,
		CHECK_WEIGHT_NONE);
	expect_table(&new, "1=1");
	world_close(&new);
	world_close(&old);
}

static void test_quorum_survives_a_reload_without_scripts(void **state)
{
	static const char text[] = HEAD
		" quorum 2\n hysteresis 1\n quorum_up \"/qu\"\n"
		" quorum_down \"/qd\"\n" CHECKED("1", "") CHECKED("2", "")
		CHECKED("3", "") TAIL;
	struct world old;
	struct world new;

	(void)state;
	world_open(&old, text);
	fact(&old, 0, CHECK_STATE_DOWN);
	fact(&old, 1, CHECK_STATE_DOWN);
	/* 1 is not below 2 - 1; a fresh start would say otherwise. */
	assert_true(service_of(&old)->quorum_up);
	world_load(&new, text);
	model_inherit(new.model, old.model, true);
	model_start(new.model, NOW, &new.changes);
	assert_true(service_of(&new)->quorum_up);
	assert_int_equal(new.changes.n, 0);
	world_close(&new);
	world_close(&old);
}

/* Whatever was in the table, the successor wants the same. */
static void expect_adopts(const char *text, const int *down, size_t n_down)
{
	struct table kernel = { .services = NULL };
	struct table wanted = { .services = NULL };
	struct world old;
	struct world new;
	size_t i;

	world_open(&old, text);
	for (i = 0; i < service_of(&old)->n_servers; i++)
		fact(&old, i, CHECK_STATE_UP);
	for (i = 0; i < n_down; i++)
		fact(&old, (size_t)down[i], CHECK_STATE_DOWN);
	model_make_table(old.model, &kernel);
	world_load(&new, text);
	model_adopt(new.model, &kernel);
	model_start(new.model, NOW, &new.changes);
	assert_int_equal(new.changes.n, 0);
	model_make_table(new.model, &wanted);
	assert_true(table_equal(&kernel, &wanted));
	table_clear(&kernel);
	table_clear(&wanted);
	world_close(&new);
	world_close(&old);
}

static void test_successor_wants_what_the_kernel_holds(void **state)
{
	static const char plain[] = HEAD " quorum_up \"/qu\"\n" CHECKED("1", "")
		CHECKED("2", "  weight 7\n") CHECKED("3", "") TAIL;
	static const char sorry[] = HEAD " quorum 2\n sorry_server 192.0.2.9\n"
		CHECKED("1", "") CHECKED("2", "") TAIL;
	static const char inhibit[] = HEAD " inhibit_on_failure\n alpha\n"
		CHECKED("1", "") CHECKED("2", "") TAIL;
	static const int first[] = { 0, 1 };

	(void)state;
	expect_adopts(plain, first, 0);
	expect_adopts(plain, first, 1);
	expect_adopts(plain, first, 2);
	expect_adopts(sorry, first, 0);
	expect_adopts(sorry, first, 1);
	expect_adopts(inhibit, first, 1);
}

static void put_into(
	const char *key, const void *data, size_t len, void *user_data)
{
	if (len)
		assert_true(kept_take(user_data, key, data, len));
}

static void put_count(
	const char *key, const void *data, size_t len, void *user_data)
{
	int *count = user_data;

	(void)key;
	(void)data;
	count[len ? 0 : 1]++;
}

/* A sorry server in use hides servers that are up; a quorum within its
 * hysteresis cannot be seen in the table. */
static void test_successor_knows_history_and_what_the_kernel_hides(
	void **state)
{
	static const char text[] = HEAD " quorum 3\n hysteresis 1\n"
		" sorry_server 192.0.2.9\n" CHECKED("1", "  weight 2\n")
		CHECKED("2", "") CHECKED("3", "") CHECKED("4", "") TAIL;
	struct table kernel = { .services = NULL };
	struct kept *kept = kept_new();
	struct world old;
	struct world new;
	size_t i;

	(void)state;
	world_open(&old, text);
	kept_say_start(NOW, put_into, kept);
	for (i = 0; i < 4; i++)
		fact(&old, i, CHECK_STATE_UP);
	fact(&old, 0, CHECK_STATE_DOWN);
	fact(&old, 1, CHECK_STATE_DOWN);
	assert_true(service_of(&old)->quorum_up);
	fact(&old, 2, CHECK_STATE_DOWN);
	fact(&old, 2, CHECK_STATE_UP);
	assert_int_equal(service_of(&old)->state, MODEL_SERVICE_SORRY);
	for (i = 0; i < 3; i++)
		kept_say(service_of(&old), &service_of(&old)->servers[i],
			put_into, kept);
	kept_say(service_of(&old), NULL, put_into, kept);
	model_make_table(old.model, &kernel);

	world_load(&new, text);
	model_adopt(new.model, &kernel);
	assert_int_equal(service_of(&new)->servers[2].state,
		MODEL_SERVER_DOWN);
	kept_apply(kept, new.model);
	model_start(new.model, NOW + 99000000, &new.changes);
	assert_int_equal(new.changes.n, 0);
	assert_int_equal(service_of(&new)->servers[2].state, MODEL_SERVER_UP);
	assert_int_equal(service_of(&new)->servers[2].history.n, 2);
	assert_int_equal(service_of(&new)->servers[2].since_us,
		service_of(&old)->servers[2].since_us);
	assert_int_equal(service_of(&new)->since_us,
		service_of(&old)->since_us);
	assert_int_equal(service_of(&new)->history.n,
		service_of(&old)->history.n);
	/* Never changed: since the first start. */
	assert_int_equal(service_of(&new)->servers[3].since_us, NOW);
	kept_free(kept);
	table_clear(&kernel);
	world_close(&new);
	world_close(&old);
}

static void test_reload_says_what_is_new_and_forgets_what_is_gone(void **state)
{
	struct world old;
	struct world new;
	int count[2] = { 0, 0 };

	(void)state;
	world_open(&old, HEAD CHECKED("1", "") CHECKED("2", "") TAIL);
	fact(&old, 0, CHECK_STATE_DOWN);
	kept_say(service_of(&old), &service_of(&old)->servers[0], put_count,
		count);
	world_load(&new, HEAD CHECKED("2", "") CHECKED("3", "") TAIL);
	model_inherit(new.model, old.model, true);
	count[0] = 0;
	kept_say_inherited(old.model, new.model, put_count, count);
	assert_int_equal(count[0], 1);
	assert_int_equal(count[1], 1);
	assert_true(service_of(&new)->servers[1].kept);
	world_close(&new);
	world_close(&old);
}

static void test_torn_blobs_of_a_predecessor_are_not_believed(void **state)
{
	static const char text[] = HEAD CHECKED("1", "") TAIL;
	static const char key[] = "state 192.0.2.1:80 of tcp 192.0.2.100:80";
	static const uint8_t bad[][14] = {
		{ 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9 }, /* no events */
		{ 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, /* no state */
		{ 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, /* version */
	};
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct kept *kept = kept_new();

		world_load(&w, text);
		assert_true(kept_take(kept, key, bad[i], 14));
		assert_false(kept_take(kept, "owned.0", bad[i], 14));
		kept_apply(kept, w.model);
		assert_false(service_of(&w)->servers[0].kept);
		kept_free(kept);
		world_close(&w);
	}
}

static void test_first_states_are_told_where_configured(void **state)
{
	static const char servers[] = HEAD
		CHECKED("1", "  notify_up \"/up1\"\n")
		CHECKED("2", "  alpha\n  notify_up \"/up2\"\n"
			     "  notify_down \"/down2\"\n") TAIL;
	char text[1024];
	struct world old;
	struct world new;

	(void)state;
	world_load(&old, servers);
	model_start(old.model, NOW, &old.changes);
	assert_int_equal(old.changes.n, 0);
	world_close(&old);

	snprintf(text, sizeof(text), "global_defs {\n rs_init_notifies\n}\n%s",
		servers);
	world_load(&old, text);
	model_start(old.model, NOW, &old.changes);
	assert_int_equal(old.changes.n, 2);
	assert_true(has_script(&old, "/up1"));
	assert_true(has_script(&old, "/down2"));
	/* Not again at a reload. */
	world_load(&new, text);
	model_inherit(new.model, old.model, true);
	model_start(new.model, NOW, &new.changes);
	assert_int_equal(new.changes.n, 0);
	world_close(&new);
	world_close(&old);
}

static void test_facts_before_the_start_are_noted(void **state)
{
	struct world w;

	(void)state;
	world_load(&w, HEAD CHECKED("1", "  notify_down \"/d\"\n")
			CHECKED("2", "") TAIL);
	fact(&w, 0, CHECK_STATE_DOWN);
	assert_int_equal(w.changes.n, 0);
	model_start(w.model, NOW, &w.changes);
	expect_table(&w, "2=1");
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers_start_up_unchecked_unless_alpha),
		cmocka_unit_test(test_server_without_checks_is_up_and_says_so),
		cmocka_unit_test(test_server_that_lost_its_check_is_never_up),
		cmocka_unit_test(
			test_failed_check_removes_the_server_with_its_reason),
		cmocka_unit_test(test_every_check_must_pass),
		cmocka_unit_test(test_quorum_has_hysteresis),
		cmocka_unit_test(
			test_lost_quorum_without_sorry_server_keeps_the_rest),
		cmocka_unit_test(test_inhibited_servers_stay_with_weight_0),
		cmocka_unit_test(test_weights_that_checks_ask_for_add_up),
		cmocka_unit_test(test_weights_of_checks_add_up),
		cmocka_unit_test(test_unknown_checks_are_refused),
		cmocka_unit_test(test_omega_runs_the_scripts_of_what_is_up),
		cmocka_unit_test(
			test_reload_keeps_states_by_address_not_by_place),
		cmocka_unit_test(
			test_reload_keeps_states_by_address_not_by_given_mark),
		cmocka_unit_test(
			test_carried_state_holds_until_every_check_has_spoken),
		cmocka_unit_test(test_quorum_survives_a_reload_without_scripts),
		cmocka_unit_test(test_successor_wants_what_the_kernel_holds),
		cmocka_unit_test(test_facts_before_the_start_are_noted),
		cmocka_unit_test(test_first_states_are_told_where_configured),
		cmocka_unit_test(
			test_successor_knows_history_and_what_the_kernel_hides),
		cmocka_unit_test(
			test_reload_says_what_is_new_and_forgets_what_is_gone),
		cmocka_unit_test(
			test_torn_blobs_of_a_predecessor_are_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables_ipvs: when the table is written.  The test is nftables and the
 * loop. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ipvs-ctl/marks.h"
#include "lib/mem.h"
#include "lib/nft.h"
#include "tests/unit/ipvs-helper.h"

#define ON "global_defs {\n nftables_ipvs\n}\n"
#define GROUP(addresses) "virtual_server_group g {\n " addresses " 80\n}\n"
#define SERVICE                                                               \
	"virtual_server group g {\n protocol TCP\n lb_algo rr\n lb_kind TUN\n" \
	" real_server 10.0.0.1 {\n }\n}\n"

static struct {
	bool refuses;
	bool there; /* the table for IPv4 */
	size_t n; /* its elements */
	unsigned int commits;
	nft_gone_fn *gone;
	void *gone_data;
	void (*fire)(void *user_data);
	void *fire_data;
	bool armed;
} fake;

struct nft_batch {
	bool there;
	size_t n;
	bool missing; /* removes a table that is not there */
};

int nft_new(struct loop *loop, nft_gone_fn *gone, void *user_data,
	struct nft **ret_nft)
{
	(void)loop;
	fake.gone = gone;
	fake.gone_data = user_data;
	*ret_nft = (struct nft *)(void *)&fake;
	return 0;
}

void nft_free(struct nft *nft)
{
	(void)nft;
}

struct nft_batch *nft_batch_new(void)
{
	struct nft_batch *b = x_new(struct nft_batch, 1);

	b->there = fake.there;
	b->n = fake.n;
	return b;
}

void nft_batch_add_table(struct nft_batch *b, const struct nft_table *table)
{
	if (table->family == AF_INET)
		b->there = true;
}

void nft_batch_remove_table(struct nft_batch *b, const struct nft_table *table)
{
	if (table->family != AF_INET || !b->there) {
		b->missing = true;
		return;
	}
	b->there = false;
	b->n = 0;
}

void nft_batch_add_set(struct nft_batch *b, const struct nft_table *table,
	const struct nft_set_def *def)
{
	(void)b;
	(void)table;
	(void)def;
}

void nft_batch_add_chain(struct nft_batch *b, const struct nft_table *table,
	const char *name, bool in, int32_t priority)
{
	(void)b;
	(void)table;
	(void)name;
	(void)in;
	(void)priority;
}

void nft_batch_add_rule(struct nft_batch *b, const struct nft_table *table,
	const char *chain, const struct nft_step *steps, bool counters)
{
	(void)b;
	(void)table;
	(void)chain;
	(void)steps;
	(void)counters;
}

void nft_batch_elements(struct nft_batch *b, const struct nft_table *table,
	const struct nft_set_def *def, bool add,
	const struct nft_element *elements, size_t n)
{
	(void)table;
	(void)def;
	(void)elements;
	assert_true(add);
	b->n += n;
}

int nft_commit(struct nft *nft, struct nft_batch *b)
{
	int err = fake.refuses ? -EPERM : b->missing ? -ENOENT : 0;

	(void)nft;
	if (!err) {
		fake.there = b->there;
		fake.n = b->n;
		fake.commits++;
	}
	x_free(b);
	return err;
}

struct loop_timer *loop_timer_new(
	struct loop *loop, void (*callback)(void *user_data), void *user_data)
{
	(void)loop;
	fake.fire = callback;
	fake.fire_data = user_data;
	return NULL;
}

void loop_timer_set(struct loop_timer *timer, int64_t deadline_us)
{
	(void)timer;
	fake.armed = deadline_us != INT64_MAX;
}

void loop_timer_free(struct loop_timer *timer)
{
	(void)timer;
}

static void fire(void)
{
	assert_true(fake.armed);
	fake.armed = false;
	fake.fire(fake.fire_data);
}

/* The marks while GROUP, of two addresses, runs. */
static struct marks *open_marks(void)
{
	struct loaded loaded;
	struct marks *m;

	memset(&fake, 0, sizeof(fake));
	m = marks_new(NULL);
	load_text(&loaded, ON GROUP("192.0.2.1-2") SERVICE);
	marks_want(m, loaded.conf, MARKS_NOW);
	load_free(&loaded);
	assert_int_equal(fake.n, 2);
	marks_settle(m);
	return m;
}

static void want(struct marks *m, const char *text, enum marks_when when)
{
	struct loaded loaded;

	load_text(&loaded, text);
	marks_want(m, loaded.conf, when);
	load_free(&loaded);
}

static void test_what_goes_is_marked_until_ipvs_has_the_services(void **state)
{
	struct marks *m = open_marks();

	(void)state;
	want(m, ON GROUP("192.0.2.2-3") SERVICE, MARKS_NOW);
	assert_int_equal(fake.n, 3);
	marks_settle(m);
	assert_int_equal(fake.n, 2);
	want(m, GROUP("192.0.2.2-3") SERVICE, MARKS_NOW);
	assert_true(fake.there);
	marks_settle(m);
	assert_false(fake.there);
	marks_free(m);
}

static void test_a_table_that_goes_meanwhile_comes_back_with_both(void **state)
{
	struct marks *m = open_marks();

	(void)state;
	want(m, ON GROUP("192.0.2.2-3") SERVICE, MARKS_NOW);
	fake.there = false;
	fake.n = 0;
	fake.gone(AF_INET, "tandem_ipvs", fake.gone_data);
	fire();
	assert_int_equal(fake.n, 3);
	marks_settle(m);
	assert_int_equal(fake.n, 2);
	marks_free(m);
}

static void test_a_later_try_takes_nothing_away_too_early(void **state)
{
	struct marks *m = open_marks();

	(void)state;
	fake.refuses = true;
	want(m, ON GROUP("192.0.2.2-3") SERVICE, MARKS_NOW);
	assert_non_null(marks_problem(m));
	fake.refuses = false;
	fire();
	assert_null(marks_problem(m));
	assert_int_equal(fake.n, 3);
	marks_settle(m);
	assert_int_equal(fake.n, 2);
	/* And one that comes when IPVS is settled does it all. */
	fake.refuses = true;
	want(m, ON GROUP("192.0.2.3-5") SERVICE, MARKS_NOW);
	marks_settle(m);
	assert_int_equal(fake.n, 2);
	fake.refuses = false;
	fire();
	assert_int_equal(fake.n, 3);
	marks_free(m);
}

static void test_a_word_that_goes_waits_for_ipvs_though_a_timer_runs(
	void **state)
{
	struct marks *m = open_marks();

	(void)state;
	fake.gone(AF_INET, "tandem_ipvs", fake.gone_data);
	want(m, GROUP("192.0.2.1-2") SERVICE, MARKS_NOW);
	fire();
	assert_true(fake.there);
	marks_settle(m);
	assert_false(fake.there);
	marks_free(m);
}

static void test_a_successor_writes_nothing_before_it_is_settled(void **state)
{
	struct marks *m;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.there = true;
	fake.n = 5;
	m = marks_new(NULL);
	want(m, ON GROUP("192.0.2.1-2") SERVICE, MARKS_WHEN_SETTLED);
	assert_int_equal(fake.commits, 0);
	marks_settle(m);
	assert_int_equal(fake.n, 2);
	marks_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_goes_is_marked_until_ipvs_has_the_services),
		cmocka_unit_test(
			test_a_table_that_goes_meanwhile_comes_back_with_both),
		cmocka_unit_test(test_a_later_try_takes_nothing_away_too_early),
		cmocka_unit_test(
			test_a_word_that_goes_waits_for_ipvs_though_a_timer_runs),
		cmocka_unit_test(
			test_a_successor_writes_nothing_before_it_is_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

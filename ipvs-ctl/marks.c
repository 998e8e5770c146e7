/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/marks.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ipvs-ctl/marks_plan.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define RETRY_US (10 * USEC_PER_SEC)
/* Somebody who removes the table again and again is not raced. */
#define PAUSE_US (1 * USEC_PER_SEC)

static const int families[] = { AF_INET, AF_INET6 };

struct marks {
	struct loop *loop;
	struct nft *nft; /* NULL until first needed */
	struct loop_timer *timer; /* to write what could not be, or is gone */
	bool gone; /* somebody removed the table */
	bool due; /* what is written may not be what is wanted */
	bool settled; /* IPVS holds the services of what is wanted */
	enum marks_when when; /* to write before that */
	bool cleaned; /* of what an earlier daemon left */
	struct mark_list have; /* as written; nothing if table is NULL */
	struct mark_list want;
	char *table; /* that was written */
	char *want_table; /* NULL = none */
	int32_t priority;
	int32_t want_priority;
	char *problem;
};

/* --- writing --- */

static void put_map(struct nft_batch *b, const struct nft_table *table,
	const struct mark_list *list, bool all_ports)
{
	struct nft_set_def def = mark_map_def(table->family, all_ports);
	struct nft_element *elements = x_new(struct nft_element, list->n + 1);
	struct nft_step steps[MARK_STEPS_MAX];
	size_t n = mark_map_elements(
		list, table->family, all_ports, elements);

	if (n) {
		mark_map_steps(table->family, all_ports, steps);
		nft_batch_add_set(b, table, &def);
		nft_batch_elements(b, table, &def, true, elements, n);
		nft_batch_add_rule(b, table, "in", steps, false);
		nft_batch_add_rule(b, table, "out", steps, false);
	}
	x_free(elements);
}

static bool has_family(const struct mark_list *list, int family)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->items[i].key.family == family)
			return true;
	return false;
}

/* What is there goes within the same batch.  A family that was never used may
 * not be in the kernel. */
static void put_table(struct marks *m, struct nft_batch *b, const char *name,
	int family, const struct mark_list *list)
{
	const struct nft_table table = { .family = family, .name = name };

	if (!has_family(list, family) && !has_family(&m->have, family))
		return;
	nft_batch_add_table(b, &table);
	nft_batch_remove_table(b, &table);
	if (!has_family(list, family))
		return;
	nft_batch_add_table(b, &table);
	nft_batch_add_chain(b, &table, "in", true, m->want_priority);
	nft_batch_add_chain(b, &table, "out", false, m->want_priority);
	put_map(b, &table, list, true);
	put_map(b, &table, list, false);
}

static void on_gone(int family, const char *name, void *user_data)
{
	struct marks *m = user_data;

	(void)family;
	if (!m->table || (name && strcmp(name, m->table)))
		return;
	log_warning("somebody removed the table %s of nftables: making it "
		    "again",
		m->table);
	m->gone = true;
	loop_timer_set(m->timer, time_monotonic_us() + PAUSE_US);
}

static int write_list(struct marks *m, const struct mark_list *list)
{
	static const struct mark_list empty;
	struct nft_batch *b;
	size_t i;
	int err = m->nft ? 0 : nft_new(m->loop, on_gone, m, &m->nft);

	if (err)
		return err;
	b = nft_batch_new();
	for (i = 0; i < 2; i++) {
		if (m->table && (!m->want_table ||
					strcmp(m->table, m->want_table)))
			put_table(m, b, m->table, families[i], &empty);
		if (m->want_table)
			put_table(m, b, m->want_table, families[i], list);
	}
	return nft_commit(m->nft, b);
}

static void set_problem(struct marks *m, int err)
{
	x_free(m->problem);
	m->problem = NULL;
	if (!err)
		return;
	m->problem = x_asprintf("nftables_ipvs: packets get no marks, so that "
				"groups are not served: %s",
		strerror(-err));
	log_error("%s", m->problem);
}

/* Writes LIST, which is taken. */
static void put(struct marks *m, struct mark_list *list)
{
	int err = write_list(m, list);
	bool failed = m->problem != NULL;

	if (err) {
		if (!failed)
			set_problem(m, err);
		mark_list_free(list);
		/* Not with each verdict. */
		m->due = false;
		loop_timer_set(m->timer, time_monotonic_us() + RETRY_US);
		return;
	}
	set_problem(m, 0);
	if (failed)
		log_notice("nftables_ipvs: packets get their marks");
	mark_list_free(&m->have);
	m->have = *list;
	x_free(m->table);
	m->table = m->want_table ? x_strdup(m->want_table) : NULL;
	m->priority = m->want_priority;
	m->gone = false;
}

static bool same_place(const struct marks *m)
{
	if (!m->table || !m->want_table)
		return m->table == m->want_table;
	return !m->gone && !strcmp(m->table, m->want_table) &&
		m->priority == m->want_priority;
}

/* --- what an earlier daemon left --- */

static void remove_table(struct marks *m, int family, const char *name)
{
	const struct nft_table table = { .family = family, .name = name };
	struct nft_batch *b = nft_batch_new();

	nft_batch_remove_table(b, &table);
	if (nft_commit(m->nft, b) == 0)
		log_notice("removed the table %s of nftables for %s that an "
			   "earlier daemon left",
			name, family == AF_INET ? "IPv4" : "IPv6");
}

/* To ask a kernel of modules for a table would load nf_tables. */
static bool may_have_tables(void)
{
	return access("/proc/modules", F_OK) < 0 ||
		access("/sys/module/nf_tables", F_OK) == 0;
}

static void clean_table(struct marks *m, const char *name)
{
	bool wanted = m->want_table && !strcmp(name, m->want_table);
	size_t i;

	for (i = 0; i < 2; i++)
		if (!wanted || !has_family(&m->want, families[i]))
			remove_table(m, families[i], name);
}

/* Of another name that a daemon before had there is no trace. */
static void clean(struct marks *m)
{
	bool opened = m->nft != NULL;

	if (!opened && (!may_have_tables() ||
			       nft_new(m->loop, on_gone, m, &m->nft) < 0))
		return;
	clean_table(m, IPVS_CONF_MARKS_TABLE);
	if (m->want_table && strcmp(m->want_table, IPVS_CONF_MARKS_TABLE))
		clean_table(m, m->want_table);
	if (opened || m->want_table)
		return;
	nft_free(m->nft);
	m->nft = NULL;
}

/* --- what is wanted --- */

void marks_settle(struct marks *m)
{
	static const struct mark_list none;
	struct mark_list list;

	m->settled = true;
	if (!m->cleaned) {
		m->cleaned = true;
		clean(m);
	}
	if (!m->due)
		return;
	m->due = false;
	loop_timer_set(m->timer, TIME_NEVER);
	if (same_place(m) && mark_list_equal(&m->have, &m->want)) {
		set_problem(m, 0);
		return;
	}
	mark_list_join(&m->want, &none, &list);
	put(m, &list);
}

/* While IPVS has the services of before, or both: all that is marked stays
 * marked. */
static void write_both(struct marks *m)
{
	struct mark_list list;

	m->due = true;
	if (m->when == MARKS_WHEN_SETTLED || !m->want_table)
		return;
	mark_list_join(&m->have, &m->want, &list);
	if (same_place(m) && mark_list_equal(&m->have, &list))
		mark_list_free(&list);
	else
		put(m, &list);
}

void marks_want(
	struct marks *m, const struct ipvs_conf *conf, enum marks_when when)
{
	const struct ipvs_conf_marks *marks = &conf->globals.marks;

	mark_list_free(&m->want);
	mark_list_make(conf, &m->want);
	x_free(m->want_table);
	m->want_table = marks->table && m->want.n ? x_strdup(marks->table) :
						    NULL;
	m->want_priority = (int32_t)marks->priority;
	m->when = when;
	m->settled = false;
	write_both(m);
}

void marks_remove(struct marks *m)
{
	x_free(m->want_table);
	m->want_table = NULL;
	mark_list_free(&m->want);
	m->due = true;
	marks_settle(m);
}

const char *marks_problem(const struct marks *m)
{
	return m->problem;
}

/* --- life --- */

static void on_timer(void *user_data)
{
	struct marks *m = user_data;

	if (!m->settled) {
		write_both(m);
		return;
	}
	m->due = true;
	marks_settle(m);
}

struct marks *marks_new(struct loop *loop)
{
	struct marks *m = x_new(struct marks, 1);

	m->loop = loop;
	m->timer = loop_timer_new(loop, on_timer, m);
	return m;
}

void marks_free(struct marks *m)
{
	nft_free(m->nft);
	loop_timer_free(m->timer);
	mark_list_free(&m->have);
	mark_list_free(&m->want);
	x_free(m->table);
	x_free(m->want_table);
	x_free(m->problem);
	x_free(m);
}

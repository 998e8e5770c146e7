/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generations of the role, and what a commit of one would change. */
#include <json-c/json.h>
#include <string.h>

#include "config/generation.h"
#include "ipvs-ctl/diff.h"
#include "ipvs-ctl/role_internal.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

void ipvs_generation_free(struct ipvs_generation *generation)
{
	if (!generation)
		return;
	model_free(generation->model);
	arena_free(generation->arena);
	conf_tree_free(generation->tree);
	x_free(generation);
}

int ipvs_generation_open(uint32_t number, int fd,
	const struct mark_book *book, struct ipvs_generation **ret)
{
	struct ipvs_generation *generation;
	struct conf_bind bind = { .lenient = true };
	struct ipvs_conf *conf;
	struct conf_tree *tree;
	int err = conf_generation_open(fd, &tree);

	if (err)
		return err;
	generation = x_new(struct ipvs_generation, 1);
	generation->number = number;
	generation->tree = tree;
	generation->arena = arena_new();
	bind.tree = tree;
	bind.arena = generation->arena;
	conf = conf_bind_root(&bind, &ipvs_conf_root);
	mark_book_apply(book, conf);
	generation->conf = conf;
	*ret = generation;
	return 0;
}

struct model *ipvs_role_make_model(
	const struct ipvs_role *r, const struct ipvs_generation *generation,
	bool for_good)
{
	struct model *model = model_new(generation->conf,
		conf_tree_count(generation->tree), time_monotonic_us());

	/* One that still waits for the first dump knows nothing. */
	if (r->running && r->running->model->started)
		model_inherit(model, r->running->model, for_good);
	return model;
}

static bool owns_all(const struct table_key *key, const void *user_data)
{
	(void)key;
	(void)user_data;
	return true;
}

/* Without a kernel that can be asked: against what was wanted of it. */
static void plan_from_wanted(const struct ipvs_role *r,
	const struct table *desired, struct json_object *plan)
{
	const struct diff_policy policy = { .owned = owns_all };
	struct diff_result result = { .give = { .n = 0 } };
	struct table wanted = { .services = NULL };

	if (r->running && r->running->model)
		model_make_table(r->running->model, &wanted);
	diff_tables(&wanted, desired, &policy, &result);
	ipvs_role_plan(&wanted, &result, plan);
	diff_result_free(&result);
	table_clear(&wanted);
}

static void plan_from_kernel(const struct ipvs_role *r,
	const struct ipvs_conf_globals *conf, const struct table *desired,
	struct json_object *plan)
{
	struct diff_result result = { .give = { .n = 0 } };
	struct table_globals globals;

	ipvs_role_wanted_globals(r, conf, &globals);
	reconcile_plan(r->reconcile, desired, &globals, &result);
	ipvs_role_plan(reconcile_kernel(r->reconcile), &result, plan);
	diff_result_free(&result);
}

/* What a commit would change. */
void ipvs_role_make_plan(const struct ipvs_role *r,
	const struct ipvs_generation *generation, struct json_object *plan)
{
	struct model *model = ipvs_role_make_model(r, generation, false);
	struct model_changes changes = { .n = 0 };
	struct table desired = { .services = NULL };

	model_start(model, time_monotonic_us(), &changes);
	model_changes_free(&changes);
	ipvs_role_plan_unseen(model, plan);
	model_make_table(model, &desired);
	if (reconcile_knows_kernel(r->reconcile))
		plan_from_kernel(
			r, &generation->conf->globals, &desired, plan);
	else
		plan_from_wanted(r, &desired, plan);
	table_clear(&desired);
	model_free(model);
}

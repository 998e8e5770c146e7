/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the data plane does not take, and why it does not answer. */
#include <errno.h>
#include <string.h>

#include "ipvs-ctl/reconcile_internal.h"
#include "lib/log.h"
#include "lib/mem.h"

enum reason reconcile_reason_of_dp(int err)
{
	if (err == -ENOENT || err == -EPROTONOSUPPORT || err == -EAFNOSUPPORT)
		return REASON_KERNEL_NO_IPVS;
	if (err == -EPERM || err == -EACCES)
		return REASON_KERNEL_NO_PERMISSION;
	return REASON_KERNEL_ERROR;
}

static enum reason reason_of_op(enum table_op_kind kind, int err)
{
	if (err == -EPERM || err == -EACCES)
		return REASON_KERNEL_NO_PERMISSION;
	if (err == -ENOENT && (kind == TABLE_OP_NEW_SERVICE ||
				      kind == TABLE_OP_SET_SERVICE))
		return REASON_KERNEL_NO_SCHEDULER;
	return REASON_KERNEL_ERROR;
}

static char *dp_problem_text(int err)
{
	enum reason reason = reconcile_reason_of_dp(err);

	if (reason == REASON_KERNEL_NO_IPVS)
		return x_strdup("the kernel has no IPVS: nothing is "
				"forwarded (hint: modprobe ip_vs)");
	if (reason == REASON_KERNEL_NO_PERMISSION)
		return x_strdup("the kernel does not let us change IPVS: "
				"CAP_NET_ADMIN is missing");
	return x_asprintf("IPVS of the kernel does not answer: %s",
		strerror(-err));
}

void reconcile_set_dp_problem(struct reconcile *r, int err)
{
	if (err == r->dp_err)
		return;
	if (!err)
		log_notice("IPVS of the kernel answers again");
	r->dp_err = err;
	x_free(r->dp_text);
	r->dp_text = err ? dp_problem_text(err) : NULL;
	if (err)
		log_error("%s", r->dp_text);
}

static char *op_problem_text(const struct reconcile *r,
	const struct table_op *op, int err)
{
	const struct table_service *wanted = table_find(&r->desired, &op->key);
	char what[TABLE_OP_STRLEN];
	char key[TABLE_KEY_STRLEN];

	if (reason_of_op(op->kind, err) == REASON_KERNEL_NO_SCHEDULER &&
		wanted && wanted->attributes.engine[0])
		return x_asprintf("service %s: the kernel lacks the scheduler "
				  "%s or the persistence engine %s (hint: "
				  "modprobe -a ip_vs_%s ip_vs_pe_%s)",
			table_key_format(&op->key, key),
			wanted->attributes.scheduler,
			wanted->attributes.engine,
			wanted->attributes.scheduler,
			wanted->attributes.engine);
	if (reason_of_op(op->kind, err) == REASON_KERNEL_NO_SCHEDULER)
		return x_asprintf("service %s: the kernel has no scheduler %s "
				  "(hint: modprobe ip_vs_%s)",
			table_key_format(&op->key, key),
			wanted ? wanted->attributes.scheduler : "",
			wanted ? wanted->attributes.scheduler : "");
	return x_asprintf("the kernel refuses to %s: %s",
		table_op_format(op, what), strerror(-err));
}

void reconcile_add_problem(
	struct reconcile *r, const struct table_op *op, int err)
{
	struct problem *problem;

	HASH_FIND(hh, r->problems, &op->key, sizeof(op->key), problem);
	if (problem && problem->pass == r->pass)
		return;
	if (!problem) {
		problem = x_new(struct problem, 1);
		problem->key = op->key;
		HASH_ADD(hh, r->problems, key, sizeof(problem->key), problem);
	}
	problem->pass = r->pass;
	if (problem->err == err && problem->kind == op->kind)
		return;
	problem->err = err;
	problem->kind = op->kind;
	x_free(problem->text);
	problem->text = op_problem_text(r, op, err);
	log_error("%s", problem->text);
}

static void drop_problem(struct reconcile *r, struct problem *problem)
{
	char key[TABLE_KEY_STRLEN];

	if (problem->key.family)
		log_notice("service %s: the kernel no longer refuses it",
			table_key_format(&problem->key, key));
	else
		log_notice("timeouts and sync daemon: the kernel no longer "
			   "refuses them");
	HASH_DEL(r->problems, problem);
	x_free(problem->text);
	x_free(problem);
}

void reconcile_drop_old_problems(struct reconcile *r)
{
	struct problem *problem = r->problems;
	struct problem *next;

	for (; problem; problem = next) {
		next = problem->hh.next;
		if (problem->pass != r->pass &&
			(r->pass_whole ||
				(problem->key.family &&
					!table_find(&r->desired,
						&problem->key))))
			drop_problem(r, problem);
	}
}

void reconcile_for_each_problem(const struct reconcile *r,
	void (*visit)(enum reason reason, const char *text, void *user_data),
	void *user_data)
{
	const struct problem *problem;

	if (r->dp_err)
		visit(reconcile_reason_of_dp(r->dp_err), r->dp_text, user_data);
	for (problem = r->problems; problem; problem = problem->hh.next)
		visit(reason_of_op(problem->kind, problem->err), problem->text,
			user_data);
}

bool reconcile_is_explained(const struct reconcile *r, const struct table_op *op)
{
	const struct problem *problem;

	HASH_FIND(hh, r->problems, &op->key, sizeof(op->key), problem);
	return problem && problem->pass == r->pass;
}

void reconcile_free_problems(struct reconcile *r)
{
	struct problem *problem;
	struct problem *next;

	for (problem = r->problems; problem; problem = next) {
		next = problem->hh.next;
		HASH_DEL(r->problems, problem);
		x_free(problem->text);
		x_free(problem);
	}
	x_free(r->dp_text);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/diff.h"

#include "lib/mem.h"

static void add_dest(struct table_ops *ops, enum table_op_kind kind,
	const struct table_key *key, const struct table_dest *dest)
{
	struct table_op *op = table_ops_add(ops, kind, key);

	op->dest = *dest;
	op->dest.active = 0;
	op->dest.inactive = 0;
	op->dest.persistent = 0;
}

/* A changed destination: a higher weight gives, anything else may take. */
static void diff_dest(const struct table_key *key,
	const struct table_dest *from, const struct table_dest *to,
	struct diff_result *result)
{
	if (table_dest_equal(from, to))
		return;
	add_dest(to->weight > from->weight ? &result->give : &result->take,
		TABLE_OP_SET_DEST, key, to);
}

/*
 * Lower weights go before removals: what is about to be removed then still
 * carries its part while the others change.  So the second part is gathered
 * in two passes over the same merge.
 */
static void diff_dests(const struct table_service *from,
	const struct table_service *to, struct diff_result *result)
{
	size_t i = 0;
	size_t j = 0;
	int order;

	while (i < from->n_dests || j < to->n_dests) {
		if (i == from->n_dests)
			order = 1;
		else if (j == to->n_dests)
			order = -1;
		else
			order = table_dest_compare(
				&from->dests[i], &to->dests[j]);
		if (order < 0) {
			i++;
		} else if (order > 0) {
			add_dest(&result->give, TABLE_OP_NEW_DEST, &to->key,
				&to->dests[j++]);
		} else {
			diff_dest(&to->key, &from->dests[i++],
				&to->dests[j++], result);
		}
	}
}

static void diff_removed_dests(const struct table_service *from,
	const struct table_service *to, struct diff_result *result)
{
	size_t i;
	size_t j = 0;

	for (i = 0; i < from->n_dests; i++) {
		while (j < to->n_dests &&
			table_dest_compare(&to->dests[j], &from->dests[i]) < 0)
			j++;
		if (j < to->n_dests &&
			table_dest_compare(&to->dests[j], &from->dests[i]) == 0)
			continue;
		add_dest(&result->take, TABLE_OP_DEL_DEST, &from->key,
			&from->dests[i]);
	}
}

void diff_service(const struct table_service *kernel,
	const struct table_service *desired, struct diff_result *result)
{
	struct table_op *op;
	size_t i;

	if (!desired) {
		if (kernel)
			table_ops_add(&result->take, TABLE_OP_DEL_SERVICE,
				&kernel->key);
		return;
	}
	if (!kernel) {
		op = table_ops_add(&result->give, TABLE_OP_NEW_SERVICE,
			&desired->key);
		op->attributes = desired->attributes;
		for (i = 0; i < desired->n_dests; i++)
			add_dest(&result->give, TABLE_OP_NEW_DEST,
				&desired->key, &desired->dests[i]);
		return;
	}
	if (!table_attributes_equal(
		    &kernel->attributes, &desired->attributes)) {
		op = table_ops_add(&result->give, TABLE_OP_SET_SERVICE,
			&desired->key);
		op->attributes = desired->attributes;
	}
	diff_dests(kernel, desired, result);
	diff_removed_dests(kernel, desired, result);
}

void diff_tables(const struct table *kernel, const struct table *desired,
	const struct diff_policy *policy, struct diff_result *result)
{
	const struct table_service *service;

	table_for_each(desired, service)
		diff_service(table_find(kernel, &service->key), service,
			result);
	if (!policy || !policy->owned)
		return;
	table_for_each(kernel, service)
		if (!table_find(desired, &service->key) &&
			policy->owned(&service->key, policy->user_data))
			diff_service(service, NULL, result);
}

void diff_result_free(struct diff_result *result)
{
	table_ops_free(&result->give);
	table_ops_free(&result->take);
}

bool diff_result_is_empty(const struct diff_result *result)
{
	return !result->give.n && !result->take.n;
}

/* Does OP take the last chance of new connections from a destination? */
static bool takes_usable(
	const struct table_service *service, const struct table_op *op)
{
	const struct table_dest *dest;

	if (op->kind != TABLE_OP_DEL_DEST && op->kind != TABLE_OP_SET_DEST)
		return false;
	dest = table_service_find(service, &op->dest.endpoint);
	if (!dest || !table_dest_usable(dest))
		return false;
	return op->kind == TABLE_OP_DEL_DEST || !table_dest_usable(&op->dest);
}

size_t diff_guard_take(const struct table *kernel,
	const struct table *desired, struct table_ops *take)
{
	const struct table_service *service = NULL;
	const struct table_service *wanted = NULL;
	size_t usable = 0;
	size_t kept = 0;
	size_t i;

	for (i = 0; i < take->n; i++) {
		const struct table_op *op = &take->items[i];

		if (!service || !table_key_equal(&service->key, &op->key)) {
			service = table_find(kernel, &op->key);
			wanted = table_find(desired, &op->key);
			usable = service ? table_service_usable(service) : 0;
		}
		if (service && takes_usable(service, op)) {
			if (usable == 1 && wanted &&
				table_service_usable(wanted))
				continue;
			usable--;
		}
		take->items[kept++] = *op;
	}
	i = take->n - kept;
	take->n = kept;
	return i;
}

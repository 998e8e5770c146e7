/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of one generation: bound, made unique and compiled.
 *
 * Checks that are equal in every respect are one entry with several users.
 * Entries are sorted by their id, a digest of that identity, which is the
 * same in every generation and in every process.
 *
 * A set is immutable and counted: the running table holds one reference and
 * each probe in flight another, so that a reload takes nothing away from
 * under a probe.
 */
#ifndef TANDEM_HEALTHCHECK_CHECK_SET_H
#define TANDEM_HEALTHCHECK_CHECK_SET_H

#include <stddef.h>
#include <stdint.h>

#include "healthcheck/check_conf.h"
#include "healthcheck/program.h"

#define CHECK_ID_LEN 16

struct check_id {
	uint8_t bytes[CHECK_ID_LEN];
};

int check_id_compare(const struct check_id *a, const struct check_id *b);
/* The id of what W holds. */
struct check_id check_id_of(const struct buf_writer *w);

struct check_entry {
	struct check_id id;
	const struct check_config *config; /* of the first user */
	struct probe_program *program; /* NULL = none needed */
	const struct check_config **users;
	uint32_t n_users;
};

struct check_set {
	uint32_t generation;
	unsigned int refs;
	struct conf_tree *tree;
	struct arena *arena;
	const struct check_conf *conf;
	struct program_store *programs;
	struct check_entry *entries;
	size_t n_entries;
	const struct check_config **users; /* of all entries, in a row */
	size_t n_users;
};

/* Binds TREE, which the set takes.  One reference. */
struct check_set *check_set_new(uint32_t generation, struct conf_tree *tree);
struct check_set *check_set_ref(struct check_set *set);
void check_set_unref(struct check_set *set); /* NULL is fine */

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/check_set.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"

int check_id_compare(const struct check_id *a, const struct check_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

struct check_id check_id_of(const struct buf_writer *w)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct check_id id;

	if (EVP_Digest(w->data, w->len, digest, NULL, EVP_sha256(), NULL) != 1)
		log_fatal("checks: no SHA-256");
	memcpy(id.bytes, digest, sizeof(id.bytes));
	return id;
}

/* --- collecting --- */

struct item {
	struct check_id id;
	struct check_config *config;
};

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a;
	const struct item *y = b;
	int order = check_id_compare(&x->id, &y->id);

	if (order)
		return order;
	/* In the order of the file. */
	return (x->config->node > y->config->node) -
		(x->config->node < y->config->node);
}

static size_t collect_server(const struct check_server *server,
	struct item *items, struct buf_writer *w)
{
	size_t i;

	for (i = 0; items && i < server->checks.n; i++) {
		items[i].config = server->checks.items[i];
		buf_writer_reset(w);
		check_config_identity(items[i].config, true, w);
		items[i].id = check_id_of(w);
	}
	return server->checks.n;
}

/* Fills ITEMS, or counts when it is NULL. */
static size_t collect(const struct check_conf *conf, struct item *items)
{
	struct buf_writer w = { .data = NULL };
	size_t n = 0;
	size_t i;
	size_t k;

	for (i = 0; i < conf->services.n; i++) {
		const struct check_service *service = conf->services.items[i];

		for (k = 0; k < service->servers.n; k++)
			n += collect_server(service->servers.items[k],
				items ? items + n : NULL, &w);
	}
	buf_writer_free(&w);
	return n;
}

static void make_entries(struct check_set *set, const struct item *items)
{
	struct check_entry *entry = NULL;
	size_t i;

	for (i = 0; i < set->n_users; i++) {
		set->users[i] = items[i].config;
		if (!entry || check_id_compare(&entry->id, &items[i].id)) {
			entry = &set->entries[set->n_entries++];
			entry->id = items[i].id;
			entry->config = items[i].config;
			entry->users = &set->users[i];
		}
		entry->n_users++;
		items[i].config->entry = (uint32_t)(set->n_entries - 1);
	}
}

static void make_unique(struct check_set *set)
{
	size_t n = collect(set->conf, NULL);
	struct item *items = x_new(struct item, n);

	collect(set->conf, items);
	qsort(items, n, sizeof(*items), compare_items);
	set->n_users = n;
	set->users = arena_alloc(set->arena, n * sizeof(*set->users));
	set->entries = arena_alloc(set->arena, n * sizeof(*set->entries));
	make_entries(set, items);
	x_free(items);
}

/* --- life --- */

struct check_set *check_set_new(uint32_t generation, struct conf_tree *tree)
{
	struct check_set *set = x_new(struct check_set, 1);
	struct conf_bind ctx = { .tree = tree, .lenient = true };
	size_t i;

	set->generation = generation;
	set->refs = 1;
	set->tree = tree;
	set->arena = arena_new();
	ctx.arena = set->arena;
	set->conf = conf_bind_root(&ctx, &check_conf_root);
	set->programs = program_store_new(set->conf->ssl);
	make_unique(set);
	for (i = 0; i < set->n_entries; i++)
		set->entries[i].program =
			program_new(set->programs, set->entries[i].config);
	return set;
}

struct check_set *check_set_ref(struct check_set *set)
{
	set->refs++;
	return set;
}

void check_set_unref(struct check_set *set)
{
	size_t i;

	if (!set || --set->refs)
		return;
	for (i = 0; i < set->n_entries; i++)
		program_free(set->entries[i].program);
	program_store_free(set->programs);
	arena_free(set->arena);
	conf_tree_free(set->tree);
	x_free(set);
}

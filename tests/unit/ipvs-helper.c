/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/ipvs-helper.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "config/language.h"

struct checkers {
	struct conf_list items;
};

static void take_arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	(void)ctx;
	(void)node;
	(void)target;
}

/* Only what makes the checkers known. */
static const struct conf_keyword check_words[] = {
	{ .name = "connect_timeout", .type = CONF_TIME, .max = 1000000000,
		.doc = "" },
	{ .name = NULL },
};
static const struct conf_block check_block = {
	.size = sizeof(int64_t),
	.keywords = check_words,
};
static const struct conf_keyword server_words[] = {
	{ .name = "TCP_CHECK", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.block = &check_block, .doc = "" },
	{ .name = "HTTP_GET", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.block = &check_block, .doc = "" },
	{ .name = NULL },
};
static const struct conf_block server_block = {
	.size = sizeof(struct checkers),
	.keywords = server_words,
	.arguments = take_arguments,
};
static const struct conf_keyword service_words[] = {
	{ .name = "real_server", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.block = &server_block, .doc = "" },
	{ .name = NULL },
};
static const struct conf_block service_block = {
	.size = sizeof(struct checkers),
	.keywords = service_words,
	.arguments = take_arguments,
};
/* What the sync daemon looks for. */
static const struct conf_keyword instance_words[] = {
	{ .name = "virtual_router_id", .type = CONF_INT, .min = 1,
		.max = 255, .doc = "" },
	{ .name = "lvs_sync_daemon_interface", .type = CONF_CUSTOM,
		.doc = "" },
	{ .name = NULL },
};
static const struct conf_block instance_block = {
	.size = sizeof(int64_t),
	.keywords = instance_words,
	.arguments = take_arguments,
};
struct helper_root {
	struct conf_list services;
	struct conf_list instances;
};
static const struct conf_keyword root_words[] = {
	{ .name = "vrrp_instance", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.offset = offsetof(struct helper_root, instances),
		.block = &instance_block, .doc = "" },
	{ .name = "virtual_server", .type = CONF_BLOCK, .flags = CONF_MULTI,
		.block = &service_block, .doc = "" },
	{ .name = NULL },
};
static const struct conf_block checkers_root = {
	.size = sizeof(struct helper_root),
	.keywords = root_words,
};

static const struct conf_block *const views[] = {
	&ipvs_conf_root,
	&checkers_root,
	NULL,
};
static const struct conf_language language = { .views = views };

void load_text(struct loaded *ret, const char *text)
{
	struct conf_bind bind = { .lenient = true };

	ret->diags = diag_list_new();
	ret->tree = conf_load_text(&language, "test.conf", text, strlen(text),
		NULL, ret->diags);
	assert_non_null(ret->tree);
	ret->arena = arena_new();
	bind.tree = ret->tree;
	bind.arena = ret->arena;
	ret->conf = conf_bind_root(&bind, &ipvs_conf_root);
}

void load_free(struct loaded *loaded)
{
	arena_free(loaded->arena);
	conf_tree_free(loaded->tree);
	diag_list_free(loaded->diags);
}

struct ipvs_conf_service *loaded_service(const struct loaded *loaded, size_t i)
{
	assert_true(i < loaded->conf->services.n);
	return loaded->conf->services.items[i];
}

struct ipvs_conf_server *loaded_server(
	const struct loaded *loaded, size_t i, size_t j)
{
	struct ipvs_conf_service *service = loaded_service(loaded, i);

	assert_true(j < service->servers.n);
	return service->servers.items[j];
}

const struct diag *loaded_diag(
	const struct loaded *loaded, enum diag_code code)
{
	const struct diag *found = NULL;
	size_t i;

	for (i = 0; i < diag_count(loaded->diags); i++) {
		const struct diag *diag = diag_get(loaded->diags, i);

		if (diag->code != code)
			continue;
		assert_null(found);
		found = diag;
	}
	if (!found)
		diag_print(loaded->diags, stderr);
	assert_non_null(found);
	return found;
}

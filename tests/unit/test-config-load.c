/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/generation.h"
#include "tests/unit/config-toy.h"

struct loaded {
	struct diag_list *diags;
	struct conf_tree *tree;
	struct arena *arena;
	struct toy_root *root;
};

static struct loaded load(const char *text)
{
	struct loaded l = { .diags = diag_list_new(), .arena = arena_new() };

	l.tree = conf_load_text(
		&toy_language, "test.conf", text, strlen(text), NULL, l.diags);
	if (l.tree) {
		struct conf_bind ctx = { .tree = l.tree, .arena = l.arena };

		l.root = conf_bind_root(&ctx, &toy_root_block);
	}
	return l;
}

static void drop(struct loaded *l)
{
	conf_tree_free(l->tree);
	arena_free(l->arena);
	diag_list_free(l->diags);
}

static struct toy_service *service(const struct loaded *l, size_t i)
{
	assert_true(i < l->root->services.n);
	return l->root->services.items[i];
}

static void test_values_of_every_type_are_bound(void **state)
{
	struct loaded l = load("virtual_server web {\n"
			       "  delay_loop 0.5\n  lb_algo wrr\n"
			       "  protocol udp\n  persistence_timeout\n"
			       "  ops\n  alpha no\n  weight 7\n"
			       "  sorry_server 192.0.2.9 80\n}\n");
	struct toy_service *s = service(&l, 0);

	(void)state;
	assert_int_equal(diag_count(l.diags), 0);
	assert_string_equal(s->name, "web");
	assert_int_equal(s->delay_us, 500000);
	assert_int_equal(s->scheduler, 2);
	assert_int_equal(s->protocol, 17);
	assert_int_equal(s->persistence, 360);
	assert_true(s->ops);
	assert_false(s->alpha);
	assert_int_equal(s->weight, 7);
	assert_int_equal(s->sorry.family, AF_INET);
	drop(&l);
}

static void test_inheritance_does_not_depend_on_order(void **state)
{
	struct loaded l = load("virtual_server a {\n"
			       "  real_server 192.0.2.1 80 {\n"
			       "    TCP_CHECK { connect_timeout 3 }\n"
			       "  }\n"
			       "  weight 9\n}\n");
	struct toy_server *server = service(&l, 0)->servers.items[0];

	(void)state;
	assert_int_equal(diag_count(l.diags), 0);
	assert_int_equal(server->weight, 9);
	assert_int_equal(server->port, 80);
	assert_int_equal(server->checks.n, 1);
	assert_int_equal(server->finished, 1);
	drop(&l);
}

static void test_script_line_has_command_user_and_group(void **state)
{
	struct loaded l = load("virtual_server a {\n"
			       "  quorum_up \"/bin/x 'a b' c\" nobody wheel\n"
			       "  quorum_up /bin/y\n}\n");
	struct toy_service *s = service(&l, 0);

	(void)state;
	assert_true(diag_has_code(l.diags, DIAG_DUPLICATE));
	assert_string_equal(s->quorum_up.command, "/bin/x 'a b' c");
	assert_true(conf_node_is_script(l.tree, s->quorum_up.node));
	assert_string_equal(
		conf_node_arg(l.tree, s->quorum_up.node, 2), "wheel");
	drop(&l);
}

static void test_repeated_single_block_continues_the_first(void **state)
{
	struct loaded l = load("global_defs {\n router_id a\n}\n"
			       "global_defs {\n first b\n}\n");

	(void)state;
	assert_int_equal(diag_count(l.diags), 0);
	assert_string_equal(l.root->global->router_id, "a");
	assert_string_equal(l.root->global->first, "b");
	assert_int_equal(l.root->global->inits, 1);
	assert_int_equal(l.root->global->finishes, 1);
	drop(&l);
}

static void test_list_lines_are_nodes(void **state)
{
	struct loaded l = load("virtual_server a {\n"
			       "  addresses { 192.0.2.1\n"
			       "    192.0.2.2 dev eth0\n  }\n"
			       "  addresses\n  {\n 2001:db8::1 }\n}\n");
	struct toy_service *s = service(&l, 0);

	(void)state;
	assert_int_equal(diag_count(l.diags), 0);
	assert_int_equal(s->n_lines, 3);
	assert_string_equal(s->lines[0], "192.0.2.1");
	assert_string_equal(s->lines[2], "2001:db8::1");
	drop(&l);
}

/* keepalived drops the lines that are not for it, wherever they stand. */
static void test_blocks_have_a_head_for_each_host(void **state)
{
	struct loaded l = load("@nowhere virtual_server a {\n"
			       "@^nowhere virtual_server b {\n"
			       "  weight 9\n}\n"
			       "@^nowhere virtual_server c {\n"
			       "@nowhere virtual_server d {\n"
			       "  weight 8\n"
			       "  @nowhere real_server 192.0.2.1 80 {\n"
			       "  @nowhere   TCP_CHECK {\n"
			       "  @nowhere   }\n"
			       "  @nowhere }\n}\n");

	(void)state;
	assert_int_equal(diag_count(l.diags), 0);
	assert_int_equal(l.root->services.n, 2);
	assert_string_equal(service(&l, 0)->name, "b");
	assert_int_equal(service(&l, 0)->weight, 9);
	assert_string_equal(service(&l, 1)->name, "c");
	assert_int_equal(service(&l, 1)->weight, 8);
	assert_int_equal(service(&l, 1)->servers.n, 0);
	drop(&l);
}

static void test_inside_of_a_block_without_a_head_is_skipped(void **state)
{
	struct loaded l = load("@nowhere virtual_server a {\n"
			       "@elsewhere virtual_server b {\n"
			       "  weight 9\n"
			       "  @nowhere real_server 192.0.2.1 80 {\n"
			       "  @elsewhere real_server 192.0.2.2 80 {\n"
			       "    weight 1\n  }\n}\n"
			       "virtual_server c {\n}\n");

	(void)state;
	assert_int_equal(diag_count(l.diags), 1);
	assert_int_equal(diag_get(l.diags, 0)->place.line, 1);
	assert_int_equal(l.root->services.n, 1);
	assert_string_equal(service(&l, 0)->name, "c");
	drop(&l);
}

static void test_generation_carries_the_same_tree(void **state)
{
	struct loaded l = load("virtual_server a {\n"
			       "  real_server 192.0.2.1 80 {\n  }\n}\n"
			       "virtual_server b {\n  weight 3\n}\n");
	struct conf_tree *tree = NULL;
	int fd = conf_generation_write(l.tree);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(conf_generation_open(fd, &tree), 0);
	close(fd);
	assert_int_equal(conf_tree_count(tree), conf_tree_count(l.tree));
	for (uint32_t i = 0; i < conf_tree_count(tree); i++) {
		assert_string_equal(conf_node_keyword(tree, i),
			conf_node_keyword(l.tree, i));
		assert_int_equal(
			conf_node_next(tree, i), conf_node_next(l.tree, i));
		assert_int_equal(conf_node_place(tree, i).line,
			conf_node_place(l.tree, i).line);
	}
	conf_tree_free(tree);
	drop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_of_every_type_are_bound),
		cmocka_unit_test(test_inheritance_does_not_depend_on_order),
		cmocka_unit_test(test_script_line_has_command_user_and_group),
		cmocka_unit_test(
			test_repeated_single_block_continues_the_first),
		cmocka_unit_test(test_list_lines_are_nodes),
		cmocka_unit_test(test_blocks_have_a_head_for_each_host),
		cmocka_unit_test(
			test_inside_of_a_block_without_a_head_is_skipped),
		cmocka_unit_test(test_generation_carries_the_same_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

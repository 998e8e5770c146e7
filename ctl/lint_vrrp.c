/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on instances, and on their scripts. */
#include <string.h>
#include <sys/stat.h>

#include "config/script.h"
#include "ctl/lint_tree.h"
#include "lib/mem.h"

void lint_rule_weak_password(struct lint *lint)
{
	static const char *const known[] = { "1111", "1234", "12345", "123456",
		"12345678", "pass", "password", "secret", "changeme", "test",
		"k@l!ve1", "keepaliv", "keepalived", NULL };
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_instance", instance)
	{
		uint32_t block = lint_child(tree, instance, "authentication");
		const char *text = NULL;
		bool weak;

		if (block != CONF_NODE_NONE)
			text = lint_value(tree, block, "auth_pass");
		if (!text || !strncmp(text, "file:", 5) ||
			!strncmp(text, "credential:", 11))
			continue;
		weak = strlen(text) < 6;
		for (const char *const *k = known; *k; k++)
			weak |= !strcmp(text, *k);
		if (weak)
			lint_report(lint, lint_child(tree, block, "auth_pass"),
				"8 characters that nobody guesses; VRRP sends "
				"them in clear text",
				"this password is weak");
	}
}

void lint_rule_nopreempt_of_master(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_instance", instance)
	{
		const char *state = lint_value(tree, instance, "state");

		if (state && !strcmp(state, "MASTER") &&
			lint_has(tree, instance, "nopreempt"))
			lint_report(lint,
				lint_child(tree, instance, "nopreempt"),
				"say state BACKUP on both directors",
				"nopreempt needs the initial state BACKUP");
	}
}

void lint_rule_no_unicast_peer(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_instance", instance)
	{
		uint32_t peers = lint_child(tree, instance, "unicast_peer");

		if (peers != CONF_NODE_NONE &&
			conf_node_first_child(tree, peers) == CONF_NODE_NONE)
			lint_report(lint, peers, "name the other directors",
				"no peer: both directors would be Active");
	}
}

static bool is_on(const char *text)
{
	return text && (!strcmp(text, "on") || !strcmp(text, "yes") ||
			       !strcmp(text, "true"));
}

/* A switch without a word is on. */
static bool switched_on(
	const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	return lint_has(tree, node, keyword) &&
	       (!lint_value(tree, node, keyword) ||
		       is_on(lint_value(tree, node, keyword)));
}

/* Either limit implies the check, as in keepalived. */
static bool limits_ttl(const struct conf_tree *tree, uint32_t peers)
{
	for (uint32_t peer = conf_node_first_child(tree, peers);
		peer != CONF_NODE_NONE; peer = conf_node_next(tree, peer))
		if (conf_node_arg(tree, peer, 0))
			return true;
	return false;
}

void lint_rule_unlisted_sender(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;
	uint32_t globals = lint_child(tree, 0, "global_defs");
	bool usual = globals != CONF_NODE_NONE &&
		     switched_on(tree, globals, "vrrp_check_unicast_src");

	for_each_top(lint, "vrrp_instance", instance)
	{
		uint32_t peers = lint_child(tree, instance, "unicast_peer");
		bool checked =
			lint_has(tree, instance, "check_unicast_src")
				? switched_on(
					  tree, instance, "check_unicast_src")
				: usual;

		if (!checked && peers != CONF_NODE_NONE &&
			conf_node_first_child(tree, peers) != CONF_NODE_NONE &&
			!limits_ttl(tree, peers))
			lint_report(lint, peers, "say check_unicast_src",
				"adverts are believed that come from no peer");
	}
}

void lint_rule_script_overruns(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_script", script)
	{
		double interval = lint_number(tree, script, "interval", 1);

		if (lint_number(tree, script, "timeout", interval) > interval)
			lint_report(lint, lint_child(tree, script, "timeout"),
				NULL,
				"the timeout is longer than the interval: runs "
				"are left out");
	}
}

/* The longest delay_loop of all services; 0 without any. */
static double slowest_check(const struct lint *lint)
{
	double slowest = 0;

	for_each_top(lint, "virtual_server", service)
	{
		double interval =
			lint_number(lint->tree, service, "delay_loop", 60);

		if (interval > slowest)
			slowest = interval;
	}
	return slowest;
}

/* A director that starts has looked at each server once after delay_loop
 * (`warmup` spreads the first checks over it). */
void lint_rule_preempt_too_early(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;
	double slowest = slowest_check(lint);

	for_each_top(lint, "vrrp_instance", instance)
	{
		uint32_t node = lint_child(tree, instance, "preempt_delay");
		double delay = lint_number(tree, instance, "preempt_delay", 0);
		double interval = lint_number(tree, instance, "advert_int", 1);

		if (node == CONF_NODE_NONE || !delay)
			continue;
		if (delay < 3 * interval)
			lint_report(lint, node, NULL,
				"shorter than three advert intervals: it "
				"changes nothing");
		else if (delay < slowest)
			lint_report(lint, node,
				"a preempt_delay above delay_loop",
				"it takes over before all servers have been "
				"checked once");
	}
}

static bool is_ipv6(const struct conf_tree *tree, uint32_t instance)
{
	uint32_t list = lint_child(tree, instance, "virtual_ipaddress");
	uint32_t first = list == CONF_NODE_NONE
				 ? CONF_NODE_NONE
				 : conf_node_first_child(tree, list);

	return first != CONF_NODE_NONE &&
	       strchr(conf_node_keyword(tree, first), ':');
}

/* Version 2 has no accept that strictness would leave. */
static bool is_version_3(const struct conf_tree *tree, uint32_t instance,
	uint32_t globals)
{
	int64_t usual = globals == CONF_NODE_NONE
				? 2
				: lint_number(tree, globals, "vrrp_version", 2);

	return lint_number(tree, instance, "version", usual) == 3 ||
	       is_ipv6(tree, instance);
}

void lint_rule_strict_unreachable(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;
	uint32_t globals = lint_child(tree, 0, "global_defs");
	bool usual = globals != CONF_NODE_NONE &&
		     switched_on(tree, globals, "vrrp_strict");

	for_each_top(lint, "vrrp_instance", instance)
	{
		bool strict =
			lint_has(tree, instance, "strict_mode")
				? switched_on(tree, instance, "strict_mode")
				: usual;

		bool three = is_version_3(tree, instance, globals);
		bool accept = three && lint_has(tree, instance, "accept");

		if (strict && !accept &&
			lint_number(tree, instance, "priority", 100) < 255)
			lint_report(lint, instance,
				three ? "say accept, or leave vrrp_strict out"
				      : "leave vrrp_strict out, or say "
					"version 3 and accept on all routers",
				"with vrrp_strict the Active router does not "
				"accept packets to addresses it does not own: "
				"nor pings nor connections");
	}
}

/* Who else than root may change PATH itself? */
static bool is_writable_by_others(const char *path)
{
	struct stat st;

	if (path[0] != '/' || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	return st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH));
}

void lint_rule_writable_script(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;
	uint32_t n = conf_tree_count(tree);

	for (uint32_t node = 1; node < n; node++) {
		struct arena *arena;
		char **argv;

		if (!conf_node_is_script(tree, node) ||
			!conf_node_arg(tree, node, 0))
			continue;
		arena = arena_new();
		if (conf_script_split(
			    conf_node_arg(tree, node, 0), arena, &argv) > 0 &&
			is_writable_by_others(argv[0]))
			lint_report(lint, node, "chown root, chmod go-w",
				"others than root may change this script");
		arena_free(arena);
	}
}

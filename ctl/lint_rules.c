/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/lint_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "lib/ipaddr.h"
#include "lib/mem.h"

/* --- looking at the tree --- */

static bool is(const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	return !strcmp(conf_node_keyword(tree, node), keyword);
}

/* The last child of that name, which counts; or CONF_NODE_NONE. */
static uint32_t child(
	const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	uint32_t found = CONF_NODE_NONE;

	conf_for_each_child(tree, node, c)
		if (is(tree, c, keyword))
			found = c;
	return found;
}

static bool has(const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	return child(tree, node, keyword) != CONF_NODE_NONE;
}

/* The first argument of that child; or NULL. */
static const char *value(
	const struct conf_tree *tree, uint32_t node, const char *keyword)
{
	uint32_t c = child(tree, node, keyword);

	return c == CONF_NODE_NONE ? NULL : conf_node_arg(tree, c, 0);
}

static double number(const struct conf_tree *tree, uint32_t node,
	const char *keyword, double otherwise)
{
	const char *text = value(tree, node, keyword);

	return text ? strtod(text, NULL) : otherwise;
}

static void report(struct lint *lint, uint32_t node, const char *hint,
	const char *text)
{
	const struct diag_place place = conf_node_place(lint->tree, node);

	if (conf_node_is_secret(lint->tree, node))
		diag_hide_line(lint->diags, &place);
	diag_add(lint->diags, DIAG_WARNING, DIAG_LINT, &place, lint->rule, hint,
		"%s", text);
}

static bool is_check(const char *keyword)
{
	size_t len = strlen(keyword);

	return (len > 6 && !strcmp(keyword + len - 6, "_CHECK")) ||
	       !strcmp(keyword, "HTTP_GET") || !strcmp(keyword, "SSL_GET");
}

/* A service by address; not by fwmark or group. */
static const char *service_address(const struct conf_tree *tree, uint32_t node)
{
	const char *first = conf_node_arg(tree, node, 0);
	struct ip_addr addr;

	return first && ip_addr_parse(first, &addr) == 0 ? first : NULL;
}

#define for_each_top(lint, keyword_, node_)                                    \
	conf_for_each_child((lint)->tree, 0, node_)                            \
		if (is((lint)->tree, node_, keyword_))

/* --- services --- */

static void rule_unchecked_server(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service) {
		conf_for_each_child(tree, service, server) {
			bool checked = false;

			if (!is(tree, server, "real_server"))
				continue;
			conf_for_each_child(tree, server, c)
				checked |= is_check(conf_node_keyword(tree, c));
			if (!checked)
				report(lint, server, "add a TCP_CHECK",
					"nothing checks this server: it is "
					"used when it is dead, too");
		}
	}
}

static void rule_sorry_is_real(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service) {
		uint32_t sorry = child(tree, service, "sorry_server");
		const char *address;
		const char *port;

		if (sorry == CONF_NODE_NONE)
			continue;
		address = conf_node_arg(tree, sorry, 0);
		port = conf_node_arg(tree, sorry, 1);
		conf_for_each_child(tree, service, server) {
			const char *a = conf_node_arg(tree, server, 0);
			const char *p = conf_node_arg(tree, server, 1);

			if (is(tree, server, "real_server") && a && address &&
				!strcmp(a, address) &&
				!strcmp(p ? p : "", port ? port : ""))
				report(lint, sorry, NULL,
					"the sorry server is one of the real "
					"servers");
		}
	}
}

static bool keeps_port(const struct conf_tree *tree, uint32_t service)
{
	const char *kind = value(tree, service, "lb_kind");

	if (!kind)
		kind = value(tree, service, "lvs_method");
	return kind && (!strcmp(kind, "DR") || !strcmp(kind, "TUN"));
}

static void rule_port_not_mapped(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service) {
		const char *port = conf_node_arg(tree, service, 1);

		if (!service_address(tree, service) || !port ||
			!keeps_port(tree, service))
			continue;
		conf_for_each_child(tree, service, server) {
			const char *p = conf_node_arg(tree, server, 1);

			if (is(tree, server, "real_server") && p &&
				!value(tree, server, "lvs_method") &&
				strcmp(p, port))
				report(lint, server,
					"DR and TUN deliver to the port of the "
					"virtual server",
					"this port is never used");
		}
	}
}

static void rule_quorum_out_of_reach(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service) {
		uint32_t quorum = child(tree, service, "quorum");
		double weight = number(tree, service, "weight", 1);
		double sum = 0;

		if (quorum == CONF_NODE_NONE)
			continue;
		conf_for_each_child(tree, service, server)
			if (is(tree, server, "real_server"))
				sum += number(tree, server, "weight", weight);
		if (number(tree, service, "quorum", 1) > sum)
			report(lint, quorum, NULL,
				"the weights of all servers together do not "
				"reach the quorum");
	}
}

static void rule_persistence_too_short(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service) {
		uint32_t node = child(tree, service, "persistence_timeout");

		if (node != CONF_NODE_NONE && conf_node_arg(tree, node, 0) &&
			number(tree, service, "persistence_timeout", 360) <
				number(tree, service, "delay_loop", 60))
			report(lint, node, NULL,
				"clients are forgotten before a check has "
				"noticed a dead server");
	}
}

static void rule_alpha_missing(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service) {
		bool all = has(tree, service, "alpha");

		conf_for_each_child(tree, service, server)
			all |= is(tree, server, "real_server") &&
			       has(tree, server, "alpha");
		if (!all)
			report(lint, service,
				"alpha: a server is used after its first "
				"good check",
				"at a start servers are used before they have "
				"been checked");
	}
}

/* --- VRRP --- */

static void rule_weak_password(struct lint *lint)
{
	static const char *const known[] = { "1111", "1234", "12345", "123456",
		"12345678", "pass", "password", "secret", "changeme", "test",
		"k@l!ve1", "keepaliv", "keepalived", NULL };
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_instance", instance) {
		uint32_t block = child(tree, instance, "authentication");
		const char *text = NULL;
		bool weak;

		if (block != CONF_NODE_NONE)
			text = value(tree, block, "auth_pass");
		if (!text || !strncmp(text, "file:", 5) ||
			!strncmp(text, "credential:", 11))
			continue;
		weak = strlen(text) < 6;
		for (const char *const *k = known; *k; k++)
			weak |= !strcmp(text, *k);
		if (weak)
			report(lint, child(tree, block, "auth_pass"),
				"8 characters that nobody guesses; VRRP sends "
				"them in clear text",
				"this password is weak");
	}
}

static void rule_nopreempt_of_master(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_instance", instance) {
		const char *state = value(tree, instance, "state");

		if (state && !strcmp(state, "MASTER") &&
			has(tree, instance, "nopreempt"))
			report(lint, child(tree, instance, "nopreempt"),
				"say state BACKUP on both directors",
				"nopreempt needs the initial state BACKUP");
	}
}

static void rule_no_unicast_peer(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_instance", instance) {
		uint32_t peers = child(tree, instance, "unicast_peer");

		if (peers != CONF_NODE_NONE &&
			conf_node_first_child(tree, peers) == CONF_NODE_NONE)
			report(lint, peers, "name the other directors",
				"no peer: both directors would be Active");
	}
}

static void rule_script_overruns(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "vrrp_script", script) {
		double interval = number(tree, script, "interval", 1);

		if (number(tree, script, "timeout", interval) > interval)
			report(lint, child(tree, script, "timeout"), NULL,
				"the timeout is longer than the interval: runs "
				"are left out");
	}
}

/* --- services and VRRP --- */

struct owned {
	char *address;
	UT_hash_handle hh;
};

static void own(struct owned **owned, const char *line)
{
	size_t len = strcspn(line, "/");
	struct owned *entry;

	HASH_FIND(hh, *owned, line, len, entry);
	if (entry)
		return;
	entry = x_new(struct owned, 1);
	entry->address = x_strndup(line, len);
	HASH_ADD_KEYPTR(hh, *owned, entry->address, len, entry);
}

static void own_block(
	struct owned **owned, const struct conf_tree *tree, uint32_t block)
{
	if (block == CONF_NODE_NONE)
		return;
	conf_for_each_child(tree, block, line)
		own(owned, conf_node_keyword(tree, line));
}

static void rule_address_without_owner(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;
	struct owned *owned = NULL;
	struct owned *entry;
	struct owned *next;
	bool any = false;

	for_each_top(lint, "vrrp_instance", instance) {
		any = true;
		own_block(&owned, tree,
			child(tree, instance, "virtual_ipaddress"));
		own_block(&owned, tree,
			child(tree, instance, "virtual_ipaddress_excluded"));
	}
	own_block(&owned, tree, child(tree, 0, "static_ipaddress"));
	for_each_top(lint, "virtual_server", service) {
		const char *address = service_address(tree, service);

		if (!any || !address)
			continue;
		HASH_FIND_STR(owned, address, entry);
		if (!entry)
			report(lint, service, NULL,
				"no vrrp_instance has this address: it does "
				"not move when a director dies");
	}
	HASH_ITER (hh, owned, entry, next) {
		HASH_DEL(owned, entry);
		x_free(entry->address);
		x_free(entry);
	}
}

/* --- two directors --- */

struct instance {
	const char *name;
	uint32_t node;
	UT_hash_handle hh;
};

static struct instance *index_instances(const struct conf_tree *tree)
{
	struct instance *index = NULL;
	struct instance *entry;

	conf_for_each_child(tree, 0, node) {
		const char *name = conf_node_arg(tree, node, 0);

		if (!name || !is(tree, node, "vrrp_instance"))
			continue;
		HASH_FIND_STR(index, name, entry);
		if (entry)
			continue;
		entry = x_new(struct instance, 1);
		entry->name = name;
		entry->node = node;
		HASH_ADD_KEYPTR(
			hh, index, entry->name, strlen(entry->name), entry);
	}
	return index;
}

static void free_index(struct instance *index)
{
	struct instance *entry;
	struct instance *next;

	HASH_ITER (hh, index, entry, next) {
		HASH_DEL(index, entry);
		x_free(entry);
	}
}

static void compare_value(struct lint *lint, uint32_t a, uint32_t b,
	const char *keyword, const char *otherwise)
{
	const char *x = value(lint->tree, a, keyword);
	const char *y = value(lint->peer, b, keyword);
	uint32_t place = child(lint->tree, a, keyword);
	char text[160];

	x = x ? x : otherwise;
	y = y ? y : otherwise;
	if (!strcmp(x, y))
		return;
	snprintf(text, sizeof(text), "%s is %s here and %s on the peer",
		keyword, x, y);
	report(lint, place == CONF_NODE_NONE ? a : place, NULL, text);
}

static void compare_addresses(struct lint *lint, uint32_t a, uint32_t b)
{
	uint32_t mine = child(lint->tree, a, "virtual_ipaddress");
	uint32_t theirs = child(lint->peer, b, "virtual_ipaddress");
	struct owned *owned = NULL;
	struct owned *entry;
	struct owned *next;
	unsigned int n = 0;

	own_block(&owned, lint->peer, theirs);
	if (mine != CONF_NODE_NONE) {
		conf_for_each_child(lint->tree, mine, line) {
			const char *text = conf_node_keyword(lint->tree, line);

			n++;
			HASH_FIND(hh, owned, text, strcspn(text, "/"), entry);
			if (!entry)
				report(lint, line, NULL,
					"the peer does not have this address");
		}
	}
	if (n < HASH_COUNT(owned))
		report(lint, mine == CONF_NODE_NONE ? a : mine, NULL,
			"the peer has addresses that are not here");
	HASH_ITER (hh, owned, entry, next) {
		HASH_DEL(owned, entry);
		x_free(entry->address);
		x_free(entry);
	}
}

static void compare_authentication(struct lint *lint, uint32_t a, uint32_t b)
{
	uint32_t mine = child(lint->tree, a, "authentication");
	uint32_t theirs = child(lint->peer, b, "authentication");
	const char *x = NULL;
	const char *y = NULL;

	if (mine != CONF_NODE_NONE)
		x = value(lint->tree, mine, "auth_pass");
	if (theirs != CONF_NODE_NONE)
		y = value(lint->peer, theirs, "auth_pass");
	if (strcmp(x ? x : "", y ? y : ""))
		report(lint, mine == CONF_NODE_NONE ? a : mine, NULL,
			"the authentication differs from the peer's");
}

static void compare_instances(struct lint *lint, uint32_t a, uint32_t b)
{
	const char *mine = value(lint->tree, a, "state");
	const char *theirs = value(lint->peer, b, "state");

	compare_value(lint, a, b, "virtual_router_id", "none");
	compare_value(lint, a, b, "advert_int", "1");
	compare_value(lint, a, b, "version", "the default");
	compare_addresses(lint, a, b);
	compare_authentication(lint, a, b);
	if (mine && theirs && !strcmp(mine, "MASTER") &&
		!strcmp(theirs, "MASTER"))
		report(lint, child(lint->tree, a, "state"), NULL,
			"both directors start as MASTER");
	if (number(lint->tree, a, "priority", 100) ==
		number(lint->peer, b, "priority", 100))
		report(lint, a, NULL, "both directors have the same priority");
}

static void rule_peer(struct lint *lint)
{
	struct instance *index = index_instances(lint->peer);

	for_each_top(lint, "vrrp_instance", a) {
		const char *name = conf_node_arg(lint->tree, a, 0);
		struct instance *b = NULL;

		if (name)
			HASH_FIND_STR(index, name, b);
		if (b)
			compare_instances(lint, a, b->node);
		else
			report(lint, a, NULL,
				"the peer has no instance of this name");
	}
	free_index(index);
}

static const struct lint_rule rules[] = {
	{ "unchecked-server", "a real server without any check", false,
		rule_unchecked_server },
	{ "sorry-is-real", "a sorry server that is a real server, too", false,
		rule_sorry_is_real },
	{ "port-not-mapped", "DR or TUN with another port at the server", false,
		rule_port_not_mapped },
	{ "quorum-out-of-reach", "a quorum above the sum of weights", false,
		rule_quorum_out_of_reach },
	{ "persistence-too-short", "persistence below the check interval",
		false, rule_persistence_too_short },
	{ "alpha-missing", "servers that are used before they are checked",
		false, rule_alpha_missing },
	{ "weak-password", "a password that is guessed at once", false,
		rule_weak_password },
	{ "nopreempt-of-master", "nopreempt with state MASTER", false,
		rule_nopreempt_of_master },
	{ "no-unicast-peer", "a unicast_peer block without a peer", false,
		rule_no_unicast_peer },
	{ "script-overruns", "a script whose timeout exceeds its interval",
		false, rule_script_overruns },
	{ "address-without-owner", "a service whose address does not move",
		false, rule_address_without_owner },
	{ "peer-differs", "what two directors must have in common (--peer)",
		true, rule_peer },
	{ NULL, NULL, false, NULL },
};

const struct lint_rule *lint_rules(void)
{
	return rules;
}

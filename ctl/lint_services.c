/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on services and real servers. */
#include <string.h>

#include "ctl/lint_tree.h"

void lint_rule_unchecked_server(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service)
	{
		conf_for_each_child(tree, service, server)
		{
			bool checked = false;

			if (!lint_is(tree, server, "real_server"))
				continue;
			conf_for_each_child(tree, server, c) checked |=
				lint_is_check(conf_node_keyword(tree, c));
			if (!checked)
				lint_report(lint, server, "add a TCP_CHECK",
					"nothing checks this server: it is "
					"used when it is dead, too");
		}
	}
}

void lint_rule_sorry_is_real(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service)
	{
		uint32_t sorry = lint_child(tree, service, "sorry_server");
		const char *address;
		const char *port;

		if (sorry == CONF_NODE_NONE)
			continue;
		address = conf_node_arg(tree, sorry, 0);
		port = conf_node_arg(tree, sorry, 1);
		conf_for_each_child(tree, service, server)
		{
			const char *a = conf_node_arg(tree, server, 0);
			const char *p = conf_node_arg(tree, server, 1);

			if (lint_is(tree, server, "real_server") && a &&
				address && !strcmp(a, address) &&
				!strcmp(p ? p : "", port ? port : ""))
				lint_report(lint, sorry, NULL,
					"the sorry server is one of the real "
					"servers");
		}
	}
}

static bool keeps_port(const struct conf_tree *tree, uint32_t service)
{
	const char *kind = lint_value(tree, service, "lb_kind");

	if (!kind)
		kind = lint_value(tree, service, "lvs_method");
	return kind && (!strcmp(kind, "DR") || !strcmp(kind, "TUN"));
}

void lint_rule_port_not_mapped(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service)
	{
		const char *port = conf_node_arg(tree, service, 1);

		if (!lint_service_address(tree, service) || !port ||
			!keeps_port(tree, service))
			continue;
		conf_for_each_child(tree, service, server)
		{
			const char *p = conf_node_arg(tree, server, 1);

			if (lint_is(tree, server, "real_server") && p &&
				!lint_value(tree, server, "lvs_method") &&
				strcmp(p, port))
				lint_report(lint, server,
					"DR and TUN deliver to the port of the "
					"virtual server",
					"this port is never used");
		}
	}
}

void lint_rule_quorum_out_of_reach(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service)
	{
		uint32_t quorum = lint_child(tree, service, "quorum");
		double weight = lint_number(tree, service, "weight", 1);
		double sum = 0;

		if (quorum == CONF_NODE_NONE)
			continue;
		conf_for_each_child(tree, service,
			server) if (lint_is(tree, server, "real_server"))
			sum += lint_number(tree, server, "weight", weight);
		if (lint_number(tree, service, "quorum", 1) > sum)
			lint_report(lint, quorum, NULL,
				"the weights of all servers together do not "
				"reach the quorum");
	}
}

void lint_rule_persistence_too_short(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service)
	{
		uint32_t node =
			lint_child(tree, service, "persistence_timeout");

		if (node != CONF_NODE_NONE && conf_node_arg(tree, node, 0) &&
			lint_number(tree, service, "persistence_timeout", 360) <
				lint_number(tree, service, "delay_loop", 60))
			lint_report(lint, node, NULL,
				"clients are forgotten before a check has "
				"noticed a dead server");
	}
}

void lint_rule_alpha_missing(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service)
	{
		bool all = lint_has(tree, service, "alpha");

		conf_for_each_child(tree, service, server)
			all |= lint_is(tree, server, "real_server") &&
			       lint_has(tree, server, "alpha");
		if (!all)
			lint_report(lint, service,
				"alpha: a server is used after its first "
				"good check",
				"at a start servers are used before they have "
				"been checked");
	}
}

/* Of one check: is what it may take longer than what lies between two? */
static void check_overruns(struct lint *lint, uint32_t check, double interval)
{
	const struct conf_tree *tree = lint->tree;
	const char *keyword = lint_has(tree, check, "misc_timeout")
				      ? "misc_timeout"
				      : "connect_timeout";

	interval = lint_number(tree, check, "delay_loop", interval);
	if (lint_has(tree, check, keyword) &&
		lint_number(tree, check, keyword, 0) > interval)
		lint_report(lint, lint_child(tree, check, keyword), NULL,
			"the timeout is longer than delay_loop: a server that "
			"hangs is found later than the interval says");
}

void lint_rule_check_overruns(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;

	for_each_top(lint, "virtual_server", service)
	{
		double usual = lint_number(tree, service, "delay_loop", 60);

		conf_for_each_child(tree, service, server)
		{
			double interval =
				lint_number(tree, server, "delay_loop", usual);

			if (!lint_is(tree, server, "real_server"))
				continue;
			conf_for_each_child(tree, server,
				check) if (lint_is_check(conf_node_keyword(tree,
						   check)))
				check_overruns(lint, check, interval);
		}
	}
}

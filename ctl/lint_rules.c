/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/lint_rules.h"

#include <string.h>

#include "config/spelling.h"
#include "ctl/lint_comment.h"
#include "lib/mem.h"

static const struct lint_rule rules[] = {
	{ "unchecked-server", "a real server without any check", false,
		lint_rule_unchecked_server },
	{ "sorry-is-real", "a sorry server that is a real server, too", false,
		lint_rule_sorry_is_real },
	{ "port-not-mapped", "DR or TUN with another port at the server", false,
		lint_rule_port_not_mapped },
	{ "quorum-out-of-reach", "a quorum above the sum of weights", false,
		lint_rule_quorum_out_of_reach },
	{ "persistence-too-short", "persistence below the check interval",
		false, lint_rule_persistence_too_short },
	{ "alpha-missing", "servers that are used before they are checked",
		false, lint_rule_alpha_missing },
	{ "weak-password", "a password that is guessed at once", false,
		lint_rule_weak_password },
	{ "nopreempt-of-master", "nopreempt with state MASTER", false,
		lint_rule_nopreempt_of_master },
	{ "no-unicast-peer", "a unicast_peer block without a peer", false,
		lint_rule_no_unicast_peer },
	{ "unlisted-sender", "unicast adverts that are believed of anybody",
		false, lint_rule_unlisted_sender },
	{ "script-overruns", "a script whose timeout exceeds its interval",
		false, lint_rule_script_overruns },
	{ "address-without-owner", "a service whose address does not move",
		false, lint_rule_address_without_owner },
	{ "check-overruns", "a check whose timeout exceeds its interval", false,
		lint_rule_check_overruns },
	{ "preempt-too-early", "a takeover before servers have been checked",
		false, lint_rule_preempt_too_early },
	{ "strict-unreachable", "vrrp_strict with addresses that do not answer",
		false, lint_rule_strict_unreachable },
	{ "writable-script", "a script that others than root may change", false,
		lint_rule_writable_script },
	{ "vrid-on-one-segment", "a VRID twice, probably on one segment", false,
		lint_rule_vrid_on_one_segment },
	{ "unknown-rule", "a comment that switches off what is no rule", false,
		lint_rule_unknown_rule },
	{ "peer-differs", "what two directors must have in common (--peer)",
		true, lint_rule_peer },
	{ NULL, NULL, false, NULL },
};

const struct lint_rule *lint_rules(void)
{
	return rules;
}

bool lint_is_rule(const char *name, size_t len)
{
	for (const struct lint_rule *rule = rules; rule->name; rule++)
		if (strlen(rule->name) == len && !memcmp(rule->name, name, len))
			return true;
	return false;
}

const char *lint_meant_rule(const char *name)
{
	struct spelling_guess guess = spelling_guess(name);

	for (const struct lint_rule *rule = rules; rule->name; rule++)
		spelling_try(&guess, rule->name);
	return guess.meant;
}

static void report_unknown(
	void *arg, const struct diag_place *place, const char *rule, size_t len)
{
	struct lint *lint = arg;
	char *name = x_strndup(rule, len);
	const char *meant = lint_meant_rule(name);
	char *text = x_asprintf(
		"there is no rule '%s': it switches nothing off", name);
	char *hint = meant ? x_asprintf("did you mean '%s'?", meant)
			   : x_strdup("'tandemctl lint' lists the rules");

	diag_add_lint(lint->diags, place, lint->rule, "", hint, text);
	x_free(hint);
	x_free(text);
	x_free(name);
}

void lint_rule_unknown_rule(struct lint *lint)
{
	lint_comments_visit_unknown(
		lint->comments, lint->tree, report_unknown, lint);
}

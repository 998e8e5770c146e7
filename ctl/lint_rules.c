/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/lint_rules.h"

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
	{ "peer-differs", "what two directors must have in common (--peer)",
		true, lint_rule_peer },
	{ NULL, NULL, false, NULL },
};

const struct lint_rule *lint_rules(void)
{
	return rules;
}

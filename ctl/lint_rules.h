/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an experienced operator would ask about a configuration that is
 * correct.  Each rule has a name, walks the tree once and reports findings;
 * doc/lint.md explains them.
 */
#ifndef TANDEM_CTL_LINT_RULES_H
#define TANDEM_CTL_LINT_RULES_H

#include "config/diag.h"
#include "config/tree.h"

struct lint_comments;

struct lint {
	const struct conf_tree *tree;
	const struct conf_tree *peer; /* NULL = not given */
	struct diag_list *diags;
	struct lint_comments *comments;
	const char *rule; /* the one that runs */
};

struct lint_rule {
	const char *name; /* NULL ends the table */
	const char *summary;
	bool needs_peer;
	void (*run)(struct lint *lint);
};

const struct lint_rule *lint_rules(void);
bool lint_is_rule(const char *name, size_t len);
/* The rule that NAME is probably meant to be, or NULL. */
const char *lint_meant_rule(const char *name);

/* lint_rules.c */
void lint_rule_unknown_rule(struct lint *lint);

/* lint_services.c */
void lint_rule_unchecked_server(struct lint *lint);
void lint_rule_sorry_is_real(struct lint *lint);
void lint_rule_port_not_mapped(struct lint *lint);
void lint_rule_quorum_out_of_reach(struct lint *lint);
void lint_rule_persistence_too_short(struct lint *lint);
void lint_rule_alpha_missing(struct lint *lint);
void lint_rule_check_overruns(struct lint *lint);

/* lint_vrrp.c */
void lint_rule_weak_password(struct lint *lint);
void lint_rule_nopreempt_of_master(struct lint *lint);
void lint_rule_no_unicast_peer(struct lint *lint);
void lint_rule_unlisted_sender(struct lint *lint);
void lint_rule_script_overruns(struct lint *lint);
void lint_rule_preempt_too_early(struct lint *lint);
void lint_rule_strict_unreachable(struct lint *lint);
void lint_rule_writable_script(struct lint *lint);

/* lint_addresses.c */
void lint_rule_address_without_owner(struct lint *lint);
void lint_rule_vrid_on_one_segment(struct lint *lint);
void lint_rule_peer(struct lint *lint);

#endif

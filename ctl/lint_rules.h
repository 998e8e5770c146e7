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

struct lint {
	const struct conf_tree *tree;
	const struct conf_tree *peer; /* NULL = not given */
	struct diag_list *diags;
	const char *rule; /* the one that runs */
};

struct lint_rule {
	const char *name; /* NULL ends the table */
	const char *summary;
	bool needs_peer;
	void (*run)(struct lint *lint);
};

const struct lint_rule *lint_rules(void);

#endif

# SPDX-License-Identifier: GPL-2.0-or-later
dist_man_MANS += doc/man/tandemctl.1 doc/man/tandem.conf.5 doc/man/tandemd.8

# The reference of all keywords is made from the tables that parse them.
nodist_man_MANS = doc/man/tandem.keywords.5
CLEANFILES += doc/man/tandem.keywords.5
doc/man/tandem.keywords.5: ctl/tandemctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc/man && \
	ctl/tandemctl$(EXEEXT) --format=man keywords > $@.tmp && mv $@.tmp $@

TESTS += tests/unit/test-manual
EXTRA_DIST += tests/unit/test-manual
EXTRA_DIST += doc/architecture.md doc/decisions doc/dependencies.md \
	doc/measurements.md

# Made from the tables, and kept in the tree for its readers.
.PHONY: update-compatibility
update-compatibility: ctl/language-tables$(EXEEXT)
	$(AM_V_GEN)ctl/language-tables$(EXEEXT) compatibility \
		> $(srcdir)/doc/compatibility.md
TESTS += tests/golden/run-compatibility
EXTRA_DIST += doc/compatibility.md tests/golden/run-compatibility

# SPDX-License-Identifier: GPL-2.0-or-later
bin_PROGRAMS += ctl/tandemctl
noinst_LIBRARIES += ctl/libctl.a

ctl_libctl_a_SOURCES = \
	ctl/answer.c ctl/answer.h \
	ctl/control.c ctl/control.h \
	ctl/show.c ctl/show.h \
	ctl/show_bfd.c ctl/show_bfd.h \
	ctl/show_services.c ctl/show_services.h \
	ctl/style_of.c ctl/style_of.h \
	ctl/table.c ctl/table.h

# Text in, text out: what the fuzz targets link.
IMPORT_CORES = \
	ctl/import_ipvsadm.c ctl/import_ipvsadm.h \
	ctl/import_ipvsadm_parse.c ctl/import_ipvsadm_parse.h \
	ctl/import_ldirectord.c ctl/import_ldirectord.h \
	ctl/import_ldirectord_parse.c ctl/import_ldirectord_parse.h \
	ctl/import_ldirectord_plan.c ctl/import_ldirectord_plan.h \
	ctl/import_ldirectord_values.c \
	ctl/import_keepalived.c ctl/import_keepalived.h \
	ctl/import_keepalived_lines.c \
	ctl/import_repair.c \
	ctl/import_result.c ctl/import_result.h

ctl_tandemctl_SOURCES = \
	ctl/check.c ctl/check.h \
	ctl/config.c ctl/config.h \
	ctl/config_diff.c ctl/config_diff.h ctl/config_diff_internal.h \
	ctl/config_diff_lists.c \
	ctl/digest.c ctl/digest.h \
	ctl/digest_fetch.c ctl/digest_fetch.h \
	ctl/command.c ctl/command.h \
	ctl/import.c ctl/import.h \
	ctl/import_check.c ctl/import_check.h \
	ctl/import_files.c ctl/import_files.h \
	$(IMPORT_CORES) \
	ctl/format.c ctl/format.h \
	ctl/format_text.c ctl/format_text.h \
	ctl/help.c ctl/help.h \
	ctl/help_foreign.c ctl/help_foreign.h \
	ctl/help_words.c ctl/help_words.h \
	ctl/input.c ctl/input.h \
	ctl/keyword_block.c ctl/keyword_block.h \
	ctl/keyword_example.c ctl/keyword_example.h \
	ctl/keyword_text.c ctl/keyword_text.h \
	ctl/keyword_tree.c ctl/keyword_tree.h \
	ctl/keywords.c ctl/keywords.h \
	ctl/keywords_man.c ctl/keywords_man.h \
	ctl/lint.c ctl/lint.h \
	ctl/lint_addresses.c \
	ctl/lint_comment.c ctl/lint_comment.h \
	ctl/lint_rules.c ctl/lint_rules.h \
	ctl/lint_services.c ctl/lint_tree.c ctl/lint_tree.h \
	ctl/lint_vrrp.c \
	ctl/show_diags.c ctl/show_diags.h \
	ctl/show_file.c ctl/show_file.h \
	ctl/main.c
ctl_tandemctl_LDADD = ctl/libctl.a $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) $(SSL_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test-ctl
endif
tests_unit_test_ctl_SOURCES = tests/unit/test-ctl.c
tests_unit_test_ctl_LDADD = $(LIB_LIBS) $(UNIT_LIBS)

# Makes of the tables what is kept in the tree.
noinst_PROGRAMS += ctl/language-tables
ctl_language_tables_SOURCES = ctl/language_tables.c \
	ctl/keyword_tree.c ctl/keyword_tree.h
ctl_language_tables_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
noinst_PROGRAMS += tests/golden/check-cases
tests_golden_check_cases_SOURCES = tests/golden/check-cases.c $(CONFIG_PRINT)
tests_golden_check_cases_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
TESTS += tests/golden/run-examples tests/golden/run-inherits
EXTRA_DIST += tests/golden/run-examples tests/golden/run-inherits \
	tests/golden/inherits.py
TESTS += tests/golden/run-goldens tests/golden/run-import
TESTS += tests/golden/run-format tests/golden/run-lint tests/golden/run-completion
EXTRA_DIST += tests/golden/run-lint tests/golden/run-completion tests/golden/lint doc/lint.md
EXTRA_DIST += tests/golden/run-format tests/golden/format
EXTRA_DIST += tests/golden/run-import tests/golden/import
EXTRA_DIST += tests/golden/goldens.py tests/golden/run-goldens \
	tests/golden/keywords tests/golden/mistakes.txt \
	tests/golden/mistakes.expected
# After a change of tables or messages: read what git diff says then.
.PHONY: update-goldens
update-goldens: all update-compatibility
	srcdir=$(srcdir) $(srcdir)/tests/golden/goldens.py update
	srcdir=$(srcdir) UPDATE=1 $(srcdir)/tests/golden/run-diag

if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-keywords
tests_fuzz_fuzz_keywords_SOURCES = tests/fuzz/fuzz-keywords.c $(CONFIG_PRINT)
tests_fuzz_fuzz_keywords_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
tests_fuzz_fuzz_keywords_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-keywords
tests_fuzz_replay_keywords_SOURCES = tests/fuzz/fuzz-keywords.c \
	tests/fuzz/replay.c $(CONFIG_PRINT)
tests_fuzz_replay_keywords_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/keywords

if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-import-ldirectord
tests_fuzz_fuzz_import_ldirectord_SOURCES = tests/fuzz/fuzz-import-ldirectord.c \
	tests/fuzz/fuzz-import.c tests/fuzz/fuzz-import.h $(IMPORT_CORES)
tests_fuzz_fuzz_import_ldirectord_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
tests_fuzz_fuzz_import_ldirectord_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-import-ldirectord
tests_fuzz_replay_import_ldirectord_SOURCES = tests/fuzz/fuzz-import-ldirectord.c \
	tests/fuzz/fuzz-import.c tests/fuzz/fuzz-import.h \
	tests/fuzz/replay.c $(IMPORT_CORES)
tests_fuzz_replay_import_ldirectord_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/import-ldirectord

if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-import-ipvsadm
tests_fuzz_fuzz_import_ipvsadm_SOURCES = tests/fuzz/fuzz-import-ipvsadm.c \
	tests/fuzz/fuzz-import.c tests/fuzz/fuzz-import.h $(IMPORT_CORES)
tests_fuzz_fuzz_import_ipvsadm_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
tests_fuzz_fuzz_import_ipvsadm_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-import-ipvsadm
tests_fuzz_replay_import_ipvsadm_SOURCES = tests/fuzz/fuzz-import-ipvsadm.c \
	tests/fuzz/fuzz-import.c tests/fuzz/fuzz-import.h \
	tests/fuzz/replay.c $(IMPORT_CORES)
tests_fuzz_replay_import_ipvsadm_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/import-ipvsadm

# Printed and read again: the same.
check_PROGRAMS += tests/golden/round-trip
tests_golden_round_trip_SOURCES = tests/golden/round-trip.c $(CONFIG_PRINT)
tests_golden_round_trip_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
TESTS += tests/golden/run-round-trip tests/golden/run-config-diff
EXTRA_DIST += tests/golden/run-config-diff tests/golden/config-diff
EXTRA_DIST += tests/golden/run-round-trip

if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-import-keepalived
tests_fuzz_fuzz_import_keepalived_SOURCES = tests/fuzz/fuzz-import-keepalived.c \
	tests/fuzz/fuzz-import.c tests/fuzz/fuzz-import.h $(IMPORT_CORES)
tests_fuzz_fuzz_import_keepalived_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
tests_fuzz_fuzz_import_keepalived_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-import-keepalived
tests_fuzz_replay_import_keepalived_SOURCES = tests/fuzz/fuzz-import-keepalived.c \
	tests/fuzz/fuzz-import.c tests/fuzz/fuzz-import.h \
	tests/fuzz/replay.c $(IMPORT_CORES)
tests_fuzz_replay_import_keepalived_LDADD = $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/import-keepalived

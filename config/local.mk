# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += config/libconfig.a
config_libconfig_a_SOURCES = \
	config/advice.c config/advice.h \
	config/blocks.c \
	config/builder.c config/builder.h \
	config/check.c config/check.h \
	config/conditions.c \
	config/diag.c config/diag.h config/diag_internal.h \
	config/diag_json.c config/diag_print.c \
	config/effective.c config/effective.h config/effective_internal.h \
	config/effective_value.c \
	config/effective_print.c config/effective_print.h \
	config/expand.c \
	config/file.c config/file.h \
	config/generation.c config/generation.h \
	config/image.h \
	config/include.c \
	config/language.c config/language.h \
	config/lexer.c config/lexer.h \
	config/odd.c config/odd.h \
	config/parse.c config/parse.h config/parse_internal.h \
	config/print.c config/print.h \
	config/reference.c config/reference.h \
	config/schema.c config/schema.h \
	config/scope.c config/scope.h \
	config/script.c config/script.h \
	config/secret.c config/secret.h \
	config/sequence.c config/sequence.h \
	config/source.c config/source.h config/source_internal.h \
	config/spelling.c config/spelling.h \
	config/statement.c \
	config/tree.c config/tree.h \
	config/values.c config/values.h
CONFIG_LIBS = config/libconfig.a

CONFIG_TOY = tests/unit/config-toy.c tests/unit/config-toy.h
CONFIG_PRINT = tests/unit/config-print.c tests/unit/config-print.h
noinst_PROGRAMS += tests/unit/config-check
tests_unit_config_check_SOURCES = tests/unit/config-check.c $(CONFIG_TOY)
tests_unit_config_check_LDADD = $(CONFIG_LIBS) $(LIB_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test-config-load
tests_unit_test_config_load_SOURCES = tests/unit/test-config-load.c $(CONFIG_TOY)
tests_unit_test_config_load_LDADD = $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test-config-print
tests_unit_test_config_print_SOURCES = tests/unit/test-config-print.c \
	$(CONFIG_TOY) $(CONFIG_PRINT)
tests_unit_test_config_print_LDADD = $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test-config-secret
tests_unit_test_config_secret_SOURCES = tests/unit/test-config-secret.c $(CONFIG_TOY)
tests_unit_test_config_secret_LDADD = $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test-config-lexer
tests_unit_test_config_lexer_SOURCES = tests/unit/test-config-lexer.c
tests_unit_test_config_lexer_LDADD = $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test-config-expand
tests_unit_test_config_expand_SOURCES = tests/unit/test-config-expand.c
tests_unit_test_config_expand_LDADD = $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test-config-bad
tests_unit_test_config_bad_SOURCES = tests/unit/test-config-bad.c $(CONFIG_TOY)
tests_unit_test_config_bad_LDADD = $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test-config-effective
tests_unit_test_config_effective_SOURCES = tests/unit/test-config-effective.c
tests_unit_test_config_effective_LDADD = \
	$(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test-language-tables
tests_unit_test_language_tables_SOURCES = tests/unit/test-language-tables.c
tests_unit_test_language_tables_LDADD = \
	$(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
endif
EXTRA_DIST += tests/golden/keepalived-keywords

# Diagnostics as they should read.
TESTS += tests/golden/run-diag
EXTRA_DIST += tests/golden/run-diag tests/golden/diag tests/golden/corpus

# The fuzz target, and its corpus replayed by `make check`.
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c $(CONFIG_TOY) \
	$(CONFIG_PRINT)
tests_fuzz_fuzz_config_LDADD = $(CONFIG_LIBS) $(LIB_LIBS)
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-config
tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz-config.c \
	tests/fuzz/replay.c $(CONFIG_TOY) $(CONFIG_PRINT)
tests_fuzz_replay_config_LDADD = $(CONFIG_LIBS) $(LIB_LIBS)

EXTRA_DIST += tests/fuzz/corpus/config

# The same for what files may do to one another; for every keyword there is
# tests/fuzz/fuzz-keywords (ctl/local.mk).
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-expand
tests_fuzz_fuzz_expand_SOURCES = tests/fuzz/fuzz-expand.c $(CONFIG_TOY) \
	$(CONFIG_PRINT)
tests_fuzz_fuzz_expand_LDADD = $(CONFIG_LIBS) $(LIB_LIBS)
tests_fuzz_fuzz_expand_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-expand
tests_fuzz_replay_expand_SOURCES = tests/fuzz/fuzz-expand.c \
	tests/fuzz/replay.c $(CONFIG_TOY) $(CONFIG_PRINT)
tests_fuzz_replay_expand_LDADD = $(CONFIG_LIBS) $(LIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/expand

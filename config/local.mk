# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += config/libconfig.a
config_libconfig_a_SOURCES = \
	config/builder.c config/builder.h \
	config/check.c config/check.h \
	config/diag.c config/diag.h config/diag_internal.h \
	config/diag_print.c \
	config/expand.c \
	config/file.c config/file.h \
	config/generation.c config/generation.h \
	config/image.h \
	config/include.c \
	config/language.c config/language.h \
	config/lexer.c config/lexer.h config/script.h \
	config/parse.c config/parse.h \
	config/schema.c config/schema.h \
	config/scope.c config/scope.h \
	config/sequence.c config/sequence.h \
	config/source.c config/source.h config/source_internal.h \
	config/spelling.c \
	config/tree.c config/tree.h \
	config/values.c config/values.h
CONFIG_LIBS = config/libconfig.a

CONFIG_TOY = tests/unit/config-toy.c tests/unit/config-toy.h
noinst_PROGRAMS += tests/unit/config-check
tests_unit_config_check_SOURCES = tests/unit/config-check.c $(CONFIG_TOY)
tests_unit_config_check_LDADD = $(CONFIG_LIBS) $(LIB_LIBS)

check_PROGRAMS += tests/unit/test-config-load
tests_unit_test_config_load_SOURCES = tests/unit/test-config-load.c $(CONFIG_TOY)
tests_unit_test_config_load_LDADD = $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)

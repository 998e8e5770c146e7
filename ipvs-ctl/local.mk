# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += ipvs-ctl/libipvs.a ipvs-ctl/libipvs-conf.a

# The keyword tables, for whoever links the language without the role.
ipvs_ctl_libipvs_conf_a_SOURCES = \
	ipvs-ctl/ipvs_conf.c ipvs-ctl/ipvs_conf.h \
	ipvs-ctl/ipvs_conf_check.c \
	ipvs-ctl/ipvs_conf_globals.c \
	ipvs-ctl/ipvs_conf_group.c \
	ipvs-ctl/ipvs_conf_internal.h \
	ipvs-ctl/ipvs_conf_marks.c \
	ipvs-ctl/ipvs_conf_sync.c \
	ipvs-ctl/ipvs_conf_use.c \
	ipvs-ctl/ipvs_conf_values.c \
	ipvs-ctl/table.c ipvs-ctl/table.h

ipvs_ctl_libipvs_a_SOURCES = $(ipvs_ctl_libipvs_conf_a_SOURCES) \
	ipvs-ctl/codec.c ipvs-ctl/codec.h \
	ipvs-ctl/dataplane.h \
	ipvs-ctl/dataplane_ipvs.c \
	ipvs-ctl/dataplane_memory.c \
	ipvs-ctl/diff.c ipvs-ctl/diff.h \
	ipvs-ctl/globals.c ipvs-ctl/globals.h \
	ipvs-ctl/kept.c ipvs-ctl/kept.h \
	ipvs-ctl/key_set.c ipvs-ctl/key_set.h \
	ipvs-ctl/mark_book.c ipvs-ctl/mark_book.h \
	ipvs-ctl/marks.c ipvs-ctl/marks.h \
	ipvs-ctl/marks_plan.c ipvs-ctl/marks_plan.h \
	ipvs-ctl/model.c ipvs-ctl/model.h \
	ipvs-ctl/model_carry.c \
	ipvs-ctl/model_internal.h \
	ipvs-ctl/model_table.c \
	ipvs-ctl/model_events.c ipvs-ctl/model_events.h \
	ipvs-ctl/reconcile.c ipvs-ctl/reconcile.h \
	ipvs-ctl/reconcile_internal.h \
	ipvs-ctl/reconcile_owned.c \
	ipvs-ctl/reconcile_problem.c \
	ipvs-ctl/reconcile_read.c \
	ipvs-ctl/role.c ipvs-ctl/role.h \
	ipvs-ctl/role_checkpoint.c \
	ipvs-ctl/role_explain.c \
	ipvs-ctl/role_generation.c \
	ipvs-ctl/role_internal.h \
	ipvs-ctl/role_runs.c \
	ipvs-ctl/role_services.c \
	ipvs-ctl/role_status.c \
	ipvs-ctl/subject.c ipvs-ctl/subject.h

IPVS_LIBS = ipvs-ctl/libipvs.a $(CONFIG_LIBS) $(LIB_LIBS) $(MNL_LIBS)

IPVS_HELPER = tests/unit/ipvs-helper.c tests/unit/ipvs-helper.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-ipvs-codec \
	tests/unit/test-ipvs-conf \
	tests/unit/test-ipvs-diff \
	tests/unit/test-ipvs-events \
	tests/unit/test-ipvs-marks \
	tests/unit/test-ipvs-marks-table \
	tests/unit/test-ipvs-model \
	tests/unit/test-ipvs-reconcile \
	tests/unit/test-ipvs-subject
endif
tests_unit_test_ipvs_codec_SOURCES = tests/unit/test-ipvs-codec.c
tests_unit_test_ipvs_codec_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)
tests_unit_test_ipvs_conf_SOURCES = tests/unit/test-ipvs-conf.c $(IPVS_HELPER)
tests_unit_test_ipvs_conf_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)
tests_unit_test_ipvs_diff_SOURCES = tests/unit/test-ipvs-diff.c
tests_unit_test_ipvs_diff_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)
tests_unit_test_ipvs_events_SOURCES = tests/unit/test-ipvs-events.c $(IPVS_HELPER)
tests_unit_test_ipvs_events_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)
tests_unit_test_ipvs_marks_SOURCES = tests/unit/test-ipvs-marks.c $(IPVS_HELPER)
tests_unit_test_ipvs_marks_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)
tests_unit_test_ipvs_marks_table_SOURCES = tests/unit/test-ipvs-marks-table.c \
	$(IPVS_HELPER)
tests_unit_test_ipvs_marks_table_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)
tests_unit_test_ipvs_model_SOURCES = tests/unit/test-ipvs-model.c $(IPVS_HELPER)
tests_unit_test_ipvs_model_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)
tests_unit_test_ipvs_reconcile_SOURCES = tests/unit/test-ipvs-reconcile.c
tests_unit_test_ipvs_reconcile_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)

tests_unit_test_ipvs_subject_SOURCES = tests/unit/test-ipvs-subject.c $(IPVS_HELPER)
tests_unit_test_ipvs_subject_LDADD = $(IPVS_LIBS) $(UNIT_LIBS)

# The fuzz target, and its corpus replayed by `make check`.
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-ipvs-codec
tests_fuzz_fuzz_ipvs_codec_SOURCES = tests/fuzz/fuzz-ipvs-codec.c
tests_fuzz_fuzz_ipvs_codec_LDADD = $(IPVS_LIBS)
tests_fuzz_fuzz_ipvs_codec_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-ipvs-codec
tests_fuzz_replay_ipvs_codec_SOURCES = tests/fuzz/fuzz-ipvs-codec.c \
	tests/fuzz/replay.c
tests_fuzz_replay_ipvs_codec_LDADD = $(IPVS_LIBS)

EXTRA_DIST += tests/fuzz/corpus/ipvs-codec tests/lab/test_ipvs_role.py \
	tests/lab/test_ipvs_marks.py

# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += mail/libmail.a
mail_libmail_a_SOURCES = \
	mail/program.c mail/program.h \
	mail/session.c mail/session.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test-mail-session
endif
tests_unit_test_mail_session_SOURCES = tests/unit/test-mail-session.c
tests_unit_test_mail_session_LDADD = mail/libmail.a $(LIB_LIBS) $(UNIT_LIBS)

if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-mail-session
tests_fuzz_fuzz_mail_session_SOURCES = tests/fuzz/fuzz-mail-session.c
tests_fuzz_fuzz_mail_session_LDADD = mail/libmail.a $(LIB_LIBS)
tests_fuzz_fuzz_mail_session_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-mail-session
tests_fuzz_replay_mail_session_SOURCES = tests/fuzz/fuzz-mail-session.c \
	tests/fuzz/replay.c
tests_fuzz_replay_mail_session_LDADD = mail/libmail.a $(LIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/mail-session

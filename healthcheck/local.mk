# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += healthcheck/libhealthcheck-conf.a \
	healthcheck/libhealthcheck.a
healthcheck_libhealthcheck_conf_a_SOURCES = \
	healthcheck/check_conf.c healthcheck/check_conf.h \
	healthcheck/check_conf_bfd.c healthcheck/check_conf_ca.c \
	healthcheck/check_conf_file.c \
	healthcheck/check_conf_group.c \
	healthcheck/check_conf_kinds.c \
	healthcheck/check_conf_protocols.c healthcheck/check_conf_rows.h \
	healthcheck/check_identity.c \
	healthcheck/dns_message.c healthcheck/dns_message.h \
	healthcheck/hex_pattern.c healthcheck/hex_pattern.h
healthcheck_libhealthcheck_a_SOURCES = \
	healthcheck/bfd_checks.c healthcheck/bfd_checks.h \
	healthcheck/check_diff.c healthcheck/check_diff.h \
	healthcheck/check_report.c healthcheck/check_report.h \
	healthcheck/check_set.c healthcheck/check_set.h \
	healthcheck/check_store.c healthcheck/check_store.h \
	healthcheck/check_table.c healthcheck/check_table.h \
	healthcheck/file_checks.c healthcheck/file_checks.h \
	healthcheck/icmp_echo.c healthcheck/icmp_echo.h \
	healthcheck/probe.c healthcheck/probe.h \
	healthcheck/probe_connect.c \
	healthcheck/probe_datagram.c \
	healthcheck/probe_bfd.c \
	healthcheck/probe_dns.c \
	healthcheck/probe_file.c \
	healthcheck/probe_http.c \
	healthcheck/probe_misc.c \
	healthcheck/probe_ping.c \
	healthcheck/probe_smtp.c \
	healthcheck/probe_tcp.c \
	healthcheck/probe_tls.c healthcheck/probe_tls.h \
	healthcheck/probe_udp.c \
	healthcheck/program.c healthcheck/program.h \
	healthcheck/role.c healthcheck/role.h \
	healthcheck/role_internal.h \
	healthcheck/role_report.c \
	healthcheck/role_status.c \
	healthcheck/schedule.c healthcheck/schedule.h \
	healthcheck/status_job.c healthcheck/status_job.h \
	healthcheck/suspend.c healthcheck/suspend.h \
	healthcheck/verdict.c healthcheck/verdict.h

CHECK_LIBS = healthcheck/libhealthcheck.a healthcheck/libhealthcheck-conf.a \
	$(CONFIG_LIBS) $(LIB_LIBS) $(SSL_LIBS) $(PCRE2_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-check-conf \
	tests/unit/test-check-probes \
	tests/unit/test-check-protocols \
	tests/unit/test-check-role \
	tests/unit/test-check-schedule \
	tests/unit/test-check-verdict \
	tests/unit/test-http-reply
endif
tests_unit_test_check_conf_SOURCES = tests/unit/test-check-conf.c
tests_unit_test_check_conf_LDADD = $(CHECK_LIBS) $(UNIT_LIBS)
tests_unit_test_check_probes_SOURCES = tests/unit/test-check-probes.c \
	tests/unit/check-probe-servers.c tests/unit/check-probe-servers.h
tests_unit_test_check_probes_LDADD = $(CHECK_LIBS) $(UNIT_LIBS)
tests_unit_test_check_protocols_SOURCES = tests/unit/test-check-protocols.c \
	tests/unit/check-probe-servers.c tests/unit/check-probe-servers.h
tests_unit_test_check_protocols_LDADD = $(CHECK_LIBS) $(UNIT_LIBS)
tests_unit_test_check_role_SOURCES = tests/unit/test-check-role.c \
	tests/unit/check-harness.c tests/unit/check-harness.h \
	tests/unit/check-probe-servers.c tests/unit/check-probe-servers.h
tests_unit_test_check_role_LDADD = $(CHECK_LIBS) $(UNIT_LIBS)
tests_unit_test_check_schedule_SOURCES = tests/unit/test-check-schedule.c
tests_unit_test_check_schedule_LDADD = $(CHECK_LIBS) $(UNIT_LIBS)
tests_unit_test_check_verdict_SOURCES = tests/unit/test-check-verdict.c
tests_unit_test_check_verdict_LDADD = $(CHECK_LIBS) $(UNIT_LIBS)
tests_unit_test_http_reply_SOURCES = tests/unit/test-http-reply.c
tests_unit_test_http_reply_LDADD = $(CHECK_LIBS) $(UNIT_LIBS)

# The fuzz targets, and their corpora replayed by `make check`.
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-check-replies tests/fuzz/fuzz-http-reply
tests_fuzz_fuzz_check_replies_SOURCES = tests/fuzz/fuzz-check-replies.c
tests_fuzz_fuzz_check_replies_LDADD = $(CHECK_LIBS)
tests_fuzz_fuzz_check_replies_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_http_reply_SOURCES = tests/fuzz/fuzz-http-reply.c
tests_fuzz_fuzz_http_reply_LDADD = $(CHECK_LIBS)
tests_fuzz_fuzz_http_reply_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-check-replies tests/fuzz/replay-http-reply
tests_fuzz_replay_check_replies_SOURCES = tests/fuzz/fuzz-check-replies.c \
	tests/fuzz/replay.c
tests_fuzz_replay_check_replies_LDADD = $(CHECK_LIBS)
tests_fuzz_replay_http_reply_SOURCES = tests/fuzz/fuzz-http-reply.c \
	tests/fuzz/replay.c
tests_fuzz_replay_http_reply_LDADD = $(CHECK_LIBS)

EXTRA_DIST += tests/fuzz/corpus/check-replies tests/fuzz/corpus/http-reply \
	tests/lab/test_check_local.py tests/lab/test_digest.py

# What a check costs; see its head.
noinst_PROGRAMS += tests/bench/bench-checks
tests_bench_bench_checks_SOURCES = tests/bench/bench-checks.c
tests_bench_bench_checks_LDADD = $(CHECK_LIBS)

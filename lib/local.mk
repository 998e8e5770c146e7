# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += lib/libtandem.a
lib_libtandem_a_SOURCES = \
	lib/buf.c lib/buf.h \
	lib/channel.c lib/channel.h \
	lib/checkpoint.c lib/checkpoint.h \
	lib/file_watch.c lib/file_watch.h \
	lib/event_sender.c lib/event_sender.h \
	lib/handover.c lib/handover.h \
	lib/http_reply.c lib/http_reply.h \
	lib/ipaddr.c lib/ipaddr.h \
	lib/jsonfd.c lib/jsonfd.h \
	lib/log.c lib/log.h \
	lib/log_ring.c lib/log_ring.h \
	lib/log_syslog.c lib/log_syslog.h \
	lib/loop.c lib/loop.h \
	lib/mem.c lib/mem.h \
	lib/messages.c lib/messages.h \
	lib/netlink.c lib/netlink.h \
	lib/netlink_codec.c lib/netlink_codec.h \
	lib/netlink_link.c lib/netlink_link.h \
	lib/netlink_attr.h \
	lib/netlink_fib.c lib/netlink_fib.h \
	lib/netlink_route.c lib/netlink_route.h \
	lib/netlink_route_match.c \
	lib/netlink_rule.c \
	lib/netlink_socket.c lib/netlink_socket.h \
	lib/netlink_writer.c lib/netlink_writer.h \
	lib/nft.c lib/nft.h \
	lib/nft_batch.c lib/nft_internal.h \
	lib/privileges.c lib/privileges.h \
	lib/proc.c lib/proc.h \
	lib/process.c lib/process.h \
	lib/reason.c lib/reason.h \
	lib/role.c lib/role.h \
	lib/sysctl.c lib/sysctl.h \
	lib/smtp_reply.c lib/smtp_reply.h \
	lib/timeutil.c lib/timeutil.h
# PCRE2 for the keyword tables, which compile regular expressions to check them.
LIB_LIBS = lib/libtandem.a $(EVENT_LIBS) $(JSON_LIBS) $(CAPNG_LIBS) $(NL_LIBS) \
	$(NFTNL_LIBS) $(MNL_LIBS) \
	$(PCRE2_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-lib-buf \
	tests/unit/test-lib-channel \
	tests/unit/test-lib-checkpoint \
	tests/unit/test-lib-event-sender \
	tests/unit/test-lib-file-watch \
	tests/unit/test-lib-handover \
	tests/unit/test-lib-ipaddr \
	tests/unit/test-lib-log \
	tests/unit/test-lib-log-ring \
	tests/unit/test-lib-log-syslog \
	tests/unit/test-lib-loop \
	tests/unit/test-lib-mem \
	tests/unit/test-lib-messages \
	tests/unit/test-netlink
tests_unit_test_lib_buf_SOURCES = tests/unit/test-lib-buf.c
tests_unit_test_lib_buf_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_event_sender_SOURCES = tests/unit/test-lib-event-sender.c
tests_unit_test_lib_event_sender_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_checkpoint_SOURCES = tests/unit/test-lib-checkpoint.c
tests_unit_test_lib_checkpoint_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_handover_SOURCES = tests/unit/test-lib-handover.c
tests_unit_test_lib_handover_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_channel_SOURCES = tests/unit/test-lib-channel.c
tests_unit_test_lib_channel_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_file_watch_SOURCES = tests/unit/test-lib-file-watch.c
tests_unit_test_lib_file_watch_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_ipaddr_SOURCES = tests/unit/test-lib-ipaddr.c
tests_unit_test_lib_ipaddr_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_log_SOURCES = tests/unit/test-lib-log.c
tests_unit_test_lib_log_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_log_ring_SOURCES = tests/unit/test-lib-log-ring.c
tests_unit_test_lib_log_ring_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_log_syslog_SOURCES = tests/unit/test-lib-log-syslog.c
tests_unit_test_lib_log_syslog_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_loop_SOURCES = tests/unit/test-lib-loop.c
tests_unit_test_lib_loop_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_mem_SOURCES = tests/unit/test-lib-mem.c
tests_unit_test_lib_mem_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_lib_messages_SOURCES = tests/unit/test-lib-messages.c
tests_unit_test_lib_messages_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_netlink_SOURCES = tests/unit/test-netlink.c
tests_unit_test_netlink_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
endif

# The fuzz target, and its corpus replayed by `make check`.
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-handover
tests_fuzz_fuzz_handover_SOURCES = tests/fuzz/fuzz-handover.c
tests_fuzz_fuzz_handover_LDADD = $(LIB_LIBS)
tests_fuzz_fuzz_handover_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-handover
tests_fuzz_replay_handover_SOURCES = tests/fuzz/fuzz-handover.c \
	tests/fuzz/replay.c
tests_fuzz_replay_handover_LDADD = $(LIB_LIBS)

EXTRA_DIST += tests/fuzz/corpus/handover

# SPDX-License-Identifier: GPL-2.0-or-later
# The pure half of the role, and the keyword tables.
vrrp_libvrrp_a_SOURCES += \
	vrrp/ah.c vrrp/ah.h \
	vrrp/bfd_fsm.c vrrp/bfd_fsm.h \
	vrrp/bfd_packet.c vrrp/bfd_packet.h \
	vrrp/debounce.c vrrp/debounce.h \
	vrrp/filter_plan.c vrrp/filter_plan.h \
	vrrp/fsm.c vrrp/fsm.h \
	vrrp/fsm_advert.c vrrp/fsm_internal.h vrrp/fsm_states.c \
	vrrp/group.c vrrp/group.h \
	vrrp/hmac.c vrrp/hmac.h \
	vrrp/mac.c vrrp/mac.h \
	vrrp/networks.c vrrp/networks.h \
	vrrp/packet.c vrrp/packet.h \
	vrrp/process_rule.c vrrp/process_rule.h \
	vrrp/settings_plan.c vrrp/settings_plan.h \
	vrrp/track.c vrrp/track.h \
	vrrp/vmac_plan.c vrrp/vmac_plan.h
vrrp_libvrrp_conf_a_SOURCES += \
	vrrp/vrrp_conf.c vrrp/vrrp_conf.h \
	vrrp/vrrp_conf_address.c \
	vrrp/vrrp_conf_delay.c \
	vrrp/vrrp_conf_bfd.c \
	vrrp/vrrp_conf_filter.c \
	vrrp/vrrp_conf_strict.c \
	vrrp/vrrp_conf_garp.c \
	vrrp/vrrp_conf_global.c \
	vrrp/vrrp_conf_hmac.c \
	vrrp/vrrp_conf_instance.c \
	vrrp/vrrp_conf_internal.h \
	vrrp/vrrp_conf_link.c \
	vrrp/vrrp_conf_present.c \
	vrrp/vrrp_conf_process.c \
	vrrp/vrrp_conf_resolve.c \
	vrrp/vrrp_conf_track.c \
	vrrp/vrrp_conf_vmac.c vrrp/vmac_conf.h

# What tests of the pure half link.
VRRP_CORE_TEST_LIBS = vrrp/libvrrp.a $(LIB_LIBS)

check_PROGRAMS += tests/sim/sim-bfd tests/sim/sim-vrrp
tests_sim_sim_bfd_SOURCES = tests/sim/sim-bfd.c
tests_sim_sim_bfd_LDADD = $(VRRP_CORE_TEST_LIBS)
tests_sim_sim_vrrp_SOURCES = \
	tests/sim/sim-vrrp.c \
	tests/sim/sim-vrrp-world.c tests/sim/sim-vrrp-world.h
tests_sim_sim_vrrp_LDADD = $(VRRP_CORE_TEST_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-bfd-fsm \
	tests/unit/test-bfd-packet \
	tests/unit/test-process-rule \
	tests/unit/test-vrrp-ah \
	tests/unit/test-vrrp-conf \
	tests/unit/test-vrrp-debounce \
	tests/unit/test-vrrp-filter \
	tests/unit/test-vrrp-fsm \
	tests/unit/test-vrrp-group \
	tests/unit/test-vrrp-hmac \
	tests/unit/test-vrrp-networks \
	tests/unit/test-vrrp-packet \
	tests/unit/test-vrrp-track \
	tests/unit/test-vrrp-vmac
endif
tests_unit_test_bfd_fsm_SOURCES = tests/unit/test-bfd-fsm.c
tests_unit_test_bfd_fsm_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_bfd_packet_SOURCES = tests/unit/test-bfd-packet.c
tests_unit_test_bfd_packet_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_process_rule_SOURCES = tests/unit/test-process-rule.c
tests_unit_test_process_rule_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
VRRP_FSM_DRIVER = tests/unit/vrrp-fsm-driver.c tests/unit/vrrp-fsm-driver.h
tests_unit_test_vrrp_ah_SOURCES = tests/unit/test-vrrp-ah.c
tests_unit_test_vrrp_ah_LDADD = $(VRRP_CORE_TEST_LIBS) $(SSL_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_conf_SOURCES = tests/unit/test-vrrp-conf.c
tests_unit_test_vrrp_conf_LDADD = vrrp/libvrrp-conf.a $(CONFIG_LIBS) \
	$(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_debounce_SOURCES = tests/unit/test-vrrp-debounce.c
tests_unit_test_vrrp_debounce_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_filter_SOURCES = tests/unit/test-vrrp-filter.c
tests_unit_test_vrrp_filter_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_fsm_SOURCES = tests/unit/test-vrrp-fsm.c $(VRRP_FSM_DRIVER)
tests_unit_test_vrrp_fsm_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_group_SOURCES = tests/unit/test-vrrp-group.c \
	$(VRRP_FSM_DRIVER)
tests_unit_test_vrrp_group_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_hmac_SOURCES = tests/unit/test-vrrp-hmac.c
tests_unit_test_vrrp_hmac_LDADD = $(VRRP_CORE_TEST_LIBS) $(SSL_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_networks_SOURCES = tests/unit/test-vrrp-networks.c
tests_unit_test_vrrp_networks_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_packet_SOURCES = tests/unit/test-vrrp-packet.c
tests_unit_test_vrrp_packet_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_track_SOURCES = tests/unit/test-vrrp-track.c
tests_unit_test_vrrp_track_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_vmac_SOURCES = tests/unit/test-vrrp-vmac.c
tests_unit_test_vrrp_vmac_LDADD = $(VRRP_CORE_TEST_LIBS) $(UNIT_LIBS)

# The fuzz target, and its corpus replayed by `make check`.
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-bfd-packet
tests_fuzz_fuzz_bfd_packet_SOURCES = tests/fuzz/fuzz-bfd-packet.c
tests_fuzz_fuzz_bfd_packet_LDADD = $(VRRP_CORE_TEST_LIBS)
tests_fuzz_fuzz_bfd_packet_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += tests/fuzz/fuzz-vrrp-ah tests/fuzz/fuzz-vrrp-hmac \
	tests/fuzz/fuzz-vrrp-packet
tests_fuzz_fuzz_vrrp_hmac_SOURCES = tests/fuzz/fuzz-vrrp-hmac.c
tests_fuzz_fuzz_vrrp_hmac_LDADD = $(VRRP_CORE_TEST_LIBS) $(SSL_LIBS)
tests_fuzz_fuzz_vrrp_hmac_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_vrrp_ah_SOURCES = tests/fuzz/fuzz-vrrp-ah.c
tests_fuzz_fuzz_vrrp_ah_LDADD = $(VRRP_CORE_TEST_LIBS) $(SSL_LIBS)
tests_fuzz_fuzz_vrrp_ah_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_vrrp_packet_SOURCES = tests/fuzz/fuzz-vrrp-packet.c
tests_fuzz_fuzz_vrrp_packet_LDADD = $(VRRP_CORE_TEST_LIBS)
tests_fuzz_fuzz_vrrp_packet_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-bfd-packet
tests_fuzz_replay_bfd_packet_SOURCES = tests/fuzz/fuzz-bfd-packet.c \
	tests/fuzz/replay.c
tests_fuzz_replay_bfd_packet_LDADD = $(VRRP_CORE_TEST_LIBS)
check_PROGRAMS += tests/fuzz/replay-vrrp-ah tests/fuzz/replay-vrrp-hmac \
	tests/fuzz/replay-vrrp-packet
tests_fuzz_replay_vrrp_hmac_SOURCES = tests/fuzz/fuzz-vrrp-hmac.c \
	tests/fuzz/replay.c
tests_fuzz_replay_vrrp_hmac_LDADD = $(VRRP_CORE_TEST_LIBS) $(SSL_LIBS)
tests_fuzz_replay_vrrp_ah_SOURCES = tests/fuzz/fuzz-vrrp-ah.c \
	tests/fuzz/replay.c
tests_fuzz_replay_vrrp_ah_LDADD = $(VRRP_CORE_TEST_LIBS) $(SSL_LIBS)
tests_fuzz_replay_vrrp_packet_SOURCES = tests/fuzz/fuzz-vrrp-packet.c \
	tests/fuzz/replay.c
tests_fuzz_replay_vrrp_packet_LDADD = $(VRRP_CORE_TEST_LIBS)

EXTRA_DIST += tests/fuzz/corpus/bfd-packet
EXTRA_DIST += tests/fuzz/corpus/vrrp-ah tests/fuzz/corpus/vrrp-hmac \
	tests/fuzz/corpus/vrrp-packet

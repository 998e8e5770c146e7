# SPDX-License-Identifier: GPL-2.0-or-later
# What touches the kernel.
vrrp_libvrrp_a_SOURCES += \
	vrrp/addresses.c vrrp/addresses.h \
	vrrp/answer.c vrrp/answer.h \
	vrrp/announce.c vrrp/announce.h \
	vrrp/announce_packet.c vrrp/announce_packet.h \
	vrrp/bfd.c vrrp/bfd.h vrrp/bfd_internal.h \
	vrrp/bfd_role.c vrrp/bfd_role.h \
	vrrp/bfd_session.c \
	vrrp/bfd_socket.c vrrp/bfd_socket.h \
	vrrp/bfd_status.c vrrp/bfd_status.h \
	vrrp/checkpoint.c \
	vrrp/dump.c \
	vrrp/events.c \
	vrrp/explain.c \
	vrrp/faults.c \
	vrrp/filter.c vrrp/filter.h \
	vrrp/filter_role.c \
	vrrp/instance.c \
	vrrp/instance_conf.c \
	vrrp/link_networks.c \
	vrrp/link_state.c vrrp/link_state.h \
	vrrp/notify.c \
	vrrp/plan.c vrrp/plan.h \
	vrrp/plan_fields.c vrrp/plan_fields.h \
	vrrp/plan_index.c \
	vrrp/reload.c \
	vrrp/process_events.c vrrp/process_events.h \
	vrrp/process_role.c vrrp/process_role.h \
	vrrp/process_scan.c vrrp/process_scan.h \
	vrrp/processes.c vrrp/processes.h \
	vrrp/role.c vrrp/role.h \
	vrrp/runs.c vrrp/runs.h \
	vrrp/settings.c vrrp/settings.h \
	vrrp/shell.h \
	vrrp/socket.c vrrp/socket.h \
	vrrp/status.c \
	vrrp/tracker.c vrrp/tracker.h \
	vrrp/vmac.c vrrp/vmac.h \
	vrrp/vmac_internal.h \
	vrrp/vmac_make.c \
	vrrp/vmac_remove.c \
	vrrp/vmac_role.c

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-processes \
	tests/unit/test-vrrp-addresses \
	tests/unit/test-vrrp-announce \
	tests/unit/test-vrrp-plan \
	tests/unit/test-vrrp-settings \
	tests/unit/test-vrrp-vmac-make \
	tests/unit/test-vrrp-want
tests_unit_test_processes_SOURCES = tests/unit/test-processes.c
tests_unit_test_processes_LDADD = \
	vrrp/libvrrp.a vrrp/libvrrp-conf.a $(CONFIG_LIBS) $(LIB_LIBS) $(SSL_LIBS) \
	$(UNIT_LIBS)
tests_unit_test_vrrp_plan_SOURCES = tests/unit/test-vrrp-plan.c
tests_unit_test_vrrp_plan_LDADD = \
	vrrp/libvrrp.a vrrp/libvrrp-conf.a $(CONFIG_LIBS) $(LIB_LIBS) $(SSL_LIBS) \
	$(UNIT_LIBS)
tests_unit_test_vrrp_addresses_SOURCES = tests/unit/test-vrrp-addresses.c
tests_unit_test_vrrp_addresses_LDADD = \
	vrrp/libvrrp.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_announce_SOURCES = tests/unit/test-vrrp-announce.c
tests_unit_test_vrrp_announce_LDADD = \
	vrrp/libvrrp.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_settings_SOURCES = tests/unit/test-vrrp-settings.c
tests_unit_test_vrrp_settings_LDADD = \
	vrrp/libvrrp.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_vmac_make_SOURCES = tests/unit/test-vrrp-vmac-make.c
tests_unit_test_vrrp_vmac_make_LDADD = \
	vrrp/libvrrp.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_want_SOURCES = tests/unit/test-vrrp-want.c
tests_unit_test_vrrp_want_LDADD = \
	vrrp/libvrrp.a vrrp/libvrrp-conf.a $(CONFIG_LIBS) $(LIB_LIBS) $(SSL_LIBS) \
	$(UNIT_LIBS)
endif

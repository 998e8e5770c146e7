# SPDX-License-Identifier: GPL-2.0-or-later
# The pure half of the role, and the keyword tables.
vrrp_libvrrp_a_SOURCES += \
	vrrp/fsm.c vrrp/fsm.h \
	vrrp/group.c vrrp/group.h \
	vrrp/packet.c vrrp/packet.h \
	vrrp/track.c vrrp/track.h
vrrp_libvrrp_conf_a_SOURCES += \
	vrrp/vrrp_conf.c vrrp/vrrp_conf.h \
	vrrp/vrrp_conf_address.c \
	vrrp/vrrp_conf_global.c \
	vrrp/vrrp_conf_instance.c \
	vrrp/vrrp_conf_internal.h \
	vrrp/vrrp_conf_link.c \
	vrrp/vrrp_conf_resolve.c \
	vrrp/vrrp_conf_track.c

# What tests of the pure half link.
VRRP_CORE_TEST_LIBS = vrrp/libvrrp.a $(LIB_LIBS)

check_PROGRAMS += tests/sim/sim-vrrp
tests_sim_sim_vrrp_SOURCES = \
	tests/sim/sim-vrrp.c \
	tests/sim/sim-vrrp-world.c tests/sim/sim-vrrp-world.h
tests_sim_sim_vrrp_LDADD = $(VRRP_CORE_TEST_LIBS)

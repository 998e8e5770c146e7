# SPDX-License-Identifier: GPL-2.0-or-later
# The pure half of the role, and the keyword tables.
vrrp_libvrrp_a_SOURCES += \
	vrrp/fsm.c vrrp/fsm.h \
	vrrp/group.c vrrp/group.h \
	vrrp/packet.c vrrp/packet.h \
	vrrp/track.c vrrp/track.h
vrrp_libvrrp_conf_a_SOURCES += \
	vrrp/vrrp_conf.h

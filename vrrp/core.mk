# SPDX-License-Identifier: GPL-2.0-or-later
# The pure half of the role, and the keyword tables.
vrrp_libvrrp_a_SOURCES += \
	vrrp/fsm.h \
	vrrp/group.h \
	vrrp/packet.h \
	vrrp/track.h
vrrp_libvrrp_conf_a_SOURCES += \
	vrrp/vrrp_conf.h

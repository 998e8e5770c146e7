# SPDX-License-Identifier: GPL-2.0-or-later
# core.mk: the pure half and the keyword tables; shell.mk: what touches the
# kernel.  Both append to vrrp_libvrrp_a_SOURCES.
noinst_LIBRARIES += vrrp/libvrrp.a vrrp/libvrrp-conf.a
vrrp_libvrrp_a_SOURCES =
vrrp_libvrrp_conf_a_SOURCES =

include $(top_srcdir)/vrrp/core.mk
include $(top_srcdir)/vrrp/shell.mk
include $(top_srcdir)/vrrp/routes.mk

# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += lib/libtandem.a
lib_libtandem_a_SOURCES = \
	lib/buf.c lib/buf.h \
	lib/channel.c lib/channel.h \
	lib/ipaddr.c lib/ipaddr.h \
	lib/jsonfd.c lib/jsonfd.h \
	lib/log.c lib/log.h \
	lib/loop.c lib/loop.h \
	lib/mem.c lib/mem.h \
	lib/messages.c lib/messages.h \
	lib/privileges.c lib/privileges.h \
	lib/reason.c lib/reason.h \
	lib/role.c lib/role.h \
	lib/timeutil.c lib/timeutil.h
LIB_LIBS = lib/libtandem.a $(EVENT_LIBS) $(JSON_LIBS) $(CAPNG_LIBS)

# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += mail/libmail.a
mail_libmail_a_SOURCES = \
	mail/program.c mail/program.h \
	mail/session.c mail/session.h

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole language: the keyword tables of all roles, without the roles.
 */
#ifndef TANDEM_DAEMON_LANGUAGE_H
#define TANDEM_DAEMON_LANGUAGE_H

#include "config/language.h"

extern const struct conf_language tandem_language;

#endif

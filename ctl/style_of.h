/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which words are good news.
 */
#ifndef TANDEM_CTL_STYLE_OF_H
#define TANDEM_CTL_STYLE_OF_H

#include "ctl/table.h"

/* Unknown words, of a newer daemon's, are plain. */
enum style style_of_role(const char *state);
enum style style_of_vrrp(const char *state);
enum style style_of_service(const char *state);
enum style style_of_server(const char *state);
enum style style_of_level(const char *level);
enum style style_of_action(const char *action);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces by the names that ip-netns(8) gives.
 */
#ifndef TANDEM_DAEMON_NETNS_H
#define TANDEM_DAEMON_NETNS_H

/* This process and what it starts move there.  0 or -errno. */
int netns_enter(const char *name);

#endif

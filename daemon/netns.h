/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces by the names that ip-netns(8) gives.
 */
#ifndef TANDEM_DAEMON_NETNS_H
#define TANDEM_DAEMON_NETNS_H

/* This process and what it starts move there.  0 or -errno. */
int netns_enter(const char *name);
/* A descriptor of it, for setns(2); NULL: of the one that this process is in.
 * -errno. */
int netns_open(const char *name);

#endif

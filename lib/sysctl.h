/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few network settings that rtnetlink cannot write, by their names in
 * /proc/sys/net.  The kernel lets whoever has CAP_NET_ADMIN over the network
 * namespace write there, whoever owns the files.  Where /proc/sys is mounted
 * read-only (containers), -EROFS.
 *
 * Callers name a setting of the list and an interface, never a path.
 */
#ifndef TANDEM_LIB_SYSCTL_H
#define TANDEM_LIB_SYSCTL_H

#include <stdint.h>

enum sysctl_setting {
	SYSCTL_IPV4_RP_FILTER, /* of "all" and "default" */
	SYSCTL_IPV4_IGMP_LINK_LOCAL, /* igmp_link_local_mcast_reports */
	SYSCTL_IPV6_ACCEPT_RA,
	SYSCTL_IPV6_AUTOCONF,
	SYSCTL_IPV6_DISABLE,
	SYSCTL_COUNT,
};

/* "net.ipv4.conf.%s.rp_filter" ..., for messages. */
const char *sysctl_name(enum sysctl_setting setting);

/* INTERFACE is "all", "default" or the name of a link; NULL for settings that
 * are not of an interface.  0 or -errno; -EINVAL for a name that is none. */
int sysctl_get(
	enum sysctl_setting setting, const char *interface, int *ret_value);
int sysctl_set(enum sysctl_setting setting, const char *interface, int value);

#endif

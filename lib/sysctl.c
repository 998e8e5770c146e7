/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *before;
	const char *after; /* NULL: of no interface */
	const char *name;
} settings[SYSCTL_COUNT] = {
	[SYSCTL_IPV4_RP_FILTER] = { "ipv4/conf/", "/rp_filter",
		"net.ipv4.conf.*.rp_filter" },
	[SYSCTL_IPV4_IGMP_LINK_LOCAL] = { "ipv4/igmp_link_local_mcast_reports",
		NULL, "net.ipv4.igmp_link_local_mcast_reports" },
	[SYSCTL_IPV6_ACCEPT_RA] = { "ipv6/conf/", "/accept_ra",
		"net.ipv6.conf.*.accept_ra" },
	[SYSCTL_IPV6_AUTOCONF] = { "ipv6/conf/", "/autoconf",
		"net.ipv6.conf.*.autoconf" },
	[SYSCTL_IPV6_DISABLE] = { "ipv6/conf/", "/disable_ipv6",
		"net.ipv6.conf.*.disable_ipv6" },
};

const char *sysctl_name(enum sysctl_setting setting)
{
	return settings[setting].name;
}

/* The kernel has no link with such names either. */
static bool is_interface(const char *name)
{
	return name && *name && strlen(name) < IFNAMSIZ && !strchr(name, '/') &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int open_setting(
	enum sysctl_setting setting, const char *interface, int flags)
{
	const char *after = settings[setting].after;
	char path[128];
	int fd;

	if (after && !is_interface(interface))
		return -EINVAL;
	snprintf(path, sizeof(path), "/proc/sys/net/%s%s%s",
		settings[setting].before, after ? interface : "",
		after ? after : "");
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sysctl_get(
	enum sysctl_setting setting, const char *interface, int *ret_value)
{
	int fd = open_setting(setting, interface, O_RDONLY);
	char text[16] = "";
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return n ? -errno : -ENODATA;
	*ret_value = atoi(text);
	return 0;
}

int sysctl_set(enum sysctl_setting setting, const char *interface, int value)
{
	int fd = open_setting(setting, interface, O_WRONLY);
	char text[16];
	int len, err = 0;

	if (fd < 0)
		return fd;
	len = snprintf(text, sizeof(text), "%d", value);
	if (write(fd, text, (size_t)len) != len)
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

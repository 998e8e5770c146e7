/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel without IPVS that keepalived takes for one with an empty table:
 * preloaded, it answers the socket options of IPVS.  So keepalived's checker
 * runs, and its CPU time is that of its checks alone.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/ip_vs.h */
#define IPVS_FIRST (64 + 1024 + 64)
#define IPVS_GET_INFO (IPVS_FIRST + 1)
#define IPVS_END (IPVS_FIRST + 64)

static int is_ipvs(int level, int name)
{
	return level == IPPROTO_IP && name >= IPVS_FIRST && name < IPVS_END;
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	const unsigned int info[3] = { 0x010201, 4096, 0 };

	if (!is_ipvs(level, name))
		return (int)syscall(
			SYS_getsockopt, fd, level, name, value, len);
	memset(value, 0, *len);
	if (name == IPVS_GET_INFO && *len >= sizeof(info))
		memcpy(value, info, sizeof(info));
	return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (!is_ipvs(level, name))
		return (int)syscall(
			SYS_setsockopt, fd, level, name, value, len);
	return 0;
}

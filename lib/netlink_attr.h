/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of netlink messages, read with their length in mind and written
 * without an answer to check.  For the codecs in lib/ only.
 */
#ifndef TANDEM_LIB_NETLINK_ATTR_H
#define TANDEM_LIB_NETLINK_ATTR_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/ipaddr.h"
#include "lib/log.h"

static inline bool attr_read(
	const struct nlattr *attr, void *ret, size_t size)
{
	if (!attr || nla_len(attr) < (int)size)
		return false;
	memcpy(ret, nla_data(attr), size);
	return true;
}

static inline uint32_t attr_read_u32(const struct nlattr *attr, uint32_t none)
{
	uint32_t value = none;

	attr_read(attr, &value, sizeof(value));
	return value;
}

static inline uint8_t attr_read_u8(const struct nlattr *attr, uint8_t none)
{
	uint8_t value = none;

	attr_read(attr, &value, sizeof(value));
	return value;
}

/* Copies a string that need not be terminated, cut to SIZE - 1. */
static inline void attr_read_text(
	const struct nlattr *attr, char *ret, size_t size)
{
	size_t len;

	memset(ret, 0, size);
	if (!attr || nla_len(attr) <= 0)
		return;
	len = strnlen(nla_data(attr), (size_t)nla_len(attr));
	memcpy(ret, nla_data(attr), len < size ? len : size - 1);
}

static inline struct ip_addr attr_read_addr(
	const struct nlattr *attr, sa_family_t family)
{
	struct ip_addr addr = { .family = AF_UNSPEC };
	unsigned int len = ip_family_bytes(family);

	if (attr && len && nla_len(attr) == (int)len) {
		addr.family = family;
		memcpy(addr.bytes, nla_data(attr), len);
	}
	return addr;
}

static inline void attr_put(
	struct nl_msg *msg, int type, const void *data, size_t len)
{
	if (nla_put(msg, type, (int)len, data) < 0)
		log_fatal("netlink: message too small for its attributes");
}

static inline void attr_put_u32(struct nl_msg *msg, int type, uint32_t value)
{
	attr_put(msg, type, &value, sizeof(value));
}

static inline void attr_put_u16(struct nl_msg *msg, int type, uint16_t value)
{
	attr_put(msg, type, &value, sizeof(value));
}

static inline void attr_put_u8(struct nl_msg *msg, int type, uint8_t value)
{
	attr_put(msg, type, &value, sizeof(value));
}

/* Nothing for AF_UNSPEC. */
static inline void attr_put_addr(
	struct nl_msg *msg, int type, const struct ip_addr *addr)
{
	if (ip_addr_is_set(addr))
		attr_put(msg, type, addr->bytes, ip_family_bytes(addr->family));
}

static inline struct nlattr *attr_nest(struct nl_msg *msg, int type)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (!nest)
		log_fatal("netlink: message too small for its attributes");
	return nest;
}

/* A message with its fixed HEADER of LEN bytes. */
static inline struct nl_msg *attr_message(
	int type, int flags, const void *header, size_t len, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	if (!msg || !nlmsg_put(msg, 0, 0, type, 0, flags) ||
		nlmsg_append(msg, (void *)(uintptr_t)header, len,
			NLMSG_ALIGNTO) < 0)
		log_fatal("netlink: no memory for a message");
	return msg;
}

#endif

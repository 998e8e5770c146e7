/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/codec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <string.h>

#define CODEC_ATTR_MAX 32

/* --- requests --- */

static struct nlmsghdr *put_header(void *buf, uint16_t type, uint16_t flags,
	uint32_t seq, uint8_t command, uint8_t version)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	/* Padding between attributes is not written by libmnl. */
	memset(buf, 0, IPVS_CODEC_REQUEST_MAX);
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = version;
	genl->reserved = 0;
	return nlh;
}

size_t ipvs_encode_find_family(void *buf, uint32_t seq)
{
	struct nlmsghdr *nlh = put_header(buf, GENL_ID_CTRL, NLM_F_ACK, seq,
		CTRL_CMD_GETFAMILY, 1);

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
	return nlh->nlmsg_len;
}

static struct nlmsghdr *put_ipvs(void *buf, uint16_t family, uint16_t flags,
	uint32_t seq, uint8_t command)
{
	return put_header(buf, family, flags, seq, command, IPVS_GENL_VERSION);
}

size_t ipvs_encode_dump_services(void *buf, uint16_t family, uint32_t seq)
{
	return put_ipvs(buf, family, NLM_F_DUMP, seq, IPVS_CMD_GET_SERVICE)
		->nlmsg_len;
}

static void put_key(struct nlmsghdr *nlh, const struct table_key *key)
{
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, key->family);
	if (key->fwmark) {
		mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_FWMARK, key->fwmark);
		return;
	}
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, key->protocol);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, sizeof(key->addr), key->addr);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, htons(key->port));
}

size_t ipvs_encode_dump_dests(void *buf, uint16_t family, uint32_t seq,
	const struct table_key *key)
{
	struct nlmsghdr *nlh =
		put_ipvs(buf, family, NLM_F_DUMP, seq, IPVS_CMD_GET_DEST);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

	put_key(nlh, key);
	mnl_attr_nest_end(nlh, nest);
	return nlh->nlmsg_len;
}

static const struct {
	uint32_t table;
	uint32_t kernel;
} service_flags[] = {
	{ TABLE_SERVICE_PERSISTENT, IP_VS_SVC_F_PERSISTENT },
	{ TABLE_SERVICE_ONE_PACKET, IP_VS_SVC_F_ONEPACKET },
	{ TABLE_SERVICE_SCHED1, IP_VS_SVC_F_SCHED1 },
	{ TABLE_SERVICE_SCHED2, IP_VS_SVC_F_SCHED2 },
	{ TABLE_SERVICE_SCHED3, IP_VS_SVC_F_SCHED3 },
};

#define N_SERVICE_FLAGS (sizeof(service_flags) / sizeof(service_flags[0]))

static void put_attributes(struct nlmsghdr *nlh, const struct table_key *key,
	const struct table_attributes *a)
{
	struct ip_vs_flags flags = { .mask = 0 };
	uint32_t netmask = a->netmask;
	size_t i;

	for (i = 0; i < N_SERVICE_FLAGS; i++) {
		flags.mask |= service_flags[i].kernel;
		if (a->flags & service_flags[i].table)
			flags.flags |= service_flags[i].kernel;
	}
	if (key->family == AF_INET)
		netmask = htonl(netmask);
	mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_SCHED_NAME, a->scheduler);
	if (a->engine[0])
		mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_PE_NAME, a->engine);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_TIMEOUT, a->timeout_s);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_NETMASK, netmask);
}

/* The kernel refuses a request without the attributes it knows, and old
 * kernels do not know those of tunnels: they are sent for tunnels only. */
static void put_dest(struct nlmsghdr *nlh, const struct table_dest *dest,
	bool full)
{
	uint8_t addr[16] = { 0 };

	memcpy(addr, dest->endpoint.addr.bytes,
		ip_family_bytes(dest->endpoint.addr.family));
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_ADDR_FAMILY,
		dest->endpoint.addr.family);
	mnl_attr_put(nlh, IPVS_DEST_ATTR_ADDR, sizeof(addr), addr);
	mnl_attr_put_u16(
		nlh, IPVS_DEST_ATTR_PORT, htons(dest->endpoint.port));
	if (!full)
		return;
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_FWD_METHOD, dest->forward);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_WEIGHT, (uint32_t)dest->weight);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_U_THRESH, dest->upper);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_L_THRESH, dest->lower);
	if (dest->forward != TABLE_FORWARD_TUNNEL)
		return;
	mnl_attr_put_u8(nlh, IPVS_DEST_ATTR_TUN_TYPE, dest->tunnel);
	mnl_attr_put_u16(
		nlh, IPVS_DEST_ATTR_TUN_PORT, htons(dest->tunnel_port));
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_FLAGS, dest->tunnel_flags);
}

static void put_timeouts(
	struct nlmsghdr *nlh, const struct table_timeouts *timeouts)
{
	/* The kernel takes 0 for "as it is". */
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts->tcp_s);
	mnl_attr_put_u32(
		nlh, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts->tcp_fin_s);
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts->udp_s);
}

static uint32_t daemon_state(enum table_daemon_kind kind)
{
	return kind == TABLE_DAEMON_MASTER ? IP_VS_STATE_MASTER :
					     IP_VS_STATE_BACKUP;
}

/* Unlike that of a service the port is in host order. */
static void put_daemon(struct nlmsghdr *nlh, const struct table_op *op)
{
	const struct table_daemon *d = &op->daemon;
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DAEMON);

	mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_STATE,
		daemon_state(op->daemon_kind));
	if (op->kind == TABLE_OP_NEW_DAEMON) {
		mnl_attr_put_strz(
			nlh, IPVS_DAEMON_ATTR_MCAST_IFN, d->interface);
		mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_SYNC_ID, d->sync_id);
		if (d->max_len)
			mnl_attr_put_u16(nlh, IPVS_DAEMON_ATTR_SYNC_MAXLEN,
				d->max_len);
		if (ip_addr_is_set(&d->group))
			mnl_attr_put(nlh,
				d->group.family == AF_INET ?
					IPVS_DAEMON_ATTR_MCAST_GROUP :
					IPVS_DAEMON_ATTR_MCAST_GROUP6,
				ip_family_bytes(d->group.family),
				d->group.bytes);
		if (d->port)
			mnl_attr_put_u16(
				nlh, IPVS_DAEMON_ATTR_MCAST_PORT, d->port);
		if (d->ttl)
			mnl_attr_put_u8(
				nlh, IPVS_DAEMON_ATTR_MCAST_TTL, d->ttl);
	}
	mnl_attr_nest_end(nlh, nest);
}

static void put_service(struct nlmsghdr *nlh, const struct table_op *op)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

	put_key(nlh, &op->key);
	if (op->kind == TABLE_OP_NEW_SERVICE ||
		op->kind == TABLE_OP_SET_SERVICE)
		put_attributes(nlh, &op->key, &op->attributes);
	mnl_attr_nest_end(nlh, nest);
	if (op->kind == TABLE_OP_NEW_DEST || op->kind == TABLE_OP_SET_DEST ||
		op->kind == TABLE_OP_DEL_DEST) {
		nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DEST);
		put_dest(nlh, &op->dest, op->kind != TABLE_OP_DEL_DEST);
		mnl_attr_nest_end(nlh, nest);
	}
}

size_t ipvs_encode_op(void *buf, uint16_t family, uint32_t seq, bool ack,
	const struct table_op *op)
{
	static const uint8_t commands[] = {
		[TABLE_OP_NEW_SERVICE] = IPVS_CMD_NEW_SERVICE,
		[TABLE_OP_SET_SERVICE] = IPVS_CMD_SET_SERVICE,
		[TABLE_OP_DEL_SERVICE] = IPVS_CMD_DEL_SERVICE,
		[TABLE_OP_NEW_DEST] = IPVS_CMD_NEW_DEST,
		[TABLE_OP_SET_DEST] = IPVS_CMD_SET_DEST,
		[TABLE_OP_DEL_DEST] = IPVS_CMD_DEL_DEST,
		[TABLE_OP_SET_TIMEOUTS] = IPVS_CMD_SET_CONFIG,
		[TABLE_OP_NEW_DAEMON] = IPVS_CMD_NEW_DAEMON,
		[TABLE_OP_DEL_DAEMON] = IPVS_CMD_DEL_DAEMON,
	};
	struct nlmsghdr *nlh = put_ipvs(buf, family, ack ? NLM_F_ACK : 0, seq,
		commands[op->kind]);

	if (op->kind == TABLE_OP_SET_TIMEOUTS)
		put_timeouts(nlh, &op->timeouts);
	else if (op->kind == TABLE_OP_NEW_DAEMON ||
		op->kind == TABLE_OP_DEL_DAEMON)
		put_daemon(nlh, op);
	else
		put_service(nlh, op);
	return nlh->nlmsg_len;
}

size_t ipvs_encode_get_config(void *buf, uint16_t family, uint32_t seq)
{
	return put_ipvs(buf, family, NLM_F_ACK, seq, IPVS_CMD_GET_CONFIG)
		->nlmsg_len;
}

size_t ipvs_encode_dump_daemons(void *buf, uint16_t family, uint32_t seq)
{
	return put_ipvs(buf, family, NLM_F_DUMP, seq, IPVS_CMD_GET_DAEMON)
		->nlmsg_len;
}

/* --- answers --- */

/* Attributes by type; those above CODEC_ATTR_MAX are of a newer kernel. */
struct attrs {
	const struct nlattr *of[CODEC_ATTR_MAX];
};

/* 0, or -EBADMSG when the LEN bytes at PAYLOAD are no row of attributes. */
static int parse_attrs(const void *payload, size_t len, struct attrs *ret)
{
	const uint8_t *pos = payload;

	memset(ret, 0, sizeof(*ret));
	while (len >= sizeof(struct nlattr)) {
		const struct nlattr *attr = (const void *)pos;
		size_t whole = MNL_ALIGN((size_t)attr->nla_len);
		uint16_t type = mnl_attr_get_type(attr);

		if (attr->nla_len < sizeof(*attr) || attr->nla_len > len)
			return -EBADMSG;
		if (type < CODEC_ATTR_MAX)
			ret->of[type] = attr;
		if (whole >= len)
			return 0;
		pos += whole;
		len -= whole;
	}
	return 0;
}

static int parse_nested(const struct nlattr *attr, struct attrs *ret)
{
	if (!attr)
		return -EBADMSG;
	return parse_attrs(mnl_attr_get_payload(attr),
		mnl_attr_get_payload_len(attr), ret);
}

/* Copies exactly LEN bytes of a value; false when it is absent or shorter. */
static bool take(const struct attrs *attrs, unsigned int type, void *ret,
	size_t len)
{
	const struct nlattr *attr = attrs->of[type];

	if (!attr || mnl_attr_get_payload_len(attr) < len)
		return false;
	memcpy(ret, mnl_attr_get_payload(attr), len);
	return true;
}

static bool take_u16(
	const struct attrs *attrs, unsigned int type, uint16_t *ret)
{
	return take(attrs, type, ret, sizeof(*ret));
}

static bool take_u32(
	const struct attrs *attrs, unsigned int type, uint32_t *ret)
{
	return take(attrs, type, ret, sizeof(*ret));
}

/* A name that ends within the value and fits; absent = "". */
static bool take_name(const struct attrs *attrs, unsigned int type,
	char ret[static TABLE_NAME_MAX])
{
	const struct nlattr *attr = attrs->of[type];
	size_t len;

	memset(ret, 0, TABLE_NAME_MAX);
	if (!attr)
		return true;
	len = strnlen(mnl_attr_get_payload(attr),
		mnl_attr_get_payload_len(attr));
	if (len >= TABLE_NAME_MAX)
		return false;
	memcpy(ret, mnl_attr_get_payload(attr), len);
	return true;
}

static int decode_key(const struct attrs *a, struct table_key *ret)
{
	struct ip_endpoint endpoint = { .port = 0 };
	uint16_t protocol;
	uint16_t family;
	uint16_t port;
	uint32_t fwmark;

	if (!take_u16(a, IPVS_SVC_ATTR_AF, &family) ||
		(family != AF_INET && family != AF_INET6))
		return -EBADMSG;
	if (take_u32(a, IPVS_SVC_ATTR_FWMARK, &fwmark) && fwmark) {
		table_key_fwmark(ret, family, fwmark);
		return 0;
	}
	endpoint.addr.family = family;
	if (!take_u16(a, IPVS_SVC_ATTR_PROTOCOL, &protocol) ||
		!take(a, IPVS_SVC_ATTR_ADDR, endpoint.addr.bytes,
			ip_family_bytes(family)) ||
		!take_u16(a, IPVS_SVC_ATTR_PORT, &port))
		return -EBADMSG;
	endpoint.port = ntohs(port);
	table_key_address(ret, protocol, &endpoint);
	return 0;
}

static int decode_service(const struct attrs *a, struct ipvs_answer *ret)
{
	struct table_attributes *attributes = &ret->service.attributes;
	struct ip_vs_flags flags;
	size_t i;

	if (decode_key(a, &ret->service.key) < 0)
		return -EBADMSG;
	memset(attributes, 0, sizeof(*attributes));
	if (!take_name(a, IPVS_SVC_ATTR_SCHED_NAME, attributes->scheduler) ||
		!take_name(a, IPVS_SVC_ATTR_PE_NAME, attributes->engine) ||
		!take(a, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags)) ||
		!take_u32(a, IPVS_SVC_ATTR_TIMEOUT, &attributes->timeout_s) ||
		!take_u32(a, IPVS_SVC_ATTR_NETMASK, &attributes->netmask))
		return -EBADMSG;
	if (ret->service.key.family == AF_INET)
		attributes->netmask = ntohl(attributes->netmask);
	for (i = 0; i < N_SERVICE_FLAGS; i++)
		if (flags.flags & service_flags[i].kernel)
			attributes->flags |= service_flags[i].table;
	ret->kind = IPVS_ANSWER_SERVICE;
	return 0;
}

static void decode_tunnel(const struct attrs *a, struct table_dest *dest)
{
	uint16_t port = 0;
	uint8_t type = 0;

	if (dest->forward != TABLE_FORWARD_TUNNEL)
		return;
	take(a, IPVS_DEST_ATTR_TUN_TYPE, &type, sizeof(type));
	take_u16(a, IPVS_DEST_ATTR_TUN_PORT, &port);
	take_u16(a, IPVS_DEST_ATTR_TUN_FLAGS, &dest->tunnel_flags);
	dest->tunnel = type;
	dest->tunnel_port = ntohs(port);
}

static int decode_dest(const struct attrs *a, sa_family_t family,
	struct ipvs_answer *ret)
{
	struct table_dest *dest = &ret->dest;
	uint32_t forward;
	uint32_t weight;
	uint16_t own;
	uint16_t port;

	memset(dest, 0, sizeof(*dest));
	if (take_u16(a, IPVS_DEST_ATTR_ADDR_FAMILY, &own) && own)
		family = own;
	if (family != AF_INET && family != AF_INET6)
		return -EBADMSG;
	dest->endpoint.addr.family = family;
	if (!take(a, IPVS_DEST_ATTR_ADDR, dest->endpoint.addr.bytes,
		    ip_family_bytes(family)) ||
		!take_u16(a, IPVS_DEST_ATTR_PORT, &port) ||
		!take_u32(a, IPVS_DEST_ATTR_FWD_METHOD, &forward) ||
		!take_u32(a, IPVS_DEST_ATTR_WEIGHT, &weight))
		return -EBADMSG;
	dest->endpoint.port = ntohs(port);
	dest->forward = (uint8_t)(forward & IP_VS_CONN_F_FWD_MASK);
	dest->weight = (int32_t)weight;
	take_u32(a, IPVS_DEST_ATTR_U_THRESH, &dest->upper);
	take_u32(a, IPVS_DEST_ATTR_L_THRESH, &dest->lower);
	take_u32(a, IPVS_DEST_ATTR_ACTIVE_CONNS, &dest->active);
	take_u32(a, IPVS_DEST_ATTR_INACT_CONNS, &dest->inactive);
	take_u32(a, IPVS_DEST_ATTR_PERSIST_CONNS, &dest->persistent);
	decode_tunnel(a, dest);
	ret->kind = IPVS_ANSWER_DEST;
	return 0;
}

static int decode_config(const struct attrs *a, struct ipvs_answer *ret)
{
	struct table_timeouts *t = &ret->timeouts;

	if (!take_u32(a, IPVS_CMD_ATTR_TIMEOUT_TCP, &t->tcp_s) ||
		!take_u32(a, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, &t->tcp_fin_s) ||
		!take_u32(a, IPVS_CMD_ATTR_TIMEOUT_UDP, &t->udp_s))
		return -EBADMSG;
	ret->kind = IPVS_ANSWER_CONFIG;
	return 0;
}

static int decode_daemon(const struct attrs *a, struct ipvs_answer *ret)
{
	struct table_daemon *d = &ret->daemon.state;
	uint32_t state;

	memset(d, 0, sizeof(*d));
	if (!take_u32(a, IPVS_DAEMON_ATTR_STATE, &state) ||
		(state != IP_VS_STATE_MASTER && state != IP_VS_STATE_BACKUP) ||
		!take_name(a, IPVS_DAEMON_ATTR_MCAST_IFN, d->interface) ||
		!take_u32(a, IPVS_DAEMON_ATTR_SYNC_ID, &d->sync_id))
		return -EBADMSG;
	/* Kernels before 4.3 have no more. */
	take_u16(a, IPVS_DAEMON_ATTR_SYNC_MAXLEN, &d->max_len);
	take_u16(a, IPVS_DAEMON_ATTR_MCAST_PORT, &d->port);
	take(a, IPVS_DAEMON_ATTR_MCAST_TTL, &d->ttl, sizeof(d->ttl));
	if (take(a, IPVS_DAEMON_ATTR_MCAST_GROUP, d->group.bytes, 4))
		d->group.family = AF_INET;
	else if (take(a, IPVS_DAEMON_ATTR_MCAST_GROUP6, d->group.bytes, 16))
		d->group.family = AF_INET6;
	d->running = true;
	ret->daemon.kind = state == IP_VS_STATE_MASTER ? TABLE_DAEMON_MASTER :
							 TABLE_DAEMON_BACKUP;
	ret->kind = IPVS_ANSWER_DAEMON;
	return 0;
}

/* LEN bytes at PAYLOAD follow the netlink header. */
static int decode_genl(const void *payload, size_t len, bool is_ctrl,
	sa_family_t dest_family, struct ipvs_answer *ret)
{
	struct genlmsghdr genl;
	struct attrs outer;
	struct attrs inner;

	if (len < GENL_HDRLEN)
		return -EBADMSG;
	memcpy(&genl, payload, sizeof(genl));
	if (parse_attrs((const uint8_t *)payload + GENL_HDRLEN,
		    len - GENL_HDRLEN, &outer) < 0)
		return -EBADMSG;
	if (is_ctrl) {
		if (!take_u16(&outer, CTRL_ATTR_FAMILY_ID, &ret->family))
			return -EBADMSG;
		ret->kind = IPVS_ANSWER_FAMILY;
		return 0;
	}
	if (outer.of[IPVS_CMD_ATTR_SERVICE])
		return parse_nested(outer.of[IPVS_CMD_ATTR_SERVICE], &inner) <
				0 ?
			-EBADMSG :
			decode_service(&inner, ret);
	if (outer.of[IPVS_CMD_ATTR_DEST])
		return parse_nested(outer.of[IPVS_CMD_ATTR_DEST], &inner) < 0 ?
			-EBADMSG :
			decode_dest(&inner, dest_family, ret);
	if (outer.of[IPVS_CMD_ATTR_DAEMON])
		return parse_nested(outer.of[IPVS_CMD_ATTR_DAEMON], &inner) <
				0 ?
			-EBADMSG :
			decode_daemon(&inner, ret);
	return decode_config(&outer, ret);
}

static int decode_error(const void *payload, size_t len,
	enum ipvs_answer_kind kind, struct ipvs_answer *ret)
{
	int32_t error;

	if (len < sizeof(error))
		return -EBADMSG;
	memcpy(&error, payload, sizeof(error));
	/* -errno by protocol; anything else is not to be believed. */
	if (error > 0 || error < -4095)
		return -EBADMSG;
	ret->kind = kind;
	ret->error = error;
	return 0;
}

int ipvs_decode(const void *data, size_t len, uint16_t family,
	sa_family_t dest_family, struct ipvs_answer *ret)
{
	const uint8_t *payload = (const uint8_t *)data + NLMSG_HDRLEN;
	struct nlmsghdr nlh;
	size_t body;
	int err = 0;

	if (len < sizeof(nlh))
		return -EBADMSG;
	memcpy(&nlh, data, sizeof(nlh));
	if (nlh.nlmsg_len < sizeof(nlh) || nlh.nlmsg_len > len ||
		len > INT32_MAX)
		return -EBADMSG;
	body = nlh.nlmsg_len - NLMSG_HDRLEN;
	memset(ret, 0, sizeof(*ret));
	ret->kind = IPVS_ANSWER_OTHER;
	ret->seq = nlh.nlmsg_seq;
	ret->interrupted = nlh.nlmsg_flags & NLM_F_DUMP_INTR;
	if (nlh.nlmsg_type == NLMSG_ERROR)
		err = decode_error(payload, body, IPVS_ANSWER_ACK, ret);
	else if (nlh.nlmsg_type == NLMSG_DONE)
		/* Kernels before 4.15 may leave the status out. */
		err = body < sizeof(int32_t) ?
			(ret->kind = IPVS_ANSWER_DONE, 0) :
			decode_error(payload, body, IPVS_ANSWER_DONE, ret);
	else if (nlh.nlmsg_type == GENL_ID_CTRL)
		err = decode_genl(payload, body, true, dest_family, ret);
	else if (family && nlh.nlmsg_type == family)
		err = decode_genl(payload, body, false, dest_family, ret);
	if (err < 0) {
		ret->kind = IPVS_ANSWER_OTHER;
		ret->error = err;
	}
	body = NLMSG_ALIGN(nlh.nlmsg_len);
	return (int)(body < len ? body : len);
}

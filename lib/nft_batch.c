/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables, sets, chains, rules and elements as messages of one batch. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>
/* libnftnl's headers want these before them. */
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/nft_internal.h"

/* Room for any one message. */
#define MESSAGE_MAX 65536
/* Elements in one message: their attribute has 16 bits for its length. */
#define ELEMENTS_MAX 512
/* nft's own numbers for types, of which concatenations are made. */
#define TYPE_BITS 6

static void *need(void *object)
{
	if (!object)
		log_fatal("nftables: no memory");
	return object;
}

static char *room(struct nft_batch *b)
{
	if (b->capacity - b->len < MESSAGE_MAX) {
		b->capacity = 2 * b->capacity + MESSAGE_MAX;
		b->data = x_realloc(b->data, b->capacity, 1);
	}
	return b->data + b->len;
}

static struct nlmsghdr *begin(
	struct nft_batch *b, int type, int family, int flags)
{
	return nftnl_nlmsg_build_hdr(room(b), (uint16_t)type,
		(uint16_t)family, (uint16_t)(flags | NLM_F_ACK), b->n++);
}

static void end(struct nft_batch *b, const struct nlmsghdr *header)
{
	b->len += NLMSG_ALIGN(header->nlmsg_len);
}

struct nft_batch *nft_batch_new(void)
{
	struct nft_batch *b = x_new(struct nft_batch, 1);

	nftnl_batch_begin(room(b), b->n++);
	b->len += NLMSG_ALIGN(((struct nlmsghdr *)(void *)b->data)->nlmsg_len);
	return b;
}

void nft_batch_finish(struct nft_batch *b)
{
	char *at = room(b);

	nftnl_batch_end(at, b->n++);
	b->len += NLMSG_ALIGN(((struct nlmsghdr *)(void *)at)->nlmsg_len);
}

void nft_batch_free(struct nft_batch *b)
{
	if (!b)
		return;
	x_free(b->data);
	x_free(b);
}

/* --- tables and chains --- */

static void table_message(
	struct nft_batch *b, const struct nft_table *table, int type, int flags)
{
	struct nftnl_table *t = need(nftnl_table_alloc());
	struct nlmsghdr *header = begin(b, type, table->family, flags);

	nftnl_table_set_u32(t, NFTNL_TABLE_FAMILY, (uint32_t)table->family);
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, table->name);
	nftnl_table_nlmsg_build_payload(header, t);
	nftnl_table_free(t);
	end(b, header);
}

void nft_batch_add_table(struct nft_batch *b, const struct nft_table *table)
{
	table_message(b, table, NFT_MSG_NEWTABLE, NLM_F_CREATE);
}

void nft_batch_remove_table(struct nft_batch *b, const struct nft_table *table)
{
	table_message(b, table, NFT_MSG_DELTABLE, 0);
}

void nft_batch_add_chain(struct nft_batch *b, const struct nft_table *table,
	const char *name, bool in, int32_t priority)
{
	struct nftnl_chain *c = need(nftnl_chain_alloc());
	struct nlmsghdr *header =
		begin(b, NFT_MSG_NEWCHAIN, table->family, NLM_F_CREATE);

	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, table->name);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM,
		in ? NF_INET_LOCAL_IN : NF_INET_LOCAL_OUT);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	nftnl_chain_nlmsg_build_payload(header, c);
	nftnl_chain_free(c);
	end(b, header);
}

/* --- sets --- */

static const struct {
	uint32_t number; /* nft's */
	uint32_t bytes;
} types[] = {
	[NFT_TYPE_NONE] = { 0, 0 },
	[NFT_TYPE_IPV4] = { 7, 4 },
	[NFT_TYPE_IPV6] = { 8, 16 },
	[NFT_TYPE_IFINDEX] = { 20, 4 },
	[NFT_TYPE_IFNAME] = { 41, 16 },
	[NFT_TYPE_PROTOCOL] = { 12, 4 },
	[NFT_TYPE_PORT] = { 13, 4 },
	[NFT_TYPE_MARK] = { 19, 4 },
};

static uint32_t key_bytes(const struct nft_set_def *def)
{
	return types[def->key].bytes + types[def->key2].bytes +
		types[def->key3].bytes;
}

/* For `nft list`: numbers of interfaces and marks are in this machine's
 * order. */
static void put_byte_orders(struct nftnl_set *s, const struct nft_set_def *def)
{
	struct nftnl_udata_buf *data;

	if (def->key != NFT_TYPE_IFINDEX && def->value != NFT_TYPE_MARK)
		return;
	data = need(nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN));
	if (def->key == NFT_TYPE_IFINDEX)
		nftnl_udata_put_u32(data, NFTNL_UDATA_SET_KEYBYTEORDER, 1);
	if (def->value)
		nftnl_udata_put_u32(data, NFTNL_UDATA_SET_DATABYTEORDER, 1);
	nftnl_set_set_data(s, NFTNL_SET_USERDATA, nftnl_udata_buf_data(data),
		nftnl_udata_buf_len(data));
	nftnl_udata_buf_free(data);
}

void nft_batch_add_set(struct nft_batch *b, const struct nft_table *table,
	const struct nft_set_def *def)
{
	struct nftnl_set *s = need(nftnl_set_alloc());
	struct nlmsghdr *header =
		begin(b, NFT_MSG_NEWSET, table->family, NLM_F_CREATE);
	uint32_t key = types[def->key].number;

	if (def->key2)
		key = key << TYPE_BITS | types[def->key2].number;
	if (def->key3)
		key = key << TYPE_BITS | types[def->key3].number;
	nftnl_set_set_str(s, NFTNL_SET_TABLE, table->name);
	nftnl_set_set_str(s, NFTNL_SET_NAME, def->name);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, (uint32_t)table->family);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, key);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, key_bytes(def));
	nftnl_set_set_u32(s, NFTNL_SET_ID, b->n);
	if (def->value) {
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, NFT_SET_MAP);
		nftnl_set_set_u32(
			s, NFTNL_SET_DATA_TYPE, types[def->value].number);
		nftnl_set_set_u32(
			s, NFTNL_SET_DATA_LEN, types[def->value].bytes);
	}
	put_byte_orders(s, def);
	nftnl_set_nlmsg_build_payload(header, s);
	nftnl_set_free(s);
	end(b, header);
}

static void elements_message(struct nft_batch *b,
	const struct nft_table *table, const struct nft_set_def *def, bool add,
	const struct nft_element *elements, size_t n)
{
	struct nftnl_set *s = need(nftnl_set_alloc());
	struct nlmsghdr *header = begin(b,
		add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, table->family,
		add ? NLM_F_CREATE : 0);
	struct nftnl_set_elem *e;
	size_t i;

	nftnl_set_set_str(s, NFTNL_SET_TABLE, table->name);
	nftnl_set_set_str(s, NFTNL_SET_NAME, def->name);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, (uint32_t)table->family);
	for (i = 0; i < n; i++) {
		e = need(nftnl_set_elem_alloc());
		nftnl_set_elem_set(
			e, NFTNL_SET_ELEM_KEY, elements[i].key, key_bytes(def));
		if (def->value)
			nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA,
				&elements[i].value, sizeof(elements[i].value));
		nftnl_set_elem_add(s, e);
	}
	nftnl_set_elems_nlmsg_build_payload(header, s);
	nftnl_set_free(s);
	end(b, header);
}

void nft_batch_elements(struct nft_batch *b, const struct nft_table *table,
	const struct nft_set_def *def, bool add,
	const struct nft_element *elements, size_t n)
{
	size_t part;

	for (; n; n -= part, elements += part) {
		part = n < ELEMENTS_MAX ? n : ELEMENTS_MAX;
		elements_message(b, table, def, add, elements, part);
	}
}

/* --- rules --- */

static struct nftnl_expr *expr(struct nftnl_rule *r, const char *name)
{
	struct nftnl_expr *e = need(nftnl_expr_alloc(name));

	nftnl_rule_add_expr(r, e);
	return e;
}

static void put_payload(
	struct nftnl_rule *r, const struct nft_step *step, uint32_t base)
{
	struct nftnl_expr *e = expr(r, "payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, step->reg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, step->offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, step->len);
}

static void put_meta(
	struct nftnl_rule *r, const struct nft_step *step, uint32_t key)
{
	struct nftnl_expr *e = expr(r, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, step->reg);
}

static void put_compare(
	struct nftnl_rule *r, const struct nft_step *step, uint32_t op)
{
	struct nftnl_expr *e = expr(r, "cmp");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, step->reg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(
		e, NFTNL_EXPR_CMP_DATA, &step->value, sizeof(step->value));
}

static void put_lookup(
	struct nftnl_rule *r, const struct nft_step *step, bool map)
{
	struct nftnl_expr *e = expr(r, "lookup");

	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, step->reg);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, step->set);
	if (map)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, step->reg);
}

static void put_copy(struct nftnl_rule *r, const struct nft_step *step)
{
	struct nftnl_expr *e = expr(r, "dup");

	nftnl_expr_set_u32(e, NFTNL_EXPR_DUP_SREG_ADDR, step->reg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_DUP_SREG_DEV, step->value);
}

static void put_mark(struct nftnl_rule *r, const struct nft_step *step)
{
	struct nftnl_expr *e = expr(r, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, step->reg);
}

static void put_verdict(struct nftnl_rule *r, uint32_t verdict)
{
	struct nftnl_expr *e = expr(r, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, verdict);
}

static void put_step(
	struct nftnl_rule *r, const struct nft_step *step, bool counters)
{
	bool by_name = step->len == types[NFT_TYPE_IFNAME].bytes;

	switch (step->op) {
	case NFT_LOAD_NETWORK:
		put_payload(r, step, NFT_PAYLOAD_NETWORK_HEADER);
		return;
	case NFT_LOAD_TRANSPORT:
		put_payload(r, step, NFT_PAYLOAD_TRANSPORT_HEADER);
		return;
	case NFT_LOAD_PROTOCOL:
		put_meta(r, step, NFT_META_L4PROTO);
		return;
	case NFT_LOAD_IN:
		put_meta(r, step, by_name ? NFT_META_IIFNAME : NFT_META_IIF);
		return;
	case NFT_LOAD_OUT:
		put_meta(r, step, by_name ? NFT_META_OIFNAME : NFT_META_OIF);
		return;
	case NFT_IS:
		put_compare(r, step, NFT_CMP_EQ);
		return;
	case NFT_FROM:
		put_compare(r, step, NFT_CMP_GTE);
		return;
	case NFT_TO:
		put_compare(r, step, NFT_CMP_LTE);
		return;
	case NFT_IN_SET:
		put_lookup(r, step, false);
		return;
	case NFT_MAPPED:
		put_lookup(r, step, true);
		return;
	case NFT_COPY_TO:
		put_copy(r, step);
		return;
	case NFT_SET_MARK:
		put_mark(r, step);
		return;
	case NFT_COUNT:
		if (counters)
			expr(r, "counter");
		return;
	case NFT_DROP:
		put_verdict(r, NF_DROP);
		return;
	case NFT_ACCEPT:
		put_verdict(r, NF_ACCEPT);
		return;
	case NFT_END:
		return;
	}
}

void nft_batch_add_rule(struct nft_batch *b, const struct nft_table *table,
	const char *chain, const struct nft_step *steps, bool counters)
{
	struct nftnl_rule *r = need(nftnl_rule_alloc());
	struct nlmsghdr *header = begin(b, NFT_MSG_NEWRULE, table->family,
		NLM_F_CREATE | NLM_F_APPEND);

	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, table->name);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, (uint32_t)table->family);
	for (; steps->op != NFT_END; steps++)
		put_step(r, steps, counters);
	nftnl_rule_nlmsg_build_payload(header, r);
	nftnl_rule_free(r);
	end(b, header);
}

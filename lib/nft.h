/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nf_tables: batches that the kernel takes as a whole or not at all, and the
 * news that somebody removed a table.
 *
 * A batch is built of tables, sets, chains, rules and elements, and committed
 * in one send; the kernel's answer is there when the send returns, so nothing
 * waits.  Rules are described as data (struct nft_step); libnftnl and libmnl
 * are known here alone.
 */
#ifndef TANDEM_LIB_NFT_H
#define TANDEM_LIB_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/loop.h"

struct nft;
struct nft_batch;

/* A table NAME of FAMILY, or something in it, was deleted by somebody else;
 * NAME is NULL when news were lost.  May be called many times for one cause. */
typedef void nft_gone_fn(int family, const char *name, void *user_data);

/* 0, or -errno when the kernel has no nf_tables or does not permit it. */
int nft_new(struct loop *loop, nft_gone_fn *gone, void *user_data,
	struct nft **ret_nft);
void nft_free(struct nft *nft); /* NULL is fine */

/* A table of one batch: FAMILY is AF_INET or AF_INET6. */
struct nft_table {
	int family;
	const char *name;
};

/* What the keys and values of sets are, for `nft list`; in bytes as long as
 * that is in the kernel. */
enum nft_type {
	NFT_TYPE_NONE,
	NFT_TYPE_IPV4,
	NFT_TYPE_IPV6,
	NFT_TYPE_IFINDEX,
	NFT_TYPE_IFNAME,
	NFT_TYPE_PROTOCOL, /* one byte, and three of nothing */
	NFT_TYPE_PORT, /* two bytes, and two of nothing */
	NFT_TYPE_MARK,
};

/* A key is one type, or up to three one behind the other. */
struct nft_set_def {
	const char *name;
	enum nft_type key;
	enum nft_type key2; /* NFT_TYPE_NONE = one */
	enum nft_type value; /* NFT_TYPE_NONE = a set, else a map */
	enum nft_type key3; /* NFT_TYPE_NONE = two */
};

#define NFT_KEY_MAX 32

struct nft_element {
	uint8_t key[NFT_KEY_MAX];
	uint32_t value; /* of maps: an ifindex or a mark */
};

enum nft_op {
	NFT_LOAD_NETWORK, /* LEN bytes at OFFSET of the IP header -> REG */
	NFT_LOAD_TRANSPORT, /* likewise, of what follows it */
	NFT_LOAD_PROTOCOL, /* -> REG */
	NFT_LOAD_IN, /* ifindex, or name when LEN is 16 -> REG */
	NFT_LOAD_OUT,
	NFT_IS, /* REG is VALUE, one byte */
	NFT_FROM, /* REG is VALUE at least, one byte */
	NFT_TO, /* REG is VALUE at most, one byte */
	NFT_IN_SET, /* REG is in SET */
	NFT_MAPPED, /* REG becomes what SET maps it to, or no match */
	NFT_COPY_TO, /* a copy goes to address REG by interface VALUE (a
			register) */
	NFT_SET_MARK, /* the packet's mark becomes REG */
	NFT_COUNT,
	NFT_DROP,
	NFT_ACCEPT,
	NFT_END,
};

/* REG counts registers of 16 bytes, from 1; from 8 on they are of 4 bytes, and
 * the same memory: 8 to 11 are 1. */
struct nft_step {
	enum nft_op op;
	uint8_t reg;
	uint8_t value;
	uint8_t offset;
	uint8_t len;
	const char *set;
};

struct nft_batch *nft_batch_new(void);
/* With NULL nothing happens. */
void nft_batch_free(struct nft_batch *batch);

/* Makes it unless it is there. */
void nft_batch_add_table(struct nft_batch *b, const struct nft_table *table);
/* It must be there, or be made before in the same batch. */
void nft_batch_remove_table(struct nft_batch *b, const struct nft_table *table);
void nft_batch_add_set(struct nft_batch *b, const struct nft_table *table,
	const struct nft_set_def *def);
/* A base chain for packets that are for this machine (IN) or from it. */
void nft_batch_add_chain(struct nft_batch *b, const struct nft_table *table,
	const char *name, bool in, int32_t priority);
/* STEPS end with NFT_END.  With COUNTERS, NFT_COUNT counts. */
void nft_batch_add_rule(struct nft_batch *b, const struct nft_table *table,
	const char *chain, const struct nft_step *steps, bool counters);
void nft_batch_elements(struct nft_batch *b, const struct nft_table *table,
	const struct nft_set_def *def, bool add,
	const struct nft_element *elements, size_t n);

/* All of it or nothing.  0 or the first -errno of the kernel; the batch is
 * freed. */
int nft_commit(struct nft *nft, struct nft_batch *b);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables_ipvs: which packets get which mark, as a sorted list.  Pure.
 */
#ifndef TANDEM_IPVS_MARKS_PLAN_H
#define TANDEM_IPVS_MARKS_PLAN_H

#include "ipvs-ctl/ipvs_conf.h"
#include "lib/nft.h"

struct mark_entry {
	struct table_key key; /* by address; port 0 = all of them */
	uint32_t mark;
};

/* Zero-initialise. */
struct mark_list {
	struct mark_entry *items; /* by key, each once */
	size_t n;
};

void mark_list_free(struct mark_list *list);
/* What CONF wants. */
void mark_list_make(const struct ipvs_conf *conf, struct mark_list *ret);
/* All of A, and of B what A does not have. */
void mark_list_join(const struct mark_list *a, const struct mark_list *b,
	struct mark_list *ret);
bool mark_list_equal(const struct mark_list *a, const struct mark_list *b);

/* The maps of FAMILY, to a mark: from address, protocol and port, or, of
 * ALL_PORTS, from address and protocol. */
struct nft_set_def mark_map_def(int family, bool all_ports);
/* Those entries of LIST that belong in that map.  Returns how many; RET has
 * room for all of LIST. */
size_t mark_map_elements(const struct mark_list *list, int family,
	bool all_ports, struct nft_element *ret);
/* The rule that looks into that map: at most MARK_STEPS_MAX steps. */
#define MARK_STEPS_MAX 8
void mark_map_steps(int family, bool all_ports,
	struct nft_step ret[static MARK_STEPS_MAX]);

#endif

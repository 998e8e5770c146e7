/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs-ctl/marks_plan.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* Registers of 4 bytes; see nft.h. */
#define REG_ADDRESS 1
#define REG_BEHIND4 9
#define REG_BEHIND6 12
/* Of TCP, UDP and SCTP alike. */
#define DESTINATION_PORT 2

/* --- lists --- */

static int compare(const void *a, const void *b)
{
	const struct mark_entry *x = a;
	const struct mark_entry *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

void mark_list_free(struct mark_list *list)
{
	x_free(list->items);
	memset(list, 0, sizeof(*list));
}

/* Of one key the first stays: the configuration refuses a second. */
static void settle(struct mark_list *list)
{
	size_t kept = 0;
	size_t i;

	qsort(list->items, list->n, sizeof(*list->items), compare);
	for (i = 0; i < list->n; i++)
		if (!kept || compare(&list->items[kept - 1], &list->items[i]))
			list->items[kept++] = list->items[i];
	list->n = kept;
}

void mark_list_make(const struct ipvs_conf *conf, struct mark_list *ret)
{
	size_t n = 0;
	size_t i;
	size_t j;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < conf->services.n; i++) {
		const struct ipvs_conf_service *service =
			conf->services.items[i];

		n += service->n_marked;
	}
	ret->items = x_new(struct mark_entry, n + 1);
	for (i = 0; i < conf->services.n; i++) {
		const struct ipvs_conf_service *service =
			conf->services.items[i];

		for (j = 0; j < service->n_marked; j++) {
			ret->items[ret->n].key = service->marked[j];
			ret->items[ret->n++].mark = service->mark;
		}
	}
	settle(ret);
}

void mark_list_join(const struct mark_list *a, const struct mark_list *b,
	struct mark_list *ret)
{
	size_t i = 0;
	size_t j = 0;
	int order;

	ret->n = 0;
	ret->items = x_new(struct mark_entry, a->n + b->n + 1);
	while (i < a->n || j < b->n) {
		if (i == a->n)
			order = 1;
		else if (j == b->n)
			order = -1;
		else
			order = compare(&a->items[i], &b->items[j]);
		ret->items[ret->n++] =
			order <= 0 ? a->items[i] : b->items[j];
		i += order <= 0;
		j += order >= 0;
	}
}

bool mark_list_equal(const struct mark_list *a, const struct mark_list *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (compare(&a->items[i], &b->items[i]) ||
			a->items[i].mark != b->items[i].mark)
			return false;
	return true;
}

/* --- maps --- */

struct nft_set_def mark_map_def(int family, bool all_ports)
{
	return (struct nft_set_def){
		.name = all_ports ? "hosts" : "services",
		.key = family == AF_INET6 ? NFT_TYPE_IPV6 : NFT_TYPE_IPV4,
		.key2 = NFT_TYPE_PROTOCOL,
		.key3 = all_ports ? NFT_TYPE_NONE : NFT_TYPE_PORT,
		.value = NFT_TYPE_MARK,
	};
}

size_t mark_map_elements(const struct mark_list *list, int family,
	bool all_ports, struct nft_element *ret)
{
	unsigned int address = ip_family_bytes((sa_family_t)family);
	size_t n = 0;
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct table_key *key = &list->items[i].key;
		struct nft_element *e = &ret[n];

		if (key->family != family || all_ports != !key->port)
			continue;
		memset(e, 0, sizeof(*e));
		memcpy(e->key, key->addr, address);
		e->key[address] = (uint8_t)key->protocol;
		e->key[address + 4] = (uint8_t)(key->port >> 8);
		e->key[address + 5] = (uint8_t)key->port;
		e->value = list->items[i].mark;
		n++;
	}
	return n;
}

void mark_map_steps(int family, bool all_ports,
	struct nft_step ret[static MARK_STEPS_MAX])
{
	bool v6 = family == AF_INET6;
	uint8_t behind = v6 ? REG_BEHIND6 : REG_BEHIND4;
	struct nft_set_def def = mark_map_def(family, all_ports);
	size_t n = 0;

	memset(ret, 0, MARK_STEPS_MAX * sizeof(*ret));
	ret[n++] = (struct nft_step){
		.op = NFT_LOAD_NETWORK,
		.reg = REG_ADDRESS,
		.offset = v6 ? offsetof(struct ip6_hdr, ip6_dst) :
			       offsetof(struct iphdr, daddr),
		.len = (uint8_t)ip_family_bytes((sa_family_t)family),
	};
	ret[n++] = (struct nft_step){
		.op = NFT_LOAD_PROTOCOL,
		.reg = behind,
	};
	if (!all_ports)
		ret[n++] = (struct nft_step){
			.op = NFT_LOAD_TRANSPORT,
			.reg = (uint8_t)(behind + 1),
			.offset = DESTINATION_PORT,
			.len = 2,
		};
	ret[n++] = (struct nft_step){
		.op = NFT_MAPPED,
		.reg = REG_ADDRESS,
		.set = def.name,
	};
	ret[n++] = (struct nft_step){
		.op = NFT_SET_MARK,
		.reg = REG_ADDRESS,
	};
	ret[n] = (struct nft_step){ .op = NFT_END };
}

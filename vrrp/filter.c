/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/filter.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define RETRY_US (10 * USEC_PER_SEC)
/* Somebody who removes the table again and again is not raced. */
#define PAUSE_US (1 * USEC_PER_SEC)

#define ADDR4 sizeof(struct in_addr)
#define ADDR6 sizeof(struct in6_addr)
#define MLD_QUERY_LISTENER_DONE 132
#define MLDV2_REPORT 143

struct vrrp_filter {
	struct loop *loop;
	struct nft *nft; /* NULL until first needed */
	struct loop_timer *timer;
	char *table;
	int32_t priority;
	bool counters;
	bool by_index;
	bool no_copies; /* this kernel cannot copy packets */
	bool stale; /* the kernel's tables are not those of `have` */
	struct vrrp_filter_list have;
	struct vrrp_filter_list want;
	char *have_table; /* NULL = none was written */
	bool has4;
	bool has6;
	int error;
	int64_t gone_us;
	bool gone; /* the timer will write it again */
};

/* --- rules --- */

#define SRC4 (uint8_t)offsetof(struct iphdr, saddr)
#define DST4 (uint8_t)offsetof(struct iphdr, daddr)
#define SRC6 (uint8_t)offsetof(struct ip6_hdr, ip6_src)
#define DST6 (uint8_t)offsetof(struct ip6_hdr, ip6_dst)
#define PROTOCOL4 (uint8_t)offsetof(struct iphdr, protocol)

#define STEP(op_, ...)                                                        \
	(struct nft_step)                                                     \
	{                                                                     \
		.op = (op_), __VA_ARGS__                                      \
	}

/* What MATCH finds on its way out by a virtual-MAC interface goes out by the
 * one below; at the end with COPY, else it just does not go. */
static void add_redirect(const struct vrrp_filter *f, struct nft_batch *b,
	const struct nft_table *table, const struct nft_step *match, bool copy)
{
	bool inet6 = table->family == AF_INET6;
	struct nft_step steps[12];
	size_t n = 0;

	while (match->op != NFT_END)
		steps[n++] = *match++;
	steps[n++] = STEP(NFT_LOAD_NETWORK, .reg = 1,
		.offset = inet6 ? DST6 : DST4, .len = inet6 ? ADDR6 : ADDR4);
	steps[n++] = STEP(NFT_LOAD_OUT, .reg = 2);
	steps[n++] = STEP(NFT_MAPPED, .reg = 2, .set = "virtual_macs");
	if (copy && !f->no_copies)
		steps[n++] = STEP(NFT_COPY_TO, .reg = 1, .value = 2);
	steps[n++] = STEP(NFT_COUNT, .reg = 0);
	steps[n++] = STEP(NFT_DROP, .reg = 0);
	steps[n] = STEP(NFT_END, .reg = 0);
	nft_batch_add_rule(b, table, "out", steps, f->counters);
}

static void add_address_rule(const struct vrrp_filter *f, struct nft_batch *b,
	const struct nft_table *table, bool in)
{
	bool inet6 = table->family == AF_INET6;
	const struct nft_step steps[] = {
		STEP(NFT_LOAD_NETWORK, .reg = 1,
			.offset = inet6 ? (in ? DST6 : SRC6)
					: (in ? DST4 : SRC4),
			.len = inet6 ? ADDR6 : ADDR4),
		STEP(NFT_IN_SET, .reg = 1, .set = "addresses"),
		STEP(NFT_COUNT, .reg = 0),
		STEP(NFT_DROP, .reg = 0),
		STEP(NFT_END, .reg = 0),
	};

	nft_batch_add_rule(b, table, in ? "in" : "out", steps, f->counters);
}

static void add_link_local_rule(const struct vrrp_filter *f,
	struct nft_batch *b, const struct nft_table *table, bool in)
{
	const struct nft_step steps[] = {
		STEP(NFT_LOAD_NETWORK, .reg = 1, .offset = in ? DST6 : SRC6,
			.len = ADDR6),
		STEP(in ? NFT_LOAD_IN : NFT_LOAD_OUT, .reg = 2,
			.len = f->by_index ? 0 : IFNAMSIZ),
		STEP(NFT_IN_SET, .reg = 1, .set = "link_locals"),
		STEP(NFT_COUNT, .reg = 0),
		STEP(NFT_DROP, .reg = 0),
		STEP(NFT_END, .reg = 0),
	};

	nft_batch_add_rule(b, table, in ? "in" : "out", steps, f->counters);
}

#define ICMP6(from, to)                                                       \
	STEP(NFT_LOAD_PROTOCOL, .reg = 1),                                    \
		STEP(NFT_IS, .reg = 1, .value = IPPROTO_ICMPV6),              \
		STEP(NFT_LOAD_TRANSPORT, .reg = 1, .offset = 0, .len = 1),    \
		STEP(NFT_FROM, .reg = 1, .value = (from)),                    \
		STEP(NFT_TO, .reg = 1, .value = (to))

static void add_rules4(const struct vrrp_filter *f, struct nft_batch *b,
	const struct nft_table *table)
{
	static const struct nft_step igmp[] = {
		STEP(NFT_LOAD_NETWORK, .reg = 1, .offset = PROTOCOL4, .len = 1),
		STEP(NFT_IS, .reg = 1, .value = IPPROTO_IGMP),
		STEP(NFT_END, .reg = 0),
	};

	add_redirect(f, b, table, igmp, true);
	add_address_rule(f, b, table, false);
	add_address_rule(f, b, table, true);
}

static void add_rules6(const struct vrrp_filter *f, struct nft_batch *b,
	const struct nft_table *table)
{
	static const struct nft_step reports2[] = {
		ICMP6(MLDV2_REPORT, MLDV2_REPORT),
		STEP(NFT_END, .reg = 0),
	};
	static const struct nft_step reports[] = {
		ICMP6(MLD_LISTENER_REPORT, MLD_QUERY_LISTENER_DONE),
		STEP(NFT_END, .reg = 0),
	};
	static const struct nft_step solicitations[] = {
		ICMP6(ND_ROUTER_SOLICIT, ND_ROUTER_SOLICIT),
		STEP(NFT_END, .reg = 0),
	};
	static const struct nft_step neighbours[] = {
		ICMP6(ND_NEIGHBOR_SOLICIT, ND_NEIGHBOR_ADVERT),
		STEP(NFT_COUNT, .reg = 0),
		STEP(NFT_ACCEPT, .reg = 0),
		STEP(NFT_END, .reg = 0),
	};
	unsigned int in;

	add_redirect(f, b, table, reports2, true);
	add_redirect(f, b, table, reports, true);
	add_redirect(f, b, table, solicitations, false);
	for (in = 0; in < 2; in++) {
		nft_batch_add_rule(b, table, in ? "in" : "out", neighbours,
			f->counters);
		add_link_local_rule(f, b, table, in);
		add_address_rule(f, b, table, in);
	}
}

/* --- writing --- */

static void put_elements(const struct vrrp_filter *f, struct nft_batch *b,
	const char *name, const struct vrrp_filter_list *list, bool add)
{
	struct nft_element *elements = x_new(struct nft_element, list->n + 1);
	size_t i, n;

	for (i = 0; i < list->n; i += n) {
		enum vrrp_filter_set set =
			(enum vrrp_filter_set)list->items[i].set;
		const struct nft_table table = { vrrp_filter_family(set),
			name };
		const struct nft_set_def def =
			vrrp_filter_set_def(set, f->by_index);

		for (n = 0; i + n < list->n && list->items[i + n].set == set;
			n++)
			elements[n] = list->items[i + n].element;
		nft_batch_elements(b, &table, &def, add, elements, n);
	}
	x_free(elements);
}

static void put_table(
	const struct vrrp_filter *f, struct nft_batch *b, int family)
{
	const struct nft_table table = { family, f->table };
	struct nft_set_def def;
	unsigned int i;

	nft_batch_add_table(b, &table);
	for (i = 0; i < VRRP_FILTER_SETS; i++) {
		if (vrrp_filter_family((enum vrrp_filter_set)i) != family)
			continue;
		def = vrrp_filter_set_def(
			(enum vrrp_filter_set)i, f->by_index);
		nft_batch_add_set(b, &table, &def);
	}
	nft_batch_add_chain(b, &table, "out", false, f->priority);
	nft_batch_add_chain(b, &table, "in", true, f->priority);
	if (family == AF_INET)
		add_rules4(f, b, &table);
	else
		add_rules6(f, b, &table);
}

/* Whether it is there or not. */
static void put_removal(struct nft_batch *b, int family, const char *name)
{
	const struct nft_table table = { family, name };

	nft_batch_add_table(b, &table);
	nft_batch_remove_table(b, &table);
}

/* Everything anew, in one transaction. */
static struct nft_batch *whole(const struct vrrp_filter *f)
{
	struct nft_batch *b = nft_batch_new();
	bool other = f->have_table && strcmp(f->have_table, f->table) != 0;

	if (other && f->has4)
		put_removal(b, AF_INET, f->have_table);
	if (other && f->has6)
		put_removal(b, AF_INET6, f->have_table);
	if (vrrp_filter_any(&f->want, AF_INET)) {
		put_removal(b, AF_INET, f->table);
		put_table(f, b, AF_INET);
	} else if (f->has4 && !other) {
		put_removal(b, AF_INET, f->table);
	}
	if (vrrp_filter_any(&f->want, AF_INET6)) {
		put_removal(b, AF_INET6, f->table);
		put_table(f, b, AF_INET6);
	} else if (f->has6 && !other) {
		put_removal(b, AF_INET6, f->table);
	}
	put_elements(f, b, f->table, &f->want, true);
	return b;
}

/* Only what differs; the tables are there. */
static struct nft_batch *difference(const struct vrrp_filter *f)
{
	struct vrrp_filter_list add = { .n = 0 }, gone = { .n = 0 };
	struct nft_batch *b = NULL;

	vrrp_filter_diff(&f->have, &f->want, &add, &gone);
	if (add.n || gone.n) {
		b = nft_batch_new();
		put_elements(f, b, f->table, &gone, false);
		put_elements(f, b, f->table, &add, true);
	}
	x_free(add.items);
	x_free(gone.items);
	return b;
}

static bool needs_whole(const struct vrrp_filter *f)
{
	return f->stale || f->has4 != vrrp_filter_any(&f->want, AF_INET) ||
	       f->has6 != vrrp_filter_any(&f->want, AF_INET6);
}

static void written(struct vrrp_filter *f)
{
	x_free(f->have.items);
	f->have = f->want;
	f->have.items = x_new(struct vrrp_filter_element, f->want.n + 1);
	f->have.capacity = f->want.n + 1;
	if (f->want.n)
		memcpy(f->have.items, f->want.items,
			f->want.n * sizeof(*f->want.items));
	f->has4 = vrrp_filter_any(&f->want, AF_INET);
	f->has6 = vrrp_filter_any(&f->want, AF_INET6);
	x_free(f->have_table);
	f->have_table = x_strdup(f->table);
	f->stale = false;
}

static void failed(struct vrrp_filter *f, int err)
{
	if (err != f->error)
		log_error("cannot write the packet filters of VRRP "
			  "(nftables): %s",
			strerror(-err));
	f->error = err;
	f->stale = true;
	loop_timer_set(f->timer, time_monotonic_us() + RETRY_US);
}

static void gone(int family, const char *name, void *user_data);

/* Nothing to do is success, whatever the kernel can. */
static int write_all(struct vrrp_filter *f)
{
	struct nft_batch *b;
	int err;

	if (!f->want.n && !f->has4 && !f->has6)
		return 0;
	if (!f->nft) {
		err = nft_new(f->loop, gone, f, &f->nft);
		if (err)
			return err;
	}
	b = needs_whole(f) ? whole(f) : difference(f);
	return b ? nft_commit(f->nft, b) : 0;
}

static void sync(struct vrrp_filter *f)
{
	int err = write_all(f);

	f->gone = false;
	/* A set that somebody emptied, or a kernel that cannot copy. */
	if (err && !f->stale) {
		f->stale = true;
		err = write_all(f);
	}
	if (err == -ENOENT && !f->no_copies) {
		f->no_copies = true;
		err = write_all(f);
		if (err)
			f->no_copies = false;
		else
			log_info("this kernel cannot copy packets to another "
				 "interface: reports of multicast groups of "
				 "virtual MACs are left out");
	}
	if (err) {
		failed(f, err);
		return;
	}
	if (f->error)
		log_info("the packet filters of VRRP are written");
	f->error = 0;
	written(f);
}

static void on_timer(void *user_data)
{
	sync(user_data);
}

static void gone(int family, const char *name, void *user_data)
{
	struct vrrp_filter *f = user_data;
	int64_t now = time_monotonic_us();

	if (name && (!f->have_table || strcmp(name, f->have_table) != 0 ||
			    !(family == AF_INET ? f->has4 : f->has6)))
		return;
	if (f->gone)
		return;
	if (name)
		log_warning("somebody removed table %s of nftables, or some "
			    "of it; it is written again",
			name);
	f->gone = true;
	f->stale = true;
	loop_timer_set(f->timer,
		now - f->gone_us < PAUSE_US ? f->gone_us + PAUSE_US : now);
	f->gone_us = now;
}

/* --- life --- */

void vrrp_filter_configure(struct vrrp_filter *f, const char *table,
	int32_t priority, bool counters, bool by_index)
{
	if (strcmp(f->table, table) != 0 || f->priority != priority ||
		f->counters != counters || f->by_index != by_index)
		f->stale = true;
	x_free(f->table);
	f->table = x_strdup(table);
	f->priority = priority;
	f->counters = counters;
	f->by_index = by_index;
}

bool vrrp_filter_by_index(const struct vrrp_filter *f)
{
	return f->by_index;
}

void vrrp_filter_set(struct vrrp_filter *f, struct vrrp_filter_list *want)
{
	vrrp_filter_sort(want);
	x_free(f->want.items);
	f->want = *want;
	*want = (struct vrrp_filter_list){ .n = 0 };
	sync(f);
}

const char *vrrp_filter_table(const struct vrrp_filter *f)
{
	return f->has4 || f->has6 ? f->have_table : NULL;
}

void vrrp_filter_inherit(struct vrrp_filter *f, const char *table)
{
	x_free(f->have_table);
	f->have_table = x_strdup(table);
	f->has4 = f->has6 = true;
	f->stale = true;
}

int vrrp_filter_error(const struct vrrp_filter *f)
{
	return f->error;
}

struct vrrp_filter *vrrp_filter_new(struct loop *loop)
{
	struct vrrp_filter *f = x_new(struct vrrp_filter, 1);

	f->loop = loop;
	f->timer = loop_timer_new(loop, on_timer, f);
	f->table = x_strdup("");
	f->stale = true;
	return f;
}

void vrrp_filter_free(struct vrrp_filter *f)
{
	if (!f)
		return;
	nft_free(f->nft);
	loop_timer_free(f->timer);
	x_free(f->have.items);
	x_free(f->want.items);
	x_free(f->have_table);
	x_free(f->table);
	x_free(f);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who owns an address: services against instances, and two directors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "ctl/lint_tree.h"
#include "lib/ipaddr.h"
#include "lib/mem.h"

/* --- services and VRRP --- */

#define ADDRESS_MAX 256 /* for what is no address, too */
_Static_assert(ADDRESS_MAX >= IP_ADDR_STRLEN, "too short");

struct owned {
	char *address;
	UT_hash_handle hh;
};

/* The address of LINE in the one form of it; what is none as it stands. */
static const char *one_form(const char *line, char buf[static ADDRESS_MAX])
{
	struct ip_addr addr;

	snprintf(buf, ADDRESS_MAX, "%.*s", (int)strcspn(line, "/"), line);
	if (ip_addr_parse(buf, &addr) == 0)
		ip_addr_format(&addr, buf);
	return buf;
}

static struct owned *find_owned(struct owned *owned, const char *line)
{
	char address[ADDRESS_MAX];
	struct owned *entry;

	HASH_FIND_STR(owned, one_form(line, address), entry);
	return entry;
}

static void own(struct owned **owned, const char *line)
{
	char address[ADDRESS_MAX];
	struct owned *entry = find_owned(*owned, line);

	if (entry)
		return;
	entry = x_new(struct owned, 1);
	entry->address = x_strdup(one_form(line, address));
	HASH_ADD_KEYPTR(hh, *owned, entry->address, strlen(entry->address),
		entry);
}

static void own_block(
	struct owned **owned, const struct conf_tree *tree, uint32_t block)
{
	if (block == CONF_NODE_NONE)
		return;
	conf_for_each_child(tree, block, line)
		own(owned, conf_node_keyword(tree, line));
}

void lint_rule_address_without_owner(struct lint *lint)
{
	const struct conf_tree *tree = lint->tree;
	struct owned *owned = NULL;
	struct owned *entry;
	struct owned *next;
	bool any = false;

	for_each_top(lint, "vrrp_instance", instance)
	{
		any = true;
		own_block(&owned, tree,
			lint_child(tree, instance, "virtual_ipaddress"));
		own_block(&owned, tree,
			lint_child(
				tree, instance, "virtual_ipaddress_excluded"));
	}
	own_block(&owned, tree, lint_child(tree, 0, "static_ipaddress"));
	for_each_top(lint, "virtual_server", service)
	{
		const char *address = lint_service_address(tree, service);

		if (!any || !address)
			continue;
		if (!find_owned(owned, address))
			lint_report(lint, service, NULL,
				"no vrrp_instance has this address: it does "
				"not move when a director dies");
	}
	HASH_ITER (hh, owned, entry, next) {
		HASH_DEL(owned, entry);
		x_free(entry->address);
		x_free(entry);
	}
}

/* --- one segment --- */

/* A VRID in the network of a virtual address. */
struct place_on_segment {
	struct {
		int64_t vrid;
		struct ip_addr network;
	} key;
	uint32_t instance;
	UT_hash_handle hh;
};

/* The network of a line of virtual_ipaddress, into a zeroed RET; false without
 * a length that says one. */
static bool read_network(const char *line, struct ip_addr *ret)
{
	char text[IP_ADDR_STRLEN];
	size_t len = strcspn(line, "/");
	struct ip_addr addr;
	unsigned int bits;

	if (line[len] != '/' || len >= sizeof(text))
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	bits = (unsigned int)strtoul(line + len + 1, NULL, 10);
	if (!bits || ip_addr_parse(text, &addr) < 0 ||
		bits >= 8 * ip_family_bytes(addr.family))
		return false;
	ret->family = addr.family;
	for (unsigned int i = 0; i < sizeof(ret->bytes); i++) {
		unsigned int kept = bits > 8 * i ? bits - 8 * i : 0;

		ret->bytes[i] = addr.bytes[i];
		if (kept < 8)
			ret->bytes[i] &= (uint8_t)(0xFF00u >> kept);
	}
	return true;
}

/* The first address says where the instance is. */
static bool read_place(const struct conf_tree *tree, uint32_t instance,
	struct place_on_segment *ret)
{
	uint32_t block = lint_child(tree, instance, "virtual_ipaddress");
	uint32_t first = block == CONF_NODE_NONE
				 ? block
				 : conf_node_first_child(tree, block);

	memset(ret, 0, sizeof(*ret));
	ret->instance = instance;
	ret->key.vrid =
		(int64_t)lint_number(tree, instance, "virtual_router_id", 0);
	return first != CONF_NODE_NONE &&
	       !lint_has(tree, instance, "unicast_peer") &&
	       read_network(conf_node_keyword(tree, first), &ret->key.network);
}

void lint_rule_vrid_on_one_segment(struct lint *lint)
{
	struct place_on_segment *places = NULL;
	struct place_on_segment *place;
	struct place_on_segment *next;
	struct place_on_segment found;

	for_each_top(lint, "vrrp_instance", instance)
	{
		if (!read_place(lint->tree, instance, &found))
			continue;
		HASH_FIND(hh, places, &found.key, sizeof(found.key), place);
		if (place) {
			lint_report(lint,
				lint_child(lint->tree, instance,
					"virtual_router_id"),
				"one VRID for each virtual router of a segment",
				"another instance with an address of the same "
				"network has this VRID");
			continue;
		}
		place = x_new(struct place_on_segment, 1);
		*place = found;
		HASH_ADD(hh, places, key, sizeof(place->key), place);
	}
	HASH_ITER (hh, places, place, next) {
		HASH_DEL(places, place);
		x_free(place);
	}
}

/* --- two directors --- */

struct instance {
	const char *name;
	uint32_t node;
	UT_hash_handle hh;
};

static struct instance *index_instances(const struct conf_tree *tree)
{
	struct instance *index = NULL;
	struct instance *entry;

	conf_for_each_child(tree, 0, node)
	{
		const char *name = conf_node_arg(tree, node, 0);

		if (!name || !lint_is(tree, node, "vrrp_instance"))
			continue;
		HASH_FIND_STR(index, name, entry);
		if (entry)
			continue;
		entry = x_new(struct instance, 1);
		entry->name = name;
		entry->node = node;
		HASH_ADD_KEYPTR(
			hh, index, entry->name, strlen(entry->name), entry);
	}
	return index;
}

static void free_index(struct instance *index)
{
	struct instance *entry;
	struct instance *next;

	HASH_ITER (hh, index, entry, next) {
		HASH_DEL(index, entry);
		x_free(entry);
	}
}

static void compare_value(struct lint *lint, uint32_t a, uint32_t b,
	const char *keyword, const char *otherwise)
{
	const char *x = lint_value(lint->tree, a, keyword);
	const char *y = lint_value(lint->peer, b, keyword);
	uint32_t place = lint_child(lint->tree, a, keyword);
	char text[160];

	x = x ? x : otherwise;
	y = y ? y : otherwise;
	if (!strcmp(x, y))
		return;
	snprintf(text, sizeof(text), "%s is %s here and %s on the peer",
		keyword, x, y);
	lint_report(lint, place == CONF_NODE_NONE ? a : place, NULL, text);
}

static void compare_addresses(struct lint *lint, uint32_t a, uint32_t b)
{
	uint32_t mine = lint_child(lint->tree, a, "virtual_ipaddress");
	uint32_t theirs = lint_child(lint->peer, b, "virtual_ipaddress");
	struct owned *owned = NULL;
	struct owned *entry;
	struct owned *next;
	unsigned int n = 0;

	own_block(&owned, lint->peer, theirs);
	if (mine != CONF_NODE_NONE) {
		conf_for_each_child(lint->tree, mine, line)
		{
			const char *text = conf_node_keyword(lint->tree, line);

			n++;
			if (!find_owned(owned, text))
				lint_report(lint, line, NULL,
					"the peer does not have this address");
		}
	}
	if (n < HASH_COUNT(owned))
		lint_report(lint, mine == CONF_NODE_NONE ? a : mine, NULL,
			"the peer has addresses that are not here");
	HASH_ITER (hh, owned, entry, next) {
		HASH_DEL(owned, entry);
		x_free(entry->address);
		x_free(entry);
	}
}

static void compare_authentication(struct lint *lint, uint32_t a, uint32_t b)
{
	uint32_t mine = lint_child(lint->tree, a, "authentication");
	uint32_t theirs = lint_child(lint->peer, b, "authentication");
	const char *x = NULL;
	const char *y = NULL;

	if (mine != CONF_NODE_NONE)
		x = lint_value(lint->tree, mine, "auth_pass");
	if (theirs != CONF_NODE_NONE)
		y = lint_value(lint->peer, theirs, "auth_pass");
	if (strcmp(x ? x : "", y ? y : ""))
		lint_report(lint, mine == CONF_NODE_NONE ? a : mine, NULL,
			"the authentication differs from the peer's");
}

/* The line of key ID in the block auth_hmac. */
static uint32_t find_key(
	const struct conf_tree *tree, uint32_t block, const char *id)
{
	conf_for_each_child(tree, block, line)
	{
		const char *known = conf_node_arg(tree, line, 0);

		if (!strcmp(conf_node_keyword(tree, line), "key") && known &&
			!strcmp(known, id))
			return line;
	}
	return CONF_NODE_NONE;
}

/* Does it sign?  Without a block, and to learn the keys, it does not. */
static bool signs(const struct conf_tree *tree, uint32_t block)
{
	const char *mode;

	if (block == CONF_NODE_NONE)
		return false;
	mode = lint_value(tree, block, "mode");
	return !mode || strcmp(mode, "receive-only") != 0;
}

/* Whether the peer takes what is signed here. */
static void compare_hmac(struct lint *lint, uint32_t a, uint32_t b)
{
	uint32_t mine = lint_child(lint->tree, a, "auth_hmac");
	uint32_t theirs = lint_child(lint->peer, b, "auth_hmac");
	const char *id, *x, *y;
	uint32_t here, there;

	if (!signs(lint->tree, mine)) {
		if (signs(lint->peer, theirs) && mine == CONF_NODE_NONE)
			lint_report(lint, a,
				"auth_hmac with mode receive-only, first",
				"the peer signs its adverts, which are dropped "
				"here");
		return;
	}
	if (theirs == CONF_NODE_NONE) {
		lint_report(lint, mine,
			"auth_hmac with mode receive-only there, first",
			"the peer has no auth_hmac and drops signed adverts");
		return;
	}
	id = lint_value(lint->tree, mine, "active_key");
	here = id ? find_key(lint->tree, mine, id) : CONF_NODE_NONE;
	if (here == CONF_NODE_NONE)
		return;
	there = find_key(lint->peer, theirs, id);
	x = conf_node_arg(lint->tree, here, 1);
	y = there == CONF_NODE_NONE ? NULL
				    : conf_node_arg(lint->peer, there, 1);
	if (x && (!y || strcmp(x, y) != 0))
		lint_report(lint, here, NULL,
			y ? "the peer has another key of this number, which "
			    "is the active one here"
			  : "the peer does not know this key, which is the "
			    "active one here");
}

static void compare_instances(struct lint *lint, uint32_t a, uint32_t b)
{
	const char *mine = lint_value(lint->tree, a, "state");
	const char *theirs = lint_value(lint->peer, b, "state");

	compare_value(lint, a, b, "virtual_router_id", "none");
	compare_value(lint, a, b, "advert_int", "1");
	compare_value(lint, a, b, "version", "the default");
	compare_addresses(lint, a, b);
	if (lint_has(lint->tree, a, "unicast_peer") !=
		lint_has(lint->peer, b, "unicast_peer"))
		lint_report(lint, a, NULL,
			"one director speaks unicast, the other multicast");
	compare_authentication(lint, a, b);
	compare_hmac(lint, a, b);
	if (mine && theirs && !strcmp(mine, "MASTER") &&
		!strcmp(theirs, "MASTER"))
		lint_report(lint, lint_child(lint->tree, a, "state"), NULL,
			"both directors start as MASTER");
	if (lint_number(lint->tree, a, "priority", 100) ==
		lint_number(lint->peer, b, "priority", 100))
		lint_report(
			lint, a, NULL, "both directors have the same priority");
}

void lint_rule_peer(struct lint *lint)
{
	struct instance *index = index_instances(lint->peer);

	for_each_top(lint, "vrrp_instance", a)
	{
		const char *name = conf_node_arg(lint->tree, a, 0);
		struct instance *b = NULL;

		if (name)
			HASH_FIND_STR(index, name, b);
		if (b)
			compare_instances(lint, a, b->node);
		else
			lint_report(lint, a, NULL,
				"the peer has no instance of this name");
	}
	free_index(index);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* use_vmac, use_ipvlan and what goes with them. */
#include <ctype.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/iproute_names.h"
#include "vrrp/vmac_plan.h"
#include "vrrp/vrrp_conf_internal.h"

#define DEFAULT_PREFIX "vrrp"

/* Linux 4.15; older headers lack them. */
#define FLAG_PRIVATE 0x01
#define FLAG_VEPA 0x02

/* --- words --- */

/* Colons and hexadecimal digits: 5 or 6 octets.  How many, or 0. */
static unsigned int parse_mac(const char *text, uint8_t ret[static 6])
{
	unsigned int n = 0;
	uint8_t mac[6];
	char *end;

	for (;;) {
		unsigned long value;

		if (n == 6 || !isxdigit((unsigned char)*text))
			return 0;
		value = strtoul(text, &end, 16);
		if (value > 0xff || end - text > 2)
			return 0;
		mac[n++] = (uint8_t)value;
		if (!*end)
			break;
		if (*end != ':')
			return 0;
		text = end + 1;
	}
	if (n < 5)
		return 0;
	memcpy(ret, mac, n);
	return n;
}

/* What it means is known with the directories of iproute2. */
static void read_group(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	struct vrrp_vmac_conf *vmac)
{
	const char *text = conf_node_arg(ctx->tree, node, arg);

	vmac->group_arg = arg;
	if (text)
		vmac->group_text = arena_strdup(ctx->arena, text);
	else
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			"group NUMBER", "the group is missing");
}

static void settle_group(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals, struct vrrp_vmac_conf *vmac)
{
	struct iproute_names *names;
	uint32_t group;

	if (!vmac->group_text)
		return;
	names = iproute_names_new(
		globals->iproute_usr_dir, globals->iproute_etc_dir);
	if (iproute_names_find(
		    names, IPROUTE_GROUP, vmac->group_text, &group) == 0)
		vmac->group = group;
	else
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, vmac->node,
			(int)vmac->group_arg,
			"a number, or a name in iproute2's group",
			"'%s' is no group of interfaces", vmac->group_text);
	iproute_names_free(names);
}

static void read_name(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	struct vrrp_vmac_conf *vmac)
{
	const char *text = conf_node_arg(ctx->tree, node, arg);

	if (!text)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			"name INTERFACE", "the name is missing");
	else if (vmac->name)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node,
			(int)arg, NULL, "'%s' is no word of this line", text);
	else if (strlen(text) >= IFNAMSIZ || strchr(text, '/'))
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, (int)arg,
			NULL,
			"an interface name has %d characters at most, and no "
			"slash",
			IFNAMSIZ - 1);
	else
		vmac->name = arena_strdup(ctx->arena, text);
}

static bool read_mac(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	struct vrrp_vmac_conf *vmac)
{
	const char *text = conf_node_arg(ctx->tree, node, arg);
	unsigned int n = parse_mac(text, vmac->mac);

	if (!n)
		return false;
	if (vmac->mac[0] & 1) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, (int)arg,
			NULL, "%s is a multicast MAC", text);
		return true;
	}
	vmac->has_mac = true;
	vmac->mac_bytes = (uint8_t)n;
	return true;
}

/* ADDRESS[/LENGTH] */
static bool read_address(struct conf_bind *ctx, uint32_t node, uint32_t arg,
	struct vrrp_vmac_conf *vmac)
{
	const char *text = conf_node_arg(ctx->tree, node, arg);
	char copy[IP_ADDR_STRLEN + 8];
	unsigned int max, len;
	char *slash;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (ip_addr_parse(copy, &vmac->address) < 0)
		return false;
	max = 8 * ip_family_bytes(vmac->address.family);
	len = slash ? (unsigned int)atoi(slash + 1) : max;
	vmac->address_len = (uint8_t)(len <= max ? len : max);
	if (len > max)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, (int)arg,
			NULL, "the prefix is longer than the address");
	return true;
}

static bool read_ipvlan_flag(const char *word, struct vrrp_vmac_conf *vmac)
{
	if (!strcmp(word, "bridge"))
		vmac->ipvlan_flags = 0;
	else if (!strcmp(word, "private"))
		vmac->ipvlan_flags = FLAG_PRIVATE;
	else if (!strcmp(word, "vepa"))
		vmac->ipvlan_flags = FLAG_VEPA;
	else
		return false;
	return true;
}

static void read_words(
	struct conf_bind *ctx, uint32_t node, struct vrrp_vmac_conf *vmac)
{
	bool ipvlan = vmac->use == VRRP_VMAC_IPVLAN;
	const char *word;

	for (uint32_t i = 0; (word = conf_node_arg(ctx->tree, node, i)); i++) {
		if (!strcmp(word, "name"))
			read_name(ctx, node, ++i, vmac);
		else if (!strcmp(word, "group"))
			read_group(ctx, node, ++i, vmac);
		else if (!ipvlan && !strcmp(word, "netlink_notify_msg"))
			conf_report(ctx, DIAG_WARNING, DIAG_IGNORED, node,
				(int)i, NULL,
				"netlink_notify_msg has no effect: nothing "
				"here needs to be woken by it");
		else if (ipvlan ? !read_ipvlan_flag(word, vmac) &&
					  !read_address(ctx, node, i, vmac)
				: !read_mac(ctx, node, i, vmac))
			read_name(ctx, node, i, vmac);
	}
}

static void bind_use(struct conf_bind *ctx, uint32_t node,
	struct vrrp_vmac_conf *vmac, enum vrrp_vmac_use use)
{
	if (vmac->use != VRRP_VMAC_NONE && vmac->use != (int)use) {
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, node, -1, NULL,
			"use_vmac and use_ipvlan exclude each other");
		return;
	}
	vmac->use = use;
	vmac->node = node;
	vmac->name = NULL;
	vmac->has_mac = false;
	vmac->group = VRRP_VMAC_NO_GROUP;
	vmac->group_text = NULL;
	read_words(ctx, node, vmac);
}

void vrrp_conf_bind_vmac(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	bind_use(ctx, node, &inst->vmac, VRRP_VMAC_MACVLAN);
}

void vrrp_conf_bind_ipvlan(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_instance_conf *inst = target;

	bind_use(ctx, node, &inst->vmac, VRRP_VMAC_IPVLAN);
}

/* --- globals --- */

static void check_prefix(struct conf_bind *ctx, uint32_t node,
	const char *keyword, const char **prefix)
{
	if (!*prefix)
		return;
	if (**prefix && strlen(*prefix) <= VRRP_VMAC_PREFIX_MAX &&
		!strchr(*prefix, '/'))
		return;
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE,
		vrrp_conf_child(ctx, node, keyword), 0, NULL,
		"a prefix of interface names has 1 to %d characters",
		VRRP_VMAC_PREFIX_MAX);
	*prefix = NULL;
}

void vrrp_conf_check_prefixes(struct conf_bind *ctx, uint32_t node,
	struct vrrp_globals_conf *globals)
{
	check_prefix(ctx, node, "vmac_prefix", &globals->vmac_prefix);
	check_prefix(ctx, node, "vmac_addr_prefix", &globals->vmac_addr_prefix);
}

/* --- what an instance means by it --- */

static void without_vmac(
	struct conf_bind *ctx, const struct vrrp_instance_conf *inst)
{
	const char *const words[] = { "vmac_xmit_base", "vrf" };
	uint32_t node;

	for (size_t i = 0; i < 2; i++) {
		node = vrrp_conf_child(ctx, inst->node, words[i]);
		if (node != inst->node)
			conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT, node, -1,
				NULL, "'%s' has no effect without use_vmac",
				words[i]);
	}
}

static void settle_mac(struct vrrp_instance_conf *inst)
{
	struct vrrp_vmac_conf *vmac = &inst->vmac;

	if (!vmac->has_mac)
		vrrp_vmac_default_mac(inst->family == AF_INET6,
			(uint8_t)inst->vrid, vmac->mac);
	else if (vmac->mac_bytes == 5)
		vmac->mac[5] = (uint8_t)inst->vrid;
}

static const char *check_ipvlan(const struct vrrp_instance_conf *inst)
{
	const struct vrrp_vmac_conf *vmac = &inst->vmac;

	if (vmac->use != VRRP_VMAC_IPVLAN)
		return NULL;
	if (ip_addr_is_set(&vmac->address) &&
		vmac->address.family != inst->family)
		return "the address is of the other family than the instance";
	if (!ip_addr_is_set(&vmac->address) && inst->family == AF_INET)
		return "an ipvlan for IPv4 needs an address of its own";
	return NULL;
}

static void check_transport(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	struct vrrp_vmac_conf *vmac = &inst->vmac;

	if (inst->unicast && !vmac->xmit_base) {
		vmac->xmit_base = true;
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT, vmac->node, -1,
			"write vmac_xmit_base",
			"adverts to unicast peers are sent from the interface "
			"itself");
	} else if (vmac->xmit_base && inst->strict == 1 && !inst->unicast) {
		vmac->xmit_base = false;
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, inst->node, "vmac_xmit_base"), -1,
			NULL, "vrrp_strict excludes vmac_xmit_base");
	}
}

void vrrp_conf_resolve_vmac(struct conf_bind *ctx,
	const struct vrrp_globals_conf *globals,
	struct vrrp_instance_conf *inst)
{
	struct vrrp_vmac_conf *vmac = &inst->vmac;
	const char *wrong = check_ipvlan(inst);

	vmac->prefix = globals->vmac_prefix ? globals->vmac_prefix
					    : DEFAULT_PREFIX;
	vmac->addr_prefix = globals->vmac_addr_prefix
				    ? globals->vmac_addr_prefix
				    : vmac->prefix;
	if (vmac->use == VRRP_VMAC_NONE) {
		without_vmac(ctx, inst);
		return;
	}
	if (!inst->interface)
		wrong = "it needs an interface to be on";
	else if (vmac->name && !strcmp(vmac->name, inst->interface))
		wrong = "it cannot have the name of its own interface";
	if (wrong) {
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, vmac->node, -1,
			NULL, "%s", wrong);
		vmac->use = VRRP_VMAC_NONE;
		return;
	}
	settle_mac(inst);
	settle_group(ctx, globals, vmac);
	check_transport(ctx, inst);
	/* What the ipvlan has of its own is what it speaks from. */
	if (vmac->use == VRRP_VMAC_IPVLAN && !inst->unicast &&
		!vmac->xmit_base && !ip_addr_is_set(&inst->source))
		inst->source = vmac->address;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool vrrp_conf_same_vmac(
	const struct vrrp_instance_conf *x, const struct vrrp_instance_conf *y)
{
	const struct vrrp_vmac_conf *a = &x->vmac, *b = &y->vmac;

	if (a->use != b->use)
		return false;
	if (a->use == VRRP_VMAC_NONE)
		return true;
	return same_text(a->name, b->name) && same_text(a->vrf, b->vrf) &&
	       (a->name || same_text(a->prefix, b->prefix)) &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac)) &&
	       a->group == b->group && a->ipvlan_flags == b->ipvlan_flags &&
	       !ip_addr_compare(&a->address, &b->address) &&
	       a->address_len == b->address_len && a->xmit_base == b->xmit_base;
}

/* --- what two of them cannot have in common --- */

static int compare_names(const void *a, const void *b)
{
	const struct vrrp_instance_conf *const *x = a;
	const struct vrrp_instance_conf *const *y = b;
	int order = strcmp((*x)->vmac.name, (*y)->vmac.name);

	return order ? order : ((*x)->node < (*y)->node ? -1 : 1);
}

static int compare_macs(const void *a, const void *b)
{
	const struct vrrp_instance_conf *const *x = a;
	const struct vrrp_instance_conf *const *y = b;
	int order = strcmp((*x)->interface, (*y)->interface);

	if (!order)
		order = memcmp((*x)->vmac.mac, (*y)->vmac.mac, 6);
	return order ? order : ((*x)->node < (*y)->node ? -1 : 1);
}

static void report_twice(struct conf_bind *ctx, struct vrrp_instance_conf *inst,
	const struct vrrp_instance_conf *other, const char *what)
{
	conf_report(ctx, DIAG_ERROR, DIAG_DUPLICATE, inst->vmac.node, -1, NULL,
		"instance '%s' has a virtual-MAC interface with this %s "
		"already",
		other->name, what);
	inst->vmac.use = VRRP_VMAC_NONE;
}

static bool is_twice(const struct vrrp_instance_conf *a,
	const struct vrrp_instance_conf *b, bool by_name)
{
	if (by_name)
		return !strcmp(a->vmac.name, b->vmac.name);
	return !strcmp(a->interface, b->interface) &&
	       !memcmp(a->vmac.mac, b->vmac.mac, 6);
}

static void check_twice(
	struct conf_bind *ctx, const struct vrrp_conf *conf, bool by_name)
{
	struct vrrp_instance_conf **list =
		x_new(struct vrrp_instance_conf *, conf->instances.n + 1);
	size_t n = 0, i;

	vrrp_conf_for_each(vrrp_instance_conf, inst, &conf->instances)
	{
		if (by_name ? inst->vmac.use && inst->vmac.name
			    : inst->vmac.use == VRRP_VMAC_MACVLAN)
			list[n++] = inst;
	}
	qsort(list, n, sizeof(*list), by_name ? compare_names : compare_macs);
	for (i = 1; i < n; i++)
		if (is_twice(list[i - 1], list[i], by_name))
			report_twice(ctx, list[i], list[i - 1],
				by_name ? "name" : "MAC");
	x_free(list);
}

void vrrp_conf_check_vmacs(struct conf_bind *ctx, struct vrrp_conf *conf)
{
	check_twice(ctx, conf, true);
	check_twice(ctx, conf, false);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From which networks the adverts on an instance's link may come: one list a
 * link, however many instances are on it. */
#include <utlist.h>

#include "lib/mem.h"
#include "vrrp/shell.h"

struct vrrp_link_networks {
	uint32_t ifindex;
	unsigned int refs;
	uint64_t epoch; /* of the role when they were read */
	struct vrrp_networks networks;
	UT_hash_handle hh;
};

static struct vrrp_link_networks *get(struct vrrp_role *role, uint32_t ifindex)
{
	struct vrrp_link_networks *on;

	HASH_FIND(hh, role->link_networks, &ifindex, sizeof(ifindex), on);
	if (!on) {
		on = x_new(struct vrrp_link_networks, 1);
		on->ifindex = ifindex;
		HASH_ADD(hh, role->link_networks, ifindex, sizeof(on->ifindex),
			on);
	}
	on->refs++;
	return on;
}

void vrrp_instance_forget_networks(struct vrrp_instance *inst)
{
	struct vrrp_link_networks *on = inst->on_link;

	inst->rules.networks = NULL;
	inst->on_link = NULL;
	if (!on || --on->refs)
		return;
	HASH_DELETE(hh, inst->role->link_networks, on);
	x_free(on->networks.list);
	x_free(on);
}

/* Virtual addresses do not count: a router would believe others when it is
 * Active than when it is Backup. */
static void read_networks(
	struct vrrp_link_networks *on, const struct vrrp_role *role)
{
	const struct netlink_link *link =
		netlink_find_link(role->netlink, on->ifindex);
	const struct netlink_addr *addr;
	struct vrrp_networks *networks = &on->networks;
	size_t n = 0;

	x_free(networks->list);
	*networks = (struct vrrp_networks){ 0 };
	if (!link)
		return;
	DL_COUNT(link->addrs, addr, n);
	networks->list = x_new(struct vrrp_network, n);
	DL_FOREACH (link->addrs, addr) {
		const struct netlink_addr_info *info = &addr->info;
		/* On a point-to-point link that of the other end. */
		const struct ip_addr *of =
			ip_addr_is_set(&info->peer) ? &info->peer : &info->addr;

		if (!vrrp_addresses_is_virtual(role->addresses, info) &&
			vrrp_network_of(of, info->prefix_len,
				&networks->list[networks->n]))
			networks->n++;
	}
	vrrp_networks_normalise(networks);
}

void vrrp_instance_find_networks(struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	uint32_t ifindex = vrrp_instance_source_link(inst);
	struct vrrp_link_networks *on = inst->on_link;

	if (conf->unicast || !conf->check_mcast_src || !ifindex) {
		vrrp_instance_forget_networks(inst);
		return;
	}
	if (!on || on->ifindex != ifindex) {
		vrrp_instance_forget_networks(inst);
		on = inst->on_link = get(inst->role, ifindex);
	}
	if (on->epoch != inst->role->networks_epoch) {
		on->epoch = inst->role->networks_epoch;
		read_networks(on, inst->role);
	}
	/* Who speaks from elsewhere cannot expect more of others. */
	inst->rules.networks =
		ip_addr_is_set(&inst->rules.own) &&
				vrrp_networks_have(
					&on->networks, &inst->rules.own)
			? &on->networks
			: NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration means for a running instance: the packets it sends
 * and takes, what it tracks, its addresses. */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrp/shell.h"

static int compare_addresses(const void *a, const void *b)
{
	return ip_addr_compare(a, b);
}

static int compare_peers(const void *a, const void *b)
{
	const struct vrrp_rx_peer *x = a, *y = b;

	return ip_addr_compare(&x->addr, &y->addr);
}

static bool uses_ah(const struct vrrp_instance_conf *conf)
{
	return conf && conf->auth && conf->version == 2 &&
	       conf->auth->type == VRRP_AUTH_AH;
}

/* With another key, and with AH where there was none, packets are counted
 * anew; the same key goes on. */
static void configure_ah(struct vrrp_instance *inst,
	const struct vrrp_instance_conf *old,
	const uint8_t old_key[static VRRP_AUTH_BYTES])
{
	bool now = uses_ah(inst->conf);

	if (uses_ah(old) && now && inst->ah &&
		!memcmp(old_key, inst->tx.auth_data, VRRP_AUTH_BYTES))
		return;
	/* Another protocol: the next check opens another socket. */
	if (uses_ah(old) != now)
		vrrp_instance_close(inst);
	vrrp_ah_free(inst->ah);
	inst->ah = now ? vrrp_ah_new(inst->tx.auth_data) : NULL;
	if (now && !inst->ah)
		log_error("%s: the crypto library has no MD5, which "
			  "auth_type AH needs",
			inst->subject);
}

/* In place: what was heard and sent before still counts. */
static void configure_hmac(struct vrrp_instance *inst)
{
	const struct vrrp_hmac_block *conf = inst->conf->hmac;
	bool fresh = !inst->hmac;

	inst->rules.trailer = conf != NULL;
	if (!conf) {
		vrrp_hmac_free(inst->hmac);
		inst->hmac = NULL;
		vrrp_hmac_forget(inst);
		return;
	}
	if (!inst->hmac)
		inst->hmac = vrrp_hmac_new();
	if (!inst->hmac) {
		log_error("%s: the crypto library has no SHA-256, which "
			  "auth_hmac needs",
			inst->subject);
		vrrp_instance_close(inst);
		return;
	}
	vrrp_hmac_configure(inst->hmac,
		&(struct vrrp_hmac_conf){
			.keys = conf->keys,
			.n_keys = conf->n_keys,
			.active = (uint8_t)conf->active_key,
			.mode = (enum vrrp_hmac_mode)conf->mode,
			.by_time = conf->by_time,
			.window_s = (unsigned int)conf->window_s,
			.peers = inst->peers,
			.n_peers = inst->rules.n_peers,
		});
	if (fresh)
		vrrp_hmac_inherit(inst);
}

static void configure_auth(struct vrrp_instance *inst)
{
	const struct vrrp_auth_conf *auth = inst->conf->auth;

	if (!auth || inst->conf->version != 2)
		return;
	inst->tx.auth_type = (enum vrrp_auth_type)auth->type;
	if (auth->password)
		vrrp_auth_data_from_password(
			auth->password, inst->tx.auth_data);
	inst->rules.auth_type = inst->tx.auth_type;
	memcpy(inst->rules.auth_data, inst->tx.auth_data, VRRP_AUTH_BYTES);
}

/* What the checksum covers in place of the destination, if anything. */
static struct ip_addr checksum_group(const struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	const struct ip_addr none = { .family = AF_UNSPEC };

	if (!conf->unicast || conf->family != AF_INET || conf->version != 3)
		return none;
	switch ((enum vrrp_old_checksum)conf->old_unicast_checksum) {
	case VRRP_OLD_CHECKSUM_NEVER:
		return none;
	case VRRP_OLD_CHECKSUM_ALWAYS:
		return conf->mcast_group;
	case VRRP_OLD_CHECKSUM_IF_HEARD:
		return inst->heard_old_checksum ? conf->mcast_group : none;
	}
	return none;
}

void vrrp_instance_heard_old_checksum(
	struct vrrp_instance *inst, const struct ip_addr *peer)
{
	char text[IP_ADDR_STRLEN];

	if (inst->heard_old_checksum)
		return;
	inst->heard_old_checksum = true;
	inst->tx.checksum_group = checksum_group(inst);
	log_notice("%s: %s has checksums as keepalived before 1.3.6; so have "
		   "adverts from here from now on",
		inst->subject, ip_addr_format(peer, text));
}

static void configure_packets(struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;

	inst->tx = (struct vrrp_tx){
		.version = (uint8_t)conf->version,
		.vrid = (uint8_t)conf->vrid,
		.family = conf->family,
		.advert_int_us = conf->advert_int_us,
		.checksum_as_v2 = conf->v3_checksum_as_v2,
		.checksum_group = checksum_group(inst),
		.addresses = conf->advertised,
		.n_addresses = conf->n_advertised,
	};
}

static void configure_peers(struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	size_t n = 0;

	x_free(inst->peers);
	inst->peers = x_new(struct vrrp_rx_peer, conf->peers.n);
	vrrp_conf_for_each(vrrp_peer_conf, peer, &conf->peers)
	{
		inst->peers[n].addr = peer->addr;
		inst->peers[n].ttl_min = (uint8_t)peer->ttl_min;
		inst->peers[n++].ttl_max = (uint8_t)peer->ttl_max;
		if (peer->has_ttl)
			inst->rules.check_source = true;
	}
	if (n)
		qsort(inst->peers, n, sizeof(*inst->peers), compare_peers);
	inst->rules.peers = inst->peers;
	inst->rules.n_peers = n;
}

static void configure_rules(struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	size_t n = conf->n_advertised;

	inst->rules = (struct vrrp_rx_rules){
		.version = (uint8_t)conf->version,
		.vrid = (uint8_t)conf->vrid,
		.family = conf->family,
		.ifindex = inst->rx_ifindex,
		.own = inst->fsm.primary,
		.networks = inst->rules.networks, /* until the next check */
		.ttl_min = conf->unicast ? 0 : VRRP_TTL,
		.ttl_max = VRRP_TTL,
		.check_source = conf->unicast && conf->check_unicast_src,
		.checksum_as_v2 = conf->v3_checksum_as_v2,
		.drop_on_mismatch = conf->version == 2 && conf->strict,
	};
	if (!conf->unicast)
		inst->rules.group = conf->mcast_group;
	else if (conf->version == 3 && conf->family == AF_INET &&
		 conf->old_unicast_checksum != VRRP_OLD_CHECKSUM_NEVER)
		inst->rules.old_checksum_group = conf->mcast_group;
	configure_peers(inst);
	x_free(inst->sorted);
	inst->sorted = x_new(struct ip_addr, n);
	if (n) {
		memcpy(inst->sorted, conf->advertised,
			n * sizeof(*inst->sorted));
		qsort(inst->sorted, n, sizeof(*inst->sorted),
			compare_addresses);
	}
	if (!conf->skip_check_adv_addr) {
		inst->rules.addresses = inst->sorted;
		inst->rules.n_addresses = n;
	}
}

static void configure_tracks(struct vrrp_instance *inst)
{
	const struct conf_list *tracks = &inst->conf->tracks;
	size_t n = 0;

	x_free(inst->track_refs);
	x_free((void *)inst->track_objects);
	inst->track_refs = x_new(struct vrrp_track_ref, tracks->n);
	inst->track_objects =
		x_new(const struct vrrp_track_object *, tracks->n);
	vrrp_conf_for_each(vrrp_track_conf, track, tracks)
	{
		const struct vrrp_track_object *object =
			vrrp_tracker_use(inst->role->tracker, track, inst);

		inst->track_objects[n] = object;
		inst->track_refs[n].object = vrrp_track_object_tracked(object);
		inst->track_refs[n].weight = track->weight;
		inst->track_refs[n++].reverse = track->reverse;
	}
	inst->n_tracks = n;
}

void vrrp_instance_configure(struct vrrp_instance *inst,
	struct vrrp_generation *generation,
	const struct vrrp_instance_conf *conf)
{
	const struct vrrp_instance_conf *old_conf = inst->conf;
	struct vrrp_generation *old = inst->generation;
	uint8_t old_key[VRRP_AUTH_BYTES];

	/* The next check opens another. */
	if (inst->conf && !conf->unicast &&
		ip_addr_compare(&inst->conf->mcast_group, &conf->mcast_group))
		vrrp_instance_close(inst);
	inst->generation = vrrp_generation_ref(generation);
	inst->conf = conf;
	memcpy(old_key, inst->tx.auth_data, sizeof(old_key));
	configure_packets(inst);
	configure_rules(inst);
	configure_auth(inst);
	configure_ah(inst, old_conf, old_key);
	configure_hmac(inst);
	configure_tracks(inst);
	vrrp_generation_unref(old);
}

/* The broadcast address that "brd +" and "brd -" stand for. */
static void set_broadcast(
	const struct vrrp_address_conf *conf, struct netlink_addr_info *info)
{
	uint32_t host;

	info->broadcast = conf->broadcast;
	if (info->addr.family != AF_INET || conf->prefix_len > 32 ||
		(!conf->broadcast_auto && !conf->broadcast_zero))
		return;
	host = conf->prefix_len < 32 ? UINT32_MAX >> conf->prefix_len : 0;
	info->broadcast = info->addr;
	if (conf->broadcast_auto)
		info->broadcast.v4.s_addr |= htonl(host);
	else
		info->broadcast.v4.s_addr &= htonl(~host);
}

void vrrp_address_want_from_conf(const struct netlink *netlink,
	const struct vrrp_address_conf *conf, const char *otherwise,
	struct vrrp_address_want *ret)
{
	const char *dev = conf->dev ? conf->dev : otherwise;
	const struct netlink_link *link =
		dev ? netlink_find_link_by_name(netlink, dev) : NULL;
	struct netlink_addr_info *info = &ret->info;

	memset(ret, 0, sizeof(*ret));
	ret->no_track = conf->no_track;
	info->ifindex = link ? link->info.ifindex : 0;
	info->addr = conf->addr;
	info->peer = conf->peer;
	info->prefix_len = conf->prefix_len;
	info->proto = NETLINK_ADDR_PROTO;
	info->valid_s = NETLINK_LIFETIME_FOREVER;
	info->preferred_s = conf->has_preferred_lft ? conf->preferred_lft_s
						    : NETLINK_LIFETIME_FOREVER;
	if (conf->scope >= 0)
		info->scope = (uint8_t)conf->scope;
	if (conf->label)
		strncpy(info->label, conf->label, IFNAMSIZ - 1);
	set_broadcast(conf, info);
	if (conf->home)
		info->flags |= IFA_F_HOMEADDRESS;
	if (conf->nodad)
		info->flags |= IFA_F_NODAD;
	if (conf->mngtmpaddr)
		info->flags |= IFA_F_MANAGETEMPADDR;
	if (conf->noprefixroute)
		info->flags |= IFA_F_NOPREFIXROUTE;
	if (conf->autojoin)
		info->flags |= IFA_F_MCAUTOJOIN;
}

static void add_wants(struct vrrp_instance *inst, const struct conf_list *list,
	struct vrrp_address_want *wants, size_t *n)
{
	vrrp_conf_for_each(vrrp_address_conf, conf, list)
	{
		struct vrrp_address_want *want = &wants[(*n)++];

		vrrp_address_want_from_conf(
			inst->role->netlink, conf, inst->conf->interface, want);
		vrrp_instance_place_address(inst, conf, want);
		/* VRRP has seen to it that there is one only; waiting for
		 * DAD would be an outage of a second. */
		if (want->info.addr.family == AF_INET6)
			want->info.flags |= IFA_F_NODAD;
	}
}

void vrrp_instance_define_addresses(struct vrrp_instance *inst)
{
	const struct vrrp_instance_conf *conf = inst->conf;
	struct vrrp_address_want *wants = x_new(
		struct vrrp_address_want, conf->addresses.n + conf->excluded.n);
	size_t n = 0;

	add_wants(inst, &conf->addresses, wants, &n);
	add_wants(inst, &conf->excluded, wants, &n);
	vrrp_address_set_define(inst->addresses, wants, n,
		conf->priority == VRRP_PRIORITY_OWNER);
	x_free(wants);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What survives the death of the role: for each instance its state, what
 * scripts were told, and the addresses that it put on interfaces. */
#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "vrrp/shell.h"

#define CHECKPOINT_VERSION 2
#define CHECKPOINT_KEY "instance/"
/* So many addresses fit one message; the rest is adopted by their mark. */
#define CHECKPOINT_ADDRESSES_MAX 1024

/* Which virtual router the instance was: another one is not gone on with. */
struct checkpoint_router {
	char *interface; /* "" = none */
	uint8_t vrid;
	uint8_t version;
	uint16_t family;
	uint8_t unicast;
};

struct vrrp_checkpoint {
	char *name;
	struct checkpoint_router router;
	enum vrrp_state state;
	int64_t since_us;
	bool has_notified;
	enum vrrp_state notified;
	struct netlink_addr_info *addresses;
	size_t n;
	UT_hash_handle hh;
};

/* --- writing --- */

struct counting {
	struct buf_writer *body;
	uint32_t n;
};

static void put_address(
	const struct vrrp_address_status *status, void *user_data)
{
	struct counting *c = user_data;

	if (!status->present || c->n == CHECKPOINT_ADDRESSES_MAX)
		return;
	c->n++;
	if (!c->body)
		return;
	buf_put_u32(c->body, status->info->ifindex);
	buf_put_u8(c->body, status->info->prefix_len);
	buf_put_addr(c->body, &status->info->addr);
	buf_put_addr(c->body, &status->info->peer);
}

static char *checkpoint_key(const struct vrrp_instance *inst)
{
	return x_asprintf("%s%s", CHECKPOINT_KEY, inst->name);
}

static void put_router(
	struct buf_writer *body, const struct vrrp_instance_conf *conf)
{
	buf_put_str(body, conf->interface);
	buf_put_u8(body, (uint8_t)conf->vrid);
	buf_put_u8(body, (uint8_t)conf->version);
	buf_put_u16(body, conf->family);
	buf_put_u8(body, conf->unicast);
}

void vrrp_checkpoint_save(struct vrrp_instance *inst)
{
	struct buf_writer body = { .data = NULL };
	struct counting count = { NULL, 0 };
	struct counting put = { &body, 0 };
	char *key = checkpoint_key(inst);

	if (inst->fsm.holding)
		vrrp_address_set_each(inst->addresses, put_address, &count);
	buf_put_u8(&body, CHECKPOINT_VERSION);
	put_router(&body, inst->conf);
	buf_put_u8(&body, (uint8_t)inst->fsm.state);
	buf_put_i64(&body, inst->since_us);
	buf_put_u8(&body, inst->has_notified);
	buf_put_u8(&body, (uint8_t)inst->notified);
	buf_put_u32(&body, count.n);
	if (count.n)
		vrrp_address_set_each(inst->addresses, put_address, &put);
	role_checkpoint(inst->role->role, key, body.data, body.len);
	buf_writer_free(&body);
	x_free(key);
}

void vrrp_checkpoint_forget(struct vrrp_instance *inst)
{
	char *key = checkpoint_key(inst);

	role_checkpoint(inst->role->role, key, NULL, 0);
	x_free(key);
	vrrp_hmac_forget(inst);
}

/* --- reading --- */

static void checkpoint_free(struct vrrp_checkpoint *c)
{
	x_free(c->addresses);
	x_free(c->router.interface);
	x_free(c->name);
	x_free(c);
}

static void get_addresses(
	struct buf_reader *r, struct vrrp_checkpoint *c, uint32_t n)
{
	uint32_t i;

	if (n > CHECKPOINT_ADDRESSES_MAX) {
		r->failed = true;
		return;
	}
	c->addresses = x_new(struct netlink_addr_info, n);
	for (i = 0; i < n; i++) {
		c->addresses[i].ifindex = buf_get_u32(r);
		c->addresses[i].prefix_len = buf_get_u8(r);
		c->addresses[i].addr = buf_get_addr(r);
		c->addresses[i].peer = buf_get_addr(r);
	}
	c->n = n;
}

static void get_router(struct buf_reader *r, struct checkpoint_router *router)
{
	router->interface = x_strdup(buf_get_str(r));
	router->vrid = buf_get_u8(r);
	router->version = buf_get_u8(r);
	router->family = buf_get_u16(r);
	router->unicast = buf_get_u8(r);
}

static bool same_router(const struct checkpoint_router *router,
	const struct vrrp_instance_conf *conf)
{
	return !strcmp(router->interface,
		       conf->interface ? conf->interface : "") &&
	       router->vrid == conf->vrid && router->version == conf->version &&
	       router->family == conf->family &&
	       router->unicast == conf->unicast;
}

static bool get_checkpoint(struct buf_reader *r, struct vrrp_checkpoint *c)
{
	uint8_t state, has_notified, notified;
	int64_t since_us;
	uint32_t n;

	if (buf_get_u8(r) != CHECKPOINT_VERSION)
		return false;
	get_router(r, &c->router);
	state = buf_get_u8(r);
	since_us = buf_get_i64(r);
	has_notified = buf_get_u8(r);
	notified = buf_get_u8(r);
	n = buf_get_u32(r);
	if (state > VRRP_STATE_FAULT || notified > VRRP_STATE_FAULT)
		return false;
	c->state = (enum vrrp_state)state;
	c->since_us = since_us;
	c->has_notified = has_notified;
	c->notified = (enum vrrp_state)notified;
	get_addresses(r, c, n);
	return buf_reader_finish(r) == 0;
}

void vrrp_checkpoint_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len)
{
	struct vrrp_checkpoint *c, *old;
	struct buf_reader r;

	if (vrrp_routes_restore(role, key, data, len) ||
		vrrp_hmac_restore(role, key, data, len))
		return;
	if (strncmp(key, CHECKPOINT_KEY, strlen(CHECKPOINT_KEY)) != 0)
		return;
	buf_reader_init(&r, data, len);
	c = x_new(struct vrrp_checkpoint, 1);
	if (!get_checkpoint(&r, c)) {
		log_warning(
			"what the predecessor left as %s is not readable", key);
		checkpoint_free(c);
		return;
	}
	c->name = x_strdup(key + strlen(CHECKPOINT_KEY));
	HASH_FIND_STR(role->checkpoints, c->name, old);
	if (old) {
		HASH_DELETE(hh, role->checkpoints, old);
		checkpoint_free(old);
	}
	HASH_ADD_KEYPTR(hh, role->checkpoints, c->name, strlen(c->name), c);
}

void vrrp_checkpoint_take(
	struct vrrp_instance *inst, const struct vrrp_instance_conf *conf)
{
	const struct vrrp_checkpoint *c;

	HASH_FIND_STR(inst->role->checkpoints, inst->name, c);
	if (!c || c->state == VRRP_STATE_INITIALIZE ||
		!same_router(&c->router, conf))
		return;
	inst->resumes = true;
	inst->resume = c->state;
	inst->resume_since_us = c->since_us;
	inst->has_notified = c->has_notified;
	inst->notified = c->notified;
}

static void forget_unknown(
	struct vrrp_role *role, const struct vrrp_checkpoint *c)
{
	struct vrrp_instance *inst;
	char *key;

	HASH_FIND_STR(role->instances, c->name, inst);
	if (inst)
		return;
	key = x_asprintf("%s%s", CHECKPOINT_KEY, c->name);
	role_checkpoint(role->role, key, NULL, 0);
	x_free(key);
}

void vrrp_checkpoint_finish(struct vrrp_role *role)
{
	struct vrrp_checkpoint *c, *next;
	size_t i;

	HASH_ITER (hh, role->checkpoints, c, next) {
		for (i = 0; i < c->n; i++)
			vrrp_addresses_inherit(
				role->addresses, &c->addresses[i]);
		forget_unknown(role, c);
	}
	vrrp_hmac_heritage_end(role);
	vrrp_checkpoint_free_all(role);
}

void vrrp_checkpoint_free_all(struct vrrp_role *role)
{
	struct vrrp_checkpoint *c, *next;

	vrrp_hmac_heritage_free(role);
	HASH_ITER (hh, role->checkpoints, c, next) {
		HASH_DELETE(hh, role->checkpoints, c);
		checkpoint_free(c);
	}
}

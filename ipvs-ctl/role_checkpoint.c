/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor keeps for a successor of the role. */
#include <stdio.h>
#include <string.h>

#include "ipvs-ctl/kept.h"
#include "ipvs-ctl/role_internal.h"
#include "lib/buf.h"

#define CHECKPOINT_VERSION 1
#define CHECKPOINT_KEYS 2000

void ipvs_role_put_kept(
	const char *key, const void *data, size_t len, void *user_data)
{
	struct ipvs_role *r = user_data;

	role_checkpoint(r->role, key, data, len);
}

struct checkpoint {
	struct ipvs_role *r;
	struct buf_writer w;
	unsigned int n_keys;
	unsigned int n_parts;
};

static void checkpoint_flush(struct checkpoint *c)
{
	char name[32];

	snprintf(name, sizeof(name), "owned.%u", c->n_parts++);
	role_checkpoint(c->r->role, name, c->w.data, c->w.len);
	buf_writer_reset(&c->w);
	c->n_keys = 0;
}

static void checkpoint_key(const struct table_key *key, void *user_data)
{
	struct checkpoint *c = user_data;

	if (!c->n_keys)
		buf_put_u8(&c->w, CHECKPOINT_VERSION);
	buf_put_bytes(&c->w, key, sizeof(*key));
	if (++c->n_keys == CHECKPOINT_KEYS)
		checkpoint_flush(c);
}

static void checkpoint_globals(struct ipvs_role *r)
{
	const struct globals *globals = reconcile_globals(r->reconcile);
	struct buf_writer w = { .data = NULL };

	buf_put_u8(&w, CHECKPOINT_VERSION);
	buf_put_u32(&w, globals->before.tcp_s);
	buf_put_u32(&w, globals->before.tcp_fin_s);
	buf_put_u32(&w, globals->before.udp_s);
	buf_put_u8(&w, globals->owns_daemons);
	role_checkpoint(r->role, "globals", w.data, w.len);
	buf_writer_free(&w);
}

static void restore_globals(struct ipvs_role *r, const void *data, size_t len)
{
	struct buf_reader reader;
	struct table_timeouts before;
	uint8_t version;
	bool owns;

	buf_reader_init(&reader, data, len);
	version = buf_get_u8(&reader);
	before.tcp_s = buf_get_u32(&reader);
	before.tcp_fin_s = buf_get_u32(&reader);
	before.udp_s = buf_get_u32(&reader);
	owns = buf_get_u8(&reader);
	if (buf_reader_finish(&reader) == 0 && version == CHECKPOINT_VERSION)
		reconcile_inherit_globals(r->reconcile, &before, owns);
}

void ipvs_role_on_owned_changed(void *user_data)
{
	struct ipvs_role *r = user_data;
	struct checkpoint c = { .r = r };
	unsigned int part;
	char name[32];

	checkpoint_globals(r);
	reconcile_for_each_owned(r->reconcile, checkpoint_key, &c);
	if (c.n_keys)
		checkpoint_flush(&c);
	for (part = c.n_parts; part < r->n_checkpoints; part++) {
		snprintf(name, sizeof(name), "owned.%u", part);
		role_checkpoint(r->role, name, NULL, 0);
	}
	r->n_checkpoints = c.n_parts;
	buf_writer_free(&c.w);
}

void ipvs_role_restore(
	void *state, const char *key, const void *data, size_t len)
{
	struct ipvs_role *r = state;
	const uint8_t *pos = data;
	struct table_key owned;

	if (!strcmp(key, "globals")) {
		restore_globals(r, data, len);
		return;
	}
	if (kept_take(r->kept, key, data, len) ||
		mark_book_restore(r->mark_book, key, data, len))
		return;
	if (strncmp(key, "owned.", 6) || !len || *pos != CHECKPOINT_VERSION)
		return;
	r->n_checkpoints++;
	pos++;
	for (len--; len >= sizeof(owned); len -= sizeof(owned)) {
		memcpy(&owned, pos, sizeof(owned));
		reconcile_own(r->reconcile, &owned);
		pos += sizeof(owned);
	}
}

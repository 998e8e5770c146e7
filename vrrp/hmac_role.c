/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a successor of the role has to know of signed adverts. */
#include <string.h>
#include <utlist.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/shell.h"

#define MARKS_KEY "hmac/"

struct vrrp_hmac_heritage {
	char *key;
	uint8_t *data;
	size_t len;
	struct vrrp_hmac_heritage *next;
};

static void checkpoint(
	struct vrrp_instance *inst, const struct buf_writer *body)
{
	char *key = x_asprintf("%s%s", MARKS_KEY, inst->name);

	role_checkpoint(inst->role->role, key, body ? body->data : NULL,
		body ? body->len : 0);
	x_free(key);
}

void vrrp_hmac_note(struct vrrp_instance *inst, int64_t now_us)
{
	struct buf_writer body = { .data = NULL };

	if (!inst->hmac || !vrrp_hmac_is_news(inst->hmac, now_us))
		return;
	vrrp_hmac_put(inst->hmac, &body, now_us);
	checkpoint(inst, &body);
	buf_writer_free(&body);
	inst->hmac_saved = true;
}

void vrrp_hmac_forget(struct vrrp_instance *inst)
{
	if (inst->hmac_saved)
		checkpoint(inst, NULL);
	inst->hmac_saved = false;
}

bool vrrp_hmac_restore(
	struct vrrp_role *role, const char *key, const void *data, size_t len)
{
	struct vrrp_hmac_heritage *h;

	if (strncmp(key, MARKS_KEY, strlen(MARKS_KEY)) != 0)
		return false;
	h = x_new(struct vrrp_hmac_heritage, 1);
	h->key = x_strdup(key);
	h->data = x_new(uint8_t, len);
	memcpy(h->data, data, len);
	h->len = len;
	LL_PREPEND(role->hmac_heritage, h);
	return true;
}

static void heritage_free(
	struct vrrp_role *role, struct vrrp_hmac_heritage *h)
{
	LL_DELETE(role->hmac_heritage, h);
	x_free(h->key);
	x_free(h->data);
	x_free(h);
}

void vrrp_hmac_inherit(struct vrrp_instance *inst)
{
	struct vrrp_hmac_heritage *h;
	struct buf_reader r;

	LL_FOREACH (inst->role->hmac_heritage, h)
		if (strcmp(h->key + strlen(MARKS_KEY), inst->name) == 0)
			break;
	if (!h)
		return;
	buf_reader_init(&r, h->data, h->len);
	if (!vrrp_hmac_get(inst->hmac, &r, time_monotonic_us()))
		log_warning("%s: what the predecessor left of signed adverts "
			    "is not readable",
			inst->subject);
	inst->hmac_saved = true;
	heritage_free(inst->role, h);
}

void vrrp_hmac_heritage_end(struct vrrp_role *role)
{
	while (role->hmac_heritage) {
		role_checkpoint(role->role, role->hmac_heritage->key, NULL, 0);
		heritage_free(role, role->hmac_heritage);
	}
}

void vrrp_hmac_heritage_free(struct vrrp_role *role)
{
	while (role->hmac_heritage)
		heritage_free(role, role->hmac_heritage);
}

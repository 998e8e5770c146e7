/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * auth_hmac of vrrp_instance.
 *
 * Whoever wrote the block wants no adverts that are not signed: what cannot
 * be done as written is an error, never a silent "without".
 */
#include <stdlib.h>
#include <string.h>

#include "lib/timeutil.h"
#include "vrrp/vrrp_conf_internal.h"

#define AT(field) .offset = offsetof(struct vrrp_hmac_block, field)
#define KEY_ID_MAX 255
#define WINDOW_MAX_S 300
/* The default: so many adverts, but not less than so many seconds. */
#define WINDOW_ADVERTS 3
#define WINDOW_FLOOR_S 5

static const char hex_prefix[] = "hex:";

/* --- keys --- */

struct line {
	uint32_t node;
	struct vrrp_hmac_key key;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The number of bytes, or -1 when TEXT is no hexadecimal number of them. */
static int decode_hex(const char *text, uint8_t ret[static VRRP_HMAC_KEY_MAX])
{
	size_t len = strlen(text);

	if (len % 2)
		return -1;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		if (i / 2 < VRRP_HMAC_KEY_MAX)
			ret[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (int)(len / 2);
}

/* The key in TEXT; says nothing of it but its length. */
static bool read_key(struct conf_bind *ctx, uint32_t node, const char *text,
	struct vrrp_hmac_key *key)
{
	size_t prefix = strlen(hex_prefix);
	int len;

	if (!strncmp(text, hex_prefix, prefix)) {
		len = decode_hex(text + prefix, key->bytes);
	} else {
		len = (int)strnlen(text, VRRP_HMAC_KEY_MAX + 1);
		memcpy(key->bytes, text,
			len > VRRP_HMAC_KEY_MAX ? VRRP_HMAC_KEY_MAX
						: (size_t)len);
	}
	if (len < 0) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, 1,
			"two digits for each byte: openssl rand -hex 32",
			"no hexadecimal key");
		return false;
	}
	if (len < VRRP_HMAC_KEY_MIN || len > VRRP_HMAC_KEY_MAX) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 1,
			"hex: and the output of openssl rand -hex 32",
			"a key has %d to %d bytes", VRRP_HMAC_KEY_MIN,
			VRRP_HMAC_KEY_MAX);
		return false;
	}
	key->len = (uint8_t)len;
	return true;
}

/* key ID KEY */
static void bind_key(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct vrrp_hmac_block *hmac = target;
	const char *text = NULL;
	struct line *line;
	int64_t id = 0;

	if (conf_arg_int(ctx, node, 0, 1, KEY_ID_MAX, &id) < 0 ||
		conf_arg_string(ctx, node, 1, &text) < 0)
		return;
	if (conf_node_n_args(ctx->tree, node) > 2) {
		conf_report(ctx, DIAG_ERROR, DIAG_EXTRA_ARGUMENT, node, -1,
			"a key with blanks in it stands in quotes",
			"more than one key");
		return;
	}
	line = arena_new_object(ctx->arena, struct line);
	line->node = node;
	line->key.id = (uint8_t)id;
	if (read_key(ctx, node, text, &line->key))
		conf_list_add(ctx->arena, &hmac->lines, line);
}

static int compare_ids(const void *a, const void *b)
{
	const struct vrrp_hmac_key *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Sorts them; of two with one number the first stays, as with keepalived. */
static void sort_keys(struct conf_bind *ctx, struct vrrp_hmac_block *hmac)
{
	bool known[KEY_ID_MAX + 1] = { false };

	hmac->keys = arena_alloc(ctx->arena,
		(hmac->lines.n + 1) * sizeof(struct vrrp_hmac_key));
	vrrp_conf_for_each(line, line, &hmac->lines)
	{
		const struct vrrp_hmac_key *key = &line->key;

		if (known[key->id])
			conf_report(ctx, DIAG_ERROR, DIAG_DUPLICATE, line->node,
				0, "each key has a number of its own",
				"key %u is there twice",
				(unsigned int)key->id);
		else
			hmac->keys[hmac->n_keys++] = *key;
		known[key->id] = true;
	}
	qsort(hmac->keys, hmac->n_keys, sizeof(*hmac->keys), compare_ids);
}

static bool has_key(const struct vrrp_hmac_block *hmac, int64_t id)
{
	const struct vrrp_hmac_key wanted = { .id = (uint8_t)id };

	return bsearch(&wanted, hmac->keys, hmac->n_keys, sizeof(wanted),
		       compare_ids) != NULL;
}

/* --- the block --- */

static const struct conf_value replay_values[] = {
	{ "time", 1 },
	{ "monotonic", 0 },
	{ NULL, 0 },
};

static const struct conf_value mode_values[] = {
	{ "enforce", VRRP_HMAC_ENFORCE },
	{ "permissive", VRRP_HMAC_PERMISSIVE },
	{ "receive-only", VRRP_HMAC_RECEIVE_ONLY },
	{ NULL, 0 },
};

static const struct conf_keyword keywords[] = {
	{ .name = "key", .type = CONF_CUSTOM,
		.flags = CONF_MULTI | CONF_SECRET | CONF_KEY_FILE,
		.bind = bind_key,
		.args = "ID hex:DIGITS | TEXT | file:PATH | credential:NAME",
		.doc = "A key of 32 to 64 bytes and its number, 1 to 255. "
		       "Adverts are taken with any of them, so a new key is "
		       "first made known everywhere and then used.",
		.compat = "credential:NAME is Tandem's; keepalived writes "
			  "file:${_ENV CREDENTIALS_DIRECTORY}/NAME.",
		.example = "key 1 file:/etc/tandem/vrrp.key" },
	{ .name = "active_key", .type = CONF_INT, AT(active_key), .min = 1,
		.max = KEY_ID_MAX, .args = "ID",
		.doc = "Number of the key to send with." },
	{ .name = "anti_replay", .type = CONF_ENUM, AT(by_time),
		.values = replay_values, .args = "time|monotonic",
		.default_text = "time",
		.doc = "Repeated adverts are told by their time, which each "
		       "sender only lets grow. time: it must also be near "
		       "the clock here, so clocks must agree." },
	{ .name = "time_window", .type = CONF_INT, AT(window_s), .min = 1,
		.max = WINDOW_MAX_S, .args = "SECONDS",
		.doc = "How far clocks may be apart with anti_replay time; "
		       "3 adverts, but 5 s at least, when not set." },
	{ .name = "mode", .type = CONF_ENUM, AT(mode), .values = mode_values,
		.args = "enforce|permissive|receive-only",
		.default_text = "enforce",
		.doc = "enforce drops adverts that are not signed; permissive "
		       "takes them, receive-only does not sign either. A bad "
		       "signature is dropped in all. Introduce it on all "
		       "routers in this order: receive-only, permissive, "
		       "enforce.",
		.example = "mode permissive" },
	{ .name = NULL },
};

static void init(void *target, const void *parent)
{
	struct vrrp_hmac_block *hmac = target;

	(void)parent;
	hmac->by_time = 1;
	hmac->mode = VRRP_HMAC_ENFORCE;
}

/* Which key signs: the one that is said, or the only one. */
static void choose_key(
	struct conf_bind *ctx, uint32_t node, struct vrrp_hmac_block *hmac)
{
	uint32_t at = vrrp_conf_child(ctx, node, "active_key");
	bool said = hmac->active_key != 0;

	if (!said && hmac->mode == VRRP_HMAC_RECEIVE_ONLY)
		return;
	if (said && has_key(hmac, hmac->active_key))
		return;
	if (!said && hmac->n_keys == 1) {
		hmac->active_key = hmac->keys[0].id;
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD, node, -1,
			"keepalived wants an active_key",
			"active_key is missing: the only key is used");
		return;
	}
	conf_report(ctx, DIAG_FATAL,
		said ? DIAG_REFERENCE : DIAG_MISSING_KEYWORD, at,
		said ? 0 : -1, "active_key ID, of one of the keys",
		said ? "there is no key with this number"
		     : "auth_hmac does not say which key to send with");
}

static void finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct vrrp_hmac_block *hmac = target;

	(void)parent;
	hmac->node = node;
	sort_keys(ctx, hmac);
	if (hmac->n_keys)
		choose_key(ctx, node, hmac);
	else
		conf_report(ctx, DIAG_FATAL, DIAG_MISSING_KEYWORD, node, -1,
			"key 1 file:PATH", "auth_hmac has no usable key");
	if (hmac->window_s && !hmac->by_time)
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, node, "time_window"), -1, NULL,
			"time_window has no effect with anti_replay monotonic");
}

const struct conf_block vrrp_conf_hmac = {
	.size = sizeof(struct vrrp_hmac_block),
	.keywords = keywords,
	.init = init,
	.finish = finish,
};

static int64_t default_window_s(int64_t advert_int_us)
{
	int64_t window = (WINDOW_ADVERTS * advert_int_us + USEC_PER_SEC - 1) /
			 USEC_PER_SEC;

	if (window < WINDOW_FLOOR_S)
		return WINDOW_FLOOR_S;
	return window < WINDOW_MAX_S ? window : WINDOW_MAX_S;
}

void vrrp_conf_resolve_hmac(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	struct vrrp_hmac_block *hmac = inst->hmac;

	if (!hmac)
		return;
	if (!hmac->window_s)
		hmac->window_s = default_window_s(inst->advert_int_us);
	if (inst->auth && inst->auth->type != VRRP_AUTH_NONE) {
		conf_report(ctx, DIAG_WARNING, DIAG_CONFLICT,
			vrrp_conf_child(ctx, inst->node, "authentication"), -1,
			"remove the block authentication",
			"auth_hmac is used instead");
		inst->auth->type = VRRP_AUTH_NONE;
	}
	if (inst->strict == 1 && hmac->mode != VRRP_HMAC_ENFORCE) {
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT,
			vrrp_conf_child(ctx, hmac->node, "mode"), -1,
			"leave strict_mode out until all routers sign",
			"strict_mode wants 'mode enforce'");
		hmac->mode = VRRP_HMAC_ENFORCE;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/buf.h"

#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"

void buf_writer_reset(struct buf_writer *w)
{
	w->len = 0;
}

void buf_writer_free(struct buf_writer *w)
{
	x_free(w->data);
	*w = (struct buf_writer){ .data = NULL };
}

void buf_put_bytes(struct buf_writer *w, const void *data, size_t len)
{
	size_t capacity = w->capacity ? w->capacity : 256;

	if (!len)
		return;
	if (len > SIZE_MAX / 4 - w->len)
		log_fatal("buffer: impossible length %zu", len);
	while (capacity < w->len + len)
		capacity *= 2;
	if (capacity != w->capacity) {
		w->data = x_realloc(w->data, capacity, 1);
		w->capacity = capacity;
	}
	memcpy(w->data + w->len, data, len);
	w->len += len;
}

void buf_put_u8(struct buf_writer *w, uint8_t value)
{
	buf_put_bytes(w, &value, sizeof(value));
}

void buf_put_u16(struct buf_writer *w, uint16_t value)
{
	buf_put_bytes(w, &value, sizeof(value));
}

void buf_put_u32(struct buf_writer *w, uint32_t value)
{
	buf_put_bytes(w, &value, sizeof(value));
}

void buf_put_u64(struct buf_writer *w, uint64_t value)
{
	buf_put_bytes(w, &value, sizeof(value));
}

void buf_put_i32(struct buf_writer *w, int32_t value)
{
	buf_put_bytes(w, &value, sizeof(value));
}

void buf_put_i64(struct buf_writer *w, int64_t value)
{
	buf_put_bytes(w, &value, sizeof(value));
}

void buf_put_blob(struct buf_writer *w, const void *data, size_t len)
{
	if (len > UINT32_MAX)
		log_fatal("buffer: impossible length %zu", len);
	buf_put_u32(w, (uint32_t)len);
	buf_put_bytes(w, data, len);
}

void buf_put_str(struct buf_writer *w, const char *str)
{
	if (!str)
		str = "";
	buf_put_blob(w, str, strlen(str) + 1);
}

void buf_put_addr(struct buf_writer *w, const struct ip_addr *addr)
{
	buf_put_u8(w, (uint8_t)addr->family);
	buf_put_bytes(w, addr->bytes, ip_family_bytes(addr->family));
}

void buf_put_endpoint(struct buf_writer *w, const struct ip_endpoint *endpoint)
{
	buf_put_addr(w, &endpoint->addr);
	buf_put_u16(w, endpoint->port);
}

void buf_reader_init(struct buf_reader *r, const void *data, size_t len)
{
	r->pos = data;
	r->end = len ? r->pos + len : r->pos;
	r->failed = false;
}

static const void *buf_take(struct buf_reader *r, size_t len)
{
	const uint8_t *pos = r->pos;

	if (r->failed || (size_t)(r->end - r->pos) < len) {
		r->failed = true;
		return NULL;
	}
	r->pos += len;
	return pos;
}

static void buf_get(struct buf_reader *r, void *value, size_t len)
{
	const void *pos = buf_take(r, len);

	if (pos)
		memcpy(value, pos, len);
	else
		memset(value, 0, len);
}

uint8_t buf_get_u8(struct buf_reader *r)
{
	uint8_t value;

	buf_get(r, &value, sizeof(value));
	return value;
}

uint16_t buf_get_u16(struct buf_reader *r)
{
	uint16_t value;

	buf_get(r, &value, sizeof(value));
	return value;
}

uint32_t buf_get_u32(struct buf_reader *r)
{
	uint32_t value;

	buf_get(r, &value, sizeof(value));
	return value;
}

uint64_t buf_get_u64(struct buf_reader *r)
{
	uint64_t value;

	buf_get(r, &value, sizeof(value));
	return value;
}

int32_t buf_get_i32(struct buf_reader *r)
{
	int32_t value;

	buf_get(r, &value, sizeof(value));
	return value;
}

int64_t buf_get_i64(struct buf_reader *r)
{
	int64_t value;

	buf_get(r, &value, sizeof(value));
	return value;
}

const void *buf_get_blob(struct buf_reader *r, size_t *ret_len)
{
	size_t len = buf_get_u32(r);
	const void *pos = buf_take(r, len);

	*ret_len = pos ? len : 0;
	return pos;
}

const char *buf_get_str(struct buf_reader *r)
{
	size_t len;
	const char *str = buf_get_blob(r, &len);

	if (!str)
		return "";
	if (!len || memchr(str, '\0', len) != str + len - 1) {
		r->failed = true;
		return "";
	}
	return str;
}

struct ip_addr buf_get_addr(struct buf_reader *r)
{
	struct ip_addr addr = { .family = buf_get_u8(r) };

	if (addr.family != AF_UNSPEC && !ip_family_bytes(addr.family)) {
		r->failed = true;
		addr.family = AF_UNSPEC;
	}
	buf_get(r, addr.bytes, ip_family_bytes(addr.family));
	return addr;
}

struct ip_endpoint buf_get_endpoint(struct buf_reader *r)
{
	struct ip_endpoint endpoint;

	endpoint.addr = buf_get_addr(r);
	endpoint.port = buf_get_u16(r);
	return endpoint;
}

int buf_reader_finish(const struct buf_reader *r)
{
	return r->failed || r->pos != r->end ? -EBADMSG : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checked marshalling: a writer that grows, a reader that never reads past
 * its end.  Both remember a failure, so that a message is written or read in
 * a row and asked once at the end whether all of it went well.  Integers are
 * in host order: both ends are the same program on the same machine.
 */
#ifndef TANDEM_LIB_BUF_H
#define TANDEM_LIB_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ipaddr.h"

/* Zero-initialise; buf_writer_free() gives the memory back. */
struct buf_writer {
	uint8_t *data;
	size_t len;
	size_t capacity;
};

void buf_writer_reset(struct buf_writer *w); /* empty, memory kept */
void buf_writer_free(struct buf_writer *w);

void buf_put_u8(struct buf_writer *w, uint8_t value);
void buf_put_u16(struct buf_writer *w, uint16_t value);
void buf_put_u32(struct buf_writer *w, uint32_t value);
void buf_put_u64(struct buf_writer *w, uint64_t value);
void buf_put_i32(struct buf_writer *w, int32_t value);
void buf_put_i64(struct buf_writer *w, int64_t value);
void buf_put_bytes(struct buf_writer *w, const void *data, size_t len);
/* A blob or string with its length in front; NULL is written as "". */
void buf_put_blob(struct buf_writer *w, const void *data, size_t len);
void buf_put_str(struct buf_writer *w, const char *str);
void buf_put_addr(struct buf_writer *w, const struct ip_addr *addr);
void buf_put_endpoint(struct buf_writer *w, const struct ip_endpoint *endpoint);

struct buf_reader {
	const uint8_t *pos;
	const uint8_t *end;
	bool failed;
};

void buf_reader_init(struct buf_reader *r, const void *data, size_t len);

/* After a failure all of these return 0 or "". */
uint8_t buf_get_u8(struct buf_reader *r);
uint16_t buf_get_u16(struct buf_reader *r);
uint32_t buf_get_u32(struct buf_reader *r);
uint64_t buf_get_u64(struct buf_reader *r);
int32_t buf_get_i32(struct buf_reader *r);
int64_t buf_get_i64(struct buf_reader *r);
/* Borrowed from the buffer; fails unless NUL-terminated without inner NUL. */
const char *buf_get_str(struct buf_reader *r);
/* Borrowed from the buffer; *RET_LEN is 0 after a failure. */
const void *buf_get_blob(struct buf_reader *r, size_t *ret_len);
struct ip_addr buf_get_addr(struct buf_reader *r);
struct ip_endpoint buf_get_endpoint(struct buf_reader *r);

/* 0 when all was read and nothing is left, else -EBADMSG. */
int buf_reader_finish(const struct buf_reader *r);

#endif

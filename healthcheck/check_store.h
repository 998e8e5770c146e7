/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verdicts that outlive the role, as checkpoints of the supervisor.
 *
 * Each key holds the checks whose id begins with one byte, so that a change
 * rewrites little and 50,000 checks need 256 keys.  What a predecessor left
 * is untrusted: a key that does not parse is dropped whole.
 */
#ifndef TANDEM_HEALTHCHECK_CHECK_STORE_H
#define TANDEM_HEALTHCHECK_CHECK_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "healthcheck/check_table.h"
#include "lib/buf.h"

#define CHECK_STORE_BUCKETS 256
#define CHECK_STORE_KEY_MAX 16

static inline unsigned int check_store_bucket(const struct check_id *id)
{
	return id->bytes[0];
}

/* The key of BUCKET, in BUF. */
const char *check_store_key(
	unsigned int bucket, char buf[static CHECK_STORE_KEY_MAX]);
/* The known verdicts of BUCKET; W stays empty when there is none. */
void check_store_encode(const struct check_table *table, unsigned int bucket,
	struct buf_writer *w);

struct check_store;

struct check_store *check_store_new(void);
void check_store_free(struct check_store *store); /* NULL is fine */
/* Takes one key that a predecessor left.  0 or -EBADMSG. */
int check_store_take(
	struct check_store *store, const void *data, size_t len);
size_t check_store_count(const struct check_store *store);
/* For check_table_apply(): USER_DATA is the store. */
bool check_store_restore(struct check *check, void *user_data);

#endif

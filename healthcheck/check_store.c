/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/check_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"

#define STORE_VERSION 1

struct kept_check {
	UT_hash_handle hh;
	struct check_id id;
	struct verdict verdict;
	int64_t since_realtime_us;
	int64_t last_run_us;
	int32_t weight;
};

struct check_store {
	struct kept_check *checks;
};

const char *check_store_key(
	unsigned int bucket, char buf[static CHECK_STORE_KEY_MAX])
{
	snprintf(buf, CHECK_STORE_KEY_MAX, "verdicts-%02x", bucket);
	return buf;
}

/* --- writing --- */

static void put_check(struct buf_writer *w, const struct check *check)
{
	const struct verdict *verdict = &check->verdict;

	buf_put_bytes(w, check->entry->id.bytes, CHECK_ID_LEN);
	buf_put_u8(w, (uint8_t)verdict->state);
	buf_put_u16(w, (uint16_t)verdict->reason);
	buf_put_i64(w, verdict->since_us);
	buf_put_u32(w, verdict->passed);
	buf_put_u32(w, verdict->failed);
	buf_put_i64(w, check->since_realtime_us);
	buf_put_i64(w, check->last_run_us);
	buf_put_i32(w, check->weight);
}

/* The first entry whose id begins with BUCKET or more: they are sorted. */
static size_t first_of(const struct check_set *set, unsigned int bucket)
{
	size_t low = 0;
	size_t high = set->n_entries;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (check_store_bucket(&set->entries[mid].id) < bucket)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void check_store_encode(const struct check_table *table, unsigned int bucket,
	struct buf_writer *w)
{
	const struct check_set *set = check_table_set(table);
	size_t i;

	for (i = first_of(set, bucket); i < set->n_entries &&
		check_store_bucket(&set->entries[i].id) == bucket;
		i++) {
		const struct check *check = check_table_get(table, i);

		if (check->verdict.state == VERDICT_UNKNOWN)
			continue;
		if (!w->len)
			buf_put_u8(w, STORE_VERSION);
		put_check(w, check);
	}
}

/* --- reading --- */

struct check_store *check_store_new(void)
{
	return x_new(struct check_store, 1);
}

void check_store_free(struct check_store *store)
{
	struct kept_check *kept;
	struct kept_check *next;

	if (!store)
		return;
	HASH_ITER (hh, store->checks, kept, next) {
		HASH_DEL(store->checks, kept);
		x_free(kept);
	}
	x_free(store);
}

static void get_check(struct buf_reader *r, struct kept_check *ret)
{
	unsigned int state;
	unsigned int reason;
	size_t i;

	for (i = 0; i < CHECK_ID_LEN; i++)
		ret->id.bytes[i] = buf_get_u8(r);
	state = buf_get_u8(r);
	reason = buf_get_u16(r);
	if ((state != VERDICT_UP && state != VERDICT_DOWN) ||
		reason >= REASON_COUNT)
		r->failed = true;
	ret->verdict.state = (enum verdict_state)state;
	ret->verdict.reason = (enum reason)reason;
	ret->verdict.since_us = buf_get_i64(r);
	ret->verdict.passed = buf_get_u32(r);
	ret->verdict.failed = buf_get_u32(r);
	ret->since_realtime_us = buf_get_i64(r);
	ret->last_run_us = buf_get_i64(r);
	ret->weight = buf_get_i32(r);
}

static void keep(struct check_store *store, const struct kept_check *check)
{
	struct kept_check *kept;

	HASH_FIND(hh, store->checks, &check->id, sizeof(check->id), kept);
	if (kept)
		return;
	kept = x_new(struct kept_check, 1);
	*kept = *check;
	HASH_ADD(hh, store->checks, id, sizeof(kept->id), kept);
}

int check_store_take(
	struct check_store *store, const void *data, size_t len)
{
	struct kept_check check;
	struct buf_reader look;
	struct buf_reader r;

	buf_reader_init(&r, data, len);
	if (buf_get_u8(&r) != STORE_VERSION || r.failed)
		return -EBADMSG;
	look = r;
	while (!look.failed && look.pos < look.end) {
		memset(&check, 0, sizeof(check));
		get_check(&look, &check);
	}
	if (look.failed)
		return -EBADMSG;
	while (r.pos < r.end) {
		memset(&check, 0, sizeof(check));
		get_check(&r, &check);
		keep(store, &check);
	}
	return 0;
}

size_t check_store_count(const struct check_store *store)
{
	return HASH_COUNT(store->checks);
}

bool check_store_restore(struct check *check, void *user_data)
{
	const struct check_store *store = user_data;
	struct kept_check *kept;

	HASH_FIND(hh, store->checks, &check->entry->id,
		sizeof(check->entry->id), kept);
	if (!kept)
		return false;
	check->verdict = kept->verdict;
	check->since_realtime_us = kept->since_realtime_us;
	check->last_run_us = kept->last_run_us;
	check->last_reason = kept->verdict.reason;
	check->weight = kept->weight;
	return true;
}

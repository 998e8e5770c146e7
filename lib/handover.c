/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/checkpoint.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define HANDOVER_MAGIC 0x54486f31u
/* With the lengths of a key and a blob. */
#define HANDOVER_BYTES_MAX                                                     \
	(CHECKPOINT_BYTES_MAX + (off_t)CHECKPOINT_KEYS_MAX * 16 + 4096)

uint64_t handover_netns(int fd)
{
	struct stat st;

	if (fd > 0 ? fstat(fd, &st) : stat("/proc/self/ns/net", &st))
		return 0;
	return st.st_ino;
}

/* --- writing --- */

static int write_at(int fd, const uint8_t *data, size_t len, size_t offset)
{
	ssize_t n;

	while (len) {
		n = pwrite(fd, data, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		offset += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static void put_entry(
	const char *key, const void *data, size_t len, void *user_data)
{
	buf_put_str(user_data, key);
	buf_put_blob(user_data, data, len);
}

int handover_write(int fd, const struct handover_mark *mark,
	const struct checkpoint_store *store)
{
	struct buf_writer w = { .data = NULL };
	size_t head = sizeof(uint32_t);
	int err;

	buf_put_u32(&w, HANDOVER_MAGIC);
	buf_put_str(&w, PACKAGE_VERSION);
	buf_put_u32(&w, mark->role);
	buf_put_i32(&w, mark->pid);
	buf_put_u64(&w, mark->netns);
	buf_put_i64(&w, mark->time_us);
	buf_put_i64(&w, mark->worked_us);
	buf_put_u32(&w, (uint32_t)checkpoint_store_count(store));
	checkpoint_store_each(store, put_entry, &w);
	/* The first word comes last: what has it is whole. */
	err = write_at(fd, w.data + head, w.len - head, head);
	if (!err)
		err = write_at(fd, w.data, head, 0);
	buf_writer_free(&w);
	return err;
}

/* --- reading --- */

/* *RET_DATA is freed by the caller, whatever comes back. */
static int read_all(int fd, uint8_t **ret_data, size_t *ret_len)
{
	struct stat st;
	size_t len = 0;
	ssize_t n;

	*ret_data = NULL;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		st.st_mode & (S_IRWXG | S_IRWXO))
		return -EPERM;
	if (st.st_size > HANDOVER_BYTES_MAX)
		return -EFBIG;
	if (!st.st_size)
		return -ENODATA;
	*ret_data = x_new(uint8_t, (size_t)st.st_size);
	while (len < (size_t)st.st_size) {
		n = pread(fd, *ret_data + len, (size_t)st.st_size - len,
			(off_t)len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EBADMSG;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

static int check_mark(struct buf_reader *r,
	const struct handover_mark *expected, int64_t *ret_worked_us)
{
	uint32_t magic = buf_get_u32(r);
	const char *version = buf_get_str(r);
	struct handover_mark mark = { .pid = 0 };

	if (magic != HANDOVER_MAGIC)
		return magic ? -EBADMSG : -ENODATA;
	if (strcmp(version, PACKAGE_VERSION) != 0)
		return -EPROTO;
	mark.role = (enum role_id)buf_get_u32(r);
	mark.pid = buf_get_i32(r);
	mark.netns = buf_get_u64(r);
	mark.time_us = buf_get_i64(r);
	mark.worked_us = buf_get_i64(r);
	if (r->failed)
		return -EBADMSG;
	if (mark.role != expected->role || mark.pid != expected->pid ||
		!mark.netns || mark.netns != expected->netns ||
		mark.time_us < expected->time_us ||
		mark.time_us > time_monotonic_us() || mark.worked_us <= 0 ||
		mark.worked_us > mark.time_us)
		return -ESTALE;
	*ret_worked_us = mark.worked_us;
	return 0;
}

/* With STORE NULL it is only looked whether all can be read. */
static int get_entries(struct buf_reader r, struct checkpoint_store *store)
{
	uint32_t n = buf_get_u32(&r);
	const char *key;
	const void *data;
	size_t len;

	for (; n && !r.failed; n--) {
		key = buf_get_str(&r);
		data = buf_get_blob(&r, &len);
		if (store)
			checkpoint_store_put(store, key, data, len);
	}
	return buf_reader_finish(&r);
}

int handover_read(int fd, const struct handover_mark *expected,
	struct checkpoint_store *store, int64_t *ret_worked_us)
{
	struct buf_reader r;
	int64_t worked_us = 0;
	uint8_t *data;
	size_t len = 0;
	int err = read_all(fd, &data, &len);

	if (!err) {
		buf_reader_init(&r, data, len);
		err = check_mark(&r, expected, &worked_us);
	}
	if (!err)
		err = get_entries(r, NULL);
	if (!err)
		err = get_entries(r, store);
	if (!err)
		*ret_worked_us = worked_us;
	x_free(data);
	return err;
}

/* --- the role's side --- */

void handover_init(struct handover *h, enum role_id role)
{
	*h = (struct handover){ .role = role, .fd = -1 };
}

void handover_begin(struct handover *h)
{
	h->store =
		checkpoint_store_new(CHECKPOINT_BYTES_MAX, CHECKPOINT_KEYS_MAX);
}

void handover_set_file(struct handover *h, int fd)
{
	if (h->fd >= 0)
		close(h->fd);
	h->fd = fd;
}

void handover_keep(
	struct handover *h, const char *key, const void *data, size_t len)
{
	/* What is too much is not kept by the supervisor either. */
	if (h->store)
		checkpoint_store_put(h->store, key, data, len);
}

void handover_end(struct handover *h, int64_t worked_us)
{
	const struct handover_mark mark = {
		.role = h->role,
		.pid = getpid(),
		.netns = handover_netns(0),
		.time_us = time_monotonic_us(),
		.worked_us = worked_us,
	};
	int err;

	if (h->fd < 0 || !h->store || !worked_us)
		return;
	err = handover_write(h->fd, &mark, h->store);
	if (err)
		log_warning("a supervisor to come is not told what was so: %s",
			strerror(-err));
}

void handover_free(struct handover *h)
{
	handover_set_file(h, -1);
	checkpoint_store_free(h->store);
	h->store = NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a role hands over to the next supervisor, which reads it as root: any
 * file is refused with the store as it was, or gives checkpoints that written
 * and read again are the same.  Unless the first byte is 0, the rest of the
 * input comes behind the right magic and version.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/checkpoint.h"
#include "lib/handover.h"

#define STORE_BYTES 4096
#define STORE_KEYS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct handover_mark expected = {
	.role = ROLE_VRRP,
	.pid = 17,
	.netns = 4711,
};

static int new_file(void)
{
	int fd = memfd_create("handover", MFD_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0600) < 0)
		abort();
	return fd;
}

static void check_again(
	const struct checkpoint_store *store, int64_t worked_us)
{
	struct checkpoint_store *again =
		checkpoint_store_new(STORE_BYTES, STORE_KEYS);
	struct handover_mark mark = expected;
	int64_t again_us = 0;
	int fd = new_file();

	mark.time_us = mark.worked_us = worked_us;
	if (handover_write(fd, &mark, store) ||
		handover_read(fd, &expected, again, &again_us) ||
		again_us != worked_us ||
		checkpoint_store_count(again) != checkpoint_store_count(store) ||
		checkpoint_store_bytes(again) != checkpoint_store_bytes(store))
		abort();
	checkpoint_store_free(again);
	close(fd);
}

/* How long the magic and the version are: what one written file begins with
 * and another of another role has, too. */
static size_t put_head(int fd)
{
	const size_t len = sizeof(uint32_t) * 2 + sizeof(PACKAGE_VERSION);
	struct checkpoint_store *none = checkpoint_store_new(1, 1);
	const struct handover_mark mark = expected;

	if (handover_write(fd, &mark, none) < 0 || ftruncate(fd, (off_t)len))
		abort();
	checkpoint_store_free(none);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct checkpoint_store *store =
		checkpoint_store_new(STORE_BYTES, STORE_KEYS);
	int64_t worked_us = 0;
	int fd = new_file();
	size_t head = size && data[0] ? put_head(fd) : 0;

	if (size && pwrite(fd, data + 1, size - 1, (off_t)head) !=
			    (ssize_t)(size - 1))
		abort();
	if (handover_read(fd, &expected, store, &worked_us) == 0)
		check_again(store, worked_us);
	else if (checkpoint_store_count(store) || worked_us)
		abort();
	checkpoint_store_free(store);
	close(fd);
	return 0;
}

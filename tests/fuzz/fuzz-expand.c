/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Definitions, sequences, conditions and includes: the input is up to eight
 * small files, separated by bytes of value 1, that may include one another.
 * Whatever they do, the expansion is bounded.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "tests/unit/config-print.h"
#include "tests/unit/config-toy.h"

#define FILES_MAX 8
#define BYTES_MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[64];

static void leave_directory(void)
{
	for (unsigned int i = 0; i < FILES_MAX; i++) {
		char path[80];

		snprintf(path, sizeof(path), "%s/%u", directory, i);
		unlink(path);
	}
	rmdir(directory);
}

static void enter_directory(void)
{
	if (directory[0])
		return;
	strcpy(directory, "/dev/shm/fuzz-expand-XXXXXX");
	assert(mkdtemp(directory));
	atexit(leave_directory);
}

static void write_file(unsigned int number, const uint8_t *data, size_t size)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/%u", directory, number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert(fd >= 0);
	assert(write(fd, data, size) == (ssize_t)size);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct conf_load_options options = {
		.config_id = "here",
		.max_bytes = BYTES_MAX,
	};
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree;
	char path[80];

	enter_directory();
	for (unsigned int i = 0; i < FILES_MAX; i++) {
		const uint8_t *end = size ? memchr(data, 1, size) : NULL;
		size_t len = end && i + 1 < FILES_MAX ? (size_t)(end - data)
						      : size;

		write_file(i, data, len);
		len += len < size;
		data += len;
		size -= len;
	}
	snprintf(path, sizeof(path), "%s/0", directory);
	tree = conf_load(&toy_language, path, &options, diags);
	/* An expanded line costs at least eight bytes of the limit. */
	if (tree)
		assert(conf_tree_count(tree) < BYTES_MAX * 8);
	/* With includes and definitions resolved it is the same. */
	if (tree &&
		!diag_count_severity(diags, DIAG_ERROR) &&
		!diag_count_severity(diags, DIAG_FATAL)) {
		char buf[256];
		const char *what = print_round_trip(
			&toy_language, tree, false, buf, sizeof(buf));

		if (what)
			fprintf(stderr, "printed: %s\n", what);
		assert(!what);
	}
	conf_tree_free(tree);
	diag_list_free(diags);
	return 0;
}

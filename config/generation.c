/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/generation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/image.h"
#include "lib/mem.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int write_all(int fd, const void *data, size_t len)
{
	const char *pos = data;

	while (len) {
		ssize_t n = write(fd, pos, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		pos += n;
		len -= (size_t)n;
	}
	return 0;
}

int conf_generation_write(const struct conf_tree *tree)
{
	int fd = memfd_create(
		"tandem-generation", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, tree->header, tree->size);
	if (!err && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* Everything that the functions of tree.c index is within bounds, and every
 * walk goes forward, so it ends. */
static bool node_is_valid(
	const struct conf_tree *tree, uint32_t i, uint8_t *depths)
{
	const struct image_header *h = tree->header;
	const struct image_node *n = &tree->nodes[i];

	if (n->keyword >= h->strings_len || n->file >= h->n_files)
		return false;
	if (n->args > h->n_args || n->args > n[1].args)
		return false;
	if (n->next != CONF_NODE_NONE &&
		(n->next <= i || n->next >= h->n_nodes ||
			tree->nodes[n->next].parent != n->parent))
		return false;
	if (i == 0)
		return n->parent == CONF_NODE_NONE && n->next == CONF_NODE_NONE;
	if (n->parent >= i || depths[n->parent] >= IMAGE_DEPTH_MAX)
		return false;
	depths[i] = (uint8_t)(depths[n->parent] + 1);
	return true;
}

static bool image_is_valid(const struct conf_tree *tree)
{
	const struct image_header *h = tree->header;
	uint8_t *depths = x_calloc(h->n_nodes, 1);
	bool valid = tree->strings[h->strings_len - 1] == '\0' &&
		     tree->nodes[h->n_nodes].args == h->n_args;

	for (uint32_t i = 0; valid && i < h->n_nodes; i++)
		valid = node_is_valid(tree, i, depths);
	for (uint32_t i = 0; valid && i < h->n_args; i++)
		valid = tree->args[i].text < h->strings_len;
	for (uint32_t i = 0; valid && i < h->n_files; i++)
		valid = tree->files[i] < h->strings_len;
	x_free(depths);
	return valid;
}

static bool header_is_valid(const void *image, size_t size)
{
	const struct image_header *h = image;

	return h->magic == IMAGE_MAGIC && h->size == size && h->n_nodes > 0 &&
	       h->n_nodes < CONF_NODE_NONE && h->n_files > 0 &&
	       h->strings_len > 0 && image_size(h) == size;
}

int conf_generation_open(int fd, struct conf_tree **ret_tree)
{
	struct conf_tree *tree;
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	void *image;
	size_t size;

	if (seals < 0)
		return -errno;
	if ((seals & SEALS) != SEALS)
		return -EPERM;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size < (off_t)sizeof(struct image_header))
		return -EBADMSG;
	size = (size_t)st.st_size;
	image = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image == MAP_FAILED)
		return -errno;
	if (!header_is_valid(image, size)) {
		munmap(image, size);
		return -EBADMSG;
	}
	tree = image_new_tree(image, size, true);
	if (!image_is_valid(tree)) {
		conf_tree_free(tree);
		return -EBADMSG;
	}
	*ret_tree = tree;
	return 0;
}

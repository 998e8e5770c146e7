/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/import_files.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

#include "config/diag.h"
#include "config/file.h"
#include "lib/mem.h"

#define FILE_MAX ((size_t)40 << 20)

/* Beside the file of the line, as keepalived looks for it. */
static char *resolve(const char *from, const char *pattern)
{
	const char *slash = strrchr(from, '/');

	if (pattern[0] == '/' || !slash)
		return x_strdup(pattern);
	return x_asprintf("%.*s%s", (int)(slash + 1 - from), from, pattern);
}

static int find(
	const char *from, const char *pattern, char ***ret_paths, size_t *ret_n)
{
	char *path = resolve(from, pattern);
	glob_t found;
	int err = glob(path, GLOB_BRACE | GLOB_MARK, NULL, &found);
	size_t n = 0;

	x_free(path);
	if (err) {
		globfree(&found);
		return -ENOENT;
	}
	*ret_paths = x_new(char *, found.gl_pathc);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = found.gl_pathv[i];

		if (name[strlen(name) - 1] != '/')
			(*ret_paths)[n++] = x_strdup(name);
	}
	*ret_n = n;
	globfree(&found);
	return 0;
}

static int read_all(const char *path, char **ret_text, size_t *ret_len)
{
	const struct diag_place nowhere = { .file = path };
	struct diag_list *diags = diag_list_new();
	struct file_text content;
	int err = file_read(path, FILE_MAX, DIAG_WARNING, &nowhere, "include",
		diags, &content);

	diag_list_free(diags);
	if (err < 0)
		return err;
	*ret_text = content.text;
	*ret_len = content.len;
	return 0;
}

const struct kl_includer import_files = {
	.find = find,
	.read = read_all,
};

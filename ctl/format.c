/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/format.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/file.h"
#include "config/print.h"
#include "ctl/format_text.h"
#include "ctl/input.h"
#include "daemon/language.h"
#include "lib/mem.h"

static enum exit_status fail(
	const struct request *request, const char *file, const char *why)
{
	fprintf(request->err.out, "tandemctl: %s: %s\n", file, why);
	return EXIT_REFUSED;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* A new file takes the place of PATH, with its owner and mode. */
static int replace_file(const char *path, const char *text, size_t len)
{
	char *other = x_asprintf("%s.XXXXXX", path);
	struct stat st;
	int fd = -1;
	int err = stat(path, &st) < 0 ? -errno : 0;

	if (!err) {
		fd = mkostemp(other, O_CLOEXEC);
		err = fd < 0 ? -errno : 0;
	}
	if (!err && (fchown(fd, st.st_uid, st.st_gid) < 0 ||
			    fchmod(fd, st.st_mode & 07777) < 0))
		err = -errno;
	if (!err)
		err = write_all(fd, text, len);
	if (!err && rename(other, path) < 0)
		err = -errno;
	if (fd >= 0) {
		close(fd);
		if (err)
			unlink(other);
	}
	x_free(other);
	return err;
}

static enum exit_status write_back(const struct request *request,
	const char *file, const char *text, size_t len)
{
	/* What a link names, not the link. */
	char *path = realpath(file, NULL);
	int err = path ? replace_file(path, text, len) : -errno;

	free(path);
	return err ? fail(request, file, strerror(-err)) : EXIT_DONE;
}

/* --- the meaning --- */

/* What TEXT, as the file NAME, is read as; NULL when it is no text.  The
 * caller frees it. */
static char *read_as(const struct request *request, const char *name,
	const char *text, size_t len)
{
	const struct conf_load_options load = {
		.config_id = request->config_id,
		.random_seed = 1, /* the same for both */
	};
	const struct conf_print_options print = { .secrets = true };
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(
		&tandem_language, name, text, len, &load, diags);
	char *printed = NULL;
	size_t size;
	FILE *out = tree ? open_memstream(&printed, &size) : NULL;

	if (out) {
		conf_print(out, &tandem_language, tree, &print);
		fclose(out);
	}
	conf_tree_free(tree);
	diag_list_free(diags);
	return printed;
}

/* Where braces are wrong, indentation tells what was meant: another one would
 * be read another way. */
static bool keeps_meaning(const struct request *request, const char *file,
	const struct file_text *old, const char *text, size_t len)
{
	char *before = read_as(request, file, old->text, old->len);
	char *after = read_as(request, file, text, len);
	bool same = before && after && !strcmp(before, after);

	free(before);
	free(after);
	return same;
}

/* --- the command --- */

static enum exit_status deliver(const struct request *request,
	const char *file, const struct file_text *old, const char *text,
	size_t len)
{
	bool changed = len != old->len || memcmp(text, old->text, len) != 0;

	if (request->check_only)
		return changed ? fail(request, file,
					 "is not formatted (tandemctl format "
					 "--in-place would do it)")
			       : EXIT_DONE;
	if (request->in_place)
		return changed ? write_back(request, file, text, len)
			       : EXIT_DONE;
	if (fwrite(text, 1, len, request->out.out) != len)
		return fail(request, "output", strerror(errno));
	return EXIT_DONE;
}

static enum exit_status format_file(
	const struct request *request, const char *file)
{
	enum exit_status status;
	struct file_text old;
	size_t len;
	char *text;
	int err = file_read_again(file, &old);

	if (err)
		return fail(request, file, strerror(-err));
	if (memchr(old.text, '\0', old.len)) {
		x_free(old.text);
		return fail(request, file, "is no text");
	}
	text = format_text(old.text, old.len, &len);
	if (keeps_meaning(request, file, &old, text, len))
		status = deliver(request, file, &old, text, len);
	else
		status = fail(request, file,
			"with another layout it would be read another way: "
			"see to its braces first (tandemctl check)");
	x_free(text);
	x_free(old.text);
	return status;
}

enum exit_status format_run(
	const struct command *command, const struct request *request)
{
	const char *file = input_name(request, request->words[0]);

	(void)command;
	if (file && request->in_place && file != request->words[0]) {
		fputs("tandemctl: --in-place needs the name of a file\n",
			request->err.out);
		return EXIT_USAGE;
	}
	return file ? format_file(request, file) : EXIT_REFUSED;
}

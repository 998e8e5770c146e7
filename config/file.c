/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"

#define READ_CHUNK 65536
/* So long the writer of a pipe may be silent. */
#define PIPE_PATIENCE_MS 10000
#define SILENT_TEXT "came out of it for 10 s"
#define STDIN_MAX ((size_t)40 << 20) /* see source.c */

static const char *hint_for(int err, bool included)
{
	switch (err) {
	case ENODATA:
		return "nobody writes to it, or what was written is read "
		       "already";
	case ENOENT:
		if (included)
			return "a relative path starts in the directory of "
			       "this file";
		return "check the path; tandemd takes it with -f FILE";
	case EACCES:
	case EPERM:
		return "the file must be readable by the user that runs this";
	case EISDIR:
		return "give a file; 'include DIRECTORY/*.conf' reads all "
		       "files of a directory";
	}
	return NULL;
}

static bool wait_for_writer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, PIPE_PATIENCE_MS);

	return n > 0 || (n < 0 && errno == EINTR);
}

static int read_all(int fd, size_t size_hint, size_t max, struct file_text *f)
{
	size_t capacity = size_hint < max ? size_hint + 1 : max + 1;

	f->len = 0;
	f->text = x_realloc(NULL, capacity, 1);
	for (;;) {
		ssize_t n;

		if (f->len == capacity) {
			if (f->len > max)
				return -EFBIG;
			capacity += capacity / 2 + READ_CHUNK;
			if (capacity > max + 1)
				capacity = max + 1;
			f->text = x_realloc(f->text, capacity, 1);
		}
		n = read(fd, f->text + f->len, capacity - f->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			if (!wait_for_writer(fd))
				return -ETIME;
			continue;
		}
		if (n < 0)
			return -errno;
		if (!n)
			break;
		f->len += (size_t)n;
	}
	return f->len > max ? -EFBIG : 0;
}

/* The name means standard input after file_keep_stdin() only. */
static bool stdin_kept;
static int stdin_error;

static bool is_stdin(const char *path)
{
	return stdin_kept && !strcmp(path, FILE_STDIN);
}

static const char *real_path(const char *path)
{
	return is_stdin(path) ? "/proc/self/fd/0" : path;
}

/* Copies what is left in standard input, as much as may be in files. */
static int copy_stdin(int to)
{
	char buf[READ_CHUNK];
	size_t len = 0;

	while (len <= STDIN_MAX) {
		ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (write(to, buf, (size_t)n) != n)
			return -EIO;
		len += (size_t)n;
	}
	return 0;
}

static int keep_stdin(void)
{
	int fd;
	int err;

	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		return -errno; /* the copy would take its place */
	fd = memfd_create("stdin", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = copy_stdin(fd);
	if (!err && dup2(fd, STDIN_FILENO) < 0)
		err = -errno;
	close(fd);
	return err;
}

int file_keep_stdin(void)
{
	stdin_kept = true;
	stdin_error = keep_stdin();
	return stdin_error;
}

/* Opening never waits for the writer of a pipe; reading does, a while. */
static int open_file(const char *path, struct stat *ret_stat)
{
	int err = 0;
	int fd;

	if (is_stdin(path) && stdin_error)
		return stdin_error;
	fd = open(real_path(path),
		O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, ret_stat) < 0)
		err = -errno;
	else if (S_ISDIR(ret_stat->st_mode))
		err = -EISDIR;
	else if (!S_ISFIFO(ret_stat->st_mode) && fcntl(fd, F_SETFL, 0) < 0)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static void report_io(const char *path, size_t max, int err,
	enum diag_severity severity, const struct diag_place *place,
	const char *keyword, struct diag_list *diags)
{
	char hint[128];

	if (err == ENODATA || err == ETIME) {
		diag_add(diags, severity, DIAG_IO, place, keyword,
			hint_for(err, false), "'%s' is a pipe, and nothing %s",
			path, err == ENODATA ? "is in it" : SILENT_TEXT);
		return;
	}
	if (is_stdin(path) && err != EFBIG) {
		diag_add(diags, severity, DIAG_IO, place, keyword, NULL,
			"cannot read standard input: %s", strerror(err));
		return;
	}
	if (err != EFBIG) {
		diag_add(diags, severity, DIAG_IO, place, keyword,
			hint_for(err, keyword[0] != '\0'),
			"cannot read '%s': %s", path, strerror(err));
		return;
	}
	snprintf(hint, sizeof(hint),
		"all files together may have at most %zu bytes", max);
	diag_add(diags, severity, DIAG_TOO_LARGE, place, keyword, hint,
		"'%s' is too large for a configuration", path);
}

static int read_path(const char *path, size_t max, struct file_text *ret)
{
	struct file_text f = { .text = NULL };
	struct stat st;
	int fd = open_file(path, &st);
	int err;

	if (fd < 0)
		return fd;
	f.dev = st.st_dev;
	f.ino = st.st_ino;
	if (S_ISREG(st.st_mode) && (size_t)st.st_size > max)
		err = -EFBIG;
	else
		err = read_all(fd, (size_t)st.st_size, max, &f);
	if (!err && !f.len && S_ISFIFO(st.st_mode))
		err = -ENODATA;
	close(fd);
	if (err) {
		x_free(f.text);
		return err;
	}
	*ret = f;
	return 0;
}

int file_read(const char *path, size_t max, enum diag_severity severity,
	const struct diag_place *place, const char *keyword,
	struct diag_list *diags, struct file_text *ret)
{
	int err = read_path(path, max, ret);

	if (err)
		report_io(path, max, -err, severity, place, keyword, diags);
	return err;
}

int file_read_again(const char *path, struct file_text *ret)
{
	struct stat st;

	/* A pipe has nothing more to say. */
	if (stat(real_path(path), &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return read_path(path, (size_t)st.st_size, ret);
}

static struct diag_place place_of(
	const char *name, const char *text, size_t offset)
{
	struct diag_place place = { .file = name, .line = 1 };
	size_t start = 0;

	for (size_t i = 0; i < offset; i++)
		if (text[i] == '\n') {
			place.line++;
			start = i + 1;
		}
	place.column = (uint32_t)(offset - start) + 1;
	place.length = 1;
	return place;
}

static bool is_odd(unsigned char c)
{
	return c < '\b' || (c > '\r' && c < ' ' && c != 033) || c == 0x7F;
}

static bool is_utf16(const char *text, size_t len)
{
	return len >= 2 &&
	       (!memcmp(text, "\xFF\xFE", 2) || !memcmp(text, "\xFE\xFF", 2));
}

typedef unsigned char byte_block __attribute__((vector_size(16)));

/* Is any of the bytes of a block odd?  The same as is_odd(). */
static bool is_odd_block(const char *text)
{
	const byte_block zero = { 0 };
	uint64_t half[2];
	byte_block odd;
	byte_block b;

	memcpy(&b, text, sizeof(b));
	odd = (byte_block)((b < zero + '\b') | (b == zero + 0x7F) |
			   ((b > zero + '\r') & (b < zero + ' ') &
				   (b != zero + 033)));
	memcpy(half, &odd, sizeof(half));
	return half[0] | half[1];
}

/* Counts the odd bytes of TEXT; *RET_FIRST is where the first one is. */
static size_t count_odd(const char *text, size_t len, size_t *ret_first)
{
	size_t i = 0;
	size_t n = 0;

	while (i < len) {
		size_t end = i + sizeof(byte_block);

		if (end <= len && !is_odd_block(text + i)) {
			i = end;
			continue;
		}
		for (; i < len && i < end; i++)
			if (is_odd((unsigned char)text[i]) && !n++)
				*ret_first = i;
	}
	return n;
}

/* Lines of an old Macintosh: all of it would be one line. */
static bool is_one_line_of_many(const char *text, size_t len)
{
	const char *cr;

	if (!len || memchr(text, '\n', len))
		return false;
	while (len && strchr(" \t\r", text[len - 1]))
		len--;
	cr = len ? memchr(text, '\r', len) : NULL;
	return cr != NULL;
}

bool file_is_text(const char *name, const char *text, size_t len,
	enum diag_severity severity, struct diag_list *diags)
{
	const char *nul = len ? memchr(text, '\0', len) : NULL;
	const char *hint = "this does not look like a configuration file";
	size_t first = 0;
	struct diag_place place;

	if (!nul && count_odd(text, len, &first) <= len / 100) {
		if (!is_one_line_of_many(text, len))
			return true;
		place = (struct diag_place){ .file = name };
		diag_add(diags, severity, DIAG_NOT_TEXT, &place, "",
			"save it with Unix line ends",
			"the lines end in carriage returns alone: all of it "
			"is one line");
		return false;
	}
	if (nul)
		first = (size_t)(nul - text);
	if (is_utf16(text, len)) {
		first = 0;
		hint = "the file is UTF-16: save it as UTF-8";
	}
	place = place_of(name, text, first);
	diag_add(diags, severity, DIAG_NOT_TEXT, &place, "", hint,
		"the file is not text: byte 0x%02x",
		(unsigned int)(unsigned char)text[first]);
	return false;
}

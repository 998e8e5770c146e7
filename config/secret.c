/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"

#define SECRET_BYTES_MAX 1024
#define PEM_BYTES_MAX 65536

static const char file_prefix[] = "file:";
static const char credential_prefix[] = "credential:";

static bool begins(const char *text, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && !memcmp(text, prefix, strlen(prefix));
}

bool secret_is_credential(const char *text, size_t len)
{
	return begins(text, len, credential_prefix);
}

bool secret_is_reference(const char *text, size_t len)
{
	return begins(text, len, file_prefix) ||
	       secret_is_credential(text, len);
}

/* What a report needs. */
struct reading {
	bool pem; /* many lines, and perhaps no secret */
	const char *keyword;
	bool strict;
	const struct diag_place *place;
	struct diag_list *diags;
};

static void report(const struct reading *r, enum diag_severity severity,
	enum diag_code code, const char *hint, const char *what,
	const char *path)
{
	diag_add(r->diags, severity, code, r->place, r->keyword, hint,
		"%s'%s' %s", r->pem ? "" : "the secret in ", path, what);
}

/* A path beside the file that names it, unless it is absolute. */
static char *path_of_file(const char *name, const char *from)
{
	const char *slash = strrchr(from, '/');

	if (name[0] == '/' || !slash)
		return x_strdup(name);
	return x_asprintf("%.*s/%s", (int)(slash - from), from, name);
}

static char *path_of_credential(const struct reading *r, const char *name)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");

	if (strchr(name, '/') || !*name || name[0] == '.') {
		diag_add(r->diags, DIAG_ERROR, DIAG_VALUE_TYPE, r->place,
			r->keyword, "credential:NAME, as in LoadCredential=",
			"'%s' is no name of a credential", name);
		return NULL;
	}
	if (!directory) {
		diag_add(r->diags, DIAG_ERROR, DIAG_IO, r->place, r->keyword,
			"LoadCredential=NAME:PATH in the unit passes it",
			"there is no credential '%s': the program was not "
			"started by systemd with one",
			name);
		return NULL;
	}
	return x_asprintf("%s/%s", directory, name);
}

/* What systemd passes on is readable by whom it says; keepalived's words for
 * it are file:${_ENV CREDENTIALS_DIRECTORY}/NAME. */
static bool is_credential(const char *path)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	size_t len = directory ? strlen(directory) : 0;

	return len && !strncmp(path, directory, len) && path[len] == '/' &&
	       !strstr(path + len, "/../");
}

/* False when the file is not to be trusted. */
static bool check_access(
	const struct reading *r, const char *path, const struct stat *st)
{
	char hint[96];

	snprintf(hint, sizeof(hint), "chmod 0600, owner root; it is mode %04o",
		(unsigned int)st->st_mode & 07777);
	if (!S_ISREG(st->st_mode)) {
		report(r, DIAG_ERROR, DIAG_IO, NULL, "is no regular file", path);
		return false;
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH) ||
		(st->st_uid != 0 && st->st_uid != geteuid())) {
		report(r, DIAG_ERROR, DIAG_SECRET_FILE, hint,
			"can be changed by others", path);
		return false;
	}
	if (!(st->st_mode & (S_IRGRP | S_IROTH)))
		return true;
	report(r, r->strict ? DIAG_ERROR : DIAG_WARNING,
		r->pem ? DIAG_SECRET_FILE : DIAG_SECRET_READABLE, hint,
		"can be read by others", path);
	/* --lenient goes on, as keepalived does. */
	return true;
}

/* The text without its line end; NULL when it is none. */
static char *take_text(const struct reading *r, const char *path,
	const char *bytes, size_t len)
{
	if (len && bytes[len - 1] == '\n')
		len--;
	if (len && bytes[len - 1] == '\r')
		len--;
	if (len > SECRET_BYTES_MAX)
		report(r, DIAG_ERROR, DIAG_TOO_LARGE, NULL, "is too long", path);
	else if (!len)
		report(r, DIAG_ERROR, DIAG_EMPTY, NULL, "is empty", path);
	else if (memchr(bytes, '\0', len) || memchr(bytes, '\n', len))
		report(r, DIAG_ERROR, DIAG_NOT_TEXT, NULL,
			"is not one line of text", path);
	else
		return x_strndup(bytes, len);
	return NULL;
}

static char *take_pem(const struct reading *r, const char *path,
	const char *bytes, size_t len)
{
	if (len > PEM_BYTES_MAX)
		report(r, DIAG_ERROR, DIAG_TOO_LARGE, NULL, "is too long", path);
	else if (!len)
		report(r, DIAG_ERROR, DIAG_EMPTY, NULL, "is empty", path);
	else if (memchr(bytes, '\0', len) || !strstr(bytes, "-----BEGIN "))
		report(r, DIAG_ERROR, DIAG_NOT_TEXT,
			"openssl x509 -inform DER -in FILE makes one of DER",
			"is no PEM file", path);
	else
		return x_strndup(bytes, len);
	return NULL;
}

static bool has_key(const char *bytes)
{
	return strstr(bytes, "PRIVATE KEY-----") != NULL;
}

/* Reads FD, which is PATH, of mode ST. */
static char *read_open(const struct reading *r, const char *path, int fd,
	const struct stat *st, bool checked)
{
	size_t max = r->pem ? PEM_BYTES_MAX : SECRET_BYTES_MAX;
	char *bytes = x_calloc(1, max + 4);
	char *text = NULL;
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, bytes + len, max + 3 - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		report(r, DIAG_ERROR, DIAG_IO, NULL, "cannot be read", path);
	else if (r->pem && checked && has_key(bytes) &&
		!check_access(r, path, st))
		text = NULL; /* reported */
	else if (r->pem)
		text = take_pem(r, path, bytes, len);
	else
		text = take_text(r, path, bytes, len);
	explicit_bzero(bytes, max + 4);
	x_free(bytes);
	return text;
}

static char *read_path(const struct reading *r, const char *path, bool checked)
{
	struct stat st;
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0)
		diag_add(r->diags, DIAG_ERROR, DIAG_IO, r->place, r->keyword,
			NULL, "cannot read %s'%s': %s",
			r->pem ? "" : "the secret in ", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) && checked)
		report(r, DIAG_ERROR, DIAG_IO, NULL, "is no regular file", path);
	else if (r->pem || !checked || check_access(r, path, &st))
		text = read_open(r, path, fd, &st, checked);
	if (fd >= 0)
		close(fd);
	return text;
}

char *secret_read(const char *text, size_t len, const char *keyword,
	bool strict, const struct diag_place *place, struct diag_list *diags)
{
	const struct reading r = {
		.keyword = keyword,
		.strict = strict,
		.place = place,
		.diags = diags,
	};
	bool is_file = begins(text, len, file_prefix);
	const char *prefix = is_file ? file_prefix : credential_prefix;
	char *name = x_strndup(text + strlen(prefix), len - strlen(prefix));
	char *path = is_file ? path_of_file(name, place->file)
			     : path_of_credential(&r, name);
	char *secret = path ? read_path(&r, path,
				      is_file && !is_credential(path))
			    : NULL;

	x_free(path);
	x_free(name);
	return secret;
}

char *secret_read_pem(const char *text, size_t len, const char *keyword,
	const struct diag_place *place, struct diag_list *diags)
{
	const struct reading r = {
		.pem = true,
		.keyword = keyword,
		.place = place,
		.diags = diags,
	};
	bool credential = begins(text, len, credential_prefix);
	size_t skip = credential ? strlen(credential_prefix) : 0;
	char *name;
	char *path;
	char *pem;

	if (begins(text, len, file_prefix))
		skip = strlen(file_prefix);
	name = x_strndup(text + skip, len - skip);
	path = credential ? path_of_credential(&r, name)
			  : path_of_file(name, place->file);
	pem = path ? read_path(&r, path,
			     !credential && !is_credential(path))
		   : NULL;
	x_free(path);
	x_free(name);
	return pem;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of tls_verify: healthcheck reads them when it makes its checks,
 * under its own account.  One that it cannot use would take servers down that
 * are well, so it is said where the configuration is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "healthcheck/check_conf.h"
#include "lib/mem.h"
#include "lib/privileges.h"

/* Of a bundle so much is searched for its first certificate. */
#define CA_HEAD_MAX 262144

/* A file that has been looked at. */
struct ca_file {
	UT_hash_handle hh;
	char path[];
};

/* The last statement KEYWORD in block NODE, which holds. */
static uint32_t find_statement(
	const struct conf_bind *ctx, uint32_t node, const char *keyword)
{
	uint32_t found = CONF_NODE_NONE;

	conf_for_each_child(ctx->tree, node, child)
		if (!strcmp(conf_node_keyword(ctx->tree, child), keyword))
			found = child;
	return found;
}

/* Where the file of CHECK is named: in itself, or in SSL. */
static uint32_t ca_statement(
	const struct conf_bind *ctx, const struct check_config *check)
{
	uint32_t node = find_statement(ctx, check->node, "tls_verify");

	if (node != CONF_NODE_NONE && conf_node_n_args(ctx->tree, node))
		return node;
	node = find_statement(ctx, 0, "SSL");
	if (node != CONF_NODE_NONE)
		node = find_statement(ctx, node, "ca");
	return node != CONF_NODE_NONE ? node : check->node;
}

static void report_unreadable(
	struct conf_bind *ctx, uint32_t node, const char *path, int err)
{
	if (err == -EACCES && geteuid() != 0)
		conf_report(ctx, DIAG_WARNING, DIAG_IO, node, 0,
			"check as root", "CA file '%s' cannot be looked at: %s",
			path, strerror(-err));
	else
		conf_report(ctx, DIAG_ERROR, DIAG_IO, node, 0, NULL,
			"cannot read CA file '%s': %s", path, strerror(-err));
}

static void report_forbidden(
	struct conf_bind *ctx, uint32_t node, const char *path, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	conf_report(ctx, DIAG_ERROR, DIAG_IO, node, 0,
		"healthcheck runs as this account: let it read the file, and "
		"search the directories above",
		"user '%s' may not read CA file '%s'",
		pw ? pw->pw_name : PRIVILEGES_USER, path);
}

static bool holds_certificate(int fd)
{
	static const char *const marks[] = {
		"-----BEGIN CERTIFICATE-----",
		"-----BEGIN X509 CERTIFICATE-----",
		"-----BEGIN TRUSTED CERTIFICATE-----",
	};
	char *head = x_realloc(NULL, CA_HEAD_MAX, 1);
	bool found = false;
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, head + len, CA_HEAD_MAX - len)) > 0)
		len += (size_t)n;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		found |= memmem(head, len, marks[i], strlen(marks[i])) != NULL;
	x_free(head);
	return found;
}

static void look_at_content(
	struct conf_bind *ctx, uint32_t node, const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		conf_report(ctx, DIAG_ERROR, DIAG_IO, node, 0, NULL,
			"CA file '%s' is no regular file", path);
	else if (!holds_certificate(fd))
		conf_report(ctx, DIAG_ERROR, DIAG_NOT_TEXT, node, 0,
			"PEM is wanted: openssl x509 -inform DER -in FILE "
			"makes it of DER",
			"CA file '%s' holds no certificate", path);
}

static void look_at(struct conf_bind *ctx, uint32_t node, const char *path)
{
	struct privileges_ids ids;
	int own;
	int err;
	int fd;

	if (path[0] != '/') {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, 0,
			"healthcheck does not run where this file is",
			"CA file '%s' must be an absolute path", path);
		return;
	}
	/* What is missing is missing for everybody; but root may lack the
	 * capability to read what is the account's alone. */
	ids = privileges_find_ids();
	own = privileges_open(path, &ids);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	err = fd < 0 && own < 0 ? -errno : 0;
	if (err)
		report_unreadable(ctx, node, path, err);
	else
		look_at_content(ctx, node, path, fd >= 0 ? fd : own);
	if (!err && own == -EACCES)
		report_forbidden(ctx, node, path, ids.uid);
	if (fd >= 0)
		close(fd);
	if (own >= 0)
		close(own);
}

static void look_at_once(struct conf_bind *ctx, struct ca_file **seen,
	const struct check_config *check)
{
	size_t len = strlen(check->tls_ca);
	struct ca_file *file;

	HASH_FIND(hh, *seen, check->tls_ca, len, file);
	if (file)
		return;
	file = x_calloc(1, sizeof(*file) + len + 1);
	memcpy(file->path, check->tls_ca, len + 1);
	HASH_ADD_KEYPTR(hh, *seen, file->path, len, file);
	look_at(ctx, ca_statement(ctx, check), file->path);
}

static void look_at_server(struct conf_bind *ctx, struct ca_file **seen,
	const struct check_server *server)
{
	for (uint32_t i = 0; i < server->checks.n; i++) {
		const struct check_config *check = server->checks.items[i];

		if (check->kind == CHECK_KIND_SSL && check->tls_verify &&
			check->tls_ca)
			look_at_once(ctx, seen, check);
	}
}

void check_ca_verify(struct conf_bind *ctx, const struct check_conf *conf)
{
	struct ca_file *seen = NULL;
	struct ca_file *file;
	struct ca_file *next;

	/* A role binds what was looked at. */
	if (!ctx->diags)
		return;
	for (uint32_t i = 0; i < conf->services.n; i++) {
		const struct check_service *service = conf->services.items[i];

		for (uint32_t k = 0; k < service->servers.n; k++)
			look_at_server(ctx, &seen, service->servers.items[k]);
	}
	HASH_ITER (hh, seen, file, next) {
		HASH_DEL(seen, file);
		x_free(file);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/fifo_conf.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

static const char *copy_arg(
	struct conf_bind *ctx, uint32_t node, uint32_t arg)
{
	const char *text = conf_node_arg(ctx->tree, node, arg);

	return text ? arena_strdup(ctx->arena, text) : NULL;
}

/* A colon in front of a group is for supplementary groups of scripts. */
static const char *group_arg(
	struct conf_bind *ctx, uint32_t node, uint32_t arg)
{
	const char *text = copy_arg(ctx, node, arg);

	if (text && !strcmp(text, ":"))
		return copy_arg(ctx, node, arg + 1);
	return text && *text == ':' ? text + 1 : text;
}

void fifo_conf_bind(struct conf_bind *ctx, uint32_t node, struct fifo_word *word)
{
	const char *path;

	if (conf_arg_string(ctx, node, 0, &path) < 0)
		return;
	conf_check_extra(ctx, node, 3);
	word->node = node;
	word->path = path;
	word->user = copy_arg(ctx, node, 1);
	word->group = copy_arg(ctx, node, 2);
}

void fifo_conf_bind_user(
	struct conf_bind *ctx, uint32_t node, struct fifos_conf *conf)
{
	conf->user = copy_arg(ctx, node, 0);
	conf->group = group_arg(ctx, node, 1);
}

/* --- what is wrong --- */

static void check_directory(struct conf_bind *ctx, const struct fifo_word *word)
{
	char *copy = arena_strdup(ctx->arena, word->path);
	const char *dir = dirname(copy);
	struct stat st;

	if (stat(dir, &st) == 0 || errno != ENOENT)
		return;
	conf_report(ctx, DIAG_WARNING, DIAG_IO, word->node, 0,
		"the FIFO is made, the directory is not",
		"there is no directory '%s'", dir);
}

static void check_path(struct conf_bind *ctx, const struct fifo_word *word)
{
	struct stat st;

	if (word->path[0] != '/') {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, word->node, 0,
			"a daemon has no directory of its own to start from",
			"'%s' is not the whole path of a FIFO", word->path);
	} else if (lstat(word->path, &st) < 0) {
		check_directory(ctx, word);
	} else if (!S_ISFIFO(st.st_mode)) {
		conf_report(ctx, DIAG_ERROR, DIAG_CONFLICT, word->node, 0,
			"name another path, or remove what is there",
			"'%s' is there and is no FIFO", word->path);
	}
}

static void check_owner(struct conf_bind *ctx, const struct fifo_word *word)
{
	if (word->user && !getpwnam(word->user))
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE, word->node, 1,
			NULL, "there is no user '%s' to own the FIFO",
			word->user);
	if (word->group && !getgrnam(word->group))
		conf_report(ctx, DIAG_ERROR, DIAG_REFERENCE, word->node, 2,
			NULL, "there is no group '%s' to own the FIFO",
			word->group);
}

static void check_word(struct conf_bind *ctx, const struct fifo_word *word)
{
	if (!ctx->diags)
		return;
	if (word->path) {
		check_path(ctx, word);
		check_owner(ctx, word);
	} else if (word->script.node) {
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			word->script.node, -1, NULL,
			"there is no FIFO for this program to read");
	}
}

/* --- the list --- */

static struct fifo_conf *find(struct fifos_conf *conf, const char *path)
{
	unsigned int i;

	for (i = 0; i < conf->n; i++)
		if (!strcmp(conf->list[i].word->path, path))
			return &conf->list[i];
	return NULL;
}

static void add(struct conf_bind *ctx, struct fifos_conf *conf,
	const struct fifo_word *word, unsigned int events)
{
	const struct conf_script *script =
		word->script.node ? &word->script : NULL;
	struct fifo_conf *same;

	check_word(ctx, word);
	if (!word->path || word->path[0] != '/')
		return;
	same = find(conf, word->path);
	if (!same) {
		conf->list[conf->n++] =
			(struct fifo_conf){ word, script, events };
		return;
	}
	if (same->events == (FIFO_VRRP | FIFO_LVS)) {
		conf_report(ctx, DIAG_WARNING, DIAG_DUPLICATE, word->node, 0,
			"this one is ignored",
			"notify_fifo has everything that goes to '%s'",
			word->path);
		return;
	}
	same->events |= events;
	if (!same->script)
		same->script = script;
	else if (script)
		conf_report(ctx, DIAG_WARNING, DIAG_DUPLICATE, script->node, -1,
			"this one is ignored",
			"'%s' has a program that reads it already", word->path);
}

void fifo_conf_finish(struct conf_bind *ctx, struct fifos_conf *conf)
{
	conf->n = 0;
	add(ctx, conf, &conf->all, FIFO_VRRP | FIFO_LVS);
	add(ctx, conf, &conf->vrrp, FIFO_VRRP);
	add(ctx, conf, &conf->lvs, FIFO_LVS);
}

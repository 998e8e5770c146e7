/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/mail_conf.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/timeutil.h"

#define PORT 25
#define SECONDS(n) ((n)*USEC_PER_SEC)
/* RFC 5321 4.5.3.1.3 has 256 with the brackets. */
#define ADDRESS_MAX 254

bool mail_conf_is_on(const struct mail_conf *conf)
{
	return conf->server && conf->recipients.n;
}

/* --- addresses --- */

/* Whether LEN bytes of TEXT may stand between the brackets of a command: no
 * blank, no bracket, nothing that ends a line. */
static bool is_address(const char *text, size_t len)
{
	size_t i;

	if (!len || len > ADDRESS_MAX)
		return false;
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f ||
			text[i] == '<' || text[i] == '>')
			return false;
	return true;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* "ADDRESS", or "NAME <ADDRESS>". */
static bool split_address(const char *text, const char **ret, size_t *ret_len)
{
	const char *open = strrchr(text, '<');
	const char *close = open ? strchr(open, '>') : NULL;

	if (open && (!close || close[1]))
		return false;
	*ret = open ? open + 1 : text;
	*ret_len = open ? (size_t)(close - open - 1) : strlen(text);
	return is_address(*ret, *ret_len) && is_printable(text);
}

/* TEXT is argument ARG of NODE, or its keyword (-1). */
static struct mail_recipient *read_address(
	struct conf_bind *ctx, uint32_t node, int arg, const char *text)
{
	struct mail_recipient *recipient;
	const char *address;
	size_t len;

	if (!split_address(text, &address, &len)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, arg,
			"admin@example.com, or \"Admin <admin@example.com>\"",
			"'%s' is no mail address", text);
		return NULL;
	}
	recipient = arena_new_object(ctx->arena, struct mail_recipient);
	recipient->header = arena_strdup(ctx->arena, text);
	recipient->address = arena_strndup(ctx->arena, address, len);
	return recipient;
}

static void add_recipient(struct conf_bind *ctx, uint32_t node, int arg,
	const char *text, struct mail_conf *conf)
{
	struct mail_recipient *recipient = read_address(ctx, node, arg, text);

	conf->recipients_node = conf_node_parent(ctx->tree, node);
	if (recipient)
		conf_list_add(ctx->arena, &conf->recipients, recipient);
}

static const char *join(
	struct arena *arena, const char *name, const char *address)
{
	size_t size = strlen(name) + strlen(address) + 2;
	char *both = arena_alloc(arena, size);

	snprintf(both, size, "%s %s", name, address);
	return both;
}

/* Each word of each line is one, but for "Name" <address>, which people write
 * though keepalived takes it for two. */
static void bind_recipients(struct conf_bind *ctx, uint32_t node, void *target)
{
	int n = (int)conf_node_n_args(ctx->tree, node);
	const char *text = conf_node_keyword(ctx->tree, node);
	int i;

	for (i = -1; i < n; i++) {
		const char *next =
			conf_node_arg(ctx->tree, node, (uint32_t)(i + 1));

		if (i >= 0)
			text = conf_node_arg(ctx->tree, node, (uint32_t)i);
		if (next && next[0] == '<' && !strchr(text, '@')) {
			text = join(ctx->arena, text, next);
			i++;
		}
		add_recipient(ctx, node, i, text, target);
	}
}

static void bind_from(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct mail_conf *conf = target;
	const char *text;

	if (conf_arg_string(ctx, node, 0, &text) == 0)
		conf->from = read_address(ctx, node, 0, text);
	conf_check_extra(ctx, node, 1);
}

/* --- the server --- */

static bool is_host(const char *text)
{
	return is_address(text, strlen(text)) && text[0] != '-';
}

static void bind_server(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct mail_conf *conf = target;
	const char *host;

	if (conf_arg_string(ctx, node, 0, &host) < 0)
		return;
	if (!is_host(host)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, 0, NULL,
			"'%s' is no host", host);
		return;
	}
	if (conf_node_n_args(ctx->tree, node) > 1 &&
		conf_arg_int(ctx, node, 1, 1, 65535, &conf->port) < 0)
		return;
	conf_check_extra(ctx, node, 2);
	conf->server = host;
}

static void bind_helo(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct mail_conf *conf = target;
	const char *name;

	if (conf_arg_string(ctx, node, 0, &name) < 0)
		return;
	if (!is_host(name)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, 0, NULL,
			"'%s' is no name of a host", name);
		return;
	}
	conf_check_extra(ctx, node, 1);
	conf->helo = name;
}

/* --- global_defs --- */

static void bind_alert_at(struct conf_bind *ctx, uint32_t node, int *ret)
{
	bool value = true;

	conf_check_extra(ctx, node, 1);
	if (conf_node_n_args(ctx->tree, node) &&
		conf_arg_bool(ctx, node, 0, &value) < 0)
		return;
	*ret = value;
}

static void bind_alert(struct conf_bind *ctx, uint32_t node, void *target)
{
	bind_alert_at(ctx, node, &((struct mail_conf *)target)->alert);
}

static void bind_alert_vrrp(struct conf_bind *ctx, uint32_t node, void *target)
{
	bind_alert_at(ctx, node, &((struct mail_conf *)target)->alert_vrrp);
}

static void bind_alert_checker(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	bind_alert_at(ctx, node, &((struct mail_conf *)target)->alert_checker);
}

static void put_switch(int value, FILE *out)
{
	if (value >= 0)
		fputs(value ? "on" : "off", out);
}

static void show_alert(const void *target, FILE *out)
{
	put_switch(((const struct mail_conf *)target)->alert, out);
}

static void show_alert_vrrp(const void *target, FILE *out)
{
	put_switch(((const struct mail_conf *)target)->alert_vrrp, out);
}

static void show_alert_checker(const void *target, FILE *out)
{
	put_switch(((const struct mail_conf *)target)->alert_checker, out);
}

#define AT(field) .offset = offsetof(struct mail_conf, field)

static const struct conf_keyword globals_keywords[] = {
	{ .name = "router_id",
		.type = CONF_STRING,
		.flags = CONF_SHARED,
		AT(router_id),
		.args = "NAME",
		.doc = "The name of this director in mails." },
	{ .name = "notification_email",
		.type = CONF_LIST,
		.flags = CONF_MULTI,
		.bind = bind_recipients,
		.args = "{ ADDRESS ... }",
		.doc = "Who gets mail: addresses, or quoted names with an "
		       "address in angle brackets. Without them, or without "
		       "smtp_server, there is no mail.",
		.example = "notification_email { admin@example.com }" },
	{ .name = "notification_email_from",
		.type = CONF_CUSTOM,
		.bind = bind_from,
		.args = "ADDRESS",
		.default_text = "root@ the host name",
		.doc = "The sender of mails.",
		.example = "notification_email_from tandem@example.com" },
	{ .name = "smtp_server",
		.type = CONF_CUSTOM,
		.bind = bind_server,
		.args = "HOST [PORT]",
		.doc = "The mail server: plain SMTP, at port 25 if none is "
		       "said.",
		.compat = "a name is looked up when there is mail to send, not "
			  "once at the start",
		.example = "smtp_server 192.0.2.25" },
	{ .name = "smtp_connect_timeout",
		.type = CONF_TIME,
		.flags = CONF_WHOLE,
		AT(timeout_us),
		.min = SECONDS(1),
		.max = SECONDS(3600),
		.args = "SECONDS",
		.default_text = "30",
		.doc = "How long to wait for the mail server at each step." },
	{ .name = "smtp_helo_name",
		.type = CONF_CUSTOM,
		.bind = bind_helo,
		.args = "NAME",
		.default_text = "the host name",
		.doc = "What the mail server is told.",
		.example = "smtp_helo_name director1.example.com" },
	{ .name = "smtp_alert",
		.type = CONF_CUSTOM,
		.bind = bind_alert,
		.show = show_alert,
		.args = "[BOOL]",
		.doc = "Whether there is mail about what says nothing of it "
		       "itself. Not said: about real servers alone.",
		.example = "smtp_alert on" },
	{ .name = "smtp_alert_vrrp",
		.type = CONF_CUSTOM,
		.bind = bind_alert_vrrp,
		.show = show_alert_vrrp,
		.args = "[BOOL]",
		.doc = "As smtp_alert, which it overrides, for VRRP.",
		.example = "smtp_alert_vrrp on" },
	{ .name = "smtp_alert_checker",
		.type = CONF_CUSTOM,
		.bind = bind_alert_checker,
		.show = show_alert_checker,
		.args = "[BOOL]",
		.doc = "As smtp_alert, which it overrides, for virtual and "
		       "real servers.",
		.example = "smtp_alert_checker on" },
	{ .name = "no_email_faults",
		.type = CONF_FLAG,
		AT(no_faults),
		.args = "",
		.doc = "No mail about FAULT." },
	{ .name = "no_checker_emails",
		.type = CONF_BOOL,
		AT(no_checks),
		.args = "[BOOL]",
		.doc = "Of checks that pass or fail only those are mailed "
		       "that change the real server." },
	{ .name = NULL },
};

static void conf_init(void *target, const void *parent)
{
	(void)parent;
	*(struct mail_conf *)target = (struct mail_conf){
		.port = PORT,
		.timeout_us = SECONDS(30),
		.alert = -1,
		.alert_vrrp = -1,
		.alert_checker = -1,
	};
}

/* Several global_defs blocks add up, in the struct of the root. */
static void globals_init(void *target, const void *parent)
{
	*(struct mail_conf *)target = *(const struct mail_conf *)parent;
}

static void globals_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	(void)ctx;
	(void)node;
	*(struct mail_conf *)parent = *(const struct mail_conf *)target;
}

static const struct conf_block globals_block = {
	.size = sizeof(struct mail_conf),
	.keywords = globals_keywords,
	.init = globals_init,
	.finish = globals_finish,
};

/* --- who says something of it itself --- */

bool mail_conf_wants(
	const struct mail_conf *conf, enum mail_subject subject)
{
	int alert = subject == MAIL_SUBJECT_VRRP ? conf->alert_vrrp
						 : conf->alert_checker;

	if (alert >= 0)
		return alert;
	return conf->alert >= 0 ? conf->alert : subject == MAIL_SUBJECT_SERVER;
}

/* Bound to be checked and to be shown; no role reads it. */
struct subject {
	bool alert;
	bool said;
	enum mail_subject kind;
	struct conf_list subjects;
};

static void vrrp_init(void *target, const void *parent)
{
	(void)parent;
	((struct subject *)target)->kind = MAIL_SUBJECT_VRRP;
}

static void service_init(void *target, const void *parent)
{
	(void)parent;
	((struct subject *)target)->kind = MAIL_SUBJECT_SERVICE;
}

static void server_init(void *target, const void *parent)
{
	(void)parent;
	((struct subject *)target)->kind = MAIL_SUBJECT_SERVER;
}

static void subject_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct subject *subject = target;

	(void)parent;
	conf_for_each_child(ctx->tree, node, child)
		subject->said |= !strcmp(
			conf_node_keyword(ctx->tree, child), "smtp_alert");
}

/* What global_defs says may stand behind them. */
static void resolve(
	const struct mail_conf *conf, const struct conf_list *subjects)
{
	for (uint32_t i = 0; i < subjects->n; i++) {
		struct subject *subject = subjects->items[i];

		if (!subject->said)
			subject->alert = mail_conf_wants(conf, subject->kind);
		resolve(conf, &subject->subjects);
	}
}

static void no_arguments(struct conf_bind *ctx, uint32_t node, void *target)
{
	(void)ctx;
	(void)node;
	(void)target;
}

#define ALERT(default_, inherits_, doc_)                                       \
	{                                                                      \
		.name = "smtp_alert", .type = CONF_BOOL,                       \
		.offset = offsetof(struct subject, alert), .args = "[BOOL]",   \
		.default_text = default_, .inherits = inherits_, .doc = doc_,  \
	}
#define FROM_VRRP "smtp_alert_vrrp smtp_alert"
#define FROM_CHECKER "smtp_alert_checker smtp_alert"
#define SUBJECT(name_, block_)                                                 \
	{                                                                      \
		.name = name_, .type = CONF_BLOCK,                             \
		.flags = CONF_MULTI | CONF_SHARED, .block = block_,            \
		.offset = offsetof(struct subject, subjects),                  \
		.doc = "What may have mail of its own.",                       \
	}

static const struct conf_keyword instance_keywords[] = {
	ALERT("no", FROM_VRRP, "Mail at each change of state."),
	{ .name = NULL },
};

static const struct conf_keyword group_keywords[] = {
	ALERT("no", FROM_VRRP, "Mail at each change of the group's state."),
	{ .name = NULL },
};

static const struct conf_keyword server_keywords[] = {
	ALERT("yes", FROM_CHECKER,
		"Mail when a check of the server passes or fails."),
	{ .name = NULL },
};

static const struct conf_block instance_block = {
	.size = sizeof(struct subject),
	.keywords = instance_keywords,
	.init = vrrp_init,
	.finish = subject_finish,
	.arguments = no_arguments,
};

static const struct conf_block group_block = {
	.size = sizeof(struct subject),
	.keywords = group_keywords,
	.init = vrrp_init,
	.finish = subject_finish,
	.arguments = no_arguments,
};

static const struct conf_block server_block = {
	.size = sizeof(struct subject),
	.keywords = server_keywords,
	.init = server_init,
	.finish = subject_finish,
	.arguments = no_arguments,
};

static const struct conf_keyword service_keywords[] = {
	ALERT("no", FROM_CHECKER, "Mail when the quorum is gained or lost."),
	SUBJECT("real_server", &server_block),
	{ .name = NULL },
};

static const struct conf_block service_block = {
	.size = sizeof(struct subject),
	.keywords = service_keywords,
	.init = service_init,
	.finish = subject_finish,
	.arguments = no_arguments,
};

/* --- the roots --- */

struct root {
	struct mail_conf conf; /* first: the root is used as one */
	struct conf_list globals;
	struct conf_list subjects;
};

#define GLOBALS                                                                \
	{                                                                      \
		.name = "global_defs", .type = CONF_BLOCK,                     \
		.flags = CONF_MULTI | CONF_SHARED,                             \
		.offset = offsetof(struct root, globals),                      \
		.block = &globals_block, .doc = "Settings for everything.",    \
	}
#define ROOT_SUBJECT(name_, block_)                                            \
	{                                                                      \
		.name = name_, .type = CONF_BLOCK,                             \
		.flags = CONF_MULTI | CONF_SHARED,                             \
		.offset = offsetof(struct root, subjects), .block = block_,    \
		.doc = "What may have mail of its own.",                       \
	}

static const struct conf_keyword root_keywords[] = {
	GLOBALS,
	ROOT_SUBJECT("vrrp_instance", &instance_block),
	ROOT_SUBJECT("vrrp_sync_group", &group_block),
	ROOT_SUBJECT("virtual_server", &service_block),
	{ .name = NULL },
};

static const struct conf_keyword globals_root_keywords[] = {
	GLOBALS,
	{ .name = NULL },
};

static void root_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	const struct root *root = target;
	const struct mail_conf *conf = &root->conf;

	(void)node;
	(void)parent;
	if (conf->recipients.n && !conf->server)
		conf_report(ctx, DIAG_WARNING, DIAG_MISSING_KEYWORD,
			conf->recipients_node, -1, "smtp_server HOST [PORT]",
			"there is no smtp_server: nothing is mailed");
	resolve(conf, &root->subjects);
}

const struct conf_block mail_conf_root = {
	.size = sizeof(struct root),
	.keywords = root_keywords,
	.init = conf_init,
	.finish = root_finish,
};

const struct conf_block mail_conf_globals_root = {
	.size = sizeof(struct root),
	.keywords = globals_root_keywords,
	.init = conf_init,
};

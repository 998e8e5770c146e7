/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker blocks: tables, readers of their own words, and what must be
 * there.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "healthcheck/check_conf_rows.h"
#include "lib/timeutil.h"

#define URL_AT(member) offsetof(struct check_url, member)

/* --- url: status_code, digest, regex_options --- */

/* "200" or "200-299"; false when it is neither. */
static bool read_range(const char *text, struct check_range *ret)
{
	char *end;
	long low = strtol(text, &end, 10);
	long high = low;

	if (end == text)
		return false;
	if (*end == '-') {
		const char *pos = end + 1;

		high = strtol(pos, &end, 10);
		if (end == pos)
			return false;
	}
	if (*end || low < 100 || high > 999 || low > high)
		return false;
	ret->low = (uint16_t)low;
	ret->high = (uint16_t)high;
	return true;
}

static void bind_status(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_url *url = target;
	uint32_t n = conf_node_n_args(ctx->tree, node);
	uint32_t i;

	if (!n)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			"status_code 200-299", "a status code is missing");
	for (i = 0; i < n; i++) {
		const char *text = conf_node_arg(ctx->tree, node, i);

		if (url->n_status == CHECK_RANGES_MAX) {
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node,
				(int)i, NULL, "more than %d ranges",
				CHECK_RANGES_MAX);
			return;
		}
		if (read_range(text, &url->status[url->n_status]))
			url->n_status++;
		else
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node,
				(int)i, "CODE or CODE-CODE, 100 to 999",
				"'%s' is no status code or range", text);
	}
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *pos = strchr(digits, c | 0x20);

	return c && pos && *pos ? (int)(pos - digits) : -1;
}

static bool read_digest(const char *text, uint8_t *ret)
{
	unsigned int i;

	if (strlen(text) != CHECK_DIGEST_LEN * 2)
		return false;
	for (i = 0; i < CHECK_DIGEST_LEN; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static void bind_digest(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_url *url = target;
	const char *text;

	if (conf_arg_string(ctx, node, 0, &text) < 0)
		return;
	url->has_digest = read_digest(text, url->digest);
	if (!url->has_digest)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, 0,
			"an MD5 sum in 32 hexadecimal digits",
			"'%s' is no digest", text);
}

static const struct conf_value regex_options[] = {
	{ "allow_empty_class", (int)PCRE2_ALLOW_EMPTY_CLASS },
	{ "alt_bsux", (int)PCRE2_ALT_BSUX },
	{ "auto_callout", (int)PCRE2_AUTO_CALLOUT },
	{ "caseless", (int)PCRE2_CASELESS },
	{ "dollar_endonly", (int)PCRE2_DOLLAR_ENDONLY },
	{ "dotall", (int)PCRE2_DOTALL },
	{ "dupnames", (int)PCRE2_DUPNAMES },
	{ "extended", (int)PCRE2_EXTENDED },
	{ "firstline", (int)PCRE2_FIRSTLINE },
	{ "match_unset_backref", (int)PCRE2_MATCH_UNSET_BACKREF },
	{ "multiline", (int)PCRE2_MULTILINE },
	{ "never_ucp", (int)PCRE2_NEVER_UCP },
	{ "never_utf", (int)PCRE2_NEVER_UTF },
	{ "no_auto_capture", (int)PCRE2_NO_AUTO_CAPTURE },
	{ "no_auto_possess", (int)PCRE2_NO_AUTO_POSSESS },
	{ "no_dotstar_anchor", (int)PCRE2_NO_DOTSTAR_ANCHOR },
	{ "no_start_optimize", (int)PCRE2_NO_START_OPTIMIZE },
	{ "ucp", (int)PCRE2_UCP },
	{ "ungreedy", (int)PCRE2_UNGREEDY },
	{ "utf", (int)PCRE2_UTF },
	{ "never_backslash_c", (int)PCRE2_NEVER_BACKSLASH_C },
	{ "alt_circumflex", (int)PCRE2_ALT_CIRCUMFLEX },
	{ "alt_verbnames", (int)PCRE2_ALT_VERBNAMES },
	{ "use_offset_limit", (int)PCRE2_USE_OFFSET_LIMIT },
	{ NULL, 0 },
};

/* Of other languages, and too far from ours for a guess. */
static bool is_caseless_elsewhere(const char *word)
{
	static const char *const words[] = { "nocase", "no_case", "icase",
		"ignore_case", "ignorecase", "case_insensitive" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(word, words[i]))
			return true;
	return false;
}

static void bind_regex_options(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_url *url = target;
	uint32_t n = conf_node_n_args(ctx->tree, node);
	const char *word;
	uint32_t i;
	int bit;

	for (i = 0; i < (n ? n : 1); i++)
		if (i < n && !conf_arg_string(ctx, node, i, &word) &&
			is_caseless_elsewhere(word))
			conf_report(ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, node,
				i, "did you mean 'caseless'?",
				"'%s' is not known here", word);
		else if (!conf_arg_enum(ctx, node, i, regex_options, &bit))
			url->regex_options |= (uint32_t)bit;
}

/* Bytes of keepalived's matching engine, which is another one. */
static void bind_regex_stack(struct conf_bind *ctx, uint32_t node, void *target)
{
	int64_t start;
	int64_t max;

	(void)target;
	if (conf_arg_int(ctx, node, 0, 1, INT32_MAX, &start) < 0 ||
		conf_arg_int(ctx, node, 1, 1, INT32_MAX, &max) < 0)
		return;
	conf_check_extra(ctx, node, 2);
	if (start > max)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, 0, NULL,
			"the start of the stack is above its maximum");
}

static void url_init(void *target, const void *parent)
{
	(void)parent;
	memset(target, 0, sizeof(struct check_url));
}

/* Control characters would make another request of it. */
static bool is_sendable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static void check_regex(
	struct conf_bind *ctx, uint32_t node, const struct check_url *url)
{
	PCRE2_UCHAR text[160];
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error;

	if (!ctx->diags)
		return; /* checked before */
	code = pcre2_compile((PCRE2_SPTR)url->regex, PCRE2_ZERO_TERMINATED,
		url->regex_options, &error, &offset, NULL);
	pcre2_code_free(code);
	if (code)
		return;
	pcre2_get_error_message(error, text, sizeof(text));
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, -1,
		"see pcre2pattern(3)",
		"the regex is wrong at character %zu: %s", offset + 1,
		(char *)text);
}

static void url_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_url *url = target;

	(void)parent;
	url->node = node;
	if (!url->path) {
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"path /", "a url needs a path");
		url->path = "/";
	} else if (!is_sendable(url->path)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, -1, NULL,
			"control characters in the path");
		url->path = "/";
	}
	if (url->regex)
		check_regex(ctx, node, url);
	if (url->regex_max_offset &&
		url->regex_min_offset > url->regex_max_offset)
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, -1, NULL,
			"regex_min_offset is above regex_max_offset: nothing "
			"can match");
	if (!url->n_status) {
		url->status[0] = (struct check_range){ 200, 299 };
		url->n_status = 1;
	}
}

#define URL_ROWS                                                                                   \
	{ .name = "path", .type = CONF_STRING, .offset = URL_AT(path), .args = "PATH",             \
		.doc = "What is asked for.", .example = "path /health" },                          \
	{ .name = "status_code", .type = CONF_CUSTOM, .bind = bind_status,                         \
		.args = "CODE|CODE-CODE ...", .default_text = "200-299",                           \
		.doc = "Status codes that pass.", .example = "status_code 200 300-399" },          \
	{ .name = "digest", .type = CONF_CUSTOM, .bind = bind_digest, .args = "MD5",               \
		.doc = "MD5 sum that the body must have.",                                         \
		.example = "digest 9b3a0c85a887a256d6939da88aabd8cd" },                            \
	{ .name = "virtualhost", .type = CONF_STRING, .offset = URL_AT(virtualhost),               \
		.args = "NAME", .doc = "Host name for this url.",                                  \
		.default_text = "that of the checker",                                             \
		.example = "virtualhost www.example.com" },                                        \
	{ .name = "regex", .type = CONF_STRING, .flags = CONF_QUOTED, .offset = URL_AT(regex),     \
		.args = "EXPRESSION",                                                              \
		.doc = "Regular expression (PCRE2) that must match in the first 256 KiB of the "   \
		       "body.",                                                                    \
		.compat = "The work is bounded: an expression that takes too many steps counts "   \
			  "as not matching.",                                                      \
		.example = "regex \"status: (ok|fine)\"" },                                        \
	{ .name = "regex_no_match", .type = CONF_FLAG, .offset = URL_AT(regex_no_match),           \
		.doc = "The expression must not match." },                                         \
	{ .name = "regex_options", .type = CONF_CUSTOM, .bind = bind_regex_options,                \
		.flags = CONF_MULTI, .args = "OPTION ...",                                         \
		.doc = "Options of the expression, named as in pcre2api(3).",                      \
		.example = "regex_options caseless multiline" },                                   \
	{ .name = "regex_min_offset", .type = CONF_INT, .offset = URL_AT(regex_min_offset),        \
		.max = INT32_MAX, .args = "BYTES", .default_text = "0",                            \
		.doc = "Where in the body the search begins.",                                     \
		.example = "regex_min_offset 100" },                                               \
	{ .name = "regex_max_offset", .type = CONF_INT, .offset = URL_AT(regex_max_offset),        \
		.max = INT32_MAX, .args = "BYTES", .default_text = "0",                            \
		.doc = "Where in the body a match begins at the latest; 0 = anywhere.",            \
		.example = "regex_max_offset 4096" },                                              \
	{ .name = "regex_stack", .type = CONF_CUSTOM, .bind = bind_regex_stack,                    \
		.args = "START MAX",                                                               \
		.doc = "Accepted: the search needs no stack of its own and its memory is "         \
		       "bounded.",                                                                 \
		.example = "regex_stack 32768 524288" }

static const struct conf_keyword url_keywords[] = {
	URL_ROWS,
	{ .name = NULL },
};

static const struct conf_keyword tls_url_keywords[] = {
	URL_ROWS,
	{ .name = "tls_compliant", .type = CONF_FLAG, .offset = URL_AT(tls_compliant),
		.doc = "The connection must end with a TLS close notice." },
	{ .name = NULL },
};

static const struct conf_block url_block = {
	.size = sizeof(struct check_url),
	.keywords = url_keywords,
	.init = url_init,
	.finish = url_finish,
	.identity = "path",
};

static const struct conf_block tls_url_block = {
	.size = sizeof(struct check_url),
	.keywords = tls_url_keywords,
	.init = url_init,
	.finish = url_finish,
	.identity = "path",
};

/* --- TCP_CHECK --- */

static const struct conf_keyword tcp_keywords[] = {
	CHECK_CONNECTION_ROWS,
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

static void tcp_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_TCP;
}

const struct conf_block check_conf_tcp = {
	.size = CHECK_CONFIG_PLAIN_SIZE,
	.keywords = tcp_keywords,
	.init = tcp_init,
	.finish = check_config_finish,
};

/* --- HTTP_GET, SSL_GET --- */

static const struct conf_value protocols[] = {
	{ "1.0", CHECK_HTTP_1_0 },
	{ "1.0C", CHECK_HTTP_1_0_CLOSE },
	{ "1.0c", CHECK_HTTP_1_0_CLOSE },
	{ "1.1", CHECK_HTTP_1_1 },
	{ NULL, 0 },
};

static void bind_tls_verify(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_config *check = target;

	check->tls_verify = true;
	if (conf_node_n_args(ctx->tree, node))
		conf_arg_string(ctx, node, 0, &check->tls_ca);
}

static void http_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_HTTP;
}

static void ssl_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_SSL;
}

static void http_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;

	check_config_finish(ctx, node, target, parent);
	if (!check->virtualhost)
		check->virtualhost = check->timing.virtualhost;
	if (!check->urls.n)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"url { path / }", "%s needs a url", check->kind_name);
	if (check->tls_name && !check->tls_verify)
		conf_report(ctx, DIAG_WARNING, DIAG_IGNORED, node, -1,
			"add tls_verify", "tls_verify_name without tls_verify");
}

#define HTTP_ROWS                                                                                  \
	{ .name = "virtualhost", .type = CONF_STRING, .offset = CHECK_AT(virtualhost),             \
		.args = "NAME", .default_text = "that of the real_server or virtual_server",       \
		.doc = "Host name that is asked for.",                                             \
		.example = "virtualhost www.example.com" },                                        \
	{ .name = "http_protocol", .type = CONF_ENUM, .offset = CHECK_AT(http_protocol),           \
		.values = protocols, .args = "1.0|1.0C|1.1", .default_text = "1.0",                \
		.doc = "Version of the request; 1.0C and 1.1 ask for the connection to be "        \
		       "closed.",                                                                  \
		.example = "http_protocol 1.1" },                                                  \
	{ .name = "fast_recovery", .type = CONF_BOOL, .offset = CHECK_AT(fast_recovery),           \
		.args = "[BOOL]", .default_text = "no",                                            \
		.doc = "Accepted: all urls are always asked for in one run.",                      \
		.compat = "keepalived asks for one url each delay_loop while a server recovers." },\
	{ .name = "nb_get_retry", .type = CONF_INT, .flags = CONF_DEPRECATED,                      \
		.offset = CHECK_AT(timing.retry), .max = INT32_MAX, .args = "NUMBER",              \
		.doc = "Old name of retry.", .compat = "use retry" }

static const struct conf_keyword http_keywords[] = {
	{ .name = "url", .type = CONF_BLOCK, .flags = CONF_MULTI, .offset = CHECK_AT(urls),
		.block = &url_block, .doc = "What is asked for and what must come; all must pass." },
	HTTP_ROWS,
	CHECK_CONNECTION_ROWS,
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

const struct conf_block check_conf_http = {
	.size = sizeof(struct check_config),
	.keywords = http_keywords,
	.init = http_init,
	.finish = http_finish,
};

static const struct conf_keyword ssl_keywords[] = {
	{ .name = "url", .type = CONF_BLOCK, .flags = CONF_MULTI, .offset = CHECK_AT(urls),
		.block = &tls_url_block,
		.doc = "What is asked for and what must come; all must pass." },
	HTTP_ROWS,
	{ .name = "enable_sni", .type = CONF_FLAG, .offset = CHECK_AT(enable_sni),
		.doc = "Name the virtualhost in the TLS handshake." },
	{ .name = "sni_name", .type = CONF_STRING, .offset = CHECK_AT(sni_name), .args = "NAME",
		.doc = "Name in the TLS handshake, whatever the virtualhost is.",
		.example = "sni_name www.example.com" },
	{ .name = "tls_compliant", .type = CONF_FLAG, .offset = CHECK_AT(tls_compliant),
		.doc = "The connection must end with a TLS close notice." },
	{ .name = "tls_verify", .type = CONF_CUSTOM, .flags = CONF_EXTENSION | CONF_OPTIONAL_ARG,
		.bind = bind_tls_verify, .args = "[CA_FILE]",
		.doc = "The certificate must be valid: signed by one in CA_FILE (else in the ca of "
		       "SSL, else in the system's store), not expired, and for tls_verify_name, "
		       "the name in the handshake or the virtualhost. CA_FILE is an absolute "
		       "path to PEM that the account of healthcheck (tandem) may read.",
		.example = "tls_verify /etc/ssl/certs/internal-ca.pem" },
	{ .name = "tls_verify_name", .type = CONF_STRING, .flags = CONF_EXTENSION,
		.offset = CHECK_AT(tls_name), .args = "NAME",
		.doc = "Name or address that the certificate must bear.",
		.example = "tls_verify_name www.example.com" },
	CHECK_CONNECTION_ROWS,
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

const struct conf_block check_conf_ssl = {
	.size = sizeof(struct check_config),
	.keywords = ssl_keywords,
	.init = ssl_init,
	.finish = http_finish,
};

/* --- MISC_CHECK --- */

/* The runner reads the user by itself; here it only tells checks apart. */
static const char *join_words(
	struct conf_bind *ctx, uint32_t node, uint32_t first)
{
	const char *user = conf_node_arg(ctx->tree, node, first);
	const char *group = conf_node_arg(ctx->tree, node, first + 1);
	char text[128];

	if (!user)
		return "";
	snprintf(text, sizeof(text), "%s %s", user, group ? group : "");
	return arena_strdup(ctx->arena, text);
}

static void bind_user(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_config *check = target;

	check->misc_user = join_words(ctx, node, 0);
}

static const struct conf_keyword misc_keywords[] = {
	{ .name = "misc_path", .type = CONF_SCRIPT, .flags = CONF_QUOTED | CONF_KEEP_ESCAPES,
		.offset = CHECK_AT(script), .args = "COMMAND [USER [GROUP]]", .doc = "The script and its arguments.",
		.example = "misc_path \"/usr/local/bin/check-app 192.0.2.11\"" },
	{ .name = "misc_timeout", .type = CONF_TIME, .flags = CONF_WHOLE, .offset = CHECK_AT(misc_timeout_us),
		.min = 1000, .max = CHECK_TIME_MAX, .args = "SECONDS", .default_text = "delay_loop",
		.doc = "A script that runs longer is ended and counts as a failure." },
	{ .name = "misc_dynamic", .type = CONF_FLAG, .offset = CHECK_AT(misc_dynamic),
		.doc = "Exit statuses 2 to 255 pass and set the weight to two less." },
	{ .name = "user", .type = CONF_CUSTOM, .bind = bind_user, .args = "USER [GROUP]",
		.doc = "Who the script runs as.", .default_text = "script_user",
		.example = "user nobody" },
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

static void misc_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_MISC;
	check->misc_user = "";
}

static void misc_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;

	check_config_finish(ctx, node, target, parent);
	if (check->script.node &&
		conf_node_n_args(ctx->tree, check->script.node) > 1)
		check->misc_user = join_words(ctx, check->script.node, 1);
	if (!check->script.node)
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_KEYWORD, node, -1,
			"misc_path \"/path/to/script\"",
			"MISC_CHECK needs a misc_path");
}

const struct conf_block check_conf_misc = {
	.size = sizeof(struct check_config),
	.keywords = misc_keywords,
	.init = misc_init,
	.finish = misc_finish,
};

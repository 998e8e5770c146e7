/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker blocks of single protocols: SMTP_CHECK, DNS_CHECK, UDP_CHECK
 * and PING_CHECK; and those that are known and not built.
 */
#include <string.h>

#include "healthcheck/check_conf_rows.h"
#include "healthcheck/dns_message.h"
#include "healthcheck/hex_pattern.h"

#define SMTP_PORT 25
#define DNS_PORT 53
#define HELO_DEFAULT "smtpchecker.keepalived.org"
#define UDP_PAYLOAD_MAX 4096

/* --- SMTP_CHECK --- */

/* One word of visible characters: anything else would be another command. */
static bool is_host_name(const char *text)
{
	const char *pos;

	for (pos = text; *pos; pos++)
		if (*pos <= ' ' || *pos > '~')
			return false;
	return pos > text && pos - text <= 255;
}

static void host_init(void *target, const void *parent)
{
	struct check_config *host = target;

	/* Lines of the checker itself are its own connection, not a default
	 * of its hosts. */
	*host = *(const struct check_config *)parent;
	host->target = host->server->endpoint;
	host->connect_port = 0;
	host->source = (struct ip_endpoint){ .port = 0 };
	host->bind_port = 0;
	host->bind_if = NULL;
	host->fwmark = 0;
	host->hosts = (struct conf_list){ .n = 0 };
}

static void resolve_ports(struct check_config *check, uint16_t port)
{
	if (check->connect_port)
		check->target.port = (uint16_t)check->connect_port;
	if (!check->target.port)
		check->target.port = port;
	check->source.port = (uint16_t)check->bind_port;
}

static void host_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	(void)ctx;
	(void)node;
	(void)parent;
	resolve_ports(target, SMTP_PORT);
}

static const struct conf_keyword host_keywords[] = {
	CHECK_CONNECTION_ROWS,
	{ .name = NULL },
};

static const struct conf_block host_block = {
	.size = sizeof(struct check_config),
	.keywords = host_keywords,
	.init = host_init,
	.finish = host_finish,
};

static const struct conf_keyword smtp_keywords[] = {
	{ .name = "helo_name",
		.type = CONF_STRING,
		.offset = CHECK_AT(helo_name),
		.args = "NAME",
		.default_text = HELO_DEFAULT,
		.doc = "Name in the HELO.",
		.example = "helo_name lb.example.com" },
	{ .name = "host",
		.type = CONF_BLOCK,
		.flags = CONF_MULTI | CONF_DEPRECATED,
		.offset = CHECK_AT(hosts),
		.block = &host_block,
		.doc = "Old way to name addresses to connect to, one after the "
		       "other; all must "
		       "pass.",
		.compat = "write the lines in SMTP_CHECK, one SMTP_CHECK for "
			  "each" },
	CHECK_CONNECTION_ROWS,
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

static void smtp_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_SMTP;
	check->helo_name = HELO_DEFAULT;
}

static void resolve_hosts(const struct check_config *check)
{
	uint32_t i;

	for (i = 0; i < check->hosts.n; i++) {
		struct check_config *host = check->hosts.items[i];

		if (host->timing.connect_timeout_us == CHECK_UNSET)
			host->timing.connect_timeout_us =
				check->timing.connect_timeout_us;
	}
}

static void smtp_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;

	check_config_finish(ctx, node, target, parent);
	resolve_ports(check, SMTP_PORT);
	resolve_hosts(check);
	if (is_host_name(check->helo_name))
		return;
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, -1,
		"helo_name lb.example.com", "the helo_name is no host name");
	check->helo_name = HELO_DEFAULT;
}

const struct conf_block check_conf_smtp = {
	.size = sizeof(struct check_config),
	.keywords = smtp_keywords,
	.init = smtp_init,
	.finish = smtp_finish,
};

/* --- DNS_CHECK --- */

static const struct conf_value dns_types[] = {
	{ "A", DNS_TYPE_A },
	{ "NS", DNS_TYPE_NS },
	{ "CNAME", DNS_TYPE_CNAME },
	{ "SOA", DNS_TYPE_SOA },
	{ "MX", DNS_TYPE_MX },
	{ "TXT", DNS_TYPE_TXT },
	{ "AAAA", DNS_TYPE_AAAA },
	{ NULL, 0 },
};

static const struct conf_keyword dns_keywords[] = {
	{ .name = "type",
		.type = CONF_ENUM,
		.flags = CONF_NOCASE,
		.offset = CHECK_AT(dns_type),
		.values = dns_types,
		.args = "A|NS|CNAME|SOA|MX|TXT|AAAA",
		.default_text = "SOA",
		.doc = "Type of the question.",
		.example = "type A" },
	{ .name = "name",
		.type = CONF_STRING,
		.offset = CHECK_AT(dns_name),
		.args = "NAME",
		.default_text = ".",
		.doc = "Name of the question.",
		.example = "name www.example.com" },
	CHECK_CONNECTION_ROWS,
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

static void dns_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_DNS;
	check->dns_type = DNS_TYPE_SOA;
	check->dns_name = ".";
}

static void dns_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;
	uint8_t query[DNS_QUERY_MAX];

	check_config_finish(ctx, node, target, parent);
	resolve_ports(check, DNS_PORT);
	if (dns_query_encode(check->dns_name, DNS_TYPE_A, 0, query) > 0)
		return;
	conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, -1,
		"labels of 1 to 63 characters, 253 in all",
		"'%s' is no domain name", check->dns_name);
	check->dns_name = ".";
}

const struct conf_block check_conf_dns = {
	.size = sizeof(struct check_config),
	.keywords = dns_keywords,
	.init = dns_init,
	.finish = dns_finish,
};

/* --- UDP_CHECK --- */

/* All arguments are one text. */
static const char *join_arguments(struct conf_bind *ctx, uint32_t node)
{
	uint32_t n = conf_node_n_args(ctx->tree, node);
	struct buf_writer w = { .data = NULL };
	const char *text;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const char *arg = conf_node_arg(ctx->tree, node, i);

		buf_put_bytes(&w, arg, strlen(arg));
		buf_put_u8(&w, ' ');
	}
	buf_put_u8(&w, 0);
	text = arena_strdup(ctx->arena, (const char *)w.data);
	buf_writer_free(&w);
	return text;
}

static const uint8_t *copy_bytes(
	struct conf_bind *ctx, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = arena_alloc(ctx->arena, len);

	memcpy(copy, bytes, len);
	return copy;
}

static bool read_hex(struct conf_bind *ctx, uint32_t node, bool with_mask,
	struct check_bytes *ret)
{
	uint8_t bytes[UDP_PAYLOAD_MAX];
	uint8_t mask[UDP_PAYLOAD_MAX];
	int n = hex_pattern_parse(join_arguments(ctx, node), bytes,
		with_mask ? mask : NULL, sizeof(bytes));

	if (n < 0) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, 0,
			with_mask ? "pairs of hexadecimal digits, X for any"
				  : "pairs of hexadecimal digits",
			"these are no 1 to %d bytes", UDP_PAYLOAD_MAX);
		return false;
	}
	ret->len = (uint32_t)n;
	ret->bytes = copy_bytes(ctx, bytes, (size_t)n);
	ret->mask = with_mask ? copy_bytes(ctx, mask, (size_t)n) : NULL;
	return true;
}

static void bind_payload(struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_config *check = target;

	if (conf_node_n_args(ctx->tree, node))
		read_hex(ctx, node, false, &check->payload);
	else
		conf_report(ctx, DIAG_ERROR, DIAG_MISSING_ARGUMENT, node, -1,
			"payload 0a0b0c", "the bytes are missing");
}

static void bind_require_reply(
	struct conf_bind *ctx, uint32_t node, void *target)
{
	struct check_config *check = target;

	check->require_reply = true;
	if (conf_node_n_args(ctx->tree, node))
		read_hex(ctx, node, true, &check->reply);
}

static const struct conf_keyword udp_keywords[] = {
	{ .name = "payload",
		.type = CONF_CUSTOM,
		.bind = bind_payload,
		.args = "HEX ...",
		.default_text = "64 bytes of zero",
		.doc = "What is sent.",
		.compat = "keepalived sends random bytes where there is none.",
		.example = "payload 0a0b 0c0d" },
	{ .name = "require_reply",
		.type = CONF_CUSTOM,
		.bind = bind_require_reply,
		.args = "[HEX ...]",
		.doc = "A reply must come, and begin so; X stands for any "
		       "digit. Without this "
		       "word only a refusal (ICMP) fails.",
		.compat = "A reply that is shorter than HEX fails; keepalived "
			  "compares what is "
			  "there.",
		.example = "require_reply 8XXX 0001" },
	{ .name = "min_reply_length",
		.type = CONF_INT,
		.offset = CHECK_AT(min_reply_length),
		.max = 65535,
		.args = "BYTES",
		.default_text = "0",
		.doc = "Shortest reply that passes, with require_reply.",
		.example = "min_reply_length 12" },
	{ .name = "max_reply_length",
		.type = CONF_INT,
		.offset = CHECK_AT(max_reply_length),
		.max = 65535,
		.args = "BYTES",
		.default_text = "255",
		.doc = "Longest reply that passes, with require_reply.",
		.example = "max_reply_length 512" },
	CHECK_CONNECTION_ROWS,
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

static void udp_init(void *target, const void *parent)
{
	static const uint8_t zeros[64];
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_UDP;
	check->payload.bytes = zeros;
	check->payload.len = sizeof(zeros);
	check->max_reply_length = 255;
}

static void udp_finish(
	struct conf_bind *ctx, uint32_t node, void *target, void *parent)
{
	struct check_config *check = target;

	check_config_finish(ctx, node, target, parent);
	if (check->min_reply_length > check->max_reply_length ||
		check->reply.len > check->max_reply_length)
		conf_report(ctx, DIAG_WARNING, DIAG_VALUE_RANGE, node, -1,
			"raise max_reply_length",
			"no reply can be as short and as long as that: the "
			"check always fails");
}

const struct conf_block check_conf_udp = {
	.size = sizeof(struct check_config),
	.keywords = udp_keywords,
	.init = udp_init,
	.finish = udp_finish,
};

/* --- PING_CHECK --- */

static const struct conf_keyword ping_keywords[] = {
	CHECK_CONNECTION_ROWS,
	CHECK_TIMING_ROWS,
	{ .name = NULL },
};

static void ping_init(void *target, const void *parent)
{
	struct check_config *check = target;

	check_config_init(target, parent);
	check->kind = CHECK_KIND_PING;
}

const struct conf_block check_conf_ping = {
	.size = sizeof(struct check_config),
	.keywords = ping_keywords,
	.init = ping_init,
	.finish = check_config_finish,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of virtual_ipaddress, virtual_ipaddress_excluded or
 * static_ipaddress: IP[/LEN] and words. */
#include <net/if.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "vrrp/vrrp_conf_internal.h"

static const struct conf_value scopes[] = {
	{ "site", RT_SCOPE_SITE },
	{ "link", RT_SCOPE_LINK },
	{ "host", RT_SCOPE_HOST },
	{ "nowhere", RT_SCOPE_NOWHERE },
	{ "global", RT_SCOPE_UNIVERSE },
	{ NULL, 0 },
};

/* The line under way. */
struct line {
	struct conf_bind *ctx;
	uint32_t node;
	uint32_t arg; /* next argument */
	struct vrrp_address_conf *addr;
};

static bool parse_prefix(const char *text, unsigned int max, uint8_t *ret)
{
	unsigned int value = 0;

	if (!*text || strlen(text) > 3)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned int)(*text - '0');
	}
	if (value > max)
		return false;
	*ret = (uint8_t)value;
	return true;
}

/* ADDRESS[/LEN], the length of the family when there is none. */
int vrrp_conf_parse_prefix(
	const char *text, struct ip_addr *ret_addr, uint8_t *ret_len)
{
	char copy[IP_ADDR_STRLEN + 8];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct ip_addr addr = { .family = AF_UNSPEC };
	uint8_t prefix;

	if (len >= sizeof(copy))
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (ip_addr_parse(copy, &addr) < 0)
		return -1;
	prefix = (uint8_t)(8 * ip_family_bytes(addr.family));
	if (slash && !parse_prefix(slash + 1, prefix, &prefix))
		return -1;
	*ret_addr = addr;
	*ret_len = prefix;
	return 0;
}

static void read_broadcast(struct line *line)
{
	const char *text =
		conf_node_arg(line->ctx->tree, line->node, line->arg);

	if (text && !strcmp(text, "+"))
		line->addr->broadcast_auto = true;
	else if (text && !strcmp(text, "-"))
		line->addr->broadcast_zero = true;
	else if (conf_arg_address(line->ctx, line->node, line->arg,
			 &line->addr->broadcast) == 0 &&
		 line->addr->broadcast.family != AF_INET)
		conf_report(line->ctx, DIAG_ERROR, DIAG_VALUE_TYPE, line->node,
			(int)line->arg, NULL, "a broadcast address is IPv4");
	line->arg++;
}

static void read_lifetime(struct line *line)
{
	const char *text =
		conf_node_arg(line->ctx->tree, line->node, line->arg);
	int64_t value = UINT32_MAX;

	if ((text && !strcmp(text, "forever")) ||
		conf_arg_int(line->ctx, line->node, line->arg, 0, UINT32_MAX,
			&value) == 0) {
		line->addr->has_preferred_lft = true;
		line->addr->preferred_lft_s = (uint32_t)value;
	}
	line->arg++;
}

static void read_peer(struct line *line)
{
	const char *text =
		conf_node_arg(line->ctx->tree, line->node, line->arg);
	uint8_t len;

	if (!text || vrrp_conf_parse_prefix(text, &line->addr->peer, &len) < 0)
		conf_report(line->ctx, DIAG_ERROR, DIAG_VALUE_TYPE, line->node,
			text ? (int)line->arg : -1, NULL,
			"an IP address belongs behind 'peer'");
	line->arg++;
}

static void read_label(struct line *line)
{
	const char *label;

	if (conf_arg_string(line->ctx, line->node, line->arg++, &label) < 0)
		return;
	if (strlen(label) < IFNAMSIZ)
		line->addr->label = label;
	else
		conf_report(line->ctx, DIAG_ERROR, DIAG_VALUE_RANGE, line->node,
			(int)line->arg - 1,
			"shorten it: keepalived leaves such an address out",
			"a label has at most %d bytes", IFNAMSIZ - 1);
}

/* Words with an argument behind them. */
static bool read_valued_word(struct line *line, const char *word)
{
	struct vrrp_address_conf *addr = line->addr;

	if (!strcmp(word, "brd") || !strcmp(word, "broadcast"))
		read_broadcast(line);
	else if (!strcmp(word, "dev"))
		conf_arg_string(line->ctx, line->node, line->arg++, &addr->dev);
	else if (!strcmp(word, "label"))
		read_label(line);
	else if (!strcmp(word, "track_group"))
		conf_arg_string(line->ctx, line->node, line->arg++,
			&addr->track_group);
	else if (!strcmp(word, "scope"))
		conf_arg_enum(line->ctx, line->node, line->arg++, scopes,
			&addr->scope);
	else if (!strcmp(word, "peer"))
		read_peer(line);
	else if (!strcmp(word, "preferred_lft"))
		read_lifetime(line);
	else
		return false;
	return true;
}

static bool read_plain_word(struct vrrp_address_conf *addr, const char *word)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{ "home", &addr->home },
		{ "-nodad", &addr->nodad },
		{ "nodad", &addr->nodad },
		{ "mngtmpaddr", &addr->mngtmpaddr },
		{ "noprefixroute", &addr->noprefixroute },
		{ "autojoin", &addr->autojoin },
		{ "no_track", &addr->no_track },
		{ "use_vmac", &addr->use_vmac },
		{ "no-track", &addr->no_track },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!strcmp(word, flags[i].word)) {
			*flags[i].flag = true;
			return true;
		}
	return false;
}

static void check_portable(struct line *line, const char *word, int arg)
{
	if (!strcmp(word, "nodad"))
		conf_not_portable(line->ctx, line->node, arg, "write -nodad",
			"keepalived does not know this word");
	else if (!strcmp(word, "no-track"))
		conf_not_portable(line->ctx, line->node, arg, "write no_track",
			"keepalived does not know this word");
}

static void read_word(struct line *line, const char *word)
{
	int at = (int)line->arg++;

	if (read_valued_word(line, word))
		return;
	if (read_plain_word(line->addr, word)) {
		check_portable(line, word, at);
		return;
	}
	conf_report(line->ctx, DIAG_ERROR, DIAG_VALUE_UNKNOWN, line->node, at,
		"brd, dev, scope, label, peer, home, -nodad, mngtmpaddr, "
		"noprefixroute, autojoin, no_track or preferred_lft",
		"'%s' is no word of an address line", word);
	/* What follows is likely its value. */
	line->arg = conf_node_n_args(line->ctx->tree, line->node);
}

struct vrrp_address_conf *vrrp_conf_read_address(
	struct conf_bind *ctx, uint32_t node)
{
	const char *text = conf_node_keyword(ctx->tree, node);
	struct line line = {
		.ctx = ctx,
		.node = node,
		.addr = arena_new_object(ctx->arena, struct vrrp_address_conf),
	};
	const char *word;
	char fault[160];
	char hint[160];

	line.addr->node = node;
	line.addr->scope = -1;
	if (vrrp_conf_parse_prefix(text, &line.addr->addr, &line.addr->prefix_len) < 0) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_TYPE, node, -1,
			conf_address_hint(text, hint, sizeof(hint))
				? hint
				: "ADDRESS[/LENGTH] [dev INTERFACE] ...",
			"%s", conf_address_fault(text, fault, sizeof(fault)));
		return NULL;
	}
	if (ip_addr_is_multicast(&line.addr->addr)) {
		conf_report(ctx, DIAG_ERROR, DIAG_VALUE_RANGE, node, -1, NULL,
			"%s is a multicast address", text);
		return NULL;
	}
	while ((word = conf_node_arg(ctx->tree, node, line.arg)))
		read_word(&line, word);
	/* A deprecated address is no source of the director's own traffic,
	 * which would leave with a virtual address that may move away. */
	if (line.addr->addr.family == AF_INET6 &&
		line.addr->prefix_len == 128 && !line.addr->has_preferred_lft) {
		line.addr->has_preferred_lft = true;
		line.addr->preferred_lft_s = 0;
	}
	return line.addr;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of virtual_rules or static_rules. */
#include <ctype.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/route_conf_internal.h"
#include "vrrp/vrrp_conf_internal.h"

/* Where rules without a preference begin, downwards. */
#define FIRST_PREFERENCE 16384

struct line {
	struct vrrp_words words;
	struct vrrp_rule_conf *conf;
	bool has_priority;
	bool has_fwmask;
	bool needs_table; /* a word that only a table can have */
};

void vrrp_rule_order_init(struct vrrp_rule_order *order)
{
	order->next4 = FIRST_PREFERENCE;
	order->next6 = FIRST_PREFERENCE;
}

/* --- numbers --- */

/* Digits of TEXT, 0x.. and 0.. too, up to END. */
static bool parse_u32(const char *text, char **end, uint32_t *ret)
{
	unsigned long value;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	value = strtoul(text, end, 0);
	if (errno || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static const char *need(struct line *line, const char *what, const char *hint)
{
	const char *text = vrrp_words_take(&line->words);

	if (!text)
		vrrp_words_report(&line->words, DIAG_ERROR,
			DIAG_MISSING_ARGUMENT, hint, "%s belongs here", what);
	return text;
}

static void bad(struct line *line, const char *text, const char *what,
	const char *hint)
{
	vrrp_words_report(&line->words, DIAG_ERROR, DIAG_VALUE_TYPE, hint,
		"'%s' is no %s", text, what);
}

/* Any base, as `ip rule` takes it. */
static bool read_u32(struct line *line, const char *what, uint32_t *ret)
{
	const char *hint = "a number, 0 to 4294967295";
	const char *text = need(line, what, hint);
	char *end = NULL;

	if (!text)
		return false;
	if (parse_u32(text, &end, ret) && !*end)
		return true;
	bad(line, text, what, hint);
	return false;
}

static void read_fwmark(struct line *line)
{
	struct netlink_rule *rule = &line->conf->rule;
	const char *hint = "MARK or MARK/MASK";
	const char *text = need(line, "a mark", hint);
	uint32_t mark = 0, mask = 0;
	char *end = NULL;

	if (!text)
		return;
	if (!parse_u32(text, &end, &mark) ||
		(*end && (*end != '/' || !parse_u32(end + 1, &end, &mask) ||
				 *end))) {
		bad(line, text, "mark", hint);
		return;
	}
	rule->fwmark = mark;
	rule->fwmask = mask;
	line->has_fwmask = strchr(text, '/') != NULL;
}

/* START-END, or one number. */
static bool read_range(struct line *line, const char *what, uint32_t min,
	uint32_t max, uint32_t *ret_start, uint32_t *ret_end)
{
	const char *hint = "N or N-N";
	const char *text = need(line, what, hint);
	uint32_t start = 0, end_value = 0;
	char *end = NULL;

	if (!text)
		return false;
	if (!parse_u32(text, &end, &start) ||
		(*end && (*end != '-' ||
				 !parse_u32(end + 1, &end, &end_value) ||
				 *end)) ||
		start < min || start > max) {
		bad(line, text, what, hint);
		return false;
	}
	if (!strchr(text, '-'))
		end_value = start;
	if (end_value < start || end_value > max) {
		bad(line, text, what, "the second number is the greater one");
		return false;
	}
	*ret_start = start;
	*ret_end = end_value;
	return true;
}

static void read_ports(struct line *line, uint16_t *ret_start, uint16_t *ret_end)
{
	uint32_t start, end;

	if (!read_range(line, "range of ports", 1, UINT16_MAX, &start, &end))
		return;
	*ret_start = (uint16_t)start;
	*ret_end = (uint16_t)end;
	if (start == end)
		conf_not_portable(line->words.ctx, line->words.node,
			(int)line->words.next - 2, "N-N",
			"keepalived takes a range of ports only");
}

static void read_uids(struct line *line)
{
	struct netlink_rule *rule = &line->conf->rule;

	rule->has_uids = read_range(line, "range of user numbers", 0,
		UINT32_MAX, &rule->uid_start, &rule->uid_end);
}

static void read_ip_proto(struct line *line)
{
	const char *hint = "1 to 255, or a name such as tcp";
	const char *text = need(line, "an IP protocol", hint);
	const struct protoent *found;
	uint32_t value = 0;
	char *end = NULL;

	if (!text)
		return;
	if (!parse_u32(text, &end, &value) || *end) {
		found = getprotobyname(text);
		value = found ? (uint32_t)found->p_proto : 0;
	}
	if (value < 1 || value > UINT8_MAX)
		bad(line, text, "IP protocol", hint);
	else
		line->conf->rule.ip_proto = (uint8_t)value;
}

/* --- words with other values --- */

static void read_interface(struct line *line, char ret[static IFNAMSIZ])
{
	const char *name;

	if (!vrrp_words_interface(&line->words, &name))
		return;
	memset(ret, 0, IFNAMSIZ);
	memcpy(ret, name, strlen(name));
}

static void read_tos(struct line *line)
{
	uint32_t value;

	if (vrrp_words_name(&line->words, IPROUTE_DSFIELD, &value))
		line->conf->rule.tos = (uint8_t)value;
}

/* keepalived takes a number only. */
static void read_protocol(struct line *line)
{
	const char *text = vrrp_words_peek(&line->words);
	uint32_t value;

	if (text && !isdigit((unsigned char)text[0]))
		conf_not_portable(line->words.ctx, line->words.node,
			(int)line->words.next - 1, NULL,
			"keepalived takes the number of a rule's "
			"protocol only");

	if (vrrp_words_name(&line->words, IPROUTE_PROTOCOL, &value))
		line->conf->rule.protocol = (uint8_t)value;
}

static void read_realms(struct line *line)
{
	line->needs_table = true;
	if (vrrp_words_realms(&line->words, &line->conf->rule.realms))
		vrrp_words_set_family(&line->words, AF_INET);
}

static void read_suppress_length(struct line *line)
{
	line->needs_table = true;
	vrrp_words_u32(&line->words, 0, INT32_MAX,
		&line->conf->rule.suppress_prefix_len);
}

static void read_suppress_group(struct line *line)
{
	line->needs_table = true;
	vrrp_words_name(&line->words, IPROUTE_GROUP,
		&line->conf->rule.suppress_group);
}

/* --- actions --- */

static void set_action(struct line *line, uint8_t action)
{
	if (line->conf->rule.action != FR_ACT_UNSPEC)
		vrrp_words_report(&line->words, DIAG_ERROR, DIAG_CONFLICT, NULL,
			"a rule has one of table, goto, nop, l3mdev, "
			"blackhole, prohibit and unreachable");
	line->conf->rule.action = action;
}

static void read_table(struct line *line)
{
	uint32_t table;

	if (!vrrp_words_name(&line->words, IPROUTE_TABLE, &table))
		return;
	if (!table)
		vrrp_words_report(&line->words, DIAG_ERROR, DIAG_VALUE_RANGE,
			NULL, "there is no table 0");
	line->conf->rule.table = table;
	set_action(line, FR_ACT_TO_TBL);
}

static void read_goto(struct line *line)
{
	if (read_u32(line, "preference", &line->conf->rule.target))
		set_action(line, FR_ACT_GOTO);
}

static bool read_action(struct line *line, const char *word)
{
	static const struct {
		const char *word;
		uint8_t action;
	} actions[] = {
		{ "nop", FR_ACT_NOP },
		{ "blackhole", FR_ACT_BLACKHOLE },
		{ "unreachable", FR_ACT_UNREACHABLE },
		{ "prohibit", FR_ACT_PROHIBIT },
	};

	if (!strcmp(word, "type"))
		word = need(line, "an action", "nop, blackhole, unreachable, "
					       "prohibit or goto N");
	if (!word)
		return true;
	if (!strcmp(word, "goto")) {
		read_goto(line);
		return true;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(word, actions[i].word)) {
			set_action(line, actions[i].action);
			return true;
		}
	return false;
}

static void read_l3mdev(struct line *line)
{
	line->conf->rule.l3mdev = true;
	set_action(line, FR_ACT_TO_TBL);
}

/* --- all words --- */

static bool read_selector(struct line *line, const char *word)
{
	struct netlink_rule *rule = &line->conf->rule;

	if (!strcmp(word, "from"))
		vrrp_words_prefix(&line->words, &rule->src, &rule->src_len);
	else if (!strcmp(word, "to"))
		vrrp_words_prefix(&line->words, &rule->dst, &rule->dst_len);
	else if (!strcmp(word, "not"))
		rule->invert = true;
	else if (!strcmp(word, "tos") || !strcmp(word, "dsfield"))
		read_tos(line);
	else if (!strcmp(word, "fwmark"))
		read_fwmark(line);
	else if (!strcmp(word, "dev") || !strcmp(word, "iif"))
		read_interface(line, rule->iif);
	else if (!strcmp(word, "oif"))
		read_interface(line, rule->oif);
	else if (!strcmp(word, "tunnel-id"))
		vrrp_words_u64(&line->words, &rule->tunnel_id);
	else if (!strcmp(word, "uidrange"))
		read_uids(line);
	else if (!strcmp(word, "ipproto"))
		read_ip_proto(line);
	else if (!strcmp(word, "sport"))
		read_ports(line, &rule->sport_start, &rule->sport_end);
	else if (!strcmp(word, "dport"))
		read_ports(line, &rule->dport_start, &rule->dport_end);
	else
		return false;
	return true;
}

static bool read_property(struct line *line, const char *word)
{
	struct netlink_rule *rule = &line->conf->rule;

	if (!strcmp(word, "table") || !strcmp(word, "lookup"))
		read_table(line);
	else if (!strcmp(word, "preference") || !strcmp(word, "priority") ||
		 !strcmp(word, "order"))
		line->has_priority |=
			read_u32(line, "preference", &rule->priority);
	else if (!strcmp(word, "l3mdev"))
		read_l3mdev(line);
	else if (!strcmp(word, "realms"))
		read_realms(line);
	else if (!strcmp(word, "suppress_prefixlength") ||
		 !strcmp(word, "sup_pl"))
		read_suppress_length(line);
	else if (!strcmp(word, "suppress_ifgroup") ||
		 !strcmp(word, "sup_group"))
		read_suppress_group(line);
	else if (!strcmp(word, "protocol"))
		read_protocol(line);
	else
		return false;
	return true;
}

static void report_unknown(struct line *line, const char *word)
{
	vrrp_words_report(&line->words, DIAG_ERROR, DIAG_VALUE_UNKNOWN,
		"[from PREFIX] [to PREFIX] [iif INTERFACE] [fwmark MARK] ... "
		"table TABLE preference N, as 'ip rule add' has it",
		"'%s' is no word of a rule", word);
	vrrp_words_skip(&line->words);
}

/* --- the whole --- */

static void report_line(struct line *line, enum diag_severity severity,
	enum diag_code code, const char *hint, const char *what)
{
	conf_report(line->words.ctx, severity, code, line->words.node, -1, hint,
		"%s", what);
	line->words.failed |= severity >= DIAG_ERROR;
}

static void check_action(struct line *line)
{
	const struct netlink_rule *rule = &line->conf->rule;

	if (rule->action == FR_ACT_UNSPEC)
		report_line(line, DIAG_ERROR, DIAG_MISSING_ARGUMENT,
			"table TABLE",
			"a rule needs to say what happens: table, goto, nop, "
			"l3mdev, blackhole, prohibit or unreachable");
	else if (rule->action != FR_ACT_TO_TBL && line->needs_table)
		report_line(line, DIAG_ERROR, DIAG_CONFLICT, NULL,
			"realms and suppress_... need a table");
	if (rule->action != FR_ACT_GOTO)
		return;
	if (!line->has_priority)
		report_line(line, DIAG_ERROR, DIAG_MISSING_ARGUMENT,
			"preference N", "a rule with goto needs a preference");
	else if (rule->priority >= rule->target)
		report_line(line, DIAG_ERROR, DIAG_CONFLICT, NULL,
			"goto leads to a preference that comes later");
}

static void settle_preference(struct line *line, struct vrrp_rule_order *order)
{
	struct netlink_rule *rule = &line->conf->rule;
	char text[96];

	if (line->has_priority)
		return;
	rule->priority = rule->family == AF_INET ? order->next4--
						 : order->next6--;
	snprintf(text, sizeof(text),
		"a rule without a preference: it is given %u",
		(unsigned int)rule->priority);
	report_line(line, DIAG_WARNING, DIAG_MISSING_ARGUMENT, "preference N",
		text);
}

static void settle_tracking(struct line *line)
{
	struct vrrp_rule_conf *conf = line->conf;

	if (!conf->object.no_track && conf->rule.protocol &&
		conf->rule.protocol != NETLINK_ROUTE_PROTO)
		report_line(line, DIAG_WARNING, DIAG_IGNORED,
			"add no_track to keep it",
			"the protocol of a rule that is tracked is "
			"keepalived (18)");
	if (!conf->object.no_track || !conf->rule.protocol)
		conf->rule.protocol = NETLINK_ROUTE_PROTO;
	if (conf->object.group_name && !conf->rule.iif[0]) {
		report_line(line, DIAG_WARNING, DIAG_IGNORED,
			"add iif INTERFACE",
			"without iif a rule has no track_group");
		conf->object.group_name = NULL;
	}
}

static const char *text_of(struct line *line)
{
	static const char *const drop[] = { "no_track", "no-track",
		"track_group", NULL };
	static const unsigned int n_args[] = { 0, 0, 1 };
	const char *text = vrrp_words_line(&line->words, drop, n_args);
	char *longer;
	const char *copy;

	if (line->has_priority)
		return text;
	longer = x_asprintf("%s preference %u", text,
		(unsigned int)line->conf->rule.priority);
	copy = arena_strdup(line->words.ctx->arena, longer);
	x_free(longer);
	return copy;
}

bool vrrp_rule_read(struct conf_bind *ctx, struct iproute_names *names,
	bool is_static, struct vrrp_rule_order *order,
	struct vrrp_rule_conf *conf)
{
	struct line line = {
		.words = { .ctx = ctx, .node = conf->object.node,
			.names = names },
		.conf = conf,
	};
	struct netlink_rule *rule = &conf->rule;
	const char *word;

	rule->suppress_prefix_len = UINT32_MAX;
	rule->suppress_group = UINT32_MAX;
	while ((word = vrrp_words_take(&line.words)))
		if (!vrrp_words_family(&line.words, word) &&
			!read_selector(&line, word) &&
			!read_property(&line, word) &&
			!vrrp_object_read_word(&line.words, word, is_static,
				&conf->object) &&
			!read_action(&line, word))
			report_unknown(&line, word);
	if (!line.words.failed)
		check_action(&line);
	if (line.words.failed)
		return false;
	rule->family = line.words.family == AF_UNSPEC ? AF_INET
						      : line.words.family;
	if (rule->fwmark && !line.has_fwmask)
		rule->fwmask = UINT32_MAX;
	settle_preference(&line, order);
	settle_tracking(&line);
	conf->object.text = text_of(&line);
	return true;
}

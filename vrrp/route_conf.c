/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of virtual_routes or static_routes. */
#include "vrrp/route_conf.h"

#include <ctype.h>
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vrrp/route_conf_internal.h"
#include "vrrp/vrrp_conf_internal.h"

struct line {
	struct vrrp_words words;
	struct vrrp_route_conf *conf;
	struct vrrp_hop_conf *hop; /* via, dev, onlink, encap of the line */
	bool has_hop;
	bool has_dst;
	bool has_priority;
};

static const struct conf_value types[] = {
	{ "unicast", RTN_UNICAST },
	{ "local", RTN_LOCAL },
	{ "broadcast", RTN_BROADCAST },
	{ "anycast", RTN_ANYCAST },
	{ "multicast", RTN_MULTICAST },
	{ "blackhole", RTN_BLACKHOLE },
	{ "unreachable", RTN_UNREACHABLE },
	{ "prohibit", RTN_PROHIBIT },
	{ "throw", RTN_THROW },
	{ NULL, 0 },
};

/* --- metrics --- */

enum metric_kind {
	METRIC_NUMBER,
	METRIC_TIME, /* in milliseconds */
	METRIC_SWITCH, /* 0 or 1 */
};

static const struct metric {
	const char *word;
	int attr; /* RTAX_* */
	enum metric_kind kind;
	uint32_t max;
	uint32_t factor; /* from what is written to what the kernel has */
	bool lockable;
} metrics[] = {
	{ "mtu", RTAX_MTU, METRIC_NUMBER, UINT32_MAX, 1, true },
	{ "hoplimit", RTAX_HOPLIMIT, METRIC_NUMBER, 255, 1, false },
	{ "advmss", RTAX_ADVMSS, METRIC_NUMBER, UINT32_MAX, 1, true },
	{ "rtt", RTAX_RTT, METRIC_TIME, UINT32_MAX, 8, true },
	{ "rttvar", RTAX_RTTVAR, METRIC_TIME, UINT32_MAX, 4, true },
	{ "rto_min", RTAX_RTO_MIN, METRIC_TIME, UINT32_MAX, 1, true },
	{ "reordering", RTAX_REORDERING, METRIC_NUMBER, UINT32_MAX, 1, true },
	{ "window", RTAX_WINDOW, METRIC_NUMBER, UINT32_MAX, 1, false },
	{ "cwnd", RTAX_CWND, METRIC_NUMBER, UINT32_MAX, 1, true },
	{ "ssthresh", RTAX_SSTHRESH, METRIC_NUMBER, UINT32_MAX, 1, true },
	{ "initcwnd", RTAX_INITCWND, METRIC_NUMBER, UINT32_MAX, 1, false },
	{ "initrwnd", RTAX_INITRWND, METRIC_NUMBER, UINT32_MAX, 1, false },
	{ "quickack", RTAX_QUICKACK, METRIC_SWITCH, 1, 1, false },
	{ "fastopen_no_cookie", RTAX_FASTOPEN_NO_COOKIE, METRIC_SWITCH, 1, 1,
		false },
	{ NULL, 0, METRIC_NUMBER, 0, 0, false },
};

/* "102", "102ms", "0.5s": milliseconds, rounded up. */
static bool read_ms(struct vrrp_words *words, uint32_t *ret)
{
	const char *text = vrrp_words_take(words);
	char *end = NULL;
	double value = 0;
	bool good = text && isdigit((unsigned char)text[0]);

	if (good)
		value = strtod(text, &end);
	if (good && (!strcasecmp(end, "s") || !strcasecmp(end, "sec") ||
			    !strcasecmp(end, "secs")))
		value *= 1000;
	else if (good && *end && strcasecmp(end, "ms") != 0 &&
		 strcasecmp(end, "msec") != 0 && strcasecmp(end, "msecs") != 0)
		good = false;
	if (!good || !(value < (double)UINT32_MAX / 8)) {
		vrrp_words_report(words, DIAG_ERROR,
			text ? DIAG_VALUE_TYPE : DIAG_MISSING_ARGUMENT,
			"milliseconds, or with a unit: 200ms, 0.2s",
			"a time belongs here");
		return false;
	}
	*ret = (uint32_t)value;
	if (*ret < value)
		(*ret)++;
	return true;
}

static bool read_metric(struct line *line, const char *word)
{
	struct netlink_route *route = &line->conf->route;
	const struct metric *m = metrics;
	uint32_t value = 0;
	bool good;

	while (m->word && strcmp(m->word, word) != 0)
		m++;
	if (!m->word)
		return false;
	if (m->lockable && vrrp_words_take_if(&line->words, "lock"))
		route->locks |= 1u << m->attr;
	if (m->kind == METRIC_TIME)
		good = read_ms(&line->words, &value);
	else
		good = vrrp_words_u32(&line->words, 0, m->max, &value);
	if (good)
		route->metrics[m->attr] = value * m->factor;
	return true;
}

static void read_congctl(struct line *line)
{
	struct netlink_route *route = &line->conf->route;
	const char *name;

	if (vrrp_words_take_if(&line->words, "lock"))
		route->locks |= 1u << RTAX_CC_ALGO;
	if (!vrrp_words_text(&line->words, &name))
		return;
	if (strlen(name) >= sizeof(route->congctl))
		vrrp_words_report(&line->words, DIAG_ERROR, DIAG_VALUE_RANGE,
			NULL, "such a name has %d characters at most",
			NETLINK_CONGCTL_MAX - 1);
	else
		strcpy(route->congctl, name);
}

static void read_features(struct line *line)
{
	const char *word = vrrp_words_take(&line->words);

	if (word && !strcmp(word, "ecn"))
		line->conf->route.metrics[RTAX_FEATURES] |= RTAX_FEATURE_ECN;
	else
		vrrp_words_report(&line->words, DIAG_ERROR,
			word ? DIAG_VALUE_UNKNOWN : DIAG_MISSING_ARGUMENT,
			"features ecn", "a feature belongs behind 'features'");
}

/* --- words with a value --- */

static void read_u8_name(struct line *line, enum iproute_names_kind kind,
	uint8_t *ret)
{
	uint32_t value;

	if (vrrp_words_name(&line->words, kind, &value))
		*ret = (uint8_t)value;
}

static void read_realms(struct line *line)
{
	if (vrrp_words_realms(&line->words, &line->conf->route.realms))
		vrrp_words_set_family(&line->words, AF_INET);
}

static void read_from(struct line *line)
{
	struct netlink_route *route = &line->conf->route;

	if (vrrp_words_prefix(&line->words, &route->src, &route->src_len))
		vrrp_words_set_family(&line->words, AF_INET6);
}

static void read_expires(struct line *line)
{
	struct netlink_route *route = &line->conf->route;

	route->has_expires = vrrp_words_u32(
		&line->words, 0, UINT32_MAX, &route->expires_s);
	vrrp_words_set_family(&line->words, AF_INET6);
}

static void read_pref(struct line *line)
{
	static const struct {
		const char *word;
		uint8_t value;
	} words[] = {
		{ "low", ICMPV6_ROUTER_PREF_LOW },
		{ "medium", ICMPV6_ROUTER_PREF_MEDIUM },
		{ "high", ICMPV6_ROUTER_PREF_HIGH },
	};
	uint32_t value;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (vrrp_words_take_if(&line->words, words[i].word)) {
			line->conf->route.pref = words[i].value;
			vrrp_words_set_family(&line->words, AF_INET6);
			return;
		}
	if (vrrp_words_u32(&line->words, 0, UINT8_MAX, &value))
		line->conf->route.pref = (uint8_t)value;
	vrrp_words_set_family(&line->words, AF_INET6);
}

static void read_ttl_propagate(struct line *line)
{
	const char *word = vrrp_words_take(&line->words);
	bool on = word && !strcmp(word, "enabled");

	if (!on && (!word || strcmp(word, "disabled") != 0)) {
		vrrp_words_report(&line->words, DIAG_ERROR,
			word ? DIAG_VALUE_UNKNOWN : DIAG_MISSING_ARGUMENT, NULL,
			"enabled or disabled belongs behind 'ttl-propagate'");
		return;
	}
	line->conf->route.has_ttl_propagate = true;
	line->conf->route.ttl_propagate = on;
}

/* --- the way --- */

static void read_dev(struct line *line)
{
	line->has_hop |= vrrp_words_interface(&line->words, &line->hop->dev);
}

static void read_via(struct line *line, const char *word)
{
	if (word[0] == 'g')
		vrrp_words_report(&line->words, DIAG_WARNING, DIAG_DEPRECATED,
			"via ADDRESS", "'gw' is deprecated");
	line->has_hop |= vrrp_route_read_via(
		&line->words, &line->hop->hop.gateway);
}

/* The old way to say nexthop: via A or B. */
static void read_or(struct line *line)
{
	struct conf_list *hops = &line->conf->hops;
	struct vrrp_hop_conf *first, *second;

	vrrp_words_report(&line->words, DIAG_WARNING, DIAG_DEPRECATED,
		"nexthop via ADDRESS nexthop via ADDRESS",
		"'or' is deprecated");
	first = arena_new_object(line->words.ctx->arena, struct vrrp_hop_conf);
	second = arena_new_object(line->words.ctx->arena, struct vrrp_hop_conf);
	first->hop.gateway = line->hop->hop.gateway;
	if (!vrrp_words_address(&line->words, &second->hop.gateway))
		return;
	if (hops->n || !ip_addr_is_set(&first->hop.gateway)) {
		vrrp_words_report(&line->words, DIAG_ERROR, DIAG_CONFLICT,
			"via ADDRESS or ADDRESS", "'or' stands behind one via");
		return;
	}
	conf_list_add(line->words.ctx->arena, hops, first);
	conf_list_add(line->words.ctx->arena, hops, second);
	line->hop->hop.gateway = (struct ip_addr){ .family = AF_UNSPEC };
}

static void read_nexthops(struct line *line)
{
	if (line->conf->hops.n || line->has_hop) {
		vrrp_words_report(&line->words, DIAG_ERROR, DIAG_CONFLICT,
			"put via and dev behind nexthop",
			"a route has either via and dev, or nexthops");
		vrrp_words_skip(&line->words);
		return;
	}
	vrrp_route_read_nexthops(&line->words, &line->conf->hops);
}

/* --- the destination --- */

static bool is_type(const char *word, uint8_t *ret)
{
	for (const struct conf_value *t = types; t->name; t++)
		if (!strcmp(word, t->name)) {
			*ret = (uint8_t)t->value;
			return true;
		}
	return false;
}

static void read_destination(struct line *line)
{
	struct netlink_route *route = &line->conf->route;

	line->has_dst |= vrrp_words_prefix(
		&line->words, &route->dst, &route->dst_len);
}

static void read_other(struct line *line, const char *word)
{
	struct ip_addr addr;
	uint8_t len;

	if (is_type(word, &line->conf->route.type) || !strcmp(word, "to")) {
		read_destination(line);
		return;
	}
	if (line->has_dst || (vrrp_conf_parse_prefix(word, &addr, &len) < 0 &&
				     strcmp(word, "default") != 0 &&
				     strcmp(word, "any") != 0 &&
				     strcmp(word, "all") != 0 &&
				     strcmp(word, "default6") != 0 &&
				     !isdigit((unsigned char)word[0]) &&
				     !strchr(word, ':'))) {
		vrrp_words_report(&line->words, DIAG_ERROR, DIAG_VALUE_UNKNOWN,
			"[TYPE] DESTINATION [via ADDRESS] [dev INTERFACE] "
			"[src ADDRESS] [table TABLE] [metric N] ..., as "
			"'ip route add' has it",
			"'%s' is no word of a route", word);
		vrrp_words_skip(&line->words);
		return;
	}
	line->words.next--;
	read_destination(line);
}

/* --- all words --- */

static bool read_place(struct line *line, const char *word)
{
	if (!strcmp(word, "prepend"))
		line->conf->place = NETLINK_ROUTE_PREPEND;
	else if (!strcmp(word, "append"))
		line->conf->place = NETLINK_ROUTE_APPEND;
	else if (!strcmp(word, "add"))
		line->conf->place = NETLINK_ROUTE_ALONE;
	else
		return false;
	return true;
}

static bool read_way(struct line *line, const char *word)
{
	if (!strcmp(word, "via") || !strcmp(word, "gw"))
		read_via(line, word);
	else if (!strcmp(word, "dev") || !strcmp(word, "oif"))
		read_dev(line);
	else if (!strcmp(word, "onlink"))
		line->hop->hop.flags |= RTNH_F_ONLINK;
	else if (!strcmp(word, "encap"))
		vrrp_route_read_encap(&line->words, &line->hop->hop.encap);
	else if (!strcmp(word, "or"))
		read_or(line);
	else if (!strcmp(word, "nexthop"))
		read_nexthops(line);
	else
		return false;
	return true;
}

static bool read_property(struct line *line, const char *word)
{
	struct netlink_route *route = &line->conf->route;
	struct vrrp_words *words = &line->words;

	if (!strcmp(word, "src"))
		vrrp_words_address(words, &route->pref_src);
	else if (!strcmp(word, "from"))
		read_from(line);
	else if (!strcmp(word, "table"))
		vrrp_words_name(words, IPROUTE_TABLE, &route->table);
	else if (!strcmp(word, "vrf"))
		vrrp_words_interface(words, &line->conf->vrf);
	else if (!strcmp(word, "tos") || !strcmp(word, "dsfield"))
		read_u8_name(line, IPROUTE_DSFIELD, &route->tos);
	else if (!strcmp(word, "protocol"))
		read_u8_name(line, IPROUTE_PROTOCOL, &route->protocol);
	else if (!strcmp(word, "scope"))
		read_u8_name(line, IPROUTE_SCOPE, &route->scope);
	else if (!strcmp(word, "metric") || !strcmp(word, "priority") ||
		 !strcmp(word, "preference"))
		vrrp_words_u32(words, 0, UINT32_MAX, &route->priority);
	else if (!strcmp(word, "realms"))
		read_realms(line);
	else if (!strcmp(word, "expires"))
		read_expires(line);
	else if (!strcmp(word, "pref"))
		read_pref(line);
	else if (!strcmp(word, "ttl-propagate"))
		read_ttl_propagate(line);
	else if (!strcmp(word, "features"))
		read_features(line);
	else if (!strcmp(word, "congctl"))
		read_congctl(line);
	else
		return false;
	return true;
}

/* --- the whole --- */

static void report_line(struct line *line, enum diag_severity severity,
	enum diag_code code, const char *hint, const char *what)
{
	conf_report(line->words.ctx, severity, code, line->words.node, -1, hint,
		"%s", what);
	line->words.failed |= severity >= DIAG_ERROR;
}

static void settle_hops(struct line *line)
{
	struct vrrp_route_conf *conf = line->conf;

	vrrp_conf_for_each(vrrp_hop_conf, hop, &conf->hops)
	{
		if (!hop->dev && line->hop->dev)
			hop->dev = line->hop->dev;
		hop->hop.flags |= line->hop->hop.flags;
	}
	if (!conf->hops.n && line->has_hop)
		conf_list_add(
			line->words.ctx->arena, &conf->hops, line->hop);
	conf->dev = line->hop->dev;
	if (conf->hops.n && netlink_route_type_is_dead(conf->route.type))
		report_line(line, DIAG_ERROR, DIAG_CONFLICT, NULL,
			"such a route leads nowhere: it has no via and no dev");
	if (!conf->hops.n && !netlink_route_type_is_dead(conf->route.type))
		report_line(line, DIAG_ERROR, DIAG_MISSING_ARGUMENT,
			"via ADDRESS, or dev INTERFACE",
			"a route needs a way: via or dev");
}

static void settle_family(struct line *line)
{
	struct netlink_route *route = &line->conf->route;

	route->family = line->words.family == AF_UNSPEC ? AF_INET
							: line->words.family;
	if (route->family == AF_INET)
		return;
	/* IPv6 knows neither; and no priority is the usual one. */
	route->tos = 0;
	route->scope = RT_SCOPE_UNIVERSE;
	if (!route->priority)
		route->priority = NETLINK_ROUTE6_PRIORITY;
}

/* Routes are told from those of others by their number. */
static void settle_tracking(struct line *line)
{
	struct vrrp_route_conf *conf = line->conf;

	if (conf->object.no_track) {
		if (!conf->route.protocol)
			conf->route.protocol = NETLINK_ROUTE_PROTO;
		return;
	}
	if (conf->route.protocol &&
		conf->route.protocol != NETLINK_ROUTE_PROTO)
		report_line(line, DIAG_WARNING, DIAG_IGNORED,
			"add no_track to keep it",
			"the protocol of a route that is tracked is "
			"keepalived (18)");
	conf->route.protocol = NETLINK_ROUTE_PROTO;
	if (!conf->dev) {
		if (!netlink_route_type_is_dead(conf->route.type))
			report_line(line, DIAG_WARNING, DIAG_IGNORED,
				"add dev INTERFACE, or no_track",
				"without dev a route is not tracked");
		conf->object.no_track = true;
	}
}

static void settle_group(struct line *line)
{
	struct vrrp_object_conf *object = &line->conf->object;

	if (!object->group_name || line->conf->dev)
		return;
	report_line(line, DIAG_WARNING, DIAG_IGNORED, "add dev INTERFACE",
		"without dev a route has no track_group");
	object->group_name = NULL;
}

bool vrrp_object_read_word(struct vrrp_words *words, const char *word,
	bool is_static, struct vrrp_object_conf *object)
{
	if (!strcmp(word, "no_track") || !strcmp(word, "no-track")) {
		object->no_track = true;
		if (word[2] == '-')
			conf_not_portable(words->ctx, words->node,
				(int)words->next - 2, "write no_track",
				"keepalived does not know this word");
		return true;
	}
	if (!is_static || strcmp(word, "track_group") != 0)
		return false;
	if (object->group_name)
		vrrp_words_report(words, DIAG_WARNING, DIAG_DUPLICATE, NULL,
			"there is a track_group already");
	vrrp_words_text(words, &object->group_name);
	return true;
}

bool vrrp_route_read(struct conf_bind *ctx, struct iproute_names *names,
	bool is_static, struct vrrp_route_conf *conf)
{
	static const char *const drop[] = { "no_track", "no-track",
		"track_group", NULL };
	static const unsigned int n_args[] = { 0, 0, 1 };
	struct line line = {
		.words = { .ctx = ctx, .node = conf->object.node,
			.names = names },
		.conf = conf,
		.hop = arena_new_object(ctx->arena, struct vrrp_hop_conf),
	};
	const char *word;

	conf->route.type = RTN_UNICAST;
	conf->route.table = RT_TABLE_MAIN;
	while ((word = vrrp_words_take(&line.words)))
		if (!vrrp_words_family(&line.words, word) &&
			!read_way(&line, word) && !read_property(&line, word) &&
			!read_metric(&line, word) && !read_place(&line, word) &&
			!vrrp_object_read_word(&line.words, word, is_static,
				&conf->object))
			read_other(&line, word);
	if (line.words.failed)
		return false;
	if (!line.has_dst)
		report_line(&line, DIAG_ERROR, DIAG_MISSING_ARGUMENT,
			"ADDRESS[/LENGTH] or default",
			"a route needs a destination");
	settle_family(&line);
	settle_hops(&line);
	if (line.words.failed)
		return false;
	settle_tracking(&line);
	settle_group(&line);
	conf->object.text = vrrp_words_line(&line.words, drop, n_args);
	return !line.words.failed;
}

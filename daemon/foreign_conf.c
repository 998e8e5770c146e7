/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/foreign_conf.h"

/* keepalived passes over it, and nothing is lost by that. */
#define PASSED_OVER(name_, why_)                                               \
	{                                                                      \
		.name = name_, .type = CONF_CUSTOM,                            \
		.flags = CONF_FOREIGN | CONF_IGNORED | CONF_MULTI,             \
		.doc = "No keyword.", .compat = why_,                          \
	}
/* What was meant is not done: that is an error. */
#define REFUSED(name_, what_, why_)                                            \
	{                                                                      \
		.name = name_, .type = CONF_CUSTOM,                            \
		.flags = CONF_FOREIGN | CONF_MULTI, .doc = what_,              \
		.compat = why_,                                                \
	}
/* Too many slips for a guess, but often seen. */
#define MEANT(name_, meant_)                                                   \
	REFUSED(name_, NULL, "did you mean '" meant_ "'?")
#define DPVS(name_, why_)                                                      \
	REFUSED(name_, "this is a word of the DPVS dialect", why_)
#define INSIDE(name_, block_)                                                  \
	{                                                                      \
		.name = name_, .type = CONF_BLOCK,                             \
		.flags = CONF_FOREIGN | CONF_SHARED, .block = block_,          \
	}

#define USER_SPACE                                                             \
	"DPVS forwards packets by itself; Tandem programs the kernel's IPVS, "  \
	"which has no such thing"
#define FULL_NAT                                                               \
	"it is for full NAT of DPVS; the kernel's IPVS has NAT, DR and TUN"
#define DROPS                                                                  \
	"DPVS drops packets of these clients; here a firewall does"
#define LETS_IN                                                                \
	"DPVS lets these clients in only; here a firewall does"
#define SOCK_RETRY                                                             \
	DPVS("nb_sock_retry", "write 'retry', the word for all checks")
#define RETRY                                                                  \
	"keepalived reads it in HTTP_GET and SSL_GET only and ignores it "      \
	"here; retry is the word for all checks"
#define SINCE_2_4                                                              \
	"keepalived's manual has this name, its parser never had; the real "    \
	"name ends in _dump_file"

static const struct conf_keyword global_words[] = {
	PASSED_OVER("lvs_id",
		"keepalived 1.1 called the director's name so; it is router_id "
		"today"),
	PASSED_OVER("state_file_location", SINCE_2_4),
	PASSED_OVER("stats_file_location", SINCE_2_4),
	PASSED_OVER("json_file_location", SINCE_2_4),
	{ .name = NULL },
};

static const struct conf_keyword instance_words[] = {
	PASSED_OVER("lvs_sync_daemon_inteface",
		"keepalived 1.2 spelt it so; today it is lvs_sync_daemon in "
		"global_defs"),
	REFUSED("vrrp_unicast_bind",
		"this is a word of a patch for keepalived before 1.2.8",
		"write 'unicast_src_ip ADDRESS'"),
	REFUSED("vrrp_unicast_peer",
		"this is a word of a patch for keepalived before 1.2.8",
		"write 'unicast_peer { ADDRESS }'"),
	DPVS("dpdk_interface", USER_SPACE),
	MEANT("vrid", "virtual_router_id"),
	MEANT("vip", "virtual_ipaddress"),
	MEANT("advert_interval", "advert_int"),
	MEANT("auth", "authentication"),
	{ .name = NULL },
};

static const struct conf_keyword script_words[] = {
	MEANT("raise", "rise"),
	MEANT("command", "script"),
	MEANT("retries", "fall"),
	{ .name = NULL },
};

static const struct conf_keyword check_words[] = {
	PASSED_OVER("nb_get_retry", RETRY),
	SOCK_RETRY,
	MEANT("retries", "retry"),
	MEANT("port", "connect_port"),
	MEANT("timeout", "connect_timeout"),
	MEANT("interval", "delay_loop"),
	{ .name = NULL },
};

static const struct conf_keyword misc_words[] = {
	SOCK_RETRY,
	PASSED_OVER("nb_get_retry", RETRY),
	MEANT("retries", "retry"),
	MEANT("script", "misc_path"),
	MEANT("timeout", "misc_timeout"),
	MEANT("connect_timeout", "misc_timeout"),
	{ .name = NULL },
};

static const struct conf_block check_block = { .keywords = check_words };
static const struct conf_block misc_block = { .keywords = misc_words };

/* They have nb_get_retry themselves. */
static const struct conf_keyword http_words[] = {
	SOCK_RETRY,
	MEANT("retries", "retry"),
	MEANT("port", "connect_port"),
	MEANT("timeout", "connect_timeout"),
	MEANT("interval", "delay_loop"),
	{ .name = NULL },
};

static const struct conf_block http_block = { .keywords = http_words };

static const struct conf_keyword server_words[] = {
	INSIDE("TCP_CHECK", &check_block),
	INSIDE("HTTP_GET", &http_block),
	INSIDE("SSL_GET", &http_block),
	INSIDE("SMTP_CHECK", &check_block),
	INSIDE("DNS_CHECK", &check_block),
	INSIDE("MISC_CHECK", &misc_block),
	INSIDE("UDP_CHECK", &check_block),
	INSIDE("PING_CHECK", &check_block),
	INSIDE("BFD_CHECK", &check_block),
	INSIDE("FILE_CHECK", &check_block),
	MEANT("HTTP_CHECK", "HTTP_GET"),
	MEANT("HTTPS_GET", "SSL_GET"),
	MEANT("HTTPS_CHECK", "SSL_GET"),
	MEANT("SSL_CHECK", "SSL_GET"),
	MEANT("ICMP_CHECK", "PING_CHECK"),
	MEANT("SCRIPT_CHECK", "MISC_CHECK"),
	MEANT("TCP_GET", "TCP_CHECK"),
	{ .name = NULL },
};

static const struct conf_block server_block = { .keywords = server_words };

static const struct conf_keyword service_words[] = {
	INSIDE("real_server", &server_block),
	MEANT("scheduler", "lb_algo"),
	MEANT("lb_method", "lb_kind"),
	MEANT("server", "real_server"),
	PASSED_OVER("nat_mask",
		"keepalived 1.1 had it for kernels before 2.4; NAT needs no "
		"mask"),
	DPVS("laddr_group_name", FULL_NAT),
	DPVS("daddr_group_name", DROPS),
	DPVS("waddr_group_name", LETS_IN),
	DPVS("blklst_addr_gname", DROPS),
	DPVS("whtlst_addr_gname", LETS_IN),
	DPVS("establish_timeout",
		"the kernel's timeouts are those of all services: lvs_timeouts "
		"in global_defs"),
	DPVS("expire_quiescent_conn",
		"see expire_nodest_conn and expire_quiescent_template in "
		"/proc/sys/net/ipv4/vs"),
	DPVS("hash_target",
		"it is for conhash of DPVS; the kernel has sh and mh, which "
		"hash the client's address"),
	DPVS("proxy_protocol", USER_SPACE),
	DPVS("quic", USER_SPACE),
	DPVS("bps", USER_SPACE),
	DPVS("limit_proportion", USER_SPACE),
	DPVS("src-range", USER_SPACE),
	DPVS("dst-range", USER_SPACE),
	DPVS("iif", USER_SPACE),
	DPVS("oif", USER_SPACE),
	DPVS("syn_proxy",
		"DPVS answers SYNs for the servers; nftables has synproxy"),
	DPVS("vip_bind_dev", USER_SPACE),
	DPVS("snat_rule", USER_SPACE),
	{ .name = NULL },
};

static const struct conf_block global_block = { .keywords = global_words };
static const struct conf_block instance_block = { .keywords = instance_words };
static const struct conf_block script_block = { .keywords = script_words };
static const struct conf_block service_block = { .keywords = service_words };

static const struct conf_keyword root_words[] = {
	INSIDE("global_defs", &global_block),
	INSIDE("vrrp_instance", &instance_block),
	INSIDE("vrrp_script", &script_block),
	INSIDE("virtual_server", &service_block),
	DPVS("local_address_group", FULL_NAT),
	DPVS("deny_address_group", DROPS),
	DPVS("allow_address_group", LETS_IN),
	DPVS("tunnel_group", USER_SPACE),
	{ .name = NULL },
};

const struct conf_block foreign_conf_root = { .keywords = root_words };

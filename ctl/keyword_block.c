/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/keyword_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/keyword_example.h"
#include "lib/mem.h"

#define LINES_MAX 6

/* What is in the example of a block: whole lines, and names of keywords that
 * have an example of their own. */
static const struct {
	const char *block;
	const char *lines[LINES_MAX];
} insides[] = {
	{ "global_defs", { "router_id lb1", "enable_script_security",
		"script_user" } },
	{ "vrrp_instance", { "state", "interface", "virtual_router_id 51",
		"priority", "virtual_ipaddress" } },
	{ "authentication", { "auth_type PASS", "auth_pass secret" } },
	{ "auth_hmac", { "key", "active_key" } },
	{ "vrrp_sync_group", { "group { VI_1 VI_2 }" } },
	{ "vrrp_script", { "script", "interval 2", "fall 2", "rise 2",
		"weight -20" } },
	{ "vrrp_track_process", { "process haproxy", "weight -20" } },
	{ "track_file", { "file /run/tandem/load", "weight -1" } },
	{ "vrrp_track_file", { "file /run/tandem/load", "weight -1" } },
	{ "bfd_instance", { "neighbor_ip", "min_rx 100", "min_tx 100",
		"multiplier" } },
	{ "garp_group", { "interface", "garp_interval 0.1" } },
	{ "track_group", { "group" } },
	{ "virtual_server", { "lb_algo", "lb_kind", "protocol", "delay_loop 5",
		"real_server" } },
	{ "virtual_server_group", { "192.0.2.1 80", "192.0.2.2 80" } },
	{ "real_server", { "weight 1", "TCP_CHECK" } },
	{ "TCP_CHECK", { "connect_timeout 3" } },
	{ "HTTP_GET", { "url", "connect_timeout 3" } },
	{ "SSL_GET", { "url", "connect_timeout 3" } },
	{ "url", { "path", "status_code 200" } },
	{ "MISC_CHECK", { "misc_path", "misc_timeout 5" } },
	{ "SMTP_CHECK", { "helo_name", "connect_timeout 3" } },
	{ "host", { "connect_ip 192.0.2.11", "connect_port 25" } },
	{ "DNS_CHECK", { "name", "type", "connect_timeout 3" } },
	{ "UDP_CHECK", { "payload", "require_reply" } },
	{ "PING_CHECK", { "connect_timeout 3" } },
	{ "BFD_CHECK", { "name" } },
	{ "FILE_CHECK", { "track_file" } },
	{ "SSL", { "certificate", "key" } },
};

static const char *const *find_lines(const char *block)
{
	for (size_t i = 0; i < sizeof(insides) / sizeof(insides[0]); i++)
		if (!strcmp(insides[i].block, block))
			return insides[i].lines;
	return NULL;
}

static const struct keyword_node *find_child(
	const struct keyword_node *node, const char *name)
{
	for (size_t i = 0; i < node->n_children; i++)
		if (!strcmp(node->children[i]->name, name))
			return node->children[i];
	return NULL;
}

static void put_tabs(FILE *out, unsigned int depth)
{
	while (depth--)
		fputc('\t', out);
}

static void put_node(FILE *out, const struct keyword_node *node,
	unsigned int depth, struct arena *arena)
{
	const char *first = keyword_example(node, arena);
	const char *const *lines = find_lines(node->name);
	size_t len = strlen(first);

	put_tabs(out, depth);
	fputs(first, out);
	if (first[len - 1] != '{')
		return;
	for (size_t i = 0; lines && i < LINES_MAX && lines[i]; i++) {
		const struct keyword_node *child = find_child(node, lines[i]);

		fputc('\n', out);
		if (child) {
			put_node(out, child, depth + 1, arena);
			continue;
		}
		put_tabs(out, depth + 1);
		fputs(lines[i], out);
	}
	fputc('\n', out);
	put_tabs(out, depth);
	fputc('}', out);
}

const char *keyword_block_example(
	const struct keyword_node *node, struct arena *arena)
{
	const char *copy;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return node->name;
	put_node(out, node, 0, arena);
	fclose(out);
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small language for the tests of config/: two views, every type.
 */
#ifndef TANDEM_TESTS_CONFIG_TOY_H
#define TANDEM_TESTS_CONFIG_TOY_H

#include "config/language.h"

struct toy_check {
	int64_t timeout_us;
	bool alpha;
	bool inherited_alpha;
};

struct toy_server {
	struct ip_addr addr;
	int64_t port;
	int64_t weight;
	int64_t delay_us;
	int64_t finished;
	struct conf_script notify_up;
	struct conf_list checks;
};

struct toy_service {
	const char *name;
	int64_t weight;
	int64_t delay_us;
	int64_t persistence;
	int scheduler;
	int protocol;
	bool ops;
	bool alpha;
	struct ip_addr sorry;
	struct conf_script quorum_up;
	const char *kept;
	struct conf_list servers;
	const char *lines[16];
	size_t n_lines;
};

struct toy_global {
	const char *router_id;
	const char *first;
	const char *password;
	int64_t inits;
	int64_t finishes;
};

struct toy_root {
	struct toy_global *global;
	struct conf_list services;
};

extern const struct conf_language toy_language;
extern const struct conf_block toy_root_block;

#endif

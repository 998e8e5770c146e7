/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows that the keyword tables of several checkers share: how to connect and
 * when to run.  For tables of struct check_config alone.
 */
#ifndef TANDEM_HEALTHCHECK_CHECK_CONF_ROWS_H
#define TANDEM_HEALTHCHECK_CHECK_CONF_ROWS_H

#include <stddef.h>

#include "healthcheck/check_conf.h"

#define CHECK_AT(member) offsetof(struct check_config, member)

#define CHECK_TIMING_ROWS                                                                                \
	{ .name = "delay_loop", .type = CONF_TIME, .offset = CHECK_AT(timing.delay_loop_us),       \
		.min = 1000, .max = CHECK_TIME_MAX, .args = "SECONDS",                             \
		.default_text = "that of the real_server",                                         \
		.doc = "Time between the end of a check and the next one." },                      \
	{ .name = "retry", .type = CONF_INT, .offset = CHECK_AT(timing.retry),                     \
		.max = INT32_MAX, .args = "NUMBER", .default_text = "1; DNS_CHECK 3; MISC_CHECK 0",             \
		.doc = "Failures in a row that a server which is up survives." },                  \
	{ .name = "delay_before_retry", .type = CONF_TIME,                                         \
		.offset = CHECK_AT(timing.delay_before_retry_us), .min = 0,                        \
		.max = CHECK_TIME_MAX, .args = "SECONDS",                                          \
		.default_text = "1; HTTP_GET, SSL_GET 3; DNS_CHECK delay_loop",                                \
		.doc = "Time between a failure of a server which is up and the next try." },       \
	{ .name = "warmup", .type = CONF_TIME, .offset = CHECK_AT(timing.warmup_us),               \
		.max = CHECK_TIME_MAX, .args = "SECONDS", .default_text = "delay_loop",            \
		.doc = "The first check comes at a random moment within this time." },             \
	{ .name = "alpha", .type = CONF_CUSTOM, .bind = check_bind_alpha, .args = "[BOOL]",        \
		.show = check_show_alpha,                                                          \
		.default_text = "that of the real_server",                                         \
		.doc = "The server is not used before this check has passed once." },              \
	{ .name = "log_all_failures", .type = CONF_CUSTOM,                                         \
		.bind = check_bind_log_all_failures, .args = "[BOOL]",                             \
		.show = check_show_log_all_failures,                                               \
		.default_text = "checker_log_all_failures",                                        \
		.doc = "Log each failed check, not only changes of state." }

/* In `host` of SMTP_CHECK they do not come from the check around it, the
 * timeout does. */
#define CHECK_CONNECTION_ROWS                                                                            \
	{ .name = "connect_ip", .type = CONF_ADDRESS, .offset = CHECK_AT(target.addr),             \
		.args = "ADDRESS", .default_text = "that of the real_server",                      \
		.inherits = "", .doc = "Address to connect to." },                                                 \
	{ .name = "connect_port", .type = CONF_INT, .offset = CHECK_AT(connect_port), .min = 1,    \
		.max = 65535, .args = "PORT", .default_text = "that of the real_server",           \
		.inherits = "", .doc = "Port to connect to." },                                                    \
	{ .name = "bindto", .type = CONF_ADDRESS, .offset = CHECK_AT(source.addr),                 \
		.args = "ADDRESS", .inherits = "", .doc = "Source address." },                                     \
	{ .name = "bind_port", .type = CONF_INT, .offset = CHECK_AT(bind_port), .min = 1,          \
		.max = 65535, .args = "PORT", .inherits = "", .doc = "Source port." },                             \
	{ .name = "bind_if", .type = CONF_STRING, .offset = CHECK_AT(bind_if),                     \
		.args = "INTERFACE", .inherits = "", .doc = "Interface to use; link-local addresses need it.",     \
		.example = "bind_if eth0" },                                                       \
	{ .name = "fwmark", .type = CONF_INT, .offset = CHECK_AT(fwmark), .max = UINT32_MAX,       \
		.args = "MARK", .inherits = "", .doc = "Firewall mark of the packets." },                          \
	{ .name = "connect_timeout", .type = CONF_TIME,                                            \
		.offset = CHECK_AT(timing.connect_timeout_us), .min = 1000,                        \
		.max = CHECK_TIME_MAX, .args = "SECONDS", .default_text = "5",                     \
		.doc = "Longest time for each step: connecting, the TLS handshake, the reply." }

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes two checks the same, and what they are called.
 */
#include <stdio.h>

#include "healthcheck/check_conf.h"

void check_config_place(const struct check_config *check, struct buf_writer *w)
{
	buf_put_u8(w, (uint8_t)check->kind);
	if (check->kind == CHECK_KIND_LOST)
		buf_put_str(w, check->kind_name);
	buf_put_endpoint(w, &check->target);
}

static void put_url(struct buf_writer *w, const struct check_url *url)
{
	unsigned int i;

	buf_put_str(w, url->path);
	buf_put_str(w, url->virtualhost);
	buf_put_u32(w, url->n_status);
	for (i = 0; i < url->n_status; i++) {
		buf_put_u16(w, url->status[i].low);
		buf_put_u16(w, url->status[i].high);
	}
	buf_put_u8(w, url->has_digest);
	buf_put_bytes(w, url->digest, sizeof(url->digest));
	buf_put_u8(w, url->regex != NULL);
	buf_put_str(w, url->regex);
	buf_put_u8(w, url->regex_no_match);
	buf_put_u32(w, url->regex_options);
	buf_put_i64(w, url->regex_min_offset);
	buf_put_i64(w, url->regex_max_offset);
	buf_put_u8(w, url->tls_compliant);
}

static void put_http(struct buf_writer *w, const struct check_config *check)
{
	size_t i;

	buf_put_u32(w, (uint32_t)check->urls.n);
	for (i = 0; i < check->urls.n; i++)
		put_url(w, check->urls.items[i]);
	buf_put_u8(w, (uint8_t)check->http_protocol);
	buf_put_str(w, check->virtualhost);
	if (check->kind != CHECK_KIND_SSL)
		return;
	buf_put_u8(w, check->enable_sni);
	buf_put_str(w, check->sni_name);
	buf_put_u8(w, check->tls_compliant);
	buf_put_u8(w, check->tls_verify);
	buf_put_str(w, check->tls_ca);
	buf_put_str(w, check->tls_name);
	buf_put_i64(w, check->ssl ? (int64_t)check->ssl->print : 0);
}

static void put_connection(
	struct buf_writer *w, const struct check_config *check)
{
	buf_put_endpoint(w, &check->source);
	buf_put_str(w, check->bind_if);
	buf_put_i64(w, check->fwmark);
}

static void put_bytes(struct buf_writer *w, const struct check_bytes *bytes)
{
	buf_put_blob(w, bytes->bytes, bytes->len);
	buf_put_blob(w, bytes->mask, bytes->mask ? bytes->len : 0);
}

static void put_smtp(struct buf_writer *w, const struct check_config *check)
{
	uint32_t i;

	buf_put_str(w, check->helo_name);
	buf_put_u32(w, check->hosts.n);
	for (i = 0; i < check->hosts.n; i++) {
		const struct check_config *host = check->hosts.items[i];

		buf_put_endpoint(w, &host->target);
		put_connection(w, host);
		buf_put_i64(w, host->timing.connect_timeout_us);
	}
}

static void put_udp(struct buf_writer *w, const struct check_config *check)
{
	put_bytes(w, &check->payload);
	buf_put_u8(w, check->require_reply);
	put_bytes(w, &check->reply);
	buf_put_i64(w, check->min_reply_length);
	buf_put_i64(w, check->max_reply_length);
}

static void put_timing(struct buf_writer *w, const struct check_config *check)
{
	const struct check_defaults *timing = &check->timing;

	buf_put_i64(w, timing->delay_loop_us);
	buf_put_i64(w, timing->retry);
	buf_put_i64(w, timing->delay_before_retry_us);
	buf_put_i64(w, timing->connect_timeout_us);
	buf_put_i64(w, timing->warmup_us);
	buf_put_i64(w, check->misc_timeout_us);
	buf_put_u8(w, (uint8_t)timing->alpha);
	buf_put_u8(w, (uint8_t)timing->log_all_failures);
}

void check_config_identity(
	const struct check_config *check, bool timing, struct buf_writer *w)
{
	check_config_place(check, w);
	put_connection(w, check);
	switch (check->kind) {
	case CHECK_KIND_TCP:
	case CHECK_KIND_PING:
	case CHECK_KIND_LOST:
		break;
	case CHECK_KIND_SMTP:
		put_smtp(w, check);
		break;
	case CHECK_KIND_DNS:
		buf_put_str(w, check->dns_name);
		buf_put_u32(w, (uint32_t)check->dns_type);
		break;
	case CHECK_KIND_UDP:
		put_udp(w, check);
		break;
	case CHECK_KIND_HTTP:
	case CHECK_KIND_SSL:
		put_http(w, check);
		break;
	case CHECK_KIND_FILE:
		buf_put_str(w, check->file_name);
		buf_put_str(w, check->file_path);
		buf_put_i64(w, check->file_weight);
		buf_put_u8(w, check->file_reverse);
		break;
	case CHECK_KIND_BFD:
		buf_put_str(w, check->bfd_name);
		buf_put_u8(w, check->bfd_found);
		break;
	case CHECK_KIND_MISC:
		buf_put_str(w, check->script.command);
		buf_put_str(w, check->misc_user);
		buf_put_u8(w, check->misc_dynamic);
		break;
	}
	if (timing)
		put_timing(w, check);
}

const char *check_config_name(
	const struct check_config *check, char buf[static CHECK_NAME_MAX])
{
	char target[IP_ENDPOINT_STRLEN];

	ip_endpoint_format(&check->target, target);
	if (check->kind == CHECK_KIND_MISC)
		snprintf(buf, CHECK_NAME_MAX, "%s %s %s", check->kind_name,
			target,
			check->script.command ? check->script.command : "");
	else if (check->kind == CHECK_KIND_FILE)
		snprintf(buf, CHECK_NAME_MAX, "%s %s %s", check->kind_name,
			target, check->file_name ? check->file_name : "");
	else if (check->kind == CHECK_KIND_BFD)
		snprintf(buf, CHECK_NAME_MAX, "%s %s %s", check->kind_name,
			target, check->bfd_name ? check->bfd_name : "");
	else
		snprintf(buf, CHECK_NAME_MAX, "%s %s", check->kind_name,
			target);
	return buf;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/language.h"
#include "healthcheck/check_conf.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

static const struct conf_block *const views[] = {
	&check_conf_root,
	NULL,
};

struct loaded {
	struct conf_tree *tree;
	struct arena *arena;
	struct diag_list *diags;
	const struct check_conf *conf;
};

static struct loaded load(const char *text, bool lenient)
{
	const struct conf_language language = { .views = views };
	const struct conf_load_options options = { .lenient = lenient };
	struct loaded l = { .arena = arena_new(), .diags = diag_list_new() };
	struct conf_bind ctx;

	l.tree = conf_load_text(&language, "test.conf", text, strlen(text),
		&options, l.diags);
	assert_non_null(l.tree);
	ctx = (struct conf_bind){
		.tree = l.tree,
		.arena = l.arena,
		.lenient = lenient,
	};
	l.conf = conf_bind_root(&ctx, &check_conf_root);
	return l;
}

static void unload(struct loaded *l)
{
	conf_tree_free(l->tree);
	arena_free(l->arena);
	diag_list_free(l->diags);
}

static void expect_clean(struct loaded *l)
{
	if (diag_count(l->diags)) {
		diag_print(l->diags, stderr);
		fail_msg("%zu diagnostics", diag_count(l->diags));
	}
}

static const struct check_server *server_of(
	const struct loaded *l, size_t service, size_t server)
{
	const struct check_service *s = l->conf->services.items[service];

	return s->servers.items[server];
}

static const struct check_config *check_of(
	const struct loaded *l, size_t server, size_t check)
{
	return server_of(l, 0, server)->checks.items[check];
}

#define S(seconds) ((int64_t)((seconds) * USEC_PER_SEC))

static void test_defaults_of_each_kind(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 80 {\n"
		" real_server 192.0.2.11 8080 {\n"
		"  TCP_CHECK {\n  }\n"
		"  HTTP_GET {\n   url {\n    path /\n   }\n  }\n"
		"  MISC_CHECK {\n   misc_path \"/bin/true x\"\n  }\n"
		" }\n}\n",
		false);
	const struct check_config *tcp = check_of(&l, 0, 0);
	const struct check_config *http = check_of(&l, 0, 1);
	const struct check_config *misc = check_of(&l, 0, 2);
	const struct check_url *url = http->urls.items[0];

	(void)state;
	expect_clean(&l);
	assert_int_equal(tcp->kind, CHECK_KIND_TCP);
	assert_int_equal(tcp->timing.delay_loop_us, S(60));
	assert_int_equal(tcp->timing.warmup_us, S(60));
	assert_int_equal(tcp->timing.retry, 1);
	assert_int_equal(tcp->timing.delay_before_retry_us, S(1));
	assert_int_equal(tcp->timing.connect_timeout_us, S(5));
	assert_int_equal(tcp->timing.alpha, CHECK_NO);
	assert_int_equal(tcp->timing.log_all_failures, CHECK_NO);
	assert_int_equal(tcp->target.port, 8080);
	assert_int_equal(http->timing.retry, 1);
	assert_int_equal(http->timing.delay_before_retry_us, S(3));
	assert_int_equal(http->http_protocol, CHECK_HTTP_1_0);
	assert_string_equal(url->path, "/");
	assert_int_equal(url->n_status, 1);
	assert_int_equal(url->status[0].low, 200);
	assert_int_equal(url->status[0].high, 299);
	assert_int_equal(misc->timing.retry, 0);
	assert_int_equal(misc->misc_timeout_us, S(60));
	assert_string_equal(misc->script.command, "/bin/true x");
	assert_true(misc->script.node != 0);
	unload(&l);
}

static void test_words_are_inherited_whatever_their_order(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 80 {\n"
		" real_server 192.0.2.11 80 {\n"
		"  TCP_CHECK {\n   delay_loop 2\n   retry 0\n  }\n"
		"  TCP_CHECK {\n   connect_port 81\n   alpha no\n"
		"   log_all_failures no\n  }\n"
		"  connect_timeout 0.5\n"
		"  warmup 0\n"
		" }\n"
		" real_server 192.0.2.12 80 {\n"
		"  TCP_CHECK {\n  }\n"
		" }\n"
		" delay_loop 7.5\n retry 4\n delay_before_retry 0.25\n alpha\n"
		"}\n"
		"global_defs {\n checker_log_all_failures\n}\n",
		false);
	const struct check_config *a = check_of(&l, 0, 0);
	const struct check_config *b = check_of(&l, 0, 1);
	const struct check_config *c = check_of(&l, 1, 0);

	(void)state;
	expect_clean(&l);
	assert_int_equal(a->timing.delay_loop_us, S(2));
	assert_int_equal(a->timing.retry, 0);
	assert_int_equal(a->timing.connect_timeout_us, S(0.5));
	assert_int_equal(a->timing.warmup_us, 0);
	assert_int_equal(a->timing.alpha, CHECK_YES);
	assert_int_equal(a->timing.log_all_failures, CHECK_YES);
	assert_int_equal(b->timing.delay_loop_us, S(7.5));
	assert_int_equal(b->timing.retry, 4);
	assert_int_equal(b->timing.alpha, CHECK_NO);
	assert_int_equal(b->timing.log_all_failures, CHECK_NO);
	assert_int_equal(b->target.port, 81);
	assert_int_equal(c->timing.delay_before_retry_us, S(0.25));
	assert_int_equal(c->timing.connect_timeout_us, S(5));
	assert_int_equal(c->timing.warmup_us, S(7.5));
	unload(&l);
}

static void test_http_words(void **state)
{
	struct loaded l = load(
		"SSL {\n ca /etc/ca.pem\n}\n"
		"virtual_server 192.0.2.1 443 {\n virtualhost vs.example\n"
		" real_server 2001:db8::11 443 {\n"
		"  SSL_GET {\n"
		"   url {\n    path /a\n    status_code 200 300-399 404\n"
		"    digest FF20ad2481f97b1754ef3e12ecd3a9cc\n"
		"    virtualhost url.example\n   }\n"
		"   url {\n    path /b\n    regex \"o\\x6b (a|b)\"\n"
		"    regex_options caseless dotall\n    regex_no_match\n   }\n"
		"   http_protocol 1.1\n   enable_sni\n   nb_get_retry 3\n"
		"   connect_ip 192.0.2.99\n   connect_port 444\n"
		"   bindto 192.0.2.9\n   bind_port 1000\n   bind_if eth9\n"
		"   fwmark 4294967295\n   tls_verify\n"
		"   tls_verify_name n.example\n  }\n }\n}\n",
		false);
	const struct check_config *c = check_of(&l, 0, 0);
	const struct check_url *a = c->urls.items[0];
	const struct check_url *b = c->urls.items[1];
	char name[CHECK_NAME_MAX];

	(void)state;
	/* nb_get_retry is deprecated, the CA file is not there. */
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 1);
	assert_true(diag_has_code(l.diags, DIAG_IO));
	assert_true(diag_has_code(l.diags, DIAG_DEPRECATED));
	assert_int_equal(a->n_status, 3);
	assert_int_equal(a->status[1].low, 300);
	assert_int_equal(a->status[1].high, 399);
	assert_int_equal(a->status[2].low, 404);
	assert_true(a->has_digest);
	assert_int_equal(a->digest[0], 0xff);
	assert_int_equal(a->digest[15], 0xcc);
	assert_string_equal(a->virtualhost, "url.example");
	assert_string_equal(b->regex, "ok (a|b)");
	assert_true(b->regex_no_match);
	assert_true(b->regex_options != 0);
	assert_int_equal(c->timing.retry, 3);
	assert_int_equal(c->http_protocol, CHECK_HTTP_1_1);
	assert_string_equal(c->virtualhost, "vs.example");
	assert_true(c->enable_sni);
	assert_string_equal(check_config_name(c, name),
		"SSL_GET 192.0.2.99:444");
	assert_int_equal(c->source.port, 1000);
	assert_string_equal(c->bind_if, "eth9");
	assert_int_equal(c->fwmark, UINT32_MAX);
	assert_true(c->tls_verify);
	assert_string_equal(c->tls_ca, "/etc/ca.pem");
	assert_string_equal(c->tls_name, "n.example");
	unload(&l);
}

static void test_a_file_check_takes_weight_and_path_from_its_file(void **state)
{
	struct loaded l = load(
		"track_file load {\n file /run/load\n weight -2 reverse\n}\n"
		"vrrp_track_file old {\n file /run/old\n}\n"
		"virtual_server 192.0.2.1 80 {\n retry 3\n"
		" real_server 192.0.2.11 80 {\n"
		"  FILE_CHECK {\n   track_file load\n  }\n"
		"  FILE_CHECK {\n   track_file load\n   weight 7\n  }\n"
		"  FILE_CHECK {\n   track_file old\n  }\n }\n}\n",
		false);
	const struct check_config *a = check_of(&l, 0, 0);
	const struct check_config *b = check_of(&l, 0, 1);
	const struct check_config *c = check_of(&l, 0, 2);

	(void)state;
	expect_clean(&l);
	assert_string_equal(a->file_path, "/run/load");
	assert_int_equal(a->file_weight, -2);
	assert_true(a->file_reverse);
	assert_int_equal(a->timing.retry, 0);
	assert_int_equal(a->timing.warmup_us, 0);
	assert_int_equal(b->file_weight, 7);
	assert_false(b->file_reverse);
	assert_string_equal(c->file_path, "/run/old");
	assert_int_equal(c->file_weight, 1);
	unload(&l);
}

static bool has_address(const struct check_service *service, const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return check_service_has_address(service, &addr);
}

struct pem_case {
	const char *text;
	mode_t mode;
	bool has_code;
	enum diag_code code;
	enum diag_severity severity;
};

/* What is said of SSL { certificate PATH; key PATH }. */
static void expect_pem(const struct pem_case *c)
{
	char path[] = "/tmp/tandem-pem-XXXXXX";
	int fd = mkstemp(path);
	struct loaded l;
	char text[256];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, c->text, strlen(c->text)),
		(ssize_t)strlen(c->text));
	assert_int_equal(fchmod(fd, c->mode), 0);
	close(fd);
	snprintf(text, sizeof(text), "SSL {\n certificate %s\n}\n", path);
	l = load(text, false);
	unlink(path);
	if (c->has_code) {
		assert_true(diag_has_code(l.diags, c->code));
		assert_int_equal(
			diag_count_severity(l.diags, c->severity), 1);
	} else {
		expect_clean(&l);
		assert_string_equal(l.conf->ssl->certificate, c->text);
		assert_true(l.conf->ssl->print != 0);
	}
	unload(&l);
}

#define PEM(what) "-----BEGIN " what "-----\nAA==\n-----END " what "-----\n"

static void test_pem_files_are_read_and_keys_in_them_guarded(void **state)
{
	static const struct pem_case cases[] = {
		{ PEM("CERTIFICATE"), 0644, .has_code = false },
		{ PEM("CERTIFICATE") PEM("PRIVATE KEY"), 0600,
			.has_code = false },
		{ PEM("CERTIFICATE") PEM("PRIVATE KEY"), 0644, true,
			DIAG_SECRET_FILE, DIAG_WARNING },
		{ PEM("PRIVATE KEY"), 0620, true, DIAG_SECRET_FILE,
			DIAG_ERROR },
		{ "rubbish", 0600, true, DIAG_NOT_TEXT, DIAG_ERROR },
		{ "", 0600, true, DIAG_EMPTY, DIAG_ERROR },
	};
	struct loaded l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_pem(&cases[i]);
	/* What systemd passes on may be read by whom it says. */
	setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
	expect_pem(&(const struct pem_case){
		.text = PEM("CERTIFICATE") PEM("PRIVATE KEY"), .mode = 0440 });
	unsetenv("CREDENTIALS_DIRECTORY");
	l = load("SSL {\n certificate /nonexistent/x\n password x\n}\n", false);
	assert_true(diag_has_code(l.diags, DIAG_IO));
	assert_int_equal(diag_count(l.diags), 1);
	unload(&l);
}

/* What is said of PATH as the CA file of two checks: in line LINE, and once. */
static void expect_ca(const char *path, bool in_ssl, uint32_t line,
	const char *message)
{
	char text[512];
	struct loaded l;

	snprintf(text, sizeof(text),
		"SSL {\n ca %s\n}\n"
		"virtual_server 192.0.2.1 443 {\n real_server 192.0.2.11 443 {\n"
		"  SSL_GET {\n   url {\n    path /\n   }\n"
		"   tls_verify %s\n  }\n"
		"  SSL_GET {\n   url {\n    path /b\n   }\n"
		"   tls_verify %s\n  }\n"
		" }\n}\n",
		in_ssl ? path : "/not/asked/for", in_ssl ? "" : path,
		in_ssl ? "" : path);
	l = load(text, false);
	if (message) {
		assert_int_equal(diag_count(l.diags), 1);
		assert_int_equal(
			diag_get(l.diags, 0)->severity, DIAG_ERROR);
		assert_non_null(strstr(diag_get(l.diags, 0)->message, message));
		assert_int_equal(diag_get(l.diags, 0)->place.line, line);
	} else {
		expect_clean(&l);
	}
	unload(&l);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static void test_a_ca_file_must_be_usable_by_healthcheck(void **state)
{
	char dir[] = "/tmp/tandem-ca-XXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/ca.pem", dir);
	assert_int_equal(chmod(dir, 0755), 0);
	expect_ca(path, false, 10, "No such file or directory");
	expect_ca(path, true, 2, "No such file or directory");
	expect_ca("ca.pem", false, 10, "must be an absolute path");
	expect_ca(dir, false, 10, "is no regular file");
	write_file(path, "rubbish\n");
	expect_ca(path, true, 2, "holds no certificate");
	write_file(path, PEM("PRIVATE KEY"));
	expect_ca(path, false, 10, "holds no certificate");
	write_file(path, "text before\n" PEM("CERTIFICATE"));
	expect_ca(path, false, 0, NULL);
	expect_ca(path, true, 0, NULL);
	if (geteuid() == 0) {
		assert_int_equal(chmod(dir, 0700), 0);
		expect_ca(path, false, 10, "may not read");
		/* Root is itself again. */
		write_file(path, PEM("CERTIFICATE"));
	}
	unlink(path);
	rmdir(dir);
}

static void test_a_password_without_a_certificate_is_only_warned_of(void **state)
{
	struct loaded l = load("SSL {\n password x\n ca /ca.pem\n}\n", false);

	(void)state;
	assert_int_equal(diag_count(l.diags), 1);
	assert_int_equal(diag_get(l.diags, 0)->code, DIAG_MISSING_KEYWORD);
	assert_int_equal(diag_get(l.diags, 0)->severity, DIAG_WARNING);
	assert_int_equal(diag_get(l.diags, 0)->place.line, 2);
	assert_string_equal(l.conf->ssl->ca, "/ca.pem");
	unload(&l);
}

static void test_a_service_knows_its_addresses(void **state)
{
	struct loaded l = load(
		"virtual_server_group g {\n 192.0.2.3 80\n 192.0.2.16/28 80\n"
		" 192.0.2.64-66 80\n 2001:db8::10-1f 80\n"
		" 2001:db8:1::/64 80\n 192.0.2.80-192.0.2.90 1-9\n"
		" fwmark 3\n}\n"
		"virtual_server group g {\n ha_suspend\n}\n"
		"virtual_server 192.0.2.7 80 {\n ha_suspend\n}\n",
		false);
	static const char *const in[] = { "192.0.2.3", "192.0.2.16",
		"192.0.2.31", "192.0.2.66", "192.0.2.85", "2001:db8::1f",
		"2001:db8:1::ffff" };
	static const char *const out[] = { "192.0.2.4", "192.0.2.15",
		"192.0.2.32", "192.0.2.67", "192.0.2.91", "2001:db8::20",
		"2001:db8:2::", "192.0.2.7" };
	const struct check_service *group = l.conf->services.items[0];
	const struct check_service *single = l.conf->services.items[1];
	size_t i;

	(void)state;
	expect_clean(&l);
	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		assert_true(has_address(group, in[i]));
	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		assert_false(has_address(group, out[i]));
	assert_true(has_address(single, "192.0.2.7"));
	assert_false(has_address(single, "192.0.2.3"));
	unload(&l);
}

static void test_what_is_missing_is_an_error(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 80 {\n real_server 192.0.2.11 80 {\n"
		"  HTTP_GET {\n  }\n"
		"  HTTP_GET {\n   url {\n    status_code 99\n"
		"    digest xyz\n   }\n  }\n"
		"  MISC_CHECK {\n  }\n }\n}\n",
		false);

	(void)state;
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 5);
	assert_true(diag_has_code(l.diags, DIAG_MISSING_KEYWORD));
	assert_true(diag_has_code(l.diags, DIAG_VALUE_RANGE));
	assert_true(diag_has_code(l.diags, DIAG_VALUE_TYPE));
	unload(&l);
}

static void test_a_bfd_check_finds_its_session(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 25 {\n retry 7\n alpha\n"
		" real_server 192.0.2.11 25 {\n"
		"  BFD_CHECK {\n   name x\n  }\n"
		"  BFD_CHECK {\n   name y\n   alpha no\n  }\n }\n}\n"
		"bfd_instance x {\n}\n"
		"bfd_instance y {\n vrrp\n checker\n}\n",
		false);
	const struct check_config *x = check_of(&l, 0, 0);
	const struct check_config *y = check_of(&l, 0, 1);

	(void)state;
	expect_clean(&l);
	assert_int_equal(x->kind, CHECK_KIND_BFD);
	assert_string_equal(x->bfd_name, "x");
	assert_true(x->bfd_found);
	assert_int_equal(x->timing.retry, 0);
	assert_int_equal(x->timing.alpha, CHECK_YES);
	assert_true(y->bfd_found);
	assert_int_equal(y->timing.alpha, CHECK_NO);
	unload(&l);
}

static void test_a_bfd_check_without_a_session_is_an_error(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 25 {\n real_server 192.0.2.11 25 {\n"
		"  BFD_CHECK {\n   name x\n  }\n"
		"  BFD_CHECK {\n   name y\n  }\n"
		"  BFD_CHECK {\n  }\n }\n}\n"
		"bfd_instance y {\n vrrp\n}\n",
		false);
	size_t i;

	(void)state;
	assert_int_equal(diag_count_severity(l.diags, DIAG_ERROR), 3);
	assert_true(diag_has_code(l.diags, DIAG_REFERENCE));
	assert_true(diag_has_code(l.diags, DIAG_MISSING_KEYWORD));
	/* And it fails always, if the start goes on. */
	for (i = 0; i < 3; i++) {
		assert_int_equal(check_of(&l, 0, i)->kind, CHECK_KIND_BFD);
		assert_false(check_of(&l, 0, i)->bfd_found);
	}
	unload(&l);
}

static void test_a_mistyped_check_is_never_taken_for_none(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 80 {\n real_server 192.0.2.11 80 {\n"
		"  HTTP_GTE {\n   url {\n    path /\n   }\n  }\n }\n}\n",
		true);
	const struct check_server *server = server_of(&l, 0, 0);
	const struct check_config *lost;

	(void)state;
	assert_true(diag_has_code(l.diags, DIAG_UNKNOWN_KEYWORD));
	assert_int_equal(server->checks.n, 1);
	lost = server->checks.items[0];
	assert_int_equal(lost->kind, CHECK_KIND_LOST);
	unload(&l);
}

/* keepalived loses the check here, and the server is up for ever. */
static void test_a_check_behind_another_word_is_not_lost(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 80 {\n real_server 192.0.2.11 80 {\n"
		"  retry 1 TCP_CHECK {\n   connect_timeout 3\n  }\n }\n}\n",
		true);
	const struct check_server *server = server_of(&l, 0, 0);
	const struct check_config *lost;

	(void)state;
	assert_true(diag_has_code(l.diags, DIAG_BRACE));
	assert_int_equal(server->checks.n, 1);
	lost = server->checks.items[0];
	assert_int_equal(lost->kind, CHECK_KIND_LOST);
	unload(&l);
}

static void test_a_port_comes_from_the_service(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 80 {\n real_server 192.0.2.11 {\n"
		"  TCP_CHECK {\n  }\n }\n}\n"
		"virtual_server fwmark 3 {\n real_server 192.0.2.11 {\n"
		"  TCP_CHECK {\n   connect_port 22\n  }\n }\n}\n",
		false);
	const struct check_config *marked =
		server_of(&l, 1, 0)->checks.items[0];

	(void)state;
	assert_int_equal(check_of(&l, 0, 0)->target.port, 80);
	assert_int_equal(marked->target.port, 22);
	unload(&l);
}

static bool same(const struct check_config *a, const struct check_config *b,
	bool timing)
{
	struct buf_writer x = { .data = NULL };
	struct buf_writer y = { .data = NULL };
	bool equal;

	check_config_identity(a, timing, &x);
	check_config_identity(b, timing, &y);
	equal = x.len == y.len && !memcmp(x.data, y.data, x.len);
	buf_writer_free(&x);
	buf_writer_free(&y);
	return equal;
}

static void test_identity_sees_what_is_sent_and_expected(void **state)
{
	struct loaded l = load(
		"virtual_server 192.0.2.1 80 {\n"
		" real_server 192.0.2.11 80 {\n"
		"  HTTP_GET {\n   url {\n    path /\n   }\n  }\n"
		"  HTTP_GET {\n   url {\n    path /\n   }\n  }\n"
		"  HTTP_GET {\n   url {\n    path /x\n   }\n  }\n"
		"  HTTP_GET {\n   url {\n    path /\n   }\n   retry 9\n  }\n"
		"  HTTP_GET {\n   url {\n    path /\n    regex a\n   }\n  }\n"
		"  TCP_CHECK {\n  }\n }\n"
		" real_server 192.0.2.12 80 {\n"
		"  HTTP_GET {\n   url {\n    path /\n   }\n  }\n"
		"  HTTP_GET {\n   url {\n    path /\n   }\n"
		"   connect_ip 192.0.2.11\n  }\n }\n}\n",
		false);
	const struct check_config *first = check_of(&l, 0, 0);

	(void)state;
	expect_clean(&l);
	assert_true(same(first, check_of(&l, 0, 1), true));
	assert_false(same(first, check_of(&l, 0, 2), false));
	assert_false(same(first, check_of(&l, 0, 3), true));
	assert_true(same(first, check_of(&l, 0, 3), false));
	assert_false(same(first, check_of(&l, 0, 4), false));
	assert_false(same(first, check_of(&l, 0, 5), false));
	assert_false(same(first, check_of(&l, 1, 0), false));
	/* The same target by another way is the same check. */
	assert_true(same(first, check_of(&l, 1, 1), true));
	unload(&l);
}

static void expect_documented(const struct conf_block *block, int depth)
{
	const struct conf_keyword *k;

	for (k = block->keywords; k->name; k++) {
		if (!k->doc || !*k->doc)
			fail_msg("%s has no documentation", k->name);
		if (k->type != CONF_FLAG && k->type != CONF_BLOCK && !k->args)
			fail_msg("%s does not name its arguments", k->name);
		if (k->type == CONF_BLOCK && depth < 6)
			expect_documented(k->block, depth + 1);
	}
}

static void test_every_keyword_is_documented(void **state)
{
	(void)state;
	expect_documented(&check_conf_root, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_of_each_kind),
		cmocka_unit_test(test_words_are_inherited_whatever_their_order),
		cmocka_unit_test(test_http_words),
		cmocka_unit_test(
			test_a_file_check_takes_weight_and_path_from_its_file),
		cmocka_unit_test(
			test_pem_files_are_read_and_keys_in_them_guarded),
		cmocka_unit_test(test_a_ca_file_must_be_usable_by_healthcheck),
		cmocka_unit_test(
			test_a_password_without_a_certificate_is_only_warned_of),
		cmocka_unit_test(test_a_service_knows_its_addresses),
		cmocka_unit_test(test_what_is_missing_is_an_error),
		cmocka_unit_test(test_a_bfd_check_finds_its_session),
		cmocka_unit_test(
			test_a_bfd_check_without_a_session_is_an_error),
		cmocka_unit_test(test_a_mistyped_check_is_never_taken_for_none),
		cmocka_unit_test(test_a_check_behind_another_word_is_not_lost),
		cmocka_unit_test(test_a_port_comes_from_the_service),
		cmocka_unit_test(test_identity_sees_what_is_sent_and_expected),
		cmocka_unit_test(test_every_keyword_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

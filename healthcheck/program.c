/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "healthcheck/program.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "lib/mem.h"

/* PCRE2 counts its own steps anew for each place where a match could begin;
 * callouts are counted over a whole search.  A million of them take some
 * 10 ms; so many at once, then others get their turn. */
#define SEARCH_CALLOUTS_MAX 3000000
#define SEARCH_SLICE 150000
#define SEARCH_MATCH_LIMIT 100000
#define SEARCH_HEAP_KIB 1024

struct tls_context {
	UT_hash_handle hh;
	SSL_CTX *ctx; /* NULL = could not be made */
	char *error;
	char key[]; /* CA file; "-" = no verification, "" = system store */
};

struct program_store {
	struct tls_context *contexts;
	const struct check_ssl *ssl;
	char *client_error; /* NULL = none yet */
};

struct probe_program {
	const struct tls_context *tls; /* NULL = plain */
	char *error; /* NULL = none */
	size_t n_urls;
	struct {
		pcre2_code *code; /* NULL = none */
		size_t min_offset;
		size_t max_offset; /* PCRE2_UNSET = none */
		bool whole; /* cannot be searched in slices */
	} regex[]; /* of each url */
};

/* --- TLS contexts --- */

static char *tls_error(const char *what, const char *file)
{
	char text[160];

	ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
	ERR_clear_error();
	return x_asprintf("%s %s: %s", what, file, text);
}

/* Reads all certificates of TEXT: the first is ours. */
static bool use_certificates(SSL_CTX *ctx, const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	bool ok = cert && SSL_CTX_use_certificate(ctx, cert) == 1;

	X509_free(cert);
	while (ok && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		ok = SSL_CTX_add1_chain_cert(ctx, cert) == 1;
		X509_free(cert);
	}
	BIO_free(bio);
	if (ok)
		ERR_clear_error(); /* that there are no more */
	return ok;
}

static int give_password(char *buf, int size, int writing, void *user_data)
{
	const char *password = user_data;
	size_t len = password ? strlen(password) : 0;

	(void)writing;
	if (!len || len > (size_t)size)
		return -1;
	memcpy(buf, password, len);
	return (int)len;
}

static bool use_key(SSL_CTX *ctx, const char *text, const char *password)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = bio ?
		PEM_read_bio_PrivateKey(bio, NULL, give_password,
			(void *)(uintptr_t)password) :
		NULL;
	bool ok = key && SSL_CTX_use_PrivateKey(ctx, key) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	return ok;
}

/* NULL, or what is wrong with the client certificate of SSL. */
static char *use_client(SSL_CTX *ctx, const struct check_ssl *ssl)
{
	const char *key = ssl->key ? ssl->key : ssl->certificate;

	if (!use_certificates(ctx, ssl->certificate))
		return tls_error("client", "certificate");
	if (!use_key(ctx, key, ssl->password))
		return tls_error("key of the client", "certificate");
	if (SSL_CTX_check_private_key(ctx) != 1)
		return tls_error("key of another", "client certificate");
	return NULL;
}

/* The same of the CA file KEY, "" = the system's store.  What OpenSSL says of
 * a file that cannot be opened names neither the file nor the reason. */
static char *use_authorities(SSL_CTX *ctx, const char *key)
{
	if (!*key && SSL_CTX_set_default_verify_paths(ctx))
		return NULL;
	if (!*key)
		return tls_error("CA file", "of the system");
	if (access(key, R_OK) < 0)
		return x_asprintf(
			"cannot read CA file %s: %s", key, strerror(errno));
	return SSL_CTX_load_verify_file(ctx, key) ? NULL :
						    tls_error("CA file", key);
}

static SSL_CTX *context_open(const char *key, char **ret_error)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx) {
		*ret_error = tls_error("TLS", "context");
		return NULL;
	}
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
			SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
			SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_verify_depth(ctx, 20);
	if (!strcmp(key, "-"))
		return ctx;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	*ret_error = use_authorities(ctx, key);
	if (!*ret_error)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static const struct tls_context *context_get(
	struct program_store *store, const struct check_config *check)
{
	const char *key = "-";
	struct tls_context *context;

	if (check->tls_verify)
		key = check->tls_ca ? check->tls_ca : "";
	HASH_FIND_STR(store->contexts, key, context);
	if (context)
		return context;
	context = x_calloc(1, sizeof(*context) + strlen(key) + 1);
	memcpy(context->key, key, strlen(key) + 1);
	context->ctx = context_open(key, &context->error);
	if (context->ctx && store->ssl && store->ssl->certificate)
		context->error = use_client(context->ctx, store->ssl);
	if (context->ctx && context->error) {
		SSL_CTX_free(context->ctx);
		context->ctx = NULL;
		if (!store->client_error)
			store->client_error = x_strdup(context->error);
	}
	HASH_ADD_STR(store->contexts, key, context);
	return context;
}

struct program_store *program_store_new(const struct check_ssl *ssl)
{
	struct program_store *store = x_new(struct program_store, 1);

	store->ssl = ssl;
	return store;
}

const char *program_store_client_error(const struct program_store *store)
{
	return store->client_error;
}

void program_store_free(struct program_store *store)
{
	struct tls_context *context;
	struct tls_context *next;

	if (!store)
		return;
	HASH_ITER (hh, store->contexts, context, next) {
		HASH_DEL(store->contexts, context);
		SSL_CTX_free(context->ctx);
		x_free(context->error);
		x_free(context);
	}
	x_free(store->client_error);
	x_free(store);
}

void program_store_problems(const struct program_store *store,
	void (*problem)(const char *text, void *user_data), void *user_data)
{
	const struct tls_context *context;

	for (context = store->contexts; context; context = context->hh.next)
		if (context->error)
			problem(context->error, user_data);
}

SSL_CTX *program_tls(
	const struct probe_program *program, const char **ret_error)
{
	if (!program->tls->ctx)
		*ret_error = program->tls->error;
	return program->tls->ctx;
}

/* --- regular expressions --- */

/* \G means where a search began, and \K moves what PCRE2 calls the start of
 * the match: neither goes on in another slice. */
static bool needs_whole_search(const char *regex)
{
	return strstr(regex, "\\G") || strstr(regex, "\\K");
}

static void regex_compile(
	struct probe_program *program, size_t i, const struct check_url *url)
{
	PCRE2_UCHAR text[160];
	PCRE2_SIZE offset;
	uint32_t options = url->regex_options | PCRE2_AUTO_CALLOUT;
	int error;

	if (url->regex_max_offset)
		options |= PCRE2_USE_OFFSET_LIMIT;
	program->regex[i].min_offset = (size_t)url->regex_min_offset;
	program->regex[i].max_offset = url->regex_max_offset ?
		(size_t)url->regex_max_offset :
		PCRE2_UNSET;
	program->regex[i].whole = needs_whole_search(url->regex);
	program->regex[i].code = pcre2_compile((PCRE2_SPTR)url->regex,
		PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);
	if (program->regex[i].code || program->error)
		return;
	pcre2_get_error_message(error, text, sizeof(text));
	program->error =
		x_asprintf("regex '%s': %s", url->regex, (char *)text);
}

/* What is counted while PCRE2 works. */
struct search_count {
	unsigned int left; /* in this slice */
	size_t at; /* the start of the attempt that it ended in */
};

static int count_callout(pcre2_callout_block *block, void *user_data)
{
	struct search_count *count = user_data;

	if (!count->left) {
		count->at = block->start_match;
		return PCRE2_ERROR_CALLOUT;
	}
	count->left--;
	return 0;
}

static int search_slice(const struct probe_program *program, size_t url,
	const struct program_search *search, struct search_count *count,
	const void *data, size_t len)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	size_t limit = program->regex[url].max_offset;
	int found = PCRE2_ERROR_NOMEMORY;

	if (context && match) {
		if (limit != PCRE2_UNSET)
			pcre2_set_offset_limit(context, limit);
		pcre2_set_match_limit(context, SEARCH_MATCH_LIMIT);
		pcre2_set_heap_limit(context, SEARCH_HEAP_KIB);
		pcre2_set_callout(context, count_callout, count);
		found = pcre2_match(program->regex[url].code, data, len,
			search->at, 0, match, context);
	}
	pcre2_match_data_free(match);
	pcre2_match_context_free(context);
	return found;
}

void program_search_begin(const struct probe_program *program, size_t url,
	struct program_search *ret)
{
	ret->at = program->regex[url].min_offset;
	ret->left = SEARCH_CALLOUTS_MAX;
}

/* All starts before that of the attempt which was cut off are done with; one
 * that takes a whole slice for itself takes too long. */
static enum program_match go_on(bool whole, struct program_search *search,
	const struct search_count *count)
{
	if (whole || count->at <= search->at || search->left <= SEARCH_SLICE)
		return PROGRAM_TOO_COSTLY;
	search->at = count->at;
	search->left -= SEARCH_SLICE;
	return PROGRAM_AGAIN;
}

enum program_match program_search(const struct probe_program *program,
	size_t url, struct program_search *search, const void *data, size_t len)
{
	struct search_count count = { .left = SEARCH_SLICE };
	int found;

	if (search->at > len)
		return PROGRAM_NO_MATCH;
	found = search_slice(program, url, search, &count, data, len);
	if (found >= 0)
		return PROGRAM_MATCH;
	if (found == PCRE2_ERROR_CALLOUT)
		return go_on(program->regex[url].whole, search, &count);
	/* A body that is no UTF-8 does not match. */
	if (found == PCRE2_ERROR_MATCHLIMIT ||
		found == PCRE2_ERROR_HEAPLIMIT ||
		found == PCRE2_ERROR_DEPTHLIMIT ||
		found == PCRE2_ERROR_NOMEMORY)
		return PROGRAM_TOO_COSTLY;
	return PROGRAM_NO_MATCH;
}

/* --- programs --- */

struct probe_program *program_new(
	struct program_store *store, const struct check_config *check)
{
	struct probe_program *program;
	size_t n;
	size_t i;

	if (check->kind != CHECK_KIND_HTTP && check->kind != CHECK_KIND_SSL)
		return NULL;
	n = check->urls.n;
	program = x_calloc(
		1, sizeof(*program) + n * sizeof(program->regex[0]));
	program->n_urls = n;
	if (check->kind == CHECK_KIND_SSL)
		program->tls = context_get(store, check);
	for (i = 0; i < n; i++) {
		const struct check_url *url = check->urls.items[i];

		if (url->regex)
			regex_compile(program, i, url);
	}
	return program;
}

const char *program_error(const struct probe_program *program)
{
	return program->error;
}

void program_free(struct probe_program *program)
{
	size_t i;

	if (!program)
		return;
	for (i = 0; i < program->n_urls; i++)
		pcre2_code_free(program->regex[i].code);
	x_free(program->error);
	x_free(program);
}

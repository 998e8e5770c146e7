/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/digest.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/digest_fetch.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define TIMEOUT_US (5 * USEC_PER_SEC)
#define TIMEOUT_MAX_S 3600

struct digest {
	struct digest_page page;
	bool use_sni; /* -I */
	bool verbose;
	bool json;
	char *url; /* what was cut into pieces; owned */
};

enum {
	OPT_JSON = 256,
};

static const struct option long_options[] = {
	{ "use-ssl", no_argument, NULL, 'S' },
	{ "use-sni", no_argument, NULL, 'I' },
	{ "server", required_argument, NULL, 's' },
	{ "port", required_argument, NULL, 'p' },
	{ "url", required_argument, NULL, 'u' },
	{ "use-virtualhost", required_argument, NULL, 'V' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "fwmark", required_argument, NULL, 'm' },
	{ "protocol", required_argument, NULL, 'P' },
	{ "timeout", required_argument, NULL, 't' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	fputs("Usage: tandemctl digest [OPTION]... URL\n"
	      "       tandemctl digest [OPTION]... HOST PORT PATH\n"
	      "       tandemctl digest [OPTION]... -s HOST -p PORT -u PATH\n\n"
	      "  -s, --server HOST           name or address\n"
	      "  -p, --port PORT             80, with -S 443\n"
	      "  -u, --url PATH\n"
	      "  -S, --use-ssl               over TLS, as SSL_GET\n"
	      "  -I, --use-sni               name the virtual host in TLS\n"
	      "  -V, --use-virtualhost NAME  the host asked for (HOST)\n"
	      "  -P, --protocol VERSION      1.0, 1.0c (with Connection: "
	      "close) or 1.1\n"
	      "  -t, --timeout SECONDS       5\n"
	      "  -m, --fwmark MARK           of the packets\n"
	      "  -v, --verbose               say what came, too\n"
	      "      --json\n"
	      "  -h, --help\n",
		stdout);
}

static int complain(const char *what, const char *which)
{
	fprintf(stderr, "tandemctl: digest: %s%s%s\n", what, which ? ": " : "",
		which ? which : "");
	return EXIT_USAGE;
}

/* A number from 1 to MAX that is all of TEXT; 0 = it is none. */
static uint32_t read_number(const char *text, uint32_t max)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || number > max)
		return 0;
	return (uint32_t)number;
}

static bool read_protocol(const char *text, enum digest_protocol *ret)
{
	if (!strcmp(text, "1.0"))
		*ret = DIGEST_HTTP_1_0;
	else if (!strcmp(text, "1.0c") || !strcmp(text, "1.0C"))
		*ret = DIGEST_HTTP_1_0_CLOSE;
	else if (!strcmp(text, "1.1"))
		*ret = DIGEST_HTTP_1_1;
	else
		return false;
	return true;
}

/* 0 or an exit status. */
static int take_option(struct digest *d, int opt)
{
	uint32_t number;

	switch (opt) {
	case 's':
		d->page.host = optarg;
		return 0;
	case 'p':
		d->page.port = optarg;
		return 0;
	case 'u':
		d->page.path = optarg;
		return 0;
	case 'S':
		d->page.tls = true;
		return 0;
	case 'I':
		d->use_sni = true;
		return 0;
	case 'V':
		d->page.virtualhost = optarg;
		return 0;
	case 'v':
		d->verbose = true;
		return 0;
	case OPT_JSON:
		d->json = true;
		return 0;
	case 'm':
		d->page.mark = read_number(optarg, UINT32_MAX);
		return d->page.mark ? 0 : complain("no mark", optarg);
	case 't':
		number = read_number(optarg, TIMEOUT_MAX_S);
		d->page.timeout_us = (int64_t)number * USEC_PER_SEC;
		return number ? 0 : complain("no timeout", optarg);
	case 'P':
		return read_protocol(optarg, &d->page.protocol) ?
			0 :
			complain("no HTTP version: 1.0, 1.0c or 1.1", optarg);
	default:
		return complain(
			"unknown option or argument missing (see -h)", NULL);
	}
}

/* http://HOST[:PORT][/PATH]; HOST may be [IPV6]. */
static int take_url(struct digest *d, const char *url)
{
	bool tls = !strncmp(url, "https://", 8);
	char *host;
	char *slash;
	char *colon;

	if (!tls && strncmp(url, "http://", 7))
		return complain("no URL http:// or https://", url);
	d->page.tls |= tls;
	d->url = x_strdup(url + (tls ? 8 : 7));
	host = d->url;
	slash = strchr(host, '/');
	/* The path keeps its slash; the host ends where a 0 fits. */
	d->page.path = slash ? url + (tls ? 8 : 7) + (slash - host) : "/";
	if (slash)
		*slash = '\0';
	colon = strrchr(host, ':');
	if (*host == '[' && strchr(host, ']')) {
		char *close = strchr(host, ']');

		colon = close[1] == ':' ? close + 1 : NULL;
		*close = '\0';
		host++;
	}
	if (colon) {
		*colon = '\0';
		d->page.port = colon + 1;
	}
	d->page.host = host;
	return *host ? 0 : complain("no host in", url);
}

static int take_words(struct digest *d, int n, char **words)
{
	if (n == 1 && !d->page.host)
		return take_url(d, words[0]);
	if (n == 3) {
		d->page.host = words[0];
		d->page.port = words[1];
		d->page.path = words[2];
		n = 0;
	}
	if (n || !d->page.host || !d->page.path)
		return complain("URL, HOST PORT PATH, or -s, -p and -u", NULL);
	return 0;
}

static void format_md5(const struct digest_result *result, char buf[static 33])
{
	int i;

	for (i = 0; i < DIGEST_LEN; i++)
		sprintf(buf + 2 * i, "%02x", result->md5[i]);
}

static void print_json(const struct digest_result *result, const char *md5)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "digest", json_object_new_string(md5));
	json_object_object_add(
		json, "status", json_object_new_int64(result->status));
	json_object_object_add(json, "bytes",
		json_object_new_int64((int64_t)result->body_bytes));
	json_object_object_add(json, "took_ms",
		json_object_new_double(
			(double)result->took_us / (double)USEC_PER_MSEC));
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY));
	json_object_put(json);
}

static int fetch_and_print(struct digest *d)
{
	struct digest_result result;
	char *error = NULL;
	char md5[33];

	if (!d->page.port)
		d->page.port = d->page.tls ? "443" : "80";
	if (d->use_sni || d->url)
		d->page.sni = d->page.virtualhost ? d->page.virtualhost :
						     d->page.host;
	/* A server that resets is told as any other failure. */
	signal(SIGPIPE, SIG_IGN);
	if (digest_fetch(&d->page, &result, &error) < 0) {
		fprintf(stderr, "tandemctl: %s port %s: %s\n", d->page.host,
			d->page.port, error);
		x_free(error);
		return EXIT_REFUSED;
	}
	format_md5(&result, md5);
	if (d->json)
		print_json(&result, md5);
	else
		puts(md5);
	/* The digest of an error page is seldom meant. */
	if (d->verbose || result.status < 200 || result.status > 299)
		fprintf(stderr, "%s, %" PRIu64 " bytes, %.1f ms\n",
			result.status_line, result.body_bytes,
			(double)result.took_us / (double)USEC_PER_MSEC);
	return EXIT_DONE;
}

static int run_words(struct digest *d, int n, char **words)
{
	int status = take_words(d, n, words);

	if (!status)
		status = fetch_and_print(d);
	x_free(d->url);
	return status;
}

int digest_main(int argc, char **argv)
{
	struct digest d = { .page.timeout_us = TIMEOUT_US };
	int status;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "SIs:p:u:V:vhm:P:t:",
			long_options, NULL)) != -1) {
		if (opt == 'h') {
			print_help();
			return EXIT_DONE;
		}
		status = take_option(&d, opt);
		if (status)
			return status;
	}
	return run_words(&d, argc - optind, argv + optind);
}

enum exit_status digest_run(
	const struct command *command, const struct request *request)
{
	struct digest d = {
		.page.timeout_us =
			request->timeout_us ? request->timeout_us : TIMEOUT_US,
		.json = request->format == FORMAT_JSON,
	};

	(void)command;
	return (enum exit_status)run_words(
		&d, (int)request->n_words, request->words);
}

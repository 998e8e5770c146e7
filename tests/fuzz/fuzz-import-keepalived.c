/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl import keepalived`: any bytes give a text that parses.  What is
 * included is the second half of the bytes, whatever its name.
 */
#include <errno.h>
#include <string.h>

#include "ctl/import_keepalived.h"
#include "tests/fuzz/fuzz-import.h"

#include "daemon/language.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *included;
static size_t included_len;

static int find(
	const char *from, const char *pattern, char ***ret_paths, size_t *ret_n)
{
	(void)from;
	if (!*pattern)
		return -ENOENT;
	*ret_paths = x_new(char *, 1);
	**ret_paths = x_strdup("/x/included");
	*ret_n = 1;
	return 0;
}

static int read_half(const char *path, char **ret_text, size_t *ret_len)
{
	(void)path;
	/* What comes first is always a mistake, so that the lines of the file
	 * take the place of the include, which nobody could read here. */
	*ret_text = x_asprintf(
		"\n@nobody {\n%.*s", (int)included_len, included);
	*ret_len = strlen(*ret_text);
	return 0;
}

static const struct kl_includer includer = {
	.find = find,
	.read = read_half,
};

static void import(const char *text, size_t len,
	const struct import_resolver *resolver, struct import_result *result)
{
	(void)resolver;
	included = text + len / 2;
	included_len = len - len / 2;
	import_keepalived(&tandem_language, "/x/fuzz", "here", &includer, text,
		len, result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import(import, data, size);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz-import.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/language.h"
#include "daemon/language.h"

/* Names that begin with h are known. */
static int address(const char *name, int family, char *buf, size_t size)
{
	if (*name != 'h')
		return -ENOENT;
	snprintf(buf, size, "%s", family == 2 ? "192.0.2.99" : "2001:db8::99");
	return 0;
}

static int port(const char *name, const char *protocol)
{
	(void)protocol;
	return *name == 'h' ? 80 : -ENOENT;
}

int fuzz_import(void (*import)(const char *text, size_t len,
			const struct import_resolver *resolver,
			struct import_result *result),
	const uint8_t *data, size_t size)
{
	const struct import_resolver resolver = {
		.address = address,
		.port = port,
	};
	const struct conf_load_options options = {
		.config_id = "here",
		.max_bytes = 1 << 22,
	};
	struct import_result result;
	struct diag_list *diags = diag_list_new();

	import_result_begin(&result);
	import((const char *)data, size, &resolver, &result);
	import_result_end(&result);
	assert(!memchr(result.text, 0, result.len));
	if (result.len && result.len < 1 << 20) {
		conf_tree_free(conf_load_text(&tandem_language, "fuzz",
			result.text, result.len, &options, diags));
		if (diag_has_code(diags, DIAG_BRACE))
			abort();
	}
	import_result_free(&result);
	diag_list_free(diags);
	return 0;
}

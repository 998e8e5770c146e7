/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl import keepalived`: any bytes give a text that parses.
 */
#include "ctl/import_keepalived.h"
#include "tests/fuzz/fuzz-import.h"

#include "daemon/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void import(const char *text, size_t len,
	const struct import_resolver *resolver, struct import_result *result)
{
	(void)resolver;
	import_keepalived(
		&tandem_language, "/x/fuzz", "here", text, len, result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import(import, data, size);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets of the imports share.
 */
#ifndef TANDEM_TESTS_FUZZ_IMPORT_H
#define TANDEM_TESTS_FUZZ_IMPORT_H

#include "ctl/import_result.h"

/* Runs IMPORT over the bytes; aborts when what it makes is no text of which
 * the braces pair up.  0. */
int fuzz_import(void (*import)(const char *text, size_t len,
			const struct import_resolver *resolver,
			struct import_result *result),
	const uint8_t *data, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `tandemctl import ldirectord`: any bytes give a text that parses.
 */
#include "ctl/import_ldirectord.h"
#include "tests/fuzz/fuzz-import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import(import_ldirectord, data, size);
}

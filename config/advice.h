/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people mean by a word that is not what it should be: habits of other
 * languages and of other programs' files.  All of these give a hint in BUF,
 * or NULL when they have no idea.
 */
#ifndef TANDEM_CONFIG_ADVICE_H
#define TANDEM_CONFIG_ADVICE_H

#include <stddef.h>

struct scope;

/* A value that ends with ';' or ',', or is a '='. */
const char *advice_punctuation(const char *text, char *buf, size_t size);

/* A word that is no IP address. */
const char *advice_address(const char *text, char *buf, size_t size);

/* What is wrong with it: the address, or only the length behind it.  Always
 * BUF. */
const char *advice_address_fault(const char *text, char *buf, size_t size);

/* A word that is no keyword of SCOPE, as "interface=eth0", "[global]". */
const char *advice_keyword(struct scope *scope, const char *word, size_t len,
	char *buf, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configurations as text for tests of the ipvs role: its view of the
 * language and a minimal one of the checkers.
 */
#ifndef TANDEM_TESTS_IPVS_HELPER_H
#define TANDEM_TESTS_IPVS_HELPER_H

#include "config/diag.h"
#include "ipvs-ctl/ipvs_conf.h"

struct loaded {
	struct diag_list *diags;
	struct conf_tree *tree;
	struct arena *arena;
	struct ipvs_conf *conf;
};

/* Parses and binds TEXT; fails the test when there is nothing to bind. */
void load_text(struct loaded *ret, const char *text);
void load_free(struct loaded *loaded);
struct ipvs_conf_service *loaded_service(const struct loaded *loaded, size_t i);
struct ipvs_conf_server *loaded_server(
	const struct loaded *loaded, size_t i, size_t j);
/* The only diagnostic with CODE; fails the test when there is none. */
const struct diag *loaded_diag(
	const struct loaded *loaded, enum diag_code code);

#endif

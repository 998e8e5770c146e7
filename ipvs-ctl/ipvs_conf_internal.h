/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the ipvs role's keyword tables share, and nobody else.
 */
#ifndef TANDEM_IPVS_CONF_INTERNAL_H
#define TANDEM_IPVS_CONF_INTERNAL_H

#include "ipvs-ctl/ipvs_conf.h"

/* Of persistence without a time, as the kernel has it. */
#define PERSISTENCE_IMPLIED_S 360

/* --- ipvs_conf_values.c --- */

/* Readers of one line.  TARGET is the struct ipvs_conf_service, for
 * server_method the struct ipvs_conf_server.  A bad value is reported and
 * changes nothing. */
void ipvs_conf_bind_scheduler(
	struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_protocol(
	struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_service_method(
	struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_sorry_method(
	struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_server_method(
	struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_sorry(struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_granularity(
	struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_engine(
	struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_flag(struct conf_bind *ctx, uint32_t node, void *target);
void ipvs_conf_bind_hashed(
	struct conf_bind *ctx, uint32_t node, void *target);
/* What holds, for `show config`: of the service, and of the server. */
void ipvs_conf_show_protocol(const void *target, FILE *out);
void ipvs_conf_show_server_method(const void *target, FILE *out);
/* ADDRESS [PORT] from argument 0 of NODE on: 0, or -EINVAL after having
 * reported. */
int ipvs_conf_read_endpoint(
	struct conf_bind *ctx, uint32_t node, struct ip_endpoint *ret);

/* --- ipvs_conf_marks.c --- */

/* Marks that are given to services, and those that are taken. */
struct mark_giver;

/* Lives in ARENA; free its index with mark_giver_end(). */
struct mark_giver *mark_giver_begin(
	const struct ipvs_conf *conf, struct arena *arena);
void mark_giver_end(struct mark_giver *giver);
/* The addresses among the keys of SERVICE, of a group, become marked, and one
 * mark a key in their place.  New arrays come from ARENA. */
void mark_giver_mark(struct mark_giver *giver,
	struct ipvs_conf_service *service, struct arena *arena);

/* --- ipvs_conf_globals.c --- */

extern const struct conf_block ipvs_conf_globals_block;

#endif

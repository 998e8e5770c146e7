/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a successor of the role must know of services and servers: state,
 * since when, why, and the last changes.  One small blob for each that
 * changed, under its name; those that never changed share the time of the
 * first start.  The supervisor keeps the blobs (see doc/decisions/0002).
 *
 * What the predecessor said last is believed more than what the kernel
 * holds: it is said before it is written there.
 */
#ifndef TANDEM_IPVS_KEPT_H
#define TANDEM_IPVS_KEPT_H

#include "ipvs-ctl/model.h"
#include "lib/buf.h"

struct kept; /* what a predecessor left */

/* Gives a blob under KEY to whoever keeps it; LEN 0 forgets KEY. */
typedef void kept_put(
	const char *key, const void *data, size_t len, void *user_data);

/* Says what SERVER, or with NULL what SERVICE, is now. */
void kept_say(struct model_service *service, struct model_server *server,
	kept_put *put, void *user_data);
/* A model began without a predecessor. */
void kept_say_start(int64_t now_us, kept_put *put, void *user_data);
/* NEW has inherited from OLD: says what is new in it and forgets what is
 * gone. */
void kept_say_inherited(const struct model *old, struct model *new,
	kept_put *put, void *user_data);

struct kept *kept_new(void);
void kept_free(struct kept *kept); /* NULL is fine */
/* A blob that was put under KEY.  False: KEY is not of this module. */
bool kept_take(
	struct kept *kept, const char *key, const void *data, size_t len);
/* Gives MODEL, which has adopted and not started, what is known of it. */
void kept_apply(const struct kept *kept, struct model *model);

#endif

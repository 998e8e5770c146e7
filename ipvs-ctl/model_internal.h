/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the model share, and nobody else.
 */
#ifndef TANDEM_IPVS_MODEL_INTERNAL_H
#define TANDEM_IPVS_MODEL_INTERNAL_H

#include "ipvs-ctl/model.h"

/* A new, empty one, about SERVER (or NULL) of SERVICE. */
struct model_change *model_change_add(struct model_changes *changes,
	struct model_service *service, struct model_server *server);

/* The weights of the servers that are up; RET_ALL_UP: all are. */
int64_t model_weigh(const struct model_service *service, bool *ret_all_up);
/* Gained at quorum + hysteresis, lost below quorum - hysteresis or with
 * nothing left: by weight_up and what it was. */
bool model_judge_quorum(const struct model_service *service);
/* The state of SERVICE by its quorum and weight. */
void model_judge_service(const struct model_service *service, bool all_up,
	enum model_service_state *ret_state, enum reason *ret_reason);
/* Its servers are not in use, but the sorry server. */
bool model_sorry_took_over(const struct model_service *service);

#endif

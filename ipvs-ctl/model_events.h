/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What FIFOs and mail are told about a change of the model: added to the
 * changes, beside the scripts.  Pure, as model.h.
 */
#ifndef TANDEM_IPVS_MODEL_EVENTS_H
#define TANDEM_IPVS_MODEL_EVENTS_H

#include "ipvs-ctl/model.h"

/* SERVER is now UP or not; FLAGS are enum event_flags. */
void model_tell_server(struct model_changes *changes,
	const struct model_server *server, bool up, unsigned int flags);
/* SERVICE has gained or lost its quorum, or has it at its start. */
void model_tell_service(struct model_changes *changes,
	const struct model_service *service, bool up, unsigned int flags);
/* CHECK of SERVER, which has its state already, passed or failed. */
void model_tell_check(struct model_changes *changes,
	const struct model_server *server, const struct model_check *check,
	bool server_changed);

/* Takes first states of services out: a predecessor told them. */
void model_forget_starts(struct model_changes *changes);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service model: from configuration and the facts of checks to what the
 * kernel should hold.  Pure: no descriptor, no clock, no log; `now` comes in,
 * changes come out.
 *
 * A real server is up when all of its checks passed, down when one failed.
 * While some have not spoken yet it keeps what a predecessor knew of it, or
 * starts as alpha says.  A service counts the weights of its servers that
 * are up against its quorum, with hysteresis; without quorum a sorry server
 * takes over, if there is one.
 *
 * The model owns its structs; configuration is borrowed from its generation,
 * which must outlive the model.
 */
#ifndef TANDEM_IPVS_MODEL_H
#define TANDEM_IPVS_MODEL_H

#include "ipvs-ctl/ipvs_conf.h"
#include "ipvs-ctl/table.h"
#include "lib/messages.h"

enum model_server_state {
	MODEL_SERVER_STARTING,
	MODEL_SERVER_UP,
	MODEL_SERVER_DOWN,
};

enum model_service_state {
	MODEL_SERVICE_UP,
	MODEL_SERVICE_DEGRADED,
	MODEL_SERVICE_SORRY,
	MODEL_SERVICE_DOWN,
};

/* "starting", "up", "down"; "up", "degraded", "sorry", "down". */
const char *model_server_state_name(enum model_server_state state);
const char *model_service_state_name(enum model_service_state state);

#define MODEL_HISTORY 16

struct model_event {
	int64_t at_us;
	uint8_t from;
	uint8_t to;
	uint16_t reason;
};

/* The last changes; memory only once there was one. */
struct model_history {
	struct model_event *events;
	unsigned int n; /* all there ever were */
};

struct model_check {
	uint32_t node;
	bool known;
	enum check_state state;
	enum reason reason;
	int32_t weight; /* or CHECK_WEIGHT_NONE */
	bool adds; /* to the configured weight, instead of in its place */
};

struct model_service;

struct model_server {
	const struct ipvs_conf_server *conf;
	struct model_service *service;
	struct model_check *checks;
	enum model_server_state state;
	enum reason reason;
	/* The state comes from a predecessor and holds until every check has
	 * spoken. */
	bool carried;
	int64_t weight_delta; /* what checks add to the configured weight */
	int64_t weight_before; /* configured for whom it inherited from */
	int64_t since_us;
	bool kept; /* a successor will know it by its blob; see kept.h */
	bool handed_on; /* a newer model has it, too */
	struct model_history history;
};

struct model_service {
	const struct ipvs_conf_service *conf;
	struct model_server *servers;
	size_t n_servers;
	enum model_service_state state;
	enum reason reason;
	bool quorum_up;
	bool carried; /* quorum_up is a predecessor's */
	bool dirty;
	int64_t weight_up;
	int64_t since_us;
	bool kept; /* as in a server */
	bool handed_on; /* likewise */
	struct model_history history;
	struct model_service *next_dirty;
};

struct model {
	const struct ipvs_conf *conf;
	struct model_service *services; /* in file order */
	size_t n_services;
	struct model_service *dirty;
	bool started;
	/* From the number of a real_server node to the server; NULL. */
	struct model_server **by_node;
	uint32_t n_nodes;
};

/* Something changed; SERVER is NULL when it is the service.  At the very
 * start of a service from and to are equal. */
struct model_change {
	struct model_service *service;
	struct model_server *server;
	unsigned int from;
	unsigned int to;
	enum reason reason;
	/* To be run, or NULL. */
	const struct conf_script *script;
};

struct model_changes {
	struct model_change *items;
	size_t n;
	size_t capacity;
	struct msg_event *events; /* for FIFOs and mail */
	size_t n_events;
	size_t event_capacity;
};

void model_changes_free(struct model_changes *changes);

/*
 * A model of CONF, whose tree has N_NODES nodes.  Then inherit or adopt, as
 * the case may be, then start.
 */
struct model *model_new(
	const struct ipvs_conf *conf, uint32_t n_nodes, int64_t now_us);
void model_free(struct model *model); /* NULL is fine */

/* Takes over what OLD knew of the same services and servers, by address and
 * not by place.  With MOVE_HISTORY OLD's histories move too. */
void model_inherit(
	struct model *model, struct model *old, bool move_history);
/* A predecessor died: what KERNEL holds tells what it thought. */
void model_adopt(struct model *model, const struct table *kernel);
/* First evaluation of everything; all services are dirty afterwards. */
void model_start(
	struct model *model, int64_t now_us, struct model_changes *changes);

/* A fact of a check; before the start it is only noted.  -ENOENT when there is no such server or check.  Call
 * model_settle() after the last of a row. */
int model_check_state(struct model *model, const struct msg_check_state *fact,
	int64_t now_us, struct model_changes *changes);
/* Evaluates the services that facts have touched; they stay in the list of
 * dirty ones until model_next_dirty() took them. */
void model_settle(
	struct model *model, int64_t now_us, struct model_changes *changes);
/* Takes a service whose desired table may have changed; NULL at the end. */
struct model_service *model_next_dirty(struct model *model);

/* After model_inherit() of another with MOVE_HISTORY: what MODEL has and that
 * one has not is told to be down. */
void model_tell_removed(struct model *model, struct model_changes *changes);

/* What is to be run at a stop (omega). */
void model_stop(const struct model *model, struct model_changes *changes);

/* New connections may go to SERVER: it is up and no sorry server took over. */
bool model_server_in_use(const struct model_server *server);
/* The weight that SERVER has, or would have, in the table. */
int32_t model_server_weight(const struct model_server *server);
/* The kernel's service for key I of SERVICE, new. */
struct table_service *model_make_service(
	const struct model_service *service, size_t i);
/* All of them. */
void model_make_table(const struct model *model, struct table *table);

/* Events that are kept, oldest first: 0 <= I < model_history_count(). */
unsigned int model_history_count(const struct model_history *history);
const struct model_event *model_history_get(
	const struct model_history *history, unsigned int i);

#endif

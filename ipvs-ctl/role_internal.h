/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the ipvs role, shared by its files and nobody else.
 */
#ifndef TANDEM_IPVS_ROLE_INTERNAL_H
#define TANDEM_IPVS_ROLE_INTERNAL_H

#include <uthash.h>

#include "config/tree.h"
#include "ipvs-ctl/ipvs_conf.h"
#include "ipvs-ctl/mark_book.h"
#include "ipvs-ctl/marks.h"
#include "ipvs-ctl/model.h"
#include "ipvs-ctl/reconcile.h"
#include "lib/role.h"

struct event_sender;
struct json_object;

/* A bound configuration and, once it runs, its model. */
struct ipvs_generation {
	uint32_t number;
	struct conf_tree *tree;
	struct arena *arena;
	const struct ipvs_conf *conf;
	struct model *model;
};

/* A script that waits for the runner. */
struct ipvs_run {
	struct ipvs_run *prev;
	struct ipvs_run *next;
	uint32_t generation;
	uint32_t node;
	char *subject;
};

/* What vrrp says of an instance. */
struct ipvs_instance {
	char *name;
	enum vrrp_state state;
	UT_hash_handle hh;
};

struct ipvs_role {
	struct role *role;
	struct reconcile *reconcile;
	struct loop_timer *timer; /* of reconcile */
	struct loop_timer *hold_timer; /* restart: facts did not come */
	struct loop_timer *commit_timer; /* the kernel takes too long */
	struct loop_timer *stop_timer;
	struct marks *marks; /* nftables_ipvs */
	struct mark_book *mark_book;
	struct ipvs_generation *running;
	struct ipvs_generation *prepared;
	uint32_t committing; /* a generation not yet told to be committed */
	struct kept *kept; /* a predecessor's; NULL once the model began */
	bool adopting; /* the model waits for the first dump */
	bool stopping;
	struct ipvs_run *runs;
	unsigned int n_runs;
	struct event_sender *events;
	uint64_t next_run;
	unsigned int n_checkpoints; /* parts that the supervisor keeps */
	struct ipvs_instance *instances;
	uint64_t stale_facts;
	uint64_t unknown_facts;
	uint64_t lost_runs;
};

/* --- role.c --- */

/* A role before this one held its place. */
bool ipvs_role_is_restarted(const struct ipvs_role *r);
/* Timeouts and sync daemons as CONF wants them now. */
void ipvs_role_wanted_globals(const struct ipvs_role *r,
	const struct ipvs_conf_globals *conf, struct table_globals *ret);

/* --- role_runs.c --- */

/* Logs CHANGES, keeps them for a successor, and queues their scripts for the
 * runner.  Frees CHANGES. */
void ipvs_role_handle_changes(
	struct ipvs_role *r, struct model_changes *changes);
/* Sends the scripts that wait, as far as the runner takes them. */
void ipvs_role_flush_runs(struct ipvs_role *r);
/* Forgets them. */
void ipvs_role_drop_runs(struct ipvs_role *r);

/* --- role_generation.c --- */

/* Binds the generation in FD, with the marks in BOOK: 0 or -errno. */
int ipvs_generation_open(uint32_t number, int fd,
	const struct mark_book *book, struct ipvs_generation **ret);
void ipvs_generation_free(struct ipvs_generation *generation); /* or NULL */
/* A model of GENERATION that has inherited from the running one, FOR_GOOD
 * with its histories. */
struct model *ipvs_role_make_model(const struct ipvs_role *r,
	const struct ipvs_generation *generation, bool for_good);
/* What a commit of GENERATION would change, appended to PLAN. */
void ipvs_role_make_plan(const struct ipvs_role *r,
	const struct ipvs_generation *generation, struct json_object *plan);

/* --- role_checkpoint.c --- */

/* A kept_put: gives a blob to the supervisor; USER_DATA is the role. */
void ipvs_role_put_kept(
	const char *key, const void *data, size_t len, void *user_data);
/* The set of owned services has changed: handler of reconcile. */
void ipvs_role_on_owned_changed(void *user_data);
/* A blob of the predecessor: the restore of role_ops. */
void ipvs_role_restore(
	void *state, const char *key, const void *data, size_t len);

/* --- role_services.c --- */

/* The array of services of the status, as JSON text; the caller frees it. */
char *ipvs_role_services_text(const struct ipvs_role *r);
/* The weight that new connections see: none while it is not in the table. */
int32_t ipvs_role_weight_in_use(const struct model_server *server);
/* "service tcp 192.0.2.1:80"; with SERVER "server 192.0.2.11:80 of tcp
 * 192.0.2.1:80".  The caller frees it. */
char *ipvs_role_subject(const struct model_service *service,
	const struct model_server *server);
/* "NAT", "DR", "TUN" ... */
const char *ipvs_role_forward_name(int forward);

/* --- role_explain.c --- */

/* The answer about what TEXT names; see subject.h. */
struct json_object *ipvs_role_explain(struct ipvs_role *r, const char *text);

/* --- role_status.c --- */

struct json_object *ipvs_role_status(struct ipvs_role *r);
/* What RESULT would change, appended to PLAN. */
struct diff_result;
void ipvs_role_plan(const struct table *kernel,
	const struct diff_result *result, struct json_object *plan);
/* What MODEL, which inherited from the running one, changes without the table
 * showing it: weights of servers that are not in use. */
void ipvs_role_plan_unseen(
	const struct model *model, struct json_object *plan);

#endif

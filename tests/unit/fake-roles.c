/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles that do nothing but what a test's configuration tells them, for the
 * supervisor under test: it stands in for daemon/role_ops.c and
 * daemon/language.c.  Lines outside any block:
 *
 *   fake ROLE refuse | die-in-prepare | die-in-commit | slow-commit |
 *             slow-prepare | deaf-to-stop | never-ready | busy-answer |
 *             sleepy-answer | nap-answer
 *
 * With FAKE_SLOW_LOOK in the environment the supervisor takes a second to see
 * what a process does, as on a machine that is too busy: it stands in for
 * lib/proc.c, too.
 */
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/generation.h"
#include "config/schema.h"
#include "daemon/files_conf.h"
#include "daemon/global_conf.h"
#include "daemon/language.h"
#include "daemon/process_conf.h"
#include "daemon/role_ops.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/proc.h"
#include "lib/timeutil.h"

#define SLOW_US (700 * USEC_PER_MSEC)
/* A little longer than a role may be silent. */
#define NAP_US (1000 * USEC_PER_MSEC)

/* --- what the kernel says of a process --- */

char proc_state(pid_t pid)
{
	char path[32];
	char state = 0;
	FILE *file;

	if (getenv("FAKE_SLOW_LOOK"))
		usleep((unsigned int)(NAP_US));
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state;
}

/* --- the language --- */

struct fake_conf {
	unsigned int unused;
};

static void fake_bind(struct conf_bind *ctx, uint32_t node, void *target)
{
	(void)ctx;
	(void)node;
	(void)target;
}

static const struct conf_keyword fake_keywords[] = {
	{
		.name = "fake",
		.type = CONF_CUSTOM,
		.flags = CONF_MULTI | CONF_EXTENSION,
		.bind = fake_bind,
		.args = "ROLE WHAT",
		.doc = "For tests.",
	},
	{ .name = NULL },
};

static const struct conf_block fake_root = {
	.size = sizeof(struct fake_conf),
	.keywords = fake_keywords,
};

static const struct conf_block *const views[] = {
	&fake_root,
	&global_conf_root,
	&process_conf_root,
	&files_conf_root,
	NULL,
};

const struct conf_language tandem_language = { .views = views };

/* --- the roles --- */

struct fake {
	struct role *role;
	enum role_id id;
	struct conf_tree *prepared;
	struct conf_tree *running;
	uint32_t committing;
	struct loop_timer *timer;
	unsigned int commits;
	char restored[64];
	bool peers[ROLE_COUNT];
};

static bool fake_is_told(
	const struct fake *fake, const struct conf_tree *tree, const char *what)
{
	if (!tree)
		return false;
	conf_for_each_child(tree, 0, node)
	{
		const char *role = conf_node_arg(tree, node, 0);
		const char *told = conf_node_arg(tree, node, 1);

		if (!strcmp(conf_node_keyword(tree, node), "fake") && role &&
			told && !strcmp(role, role_id_name(fake->id)) &&
			!strcmp(told, what))
			return true;
	}
	return false;
}

static void fake_committed(void *user_data)
{
	struct fake *fake = user_data;
	char text[32];
	int len;

	log_info("commit %u of pid %d", fake->commits + 1, (int)getpid());
	role_committed(fake->role, fake->committing);
	len = snprintf(text, sizeof(text), "commit %u", ++fake->commits);
	role_checkpoint(fake->role, "commits", text, (size_t)len);
	if (!fake_is_told(fake, fake->running, "never-ready"))
		role_ready(fake->role);
}

static void *fake_create(struct role *role, enum role_id id)
{
	struct fake *fake = x_new(struct fake, 1);

	fake->role = role;
	fake->id = id;
	fake->timer = loop_timer_new(role_loop(role), fake_committed, fake);
	return fake;
}

static void fake_destroy(void *state)
{
	struct fake *fake = state;

	loop_timer_free(fake->timer);
	conf_tree_free(fake->prepared);
	conf_tree_free(fake->running);
	x_free(fake);
}

static void fake_restore(
	void *state, const char *key, const void *data, size_t len)
{
	struct fake *fake = state;

	if (!strcmp(key, "commits"))
		snprintf(fake->restored, sizeof(fake->restored), "%.*s",
			(int)len, (const char *)data);
}

static int fake_prepare(void *state, uint32_t generation, int fd, bool dry_run,
	struct json_object *plan, char **ret_error)
{
	struct fake *fake = state;
	struct json_object *entry;
	struct conf_tree *tree;
	int err = conf_generation_open(fd, &tree);

	(void)generation;
	(void)dry_run;
	if (err)
		return err;
	if (fake_is_told(fake, tree, "die-in-prepare"))
		raise(SIGKILL);
	if (fake_is_told(fake, tree, "slow-prepare")) {
		log_info("prepares slowly");
		usleep((unsigned int)SLOW_US);
	}
	if (fake_is_told(fake, tree, "refuse")) {
		conf_tree_free(tree);
		*ret_error = x_strdup("told to refuse");
		return -EINVAL;
	}
	conf_tree_free(fake->prepared);
	fake->prepared = tree;
	entry = json_object_new_object();
	json_object_object_add(entry, "action", json_object_new_string("edit"));
	json_object_object_add(
		entry, "subject", json_object_new_string("fake"));
	json_object_array_add(plan, entry);
	return 0;
}

static void fake_commit(void *state, uint32_t generation)
{
	struct fake *fake = state;

	if (fake_is_told(fake, fake->prepared, "die-in-commit") &&
		!fake->restored[0])
		raise(SIGKILL);
	conf_tree_free(fake->running);
	fake->running = fake->prepared;
	fake->prepared = NULL;
	fake->committing = generation;
	if (fake_is_told(fake, fake->running, "slow-commit"))
		loop_timer_set(fake->timer, time_monotonic_us() + SLOW_US);
	else
		fake_committed(fake);
}

static void fake_abort(void *state)
{
	struct fake *fake = state;

	conf_tree_free(fake->prepared);
	fake->prepared = NULL;
}

static void fake_peer_up(void *state, enum role_id peer)
{
	struct fake *fake = state;

	fake->peers[peer] = true;
}

static void fake_peer_down(void *state, enum role_id peer)
{
	struct fake *fake = state;

	fake->peers[peer] = false;
}

/* Works, or waits, for longer than a role may be silent. */
static void fake_delay(const struct fake *fake)
{
	int64_t until = time_monotonic_us() + 3 * SLOW_US;

	if (fake_is_told(fake, fake->running, "sleepy-answer"))
		usleep((unsigned int)(3 * SLOW_US));
	if (fake_is_told(fake, fake->running, "nap-answer"))
		usleep((unsigned int)NAP_US);
	if (fake_is_told(fake, fake->running, "busy-answer"))
		while (time_monotonic_us() < until)
			;
}

static struct json_object *fake_request(
	void *state, const char *command, struct json_object *request)
{
	struct json_object *answer = json_object_new_object();
	struct json_object *self = json_object_new_object();
	struct fake *fake = state;
	char key[32];
	struct json_object *peers = json_object_new_array();
	unsigned int id;

	(void)command;
	(void)request;
	fake_delay(fake);
	for (id = 0; id < ROLE_COUNT; id++)
		if (fake->peers[id])
			json_object_array_add(
				peers, json_object_new_string(
					       role_id_name((enum role_id)id)));
	json_object_object_add(self, "generation",
		json_object_new_int64(role_generation(fake->role)));
	json_object_object_add(
		self, "restored", json_object_new_string(fake->restored));
	json_object_object_add(self, "flags",
		json_object_new_int64(role_settings_flags(fake->role)));
	json_object_object_add(self, "predecessor",
		json_object_new_boolean(role_predecessor_us(fake->role) > 0));
	json_object_object_add(self, "predecessor_us",
		json_object_new_int64(role_predecessor_us(fake->role)));
	json_object_object_add(self, "peers", peers);
	/* "fake-vrrp": the contract has other ideas of what "vrrp" is. */
	snprintf(key, sizeof(key), "fake-%s", role_id_name(fake->id));
	json_object_object_add(answer, key, self);
	return answer;
}

static void fake_stop(void *state, enum stop_mode mode)
{
	struct fake *fake = state;

	(void)mode;
	if (!fake_is_told(fake, fake->running, "deaf-to-stop"))
		role_stopped(fake->role);
}

static const struct role_handler no_messages[] = { { 0, NULL } };

static const struct role_peer vrrp_peers[] = {
	{ ROLE_HEALTHCHECK, no_messages },
	{ ROLE_RUNNER, no_messages },
	{ ROLE_IPVS, no_messages },
	{ 0, NULL },
};

static const struct role_peer healthcheck_peers[] = {
	{ ROLE_VRRP, no_messages },
	{ ROLE_RUNNER, no_messages },
	{ ROLE_IPVS, no_messages },
	{ 0, NULL },
};

static const struct role_peer ipvs_peers[] = {
	{ ROLE_RUNNER, no_messages },
	{ ROLE_HEALTHCHECK, no_messages },
	{ ROLE_VRRP, no_messages },
	{ 0, NULL },
};

static const struct role_peer runner_peers[] = {
	{ ROLE_VRRP, no_messages },
	{ ROLE_HEALTHCHECK, no_messages },
	{ ROLE_IPVS, no_messages },
	{ 0, NULL },
};

#define FAKE(name, ID)                                                         \
	static void *name##_create(struct role *role)                          \
	{                                                                      \
		return fake_create(role, ID);                                  \
	}                                                                      \
	static const struct role_ops name##_ops = {                            \
		.id = ID,                                                      \
		.peers = name##_peers,                                         \
		.stop_after = ID == ROLE_VRRP ? 0 : 1u << ROLE_VRRP,           \
		.create = name##_create,                                       \
		.destroy = fake_destroy,                                       \
		.restore = fake_restore,                                       \
		.prepare = fake_prepare,                                       \
		.commit = fake_commit,                                         \
		.abort = fake_abort,                                           \
		.peer_up = fake_peer_up,                                       \
		.peer_down = fake_peer_down,                                   \
		.request = fake_request,                                       \
		.stop = fake_stop,                                             \
	};

FAKE(vrrp, ROLE_VRRP)
FAKE(healthcheck, ROLE_HEALTHCHECK)
FAKE(ipvs, ROLE_IPVS)
FAKE(runner, ROLE_RUNNER)

/* --- the table --- */

static const struct role_ops *const fakes[] = { &vrrp_ops, &healthcheck_ops,
	&ipvs_ops, &runner_ops };

const struct role_ops *role_ops_get(enum role_id id)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (fakes[i]->id == id)
			return fakes[i];
	return NULL;
}

const struct role_ops *role_ops_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (!strcmp(role_id_name(fakes[i]->id), name))
			return fakes[i];
	return NULL;
}

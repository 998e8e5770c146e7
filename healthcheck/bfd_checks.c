/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "healthcheck/bfd_checks.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "lib/mem.h"
#include "lib/messages.h"

#define DETAIL_MAX 48

struct session {
	UT_hash_handle hh;
	char *name;
	bool known;
	bool up;
	char detail[DETAIL_MAX];
	size_t *entries; /* checks that follow it, in the running set */
	size_t n;
	size_t capacity;
};

struct bfd_checks {
	struct check_table *table;
	struct session *sessions; /* by name */
	bool wanted;
};

static struct session *get(struct bfd_checks *checks, const char *name)
{
	struct session *session;

	HASH_FIND_STR(checks->sessions, name, session);
	if (session)
		return session;
	session = x_new(struct session, 1);
	session->name = x_strdup(name);
	HASH_ADD_KEYPTR(hh, checks->sessions, session->name,
		strlen(session->name), session);
	return session;
}

static void hasten(struct bfd_checks *checks, const struct session *session)
{
	size_t i;

	for (i = 0; i < session->n; i++)
		check_table_hasten(checks->table,
			check_table_get(checks->table, session->entries[i]));
}

/* --- words --- */

static void take(struct bfd_checks *checks, const struct msg_bfd_state *m)
{
	struct session *session = get(checks, m->session);
	bool up = m->state == BFD_SESSION_UP;
	bool same = session->known && session->up == up;

	session->known = m->state != BFD_SESSION_UNKNOWN;
	session->up = up;
	strncpy(session->detail, m->detail, DETAIL_MAX - 1);
	if (session->known && !same)
		hasten(checks, session);
}

int bfd_checks_take(struct bfd_checks *checks, struct buf_reader *body)
{
	struct msg_bfd_state m;
	uint32_t count;
	uint32_t i;

	if (msg_get_bfd_states(body, &count) < 0)
		return -EBADMSG;
	for (i = 0; i < count; i++) {
		if (msg_get_bfd_state(body, &m) < 0)
			return -EBADMSG;
		take(checks, &m);
	}
	return buf_reader_finish(body);
}

bool bfd_checks_look(
	void *checks, const char *name, bool *ret_up, const char **ret_detail)
{
	const struct bfd_checks *all = checks;
	struct session *session;

	HASH_FIND_STR(all->sessions, name, session);
	if (!session || !session->known)
		return false;
	*ret_up = session->up;
	*ret_detail = session->detail;
	return true;
}

/* --- generations --- */

static void follow(struct session *session, size_t entry)
{
	if (session->n == session->capacity) {
		session->capacity = session->capacity ? session->capacity * 2
						      : 8;
		session->entries = x_realloc(session->entries,
			session->capacity, sizeof(*session->entries));
	}
	session->entries[session->n++] = entry;
}

static void session_free(struct bfd_checks *checks, struct session *session)
{
	HASH_DEL(checks->sessions, session);
	x_free(session->entries);
	x_free(session->name);
	x_free(session);
}

void bfd_checks_apply(struct bfd_checks *checks)
{
	const struct check_set *set = check_table_set(checks->table);
	struct session *session;
	struct session *next;
	size_t i;

	checks->wanted = false;
	for (session = checks->sessions; session; session = session->hh.next)
		session->n = 0;
	for (i = 0; i < set->n_entries; i++) {
		const struct check_config *config = set->entries[i].config;

		if (config->kind != CHECK_KIND_BFD || !config->bfd_found)
			continue;
		checks->wanted = true;
		follow(get(checks, config->bfd_name), i);
	}
	/* Who is needed in a later generation is spoken of with that. */
	HASH_ITER (hh, checks->sessions, session, next)
		if (!session->n)
			session_free(checks, session);
		else if (session->known)
			hasten(checks, session);
}

bool bfd_checks_wanted(const struct bfd_checks *checks)
{
	return checks->wanted;
}

/* --- life --- */

struct bfd_checks *bfd_checks_new(struct check_table *table)
{
	struct bfd_checks *checks = x_new(struct bfd_checks, 1);

	checks->table = table;
	return checks;
}

void bfd_checks_free(struct bfd_checks *checks)
{
	struct session *session;
	struct session *next;

	HASH_ITER (hh, checks->sessions, session, next)
		session_free(checks, session);
	x_free(checks);
}

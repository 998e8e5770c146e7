/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/mail_last.h"

#include <string.h>
#include <uthash.h>

#include "lib/mem.h"
#include "runner/mail_text.h"

struct mailed {
	UT_hash_handle hh;
	enum event_what what;
	bool stays;
	char about[];
};

struct mail_last {
	struct mailed *mailed;
};

struct mail_last *mail_last_new(void)
{
	return x_new(struct mail_last, 1);
}

static void forget(struct mail_last *last, bool all)
{
	struct mailed *mailed;
	struct mailed *next;

	HASH_ITER (hh, last->mailed, mailed, next) {
		if (mailed->stays && !all)
			continue;
		HASH_DEL(last->mailed, mailed);
		x_free(mailed);
	}
}

void mail_last_free(struct mail_last *last)
{
	if (!last)
		return;
	forget(last, true);
	x_free(last);
}

bool mail_last_is_repeated(
	struct mail_last *last, const char *about, enum event_what what)
{
	size_t len = strlen(about);
	struct mailed *mailed;

	HASH_FIND(hh, last->mailed, about, len, mailed);
	if (!mailed) {
		mailed = x_calloc(1, sizeof(*mailed) + len + 1);
		memcpy(mailed->about, about, len + 1);
		HASH_ADD_KEYPTR(hh, last->mailed, mailed->about, len, mailed);
	} else if (mailed->what == what) {
		return true;
	}
	mailed->what = what;
	return false;
}

void mail_last_keep(struct mail_last *last, const struct conf_tree *tree)
{
	struct mailed *mailed;
	uint32_t node;
	char *about;

	for (mailed = last->mailed; mailed; mailed = mailed->hh.next)
		mailed->stays = false;
	for (node = conf_node_first_child(tree, 0); node != CONF_NODE_NONE;
		node = conf_node_next(tree, node)) {
		about = mail_text_about(tree, node);
		if (!about)
			continue;
		HASH_FIND_STR(last->mailed, about, mailed);
		if (mailed)
			mailed->stays = true;
		x_free(about);
	}
	forget(last, false);
}

size_t mail_last_count(const struct mail_last *last)
{
	return HASH_COUNT(last->mailed);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/sysctl.h"

/* What is being written.  The kernel answers later, and until then it may
 * show what was before. */
struct writing {
	struct writing *prev;
	struct writing *next;
	struct vrrp_settings *settings;
	struct netlink_job *job;
	struct vrrp_setting *list; /* sorted */
	size_t n;
};

struct vrrp_settings {
	struct netlink *netlink;
	struct netlink_writer *writer;
	struct writing *writings; /* in the order of the writer */
	struct vrrp_setting *held; /* sorted */
	size_t n_held;
	struct vrrp_setting *wants;
	size_t n_wants;
	size_t capacity;
	struct log_limit limit;
};

/* --- the kernel --- */

static enum sysctl_setting sysctl_of(
	const struct vrrp_setting_key *key, const char **ret_interface)
{
	*ret_interface = NULL;
	switch ((enum vrrp_setting_scope)key->scope) {
	case VRRP_SETTING_ALL_RP_FILTER:
		*ret_interface = "all";
		return SYSCTL_IPV4_RP_FILTER;
	case VRRP_SETTING_DEFAULT_RP_FILTER:
		*ret_interface = "default";
		return SYSCTL_IPV4_RP_FILTER;
	case VRRP_SETTING_IGMP:
		return SYSCTL_IPV4_IGMP_LINK_LOCAL;
	case VRRP_SETTING_LINK:
	case VRRP_SETTING_SCOPES:
		break;
	}
	return SYSCTL_COUNT;
}

static bool read_link(struct vrrp_settings *settings,
	const struct vrrp_setting_key *key, uint32_t *ret)
{
	const struct netlink_link *link;

	netlink_refresh_link(settings->netlink, key->ifindex);
	link = netlink_find_link(settings->netlink, key->ifindex);
	if (!link || !link->info.has_devconf ||
		key->what >= NETLINK_DEVCONF_COUNT)
		return false;
	*ret = link->info.devconf[key->what];
	return true;
}

/* The last that is asked of the kernel, or NULL. */
static const struct vrrp_setting *find_writing(
	const struct vrrp_settings *settings,
	const struct vrrp_setting_key *key)
{
	const struct vrrp_setting *last = NULL, *found;
	const struct writing *w;

	DL_FOREACH (settings->writings, w) {
		found = vrrp_setting_find(w->list, w->n, key);
		if (found)
			last = found;
	}
	return last;
}

/* As it is, or will be when what is being written is. */
static bool read_setting(
	const struct vrrp_setting_key *key, uint32_t *ret, void *user_data)
{
	const struct vrrp_setting *writing = find_writing(user_data, key);
	enum sysctl_setting setting;
	const char *interface;
	int value;

	if (writing) {
		*ret = writing->value;
		return true;
	}
	if (key->scope == VRRP_SETTING_LINK)
		return read_link(user_data, key, ret);
	setting = sysctl_of(key, &interface);
	if (setting == SYSCTL_COUNT ||
		sysctl_get(setting, interface, &value) < 0 || value < 0)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static void writing_free(struct writing *w)
{
	DL_DELETE(w->settings->writings, w);
	x_free(w->list);
	x_free(w);
}

static void written(const int *errors, size_t n, void *user_data)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (errors[i] && errors[i] != -ENODEV)
			log_warning("cannot change the IPv4 settings of an "
				    "interface: %s",
				strerror(-errors[i]));
	writing_free(user_data);
}

/* One message for each link: they are sorted. */
static void fill_job(struct netlink_job *job, const struct vrrp_setting *list,
	size_t n)
{
	struct netlink_link_change change = { .ifindex = 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		const struct vrrp_setting *w = &list[i];

		if (change.ifindex && change.ifindex != w->key.ifindex) {
			netlink_job_change_link(job, &change);
			change = (struct netlink_link_change){ .ifindex = 0 };
		}
		change.ifindex = w->key.ifindex;
		change.devconf_mask |= 1u << w->key.what;
		change.devconf[w->key.what] = w->value;
	}
	netlink_job_change_link(job, &change);
}

static void write_links(struct vrrp_settings *settings,
	const struct vrrp_setting *writes, size_t n)
{
	struct writing *w;
	size_t i, n_links = 0;

	for (i = 0; i < n; i++)
		n_links += writes[i].key.scope == VRRP_SETTING_LINK;
	if (!n_links)
		return;
	w = x_new(struct writing, 1);
	w->settings = settings;
	w->list = x_new(struct vrrp_setting, n_links);
	for (i = 0; i < n; i++)
		if (writes[i].key.scope == VRRP_SETTING_LINK)
			w->list[w->n++] = writes[i];
	w->job = netlink_job_new(settings->writer, written, w);
	DL_APPEND(settings->writings, w);
	fill_job(w->job, w->list, w->n);
	netlink_job_submit(w->job);
}

static void write_sysctl(
	struct vrrp_settings *settings, const struct vrrp_setting *w)
{
	const char *interface;
	enum sysctl_setting setting = sysctl_of(&w->key, &interface);
	int err = sysctl_set(setting, interface, (int)w->value);

	if (err)
		log_limited(&settings->limit, LOG_LEVEL_WARNING,
			"cannot set %s%s%s to %u: %s", sysctl_name(setting),
			interface ? " of " : "", interface ? interface : "",
			(unsigned int)w->value, strerror(-err));
}

/* --- what is wanted --- */

void vrrp_settings_begin(struct vrrp_settings *settings)
{
	settings->n_wants = 0;
}

void vrrp_settings_want(struct vrrp_settings *settings,
	const struct vrrp_setting_key *key, uint32_t value)
{
	struct vrrp_setting *want;

	if (settings->n_wants == settings->capacity) {
		settings->capacity =
			settings->capacity ? 2 * settings->capacity : 16;
		settings->wants = x_realloc(settings->wants,
			settings->capacity, sizeof(*settings->wants));
	}
	want = &settings->wants[settings->n_wants];
	*want = (struct vrrp_setting){ .key = *key, .value = value };
	/* Where it stood, for the sort: the first decides. */
	want->original = (uint32_t)settings->n_wants++;
}

static int compare_wants(const void *a, const void *b)
{
	const struct vrrp_setting *x = a, *y = b;
	int order = vrrp_setting_compare(a, b);

	if (order)
		return order;
	return x->original < y->original ? -1 : 1;
}

static void sort_wants(struct vrrp_settings *settings)
{
	struct vrrp_setting *wants = settings->wants;
	size_t n = 0, i;

	if (!settings->n_wants)
		return;
	qsort(wants, settings->n_wants, sizeof(*wants), compare_wants);
	for (i = 0; i < settings->n_wants; i++)
		if (!n || vrrp_setting_compare(&wants[n - 1], &wants[i]))
			wants[n++] = wants[i];
	settings->n_wants = n;
}

bool vrrp_settings_end(struct vrrp_settings *settings, bool verify)
{
	size_t room, n_held, n_writes, i;
	struct vrrp_setting *held, *writes;
	bool changed;

	sort_wants(settings);
	room = settings->n_held + settings->n_wants;
	held = x_new(struct vrrp_setting, room + 1);
	writes = x_new(struct vrrp_setting, room + 1);
	vrrp_settings_plan(settings->held, settings->n_held, settings->wants,
		settings->n_wants, read_setting, settings, verify, held,
		&n_held, writes, &n_writes);
	/* Links first: with "all" at 0 they alone decide. */
	write_links(settings, writes, n_writes);
	for (i = 0; i < n_writes; i++)
		if (writes[i].key.scope != VRRP_SETTING_LINK)
			write_sysctl(settings, &writes[i]);
	changed = n_writes || n_held != settings->n_held;
	x_free(settings->held);
	x_free(writes);
	settings->held = held;
	settings->n_held = n_held;
	return changed;
}

bool vrrp_settings_original(struct vrrp_settings *settings,
	const struct vrrp_setting_key *key, uint32_t *ret)
{
	const struct vrrp_setting *held =
		vrrp_setting_find(settings->held, settings->n_held, key);

	if (!held)
		return read_setting(key, ret, settings);
	*ret = held->original;
	return true;
}

bool vrrp_settings_is_held(const struct vrrp_settings *settings,
	const struct vrrp_setting_key *key)
{
	return vrrp_setting_find(settings->held, settings->n_held, key);
}

const struct vrrp_setting *vrrp_settings_held(
	const struct vrrp_settings *settings, size_t *ret_n)
{
	*ret_n = settings->n_held;
	return settings->held;
}

void vrrp_settings_inherit(struct vrrp_settings *settings,
	const struct vrrp_setting *list, size_t n)
{
	struct vrrp_setting *held = x_new(struct vrrp_setting, n + 1);
	size_t kept = 0, i;
	uint32_t now;

	/* What is as it was before is held by nobody. */
	for (i = 0; i < n; i++)
		if (read_setting(&list[i].key, &now, settings) &&
			now == list[i].value)
			held[kept++] = list[i];
	if (kept)
		qsort(held, kept, sizeof(*held), vrrp_setting_compare);
	x_free(settings->held);
	settings->held = held;
	settings->n_held = kept;
}

/* --- life --- */

struct vrrp_settings *vrrp_settings_new(
	struct netlink *netlink, struct netlink_writer *writer)
{
	struct vrrp_settings *settings = x_new(struct vrrp_settings, 1);

	settings->netlink = netlink;
	settings->writer = writer;
	return settings;
}

void vrrp_settings_free(struct vrrp_settings *settings)
{
	if (!settings)
		return;
	/* What is under way goes on without us. */
	while (settings->writings) {
		netlink_job_detach(settings->writings->job);
		writing_free(settings->writings);
	}
	x_free(settings->held);
	x_free(settings->wants);
	x_free(settings);
}

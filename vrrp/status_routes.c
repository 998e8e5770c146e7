/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes and rules in the answers for tandemctl. */
#include <json-c/json.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrp/answer.h"
#include "vrrp/status_routes.h"

static const char *kind(const struct vrrp_fib_status *status)
{
	return status->is_rule ? "rule" : "route";
}

static const char *why_not(const struct vrrp_fib_status *status)
{
	if (status->missing)
		return "its interface is missing";
	return status->error ? strerror(-status->error) : NULL;
}

static void add_one(const struct vrrp_fib_status *status, void *user_data)
{
	struct json_object *o = json_object_new_object();
	const char *why = status->present ? NULL : why_not(status);

	json_object_object_add(o, "kind", json_object_new_string(kind(status)));
	json_object_object_add(o, "text", json_object_new_string(status->text));
	json_object_object_add(
		o, "present", json_object_new_boolean(status->present));
	json_object_object_add(
		o, "problem", why ? json_object_new_string(why) : NULL);
	json_object_array_add(user_data, o);
}

struct json_object *vrrp_routes_json(const struct vrrp_fib_set *set)
{
	struct json_object *array = json_object_new_array();

	vrrp_fib_set_each(set, add_one, array);
	return array;
}

struct problems {
	const char *subject;
	struct json_object *array;
};

static void add_problem(const struct vrrp_fib_status *status, void *user_data)
{
	struct problems *p = user_data;
	const char *why = status->present ? NULL : why_not(status);

	if (why)
		vrrp_answer_line(p->array,
			x_asprintf("%s: cannot add %s %s: %s", p->subject,
				kind(status), status->text, why));
}

void vrrp_routes_problems(const struct vrrp_fib_set *set, const char *subject,
	struct json_object *array)
{
	struct problems p = { subject, array };

	vrrp_fib_set_each(set, add_problem, &p);
}

struct counting {
	unsigned int n[2];
	unsigned int present[2];
};

static void count(const struct vrrp_fib_status *status, void *user_data)
{
	struct counting *c = user_data;

	c->n[status->is_rule]++;
	c->present[status->is_rule] += status->present;
}

void vrrp_routes_explain(
	const struct vrrp_fib_set *set, struct json_object *lines)
{
	struct counting c = { { 0 }, { 0 } };

	vrrp_fib_set_each(set, count, &c);
	if (!c.n[0] && !c.n[1])
		return;
	vrrp_answer_line(lines,
		x_asprintf("%u of %u routes and %u of %u rules are there",
			c.present[0], c.n[0], c.present[1], c.n[1]));
	if (vrrp_fib_set_is_wanted(set))
		vrrp_routes_problems(set, "now", lines);
}

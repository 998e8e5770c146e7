/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/bfd_status.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrp/answer.h"
#include "vrrp/bfd.h"

static void add_ms(struct json_object *object, const char *key, int64_t us)
{
	json_object_object_add(object, key,
		json_object_new_double((double)us / (double)USEC_PER_MSEC));
}

static struct json_object *drops_json(const uint64_t *drops)
{
	struct json_object *object = json_object_new_object();

	for (unsigned int i = 0; i < BFD_RX_COUNT_; i++)
		if (drops[i])
			vrrp_answer_number(object, bfd_rx_text((enum bfd_rx)i),
				(int64_t)drops[i]);
	return object;
}

/* --- status --- */

static void add_agreement(
	const struct bfd_fsm *fsm, struct json_object *o, int64_t now)
{
	vrrp_answer_text(o, "remote_state",
		fsm->remote_discr ? bfd_state_name(fsm->remote_state) : NULL);
	vrrp_answer_number(o, "discriminator", fsm->discr);
	vrrp_answer_number(o, "remote_discriminator", fsm->remote_discr);
	add_ms(o, "tx_interval_ms", bfd_fsm_tx_interval_us(fsm));
	add_ms(o, "detection_time_ms", bfd_fsm_detection_us(fsm));
	if (fsm->heard_us)
		add_ms(o, "last_packet_ms", now - fsm->heard_us);
	else
		json_object_object_add(o, "last_packet_ms", NULL);
}

static void add_counters(
	const struct vrrp_bfd_view *view, struct json_object *o)
{
	vrrp_answer_number(o, "packets_sent", (int64_t)view->sent);
	vrrp_answer_number(o, "packets_received", (int64_t)view->received);
	vrrp_answer_number(o, "send_errors", (int64_t)view->send_errors);
	vrrp_answer_text(o, "send_error",
		view->send_error ? strerror(view->send_error) : NULL);
	vrrp_answer_number(o, "went_up", (int64_t)view->went_up);
	vrrp_answer_number(o, "went_down", (int64_t)view->went_down);
	json_object_object_add(o, "drops", drops_json(view->drops));
}

static void add_session(const struct vrrp_bfd_view *view, void *user_data)
{
	struct json_object *o = json_object_new_object();
	int64_t now = time_monotonic_us();
	char text[IP_ADDR_STRLEN];

	vrrp_answer_text(o, "name", view->name);
	vrrp_answer_text(o, "neighbor", ip_addr_format(&view->neighbour, text));
	vrrp_answer_text(o, "source",
		ip_addr_is_set(&view->source)
			? ip_addr_format(&view->source, text)
			: NULL);
	json_object_object_add(
		o, "multihop", json_object_new_boolean(view->multihop));
	vrrp_answer_text(o, "state", bfd_state_name(view->fsm->state));
	vrrp_answer_text(o, "reason", bfd_diag_text(view->fsm->diag));
	vrrp_answer_time(o, "since", view->fsm->since_us);
	add_agreement(view->fsm, o, now);
	add_counters(view, o);
	json_object_array_add(user_data, o);
}

struct json_object *vrrp_bfd_json(struct vrrp_bfds *bfds)
{
	struct json_object *list = json_object_new_array();

	vrrp_bfds_each(bfds, add_session, list);
	return list;
}

/* --- problems --- */

static void add_problem(const struct vrrp_bfd_view *view, void *user_data)
{
	if (view->word == VRRP_BFD_DOWN)
		vrrp_answer_line(user_data,
			x_asprintf("bfd %s: %s%s%s%s", view->name,
				bfd_state_name(view->fsm->state),
				view->fsm->diag ? ", " : "",
				view->fsm->diag ? bfd_diag_text(view->fsm->diag)
						: "",
				view->send_error ? ", cannot send" : ""));
}

void vrrp_bfd_problems(struct vrrp_bfds *bfds, struct json_object *problems)
{
	int err = vrrp_bfds_error(bfds);

	if (err)
		vrrp_answer_line(problems,
			x_asprintf("bfd: cannot listen: %s", strerror(-err)));
	vrrp_bfds_each(bfds, add_problem, problems);
}

/* --- explain --- */

static void explain_state(
	const struct vrrp_bfd_view *view, struct json_object *lines)
{
	const struct bfd_fsm *fsm = view->fsm;
	char text[IP_ADDR_STRLEN];

	vrrp_answer_line(lines,
		x_asprintf("bfd %s with %s%s is %s for %.3f s%s%s", view->name,
			ip_addr_format(&view->neighbour, text),
			view->multihop ? " (multihop)" : "",
			bfd_state_name(fsm->state),
			(double)(time_monotonic_us() - fsm->since_us) / 1e6,
			fsm->diag ? ": " : "",
			fsm->diag ? bfd_diag_text(fsm->diag) : ""));
	if (fsm->remote_discr)
		vrrp_answer_line(
			lines, x_asprintf("the neighbour is %s%s%s",
				       bfd_state_name(fsm->remote_state),
				       fsm->remote_diag ? ": " : "",
				       fsm->remote_diag
					       ? bfd_diag_text(fsm->remote_diag)
					       : ""));
	if (fsm->heard_us)
		vrrp_answer_line(lines,
			x_asprintf("heard %.3f s ago; lost after %.3f s of "
				   "silence",
				(double)(time_monotonic_us() - fsm->heard_us) /
					1e6,
				(double)bfd_fsm_detection_us(fsm) / 1e6));
	else
		vrrp_answer_line(lines, x_strdup("never heard"));
	vrrp_answer_line(
		lines, x_asprintf("sends every %.1f ms",
			       (double)bfd_fsm_tx_interval_us(fsm) / 1e3));
	if (view->send_error)
		vrrp_answer_line(lines, x_asprintf("cannot send: %s",
						strerror(view->send_error)));
}

static void explain_drops(
	const uint64_t *drops, const char *what, struct json_object *lines)
{
	for (unsigned int i = 0; i < BFD_RX_COUNT_; i++)
		if (drops[i])
			vrrp_answer_line(
				lines, x_asprintf("%s: %llu: %s", what,
					       (unsigned long long)drops[i],
					       bfd_rx_text((enum bfd_rx)i)));
}

static void explain_history(
	const struct vrrp_bfd_view *view, struct json_object *lines)
{
	unsigned int n = view->n_history < VRRP_BFD_HISTORY ? view->n_history
							    : VRRP_BFD_HISTORY;

	for (unsigned int i = view->n_history - n; i != view->n_history; i++) {
		const struct vrrp_bfd_change *change =
			&view->history[i % VRRP_BFD_HISTORY];
		char when[VRRP_WHEN_SIZE];

		vrrp_answer_line(lines,
			x_asprintf("%s %s -> %s%s%s",
				vrrp_when(change->realtime_us, when),
				bfd_state_name(change->from),
				bfd_state_name(change->to),
				change->diag ? ": " : "",
				change->diag ? bfd_diag_text(change->diag)
					     : ""));
	}
}

static const char *session_name(const char *subject)
{
	static const char *const kinds[] = { "bfd ", "bfd_instance " };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(subject, kinds[i], strlen(kinds[i])))
			return subject + strlen(kinds[i]);
	return NULL;
}

struct json_object *vrrp_bfd_explain(
	struct vrrp_bfds *bfds, const char *subject)
{
	const char *name = session_name(subject);
	struct json_object *lines;
	struct vrrp_bfd_view view;

	if (!name || !vrrp_bfds_find(bfds, name, &view))
		return NULL;
	lines = json_object_new_array();
	explain_state(&view, lines);
	explain_drops(view.drops, "packets dropped", lines);
	explain_drops(vrrp_bfds_drops(bfds), "packets for no session", lines);
	explain_history(&view, lines);
	return lines;
}

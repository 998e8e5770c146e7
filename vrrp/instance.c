/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One virtual router: gives events to its state machine and carries out what
 * that asks for. */
#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/shell.h"

/* An address that somebody removes again and again is put back at most so
 * often. */
#define LOST_PAUSE_US (1 * USEC_PER_SEC)
#define ADDRESS_RETRY_US (60 * USEC_PER_SEC)
#define ADDRESS_RETRY_DOUBLINGS 6

/* --- events --- */

void vrrp_instance_arm(struct vrrp_instance *inst)
{
	int64_t deadline = vrrp_fsm_deadline(&inst->fsm);

	if (deadline == inst->armed_us)
		return;
	inst->armed_us = deadline;
	loop_timer_set(inst->timer, deadline);
}

void vrrp_instance_event(
	struct vrrp_instance *inst, const struct vrrp_event *event)
{
	struct vrrp_group *group = inst->fsm.group;
	size_t i;

	vrrp_dispatch(
		&inst->fsm, event, time_monotonic_us(), &inst->role->sink);
	vrrp_instance_arm(inst);
	if (inst->told_priority != inst->fsm.priority)
		vrrp_tell_priority(inst);
	for (i = 0; group && i < group->n_members; i++)
		vrrp_instance_arm(group->members[i]->user);
}

static void instance_timer(void *user_data)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_TIMER };
	struct vrrp_instance *inst = user_data;

	inst->armed_us = TIME_NEVER;
	/* After a stall an advert that waits unread is better news than the
	 * timer. */
	if (inst->sock && inst->fsm.state != VRRP_STATE_ACTIVE)
		vrrp_socket_drain(inst->sock);
	vrrp_instance_event(inst, &event);
}

void vrrp_instance_shutdown(struct vrrp_instance *inst, enum reason reason)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_SHUTDOWN,
		.reason = reason,
	};

	if (inst->phase == VRRP_PHASE_NEW) {
		inst->phase = VRRP_PHASE_STOPPED;
		vrrp_role_reap_soon(inst->role);
		return;
	}
	if (inst->phase == VRRP_PHASE_LIVE)
		inst->phase = VRRP_PHASE_RETIRING;
	vrrp_instance_event(inst, &event);
}

/* --- packets in --- */

static void log_mismatch(
	struct vrrp_instance *inst, const struct vrrp_advert *advert)
{
	char text[IP_ADDR_STRLEN];

	if (advert->addresses_differ == inst->addresses_differ)
		return;
	inst->addresses_differ = advert->addresses_differ;
	ip_addr_format(&advert->src, text);
	if (advert->addresses_differ)
		log_warning("%s: %s advertises other addresses than are "
			    "configured here",
			inst->subject, text);
	else
		log_info("%s: %s advertises the addresses that are "
			 "configured here",
			inst->subject, text);
}

/* No peer sent it, and check_unicast_src is off. */
static void log_unlisted(
	struct vrrp_instance *inst, const struct ip_addr *src, int64_t now)
{
	char text[IP_ADDR_STRLEN];

	if (inst->unlisted_us &&
		now - inst->unlisted_us < VRRP_DROP_LOG_PAUSE_US)
		return;
	inst->unlisted_us = now;
	inst->unlisted_src = *src;
	log_warning("%s: believed an advert of %s, which is no unicast_peer; "
		    "check_unicast_src would drop it",
		inst->subject, ip_addr_format(src, text));
}

/* Once for each cause, and then once a minute: what is wrong stays wrong. */
static void log_drop(struct vrrp_instance *inst, enum vrrp_rx rx,
	const struct ip_addr *src, int64_t now)
{
	char text[IP_ADDR_STRLEN];

	if (rx == VRRP_RX_OWN)
		return;
	if (rx == inst->drop_logged &&
		now - inst->drop_logged_us < VRRP_DROP_LOG_PAUSE_US)
		return;
	inst->drop_logged = rx;
	inst->drop_logged_us = now;
	inst->drop_src = *src;
	log_limited(&inst->limit, LOG_LEVEL_WARNING,
		"%s: dropped an advert of %s: %s (%llu so far)", inst->subject,
		ip_addr_format(src, text), vrrp_rx_text(rx),
		(unsigned long long)inst->drops[rx]);
}

/* Half of what is allowed: time to mend the clocks.  Once a minute: with
 * several senders each advert may be another's. */
static void log_skew(
	struct vrrp_instance *inst, const struct ip_addr *src, int64_t now)
{
	int64_t skew = vrrp_hmac_counters(inst->hmac)->skew_us;
	int64_t half = inst->conf->hmac->window_s * USEC_PER_SEC / 2;
	char text[IP_ADDR_STRLEN];

	if (!inst->conf->hmac->by_time || (skew <= half && skew >= -half) ||
		(inst->skew_logged_us &&
			now - inst->skew_logged_us < VRRP_DROP_LOG_PAUSE_US))
		return;
	inst->skew_logged_us = now;
	log_warning("%s: the clock of %s is %.1f s %s ours; from %u s on its "
		    "adverts are not taken",
		inst->subject, ip_addr_format(src, text),
		(double)(skew < 0 ? -skew : skew) / 1e6,
		skew < 0 ? "ahead of" : "behind",
		(unsigned int)inst->conf->hmac->window_s + 1);
}

static enum vrrp_rx check_signature(struct vrrp_instance *inst,
	const struct vrrp_advert *advert, const uint8_t *payload, int64_t now)
{
	enum vrrp_rx rx = vrrp_hmac_check(
		inst->hmac, advert, payload, time_realtime_us());

	if (rx == VRRP_RX_OK && advert->has_trailer) {
		log_skew(inst, &advert->src, now);
		vrrp_hmac_note(inst, now);
	}
	return rx;
}

void vrrp_instance_receive(void *subscriber, const uint8_t *payload, size_t len,
	const struct vrrp_rx_meta *meta, void *user_data)
{
	struct vrrp_event event = { .type = VRRP_EVENT_ADVERT };
	struct vrrp_instance *inst = subscriber;
	int64_t now = time_monotonic_us();
	struct vrrp_advert advert;
	enum vrrp_rx rx;

	(void)user_data;
	rx = vrrp_packet_decode(payload, len, meta, &inst->rules, &advert);
	if (rx == VRRP_RX_OK && inst->ah)
		rx = vrrp_ah_check(inst->ah, meta);
	if (rx == VRRP_RX_OK && inst->hmac)
		rx = check_signature(inst, &advert, payload, now);
	if (rx != VRRP_RX_OK) {
		inst->drops[rx]++;
		log_drop(inst, rx, &meta->src, now);
		return;
	}
	inst->received++;
	inst->heard_us = now;
	if (advert.old_checksum)
		vrrp_instance_heard_old_checksum(inst, &advert.src);
	log_mismatch(inst, &advert);
	if (advert.unlisted)
		log_unlisted(inst, &advert.src, now);
	event.advert.priority = advert.priority;
	event.advert.advert_int_us = advert.advert_int_us;
	event.advert.src = advert.src;
	vrrp_instance_event(inst, &event);
}

/* --- packets out --- */

/* The trailer behind the message; the new length or -errno. */
static int sign(struct vrrp_instance *inst, const struct ip_addr *dst,
	uint8_t *message, int len)
{
	const struct ip_addr *src = &inst->fsm.primary;
	int trailer = vrrp_hmac_sign(inst->hmac, src, time_realtime_us(),
		message, (size_t)len);

	if (trailer < 0)
		return trailer;
	if (trailer)
		vrrp_packet_cover_trailer(message, (size_t)len, src, dst);
	return len + trailer;
}

static int send_to(
	struct vrrp_instance *inst, const struct ip_addr *dst, uint8_t ttl)
{
	const struct ip_addr *src = &inst->fsm.primary;
	uint8_t packet[VRRP_AH_BEFORE + VRRP_PACKET_MAX + VRRP_TRAILER_BYTES];
	size_t before = inst->ah ? VRRP_AH_BEFORE : 0;
	int err = 0, len = vrrp_packet_encode(&inst->tx, src, dst,
			     packet + before, VRRP_PACKET_MAX);

	if (len >= 0 && inst->hmac)
		len = sign(inst, dst, packet + before, len);
	if (len < 0)
		return len;
	if (inst->ah)
		err = vrrp_ah_wrap(inst->ah, src, dst, ttl, time_realtime_us(),
			packet, (size_t)len);
	return err ? err
		   : vrrp_socket_send(inst->tx_sock ? inst->tx_sock
						    : inst->sock,
			     src, dst, ttl, packet, before + (size_t)len);
}

static int send_to_peers(struct vrrp_instance *inst)
{
	uint8_t ttl = (uint8_t)inst->conf->unicast_ttl;
	int last = 0, err;

	vrrp_conf_for_each(vrrp_peer_conf, peer, &inst->conf->peers)
	{
		err = send_to(inst, &peer->addr, ttl);
		last = err ? err : last;
	}
	return last;
}

static void send_advert(struct vrrp_instance *inst, uint8_t priority)
{
	int err = -ENOTCONN;

	inst->tx.priority = priority;
	if (inst->sock)
		err = inst->conf->unicast
			      ? send_to_peers(inst)
			      : send_to(inst, &inst->conf->mcast_group,
					VRRP_TTL);
	vrrp_hmac_note(inst, time_monotonic_us());
	if (!err) {
		inst->sent++;
		return;
	}
	inst->send_errors++;
	log_limited(&inst->limit, LOG_LEVEL_WARNING,
		"%s: cannot send an advert: %s", inst->subject, strerror(-err));
}

/* --- addresses --- */

struct announcing {
	struct vrrp_instance *inst;
	bool fresh_only;
};

static void announce_one(
	const struct vrrp_address_status *status, void *user_data)
{
	struct announcing *a = user_data;

	if (status->present && (status->fresh || !a->fresh_only))
		vrrp_announcer_add(a->inst->role->announcer,
			a->inst->announce_id, status->info->ifindex,
			&status->info->addr);
}

static void announce(
	struct vrrp_instance *inst, unsigned int count, bool fresh_only)
{
	struct announcing a = { inst, fresh_only };
	unsigned int i;

	for (i = 0; i < count; i++)
		vrrp_address_set_each(inst->addresses, announce_one, &a);
	vrrp_address_set_seen(inst->addresses);
}

/* At once, or when the addresses that are being added are there: nobody is
 * called to an address that does not answer yet. */
static void announce_when_there(struct vrrp_instance *inst, unsigned int count)
{
	if (vrrp_address_set_is_busy(inst->addresses)) {
		if (inst->announce_count < count)
			inst->announce_count = count;
		return;
	}
	announce(inst, count, false);
}

static void addresses_failed(struct vrrp_instance *inst, int error)
{
	int64_t wait = ADDRESS_RETRY_US;
	unsigned int n = inst->address_failures++;

	wait <<= n < ADDRESS_RETRY_DOUBLINGS ? n : ADDRESS_RETRY_DOUBLINGS;
	inst->address_retry_us = time_monotonic_us() + wait;
	vrrp_instance_set_fault(inst, VRRP_FAULT_ADDRESS, true,
		error == -EPERM ? REASON_VRRP_NO_PERMISSION
				: REASON_VRRP_ADDRESS_LOST);
	vrrp_role_retry_at(inst->role, time_monotonic_us() + VRRP_RETRY_US);
}

/* From the loop, after the burst was queued: it goes out first. */
static void addresses_there(struct vrrp_instance *inst)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_ADDRESSES_THERE };

	if (!inst->fsm.advert_held)
		return;
	vrrp_announcer_flush(inst->role->announcer);
	vrrp_instance_event(inst, &event);
}

void vrrp_instance_addresses_done(
	void *owner, size_t n_added, size_t n_failed, int error)
{
	struct vrrp_instance *inst = owner;
	unsigned int count = inst->announce_count;

	if (n_failed && inst->fsm.holding &&
		!vrrp_address_set_any_present(inst->addresses)) {
		/* Active without any address is no service. */
		addresses_failed(inst, error);
		return;
	}
	if (n_added > n_failed)
		inst->address_failures = 0;
	if (!vrrp_address_set_is_busy(inst->addresses)) {
		inst->announce_count = 0;
		if (inst->fsm.state == VRRP_STATE_ACTIVE && n_added)
			announce(inst,
				count ? count : inst->fsm.conf.garp.repeat,
				!count);
		addresses_there(inst);
	}
	if (n_added)
		vrrp_checkpoint_save(inst);
}

void vrrp_instance_address_lost(
	void *owner, const struct netlink_addr_info *info)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_ADDRESSES_GONE };
	struct vrrp_instance *inst = owner;
	int64_t now = time_monotonic_us();
	char text[IP_ADDR_STRLEN];

	log_warning("%s: somebody removed address %s/%u", inst->subject,
		ip_addr_format(&info->addr, text),
		(unsigned int)info->prefix_len);
	if (now - inst->lost_us < LOST_PAUSE_US) {
		vrrp_role_retry_at(inst->role, now + LOST_PAUSE_US);
		return;
	}
	inst->lost_us = now;
	vrrp_instance_event(inst, &event);
}

void vrrp_instance_put_all(struct vrrp_instance *inst)
{
	vrrp_address_set_sync(inst->addresses, true);
	vrrp_fib_set_sync(inst->routes, true);
}

static void remove_addresses(struct vrrp_instance *inst)
{
	bool keep =
		inst->role->stopping &&
		(role_settings_flags(inst->role->role) & SETTINGS_KEEP_VIPS);

	inst->announce_count = 0;
	vrrp_announcer_cancel(inst->role->announcer, inst->announce_id);
	if (!keep && !inst->hands_down) {
		vrrp_fib_set_sync(inst->routes, false);
		vrrp_address_set_sync(inst->addresses, false);
	}
}

/* --- actions --- */

static void remember(struct vrrp_instance *inst, enum vrrp_state from,
	enum vrrp_state to, enum reason reason)
{
	struct vrrp_history_entry *entry =
		&inst->history[inst->n_history++ % VRRP_HISTORY];

	entry->realtime_us = time_realtime_us();
	entry->from = (uint8_t)from;
	entry->to = (uint8_t)to;
	entry->reason = (uint16_t)reason;
	entry->priority = inst->fsm.priority;
}

static void state_changed(struct vrrp_instance *inst, enum vrrp_state from,
	enum vrrp_state to, enum reason reason)
{
	log_notice("%s: %s -> %s (%s), priority %u", inst->subject,
		vrrp_state_name(from), vrrp_state_name(to), reason_text(reason),
		(unsigned int)inst->fsm.priority);
	remember(inst, from, to, reason);
	inst->since_us = inst->resumes && to == inst->resume
				 ? inst->resume_since_us
				 : inst->fsm.since_us;
	inst->resumes = false;
	if (from == VRRP_STATE_ACTIVE)
		vrrp_announcer_cancel(inst->role->announcer, inst->announce_id);
	vrrp_instance_arm_extra(inst);
	vrrp_notify_instance(inst, from, to);
	vrrp_checkpoint_save(inst);
	vrrp_tell_ipvs(inst->role, inst);
}

/* The state machine does not use what it is not listening to, which is no
 * news, and what has another interval, which is. */
static void dropped(
	struct vrrp_instance *inst, enum vrrp_rx why, const struct ip_addr *src)
{
	if (why != VRRP_RX_IGNORED)
		log_drop(inst, why, src, time_monotonic_us());
}

static void stopped(struct vrrp_instance *inst)
{
	inst->phase = VRRP_PHASE_STOPPED;
	vrrp_role_reap_soon(inst->role);
}

static void carry_out(
	struct vrrp_instance *inst, const struct vrrp_action *action)
{
	switch (action->type) {
	case VRRP_ACT_SEND_ADVERT:
		send_advert(inst, action->priority);
		return;
	case VRRP_ACT_ADD_ADDRESSES:
		vrrp_instance_put_all(inst);
		return;
	case VRRP_ACT_REMOVE_ADDRESSES:
		remove_addresses(inst);
		return;
	case VRRP_ACT_ANNOUNCE:
		announce_when_there(inst, action->count);
		return;
	case VRRP_ACT_STATE:
		state_changed(inst, action->state.from, action->state.to,
			action->state.reason);
		return;
	case VRRP_ACT_RX_LOWER_PRIO:
		vrrp_notify_lower_prio(inst);
		return;
	case VRRP_ACT_DROPPED:
		inst->drops[action->rx.why]++;
		dropped(inst, action->rx.why, &action->rx.src);
		return;
	case VRRP_ACT_STOPPED:
		stopped(inst);
		return;
	}
}

void vrrp_instance_actions(
	void *ctx, struct vrrp_fsm *fsm, const struct vrrp_actions *actions)
{
	unsigned int i;

	(void)ctx;
	for (i = 0; i < actions->n; i++)
		carry_out(fsm->user, &actions->items[i]);
}

/* --- life --- */

void vrrp_instance_apply(struct vrrp_instance *inst)
{
	struct vrrp_event event = {
		.type = VRRP_EVENT_RECONFIGURE,
		.conf = &inst->conf->fsm,
	};

	if (memcmp(&inst->fsm.conf, &inst->conf->fsm, sizeof(inst->fsm.conf)) !=
		0)
		vrrp_instance_event(inst, &event);
	inst->address_retry_us = 0;
	vrrp_instance_arm_extra(inst);
	vrrp_instance_check(inst);
	if (inst->fsm.holding)
		vrrp_instance_put_all(inst);
}

struct vrrp_instance *vrrp_instance_new(
	struct vrrp_role *role, const struct vrrp_instance_conf *conf)
{
	const struct ip_addr none = { .family = AF_UNSPEC };
	struct vrrp_instance *inst = x_new(struct vrrp_instance, 1);

	inst->role = role;
	inst->name = x_strdup(conf->name);
	inst->subject = x_asprintf("instance %s", conf->name);
	inst->timer = loop_timer_new(role->loop, instance_timer, inst);
	inst->armed_us = TIME_NEVER;
	inst->announce_id = ++role->last_announce_id;
	inst->addresses =
		vrrp_address_set_new(role->addresses, inst->subject, inst);
	inst->routes = vrrp_fib_set_new(role->fib, inst->subject, inst);
	vrrp_fsm_init(&inst->fsm, &conf->fsm, &none);
	inst->fsm.user = inst;
	vrrp_checkpoint_take(inst, conf);
	return inst;
}

void vrrp_instance_free(struct vrrp_instance *inst)
{
	vrrp_instance_close(inst);
	vrrp_announcer_cancel(inst->role->announcer, inst->announce_id);
	vrrp_address_set_free(inst->addresses);
	vrrp_fib_set_free(inst->routes);
	loop_timer_free(inst->timer);
	loop_timer_free(inst->extra_timer);
	vrrp_generation_unref(inst->generation);
	vrrp_instance_forget_networks(inst);
	x_free(inst->peers);
	x_free(inst->sorted);
	vrrp_ah_free(inst->ah);
	vrrp_hmac_free(inst->hmac);
	x_free(inst->track_refs);
	x_free((void *)inst->track_objects);
	x_free(inst->name);
	x_free(inst->subject);
	x_free(inst);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/vrrp-fsm-driver.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct ip_addr driver_addr(int last)
{
	struct ip_addr addr = { .family = AF_INET };

	addr.bytes[0] = 10;
	addr.bytes[3] = (uint8_t)last;
	return addr;
}

struct vrrp_fsm_conf driver_conf(void)
{
	return (struct vrrp_fsm_conf){
		.version = 3,
		.priority = 100,
		.advert_int_us = SECOND,
		.preempt = true,
		.down_timer_adverts = 3,
		.garp = { .repeat = 5, .refresh_repeat = 1 },
	};
}

void driver_init(struct driver *d, const struct vrrp_fsm_conf *conf)
{
	struct ip_addr primary = driver_addr(5);

	memset(d, 0, sizeof(*d));
	d->now = 1000 * SECOND;
	vrrp_fsm_init(&d->fsm, conf, &primary);
}

static void put(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void put(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list ap;

	if (used > 0 && used + 1 < size) {
		text[used++] = ' ';
		text[used] = '\0';
	}
	va_start(ap, format);
	vsnprintf(text + used, size - used, format, ap);
	va_end(ap);
}

static void put_action(
	char *text, size_t size, const struct vrrp_action *action)
{
	switch (action->type) {
	case VRRP_ACT_SEND_ADVERT:
		put(text, size, "adv:%u", action->priority);
		return;
	case VRRP_ACT_ADD_ADDRESSES:
		put(text, size, "add");
		return;
	case VRRP_ACT_REMOVE_ADDRESSES:
		put(text, size, "del");
		return;
	case VRRP_ACT_ANNOUNCE:
		put(text, size, "garp:%u", action->count);
		return;
	case VRRP_ACT_STATE:
		put(text, size, "%s>%s(%s)",
			vrrp_state_name(action->state.from),
			vrrp_state_name(action->state.to),
			reason_text(action->state.reason));
		return;
	case VRRP_ACT_RX_LOWER_PRIO:
		put(text, size, "lower:%u", action->rx.priority);
		return;
	case VRRP_ACT_DROPPED:
		put(text, size, "drop:%s", vrrp_rx_text(action->rx.why));
		return;
	case VRRP_ACT_STOPPED:
		put(text, size, "stopped");
		return;
	}
}

void driver_append(char *text, size_t size, const struct vrrp_actions *actions)
{
	for (unsigned int i = 0; i < actions->n; i++)
		put_action(text, size, &actions->items[i]);
}

static void on_actions(
	void *ctx, struct vrrp_fsm *fsm, const struct vrrp_actions *actions)
{
	struct driver *d = ctx;

	(void)fsm;
	driver_append(d->text, sizeof(d->text), actions);
}

const char *driver_give(struct driver *d, const struct vrrp_event *event)
{
	const struct vrrp_sink sink = { .actions = on_actions, .ctx = d };

	d->text[0] = '\0';
	vrrp_dispatch(&d->fsm, event, d->now, &sink);
	return d->text;
}

const char *driver_start(struct driver *d)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_STARTUP };

	return driver_give(d, &event);
}

const char *driver_timer(struct driver *d)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_TIMER };

	return driver_give(d, &event);
}

const char *driver_there(struct driver *d)
{
	const struct vrrp_event event = { .type = VRRP_EVENT_ADDRESSES_THERE };

	return driver_give(d, &event);
}

const char *driver_wait(struct driver *d)
{
	int64_t deadline = vrrp_fsm_deadline(&d->fsm);

	if (deadline == TIME_NEVER)
		return "never";
	if (deadline > d->now)
		d->now = deadline;
	return driver_timer(d);
}

const char *driver_hear(struct driver *d, uint8_t priority, int last)
{
	const struct vrrp_event event = {
		.type = VRRP_EVENT_ADVERT,
		.advert = { priority, d->fsm.conf.advert_int_us,
			driver_addr(last) },
	};

	return driver_give(d, &event);
}

const char *driver_fault(struct driver *d, enum vrrp_fault fault, bool set)
{
	const struct vrrp_event event = {
		.type = set ? VRRP_EVENT_FAULT_SET : VRRP_EVENT_FAULT_CLEAR,
		.fault = { fault,
			set ? REASON_VRRP_LINK_DOWN : REASON_VRRP_LINK_UP },
	};

	return driver_give(d, &event);
}

const char *driver_reason(
	struct driver *d, enum vrrp_event_type type, enum reason reason)
{
	const struct vrrp_event event = { .type = type, .reason = reason };

	return driver_give(d, &event);
}

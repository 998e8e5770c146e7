/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stddef.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

struct loop {
	struct event_base *base;
};

struct loop_io {
	struct event event;
	struct event_base *base;
	int fd;
	unsigned int events;
	void (*callback)(int fd, unsigned int events, void *user_data);
	void *user_data;
};

struct loop_timer {
	struct event event;
	void (*callback)(void *user_data);
	void *user_data;
};

struct loop_signal {
	struct event event;
	int signo;
	void (*callback)(int signo, void *user_data);
	void *user_data;
};

struct loop *loop_new(void)
{
	struct event_config *config = event_config_new();
	struct loop *loop = x_new(struct loop, 1);

	if (!config ||
		event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER |
				EVENT_BASE_FLAG_NO_CACHE_TIME |
				EVENT_BASE_FLAG_NOLOCK))
		log_fatal("event loop: no configuration");
	loop->base = event_base_new_with_config(config);
	if (!loop->base)
		log_fatal("event loop: cannot be made");
	event_config_free(config);
	return loop;
}

void loop_free(struct loop *loop)
{
	event_base_free(loop->base);
	x_free(loop);
}

void loop_run(struct loop *loop)
{
	event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

static void loop_io_event(evutil_socket_t fd, short what, void *user_data)
{
	struct loop_io *io = user_data;
	unsigned int events = 0;

	if (what & EV_READ)
		events |= LOOP_READ;
	if (what & EV_WRITE)
		events |= LOOP_WRITE;
	io->callback(fd, events, io->user_data);
}

struct loop_io *loop_io_new(struct loop *loop, int fd, unsigned int events,
	void (*callback)(int fd, unsigned int events, void *user_data),
	void *user_data)
{
	struct loop_io *io = x_new(struct loop_io, 1);

	io->base = loop->base;
	io->fd = fd;
	io->callback = callback;
	io->user_data = user_data;
	loop_io_set_events(io, events);
	return io;
}

void loop_io_set_events(struct loop_io *io, unsigned int events)
{
	short what = EV_PERSIST;

	if (io->events == events)
		return;
	if (io->events)
		event_del(&io->event);
	io->events = events;
	if (!events)
		return;
	if (events & LOOP_READ)
		what |= EV_READ;
	if (events & LOOP_WRITE)
		what |= EV_WRITE;
	if (event_assign(&io->event, io->base, io->fd, what, loop_io_event,
		    io) ||
		event_add(&io->event, NULL))
		log_fatal("event loop: cannot watch descriptor %d", io->fd);
}

void loop_io_free(struct loop_io *io)
{
	if (!io)
		return;
	if (io->events)
		event_del(&io->event);
	x_free(io);
}

static void loop_timer_event(evutil_socket_t fd, short what, void *user_data)
{
	struct loop_timer *timer = user_data;

	(void)fd;
	(void)what;
	timer->callback(timer->user_data);
}

struct loop_timer *loop_timer_new(
	struct loop *loop, void (*callback)(void *user_data), void *user_data)
{
	struct loop_timer *timer = x_new(struct loop_timer, 1);

	timer->callback = callback;
	timer->user_data = user_data;
	if (evtimer_assign(
		    &timer->event, loop->base, loop_timer_event, timer))
		log_fatal("event loop: cannot make a timer");
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t deadline_us)
{
	struct timeval tv = { .tv_sec = 0 };
	int64_t wait_us;

	if (deadline_us == TIME_NEVER) {
		evtimer_del(&timer->event);
		return;
	}
	wait_us = deadline_us - time_monotonic_us();
	if (wait_us > 0) {
		tv.tv_sec = (time_t)(wait_us / USEC_PER_SEC);
		tv.tv_usec = (suseconds_t)(wait_us % USEC_PER_SEC);
	}
	evtimer_add(&timer->event, &tv);
}

void loop_timer_free(struct loop_timer *timer)
{
	if (!timer)
		return;
	evtimer_del(&timer->event);
	x_free(timer);
}

static void loop_signal_event(evutil_socket_t fd, short what, void *user_data)
{
	struct loop_signal *sig = user_data;

	(void)fd;
	(void)what;
	sig->callback(sig->signo, sig->user_data);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signo,
	void (*callback)(int signo, void *user_data), void *user_data)
{
	struct loop_signal *sig = x_new(struct loop_signal, 1);

	sig->signo = signo;
	sig->callback = callback;
	sig->user_data = user_data;
	if (evsignal_assign(
		    &sig->event, loop->base, signo, loop_signal_event, sig) ||
		evsignal_add(&sig->event, NULL))
		log_fatal("event loop: cannot watch signal %d", signo);
	return sig;
}

void loop_signal_free(struct loop_signal *sig)
{
	if (!sig)
		return;
	evsignal_del(&sig->event);
	x_free(sig);
}

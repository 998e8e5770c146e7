/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bfd.c, which has all sessions, and bfd_session.c, which is about one,
 * share.  Nobody else includes it.
 */
#ifndef TANDEM_VRRP_BFD_INTERNAL_H
#define TANDEM_VRRP_BFD_INTERNAL_H

#include <uthash.h>

#include "lib/log.h"
#include "vrrp/bfd.h"
#include "vrrp/bfd_socket.h"

#define BFD_SAVE_VERSION 1

struct bfd_key {
	struct ip_addr neighbour;
	struct ip_addr source; /* as configured */
	uint32_t multihop;
};

struct vrrp_bfd_session {
	struct vrrp_bfds *bfds;
	char *name;
	struct bfd_key key;
	const struct vrrp_bfd_conf *conf;
	struct bfd_fsm fsm;
	struct loop_timer *timer;
	int64_t armed_us;
	struct loop_timer *grace_timer;
	bool grace; /* PENDING until it is up or the timer fires */
	bool inherited;
	bool used; /* in the generation being applied */
	struct bfd_sender sender;
	uint64_t sent;
	uint64_t received;
	uint64_t send_errors;
	int send_error;
	uint64_t drops[BFD_RX_COUNT_];
	uint64_t went_up;
	uint64_t went_down;
	struct vrrp_bfd_change history[VRRP_BFD_HISTORY];
	unsigned int n_history;
	struct log_limit limit;
	UT_hash_handle hh;	 /* by name */
	UT_hash_handle hh_discr; /* by fsm.discr */
	UT_hash_handle hh_key;
};

struct bfd_saved {
	char *name;
	struct bfd_key key;
	struct bfd_fsm fsm;
	UT_hash_handle hh;
};

struct vrrp_bfds {
	struct loop *loop;
	struct vrrp_bfd_events events;
	void *user_data;
	struct bfd_listeners *listeners;
	struct loop_timer *retry_timer;
	unsigned int wanted; /* enum bfd_listener */
	int error;
	struct vrrp_bfd_session *by_name;
	struct vrrp_bfd_session *by_discr;
	struct vrrp_bfd_session *by_key;
	struct bfd_saved *saved;
	uint64_t random;
	uint64_t drops[BFD_RX_COUNT_];
	bool quiet; /* apply and stop tell nobody */
};

/* A number for jitter, which need not be hard to guess. */
uint32_t bfd_random(struct vrrp_bfds *bfds);
/* Keys are compared as bytes; SOURCE may be NULL: none. */
struct bfd_key bfd_key_make(const struct ip_addr *neighbour,
	const struct ip_addr *source, bool multihop);

/* bfd_session.c */
struct vrrp_bfd_view bfd_session_view(const struct vrrp_bfd_session *s);
void bfd_session_step(
	struct vrrp_bfd_session *s, const struct bfd_event *event);
void bfd_session_arm(struct vrrp_bfd_session *s);
/* What a successor needs, nothing unless it is up. */
void bfd_session_save(const struct vrrp_bfd_session *s);
/* Callbacks of its timers, and of the listeners. */
void bfd_session_on_timer(void *session);
void bfd_session_on_grace(void *session);
void bfd_receive(const uint8_t *data, size_t len,
	const struct bfd_rx_meta *meta, void *bfds);

#endif

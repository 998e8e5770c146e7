/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD sessions, one for each bfd_instance of the configuration: the shell
 * around the state machine of bfd_fsm.h.
 *
 * Packets find their session by the discriminator that they name, or by the
 * two addresses while they name none (RFC 5880 6.8.6), and must have come far
 * enough up in TTL (RFC 5881 5).  A session outlives a reload that does not
 * change its addresses, and the death of the role if that was shorter than
 * the neighbour's patience.
 */
#ifndef TANDEM_VRRP_BFD_H
#define TANDEM_VRRP_BFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/loop.h"
#include "vrrp/bfd_fsm.h"
#include "vrrp/vrrp_conf.h"

struct vrrp_bfds;

/* What those who follow a session are told. */
enum vrrp_bfd_word {
	VRRP_BFD_PENDING, /* was not up yet, and had no time to be */
	VRRP_BFD_UP,
	VRRP_BFD_DOWN,
};

#define VRRP_BFD_HISTORY 8

struct vrrp_bfd_change {
	int64_t realtime_us;
	enum bfd_state from;
	enum bfd_state to;
	enum bfd_diag diag;
};

/* A look at a session; borrowed, until the loop goes on. */
struct vrrp_bfd_view {
	const char *name;
	struct ip_addr neighbour;
	struct ip_addr source; /* AF_UNSPEC = not known */
	bool multihop;
	bool for_vrrp;
	bool for_checker;
	const struct bfd_fsm *fsm;
	enum vrrp_bfd_word word;
	/* The predecessor of this process had it up, and nothing speaks
	 * against it yet. */
	bool inherited;
	uint64_t sent;
	uint64_t received;
	uint64_t send_errors;
	int send_error; /* errno of the last packet, 0 = it went out */
	const uint64_t *drops; /* [BFD_RX_COUNT_] */
	uint64_t went_up;
	uint64_t went_down;
	const struct vrrp_bfd_change *history; /* [VRRP_BFD_HISTORY], a ring */
	unsigned int n_history; /* ever */
};

struct vrrp_bfd_events {
	/* Its word is another one.  Not during apply and stop. */
	void (*changed)(const struct vrrp_bfd_view *view, void *user_data);
	/* What vrrp_bfds_restore() of a successor wants; LEN 0 = nothing any
	 * more. */
	void (*save)(const char *name, const void *data, size_t len,
		void *user_data);
};

struct vrrp_bfds *vrrp_bfds_new(struct loop *loop,
	const struct vrrp_bfd_events *events, void *user_data);
void vrrp_bfds_free(struct vrrp_bfds *bfds); /* NULL is fine */

/* What a predecessor saved for NAME, before the first apply. */
void vrrp_bfds_restore(
	struct vrrp_bfds *bfds, const char *name, const void *data, size_t len);
/*
 * The sessions of a generation (struct vrrp_bfd_conf): those that have the
 * same addresses go on, others end as administratively down.  CONFS must stay
 * until the next apply.  PREDECESSOR_US: when this role's predecessor is
 * known to have worked last; 0 = there was none.
 */
void vrrp_bfds_apply(struct vrrp_bfds *bfds, const struct conf_list *confs,
	int64_t predecessor_us);
/* All neighbours are told that the sessions are administratively down. */
void vrrp_bfds_stop(struct vrrp_bfds *bfds);

void vrrp_bfds_each(struct vrrp_bfds *bfds,
	void (*callback)(const struct vrrp_bfd_view *view, void *user_data),
	void *user_data);
/* False when there is none. */
bool vrrp_bfds_find(
	struct vrrp_bfds *bfds, const char *name, struct vrrp_bfd_view *ret);
/* Datagrams that were for no session, by their reason. */
const uint64_t *vrrp_bfds_drops(const struct vrrp_bfds *bfds);
/* Why packets cannot be received, 0 = they can. */
int vrrp_bfds_error(const struct vrrp_bfds *bfds);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD sessions for tandemctl: "bfd" of the status, problems, explain.
 */
#ifndef TANDEM_VRRP_BFD_STATUS_H
#define TANDEM_VRRP_BFD_STATUS_H

struct json_object;
struct vrrp_bfds;

/* An array of sessions; the caller owns it. */
struct json_object *vrrp_bfd_json(struct vrrp_bfds *bfds);
/* Adds texts to PROBLEMS. */
void vrrp_bfd_problems(struct vrrp_bfds *bfds, struct json_object *problems);
/* Lines about SUBJECT, "bfd NAME" or "bfd_instance NAME"; NULL when it is
 * none. */
struct json_object *vrrp_bfd_explain(
	struct vrrp_bfds *bfds, const char *subject);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of the kernel's links and addresses in batches: many messages in
 * one send, answers matched by sequence number.
 *
 * The owner makes a job, fills it and submits it.  Jobs keep their order.
 * The work is done from the loop in chunks, so that a thousand addresses do
 * not hold up anything else for long, and messages of several jobs share a
 * chunk.  The answer comes through a callback, never inside the submit.
 */
#ifndef TANDEM_LIB_NETLINK_WRITER_H
#define TANDEM_LIB_NETLINK_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/loop.h"
#include "lib/netlink_codec.h"
#include "lib/netlink_link.h"

struct netlink_writer;
struct netlink_job;

/* 0 or -errno. */
int netlink_writer_new(struct loop *loop, struct netlink_writer **ret_writer);
/* Unfinished jobs are dropped without a call. */
void netlink_writer_free(struct netlink_writer *writer); /* NULL is fine */

/*
 * ERRORS has one 0 or -errno for each message of the job, in their order:
 * the kernel's own (-EEXIST, -EADDRNOTAVAIL, -ENODEV ...), or -ENOBUFS when
 * its answer was lost, in which case the cache tells what is true.  The job
 * is freed after DONE.
 */
struct netlink_job *netlink_job_new(struct netlink_writer *writer,
	void (*done)(const int *errors, size_t n, void *user_data),
	void *user_data);
void netlink_job_add_addr(
	struct netlink_job *job, const struct netlink_addr_info *addr);
void netlink_job_remove_addr(
	struct netlink_job *job, const struct netlink_addr_info *addr);
void netlink_job_make_link(
	struct netlink_job *job, const struct netlink_link_make *make);
void netlink_job_change_link(
	struct netlink_job *job, const struct netlink_link_change *change);
void netlink_job_remove_link(struct netlink_job *job, uint32_t ifindex);
void netlink_job_remove_link_group(struct netlink_job *job, uint32_t group);
/* Any other message, with its flags but NLM_F_REQUEST and NLM_F_ACK; takes
 * ownership. */
void netlink_job_add_message(struct netlink_job *job, struct nl_msg *msg);
size_t netlink_job_size(const struct netlink_job *job);
/* Instead of submitting it. */
void netlink_job_discard(struct netlink_job *job);
/* DONE is called for an empty job too. */
void netlink_job_submit(struct netlink_job *job);
/* Forgets who asked: the job is carried out, DONE is not called. */
void netlink_job_detach(struct netlink_job *job);

/* Messages sent so far. */
uint64_t netlink_writer_sent(const struct netlink_writer *writer);
/* Nothing waits for being sent or answered. */
bool netlink_writer_is_idle(const struct netlink_writer *writer);

#endif

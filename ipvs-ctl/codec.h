/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the kernel's generic netlink family IPVS (linux/ip_vs.h) and
 * the part of the controller family that finds it, as bytes.  Pure: no
 * socket.  Everything that is decoded is checked: what the kernel of another
 * version leaves out, adds or says differently is an error or ignored, never
 * a read past the end.
 */
#ifndef TANDEM_IPVS_CODEC_H
#define TANDEM_IPVS_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "ipvs-ctl/table.h"

/* No request is longer. */
#define IPVS_CODEC_REQUEST_MAX 512

/* --- requests: each writes one message with sequence number SEQ to BUF of
 * at least IPVS_CODEC_REQUEST_MAX bytes and returns its length.  FAMILY is
 * the number of the family IPVS.  Bytes of the buffer must be aligned as a
 * uint32_t. --- */

size_t ipvs_encode_find_family(void *buf, uint32_t seq);
size_t ipvs_encode_dump_services(void *buf, uint16_t family, uint32_t seq);
size_t ipvs_encode_dump_dests(void *buf, uint16_t family, uint32_t seq,
	const struct table_key *key);
/* Errors always come back; ACK asks for the good word too. */
size_t ipvs_encode_op(void *buf, uint16_t family, uint32_t seq, bool ack,
	const struct table_op *op);

/* Timeouts, and the sync daemons that run. */
size_t ipvs_encode_get_config(void *buf, uint16_t family, uint32_t seq);
size_t ipvs_encode_dump_daemons(void *buf, uint16_t family, uint32_t seq);

/* --- answers --- */

enum ipvs_answer_kind {
	IPVS_ANSWER_ACK, /* error: 0 or -errno */
	IPVS_ANSWER_DONE, /* end of a dump; error: 0 or -errno */
	IPVS_ANSWER_FAMILY, /* family */
	IPVS_ANSWER_SERVICE, /* service */
	IPVS_ANSWER_DEST, /* dest */
	IPVS_ANSWER_CONFIG, /* timeouts */
	IPVS_ANSWER_DAEMON, /* daemon */
	IPVS_ANSWER_OTHER, /* well-formed, of no interest */
};

struct ipvs_answer {
	enum ipvs_answer_kind kind;
	uint32_t seq;
	bool interrupted; /* the table changed while it was dumped */
	int error;
	union {
		uint16_t family;
		struct {
			struct table_key key;
			struct table_attributes attributes;
		} service;
		struct table_dest dest;
		struct table_timeouts timeouts;
		struct {
			enum table_daemon_kind kind;
			struct table_daemon state;
		} daemon;
	};
};

/*
 * Decodes the first message of the LEN bytes at DATA.  FAMILY as above, 0
 * while unknown; DEST_FAMILY is what a destination without a family of its
 * own has (old kernels).  The length of the message (aligned, at most LEN),
 * or -EBADMSG when the rest is unusable.  A message with a sound frame and
 * unusable content is IPVS_ANSWER_OTHER with error -EBADMSG.
 */
int ipvs_decode(const void *data, size_t len, uint16_t family,
	sa_family_t dest_family, struct ipvs_answer *ret);

#endif

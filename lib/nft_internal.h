/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of lib/nft share.  Nobody else includes it. */
#ifndef TANDEM_LIB_NFT_INTERNAL_H
#define TANDEM_LIB_NFT_INTERNAL_H

#include "lib/nft.h"

struct nft_batch {
	char *data;
	size_t len;
	size_t capacity;
	uint32_t n; /* messages, begin and end included: sequence numbers */
};

/* Appends the messages that end a batch. */
void nft_batch_finish(struct nft_batch *b);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of words, as `ip route` has them: read one after the other, each
 * problem reported at its word.  For the readers of such lines only.
 */
#ifndef TANDEM_VRRP_LINE_WORDS_H
#define TANDEM_VRRP_LINE_WORDS_H

#include "config/schema.h"
#include "vrrp/iproute_names.h"

struct vrrp_words {
	struct conf_bind *ctx;
	uint32_t node;
	uint32_t next; /* word that is read next; 0 is the first */
	struct iproute_names *names;
	sa_family_t family; /* what the words so far stand for */
	bool failed;	    /* something was wrong, and was reported */
};

/* The word that comes next, or NULL. */
const char *vrrp_words_peek(const struct vrrp_words *words);
/* The same, and goes on to the one behind it. */
const char *vrrp_words_take(struct vrrp_words *words);
/* Goes on if the next word is WORD. */
bool vrrp_words_take_if(struct vrrp_words *words, const char *word);
/* All of the rest is passed over. */
void vrrp_words_skip(struct vrrp_words *words);

/* Reports at the word that was taken last; an error makes the line fail. */
void vrrp_words_report(struct vrrp_words *words, enum diag_severity severity,
	enum diag_code code, const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Each takes one word; false when that was reported as wrong or missing, with
 * *RET untouched. */
bool vrrp_words_u32(struct vrrp_words *words, uint32_t min, uint32_t max,
	uint32_t *ret);
bool vrrp_words_u64(struct vrrp_words *words, uint64_t *ret);
bool vrrp_words_name(struct vrrp_words *words, enum iproute_names_kind kind,
	uint32_t *ret);
/* TO or FROM/TO of rt_realms. */
bool vrrp_words_realms(struct vrrp_words *words, uint32_t *ret);
/* Copied to the arena. */
bool vrrp_words_text(struct vrrp_words *words, const char **ret);
bool vrrp_words_interface(struct vrrp_words *words, const char **ret);
/* An address of the family of the line, which it may decide. */
bool vrrp_words_address(struct vrrp_words *words, struct ip_addr *ret);
/* ADDRESS[/LENGTH], or default, any, all with length 0.  Bits behind the
 * length are cleared for IPv6 and an error for IPv4, as the kernel does. */
bool vrrp_words_prefix(
	struct vrrp_words *words, struct ip_addr *ret, uint8_t *ret_len);

/* The line is about FAMILY; false after having reported that it is not, at
 * the word that was taken last. */
bool vrrp_words_set_family(struct vrrp_words *words, sa_family_t family);

/* The words inet and inet6. */
bool vrrp_words_family(struct vrrp_words *words, const char *word);

/* The line as text without the words in DROP (a NULL-terminated list), each
 * with N_ARGS[i] words behind it. */
const char *vrrp_words_line(const struct vrrp_words *words,
	const char *const *drop, const unsigned int *n_args);

#endif

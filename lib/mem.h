/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is either there or the process ends.
 *
 * A director that has no memory left cannot decide anything sensible, so
 * these calls never return NULL: they log and abort.  The supervisor then
 * restarts the role, which adopts what its predecessor left in the kernel.
 */
#ifndef TANDEM_LIB_MEM_H
#define TANDEM_LIB_MEM_H

#include <stddef.h>

/* N zeroed objects of TYPE; free with x_free(). */
#define x_new(type, n) ((type *)x_calloc((n), sizeof(type)))

/* Zeroed memory for N times SIZE bytes; aborts on overflow. */
void *x_calloc(size_t n, size_t size);

/* realloc() for N times SIZE bytes; aborts on overflow. */
void *x_realloc(void *ptr, size_t n, size_t size);

/* Copies of STR (the first LEN bytes of it); the caller frees them. */
char *x_strdup(const char *str);
char *x_strndup(const char *str, size_t len);

/* asprintf() that cannot fail; the caller frees the string. */
char *x_asprintf(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

void x_free(void *ptr);

/*
 * An arena hands out memory that is given back all at once: a configuration
 * generation has one.  Not safe for use from several threads.
 */
struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */

/* Zeroed, aligned for pointers and 64-bit numbers, valid until arena_free(). */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *str);
char *arena_strndup(struct arena *arena, const char *str, size_t len);

/* Bytes handed out so far, for statistics. */
size_t arena_used(const struct arena *arena);

#define arena_new_object(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/mem.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define ARENA_CHUNK 65536
/* Of pointers and 64-bit numbers, the largest things that are kept there. */
#define ARENA_ALIGN 8

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	size_t used;
	alignas(ARENA_ALIGN) unsigned char data[];
};

struct arena {
	struct arena_chunk *chunks;
	size_t used;
};

static void *must(void *ptr)
{
	if (!ptr)
		log_fatal("out of memory");
	return ptr;
}

void *x_calloc(size_t n, size_t size)
{
	return must(calloc(n ? n : 1, size ? size : 1));
}

void *x_realloc(void *ptr, size_t n, size_t size)
{
	return must(reallocarray(ptr, n ? n : 1, size ? size : 1));
}

char *x_strdup(const char *str)
{
	return must(strdup(str));
}

char *x_strndup(const char *str, size_t len)
{
	return must(strndup(str, len));
}

char *x_asprintf(const char *format, ...)
{
	char *str = NULL;
	va_list ap;
	int len;

	va_start(ap, format);
	len = vasprintf(&str, format, ap);
	va_end(ap);
	return must(len < 0 ? NULL : str);
}

void x_free(void *ptr)
{
	free(ptr);
}

struct arena *arena_new(void)
{
	return x_new(struct arena, 1);
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk;
	struct arena_chunk *next;

	if (!arena)
		return;
	for (chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		x_free(chunk);
	}
	x_free(arena);
}

static struct arena_chunk *arena_grow(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;

	if (size < ARENA_CHUNK)
		size = ARENA_CHUNK;
	chunk = x_calloc(1, sizeof(*chunk) + size);
	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = ARENA_ALIGN;
	struct arena_chunk *chunk = arena->chunks;
	void *ptr;

	if (size > SIZE_MAX / 2)
		log_fatal("arena: impossible size %zu", size);
	size = (size + align - 1) & ~(align - 1);
	if (!chunk || chunk->size - chunk->used < size)
		chunk = arena_grow(arena, size);
	ptr = chunk->data + chunk->used;
	chunk->used += size;
	arena->used += size;
	return ptr;
}

char *arena_strndup(struct arena *arena, const char *str, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, str, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *str)
{
	return arena_strndup(arena, str, strlen(str));
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

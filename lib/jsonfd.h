/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON documents of any size, passed between processes as a descriptor.
 */
#ifndef TANDEM_LIB_JSONFD_H
#define TANDEM_LIB_JSONFD_H

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* The text of JSON in a sealed memfd, close-on-exec.  The descriptor or
 * -errno. */
int json_to_fd(struct json_object *json);

/* The same in pieces: a new file or -errno, text, the end of it.  0 or
 * -errno; the file remains the caller's. */
int json_fd_new(void);
int json_fd_write(int fd, const void *data, size_t len);
int json_fd_seal(int fd);

/* Reads all of FD (borrowed).  A new reference, or NULL when it is no sealed
 * memfd with valid JSON. */
struct json_object *json_from_fd(int fd);

/* A duration in us as a number of milliseconds with three digits after the
 * point.  A new reference. */
struct json_object *json_new_ms(int64_t us);

#endif

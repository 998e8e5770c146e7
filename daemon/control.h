/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: DIR/control.sock, SOCK_STREAM, mode 0660, group
 * "tandem" where there is one.
 *
 * A client sends one JSON object in one line and gets one JSON value in one
 * line; then the connection is closed.  Whoever can connect may read; who
 * may change is told by its uid.  A client that sends too much, too slowly
 * or does not read is cut off; none of them can hold up another one, and no
 * user but root can take the places of the others.
 */
#ifndef TANDEM_DAEMON_CONTROL_H
#define TANDEM_DAEMON_CONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/loop.h"

#define CONTROL_REQUEST_MAX 65536
#define CONTROL_CLIENTS_MAX 32
/* Of these, for one user who is not root. */
#define CONTROL_CLIENTS_USER 8
/* Beyond all of these, for root alone. */
#define CONTROL_CLIENTS_ROOT 8

struct control;

/*
 * A stale socket at PATH is replaced.  REQUEST is called with each line
 * (without its end, NUL-terminated; it may be anything) and answers now or
 * later with control_answer().  0 or -errno.
 */
int control_new(struct loop *loop, const char *path,
	void (*request)(uint64_t client, uid_t uid, const char *line,
		size_t len, void *user_data),
	void *user_data, struct control **ret_control);
void control_free(struct control *control); /* NULL is fine; unlinks */

/*
 * Sends what is in FD, a memfd which is taken, and a newline.  Does nothing
 * but close it when the client is gone.  FD -1: the client is told that
 * there was no answer.
 */
void control_answer(struct control *control, uint64_t client, int fd);

/* The same with {"error": TEXT}. */
void control_answer_error(
	struct control *control, uint64_t client, const char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question to the daemon: one line of JSON to its control socket, one JSON
 * document back.
 */
#ifndef TANDEM_CTL_CONTROL_H
#define TANDEM_CTL_CONTROL_H

#include <stdint.h>

struct json_object;

/* The socket's name in the runtime directory. */
#define CONTROL_SOCKET "control.sock"

enum control_status {
	CONTROL_OK,
	CONTROL_NO_DAEMON, /* nobody listens there */
	CONTROL_FAILED,	   /* no permission, no answer, a bad one */
};

/*
 * Sends REQUEST (borrowed) and waits TIMEOUT_US for all of the answer.
 * CONTROL_OK with a new reference in *RET_ANSWER; otherwise *RET_ERROR is a
 * text for the operator, which the caller frees.
 */
enum control_status control_ask(const char *runtime_dir,
	struct json_object *request, int64_t timeout_us,
	struct json_object **ret_answer, char **ret_error);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the status says of FIFOs. */
#include <inttypes.h>
#include <json-c/json.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/fifos_internal.h"

/* How long a loss is a problem that an operator is shown. */
#define PROBLEM_US (3600 * USEC_PER_SEC)

static void add_problems(const struct fifo *fifo, struct json_object *problems)
{
	size_t waiting = fifo_queue_count(fifo->queue);
	bool lost = fifo->lost &&
		    time_monotonic_us() - fifo->lost_us < PROBLEM_US;
	char *text;

	if (fifo->fd >= 0 && !waiting && !lost)
		return;
	text = fifo->fd < 0 ? x_asprintf("FIFO %s is not open", fifo->path)
			    : x_asprintf("FIFO %s: %zu lines wait for its "
					 "reader, %" PRIu64 " were lost",
				      fifo->path, waiting, fifo->lost);
	json_object_array_add(problems, json_object_new_string(text));
	x_free(text);
}

static struct json_object *fifo_status(const struct fifo *fifo)
{
	static const char *const events[] = { "none", "vrrp", "lvs", "all" };
	struct json_object *json = json_object_new_object();

	json_object_object_add(
		json, "path", json_object_new_string(fifo->path));
	json_object_object_add(json, "events",
		json_object_new_string(events[fifo->events & 3]));
	json_object_object_add(
		json, "open", json_object_new_boolean(fifo->fd >= 0));
	json_object_object_add(
		json, "written", json_object_new_uint64(fifo->written));
	json_object_object_add(json, "waiting",
		json_object_new_uint64(fifo_queue_count(fifo->queue)));
	json_object_object_add(
		json, "lost", json_object_new_uint64(fifo->lost));
	if (!fifo->script)
		return json;
	json_object_object_add(json, "script",
		json_object_new_string(fifo_script_command(fifo->script)));
	json_object_object_add(json, "script_pid",
		json_object_new_int(fifo_script_pid(fifo->script)));
	json_object_object_add(json, "script_starts",
		json_object_new_int64(fifo_script_starts(fifo->script)));
	return json;
}

struct json_object *fifos_status(
	const struct fifos *fifos, struct json_object *problems)
{
	struct json_object *array = json_object_new_array();
	const struct fifo *fifo;

	DL_FOREACH (fifos->list, fifo) {
		json_object_array_add(array, fifo_status(fifo));
		add_problems(fifo, problems);
	}
	return array;
}

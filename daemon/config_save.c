/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/config_save.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/generation.h"
#include "daemon/replace_file.h"
#include "daemon/show_config.h"
#include "daemon/worker.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"

#define CONFIG_SAVE_US (30 * USEC_PER_SEC)

struct config_save {
	const char *dir;
	const struct generation *generation;
};

static void put_text(FILE *out, void *user_data)
{
	fputs(user_data, out);
}

static int save(const struct config_save *save)
{
	char *path = x_asprintf("%s/tandem-%u.conf", save->dir,
		(unsigned int)save->generation->number);

	return replace_file(path, put_text, show_config_text(save->generation));
}

/* In the worker, which ends after this: nothing is freed. */
static void save_run(void *arg, struct worker_result *result)
{
	result->value = save(arg);
}

static void save_done(
	int error, const struct worker_result *result, void *user_data)
{
	int err = error ? error : result->value;

	(void)user_data;
	if (err)
		log_warning("config_save_dir: the configuration is not saved: "
			    "%s",
			strerror(-err));
}

void config_save(struct workers *workers, const char *dir,
	const struct generation *generation)
{
	struct worker_result nothing = { .value = 0, .fds = { -1, -1 } };
	struct config_save job = { dir, generation };
	int err = 0;

	/* Here, since a dump follows that does not wait for the worker. */
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		err = -errno;
	/* It has its own copy of JOB. */
	if (!err)
		err = worker_start(workers, WORKER_SHOW, CONFIG_SAVE_US,
			save_run, &job, save_done, NULL);
	if (err)
		save_done(err, &nothing, NULL);
}

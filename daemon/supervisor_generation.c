/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/background.h"
#include "daemon/config_save.h"
#include "daemon/control.h"
#include "daemon/files_conf.h"
#include "daemon/generation.h"
#include "daemon/global_conf.h"
#include "daemon/netns.h"
#include "daemon/show_config.h"
#include "daemon/supervisor_internal.h"
#include "daemon/tuning.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/process.h"

#define BIT(id) (1u << (id))
/* systemd is told READY at the latest so long after the first commit: a role
 * may find a kernel without IPVS and never finish its first pass. */
#define SUPERVISOR_READY_US (10 * USEC_PER_SEC)

static unsigned int supervisor_wanted(const struct options *options)
{
	if (options->only_vrrp)
		return BIT(ROLE_VRRP) | BIT(ROLE_RUNNER);
	if (options->only_check)
		return BIT(ROLE_HEALTHCHECK) | BIT(ROLE_IPVS) |
		       BIT(ROLE_RUNNER);
	return ~0u;
}

static uint32_t supervisor_flags(
	const struct options *options, const struct global_conf *conf)
{
	uint32_t flags = 0;

	if (options->detail)
		flags |= SETTINGS_DETAIL;
	if (options->keep_ipvs)
		flags |= SETTINGS_KEEP_IPVS;
	if (options->no_bfd)
		flags |= SETTINGS_NO_BFD;
	if (options->keep_vips)
		flags |= SETTINGS_KEEP_VIPS;
	if (conf->defs->supervisor_death == SUPERVISOR_DEATH_LEAVE)
		flags |= SETTINGS_LEAVE_STANDING;
	return flags;
}

/* The command line prevails. */
static mode_t supervisor_umask(
	const struct options *options, const struct process_conf *conf)
{
	if (options->umask_set)
		return options->umask;
	return conf->umask == PROCESS_UNSET ? OPTIONS_UMASK
					    : (mode_t)conf->umask;
}

static void supervisor_apply(
	struct supervisor *s, const struct generation *generation)
{
	const struct global_conf *conf = generation->global;
	mode_t mask = supervisor_umask(s->options, generation->process);

	process_set_name(tuning_own_name(generation->process));
	umask(mask);
	roles_set_process(s->roles, generation->process, mask);
	roles_set_times(s->roles,
		SUPERVISOR_SILENCE(conf->defs->role_timeout_us),
		conf->child_wait_us);
	roles_set_flags(s->roles, supervisor_flags(s->options, conf));
}

/* 1 when the namespace has been entered, 0 when there is nothing to do. */
static int supervisor_enter_namespace(struct supervisor *s, const char *name)
{
	int err;

	if (!name || s->in_namespace)
		return 0;
	err = netns_enter(name);
	if (err) {
		log_error("cannot enter network namespace %s: %s", name,
			strerror(-err));
		return err;
	}
	s->in_namespace = true;
	return 1;
}

/* Once: what runs keeps its name. */
static void supervisor_set_instance(struct supervisor *s, const char *name)
{
	if (!name || s->instance)
		return;
	s->instance = x_strdup(name);
	s->log_name = x_asprintf("tandemd_%s", name);
	log_rename(s->log_name);
	roles_set_instance(s->roles, s->instance);
}

/* Before the others' is entered: "" is where the daemon began. */
static int supervisor_open_ipvs_namespace(
	struct supervisor *s, const char *name)
{
	int fd;

	if (!name || s->ipvs_netns_fd)
		return 0;
	fd = netns_open(*name ? name : NULL);
	if (fd < 0) {
		log_error("no network namespace %s for IPVS: %s", name,
			strerror(-fd));
		return fd;
	}
	s->ipvs_netns_fd = fd;
	roles_set_netns(s->roles, ROLE_IPVS, fd);
	return 0;
}

static int supervisor_prepare_start(
	const struct generation *generation, void *user_data)
{
	struct supervisor *s = user_data;
	int err = supervisor_open_ipvs_namespace(
		s, generation->global->ipvs_namespace);
	int entered;

	if (err)
		return err;
	entered = supervisor_enter_namespace(
		s, generation->global->net_namespace);
	if (entered < 0)
		return entered;
	supervisor_set_instance(s, generation->global->instance);
	supervisor_apply(s, generation);
	if (startup_begin(s->startup, generation)) {
		s->started = true;
		return RELOAD_WAIT;
	}
	if (entered)
		return RELOAD_AGAIN; /* interfaces are other ones now */
	if (s->report_fd >= 0)
		background_close_stdio();
	s->started = true;
	roles_succeed(s->roles, ~0u);
	roles_start(s->roles, supervisor_wanted(s->options));
	return 0;
}

static void supervisor_script_begins(
	const char *what, int64_t us, void *user_data)
{
	struct supervisor *s = user_data;

	requests_set_waits(s->requests, what);
	systemd_extend(s->systemd, us);
}

static void supervisor_startup_over(void *user_data)
{
	struct supervisor *s = user_data;

	requests_set_waits(s->requests, NULL);
	reload_read_again(s->reload);
}

static void supervisor_shutdown_over(void *user_data)
{
	struct supervisor *s = user_data;

	roles_stop_last(s->roles);
}

const struct startup_callbacks supervisor_startup_callbacks = {
	.begins = supervisor_script_begins,
	.started = supervisor_startup_over,
	.ended = supervisor_shutdown_over,
};

static void supervisor_dump_config(const struct generation *generation)
{
	char *text = show_config_text(generation);
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		log_info("config: %s", line);
	x_free(text);
}

static void supervisor_applying(const struct generation *generation,
	unsigned int participants, void *user_data)
{
	const struct fifos_conf *conf = &generation->global->defs->fifos;
	struct supervisor *s = user_data;

	fifo_files_open(s->fifos, conf);
	if (participants & BIT(ROLE_RUNNER))
		fifo_files_send(s->fifos, s->roles, conf, generation->number);
}

static void supervisor_use_files(
	struct supervisor *s, const struct generation *generation)
{
	const struct files_conf *files = generation->files;

	reload_clock_set(s->clock, files->reload_time, files->reload_repeat);
	if (!files->save_dir)
		return;
	config_save(s->workers, files->save_dir, generation);
	requests_dump_to(
		s->requests, x_asprintf("%s/tandem-%u.data", files->save_dir,
				     (unsigned int)generation->number));
}

static void supervisor_running(
	const struct generation *generation, void *user_data)
{
	struct supervisor *s = user_data;

	supervisor_apply(s, generation);
	startup_set_running(s->startup, generation);
	supervisor_use_files(s, generation);
	if (s->options->dump_config)
		supervisor_dump_config(generation);
	supervisor_report(s, EXIT_SUCCESS);
	if (!systemd_is_ready(s->systemd))
		loop_timer_set(s->ready_timer,
			time_monotonic_us() + SUPERVISOR_READY_US);
	if (roles_all_ready(s->roles))
		supervisor_ready(s);
}

static void supervisor_busy(bool busy, void *user_data)
{
	struct supervisor *s = user_data;
	const struct generation *running = reload_running(s->reload);

	s->reloading = busy;
	if (busy) {
		systemd_reloading(s->systemd);
		return;
	}
	supervisor_ready(s);
	/* Those of what ran before, or was refused. */
	if (running)
		fifo_files_keep(s->fifos, &running->global->defs->fifos);
}

static void supervisor_failed(int exit_code, void *user_data)
{
	struct supervisor *s = user_data;

	supervisor_report(s, exit_code);
	supervisor_stop(s, exit_code);
}

static void supervisor_answer(uint64_t client, int fd, void *user_data)
{
	struct supervisor *s = user_data;

	control_answer(s->control, client, fd);
}

const struct reload_callbacks supervisor_reload_callbacks = {
	.prepare_start = supervisor_prepare_start,
	.applying = supervisor_applying,
	.running = supervisor_running,
	.busy = supervisor_busy,
	.failed = supervisor_failed,
	.answer = supervisor_answer,
};

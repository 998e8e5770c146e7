/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/background.h"
#include "daemon/control.h"
#include "daemon/gather.h"
#include "daemon/generation.h"
#include "daemon/pidfile.h"
#include "daemon/supervisor_internal.h"
#include "lib/log.h"
#include "lib/mem.h"

/* --- stopping --- */

void supervisor_report(struct supervisor *s, int exit_code)
{
	if (s->report_fd < 0)
		return;
	background_report(s->report_fd, exit_code);
	s->report_fd = -1;
}

void supervisor_stop(struct supervisor *s, int exit_code)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->exit_code = exit_code;
	reload_stop(s->reload);
	systemd_stopping(s->systemd);
	if (s->started)
		roles_stop(s->roles);
	else
		loop_stop(s->loop);
}

static bool supervisor_last_role(void *user_data)
{
	struct supervisor *s = user_data;

	return startup_end(s->startup);
}

static void supervisor_roles_stopped(void *user_data)
{
	struct supervisor *s = user_data;

	loop_stop(s->loop);
}

/* --- readiness --- */

void supervisor_ready(struct supervisor *s)
{
	const struct generation *running = reload_running(s->reload);

	loop_timer_set(s->ready_timer, TIME_NEVER);
	if (s->reloading)
		return; /* its end is what systemd waits for */
	systemd_ready(s->systemd, running ? running->number : 0);
}

static void supervisor_ready_timeout(void *user_data)
{
	log_warning("not all roles are ready yet; going on");
	supervisor_ready(user_data);
}

/* --- roles --- */

static void supervisor_role_started(enum role_id id, void *user_data)
{
	struct supervisor *s = user_data;

	if (!s->stopping)
		reload_on_started(s->reload, id);
}

static void supervisor_role_lost(enum role_id id, void *user_data)
{
	struct supervisor *s = user_data;

	gather_on_lost(s->gather, id);
	startup_on_lost(s->startup, id);
	if (s->stopping)
		return;
	reload_on_lost(s->reload, id);
	if (s->options->no_respawn && !roles_begins_anew(s->roles, id)) {
		log_error("stopping, since roles are not to be restarted (-R)");
		supervisor_stop(s, EXIT_FAILURE);
	}
}

static void supervisor_role_message(
	enum role_id id, struct message *msg, void *user_data)
{
	struct supervisor *s = user_data;

	switch (msg->type) {
	case MSG_ANSWER:
		gather_on_answer(s->gather, id, msg);
		return;
	case MSG_READY:
		roles_set_ready(s->roles, id);
		if (roles_all_ready(s->roles) && reload_running(s->reload))
			supervisor_ready(s);
		return;
	case MSG_COMMITTED:
		roles_set_joined(s->roles, id);
		break;
	default:
		break;
	}
	if (!startup_on_message(s->startup, id, msg))
		reload_on_message(s->reload, id, msg);
}

static const struct roles_callbacks role_callbacks = {
	.started = supervisor_role_started,
	.lost = supervisor_role_lost,
	.message = supervisor_role_message,
	.last = supervisor_last_role,
	.stopped = supervisor_roles_stopped,
};

/* --- requests and signals --- */

static void supervisor_request(uint64_t client, uid_t uid, const char *line,
	size_t len, void *user_data)
{
	struct supervisor *s = user_data;

	(void)len;
	requests_handle(s->requests, client, uid, line);
}

static void supervisor_reload(void *user_data)
{
	struct supervisor *s = user_data;

	if (reload_request(s->reload, 0) == -EBUSY)
		log_error("too many reloads are waiting");
}

static void supervisor_signal(int signo, void *user_data)
{
	struct supervisor *s = user_data;

	if (signo == SIGCHLD) {
		roles_reap(s->roles);
		workers_reap(s->workers);
	} else if (signo == SIGHUP) {
		log_notice("reload requested by SIGHUP");
		supervisor_reload(s);
	} else if (signo == SIGTERM || signo == SIGINT) {
		log_notice("stopping (SIG%s)", sigabbrev_np(signo));
		roles_stop_left(s->roles);
		supervisor_stop(s, EXIT_SUCCESS);
	} else if (signo == SIGUSR1) {
		requests_dump(s->requests, DUMP_DATA, false);
	} else if (signo == SIGRTMIN + 2) {
		requests_dump(s->requests, DUMP_JSON, false);
	} else {
		requests_dump(s->requests, DUMP_STATS, signo == SIGRTMAX - 1);
	}
}

/* SIGINT is the last. */
static void supervisor_signals(int signals[SUPERVISOR_SIGNALS])
{
	const int all[SUPERVISOR_SIGNALS] = { SIGCHLD, SIGHUP, SIGTERM,
		SIGUSR1, SIGUSR2, SIGRTMIN + 2, SIGRTMAX - 1, SIGINT };

	memcpy(signals, all, sizeof(all));
}

/* HOW is for sigprocmask(2). */
static void supervisor_mask_signals(int how)
{
	int signals[SUPERVISOR_SIGNALS];
	sigset_t set;
	unsigned int i;

	supervisor_signals(signals);
	sigemptyset(&set);
	for (i = 0; i < SUPERVISOR_SIGNALS; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(how, &set, NULL);
}

void supervisor_hold_signals(void)
{
	supervisor_mask_signals(SIG_BLOCK);
}

static void supervisor_watch_signals(struct supervisor *s)
{
	int signals[SUPERVISOR_SIGNALS];
	unsigned int n = SUPERVISOR_SIGNALS;

	supervisor_signals(signals);
	if (s->options->ignore_sigint) {
		signal(SIGINT, SIG_IGN);
		n--;
	}
	signal(SIGPIPE, SIG_IGN);
	for (s->n_signals = 0; s->n_signals < n; s->n_signals++)
		s->signals[s->n_signals] = loop_signal_new(
			s->loop, signals[s->n_signals], supervisor_signal, s);
	supervisor_mask_signals(SIG_UNBLOCK);
}

/* --- life --- */

static void supervisor_make(struct supervisor *s)
{
	const struct options *o = s->options;
	const struct roles_settings settings = {
		.runtime_dir = o->runtime_dir,
		.program_fd = s->params->program_fd,
		.boot = {
			.log_targets = s->params->role_log_targets,
			.log_facility = o->facility,
			.log_level = s->params->log_level,
		},
		.no_respawn = o->no_respawn,
		.silence_us = SUPERVISOR_SILENCE(USEC_PER_SEC),
		.stop_us = 5 * USEC_PER_SEC,
		.pid_files = {
			[ROLE_VRRP] = o->vrrp_pid_file,
			[ROLE_HEALTHCHECK] = o->check_pid_file,
		},
	};
	const struct reload_options reload_options = {
		.file = o->file,
		.config_id = o->config_id,
		.runtime_dir = o->runtime_dir,
		.lenient = o->lenient,
		.all_files = o->all_config,
		.present = !o->only_check,
		.print_first = s->params->log_targets == LOG_TARGET_SYSLOG,
	};
	struct requests_context context;

	s->loop = loop_new();
	s->workers = workers_new(s->loop);
	s->roles = roles_new(s->loop, &settings, &role_callbacks, s);
	s->fifos = fifo_files_new();
	s->gather = gather_new(s->loop, s->roles);
	s->reload = reload_new(s->loop, s->workers, s->roles, &reload_options,
		&supervisor_reload_callbacks, s);
	s->startup = startup_new(
		s->loop, s->roles, &supervisor_startup_callbacks, s);
	context = (struct requests_context){
		.loop = s->loop,
		.workers = s->workers,
		.roles = s->roles,
		.gather = s->gather,
		.reload = s->reload,
		.runtime_dir = o->runtime_dir,
		.file = o->file,
		.started_us = time_monotonic_us(),
	};
	s->requests = requests_new(&context);
	s->clock = reload_clock_new(s->loop, supervisor_reload, s);
	s->systemd = systemd_new(s->loop);
	s->ready_timer = loop_timer_new(s->loop, supervisor_ready_timeout, s);
	supervisor_watch_signals(s);
}

static int supervisor_open_control(struct supervisor *s)
{
	char *path = x_asprintf("%s/control.sock", s->options->runtime_dir);
	int err =
		control_new(s->loop, path, supervisor_request, s, &s->control);

	if (err)
		log_error("cannot listen at %s: %s", path, strerror(-err));
	else
		requests_set_control(s->requests, s->control);
	x_free(path);
	return err;
}

static void supervisor_unmake(struct supervisor *s)
{
	unsigned int i;

	supervisor_hold_signals();
	for (i = 0; i < s->n_signals; i++)
		loop_signal_free(s->signals[i]);
	control_free(s->control);
	loop_timer_free(s->ready_timer);
	systemd_free(s->systemd);
	requests_free(s->requests);
	gather_free(s->gather);
	workers_free(s->workers);
	reload_clock_free(s->clock);
	startup_free(s->startup);
	reload_free(s->reload);
	roles_free(s->roles);
	if (s->ipvs_netns_fd)
		close(s->ipvs_netns_fd);
	fifo_files_free(s->fifos);
	loop_free(s->loop);
}

int supervisor_run(const struct supervisor_params *params)
{
	struct supervisor s = {
		.options = params->options,
		.params = params,
		.report_fd = params->report_fd,
		.in_namespace = params->options->net_namespace != NULL,
	};

	supervisor_make(&s);
	if (supervisor_open_control(&s) == 0) {
		reload_first(s.reload);
		loop_run(s.loop);
	} else {
		s.exit_code = EXIT_FAILURE;
	}
	supervisor_report(&s, s.exit_code);
	supervisor_unmake(&s);
	log_rename("tandemd");
	x_free(s.instance);
	x_free(s.log_name);
	if (s.exit_code)
		log_error("ended with exit code %d", s.exit_code);
	else
		log_info("stopped");
	return s.exit_code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/background.h"
#include "daemon/control.h"
#include "daemon/fifo_files.h"
#include "daemon/gather.h"
#include "daemon/generation.h"
#include "daemon/global_conf.h"
#include "daemon/netns.h"
#include "daemon/orphans.h"
#include "daemon/pidfile.h"
#include "daemon/reload.h"
#include "daemon/requests.h"
#include "daemon/role_table.h"
#include "daemon/roles.h"
#include "daemon/show_config.h"
#include "daemon/startup.h"
#include "daemon/systemd.h"
#include "daemon/tuning.h"
#include "daemon/worker.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/process.h"
#include "lib/timeutil.h"

#define BIT(id) (1u << (id))
/* A role that hangs is noticed, killed and started again within
 * role_timeout: four fifths of it are for waiting. */
#define SUPERVISOR_SILENCE(timeout_us) ((timeout_us)*4 / 5)
/* systemd is told READY at the latest so long after the first commit: a role
 * may find a kernel without IPVS and never finish its first pass. */
#define SUPERVISOR_READY_US (10 * USEC_PER_SEC)
#define SUPERVISOR_SIGNALS 8

struct supervisor {
	const struct options *options;
	const struct supervisor_params *params;
	struct loop *loop;
	struct workers *workers;
	struct roles *roles;
	struct fifo_files *fifos;
	struct gather *gather;
	struct reload *reload;
	struct startup *startup;
	struct requests *requests;
	struct control *control;
	struct systemd *systemd;
	struct loop_timer *ready_timer;
	struct loop_signal *signals[SUPERVISOR_SIGNALS];
	unsigned int n_signals;
	int report_fd;
	bool started; /* roles were started */
	bool stopping;
	bool in_namespace;
	char *instance; /* of the first generation; NULL = none */
	char *log_name;
	int ipvs_netns_fd; /* 0 = none */
	int exit_code;
};

/* --- stopping --- */

static void supervisor_report(struct supervisor *s, int exit_code)
{
	if (s->report_fd < 0)
		return;
	background_report(s->report_fd, exit_code);
	s->report_fd = -1;
}

static void supervisor_stop(struct supervisor *s, int exit_code)
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

static void supervisor_ready(struct supervisor *s)
{
	const struct generation *running = reload_running(s->reload);

	loop_timer_set(s->ready_timer, TIME_NEVER);
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
	if (s->options->no_respawn) {
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

static unsigned int supervisor_wanted(const struct options *options)
{
	if (options->only_vrrp)
		return BIT(ROLE_VRRP) | BIT(ROLE_RUNNER);
	if (options->only_check)
		return BIT(ROLE_HEALTHCHECK) | BIT(ROLE_IPVS) |
		       BIT(ROLE_RUNNER);
	return ~0u;
}

/* --- generations --- */

static uint32_t supervisor_flags(
	const struct options *options, const struct global_conf *conf)
{
	uint32_t flags = 0;

	if (options->detail)
		flags |= SETTINGS_DETAIL;
	if (options->keep_ipvs)
		flags |= SETTINGS_KEEP_IPVS;
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
	roles_start(s->roles, supervisor_wanted(s->options));
	return 0;
}

static void supervisor_script_begins(int64_t us, void *user_data)
{
	struct supervisor *s = user_data;

	systemd_extend(s->systemd, us);
}

static void supervisor_startup_over(void *user_data)
{
	struct supervisor *s = user_data;

	reload_read_again(s->reload);
}

static void supervisor_shutdown_over(void *user_data)
{
	struct supervisor *s = user_data;

	roles_stop_last(s->roles);
}

static const struct startup_callbacks startup_callbacks = {
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

static void supervisor_running(
	const struct generation *generation, void *user_data)
{
	struct supervisor *s = user_data;

	supervisor_apply(s, generation);
	startup_set_running(s->startup, generation);
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

	if (busy) {
		systemd_reloading(s->systemd);
		return;
	}
	systemd_ready(s->systemd, running ? running->number : 0);
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

static const struct reload_callbacks reload_callbacks = {
	.prepare_start = supervisor_prepare_start,
	.applying = supervisor_applying,
	.running = supervisor_running,
	.busy = supervisor_busy,
	.failed = supervisor_failed,
	.answer = supervisor_answer,
};

/* --- requests and signals --- */

static void supervisor_request(uint64_t client, uid_t uid, const char *line,
	size_t len, void *user_data)
{
	struct supervisor *s = user_data;

	(void)len;
	requests_handle(s->requests, client, uid, line);
}

static void supervisor_signal(int signo, void *user_data)
{
	struct supervisor *s = user_data;

	if (signo == SIGCHLD) {
		roles_reap(s->roles);
		workers_reap(s->workers);
	} else if (signo == SIGHUP) {
		log_notice("reload requested by SIGHUP");
		if (reload_request(s->reload, 0) < 0)
			log_error("too many reloads are waiting");
	} else if (signo == SIGTERM || signo == SIGINT) {
		log_notice("stopping (SIG%s)", sigabbrev_np(signo));
		supervisor_stop(s, EXIT_SUCCESS);
	} else if (signo == SIGUSR1) {
		requests_dump(s->requests, DUMP_DATA, false);
	} else if (signo == SIGRTMIN + 2) {
		requests_dump(s->requests, DUMP_JSON, false);
	} else {
		requests_dump(
			s->requests, DUMP_STATS, signo == SIGRTMAX - 1);
	}
}

static void supervisor_watch_signals(struct supervisor *s)
{
	const int signals[SUPERVISOR_SIGNALS] = { SIGCHLD, SIGHUP, SIGTERM,
		SIGUSR1, SIGUSR2, SIGRTMIN + 2, SIGRTMAX - 1, SIGINT };
	unsigned int n = SUPERVISOR_SIGNALS;

	if (s->options->ignore_sigint) {
		signal(SIGINT, SIG_IGN);
		n--;
	}
	signal(SIGPIPE, SIG_IGN);
	for (s->n_signals = 0; s->n_signals < n; s->n_signals++)
		s->signals[s->n_signals] = loop_signal_new(
			s->loop, signals[s->n_signals], supervisor_signal, s);
}

/* --- life --- */

static void supervisor_end_orphans(const struct roles_settings *settings)
{
	unsigned int n;
	const enum role_id *order = role_table_stop_order(&n);
	unsigned int i;

	for (i = 0; i < n; i++) {
		const char *given = settings->pid_files[order[i]];
		char *path = given ? x_strdup(given)
				   : x_asprintf("%s/%s.pid",
					     settings->runtime_dir,
					     role_id_name(order[i]));

		orphans_end(order[i], path, settings->runtime_dir);
		x_free(path);
	}
}

static void supervisor_make(struct supervisor *s)
{
	const struct options *o = s->options;
	const struct roles_settings settings = {
		.runtime_dir = o->runtime_dir,
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
		.lenient = o->lenient,
		.present = !o->only_check,
		.print_first = s->params->log_targets == LOG_TARGET_SYSLOG,
	};
	struct requests_context context;

	supervisor_end_orphans(&settings);
	s->loop = loop_new();
	s->workers = workers_new(s->loop);
	s->roles = roles_new(s->loop, &settings, &role_callbacks, s);
	s->fifos = fifo_files_new();
	s->gather = gather_new(s->loop, s->roles);
	s->reload = reload_new(s->loop, s->workers, s->roles, &reload_options,
		&reload_callbacks, s);
	s->startup = startup_new(s->loop, s->roles, &startup_callbacks, s);
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

	for (i = 0; i < s->n_signals; i++)
		loop_signal_free(s->signals[i]);
	control_free(s->control);
	loop_timer_free(s->ready_timer);
	systemd_free(s->systemd);
	requests_free(s->requests);
	gather_free(s->gather);
	workers_free(s->workers);
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tandemd: the supervisor, which people start.  It starts the roles, which are
 * in role_program.c.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/file.h"
#include "daemon/background.h"
#include "daemon/capabilities.h"
#include "daemon/config_test.h"
#include "daemon/netns.h"
#include "daemon/options.h"
#include "daemon/pidfile.h"
#include "daemon/spawn.h"
#include "daemon/supervisor.h"
#include "daemon/systemd.h"
#include "lib/log.h"
#include "lib/log_ring.h"
#include "lib/mem.h"
#include "lib/privileges.h"

#define EXIT_PERMISSION 4
#define EXIT_NO_CONFIG 6

/* --- what is wrong before anything is started --- */

static int check_start(const struct options *options)
{
	if (!capabilities_suffice(options->only_check))
		return EXIT_PERMISSION;
	if (access(options->file, F_OK) < 0 &&
		(errno == ENOENT || errno == ENOTDIR)) {
		fprintf(stderr,
			"tandemd: there is no configuration file %s (use -f "
			"FILE for another one)\n",
			options->file);
		return EXIT_NO_CONFIG;
	}
	return EXIT_SUCCESS;
}

/* The place of the process may change; the file's name stays valid. */
static char *absolute_path(const char *file)
{
	char *directory;
	char *path;

	if (*file == '/')
		return x_strdup(file);
	directory = getcwd(NULL, 0);
	path = x_asprintf("%s/%s", directory ? directory : "", file);
	free(directory);
	return path;
}

static int enter_namespace(const struct options *options)
{
	int err = options->net_namespace ? netns_enter(options->net_namespace)
					 : 0;

	if (err)
		fprintf(stderr,
			"tandemd: cannot enter network namespace %s: %s\n",
			options->net_namespace, strerror(-err));
	return err;
}

/* --- starting --- */

static unsigned int log_targets(const struct options *options)
{
	unsigned int targets = 0;

	if (systemd_has_journal())
		return LOG_TARGET_JOURNAL;
	if (options->log_console)
		targets |= LOG_TARGET_STDERR;
	if (!options->no_syslog)
		targets |= LOG_TARGET_SYSLOG;
	return targets;
}

static void set_limits(const struct options *options)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	umask(options->umask_set ? options->umask : OPTIONS_UMASK);
	if (options->core_dump && setrlimit(RLIMIT_CORE, &unlimited) < 0)
		log_warning("core files stay limited: %s", strerror(errno));
}

static int lock_runtime_dir(const struct options *options)
{
	char *path = x_asprintf("%s/tandemd.pid", options->runtime_dir);
	int err = runtime_dir_make(options->runtime_dir);
	pid_t other = 0;
	int fd = err ? err : pidfile_lock(path, &other);

	if (err == -EPERM)
		log_error("runtime directory %s belongs to somebody else or "
			  "others may write to it",
			options->runtime_dir);
	else if (err)
		log_error("runtime directory %s: %s", options->runtime_dir,
			strerror(-err));
	else if (fd == -EWOULDBLOCK)
		log_error("tandemd runs already (pid %d has locked %s); a "
			  "second one needs its own --runtime-dir",
			(int)other, path);
	else if (fd < 0)
		log_error("%s: %s", path, strerror(-fd));
	else if ((err = pidfile_write_locked(fd)) < 0)
		log_warning("%s: %s", path, strerror(-err));
	x_free(path);
	return fd;
}

static void unlock_runtime_dir(const struct options *options, int fd)
{
	char *path = x_asprintf("%s/tandemd.pid", options->runtime_dir);

	unlink(path);
	close(fd);
	x_free(path);
	if (options->pid_file)
		unlink(options->pid_file);
}

/* In the process that stays. */
static int run_locked(struct supervisor_params *params)
{
	const struct options *options = params->options;
	unsigned int i;
	int code;

	supervisor_hold_signals();
	/* Whoever started us has to see why it fails. */
	params->lock_fd = lock_runtime_dir(options);
	if (params->lock_fd < 0)
		return EXIT_FAILURE;
	log_open("tandemd", params->log_targets, options->facility,
		(enum log_level)params->log_level);
	log_keep(log_ring_new());
	log_info("tandemd " PACKAGE_VERSION " starts, configuration %s",
		options->file);
	for (i = 0; i < options->n_idle; i++)
		log_warning("%s has no function yet", options->idle[i]);
	if (geteuid() == 0 && !getpwnam(PRIVILEGES_USER))
		log_warning("there is no account '" PRIVILEGES_USER
			    "': roles run as nobody, like other programs "
			    "(hint: systemd-sysusers makes it)");
	capabilities_warn();
	if (options->pid_file)
		pidfile_write(options->pid_file, getpid());
	code = supervisor_run(params);
	unlock_runtime_dir(options, params->lock_fd);
	return code;
}

static int run_supervisor(const struct options *options)
{
	struct supervisor_params params = {
		.options = options,
		.log_targets = log_targets(options),
		.role_log_targets = log_targets(options),
		.log_level = options->detail > 1 ? LOG_LEVEL_DEBUG
						 : LOG_LEVEL_INFO,
		.report_fd = -1,
	};
	int code;

	background_fill_stdio();
	code = check_start(options);
	if (code)
		return code;
	if (enter_namespace(options) < 0)
		return EXIT_FAILURE;
	set_limits(options);
	if (!options->foreground) {
		params.role_log_targets &= ~(unsigned int)LOG_TARGET_STDERR;
		params.report_fd = background_start();
		if (params.report_fd < 0)
			return EXIT_FAILURE;
	}
	if (chdir("/") < 0)
		return EXIT_FAILURE;
	params.program_fd = spawn_open_program();
	if (params.program_fd < 0) {
		log_error("the program of the roles, " SPAWN_PROGRAM ", is "
			  "neither beside tandemd nor in " TANDEM_LIBEXEC_DIR
			  ": %s",
			strerror(-params.program_fd));
		return EXIT_FAILURE;
	}
	return run_locked(&params);
}

static int run_options(const struct options *options)
{
	switch (options->action) {
	case OPTIONS_RUN:
		return run_supervisor(options);
	case OPTIONS_TEST:
		return enter_namespace(options) < 0 ? EXIT_PERMISSION
						    : config_test_run(options);
	case OPTIONS_VERSION:
		printf("tandemd " PACKAGE_VERSION "\n");
		return EXIT_SUCCESS;
	case OPTIONS_HELP:
		options_print_help(stdout);
		return EXIT_SUCCESS;
	case OPTIONS_SIGNUM:
		printf("%d\n", options_signal_number(options->signal_name));
		return EXIT_SUCCESS;
	}
	return EXIT_FAILURE;
}

/* What -f names, whatever the working directory will be.  Standard input that
 * cannot be read is reported as any file is that cannot. */
static char *find_file(const char *file)
{
	if (strcmp(file, "-") != 0)
		return absolute_path(file);
	file_keep_stdin();
	return x_strdup(FILE_STDIN);
}

int main(int argc, char **argv)
{
	struct options options;
	char *file;
	int code;

	log_open("tandemd", LOG_TARGET_STDERR, 0, LOG_LEVEL_INFO);
	if (options_parse(&options, argc, argv, stderr) < 0)
		return EXIT_FAILURE;
	if (options.action != OPTIONS_RUN && options.action != OPTIONS_TEST)
		return run_options(&options);
	file = find_file(options.file);
	options.file = file;
	code = run_options(&options);
	x_free(file);
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "runner/script_check.h"

/* Where the child keeps its error pipe; what lies above is closed. */
#define ERROR_FD 3
/* Room for "DIRECTORY/COMMAND" of SCRIPT_PATH. */
#define COMMAND_PATH_MAX 4096

struct spawn_plan {
	char *const *argv;
	char **envp;
	char **shell_argv; /* see make_shell_argv() */
	const struct script_identity *identity;
	pid_t parent;
	sigset_t signals; /* to be set in the child */
	int input_fd;
	int output_fd;
	int error_fd;
};

/* --- what is made before the fork: the child must not allocate --- */

/* Settings of the system's that a script may want; all else is made new. */
static const char *const inherited[] = { "LANG", "LC_ALL", "LC_CTYPE", "TZ" };

#define N_INHERITED (sizeof(inherited) / sizeof(inherited[0]))
#define N_OWN 5

static char **make_environment(const struct script_identity *identity)
{
	char **envp = x_new(char *, N_OWN + N_INHERITED + 1);
	unsigned int n = 0;
	size_t i;

	envp[n++] = x_asprintf("PATH=%s", SCRIPT_PATH);
	envp[n++] = x_asprintf("HOME=%s", identity->home);
	envp[n++] = x_asprintf("USER=%s", identity->name);
	envp[n++] = x_asprintf("LOGNAME=%s", identity->name);
	envp[n++] = x_strdup("SHELL=/bin/sh");
	for (i = 0; i < N_INHERITED; i++) {
		const char *value = getenv(inherited[i]);

		if (value)
			envp[n++] = x_asprintf("%s=%s", inherited[i], value);
	}
	return envp;
}

static void free_environment(char **envp)
{
	char **e;

	for (e = envp; *e; e++)
		x_free(*e);
	x_free(envp);
}

/*
 * The arguments with a shell in front, for two cases: a script without a
 * first line "#!" ("/bin/sh" PATH ARGUMENTS, from place 2 on, as execvp()
 * does it), and a script of root's in a place that only root's capabilities
 * open, which a shell of root's has ("/bin/sh" -c "exec ..." PATH ARGUMENTS).
 */
static char **make_shell_argv(char *const argv[])
{
	static char shell[] = "/bin/sh";
	static char option[] = "-c";
	size_t n = 0;
	char **shell_argv;

	while (argv[n])
		n++;
	shell_argv = x_new(char *, n + 4);
	shell_argv[0] = shell;
	shell_argv[1] = option;
	memcpy(shell_argv + 4, argv + 1, n * sizeof(*argv));
	return shell_argv;
}

/* --- in the child: system calls only --- */

static void child_fail(const struct spawn_plan *plan, int error)
	__attribute__((noreturn));

static void child_fail(const struct spawn_plan *plan, int error)
{
	/* Nobody left to tell when this fails: the parent is gone. */
	if (write(plan->error_fd, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* The kernel's own call, since the C library keeps two signals to itself, and
 * whoever started us may have them ignored.  All zero is SIG_DFL, no flags,
 * nothing blocked, in every architecture's struct; 8 is the kernel's size of
 * a signal set. */
static void child_reset_signals(const struct spawn_plan *plan)
{
	static const unsigned long action[8];
	int signo;

	for (signo = 1; signo < _NSIG; signo++) /* KILL, STOP: refused */
		syscall(SYS_rt_sigaction, signo, action, NULL, 8);
	sigprocmask(SIG_SETMASK, &plan->signals, NULL);
}

static void child_reset_scheduling(void)
{
	struct sched_param param = { .sched_priority = 0 };

	/* All three only matter where the daemon was given a priority. */
	sched_setscheduler(0, SCHED_OTHER, &param);
	setpriority(PRIO_PROCESS, 0, 0);
	prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0);
}

static void child_set_descriptors(struct spawn_plan *plan)
{
	/* Out of the way first: any of them may be 0 to 3. */
	int input_fd = fcntl(plan->input_fd, F_DUPFD_CLOEXEC, ERROR_FD + 1);
	int output_fd = fcntl(plan->output_fd, F_DUPFD_CLOEXEC, ERROR_FD + 1);
	int error_fd = fcntl(plan->error_fd, F_DUPFD_CLOEXEC, ERROR_FD + 1);

	if (input_fd < 0 || output_fd < 0 || error_fd < 0)
		child_fail(plan, errno);
	plan->error_fd = error_fd;
	if (dup2(input_fd, STDIN_FILENO) < 0 ||
		dup2(output_fd, STDOUT_FILENO) < 0 ||
		dup2(output_fd, STDERR_FILENO) < 0 ||
		dup3(error_fd, ERROR_FD, O_CLOEXEC) < 0)
		child_fail(plan, errno);
	plan->error_fd = ERROR_FD;
	if (syscall(SYS_close_range, ERROR_FD + 1, ~0U, 0) < 0)
		child_fail(plan, errno);
}

/* Capabilities that would survive an exec, and those that would not: a
 * script of root's gets all of root's by the exec itself, others get none. */
static int child_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { { .effective = 0 } };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static void child_become(const struct spawn_plan *plan)
{
	const struct script_identity *id = plan->identity;
	int err;

	/* Not root and nothing to change: a run in a build tree. */
	if (geteuid() == id->uid && getuid() == id->uid && getuid() != 0)
		return;
	if (setgroups(id->n_groups, id->groups) < 0 ||
		setresgid(id->gid, id->gid, id->gid) < 0 ||
		setresuid(id->uid, id->uid, id->uid) < 0)
		child_fail(plan, errno);
	err = child_drop_capabilities();
	if (err)
		child_fail(plan, -err);
}

/* May root's shell run PATH, although this process, which is root without
 * root's capabilities, may not? */
static bool child_needs_capabilities(
	const struct spawn_plan *plan, const char *path)
{
	struct stat st;

	if (plan->identity->uid != 0 || getuid() != 0)
		return false;
	if (stat(path, &st) < 0)
		return errno == EACCES;
	return S_ISREG(st.st_mode) && st.st_mode & 0111;
}

static void child_exec_path(struct spawn_plan *plan, char *path)
{
	static char command[] = "exec \"$0\" \"$@\"";
	char **argv = plan->shell_argv;

	execve(path, plan->argv, plan->envp);
	if (errno == ENOEXEC) {
		argv += 2;
		argv[0] = plan->shell_argv[0];
	} else if (errno == EACCES && child_needs_capabilities(plan, path)) {
		argv[2] = command;
	} else {
		return;
	}
	plan->shell_argv[3] = path;
	execve(argv[0], argv, plan->envp);
	errno = EACCES;
}

static int child_exec_search(struct spawn_plan *plan)
{
	char path[COMMAND_PATH_MAX];
	const char *dir = SCRIPT_PATH;
	size_t command_len = strlen(plan->argv[0]);
	int error = ENOENT;

	while (*dir) {
		size_t len = strcspn(dir, ":");

		if (len + command_len + 2 > sizeof(path))
			return ENAMETOOLONG;
		memcpy(path, dir, len);
		path[len] = '/';
		memcpy(path + len + 1, plan->argv[0], command_len + 1);
		child_exec_path(plan, path);
		if (errno == EACCES)
			error = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR)
			return errno;
		dir += len + (dir[len] == ':');
	}
	return error;
}

static void child_run(struct spawn_plan *plan) __attribute__((noreturn));

static void child_run(struct spawn_plan *plan)
{
	setsid();
	child_reset_signals(plan);
	child_reset_scheduling();
	child_set_descriptors(plan);
	child_become(plan);
	/* After the change of identity, which clears it.  A script of root's
	 * loses it again at the exec: see the checkpoints in role.c. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != plan->parent)
		_exit(126);
	if (chdir("/") < 0)
		child_fail(plan, errno);
	if (!strchr(plan->argv[0], '/'))
		child_fail(plan, child_exec_search(plan));
	child_exec_path(plan, plan->argv[0]);
	child_fail(plan, errno);
}

/* --- in the parent --- */

static int close_all(int *fds, unsigned int n, int err)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return err;
}

/* The child's signals: everything is blocked over the fork, so that no
 * handler of the parent's loop runs in the child. */
static pid_t fork_blocked(struct spawn_plan *plan)
{
	sigset_t all;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &plan->signals);
	pid = fork();
	if (pid == 0) {
		sigemptyset(&plan->signals);
		child_run(plan);
	}
	sigprocmask(SIG_SETMASK, &plan->signals, NULL);
	return pid;
}

static int spawn_with(struct spawn_plan *plan, struct spawn_result *ret)
{
	int fds[5] = { -1, -1, -1, -1, -1 };
	int pidfd;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0 || pipe2(fds + 2, O_CLOEXEC) < 0)
		return close_all(fds, 5, -errno);
	fds[4] = plan->input_fd < 0
			 ? open("/dev/null", O_RDONLY | O_CLOEXEC)
			 : fcntl(plan->input_fd, F_DUPFD_CLOEXEC, 0);
	if (fds[4] < 0)
		return close_all(fds, 5, -errno);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[2], F_SETFL, O_NONBLOCK);
	plan->error_fd = fds[1];
	plan->output_fd = fds[3];
	plan->input_fd = fds[4];
	plan->parent = getpid();
	pid = fork_blocked(plan);
	if (pid < 0)
		return close_all(fds, 5, -errno);
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0) {
		int err = -errno;

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return close_all(fds, 5, err);
	}
	close(fds[1]);
	close(fds[3]);
	close(fds[4]);
	*ret = (struct spawn_result){
		.pid = pid,
		.pidfd = pidfd,
		.error_fd = fds[0],
		.output_fd = fds[2],
	};
	return 0;
}

int spawn_script(char *const argv[], const struct script_identity *identity,
	int input_fd, struct spawn_result *ret)
{
	struct spawn_plan plan = {
		.argv = argv,
		.identity = identity,
		.input_fd = input_fd,
	};
	int err;

	if (identity->error)
		return identity->error;
	plan.envp = make_environment(identity);
	plan.shell_argv = make_shell_argv(argv);
	err = spawn_with(&plan, ret);
	free_environment(plan.envp);
	x_free(plan.shell_argv);
	return err;
}

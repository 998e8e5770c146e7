// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a program as one of the lab's machines.
 *
 *	labexec [-n FD] [-h NAME] [-b DIR=TARGET]... [-p] -- COMMAND...
 *
 * -n FD           enter the network namespace open on descriptor FD
 * -h NAME         own host name
 * -b DIR=TARGET   own mount namespace with DIR bound over TARGET
 * -p              die (SIGKILL) when the caller's thread dies
 *
 * With -n it also gets the sysfs of that network namespace. There is one exec
 * and no fork, so the pid that the caller sees is the command's, and starting
 * a program costs as little as it can in the slow user-mode kernel.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#define BINDS_MAX 8

static void die(const char *what)
{
	fprintf(stderr, "labexec: %s: %s\n", what, strerror(errno));
	exit(126);
}

static void bind_dir(char *spec)
{
	char *target = strchr(spec, '=');

	if (!target) {
		errno = EINVAL;
		die(spec);
	}
	*target++ = '\0';
	if (mount(spec, target, NULL, MS_BIND | MS_REC, NULL))
		die(target);
}

int main(int argc, char **argv)
{
	char *binds[BINDS_MAX], *hostname = NULL;
	int opt, i, n_binds = 0, netns = -1, die_with_parent = 0;

	while ((opt = getopt(argc, argv, "+n:h:b:p")) != -1) {
		switch (opt) {
		case 'n':
			netns = atoi(optarg);
			break;
		case 'h':
			hostname = optarg;
			break;
		case 'b':
			if (n_binds < BINDS_MAX)
				binds[n_binds++] = optarg;
			break;
		case 'p':
			die_with_parent = 1;
			break;
		default:
			return 126;
		}
	}
	if (optind >= argc) {
		errno = EINVAL;
		die("no command");
	}
	if (netns >= 0 && setns(netns, CLONE_NEWNET))
		die("enter network namespace");
	if (netns >= 0)
		close(netns);
	if (hostname && (unshare(CLONE_NEWUTS) || sethostname(hostname, strlen(hostname))))
		die("host name");
	if (netns >= 0 || n_binds) {
		if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
			die("mount namespace");
	}
	if (netns >= 0 && mount("sysfs", "/sys", "sysfs", 0, NULL))
		die("/sys");
	for (i = 0; i < n_binds; i++)
		bind_dir(binds[i]);
	if (die_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL))
		die("death signal");
	if (die_with_parent && getppid() == 1)
		return 126;
	execvp(argv[optind], argv + optind);
	die(argv[optind]);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First process of the lab's user-mode-linux kernel.
 *
 * The kernel boots with the machine's own root directory, read-only, through
 * hostfs. This program lays a tmpfs over it (so that everything is writable
 * and nothing reaches the machine), loads the kernel modules that it was
 * asked for, runs one command, writes the command's wait status and powers
 * off. It is linked statically and started with init=.
 *
 * What to do comes in the directory that LAB_DIR (kernel command line) names
 * and that is mounted, writable, on /mnt:
 *
 *	modules    names of kernel modules, one a line
 *	argv       the command's arguments, each ended by NUL
 *	environ    the command's environment, each ended by NUL
 *	status     written here: the exit status, as a shell would give it
 *
 * LAB_MODULES names the module tree. Failure of any step before the command
 * is written to the console and powers the kernel off without a status file:
 * the caller takes that as a failed boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ARGS_MAX 512

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void die(const char *fmt, ...)
{
	va_list ap;
	int err = errno;

	va_start(ap, fmt);
	fprintf(stderr, "uml-init: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, ": %s\n", strerror(err));
	va_end(ap);
	power_off();
}

static void mount_or_die(const char *source, const char *target, const char *type,
			 unsigned long flags, const char *data)
{
	if (mount(source, target, type, flags, data))
		die("mount %s on %s", type, target);
}

/* The whole of a small file, NUL-terminated; the caller never frees it. */
static char *read_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t len = 0, room = 0, n;

	if (!f)
		return NULL;
	do {
		room += 65536;
		text = realloc(text, room + 1);
		if (!text)
			die("%s", path);
		n = fread(text + len, 1, room - len, f);
		len += n;
	} while (n && len == room);
	fclose(f);
	text[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return text;
}

static void split_nul(char *text, size_t len, char **ret_args)
{
	size_t i = 0;
	char *p;

	for (p = text; p < text + len && i < ARGS_MAX - 1; p += strlen(p) + 1)
		ret_args[i++] = p;
	ret_args[i] = NULL;
}

/* Does the path ".../nf_conntrack.ko" carry the module "nf-conntrack"? */
static int path_is_module(const char *path, size_t len, const char *name)
{
	size_t i, n = strlen(name);

	if (len < n + 4 || strncmp(path + len - 3, ".ko", 3) || path[len - n - 4] != '/')
		return 0;
	path += len - n - 3;
	for (i = 0; i < n; i++) {
		char a = path[i] == '-' ? '_' : path[i];
		char b = name[i] == '-' ? '_' : name[i];

		if (a != b)
			return 0;
	}
	return 1;
}

static void insert_module(const char *tree, const char *rel, size_t len)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%.*s", tree, (int)len, rel);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s", path);
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		die("load %s", path);
	close(fd);
}

/*
 * Loads a module and what it needs: a line of modules.dep is "path: dep dep",
 * all of them, those to be loaded first last.
 */
static void load_module(const char *tree, const char *dep, const char *name)
{
	const char *line, *end, *colon, *p;

	for (line = dep; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		colon = memchr(line, ':', (size_t)(end - line));
		if (!colon || !path_is_module(line, (size_t)(colon - line), name))
			continue;
		for (p = end; p > colon;) {
			const char *word_end = p;

			while (p > colon + 1 && p[-1] != ' ')
				p--;
			if (word_end > p)
				insert_module(tree, p, (size_t)(word_end - p));
			p--;
		}
		insert_module(tree, line, (size_t)(colon - line));
		return;
	}
	errno = ENOENT;
	die("module %s", name);
}

static void load_listed_modules(const char *tree, const char *dep, char *names)
{
	char *save, *name;

	for (name = strtok_r(names, "\n", &save); name; name = strtok_r(NULL, "\n", &save))
		load_module(tree, dep, name);
}

/* A writable root: a tmpfs over the machine's own, which stays untouched. */
static void enter_overlay_root(void)
{
	mount_or_die("tmpfs", "/mnt", "tmpfs", 0, "mode=755");
	if (mkdir("/mnt/upper", 0755) || mkdir("/mnt/work", 0755) || mkdir("/mnt/root", 0755))
		die("overlay directories");
	mount_or_die("overlay", "/mnt/root", "overlay", 0,
		     "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work");
	if (chdir("/mnt/root"))
		die("chdir to the new root");
	mount_or_die(".", "/", NULL, MS_MOVE, NULL);
	if (chroot(".") || chdir("/"))
		die("enter the new root");
}

static void mount_system(const char *lab_dir)
{
	mount_or_die("proc", "/proc", "proc", 0, NULL);
	mount_or_die("sysfs", "/sys", "sysfs", 0, NULL);
	mount_or_die("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mkdir("/dev/pts", 0755);
	mkdir("/dev/shm", 01777);
	mount_or_die("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666");
	mount_or_die("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777");
	mount_or_die("tmpfs", "/run", "tmpfs", 0, "mode=755");
	mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	mount_or_die("none", "/mnt", "hostfs", 0, lab_dir);
	symlink("/proc/self/fd", "/dev/fd");
}

/* modprobe, the kernel's own and anybody else's, finds the tree here. */
static void link_module_tree(const char *tree)
{
	struct utsname u;
	char path[PATH_MAX];

	uname(&u);
	mkdir("/usr/lib/modules", 0755);
	snprintf(path, sizeof(path), "/usr/lib/modules/%s", u.release);
	if (symlink(tree, path) && errno != EEXIST)
		die("link %s", path);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("loopback");
	close(fd);
}

static void console_raw(void)
{
	struct termios t;

	if (tcgetattr(STDOUT_FILENO, &t))
		return;
	t.c_oflag &= (tcflag_t)~OPOST;
	t.c_lflag &= (tcflag_t)~(ECHO | ICANON | ISIG);
	tcsetattr(STDOUT_FILENO, TCSANOW, &t);
}

static pid_t start_command(void)
{
	static char *argv[ARGS_MAX], *envp[ARGS_MAX];
	size_t argv_len = 0, env_len = 0;
	char *args = read_file("/mnt/argv", &argv_len);
	char *env = read_file("/mnt/environ", &env_len);
	pid_t pid;

	if (!args || !env)
		die("/mnt/argv or /mnt/environ");
	split_nul(args, argv_len, argv);
	split_nul(env, env_len, envp);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	setsid();
	environ = envp;
	execvpe(argv[0], argv, envp);
	fprintf(stderr, "uml-init: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void write_status(int status)
{
	FILE *f = fopen("/mnt/status.new", "we");

	if (!f)
		die("/mnt/status");
	fprintf(f, "%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	if (fclose(f) || rename("/mnt/status.new", "/mnt/status"))
		die("/mnt/status");
}

int main(void)
{
	const char *lab_dir = getenv("LAB_DIR");
	const char *tree = getenv("LAB_MODULES");
	char path[PATH_MAX], *dep, *modules;
	int status = 0;
	pid_t command, pid;

	if (!lab_dir || !tree) {
		errno = EINVAL;
		die("LAB_DIR and LAB_MODULES must be given");
	}
	console_raw();
	snprintf(path, sizeof(path), "%s/modules.dep", tree);
	dep = read_file(path, NULL);
	if (!dep)
		die("%s", path);
	load_module(tree, dep, "overlay");
	enter_overlay_root();
	mount_system(lab_dir);
	link_module_tree(tree);
	modules = read_file("/mnt/modules", NULL);
	if (modules)
		load_listed_modules(tree, dep, modules);
	sethostname("uml", 3);
	loopback_up();

	command = start_command();
	while ((pid = wait(&status)) != command)
		if (pid < 0 && errno != EINTR)
			die("wait");
	write_status(status);
	kill(-1, SIGKILL);
	power_off();
}

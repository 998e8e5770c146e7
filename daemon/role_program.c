/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tandem-role: what the supervisor starts for each role, and the runner for
 * each mail.  Nobody else starts it.  It is a program of its own so that the
 * supervisor, which stays root, maps none of the libraries that parse what
 * comes from the network, and so that checking a configuration does not wait
 * for them to be loaded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/role_ops.h"
#include "daemon/spawn.h"
#include "mail/program.h"

static int run_role(int argc, char **argv)
{
	const struct role_ops *ops;
	struct role_boot boot;
	const char *name;

	if (spawn_parse(argc, argv, &name, &boot) < 0)
		return EXIT_FAILURE;
	ops = role_ops_find(name);
	return ops ? role_main(ops, &boot) : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--role"))
		return run_role(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "--mail"))
		return mail_program_main(argc, argv);
	fprintf(stderr, "tandem-role is started by tandemd only, see "
			"tandemd(8)\n");
	return EXIT_FAILURE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over its corpus, for `make check`: linked with
 * fuzz-NAME.c to a program replay-NAME, it takes $srcdir/tests/fuzz/corpus/
 * NAME.  Also tries each file cut at every length.  An empty corpus fails.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1024 * 1024)
#define CUTS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Exactly SIZE bytes on the heap, so that ASan sees a read past them. */
static void run_one(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int run_file(const char *dir, const char *name)
{
	static uint8_t data[FILE_MAX];
	char path[4096];
	FILE *file;
	size_t size;
	size_t cut;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "rb");
	if (!file)
		return -1;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	run_one(data, size);
	for (cut = 0; cut < size && cut < CUTS_MAX; cut++)
		run_one(data, cut);
	return 0;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	unsigned int n = 0;
	struct dirent *entry;
	char dir[2048];
	DIR *files;

	name = strstr(name ? name : argv[0], "replay-");
	if (argc > 1)
		snprintf(dir, sizeof(dir), "%s", argv[1]);
	else
		snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
			srcdir ? srcdir : ".",
			name ? name + strlen("replay-") : "");
	files = opendir(dir);
	if (!files) {
		perror(dir);
		return EXIT_FAILURE;
	}
	while ((entry = readdir(files)))
		if (entry->d_name[0] != '.' && !run_file(dir, entry->d_name))
			n++;
	closedir(files);
	printf("%u inputs of %s\n", n, dir);
	return n ? EXIT_SUCCESS : EXIT_FAILURE;
}

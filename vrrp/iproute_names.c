/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/iproute_names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#include "lib/mem.h"

#define USR_DIR "/usr/share/iproute2"
#define ETC_DIR "/etc/iproute2"
#define FILE_BYTES_MAX (256 * 1024)
#define NAME_MAX_LEN 64

struct entry {
	char *name;
	uint32_t number;
	UT_hash_handle hh;
};

struct iproute_names {
	char *dirs[2];
	struct entry *entries[IPROUTE_KINDS]; /* hash by name */
	bool read[IPROUTE_KINDS];
};

static const struct {
	const char *file;
	uint32_t max;
} kinds[IPROUTE_KINDS] = {
	[IPROUTE_TABLE] = { "rt_tables", UINT32_MAX },
	[IPROUTE_PROTOCOL] = { "rt_protos", UINT8_MAX },
	[IPROUTE_SCOPE] = { "rt_scopes", UINT8_MAX },
	[IPROUTE_REALM] = { "rt_realms", UINT8_MAX },
	[IPROUTE_DSFIELD] = { "rt_dsfield", UINT8_MAX },
	[IPROUTE_GROUP] = { "group", INT32_MAX },
};

static const struct {
	enum iproute_names_kind kind;
	const char *name;
	uint32_t number;
} everywhere[] = {
	{ IPROUTE_TABLE, "default", RT_TABLE_DEFAULT },
	{ IPROUTE_TABLE, "main", RT_TABLE_MAIN },
	{ IPROUTE_TABLE, "local", RT_TABLE_LOCAL },
	{ IPROUTE_PROTOCOL, "kernel", RTPROT_KERNEL },
	{ IPROUTE_PROTOCOL, "boot", RTPROT_BOOT },
	{ IPROUTE_PROTOCOL, "static", RTPROT_STATIC },
	{ IPROUTE_PROTOCOL, "bird", RTPROT_BIRD },
	{ IPROUTE_PROTOCOL, "zebra", RTPROT_ZEBRA },
	{ IPROUTE_PROTOCOL, "keepalived", RTPROT_KEEPALIVED },
	{ IPROUTE_SCOPE, "global", RT_SCOPE_UNIVERSE },
	{ IPROUTE_SCOPE, "site", RT_SCOPE_SITE },
	{ IPROUTE_SCOPE, "link", RT_SCOPE_LINK },
	{ IPROUTE_SCOPE, "host", RT_SCOPE_HOST },
	{ IPROUTE_SCOPE, "nowhere", RT_SCOPE_NOWHERE },
	{ IPROUTE_GROUP, "default", 0 },
};

const char *iproute_names_file(enum iproute_names_kind kind)
{
	return kinds[kind].file;
}

/* --- names --- */

static void add_entry(struct iproute_names *names, enum iproute_names_kind kind,
	const char *name, uint32_t number)
{
	struct entry *entry;

	HASH_FIND_STR(names->entries[kind], name, entry);
	if (!entry) {
		entry = x_new(struct entry, 1);
		entry->name = x_strdup(name);
		HASH_ADD_KEYPTR(hh, names->entries[kind], entry->name,
			strlen(entry->name), entry);
	}
	entry->number = number;
}

static bool parse_number(const char *text, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 0);
	if (errno == ERANGE)
		*ret = UINT64_MAX;
	return *end == '\0';
}

static void add_line(struct iproute_names *names, enum iproute_names_kind kind,
	char *line)
{
	char *rest, *number, *name;
	uint64_t value;

	line[strcspn(line, "#")] = '\0';
	number = strtok_r(line, " \t\r", &rest);
	name = number ? strtok_r(NULL, " \t\r", &rest) : NULL;
	if (name && strlen(name) < NAME_MAX_LEN &&
		parse_number(number, &value) && value <= kinds[kind].max)
		add_entry(names, kind, name, (uint32_t)value);
}

void iproute_names_add_text(struct iproute_names *names,
	enum iproute_names_kind kind, const char *text, size_t len)
{
	char *copy = x_strndup(text, len);
	char *rest, *line;

	for (line = strtok_r(copy, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest))
		add_line(names, kind, line);
	x_free(copy);
}

/* --- files --- */

static void read_file(struct iproute_names *names, enum iproute_names_kind kind,
	const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *bytes;
	ssize_t len;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
		st.st_size <= FILE_BYTES_MAX) {
		bytes = x_new(char, (size_t)st.st_size);
		len = read(fd, bytes, (size_t)st.st_size);
		if (len > 0)
			iproute_names_add_text(names, kind, bytes, (size_t)len);
		x_free(bytes);
	}
	close(fd);
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       !strcmp(entry->d_name + len - 5, ".conf");
}

static void read_more(struct iproute_names *names, enum iproute_names_kind kind,
	const char *dir)
{
	char *more = x_asprintf("%s/%s.d", dir, kinds[kind].file);
	struct dirent **found;
	int n = scandir(more, &found, is_conf, alphasort);

	for (int i = 0; i < n; i++) {
		char *path = x_asprintf("%s/%s", more, found[i]->d_name);

		read_file(names, kind, path);
		x_free(path);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	x_free(more);
}

static void read_all(struct iproute_names *names, enum iproute_names_kind kind)
{
	if (names->read[kind])
		return;
	names->read[kind] = true;
	for (size_t i = 0; i < 2; i++) {
		char *path = x_asprintf(
			"%s/%s", names->dirs[i], kinds[kind].file);

		read_file(names, kind, path);
		read_more(names, kind, names->dirs[i]);
		x_free(path);
	}
}

/* --- the door --- */

int iproute_names_find(struct iproute_names *names,
	enum iproute_names_kind kind, const char *text, uint32_t *ret)
{
	struct entry *entry;
	uint64_t value;

	if (parse_number(text, &value)) {
		if (value > kinds[kind].max)
			return -ERANGE;
		*ret = (uint32_t)value;
		return 0;
	}
	for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++)
		if (everywhere[i].kind == kind &&
			!strcmp(everywhere[i].name, text)) {
			*ret = everywhere[i].number;
			return 0;
		}
	read_all(names, kind);
	HASH_FIND_STR(names->entries[kind], text, entry);
	if (!entry)
		return -ENOENT;
	*ret = entry->number;
	return 0;
}

struct iproute_names *iproute_names_new(
	const char *usr_dir, const char *etc_dir)
{
	struct iproute_names *names = x_new(struct iproute_names, 1);

	names->dirs[0] = x_strdup(usr_dir ? usr_dir : USR_DIR);
	names->dirs[1] = x_strdup(etc_dir ? etc_dir : ETC_DIR);
	return names;
}

void iproute_names_free(struct iproute_names *names)
{
	struct entry *entry, *next;

	if (!names)
		return;
	for (int i = 0; i < IPROUTE_KINDS; i++)
		HASH_ITER (hh, names->entries[i], entry, next) {
			HASH_DEL(names->entries[i], entry);
			x_free(entry->name);
			x_free(entry);
		}
	x_free(names->dirs[0]);
	x_free(names->dirs[1]);
	x_free(names);
}

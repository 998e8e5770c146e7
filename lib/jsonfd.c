/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/jsonfd.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/timeutil.h"

#define JSON_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

int json_fd_new(void)
{
	int fd = memfd_create("tandem-json", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? -errno : fd;
}

int json_fd_write(int fd, const void *data, size_t len)
{
	const char *text = data;

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int json_fd_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, JSON_SEALS) < 0 ? -errno : 0;
}

int json_to_fd(struct json_object *json)
{
	size_t len;
	const char *text = json_object_to_json_string_length(
		json, JSON_C_TO_STRING_PLAIN, &len);
	int fd = json_fd_new();
	int err;

	if (fd < 0)
		return fd;
	err = json_fd_write(fd, text, len);
	if (!err)
		err = json_fd_seal(fd);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

struct json_object *json_from_fd(int fd)
{
	struct json_tokener *tokener;
	struct json_object *json;
	struct stat st;
	void *text;

	/* An unsealed file could shrink under the map: SIGBUS. */
	if ((fcntl(fd, F_GET_SEALS) & JSON_SEALS) != JSON_SEALS ||
		fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > INT_MAX)
		return NULL;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return NULL;
	tokener = json_tokener_new();
	json = tokener ? json_tokener_parse_ex(tokener, text, (int)st.st_size) :
			 NULL;
	if (tokener)
		json_tokener_free(tokener);
	munmap(text, (size_t)st.st_size);
	return json;
}

struct json_object *json_new_ms(int64_t us)
{
	static char format[] = "%.3f";
	struct json_object *json =
		json_object_new_double((double)us / USEC_PER_MSEC);

	json_object_set_serializer(
		json, json_object_double_to_json_string, format, NULL);
	return json;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is no configuration, and images that nobody wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/generation.h"
#include "tests/unit/config-toy.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static char dir[] = "/tmp/tandem-config-XXXXXX";
static char path[sizeof(dir) + 32];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/tandem.conf", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_file(const void *data, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Loads the file, which must give one diagnostic, of CODE and in the file. */
static void assert_refused(enum diag_code code, enum diag_severity severity,
	const struct conf_load_options *options)
{
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load(&toy_language, path, options, diags);

	assert_int_equal(diag_count(diags), 1);
	assert_int_equal(diag_get(diags, 0)->code, code);
	assert_int_equal(diag_get(diags, 0)->severity, severity);
	assert_string_equal(diag_get(diags, 0)->place.file, path);
	assert_true(diag_get(diags, 0)->hint[0]);
	assert_int_equal(tree == NULL, severity == DIAG_FATAL);
	conf_tree_free(tree);
	diag_list_free(diags);
}

static void test_missing_file(void **state)
{
	(void)state;
	unlink(path);
	assert_refused(DIAG_IO, DIAG_FATAL, NULL);
}

static void test_directory(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(DIAG_IO, DIAG_FATAL, NULL);
	rmdir(path);
}

static void test_empty_file(void **state)
{
	(void)state;
	write_file("", 0);
	assert_refused(DIAG_EMPTY, DIAG_ERROR, NULL);
	write_file("# nothing\n", 10);
	assert_refused(DIAG_EMPTY, DIAG_ERROR, NULL);
}

static void test_binary_file(void **state)
{
	char data[512];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)i;
	write_file(data, sizeof(data));
	assert_refused(DIAG_NOT_TEXT, DIAG_FATAL, NULL);
}

static void test_lines_that_end_in_carriage_returns_alone(void **state)
{
	static const char old[] = "global_defs {\r router_id x\r}\r";
	static const char dos[] = "virtual_server web {\r\n}\r\n";
	static const char one[] = "virtual_server web { }\r";
	struct diag_list *diags = diag_list_new();

	(void)state;
	write_file(old, sizeof(old) - 1);
	assert_refused(DIAG_NOT_TEXT, DIAG_FATAL, NULL);
	write_file(dos, sizeof(dos) - 1);
	conf_tree_free(conf_load(&toy_language, path, NULL, diags));
	write_file(one, sizeof(one) - 1);
	conf_tree_free(conf_load(&toy_language, path, NULL, diags));
	assert_false(diag_has_code(diags, DIAG_NOT_TEXT));
	diag_list_free(diags);
}

static void test_file_above_the_limit(void **state)
{
	const struct conf_load_options options = { .max_bytes = 10 };

	(void)state;
	write_file("virtual_server a { }\n", 21);
	assert_refused(DIAG_TOO_LARGE, DIAG_FATAL, &options);
}

static void test_file_that_includes_itself(void **state)
{
	char text[sizeof(path) + 16];

	(void)state;
	snprintf(text, sizeof(text), "include %s\n", path);
	write_file(text, strlen(text));
	assert_refused(DIAG_INCLUDE_CYCLE, DIAG_ERROR, NULL);
}

/* So many mistakes: the list stays bounded, the count does not. */
static void test_list_of_mistakes_is_bounded(void **state)
{
	const size_t n = 100000;
	struct diag_list *diags = diag_list_new();
	char *text = malloc(n * 7 + 1);
	struct conf_tree *tree;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * 7, "wrong1\n", 7);
	tree = conf_load_text(&toy_language, "t", text, n * 7, NULL, diags);
	assert_non_null(tree);
	assert_int_equal(diag_count_severity(diags, DIAG_ERROR), n);
	assert_true(diag_count(diags) < 5000);
	conf_tree_free(tree);
	diag_list_free(diags);
	free(text);
}

static void test_json_has_all_keys_and_is_text(void **state)
{
	static const char *const keys[] = { "file", "line", "column",
		"severity", "code", "keyword", "message", "hint" };
	const char *text = "virtual_server a {\n  delay_l\xFFoop 5\n}\n";
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(
		&toy_language, "t.conf", text, strlen(text), NULL, diags);
	struct json_object *json = diag_to_json(diags);
	struct json_object *first = json_object_array_get_idx(json, 0);

	(void)state;
	assert_int_equal(json_object_array_length(json), 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_true(json_object_object_get_ex(first, keys[i], NULL));
	assert_string_equal(
		json_object_get_string(json_object_object_get(first, "code")),
		"unknown-keyword");
	assert_int_equal(
		json_object_get_int(json_object_object_get(first, "line")), 2);
	assert_int_equal(
		json_object_get_int(json_object_object_get(first, "column")),
		3);
	assert_string_equal(json_object_get_string(
				    json_object_object_get(first, "keyword")),
		"delay_l?oop");
	json_object_put(json);
	conf_tree_free(tree);
	diag_list_free(diags);
}

/* --- images --- */

static int open_image(const void *data, size_t size, int seals)
{
	int fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct conf_tree *tree;
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	err = conf_generation_open(fd, &tree);
	close(fd);
	if (err)
		return err;
	/* Whatever was accepted can be walked and bound. */
	for (uint32_t i = 0; i < conf_tree_count(tree); i++) {
		struct conf_bind ctx = { .tree = tree, .arena = arena_new() };

		for (uint32_t k = 0; k < conf_node_n_args(tree, i); k++)
			(void)strlen(conf_node_arg(tree, i, k));
		(void)strlen(conf_node_place(tree, i).file);
		if (i % 16 == 0)
			conf_bind_root(&ctx, &toy_root_block);
		arena_free(ctx.arena);
	}
	conf_tree_free(tree);
	return 0;
}

static char *make_image(size_t *ret_size)
{
	const char *text = "virtual_server a {\n  weight 1\n  real_server "
			   "192.0.2.1 80 {\n    TCP_CHECK { alpha }\n  }\n"
			   "  quorum_up \"/bin/true x\" root\n}\n";
	struct diag_list *diags = diag_list_new();
	struct conf_tree *tree = conf_load_text(
		&toy_language, "t", text, strlen(text), NULL, diags);
	int fd = conf_generation_write(tree);
	struct stat st;
	char *image;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	image = malloc((size_t)st.st_size);
	assert_non_null(image);
	assert_int_equal(pread(fd, image, (size_t)st.st_size, 0), st.st_size);
	close(fd);
	conf_tree_free(tree);
	diag_list_free(diags);
	*ret_size = (size_t)st.st_size;
	return image;
}

static void test_unsealed_image_is_refused(void **state)
{
	size_t size;
	char *image = make_image(&size);

	(void)state;
	assert_int_equal(open_image(image, size, SEALS), 0);
	assert_int_equal(
		open_image(image, size, SEALS & ~F_SEAL_WRITE), -EPERM);
	assert_int_equal(
		open_image(image, size, SEALS & ~F_SEAL_SHRINK), -EPERM);
	free(image);
}

static void test_image_of_wrong_size_is_refused(void **state)
{
	size_t size;
	char *image = make_image(&size);

	(void)state;
	for (size_t len = 0; len < size; len++)
		assert_int_equal(open_image(image, len, SEALS), -EBADMSG);
	free(image);
}

static void test_damaged_image_never_crashes(void **state)
{
	static const unsigned char values[] = { 0x00, 0x01, 0x7F, 0xFF };
	size_t size;
	char *image = make_image(&size);
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < size; i++)
		for (size_t v = 0; v < sizeof(values); v++) {
			char before = image[i];

			image[i] = (char)values[v];
			refused += open_image(image, size, SEALS) != 0;
			image[i] = before;
		}
	assert_true(refused > size / 2);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_empty_file),
		cmocka_unit_test(test_binary_file),
		cmocka_unit_test(test_lines_that_end_in_carriage_returns_alone),
		cmocka_unit_test(test_file_above_the_limit),
		cmocka_unit_test(test_file_that_includes_itself),
		cmocka_unit_test(test_list_of_mistakes_is_bounded),
		cmocka_unit_test(test_json_has_all_keys_and_is_text),
		cmocka_unit_test(test_unsealed_image_is_refused),
		cmocka_unit_test(test_image_of_wrong_size_is_refused),
		cmocka_unit_test(test_damaged_image_never_crashes),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

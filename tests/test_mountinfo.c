#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find(struct fb_mount *m, const char *text, uint64_t id, const char *path)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int ret;

	assert_non_null(f);
	ret = fb_mount_find(m, f, id, path);
	fclose(f);
	return ret;
}

static void assert_found(const char *text, uint64_t id, const char *path,
			 const char *source)
{
	struct fb_mount m;

	assert_int_equal(find(&m, text, id, path), 0);
	assert_string_equal(m.source, source);
	fb_mount_free(&m);
}

static void every_field_of_a_line_is_read(void **state)
{
	char line[] = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root "
		      "rw,errors=continue\n";
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	assert_int_equal(m.id, 36);
	assert_int_equal(m.dev_major, 98);
	assert_int_equal(m.dev_minor, 0);
	assert_string_equal(m.root, "/mnt1");
	assert_string_equal(m.mount_point, "/mnt2");
	assert_string_equal(m.mount_options, "rw,noatime");
	assert_string_equal(m.fs, "ext3");
	assert_string_equal(m.source, "/dev/root");
	assert_string_equal(m.super_options, "rw,errors=continue");
}

static void octal_escapes_are_decoded(void **state)
{
	char line[] = "1 2 0:3 /a\\040b /with\\011tab\\134and\\012more rw - tmpfs "
		      "so\\043urce rw";
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	assert_string_equal(m.root, "/a b");
	assert_string_equal(m.mount_point, "/with\ttab\\and\nmore");
	assert_string_equal(m.source, "so#urce");
}

static void a_backslash_before_no_octal_stays(void **state)
{
	char line[] = "1 2 0:3 / /a\\9b\\04 rw - tmpfs x\\ rw";
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	assert_string_equal(m.mount_point, "/a\\9b\\04");
	assert_string_equal(m.source, "x\\");
}

static void any_number_of_optional_fields_is_skipped(void **state)
{
	char none[] = "1 2 0:3 / /a rw - tmpfs none rw";
	char many[] = "1 2 0:3 / /a rw shared:7 master:3 propagate_from:2 unbindable - "
		      "tmpfs many rw";
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, none), 0);
	assert_string_equal(m.source, "none");
	assert_int_equal(fb_mount_parse(&m, many), 0);
	assert_string_equal(m.source, "many");
}

static void an_empty_source_does_not_shift_the_options(void **state)
{
	char line[] = "1 2 0:3 / /a rw - tmpfs  rw,size=4k";
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	assert_string_equal(m.source, "");
	assert_string_equal(m.super_options, "rw,size=4k");
}

static void a_line_cut_short_is_refused(void **state)
{
	const char *const lines[] = {"",
				     "\n",
				     "1 2 0:3 / /a rw",
				     "1 2 0:3 / /a rw shared:1 tmpfs x rw",
				     "1 2 0:3 / /a rw - tmpfs x",
				     "x 2 0:3 / /a rw - tmpfs x rw"};
	struct fb_mount m = {.id = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char line[80];

		snprintf(line, sizeof(line), "%s", lines[i]);
		assert_int_equal(fb_mount_parse(&m, line), -EINVAL);
		assert_int_equal(m.id, 77);
	}
}

static const char table[] = "20 1 8:1 / / rw - ext4 root rw\n"
			    "not a mount\n"
			    "21 20 8:2 / /home rw - xfs home rw\n"
			    "22 21 8:1 /srv/bind /home/bind rw - ext4 bind rw\n"
			    "23 20 0:5 / /stack rw - tmpfs lower rw\n"
			    "24 23 8:3 / /stack rw - ext4 upper rw\n";

static void the_longest_mount_point_wins(void **state)
{
	(void)state;
	assert_found(table, FB_MOUNT_NO_ID, "/home/me", "home");
	assert_found(table, FB_MOUNT_NO_ID, "/home", "home");
	assert_found(table, FB_MOUNT_NO_ID, "/etc", "root");
	assert_found(table, FB_MOUNT_NO_ID, "/", "root");
}

static void a_mount_point_ends_at_a_slash(void **state)
{
	(void)state;
	assert_found(table, FB_MOUNT_NO_ID, "/homework", "root");
}

static void a_bind_mount_is_found_by_its_own_place(void **state)
{
	struct fb_mount m;

	(void)state;
	assert_int_equal(find(&m, table, FB_MOUNT_NO_ID, "/home/bind/x"), 0);
	assert_string_equal(m.source, "bind");
	assert_string_equal(m.root, "/srv/bind");
	fb_mount_free(&m);
}

static void of_stacked_mounts_the_last_wins(void **state)
{
	(void)state;
	assert_found(table, FB_MOUNT_NO_ID, "/stack/x", "upper");
}

static void the_id_wins_over_the_path(void **state)
{
	(void)state;
	assert_found(table, 23, "/stack/x", "lower");
	assert_found(table, 99, "/stack/x", "upper");
}

static void a_file_system_is_found_by_its_number(void **state)
{
	FILE *f = fmemopen((void *)(uintptr_t)table, strlen(table), "r");
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_find_dev(&m, f, 8, 3), 0);
	assert_string_equal(m.source, "upper");
	fb_mount_free(&m);
	rewind(f);
	assert_int_equal(fb_mount_find_dev(&m, f, 8, 1), 0);
	assert_string_equal(m.mount_point, "/");
	fb_mount_free(&m);
	rewind(f);
	assert_int_equal(fb_mount_find_dev(&m, f, 0, 3), -ENOENT);
	fclose(f);
}

static void without_id_and_path_nothing_is_found(void **state)
{
	struct fb_mount m = {.id = 5};

	(void)state;
	assert_int_equal(find(&m, table, FB_MOUNT_NO_ID, ""), -ENOENT);
	assert_int_equal(m.id, 5);
}

static void options_are_matched_whole(void **state)
{
	char line[] = "1 2 0:3 / /a rw,sync - ext4 x rw,nobarriers,xbarrier=0,data=a";
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	assert_false(fb_mount_has(&m, "nobarrier"));
	assert_false(fb_mount_has(&m, "barrier=0"));
	assert_false(fb_mount_has(&m, "data"));
	assert_true(fb_mount_has(&m, "data=a"));
	assert_true(fb_mount_has(&m, "sync"));
}

static void a_value_is_decoded_after_it_was_cut_out(void **state)
{
	char line[] = "1 2 0:3 / /a rw - overlay overlay "
		      "rw,lowerdir=/l1:/l2,upperdir=/up\\054a\\040b,workdir=/w";
	char *value;
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	value = fb_mount_value(&m, "upperdir");
	assert_string_equal(value, "/up,a b");
	free(value);
	assert_null(fb_mount_value(&m, "upper"));
	assert_null(fb_mount_value(&m, "rw"));
}

static void options_are_joined_without_repeats(void **state)
{
	char line[] = "1 2 0:3 / /a rw,relatime - ext4 x rw,discard,relatime,rwx";
	char out[64];
	struct fb_mount m;

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	fb_mount_options(&m, out, sizeof(out));
	assert_string_equal(out, "rw,relatime,discard,rwx");
}

static void options_without_room_are_left_out_whole(void **state)
{
	char line[] = "1 2 0:3 / /a rw,relatime - ext4 x discard,ab";
	struct fb_mount m;
	char out[8];

	(void)state;
	assert_int_equal(fb_mount_parse(&m, line), 0);
	fb_mount_options(&m, out, sizeof(out));
	assert_string_equal(out, "rw,ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_a_line_is_read),
		cmocka_unit_test(octal_escapes_are_decoded),
		cmocka_unit_test(a_backslash_before_no_octal_stays),
		cmocka_unit_test(any_number_of_optional_fields_is_skipped),
		cmocka_unit_test(an_empty_source_does_not_shift_the_options),
		cmocka_unit_test(a_line_cut_short_is_refused),
		cmocka_unit_test(the_longest_mount_point_wins),
		cmocka_unit_test(a_mount_point_ends_at_a_slash),
		cmocka_unit_test(a_bind_mount_is_found_by_its_own_place),
		cmocka_unit_test(of_stacked_mounts_the_last_wins),
		cmocka_unit_test(the_id_wins_over_the_path),
		cmocka_unit_test(a_file_system_is_found_by_its_number),
		cmocka_unit_test(without_id_and_path_nothing_is_found),
		cmocka_unit_test(options_are_matched_whole),
		cmocka_unit_test(a_value_is_decoded_after_it_was_cut_out),
		cmocka_unit_test(options_are_joined_without_repeats),
		cmocka_unit_test(options_without_room_are_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* flushbench hive check, dump and recover, as they are met in a terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"
#include "support/hive_edits.h"
#include "support/hive_image.h"
#include "support/hive_specimen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[CLI_PATH];

static const char *in_lab(const char *name)
{
	return tmpdir_join(path, sizeof(path), lab.top, name);
}

static void put_hive(struct fb_hive *h, const char *name)
{
	hive_edits_save(h, in_lab(name));
	fb_hive_free(h);
}

/* The bytes of a file; @n of them; to be freed. */
static void *bytes_of(const char *name, size_t *n)
{
	FILE *f = fopen(in_lab(name), "rb");
	void *all = malloc(1 << 24);

	assert_non_null(f);
	assert_non_null(all);
	*n = fread(all, 1, 1 << 24, f);
	fclose(f);
	return all;
}

static void put_damaged(const char *name, void (*damage)(struct hive_image *i))
{
	struct hive_image i;

	hive_image_make(&i, specimen_small());
	damage(&i);
	hive_image_seal(&i);
	file_put(name, i.at, i.bytes);
	hive_image_free(&i);
}

/* As a crash leaves it: flushed, and the primary knows nothing of it. */
static void put_dirty(const char *name)
{
	struct fb_err err = {.text = ""};
	struct fb_hive *h;

	put_hive(specimen_small(), name);
	h = hive_edits_open(in_lab(name), false);
	specimen_value(h, "b", "late", FB_REG_DWORD, 4);
	assert_int_equal(fb_hive_flush(h, &err), 0);
	fb_hive_free(h);
}

static void a_sound_hive_has_no_findings_and_exit_0(void **state)
{
	(void)state;
	put_hive(specimen_small(), "h");
	assert_exit(0, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "/h: no damage; 4 keys, 5 values, 1 security "
			       "descriptor\n");
	assert_string_equal(lab.c.err, "");
}

static void break_parent_and_value(struct hive_image *i)
{
	image_put32(i, image_key(i, "\\b"), FB_NK_PARENT, 0x77);
	image_put32(i, image_value(i, "\\b", "q\"x\\y"), FB_VK_DATA_BYTES, 4000);
}

static void each_finding_has_a_line_with_file_and_offset(void **state)
{
	char line[CLI_PATH + 64];
	struct hive_image i;

	(void)state;
	put_damaged("h", break_parent_and_value);
	hive_image_make(&i, specimen_small());
	assert_exit(1, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
	snprintf(line, sizeof(line), "%s: offset 0x%llx: parent 0x77", in_lab("h"),
		 (unsigned long long)image_field(image_key(&i, "\\b"), FB_NK_PARENT));
	assert_says(lab.c.out, line);
	assert_says(lab.c.out, "/h: 2 findings; ");
	hive_image_free(&i);
}

static void what_is_no_hive_is_told_by_its_first_byte(void **state)
{
	(void)state;
	file_put("h", "no hive at all", 14);
	assert_exit(1, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "offset 0x0: 14 bytes are no hive");
	file_put("one", "n", 1);
	assert_exit(1, cli_run(&lab.c, "hive check %s", in_lab("one")), lab.c);
	assert_says(lab.c.out, "1 byte is no hive");
	assert_exit(1, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "offset 0x0: ");
	assert_exit(1, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_exit(1, cli_run(&lab.c, "hive recover %s", in_lab("h")), lab.c);
}

/* Long enough to have a base block and data: one line, not what follows from it. */
static void a_long_file_that_is_no_hive_is_told_once(void **state)
{
	static char text[20000];

	(void)state;
	memset(text, 'x', sizeof(text));
	file_put("h", text, sizeof(text));
	assert_exit(1, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "offset 0x0: this is no hive: ");
	assert_says(lab.c.out, "/h: 1 finding; ");
}

static void a_hive_is_printed_as_regedit_does(void **state)
{
	(void)state;
	put_hive(specimen_small(), "h");
	assert_exit(0, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_string_equal(lab.c.out, "Windows Registry Editor Version 5.00\n\n"
				       "[\\]\n@=hex(1):5a,5a,5a,5a,5a,5a\n\n"
				       "[\\Caf\xc3\xa9]\n\"n\"=dword:12345678\n\n"
				       "[\\Caf\xc3\xa9\\sub]\n\n"
				       "[\\b]\n\"Z\"=hex(80000001):\n"
				       "\"q\\\"x\\\\y\"=hex(3):5a,5a\n"
				       "\"\xce\xbb\"=hex(4):5a,5a,5a\n\n");
	assert_string_equal(lab.c.err, "");
}

static void what_a_terminal_must_not_get_is_shown_as_a_question_mark(void **state)
{
	struct fb_hive *h = specimen_small();

	(void)state;
	specimen_value(h, "b", "a\nb", FB_REG_DWORD, 4);
	specimen_value(h, "b", "\x1b[2J", FB_REG_DWORD, 4);
	put_hive(h, "h");
	assert_exit(0, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "\n\"a?b\"=dword:");
	assert_says(lab.c.out, "\n\"?[2J\"=dword:");
	assert_says(lab.c.err, "2 names have what cannot be shown");
}

static void predefine(struct hive_image *i)
{
	uint32_t key = image_key(i, "\\Caf\xc3\xa9\\sub");

	image_put16(i, key, FB_NK_FLAGS, FB_NK_FLAG_8BIT | FB_NK_FLAG_PREDEF);
	image_put32(i, key, FB_NK_VALUES, 0x80000050);
}

static void a_predefined_handle_has_no_values_to_print(void **state)
{
	(void)state;
	put_damaged("h", predefine);
	assert_exit(0, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "[\\Caf\xc3\xa9\\sub]\n\n[\\b]\n");
}

static void make_a_cycle(struct hive_image *i)
{
	uint32_t list = image_u32(i, image_key(i, "\\Caf\xc3\xa9"), FB_NK_LIST);

	image_put32(i, list, FB_LIST_ITEMS, image_key(i, ""));
}

static void share_a_value(struct hive_image *i)
{
	uint32_t list = image_u32(i, image_key(i, "\\b"), FB_NK_VALUE_LIST);

	image_put32(i, list, 4, image_u32(i, list, 0));
}

static void a_hive_without_end_ends_the_dump_with_its_key(void **state)
{
	(void)state;
	put_damaged("h", make_a_cycle);
	assert_exit(1, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "key \\Caf\xc3\xa9: a subkey occurs twice");
	put_damaged("g", share_a_value);
	assert_exit(1, cli_run(&lab.c, "hive dump %s", in_lab("g")), lab.c);
	assert_says(lab.c.err, "key \\b: a value occurs twice");
}

static void a_dirty_hive_is_told_shown_and_recovered(void **state)
{
	size_t n, m;
	void *before, *after;

	(void)state;
	put_dirty("h");
	assert_exit(1, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "offset 0x4: ");
	assert_says(lab.c.out, "flushbench hive recover FILE");

	before = bytes_of("h", &n);
	assert_exit(0, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "\"late\"=dword:5a5a5a5a\n");
	assert_says(lab.c.err, "is dirty; shown as recovered, in memory alone: log "
			       "entry 1, ");
	assert_exit(0, cli_run(&lab.c, "hive recover --dry-run %s", in_lab("h")),
		    lab.c);
	assert_says(lab.c.out, "/h: would be applied: log entry 1, ");
	after = bytes_of("h", &m);
	assert_int_equal(n, m);
	assert_memory_equal(before, after, n);
	free(before);
	free(after);

	assert_exit(0, cli_run(&lab.c, "hive recover %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "/h: applied: log entry 1, ");
	assert_exit(0, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
	assert_exit(0, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "\"late\"=dword:5a5a5a5a\n");
	assert_string_equal(lab.c.err, "");
}

static void assert_same_bytes(const char *name, const void *before, size_t n)
{
	size_t m;
	void *after = bytes_of(name, &m);
	bool same = n == m && !memcmp(before, after, n);

	free(after);
	assert_true(same);
}

static void a_hive_whose_logs_are_elsewhere_is_left_alone(void **state)
{
	size_t n;
	void *before;

	(void)state;
	put_dirty("h");
	assert_int_equal(unlink(in_lab("h.LOG1")), 0);
	assert_int_equal(unlink(in_lab("h.LOG2")), 0);
	before = bytes_of("h", &n);
	for (int dry = 0; dry < 2; dry++) {
		assert_exit(1,
			    cli_run(&lab.c, "hive recover %s%s",
				    dry ? "--dry-run " : "", in_lab("h")),
			    lab.c);
		assert_string_equal(lab.c.out, "");
		assert_says(lab.c.err, "/h is dirty, and neither h.LOG1 nor h.LOG2");
		assert_says(lab.c.err, "--without-logs");
		assert_same_bytes("h", before, n);
	}
	assert_exit(0, cli_run(&lab.c, "hive dump %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "/h.LOG1 nor ");
	assert_says(lab.c.err, "shown as it lies");
	assert_says(lab.c.out, "[\\b]");
	assert_exit(0,
		    cli_run(&lab.c, "hive recover --dry-run --without-logs %s",
			    in_lab("h")),
		    lab.c);
	assert_same_bytes("h", before, n);
	free(before);
	assert_exit(0, cli_run(&lab.c, "hive recover --without-logs %s", in_lab("h")),
		    lab.c);
	assert_says(lab.c.out, "it stays as it lies");
	assert_int_not_equal(access(in_lab("h.LOG1"), F_OK), 0);
	assert_exit(0, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
}

/* A file of that name in its way is no log, and needed none. */
static void recovery_makes_no_log_and_needs_no_room_for_one(void **state)
{
	(void)state;
	put_dirty("h");
	assert_int_equal(unlink(in_lab("h.LOG2")), 0);
	assert_exit(0, cli_run(&lab.c, "hive recover %s", in_lab("h")), lab.c);
	assert_int_not_equal(access(in_lab("h.LOG2"), F_OK), 0);
	put_dirty("g");
	file_put("g.LOG2", "some notes", 10);
	assert_exit(0, cli_run(&lab.c, "hive recover %s", in_lab("g")), lab.c);
	assert_same_bytes("g.LOG2", "some notes", 10);
}

static void a_hive_is_recovered_through_a_link_with_its_own_logs(void **state)
{
	char link[CLI_PATH];

	(void)state;
	put_dirty("h");
	tmpdir_join(link, sizeof(link), lab.target, "link");
	assert_int_equal(symlink("../h", link), 0);
	assert_exit(0, cli_run(&lab.c, "hive recover %s", link), lab.c);
	assert_says(lab.c.out, "applied: log entry 1, ");
	assert_exit(0, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
}

static void a_log_that_cannot_be_one_is_told_with_what_to_do(void **state)
{
	(void)state;
	put_dirty("h");
	assert_int_equal(unlink(in_lab("h.LOG2")), 0);
	assert_int_equal(mkfifo(in_lab("h.LOG2"), 0600), 0);
	assert_exit(2, cli_run(&lab.c, "hive recover %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "h.LOG2 is no regular file");
	assert_says(lab.c.err, "move it away");
	assert_int_equal(unlink(in_lab("h.LOG2")), 0);
	assert_int_equal(symlink("h", in_lab("h.LOG2")), 0);
	assert_exit(2, cli_run(&lab.c, "hive recover %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "h.LOG2 is a symbolic link");
}

static void a_file_larger_than_any_hive_is_not_read(void **state)
{
	(void)state;
	file_put("h", "", 0);
	assert_int_equal(truncate(in_lab("h"), (INT64_C(2) << 30) + (260 << 10) + 1),
			 0);
	assert_exit(1, cli_run(&lab.c, "hive check %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "larger than any hive: their data have 2 GiB at most");
}

static void a_hive_keeps_the_last_part_of_its_name(void **state)
{
	size_t n;
	unsigned char *all;

	(void)state;
	put_hive(specimen_small(), "name");
	all = bytes_of("name", &n);
	assert_memory_equal(all + FB_BASE_NAME, "n\0a\0m\0e\0\0", 10);
	free(all);
}

static void a_clean_hive_needs_no_recovery_and_gets_no_log(void **state)
{
	(void)state;
	put_hive(specimen_small(), "h");
	assert_exit(0, cli_run(&lab.c, "hive recover %s", in_lab("h")), lab.c);
	assert_says(lab.c.out, "/h: clean, there is nothing to recover\n");
	assert_int_not_equal(access(in_lab("h.LOG1"), F_OK), 0);
}

static void a_hive_that_is_open_elsewhere_is_left_alone(void **state)
{
	struct fb_hive *h;

	(void)state;
	put_dirty("h");
	h = hive_edits_open(in_lab("h"), false);
	specimen_value(h, "b", "more", FB_REG_DWORD, 4);
	cli_run(&lab.c, "hive recover %s", in_lab("h"));
	fb_hive_free(h);
	assert_int_equal(lab.c.exit, 4);
	assert_says(lab.c.err, in_lab("h"));
}

static void what_cannot_be_is_told_with_what_to_write(void **state)
{
	(void)state;
	put_hive(specimen_small(), "h");
	assert_exit(2, cli_run(&lab.c, "hive"), lab.c);
	assert_says(lab.c.err, "check|dump|recover FILE");
	assert_exit(2, cli_run(&lab.c, "hive chek %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "did you mean hive check?");
	assert_exit(2, cli_run(&lab.c, "hive frobnicate x"), lab.c);
	assert_says(lab.c.err, "choose check, dump or recover");
	assert_exit(2, cli_run(&lab.c, "hive dump"), lab.c);
	assert_says(lab.c.err, "name the file");
	assert_exit(2, cli_run(&lab.c, "hive check --dry-run %s", in_lab("h")), lab.c);
	assert_says(lab.c.err, "--dry-run");
	assert_exit(2, cli_run(&lab.c, "hive dump --without-logs %s", in_lab("h")),
		    lab.c);
	assert_says(lab.c.err, "--without-logs: hive dump does");
	assert_exit(2, cli_run(&lab.c, "hive check %s", in_lab("nowhere")), lab.c);
	assert_says(lab.c.err, "nowhere");
	assert_exit(2, cli_run(&lab.c, "hive check %s", lab.target), lab.c);
	assert_exit(2, cli_run(&lab.c, "hive check a b"), lab.c);
}

static void each_of_them_has_help(void **state)
{
	(void)state;
	assert_exit(0, cli_run(&lab.c, "hive --help"), lab.c);
	assert_says(lab.c.out, "usage: flushbench hive check|dump|recover FILE");
	assert_says(lab.c.out, "--dry-run");
	assert_exit(0, cli_run(&lab.c, "hive check --help"), lab.c);
	assert_says(lab.c.out, "usage: flushbench hive check FILE\n");
	assert_exit(0, cli_run(&lab.c, "hive dump --help"), lab.c);
	assert_says(lab.c.out, "hivexregedit");
	assert_exit(0, cli_run(&lab.c, "hive recover --help"), lab.c);
	assert_says(lab.c.out, "usage: flushbench hive recover FILE [--dry-run] "
			       "[--without-logs]\n");
	assert_exit(2, cli_run(&lab.c, "hive bogus --help"), lab.c);
	assert_says(lab.c.err, "hive bogus: choose check, dump or recover");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, cli_lab_enter, cli_lab_leave)
		T(a_sound_hive_has_no_findings_and_exit_0),
		T(each_finding_has_a_line_with_file_and_offset),
		T(what_is_no_hive_is_told_by_its_first_byte),
		T(a_long_file_that_is_no_hive_is_told_once),
		T(a_hive_is_printed_as_regedit_does),
		T(what_a_terminal_must_not_get_is_shown_as_a_question_mark),
		T(a_predefined_handle_has_no_values_to_print),
		T(a_hive_without_end_ends_the_dump_with_its_key),
		T(a_dirty_hive_is_told_shown_and_recovered),
		T(a_hive_whose_logs_are_elsewhere_is_left_alone),
		T(recovery_makes_no_log_and_needs_no_room_for_one),
		T(a_hive_is_recovered_through_a_link_with_its_own_logs),
		T(a_log_that_cannot_be_one_is_told_with_what_to_do),
		T(a_file_larger_than_any_hive_is_not_read),
		T(a_hive_keeps_the_last_part_of_its_name),
		T(a_clean_hive_needs_no_recovery_and_gets_no_log),
		T(a_hive_that_is_open_elsewhere_is_left_alone),
		T(what_cannot_be_is_told_with_what_to_write),
		T(each_of_them_has_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

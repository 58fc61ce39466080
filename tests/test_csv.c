#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "base/units.h"
#include "report/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256], path[300];
static struct fb_csv_table *table;
static struct fb_csv_out *out;
static struct fb_err err;

static int make_folder(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/fb-test-csv-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/t.csv", folder);
	err = (struct fb_err){0};
	return 0;
}

static int remove_folder(void **state)
{
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	(void)state;
	setrlimit(RLIMIT_FSIZE, &none);
	fb_csv_free(table);
	table = NULL;
	if (out)
		fb_csv_close(out, NULL);
	out = NULL;
	unlink(path);
	return rmdir(folder);
}

static void put_file(const char *text, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void check_file(const char *expected)
{
	char text[4096];
	FILE *f = fopen(path, "rb");
	size_t len;

	assert_non_null(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	assert_string_equal(text, expected);
}

static int load(const char *text)
{
	fb_csv_free(table);
	table = NULL;
	put_file(text, strlen(text));
	return fb_csv_load(&table, path, &err);
}

static void create(size_t columns)
{
	static const char *const names[] = {"a", "b", "c"};

	assert_int_equal(fb_csv_create(&out, path, names, columns, &err), 0);
}

static int close_out(void)
{
	struct fb_csv_out *o = out;

	out = NULL;
	return fb_csv_close(o, &err);
}

static void fields_are_quoted_only_when_they_must(void **state)
{
	(void)state;
	create(3);
	fb_csv_text(out, "plain text");
	fb_csv_text(out, "0-1,3");
	fb_csv_text(out, "a \"quote\"");
	fb_csv_end_row(out);
	fb_csv_text(out, " lead");
	fb_csv_text(out, "trail ");
	fb_csv_text(out, "two\nlines");
	fb_csv_end_row(out);
	fb_csv_text(out, "cr\rhere");
	fb_csv_text(out, NULL);
	fb_csv_text(out, "");
	fb_csv_end_row(out);
	assert_int_equal(close_out(), 0);
	check_file("a,b,c\n"
		   "plain text,\"0-1,3\",\"a \"\"quote\"\"\"\n"
		   "\" lead\",\"trail \",\"two\nlines\"\n"
		   "\"cr\rhere\",,\n");
}

static void unknown_numbers_are_empty_never_zero(void **state)
{
	(void)state;
	create(3);
	fb_csv_u64(out, FB_UNKNOWN);
	fb_csv_real(out, NAN);
	fb_csv_empty(out);
	fb_csv_end_row(out);
	fb_csv_u64(out, 0);
	fb_csv_real(out, 0);
	fb_csv_u64(out, UINT64_MAX - 1);
	fb_csv_end_row(out);
	fb_csv_real(out, INFINITY);
	fb_csv_real(out, 0.1);
	fb_csv_real(out, 1.02);
	fb_csv_end_row(out);
	assert_int_equal(close_out(), 0);
	check_file("a,b,c\n,,\n0,0,18446744073709551614\n,0.1,1.02\n");
}

static void reals_read_back_exactly(void **state)
{
	struct fb_rng r;

	(void)state;
	create(1);
	fb_rng_init(&r, 1);
	for (int i = 0; i < 2000; i++) {
		fb_csv_real(out, ldexp(fb_rng_unit(&r), i % 200 - 100));
		fb_csv_end_row(out);
	}
	assert_int_equal(close_out(), 0);
	assert_int_equal(fb_csv_load(&table, path, &err), 0);
	fb_rng_init(&r, 1);
	for (int i = 0; i < 2000; i++) {
		double v;

		assert_int_equal(fb_csv_get_real(table, (size_t)i, 0, &v, &err), 0);
		assert_true(v == ldexp(fb_rng_unit(&r), i % 200 - 100));
	}
}

static void any_text_reads_back_as_written(void **state)
{
	static const char letters[] = "ab,\"\r\n \t;'\xc3\xa9";
	enum { ROWS = 3000 };
	char text[3][9];
	struct fb_rng r;

	(void)state;
	create(3);
	for (int pass = 0; pass < 2; pass++) {
		fb_rng_init(&r, 2);
		for (size_t row = 0; row < ROWS; row++) {
			for (int c = 0; c < 3; c++) {
				size_t n = fb_rng_below(&r, 9);

				for (size_t i = 0; i < n; i++)
					text[c][i] = letters[fb_rng_below(
						&r, sizeof(letters) - 1)];
				text[c][n] = '\0';
				if (pass)
					assert_string_equal(fb_csv_get(table, row, c),
							    text[c]);
				else
					fb_csv_text(out, text[c]);
			}
			if (!pass)
				fb_csv_end_row(out);
		}
		if (pass)
			break;
		assert_int_equal(close_out(), 0);
		assert_int_equal(fb_csv_load(&table, path, &err), 0);
		assert_int_equal(fb_csv_rows(table), ROWS);
	}
}

static void a_lone_empty_field_is_still_a_row(void **state)
{
	(void)state;
	create(1);
	fb_csv_text(out, "");
	fb_csv_end_row(out);
	assert_int_equal(close_out(), 0);
	assert_int_equal(fb_csv_load(&table, path, &err), 0);
	assert_int_equal(fb_csv_rows(table), 1);
	assert_string_equal(fb_csv_get(table, 0, 0), "");
}

static void rows_reach_the_file_at_commit(void **state)
{
	(void)state;
	create(1);
	check_file("a\n");
	fb_csv_u64(out, 1);
	fb_csv_end_row(out);
	fb_csv_u64(out, 2);
	fb_csv_end_row(out);
	check_file("a\n");
	assert_int_equal(fb_csv_commit(out, &err), 0);
	check_file("a\n1\n2\n");
	assert_int_equal(fb_csv_sync(out, &err), 0);
}

static void an_existing_file_is_never_overwritten(void **state)
{
	static const char *const names[] = {"a"};

	(void)state;
	put_file("precious\n", 9);
	assert_int_equal(fb_csv_create(&out, path, names, 1, &err), -EEXIST);
	assert_null(out);
	assert_non_null(strstr(err.text, path));
	check_file("precious\n");
}

/* Half of the batch fits: what a disk full in the middle of a write leaves. */
static void a_failed_commit_leaves_the_file_as_it_was(void **state)
{
	struct rlimit limit = {4096, RLIM_INFINITY};

	(void)state;
	create(1);
	fb_csv_text(out, "first");
	fb_csv_end_row(out);
	assert_int_equal(fb_csv_commit(out, &err), 0);
	for (int i = 0; i < 1000; i++) {
		fb_csv_text(out, "a row that will not fit");
		fb_csv_end_row(out);
	}
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(fb_csv_commit(out, &err), -EFBIG);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(err.os_error, EFBIG);
	check_file("a\nfirst\n");
	fb_csv_text(out, "last");
	fb_csv_end_row(out);
	assert_int_equal(fb_csv_commit(out, &err), 0);
	check_file("a\nfirst\nlast\n");
}

static void a_header_that_cannot_be_written_leaves_no_file(void **state)
{
	static const char *const names[] = {"a"};
	struct rlimit limit = {0, RLIM_INFINITY};
	struct stat st;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(fb_csv_create(&out, path, names, 1, &err), -EFBIG);
	assert_int_equal(stat(path, &st), -1);
}

static void columns_are_found_by_name(void **state)
{
	(void)state;
	assert_int_equal(load("x,y z,\"q,r\"\n1,2,3\n"), 0);
	assert_int_equal(fb_csv_columns(table), 3);
	assert_int_equal(fb_csv_rows(table), 1);
	assert_int_equal(fb_csv_find(table, "x"), 0);
	assert_int_equal(fb_csv_find(table, "y z"), 1);
	assert_int_equal(fb_csv_find(table, "q,r"), 2);
	assert_int_equal(fb_csv_find(table, "X"), -1);
	assert_string_equal(fb_csv_column_name(table, 2), "q,r");
	assert_string_equal(fb_csv_get(table, 0, 2), "3");
	assert_string_equal(fb_csv_get(table, 0, -1), "");
}

static void an_unterminated_last_line_is_dropped(void **state)
{
	(void)state;
	assert_int_equal(load("a,b\n1,2\n3,4"), 0);
	assert_int_equal(fb_csv_rows(table), 1);
	assert_int_equal(load("a,b\n1,2\n3"), 0);
	assert_int_equal(fb_csv_rows(table), 1);
	assert_int_equal(load("a,b\n1,2\n3,\"unfin"), 0);
	assert_int_equal(fb_csv_rows(table), 1);
	assert_int_equal(load("a,b\n1,2\n\"a line\nand\n an"), 0);
	assert_int_equal(fb_csv_rows(table), 1);
	assert_string_equal(fb_csv_get(table, 0, 1), "2");
	assert_int_equal(load("a,b\n1,2\n"), 0);
	assert_int_equal(fb_csv_rows(table), 1);
}

/* Each name is looked for among all before it. */
static void a_header_of_thousands_of_names_is_refused(void **state)
{
	static char text[5000 * 6];
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i < 4097; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%sc%u",
				       i ? "," : "", i);
	snprintf(text + at, sizeof(text) - at, "\n");
	assert_int_equal(load(text), -EINVAL);
	*strrchr(text, ',') = '\n';
	text[strcspn(text, "\n") + 1] = '\0';
	assert_int_equal(load(text), 0);
	assert_int_equal(fb_csv_columns(table), 4096);
}

static void a_file_without_a_whole_header_is_refused(void **state)
{
	(void)state;
	assert_int_equal(load(""), -EINVAL);
	assert_int_equal(load("a,b"), -EINVAL);
	assert_int_equal(load("\n\n"), -EINVAL);
	assert_null(table);
	assert_int_equal(load("a,b\n"), 0);
	assert_int_equal(fb_csv_rows(table), 0);
}

static void line_ends_and_marks_of_other_programs_are_read(void **state)
{
	(void)state;
	assert_int_equal(load("a,b\r\n1,2\r\n\r\n3,4\r\n"), 0);
	assert_int_equal(fb_csv_rows(table), 2);
	assert_string_equal(fb_csv_get(table, 1, 1), "4");
	assert_int_equal(load("\n\na,b\n\n1,2\n\n"), 0);
	assert_int_equal(fb_csv_rows(table), 1);
	assert_int_equal(load("\xef\xbb\xbf"
			      "a,b\n1,2\n"),
			 0);
	assert_int_equal(fb_csv_find(table, "a"), 0);
}

static void spaces_are_part_of_a_field(void **state)
{
	(void)state;
	assert_int_equal(load("a,b\n 1 ,\t2\n"), 0);
	assert_string_equal(fb_csv_get(table, 0, 0), " 1 ");
	assert_string_equal(fb_csv_get(table, 0, 1), "\t2");
}

static void check_refused(const char *text, const char *where)
{
	err = (struct fb_err){0};
	assert_int_equal(load(text), -EINVAL);
	assert_null(table);
	if (!strstr(err.text, where) || strncmp(err.text, path, strlen(path)))
		fail_msg("\"%s\" has no \"%s\"", err.text, where);
}

static void malformed_rows_are_told_with_their_place(void **state)
{
	(void)state;
	check_refused("a,b\n1,2\n3\n5,6\n", ":3: 1 fields");
	check_refused("a,b\n1,2,3\n", ":2: 3 fields");
	check_refused("a,b\n\n\"x\ny\",2\n1,2,3,4\n", ":5: 4 fields");
	check_refused("a,b\n\"x\ny\",2,\"\n\n\",4\n", ":2: 4 fields");
	check_refused("a,b\n1,2\n3,4\"5\n", ":3: column 4: a quote");
	check_refused("a,b\n1,2\n3,\"4\"5\n", ":3: column 6: a quote");
	check_refused("a,b\n1,\"2\n3,4\n", ":2: the quote");
	check_refused("a,\n1,2\n", ":1: column 2 has no name");
	check_refused("a,b,a\n1,2,3\n", ":1: column 3: 'a' is there twice");
}

static void nul_bytes_are_refused(void **state)
{
	static const char text[] = "a,b\n1,2\n3,\0004\n";

	(void)state;
	put_file(text, sizeof(text) - 1);
	assert_int_equal(fb_csv_load(&table, path, &err), -EINVAL);
	assert_non_null(strstr(err.text, ":3: column 3: a NUL"));
}

static void what_cannot_be_read_is_told(void **state)
{
	(void)state;
	assert_int_equal(fb_csv_load(&table, path, &err), -ENOENT);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(fb_csv_load(&table, folder, &err), -EISDIR);
	assert_int_equal(fb_csv_load(&table, "/dev/null", NULL), -EINVAL);
}

static void numbers_are_read_strictly(void **state)
{
	static const char *const bad[] = {"x",   "1x", "nan", "inf", "0x10",
					  "1,5", "1 ", " 1",  "--1", "1e999"};
	double v = 7;

	(void)state;
	assert_int_equal(load("a,b\n1.5e3,\n-2,0\n"), 0);
	assert_int_equal(fb_csv_get_real(table, 0, 0, &v, &err), 0);
	assert_true(v == 1500);
	assert_int_equal(fb_csv_get_real(table, 0, 1, &v, &err), 0);
	assert_true(isnan(v));
	assert_int_equal(fb_csv_get_real(table, 1, 0, &v, &err), 0);
	assert_true(v == -2);
	assert_int_equal(fb_csv_get_real(table, 1, -1, &v, &err), 0);
	assert_true(isnan(v));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "a,b\n1,2\n3,\"%s\"\n", bad[i]);
		assert_int_equal(load(text), 0);
		v = 7;
		assert_int_equal(fb_csv_get_real(table, 1, 1, &v, &err), -EINVAL);
		assert_true(v == 7);
		assert_non_null(strstr(err.text, ":3: column 2 (b)"));
	}
}

static int keep_odd(const struct fb_csv_table *t, size_t row, void *ctx)
{
	(*(int *)ctx)++;
	return (fb_csv_get(t, row, 0)[0] - '0') % 2;
}

static void kept_rows_stay_in_order_with_their_lines(void **state)
{
	int asked = 0;
	double v;

	(void)state;
	assert_int_equal(load("a,b\n1,u\n2,v\n4,w\n5,x\n7,y\n"), 0);
	fb_csv_keep(table, keep_odd, &asked);
	assert_int_equal(asked, 5);
	assert_int_equal(fb_csv_rows(table), 3);
	assert_string_equal(fb_csv_get(table, 0, 1), "u");
	assert_string_equal(fb_csv_get(table, 1, 1), "x");
	assert_string_equal(fb_csv_get(table, 2, 1), "y");
	assert_int_equal(fb_csv_get_real(table, 1, 1, &v, &err), -EINVAL);
	assert_non_null(strstr(err.text, ":5:"));
	assert_string_equal(fb_csv_column_name(table, 1), "b");
}

static void wide_rows_and_long_fields_are_read(void **state)
{
	size_t len = 1 << 20;
	char *text = malloc(len + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	text[len] = '\0';
	create(3);
	for (int i = 0; i < 4; i++) {
		fb_csv_text(out, text);
		fb_csv_text(out, "");
		text[0] = '"';
		fb_csv_text(out, text);
		text[0] = 'x';
		fb_csv_end_row(out);
	}
	assert_int_equal(close_out(), 0);
	assert_int_equal(fb_csv_load(&table, path, &err), 0);
	assert_int_equal(fb_csv_rows(table), 4);
	assert_string_equal(fb_csv_get(table, 3, 0), text);
	assert_int_equal(strlen(fb_csv_get(table, 3, 2)), len);
	assert_string_equal(fb_csv_get(table, 3, 1), "");
	free(text);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(fields_are_quoted_only_when_they_must),
		IN_FOLDER(unknown_numbers_are_empty_never_zero),
		IN_FOLDER(reals_read_back_exactly),
		IN_FOLDER(any_text_reads_back_as_written),
		IN_FOLDER(a_lone_empty_field_is_still_a_row),
		IN_FOLDER(rows_reach_the_file_at_commit),
		IN_FOLDER(an_existing_file_is_never_overwritten),
		IN_FOLDER(a_failed_commit_leaves_the_file_as_it_was),
		IN_FOLDER(a_header_that_cannot_be_written_leaves_no_file),
		IN_FOLDER(columns_are_found_by_name),
		IN_FOLDER(an_unterminated_last_line_is_dropped),
		IN_FOLDER(a_file_without_a_whole_header_is_refused),
		IN_FOLDER(a_header_of_thousands_of_names_is_refused),
		IN_FOLDER(line_ends_and_marks_of_other_programs_are_read),
		IN_FOLDER(spaces_are_part_of_a_field),
		IN_FOLDER(malformed_rows_are_told_with_their_place),
		IN_FOLDER(nul_bytes_are_refused),
		IN_FOLDER(what_cannot_be_read_is_told),
		IN_FOLDER(numbers_are_read_strictly),
		IN_FOLDER(kept_rows_stay_in_order_with_their_lines),
		IN_FOLDER(wide_rows_and_long_fields_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

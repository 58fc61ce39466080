#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "report/sketch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 40 };

static struct fb_hist *hist[FB_OP_COUNT];
static bool batched;
static char text[65536], *lines[LINES];
static int n_lines;

static int make_hists(void **state)
{
	(void)state;
	for (int op = 0; op < FB_OP_COUNT; op++) {
		hist[op] = malloc(sizeof(*hist[op]));
		if (!hist[op])
			return -1;
		fb_hist_reset(hist[op]);
	}
	batched = false;
	return 0;
}

static int free_hists(void **state)
{
	(void)state;
	for (int op = 0; op < FB_OP_COUNT; op++)
		free(hist[op]);
	return 0;
}

static void record(enum fb_op op, uint64_t ns, int times)
{
	while (times--)
		fb_hist_record(hist[op], ns);
}

/* An op of which there were none is handed over as NULL or as an empty histogram. */
static void draw(const char *title, int width, int colour)
{
	struct fb_sketch s = {title, {hist[0], hist[1], hist[2]}, batched};
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	if (!hist[FB_OP_FLUSH]->count)
		s.hist[FB_OP_FLUSH] = NULL;
	fb_sketch_print(out, &s, width, colour);
	assert_int_equal(ferror(out), 0);
	assert_int_equal(fclose(out), 0);
}

static void split(void)
{
	static char copy[sizeof(text)];
	char *rest = copy, *line;

	memcpy(copy, text, sizeof(text));
	n_lines = 0;
	while ((line = strsep(&rest, "\n")) && rest) {
		assert_true(n_lines < LINES);
		lines[n_lines++] = line;
	}
}

/* What is drawn without colours: the title's line, then @rest. */
static void check_drawn(const char *title, int width, const char *rest)
{
	const size_t n = strlen(title);

	draw(title, width, 0);
	if (strncmp(text, title, n) || text[n] != '\n' || strcmp(text + n + 1, rest))
		fail_msg("%s", text);
}

static void check_has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is missing:\n%s", part, text);
}

static void three_ops_are_drawn_like_this(void **state)
{
	(void)state;
	record(FB_OP_WRITE, 2000, 1000);
	record(FB_OP_FLUSH, 80000, 900);
	record(FB_OP_FLUSH, 300000, 99);
	record(FB_OP_FLUSH, 9000000, 1);
	record(FB_OP_COMMIT, 82000, 900);
	record(FB_OP_COMMIT, 302000, 99);
	record(FB_OP_COMMIT, 9002000, 1);
	check_drawn(
		"path=file mode=normal", 80,
		" 10 ms |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   c\n"
		"       |\n"
		"       |\n"
		"  1 ms |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"       |\n"
		"       |                        ccccccccccccccccccccccccccccccccccccccccccccccc\n"
		"100 us |cccccccccccccccccccccccc   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"       |\n"
		"       |\n"
		" 10 us |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"       |\n"
		"       |wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\n"
		"  1 us |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"       +-------+---------------+-----------------------+----------------------+-\n"
		"        0     50              90                      99                    99.9\n"
		"w write, f flush, c commit, of all repetitions; c hides f, f hides w\n"
		"\n"
		"        samples      min      p50      p90      p99    p99.9  p99.99      max\n"
		"write      1000  2.00 us  2.00 us  2.00 us  2.00 us  2.00 us       -  2.00 us\n"
		"flush      1000  80.0 us  80.1 us  80.1 us   300 us   300 us       -  9.00 ms\n"
		"commit     1000  82.0 us  82.0 us  82.0 us   302 us   302 us       -  9.00 ms\n");
}

static void a_mode_of_one_call_has_no_flush(void **state)
{
	(void)state;
	record(FB_OP_WRITE, 120, 9);
	record(FB_OP_WRITE, 450, 1);
	record(FB_OP_COMMIT, 120, 9);
	record(FB_OP_COMMIT, 450, 1);
	check_drawn("path=file mode=write-through", 60,
		    "500 ns |   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		    "       |                                                   c\n"
		    "       |\n"
		    "       |\n"
		    "       |\n"
		    "       |\n"
		    "       |\n"
		    "200 ns |   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		    "       |\n"
		    "       |\n"
		    "       |\n"
		    "       |ccccccccccccccccccccccccccccccccccccccccccccccccccc\n"
		    "100 ns |   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		    "       +---------------+----------------------------------+-\n"
		    "        0             50                                 90\n"
		    "w write, c commit, of all repetitions; c hides w\n"
		    "\n"
		    "          write  commit\n"
		    "samples      10      10\n"
		    "min      120 ns  120 ns\n"
		    "p50      120 ns  120 ns\n"
		    "p90      120 ns  120 ns\n"
		    "p99           -       -\n"
		    "p99.9         -       -\n"
		    "p99.99        -       -\n"
		    "max      450 ns  450 ns\n");
}

static void latencies_of_0_ns_have_a_row_below_the_scale(void **state)
{
	(void)state;
	record(FB_OP_WRITE, 10, 20);
	record(FB_OP_FLUSH, 0, 18);
	record(FB_OP_FLUSH, 20, 2);
	record(FB_OP_COMMIT, 10, 18);
	record(FB_OP_COMMIT, 30, 2);
	check_drawn(
		"path=null mode=none", 72,
		"50 ns |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"      |\n"
		"      |\n"
		"      |                                                 cccccccccccccccc\n"
		"      |\n"
		"      |\n"
		"20 ns |   .   .   .   .   .   .   .   .   .   .   .   . ffffffffffffffff\n"
		"      |\n"
		"      |\n"
		"      |\n"
		"      |\n"
		"10 ns |cccccccccccccccccccccccccccccccccccccccccccccccccwwwwwwwwwwwwwwww\n"
		" 0 ns |fffffffffffffffffffffffffffffffffffffffffffffffff  .   .   .   .\n"
		"      +---------------+--------------------------------+----------------\n"
		"       0             50                               90\n"
		"w write, f flush, c commit, of all repetitions; c hides f, f hides w\n"
		"\n"
		"        samples    min    p50    p90  p99  p99.9  p99.99    max\n"
		"write        20  10 ns  10 ns  10 ns    -      -       -  10 ns\n"
		"flush        20   0 ns   0 ns   0 ns    -      -       -  20 ns\n"
		"commit       20  10 ns  10 ns  10 ns    -      -       -  30 ns\n");
}

static void one_sample_is_one_point(void **state)
{
	(void)state;
	record(FB_OP_WRITE, 1500, 1);
	record(FB_OP_FLUSH, 1500, 1);
	record(FB_OP_COMMIT, 3000, 1);
	check_drawn(
		"x", 80,
		"5 us |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"     |\n"
		"     |\n"
		"     |\n"
		"     |c\n"
		"     |\n"
		"     |\n"
		"2 us |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"     |\n"
		"     |f\n"
		"     |\n"
		"     |\n"
		"1 us |   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .\n"
		"     +--------------------------------------------------------------------------\n"
		"      0\n"
		"w write, f flush, c commit, of all repetitions; c hides f, f hides w\n"
		"\n"
		"        samples      min  p50  p90  p99  p99.9  p99.99      max\n"
		"write         1  1.50 us    -    -    -      -       -  1.50 us\n"
		"flush         1  1.50 us    -    -    -      -       -  1.50 us\n"
		"commit        1  3.00 us    -    -    -      -       -  3.00 us\n");
}

static void without_samples_one_line_says_so(void **state)
{
	(void)state;
	draw("path=file mode=normal", 80, 1);
	split();
	assert_int_equal(n_lines, 2);
	check_has("path=file mode=normal: no samples, so no curve;");
	check_has("summary.csv say why\n");
}

/* Rows of the plot: from below the title to above the axis. */
static int plot_rows(void)
{
	for (int i = 1; i < n_lines; i++)
		if (strstr(lines[i], " +--"))
			return i - 1;
	fail_msg("no axis:\n%s", text);
	return 0;
}

/* Which row, counted from the axis upward, has @letter in a column; 0: none. */
static int height(char letter, size_t column)
{
	int rows = plot_rows(), found = 0;

	for (int up = 1; up <= rows; up++) {
		const char *line = lines[1 + rows - up];

		if (column < strlen(line) && line[column] == letter) {
			assert_int_equal(found, 0);
			found = up;
		}
	}
	return found;
}

static size_t first_column(void)
{
	return (size_t)(strchr(lines[1], '|') - lines[1]) + 1;
}

/* Without a gap up to the last column, but for the one sample that has no curve. */
static void check_rises(int width)
{
	int first = (int)first_column(), before = height('c', (size_t)first);

	assert_true(before > 0);
	for (int i = first + 1; i < width; i++) {
		int now = height('c', (size_t)i);

		assert_true(hist[FB_OP_COMMIT]->count > 1 ? now >= before : !now);
		before = now;
	}
}

static double label_ns(const char *line)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = {{"ns |", 1}, {"us |", 1e3}, {"ms |", 1e6}, {"s |", 1e9}};
	char *end;
	double v = strtod(line, &end);

	for (size_t i = 0; end > line && i < 4; i++)
		if (!strncmp(end + 1, units[i].unit, strlen(units[i].unit)))
			return v * units[i].ns;
	assert_true(end == line);
	return -1;
}

/* From the top down, and what lies at both ends of the plot has a label. */
static void check_labels(void)
{
	int rows = plot_rows();
	double above = label_ns(lines[1]);

	assert_true(above >= (double)hist[FB_OP_COMMIT]->max);
	assert_true(label_ns(lines[rows]) >= 0);
	assert_true(label_ns(lines[rows]) <= (double)hist[FB_OP_WRITE]->min);
	for (int i = 2; i <= rows; i++) {
		double ns = label_ns(lines[i]);

		assert_true(ns < above);
		above = ns >= 0 ? ns : above;
	}
}

static void check_lines(size_t width)
{
	for (int i = 0; i < n_lines; i++) {
		size_t len = strlen(lines[i]);

		if (len > width || (len && lines[i][len - 1] == ' '))
			fail_msg("%zu columns:\n%s", width, text);
		for (size_t k = 0; k < len; k++)
			assert_true(lines[i][k] >= ' ' && lines[i][k] <= '~');
	}
}

static void check_every_width(void)
{
	for (int width = 60; width <= 120; width++) {
		int used = width < 110 ? width : 110;

		draw("run-1 case 3: path=file mode=data-sync-only bs=64k "
		     "writes_per_flush=16 runtime=5s numjobs=4",
		     width, 0);
		split();
		/* The title may take two lines, the plot begins below it. */
		if (!strchr(lines[1], '|'))
			memmove(lines, lines + 1, (size_t)--n_lines * sizeof(lines[0]));
		assert_true(plot_rows() >= 12 && plot_rows() <= 16);
		check_lines((size_t)used);
		check_rises(used);
		check_labels();
	}
}

static void fill_by_chance(uint64_t seed, int samples, unsigned octaves)
{
	struct fb_rng rng;

	fb_rng_init(&rng, seed);
	for (int i = 0; i < samples; i++) {
		uint64_t write = fb_rng_next(&rng) >> (64 - octaves);
		uint64_t flush = fb_rng_next(&rng) >>
				 (63 - fb_rng_next(&rng) % octaves);

		record(FB_OP_WRITE, write, 1);
		record(FB_OP_FLUSH, flush, 1);
		record(FB_OP_COMMIT, write + flush, 1);
	}
}

static void every_width_holds_every_histogram(void **state)
{
	static const struct {
		int samples;
		unsigned octaves;
	} list[] = {{1, 10},   {2, 10},    {9, 20}, {100, 1},
		    {1000, 3}, {5000, 44}, {70, 60}};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		for (int op = 0; op < FB_OP_COUNT; op++)
			fb_hist_reset(hist[op]);
		fill_by_chance(i + 1, list[i].samples, list[i].octaves);
		check_every_width();
	}
	(void)state;
}

static void millions_of_samples_have_marks_for_their_tail(void **state)
{
	(void)state;
	for (int op = 0; op < FB_OP_COUNT; op++) {
		record((enum fb_op)op, 1000, 1);
		hist[op]->counters[fb_hist_index(1000)] = hist[op]->count = 123456789;
	}
	check_every_width();
	draw("x", 110, 0);
	check_has(" 99.9999 ");
	check_has(" 123456789  1.00 us");
}

static void above_an_hour_is_told_as_it_was(void **state)
{
	(void)state;
	record(FB_OP_WRITE, 5000, 99);
	record(FB_OP_FLUSH, 4000000000000, 99);
	record(FB_OP_COMMIT, 4000000005000, 98);
	record(FB_OP_COMMIT, 7000000000000, 1);
	check_every_width();
	draw("x", 100, 0);
	check_has("10000 s |");
	check_has("  7000 s\n");
}

static void a_mark_has_samples_above_it(void **state)
{
	(void)state;
	record(FB_OP_COMMIT, 1000, 1000);
	draw("x", 110, 0);
	check_has(" 99.9\n");
	fb_hist_reset(hist[FB_OP_COMMIT]);
	record(FB_OP_COMMIT, 1000, 999);
	draw("x", 110, 0);
	check_has(" 99\n");
	assert_null(strstr(text, " 99.9\n"));
}

static void strip_colours(void)
{
	char *to = text;

	for (const char *s = text; *s;) {
		if (*s == '\033')
			s += strcspn(s, "m") + 1;
		else
			*to++ = *s++;
	}
	*to = '\0';
}

static void colours_change_nothing_else(void **state)
{
	static char plain[sizeof(text)];

	(void)state;
	fill_by_chance(1, 500, 20);
	draw("x", 80, 0);
	assert_null(strchr(text, '\033'));
	memcpy(plain, text, sizeof(text));
	draw("x", 80, 1);
	check_has("\033[35mf");
	check_has("\033[1mc");
	strip_colours();
	assert_string_equal(text, plain);
}

static void batches_have_no_curve_and_no_figure_above_their_median(void **state)
{
	(void)state;
	batched = true;
	record(FB_OP_COMMIT, 160, 900);
	record(FB_OP_COMMIT, 300, 100);
	check_drawn(
		"path=nvmem mode=flush", 80,
		"timed in batches: a sample is the mean of one, which has no tail, so no curve\n"
		"\n"
		"        samples     min     p50  p90  p99  p99.9  p99.99  max\n"
		"commit     1000  160 ns  160 ns    -    -      -       -    -\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_hists, free_hists)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(three_ops_are_drawn_like_this),
		T(a_mode_of_one_call_has_no_flush),
		T(latencies_of_0_ns_have_a_row_below_the_scale),
		T(one_sample_is_one_point),
		T(without_samples_one_line_says_so),
		T(every_width_holds_every_histogram),
		T(millions_of_samples_have_marks_for_their_tail),
		T(above_an_hour_is_told_as_it_was),
		T(a_mark_has_samples_above_it),
		T(colours_change_nothing_else),
		T(batches_have_no_curve_and_no_figure_above_their_median),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

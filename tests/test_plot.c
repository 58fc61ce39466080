/*
 * What gnuplot is told of a run: names, order, quoting, bars, and why there are none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plot_rig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void one_case_is_called_by_its_mode(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "purge", "4096");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("\n1\tpurge\t", 1);
	plot_rig_has("conditions = 'file purge bs=4k'", 1);
}

static void labels_hold_what_varies_and_nothing_else(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_put_mode(2, "purge", "4096");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("\n1\tnormal\t", 1);
	plot_rig_has("\n2\tpurge\t", 1);
	plot_rig_has("conditions = 'bs=4k'", 1);
	plot_rig_put(&(struct plot_rep){.case_id = 3,
					.path = "mapped",
					.mode = "msync",
					.bs = "1048576",
					.thinktime = "6000"});
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("\n1\tfile normal bs=4k thinktime=0\t", 1);
	plot_rig_has("\n3\tmapped msync bs=1m thinktime=6ms\t", 1);
	plot_rig_has("conditions = ''", 1);
}

static void modes_alike_are_told_apart_by_their_parameters(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_put_mode(2, "normal", "8192");
	plot_rig_draw(FB_PLOT_DISTRIBUTION, FB_OP_COMMIT);
	plot_rig_has("\tbs=4k\t", 1);
	plot_rig_has("\tbs=8k\t", 1);
	plot_rig_has("label_chars = 5\n", 1);
}

static void what_survives_most_stands_first(void **state)
{
	static const char *const worst_first[] = {
		"", "nothing", "process-crash", "os-crash", "power-loss",
	};
	char mode[8];

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		snprintf(mode, sizeof(mode), "m%u", i);
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.mode = mode,
						.survives = worst_first[i % 5],
						.samples = 300});
	}
	plot_rig_load(FB_OP_COMMIT);
	for (unsigned at = 0; at < 10; at++)
		assert_int_equal(plot_rig.plot.order[at], 4 - at / 2 + at % 2 * 5);
	assert_int_equal(plot_rig_write(FB_PLOT_LATENCY), 0);
	plot_rig_has("panels = 5\n", 1);
	plot_rig_has("panel[1] = 'survives power-loss'\n", 1);
	plot_rig_has("panel[5] = 'what it survives is not known'\n", 1);
	plot_rig_has("class[1] = 4\nrows[1] = 2\n", 1);
	plot_rig_has("class[5] = 0\nrows[5] = 2\n", 1);
}

static void rows_stand_below_the_heading_of_their_class(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 4; i++)
		plot_rig_put(
			&(struct plot_rep){.case_id = i,
					   .mode = (const char[]){'a' + i, '\0'},
					   .survives = i < 3 ? "nothing" : "os-crash"});
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("rows = 6\n", 1);
	plot_rig_has("class[1] = 3\nclass_row[1] = 1\n", 1);
	plot_rig_has("class[2] = 1\nclass_row[2] = 4\n", 1);
	plot_rig_has("\n2\t3\td\t", 1);
	plot_rig_has("\n3\t3\te\t", 1);
	plot_rig_has("\n5\t1\tb\t", 1);
	plot_rig_has("\n6\t1\tc\t", 1);
}

/* Every line is one of ours: a setting, an array, a row of numbers, a block's ends. */
static void assert_lines_are_ours(void)
{
	static const char *const ours[] = {
		"array ", "class",    "EOD\n", "label", "least",   "most",    "row",
		"panel",  "unit",     "log",   "title", "op = ",   "origin",  "cond",
		"reset",  "first",    "last",  "right", "style",   "trouble", "second",
		"case",   "from",     "repet", "to = ", "$",       "\n",      "NaN",
		"batch",  "ratio",    "head",  "mean",  "nothing", "part",    "note = ",
		"total",  "parts_of", "traces"};
	bool known = true;

	for (const char *s = plot_rig.text; *s && known; s = strchr(s, '\n') + 1) {
		size_t quotes = 0;

		known = isdigit((unsigned char)*s);
		for (size_t i = 0; i < sizeof(ours) / sizeof(*ours) && !known; i++)
			known = !strncmp(s, ours[i], strlen(ours[i]));
		for (const char *c = s; *c != '\n'; c++) {
			assert_true(*c == '\t' || !iscntrl((unsigned char)*c));
			quotes += *c == '\'';
		}
		if (!known || (!isdigit((unsigned char)*s) && quotes % 2))
			fail_msg("a line of somebody else's: %.60s", s);
	}
}

static void words_from_files_cannot_steer_gnuplot(void **state)
{
	static const char *const hostile[] = {
		"EOD",          "# x",    "system 'touch x'", "`touch x` $(touch x) @x",
		"it''s 'it'",   "\"; !x", "\t\tx\n\nEOD\nx",  "\x1b]0;x\x07\x7f",
		"back\\nslash", "$data",  " leading",         "100% {/Bold x}_y^z",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(hostile) / sizeof(*hostile); i++)
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.path = hostile[i],
						.mode = hostile[i],
						.bs = hostile[i],
						.thinktime = hostile[i],
						.status = i % 2 ? NULL : hostile[i],
						.samples = i % 3 ? 300 : 0});
	for (int which = 0; which < FB_PLOT_COUNT; which++) {
		plot_rig_draw((enum fb_plot_id)which, FB_OP_COMMIT);
		assert_lines_are_ours();
	}
}

static void a_quote_a_backslash_and_a_control_character_are_disarmed(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "a'b\\c\"d\te\x1b", "4096");
	plot_rig_put_mode(2, "normal", "4096");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	/* In a block a quote would end the text and a backslash begin a code. */
	plot_rig_has("\n1\ta'b\\\\c'd?e?\t", 1);
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("label[1] = 'a'.\"\\047\".'b\\c\"d?e?'\n", 1);
}

static void only_whole_characters_of_utf8_are_shown(void **state)
{
	static const struct {
		const char *in, *out;
	} texts[] = {
		{"\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80", NULL},
		{"\xfc", "?"},
		{"x\xc3", "x?"},
		{"\xe2\x82", "??"},
		{"\xc0\xaf", "??"},
		{"\xed\xa0\x80", "???"},
		{"\xf4\x90\x80\x80", "????"},
		{"\xfc\x80\x80\x80", "????"},
		{"\xc2\x9b", "??"},
		{"\xef\xbf\xbf", "???"},
	};
	char expected[64];

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		plot_rig_put_mode(i + 1, texts[i].in, "4096");
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		snprintf(expected, sizeof(expected), "label[%u] = '%s'\n", i + 1,
			 texts[i].out ? texts[i].out : texts[i].in);
		plot_rig_has(expected, 1);
	}
}

static void a_case_without_figures_says_why(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.case_id = 1, .mode = "a"});
	plot_rig_put(&(struct plot_rep){
		.case_id = 2, .mode = "b", .samples = 300, .status = "0xC000007F"});
	plot_rig_put(&(struct plot_rep){
		.case_id = 3, .mode = "c", .samples = 300, .status = "0xC0009999"});
	plot_rig_put(
		&(struct plot_rep){.case_id = 4, .mode = "d", .fidelity = "missing"});
	plot_rig_put(&(struct plot_rep){.case_id = 5, .mode = "e", .samples = 1});
	plot_rig_put(&(struct plot_rep){
		.case_id = 6, .mode = "f", .samples = 300, .one_call = true});
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_FLUSH);
	plot_rig_has("\tno samples\t\n", 1);
	plot_rig_has("\tfailed: DISK_FULL\t\n", 1);
	plot_rig_has("\tfailed: 0xC0009999\t\n", 1);
	plot_rig_has("\tmissing on this system\t\n", 1);
	plot_rig_has("\ttoo few samples\t\n", 1);
	plot_rig_has("\tflushes with its write\t\n", 1);
	plot_rig_has("\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\t \t \t", 6);
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("flushes with its write", 0);
}

static void a_percentile_with_nothing_above_it_is_unknown(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.samples = 50, .ns = 1000});
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("\tNaN\tNaN\tNaN\t", 1);
	plot_rig_has("\t-\t \t\n", 1);
}

static void an_axis_is_logarithmic_when_bars_differ_fiftyfold(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){
		.case_id = 1, .mode = "a", .samples = 99, .ns = 1000});
	plot_rig_put(&(struct plot_rep){
		.case_id = 2, .mode = "b", .samples = 99, .ns = 49000});
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("unit[1] = 'us'\n", 1);
	plot_rig_has("logarithmic[1] = 0\n", 1);
	plot_rig_put(&(struct plot_rep){
		.case_id = 3, .mode = "c", .samples = 99, .ns = 51000});
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("unit[1] = 'ns'\n", 1);
	plot_rig_has("logarithmic[1] = 1\n", 1);
}

static void zeros_leave_an_axis_empty(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){
		.ns = PLOT_ZERO, .samples = 300, .write_amp = "0", .flush_amp = "0"});
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("logarithmic[1] = 0\nleast[1] = 0\nmost[1] = 0\n", 1);
	plot_rig_has("\t0 ns\t0 ns\t", 1);
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("logarithmic[1] = 0\nleast[1] = 0\nmost[1] = 0\n", 1);
	plot_rig_has("\t0.00\t0.00\t", 1);
}

static void amplification_above_fifty_is_logarithmic(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){
		.case_id = 1, .mode = "a", .write_amp = "50", .flush_amp = "0.001"});
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("logarithmic[1] = 0\n", 1);
	plot_rig_has("logarithmic[2] = 0\n", 1);
	plot_rig_has("\t50.0\t0.00\t", 1);
	plot_rig_put(&(struct plot_rep){
		.case_id = 2, .mode = "b", .write_amp = "256", .flush_amp = ""});
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("logarithmic[1] = 1\nleast[1] = 1\nmost[1] = 256\n", 1);
	plot_rig_has("logarithmic[2] = 0\n", 1);
	plot_rig_has("\t256\t-\t \t\n", 1);
}

/* As the table has them: whoever reads both looks for the same word. */
static void figures_of_amplification_are_written_as_in_the_table(void **state)
{
	static const struct {
		const char *value, *text;
	} figures[] = {
		{"0.0149", "\t0.01\t0.01\t"},   {"9.996", "\t10.0\t10.0\t"},
		{"99.96", "\t100\t100\t"},      {"999.6", "\t1.00k\t1.00k\t"},
		{"18700", "\t18.7k\t18.7k\t"},  {"1234567", "\t1.23M\t1.23M\t"},
		{"5.43e9", "\t5.43G\t5.43G\t"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.write_amp = figures[i].value,
						.flush_amp = figures[i].value});
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	for (unsigned i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		plot_rig_has(figures[i].text, 1);
}

static void an_absurd_figure_does_not_take_the_axis(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.case_id = 1, .mode = "a", .write_amp = "2"});
	plot_rig_put(
		&(struct plot_rep){.case_id = 2, .mode = "b", .write_amp = "1e300"});
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("logarithmic[1] = 0\nleast[1] = 1\nmost[1] = 2\n", 1);
}

static void amplification_of_what_failed_is_not_drawn(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.status = "0xC000007F", .write_amp = "99"});
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("most[1] = 0\n", 1);
	plot_rig_has("\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\t-\t-\tfailed: DISK_FULL\t\n", 1);
}

static void a_picture_says_where_it_was_measured(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_draw(FB_PLOT_TIME, FB_OP_WRITE);
	plot_rig_has("title = 'Write latency over time'\n", 1);
	plot_rig_has("op = 'write'\n", 1);
	plot_rig_has("origin = 'run-1: ext4 on vda, write cache: write back'\n", 1);
	plot_rig_replace(FB_RUN_SYSTEM, "run_id,host,key,value\nr,h,target_fs,tmpfs\n");
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_WRITE);
	plot_rig_has("title = 'What the disk was asked to do (incomplete: the run did "
		     "not come to its end)'\n",
		     1);
	plot_rig_has("origin = 'run-1: tmpfs'\n", 1);
}

/* gnuplot 5.4 reads columns of an earlier block even after that has been freed. */
static void no_picture_frees_what_another_one_drew(void **state)
{
	char *blocks = calloc(1, 4096);

	(void)state;
	assert_non_null(blocks);
	plot_rig_put_mode(1, "normal", "4096");
	for (int which = 0; which < FB_PLOT_COUNT; which++) {
		plot_rig_draw((enum fb_plot_id)which, FB_OP_COMMIT);
		plot_rig_has("reset session", 0);
		plot_rig_has("undefine", 0);
		for (const char *s = plot_rig.text; (s = strstr(s, "\n$")); s++) {
			char name[32];

			s++;
			snprintf(name, sizeof(name), "%.*s ", (int)strcspn(s, " "), s);
			if (strstr(blocks, name))
				fail_msg("%s is there twice", name);
			strcat(blocks, name);
		}
	}
	assert_non_null(strchr(blocks, '$'));
	free(blocks);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_rig_enter, plot_rig_leave)
	const struct CMUnitTest tests[] = {
		T(one_case_is_called_by_its_mode),
		T(labels_hold_what_varies_and_nothing_else),
		T(modes_alike_are_told_apart_by_their_parameters),
		T(what_survives_most_stands_first),
		T(rows_stand_below_the_heading_of_their_class),
		T(words_from_files_cannot_steer_gnuplot),
		T(a_quote_a_backslash_and_a_control_character_are_disarmed),
		T(only_whole_characters_of_utf8_are_shown),
		T(a_case_without_figures_says_why),
		T(a_percentile_with_nothing_above_it_is_unknown),
		T(an_axis_is_logarithmic_when_bars_differ_fiftyfold),
		T(zeros_leave_an_axis_empty),
		T(amplification_above_fifty_is_logarithmic),
		T(figures_of_amplification_are_written_as_in_the_table),
		T(an_absurd_figure_does_not_take_the_axis),
		T(amplification_of_what_failed_is_not_drawn),
		T(a_picture_says_where_it_was_measured),
		T(no_picture_frees_what_another_one_drew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

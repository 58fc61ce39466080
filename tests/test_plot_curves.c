/*
 * What gnuplot is told of curves: panels, percentiles, how latencies are spread, and
 * how they go over time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/plot_parts.h"
#include "support/plot_rig.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 10 };

/* Where the lines of a block begin. */
static const char *block(const char *name)
{
	char head[32];
	const char *at;

	snprintf(head, sizeof(head), "\n$%s << EOD\n", name);
	at = strstr(plot_rig.text, head);
	assert_non_null(at);
	return at + strlen(head);
}

/* Begin of a block's part, between two empty lines each. */
static const char *part(const char *name, unsigned index)
{
	const char *at = block(name);

	while (index--) {
		at = strstr(at, "\n\n\n");
		assert_non_null(at);
		at += 3;
	}
	return at;
}

static double setting(const char *name, size_t i)
{
	char text[64];
	const char *at;

	snprintf(text, sizeof(text), "\n%s[%zu] = ", name, i);
	at = strstr(plot_rig.text, text);
	if (!at)
		fail_msg("no %s[%zu]", name, i);
	return strtod(at + strlen(text), NULL);
}

/* Every case in one panel, of one class; at most @most panels. */
static void assert_panels(size_t most)
{
	struct fb_plot *p = &plot_rig.plot;
	size_t cases = p->cases->n, n, next = 0;
	struct fb_span *list = calloc(cases, sizeof(*list));
	char *seen = calloc(cases, 1);

	assert_true(list && seen);
	n = fb_plot_split(p, list);
	assert_in_range(n, 1, most);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(list[i].begin, next);
		next = list[i].end;
		assert_in_range(next - list[i].begin, 1, LINES);
		assert_false(fb_plot_differs(p, &list[i], "survives"));
	}
	assert_int_equal(next, cases);
	for (size_t at = 0; at < cases; at++)
		seen[p->order[at]]++;
	for (size_t at = 0; at < cases; at++)
		assert_int_equal(seen[at], 1);
	free(seen);
	free(list);
}

static void put_case(unsigned i, const char *mode, unsigned bs, unsigned thinktime)
{
	char words[2][16];

	snprintf(words[0], sizeof(words[0]), "%u", bs);
	snprintf(words[1], sizeof(words[1]), "%u", thinktime);
	plot_rig_put(&(struct plot_rep){.case_id = i + 1,
					.mode = mode,
					.bs = words[0],
					.thinktime = words[1],
					.survives = strcmp(mode, "data-only") != 0
							    ? "power-loss"
							    : "os-crash"});
}

static void ten_lines_are_one_panel_and_eleven_are_two(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		put_case(i, "normal", 512 * (i + 1), 0);
	plot_rig_load(FB_OP_COMMIT);
	assert_panels(1);
	put_case(10, "normal", 512 * 11, 0);
	plot_rig_load(FB_OP_COMMIT);
	assert_panels(2);
	assert_int_equal(plot_rig_write(FB_PLOT_PERCENTILES), 0);
	/* Six and five, not ten and one. */
	assert_true(setting("last", 1) == 6);
}

static void a_parameter_with_lines_to_compare_makes_the_panels(void **state)
{
	static const char *const modes[] = {"normal", "purge", "buffers"};

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		put_case(i, modes[i % 3], 4096u << i / 3, 0);
	plot_rig_draw(FB_PLOT_PERCENTILES, FB_OP_COMMIT);
	plot_rig_has("panels = 4\n", 1);
	plot_rig_has("panel[1] = 'survives power-loss: file, bs=4k'\n", 1);
	plot_rig_has("panel[4] = 'survives power-loss: file, bs=32k'\n", 1);
	plot_rig_has("] = 'purge (no samples)'\n", 4);
	assert_panels(4);
	for (size_t line = 4; line <= 12; line++)
		assert_true(setting("style", line) == setting("style", line - 3));
}

static void values_of_one_line_each_share_panels(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 40; i++)
		put_case(i, "normal", 512 * (i + 1), 0);
	plot_rig_load(FB_OP_COMMIT);
	assert_panels(4);
}

static void a_panel_never_mixes_classes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 40; i++)
		put_case(i, i % 3 ? "normal" : "data-only", 512u << i / 4, i % 4);
	plot_rig_load(FB_OP_COMMIT);
	assert_panels(12);
}

/* A PNG of more than 32767 lines cannot be made. */
static void no_run_has_more_panels_than_a_picture_is_high(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 400; i++)
		put_case(i, i % 2 ? "normal" : "purge", 512 * (1 + i / 2 % 130),
			 i / 260);
	plot_rig_load(FB_OP_COMMIT);
	assert_panels(120);
	for (unsigned i = 0; i < 400; i++)
		put_case(i, "normal", 512 * (i < 270 ? 1 : i), i < 270 ? i % 90 : 0);
	plot_rig_load(FB_OP_COMMIT);
	assert_panels(120);
}

static void modes_nobody_knows_do_not_look_alike(void **state)
{
	(void)state;
	put_case(0, "new-one", 4096, 0);
	put_case(1, "newer", 4096, 0);
	plot_rig_draw(FB_PLOT_PERCENTILES, FB_OP_COMMIT);
	assert_true(setting("style", 1) == 1);
	assert_true(setting("style", 2) == 2);
}

static void a_curve_rises_to_where_no_sample_lies_above(void **state)
{
	static const double marks[] = {2, 10, 100, 1000};
	double x = 0, ns = 0;
	const char *s;

	(void)state;
	plot_rig_put(&(struct plot_rep){.samples = 1000, .ns = 1000});
	plot_rig_draw(FB_PLOT_PERCENTILES, FB_OP_COMMIT);
	assert_true(strtod(s = part("curves", 0), NULL) == 1);
	for (; *s != '\n'; s = strchr(s, '\n') + 1) {
		char *end;
		double next = strtod(s, &end);

		assert_true(next > x);
		x = next;
		assert_true(strtod(end, NULL) >= ns);
		ns = strtod(end, NULL);
	}
	/* The marks below are on it. */
	assert_true(fabs(x / 1000 - 1) < 1e-6);
	assert_true(fabs(setting("right", 1) / x - 1) < 1e-6);
	assert_true(fabs(setting("most", 1) / ns - 1) < 1e-6);
	/* p50 to p99.9: above p99.99 of 1000 there is nothing. */
	s = part("curves", 1);
	for (int i = 0; i < 4; i++, s = strchr(s, '\n') + 1)
		assert_true(fabs(strtod(s, NULL) / marks[i] - 1) < 1e-6);
	assert_true(*s == '\n');
}

static void lines_without_samples_are_named_and_lie_outside(void **state)
{
	(void)state;
	put_case(0, "normal", 4096, 0);
	plot_rig_draw(FB_PLOT_PERCENTILES, FB_OP_COMMIT);
	assert_true(strtod(part("curves", 0), NULL) == 1e-9);
	assert_true(strtod(part("curves", 1), NULL) == 1e-9);
	plot_rig_has("label[1] = 'normal (no samples)'\n", 1);
	assert_true(setting("right", 1) == 0);
	assert_true(setting("least", 1) > 0);
}

static void spread_is_an_outline_as_high_as_its_row(void **state)
{
	double base, top = 1e9, sum = 0;
	const char *s;

	(void)state;
	plot_rig_put(&(struct plot_rep){.samples = 300, .ns = 1000});
	plot_rig_draw(FB_PLOT_DISTRIBUTION, FB_OP_COMMIT);
	for (s = block("outlines"); *s != '\n'; s = strchr(s, '\n') + 1) {
		char *end;
		double ns = strtod(s, &end);

		base = strtod(end, &end);
		assert_true(base == 2.4);
		top = fmin(top, strtod(end, NULL));
		assert_in_range(ns, 850, 13000);
		sum++;
	}
	assert_true(top == 1.4);
	assert_true(sum >= 4);
	plot_rig_has("case_class[1] = 4\n", 1);
}

static void a_few_samples_are_drawn_and_not_written_over(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.samples = 1});
	plot_rig_draw(FB_PLOT_DISTRIBUTION, FB_OP_COMMIT);
	plot_rig_has("too few", 0);
	plot_rig_has("\tNaN\tNaN\t \t\n", 1);
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("trouble[1] = ''\n", 1);
}

static void repetitions_follow_one_another_in_time(void **state)
{
	(void)state;
	for (unsigned rep = 1; rep <= 2; rep++)
		plot_rig_put(&(struct plot_rep){.rep = rep, .samples = 300});
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	assert_true(setting("seconds", 1) == 0.06);
	assert_true(strtod(block("intervals"), NULL) == 0.01);
	plot_rig_has("\n\n0.04\t", 1);
	plot_rig_has("\n\n0.02\t", 0);
	plot_rig_has("\n0.06\t", 1);
	assert_true(strtod(part("intervals", 0), NULL) == 0.01);
}

static void intervals_without_samples_are_one_gap(void **state)
{
	const char *s;

	(void)state;
	plot_rig_put(&(struct plot_rep){0});
	plot_rig_append(FB_RUN_SERIES, "r,1,1,10,commit,0,,,\n"
				       "r,1,1,20,commit,1,5000,6000,7000\n"
				       "r,1,1,30,commit,0,,,\n"
				       "r,1,1,40,commit,0,,,\n"
				       "r,1,1,,commit,1,1,1,1\n"
				       "r,1,1,50,commit,1,0,8000,9000\n"
				       "r,1,1,60,commit,0,,,\n");
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	s = block("intervals");
	assert_int_equal(strncmp(s,
				 "0.02\t5000\t6000\t7000\t\n\n"
				 "0.05\t1\t8000\t9000\t\n\n\nEOD\n",
				 strlen(s)),
			 0);
	assert_true(setting("seconds", 1) == 0.06);
	assert_true(setting("least", 1) == 1);
	assert_true(setting("most", 1) == 9000);
}

/* The other two columns lie outside of every axis. */
static void batches_over_time_are_their_medians(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.samples = 1, .ns = 500, .batch = 10});
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("batches = '; timed in batches: p50 alone'\n", 1);
	plot_rig_has("\n0.01\t500\t1e-09\t1e-09\t\n0.02\t500\t1e-09\t1e-09\t\n", 1);
	plot_rig_has("trouble[1] = ''\n", 1);
	assert_true(setting("least", 1) == 500);
	assert_true(setting("most", 1) == 500);
}

static void what_has_no_intervals_is_outside_and_says_why(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){
		.case_id = 1, .mode = "a", .status = "0xC000007F", .samples = 300});
	plot_rig_put(&(struct plot_rep){.case_id = 2, .mode = "b"});
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("1e-9\t1e-9\t1e-9\t1e-9\t\n\n\n", 2);
	plot_rig_has("trouble[1] = 'failed: DISK_FULL'\n", 1);
	plot_rig_has("trouble[2] = 'no samples'\n", 1);
	assert_true(setting("seconds", 1) == 1);
	plot_rig_put(&(struct plot_rep){.case_id = 3, .mode = "c", .samples = 300});
	plot_rig_replace(FB_RUN_SERIES,
			 "run_id,case_id,rep,t_ms,op,count,p50_ns,p99_ns,max_ns\n");
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("trouble[3] = 'no intervals'\n", 1);
}

static void intervals_of_no_length_have_an_axis_all_the_same(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){0});
	plot_rig_replace(FB_RUN_SERIES,
			 "run_id,case_id,rep,t_ms,op,count,p50_ns,p99_ns,max_ns\n"
			 "r,1,1,0,commit,1,5,5,5\n");
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("seconds[1] = 1\n", 1);
}

static void what_cannot_be_read_is_told(void **state)
{
	static const enum fb_plot_id curved[] = {FB_PLOT_PERCENTILES,
						 FB_PLOT_DISTRIBUTION};

	(void)state;
	plot_rig_put(&(struct plot_rep){0});
	plot_rig_append(FB_RUN_HISTOGRAM, "r,1,1,commit,5,4,1,ns\n");
	plot_rig_append(FB_RUN_SERIES, "r,1,1,10,commit,1,x,5,5\n");
	plot_rig_load(FB_OP_COMMIT);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(plot_rig_write(curved[i]), -EINVAL);
		assert_non_null(strstr(plot_rig.err.text, "histogram.csv"));
	}
	assert_int_equal(plot_rig_write(FB_PLOT_TIME), -EINVAL);
	assert_non_null(strstr(plot_rig.err.text, "p50_ns"));
	assert_int_equal(plot_rig_write(FB_PLOT_LATENCY), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_rig_enter, plot_rig_leave)
	const struct CMUnitTest tests[] = {
		T(ten_lines_are_one_panel_and_eleven_are_two),
		T(a_parameter_with_lines_to_compare_makes_the_panels),
		T(values_of_one_line_each_share_panels),
		T(a_panel_never_mixes_classes),
		T(no_run_has_more_panels_than_a_picture_is_high),
		T(modes_nobody_knows_do_not_look_alike),
		T(a_curve_rises_to_where_no_sample_lies_above),
		T(lines_without_samples_are_named_and_lie_outside),
		T(spread_is_an_outline_as_high_as_its_row),
		T(a_few_samples_are_drawn_and_not_written_over),
		T(repetitions_follow_one_another_in_time),
		T(intervals_without_samples_are_one_gap),
		T(batches_over_time_are_their_medians),
		T(what_has_no_intervals_is_outside_and_says_why),
		T(intervals_of_no_length_have_an_axis_all_the_same),
		T(what_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

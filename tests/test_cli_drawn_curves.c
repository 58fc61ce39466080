/*
 * Curves, outlines and lines over time pass where what was measured lies on the axes,
 * and an axis is not drawn otherwise than it is numbered.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/drawn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* p50, p90, p99 and the most, with a tick of its own each. */
static const double exact[] = {10e3, 20e3, 100e3, 1e6};

/* What has the same colour whatever is survived. */
enum { MAX_DOTS = 0x777777, BLACK = 0 };

static void put(unsigned case_id, const char *mode, const char *status)
{
	plot_rig_put(&(struct plot_rep){
		.case_id = case_id, .mode = mode, .status = status, .exact = exact});
}

/* Each further nine takes as much room as the one before. */
static void assert_place_of(const char *percentile)
{
	double nine = x_of("90", 0) - x_of("0", 0);
	double nines = -log10(1 - strtod(percentile, NULL) / 100);

	assert_near(x_of(percentile, 0), x_of("0", 0) + nines * nine);
}

static void a_tick_of_percentiles_stands_by_its_nines(void **state)
{
	(void)state;
	drawn_begin();
	put(1, "normal", NULL);
	plot_rig_append(FB_RUN_HISTOGRAM, "r,1,1,commit,9000,9000,5000000,ns\n");
	drawn_load(FB_PLOT_PERCENTILES);
	assert_place_of("50");
	assert_place_of("99");
	assert_place_of("99.9");
	assert_place_of("99.99");
	assert_place_of("99.999");
	assert_place_of("99.9999");
	plot_rig_append(FB_RUN_HISTOGRAM, "r,1,1,commit,9000,9000,1000000000000,ns\n");
	drawn_load(FB_PLOT_PERCENTILES);
	assert_place_of("50");
	assert_place_of("99");
	assert_place_of("99.9");
	assert_place_of("99.99");
	assert_place_of("99.9999");
	assert_place_of("99.999999");
	assert_place_of("99.99999999");
}

/* Has a line of this colour a corner there? */
static bool passes(unsigned colour, double x, double y)
{
	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];

		for (size_t k = 0; s->kind == SVG_LINE && k < s->n; k++)
			if (s->colour == colour &&
			    hypot(s->points[k].x - x, s->points[k].y - y) <= DRAWN_NEAR)
				return true;
	}
	return false;
}

/* The mark there, which must be one. */
static const struct svg_shape *mark(double x, double y)
{
	for (size_t i = 0; i < drawn.shapes_n; i++)
		if (drawn.shapes[i].kind == SVG_MARK && is_at(&drawn.shapes[i], x, y))
			return &drawn.shapes[i];
	fail_msg("no mark at %.1f,%.1f", x, y);
	return NULL;
}

static void a_curve_passes_its_percentiles_and_has_marks_there(void **state)
{
	static const char *const ticks[][2] = {
		{"50", "10 us"}, {"90", "20 us"}, {"99", "100 us"}, {"99.9", "1 ms"}};
	unsigned colour;

	(void)state;
	drawn_begin();
	put(1, "normal", NULL);
	drawn_load(FB_PLOT_PERCENTILES);
	colour = mark(x_of("50", 0), y_of("10 us"))->colour;
	for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++) {
		double x = x_of(ticks[i][0], 0), y = y_of(ticks[i][1]);

		assert_true(passes(colour, x, y));
		assert_int_equal(mark(x, y)->colour, colour);
	}
	/* Half and more are equal: it begins where p50 is, and no lower. */
	assert_true(passes(colour, x_of("0", 0), y_of("10 us")));
	assert_near(y_of("10 us") - y_of("100 us"), y_of("100 us") - y_of("1 ms"));
}

/* Lines and marks left of @x; what frames and rules a picture is grey. */
static size_t drawn_left_of(double x)
{
	size_t n = 0;

	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];
		bool frame = s->colour == 0x999999 || s->colour == 0xe4e4e4;

		n += s->left < x && s->kind != SVG_AREA && !frame;
	}
	return n;
}

static void what_failed_has_no_curve(void **state)
{
	size_t alone;

	(void)state;
	drawn_begin();
	put(1, "normal", NULL);
	drawn_load(FB_PLOT_PERCENTILES);
	alone = drawn_left_of(x_of("normal", 0) - 60);
	assert_int_equal(alone, 1 + 4);
	put(2, "purge", "0xC0000185");
	drawn_load(FB_PLOT_PERCENTILES);
	assert_int_equal(svg_count(&drawn, "purge (failed: IO_DEVICE_ERROR)"), 1);
	assert_int_equal(drawn_left_of(x_of("normal", 0) - 60), alone);
}

static void what_failed_is_not_spread(void **state)
{
	unsigned colour;
	double x, y;

	(void)state;
	drawn_begin();
	put(1, "normal", NULL);
	put(2, "purge", "0xC0000185");
	drawn_load(FB_PLOT_DISTRIBUTION);
	colour = svg_find(&drawn, "survives power-loss")->colour;
	x = x_of("10 us", 0);
	y = y_of("normal");
	assert_int_equal(drawn_at(SVG_LINE, colour, x, y), 1);
	assert_int_equal(drawn_at(SVG_LINE, BLACK, x, y), 1);
	y = y_of("failed: IO_DEVICE_ERROR");
	assert_near(y, y_of("purge"));
	assert_int_equal(drawn_at(SVG_LINE, colour, x, y), 0);
	assert_int_equal(drawn_at(SVG_LINE, BLACK, x, y), 0);
}

/* The outline of the row at @y. */
static const struct svg_shape *outline(double y)
{
	unsigned colour = svg_find(&drawn, "survives power-loss")->colour;

	for (size_t i = 0; i < drawn.shapes_n; i++)
		if (drawn.shapes[i].kind == SVG_LINE &&
		    drawn.shapes[i].colour == colour &&
		    is_at(&drawn.shapes[i], x_of("10 us", 0), y))
			return &drawn.shapes[i];
	fail_msg("no outline");
	return NULL;
}

static void the_fullest_bin_is_a_row_high_and_lies_at_its_latency(void **state)
{
	double row, y, left = INFINITY, right = 0;
	const struct svg_shape *s;

	(void)state;
	drawn_begin();
	put(1, "normal", NULL);
	put(2, "purge", NULL);
	drawn_load(FB_PLOT_DISTRIBUTION);
	y = y_of("normal");
	row = y_of("purge") - y;
	s = outline(y);
	assert_near(s->bottom - s->top, row);
	assert_near(s->bottom, y + 0.4 * row);
	for (size_t i = 0; i < s->n; i++)
		if (s->points[i].y < s->top + 1) {
			left = fmin(left, s->points[i].x);
			right = fmax(right, s->points[i].x);
		}
	assert_true(x_of("10 us", 0) >= left - DRAWN_NEAR);
	assert_true(x_of("10 us", 0) <= right + DRAWN_NEAR);
	/* A thirtieth of a decade is a bin's room. */
	assert_near(right - left, (x_of("1 ms", 0) - x_of("100 us", 0)) / 30);
	assert_true(s->right >= x_of("1 ms", 0) - DRAWN_NEAR);
	assert_int_equal(drawn_at(SVG_LINE, BLACK, x_of("10 us", 0), y), 1);
	assert_int_equal(drawn_at(SVG_MARK, BLACK, x_of("100 us", 0), y + 0.3 * row),
			 1);
}

/* p50 is dark, p99 brighter, and the maximum has grey dots. */
static void assert_interval_at(double x)
{
	const struct svg_shape *p50 = mark(x, y_of("10 us"));
	const struct svg_shape *p99 = mark(x, y_of("100 us"));

	assert_int_equal(p50->colour, svg_find(&drawn, "normal")->colour);
	assert_true(svg_brightness(p99->colour) > svg_brightness(p50->colour) + 20);
	assert_int_equal(mark(x, y_of("1 ms"))->colour, MAX_DOTS);
	assert_int_not_equal(p99->colour, MAX_DOTS);
}

static void latency_over_time_passes_its_intervals(void **state)
{
	unsigned p99;
	double x;

	(void)state;
	drawn_begin();
	put(1, "normal", NULL);
	drawn_load(FB_PLOT_TIME);
	/* Of the rig's three intervals of 10 ms the axis numbers the second. */
	x = x_of("0.02", 0);
	assert_interval_at(x);
	p99 = mark(x, y_of("100 us"))->colour;
	assert_true(passes(svg_find(&drawn, "normal")->colour, x, y_of("10 us")));
	assert_true(passes(p99, x, y_of("100 us")));
	assert_near(y_of("10 us") - y_of("100 us"), y_of("100 us") - y_of("1 ms"));
}

/* A line alone needs two neighbours. */
static void an_interval_between_empty_ones_is_seen(void **state)
{
	(void)state;
	drawn_begin();
	put(1, "normal", NULL);
	plot_rig_replace(FB_RUN_SERIES,
			 "run_id,case_id,rep,t_ms,op,count,p50_ns,p99_ns,max_ns\n");
	for (int s = 1; s <= 6; s++) {
		char row[64];

		snprintf(row, sizeof(row), "r,1,1,%d000,commit,%s\n", s,
			 s % 2 ? "0,,," : "9,10000,100000,1000000");
		plot_rig_append(FB_RUN_SERIES, row);
	}
	drawn_load(FB_PLOT_TIME);
	assert_interval_at(x_of("2", 0));
	assert_interval_at(x_of("4", 0));
	assert_interval_at(x_of("6", 0));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, drawn_enter, drawn_leave)
	const struct CMUnitTest tests[] = {
		T(a_tick_of_percentiles_stands_by_its_nines),
		T(a_curve_passes_its_percentiles_and_has_marks_there),
		T(what_failed_has_no_curve),
		T(what_failed_is_not_spread),
		T(the_fullest_bin_is_a_row_high_and_lies_at_its_latency),
		T(latency_over_time_passes_its_intervals),
		T(an_interval_between_empty_ones_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

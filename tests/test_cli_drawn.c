/*
 * Bars are as long as what was measured, and of the colour that says what it survives:
 * known figures, read from the SVG and held against its axes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/drawn.h"

#include <math.h>

#define US 1e3

/* Higher than a whisker. */
static const double BAR = 3;

/* A repetition of four figures in us. */
static void put(unsigned rep, double p50, double p90, double p99, double most)
{
	const double exact[] = {p50 * US, p90 * US, p99 * US, most * US};

	plot_rig_put(&(struct plot_rep){.rep = rep, .exact = exact});
}

static void put_ratios(unsigned rep, const char *write_amp, const char *flush_amp)
{
	plot_rig_put(&(struct plot_rep){.rep = rep,
					.write_amp = write_amp,
					.flush_amp = flush_amp,
					.samples = 300});
}

static bool is_bar_of(const struct svg_shape *s, double y)
{
	return s->kind == SVG_AREA && s->bottom - s->top > BAR &&
	       fabs((s->top + s->bottom) / 2 - y) <= DRAWN_NEAR;
}

/* The darkest or the brightest bar in the row at @y that begins right of @from. */
static const struct svg_shape *bar(double y, double from, bool dark)
{
	const struct svg_shape *found = NULL;
	double best = 0;

	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];
		double shine = svg_brightness(s->colour);

		if (!is_bar_of(s, y) || s->left < from - DRAWN_NEAR)
			continue;
		if (!found || (dark ? shine < best : shine > best)) {
			found = s;
			best = shine;
		}
	}
	assert_non_null(found);
	return found;
}

/* The @i-th whisker of the row at @y. */
static const struct svg_shape *whisker(double y, size_t i)
{
	for (size_t k = 0; k < drawn.shapes_n; k++) {
		const struct svg_shape *s = &drawn.shapes[k];

		if (s->kind == SVG_AREA && s->bottom - s->top <= BAR &&
		    fabs((s->top + s->bottom) / 2 - y) <= DRAWN_NEAR && !i--)
			return s;
	}
	fail_msg("no such whisker");
	return NULL;
}

static void assert_spans(const struct svg_shape *s, double left, double right)
{
	assert_near(s->left, left);
	assert_near(s->right, right);
}

static void bars_of_latency_end_at_their_figures(void **state)
{
	const struct svg_shape *p50, *p99;
	double y;

	(void)state;
	drawn_begin();
	put(1, 100, 150, 300, 500);
	put(2, 50, 150, 200, 500);
	put(3, 200, 250, 400, 500);
	drawn_load(FB_PLOT_LATENCY);
	assert_int_equal(svg_count(&drawn, "commit latency, us"), 1);
	assert_int_equal(
		svg_holds(&drawn, "dark: p50, light: p99, medians of 3 repetitions"),
		1);
	y = y_of("100 us");
	assert_near(y_of("300 us"), y);
	p50 = bar(y, 0, true);
	p99 = bar(y, 0, false);
	assert_int_equal(p50->colour, svg_find(&drawn, "survives power-loss")->colour);
	assert_spans(p50, x_of("0", 0), x_of("100", 0));
	assert_spans(p99, x_of("0", 0), x_of("300", 0));
	assert_near(x_of("100", 0) - x_of("0", 0), x_of("200", 0) - x_of("100", 0));
	assert_spans(whisker(y, 0), (x_of("0", 0) + x_of("100", 0)) / 2,
		     x_of("200", 0));
	assert_spans(whisker(y, 1), x_of("200", 0), x_of("400", 0));
	assert_near(x_of("p50", 0), svg_find(&drawn, "100 us")->x);
	assert_near(x_of("p99", 0), svg_find(&drawn, "300 us")->x);
}

static void bars_on_a_logarithmic_axis_end_at_their_figures(void **state)
{
	const double quick[] = {10 * US, 10 * US, 100 * US, 100 * US};
	const double slow[] = {1000 * US, 1000 * US, 10000 * US, 10000 * US};
	double decade;

	(void)state;
	drawn_begin();
	plot_rig_put(&(struct plot_rep){.mode = "purge", .exact = quick});
	plot_rig_put(&(struct plot_rep){.case_id = 2, .mode = "msync", .exact = slow});
	drawn_load(FB_PLOT_LATENCY);
	assert_int_equal(svg_count(&drawn, "commit latency, logarithmic"), 1);
	assert_int_equal(svg_holds(&drawn, "light: p99, one repetition"), 1);
	/* Ticks are drawn first, and a figure may read as one. */
	decade = x_of("1 ms", 0) - x_of("100 us", 0);
	assert_near(x_of("100 us", 0) - x_of("10 us", 0), decade);
	assert_near(x_of("10 ms", 0) - x_of("1 ms", 0), decade);
	assert_near(bar(y_of("purge"), 0, true)->right, x_of("10 us", 0));
	/* The shortest has a length. */
	assert_true(bar(y_of("purge"), 0, true)->left < x_of("10 us", 0) - 10);
	assert_near(bar(y_of("purge"), 0, false)->right, x_of("100 us", 0));
	assert_near(bar(y_of("msync"), 0, true)->right, x_of("1 ms", 0));
	assert_near(bar(y_of("msync"), 0, false)->right, x_of("10 ms", 0));
}

static size_t bars_at(double y)
{
	size_t n = 0;

	for (size_t i = 0; i < drawn.shapes_n; i++)
		n += is_bar_of(&drawn.shapes[i], y) &&
		     drawn.shapes[i].right - drawn.shapes[i].left > DRAWN_NEAR;
	return n;
}

/* The quick repetitions alone say nothing of all. */
static void a_percentile_that_one_repetition_lacks_has_no_bar(void **state)
{
	double y;

	(void)state;
	drawn_begin();
	put(1, 100, 150, 300, 500);
	drawn_load(FB_PLOT_LATENCY);
	assert_int_equal(bars_at(y_of("100 us")), 2);
	assert_int_equal(svg_count(&drawn, "-"), 0);
	plot_rig_put(&(struct plot_rep){.rep = 2, .samples = 50, .ns = 100 * US});
	drawn_load(FB_PLOT_LATENCY);
	assert_int_equal(svg_count(&drawn, "-"), 1);
	assert_int_equal(svg_count(&drawn, "300 us"), 0);
	y = y_of("-");
	assert_near(x_of("p99", 0), x_of("-", 0));
	assert_int_equal(bars_at(y), 1);
	assert_int_equal(bar(y, 0, true)->colour,
			 svg_find(&drawn, "survives power-loss")->colour);
}

static const char *const classes[][2] = {
	{"power-loss", "survives power-loss"},       {"os-crash", "survives os-crash"},
	{"process-crash", "survives process-crash"}, {"nothing", "survives nothing"},
	{"", "what it survives is not known"},
};

enum { CLASSES = sizeof(classes) / sizeof(*classes) };

static void put_classes(void)
{
	const double exact[] = {10 * US, 15 * US, 30 * US, 50 * US};

	for (unsigned i = 0; i < CLASSES; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.mode = fb_mode_names[i],
						.survives = classes[i][0],
						.exact = exact});
}

static void assert_all_differ(const unsigned colours[CLASSES])
{
	for (int i = 0; i < CLASSES; i++)
		for (int k = 0; k < i; k++)
			if (colours[i] == colours[k])
				fail_msg("\"%s\" and \"%s\" are both #%06x",
					 classes[i][1], classes[k][1], colours[i]);
}

static void each_class_of_survives_has_colours_of_its_own(void **state)
{
	unsigned dark[CLASSES], light[CLASSES];

	(void)state;
	drawn_begin();
	put_classes();
	drawn_load(FB_PLOT_LATENCY);
	for (int i = 0; i < CLASSES; i++) {
		double y = y_of(fb_mode_names[i]);

		dark[i] = bar(y, 0, true)->colour;
		light[i] = bar(y, 0, false)->colour;
		assert_int_equal(dark[i], svg_find(&drawn, classes[i][1])->colour);
	}
	assert_all_differ(dark);
	assert_all_differ(light);
}

static void a_class_looks_the_same_in_every_picture(void **state)
{
	unsigned heading[CLASSES], area[CLASSES];

	(void)state;
	drawn_begin();
	put_classes();
	drawn_load(FB_PLOT_LATENCY);
	for (int i = 0; i < CLASSES; i++) {
		heading[i] = svg_find(&drawn, classes[i][1])->colour;
		area[i] = bar(y_of(fb_mode_names[i]), 0, false)->colour;
	}
	drawn_load(FB_PLOT_AMPLIFICATION);
	for (int i = 0; i < CLASSES; i++) {
		double y = y_of(fb_mode_names[i]);

		assert_int_equal(svg_find(&drawn, classes[i][1])->colour, heading[i]);
		assert_int_equal(bar(y, 0, true)->colour, heading[i]);
		assert_int_equal(bar(y, 0, false)->colour, heading[i]);
	}
	drawn_load(FB_PLOT_DISTRIBUTION);
	for (int i = 0; i < CLASSES; i++) {
		double x = x_of("10 us", 0), y = y_of(fb_mode_names[i]);

		assert_int_equal(svg_find(&drawn, classes[i][1])->colour, heading[i]);
		assert_true(drawn_at(SVG_AREA, area[i], x, y));
		assert_true(drawn_at(SVG_LINE, heading[i], x, y));
	}
}

/* Of 1: a dashed line from top to bottom. */
static void assert_line_at(double x)
{
	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];

		if (s->kind == SVG_LINE && s->colour == 0x666666 &&
		    fabs(s->left - x) <= DRAWN_NEAR && fabs(s->right - x) <= DRAWN_NEAR)
			return;
	}
	fail_msg("no line at %.1f", x);
}

static void bars_of_amplification_are_medians_with_their_extremes(void **state)
{
	double y, right, decade;

	(void)state;
	drawn_begin();
	put_ratios(1, "1", "100");
	put_ratios(2, "4", "20");
	put_ratios(3, "2", "80");
	drawn_load(FB_PLOT_AMPLIFICATION);
	y = y_of("2.00");
	assert_near(y_of("80.0"), y);
	assert_spans(bar(y, 0, true), x_of("0", 0), x_of("2", 0));
	assert_spans(whisker(y, 0), x_of("1", 0), x_of("4", 0));
	assert_line_at(x_of("1", 0));
	assert_near(x_of("2", 0) - x_of("0", 0), x_of("4", 0) - x_of("2", 0));
	/* The other axis is logarithmic. */
	assert_int_equal(svg_count(&drawn, "flush_amp, logarithmic"), 1);
	right = x_of("0.1", 0);
	decade = x_of("10", 0) - x_of("1", 1);
	assert_near(x_of("1", 1) - right, decade);
	assert_near(x_of("100", 0) - x_of("10", 0), decade);
	assert_spans(bar(y, right, true), right, x_of("10", 0) + log10(8) * decade);
	assert_spans(whisker(y, 1), x_of("10", 0) + log10(2) * decade, x_of("100", 0));
	assert_line_at(x_of("1", 1));
}

/* Bars and whiskers of the row that begin right of @from end before @figure does. */
static void assert_clear_of(const char *figure, double from)
{
	const struct svg_text *t = svg_find(&drawn, figure);
	double y = y_of(figure);
	size_t seen = 0;

	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];

		if (s->kind != SVG_AREA || s->left < from - DRAWN_NEAR ||
		    s->left > t->right || s->top > y || s->bottom < y)
			continue;
		seen++;
		if (s->right > t->left - 4)
			fail_msg("a bar ends at %.1f, \"%s\" begins at %.1f", s->right,
				 figure, t->left);
	}
	assert_true(seen >= 2);
}

/* Of registry rows: a value of 4 bytes and the pages around it. */
static void bars_over_many_decades_leave_the_figures_room(void **state)
{
	static const struct {
		const char *mode, *least, *median, *most;
		const char *figure;
	} rows[] = {
		{"normal", "0.01", "0.25", "0.5", "0.25"},
		{"purge", "1", "3.25", "99999", "3.25"},
		{"msync", "4000", "18700", "30000", "18.7k"},
		{"view", "123456", "654321", "654399", "654k"},
		{"view-file", "4000000", "9876543", "22000000", "9.88M"},
	};

	(void)state;
	drawn_begin();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *const amps[] = {rows[i].least, rows[i].median,
					    rows[i].most};

		for (unsigned rep = 0; rep < 3; rep++)
			plot_rig_put(&(struct plot_rep){.case_id = i + 1,
							.rep = rep + 1,
							.mode = rows[i].mode,
							.write_amp = amps[rep],
							.flush_amp = "1",
							.samples = 300});
	}
	drawn_load(FB_PLOT_AMPLIFICATION);
	assert_int_equal(svg_count(&drawn, "write_amp, logarithmic"), 1);
	assert_int_equal(svg_holds(&drawn, "e+"), 0);
	/* Ticks are in the same notation. */
	assert_int_equal(svg_count(&drawn, "0.1"), 1);
	assert_int_equal(svg_count(&drawn, "1k"), 1);
	assert_int_equal(svg_count(&drawn, "100k"), 1);
	assert_int_equal(svg_count(&drawn, "10M"), 1);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_clear_of(rows[i].figure, x_of("0.1", 0));
}

/* Else one bad repetition would leave slivers of all bars. */
static void a_whisker_ends_with_the_axis_at_the_latest(void **state)
{
	double y, unit;

	(void)state;
	drawn_begin();
	put_ratios(1, "1", "1");
	put_ratios(2, "1000", "1");
	put_ratios(3, "2", "1");
	drawn_load(FB_PLOT_AMPLIFICATION);
	assert_int_equal(svg_count(&drawn, "write_amp"), 1);
	y = y_of("2.00");
	unit = (x_of("2", 0) - x_of("0", 0)) / 2;
	assert_spans(bar(y, 0, true), x_of("0", 0), x_of("2", 0));
	/* Three times the longest bar, and a little room. */
	assert_spans(whisker(y, 0), x_of("1", 0), x_of("0", 0) + 6 * 1.05 * unit);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, drawn_enter, drawn_leave)
	const struct CMUnitTest tests[] = {
		T(bars_of_latency_end_at_their_figures),
		T(bars_on_a_logarithmic_axis_end_at_their_figures),
		T(a_percentile_that_one_repetition_lacks_has_no_bar),
		T(each_class_of_survives_has_colours_of_its_own),
		T(a_class_looks_the_same_in_every_picture),
		T(bars_of_amplification_are_medians_with_their_extremes),
		T(bars_over_many_decades_leave_the_figures_room),
		T(a_whisker_ends_with_the_axis_at_the_latest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

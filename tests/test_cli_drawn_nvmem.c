/*
 * Cases of path nvmem as they are drawn: bars of lines, and batches without a tail.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/drawn.h"

#include <math.h>

enum { BATCHED = 100 };

/* Bars of the row at @y; a whisker is lower than any. */
static size_t bars_at(double y, const struct svg_shape **last)
{
	size_t n = 0;

	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];

		if (s->kind != SVG_AREA || s->bottom - s->top <= 3 ||
		    fabs((s->top + s->bottom) / 2 - y) > DRAWN_NEAR ||
		    s->right - s->left < 1)
			continue;
		*last = s;
		n++;
	}
	return n;
}

/* Beside those of the disk, on an axis of their own. */
static void bars_of_lines_end_at_their_figures(void **state)
{
	const struct svg_shape *bar;

	(void)state;
	drawn_begin();
	plot_rig_put_mode(1, "normal", NULL);
	plot_rig_put_nvmem(2, "flush", 0, "5");
	drawn_load(FB_PLOT_AMPLIFICATION);
	assert_int_equal(svg_count(&drawn, "line amp"), 1);
	assert_int_equal(bars_at(y_of("5.00"), &bar), 1);
	assert_near(bar->left, x_of("0", 2));
	assert_near(bar->right, x_of("5", 0));
}

static void lines_alone_have_one_column_of_bars(void **state)
{
	const struct svg_shape *bar;

	(void)state;
	drawn_begin();
	plot_rig_put_nvmem(1, "flush", 0, "1");
	plot_rig_put_nvmem(2, "ranges", 0, "4");
	drawn_load(FB_PLOT_AMPLIFICATION);
	assert_int_equal(svg_count(&drawn, "write_amp"), 0);
	assert_int_equal(svg_count(&drawn, "0"), 1);
	assert_int_equal(bars_at(y_of("ranges"), &bar), 1);
	assert_near(bar->right, x_of("4", 0));
	svg_check(&drawn, "amplification");
}

static void a_batch_has_a_bar_for_its_median_alone(void **state)
{
	const struct svg_shape *bar;

	(void)state;
	drawn_begin();
	plot_rig_put_nvmem(1, "flush", BATCHED, "1");
	plot_rig_put_nvmem(2, "ranges", 0, "1");
	drawn_load(FB_PLOT_LATENCY);
	assert_int_equal(bars_at(y_of("flush"), &bar), 1);
	assert_int_equal(bar->colour,
			 svg_find(&drawn, "survives nothing (emulated)")->colour);
	assert_near(bar->left, x_of("0", 0));
	assert_int_equal(bars_at(y_of("ranges"), &bar), 2);
	assert_int_equal(svg_holds(&drawn, "timed in batches: p50 alone"), 1);
}

/* gnuplot has nothing to say of them, which drawn_load looks after. */
static void batches_leave_every_picture_in_order(void **state)
{
	(void)state;
	drawn_begin();
	plot_rig_put_nvmem(1, "flush", BATCHED, "1");
	plot_rig_put_nvmem(2, "ranges", BATCHED, "1");
	for (int others = 0; others < 2; others++) {
		for (int which = 0; which < PLOT_ALWAYS; which++) {
			const bool tail = which == FB_PLOT_PERCENTILES ||
					  which == FB_PLOT_DISTRIBUTION;

			drawn_load((enum fb_plot_id)which);
			svg_check(&drawn, fb_plot_names[which]);
			assert_int_equal(svg_holds(&drawn, "a mean has no tail"), tail);
			assert_int_equal(svg_holds(&drawn, "2 cases timed in batches"),
					 tail && others);
		}
		plot_rig_put_mode(3, "normal", NULL);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, drawn_enter, drawn_leave)
	const struct CMUnitTest tests[] = {
		T(bars_of_lines_end_at_their_figures),
		T(lines_alone_have_one_column_of_bars),
		T(a_batch_has_a_bar_for_its_median_alone),
		T(batches_leave_every_picture_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

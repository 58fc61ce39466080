/*
 * Pictures of traced runs: parts as long as what was measured, each of its class's
 * colour, and what is said of runs that have none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/drawn.h"

#include <math.h>
#include <stdio.h>

/* The part of that colour in the row at @y right of @from. */
static const struct svg_shape *part(unsigned colour, double y, double from)
{
	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];

		if (s->kind == SVG_AREA && s->colour == colour &&
		    s->left >= from - DRAWN_NEAR &&
		    fabs((s->top + s->bottom) / 2 - y) <= DRAWN_NEAR)
			return s;
	}
	fail_msg("no part of #%06x", colour);
	return NULL;
}

/* The square before a class's name in the legend. */
static unsigned colour_of(const char *name)
{
	const struct svg_text *t = svg_find(&drawn, name);

	for (size_t i = 0; i < drawn.shapes_n; i++) {
		const struct svg_shape *s = &drawn.shapes[i];

		if (s->kind == SVG_AREA && fabs(s->left - (t->x - 18)) <= DRAWN_NEAR &&
		    fabs((s->top + s->bottom) / 2 - y_of(name)) <= 2 * DRAWN_NEAR)
			return s->colour;
	}
	fail_msg("no square before %s", name);
	return 0;
}

static void assert_spans(const struct svg_shape *s, double left, double right)
{
	assert_near(s->left, left);
	assert_near(s->right, right);
}

static void parts_of_requests_are_as_long_as_their_counts(void **state)
{
	double y, zero, one;

	(void)state;
	drawn_begin();
	plot_rig_trace(1, 1, "normal");
	drawn_load(FB_PLOT_REQUESTS);
	svg_check(&drawn, "requests.svg");
	y = y_of("normal");
	zero = x_of("0", 0);
	one = x_of("1", 0) - zero;
	assert_spans(part(colour_of("data"), y, 0), zero, zero + one);
	assert_spans(part(colour_of("journal"), y, 0), zero + one, zero + 1.4 * one);
	assert_spans(part(colour_of("flush"), y, 0), zero + 1.42 * one,
		     zero + 2.42 * one);
	assert_near(y_of("2.42"), y);
	/* bytes */
	zero = x_of("0", 1);
	one = (x_of("4", 0) - zero) / 4;
	assert_spans(part(colour_of("data"), y, zero), zero, zero + 4 * one);
	assert_spans(part(colour_of("journal"), y, zero), zero + 4 * one,
		     zero + 8.8 * one);
	/* A class that no case has is not in the legend. */
	assert_int_equal(svg_count(&drawn, "metadata"), 1);
	assert_int_equal(svg_count(&drawn, "read"), 0);
	assert_int_equal(svg_count(&drawn, "discard"), 0);
}

static void classes_have_colours_of_their_own(void **state)
{
	static const char *const names[] = {"data", "journal", "metadata", "flush",
					    "read", "discard", "other"};
	enum { N = sizeof(names) / sizeof(*names) };

	(void)state;
	drawn_begin();
	plot_rig_trace(1, 1, "normal");
	plot_rig_put_io(1, 1, "vda,read,0,self,100,409600");
	plot_rig_put_io(1, 1, "vda,discard,0,kernel,100,409600");
	plot_rig_put_io(1, 1, "vda,other,0,kernel,100,409600");
	/* Else other is nobody's of the run. */
	plot_rig_replace(FB_RUN_WARNINGS,
			 "run_id,host,case_id,rep,id,severity,text,evidence\n"
			 "r,h,1,1,extents_unknown,warning,t,e\n");
	drawn_load(FB_PLOT_REQUESTS);
	for (int i = 0; i < N; i++)
		for (int k = 0; k < i; k++)
			assert_int_not_equal(colour_of(names[i]), colour_of(names[k]));
}

static void shares_add_up_to_the_whole(void **state)
{
	double y, zero, most;

	(void)state;
	drawn_begin();
	plot_rig_put(&(struct plot_rep){.traced = true});
	plot_rig_put_op(1, 1, "commit", 100000);
	plot_rig_put_op(1, 1, "dev_write", 40000);
	plot_rig_put_op(1, 1, "dev_flush", 25000);
	drawn_load(FB_PLOT_SHARES);
	svg_check(&drawn, "shares.svg");
	y = y_of("normal");
	zero = x_of("0", 1);
	most = x_of("100", 1);
	assert_spans(part(colour_of("device write"), y, zero), zero,
		     zero + 0.4 * (most - zero));
	assert_spans(part(colour_of("device flush"), y, zero),
		     zero + 0.4 * (most - zero), zero + 0.65 * (most - zero));
	assert_spans(part(colour_of("software and wake-up"), y, zero),
		     zero + 0.65 * (most - zero), most);
	assert_int_equal(svg_count(&drawn, "40.0 us"), 1);
	assert_int_equal(svg_count(&drawn, "device 65 %"), 1);
}

static void many_cases_are_drawn_in_order(void **state)
{
	char mode[32];

	(void)state;
	drawn_begin();
	for (unsigned i = 1; i <= 60; i++) {
		snprintf(mode, sizeof(mode), "mode-%u", i);
		if (i % 4)
			plot_rig_trace(i, 1, mode);
		else
			plot_rig_put_mode(i, mode, "4096");
		if (i % 5 == 0)
			plot_rig_put_io(i, 1, "vda,data,1,self,100000,409600000");
	}
	for (int which = FB_PLOT_REQUESTS; which <= FB_PLOT_SHARES; which++) {
		drawn_load((enum fb_plot_id)which);
		svg_check(&drawn, fb_plot_names[which]);
		for (unsigned i = 1; i <= 60; i++) {
			snprintf(mode, sizeof(mode), "mode-%u", i);
			assert_int_equal(svg_count(&drawn, mode), 1);
		}
		assert_int_equal(svg_count(&drawn, "not traced"), 2 * 15);
	}
}

static void pictures_of_a_traced_run_are_all_there(void **state)
{
	(void)state;
	drawn_begin();
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_trace(1, 2, "normal");
	plot_succeeds("known");
	assert_int_equal(plot_lab_count(), 2 * FB_PLOT_COUNT);
	assert_null(strstr(lab.c.out, "without"));
	/* Both are of no op. */
	plot_succeeds("known --op flush");
	assert_false(plot_lab_there("requests-flush.png"));
	assert_false(plot_lab_there("shares-flush.png"));
	assert_true(plot_lab_there("latency-flush.png"));
}

static void what_a_run_has_nothing_for_is_said(void **state)
{
	(void)state;
	drawn_begin();
	plot_rig_put_mode(1, "normal", "4096");
	plot_succeeds("known");
	assert_says(lab.c.out, "without requests and shares: they take a run with "
			       "--account trace\n");
	assert_false(plot_lab_there("requests.png"));
	plot_rig_put(&(struct plot_rep){.rep = 2, .samples = 300, .traced = true});
	plot_rig_put_io(1, 2, "vda,flush,0,self,700,0");
	plot_succeeds("known");
	assert_says(lab.c.out, "without shares: no op was seen whole\n");
	assert_true(plot_lab_there("requests.png"));
	assert_false(plot_lab_there("shares.png"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, drawn_enter, drawn_leave)
	const struct CMUnitTest tests[] = {
		T(parts_of_requests_are_as_long_as_their_counts),
		T(classes_have_colours_of_their_own),
		T(shares_add_up_to_the_whole),
		T(many_cases_are_drawn_in_order),
		T(pictures_of_a_traced_run_are_all_there),
		T(what_a_run_has_nothing_for_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

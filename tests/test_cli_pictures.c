/*
 * Pictures of runs of every kind: all are made, whole, with every name in them, and
 * nothing in them is cut or stands over something else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"
#include "support/picture.h"
#include "support/plot_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[CLI_PATH];
static struct svg svg;

static int enter(void **state)
{
	if (cli_lab_enter(state))
		return -1;
	tmpdir_join(folder, sizeof(folder), lab.top, "r1");
	plot_rig_begin(folder, "r1");
	return 0;
}

static int leave(void **state)
{
	svg_free(&svg);
	return cli_lab_leave(state);
}

static const char *picture(int which, const char *format)
{
	static char path[CLI_PATH + 64];

	snprintf(path, sizeof(path), "%s/plots/%s.%s", folder, fb_plot_names[which],
		 format);
	return path;
}

static void load(int which)
{
	svg_free(&svg);
	svg_load(&svg, picture(which, "svg"));
}

static void check_png(int which)
{
	unsigned width, height;

	png_size(picture(which, "png"), &width, &height);
	load(which);
	assert_in_range(width, 500, 3000);
	assert_in_range(height, 150, 32767);
	assert_int_equal(width, (unsigned)svg.width);
	assert_int_equal(height, (unsigned)svg.height);
}

/* gnuplot has nothing to say, and what it drew is in order. */
static void draw(const char *options)
{
	need_gnuplot();
	cli_run(&lab.c, "plot %s %s", folder, options);
	assert_exit(0, lab.c.exit, lab.c);
	assert_string_equal(lab.c.err, "");
	for (int which = 0; which < PLOT_ALWAYS; which++) {
		load(which);
		svg_check(&svg, picture(which, "svg"));
	}
}

static void draw_all(void)
{
	char plots[CLI_PATH + 8];

	draw("");
	assert_int_equal(
		folder_entries(tmpdir_join(plots, sizeof(plots), folder, "plots")),
		2 * PLOT_ALWAYS);
	for (int which = 0; which < PLOT_ALWAYS; which++)
		check_png(which);
}

static void assert_every_picture_has(const char *part)
{
	for (int which = 0; which < PLOT_ALWAYS; which++) {
		load(which);
		if (!svg_holds(&svg, part))
			fail_msg("\"%s\" is not in %s", part, picture(which, "svg"));
	}
}

static void put(unsigned case_id, const char *mode, double ns, unsigned samples)
{
	plot_rig_put(&(struct plot_rep){
		.case_id = case_id, .mode = mode, .ns = ns, .samples = samples});
}

static void one_case_is_drawn(void **state)
{
	(void)state;
	plot_rig_cases(1);
	plot_rig_end();
	draw_all();
	assert_every_picture_has("normal");
	assert_every_picture_has("r1: ext4 on vda, write cache: write back");
	load(FB_PLOT_LATENCY);
	assert_int_equal(svg_count(&svg, "normal"), 1);
	assert_int_equal(svg_count(&svg, "survives power-loss"), 1);
	assert_int_equal(svg_count(&svg, "commit latency, us"), 1);
}

static void three_cases_are_drawn(void **state)
{
	(void)state;
	plot_rig_cases(3);
	plot_rig_end();
	draw_all();
	assert_every_picture_has("normal");
	assert_every_picture_has("write-dsync");
}

/* What tells case @k of plot_rig_cases from the others of @n. */
static void name_case(char out[64], unsigned k, unsigned n)
{
	static const char *const modes[] = {"normal", "data-only", "write-dsync",
					    "purge"};
	unsigned bs = 512u << (k / 4 % 10), ms = k / 40;
	int at = snprintf(out, 64, "%s bs=%u%s", modes[k % 4],
			  bs < 1024 ? bs : bs / 1024, bs < 1024 ? "" : "k");

	if (n > 40)
		snprintf(out + at, (size_t)(64 - at), " thinktime=%u%s", ms,
			 ms ? "ms" : "");
}

/* In the pictures with a row a case all parameters stand in the label. */
static void assert_labels(unsigned n)
{
	static const enum fb_plot_id rowed[] = {FB_PLOT_LATENCY, FB_PLOT_DISTRIBUTION,
						FB_PLOT_AMPLIFICATION, FB_PLOT_TIME};
	char label[64];

	for (size_t i = 0; i < sizeof(rowed) / sizeof(*rowed); i++) {
		load(rowed[i]);
		for (unsigned k = 0; k < n; k++) {
			name_case(label, k, n);
			assert_int_equal(svg_count(&svg, label), 1);
		}
	}
}

static void twelve_cases_are_drawn(void **state)
{
	(void)state;
	plot_rig_cases(12);
	plot_rig_end();
	draw_all();
	assert_labels(12);
}

static void forty_cases_are_drawn(void **state)
{
	(void)state;
	plot_rig_cases(40);
	plot_rig_end();
	draw_all();
	assert_labels(40);
}

static void four_hundred_cases_are_drawn(void **state)
{
	(void)state;
	plot_rig_cases(400);
	plot_rig_end();
	draw("--format svg");
	assert_labels(400);
	for (int which = 0; which < PLOT_ALWAYS; which++) {
		load(which);
		/* A PNG could be made of it, too. */
		assert_in_range((unsigned)svg.height, 1000, 32767);
	}
}

static void one_mode_alone_is_drawn(void **state)
{
	static const char *const bs[] = {"512", "4096", "65536", "1048576"};

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.mode = "msync",
						.path = "mapped",
						.bs = bs[i],
						.samples = 300});
	plot_rig_end();
	draw_all();
	assert_every_picture_has("mapped msync");
	assert_every_picture_has("bs=64k");
}

static void long_names_are_neither_cut_nor_run_together(void **state)
{
	char mode[128];

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		snprintf(mode, sizeof(mode),
			 "write-through%u writes_per_flush=1 numjobs=16 share=own "
			 "prepare=unwritten",
			 i);
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.mode = mode,
						.survives = i % 2 ? "os-crash"
								  : "power-loss",
						.samples = i % 5 ? 300 : 0});
	}
	plot_rig_end();
	draw_all();
	assert_every_picture_has(mode);
}

static void ten_lines_of_a_panel_are_all_named(void **state)
{
	char mode[16];

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		snprintf(mode, sizeof(mode), "mode-%u", i);
		put(i + 1, mode, 80000, 300);
	}
	plot_rig_end();
	draw_all();
	for (unsigned i = 0; i < 10; i++) {
		snprintf(mode, sizeof(mode), "mode-%u", i);
		assert_every_picture_has(mode);
	}
}

static void an_incomplete_run_is_drawn_and_called_so(void **state)
{
	(void)state;
	plot_rig_cases(3);
	plot_rig_append(FB_RUN_SUMMARY, "1,4,1,0,r1,file,no");
	plot_rig_append(FB_RUN_HISTOGRAM, "r,3,2,com");
	plot_rig_append(FB_RUN_SERIES, "r,3,2,40");
	draw_all();
	assert_every_picture_has("(incomplete: the run did not come to its end)");
}

static void rows_without_samples_are_drawn(void **state)
{
	(void)state;
	put(1, "purge", 80000, 0);
	draw_all();
	put(2, "normal", 80000, 300);
	plot_rig_end();
	draw_all();
	for (int which = 0; which < PLOT_ALWAYS; which++) {
		load(which);
		assert_int_equal(svg_holds(&svg, "no samples"),
				 which != FB_PLOT_AMPLIFICATION);
	}
}

static void nothing_but_failures_is_drawn(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i,
						.mode = fb_mode_names[i],
						.status = "0xC000007F"});
	plot_rig_end();
	draw_all();
	assert_every_picture_has("failed: DISK_FULL");
}

static void classes_of_every_kind_are_named(void **state)
{
	static const char *const classes[] = {"power-loss", "os-crash", "process-crash",
					      "nothing", ""};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.mode = fb_mode_names[i],
						.survives = classes[i],
						.write_amp = i ? "1" : "64",
						.samples = 300});
	plot_rig_end();
	draw_all();
	for (int which = 0; which < FB_PLOT_TIME; which++) {
		load(which);
		assert_int_equal(svg_holds(&svg, "survives power-loss"), 1);
		assert_int_equal(svg_holds(&svg, "survives nothing"), 1);
		assert_int_equal(svg_holds(&svg, "what it survives is not known"), 1);
	}
	/* Headings leave the bars alone. */
	load(FB_PLOT_AMPLIFICATION);
	assert_true(svg_find(&svg, "what it survives is not known")->right <=
		    svg_find(&svg, "write_amp, logarithmic")->left);
}

static void zeros_and_huge_values_are_drawn(void **state)
{
	static const char *const amp[] = {"0", "256", "0.02", "", "100000"};
	static const double ns[] = {PLOT_ZERO, 1, 80000, 5e12, 9e15};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i + 1,
						.mode = fb_mode_names[i],
						.ns = ns[i],
						.write_amp = amp[i],
						.flush_amp = amp[4 - i],
						.samples = 300});
	plot_rig_put(&(struct plot_rep){.case_id = 6,
					.mode = "msync",
					.ns = PLOT_ZERO,
					.survives = "os-crash",
					.samples = 300});
	plot_rig_end();
	draw_all();
}

static void latencies_all_alike_are_drawn(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){0});
	plot_rig_append(FB_RUN_HISTOGRAM, "r,1,1,commit,3500,3500,50,ns\n");
	plot_rig_append(FB_RUN_SERIES, "r,1,1,10,commit,50,3500,3500,3500\n");
	plot_rig_end();
	draw_all();
	load(FB_PLOT_DISTRIBUTION);
	/* So narrow an axis has a tick all the same. */
	assert_int_equal(svg_count(&svg, "3 us"), 1);
}

static void one_sample_is_drawn(void **state)
{
	(void)state;
	put(1, "normal", 80000, 1);
	plot_rig_end();
	draw_all();
}

static void op_flush_says_what_has_none(void **state)
{
	(void)state;
	plot_rig_cases(4);
	plot_rig_end();
	need_gnuplot();
	cli_run(&lab.c, "plot %s --op flush --format svg", folder);
	assert_exit(0, lab.c.exit, lab.c);
	assert_string_equal(lab.c.err, "");
	for (int which = 0; which < PLOT_ALWAYS; which++) {
		char path[CLI_PATH + 64];

		if (which == FB_PLOT_AMPLIFICATION)
			continue;
		snprintf(path, sizeof(path), "%s/plots/%s-flush.svg", folder,
			 fb_plot_names[which]);
		svg_free(&svg);
		svg_load(&svg, path);
		svg_check(&svg, path);
		assert_int_equal(svg_holds(&svg, "flushes with its write"), 1);
		assert_int_equal(svg_holds(&svg, "Flush latency"), 1);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	const struct CMUnitTest tests[] = {
		T(one_case_is_drawn),
		T(three_cases_are_drawn),
		T(twelve_cases_are_drawn),
		T(forty_cases_are_drawn),
		T(four_hundred_cases_are_drawn),
		T(one_mode_alone_is_drawn),
		T(long_names_are_neither_cut_nor_run_together),
		T(ten_lines_of_a_panel_are_all_named),
		T(an_incomplete_run_is_drawn_and_called_so),
		T(rows_without_samples_are_drawn),
		T(nothing_but_failures_is_drawn),
		T(classes_of_every_kind_are_named),
		T(zeros_and_huge_values_are_drawn),
		T(latencies_all_alike_are_drawn),
		T(one_sample_is_drawn),
		T(op_flush_says_what_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What gnuplot is told of path nvmem: lines of the caches, and cases timed in batches.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plot_rig.h"

static void lines_have_bars_beside_what_disks_did(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_put_nvmem(2, "flush", 0, "1.5");
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has(
		"title = 'What the disk and the CPU'.\"\\047\".'s caches were asked "
		"to do'\n",
		1);
	plot_rig_has("ratios = 3\n", 1);
	plot_rig_has("heading[3] = 'line amp'\n", 1);
	plot_rig_has("meaning[3] = 'cache lines flushed / lines dirtied'\n", 1);
	plot_rig_has("least[3] = 1\nmost[3] = 1.5\n", 1);
	plot_rig_has("\tNaN\tNaN\tNaN\t1.02\t1.00\t-\t \t\n", 1);
	plot_rig_has("\t1.5\t1.5\t1.5\t-\t-\t1.50\t \t\n", 1);
}

static void a_run_that_asked_no_disk_has_bars_of_lines_alone(void **state)
{
	(void)state;
	plot_rig_put_nvmem(1, "flush", 0, "1");
	plot_rig_put_nvmem(2, "ranges", 0, "64");
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("title = 'What the CPU'.\"\\047\".'s caches were asked to do'\n",
		     1);
	plot_rig_has("ratios = 1\n", 1);
	plot_rig_has("heading[1] = 'line amp'\n", 1);
	plot_rig_has("logarithmic[1] = 1\n", 1);
	plot_rig_put_nvmem(3, "write-nt", 0, NULL);
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("\tNaN\tNaN\tNaN\t-\t \t\n", 1);
}

static void batches_have_a_bar_for_their_median_alone(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("batches = ''\n", 1);
	plot_rig_put_nvmem(2, "flush", 100, "1");
	plot_rig_put_nvmem(3, "write-nt", 0, "1");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("batches = '; timed in batches: p50 alone'\n", 1);
	plot_rig_has("\tNaN\tNaN\tNaN\t199 ns\t-\t \t\n", 1);
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_FLUSH);
	plot_rig_has("\ttimed in batches, its commits alone\t\n", 1);
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_WRITE);
	plot_rig_has("\ttimed in batches, its commits alone\t\n", 1);
}

static void pictures_of_tails_leave_batches_out_and_say_so(void **state)
{
	static const enum fb_plot_id tails[] = {FB_PLOT_PERCENTILES,
						FB_PLOT_DISTRIBUTION};

	(void)state;
	plot_rig_put_nvmem(1, "flush", 100, "1");
	plot_rig_put_mode(2, "normal", "4096");
	plot_rig_put_nvmem(3, "ranges", 8, "1");
	plot_rig_put_mode(4, "purge", "4096");
	for (int i = 0; i < 2; i++) {
		plot_rig_draw(tails[i], FB_OP_COMMIT);
		plot_rig_has("batches = '; 2 cases timed in batches left out: a mean "
			     "has no tail'\n",
			     1);
		plot_rig_has(", 2 of 4 cases'\n", 1);
		plot_rig_has("survives nothing", 0);
		plot_rig_has("ranges", 0);
		plot_rig_has("purge", 1);
	}
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("cases = 4\n", 1);
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("batches = ''\n", 1);
	plot_rig_has("rows = 6\n", 1);
}

static void batches_alone_are_named_without_a_curve(void **state)
{
	(void)state;
	plot_rig_put_nvmem(1, "flush", 100, "1");
	plot_rig_put_nvmem(2, "ranges", 100, "1");
	plot_rig_draw(FB_PLOT_PERCENTILES, FB_OP_COMMIT);
	plot_rig_has("batches = '; timed in batches: a mean has no tail'\n", 1);
	plot_rig_has("label[1] = 'flush (timed in batches)'\n", 1);
	plot_rig_has("nothing[1] = 'timed in batches'\n", 1);
	plot_rig_has("right[1] = 0\n", 1);
	plot_rig_draw(FB_PLOT_DISTRIBUTION, FB_OP_COMMIT);
	plot_rig_has("\tranges\tNaN\tNaN\ttimed in batches\t\n", 1);
	plot_rig_has("to = 10\n", 1);
}

/* Compared with nothing but its equals, in a run of both. */
static void what_is_emulated_is_a_class_of_its_own(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){
		.case_id = 1, .path = "null", .survives = "nothing", .samples = 300});
	plot_rig_put_nvmem(2, "flush", 0, "1");
	plot_rig_put_mode(3, "normal", "4096");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("panels = 3\n", 1);
	plot_rig_has("panel[2] = 'survives nothing'\n", 1);
	plot_rig_has("panel[3] = 'survives nothing (emulated)'\n", 1);
	plot_rig_has("class[3] = 1\n", 1);
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("class_name[3] = 'survives nothing (emulated)'\n", 1);
	plot_rig_draw(FB_PLOT_PERCENTILES, FB_OP_COMMIT);
	plot_rig_has("panel[3] = 'survives nothing (emulated): nvmem'\n", 1);
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("label[3] = 'nvmem flush (emulated)'\n", 1);
	plot_rig_has("(emulated)", 1);
	plot_rig_has("origin = 'run-1: ext4 on vda, write cache: write back'\n", 1);
}

static void a_run_that_is_all_emulated_names_no_disk(void **state)
{
	(void)state;
	plot_rig_put_nvmem(1, "flush", 0, "1");
	plot_rig_put_nvmem(2, "ranges", 0, "1");
	for (int which = 0; which < PLOT_ALWAYS; which++) {
		plot_rig_draw((enum fb_plot_id)which, FB_OP_COMMIT);
		plot_rig_has("origin = 'run-1: emulated, ordinary memory for "
			     "non-volatile memory'\n",
			     1);
		plot_rig_has("vda", 0);
	}
}

static void what_was_refused_did_not_fail(void **state)
{
	(void)state;
	plot_rig_put_nvmem(1, "flush", 0, "1");
	plot_rig_put(&(struct plot_rep){.case_id = 2,
					.path = "nvmem",
					.mode = "ranges",
					.survives = "",
					.fidelity = "missing",
					.status = "0xC00000BB"});
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("\trefused: NOT_SUPPORTED\t\n", 1);
	plot_rig_has("failed", 0);
}

/* Beside a case of 100 ops the others need no word of their one. */
static void one_op_at_a_time_goes_without_saying(void **state)
{
	(void)state;
	plot_rig_put_nvmem(1, "flush", 1, "1");
	plot_rig_put_nvmem(2, "flush", 100, "1");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("\tflush\t", 1);
	plot_rig_has("\tbatch=100\t", 1);
	plot_rig_has("batch=1\t", 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_rig_enter, plot_rig_leave)
	const struct CMUnitTest tests[] = {
		T(lines_have_bars_beside_what_disks_did),
		T(a_run_that_asked_no_disk_has_bars_of_lines_alone),
		T(batches_have_a_bar_for_their_median_alone),
		T(pictures_of_tails_leave_batches_out_and_say_so),
		T(batches_alone_are_named_without_a_curve),
		T(what_is_emulated_is_a_class_of_its_own),
		T(a_run_that_is_all_emulated_names_no_disk),
		T(what_was_refused_did_not_fail),
		T(one_op_at_a_time_goes_without_saying),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

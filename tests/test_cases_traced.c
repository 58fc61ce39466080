/*
 * Cases with a traced repetition: what their figures come from, and what is told of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/table.h"
#include "support/plot_rig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(unsigned rep, double us, const char *write_amp, bool traced)
{
	const double exact[] = {us * 1e3, us * 1e3, us * 2e3, us * 3e3};

	plot_rig_put(&(struct plot_rep){.rep = rep,
					.exact = exact,
					.write_amp = write_amp,
					.flush_amp = traced ? "2" : "",
					.traced = traced});
}

/* Two repetitions and a slower one that was traced, which ended between them. */
static const struct fb_cases_row *a_traced_case(void)
{
	put(1, 100, "1", false);
	put(3, 900, "4", true);
	put(2, 100, "3", false);
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(plot_rig.cases.n, 1);
	return &plot_rig.cases.cases[0];
}

static void latencies_are_of_what_was_not_traced(void **state)
{
	const struct fb_cases_row *c = a_traced_case();

	(void)state;
	assert_int_equal(c->reps, 2);
	assert_int_equal(c->traced, 1);
	assert_in_range((uint64_t)c->most[FB_FIGURE_COMMIT_P50], 100000, 100200);
	assert_in_range((uint64_t)c->most[FB_FIGURE_WRITE_P99], 200000, 200400);
	assert_string_equal(fb_cases_field(&plot_rig.cases, c, "traced"), "0");
}

static void amplification_is_of_what_was_traced(void **state)
{
	const struct fb_cases_row *c = a_traced_case();

	(void)state;
	assert_true(c->figure[FB_FIGURE_WRITE_AMP] == 4);
	assert_true(c->least[FB_FIGURE_WRITE_AMP] == 4);
	assert_true(c->most[FB_FIGURE_WRITE_AMP] == 4);
	assert_true(c->figure[FB_FIGURE_FLUSH_AMP] == 2);
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("traces = '; of traced repetitions where there are any'\n", 1);
}

static void amplification_of_an_untraced_case_is_of_all_repetitions(void **state)
{
	const struct fb_cases_row *c;

	(void)state;
	put(1, 100, "1", false);
	put(2, 100, "3", false);
	plot_rig_load(FB_OP_COMMIT);
	c = &plot_rig.cases.cases[0];
	assert_int_equal(c->traced, 0);
	assert_true(c->figure[FB_FIGURE_WRITE_AMP] == 2);
	plot_rig_draw(FB_PLOT_AMPLIFICATION, FB_OP_COMMIT);
	plot_rig_has("traces = ''\n", 1);
}

static void repetitions_that_were_traced_are_not_among_the_medians(void **state)
{
	char reps[FB_CASES_TEXT];

	(void)state;
	a_traced_case();
	fb_cases_reps(&plot_rig.cases, reps);
	assert_string_equal(reps, "medians of 2 repetitions");
}

static void histograms_are_pooled_without_the_observers_cost(void **state)
{
	static struct fb_hist h;

	(void)state;
	a_traced_case();
	assert_int_equal(fb_case_rows_pool(&plot_rig.plot.histograms, 1, FB_OP_COMMIT,
					   &h, &plot_rig.err),
			 0);
	assert_int_equal(h.count, 2000);
	assert_true(h.max < 400000);
	assert_int_equal(fb_case_rows_pool_traced(&plot_rig.plot.histograms, 1,
						  "commit", &h, &plot_rig.err),
			 0);
	assert_int_equal(h.count, 1000);
	assert_true(h.min > 800000);
	/* The series likewise. */
	plot_rig_draw(FB_PLOT_TIME, FB_OP_COMMIT);
	plot_rig_has("seconds[1] = 0.06\n", 1);
}

/* Repetitions are interleaved, and a killed run may have come to that one alone. */
static void a_case_of_a_traced_repetition_alone_is_shown(void **state)
{
	const struct fb_cases_row *c;
	char reps[FB_CASES_TEXT];

	(void)state;
	put(3, 900, "4", true);
	plot_rig_load(FB_OP_COMMIT);
	c = &plot_rig.cases.cases[0];
	assert_int_equal(c->reps, 0);
	assert_true(isnan(c->figure[FB_FIGURE_COMMIT_P50]));
	assert_true(c->figure[FB_FIGURE_WRITE_AMP] == 4);
	fb_cases_reps(&plot_rig.cases, reps);
	assert_string_equal(reps, "traced repetitions alone");
	plot_rig_draw(FB_PLOT_LATENCY, FB_OP_COMMIT);
	plot_rig_has("its traced repetition alone", 1);
}

static void a_failure_while_traced_is_a_failure_of_the_case(void **state)
{
	const struct fb_cases_row *c;

	(void)state;
	put(1, 100, "1", false);
	plot_rig_put(
		&(struct plot_rep){.rep = 2, .status = "0xC0000185", .traced = true});
	plot_rig_load(FB_OP_COMMIT);
	c = &plot_rig.cases.cases[0];
	assert_int_equal(c->failed, 1);
	assert_int_equal(c->failed_row, 1);
	assert_int_equal(c->row, 0);
}

static void print(int width)
{
	size_t n;
	FILE *f;

	free(plot_rig.text);
	plot_rig.text = NULL;
	f = open_memstream(&plot_rig.text, &n);
	assert_non_null(f);
	assert_int_equal(fb_table_print(f, &plot_rig.run, width, 0, &plot_rig.err), 0);
	assert_int_equal(fclose(f), 0);
}

static void the_table_says_where_amplification_comes_from(void **state)
{
	(void)state;
	a_traced_case();
	print(200);
	plot_rig_has(
		"\n\nwrite amp and flush amp are of a traced repetition, the other "
		"figures of those that were not; tracing made the median commit 3.1 % "
		"dearer\n",
		1);
	plot_rig_put(&(struct plot_rep){.case_id = 2});
	plot_rig_load(FB_OP_COMMIT);
	print(200);
	plot_rig_has("write amp and flush amp of 1 of 2 cases are of", 1);
	print(60);
	for (const char *s = plot_rig.text; *s; s = strchr(s, '\n') + 1)
		assert_true(strcspn(s, "\n") <= 60);
}

/* One figure of a few slices may be anybody's. */
static void what_tracing_cost_is_the_median_of_the_cases(void **state)
{
	static const char head[] =
		"case_id,rep,path,mode,traced,trace_cost,write_amp\n";

	(void)state;
	plot_rig_replace(FB_RUN_SUMMARY, head);
	plot_rig_append(FB_RUN_SUMMARY,
			"1,1,file,none,1,2.18,1\n2,1,file,normal,1,0.02,1"
			"\n3,1,file,purge,1,-0.01,1\n");
	plot_rig_load(FB_OP_COMMIT);
	print(200);
	plot_rig_has("; tracing made the median commit 2.0 % dearer\n", 1);
	plot_rig_replace(FB_RUN_SUMMARY, head);
	plot_rig_append(FB_RUN_SUMMARY, "1,1,file,none,1,0.26,1\n");
	plot_rig_load(FB_OP_COMMIT);
	print(200);
	plot_rig_has("; commits differed more by themselves than by tracing\n", 1);
	plot_rig_replace(FB_RUN_SUMMARY, head);
	plot_rig_append(FB_RUN_SUMMARY, "1,1,file,none,1,-0.06,1\n");
	plot_rig_load(FB_OP_COMMIT);
	print(200);
	plot_rig_has("; commits differed more by themselves than by tracing\n", 1);
	plot_rig_replace(FB_RUN_SUMMARY, head);
	plot_rig_append(FB_RUN_SUMMARY, "1,1,file,none,1,-0.04,1\n");
	plot_rig_load(FB_OP_COMMIT);
	print(200);
	plot_rig_has("; tracing made the median commit 0.0 % dearer\n", 1);
}

static void without_amplification_its_source_is_not_told(void **state)
{
	(void)state;
	plot_rig_replace(FB_RUN_SUMMARY, "case_id,rep,path,mode,traced,trace_cost\n"
					 "1,1,null,none,0,\n1,2,null,none,1,0.02\n");
	plot_rig_load(FB_OP_COMMIT);
	print(200);
	plot_rig_has("traced", 0);
}

static void a_table_of_untraced_cases_does_not(void **state)
{
	(void)state;
	put(1, 100, "1", false);
	plot_rig_load(FB_OP_COMMIT);
	print(200);
	plot_rig_has("traced", 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_rig_enter, plot_rig_leave)
	const struct CMUnitTest tests[] = {
		T(latencies_are_of_what_was_not_traced),
		T(amplification_is_of_what_was_traced),
		T(amplification_of_an_untraced_case_is_of_all_repetitions),
		T(repetitions_that_were_traced_are_not_among_the_medians),
		T(histograms_are_pooled_without_the_observers_cost),
		T(a_case_of_a_traced_repetition_alone_is_shown),
		T(a_failure_while_traced_is_a_failure_of_the_case),
		T(the_table_says_where_amplification_comes_from),
		T(what_tracing_cost_is_the_median_of_the_cases),
		T(without_amplification_its_source_is_not_told),
		T(a_table_of_untraced_cases_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

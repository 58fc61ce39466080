/*
 * The rows of a case found again, their buckets added up, and the cases of a run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plot_rig.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fb_hist found, expected;

static const struct fb_case_rows *histograms(void)
{
	return &plot_rig.plot.histograms;
}

static int pool(unsigned case_id, enum fb_op op)
{
	return fb_case_rows_pool(histograms(), case_id, op, &found, &plot_rig.err);
}

/* Two repetitions of two cases, ended by turns. */
static void put_interleaved(void)
{
	static const unsigned order[][2] = {{2, 1}, {1, 1}, {1, 2}, {2, 2}};

	for (int i = 0; i < 4; i++) {
		struct plot_rep r = {.case_id = order[i][0],
				     .rep = order[i][1],
				     .samples = 40 * order[i][0] + order[i][1],
				     .ns = 1000.0 * order[i][0]};

		plot_rig_put(&r);
	}
	plot_rig_load(FB_OP_COMMIT);
}

static void rows_of_a_case_are_found_in_every_span(void **state)
{
	const struct fb_csv_table *t;
	struct fb_case_row at = {0};
	size_t rows = 0, mine = 0, last = 0;

	(void)state;
	put_interleaved();
	t = plot_rig.run.table[FB_RUN_HISTOGRAM];
	while (fb_case_rows_next(histograms(), 2, &at)) {
		assert_true(!rows || at.row > last);
		last = at.row;
		assert_string_equal(fb_csv_get(t, at.row, fb_csv_find(t, "case_id")),
				    "2");
		rows++;
	}
	for (size_t row = 0; row < fb_csv_rows(t); row++)
		mine += !strcmp(fb_csv_get(t, row, fb_csv_find(t, "case_id")), "2");
	assert_int_equal(rows, mine);
	assert_true(rows > 2);
	assert_false(fb_case_rows_next(histograms(), 2, &at));
	at = (struct fb_case_row){0};
	assert_false(fb_case_rows_next(histograms(), 3, &at));
}

static void more_spans_than_there_was_room_for_are_kept(void **state)
{
	char row[64];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(row, sizeof(row), "r,%u,1,commit,%u,%u,1,ns\n", 1 + i % 2, i,
			 i);
		plot_rig_append(FB_RUN_HISTOGRAM, row);
	}
	for (unsigned i = 1; i <= 2; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i});
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(histograms()->n, 1000);
	assert_int_equal(pool(2, FB_OP_COMMIT), 0);
	assert_int_equal(found.count, 500);
	assert_int_equal(found.min, 1);
	assert_int_equal(found.max, 999);
}

/* What was recorded, seen through its buckets. */
static void add_bucketwise(const struct fb_hist *h)
{
	for (uint32_t i = 0; i < FB_HIST_COUNTERS; i++) {
		if (!h->counters[i])
			continue;
		expected.counters[i] += h->counters[i];
		expected.count += h->counters[i];
		expected.min = fmin((double)expected.min, (double)fb_hist_low(i));
		expected.max = fmax((double)expected.max, (double)fb_hist_high(i));
	}
}

static void repetitions_add_up_to_their_merge(void **state)
{
	struct fb_hist *one = malloc(sizeof(*one));
	FILE *f;

	(void)state;
	assert_non_null(one);
	fb_hist_reset(&expected);
	f = open_memstream(&plot_rig.text, &(size_t){0});
	for (unsigned rep = 1; rep <= 2; rep++) {
		fb_hist_reset(one);
		for (unsigned i = 0; i < 500; i++)
			fb_hist_record(one, (uint64_t)i * i * i * i * rep);
		add_bucketwise(one);
		for (uint32_t i = 0; i < FB_HIST_COUNTERS; i++)
			if (one->counters[i])
				fprintf(f,
					"r,1,%u,flush,%" PRIu64 ",%" PRIu64 ",%" PRIu64
					",ns\nr,1,%u,write,5,5,3,ns\n",
					rep, fb_hist_low(i), fb_hist_high(i),
					one->counters[i], rep);
		plot_rig_put(&(struct plot_rep){.rep = rep});
	}
	fclose(f);
	free(one);
	plot_rig_append(FB_RUN_HISTOGRAM, plot_rig.text);
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(pool(1, FB_OP_FLUSH), 0);
	assert_int_equal(found.count, 1000);
	assert_int_equal(found.min, expected.min);
	assert_int_equal(found.max, expected.max);
	assert_memory_equal(found.counters, expected.counters, sizeof(found.counters));
	for (double p = 1; p < 100; p += 7)
		assert_int_equal(fb_hist_percentile(&found, p),
				 fb_hist_percentile(&expected, p));
	assert_int_equal(pool(1, FB_OP_COMMIT), 0);
	assert_int_equal(found.count, 0);
}

static void the_sum_takes_samples_in_the_middle_of_their_buckets(void **state)
{
	(void)state;
	plot_rig_append(FB_RUN_HISTOGRAM, "r,1,1,commit,10,10,3,ns\n"
					  "r,1,1,commit,4096,4099,2,ns\n");
	plot_rig_put(&(struct plot_rep){0});
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(pool(1, FB_OP_COMMIT), 0);
	assert_int_equal(found.sum, 3 * 10 + 2 * 4096 + 3);
}

static void a_row_that_is_no_bucket_is_told(void **state)
{
	static const char *const bad[] = {
		"commit,-1,5,1,ns", "commit,5,4,1,ns",    "commit,5,5,0,ns",
		"commit,,5,1,ns",   "commit,5,,1,ns",     "commit,5,5,,ns",
		"commit,x,5,1,ns",  "commit,5,1e99,1,ns", "commit,nan,5,1,ns",
	};
	char row[96];

	(void)state;
	plot_rig_put(&(struct plot_rep){0});
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(row, sizeof(row),
			 "run_id,case_id,rep,op,low,high,count,unit\nr,1,1,%s\n",
			 bad[i]);
		plot_rig_replace(FB_RUN_HISTOGRAM, row);
		plot_rig_load(FB_OP_COMMIT);
		plot_rig.err.text[0] = '\0';
		assert_int_equal(pool(1, FB_OP_COMMIT), -EINVAL);
		if (!strstr(plot_rig.err.text, "histogram.csv"))
			fail_msg("%s: %s", bad[i], plot_rig.err.text);
		assert_int_equal(pool(1, FB_OP_WRITE), 0);
	}
}

static void more_samples_than_can_be_counted_are_told(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){0});
	plot_rig_replace(FB_RUN_HISTOGRAM, "run_id,case_id,rep,op,low,high,count,unit\n"
					   "r,1,1,commit,5,5,9000000000000000000,ns\n"
					   "r,1,1,commit,6,6,9000000000000000000,ns\n");
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(pool(1, FB_OP_COMMIT), -EINVAL);
	assert_non_null(strstr(plot_rig.err.text, "more samples than can be counted"));
}

static void samples_above_an_hour_are_in_the_last_bucket(void **state)
{
	const uint32_t last = fb_hist_index(FB_HIST_HIGHEST);

	(void)state;
	plot_rig_append(FB_RUN_HISTOGRAM,
			"r,1,1,commit,9000000000000,9100000000000,4,ns\n"
			"r,1,1,commit,100,100,1,ns\n");
	plot_rig_put(&(struct plot_rep){0});
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(pool(1, FB_OP_COMMIT), 0);
	assert_int_equal(found.counters[last], 4);
	assert_int_equal(found.max, 9100000000000);
	assert_int_equal(fb_hist_percentile(&found, 20), 100);
	assert_int_equal(fb_hist_percentile(&found, 50), 9100000000000);
}

static void a_missing_file_has_no_rows(void **state)
{
	struct fb_case_row at = {0};
	struct fb_case_rows none;

	(void)state;
	assert_int_equal(fb_case_rows_make(&none, NULL, NULL, &plot_rig.err), 0);
	assert_false(fb_case_rows_next(&none, 1, &at));
	assert_int_equal(
		fb_case_rows_pool(&none, 1, FB_OP_COMMIT, &found, &plot_rig.err), 0);
	assert_int_equal(found.count, 0);
	fb_case_rows_free(&none);
}

static struct fb_csv_table *table_of(const char *text)
{
	char path[TMPDIR_LEN + 16];
	struct fb_csv_table *t;
	FILE *f = fopen(tmpdir_join(path, sizeof(path), plot_rig.top, "other.csv"),
			"w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(fb_csv_load(&t, path, &plot_rig.err), 0);
	return t;
}

static void missing_columns_are_told(void **state)
{
	struct fb_csv_table *t = table_of("a,b\n1,2\n");
	struct fb_case_rows r = {.n = 77};

	(void)state;
	assert_int_equal(fb_case_rows_make(&r, t, NULL, &plot_rig.err), -EINVAL);
	assert_non_null(strstr(plot_rig.err.text, "case_id"));
	assert_int_equal(r.n, 77);
	fb_csv_free(t);
	t = table_of("case_id,op,low\n1,commit,5\n");
	assert_int_equal(fb_case_rows_make(&r, t, NULL, &plot_rig.err), 0);
	assert_int_equal(fb_case_rows_pool(&r, 1, FB_OP_COMMIT, &found, &plot_rig.err),
			 -EINVAL);
	fb_case_rows_free(&r);
	fb_csv_free(t);
}

static void least_and_most_are_those_of_the_repetitions(void **state)
{
	static const char *const amp[] = {"3", "1.5", "", "2"};
	const struct fb_cases_row *c;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		plot_rig_put(&(struct plot_rep){
			.rep = i + 1, .write_amp = amp[i], .flush_amp = ""});
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(plot_rig.cases.n, 1);
	c = &plot_rig.cases.cases[0];
	assert_int_equal(c->reps, 4);
	assert_true(c->least[FB_FIGURE_WRITE_AMP] == 1.5);
	assert_true(c->figure[FB_FIGURE_WRITE_AMP] == 2);
	assert_true(c->most[FB_FIGURE_WRITE_AMP] == 3);
	assert_true(isnan(c->figure[FB_FIGURE_FLUSH_AMP]));
	assert_true(isnan(c->least[FB_FIGURE_FLUSH_AMP]));
	assert_true(isnan(c->most[FB_FIGURE_FLUSH_AMP]));
}

static bool is_odd(unsigned number, void *asked)
{
	++*(unsigned *)asked;
	return number % 2;
}

static void kept_cases_keep_their_numbers_and_order(void **state)
{
	static const unsigned kept[] = {3, 5, 9, 11};
	unsigned asked = 0;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		plot_rig_put(&(struct plot_rep){.case_id = 3 + 2 * i - (i == 2)});
	plot_rig_load(FB_OP_COMMIT);
	fb_cases_keep(&plot_rig.cases, is_odd, &asked);
	assert_int_equal(asked, 5);
	assert_int_equal(plot_rig.cases.n, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(
			fb_cases_number(&plot_rig.cases, &plot_rig.cases.cases[i]),
			kept[i]);
}

static void what_a_case_survives_is_read_from_its_word(void **state)
{
	static const char *const other[] = {"", "everything", "power-loss "};

	(void)state;
	for (unsigned i = 1; i < FB_SURVIVES_COUNT; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i,
						.survives = fb_survives_names[i]});
	for (unsigned i = 0; i < 3; i++)
		plot_rig_put(&(struct plot_rep){.case_id = FB_SURVIVES_COUNT + i,
						.survives = other[i]});
	plot_rig_load(FB_OP_COMMIT);
	for (unsigned i = 0; i < plot_rig.cases.n; i++)
		assert_int_equal(
			fb_cases_survives(&plot_rig.cases, &plot_rig.cases.cases[i]),
			i + 1 < FB_SURVIVES_COUNT ? i + 1 : FB_SURVIVES_UNKNOWN);
	assert_int_equal(plot_rig.cases.n, FB_SURVIVES_COUNT + 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_rig_enter, plot_rig_leave)
	const struct CMUnitTest tests[] = {
		T(rows_of_a_case_are_found_in_every_span),
		T(more_spans_than_there_was_room_for_are_kept),
		T(repetitions_add_up_to_their_merge),
		T(the_sum_takes_samples_in_the_middle_of_their_buckets),
		T(a_row_that_is_no_bucket_is_told),
		T(more_samples_than_can_be_counted_are_told),
		T(samples_above_an_hour_are_in_the_last_bucket),
		T(a_missing_file_has_no_rows),
		T(missing_columns_are_told),
		T(least_and_most_are_those_of_the_repetitions),
		T(kept_cases_keep_their_numbers_and_order),
		T(what_a_case_survives_is_read_from_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

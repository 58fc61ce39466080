/*
 * What is warned of when a repetition was measured: times, clock, others.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/machine.h"
#include "stats/hist.h"
#include "stats/series.h"
#include "support/host_rig.h"

#include <stdio.h>
#include <string.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)

static struct fb_result *const r = &host_rig.result;

static void look_with(double step_ns)
{
	fb_warnings_free(&host_rig.warnings);
	assert_int_equal(
		fb_host_warn_result(&host_rig.warnings, &host_rig.device, r, step_ns),
		0);
}

static void look(void)
{
	look_with(10);
}

static void only(const char *id, enum fb_severity severity, const char *part)
{
	look();
	assert_warned(id, severity, part);
	assert_int_equal(warned(id)->case_id, 7);
	assert_int_equal(warned(id)->rep, 3);
	assert_sentences(1);
}

static void none(void)
{
	look();
	if (host_rig.warnings.n)
		fail_msg("%s: %s", host_rig.warnings.list[0].id,
			 host_rig.warnings.list[0].evidence);
}

static void an_undisturbed_repetition_is_not_warned_of(void **state)
{
	(void)state;
	none();
}

static void one_that_measured_nothing_is_not_warned_of(void **state)
{
	(void)state;
	for (int op = 0; op < FB_OP_COUNT; op++)
		host_rig_record((enum fb_op)op, 0, 0);
	r->elapsed_ns = r->run_delay_ns = FB_UNKNOWN;
	r->app_bytes = r->app_writes = r->app_flushes = r->ops = 0;
	r->io.dev_bytes = r->io.dev_flushes = r->io.proc_write_bytes = FB_UNKNOWN;
	r->io.others_bytes = FB_UNKNOWN;
	r->io.source = "";
	none();
}

static void waiting_for_a_cpu_is_told_by_its_share(void **state)
{
	(void)state;
	r->run_delay_ns = 50000000;
	none();
	r->run_delay_ns = 51000000;
	only("run_delay", FB_SEVERITY_WARNING, "5 %: 51.0 ms in 1.00 s");
	host_rig.c.numjobs = 4;
	none();
	r->run_delay_ns = 800000000;
	only("run_delay", FB_SEVERITY_WARNING, "20 %");
	r->run_delay_ns = FB_UNKNOWN;
	none();
}

static void a_median_on_the_tick_is_the_schedulers(void **state)
{
	const uint64_t tick = fb_machine_tick_ns();

	(void)state;
	assert_true(tick > 0);
	for (uint64_t ticks = 1; ticks <= 3; ticks++) {
		host_rig_record(FB_OP_COMMIT, ticks * tick - tick / 20, 250);
		r->run_delay_ns = 0;
		none();
		r->run_delay_ns = 900000000;
		look();
		assert_warned("tick_artefact", FB_SEVERITY_WARNING, "commit p50 ");
		assert_warned("run_delay", FB_SEVERITY_WARNING, "90 %");
		assert_sentences(2);
	}
	host_rig_record(FB_OP_COMMIT, tick + tick / 2, 250);
	look();
	assert_not_warned("tick_artefact");
	host_rig_record(FB_OP_COMMIT, tick / 50, 250);
	look();
	assert_not_warned("tick_artefact");
	host_rig_record(FB_OP_COMMIT, 9 * tick, 250);
	look();
	assert_not_warned("tick_artefact");
}

/* On a path that has no device to be too quick for. */
static void make_quick(uint64_t write, uint64_t flush, uint64_t commit)
{
	host_rig.c.path = FB_PATH_NVMEM;
	host_rig.c.mode = FB_MODE_FLUSH;
	host_rig_record(FB_OP_WRITE, write, 100);
	host_rig_record(FB_OP_FLUSH, flush, 100);
	host_rig_record(FB_OP_COMMIT, commit, 100);
}

static void ten_steps_of_the_clock_are_enough(void **state)
{
	(void)state;
	make_quick(100, 100, 200);
	none();
	make_quick(100, 99, 200);
	only("coarse_clock", FB_SEVERITY_WARNING, "flush p50 99 ns, a step is 10 ns");
	make_quick(60, 70, 80);
	only("coarse_clock", FB_SEVERITY_WARNING, "write p50 60 ns, flush p50 70 ns");
	look_with(0);
	assert_sentences(0);
	look_with(6);
	assert_sentences(0);
}

static void a_write_alone_that_is_short_is_a_note(void **state)
{
	(void)state;
	make_quick(40, 300, 340);
	only("coarse_clock", FB_SEVERITY_NOTE, "write p50 40 ns");
}

static void a_batch_is_told_as_a_whole(void **state)
{
	(void)state;
	host_rig.c.batch = 16;
	make_quick(20, 20, 40);
	none();
	host_rig.c.batch = 4;
	only("coarse_clock", FB_SEVERITY_WARNING, "flush p50 20 ns");
}

static void what_measures_the_driver_may_be_short(void **state)
{
	(void)state;
	make_quick(20, 20, 20);
	host_rig.c.path = FB_PATH_NULL;
	host_rig.c.mode = FB_MODE_NONE;
	r->promise.survives = FB_SURVIVES_NOTHING;
	none();
	host_rig.c.path = FB_PATH_FILE;
	host_rig_record(FB_OP_WRITE, 2000, 100);
	host_rig_record(FB_OP_COMMIT, 2020, 100);
	none();
}

static void samples_above_the_hour_are_counted(void **state)
{
	(void)state;
	fb_hist_record(r->hist[FB_OP_COMMIT], FB_HIST_HIGHEST + 1);
	fb_hist_record(r->hist[FB_OP_FLUSH], FB_HIST_HIGHEST + 1);
	fb_hist_record(r->hist[FB_OP_FLUSH], FB_HIST_HIGHEST + 1);
	only("out_of_range", FB_SEVERITY_WARNING, "2 samples");
}

static void two_kinds_of_commit_are_told(void **state)
{
	(void)state;
	for (int i = 0; i < 4000; i++)
		fb_hist_record(r->hist[FB_OP_COMMIT], 400000);
	only("bimodal", FB_SEVERITY_NOTE, "29 % of them");
}

/* As the loop does it: 30 intervals of ten commits each. */
static void record_series(uint64_t first_ns, uint64_t last_ns)
{
	struct fb_hist *live[FB_OP_COUNT] = {r->hist[0], r->hist[1], r->hist[2]};
	uint64_t now = 0;

	for (int op = 0; op < FB_OP_COUNT; op++)
		fb_hist_reset(live[op]);
	fb_series_free(r->series);
	r->series = fb_series_new(FB_OP_COUNT, 10000000);
	assert_non_null(r->series);
	for (int i = 0; i < 30; i++) {
		for (int k = 0; k < 10; k++)
			for (int op = 0; op < FB_OP_COUNT; op++)
				fb_hist_record(live[op], i < 12 ? first_ns : last_ns);
		now += 10000000;
		fb_series_close(r->series, live, now);
	}
	fb_series_finish(r->series, live, now);
}

static void a_latency_that_changed_is_told(void **state)
{
	(void)state;
	record_series(100000, 130000);
	only("drifting", FB_SEVERITY_NOTE, "in the first third");
	record_series(100000, 100000);
	none();
}

static void what_others_did_is_noise_above_a_threshold(void **state)
{
	(void)state;
	r->io.dev_bytes = 40 * MIB;
	r->io.others_bytes = 4 * MIB;
	snprintf(r->io.others, sizeof(r->io.others), "tar[123]");
	none();
	r->io.others_bytes++;
	only("noise", FB_SEVERITY_WARNING, "most by tar[123]");
	r->io.dev_bytes = MIB;
	r->io.others_bytes = MIB;
	none();
	r->io.others_bytes = FB_UNKNOWN;
	none();
}

static void noise_is_told_by_less_where_requests_were_seen(void **state)
{
	(void)state;
	r->io.source = "trace";
	r->io.dev_bytes = 40 * MIB;
	r->io.others_bytes = 2 * MIB;
	none();
	r->io.others_bytes++;
	only("noise", FB_SEVERITY_WARNING, "2.00 MiB by others on it, 40.0 MiB");
	r->io.dev_bytes = 64 * KIB;
	r->io.others_bytes = 64 * KIB;
	none();
}

static void noise_is_told_where_the_disk_is_not_counted(void **state)
{
	(void)state;
	r->io.source = "process";
	r->io.dev_bytes = r->io.dev_flushes = FB_UNKNOWN;
	r->io.others_bytes = 2 * MIB;
	only("noise", FB_SEVERITY_WARNING, "an unknown amount");
}

static void what_uses_no_disk_has_no_noise(void **state)
{
	(void)state;
	r->io.others_bytes = 400 * MIB;
	look();
	assert_warned("noise", FB_SEVERITY_WARNING, "400 MiB");
	host_rig.device.medium = FB_MEDIUM_MEMORY;
	none();
	host_rig.device.medium = FB_MEDIUM_DISK;
	host_rig.c.path = FB_PATH_NVMEM;
	none();
	host_rig.c.path = FB_PATH_NULL;
	none();
}

static void a_large_page_is_told_by_what_was_dirtied(void **state)
{
	(void)state;
	host_rig.c.path = FB_PATH_MAPPED;
	host_rig.c.mode = FB_MODE_MSYNC;
	host_rig.c.fill_bs = MIB;
	none();
	r->io.dev_bytes = r->io.proc_write_bytes = 16 * r->app_bytes;
	only("folio_amplification", FB_SEVERITY_WARNING,
	     "16 times the stored pages dirtied, 16 times written; fill_bs 1048576");
	r->io.proc_write_bytes = FB_UNKNOWN;
	none();
}

static void a_journals_writes_are_no_large_page(void **state)
{
	(void)state;
	host_rig.c.path = FB_PATH_MAPPED;
	host_rig.c.mode = FB_MODE_MSYNC;
	r->io.dev_bytes = 40 * r->app_bytes;
	none();
	host_rig.c.path = FB_PATH_FILE;
	r->io.proc_write_bytes = 40 * r->app_bytes;
	none();
}

/* A page is what the least store dirties. */
static void a_store_of_less_than_a_page_is_no_large_page(void **state)
{
	(void)state;
	host_rig.c.path = FB_PATH_MAPPED;
	host_rig.c.mode = FB_MODE_MSYNC;
	host_rig.c.bs = 512;
	r->app_bytes /= 8;
	none();
}

#define CASE(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, host_rig_result, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_undisturbed_repetition_is_not_warned_of),
		CASE(one_that_measured_nothing_is_not_warned_of),
		CASE(waiting_for_a_cpu_is_told_by_its_share),
		CASE(a_median_on_the_tick_is_the_schedulers),
		CASE(ten_steps_of_the_clock_are_enough),
		CASE(a_write_alone_that_is_short_is_a_note),
		CASE(a_batch_is_told_as_a_whole),
		CASE(what_measures_the_driver_may_be_short),
		CASE(samples_above_the_hour_are_counted),
		CASE(two_kinds_of_commit_are_told),
		CASE(a_latency_that_changed_is_told),
		CASE(what_others_did_is_noise_above_a_threshold),
		CASE(noise_is_told_by_less_where_requests_were_seen),
		CASE(noise_is_told_where_the_disk_is_not_counted),
		CASE(what_uses_no_disk_has_no_noise),
		CASE(a_large_page_is_told_by_what_was_dirtied),
		CASE(a_journals_writes_are_no_large_page),
		CASE(a_store_of_less_than_a_page_is_no_large_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/run_rig.h"

#include "plan/param.h"
#include "stats/hist.h"
#include "stats/series.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct run_rig run_rig = {.child = -1};

const char *run_rig_file(enum fb_run_file f)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", run_rig.path, fb_run_file_names[f]);
	return path;
}

void run_rig_remove(void)
{
	for (int f = 0; f < FB_RUN_FILES; f++)
		unlink(run_rig_file(f));
	rmdir(run_rig.path);
}

void run_rig_leave_out(const char *param)
{
	int i = fb_param_find(param);

	assert_true(i >= 0);
	run_rig.c.given &= ~(1ull << i);
}

static void make_result(void)
{
	struct fb_path_counters unknown;

	run_rig.c = (struct fb_case){
		.path = FB_PATH_FILE,
		.mode = FB_MODE_NORMAL,
		.pattern = FB_PATTERN_RAND,
		.bs = 4096,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.runtime_ns = 1500000000,
		.reps = 3,
		.thinktime_ns = 6000000,
		.cpus_allowed = "0-1,3",
		.case_id = 4,
		.job = "quick, \"first\"",
		.given = UINT64_MAX,
	};
	memset(&unknown, 0xff, sizeof(unknown));
	run_rig.result = (struct fb_result){
		.c = &run_rig.c,
		.rep = 2,
		.promise = {FB_SURVIVES_POWER_LOSS, FB_FIDELITY_EQUIVALENT},
		.ended = FB_ENDED_TIME,
		.elapsed_ns = 2000000000,
		.run_delay_ns = 123,
		.app_bytes = 400,
		.app_writes = 100,
		.app_flushes = 50,
		.io = {.dev_bytes = 1000,
		       .dev_writes = 150,
		       .dev_flushes = 50,
		       .dev_fua = FB_UNKNOWN,
		       .proc_write_bytes = 400,
		       .lost_events = FB_UNKNOWN,
		       .source = "disk"},
		.counters = unknown,
	};
	for (int op = 0; op < FB_OP_COUNT; op++) {
		run_rig.result.hist[op] = malloc(sizeof(struct fb_hist));
		assert_non_null(run_rig.result.hist[op]);
		fb_hist_reset(run_rig.result.hist[op]);
	}
	run_rig.result.series = fb_series_new(FB_OP_COUNT, 1000000);
	assert_non_null(run_rig.result.series);
}

static void free_result(void)
{
	for (int op = 0; op < FB_OP_COUNT; op++)
		free(run_rig.result.hist[op]);
	fb_series_free(run_rig.result.series);
	fb_warnings_free(&run_rig.result.warnings);
	run_rig.result = (struct fb_result){0};
}

int run_rig_enter(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(run_rig.base, sizeof(run_rig.base), "%s/fb-test-run-XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(run_rig.base))
		return -1;
	snprintf(run_rig.results, sizeof(run_rig.results), "%s/a/results",
		 run_rig.base);
	snprintf(run_rig.path, sizeof(run_rig.path), "%s/run-1", run_rig.results);
	run_rig.err = (struct fb_err){0};
	make_result();
	return 0;
}

int run_rig_leave(void **state)
{
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	(void)state;
	setrlimit(RLIMIT_FSIZE, &none);
	if (run_rig.child > 0) {
		kill(run_rig.child, SIGKILL);
		waitpid(run_rig.child, NULL, 0);
		run_rig.child = -1;
	}
	if (run_rig.dir)
		fb_run_dir_close(run_rig.dir, NULL);
	run_rig.dir = NULL;
	fb_run_free(&run_rig.run);
	free_result();
	run_rig_remove();
	rmdir(run_rig.results);
	snprintf(run_rig.results, sizeof(run_rig.results), "%s/a", run_rig.base);
	rmdir(run_rig.results);
	return rmdir(run_rig.base);
}

int run_rig_create_named(const char *name)
{
	struct fb_run_id id = {.results = run_rig.results,
			       .name = name,
			       .profile = "quick",
			       .host = "here",
			       .os = "linux"};

	return fb_run_dir_create(&run_rig.dir, &id, &run_rig.err);
}

void run_rig_create(void)
{
	assert_int_equal(run_rig_create_named("run-1"), 0);
}

void run_rig_put(void)
{
	assert_int_equal(fb_run_dir_result(run_rig.dir, &run_rig.result, &run_rig.err),
			 0);
}

void run_rig_finish(void)
{
	struct fb_run_dir *d = run_rig.dir;

	run_rig.dir = NULL;
	assert_int_equal(fb_run_dir_close(d, &run_rig.err), 0);
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err), 0);
}

const char *run_rig_get(enum fb_run_file f, size_t row, const char *column)
{
	int i = fb_csv_find(run_rig.run.table[f], column);

	if (i < 0)
		fail_msg("%s has no column %s", fb_run_file_names[f], column);
	assert_true(row < fb_csv_rows(run_rig.run.table[f]));
	return fb_csv_get(run_rig.run.table[f], row, i);
}

void run_rig_record(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fb_hist_record(run_rig.result.hist[FB_OP_WRITE], 1000 + i);
		fb_hist_record(run_rig.result.hist[FB_OP_FLUSH], 2000 + 7 * i);
		fb_hist_record(run_rig.result.hist[FB_OP_COMMIT], 3000 + 8 * i);
	}
	run_rig.result.ops = n;
}

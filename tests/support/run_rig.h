/*
 * run_rig.h - a folder of results being written and read back
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_RUN_RIG_H
#define FB_TESTS_SUPPORT_RUN_RIG_H

#include "plan/result.h"
#include "report/run_dir.h"

#include <sys/types.h>

/*
 * run_rig - what a test took: run_rig_leave gives it back, whatever happened
 * @base: a folder of the test's; @results in it and the run's @path are not there yet
 * @dir: being written; @run: read back; @child: a process that is killed at the end
 * @result: a repetition of @c, all of whose parameters have a meaning; no samples yet
 */
extern struct run_rig {
	char base[200], results[240], path[300];
	struct fb_run_dir *dir;
	struct fb_run run;
	struct fb_err err;
	struct fb_case c;
	struct fb_result result;
	pid_t child;
} run_rig;

/* run_rig_enter, run_rig_leave - a test's setup and teardown */
int run_rig_enter(void **state);
int run_rig_leave(void **state);

/* run_rig_file - path of one of the run's files, good until the next call */
const char *run_rig_file(enum fb_run_file f);

/* run_rig_remove - the run and its files, as far as they are there */
void run_rig_remove(void);

/* run_rig_leave_out - let a parameter have no meaning in the case */
void run_rig_leave_out(const char *param);

/* run_rig_create - begin the run, which must go well; _named says how it went */
void run_rig_create(void);
int run_rig_create_named(const char *name);

/* run_rig_put - the result into the run, which must go well */
void run_rig_put(void);

/* run_rig_finish - end the run and read it back */
void run_rig_finish(void);

/* run_rig_get - a field that was read back; CHECK - that it is this */
const char *run_rig_get(enum fb_run_file f, size_t row, const char *column);

#define CHECK(file, row, column, value)                                                \
	assert_string_equal(run_rig_get(FB_RUN_##file, row, column), value)

/* run_rig_record - @n ops with known latencies into the result */
void run_rig_record(unsigned n);

#endif

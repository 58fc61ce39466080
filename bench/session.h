/*
 * session.h - a plan being run: target held, results written, signals heard
 */
#ifndef FB_BENCH_SESSION_H
#define FB_BENCH_SESSION_H

#include "bench/place.h"
#include "plan/plan.h"

#include <stdbool.h>

/* struct run_options - what `run` was told beside profiles and parameters */
struct run_options {
	const char *target;
	const char *allow_device; /* NULL: none */
	const char *results;
	const char *run_id; /* NULL: made of time, host and profile */
	bool dry_run;
	bool yes_disable_flushes;
};

/*
 * session_run - run every step, leave the folder of results and print the table
 * @command: the command line, for system.csv
 *
 * Returns an exit code; has told of every trouble.
 */
int session_run(const struct run_options *o, const struct fb_plan *plan,
		struct place *place, const char *profile, const char *command);

#endif

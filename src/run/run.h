/*
 * run.h - one repetition of one case, from an empty folder to a result
 */
#ifndef FB_RUN_RUN_H
#define FB_RUN_RUN_H

#include "account/account.h"
#include "base/clock.h"
#include "path/path.h"
#include "plan/result.h"

#include <stdatomic.h>
#include <stdbool.h>

/* All histograms and series of a case together may not be larger. */
#define FB_RUN_MEMORY_MAX (UINT64_C(1) << 30)
/* Nor may the buffers that its threads write from. */
#define FB_RUN_BUFFERS_MAX (UINT64_C(4) << 30)

/* struct fb_run_progress - how far a repetition is; told a few times a second */
struct fb_run_progress {
	bool ramp;
	double elapsed_s;
	uint64_t ops;
};

/*
 * struct fb_run_env - what is the same for every case of a run
 * @path:     NULL: the case's own; tests hand in theirs
 * @stop:     set (by a signal handler) to end the case at its next op
 * @settle:   make the results written so far durable, before the clock starts;
 *            NULL: nothing
 * @progress: NULL: nobody looks
 * @ctx:      handed to both
 */
struct fb_run_env {
	const struct fb_clock *clock;
	const struct fb_target *target;
	const struct fb_path_ops *path;
	const atomic_bool *stop;
	void (*settle)(void *ctx);
	void (*progress)(void *ctx, const struct fb_run_progress *p);
	void *ctx;
};

/* fb_run_memory - bytes of histograms and series; fb_run_buffers - of what is written
 */
uint64_t fb_run_memory(const struct fb_case *c);
uint64_t fb_run_buffers(const struct fb_case *c);

/*
 * fb_run_case - run repetition @rep of @c
 * @out: filled whatever happened to the case itself: an error, a mode refused here
 *       and an interrupt are results. Release with fb_result_free.
 *
 * 0, or a negative errno with @err when there is no result: out of memory, threads
 * cannot be started, interrupted before the clock started (-EINTR), the target of a
 * case that went well could not be removed.
 */
int fb_run_case(const struct fb_run_env *env, const struct fb_case *c, unsigned rep,
		struct fb_result *out, struct fb_err *err);

/* fb_result_free - release what fb_run_case made */
void fb_result_free(struct fb_result *r);

#endif

/*
 * crew.h - the threads of a case and the gates they pass together
 */
#ifndef FB_RUN_CREW_H
#define FB_RUN_CREW_H

#include "run/run.h"
#include "run/worker.h"

struct fb_crew;

/*
 * fb_crew_start - a thread and a lane for every job of @c, waiting at the gate
 *
 * On failure all are gone again.
 */
int fb_crew_start(struct fb_crew **out, const struct fb_run_env *env,
		  const struct fb_case *c, struct fb_path *path, struct fb_err *err);

/*
 * fb_crew_observe - hand what follows to an account's observer
 * @per_op: the one thread tells of each op's end; else who waits for all looks now and
 *          then
 *
 * While no part is being done. NULL: no more.
 */
void fb_crew_observe(struct fb_crew *crew, struct fb_account *account, bool per_op);

/*
 * fb_crew_slice - work for @ns, whatever the case's own end is; nothing of it is kept
 * @commit: receives the ops' commit latencies besides what it holds
 *
 * After fb_crew_collect. False: an error, an interrupt, no more space.
 */
bool fb_crew_slice(struct fb_crew *crew, uint64_t ns, struct fb_hist *commit);

/*
 * fb_crew_pass - let the threads do the ramp or the measured part; wait for all
 *
 * The histograms are emptied first. A thread that ends by an error stops the rest.
 */
void fb_crew_pass(struct fb_crew *crew, bool ramp);

/* fb_crew_is_over - an error, an interrupt, or no thread has space left */
bool fb_crew_is_over(const struct fb_crew *crew);

/*
 * fb_crew_collect - merge what the threads measured into @out; 0 or -ENOMEM
 *
 * After a ramp alone only how it ended is known: there are no samples.
 */
int fb_crew_collect(struct fb_crew *crew, struct fb_result *out);

/* fb_crew_end - end the threads, close the lanes */
void fb_crew_end(struct fb_crew *crew);

#endif

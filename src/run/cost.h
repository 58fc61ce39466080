/*
 * cost.h - what being observed costs a case
 */
#ifndef FB_RUN_COST_H
#define FB_RUN_COST_H

#include "account/account.h"
#include "run/crew.h"

/*
 * fb_run_cost - what the observer adds to the median commit, as a share of it
 * @r: the traced repetition, collected, with ops
 *
 * Works on for FB_SLICES slices, with and without the observer in turn: the median of
 * the pairs. NAN when there was an error, an interrupt, no more space, too few ops to
 * tell, or when the pairs differ by more than 50 points, for then it cannot be told.
 */
double fb_run_cost(struct fb_crew *crew, struct fb_account *account,
		   const struct fb_result *r);

#endif

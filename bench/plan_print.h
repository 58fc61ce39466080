/*
 * plan_print.h - a plan for people, before it is run
 */
#ifndef FB_BENCH_PLAN_PRINT_H
#define FB_BENCH_PLAN_PRINT_H

#include "plan/plan.h"

#include <stdio.h>

/*
 * plan_print - on stdout: what all cases have in common, what tells them apart, what
 * is left out, how long it takes
 * @where: the target as the user named it
 *
 * As wide as the terminal is.
 */
void plan_print(const struct fb_plan *plan, const char *where);

/* plan_print_left_out - what is not in the plan, and why */
void plan_print_left_out(FILE *out, const struct fb_plan *plan);

#endif

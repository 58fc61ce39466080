/*
 * plan.h - cases x repetitions in the order they will run
 */
#ifndef FB_PLAN_PLAN_H
#define FB_PLAN_PLAN_H

#include "plan/profile.h"

enum { FB_CASES_MAX = 100000, FB_STEPS_MAX = 10000000 };

/*
 * struct fb_left_out - combinations that are not in the plan, for one reason
 * @example: the first of them, "path=mapped mode=view direct=1"
 */
struct fb_left_out {
	char reason[256];
	char example[192];
	size_t count;
};

/*
 * struct fb_unheard - a parameter that somebody gave and that no case has a use for
 * @origin: "file:line" or the option as written; @text: the values as written
 * @when:   where it counts: "with pattern zipf"
 */
struct fb_unheard {
	const char *origin;
	const char *param;
	const char *text;
	const char *when;
};

/* struct fb_step - repetition @rep (from 1) of case @index */
struct fb_step {
	size_t index;
	unsigned rep;
};

/*
 * struct fb_plan - all zero is an empty one
 *
 * Cases keep pointers into the profile, which must outlive the plan.
 */
struct fb_plan {
	struct fb_case *cases;
	size_t n_cases;
	struct fb_left_out *left_out;
	size_t n_left_out;
	struct fb_unheard *unheard;
	size_t n_unheard;
	struct fb_step *steps;
	size_t n_steps;
};

/*
 * fb_plan_expand - every job's cross product
 *
 * Combinations without meaning are left out and told; a contradiction is -EINVAL
 * with its origin, and so are more than FB_CASES_MAX cases or FB_STEPS_MAX
 * repetitions of all of them.
 */
int fb_plan_expand(struct fb_plan *plan, const struct fb_profile *p,
		   struct fb_err *err);

/*
 * fb_plan_find_unheard - fill in what was given in vain; 0 or -ENOMEM
 *
 * Before fb_plan_filter: what cannot be done here has a meaning all the same. Not told
 * is what counts in one case of those it was written for, a yes or no that is the
 * default, and what fb_left_out names.
 */
int fb_plan_find_unheard(struct fb_plan *plan, const struct fb_profile *p,
			 struct fb_err *err);

/*
 * fb_plan_filter - leave out what cannot be done here
 * @why_not: NULL when the case can be done, else the reason
 */
int fb_plan_filter(struct fb_plan *plan,
		   const char *(*why_not)(const struct fb_case *c, void *ctx),
		   void *ctx, struct fb_err *err);

/*
 * fb_plan_order - fill in the steps
 *
 * Jobs run one after another. Within a job every case has its first repetition
 * before any has its second, in an order shuffled anew each time by the seed.
 */
int fb_plan_order(struct fb_plan *plan, struct fb_err *err);

/*
 * fb_plan_origin - who set a parameter of a case: "file:line", an option, "default"
 */
const char *fb_plan_origin(const struct fb_profile *p, const struct fb_case *c,
			   const char *param);

/* struct fb_blame - parameters that cannot be as they are, the first one foremost */
struct fb_blame {
	const char *params[3];
};

/*
 * fb_plan_refuse - "p.ini:3: bs=512m: @why (size=256m, the default)"
 *
 * The message begins with the first parameter that somebody set. Always -EINVAL.
 */
int fb_plan_refuse(const struct fb_profile *p, const struct fb_case *c,
		   const struct fb_blame *b, const char *why, struct fb_err *err);

/* fb_plan_seconds - measuring time of all steps, ramps included; NAN when a case
 * ends by count or space alone */
double fb_plan_seconds(const struct fb_plan *plan);

/* fb_plan_describe - "path=file mode=normal bs=8k": path, mode and what differs from
 * the defaults, as a user would write it, into @out */
void fb_plan_describe(const struct fb_case *c, char *out, size_t room);

/*
 * fb_plan_differing - the parameters that tell the cases of a plan apart
 *
 * Bit i is parameter i. Path and mode are always there; what nobody set and what is
 * made of other parameters, as fill_bs of bs, never is.
 */
uint64_t fb_plan_differing(const struct fb_plan *plan);

/*
 * fb_plan_describe_common - "bs=4k size=256m": what is alike in all cases that have it
 * fb_plan_describe_some - "path=file mode=normal bs=4k": of a case, the bits of @params
 *
 * Usual values among them, but of what is common no yes or no that is the default.
 */
void fb_plan_describe_common(const struct fb_plan *plan, char *out, size_t room);
void fb_plan_describe_some(const struct fb_case *c, uint64_t params, char *out,
			   size_t room);

void fb_plan_free(struct fb_plan *plan);

#endif

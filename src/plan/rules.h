/*
 * rules.h - which combinations of parameters have a meaning
 */
#ifndef FB_PLAN_RULES_H
#define FB_PLAN_RULES_H

#include "plan/plan.h"

/* fb_rule_defaults - fill in what nobody set and what follows from other parameters */
void fb_rule_defaults(struct fb_case *c);

/* fb_rule_without_meaning - why a case is left out of a plan, or NULL */
const char *fb_rule_without_meaning(const struct fb_case *c);

/*
 * fb_rule_contradiction - why a case is refused, or NULL
 * @b: receives the parameters that contradict each other
 *
 * The reason lives until the next call of the same thread.
 */
const char *fb_rule_contradiction(const struct fb_case *c, struct fb_blame *b);

#endif

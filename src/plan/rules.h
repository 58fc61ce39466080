/*
 * rules.h - which combinations of parameters have a meaning
 */
#ifndef FB_PLAN_RULES_H
#define FB_PLAN_RULES_H

#include "plan/case.h"

/* fb_rule_without_meaning - why a case is left out of a plan, or NULL */
const char *fb_rule_without_meaning(const struct fb_case *c);

/*
 * fb_rule_contradiction - why a case is refused, or NULL
 * @param: receives the name of the parameter at fault
 */
const char *fb_rule_contradiction(const struct fb_case *c, const char **param);

#endif

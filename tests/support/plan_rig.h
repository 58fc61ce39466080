/*
 * plan_rig.h - a profile from its text, and the plan it makes
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_PLAN_RIG_H
#define FB_TESTS_SUPPORT_PLAN_RIG_H

#include "plan/plan.h"

/* struct plan_rig - what a test took: plan_rig_leave gives it back */
extern struct plan_rig {
	struct fb_profile profile;
	struct fb_plan plan;
	struct fb_err err;
	char path[64]; /* of the profile's file, "": none */
} rig;

/* plan_rig_enter, plan_rig_leave - a test's setup and teardown */
int plan_rig_enter(void **state);
int plan_rig_leave(void **state);

/* plan_rig_again - both, between two texts of one test */
void plan_rig_again(void);

/* load_bytes, load - fb_profile_load of a file of these */
int load_bytes(const void *bytes, size_t n);
int load(const char *text);

/* expand - load, then fb_plan_expand */
int expand(const char *text);

/* assert_not_planned - expand of another text fails; the message is as in assert_told
 */
void assert_not_planned(const char *text, unsigned line, const char *what);

/* only_left_out - another text's one combination is left out: why */
const char *only_left_out(const char *text);

/* is_given - has the parameter a meaning in the case? */
bool is_given(const struct fb_case *c, const char *param);

/* assert_told - the message begins with the profile's line and says @what */
void assert_told(unsigned line, const char *what);

#endif

/*
 * profile_ini.h - what profile.c and profile_ini.c share
 */
#ifndef FB_PLAN_PROFILE_INI_H
#define FB_PLAN_PROFILE_INI_H

#include "plan/profile.h"

/* fb_setting_append - continue a list, or begin it; -EINVAL or -ENOMEM */
int fb_setting_append(struct fb_setting *s, const struct fb_param *p, const char *text,
		      const char *origin, struct fb_err *err);

/* fb_setting_copy - what @from says into an empty @to; 0 or -ENOMEM */
int fb_setting_copy(struct fb_setting *to, const struct fb_setting *from);

#endif

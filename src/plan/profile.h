/*
 * profile.h - jobs as written: parameters with lists of values, not yet expanded
 */
#ifndef FB_PLAN_PROFILE_H
#define FB_PLAN_PROFILE_H

#include "base/err.h"
#include "plan/param.h"

#include <stdbool.h>

/* struct fb_origin - "file:line" or the option, of what stands from @at on */
struct fb_origin {
	size_t at;
	char *name;
};

/*
 * struct fb_setting - one parameter as somebody wrote it
 * @text:    a comma list
 * @origins: who wrote it, one for each line that the list goes on in
 */
struct fb_setting {
	char *text;
	struct fb_origin *origins;
	size_t n_origins;
};

/* struct fb_job - a section: by parameter index; text NULL is the default */
struct fb_job {
	char *name;
	struct fb_setting *set;
};

struct fb_profile {
	struct fb_job *jobs;
	size_t n_jobs;
};

/*
 * fb_profile_load - append the jobs of an INI file
 *
 * [global] gives defaults to every job of its file; a file of [global] alone, or of
 * no section at all, is one job named after the file. A key that stands twice in a
 * section continues its list. -errno when it cannot be read; -EINVAL with file and
 * line for anything not understood: unknown keys, bad values, a NUL byte, a line
 * over 190 bytes, a file over 1 MiB, a section twice. A byte order mark is skipped.
 */
int fb_profile_load(struct fb_profile *p, const char *path, struct fb_err *err);

/* fb_profile_add_job - one job with all defaults; 0 or -ENOMEM */
int fb_profile_add_job(struct fb_profile *p, const char *name);

/*
 * fb_profile_override - set a parameter in every job
 * @origin: how the user wrote it, as "--bs"
 *
 * -EINVAL when a value is not understood.
 */
int fb_profile_override(struct fb_profile *p, int param, const char *text,
			const char *origin, struct fb_err *err);

void fb_profile_free(struct fb_profile *p);

/*
 * fb_profile_unknown_key - say that @key is no parameter, and which was meant
 *
 * Always -EINVAL.
 */
int fb_profile_unknown_key(const char *key, struct fb_err *err);

/*
 * fb_list_next - take the first value off a comma list, blanks around it gone
 * @out: receives the value, "" for an empty one, cut at @room - 1 bytes
 *
 * The rest of the list, NULL after its last value. A CPU list is one value.
 */
const char *fb_list_next(const struct fb_param *p, const char *list, char *out,
			 size_t room);

/* fb_value_is_all - "all", which stands for every mode of a path */
bool fb_value_is_all(const struct fb_param *p, const char *value);

/*
 * fb_list_unique - the list without values that it has said before
 *
 * "all" among them stands for the whole list. To be freed; NULL: out of memory.
 */
char *fb_list_unique(const struct fb_param *p, const char *list);

/*
 * fb_list_find - where a list first says the value that @c has
 *
 * "all" says every mode of @c's path. NULL when it does not stand there.
 */
const char *fb_list_find(const struct fb_param *p, const char *list,
			 const struct fb_case *c);

/* fb_setting_origin - who wrote the value that @c has, NULL: nobody, the default */
const char *fb_setting_origin(const struct fb_setting *s, const struct fb_param *p,
			      const struct fb_case *c);

#endif

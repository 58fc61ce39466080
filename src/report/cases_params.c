#include "report/cases.h"

#include "plan/rules.h"

#include <string.h>

static bool differs(const struct fb_cases *m, const struct fb_param *p)
{
	const char *first = "";

	for (size_t i = 0; i < m->n; i++) {
		const char *v = fb_cases_field(m, &m->cases[i], fb_param_column(p));

		if (!*first)
			first = v;
		if (*v && strcmp(v, first))
			return true;
	}
	return false;
}

static bool says_the_same(const struct fb_cases *m, const struct fb_param *p,
			  const struct fb_param *other)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct fb_cases_row *c = &m->cases[i];
		const char *v = fb_cases_field(m, c, fb_param_column(p));

		if (*v && strcmp(v, fb_cases_field(m, c, fb_param_column(other))))
			return false;
	}
	return true;
}

/* What is always as it is when nobody gives it follows from what is shown. */
static bool is_as_derived(const struct fb_cases *m, const struct fb_param *p)
{
	if (!fb_param_is_derived(p))
		return false;
	for (size_t i = 0; i < m->n; i++) {
		const char *text = fb_cases_field(m, &m->cases[i], fb_param_column(p));
		char usual[FB_PARAM_TEXT];
		struct fb_case c = {0};

		for (size_t k = 0; k < fb_params_count; k++) {
			const struct fb_param *other = &fb_params[k];
			const char *value = fb_cases_field(m, &m->cases[i],
							   fb_param_column(other));

			if (other != p && *value &&
			    !fb_param_parse(other, value, &c, NULL))
				c.set |= UINT64_C(1) << k;
		}
		fb_rule_defaults(&c);
		fb_param_format(p, &c, usual);
		if (*text && strcmp(text, usual))
			return false;
	}
	return true;
}

/* As fill_bs and align of nearly every run. */
static bool repeats_bs(const struct fb_cases *m, const struct fb_param *p)
{
	const struct fb_param *bs = &fb_params[fb_param_find("bs")];

	return p > bs && p->type == bs->type && fb_param_is_derived(p) &&
	       says_the_same(m, p, bs);
}

enum fb_param_kind fb_cases_param_kind(const struct fb_cases *m,
				       const struct fb_param *p)
{
	if (!strcmp(p->name, "path") || !strcmp(p->name, "mode"))
		return FB_PARAM_PLACED;
	if (!differs(m, p))
		return repeats_bs(m, p) ? FB_PARAM_FOLLOWS : FB_PARAM_CONSTANT;
	if (is_as_derived(m, p))
		return FB_PARAM_FOLLOWS;
	for (const struct fb_param *other = fb_params; other < p; other++)
		if (other->type == p->type && says_the_same(m, p, other))
			return FB_PARAM_FOLLOWS;
	return FB_PARAM_VARIES;
}

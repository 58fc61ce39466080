#include "plan/plan.h"
#include "plan/rules.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Path and mode, the first two parameters, are always told. */
enum { LAST_ALWAYS = 1 };

static bool is_usual(const struct fb_case *c, size_t i, const char *value)
{
	const struct fb_param *p = &fb_params[i];
	struct fb_case d = *c;
	char usual[FB_PARAM_TEXT];

	d.set &= ~(UINT64_C(1) << i);
	if (fb_param_is_derived(p))
		fb_rule_defaults(&d);
	else if (fb_param_parse(p, p->initial, &d, NULL))
		return false;
	fb_param_show(p, &d, usual);
	return !strcmp(value, usual);
}

void fb_plan_describe(const struct fb_case *c, char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < fb_params_count; i++) {
		char value[FB_PARAM_TEXT];

		if (!(c->given >> i & 1))
			continue;
		fb_param_show(&fb_params[i], c, value);
		if (i > LAST_ALWAYS && is_usual(c, i, value))
			continue;
		at += (size_t)snprintf(out + at, room - at, "%s%s=%s", at ? " " : "",
				       fb_params[i].name, value);
		if (at >= room)
			return;
	}
}

/* Plans may be long: the values themselves are compared, not their texts. */
static bool same_value(const struct fb_param *p, const struct fb_case *a,
		       const struct fb_case *b)
{
	const char *x = (const char *)a + p->offset, *y = (const char *)b + p->offset;

	switch (p->type) {
	case FB_TYPE_ENUM:
	case FB_TYPE_BOOL:
		return !memcmp(x, y, sizeof(int));
	case FB_TYPE_REAL:
		return !memcmp(x, y, sizeof(double));
	case FB_TYPE_CPUS:
		return !strcmp(x, y);
	default:
		return !memcmp(x, y, sizeof(uint64_t));
	}
}

/* NULL: the parameter has a meaning in no case. */
static const struct fb_case *first_with(const struct fb_plan *plan, size_t i)
{
	for (size_t k = 0; k < plan->n_cases; k++)
		if (plan->cases[k].given >> i & 1)
			return &plan->cases[k];
	return NULL;
}

static bool is_common(const struct fb_plan *plan, size_t i)
{
	const struct fb_case *first = first_with(plan, i);

	for (size_t k = 0; k < plan->n_cases; k++) {
		const struct fb_case *c = &plan->cases[k];

		if (c->given >> i & 1 && !same_value(&fb_params[i], first, c))
			return false;
	}
	return true;
}

/* What nobody set and what is made of other parameters differs only as they do. */
static bool only_follows(const struct fb_plan *plan, size_t i)
{
	if (!fb_param_is_derived(&fb_params[i]))
		return false;
	for (size_t k = 0; k < plan->n_cases; k++)
		if (plan->cases[k].set >> i & 1)
			return false;
	return true;
}

uint64_t fb_plan_differing(const struct fb_plan *plan)
{
	uint64_t differing = 0;

	for (size_t i = 0; i < fb_params_count; i++)
		differing |= (uint64_t)(i <= LAST_ALWAYS ||
					(!is_common(plan, i) && !only_follows(plan, i)))
			     << i;
	return differing;
}

static void add_value(const struct fb_case *c, size_t i, char *out, size_t room)
{
	size_t at = strlen(out);
	char value[FB_PARAM_TEXT];

	fb_param_show(&fb_params[i], c, value);
	snprintf(out + at, room - at, "%s%s=%s", at ? " " : "", fb_params[i].name,
		 value);
}

void fb_plan_describe_common(const struct fb_plan *plan, char *out, size_t room)
{
	out[0] = '\0';
	for (size_t i = LAST_ALWAYS + 1; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];
		const struct fb_case *c = first_with(plan, i);
		char value[FB_PARAM_TEXT];

		if (!c || !is_common(plan, i))
			continue;
		fb_param_format(p, c, value);
		if (*value && !fb_param_is_silent(p, value))
			add_value(c, i, out, room);
	}
}

void fb_plan_describe_some(const struct fb_case *c, uint64_t params, char *out,
			   size_t room)
{
	out[0] = '\0';
	for (size_t i = 0; i < fb_params_count; i++)
		if (c->given & params & UINT64_C(1) << i)
			add_value(c, i, out, room);
}

static const char *who_set(const struct fb_profile *p, const struct fb_case *c, int i)
{
	for (size_t j = 0; j < p->n_jobs; j++) {
		if (p->jobs[j].name == c->job)
			return fb_setting_origin(&p->jobs[j].set[i], &fb_params[i], c);
	}
	return NULL;
}

const char *fb_plan_origin(const struct fb_profile *p, const struct fb_case *c,
			   const char *param)
{
	const char *who = who_set(p, c, fb_param_find(param));

	return who ? who : "default";
}

static void add_other(const struct fb_profile *p, const struct fb_case *c, int i,
		      char *out, size_t room)
{
	const char *who = who_set(p, c, i);
	char value[FB_PARAM_TEXT];
	size_t at = strlen(out);

	fb_param_show(&fb_params[i], c, value);
	snprintf(out + at, room - at, "%s%s=%s, %s", at ? "; " : " (",
		 fb_params[i].name, value, who ? who : "the default");
}

int fb_plan_refuse(const struct fb_profile *p, const struct fb_case *c,
		   const struct fb_blame *b, const char *why, struct fb_err *err)
{
	enum { MOST = sizeof(b->params) / sizeof(b->params[0]) };
	char value[FB_PARAM_TEXT], others[FB_ERR_TEXT] = "";
	int first = 0;

	while (first < MOST && b->params[first] &&
	       !who_set(p, c, fb_param_find(b->params[first])))
		first++;
	if (first == MOST || !b->params[first])
		first = 0;
	for (int i = 0; i < MOST && b->params[i]; i++) {
		if (i != first)
			add_other(p, c, fb_param_find(b->params[i]), others,
				  sizeof(others));
	}
	fb_param_show(&fb_params[fb_param_find(b->params[first])], c, value);
	return fb_err_set(err, -EINVAL, "%s: %s=%s: %s%s%s",
			  fb_plan_origin(p, c, b->params[first]), b->params[first],
			  value, why, others, *others ? ")" : "");
}

double fb_plan_seconds(const struct fb_plan *plan)
{
	double ns = 0;

	for (size_t i = 0; i < plan->n_cases; i++) {
		const struct fb_case *c = &plan->cases[i];

		if (!c->runtime_ns)
			return NAN;
		ns += (double)fb_case_duration_ns(c);
	}
	return ns / 1e9;
}

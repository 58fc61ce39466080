#include "plan/plan.h"
#include "plan/rules.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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
		/* Path and mode are always told. */
		if (i > 1 && is_usual(c, i, value))
			continue;
		at += (size_t)snprintf(out + at, room - at, "%s%s=%s", at ? " " : "",
				       fb_params[i].name, value);
		if (at >= room)
			return;
	}
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
		ns += (double)c->reps * (double)(c->runtime_ns + c->ramp_time_ns);
	}
	return ns / 1e9;
}

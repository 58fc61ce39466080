#include "plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A parameter as one person wrote it; [global] and options are of many jobs. */
struct wish {
	size_t param;
	const struct fb_setting *setting;
};

static const char *origin_of(const struct fb_setting *s)
{
	return s->origins[0].name;
}

static bool is_of(const struct wish *w, const struct fb_job *job)
{
	const struct fb_setting *s = &job->set[w->param];

	return s->text && !strcmp(origin_of(s), origin_of(w->setting));
}

static const struct fb_job *job_of(const struct fb_profile *p, const struct fb_case *c)
{
	size_t j = 0;

	while (p->jobs[j].name != c->job)
		j++;
	return &p->jobs[j];
}

/* Where no case is left of what it was written for, that is told already. */
static bool is_heard(const struct fb_plan *plan, const struct fb_profile *p,
		     const struct wish *w)
{
	bool spoken = false;

	for (size_t i = 0; i < plan->n_cases; i++) {
		const struct fb_case *c = &plan->cases[i];

		if (!is_of(w, job_of(p, c)))
			continue;
		if (c->given >> w->param & 1)
			return true;
		spoken = true;
	}
	return !spoken;
}

/* A yes or no that is the default says nothing that could go unheard. */
static bool asks_for_nothing(const struct wish *w)
{
	const struct fb_param *p = &fb_params[w->param];
	const char *list = w->setting->text;
	char value[FB_PARAM_TEXT];
	struct fb_case c;

	if (p->type != FB_TYPE_BOOL)
		return false;
	while (list) {
		list = fb_list_next(p, list, value, sizeof(value));
		if (fb_param_parse(p, value, &c, NULL))
			return false;
		fb_param_format(p, &c, value);
		if (strcmp(value, p->initial))
			return false;
	}
	return true;
}

/* "direct: a mapped view is the page cache" */
static bool is_left_out(const struct fb_plan *plan, const char *param)
{
	size_t n = strlen(param);

	for (size_t i = 0; i < plan->n_left_out; i++)
		if (!strncmp(plan->left_out[i].reason, param, n) &&
		    plan->left_out[i].reason[n] == ':')
			return true;
	return false;
}

static bool is_told(const struct fb_plan *plan, const struct wish *w)
{
	if (is_left_out(plan, fb_params[w->param].name))
		return true;
	for (size_t i = 0; i < plan->n_unheard; i++)
		if (!strcmp(plan->unheard[i].param, fb_params[w->param].name) &&
		    !strcmp(plan->unheard[i].origin, origin_of(w->setting)))
			return true;
	return false;
}

static int add(struct fb_plan *plan, const struct wish *w, struct fb_err *err)
{
	struct fb_unheard *u = realloc(plan->unheard,
				       (plan->n_unheard + 1) * sizeof(*u));

	if (!u)
		return fb_err_set(err, -ENOMEM, "out of memory");
	plan->unheard = u;
	u[plan->n_unheard++] = (struct fb_unheard){
		.origin = origin_of(w->setting),
		.param = fb_params[w->param].name,
		.text = w->setting->text,
		.when = fb_params[w->param].when,
	};
	return 0;
}

int fb_plan_find_unheard(struct fb_plan *plan, const struct fb_profile *p,
			 struct fb_err *err)
{
	int ret = 0;

	for (size_t j = 0; j < p->n_jobs; j++) {
		for (size_t i = 0; !ret && i < fb_params_count; i++) {
			struct wish w = {i, &p->jobs[j].set[i]};

			if (!w.setting->text || !fb_params[i].applies ||
			    asks_for_nothing(&w))
				continue;
			if (!is_told(plan, &w) && !is_heard(plan, p, &w))
				ret = add(plan, &w, err);
		}
	}
	return ret;
}

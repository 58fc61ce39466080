#include "plan/plan.h"
#include "plan/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Left-out combinations count as well: somebody waits for them. */
enum { COMBINATIONS_MAX = 10 * FB_CASES_MAX };

/* @lists: of the job at hand, by parameter: no value twice */
struct expansion {
	struct fb_plan *plan;
	const struct fb_profile *profile;
	const struct fb_job *job;
	char *lists[64];
	size_t room;
	size_t combinations;
	uint64_t steps;
	struct fb_err *err;
};

static int leave_out(struct fb_plan *plan, const struct fb_case *c, const char *reason,
		     struct fb_err *err)
{
	struct fb_left_out *l;

	for (size_t i = 0; i < plan->n_left_out; i++) {
		if (!strcmp(plan->left_out[i].reason, reason)) {
			plan->left_out[i].count++;
			return 0;
		}
	}
	l = realloc(plan->left_out, (plan->n_left_out + 1) * sizeof(*l));
	if (!l)
		return fb_err_set(err, -ENOMEM, "out of memory");
	plan->left_out = l;
	l += plan->n_left_out++;
	snprintf(l->reason, sizeof(l->reason), "%s", reason);
	fb_plan_describe(c, l->example, sizeof(l->example));
	l->count = 1;
	return 0;
}

/* Where the most repetitions are, fewer help most. */
static int too_many_steps(struct expansion *x, const struct fb_case *most)
{
	static const struct fb_blame blame = {{"reps"}};
	char why[96];

	for (size_t i = 0; i < x->plan->n_cases; i++) {
		if (x->plan->cases[i].reps > most->reps)
			most = &x->plan->cases[i];
	}
	snprintf(why, sizeof(why),
		 "the plan has more than %d repetitions; lower reps or give fewer "
		 "values",
		 FB_STEPS_MAX);
	return fb_plan_refuse(x->profile, most, &blame, why, x->err);
}

static int add_case(struct expansion *x, const struct fb_case *c)
{
	struct fb_plan *plan = x->plan;

	if (plan->n_cases == FB_CASES_MAX)
		return fb_err_set(x->err, -EINVAL,
				  "the plan has more than %d cases; give fewer values",
				  FB_CASES_MAX);
	x->steps += fb_case_reps(c);
	if (x->steps > FB_STEPS_MAX)
		return too_many_steps(x, c);
	if (plan->n_cases == x->room) {
		size_t room = x->room ? 2 * x->room : 64;
		struct fb_case *cases = realloc(plan->cases, room * sizeof(*cases));

		if (!cases)
			return fb_err_set(x->err, -ENOMEM, "out of memory");
		plan->cases = cases;
		x->room = room;
	}
	plan->cases[plan->n_cases] = *c;
	plan->n_cases++;
	plan->cases[plan->n_cases - 1].case_id = (unsigned)plan->n_cases;
	return 0;
}

static int finish_case(struct expansion *x, struct fb_case c)
{
	struct fb_blame blame;
	const char *reason;

	if (x->combinations++ == COMBINATIONS_MAX)
		return fb_err_set(x->err, -EINVAL,
				  "the plan has more than %d combinations; give fewer "
				  "values",
				  COMBINATIONS_MAX);
	fb_rule_defaults(&c);
	/* None is not a value: the column is empty. */
	if (!c.runtime_ns)
		c.given &= ~(UINT64_C(1) << fb_param_find("runtime"));
	if (!c.ops)
		c.given &= ~(UINT64_C(1) << fb_param_find("ops"));
	if (!c.dirty_share)
		c.given &= ~(UINT64_C(1) << fb_param_find("dirty_share"));
	reason = fb_rule_without_meaning(&c);
	if (reason)
		return leave_out(x->plan, &c, reason, x->err);
	reason = fb_rule_contradiction(&c, &blame);
	if (reason)
		return fb_plan_refuse(x->profile, &c, &blame, reason, x->err);
	return add_case(x, &c);
}

static int expand_param(struct expansion *x, size_t i, struct fb_case c);

static int expand_all_modes(struct expansion *x, size_t i, struct fb_case *c)
{
	int ret = 0;

	for (int m = 0; !ret && m < FB_MODE_COUNT; m++) {
		if (!fb_mode_on((enum fb_path_id)c->path, (enum fb_mode)m))
			continue;
		c->mode = m;
		ret = expand_param(x, i + 1, *c);
	}
	return ret;
}

/* Fill the parameters from @i on; each call has a case of its own to fill. */
static int expand_param(struct expansion *x, size_t i, struct fb_case c)
{
	const struct fb_param *p = &fb_params[i];
	const char *list, *rest;
	char value[FB_PARAM_TEXT];
	int ret = 0;

	if (i == fb_params_count)
		return finish_case(x, c);
	list = x->lists[i];
	if (!*list) {
		if (!p->applies || p->applies(&c))
			c.given |= (uint64_t)fb_param_is_derived(p) << i;
		return expand_param(x, i + 1, c);
	}
	if (p->applies && !p->applies(&c) && !x->job->set[i].text)
		return expand_param(x, i + 1, c);
	if (!p->applies || p->applies(&c))
		c.given |= UINT64_C(1) << i;
	for (rest = list; !ret && rest;) {
		rest = fb_list_next(p, rest, value, sizeof(value));
		if (fb_value_is_all(p, value)) {
			ret = expand_all_modes(x, i, &c);
			continue;
		}
		ret = fb_param_parse(p, value, &c, x->err);
		if (!ret)
			ret = expand_param(x, i + 1, c);
		/* A parameter that means nothing here need not be varied, unless
		 * it must be told that it was asked for. */
		if (p->applies && !p->applies(&c) && p->type != FB_TYPE_BOOL)
			break;
	}
	return ret;
}

static int expand_job(struct expansion *x)
{
	struct fb_case c = {.job = x->job->name};
	size_t n = 0;
	int ret = 0;

	for (; !ret && n < fb_params_count; n++) {
		const char *text = x->job->set[n].text;

		c.set |= (uint64_t) !!text << n;
		x->lists[n] = fb_list_unique(&fb_params[n],
					     text ? text : fb_params[n].initial);
		if (!x->lists[n])
			ret = fb_err_set(x->err, -ENOMEM, "out of memory");
	}
	if (!ret)
		ret = expand_param(x, 0, c);
	while (n)
		free(x->lists[--n]);
	return ret;
}

int fb_plan_expand(struct fb_plan *plan, const struct fb_profile *p, struct fb_err *err)
{
	struct expansion x = {.plan = plan, .profile = p, .err = err};
	int ret = 0;

	for (size_t j = 0; !ret && j < p->n_jobs; j++) {
		x.job = &p->jobs[j];
		ret = expand_job(&x);
	}
	if (ret)
		fb_plan_free(plan);
	return ret;
}

int fb_plan_filter(struct fb_plan *plan,
		   const char *(*why_not)(const struct fb_case *c, void *ctx),
		   void *ctx, struct fb_err *err)
{
	size_t kept = 0;
	int ret;

	for (size_t i = 0; i < plan->n_cases; i++) {
		const char *reason = why_not(&plan->cases[i], ctx);

		if (!reason) {
			plan->cases[kept] = plan->cases[i];
			kept++;
			plan->cases[kept - 1].case_id = (unsigned)kept;
			continue;
		}
		ret = leave_out(plan, &plan->cases[i], reason, err);
		if (ret)
			return ret;
	}
	plan->n_cases = kept;
	return 0;
}

void fb_plan_free(struct fb_plan *plan)
{
	free(plan->cases);
	free(plan->left_out);
	free(plan->unheard);
	free(plan->steps);
	*plan = (struct fb_plan){0};
}

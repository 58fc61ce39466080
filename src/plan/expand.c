#include "plan/plan.h"
#include "plan/rules.h"

#include "base/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEC UINT64_C(1000000000)

struct expansion {
	struct fb_plan *plan;
	const struct fb_profile *profile;
	const struct fb_job *job;
	size_t room;
	struct fb_err *err;
};

/* Smaller fills than a page make the same file, only slower. */
static uint64_t default_fill_bs(const struct fb_case *c)
{
	uint64_t bs = c->bs < 4096 ? 4096 : c->bs;

	return bs < c->size ? bs : c->size;
}

static void derive_defaults(struct fb_case *c, const struct fb_job *job)
{
	int runtime = fb_param_find("runtime");

	if (!job->set[runtime].text)
		c->runtime_ns = c->ops ? 0 : 5 * SEC;
	if (!c->runtime_ns)
		c->given &= ~(UINT64_C(1) << runtime);
	if (!c->ops)
		c->given &= ~(UINT64_C(1) << fb_param_find("ops"));
	if (!job->set[fb_param_find("ramp_time")].text) {
		c->ramp_time_ns = SEC;
		if (c->runtime_ns && c->runtime_ns / 5 < SEC)
			c->ramp_time_ns = c->runtime_ns / 5;
	}
	if (!job->set[fb_param_find("flushers")].text)
		c->flushers = c->numjobs;
	if (!job->set[fb_param_find("fill_bs")].text)
		c->fill_bs = default_fill_bs(c);
}

/* Its default follows from others, so telling it would say nothing new. */
static bool is_derived(const struct fb_param *p)
{
	return !*p->initial && p->type != FB_TYPE_CPUS;
}

void fb_plan_describe(const struct fb_case *c, char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];
		char value[FB_PARAM_TEXT], usual[FB_PARAM_TEXT] = "";
		struct fb_case d;

		if (!(c->given >> i & 1))
			continue;
		fb_param_format(p, c, value);
		if (*p->initial && !fb_param_parse(p, p->initial, &d, NULL))
			fb_param_format(p, &d, usual);
		if (i > 1 && (!strcmp(value, usual) || is_derived(p)))
			continue;
		if (p->type == FB_TYPE_SIZE)
			fb_format_size(value, *(const uint64_t *)((const char *)c +
								  p->offset));
		at += (size_t)snprintf(out + at, room - at, "%s%s=%s", at ? " " : "",
				       p->name, value);
		if (at >= room)
			return;
	}
}

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

static int add_case(struct expansion *x, const struct fb_case *c)
{
	struct fb_plan *plan = x->plan;

	if (plan->n_cases == FB_CASES_MAX)
		return fb_err_set(x->err, -EINVAL,
				  "the plan has more than %d cases; give fewer values",
				  FB_CASES_MAX);
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
	const char *reason, *param;

	derive_defaults(&c, x->job);
	reason = fb_rule_without_meaning(&c);
	if (reason)
		return leave_out(x->plan, &c, reason, x->err);
	reason = fb_rule_contradiction(&c, &param);
	if (reason) {
		char value[FB_PARAM_TEXT];

		fb_param_format(&fb_params[fb_param_find(param)], &c, value);
		return fb_err_set(x->err, -EINVAL, "%s: %s=%s: %s",
				  fb_plan_origin(x->profile, &c, param), param, value,
				  reason);
	}
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

static bool said_before(const struct fb_param *p, const char *list, const char *rest,
			const struct fb_case *c)
{
	char value[FB_PARAM_TEXT], now[FB_PARAM_TEXT], then[FB_PARAM_TEXT];
	struct fb_case d;

	fb_param_format(p, c, now);
	for (;;) {
		list = fb_list_next(p, list, value, sizeof(value));
		if (list == rest)
			return false;
		if (fb_value_is_all(p, value) || fb_param_parse(p, value, &d, NULL))
			continue;
		fb_param_format(p, &d, then);
		if (!strcmp(now, then))
			return true;
	}
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
	list = x->job->set[i].text ? x->job->set[i].text : p->initial;
	if (!*list) {
		if (!p->applies || p->applies(&c))
			c.given |= (uint64_t)is_derived(p) << i;
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
		if (!ret && !said_before(p, list, rest, &c))
			ret = expand_param(x, i + 1, c);
		/* A parameter that means nothing here need not be varied, unless
		 * it must be told that it was asked for. */
		if (p->applies && !p->applies(&c) && p->type != FB_TYPE_BOOL)
			break;
	}
	return ret;
}

int fb_plan_expand(struct fb_plan *plan, const struct fb_profile *p, struct fb_err *err)
{
	struct expansion x = {.plan = plan, .profile = p, .err = err};
	int ret = 0;

	for (size_t j = 0; !ret && j < p->n_jobs; j++) {
		struct fb_case c = {.job = p->jobs[j].name};

		x.job = &p->jobs[j];
		ret = expand_param(&x, 0, c);
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

const char *fb_plan_origin(const struct fb_profile *p, const struct fb_case *c,
			   const char *param)
{
	int i = fb_param_find(param);

	for (size_t j = 0; j < p->n_jobs; j++) {
		const struct fb_job *job = &p->jobs[j];

		if (job->name == c->job && job->set[i].origin)
			return job->set[i].origin;
	}
	return "default";
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

void fb_plan_free(struct fb_plan *plan)
{
	free(plan->cases);
	free(plan->left_out);
	free(plan->steps);
	*plan = (struct fb_plan){0};
}

#include "plan/plan.h"

#include "base/rng.h"

#include <errno.h>
#include <stdlib.h>

/* Fisher and Yates, backwards. */
static void shuffle(struct fb_step *s, size_t n, struct fb_rng *rng)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)fb_rng_below(rng, i);
		struct fb_step t = s[i - 1];

		s[i - 1] = s[j];
		s[j] = t;
	}
}

static size_t job_end(const struct fb_plan *plan, size_t from)
{
	size_t to = from;

	while (to < plan->n_cases && plan->cases[to].job == plan->cases[from].job)
		to++;
	return to;
}

static void order_job(struct fb_plan *plan, size_t from, size_t to, struct fb_rng *rng)
{
	uint64_t most = 0;

	for (size_t i = from; i < to; i++) {
		if (fb_case_reps(&plan->cases[i]) > most)
			most = fb_case_reps(&plan->cases[i]);
	}
	for (unsigned rep = 1; rep <= most; rep++) {
		size_t begin = plan->n_steps;

		for (size_t i = from; i < to; i++) {
			if (fb_case_reps(&plan->cases[i]) >= rep)
				plan->steps[plan->n_steps++] = (struct fb_step){i, rep};
		}
		shuffle(plan->steps + begin, plan->n_steps - begin, rng);
	}
}

int fb_plan_order(struct fb_plan *plan, struct fb_err *err)
{
	struct fb_rng rng;
	size_t n = 0, to;

	for (size_t i = 0; i < plan->n_cases; i++)
		n += fb_case_reps(&plan->cases[i]);
	plan->steps = calloc(n ? n : 1, sizeof(*plan->steps));
	if (!plan->steps)
		return fb_err_set(err, -ENOMEM, "out of memory for %zu steps", n);
	plan->n_steps = 0;
	for (size_t from = 0; from < plan->n_cases; from = to) {
		to = job_end(plan, from);
		fb_rng_init(&rng, plan->cases[from].seed);
		order_job(plan, from, to, &rng);
	}
	return 0;
}

#include "bench/probe_try.h"

#include "account/account.h"
#include "bench/host.h"
#include "plan/plan.h"
#include "run/overhead.h"
#include "run/run.h"
#include "stats/hist.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BYTES = 1 << 20 };

struct setting {
	const char *param, *text;
};

/* The time ends it on a slow disk. */
static const struct setting flushes[] = {
	{"path", "file"},     {"mode", "none,data-sync-only"},
	{"size", "1m"},       {"bs", "4k"},
	{"ops", "100"},       {"runtime", "150ms"},
	{"ramp_time", "0"},   {"reps", "1"},
	{"account", "trace"}, {NULL, NULL},
};

static const struct setting regions[] = {
	{"path", "nvmem"}, {"mode", "flush"}, {"size", "64k"}, {"bs", "64"},
	{"ops", "10"},     {"reps", "1"},     {NULL, NULL},
};

uint64_t probe_try_bytes(void)
{
	return BYTES;
}

int probe_refuse(struct fb_facts *f, const char *why)
{
	return fb_facts_add(f, "sanity_refused", "%s", why);
}

/* Which of them a repetition was made for: its figures are taken, the others not. */
enum part { PART_WRITE, PART_FLUSH, PART_COUNTS };

/* What is being tried, and where it is told. */
struct attempt {
	struct fb_run_env env;
	struct fb_profile profile;
	struct fb_plan plan;
	struct fb_facts *f;
	struct fb_warnings *ws;
};

static int plan_of(struct attempt *a, const struct setting *s, struct fb_err *err)
{
	int ret = fb_profile_add_job(&a->profile, "probe");

	if (ret)
		return fb_err_set(err, ret, "out of memory");
	for (; !ret && s->param; s++)
		ret = fb_profile_override(&a->profile, fb_param_find(s->param), s->text,
					  "probe", err);
	return ret ? ret : fb_plan_expand(&a->plan, &a->profile, err);
}

static void forget_plan(struct attempt *a)
{
	fb_plan_free(&a->plan);
	fb_profile_free(&a->profile);
	a->plan = (struct fb_plan){0};
	a->profile = (struct fb_profile){0};
}

/* What a hundred ops can tell; for the rest there are too few. */
static bool concerns_probe(const char *id)
{
	static const char *const ids[] = {
		"device_busy",
		"cache_switched",
		"run_delay",
		"tick_artefact",
		"coarse_clock",
		"flushes_missing",
		"noise",
		"lost_events",
		"out_of_range",
		"implausible_flush",
		"trace_unavailable",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (!strcmp(ids[i], id))
			return true;
	return false;
}

static bool is_told(const struct fb_warnings *ws, const char *id)
{
	for (size_t i = 0; i < ws->n; i++)
		if (!strcmp(ws->list[i].id, id))
			return true;
	return false;
}

/* Of the probe, not of a case: nobody reads of cases here. */
static int take_warnings(struct attempt *a, struct fb_result *r, enum part part)
{
	int ret = fb_host_warn_result(&r->warnings, a->env.target->device, r,
				      fb_overhead_step_ns(a->env.clock));

	for (size_t i = 0; !ret && i < r->warnings.n; i++) {
		struct fb_warning w = r->warnings.list[i];

		if (!concerns_probe(w.id) || is_told(a->ws, w.id))
			continue;
		/* Traced, it is of these disks alone. */
		if (part != PART_COUNTS && !strcmp(w.id, "noise"))
			continue;
		w.case_id = FB_WARN_RUN;
		w.rep = 0;
		ret = fb_warnings_add(a->ws, &w);
	}
	return ret;
}

static int add_median(struct fb_facts *f, const char *key, const struct fb_hist *h)
{
	if (!h || !h->count)
		return 0;
	return fb_facts_add(f, key, "%" PRIu64, fb_hist_percentile(h, 50));
}

static int add_count(struct fb_facts *f, const char *key, uint64_t n)
{
	return n == FB_UNKNOWN ? 0 : fb_facts_add(f, key, "%" PRIu64, n);
}

static bool is_on(const struct fb_device *d, const struct fb_io_class *c)
{
	for (size_t i = 0; i < d->n_disks; i++)
		if (!strcmp(d->disks[i].name, c->device))
			return true;
	return false;
}

/* Writes of others, and of the kernel to files that are none of ours. */
static bool is_foreign(const struct fb_io_class *c)
{
	const bool others = !strcmp(c->issuer, "others");

	if (!strcmp(c->klass, "other"))
		return others || !strcmp(c->issuer, "kernel");
	return others &&
	       (!strcmp(c->klass, "journal") || !strcmp(c->klass, "metadata"));
}

/* Without what is known to be others': counters alone tell of nobody. */
static uint64_t own_bytes(const struct fb_io *io, const struct fb_device *d)
{
	uint64_t bytes = io->dev_bytes;

	if (bytes == FB_UNKNOWN || strcmp(io->source, "trace") != 0)
		return bytes;
	for (size_t i = 0; i < io->n_classes; i++) {
		const struct fb_io_class *c = &io->classes[i];

		if (is_on(d, c) && is_foreign(c))
			bytes -= c->bytes < bytes ? c->bytes : bytes;
	}
	return bytes;
}

static const char *verdict_of(const struct attempt *a, const struct fb_result *r)
{
	const struct fb_device *d = a->env.target->device;
	const uint64_t n = fb_account_own_flushes(&r->io, d);

	if (d->medium == FB_MEDIUM_MEMORY)
		return "memory";
	if (n == 0 && fb_device_cache(d) == FB_YES)
		return "missing";
	if (is_told(a->ws, "implausible_flush"))
		return "implausible";
	if (n == FB_UNKNOWN)
		return "uncounted";
	if (n == 0)
		return fb_device_cache(d) == FB_NO ? "unneeded" : "unsent";
	if (10 * n >= 9 * r->app_flushes)
		return "reached";
	return r->io.dev_flushes > n ? "shared" : "some";
}

static int add_counts(struct attempt *a, const struct fb_result *r)
{
	const struct fb_device *d = a->env.target->device;
	int ret = add_count(a->f, "sanity_flushes", r->app_flushes);

	ret |= add_count(a->f, "sanity_app_bytes", r->app_bytes);
	ret |= add_count(a->f, "sanity_dev_flushes", fb_account_own_flushes(&r->io, d));
	ret |= add_count(a->f, "sanity_dev_bytes", own_bytes(&r->io, d));
	if (*r->io.source)
		ret |= fb_facts_add(a->f, "sanity_source", "%s", r->io.source);
	ret |= add_median(a->f, "sanity_dev_flush_p50_ns", r->dev[FB_DEV_FLUSH]);
	if (r->traced)
		ret |= add_median(a->f, "sanity_traced_p50_ns", r->hist[FB_OP_COMMIT]);
	if (r->traced && isfinite(r->trace_cost))
		ret |= fb_facts_add(a->f, "sanity_trace_cost", "%.3f", r->trace_cost);
	return ret ? ret : fb_facts_add(a->f, "sanity_verdict", "%s", verdict_of(a, r));
}

static int take_result(struct attempt *a, struct fb_result *r, enum part part)
{
	int ret = take_warnings(a, r, part);

	if (ret)
		return ret;
	if (part == PART_WRITE)
		return add_median(a->f, "sanity_write_p50_ns", r->hist[FB_OP_COMMIT]);
	if (part == PART_COUNTS)
		return add_counts(a, r);
	ret = add_median(a->f, "sanity_commit_p50_ns", r->hist[FB_OP_COMMIT]);
	return ret ? ret
		   : add_median(a->f, "sanity_flush_p50_ns", r->hist[FB_OP_FLUSH]);
}

/* @failed: the target's own answer, after which there is nothing more to try. */
static int try_part(struct attempt *a, enum part part, bool *failed, struct fb_err *err)
{
	const struct fb_case *c = &a->plan.cases[part == PART_WRITE ? 0 : 1];
	struct fb_result r;
	int ret = fb_run_case(&a->env, c, part == PART_COUNTS ? 2 : 1, &r, err);

	if (ret)
		return ret;
	if (r.ended == FB_ENDED_INTERRUPT)
		ret = fb_err_set(err, -EINTR, "interrupted");
	else if (r.errors || !r.ops) {
		*failed = true;
		ret = probe_refuse(a->f, *r.error ? r.error : "nothing was measured");
	} else {
		ret = take_result(a, &r, part);
	}
	fb_result_free(&r);
	return ret;
}

static int try_flushes(struct attempt *a, struct fb_err *err)
{
	bool failed = false;
	const char *why;
	int ret = plan_of(a, flushes, err);

	if (ret)
		return ret;
	why = fb_path_why_not(&a->plan.cases[0], a->env.target);
	if (why)
		return probe_refuse(a->f, why);
	for (int part = PART_WRITE; !ret && !failed && part <= PART_COUNTS; part++)
		ret = try_part(a, (enum part)part, &failed, err);
	return ret;
}

static int try_region(struct attempt *a, enum probe_nvmem *nvmem, struct fb_err *err)
{
	struct fb_result r;
	int ret = plan_of(a, regions, err);

	if (ret || fb_path_why_not(&a->plan.cases[0], a->env.target))
		return ret;
	ret = fb_run_case(&a->env, &a->plan.cases[0], 1, &r, err);
	if (ret)
		return ret;
	*nvmem = r.promise.fidelity == FB_FIDELITY_MISSING ? PROBE_NVMEM_REFUSED
		 : r.errors                                ? PROBE_NVMEM_UNTRIED
							   : PROBE_NVMEM_THERE;
	fb_result_free(&r);
	return 0;
}

int probe_try(const struct place *p, const struct fb_clock *clock, struct fb_facts *f,
	      struct fb_warnings *ws, enum probe_nvmem *nvmem, struct fb_err *err)
{
	struct attempt a = {
		.env = {.clock = clock, .target = &p->target, .stop = &bench_stop},
		.f = f,
		.ws = ws,
	};
	int ret = try_flushes(&a, err);

	forget_plan(&a);
	if (!ret)
		ret = try_region(&a, nvmem, err);
	forget_plan(&a);
	return ret;
}

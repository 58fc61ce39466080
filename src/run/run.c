#include "run/run.h"

#include "path/nvmem.h"
#include "run/burner.h"
#include "run/cost.h"
#include "run/crew.h"
#include "stats/hist.h"
#include "stats/series.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Others may keep a disk busy for ever; then we measure beside them and say so. */
enum { QUIET_MS = 2000 };

uint64_t fb_run_memory(const struct fb_case *c)
{
	return c->numjobs *
	       (FB_OP_COUNT * sizeof(struct fb_hist) + fb_series_bytes(FB_OP_COUNT));
}

uint64_t fb_run_buffers(const struct fb_case *c)
{
	return c->numjobs * (fb_cursor_bytes(c) + fb_nvmem_lane_bytes(c));
}

static const struct fb_path_counters unknown_counters = {
	.retries = FB_UNKNOWN,
	.log_bytes = FB_UNKNOWN,
	.primary_bytes = FB_UNKNOWN,
	.hive_growth_bytes = FB_UNKNOWN,
	.lazy_flushes = FB_UNKNOWN,
	.lazy_bytes = FB_UNKNOWN,
	.lines_dirtied = FB_UNKNOWN,
	.lines_flushed = FB_UNKNOWN,
};

static void unknown_figures(struct fb_result *r)
{
	r->elapsed_ns = r->run_delay_ns = FB_UNKNOWN;
	r->io = (struct fb_io){
		.dev_bytes = FB_UNKNOWN,
		.dev_writes = FB_UNKNOWN,
		.dev_flushes = FB_UNKNOWN,
		.dev_fua = FB_UNKNOWN,
		.proc_write_bytes = FB_UNKNOWN,
		.lost_events = FB_UNKNOWN,
		.others_bytes = FB_UNKNOWN,
		.source = "",
	};
	r->trace_cost = NAN;
	r->counters = unknown_counters;
}

static void read_counters(struct fb_path *path, struct fb_path_counters *out)
{
	*out = unknown_counters;
	if (path->ops->counters)
		path->ops->counters(path, out);
}

/* Of the measured part alone, as what the disks did. */
static void take_counters(struct fb_path *path, const struct fb_path_counters *was,
			  struct fb_path_counters *out)
{
	struct fb_path_counters is;

	read_counters(path, &is);
	*out = (struct fb_path_counters){
		.retries = fb_gain(was->retries, is.retries),
		.log_bytes = fb_gain(was->log_bytes, is.log_bytes),
		.primary_bytes = fb_gain(was->primary_bytes, is.primary_bytes),
		.hive_growth_bytes = fb_gain(was->hive_growth_bytes,
					     is.hive_growth_bytes),
		.lazy_flushes = fb_gain(was->lazy_flushes, is.lazy_flushes),
		.lazy_bytes = fb_gain(was->lazy_bytes, is.lazy_bytes),
		.lines_dirtied = fb_gain(was->lines_dirtied, is.lines_dirtied),
		.lines_flushed = fb_gain(was->lines_flushed, is.lines_flushed),
	};
}

static void fail_result(struct fb_result *r, const struct fb_err *why)
{
	r->ended = FB_ENDED_ERROR;
	r->errors = 1;
	r->status = why->status;
	r->os_error = why->os_error;
	memcpy(r->error, why->text, sizeof(r->error));
}

static const struct fb_promise missing = {FB_SURVIVES_UNKNOWN, FB_FIDELITY_MISSING};

/* A mode this system lacks or refuses is an answer, not a failure; what to do about it
 * is told below the table. */
static void refuse(struct fb_result *r)
{
	struct fb_warning w = {
		.id = "refused",
		.severity = FB_SEVERITY_NOTE,
		.case_id = r->c->case_id,
		.rep = r->rep,
	};

	r->errors = 0;
	r->promise = missing;
	snprintf(w.text, sizeof(w.text), "%.255s", r->error);
	snprintf(w.evidence, sizeof(w.evidence), "status 0x%08" PRIX32,
		 (uint32_t)r->status);
	fb_warnings_add(&r->warnings, &w);
}

static void refuse_result(struct fb_result *r, const struct fb_err *why)
{
	fail_result(r, why);
	refuse(r);
}

static void warn_busy(struct fb_result *r, const struct fb_device *d)
{
	struct fb_warning w = {
		.id = "device_busy",
		.severity = FB_SEVERITY_WARNING,
		.case_id = r->c->case_id,
		.rep = r->rep,
		.text = "others use the disk: latencies and dev_ figures have their "
			"share in them; run on an idle disk",
	};

	snprintf(w.evidence, sizeof(w.evidence), "%s was not idle for %d ms",
		 d->n_disks ? d->disks[0].name : "the disk", QUIET_MS);
	fb_warnings_add(&r->warnings, &w);
}

static bool switches_cache(const struct fb_case *c)
{
	return c->mode == FB_MODE_NO_SYNC && c->no_sync == FB_NO_SYNC_CACHE_OFF;
}

/* Then some flushes reached the disk and some did not: nothing can be promised. */
static void warn_switched(struct fb_result *r, const char *disk)
{
	struct fb_warning w = {
		.id = "cache_switched",
		.severity = FB_SEVERITY_WARNING,
		.case_id = r->c->case_id,
		.rep = r->rep,
		.text = "somebody switched the kernel's view of the write cache while "
			"the case ran: flushes may not have reached the disk; run it "
			"again",
	};

	snprintf(w.evidence, sizeof(w.evidence), "queue/write_cache of %s", disk);
	fb_warnings_add(&r->warnings, &w);
	r->promise.survives = FB_SURVIVES_UNKNOWN;
}

static void warn_disk(struct fb_result *r, const struct fb_device *d, bool quiet)
{
	const char *switched = switches_cache(r->c) ? NULL : fb_device_cache_changed(d);

	if (!quiet)
		warn_busy(r, d);
	if (switched)
		warn_switched(r, switched);
}

/* Nothing measured, or less than was asked for. */
static void warn_space(struct fb_result *r)
{
	struct fb_warning w = {
		.id = r->ops ? "short_run" : "no_samples",
		.severity = r->ops ? FB_SEVERITY_NOTE : FB_SEVERITY_WARNING,
		.case_id = r->c->case_id,
		.rep = r->rep,
	};

	snprintf(w.text, sizeof(w.text), "%s; raise size or lower ramp_time",
		 r->ops ? "size was used up before runtime or ops were reached"
			: "size was used up before the clock started: nothing was "
			  "measured");
	snprintf(w.evidence, sizeof(w.evidence), "%" PRIu64 " ops in %" PRIu64 " bytes",
		 r->ops, r->c->size);
	fb_warnings_add(&r->warnings, &w);
}

/* A system without the call says so at the first try. */
static bool is_refused(const struct fb_result *r)
{
	return r->errors && !r->ops && r->os_error == EOPNOTSUPP;
}

/* One op in flight at a time: what the device does meanwhile is the op's. */
static bool is_single(const struct fb_case *c)
{
	return c->numjobs == 1 && c->batch <= 1;
}

/* struct measuring - a repetition with all that takes part in it */
struct measuring {
	const struct fb_run_env *env;
	struct fb_path *path;
	struct fb_crew *crew;
	struct fb_account *account;
	struct fb_result *r;
};

static int open_account(struct measuring *m, struct fb_err *err)
{
	const struct fb_case *c = m->r->c;
	const bool past = m->path->ops->past_disks;
	const struct fb_account_how how = {
		.process_only = past || c->account == FB_ACCOUNT_PROCESS,
		.trace = !past && fb_case_is_traced(c, m->r->rep),
		.per_op = is_single(c),
		.target = m->env->target->dir,
	};
	int ret = fb_account_open(&m->account, m->env->target->device, &how);

	return ret ? fb_err_set(err, ret, "out of memory") : 0;
}

static int measure(struct measuring *m, struct fb_err *err)
{
	const struct fb_run_env *env = m->env;
	struct fb_path *path = m->path;
	struct fb_result *r = m->r;
	struct fb_path_counters before;
	bool past = path->ops->past_disks, quiet;
	/* What others do on the disk is no matter to who goes past it. */
	const unsigned quiet_ms = past ? 0 : QUIET_MS;
	int ret = path->ops->sync ? path->ops->sync(path, err) : 0;

	if (ret)
		return ret;
	if (env->settle)
		env->settle(env->ctx);
	quiet = fb_account_begin(m->account, quiet_ms);
	r->traced = fb_account_is_traced(m->account);
	if (r->traced)
		fb_crew_observe(m->crew, m->account, is_single(r->c));
	read_counters(path, &before);
	fb_crew_pass(m->crew, false);
	quiet = fb_account_end(m->account, quiet_ms, &r->io) && quiet;
	fb_account_take_hists(m->account, r->dev);
	ret = fb_account_warn(m->account, &r->warnings);
	take_counters(path, &before, &r->counters);
	if (!past)
		warn_disk(r, env->target->device, quiet);
	return ret ? fb_err_set(err, ret, "out of memory") : 0;
}

static bool went_well(const struct fb_result *r)
{
	return !r->errors && r->ops && r->ended != FB_ENDED_INTERRUPT &&
	       r->ended != FB_ENDED_SPACE;
}

static int run_measured(struct measuring *m, struct fb_err *err)
{
	struct fb_result *r = m->r;
	struct fb_err why = {0};
	int ret = open_account(m, err);

	if (ret)
		return ret;
	ret = measure(m, &why);
	if (ret)
		fail_result(r, &why);
	ret = ret ? 0 : fb_crew_collect(m->crew, r);
	if (!ret && r->traced && went_well(r))
		r->trace_cost = fb_run_cost(m->crew, m->account, r);
	fb_crew_observe(m->crew, NULL, false);
	fb_account_close(m->account);
	return ret ? fb_err_set(err, ret, "out of memory") : 0;
}

static int run_crew(struct measuring *m, struct fb_err *err)
{
	struct fb_result *r = m->r;
	int ret = fb_crew_start(&m->crew, m->env, r->c, m->path, err);

	if (ret)
		return ret;
	if (r->c->ramp_time_ns)
		fb_crew_pass(m->crew, true);
	if (!r->c->ramp_time_ns || !fb_crew_is_over(m->crew))
		ret = run_measured(m, err);
	else if (fb_crew_collect(m->crew, r))
		ret = fb_err_set(err, -ENOMEM, "out of memory");
	fb_crew_end(m->crew);
	if (r->ended == FB_ENDED_SPACE)
		warn_space(r);
	if (is_refused(r))
		refuse(r);
	return ret;
}

static int run_awake(struct measuring *m, struct fb_err *err)
{
	const struct fb_case *c = m->r->c;
	struct fb_burner *burner = NULL;
	int ret = 0;

	if (c->cpu_idle == FB_CPU_IDLE_BUSY)
		ret = fb_burner_start(&burner, c->cpus_allowed, err);
	if (!ret)
		ret = run_crew(m, err);
	fb_burner_stop(burner);
	return ret;
}

/* A device that failed may not let go of the target either: the row stays. */
static int close_path(struct fb_path *path, struct fb_result *r, struct fb_err *err)
{
	struct fb_err why = {0};
	int ret = path->ops->close(path, &why);
	size_t at = strlen(r->error);

	if (ret && r->errors) {
		snprintf(r->error + at, sizeof(r->error) - at, "; %s", why.text);
		return 0;
	}
	if (ret && err)
		*err = why;
	return ret;
}

static int run_path(const struct fb_run_env *env, const struct fb_path_ops *ops,
		    struct fb_result *r, struct fb_err *err)
{
	struct fb_err why = {0};
	struct fb_path *path;
	int closed, ret = ops->open(&path, r->c, env->target, &why);

	/* With a status it is the target's answer: what is too large for one case may
	 * leave room for the next. */
	if ((ret == -ENOMEM && !why.status) || ret == -EINTR) {
		if (err)
			*err = why;
		return ret;
	}
	if (ret) {
		ret == -ENOTSUP ? refuse_result(r, &why) : fail_result(r, &why);
		return 0;
	}
	ret = run_awake(&(struct measuring){.env = env, .path = path, .r = r}, &why);
	/* A lane that cannot be opened is the target's answer, not our trouble. */
	if (ret && why.status) {
		ret == -ENOTSUP ? refuse_result(r, &why) : fail_result(r, &why);
		ret = 0;
	}
	closed = close_path(path, r, ret ? NULL : err);
	if (ret && err)
		*err = why;
	return ret ? ret : closed;
}

int fb_run_case(const struct fb_run_env *env, const struct fb_case *c, unsigned rep,
		struct fb_result *out, struct fb_err *err)
{
	const struct fb_path_ops *ops = env->path
						? env->path
						: fb_path_get((enum fb_path_id)c->path);
	struct fb_result r = {.c = c, .rep = rep};
	int ret;

	unknown_figures(&r);
	r.promise = ops->promise(c, env->target->device);
	ret = run_path(env, ops, &r, err);
	if (ret)
		fb_result_free(&r);
	else
		*out = r;
	return ret;
}

void fb_result_free(struct fb_result *r)
{
	for (int i = 0; i < FB_OP_COUNT; i++)
		free(r->hist[i]);
	for (int i = 0; i < FB_DEV_HISTS; i++)
		free(r->dev[i]);
	fb_series_free(r->series);
	fb_warnings_free(&r->warnings);
	*r = (struct fb_result){0};
}

#include "report/run_rows.h"

#include "plan/param.h"
#include "stats/hist.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const before_params[] = {
	"schema", "run_id", "profile", "job", "host", "os", "case_id", "rep",
};

#define LATENCY(op)                                                                    \
	op "_min_ns", op "_mean_ns", op "_p50_ns", op "_p90_ns", op "_p99_ns",         \
		op "_p999_ns", op "_p9999_ns", op "_max_ns"

static const char *const after_params[] = {
	"survives",
	"fidelity",
	"load",
	"ended",
	"ops",
	"errors",
	"status",
	"os_error",
	"elapsed_ns",
	"run_delay_ns",
	"out_of_range",
	"retries",
	LATENCY("write"),
	LATENCY("flush"),
	LATENCY("commit"),
	"commits_per_s",
	"bytes_per_s",
	"app_bytes",
	"app_writes",
	"app_flushes",
	"dev_bytes",
	"dev_writes",
	"dev_flushes",
	"dev_fua",
	"write_amp",
	"io_amp",
	"flush_amp",
	"proc_write_bytes",
	"log_bytes",
	"primary_bytes",
	"hive_growth_bytes",
	"lazy_flushes",
	"lazy_bytes",
	"lines_dirtied",
	"lines_flushed",
	"account_source",
	"lost_events",
	"traced",
	"trace_cost",
	"warnings",
};

static const char *const histogram_columns[] = {
	"run_id", "case_id", "rep", "op", "low", "high", "count", "unit",
};
static const char *const series_columns[] = {
	"run_id", "case_id", "rep", "t_ms", "op", "count", "p50_ns", "p99_ns", "max_ns",
};
static const char *const io_columns[] = {
	"run_id", "case_id", "rep",      "device", "class",
	"fua",    "issuer",  "requests", "bytes",
};
static const char *const system_columns[] = {"run_id", "host", "key", "value"};
static const char *const warnings_columns[] = {
	"run_id", "host", "case_id", "rep", "id", "severity", "text", "evidence",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const *summary_columns(size_t *n, void **owned)
{
	size_t before = COUNT(before_params), after = COUNT(after_params);
	const char **list;

	*n = before + fb_params_count + after;
	list = malloc(*n * sizeof(*list));
	*owned = list;
	if (!list)
		return NULL;
	memcpy(list, before_params, sizeof(before_params));
	for (size_t i = 0; i < fb_params_count; i++)
		list[before + i] = fb_param_column(&fb_params[i]);
	memcpy(list + before + fb_params_count, after_params, sizeof(after_params));
	return list;
}

const char *const *fb_run_columns(enum fb_run_file file, size_t *n, void **owned)
{
	static const struct {
		const char *const *list;
		size_t n;
	} fixed[FB_RUN_FILES] = {
		[FB_RUN_HISTOGRAM] = {histogram_columns, COUNT(histogram_columns)},
		[FB_RUN_SERIES] = {series_columns, COUNT(series_columns)},
		[FB_RUN_IO] = {io_columns, COUNT(io_columns)},
		[FB_RUN_SYSTEM] = {system_columns, COUNT(system_columns)},
		[FB_RUN_WARNINGS] = {warnings_columns, COUNT(warnings_columns)},
	};

	*owned = NULL;
	if (file == FB_RUN_SUMMARY)
		return summary_columns(n, owned);
	*n = fixed[file].n;
	return fixed[file].list;
}

static void put_identity(struct fb_csv_out *o, const struct fb_run_id *id,
			 const struct fb_result *r)
{
	fb_csv_u64(o, FB_SCHEMA);
	fb_csv_text(o, id->name);
	fb_csv_text(o, id->profile);
	fb_csv_text(o, r->c->job);
	fb_csv_text(o, id->host);
	fb_csv_text(o, id->os);
	fb_csv_u64(o, r->c->case_id);
	fb_csv_u64(o, r->rep);
}

static void put_params(struct fb_csv_out *o, const struct fb_case *c)
{
	char text[FB_PARAM_TEXT];

	for (size_t i = 0; i < fb_params_count; i++) {
		if (!(c->given >> i & 1)) {
			fb_csv_empty(o);
			continue;
		}
		fb_param_format(&fb_params[i], c, text);
		fb_csv_text(o, text);
	}
}

static uint64_t out_of_range(const struct fb_result *r)
{
	uint64_t n = 0;

	for (size_t op = 0; op < FB_OP_COUNT; op++)
		n += r->hist[op] ? r->hist[op]->out_of_range : 0;
	return n;
}

static void put_outcome(struct fb_csv_out *o, const struct fb_result *r)
{
	char status[16];

	snprintf(status, sizeof(status), "0x%08X", (unsigned)r->status);
	fb_csv_text(o, fb_survives_names[r->promise.survives]);
	fb_csv_text(o, fb_fidelity_names[r->promise.fidelity]);
	fb_csv_text(o, r->c->rate_iops ? "open" : "closed");
	fb_csv_text(o, fb_ended_names[r->ended]);
	fb_csv_u64(o, r->ops);
	fb_csv_u64(o, r->errors);
	fb_csv_text(o, status);
	fb_csv_u64(o, (uint64_t)r->os_error);
	fb_csv_u64(o, r->elapsed_ns);
	fb_csv_u64(o, r->run_delay_ns);
	fb_csv_u64(o, out_of_range(r));
	fb_csv_u64(o, r->counters.retries);
}

/* Not the ops: those of a thread that does not flush commit nothing. */
static uint64_t commits(const struct fb_result *r)
{
	const struct fb_hist *h = r->hist[FB_OP_COMMIT];

	return !h ? FB_UNKNOWN : h->count * (r->c->batch > 1 ? r->c->batch : 1);
}

static void put_latency(struct fb_csv_out *o, const struct fb_result *r, enum fb_op op)
{
	struct fb_summary s = fb_run_summary(r, op);

	fb_csv_u64(o, s.min);
	fb_csv_real(o, s.mean);
	for (size_t i = 0; i < FB_PERCENTILES; i++)
		fb_csv_u64(o, s.percentile[i]);
	fb_csv_u64(o, s.max);
}

/* NAN, an empty field, where a part is unknown or there is nothing to divide by. */
static double ratio(uint64_t a, uint64_t b)
{
	if (a == FB_UNKNOWN || b == FB_UNKNOWN || !b)
		return NAN;
	return (double)a / (double)b;
}

static void put_amplification(struct fb_csv_out *o, const struct fb_result *r)
{
	const struct fb_io *io = &r->io;

	fb_csv_u64(o, r->app_bytes);
	fb_csv_u64(o, r->app_writes);
	fb_csv_u64(o, r->app_flushes);
	fb_csv_u64(o, io->dev_bytes);
	fb_csv_u64(o, io->dev_writes);
	fb_csv_u64(o, io->dev_flushes);
	fb_csv_u64(o, io->dev_fua);
	fb_csv_real(o, ratio(io->dev_bytes, r->app_bytes));
	fb_csv_real(o, ratio(io->dev_writes, r->app_writes));
	fb_csv_real(o, ratio(io->dev_flushes, r->app_flushes));
	fb_csv_u64(o, io->proc_write_bytes);
}

static void put_counters(struct fb_csv_out *o, const struct fb_path_counters *c)
{
	fb_csv_u64(o, c->log_bytes);
	fb_csv_u64(o, c->primary_bytes);
	fb_csv_u64(o, c->hive_growth_bytes);
	fb_csv_u64(o, c->lazy_flushes);
	fb_csv_u64(o, c->lazy_bytes);
	fb_csv_u64(o, c->lines_dirtied);
	fb_csv_u64(o, c->lines_flushed);
}

static const struct fb_warning *warning_at(const struct fb_result *r,
					   const struct fb_warning *low_n, size_t i)
{
	return i < r->warnings.n ? &r->warnings.list[i] : low_n;
}

static bool said_before(const struct fb_result *r, const struct fb_warning *low_n,
			size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(warning_at(r, low_n, k)->id, warning_at(r, low_n, i)->id))
			return true;
	return false;
}

/* The ids with spaces between; cut at a whole id if there are absurdly many. */
static void put_warning_ids(struct fb_csv_out *o, const struct fb_result *r,
			    const struct fb_warning *low_n)
{
	char text[2048] = "";
	size_t len = 0, n = r->warnings.n + (low_n != NULL);

	for (size_t i = 0; i < n; i++) {
		const char *id = warning_at(r, low_n, i)->id;

		if (said_before(r, low_n, i) || len + strlen(id) + 2 > sizeof(text))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					len ? " " : "", id);
	}
	fb_csv_text(o, text);
}

void fb_run_put_summary(struct fb_csv_out *o, const struct fb_run_id *id,
			const struct fb_result *r, const struct fb_warning *low_n)
{
	put_identity(o, id, r);
	put_params(o, r->c);
	put_outcome(o, r);
	for (size_t op = 0; op < FB_OP_COUNT; op++)
		put_latency(o, r, (enum fb_op)op);
	fb_csv_real(o, ratio(commits(r), r->elapsed_ns) * 1e9);
	fb_csv_real(o, ratio(r->app_bytes, r->elapsed_ns) * 1e9);
	put_amplification(o, r);
	put_counters(o, &r->counters);
	fb_csv_text(o, r->io.source);
	fb_csv_u64(o, r->io.lost_events);
	fb_csv_u64(o, r->traced);
	fb_csv_real(o, r->traced ? r->trace_cost : NAN);
	put_warning_ids(o, r, low_n);
	fb_csv_end_row(o);
}

#include "report/run_rows.h"

#include "stats/hist.h"
#include "stats/series.h"

#include <stdio.h>
#include <string.h>

static void put_key(struct fb_csv_out *o, const struct fb_run_id *id,
		    const struct fb_result *r)
{
	fb_csv_text(o, id->name);
	fb_csv_u64(o, r->c->case_id);
	fb_csv_u64(o, r->rep);
}

/* struct named - a histogram and how its rows are marked */
struct named {
	const struct fb_hist *h;
	const char *op, *unit;
};

static void put_buckets(struct fb_csv_out *o, const struct fb_run_id *id,
			const struct fb_result *r, const struct named *n)
{
	for (uint32_t i = 0; n->h && n->h->count && i < FB_HIST_COUNTERS; i++) {
		if (!n->h->counters[i])
			continue;
		put_key(o, id, r);
		fb_csv_text(o, n->op);
		fb_csv_u64(o, fb_hist_low(i));
		fb_csv_u64(o, fb_hist_high(i));
		fb_csv_u64(o, n->h->counters[i]);
		fb_csv_text(o, n->unit);
		fb_csv_end_row(o);
	}
}

void fb_run_put_histograms(struct fb_csv_out *o, const struct fb_run_id *id,
			   const struct fb_result *r)
{
	for (int op = 0; op < FB_OP_COUNT; op++)
		put_buckets(o, id, r,
			    &(struct named){r->hist[op], fb_op_names[op], "ns"});
	for (int i = 0; i < FB_DEV_HISTS; i++)
		put_buckets(o, id, r,
			    &(struct named){r->dev[i], fb_dev_hist_names[i],
					    fb_dev_hist_unit((enum fb_dev_hist)i)});
}

struct fb_summary fb_run_summary(const struct fb_result *r, enum fb_op op)
{
	struct fb_summary s = fb_summary_of(r->hist[op]);

	if (r->c->batch <= 1)
		return s;
	for (size_t i = 1; i < FB_PERCENTILES; i++)
		s.percentile[i] = FB_UNKNOWN;
	s.max = FB_UNKNOWN;
	s.low_n &= 1;
	return s;
}

static void put_interval(struct fb_csv_out *o, const struct fb_interval *v,
			 bool batches)
{
	fb_csv_u64(o, v->count);
	/* Of no samples there is neither a median nor a maximum. */
	fb_csv_u64(o, v->count ? v->p50_ns : FB_UNKNOWN);
	fb_csv_u64(o, v->count && !batches ? v->p99_ns : FB_UNKNOWN);
	fb_csv_u64(o, v->count && !batches ? v->max_ns : FB_UNKNOWN);
}

void fb_run_put_series(struct fb_csv_out *o, const struct fb_run_id *id,
		       const struct fb_result *r)
{
	size_t n = r->series ? fb_series_count(r->series) : 0;

	for (size_t i = 0; i < n; i++) {
		for (unsigned op = 0; op < FB_OP_COUNT; op++) {
			struct fb_interval v;

			/* A mode without flushes of its own has no row of them. */
			if (!r->hist[op] || !r->hist[op]->count)
				continue;
			v = fb_series_get(r->series, op, i);
			put_key(o, id, r);
			fb_csv_real(o, v.t_ms);
			fb_csv_text(o, fb_op_names[op]);
			put_interval(o, &v, r->c->batch > 1);
			fb_csv_end_row(o);
		}
	}
}

void fb_run_put_io(struct fb_csv_out *o, const struct fb_run_id *id,
		   const struct fb_result *r)
{
	for (size_t i = 0; i < r->io.n_classes; i++) {
		const struct fb_io_class *c = &r->io.classes[i];

		put_key(o, id, r);
		fb_csv_text(o, c->device);
		fb_csv_text(o, c->klass);
		fb_csv_text(o, c->fua);
		fb_csv_text(o, c->issuer);
		fb_csv_u64(o, c->requests);
		fb_csv_u64(o, c->bytes);
		fb_csv_end_row(o);
	}
}

void fb_run_put_warning(struct fb_csv_out *o, const struct fb_run_id *id,
			const struct fb_warning *w)
{
	fb_csv_text(o, id->name);
	fb_csv_text(o, id->host);
	fb_csv_u64(o, w->case_id == FB_WARN_RUN ? FB_UNKNOWN : w->case_id);
	fb_csv_u64(o, w->rep ? w->rep : FB_UNKNOWN);
	fb_csv_text(o, w->id);
	fb_csv_text(o, fb_severity_name(w->severity));
	fb_csv_text(o, w->text);
	fb_csv_text(o, w->evidence);
	fb_csv_end_row(o);
}

/* One "commit p9999 (3 above)" more, or "..." where there is no room for it. */
static void add_evidence(struct fb_warning *w, const char *op, size_t i, uint64_t above)
{
	static const char more[] = ", ...";
	size_t len = strlen(w->evidence), room = sizeof(w->evidence) - len;
	char item[48];
	int n = snprintf(item, sizeof(item), "%s%s %s (%u above)", len ? ", " : "", op,
			 fb_percentile_name(i), (unsigned)above);

	if (len >= sizeof(more) && !strcmp(w->evidence + len + 1 - sizeof(more), more))
		return;
	memcpy(w->evidence + len, (size_t)n + sizeof(more) < room ? item : more,
	       (size_t)n + sizeof(more) < room ? (size_t)n + 1 : sizeof(more));
}

bool fb_run_low_n(const struct fb_result *r, struct fb_warning *w)
{
	static const char one_sample[] =
		"one op, or one batch of them, was all there was time for, and of one "
		"sample there is no percentile: '-'; its time is under min and mean in "
		"summary.csv; run longer, or make an op or a batch smaller";

	*w = (struct fb_warning){
		.id = "low_n",
		.severity = FB_SEVERITY_NOTE,
		.case_id = r->c->case_id,
		.rep = r->rep,
		.text = "fewer than ten samples lie above a percentile, so another run "
			"may well give another figure; run longer, or read a lower one",
	};
	for (size_t op = 0; op < FB_OP_COUNT; op++) {
		struct fb_summary s = fb_run_summary(r, (enum fb_op)op);

		if (s.count == 1) {
			snprintf(w->text, sizeof(w->text), "%s", one_sample);
			add_evidence(w, fb_op_names[op], 0, 0);
		}
		for (size_t i = 0; i < FB_PERCENTILES; i++)
			if (s.low_n >> i & 1)
				add_evidence(w, fb_op_names[op], i,
					     fb_hist_above(r->hist[op],
							   fb_percentile_at(i)));
	}
	return *w->evidence;
}

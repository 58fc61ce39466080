#include "report/plot_stacks.h"

#include "base/units.h"
#include "report/trace_cost.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TIME, SHARE };
enum { DEV_WRITE, DEV_FLUSH, SOFTWARE, PARTS };

static const char *const parts[PARTS] = {
	"device write",
	"device flush",
	"software and wake-up",
};

/* Over all ops of the traced repetitions; false: there are none. */
static bool has_mean(const struct fb_hist *h, double *out)
{
	if (h->count)
		*out = (double)h->sum / (double)h->count;
	return h->count;
}

/* The means of a case in ns, that of commits last: 1, 0 where they are not known, or
 * -errno. */
static int measure(const struct fb_plot *p, unsigned case_id, double mean[PARTS],
		   struct fb_err *err)
{
	const char *const names[PARTS] = {
		fb_dev_hist_names[FB_DEV_WRITE],
		fb_dev_hist_names[FB_DEV_FLUSH],
		fb_op_names[FB_OP_COMMIT],
	};
	struct fb_hist *h = malloc(sizeof(*h));
	bool known = true;
	int ret = 0;

	if (!h)
		return fb_err_set(err, -ENOMEM, "out of memory");
	for (int i = 0; !ret && i < PARTS; i++) {
		ret = fb_case_rows_pool_traced(&p->histograms, case_id, names[i], h,
					       err);
		known = !ret && has_mean(h, &mean[i]) && known;
	}
	free(h);
	return ret ? ret : known;
}

static bool is_above_one(const struct fb_plot *p, const struct fb_cases_row *c,
			 const char *column)
{
	return strtod(fb_cases_field(p->cases, c, column), NULL) > 1;
}

static bool lost_events(const struct fb_plot *p, const struct fb_cases_row *c)
{
	struct fb_case_row at = {.traced = true};
	const struct fb_csv_table *t = p->summary.t;
	int column = t ? fb_csv_find(t, "lost_events") : -1;

	while (fb_case_rows_next(&p->summary, fb_cases_number(p->cases, c), &at))
		if (strtod(fb_csv_get(t, at.row, column), NULL) > 0)
			return true;
	return false;
}

static const char *why_none(const struct fb_plot *p, const struct fb_cases_row *c)
{
	if (is_above_one(p, c, "numjobs") || is_above_one(p, c, "batch"))
		return "more than one op was in flight";
	if (!lost_events(p, c))
		return "no op was seen whole";
	if (!strcmp(fb_cases_field(p->cases, c, "cpu_idle"), "busy"))
		return "too many answers were lost";
	return "too many answers were lost (try cpu_idle=busy)";
}

static int fill_row(const struct fb_plot *p, size_t at, struct fb_stack *row,
		    struct fb_err *err)
{
	const struct fb_cases_row *c = fb_plot_case(p, at);
	double mean[PARTS] = {0}, device, all;
	int ret;

	fb_stacks_trouble(p, c, row->trouble);
	if (*row->trouble)
		return 0;
	ret = measure(p, fb_cases_number(p->cases, c), mean, err);
	if (ret < 0)
		return ret;
	if (!ret) {
		snprintf(row->trouble, sizeof(row->trouble), "%s", why_none(p, c));
		return 0;
	}
	fb_format_ns(row->total[TIME], mean[SOFTWARE]);
	/* What goes on behind a commit can last longer than it. */
	device = mean[DEV_WRITE] + mean[DEV_FLUSH];
	all = mean[SOFTWARE] > device ? mean[SOFTWARE] : device;
	mean[SOFTWARE] = all - device;
	if (all > 0)
		snprintf(row->total[SHARE], sizeof(row->total[SHARE]), "device %.0f %%",
			 100 * device / all);
	for (int i = 0; i < PARTS && all > 0; i++) {
		row->part[TIME][i] = mean[i];
		row->part[SHARE][i] = 100 * mean[i] / all;
		fb_format_ns(row->shown[TIME][i], mean[i]);
		snprintf(row->shown[SHARE][i], FB_FORMAT_LEN, "%.0f %%",
			 row->part[SHARE][i]);
	}
	return 0;
}

static int write_note(const struct fb_plot *p, char *note, size_t room,
		      struct fb_err *err)
{
	char dearer[FB_TRACE_COST_TEXT];
	double cost;
	int ret = fb_trace_cost_median(p->cases->t, &cost, err);

	if (ret)
		return ret;
	fb_trace_cost_say(cost, dearer);
	snprintf(note, room,
		 "means of the traced repetition; write and flush at once count as "
		 "flush%s%s",
		 *dearer ? "; " : "", dearer);
	return 0;
}

int fb_plot_put_shares(FILE *out, const struct fb_plot *p, struct fb_err *err)
{
	struct fb_stacks s = {
		.name = "shares",
		.names = parts,
		.parts = PARTS,
		.heading = {"mean commit", "shares of it"},
		.meaning = {"", "%, of the mean commit"},
		.rows = fb_stacks_new(p),
	};
	const struct fb_unit *unit;
	int ret = 0;

	if (!s.rows)
		return fb_err_set(err, -ENOMEM, "out of memory");
	for (size_t at = 0; !ret && at < p->cases->n; at++)
		ret = fill_row(p, at, &s.rows[at], err);
	if (!ret)
		ret = write_note(p, s.note, sizeof(s.note), err);
	if (!ret) {
		unit = fb_plot_unit(fb_stacks_longest(p, &s, TIME));
		fb_stacks_shorten(p, &s, TIME, unit->ns);
		snprintf(s.meaning[TIME], sizeof(s.meaning[TIME]), "commit, mean, %s",
			 unit->name);
		fb_stacks_put(out, p, &s);
	}
	free(s.rows);
	return ret;
}

/* Distributions an op are made with one op in flight alone. */
static bool has_times(const struct fb_plot *p, const struct fb_cases_row *c)
{
	struct fb_case_row at = {.traced = true};
	const struct fb_csv_table *t = p->histograms.t;
	int op = t ? fb_csv_find(t, "op") : -1;

	while (t &&
	       fb_case_rows_next(&p->histograms, fb_cases_number(p->cases, c), &at))
		if (!strcmp(fb_csv_get(t, at.row, op), fb_dev_hist_names[FB_DEV_FLUSH]))
			return true;
	return false;
}

bool fb_plot_has_shares(const struct fb_plot *p)
{
	for (size_t i = 0; i < p->cases->n; i++)
		if (!p->cases->cases[i].failed && has_times(p, &p->cases->cases[i]))
			return true;
	return false;
}

const char *fb_plot_why_no_shares(const struct fb_plot *p)
{
	for (size_t i = 0; i < p->cases->n; i++)
		if (p->cases->cases[i].traced && !p->cases->cases[i].failed)
			return why_none(p, &p->cases->cases[i]);
	return "no traced case went well";
}

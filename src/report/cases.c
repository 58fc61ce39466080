#include "report/cases.h"

#include "stats/summary.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const figure_columns[FB_FIGURES] = {
	"write_p50_ns", "flush_p50_ns",  "commit_p50_ns", "write_p99_ns",
	"flush_p99_ns", "commit_p99_ns", "commits_per_s", "write_amp",
	"flush_amp",    "log_bytes",     "lines_flushed",
};

/* What some are divided by. */
static const char *const divisor_columns[FB_FIGURES] = {
	[FB_FIGURE_LOG] = "app_flushes",
	[FB_FIGURE_LINES] = "lines_dirtied",
};

/* What the observer of a traced repetition does not change, but sees better. */
static const bool is_amplification[FB_FIGURES] = {
	[FB_FIGURE_WRITE_AMP] = true,
	[FB_FIGURE_FLUSH_AMP] = true,
};

/* A row of summary.csv under its case, to sort by. */
struct entry {
	double case_id;
	bool traced;
	size_t row;
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->case_id != y->case_id)
		return x->case_id < y->case_id ? -1 : 1;
	if (x->traced != y->traced)
		return x->traced ? 1 : -1;
	return (x->row > y->row) - (x->row < y->row);
}

bool fb_cases_row_is_traced(const struct fb_csv_table *t, size_t row)
{
	return !strcmp(fb_csv_get(t, row, fb_csv_find(t, "traced")), "1");
}

static bool row_failed(const struct fb_csv_table *t, size_t row)
{
	const char *status = fb_csv_get(t, row, fb_csv_find(t, "status"));
	const char *errors = fb_csv_get(t, row, fb_csv_find(t, "errors"));

	return (*errors && strcmp(errors, "0")) ||
	       (*status && strtoul(status, NULL, 16) != 0);
}

/* What the figures come from; @scratch has room for every row. */
struct source {
	const struct fb_csv_table *t;
	double *scratch;
	struct fb_err *err;
};

/* A repetition that has samples, but too few for this percentile. */
static bool is_short_of(const struct fb_csv_table *t, size_t row, enum fb_figure f)
{
	char column[32];

	if (f >= FB_FIGURE_COMMITS)
		return false;
	/* A maximum is not told of batches. */
	snprintf(column, sizeof(column), "%s_min_ns", fb_op_names[f % FB_OP_COUNT]);
	return *fb_csv_get(t, row, fb_csv_find(t, column)) != '\0';
}

static int get_figure(const struct source *s, size_t row, enum fb_figure f, double *out)
{
	int ret = fb_csv_get_real(s->t, row, fb_csv_find(s->t, figure_columns[f]), out,
				  s->err);
	double by;

	if (ret || !divisor_columns[f])
		return ret;
	ret = fb_csv_get_real(s->t, row, fb_csv_find(s->t, divisor_columns[f]), &by,
			      s->err);
	if (!ret)
		*out = by > 0 ? *out / by : NAN;
	return ret;
}

/* Which of a case's entries a figure comes from: those traced follow the others. */
static const struct entry *entries_of(const struct fb_cases_row *c, enum fb_figure f,
				      const struct entry *e, size_t *n)
{
	const bool traced = is_amplification[f] && c->traced;

	*n = traced ? c->traced : c->reps;
	return traced ? e + c->reps : e;
}

static int fill_figure(const struct source *s, const struct entry *all,
		       struct fb_cases_row *c, enum fb_figure f)
{
	double *value = s->scratch;
	bool short_of = false;
	size_t known = 0, n;
	const struct entry *e = entries_of(c, f, all, &n);

	for (size_t i = 0; i < n; i++) {
		int ret = get_figure(s, e[i].row, f, &value[known]);

		if (ret)
			return ret;
		short_of |= isnan(value[known]) && is_short_of(s->t, e[i].row, f);
		known += !isnan(value[known]);
	}
	/* A median of the quick repetitions alone could lie below a lower percentile.
	 */
	known = short_of ? 0 : known;
	c->figure[f] = known ? fb_median(value, known) : NAN;
	/* The median has sorted them. */
	c->least[f] = known ? value[0] : NAN;
	c->most[f] = known ? value[known - 1] : NAN;
	return 0;
}

/* A failure that came before another comes first, traced or not. */
static void see_failed(struct fb_cases_row *c, size_t row)
{
	if (!c->failed || row < c->failed_row)
		c->failed_row = row;
	c->failed++;
}

static void count_reps(struct fb_cases_row *c, const struct fb_csv_table *t,
		       const struct entry *e, size_t n)
{
	bool good = false;

	*c = (struct fb_cases_row){.row = e[0].row};
	for (size_t i = 0; i < n; i++) {
		c->traced += e[i].traced;
		c->reps += !e[i].traced;
		if (row_failed(t, e[i].row)) {
			see_failed(c, e[i].row);
		} else if (!good) {
			c->row = e[i].row;
			good = true;
		}
	}
}

/* What is neither would be taken for a latency that nobody observed. */
static int check_traced(const struct fb_csv_table *t, size_t row, struct fb_err *err)
{
	const char *text = fb_csv_get(t, row, fb_csv_find(t, "traced"));

	if (!*text || !strcmp(text, "0") || !strcmp(text, "1"))
		return 0;
	return fb_err_set(err, -EINVAL,
			  "summary.csv: '%.40s' is no traced: 0 or 1 is needed", text);
}

static int list_entries(const struct fb_csv_table *t, struct entry *e,
			struct fb_err *err)
{
	int column = fb_csv_find(t, "case_id");
	size_t n = fb_csv_rows(t);

	for (size_t row = 0; row < n; row++) {
		int ret = fb_csv_get_real(t, row, column, &e[row].case_id, err);

		if (!ret)
			ret = check_traced(t, row, err);
		if (ret)
			return ret;
		if (isnan(e[row].case_id))
			e[row].case_id = 0;
		if (e[row].case_id != floor(e[row].case_id) || e[row].case_id < 0 ||
		    e[row].case_id > UINT32_MAX)
			return fb_err_set(err, -EINVAL,
					  "summary.csv: '%.40s' is no case_id: a whole "
					  "number is needed",
					  fb_csv_get(t, row, column));
		e[row].row = row;
		e[row].traced = fb_cases_row_is_traced(t, row);
	}
	qsort(e, n, sizeof(*e), compare_entries);
	return 0;
}

static int fill_cases(struct fb_cases *m, const struct source *s, const struct entry *e)
{
	size_t rows = fb_csv_rows(s->t), end;

	for (size_t i = 0; i < rows; i = end) {
		struct fb_cases_row *c = &m->cases[m->n++];

		for (end = i + 1; end < rows && e[end].case_id == e[i].case_id;)
			end++;
		count_reps(c, s->t, e + i, end - i);
		for (int f = 0; f < FB_FIGURES; f++) {
			int ret = fill_figure(s, e + i, c, (enum fb_figure)f);

			if (ret)
				return ret;
		}
	}
	return 0;
}

int fb_cases_make(struct fb_cases *m, const struct fb_csv_table *t, struct fb_err *err)
{
	size_t rows = fb_csv_rows(t) + 1;
	struct fb_cases made = {.t = t, .cases = calloc(rows, sizeof(*m->cases))};
	struct entry *e = calloc(rows, sizeof(*e));
	struct source s = {t, calloc(rows, sizeof(*s.scratch)), err};
	int ret;

	if (!made.cases || !e || !s.scratch)
		ret = fb_err_set(err, -ENOMEM, "out of memory");
	else
		ret = list_entries(t, e, err);
	if (!ret)
		ret = fill_cases(&made, &s, e);
	made.all = made.n;
	free(s.scratch);
	free(e);
	if (ret)
		fb_cases_free(&made);
	else
		*m = made;
	return ret;
}

void fb_cases_free(struct fb_cases *m)
{
	free(m->cases);
	*m = (struct fb_cases){0};
}

const char *fb_cases_field(const struct fb_cases *m, const struct fb_cases_row *c,
			   const char *column)
{
	return fb_csv_get(m->t, c->row, fb_csv_find(m->t, column));
}

void fb_cases_reps(const struct fb_cases *m, char out[FB_CASES_TEXT])
{
	unsigned least = UINT_MAX, most = 0;

	/* A killed run may have a case whose traced repetition alone was finished. */
	for (size_t i = 0; i < m->n; i++) {
		unsigned reps = m->cases[i].reps;

		least = reps && reps < least ? reps : least;
		most = reps > most ? reps : most;
	}
	if (!most)
		snprintf(out, FB_CASES_TEXT, "traced repetitions alone");
	else if (most == 1)
		snprintf(out, FB_CASES_TEXT, "one repetition");
	else if (least == most)
		snprintf(out, FB_CASES_TEXT, "medians of %u repetitions", most);
	else
		snprintf(out, FB_CASES_TEXT, "medians of %u to %u repetitions", least,
			 most);
}

unsigned fb_cases_number(const struct fb_cases *m, const struct fb_cases_row *c)
{
	return (unsigned)strtoul(fb_cases_field(m, c, "case_id"), NULL, 10);
}

enum fb_survives fb_cases_survives(const struct fb_cases *m,
				   const struct fb_cases_row *c)
{
	const char *name = fb_cases_field(m, c, "survives");

	for (int i = 0; *name && fb_survives_names[i]; i++)
		if (!strcmp(fb_survives_names[i], name))
			return (enum fb_survives)i;
	return FB_SURVIVES_UNKNOWN;
}

bool fb_cases_is_emulated(const struct fb_cases *m, const struct fb_cases_row *c)
{
	return !strcmp(fb_cases_field(m, c, "path"), "nvmem") &&
	       (!strcmp(fb_cases_field(m, c, "nv_emulate"), "1") ||
		!strcmp(fb_cases_field(m, c, "fidelity"), "emulated"));
}

bool fb_cases_is_refused(const struct fb_cases *m, const struct fb_cases_row *c)
{
	const char *errors;

	if (!c->failed)
		return false;
	errors = fb_csv_get(m->t, c->failed_row, fb_csv_find(m->t, "errors"));
	return !strcmp(fb_csv_get(m->t, c->failed_row, fb_csv_find(m->t, "fidelity")),
		       "missing") &&
	       (!*errors || !strcmp(errors, "0"));
}

bool fb_cases_all(const struct fb_cases *m,
		  bool (*is)(const struct fb_cases *, const struct fb_cases_row *))
{
	for (size_t i = 0; i < m->n; i++)
		if (!is(m, &m->cases[i]))
			return false;
	return true;
}

uint64_t fb_cases_batch(const struct fb_cases *m, const struct fb_cases_row *c)
{
	uint64_t batch = strtoull(fb_cases_field(m, c, "batch"), NULL, 10);

	return batch ? batch : 1;
}

bool fb_cases_has_samples(const struct fb_cases *m, const struct fb_cases_row *c,
			  enum fb_op op)
{
	char column[32];

	snprintf(column, sizeof(column), "%s_min_ns", fb_op_names[op]);
	return *fb_cases_field(m, c, column) != '\0';
}

static bool is_known(const struct fb_cases *m, enum fb_figure f)
{
	for (size_t i = 0; i < m->n; i++)
		if (!isnan(m->cases[i].figure[f]))
			return true;
	return false;
}

bool fb_cases_shows(const struct fb_cases *m, enum fb_figure f)
{
	switch (f) {
	case FB_FIGURE_LOG:
	case FB_FIGURE_LINES:
		return is_known(m, f);
	case FB_FIGURE_WRITE_AMP:
	case FB_FIGURE_FLUSH_AMP:
		return is_known(m, FB_FIGURE_WRITE_AMP) ||
		       is_known(m, FB_FIGURE_FLUSH_AMP) ||
		       !is_known(m, FB_FIGURE_LINES);
	default:
		return true;
	}
}

void fb_cases_keep(struct fb_cases *m, bool (*keep)(unsigned number, void *ctx),
		   void *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (keep(fb_cases_number(m, &m->cases[i]), ctx))
			m->cases[n++] = m->cases[i];
	m->n = n;
}

#include "report/plot.h"

#include "report/plot_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * struct picture - one of them
 * @of_op:   its title begins with the op's name and goes on with @title; else NULL
 *           stands for the one that depends on who worked
 * @has:     is there anything to draw? NULL: always
 * @batched: what its bottom says where cases were timed in batches; NULL: nothing
 * @tail:    it draws tails, which these do not have
 */
static const struct picture {
	bool of_op;
	bool tail;
	const char *title;
	const char *batched;
	int (*put)(FILE *out, const struct fb_plot *p, struct fb_err *err);
	bool (*has)(const struct fb_plot *p);
} pictures[FB_PLOT_COUNT] = {
	{true, false, "latency, p50 and p99", "; timed in batches: p50 alone",
	 fb_plot_put_latency, NULL},
	{true, true, "latency by percentile", NULL, fb_plot_put_percentiles, NULL},
	{true, true, "latency, how it is spread", NULL, fb_plot_put_distribution, NULL},
	{false, false, NULL, NULL, fb_plot_put_amplification, NULL},
	{true, false, "latency over time", "; timed in batches: p50 alone",
	 fb_plot_put_time, NULL},
	{false, false, "What one flush costs the device", NULL, fb_plot_put_requests,
	 fb_plot_has_requests},
	{false, false, "Where the time of a commit goes", NULL, fb_plot_put_shares,
	 fb_plot_has_shares},
};

const char *const fb_plot_names[] = {
	"latency", "percentiles", "distribution", "amplification",
	"time",    "requests",    "shares",       NULL,
};

bool fb_plot_of_op(enum fb_plot_id which)
{
	return pictures[which].of_op;
}

bool fb_plot_has(const struct fb_plot *p, enum fb_plot_id which)
{
	return !pictures[which].has || pictures[which].has(p);
}

/* Those that survive most first; the rest keep their order. */
static void order_cases(struct fb_plot *p)
{
	size_t n = 0;

	for (unsigned class = FB_PLOT_CLASSES; class -- > 0;)
		for (size_t i = 0; i < p->cases->n; i++)
			if (fb_plot_class(p, &p->cases->cases[i]) == class)
				p->order[n++] = i;
}

int fb_plot_make(struct fb_plot *p, const struct fb_run *run,
		 const struct fb_cases *cases, enum fb_op op, struct fb_err *err)
{
	const struct fb_csv_table *summary = run->table[FB_RUN_SUMMARY];
	struct fb_plot made = {.run = run, .cases = cases, .op = op};
	int ret;

	made.order = calloc(cases->n, sizeof(*made.order));
	if (!made.order)
		return fb_err_set(err, -ENOMEM, "out of memory");
	order_cases(&made);
	ret = fb_case_rows_make(&made.histograms, run->table[FB_RUN_HISTOGRAM], summary,
				err);
	if (!ret)
		ret = fb_case_rows_make(&made.series, run->table[FB_RUN_SERIES],
					summary, err);
	if (!ret)
		ret = fb_case_rows_make(&made.io, run->table[FB_RUN_IO], summary, err);
	if (!ret)
		ret = fb_case_rows_make(&made.summary, summary, summary, err);
	if (ret)
		fb_plot_free(&made);
	else
		*p = made;
	return ret;
}

void fb_plot_free(struct fb_plot *p)
{
	fb_case_rows_free(&p->histograms);
	fb_case_rows_free(&p->series);
	fb_case_rows_free(&p->io);
	fb_case_rows_free(&p->summary);
	free(p->order);
	*p = (struct fb_plot){0};
}

const char *fb_plot_fact(const struct fb_plot *p, const char *key)
{
	const struct fb_csv_table *t = p->run->table[FB_RUN_SYSTEM];
	int column = fb_csv_find(t, "key");

	for (size_t row = 0; row < fb_csv_rows(t); row++)
		if (!strcmp(fb_csv_get(t, row, column), key))
			return fb_csv_get(t, row, fb_csv_find(t, "value"));
	return "";
}

/* What a reader always wants to know, and what is not as it is by itself. */
static bool is_told(const struct fb_param *param, const char *value)
{
	static const char *const always[] = {"pattern", "bs", "size", "numjobs"};
	static const char *const never[] = {"seed", "reps"};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!strcmp(param->name, always[i]))
			return true;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (!strcmp(param->name, never[i]))
			return false;
	return *value && *param->initial && strcmp(value, param->initial) != 0;
}

static void add_constant(const struct fb_plot *p, const struct fb_param *param,
			 char *text, size_t room)
{
	char value[FB_CASES_TEXT] = "";
	size_t at = strlen(text);

	if (fb_cases_param_kind(p->cases, param) != FB_PARAM_CONSTANT)
		return;
	for (size_t i = 0; i < p->cases->n && !*value; i++)
		fb_cases_value(p->cases, &p->cases->cases[i], param, value);
	if (*value && is_told(param, value))
		snprintf(text + at, room - at, "%s%s=%s", at ? " " : "", param->name,
			 value);
}

static size_t count_batched(const struct fb_cases *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += fb_cases_batch(m, &m->cases[i]) > 1;
	return n;
}

/* @whole: the plot with the cases that @p leaves out */
static void put_batched(FILE *out, const struct fb_plot *p, const struct fb_plot *whole,
			const struct picture *picture)
{
	const size_t left_out = whole->cases->n - p->cases->n;
	char text[128] = "";

	if (left_out)
		snprintf(text, sizeof(text),
			 "; %zu %s timed in batches left out: a mean has no tail",
			 left_out, left_out == 1 ? "case" : "cases");
	else if (count_batched(p->cases) && picture->tail)
		snprintf(text, sizeof(text), "; timed in batches: a mean has no tail");
	else if (count_batched(p->cases) && picture->batched)
		snprintf(text, sizeof(text), "%s", picture->batched);
	fb_plot_set(out, "batches", text);
}

/* Whose work the ratios are of. */
static const char *who_was(const struct fb_plot *p)
{
	if (!fb_cases_shows(p->cases, FB_FIGURE_LINES))
		return "the disk was";
	return fb_cases_shows(p->cases, FB_FIGURE_WRITE_AMP)
		       ? "the disk and the CPU's caches were"
		       : "the CPU's caches were";
}

static void put_title(FILE *out, const struct fb_plot *p, const struct picture *picture)
{
	char text[256];

	if (picture->of_op)
		snprintf(text, sizeof(text), "%s %s", fb_op_names[p->op],
			 picture->title);
	else if (picture->title)
		snprintf(text, sizeof(text), "%s", picture->title);
	else
		snprintf(text, sizeof(text), "What %s asked to do", who_was(p));
	text[0] = (char)toupper((unsigned char)text[0]);
	if (!p->run->complete)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " (incomplete: the run did not come to its end)");
	fb_plot_set(out, "title", text);
}

/* The disk has no part in what ordinary memory stands for. */
static void put_origin(FILE *out, const struct fb_plot *p)
{
	const char *run = fb_cases_field(p->cases, fb_plot_case(p, 0), "run_id");
	const char *cache = fb_plot_fact(p, "disk0_write_cache");
	const char *disk = fb_plot_fact(p, "disk0");
	char text[1024], part[64] = "";

	if (p->cases->n < p->cases->all)
		snprintf(part, sizeof(part), ", %zu of %zu cases", p->cases->n,
			 p->cases->all);
	if (fb_cases_all(p->cases, fb_cases_is_emulated))
		snprintf(text, sizeof(text),
			 "%s: emulated, ordinary memory for non-volatile memory%s", run,
			 part);
	else
		snprintf(text, sizeof(text), "%s: %s%s%s%s%s%s", run,
			 fb_plot_fact(p, "target_fs"), *disk ? " on " : "", disk,
			 *cache ? ", write cache: " : "", cache, part);
	fb_plot_set(out, "origin", text);
}

/* A picture travels without its run: it says where it was measured, and what. */
static void put_head(FILE *out, const struct fb_plot *p, enum fb_plot_id which)
{
	const struct fb_span all = {0, p->cases->n};
	char text[1024] = "", reps[FB_CASES_TEXT];

	fb_cases_reps(p->cases, reps);
	fb_plot_set(out, "repetitions", reps);
	put_title(out, p, &pictures[which]);
	fb_plot_set(out, "op", fb_op_names[p->op]);
	put_origin(out, p);
	if (!fb_plot_differs(p, &all, "mode"))
		snprintf(text, sizeof(text), "%s %s",
			 fb_cases_field(p->cases, fb_plot_case(p, 0), "path"),
			 fb_cases_field(p->cases, fb_plot_case(p, 0), "mode"));
	for (size_t i = 0; i < fb_params_count; i++)
		add_constant(p, &fb_params[i], text, sizeof(text));
	fb_plot_set(out, "conditions", text);
}

/* The cases of @p that have a tail, all of them where none has. */
static int keep_tails(const struct fb_plot *p, struct fb_plot *kept,
		      struct fb_cases *cases, struct fb_err *err)
{
	*kept = *p;
	*cases = *p->cases;
	cases->n = 0;
	cases->cases = calloc(p->cases->n, sizeof(*cases->cases));
	kept->order = calloc(p->cases->n, sizeof(*kept->order));
	kept->cases = cases;
	if (!cases->cases || !kept->order)
		return fb_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->cases->n; i++)
		if (fb_cases_batch(p->cases, &p->cases->cases[i]) == 1)
			cases->cases[cases->n++] = p->cases->cases[i];
	if (!cases->n) {
		cases->n = p->cases->n;
		memcpy(cases->cases, p->cases->cases, cases->n * sizeof(*cases->cases));
	}
	order_cases(kept);
	return 0;
}

static int put_picture(FILE *out, const struct fb_plot *p, const struct fb_plot *whole,
		       enum fb_plot_id which, struct fb_err *err)
{
	fputs("reset\n", out);
	put_head(out, p, which);
	put_batched(out, p, whole, &pictures[which]);
	return pictures[which].put(out, p, err);
}

int fb_plot_write(FILE *out, const struct fb_plot *p, enum fb_plot_id which,
		  struct fb_err *err)
{
	struct fb_cases cases;
	struct fb_plot kept;
	int ret;

	if (!pictures[which].tail)
		return put_picture(out, p, p, which, err);
	ret = keep_tails(p, &kept, &cases, err);
	if (!ret)
		ret = put_picture(out, &kept, p, which, err);
	free(kept.order);
	free(cases.cases);
	return ret;
}

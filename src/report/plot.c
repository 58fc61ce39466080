#include "report/plot.h"

#include "report/plot_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct picture {
	bool of_op; /* its title begins with the op's name */
	const char *title;
	int (*put)(FILE *out, const struct fb_plot *p, struct fb_err *err);
} pictures[FB_PLOT_COUNT] = {
	{true, "latency, p50 and p99", fb_plot_put_latency},
	{true, "latency by percentile", fb_plot_put_percentiles},
	{true, "latency, how it is spread", fb_plot_put_distribution},
	{false, "What the disk was asked to do", fb_plot_put_amplification},
	{true, "latency over time", fb_plot_put_time},
};

const char *const fb_plot_names[] = {
	"latency", "percentiles", "distribution", "amplification", "time", NULL,
};

/* Those that survive most first; the rest keep their order. */
static void order_cases(struct fb_plot *p)
{
	size_t n = 0;

	for (int class = FB_SURVIVES_COUNT - 1; class >= 0; class --)
		for (size_t i = 0; i < p->cases->n; i++)
			if ((int)fb_cases_survives(p->cases, &p->cases->cases[i]) ==
			    class)
				p->order[n++] = i;
}

int fb_plot_make(struct fb_plot *p, const struct fb_run *run,
		 const struct fb_cases *cases, enum fb_op op, struct fb_err *err)
{
	struct fb_plot made = {.run = run, .cases = cases, .op = op};
	int ret;

	made.order = calloc(cases->n, sizeof(*made.order));
	if (!made.order)
		return fb_err_set(err, -ENOMEM, "out of memory");
	order_cases(&made);
	ret = fb_case_rows_make(&made.histograms, run->table[FB_RUN_HISTOGRAM], err);
	if (!ret)
		ret = fb_case_rows_make(&made.series, run->table[FB_RUN_SERIES], err);
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
	free(p->order);
	*p = (struct fb_plot){0};
}

static const char *fact(const struct fb_plot *p, const char *key)
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

/* A picture travels without its run: it says where it was measured, and what. */
static void put_head(FILE *out, const struct fb_plot *p, enum fb_plot_id which)
{
	const struct fb_span all = {0, p->cases->n};
	const char *cache = fact(p, "disk0_write_cache");
	const char *disk = fact(p, "disk0");
	const struct picture *picture = &pictures[which];
	char text[1024], reps[FB_CASES_TEXT], part[64] = "";

	fb_cases_reps(p->cases, reps);
	fb_plot_set(out, "repetitions", reps);
	if (p->cases->n < p->cases->all)
		snprintf(part, sizeof(part), ", %zu of %zu cases", p->cases->n,
			 p->cases->all);
	snprintf(text, sizeof(text), "%s%s%s", picture->of_op ? fb_op_names[p->op] : "",
		 picture->of_op ? " " : "", picture->title);
	text[0] = (char)toupper((unsigned char)text[0]);
	if (!p->run->complete)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " (incomplete: the run did not come to its end)");
	fb_plot_set(out, "title", text);
	fb_plot_set(out, "op", fb_op_names[p->op]);
	snprintf(text, sizeof(text), "%s: %s%s%s%s%s%s",
		 fb_cases_field(p->cases, fb_plot_case(p, 0), "run_id"),
		 fact(p, "target_fs"), *disk ? " on " : "", disk,
		 *cache ? ", write cache: " : "", cache, part);
	fb_plot_set(out, "origin", text);
	*text = '\0';
	if (!fb_plot_differs(p, &all, "mode"))
		snprintf(text, sizeof(text), "%s %s",
			 fb_cases_field(p->cases, fb_plot_case(p, 0), "path"),
			 fb_cases_field(p->cases, fb_plot_case(p, 0), "mode"));
	for (size_t i = 0; i < fb_params_count; i++)
		add_constant(p, &fb_params[i], text, sizeof(text));
	fb_plot_set(out, "conditions", text);
}

int fb_plot_write(FILE *out, const struct fb_plot *p, enum fb_plot_id which,
		  struct fb_err *err)
{
	fputs("reset\n", out);
	put_head(out, p, which);
	return pictures[which].put(out, p, err);
}

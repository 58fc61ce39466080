#include "report/plot_text.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

const struct fb_cases_row *fb_plot_case(const struct fb_plot *p, size_t at)
{
	return &p->cases->cases[p->order[at]];
}

unsigned fb_plot_class(const struct fb_plot *p, const struct fb_cases_row *c)
{
	return 2 * (unsigned)fb_cases_survives(p->cases, c) +
	       !fb_cases_is_emulated(p->cases, c);
}

const char *fb_plot_class_name(unsigned class)
{
	static const char *const names[FB_PLOT_CLASSES] = {
		"what it survives is not known (emulated)",
		"what it survives is not known",
		"survives nothing (emulated)",
		"survives nothing",
		"survives process-crash (emulated)",
		"survives process-crash",
		"survives os-crash (emulated)",
		"survives os-crash",
		"survives power-loss (emulated)",
		"survives power-loss",
	};

	return names[class];
}

static const char *field(const struct fb_plot *p, size_t at, const char *column)
{
	return fb_cases_field(p->cases, fb_plot_case(p, at), column);
}

bool fb_plot_differs(const struct fb_plot *p, const struct fb_span *among,
		     const char *column)
{
	for (size_t at = among->begin + 1; at < among->end; at++)
		if (strcmp(field(p, at, column), field(p, among->begin, column)) != 0)
			return true;
	return false;
}

static void append(char out[FB_LABEL_MAX], const char *between, const char *name,
		   const char *value)
{
	size_t at = strlen(out);

	if (*value)
		snprintf(out + at, FB_LABEL_MAX - at, "%s%s%s%s", at ? between : "",
			 name, *name ? "=" : "", value);
}

/* Parameters that vary over the run, those that differ @among these or those not. */
static void append_params(const struct fb_plot *p, const struct fb_span *among,
			  size_t at, bool differing, char out[FB_LABEL_MAX])
{
	char value[FB_CASES_TEXT];

	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *param = &fb_params[i];

		if (fb_cases_param_kind(p->cases, param) != FB_PARAM_VARIES ||
		    fb_plot_differs(p, among, fb_param_column(param)) != differing)
			continue;
		fb_cases_value(p->cases, fb_plot_case(p, at), param, value);
		if (fb_cases_is_plain(param, value))
			continue;
		append(out, differing ? " " : ", ", param->name, value);
	}
}

void fb_plot_label(const struct fb_plot *p, const struct fb_span *among, size_t at,
		   char out[FB_LABEL_MAX])
{
	*out = '\0';
	if (fb_plot_differs(p, among, "path"))
		append(out, " ", "", field(p, at, "path"));
	if (fb_plot_differs(p, among, "mode"))
		append(out, " ", "", field(p, at, "mode"));
	append_params(p, among, at, true, out);
	if (!*out)
		append(out, " ", "", field(p, at, "mode"));
}

void fb_plot_alike(const struct fb_plot *p, const struct fb_span *among,
		   char out[FB_LABEL_MAX])
{
	snprintf(out, FB_LABEL_MAX, "%s",
		 fb_plot_class_name(fb_plot_class(p, fb_plot_case(p, among->begin))));
	if (!fb_plot_differs(p, among, "path"))
		append(out, ": ", "", field(p, among->begin, "path"));
	if (!fb_plot_differs(p, among, "mode") && among->end - among->begin > 1)
		append(out, " ", "", field(p, among->begin, "mode"));
	append_params(p, among, among->begin, false, out);
}

void fb_plot_trouble(const struct fb_plot *p, const struct fb_cases_row *c,
		     char out[FB_LABEL_MAX])
{
	*out = '\0';
	if (c->failed) {
		fb_cases_trouble(p->cases, c, out);
	} else if (!strcmp(fb_cases_field(p->cases, c, "fidelity"), "missing")) {
		snprintf(out, FB_LABEL_MAX, "missing on this system");
	} else if (!c->reps) {
		snprintf(out, FB_LABEL_MAX, "its traced repetition alone");
	} else if (!fb_cases_has_samples(p->cases, c, FB_OP_WRITE) &&
		   !fb_cases_has_samples(p->cases, c, FB_OP_COMMIT)) {
		snprintf(out, FB_LABEL_MAX, "no samples");
	} else if (!fb_cases_has_samples(p->cases, c, p->op)) {
		snprintf(out, FB_LABEL_MAX, "%s",
			 fb_cases_batch(p->cases, c) > 1
				 ? "timed in batches, its commits alone"
				 : "flushes with its write");
	} else if (isnan(c->figure[FB_FIGURE_WRITE_P50 + p->op])) {
		snprintf(out, FB_LABEL_MAX, "too few samples");
	}
}

/* @text, where each of the bytes in @special becomes what @instead has in its place. */
static void put_text(FILE *out, const char *text, const char *special,
		     const char *const *instead)
{
	while (*text) {
		size_t n = fb_text_character(text);
		const char *found = strchr(special, *text);

		if (!n)
			fputc('?', out);
		else if (found)
			fputs(instead[found - special], out);
		else
			fwrite(text, 1, n, out);
		text += n ? n : 1;
	}
}

/* In single quotes gnuplot obeys nothing but the quote itself. Doubled ones, as its
 * manual has it, end the text where they are neighbours, and one in double quotes opens
 * what follows to macros. */
static void put_quoted(FILE *out, const char *text)
{
	static const char *const instead[] = {"'.\"\\047\".'"};

	fputc('\'', out);
	put_text(out, text, "'", instead);
	fputs("'\n", out);
}

void fb_plot_set(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%s = ", name);
	put_quoted(out, text);
}

void fb_plot_set_at(FILE *out, const char *name, size_t i, const char *text)
{
	fprintf(out, "%s[%zu] = ", name, i);
	put_quoted(out, text);
}

void fb_plot_cell(FILE *out, const char *text)
{
	/* Of data gnuplot takes a quote for the text's end, a backslash for a code. */
	static const char *const instead[] = {"'", "\\\\"};

	/* An empty one would count as not there. */
	if (!*text)
		fputc(' ', out);
	put_text(out, text, "\"\\", instead);
	fputc('\t', out);
}

void fb_plot_number(FILE *out, double v)
{
	if (isnan(v))
		fputs("NaN\t", out);
	else
		fprintf(out, "%.9g\t", v);
}

void fb_plot_nothing(FILE *out, int columns)
{
	for (int i = 0; i < columns; i++)
		fputs("1e-9\t", out);
	fputc('\n', out);
}

double fb_plot_log(double ns)
{
	return ns < 1 ? 1 : ns; /* what is not known stays so */
}

const struct fb_unit *fb_plot_unit(double ns)
{
	static const struct fb_unit units[] = {
		{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
	size_t i = 0;

	while (i < 3 && !(ns >= units[i].ns))
		i++;
	return &units[i];
}

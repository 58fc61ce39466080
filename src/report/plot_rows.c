#include "report/plot_parts.h"

#include <string.h>

size_t fb_plot_classes(const struct fb_plot *p, struct fb_span out[FB_PLOT_CLASSES])
{
	size_t n = 0, end;

	for (size_t at = 0; at < p->cases->n; at = end) {
		unsigned class = fb_plot_class(p, fb_plot_case(p, at));

		for (end = at + 1; end < p->cases->n; end++)
			if (fb_plot_class(p, fb_plot_case(p, end)) != class)
				break;
		out[n++] = (struct fb_span){at, end};
	}
	return n;
}

void fb_plot_arrays(FILE *out, const char *names, size_t n)
{
	while (*names) {
		int chars = (int)strcspn(names, " ");

		fprintf(out, "array %.*s[%zu]\n", chars, names, n);
		names += chars;
		names += *names == ' ';
	}
}

size_t fb_plot_label_chars(const struct fb_plot *p)
{
	const struct fb_span all = {0, p->cases->n};
	char label[FB_LABEL_MAX];
	size_t chars = 0;

	for (size_t at = 0; at < all.end; at++) {
		fb_plot_label(p, &all, at, label);
		chars = strlen(label) > chars ? strlen(label) : chars;
	}
	return chars;
}

void fb_plot_put_rows(FILE *out, const struct fb_plot *p)
{
	struct fb_span spans[FB_PLOT_CLASSES];
	size_t n = fb_plot_classes(p, spans);

	fprintf(out, "rows = %zu\nlabel_chars = %zu\nclasses = %zu\n", p->cases->n + n,
		fb_plot_label_chars(p), n);
	fb_plot_arrays(out, "class class_name class_row", n);
	for (size_t i = 0; i < n; i++) {
		enum fb_survives class =
			fb_cases_survives(p->cases, fb_plot_case(p, spans[i].begin));

		fprintf(out, "class[%zu] = %d\nclass_row[%zu] = %zu\n", i + 1,
			(int)class, i + 1, spans[i].begin + i + 1);
		fb_plot_set_at(out, "class_name", i + 1,
			       fb_plot_class_name(fb_plot_class(
				       p, fb_plot_case(p, spans[i].begin))));
	}
}

size_t fb_plot_row(const struct fb_plot *p, size_t at)
{
	struct fb_span spans[FB_PLOT_CLASSES];
	size_t i = 0;

	fb_plot_classes(p, spans);
	while (spans[i].end <= at)
		i++;
	/* A heading stands above each class. */
	return at + i + 2;
}

void fb_plot_put_place(FILE *out, const struct fb_plot *p, size_t at)
{
	fprintf(out, "%zu\t%d\t", fb_plot_row(p, at),
		(int)fb_cases_survives(p->cases, fb_plot_case(p, at)));
}

#include "report/plot_parts.h"

#include <string.h>

/* More lines than this in one panel cannot be told apart, fewer compare nothing. */
enum { LINES_MAX = 10, LINES_MIN = 3 };

/* More panels than this no picture is high enough for. */
enum { PANELS_MAX = 120 };

struct panels {
	const struct fb_plot *p;
	struct fb_span *list;
	size_t n;
};

static bool same_value(const struct fb_plot *p, size_t a, size_t b, const char *column)
{
	return !strcmp(fb_cases_field(p->cases, fb_plot_case(p, a), column),
		       fb_cases_field(p->cases, fb_plot_case(p, b), column));
}

static size_t count_values(const struct fb_plot *p, const struct fb_span *s,
			   const char *column)
{
	size_t n = 0;

	for (size_t at = s->begin; at < s->end; at++) {
		size_t first = s->begin;

		while (!same_value(p, first, at, column))
			first++;
		n += first == at;
	}
	return n;
}

/* The first parameter whose values each leave enough lines; NULL: there is none. */
static const char *column_of(const struct fb_plot *p, const struct fb_span *s,
			     size_t *from)
{
	for (; *from < fb_params_count; (*from)++) {
		const struct fb_param *param = &fb_params[*from];
		const char *column = fb_param_column(param);

		if (strcmp(param->name, "mode") != 0 && fb_plot_differs(p, s, column) &&
		    fb_cases_param_kind(p->cases, param) != FB_PARAM_FOLLOWS &&
		    count_values(p, s, column) * LINES_MIN <= s->end - s->begin)
			return column;
	}
	return NULL;
}

/* Bring what has the value of the first to the front; how many these are. */
static size_t gather(const struct fb_plot *p, const struct fb_span *s,
		     const char *column)
{
	size_t end = s->begin + 1;

	for (size_t at = end; at < s->end; at++) {
		size_t moved = p->order[at];

		if (!same_value(p, at, s->begin, column))
			continue;
		memmove(&p->order[end + 1], &p->order[end],
			(at - end) * sizeof(*p->order));
		p->order[end++] = moved;
	}
	return end - s->begin;
}

/* How many lines each of the fewest panels has. */
static size_t even_share(const struct fb_span *s)
{
	size_t lines = s->end - s->begin;
	size_t n = (lines + LINES_MAX - 1) / LINES_MAX;

	return (lines + n - 1) / n;
}

/* Split by a parameter that differs, then the next, until a panel can be read. */
static void split(struct panels *into, struct fb_span s, size_t from)
{
	size_t share = even_share(&s);
	const char *column;

	if (s.end - s.begin <= LINES_MAX) {
		into->list[into->n++] = s;
		return;
	}
	column = column_of(into->p, &s, &from);
	for (struct fb_span part = s; part.begin < s.end; part.begin = part.end) {
		part.end = s.end;
		part.end = part.begin +
			   (column ? gather(into->p, &part, column) : share);
		part.end = part.end < s.end ? part.end : s.end;
		split(into, part, from + 1);
	}
}

size_t fb_plot_split(const struct fb_plot *p, struct fb_span *out)
{
	struct fb_span classes[FB_PLOT_CLASSES];
	struct panels into = {p, out, 0};
	size_t n = fb_plot_classes(p, classes);

	for (size_t i = 0; i < n; i++)
		split(&into, classes[i], 0);
	if (into.n <= PANELS_MAX)
		return into.n;
	into.n = 0;
	for (size_t i = 0; i < n; i++)
		split(&into, classes[i], fb_params_count);
	return into.n;
}

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/drawn.h"

#include <math.h>
#include <stdio.h>

struct svg drawn;

int drawn_enter(void **state)
{
	return plot_lab_enter(state);
}

int drawn_leave(void **state)
{
	svg_free(&drawn);
	return plot_lab_leave(state);
}

void drawn_begin(void)
{
	need_gnuplot();
	plot_lab_begin("known");
	plot_rig_end();
}

void drawn_load(enum fb_plot_id which)
{
	char name[32];

	plot_succeeds("known --format svg");
	snprintf(name, sizeof(name), "%s.svg", fb_plot_names[which]);
	svg_free(&drawn);
	svg_load(&drawn, plot_lab_file(name));
}

double x_of(const char *text, size_t i)
{
	return svg_nth(&drawn, text, i)->x;
}

double y_of(const char *text)
{
	const struct svg_text *t = svg_find(&drawn, text);

	/* A text is put where its letters stand. */
	return t->y - 0.325 * t->size;
}

bool is_at(const struct svg_shape *s, double x, double y)
{
	return s->left <= x + DRAWN_NEAR && s->right >= x - DRAWN_NEAR &&
	       s->top <= y + DRAWN_NEAR && s->bottom >= y - DRAWN_NEAR;
}

size_t drawn_at(enum svg_kind kind, unsigned colour, double x, double y)
{
	size_t n = 0;

	for (size_t i = 0; i < drawn.shapes_n; i++)
		n += drawn.shapes[i].kind == kind && drawn.shapes[i].colour == colour &&
		     is_at(&drawn.shapes[i], x, y);
	return n;
}

void drawn_near(double a, double b, const char *file, int line)
{
	if (fabs(a - b) <= DRAWN_NEAR)
		return;
	print_error("%.1f is not near %.1f\n", a, b);
	_fail(file, line);
}

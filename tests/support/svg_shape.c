#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/svg_shape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned svg_colour(const char *value)
{
	unsigned rgb[3] = {0, 0, 0};

	if (sscanf(value, "rgb(%u,%u,%u)", &rgb[0], &rgb[1], &rgb[2]) != 3)
		sscanf(value, "#%2x%2x%2x", &rgb[0], &rgb[1], &rgb[2]);
	return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
}

double svg_brightness(unsigned colour)
{
	return 0.299 * (colour >> 16 & 255) + 0.587 * (colour >> 8 & 255) +
	       0.114 * (colour & 255);
}

static void add_point(struct svg_shape *s, struct svg_point at)
{
	if (s->n % 64 == 0)
		s->points = realloc(s->points, (s->n + 64) * sizeof(*s->points));
	assert_non_null(s->points);
	s->left = s->n ? fmin(s->left, at.x) : at.x;
	s->right = s->n ? fmax(s->right, at.x) : at.x;
	s->top = s->n ? fmin(s->top, at.y) : at.y;
	s->bottom = s->n ? fmax(s->bottom, at.y) : at.y;
	s->points[s->n++] = at;
}

/* A move alone draws nothing. */
static void read_line(struct svg_shape *s, const char *d)
{
	struct svg_point at, from = {0, 0};
	int chars;
	char step, before = 0;

	for (; sscanf(d, " %c%lf,%lf%n", &step, &at.x, &at.y, &chars) == 3;
	     d += chars) {
		if (step == 'L' && before == 'M')
			add_point(s, from);
		if (step == 'L')
			add_point(s, at);
		before = step;
		from = at;
	}
}

void svg_shape_see(struct svg_shape *s, const char *tag, const char *name,
		   const char *value)
{
	static const char *const tags[] = {"polygon", "path", "use"};
	static const char *const colours[] = {"fill", "stroke", "color"};
	struct svg_point at;
	int chars;

	for (int i = 0; i < 3; i++)
		if (!strcmp(tag, tags[i]))
			s->kind = (enum svg_kind)i;
	if (!strcmp(tag, tags[s->kind]) && !strcmp(name, colours[s->kind]))
		s->colour = svg_colour(value);
	if (!strcmp(tag, "path") && !strcmp(name, "d"))
		read_line(s, value);
	if (!strcmp(tag, "polygon") && !strcmp(name, "points"))
		for (; sscanf(value, " %lf,%lf%n", &at.x, &at.y, &chars) == 2;
		     value += chars)
			add_point(s, at);
	if (!strcmp(tag, "use") &&
	    sscanf(value, "translate(%lf,%lf)", &at.x, &at.y) == 2)
		add_point(s, at);
}

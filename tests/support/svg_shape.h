/*
 * svg_shape.h - what is drawn in an SVG that gnuplot made, besides its texts
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_SVG_SHAPE_H
#define FB_TESTS_SUPPORT_SVG_SHAPE_H

#include <stddef.h>

/* A filled polygon, a line with its strokes, a mark, which is a point. */
enum svg_kind { SVG_AREA, SVG_LINE, SVG_MARK };

struct svg_point {
	double x, y;
};

/*
 * struct svg_shape - something drawn, its points in order, and what they span
 * @colour: 0xrrggbb of what fills it or strokes it
 *
 * A line that was taken up and put down again is one: nothing tells where.
 */
struct svg_shape {
	enum svg_kind kind;
	unsigned colour;
	double left, right, top, bottom;
	struct svg_point *points;
	size_t n;
};

/*
 * svg_shape_see - an attribute of an element, from the first to the last of it
 *
 * @s is all zero before the first; without points it is nothing that is drawn. The
 * caller frees points.
 */
void svg_shape_see(struct svg_shape *s, const char *tag, const char *name,
		   const char *value);

/* svg_colour - 0xrrggbb of "rgb(1, 2, 3)" or "#010203"; anything else is black */
unsigned svg_colour(const char *value);

/* svg_brightness - of 0xrrggbb as the eye has it, 0 black to 255 white */
double svg_brightness(unsigned colour);

#endif

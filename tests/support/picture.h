/*
 * picture.h - PNG and SVG files as a reader of them sees them
 *
 * Include it after cmocka.h. What is wrong with a file fails the test and names it.
 */
#ifndef FB_TESTS_SUPPORT_PICTURE_H
#define FB_TESTS_SUPPORT_PICTURE_H

#include "support/svg_shape.h"

/*
 * struct svg_text - a text, where it stands, and as wide as it is in a common font
 * @x, @y: where it was put, be this its left end, its middle or its right end
 * @colour: 0xrrggbb
 */
struct svg_text {
	double x, y, left, right, size;
	unsigned colour;
	char text[384];
};

/* struct svg - all zero before it is loaded; texts and shapes as they stand in it */
struct svg {
	double width, height;
	struct svg_text *texts;
	size_t n;
	struct svg_shape *shapes;
	size_t shapes_n;
};

/* png_size - of a whole PNG: its signature, its first and its last chunk are there */
void png_size(const char *path, unsigned *width, unsigned *height);

/* svg_load - of well-formed XML without a coordinate that is no number */
void svg_load(struct svg *s, const char *path);
void svg_free(struct svg *s);

/* svg_check - every text lies inside of the picture and none over another */
void svg_check(const struct svg *s, const char *path);

/* svg_count - how many of the texts are @text; svg_holds - hold @part */
size_t svg_count(const struct svg *s, const char *text);
size_t svg_holds(const struct svg *s, const char *part);

/* svg_nth - of those that are @text the one at @i from 0, which must be there
 * svg_find - the first; both are good while @s is */
const struct svg_text *svg_nth(const struct svg *s, const char *text, size_t i);
const struct svg_text *svg_find(const struct svg *s, const char *text);

#endif

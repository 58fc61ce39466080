/*
 * sketch_figures.h - the table of figures below a sketch
 *
 * Private to the folder.
 */
#ifndef FB_REPORT_SKETCH_FIGURES_H
#define FB_REPORT_SKETCH_FIGURES_H

#include "report/sketch.h"

/*
 * fb_sketch_figures_print - a row for each op that has samples
 * @width:       where it does not suffice, the ops stand side by side instead
 * @head_colour: FB_DIM... or ""
 */
void fb_sketch_figures_print(FILE *out, const struct fb_sketch *s, int width,
			     const char *head_colour);

#endif

/*
 * pictures.h - gnuplot told what to draw, and its files brought to their names
 */
#ifndef FB_BENCH_PICTURES_H
#define FB_BENCH_PICTURES_H

#include "report/plot.h"

#include <stdio.h>

enum { PICTURE_FORMATS = 2 };
extern const char *const picture_formats[PICTURE_FORMATS];

/*
 * struct pictures - every picture of @plot
 * @out:    folder for them
 * @format: one of picture_formats, NULL: all
 */
struct pictures {
	const struct fb_plot *plot;
	const char *out;
	const char *format;
};

/* pictures_print - to @out what gnuplot would be told */
int pictures_print(const struct pictures *p, FILE *out, struct fb_err *err);

/*
 * pictures_draw - none comes to its name unless all are whole
 * @code: the exit code for a failure
 *
 * A rename that fails may leave some of them new. Works in the folder @p->out from then
 * on. -EINVAL when a file of the run is not as it should be.
 */
int pictures_draw(const struct pictures *p, int *code, struct fb_err *err);

#endif

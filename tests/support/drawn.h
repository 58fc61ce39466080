/*
 * drawn.h - what `flushbench plot` drew of a run made by hand, held against its axes
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_DRAWN_H
#define FB_TESTS_SUPPORT_DRAWN_H

#include "support/picture.h"
#include "support/plot_lab.h"

/* Pixels within which two places are one. */
#define DRAWN_NEAR 2.0

/* drawn - the picture at hand */
extern struct svg drawn;

/* drawn_enter, drawn_leave - a test's setup and teardown: plot_lab's, and the picture
 */
int drawn_enter(void **state);
int drawn_leave(void **state);

/* drawn_begin - an empty run to be filled; the test is skipped without gnuplot */
void drawn_begin(void);

/* drawn_load - draw that run and read one of its pictures */
void drawn_load(enum fb_plot_id which);

/* x_of - where the @i-th text that is @text was put, be it a tick, a heading, a figure;
 * y_of - the middle of the first one's line */
double x_of(const char *text, size_t i);
double y_of(const char *text);

/* is_at - does what @s spans reach there? */
bool is_at(const struct svg_shape *s, double x, double y);

/* drawn_at - how many shapes of that kind and colour reach there */
size_t drawn_at(enum svg_kind kind, unsigned colour, double x, double y);

#define assert_near(a, b) drawn_near(a, b, __FILE__, __LINE__)
void drawn_near(double a, double b, const char *file, int line);

#endif

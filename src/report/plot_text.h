/*
 * plot_text.h - cases in words, and gnuplot's way of writing text
 *
 * Private to the folder. Text comes from files: it is quoted, and what would steer
 * gnuplot or a terminal becomes '?'.
 */
#ifndef FB_REPORT_PLOT_TEXT_H
#define FB_REPORT_PLOT_TEXT_H

#include "report/plot.h"

enum { FB_LABEL_MAX = 256 };

/* struct fb_span - cases that are drawn together: places in fb_plot.order */
struct fb_span {
	size_t begin, end;
};

/* fb_plot_case - the case at place @at of the order */
const struct fb_cases_row *fb_plot_case(const struct fb_plot *p, size_t at);

/*
 * fb_plot_class - which cases it is to be compared with
 *
 * Below FB_PLOT_CLASSES, and the more the more survives; of one `survives` what is
 * emulated is a class of its own, below the other. fb_plot_class_name - "survives
 * nothing (emulated)".
 */
enum { FB_PLOT_CLASSES = 2 * FB_SURVIVES_COUNT };
unsigned fb_plot_class(const struct fb_plot *p, const struct fb_cases_row *c);
const char *fb_plot_class_name(unsigned class);

/* fb_plot_label - what tells the case at @at from the others of @among; its mode if
 * nothing does */
void fb_plot_label(const struct fb_plot *p, const struct fb_span *among, size_t at,
		   char out[FB_LABEL_MAX]);

/* fb_plot_alike - "survives power-loss, file, bs=4k": what the cases of @among share
 * but not the whole run, behind what they survive */
void fb_plot_alike(const struct fb_plot *p, const struct fb_span *among,
		   char out[FB_LABEL_MAX]);

/* fb_plot_trouble - why a case has no figures of the op drawn; "" if it has */
void fb_plot_trouble(const struct fb_plot *p, const struct fb_cases_row *c,
		     char out[FB_LABEL_MAX]);

/* fb_plot_differs - does a column differ among these cases? */
bool fb_plot_differs(const struct fb_plot *p, const struct fb_span *among,
		     const char *column);

/* fb_plot_set - a line "NAME = 'text'" */
void fb_plot_set(FILE *out, const char *name, const char *text);

/* fb_plot_set_at - a line "NAME[i] = 'text'" */
void fb_plot_set_at(FILE *out, const char *name, size_t i, const char *text);

/* fb_plot_cell - text in a data block, a tab behind it */
void fb_plot_cell(FILE *out, const char *text);

/* fb_plot_number - a number in a data block, NaN for what is unknown, a tab behind it
 */
void fb_plot_number(FILE *out, double v);

/*
 * fb_plot_nothing - a row of @columns for an index that has none
 *
 * It lies outside every axis: gnuplot complains of what is empty or unknown throughout.
 */
void fb_plot_nothing(FILE *out, int columns);

/* fb_plot_log - a latency for a logarithmic axis, which has no place for 0 */
double fb_plot_log(double ns);

/*
 * struct fb_unit - a unit of time for an axis
 * fb_plot_unit - the largest that @ns still is one of
 */
struct fb_unit {
	const char *name;
	double ns;
};
const struct fb_unit *fb_plot_unit(double ns);

#endif

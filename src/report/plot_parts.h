/*
 * plot_parts.h - the data of each kind of picture
 *
 * Private to the folder. Each writes what its script says it reads.
 */
#ifndef FB_REPORT_PLOT_PARTS_H
#define FB_REPORT_PLOT_PARTS_H

#include "report/plot_text.h"

/* fb_plot_classes - spans of one class; at most FB_PLOT_CLASSES of them */
size_t fb_plot_classes(const struct fb_plot *p, struct fb_span out[FB_PLOT_CLASSES]);

/*
 * fb_plot_split - cut the cases into panels of lines that can be told apart
 * @out: room for as many as there are cases
 *
 * Returns how many panels. One has cases of one class, ten at most, alike in the
 * parameters that had to be split by; p->order is moved so that they are neighbours.
 */
size_t fb_plot_split(const struct fb_plot *p, struct fb_span *out);

/* fb_plot_arrays - declare gnuplot arrays, names with blanks between them, of @n */
void fb_plot_arrays(FILE *out, const char *names, size_t n);

/*
 * fb_plot_put_rows - where each case is, one below the other under its class's name
 *
 * rows = how many, headings included; label_chars = of the longest label; classes,
 * class[], class_name[], class_row[]: the headings. fb_plot_row is the row of the case
 * at @at, fb_plot_put_place writes it and the class as cells.
 */
void fb_plot_put_rows(FILE *out, const struct fb_plot *p);
size_t fb_plot_row(const struct fb_plot *p, size_t at);
void fb_plot_put_place(FILE *out, const struct fb_plot *p, size_t at);

/* fb_plot_label_chars - of the longest label among all cases */
size_t fb_plot_label_chars(const struct fb_plot *p);

int fb_plot_put_latency(FILE *out, const struct fb_plot *p, struct fb_err *err);
int fb_plot_put_amplification(FILE *out, const struct fb_plot *p, struct fb_err *err);
int fb_plot_put_percentiles(FILE *out, const struct fb_plot *p, struct fb_err *err);
int fb_plot_put_distribution(FILE *out, const struct fb_plot *p, struct fb_err *err);
int fb_plot_put_time(FILE *out, const struct fb_plot *p, struct fb_err *err);
int fb_plot_put_requests(FILE *out, const struct fb_plot *p, struct fb_err *err);
int fb_plot_put_shares(FILE *out, const struct fb_plot *p, struct fb_err *err);

/* Is there a case of which these two show anything? */
bool fb_plot_has_requests(const struct fb_plot *p);
bool fb_plot_has_shares(const struct fb_plot *p);

/* fb_plot_fact - a value of system.csv, "" for none */
const char *fb_plot_fact(const struct fb_plot *p, const char *key);

#endif

/*
 * gnuplot.h - the program that draws, fed through a pipe
 */
#ifndef FB_BENCH_GNUPLOT_H
#define FB_BENCH_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

/* gnuplot_is_there - in $PATH */
bool gnuplot_is_there(void);

/*
 * gnuplot_begin - start it in the folder at hand; NULL with errno
 * gnuplot_end   - let it finish; 0 when it understood and drew everything
 *
 * What it has to say goes to stderr.
 */
FILE *gnuplot_begin(void);
int gnuplot_end(FILE *f);

#endif

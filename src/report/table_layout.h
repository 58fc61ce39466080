/*
 * table_layout.h - the cases in aligned columns
 *
 * Private to the folder.
 */
#ifndef FB_REPORT_TABLE_LAYOUT_H
#define FB_REPORT_TABLE_LAYOUT_H

#include "report/table_columns.h"

#include <stdio.h>

/* fb_table_layout_print - header and cases, path by path, at most @width wide */
void fb_table_layout_print(const struct fb_cases *m, FILE *out, int width, bool colour);

/* fb_table_layout_put - columns that were chosen, below them what had no room; @l is
 * used up */
void fb_table_layout_put(struct fb_columns *l, FILE *out);

#endif

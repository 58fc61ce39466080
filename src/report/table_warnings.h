/*
 * table_warnings.h - what stands below a table
 *
 * Private to the folder.
 */
#ifndef FB_REPORT_TABLE_WARNINGS_H
#define FB_REPORT_TABLE_WARNINGS_H

#include "report/csv.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * fb_table_warnings_print - warnings first, then why modes were refused, then notes;
 *                           each where it first came
 * @t: warnings.csv; NULL: none
 *
 * A warning, and why a mode was refused, is told in full, once for each text, with what
 * was seen in the worst case; of one about no case, which was told in full before the
 * run, only what was seen, in one line. A note has one line, once for each id. Nothing
 * of what concerns no column of the table.
 */
void fb_table_warnings_print(FILE *out, const struct fb_csv_table *t, int width,
			     bool colour);

#endif

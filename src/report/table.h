/*
 * table.h - a run for people
 */
#ifndef FB_REPORT_TABLE_H
#define FB_REPORT_TABLE_H

#include "report/run_dir.h"

#include <stdio.h>

/*
 * fb_table_print - cases as rows, each figure the median of its repetitions
 * @width:  columns there are; at least 60 are used
 * @colour: the terminal understands ANSI colours
 *
 * Above: parameters that are alike in all cases. Columns: mode, under its path, which
 * is another where it is emulated; the number of the case; parameters that differ
 * between cases; survives, fidelity; write, flush and commit p50, commit p99,
 * commits/s, write_amp and flush_amp; with path nvmem among the cases the lines flushed
 * by the lines dirtied, instead of the two where no case has them; with hives what a
 * flush logged, log_bytes by app_flushes. What the width has no room for follows in a
 * table below, by the number of the case, without the cases that have none of it; it
 * goes there in this order: the log, commits/s, write p50, fidelity, the lines,
 * flush_amp, write_amp, commit p99, flush p50, the parameters from the last. "-" is
 * unknown or without meaning. A case with a repetition that ended by an error, or was
 * refused, shows that instead of figures; of batches commits/s is not shown, as it
 * counts the time between them, too. Below: where amplification comes from, if it was
 * traced, and what the disk was asked for then, by class; the warnings, a paragraph for
 * each text with the cases it concerns; the notes, and warnings that were told before
 * the run, a line for each id.
 *
 * 0, -ENOMEM, or -EINVAL when a figure cannot be read. A failed write is seen with
 * ferror(@out).
 */
int fb_table_print(FILE *out, const struct fb_run *r, int width, int colour,
		   struct fb_err *err);

#endif

/*
 * plot_lab.h - `flushbench plot` in a folder of results made by hand
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_PLOT_LAB_H
#define FB_TESTS_SUPPORT_PLOT_LAB_H

#include "support/cli.h"
#include "support/plot_rig.h"

enum { PLOT_LAB_PATH = CLI_PATH + 128 };

/*
 * plot_lab_enter, plot_lab_leave - a test's setup and teardown
 *
 * The lab of cli.h with a run `one` of three cases in its results. The program works
 * in lab.top; $PATH and $HOME are what they were when the test is over.
 */
int plot_lab_enter(void **state);
int plot_lab_leave(void **state);

/* plot_lab_begin - another run beside the first; what follows is about that one */
void plot_lab_begin(const char *name);

/* plot_lab_folder - of the run at hand; plot_lab_file - a file in its plots; good until
 * the next call */
const char *plot_lab_folder(void);
const char *plot_lab_file(const char *name);

/* plot_lab_rename - the run's folder */
void plot_lab_rename(const char *name);

/* plot_lab_there - is such a file in its plots? plot_lab_count - how many; -1: none */
bool plot_lab_there(const char *name);
int plot_lab_count(void);

/* plot - the program with `plot --results ...` and these words; fills lab.c */
int plot(const char *words);

/* plot_succeeds - and says nothing on stderr; plot_fails - with advice of ours alone */
void plot_succeeds(const char *words);
void plot_fails(int code, const char *words, const char *advice);

#endif

/*
 * table_rig.h - a run's folder made by hand, and the table printed of it
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_TABLE_RIG_H
#define FB_TESTS_SUPPORT_TABLE_RIG_H

#include "report/table.h"
#include "support/tmpdir.h"

/* Columns of the rows that table_put_row writes; the others are absent, so unknown. */
#define TABLE_HEAD                                                                     \
	"schema,run_id,case_id,rep,path,mode,bs,size,writes_per_flush,fill_bs,"        \
	"thinktime,direct,survives,fidelity,errors,status,os_error,write_p50_ns,"      \
	"flush_p50_ns,commit_p50_ns,commit_p99_ns,commits_per_s,write_amp,flush_amp\n"

/* The end of such a row: survives and fidelity, no error, then seven figures. */
#define POWER_LOSS "power-loss,equivalent,"
#define GOOD       "0,0x00000000,0,"

/* struct table_rig - what a test took; @text is what was printed last */
extern struct table_rig {
	char folder[TMPDIR_LEN];
	char text[65536];
	struct fb_run run;
	struct fb_err err;
} table;

/* table_rig_enter, table_rig_leave - a test's setup and teardown: an empty run */
int table_rig_enter(void **state);
int table_rig_leave(void **state);

/* table_file - path of a file of the run, good until the next call */
const char *table_file(enum fb_run_file f);

/* table_put - append @s to a file of the run */
void table_put(enum fb_run_file f, const char *s);

/* table_put_row - a row of path file to summary.csv, from survives on @rest */
void table_put_row(int case_id, int rep, const char *mode, int bs, const char *rest);

/* table_print - load the run and print its table into table.text; as fb_table_print */
int table_print(int width, int colour);

/* table_has - fails the test when @part is there or not, unlike @expected */
void table_has(const char *part, int expected);

/* table_widest - the longest line; none may end in a blank */
size_t table_widest(void);

#endif

/*
 * list_tsv.h - the tables behind the program, for other programs
 *
 * Man page, completion and whoever else wants them read these: a line of column
 * names, then a row a line, cells between tabs. No cell holds a tab or a line's end,
 * so none is quoted; an empty one is without meaning.
 */
#ifndef FB_BENCH_LIST_TSV_H
#define FB_BENCH_LIST_TSV_H

#include <stdio.h>

/* list_tsv_profiles - name path help: every profile that `run` finds by its name */
void list_tsv_profiles(FILE *out);

/* list_tsv_modes - path mode call help; call is empty for a mode of Linux alone */
void list_tsv_modes(FILE *out);

/*
 * list_tsv_params - name column type value unit default choices help when
 *
 * value is what stands for it in --help, choices a comma list of what may be written.
 */
void list_tsv_params(FILE *out);

/* list_tsv_commands - name operands params help about; params is yes or no */
void list_tsv_commands(FILE *out);

/*
 * list_tsv_options - command name value help, parameters not among them
 *
 * command is empty for what stands before a command; value is empty for yes/no.
 */
void list_tsv_options(FILE *out);

#endif

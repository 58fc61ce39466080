/*
 * options.h - the command line of a subcommand, by its tables
 */
#ifndef FB_BENCH_OPTIONS_H
#define FB_BENCH_OPTIONS_H

#include "base/err.h"
#include "bench/command.h"
#include "plan/param.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * struct options - what was given
 * @operands: in order, pointing into argv
 * @set:      parameters in order: index in fb_params, text, option as written
 */
struct options {
	const char **operands;
	int n_operands;
	struct {
		int param;
		const char *text;
		const char *written;
	} * set;
	int n_set;
	bool help;
};

/*
 * options_parse - argv[1] on
 * @own: the struct that the command's options are offsets in, holding its defaults
 *
 * -EINVAL with the option, what is wrong and what was meant. options_free releases,
 * also after a failure.
 */
int options_parse(struct options *o, const struct bench_command *cmd, void *own,
		  int argc, char **argv, struct fb_err *err);
void options_free(struct options *o);

/* options_print_help - of @cmd, made from its tables */
void options_print_help(FILE *out, const struct bench_command *cmd);

/* options_print_own - the options of @cmd that are no parameters */
void options_print_own(FILE *out, const struct bench_command *cmd);

/* options_help - --help, which every command has */
extern const struct bench_option options_help;

/* options_value_name - what stands for a parameter's value: SIZE, SEC, WORD... */
const char *options_value_name(const struct fb_param *p);

/* options_print_params - the parameter table for people, and how to write a value */
void options_print_params(FILE *out);

/*
 * options_wrap - @text in lines of at most 79 columns, those after the first set in
 * @indent: where the first begins, what stands before it is printed already
 */
void options_wrap(FILE *out, const char *text, int indent);

#endif

/*
 * command.h - what a subcommand is: for the dispatcher, --help, man page, completion
 */
#ifndef FB_BENCH_COMMAND_H
#define FB_BENCH_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * struct bench_option - an option of one command that is no parameter of a case
 * @value:  what stands for its value in --help: DIR, FILE...; NULL: yes/no
 * @offset: in the command's own struct: a const char *, a bool for yes/no
 */
struct bench_option {
	const char *name;
	const char *value;
	size_t offset;
	const char *help;
};

/*
 * struct bench_command - one subcommand
 * @operands: as the usage line names them, "" for none; at most @operands_max
 * @help:     one line for `flushbench --help`; @about: a paragraph for its own
 * @options:  ended by one without a name; --help is everybody's and not among them
 * @params:   every parameter of a case is an option as well
 * @main:     argv[0] is the command's name; returns an exit code
 */
struct bench_command {
	const char *name;
	const char *operands;
	int operands_max;
	const char *help;
	const char *about;
	const struct bench_option *options;
	bool params;
	int (*main)(int argc, char **argv);
};

extern const struct bench_command bench_run;
extern const struct bench_command bench_probe;
extern const struct bench_command bench_list;
extern const struct bench_command bench_plot;
extern const struct bench_command bench_hive;

/* bench_commands - all of them, ended by NULL */
extern const struct bench_command *const bench_commands[];

#endif

/*
 * options.h - the command line of `run`: parameters, and what is not one
 */
#ifndef FB_BENCH_OPTIONS_H
#define FB_BENCH_OPTIONS_H

#include "base/err.h"
#include "plan/profile.h"

#include <stdbool.h>
#include <stdio.h>

enum { PROFILES_MAX = 64 };

struct run_options {
	const char *profiles[PROFILES_MAX];
	int n_profiles;
	const char *target;
	const char *allow_device;
	const char *results;
	const char *run_id;
	bool dry_run;
	bool yes_disable_flushes;
	bool help;
	/* Parameters given, in order: index, text, as written. */
	struct {
		int param;
		const char *text;
		const char *written;
	} * set;
	int n_set;
};

/*
 * options_parse - argv[1] on
 *
 * -EINVAL with the option, what is wrong and what was meant. options_free releases.
 */
int options_parse(struct run_options *o, int argc, char **argv, struct fb_err *err);
void options_free(struct run_options *o);

/* options_print_help - those of `run`, made from the parameter table */
void options_print_help(FILE *out);

/* options_print_params - the parameter table for people */
void options_print_params(FILE *out);

#endif

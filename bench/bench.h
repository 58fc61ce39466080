/*
 * bench.h - what the subcommands share
 */
#ifndef FB_BENCH_BENCH_H
#define FB_BENCH_BENCH_H

#include "base/err.h"

#include <stddef.h>

/* Exit codes, the same for every subcommand. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,      /* something measured or checked failed */
	EXIT_USAGE = 2,       /* options, profile or target */
	EXIT_INTERRUPTED = 3, /* what was finished is kept */
	EXIT_NOT_HERE = 4,    /* rights, device, missing tool */
};

/* bench_version - as VERSION has it, with the commit where one is known */
extern const char bench_version[];

/* bench_called - the program as a user would write it: flushbench, ./flushbench */
extern const char *bench_called;

/*
 * bench_shell_word - @word as a shell takes it back, in quotes unless it is plain
 *
 * Returns its length, at least @room where it did not fit.
 */
size_t bench_shell_word(const char *word, char *out, size_t room);

/* bench_say - a message for a person, on stderr, behind the program's name */
void bench_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * bench_find_file - a profile or script by name
 * @folder: "workloads", @suffix: ".ini"
 *
 * A name with a slash or the suffix is taken as it is; else it is looked for beside
 * the program (the source tree), then where `make install` puts it. 0 or -ENOENT.
 */
int bench_find_file(const char *name, const char *folder, const char *suffix, char *out,
		    size_t room, struct fb_err *err);

/*
 * bench_folder - where bench_find_file looks, number @i; NULL after the last
 *
 * Both follow from where the program lies: a tree may be moved, and staged, whole.
 */
const char *bench_folder(const char *folder, int i, char *out, size_t room);

#endif

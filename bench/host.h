/*
 * host.h - the few things a command asks the system itself
 */
#ifndef FB_BENCH_HOST_H
#define FB_BENCH_HOST_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* bench_program_path - where this program lies; 0 or -errno */
int bench_program_path(char *out, size_t room);

/* bench_is_file - is there a readable regular file? */
bool bench_is_file(const char *path);

/* bench_is_folder - is there a folder? */
bool bench_is_folder(const char *path);

/* bench_is_refused - is it there, or may be, and must not be read? */
bool bench_is_refused(const char *path);

/* bench_modified - when a file was changed last, seconds of the epoch; 0: no such */
double bench_modified(const char *path);

/*
 * bench_each_file - call @see with every name in @folder that is not hidden, sorted
 * bench_each_hidden - with every one that is
 */
void bench_each_file(const char *folder, void (*see)(const char *name, void *ctx),
		     void *ctx);
void bench_each_hidden(const char *folder, void (*see)(const char *name, void *ctx),
		       void *ctx);

/* bench_is_terminal - of stdout (1) or stderr (2) */
bool bench_is_terminal(int fd);

/*
 * bench_is_ansi - is it a terminal that understands ANSI sequences? $TERM says so
 * unless it is dumb or nothing
 */
bool bench_is_ansi(int fd);

/*
 * bench_colour - does what stands at stdout (1) or stderr (2) want ANSI colours?
 *
 * Such a terminal does, unless $NO_COLOR is there and not empty (no-color.org).
 */
bool bench_colour(int fd);

/*
 * bench_columns - of the terminal at stdout (1) or stderr (2), else $COLUMNS, else 80
 * bench_width - the same at stdout
 */
int bench_columns(int fd);
int bench_width(void);

/* bench_cpus - the CPUs that may be used here, as "0-1,3"; "" when not known */
void bench_cpus(char *out, size_t room);

/* bench_allow_files - as many open files as the system lets this user have */
void bench_allow_files(void);

/* bench_utc - now, as 20261120T070000Z (compact) or 2026-11-20T07:00:00Z */
void bench_utc(char *out, size_t room, bool compact);

/*
 * bench_catch_signals - set bench_stop on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU
 *
 * bench_stop also wakes what sleeps. bench_stopped is the same as a question.
 */
extern atomic_bool bench_stop;
void bench_catch_signals(void);
bool bench_stopped(void);

/*
 * bench_own_descriptors - let no file of ours become 0, 1 or 2
 *
 * Where the caller closed one, a message would else end up in a file of results.
 */
void bench_own_descriptors(void);

#endif

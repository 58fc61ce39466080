/*
 * host.h - the few things a command asks the system itself
 */
#ifndef FB_BENCH_HOST_H
#define FB_BENCH_HOST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* bench_program_path - where this program lies; 0 or -errno */
int bench_program_path(char *out, size_t room);

/* bench_is_file - is there a readable regular file? */
bool bench_is_file(const char *path);

/* bench_each_file - call @see with the name of every file in @folder, sorted */
void bench_each_file(const char *folder, void (*see)(const char *name, void *ctx),
		     void *ctx);

/* bench_is_terminal - of stdout (1) or stderr (2) */
bool bench_is_terminal(int fd);

/* bench_width - columns of the terminal at stdout, else $COLUMNS, else 80 */
int bench_width(void);

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

/*
 * cli.h - the program under test as its users meet it: words in, text and files out
 *
 * Include it after cmocka.h. The program is the one that the environment's FLUSHBENCH
 * names, else ./flushbench.
 */
#ifndef FB_TESTS_SUPPORT_CLI_H
#define FB_TESTS_SUPPORT_CLI_H

#include "report/run_dir.h"
#include "support/need.h"
#include "support/tmpdir.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

enum { CLI_PATH = TMPDIR_LEN + 64 };

/* What cli_wait answers for a program that had to be killed for taking too long. */
enum { CLI_HANGS = -1 };

/* Where stdout or stderr goes, if not to a descriptor of the test's. */
enum { CLI_CAPTURE = 0, CLI_CLOSED = -1 };

/*
 * struct cli - one process of the program; all zero is none
 *
 * Set before it is started, or left zero: @program (another copy of it), @cwd, @uid,
 * @fd_out and @fd_err. Set by cli_wait: @exit (128 + signal when killed by one),
 * @out and @err, what was captured, never NULL.
 */
struct cli {
	const char *program;
	const char *cwd;
	uid_t uid;
	int fd_out;
	int fd_err;
	pid_t pid;
	int memory_out;
	int memory_err;
	int exit;
	char *out;
	char *err;
};

/*
 * struct cli_lab - what a test took: cli_lab_leave gives it back, whatever happened
 * @target: an empty folder, @results: not there yet; both in @top
 * @c, @other: processes; @run: the last one loaded
 */
extern struct cli_lab {
	char top[TMPDIR_LEN];
	char target[CLI_PATH];
	char results[CLI_PATH];
	struct cli c;
	struct cli other;
	struct fb_run run;
} lab;

/* cli_lab_enter, cli_lab_leave - a test's setup and teardown */
int cli_lab_enter(void **state);
int cli_lab_leave(void **state);

/* cli_program - absolute path of the program under test */
const char *cli_program(void);

/*
 * cli_start - start the program with the words of a line, cut at blanks
 *
 * It dies with the test. @c is used anew: what an earlier process left is released.
 */
void cli_start(struct cli *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* cli_wait - until it ends; its exit code, or CLI_HANGS */
int cli_wait(struct cli *c, unsigned timeout_ms);

/* cli_run - both, with time enough */
int cli_run(struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* run_in_target - lab.c with these words in the lab's target; its exit code */
int run_in_target(const char *words);

/* run_profile_start - lab.c with a profile of this text, into run r of the lab's */
void run_profile_start(const char *text);

/* cli_sleep_ms - and only that: no test waits in the hope that this is long enough */
void cli_sleep_ms(unsigned ms);

/* cli_free - end it if it still runs, release what it said */
void cli_free(struct cli *c);

/*
 * measure - a short run of lab.c in the lab's folders, loaded into lab.run
 * measure_start - only started
 *
 * `run --target T --results R --run-id r` with one repetition of 60 ms on 1 MiB and
 * no ramp, then the words of @fmt, which come last and so may say otherwise. Earlier
 * results are removed. Returns the exit code; what cannot be loaded fails the test
 * unless nothing was left at all.
 */
int measure(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void measure_start(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void measure_load(void);

/* file_put - a file of these bytes in the lab; its path, good until the next call */
const char *file_put(const char *name, const void *bytes, size_t n);

/* row_count, field, number, row_where - of a file of lab.run; NAN for an empty field */
size_t row_count(enum fb_run_file file);
const char *field(enum fb_run_file file, size_t row, const char *column);
double number(enum fb_run_file file, size_t row, const char *column);

/* row_where - the first whose @column is @value; SIZE_MAX: there is none */
size_t row_where(enum fb_run_file file, const char *column, const char *value);

/* count_of - sum of column `count` in histogram.csv or series.csv over a case's op */
double count_of(enum fb_run_file file, const char *case_id, const char *op);

/* only - number of the first row of summary.csv */
double only(const char *column);

/* fact_is - does system.csv say that @key is @value? */
bool fact_is(const char *key, const char *value);

/* assert_says - @text holds @part; a failure shows all of it */
#define assert_says(text, part) says(text, part, __FILE__, __LINE__)

/* assert_exit - a failure shows what the program said */
#define assert_exit(expected, code, c)                                                 \
	do {                                                                           \
		if ((code) != (expected))                                              \
			cli_show(&(c));                                                \
		assert_int_equal((c).exit, expected);                                  \
	} while (0)

void says(const char *text, const char *part, const char *file, int line);

/* cli_show - what it said, on stderr */
void cli_show(const struct cli *c);

/* assert_tidy - nothing is left under the target */
#define assert_tidy() assert_int_equal(folder_entries(lab.target), 0)

/* assert_untouched - the lab holds the empty target and @others things, no results */
#define assert_untouched(others)                                                       \
	do {                                                                           \
		assert_tidy();                                                         \
		assert_int_equal(folder_entries(lab.top), 1 + (others));               \
	} while (0)

#endif

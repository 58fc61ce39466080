/*
 * warn_lab.h - what the program warned of, in a run of the lab's (cli.h), and targets
 * that give it reason to
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_WARN_LAB_H
#define FB_TESTS_SUPPORT_WARN_LAB_H

#include "support/cli.h"
#include "support/fusefs.h"
#include "support/loopfs.h"

/*
 * struct warn_lab - what a test took: warn_lab_leave gives it back, whatever happened
 * @mounted: unmounted again, if not empty; @child: killed, if any
 */
extern struct warn_lab {
	struct loopfs loop;
	struct fusefs fuse;
	char mounted[CLI_PATH];
	pid_t child;
} warn_lab;

/* warn_lab_enter, warn_lab_leave - a test's setup and teardown, the lab's included */
int warn_lab_enter(void **state);
int warn_lab_leave(void **state);

/* run_warns - does lab.run hold a warning with that id? */
bool run_warns(const char *id);

/*
 * assert_run_warns - it does, of that severity, with @part in its evidence
 * assert_run_silent - it does not
 */
void assert_run_warns(const char *id, const char *severity, const char *part);
void assert_run_silent(const char *id);

/*
 * measure_well - measure, which must go well; the words of warnings are whole in
 * warnings.csv
 */
void measure_well(const char *words);

/* use_loopfs - the lab's target is on a new file system; skips where none can be */
void use_loopfs(const struct loopfs_spec *spec);

/* use_mount - something is mounted on a folder of the lab's, the target is in there */
void use_mount(const char *type, const char *options);

/*
 * warn_lab_library - a shared library of this source in the lab
 *
 * Its path, good until the next call; NULL: there is no compiler.
 */
const char *warn_lab_library(const char *name, const char *source);

/* measure_preloaded - measure_well with a library that is loaded first */
void measure_preloaded(const char *library, const char *words);

#endif

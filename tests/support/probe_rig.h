/*
 * probe_rig.h - what `probe --csv` says, read as the files of a run are
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_PROBE_RIG_H
#define FB_TESTS_SUPPORT_PROBE_RIG_H

#include "support/cli.h"

/*
 * probe_csv - lab.c with `probe --csv` and these words, its two tables in lab.run
 *
 * Returns the exit code; output that is not two tables fails the test, unless the code
 * is not 0.
 */
int probe_csv(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* probe_fact - the value of @key, NULL: there is no such row */
const char *probe_fact(const char *key);

/* assert_probed - the value of @key is @value; a failure shows both */
void assert_probed(const char *key, const char *value);

/* probe_warned - was it warned of this? */
bool probe_warned(const char *id);

#endif

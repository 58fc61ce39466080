/*
 * host_rig.h - what the host tells of itself and warns of, looked up
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_HOST_RIG_H
#define FB_TESTS_SUPPORT_HOST_RIG_H

#include "host/host.h"
#include "support/tmpdir.h"

/*
 * host_rig - what a test took: host_rig_leave, its teardown, gives it back
 * @root: a machine made up of files; empty until host_put makes it
 * @device, @c, @result: what host_rig_result makes
 */
extern struct host_rig {
	char root[TMPDIR_LEN];
	struct fb_facts facts;
	struct fb_warnings warnings;
	struct fb_device device;
	struct fb_case c;
	struct fb_result result;
} host_rig;

int host_rig_leave(void **state);

/* fact_value - NULL if there is no such fact; assert_fact - that it is @expected */
const char *fact_value(const char *key);
void assert_fact(const char *key, const char *expected);

/* host_put - a file of the machine in host_rig.root, with this text */
void host_put(const char *name, const char *text);

/*
 * host_rig_result - a setup: a repetition of a case on a disk that nothing is said of
 *
 * Case 7, repetition 3, one thread with mode data-sync-only on ext4: a second of 100 us
 * commits, 10 us of them the write, whose flushes all reached a disk with a volatile
 * cache.
 */
int host_rig_result(void **state);

/* host_rig_record - in place of what was there, @n samples of an op */
void host_rig_record(enum fb_op op, uint64_t ns, unsigned n);

/* warned - the first warning with that id, NULL: there is none */
const struct fb_warning *warned(const char *id);

/*
 * assert_warned - there is one, of that severity, with @part in its evidence
 * assert_not_warned - there is none
 */
void assert_warned(const char *id, enum fb_severity severity, const char *part);
void assert_not_warned(const char *id);

/* assert_sentences - there are @n warnings, and no text was cut */
void assert_sentences(size_t n);

#endif

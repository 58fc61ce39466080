/*
 * perf_judge.h - perf record's own account of what a disk was asked, to hold against
 * ours
 */
#ifndef FB_TESTS_SUPPORT_PERF_JUDGE_H
#define FB_TESTS_SUPPORT_PERF_JUDGE_H

#include "support/tmpdir.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* struct perf_judge - one at work; all zero is none */
struct perf_judge {
	pid_t pid;
	FILE *control, *answers;
	char data[TMPDIR_LEN + 16];
};

/*
 * struct perf_count - as the kernel counts them
 * @writes: requests that carry data and empty flush bios; @flushes: requests that empty
 * the cache; @bytes written; @lost: events that perf missed
 */
struct perf_count {
	uint64_t writes, flushes, bytes, lost;
};

/* perf_missing - why it cannot judge here, a reason for skip(); NULL if it can */
const char *perf_missing(void);

/*
 * perf_start - record the requests and bios of a disk, until perf_stop
 * @folder: for what it records
 *
 * It records when this returns. perf mounts what it needs, so in a mount namespace of
 * the test's own (own_mounts). 0 or -errno.
 */
int perf_start(struct perf_judge *j, const char *folder, unsigned dev_major,
	       unsigned dev_minor);

/* perf_stop - and count; 0 or -errno */
int perf_stop(struct perf_judge *j, struct perf_count *out);

/* perf_kill - one that may still be at work; none: does nothing */
void perf_kill(struct perf_judge *j);

#endif

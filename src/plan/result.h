/*
 * result.h - what one repetition of one case gave
 *
 * Plain structs: `run` fills them, `report` writes them.
 */
#ifndef FB_PLAN_RESULT_H
#define FB_PLAN_RESULT_H

#include "base/units.h"
#include "base/warn.h"
#include "plan/case.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fb_hist;   /* stats/hist.h */
struct fb_series; /* stats/series.h */

/* The three latencies of an op, in the order of every array of them. */
enum fb_op { FB_OP_WRITE, FB_OP_FLUSH, FB_OP_COMMIT, FB_OP_COUNT };
extern const char *const fb_op_names[];

/* struct fb_promise - what a completed flush means on the target it was opened on */
struct fb_promise {
	enum fb_survives survives;
	enum fb_fidelity fidelity;
};

/*
 * What a traced repetition has beside them, in the order of fb_dev_hist_names, which
 * are the words in histogram.csv. The first three have a sample an op, and only with
 * one op in flight: requests that the disks the mount sits on were given; ns in which
 * at least one write, at least one flush was with the disk (both at once count as
 * flush), of ops whose requests were all seen to begin and to end. The others have a
 * sample a request of that class, ns from issue to answer.
 */
enum fb_dev_hist {
	FB_DEV_REQUESTS_PER_FLUSH,
	FB_DEV_WRITE,
	FB_DEV_FLUSH,
	FB_DEV_RQ_DATA,
	FB_DEV_RQ_JOURNAL,
	FB_DEV_RQ_METADATA,
	FB_DEV_RQ_FLUSH,
	FB_DEV_RQ_READ,
	FB_DEV_RQ_DISCARD,
	FB_DEV_RQ_OTHER,
	FB_DEV_HISTS,
};
extern const char *const fb_dev_hist_names[];
/* fb_dev_hist_unit - "requests" or "ns" */
const char *fb_dev_hist_unit(enum fb_dev_hist h);

/*
 * struct fb_io_class - device requests of one class, a row of io.csv
 * @fua:    "1" written past the cache, "0" not
 * @issuer: "self", "kernel", "others"
 *
 * Both "" where the source cannot tell; @requests, @bytes: FB_UNKNOWN
 */
struct fb_io_class {
	char device[64];
	const char *klass; /* data journal metadata flush read discard other */
	const char *fua;
	const char *issuer; /* self kernel others */
	uint64_t requests;
	uint64_t bytes;
};

enum { FB_IO_CLASSES_MAX = 512 };

/*
 * struct fb_io - what the device and the process did; FB_UNKNOWN where unknown
 *
 * The dev_ figures are of the disks the mount sits on; those below have rows of classes
 * alone.
 * @proc_write_bytes: bytes this process caused to be sent to storage
 * @others_bytes: what others read, wrote or discarded on these disks (trace; what
 * kernel threads write that is no part of target or file system is theirs), or read and
 * wrote on any disk (disk, process); @others: the one that did most on any disk,
 * "name[pid]", or empty
 * @source: account_source: "trace" (block events), "disk" (whole-device counters),
 *          "process" (/proc/self/io only, device figures unknown) or "" (nothing read)
 */
struct fb_io {
	uint64_t dev_bytes, dev_writes, dev_flushes, dev_fua;
	uint64_t proc_write_bytes;
	uint64_t lost_events;
	uint64_t others_bytes;
	char others[48];
	const char *source;
	size_t n_classes;
	struct fb_io_class classes[FB_IO_CLASSES_MAX];
};

/* struct fb_path_counters - what only the path knows; FB_UNKNOWN: not of this path */
struct fb_path_counters {
	uint64_t retries;
	uint64_t log_bytes, primary_bytes, hive_growth_bytes;
	uint64_t lazy_flushes, lazy_bytes;
	uint64_t lines_dirtied, lines_flushed;
};

/*
 * struct fb_result - one repetition
 * @hist:   merged over the threads; NULL or empty where there are no samples. The
 *          flush histogram is empty in modes that write and flush in one call.
 * @ops:    finished ops; @errors: 0 or 1, for an error ends the case
 * @status, @os_error: of that error; @error: the same for a person
 * @elapsed_ns, @run_delay_ns: of the measured part; FB_UNKNOWN if there was none
 * @traced: block events were recorded while it ran
 * @trace_cost: what that added to the median commit, as a share of it, measured after
 *          the measured part by doing without in turn; NAN: not known
 * @dev:    of a traced repetition; NULL or empty where there are no samples
 *
 * Owned by the caller of fb_run_case, released by fb_result_free.
 */
struct fb_result {
	const struct fb_case *c;
	unsigned rep; /* from 1 */
	struct fb_promise promise;
	enum fb_ended ended;
	uint64_t ops;
	uint64_t errors;
	uint32_t status;
	int os_error;
	char error[512];
	uint64_t elapsed_ns;
	uint64_t run_delay_ns;
	uint64_t app_bytes, app_writes, app_flushes;
	struct fb_hist *hist[FB_OP_COUNT];
	struct fb_series *series;
	bool traced;
	double trace_cost;
	struct fb_hist *dev[FB_DEV_HISTS];
	struct fb_io io;
	struct fb_path_counters counters;
	struct fb_warnings warnings;
};

#endif

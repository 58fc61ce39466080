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
 * struct fb_io_class - device requests of one class, a row of io.csv
 * @fua, @issuer: "" where the source cannot tell; @requests, @bytes: FB_UNKNOWN
 */
struct fb_io_class {
	char device[64];
	const char *klass; /* data journal metadata flush read discard other */
	const char *fua;
	const char *issuer; /* self kernel others */
	uint64_t requests;
	uint64_t bytes;
};

enum { FB_IO_CLASSES_MAX = 64 };

/*
 * struct fb_io - what the device and the process did; FB_UNKNOWN where unknown
 * @proc_write_bytes: bytes this process caused to be sent to storage
 * @source: account_source: "disk" (whole-device counters), "process"
 *          (/proc/self/io only, device figures unknown) or "" (nothing read)
 */
struct fb_io {
	uint64_t dev_bytes, dev_writes, dev_flushes, dev_fua;
	uint64_t proc_write_bytes;
	uint64_t lost_events;
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
	struct fb_io io;
	struct fb_path_counters counters;
	struct fb_warnings warnings;
};

#endif

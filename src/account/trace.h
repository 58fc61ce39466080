/*
 * trace.h - the kernel's block events of some disks, as they happen
 *
 * Tracepoints through perf_event_open, or with one op in flight through programs at
 * them (fb_trace_open_single): a ring a CPU, all events of a CPU in one, those of other
 * disks filtered out by the kernel.
 */
#ifndef FB_ACCOUNT_TRACE_H
#define FB_ACCOUNT_TRACE_H

#include "base/err.h"
#include "device/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fb_block_kind {
	FB_BLOCK_QUEUE,    /* block_bio_queue: somebody hands a bio to the disk */
	FB_BLOCK_ISSUE,    /* block_rq_issue: the driver is given a request */
	FB_BLOCK_COMPLETE, /* block_rq_complete: the disk has answered it, or a part */
	FB_BLOCK_REQUEUE,  /* block_rq_requeue: the driver gave it back undone */
	FB_BLOCK_BIO_DONE, /* block_bio_complete: of disks that have no requests */
	FB_BLOCK_KINDS,
};

/* What the letters of rwbs say. */
enum {
	FB_BLOCK_READ = 1 << 0,
	FB_BLOCK_WRITE = 1 << 1,
	FB_BLOCK_DISCARD = 1 << 2,  /* what zeroes without data is a write as well */
	FB_BLOCK_FLUSH = 1 << 3,    /* the request that empties the cache, FF */
	FB_BLOCK_PREFLUSH = 1 << 4, /* F before the W: empty the cache first */
	FB_BLOCK_FUA = 1 << 5,      /* F after the W: past the cache */
	FB_BLOCK_SYNC = 1 << 6,
	FB_BLOCK_META = 1 << 7,
};

/*
 * struct fb_block_event - one of them
 * @time_ns: of one clock for all events of a trace: only differences mean something
 * @sector, @sectors: of 512 bytes, on the whole disk; 0 and 0 for an empty flush
 * @pid, @tid: of the task on whose behalf the CPU ran; 0: not visible from here. Only
 *             for FB_BLOCK_QUEUE is that who asked
 * @comm:      its name, of FB_BLOCK_QUEUE alone
 */
struct fb_block_event {
	enum fb_block_kind kind;
	unsigned dev_major, dev_minor;
	uint64_t time_ns;
	uint64_t sector;
	uint32_t sectors;
	uint32_t flags;
	int pid, tid;
	char comm[16];
};

struct fb_trace;

/*
 * fb_trace_open - get ready to trace @n disks; nothing is recorded yet
 *
 * A disk that has no requests of its own (@queued FB_NO: device mapper, md) is traced
 * by its bios, any other by its requests. CPUs that come online later are not traced.
 * Needs root or CAP_PERFMON and a readable tracefs; where none is mounted one is, in no
 * folder, for the moment. -EPERM or -EACCES without the rights, -ENODEV without
 * tracepoints or disks, -EMFILE, -ENOMEM, each with what to do in @err.
 */
int fb_trace_open(struct fb_trace **out, const struct fb_disk *const *disks, size_t n,
		  struct fb_err *err);

/*
 * fb_trace_open_single - the same, where one op is in flight at a time
 *
 * Through programs that the kernel runs at the tracepoints, where it lets us
 * (Linux 5.8, root or CAP_BPF and CAP_PERFMON): a seventh of the cost, and nothing is
 * hidden. With many ops in flight they would miss what interrupts them: 1 event in 100.
 * Else as fb_trace_open.
 */
int fb_trace_open_single(struct fb_trace **out, const struct fb_disk *const *disks,
			 size_t n, struct fb_err *err);

/*
 * fb_trace_start - forget what is in the rings and record from now on; 0 or -errno
 * fb_trace_stop  - record no more
 */
int fb_trace_start(struct fb_trace *t);
void fb_trace_stop(struct fb_trace *t);

/*
 * fb_trace_read - hand over what happened since, in the order of time
 *
 * All that led to the call is there: what an op caused can be read when it has
 * returned. No system call where nothing happened. What is younger than the call is
 * left for the next one, unless tracing was stopped. An event always comes after those
 * that led to it; of two that have nothing to do with each other, on two CPUs at the
 * same moment, the older one may come a call later. One thread at a time.
 */
void fb_trace_read(struct fb_trace *t,
		   void (*see)(const struct fb_block_event *e, void *ctx), void *ctx);

/*
 * fb_trace_lost - events since fb_trace_start that happened and were not handed over
 * fb_trace_hidden - those of them that a ring had room for
 *
 * Both are exact when tracing was stopped and all was read. Before, what rings had no
 * room for is all that is known, and before Linux 6.0 not even that. A kernel hides
 * events when it is built to keep from others what runs while a CPU idles: of a disk
 * that interrupts an idle CPU it hides the answers. A CPU that never idles shows them.
 */
uint64_t fb_trace_lost(const struct fb_trace *t);
uint64_t fb_trace_hidden(const struct fb_trace *t);

/* fb_trace_close - NULL does nothing */
void fb_trace_close(struct fb_trace *t);

#endif

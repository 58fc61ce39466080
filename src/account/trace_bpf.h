/*
 * trace_bpf.h - block events through programs of ours that the kernel runs
 *
 * A program at each tracepoint puts what concerns the disks into one ring for all CPUs.
 * It takes a seventh of the time of a perf record, and events that a kernel hides from
 * perf (fb_trace_hidden) are there. But an event that interrupts a program is missed:
 * that cannot be one of the op that is under way, as long as there is one alone.
 */
#ifndef FB_ACCOUNT_TRACE_BPF_H
#define FB_ACCOUNT_TRACE_BPF_H

#include "account/trace_ring.h"

struct fb_trace_bpf;

/*
 * fb_trace_bpf_open - nothing is recorded yet
 * @sources: FB_BLOCK_KINDS of them; their filters are not used
 *
 * 0 or -errno, with nothing left open: a kernel without BPF or before 5.8, a lack of
 * rights, too many disks.
 */
int fb_trace_bpf_open(struct fb_trace_bpf **out, const struct fb_trace_source *sources,
		      const struct fb_trace_ask *ask);
void fb_trace_bpf_close(struct fb_trace_bpf *b);

/*
 * fb_trace_bpf_start - from now on, with an empty ring and no losses; 0 or -errno
 * fb_trace_bpf_stop  - no more, and nothing of ours is left at the tracepoints
 */
int fb_trace_bpf_start(struct fb_trace_bpf *b);
void fb_trace_bpf_stop(struct fb_trace_bpf *b);

/* fb_trace_bpf_read - as fb_trace_read */
void fb_trace_bpf_read(struct fb_trace_bpf *b,
		       void (*see)(const struct fb_block_event *e, void *ctx),
		       void *ctx);

/* fb_trace_bpf_losses - since it began to record; those missed, of any disk, are hidden
 */
struct fb_trace_losses fb_trace_bpf_losses(const struct fb_trace_bpf *b);

#endif

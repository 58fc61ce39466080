/*
 * trace_ring.h - one CPU's events, on their way out of the kernel
 *
 * For trace.h alone, and for tests, which want a ring so small that it runs over.
 */
#ifndef FB_ACCOUNT_TRACE_RING_H
#define FB_ACCOUNT_TRACE_RING_H

#include "account/trace_format.h"

enum { FB_TRACE_RECORD_MAX = 65536 };

/*
 * struct fb_trace_source - an event as the kernel is asked for it
 * @format: ID 0: it is not asked for
 * @filter: of which disks, in the words of trace filters
 */
struct fb_trace_source {
	struct fb_trace_format format;
	char *filter;
};

/*
 * struct fb_trace_ask - what to trace
 * @ring_bytes: for each CPU, a power of two; 0: as fb_trace_open does
 * @single: as fb_trace_open_single
 */
struct fb_trace_ask {
	const struct fb_disk *const *disks;
	size_t n_disks;
	size_t ring_bytes;
	bool single;
};

/* fb_trace_disk_has - is that how a disk is traced? */
bool fb_trace_disk_has(const struct fb_disk *d, enum fb_block_kind kind);

/* fb_trace_disk_number - as the kernel has it in a record, not as user space spells it
 */
uint32_t fb_trace_disk_number(const struct fb_disk *d);

/*
 * fb_trace_sources_make - what of each kind of event is asked for: FB_BLOCK_KINDS of
 * them
 *
 * As fb_trace_open fails, then there is nothing to free.
 */
int fb_trace_sources_make(struct fb_trace_source *sources,
			  const struct fb_trace_ask *ask, struct fb_err *err);
void fb_trace_sources_free(struct fb_trace_source *sources);

/*
 * struct fb_trace_ring
 * @fd:     an event of each kind, -1 where there is none; all write into one ring
 * @at:     how far it was read, @head: how far it may be, @freed: how far the kernel
 *          knows it read. They only grow
 * @next:   @n_next events that were read but not handed over, the older one first
 * @seen:   events read, @odd: records that were none of ours
 * @tells_lost: the kernel counts what a ring has no room for; @lost_before: it was
 * cleared
 */
struct fb_trace_ring {
	const struct fb_trace_source *sources;
	int fd[FB_BLOCK_KINDS];
	void *map;
	size_t bytes;
	uint64_t at, head, freed;
	struct fb_block_event next[2];
	unsigned n_next;
	uint64_t seen, odd;
	bool tells_lost;
	uint64_t lost_before;
	uint8_t whole[FB_TRACE_RECORD_MAX]; /* of a record cut by the ring's end */
};

/*
 * fb_trace_ring_open - nothing is recorded yet
 * @sources: FB_BLOCK_KINDS of them, that outlive the ring
 * @bytes: a power of two, at least a page
 *
 * 0 or what the system said, -errno, with nothing left open. -ENODEV: there is no such
 * CPU now.
 */
int fb_trace_ring_open(struct fb_trace_ring *r, const struct fb_trace_source *sources,
		       unsigned cpu, size_t bytes);
void fb_trace_ring_close(struct fb_trace_ring *r);

/*
 * fb_trace_ring_record - record from now on, or no more
 *
 * An event that the order to stop has interrupted is written after it all the same.
 */
int fb_trace_ring_record(struct fb_trace_ring *r, bool on);

/* fb_trace_ring_clear - while nothing is recorded: forget all events and counts */
void fb_trace_ring_clear(struct fb_trace_ring *r);

/* fb_trace_ring_waiting - are there events not handed over? No system call */
bool fb_trace_ring_waiting(const struct fb_trace_ring *r);

/* fb_trace_ring_load - what the kernel has written by now may be read */
void fb_trace_ring_load(struct fb_trace_ring *r);

/* fb_trace_ring_peek - the oldest event, NULL: none; good until the next call */
const struct fb_block_event *fb_trace_ring_peek(struct fb_trace_ring *r);

/* fb_trace_ring_pop - go past what peek showed */
void fb_trace_ring_pop(struct fb_trace_ring *r);

/* fb_trace_ring_free - the kernel may write over what was read */
void fb_trace_ring_free(struct fb_trace_ring *r);

/*
 * struct fb_trace_losses - events that happened and were never read
 * @no_room: for which the ring had no room
 * @hidden:  that the kernel counted and did not write though there was room
 */
struct fb_trace_losses {
	uint64_t no_room, hidden;
};

/*
 * fb_trace_ring_losses - since it was cleared
 *
 * While recording @no_room alone, and that only from Linux 6.0 on. Later, once all was
 * read, exact: what the kernel counted less what was seen.
 */
struct fb_trace_losses fb_trace_ring_losses(const struct fb_trace_ring *r,
					    bool recording);

/* fb_trace_open_sized - fb_trace_open with rings of a given size */
int fb_trace_open_sized(struct fb_trace **out, const struct fb_trace_ask *ask,
			struct fb_err *err);

/* fb_trace_has_programs - no perf rings, see fb_trace_open_single */
bool fb_trace_has_programs(const struct fb_trace *t);

#endif

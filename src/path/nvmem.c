#include "path/nvmem.h"

#include "nt/nt.h"
#include "path/fault.h"
#include "path/nvmem_lines.h"
#include "path/nvmem_target.h"
#include "path/promise.h"
#include "path/target_file.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* struct count - of one lane; a line of its own, lest lanes wait for each other */
struct count {
	alignas(64) uint64_t dirtied;
	uint64_t flushed;
};

/* @counts: one a thread */
struct nvmem_path {
	struct fb_path base;
	const struct fb_target *target;
	struct fb_nvmem_region *regions;
	struct count *counts;
};

/* What a mode's write calls. */
enum store { STORE_OURS, STORE_WRITE, STORE_FILL };

/* What leaves the caches by the routines of an op. */
enum push {
	PUSH_NOTHING,
	PUSH_WHOLE, /* the lines of the smallest range that holds its writes */
	PUSH_LINES, /* the lines of each of its ranges */
	PUSH_WORDS, /* of those the ones with a streamed word */
};

/*
 * @ranges: of the ops that were begun, @per_op each; @at: of the one that is flushed
 *          next
 * @spans:  room to count one op's lines in
 * @for_zero: what is filled with in the place of 0, which the memory may take faster
 */
struct nvmem_lane {
	struct fb_lane base;
	enum fb_mode mode;
	enum store store;
	ULONG flags;
	UCHAR for_zero;
	enum push push;
	PVOID token;
	char *view;
	uint64_t line;
	uint64_t per_op;
	NV_MEMORY_RANGE *ranges, *at;
	struct fb_lines *spans;
	struct count *count;
	char name[64];
};

static void free_path(struct nvmem_path *p)
{
	free(p->regions);
	free(p->counts);
	free(p);
}

static struct nvmem_path *new_path(const struct fb_case *c, const struct fb_target *t)
{
	struct nvmem_path *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->base = (struct fb_path){&fb_path_nvmem, c};
	p->target = t;
	p->regions = calloc(fb_target_files(c), sizeof(*p->regions));
	p->counts = aligned_alloc(alignof(struct count),
				  c->numjobs * sizeof(*p->counts));
	if (!p->regions || !p->counts) {
		free_path(p);
		return NULL;
	}
	memset(p->counts, 0, c->numjobs * sizeof(*p->counts));
	return p;
}

static int nvmem_open(struct fb_path **out, const struct fb_case *c,
		      const struct fb_target *t, struct fb_err *err)
{
	struct nvmem_path *p = new_path(c, t);
	int ret;

	if (!p)
		return fb_err_set(err, -ENOMEM, "out of memory");
	ret = fb_fault_install();
	if (ret)
		fb_err_set(
			err, ret,
			"no handler for SIGBUS could be installed; leave path nvmem out");
	else
		ret = fb_nvmem_make(c, t, p->regions, err);
	if (ret)
		free_path(p);
	else
		*out = &p->base;
	return ret;
}

static int nvmem_close(struct fb_path *base, struct fb_err *err)
{
	struct nvmem_path *p = (struct nvmem_path *)base;
	int ret = fb_nvmem_remove(base->c, p->target, p->regions, err);

	free_path(p);
	return ret;
}

/* While the lanes' threads wait: each count has but one writer. */
static void nvmem_counters(struct fb_path *base, struct fb_path_counters *out)
{
	const struct nvmem_path *p = (struct nvmem_path *)base;

	out->lines_dirtied = out->lines_flushed = 0;
	for (uint64_t i = 0; i < base->c->numjobs; i++) {
		out->lines_dirtied += p->counts[i].dirtied;
		out->lines_flushed += p->counts[i].flushed;
	}
}

/* The fill routine's flags are the same bits. */
static void set_store(struct nvmem_lane *l)
{
	static const struct {
		enum store store;
		ULONG flags;
	} of_mode[FB_MODE_COUNT] = {
		[FB_MODE_WRITE] = {STORE_WRITE, 0},
		[FB_MODE_WRITE_FLUSH] = {STORE_WRITE, WRITE_NV_MEMORY_FLAG_FLUSH},
		[FB_MODE_WRITE_FLUSH_DRAIN] = {STORE_WRITE,
					       WRITE_NV_MEMORY_FLAG_FLUSH |
						       WRITE_NV_MEMORY_FLAG_NO_DRAIN},
		[FB_MODE_WRITE_NT] = {STORE_WRITE, WRITE_NV_MEMORY_FLAG_NON_TEMPORAL},
		[FB_MODE_WRITE_PERSIST] = {STORE_WRITE, WRITE_NV_MEMORY_FLAG_PERSIST},
		[FB_MODE_FILL_FLUSH] = {STORE_FILL, FILL_NV_MEMORY_FLAG_FLUSH},
		[FB_MODE_FILL_NT] = {STORE_FILL, FILL_NV_MEMORY_FLAG_NON_TEMPORAL},
		[FB_MODE_FILL_PERSIST] = {STORE_FILL, FILL_NV_MEMORY_FLAG_PERSIST},
	};

	l->store = of_mode[l->mode].store;
	l->flags = of_mode[l->mode].flags;
}

/* As the routines do it: nt.h says what streams. */
static enum push push_of(enum fb_mode mode, const struct fb_nt_nv_info *info,
			 bool flushes)
{
	const bool lines = info->flush != FB_NT_NV_NONE;

	switch (mode) {
	case FB_MODE_FLUSH:
	case FB_MODE_WRITE:
		return lines && flushes ? PUSH_WHOLE : PUSH_NOTHING;
	case FB_MODE_FLUSH_DRAIN:
	case FB_MODE_RANGES:
		return lines && flushes ? PUSH_LINES : PUSH_NOTHING;
	case FB_MODE_WRITE_NT:
	case FB_MODE_FILL_NT:
		if (!lines && strcmp(info->stream_name, "none") != 0)
			return PUSH_WORDS;
		return lines ? PUSH_LINES : PUSH_NOTHING;
	default:
		return lines ? PUSH_LINES : PUSH_NOTHING;
	}
}

static uint64_t batch_of(const struct fb_case *c)
{
	return c->batch > 1 ? c->batch : 1;
}

uint64_t fb_nvmem_lane_bytes(const struct fb_case *c)
{
	const uint64_t per_op = fb_case_op_writes(c);

	if (c->path != FB_PATH_NVMEM)
		return 0;
	return batch_of(c) * per_op * sizeof(NV_MEMORY_RANGE) +
	       per_op * sizeof(struct fb_lines);
}

static void free_lane(struct nvmem_lane *l)
{
	free(l->ranges);
	free(l->spans);
	free(l);
}

static struct nvmem_lane *new_lane(const struct fb_case *c)
{
	const uint64_t per_op = fb_case_op_writes(c);
	struct nvmem_lane *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->ranges = calloc(batch_of(c) * per_op, sizeof(*l->ranges));
	l->spans = calloc(per_op, sizeof(*l->spans));
	if (!l->ranges || !l->spans) {
		free_lane(l);
		return NULL;
	}
	return l;
}

static int nvmem_lane_open(struct fb_lane **out, struct fb_path *base, unsigned thread,
			   struct fb_err *err)
{
	const struct nvmem_path *p = (struct nvmem_path *)base;
	const struct fb_case *c = base->c;
	const unsigned i = fb_target_of(c, thread);
	struct nvmem_lane *l = new_lane(c);
	struct fb_nt_nv_info info;
	NTSTATUS status;

	if (!l)
		return fb_err_set(err, -ENOMEM, "out of memory");
	fb_nvmem_name(c, p->target, i, l->name, sizeof(l->name));
	status = fb_nt_query_nv_token(p->regions[i].token, &info);
	if (!NT_SUCCESS(status)) {
		free_lane(l);
		return fb_target_fail(err, status, "has no token", "the region");
	}
	l->base.ops = &fb_path_nvmem;
	l->mode = (enum fb_mode)c->mode;
	l->push = push_of(l->mode, &info, thread < c->flushers);
	l->token = p->regions[i].token;
	l->view = p->regions[i].view;
	l->line = info.line;
	l->for_zero = c->data == FB_DATA_ZERO ? 0 : 0xA5;
	l->count = &p->counts[thread];
	set_store(l);
	*out = &l->base;
	return 0;
}

static void nvmem_lane_close(struct fb_lane *base)
{
	free_lane((struct nvmem_lane *)base);
}

static int nvmem_guard(struct fb_lane *base, void (*work)(void *arg), void *arg)
{
	struct nvmem_lane *l = (struct nvmem_lane *)base;
	int ret = fb_fault_guard(work, arg, NULL);

	if (!ret)
		return 0;
	return fb_nvmem_fail_store(&l->base.err, ret, l->name);
}

static void begin_op(struct nvmem_lane *l, const struct fb_write *w, NV_MEMORY_RANGE *r)
{
	uint64_t low = UINT64_MAX, high = 0, flushed = 0;

	for (uint64_t i = 0; i < l->per_op; i++) {
		const uint64_t at = w[i].offset, n = w[i].length;

		r[i] = (NV_MEMORY_RANGE){l->view + at, n};
		l->spans[i] = fb_lines_of(at, n, l->line);
		low = at < low ? at : low;
		high = at + n > high ? at + n : high;
		if (l->push == PUSH_LINES)
			flushed += fb_lines_count(l->spans[i]);
		else if (l->push == PUSH_WORDS)
			flushed += fb_lines_count(fb_lines_of_words(at, n, l->line));
	}
	if (l->push == PUSH_WHOLE)
		flushed = fb_lines_count(fb_lines_of(low, high - low, l->line));
	l->count->flushed += flushed;
	l->count->dirtied += fb_lines_union(l->spans, l->per_op);
}

static void nvmem_begin_ops(struct fb_lane *base, const struct fb_write *writes,
			    uint64_t per_op, uint64_t n)
{
	struct nvmem_lane *l = (struct nvmem_lane *)base;

	l->per_op = per_op;
	l->at = l->ranges;
	for (uint64_t i = 0; i < n; i++)
		begin_op(l, writes + i * per_op, l->ranges + i * per_op);
}

/* The last byte, which the marks of a block longer than a mark leave alone. */
static UCHAR fill_value(const struct nvmem_lane *l, const struct fb_write *w)
{
	UCHAR value = ((const UCHAR *)w->data)[w->length - 1];

	return value ? value : l->for_zero;
}

static int nvmem_write(struct fb_lane *base, const struct fb_write *w)
{
	struct nvmem_lane *l = (struct nvmem_lane *)base;
	char *to = l->view + w->offset;
	NTSTATUS status;

	if (l->store == STORE_OURS) {
		memcpy(to, w->data, w->length);
		return 0;
	}
	if (l->store == STORE_WRITE)
		status = RtlWriteNonVolatileMemory(l->token, to, w->data, w->length,
						   l->flags);
	else
		status = RtlFillNonVolatileMemory(l->token, to, w->length,
						  fill_value(l, w), l->flags);
	if (!NT_SUCCESS(status))
		return fb_target_fail(&l->base.err, status, "write failed", l->name);
	return 0;
}

static NTSTATUS flush_each(const struct nvmem_lane *l)
{
	NTSTATUS status = STATUS_SUCCESS;

	for (uint64_t i = 0; NT_SUCCESS(status) && i < l->per_op; i++)
		status = RtlFlushNonVolatileMemory(l->token, l->at[i].BaseAddress,
						   l->at[i].Length,
						   FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN);
	return NT_SUCCESS(status) ? RtlDrainNonVolatileFlush(l->token) : status;
}

static int nvmem_flush(struct fb_lane *base, uint64_t offset, uint64_t length)
{
	struct nvmem_lane *l = (struct nvmem_lane *)base;
	NTSTATUS status;

	switch (l->mode) {
	case FB_MODE_FLUSH_DRAIN:
		status = flush_each(l);
		break;
	case FB_MODE_RANGES:
		status = RtlFlushNonVolatileMemoryRanges(l->token, l->at, l->per_op, 0);
		break;
	case FB_MODE_WRITE_FLUSH_DRAIN:
		status = RtlDrainNonVolatileFlush(l->token);
		break;
	default:
		status = RtlFlushNonVolatileMemory(l->token, l->view + offset, length,
						   0);
		break;
	}
	l->at += l->per_op;
	if (!NT_SUCCESS(status))
		return fb_target_fail(&l->base.err, status, "flush failed", l->name);
	return 0;
}

/* Past the mapping, which the stores went through; a device DAX can only be mapped. */
static int nvmem_read_back(struct fb_path *base, unsigned thread, uint64_t offset,
			   void *data, uint64_t length)
{
	const struct nvmem_path *p = (struct nvmem_path *)base;
	const struct fb_nvmem_region *r = &p->regions[fb_target_of(base->c, thread)];
	const uint64_t size = base->c->size;

	if (offset > size || length > size - offset)
		return -ENODATA;
	if (base->c->nv_emulate || !p->target->device->dax)
		return fb_nt_errno(fb_nt_read(r->file, offset, data, length));
	memcpy(data, r->view + offset, length);
	return 0;
}

/*
 * There is no sync: to sync a file is to write-protect its pages, and the next store
 * to each would enter the kernel.
 */
const struct fb_path_ops fb_path_nvmem = {
	.id = FB_PATH_NVMEM,
	.stamps = FB_STAMPS_FENCED,
	.past_disks = true,
	.open = nvmem_open,
	.lane_open = nvmem_lane_open,
	.lane_enter = fb_target_enter,
	.guard = nvmem_guard,
	.begin_ops = nvmem_begin_ops,
	.write = nvmem_write,
	.flush = nvmem_flush,
	.lane_close = nvmem_lane_close,
	.close = nvmem_close,
	.counters = nvmem_counters,
	.promise = fb_promise_of,
	.read_back = nvmem_read_back,
};

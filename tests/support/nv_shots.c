#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/nv_shots.h"

#include "nt/nt.h"
#include "nt/nv_token.h"
#include "support/nt_assert.h"
#include "support/nv_medium.h"

#include <string.h>
#include <unistd.h>

/* Shots land at ORIGIN and its alignments; the other range of a list SECOND further. */
enum {
	LINE = NV_MEDIUM_LINE,
	LONGEST = 1 << 20,
	ORIGIN = 2 * LINE,
	SECOND = LONGEST + 16 * LINE,
	REGION = 3 * LONGEST,
	SOURCE = 2 * LONGEST,
};

struct nv_range nv_range;

/* What was done to the lines, counted; all zero between two shots. */
static struct done {
	unsigned flushes;
	unsigned streamed;
} done[REGION / LINE];

static NTSTATUS call_flush(size_t at, size_t n, ULONG flags)
{
	return RtlFlushNonVolatileMemory(nv_range.token, nv_range.rig.at + at, n,
					 flags);
}

static NTSTATUS call_ranges(size_t at, size_t n, ULONG flags)
{
	NV_MEMORY_RANGE r[] = {
		{nv_range.rig.at + at, n},
		{nv_range.rig.at + nv_range.rig.length, 0},
		{nv_range.rig.at + at + SECOND, n},
	};

	return RtlFlushNonVolatileMemoryRanges(nv_range.token, r, 3, flags);
}

const char *nv_new_bytes(void)
{
	static size_t next;

	next = (next + 41) % 4093;
	nv_range.bytes = nv_range.source + next;
	return nv_range.bytes;
}

static NTSTATUS call_write(size_t at, size_t n, ULONG flags)
{
	return RtlWriteNonVolatileMemory(nv_range.token, nv_range.rig.at + at,
					 nv_new_bytes(), n, flags);
}

static NTSTATUS call_fill(size_t at, size_t n, ULONG flags)
{
	return RtlFillNonVolatileMemory(nv_range.token, nv_range.rig.at + at, n,
					(UCHAR)*nv_new_bytes(), flags);
}

const struct nv_call nv_calls[NV_CALLS] = {
	{"flush", call_flush, 0, false, true, false},
	{"flush", call_flush, FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN, false, false, false},
	{"ranges", call_ranges, 0, false, true, true},
	{"ranges", call_ranges, FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN, false, false, true},
#define STORE(name, f)                                                                 \
	{name, f, 0, true, false, false},                                              \
		{name, f, WRITE_NV_MEMORY_FLAG_FLUSH, true, true, false},              \
		{name, f, WRITE_NV_MEMORY_FLAG_NON_TEMPORAL, true, true, false},       \
		{name, f, WRITE_NV_MEMORY_FLAG_PERSIST, true, true, false},            \
	{                                                                              \
		name, f, WRITE_NV_MEMORY_FLAG_FLUSH | WRITE_NV_MEMORY_FLAG_NO_DRAIN,   \
			true, false, false                                             \
	}
	STORE("write", call_write),
	STORE("fill", call_fill),
};

void nv_range_make(void)
{
	struct nv_range *r = &nv_range;

	nv_rig_make(&r->rig, REGION / (size_t)getpagesize());
	r->source = nv_source(SOURCE);
	nv_medium_make(r->rig.at, r->rig.length);
	memset(done, 0, sizeof(done));
}

void nv_range_remove(void)
{
	nv_medium_remove();
	nv_rig_remove(&nv_range.rig);
	nv_source_free(nv_range.source, SOURCE);
	nv_range = (struct nv_range){0};
}

void nv_range_use(const struct fb_nv_cpu *cpu)
{
	struct nv_range *r = &nv_range;
	const struct fb_nv_token t = {
		.base = (uintptr_t)r->rig.at,
		.length = r->rig.length,
		.cpu = &r->cpu,
		.granularity = cpu->how == FB_NT_NV_NONE ? FB_NT_NV_BYTE
							 : FB_NT_NV_LINE,
	};

	r->cpu = *cpu;
	assert_status(STATUS_SUCCESS, fb_nv_token_add(&t, &r->token));
}

/* What a shot must have done to one line: flushes at least, at most, bytes streamed. */
struct due {
	unsigned flushes_min;
	unsigned flushes_max;
	size_t streamed;
};

/* Bytes of [from, to) that are whole aligned words. */
static size_t word_bytes(size_t from, size_t to)
{
	const size_t first = (from + 7) & ~(size_t)7;
	const size_t last = to & ~(size_t)7;

	return last > first ? last - first : 0;
}

static struct due due_of_line(const struct nv_call *c, size_t from, size_t to)
{
	const struct due flushed = {1, 1, 0};
	const struct due streamed = {0, 0, to - from};
	const size_t words = word_bytes(from, to);

	if (!c->stores)
		return flushed;
	switch (c->flags) {
	case 0:
		return (struct due){0, 0, 0};
	case WRITE_NV_MEMORY_FLAG_NON_TEMPORAL:
		return (struct due){words < to - from, words < to - from ? 2 : 0,
				    words};
	case WRITE_NV_MEMORY_FLAG_PERSIST:
		return to - from == LINE ? streamed : flushed;
	default:
		return flushed;
	}
}

static void fail_shot(const struct nv_shot *s, const char *what, size_t where)
{
	fail_msg("%s, flags 0x%x, %zu bytes at %zu, by %s and %s: %s at %zu",
		 s->call->name, s->call->flags, s->n, s->at, nv_range.cpu.name,
		 nv_range.cpu.stream_name, what, where);
}

static bool in_range(const struct nv_event *e, size_t at, size_t n)
{
	if (e->stream)
		return e->at >= at && e->at + e->stream <= at + n;
	return n && e->at + LINE > at && e->at < at + n;
}

static void count_events(const struct nv_shot *s)
{
	for (size_t i = 0; i < nv_medium.n_events; i++) {
		const struct nv_event *e = &nv_medium.events[i];
		const bool listed = s->call->listed &&
				    in_range(e, s->at + SECOND, s->n);

		if (!listed && !in_range(e, s->at, s->n))
			fail_shot(s, "touched a line that is not the range's", e->at);
		if (!e->stream && e->how != nv_range.cpu.how)
			fail_shot(s, "flushed by another instruction", e->at);
		done[e->at / LINE].flushes += !e->stream;
		done[e->at / LINE].streamed += (unsigned)e->stream;
	}
}

static void check_line(const struct nv_shot *s, size_t from, size_t to)
{
	struct done *d = &done[from / LINE];
	struct due due = due_of_line(s->call, from, to);

	if (nv_range.cpu.how == FB_NT_NV_NONE) {
		due.flushes_min = due.flushes_max = 0;
		if (s->call->flags == WRITE_NV_MEMORY_FLAG_PERSIST)
			due.streamed = 0;
	}
	if (d->flushes < due.flushes_min)
		fail_shot(s, "a line was not flushed", from);
	if (d->flushes > due.flushes_max)
		fail_shot(s, "a line was flushed needlessly", from);
	if (d->streamed != due.streamed)
		fail_shot(s, "other bytes were streamed than whole words or lines",
			  from);
	*d = (struct done){0};
}

static void check_lines(const struct nv_shot *s, size_t at)
{
	size_t to;

	for (size_t from = at; from < at + s->n; from = to) {
		to = (from / LINE + 1) * LINE;
		check_line(s, from, to < at + s->n ? to : at + s->n);
	}
}

/* One fence and nothing after it, or none. Of no bytes, a fence is all there may be. */
static void check_fence(const struct nv_shot *s)
{
	if (!s->n && nv_medium.fences <= s->call->drains)
		return;
	if (nv_medium.fences != s->call->drains)
		fail_shot(s, nv_medium.fences ? "a needless fence" : "no fence", s->at);
	if (s->call->drains && nv_medium.after)
		fail_shot(s, "something came after the fence", s->at);
}

/* After a drain, a power loss would find all that the call was for. */
static void check_durable(const struct nv_shot *s, size_t at)
{
	const bool pushes = !s->call->stores || s->call->flags;

	if (pushes && nv_range.cpu.how != FB_NT_NV_NONE &&
	    memcmp(nv_medium.durable + at, nv_range.rig.at + at, s->n))
		fail_shot(s, "bytes are not durable after the drain", at);
	nv_medium_settle(at, s->n);
}

/* What is durable is no use unless it is what was meant. */
static void check_bytes(const struct nv_shot *s)
{
	const char *at = nv_range.rig.at + s->at;
	bool same = true;

	if (s->call->call == call_fill && s->n)
		same = *at == *nv_range.bytes && !memcmp(at, at + 1, s->n - 1);
	else if (s->call->stores)
		same = !memcmp(at, nv_range.bytes, s->n);
	if (!same)
		fail_shot(s, "other bytes were stored than meant", s->at);
}

static void store_first(const struct nv_shot *s)
{
	if (s->call->stores)
		return;
	memcpy(nv_range.rig.at + s->at, nv_new_bytes(), s->n);
	if (s->call->listed)
		memcpy(nv_range.rig.at + s->at + SECOND, nv_new_bytes(), s->n);
}

void nv_shoot(struct nv_shot s)
{
	store_first(&s);
	nv_medium_forget();
	if (s.call->call(s.at, s.n, s.call->flags))
		fail_shot(&s, "refused", s.at);
	check_bytes(&s);
	count_events(&s);
	check_lines(&s, s.at);
	if (s.call->listed)
		check_lines(&s, s.at + SECOND);
	check_fence(&s);
	if (!s.call->drains && RtlDrainNonVolatileFlush(nv_range.token))
		fail_shot(&s, "drain refused", s.at);
	check_durable(&s, s.at);
	if (s.call->listed)
		check_durable(&s, s.at + SECOND);
}

void nv_shots_small(const struct nv_call *c)
{
	for (size_t n = 0; n <= 300; n++)
		for (size_t at = 0; at < 64; at++)
			nv_shoot((struct nv_shot){c, ORIGIN + at, n});
}

void nv_shots_large(const struct nv_call *c)
{
	for (size_t n = 512; n <= LONGEST; n *= 2)
		for (size_t bytes = n - 1; bytes <= n + 1; bytes++) {
			nv_shoot((struct nv_shot){c, ORIGIN, bytes});
			nv_shoot((struct nv_shot){c, ORIGIN + 1 + bytes % 61, bytes});
			nv_shoot((struct nv_shot){c, ORIGIN + 63, bytes});
		}
}

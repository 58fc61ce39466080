#include "nt/nt.h"
#include "nt/nv_copy.h"
#include "nt/nv_token.h"
#include "nt/status.h"

/* The write and the fill routine's flags are the same bits, and mean the same. */
#define STORE_FLUSH        WRITE_NV_MEMORY_FLAG_FLUSH
#define STORE_NON_TEMPORAL WRITE_NV_MEMORY_FLAG_NON_TEMPORAL
#define STORE_PERSIST      WRITE_NV_MEMORY_FLAG_PERSIST
#define STORE_NO_DRAIN     WRITE_NV_MEMORY_FLAG_NO_DRAIN

_Static_assert(FILL_NV_MEMORY_FLAG_FLUSH == STORE_FLUSH &&
		       FILL_NV_MEMORY_FLAG_NON_TEMPORAL == STORE_NON_TEMPORAL &&
		       FILL_NV_MEMORY_FLAG_PERSIST == STORE_PERSIST &&
		       FILL_NV_MEMORY_FLAG_NO_DRAIN == STORE_NO_DRAIN,
	       "one function serves both");

static bool holds(const struct fb_nv_token *t, const void *at, size_t n)
{
	const size_t before = (uintptr_t)at - t->base;

	return before <= t->length && n <= t->length - before;
}

static void flush_lines(const struct fb_nv_token *t, const void *at, size_t n)
{
	if (n)
		t->cpu->flush((uintptr_t)at, (uintptr_t)at + n);
}

NTSTATUS NTAPI RtlFlushNonVolatileMemory(PVOID NvToken, PVOID NvBuffer, SIZE_T Size,
					 ULONG Flags)
{
	struct fb_nv_token t;

	if (!fb_nv_token_get(NvToken, &t) ||
	    Flags & ~(ULONG)FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN ||
	    !holds(&t, NvBuffer, Size))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	flush_lines(&t, NvBuffer, Size);
	if (!Flags)
		t.cpu->fence();
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlFlushNonVolatileMemoryRanges(PVOID NvToken, PNV_MEMORY_RANGE NvRanges,
					       SIZE_T NumRanges, ULONG Flags)
{
	struct fb_nv_token t;

	if (!fb_nv_token_get(NvToken, &t) ||
	    Flags & ~(ULONG)FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN ||
	    (NumRanges && !NvRanges))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	for (size_t i = 0; i < NumRanges; i++)
		if (!holds(&t, NvRanges[i].BaseAddress, NvRanges[i].Length))
			return fb_nt_told(STATUS_INVALID_PARAMETER);
	for (size_t i = 0; i < NumRanges; i++)
		flush_lines(&t, NvRanges[i].BaseAddress, NvRanges[i].Length);
	if (!Flags)
		t.cpu->fence();
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlDrainNonVolatileFlush(PVOID NvToken)
{
	struct fb_nv_token t;

	if (!fb_nv_token_get(NvToken, &t))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	t.cpu->fence();
	return STATUS_SUCCESS;
}

/*
 * Where lines are not flushed a plain store is as durable as any and the cheapest; a
 * CPU without stores past its caches has nothing but the flush.
 */
static bool pushes(const struct fb_nv_cpu *cpu, ULONG flags)
{
	return flags == STORE_PERSIST && cpu->stream && cpu->how != FB_NT_NV_NONE;
}

static NTSTATUS store(PVOID token, char *to, struct fb_nv_source s, size_t n,
		      ULONG flags)
{
	struct fb_nv_token t;

	if (!fb_nv_token_get(token, &t) ||
	    (flags > STORE_PERSIST && flags != (STORE_FLUSH | STORE_NO_DRAIN)) ||
	    !holds(&t, to, n))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	if (!flags) {
		fb_nv_store(to, s, n);
		return STATUS_SUCCESS;
	}
	if (pushes(t.cpu, flags))
		fb_nv_push(t.cpu, to, s, n);
	else if (flags == STORE_NON_TEMPORAL && t.cpu->stream)
		fb_nv_stream(t.cpu, to, s, n);
	else
		fb_nv_store_and_flush(t.cpu, to, s, n);
	if (!(flags & STORE_NO_DRAIN))
		t.cpu->fence();
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlWriteNonVolatileMemory(PVOID NvToken, VOID *NvDestination,
					 const VOID *Source, SIZE_T Size, ULONG Flags)
{
	if (Size && !Source)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	return store(NvToken, NvDestination,
		     (struct fb_nv_source){Source ? Source : NvDestination, 0}, Size,
		     Flags);
}

NTSTATUS NTAPI RtlFillNonVolatileMemory(PVOID NvToken, VOID *NvDestination, SIZE_T Size,
					const UCHAR Value, ULONG Flags)
{
	return store(NvToken, NvDestination,
		     (struct fb_nv_source){NULL, Value * UINT64_C(0x0101010101010101)},
		     Size, Flags);
}

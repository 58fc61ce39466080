/*
 * nv_token.h - the tokens behind the routines for non-volatile memory
 *
 * A table of their own, not the handles': a flush may take 100 ns, and holding an
 * object costs two locked instructions, which also wait for the lines under way. So a
 * token is looked at without being held, and copied: an index and a generation as a
 * handle, and the copy counts only if the generation is still the same after it. The
 * table is static: a stale or invented token leads to a slot at most. Where a pointer
 * has 32 bits a generation comes round after 2^18 tokens of its slot.
 *
 * Every function may be called from any thread.
 */
#ifndef FB_NT_NV_TOKEN_H
#define FB_NT_NV_TOKEN_H

#include "nt/nv_cpu.h"

#include <stdalign.h>
#include <stdatomic.h>

/* struct fb_nv_token - what a token stands for */
struct fb_nv_token {
	uintptr_t base;
	size_t length;
	const struct fb_nv_cpu *cpu;
	enum fb_nt_nv_granularity granularity;
};

/*
 * struct fb_nv_slot - the table's own; here because it is looked at in every call
 * @generation: odd while the token lives
 */
struct fb_nv_slot {
	alignas(64) _Atomic uint64_t generation;
	_Atomic uintptr_t base;
	_Atomic size_t length;
	_Atomic(const struct fb_nv_cpu *) cpu;
	_Atomic int granularity;
	uint32_t next_free;
};

extern struct fb_nv_slot fb_nv_slots[FB_NT_TOKENS_MAX];

/* A token: a one, so that it is no handle; index; generation. */
enum { FB_NV_INDEX_SHIFT = 1, FB_NV_GENERATION_SHIFT = 13 };

/* fb_nv_token_get - copy it; false when it is none */
static inline bool fb_nv_token_get(PVOID token, struct fb_nv_token *out)
{
	const uintptr_t bits = (uintptr_t)token;
	const uint64_t generation = bits >> FB_NV_GENERATION_SHIFT;
	struct fb_nv_slot *s =
		&fb_nv_slots[bits >> FB_NV_INDEX_SHIFT & (FB_NT_TOKENS_MAX - 1)];

	if (!(bits & generation & 1) ||
	    atomic_load_explicit(&s->generation, memory_order_acquire) != generation)
		return false;
	out->base = atomic_load_explicit(&s->base, memory_order_relaxed);
	out->length = atomic_load_explicit(&s->length, memory_order_relaxed);
	out->cpu = atomic_load_explicit(&s->cpu, memory_order_relaxed);
	out->granularity = (enum fb_nt_nv_granularity)atomic_load_explicit(
		&s->granularity, memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&s->generation, memory_order_relaxed) == generation;
}

/* fb_nv_token_add - STATUS_INSUFFICIENT_RESOURCES when the table is full */
NTSTATUS fb_nv_token_add(const struct fb_nv_token *t, PVOID *out);

/* fb_nv_token_set_cpu, fb_nv_token_remove - false when it is none */
bool fb_nv_token_set_cpu(PVOID token, const struct fb_nv_cpu *cpu);
bool fb_nv_token_remove(PVOID token);

/* fb_nv_token_revoke - remove every token with a byte in the range */
void fb_nv_token_revoke(uintptr_t base, size_t length);

#endif

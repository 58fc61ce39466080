#include "nt/nv_token.h"

#include "nt/nt.h"
#include "nt/status.h"

#include <pthread.h>

#define NO_SLOT UINT32_MAX

_Static_assert(FB_NT_TOKENS_MAX == 1 << (FB_NV_GENERATION_SHIFT - FB_NV_INDEX_SHIFT),
	       "an index fills its bits of a token");

struct fb_nv_slot fb_nv_slots[FB_NT_TOKENS_MAX];

/* Held by whoever changes a slot. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t free_list = NO_SLOT;
static uint32_t used;

static uint64_t generation_of(const struct fb_nv_slot *s)
{
	return atomic_load_explicit(&s->generation, memory_order_relaxed);
}

/* As many bits as a token has for it. */
static uint64_t next_generation(const struct fb_nv_slot *s)
{
	return (generation_of(s) + 1) & UINTPTR_MAX >> FB_NV_GENERATION_SHIFT;
}

static PVOID encode(const struct fb_nv_slot *s)
{
	return (PVOID)((uintptr_t)generation_of(s) << FB_NV_GENERATION_SHIFT |
		       (uintptr_t)(s - fb_nv_slots) << FB_NV_INDEX_SHIFT | 1);
}

static struct fb_nv_slot *take_slot(void)
{
	struct fb_nv_slot *s = NULL;

	if (free_list != NO_SLOT) {
		s = &fb_nv_slots[free_list];
		free_list = s->next_free;
	} else if (used < FB_NT_TOKENS_MAX) {
		s = &fb_nv_slots[used++];
	}
	return s;
}

static void bury(struct fb_nv_slot *s)
{
	atomic_store_explicit(&s->generation, next_generation(s), memory_order_relaxed);
	s->next_free = free_list;
	free_list = (uint32_t)(s - fb_nv_slots);
}

/* Of a living token, else NULL. */
static struct fb_nv_slot *slot_of(PVOID token)
{
	struct fb_nv_token t;

	if (!fb_nv_token_get(token, &t))
		return NULL;
	return &fb_nv_slots[(uintptr_t)token >> FB_NV_INDEX_SHIFT &
			    (FB_NT_TOKENS_MAX - 1)];
}

NTSTATUS fb_nv_token_add(const struct fb_nv_token *t, PVOID *out)
{
	struct fb_nv_slot *s;

	pthread_mutex_lock(&lock);
	s = take_slot();
	if (s) {
		/* Whoever copied the slot as it was must see that it is another's. */
		atomic_thread_fence(memory_order_release);
		atomic_store_explicit(&s->base, t->base, memory_order_relaxed);
		atomic_store_explicit(&s->length, t->length, memory_order_relaxed);
		atomic_store_explicit(&s->cpu, t->cpu, memory_order_relaxed);
		atomic_store_explicit(&s->granularity, (int)t->granularity,
				      memory_order_relaxed);
		atomic_store_explicit(&s->generation, next_generation(s),
				      memory_order_release);
		*out = encode(s);
	}
	pthread_mutex_unlock(&lock);
	return s ? STATUS_SUCCESS : fb_nt_told(STATUS_INSUFFICIENT_RESOURCES);
}

bool fb_nv_token_set_cpu(PVOID token, const struct fb_nv_cpu *cpu)
{
	struct fb_nv_slot *s;

	pthread_mutex_lock(&lock);
	s = slot_of(token);
	if (s)
		atomic_store_explicit(&s->cpu, cpu, memory_order_relaxed);
	pthread_mutex_unlock(&lock);
	return s;
}

bool fb_nv_token_remove(PVOID token)
{
	struct fb_nv_slot *s;

	pthread_mutex_lock(&lock);
	s = slot_of(token);
	if (s)
		bury(s);
	pthread_mutex_unlock(&lock);
	return s;
}

static bool touches(const struct fb_nv_slot *s, uintptr_t base, size_t length)
{
	const uintptr_t own = atomic_load_explicit(&s->base, memory_order_relaxed);
	const size_t bytes = atomic_load_explicit(&s->length, memory_order_relaxed);

	return own < base + length && base < own + bytes;
}

void fb_nv_token_revoke(uintptr_t base, size_t length)
{
	pthread_mutex_lock(&lock);
	for (uint32_t i = 0; i < used; i++) {
		struct fb_nv_slot *s = &fb_nv_slots[i];

		if (generation_of(s) & 1 && touches(s, base, length))
			bury(s);
	}
	pthread_mutex_unlock(&lock);
}

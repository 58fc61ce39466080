#include "nt/handle.h"

#include "nt/nt.h"
#include "nt/status.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A slot's state: generation in the upper half, then one bit, then the holders. */
#define GENERATION_SHIFT 32
#define LIVE             ((uint64_t)1 << 31)
#define HOLDERS          (LIVE - 1)

/* A handle: two zero bits as on Windows, index + 1 so that none is NULL, generation. */
#define INDEX_SHIFT       2
#define INDEX_BITS        17
#define HANDLE_GENERATION (INDEX_SHIFT + INDEX_BITS)

/* One cache line each: threads with a file of their own must not share one. */
struct slot {
	alignas(64) _Atomic uint64_t state;
	struct fb_nt_object *object;
	uint32_t next_free;
};

#define NO_SLOT UINT32_MAX

static struct slot slots[FB_NT_OBJECTS_MAX];
static pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t free_list = NO_SLOT;
static uint32_t used;

static HANDLE encode(uint32_t index, uint64_t state)
{
	const uintptr_t generation = (uintptr_t)(state >> GENERATION_SHIFT);

	return (HANDLE)(generation << HANDLE_GENERATION | (uintptr_t)(index + 1)
								  << INDEX_SHIFT);
}

static struct slot *decode(HANDLE handle)
{
	const uintptr_t low = (uintptr_t)handle &
			      (((uintptr_t)1 << HANDLE_GENERATION) - 1);
	const uintptr_t index = (low >> INDEX_SHIFT) - 1;

	/* NULL wraps around to an index that is too large. */
	return index >= FB_NT_OBJECTS_MAX ? NULL : &slots[index];
}

static uint32_t take_slot(void)
{
	uint32_t index = NO_SLOT;

	pthread_mutex_lock(&free_lock);
	if (free_list != NO_SLOT) {
		index = free_list;
		free_list = slots[index].next_free;
	} else if (used < FB_NT_OBJECTS_MAX) {
		index = used++;
	}
	pthread_mutex_unlock(&free_lock);
	return index;
}

static void give_slot(uint32_t index)
{
	pthread_mutex_lock(&free_lock);
	slots[index].next_free = free_list;
	free_list = index;
	pthread_mutex_unlock(&free_lock);
}

static void destroy(struct slot *slot)
{
	struct fb_nt_object *o = slot->object;
	const uint32_t index = o->slot;

	slot->object = NULL;
	o->release(o);
	give_slot(index);
}

/* The slot's object, held; NULL unless it is live and of this very handle. */
static struct fb_nt_object *hold(HANDLE handle)
{
	struct slot *slot = decode(handle);
	uint64_t state;

	if (!slot)
		return NULL;
	state = atomic_load_explicit(&slot->state, memory_order_relaxed);
	do {
		if (!(state & LIVE) ||
		    encode((uint32_t)(slot - slots), state) != handle)
			return NULL;
	} while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1,
							memory_order_acquire,
							memory_order_relaxed));
	return slot->object;
}

/* Ends the handle of an object that the caller holds; false: another was first. */
static bool retire(const struct fb_nt_object *o)
{
	return atomic_fetch_and(&slots[o->slot].state, ~LIVE) & LIVE;
}

NTSTATUS fb_nt_object_add(struct fb_nt_object *o, HANDLE *out)
{
	const uint32_t index = take_slot();
	struct slot *slot;
	uint64_t state;

	if (index == NO_SLOT)
		return fb_nt_told(STATUS_TOO_MANY_OPENED_FILES);
	slot = &slots[index];
	o->slot = index;
	slot->object = o;
	state = atomic_load_explicit(&slot->state, memory_order_relaxed);
	state = ((state >> GENERATION_SHIFT) + 1) << GENERATION_SHIFT | LIVE;
	atomic_store_explicit(&slot->state, state, memory_order_release);
	*out = encode(index, state);
	return STATUS_SUCCESS;
}

NTSTATUS fb_nt_object_get(HANDLE handle, enum fb_nt_object_type type,
			  struct fb_nt_object **out)
{
	struct fb_nt_object *o = hold(handle);

	if (!o)
		return fb_nt_told(handle == NtCurrentProcess()
					  ? STATUS_OBJECT_TYPE_MISMATCH
					  : STATUS_INVALID_HANDLE);
	if (o->type != type) {
		fb_nt_object_put(o);
		return fb_nt_told(STATUS_OBJECT_TYPE_MISMATCH);
	}
	*out = o;
	return STATUS_SUCCESS;
}

void fb_nt_object_put(struct fb_nt_object *o)
{
	struct slot *slot = &slots[o->slot];
	const uint64_t before = atomic_fetch_sub(&slot->state, 1);

	if ((before & (LIVE | HOLDERS)) == 1)
		destroy(slot);
}

NTSTATUS fb_nt_object_close(HANDLE handle, enum fb_nt_object_type type)
{
	struct fb_nt_object *o = NULL;
	NTSTATUS status = fb_nt_object_get(handle, type, &o);

	if (status)
		return status;
	if (!retire(o))
		status = fb_nt_told(STATUS_INVALID_HANDLE);
	fb_nt_object_put(o);
	return status;
}

NTSTATUS NTAPI NtClose(HANDLE Handle)
{
	struct fb_nt_object *o;
	bool closed;

	if (Handle == NtCurrentProcess())
		return STATUS_SUCCESS;
	o = hold(Handle);
	if (!o)
		return fb_nt_told(STATUS_INVALID_HANDLE);
	closed = retire(o);
	fb_nt_object_put(o);
	return closed ? STATUS_SUCCESS : fb_nt_told(STATUS_INVALID_HANDLE);
}

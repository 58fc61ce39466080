#include "nt/key_hive.h"

#include "hive/regf.h"
#include "nt/status.h"

#include <errno.h>
#include <stdlib.h>

static void hive_put(struct fb_nt_hive *h)
{
	if (atomic_fetch_sub(&h->users, 1) > 1)
		return;
	if (h->store)
		fb_nt_hive_shut(h);
	fb_nt_key_lock_destroy(&h->lock);
	pthread_mutex_destroy(&h->open_lock);
	free(h);
}

static void detach(struct fb_nt_key *k)
{
	if (!k->link)
		return;
	*k->link = k->next;
	if (k->next)
		k->next->link = k->link;
	k->link = NULL;
}

static void release(struct fb_nt_object *o)
{
	struct fb_nt_key *k = (struct fb_nt_key *)o;

	pthread_mutex_lock(&k->hive->open_lock);
	detach(k);
	pthread_mutex_unlock(&k->hive->open_lock);
	hive_put(k->hive);
	free(k);
}

NTSTATUS fb_nt_key_get(HANDLE handle, struct fb_nt_key **out)
{
	struct fb_nt_object *o;
	const NTSTATUS status = fb_nt_object_get(handle, FB_NT_OBJECT_KEY, &o);

	if (!status)
		*out = (struct fb_nt_key *)o;
	return status;
}

void fb_nt_key_put(struct fb_nt_key *k)
{
	fb_nt_object_put(&k->o);
}

NTSTATUS fb_nt_key_check(const struct fb_nt_key *k, uint32_t *cell)
{
	*cell = atomic_load_explicit(&k->cell, memory_order_relaxed);
	if (*cell == FB_REGF_NIL)
		return fb_nt_told(STATUS_KEY_DELETED);
	return k->hive->store ? STATUS_SUCCESS : fb_nt_told(STATUS_HIVE_UNLOADED);
}

NTSTATUS fb_nt_key_new(struct fb_nt_hive *h, ACCESS_MASK access, struct fb_nt_key **out,
		       HANDLE *handle)
{
	struct fb_nt_key *k = calloc(1, sizeof(*k));
	NTSTATUS status;

	if (!k)
		return fb_nt_told_as(STATUS_INSUFFICIENT_RESOURCES, ENOMEM);
	k->o.type = FB_NT_OBJECT_KEY;
	k->o.release = release;
	k->hive = h;
	k->access = access;
	atomic_init(&k->cell, FB_REGF_NIL);
	atomic_fetch_add(&h->users, 1);
	status = fb_nt_object_add(&k->o, handle);
	if (status) {
		atomic_fetch_sub(&h->users, 1);
		free(k);
		return status;
	}
	*out = k;
	return STATUS_SUCCESS;
}

static struct fb_nt_key **bucket(struct fb_nt_hive *h, uint32_t cell)
{
	return &h->open[cell / FB_REGF_CELL_STEP % FB_NT_KEY_BUCKETS];
}

void fb_nt_key_attach(struct fb_nt_key *k, uint32_t cell)
{
	struct fb_nt_key **first = bucket(k->hive, cell);

	pthread_mutex_lock(&k->hive->open_lock);
	k->next = *first;
	k->link = first;
	if (*first)
		(*first)->link = &k->next;
	*first = k;
	pthread_mutex_unlock(&k->hive->open_lock);
	atomic_store_explicit(&k->cell, cell, memory_order_relaxed);
}

void fb_nt_key_forget(struct fb_nt_hive *h, uint32_t cell)
{
	struct fb_nt_key *next;

	pthread_mutex_lock(&h->open_lock);
	for (struct fb_nt_key *k = *bucket(h, cell); k; k = next) {
		next = k->next;
		if (atomic_load_explicit(&k->cell, memory_order_relaxed) != cell)
			continue;
		atomic_store_explicit(&k->cell, FB_REGF_NIL, memory_order_relaxed);
		detach(k);
	}
	pthread_mutex_unlock(&h->open_lock);
}

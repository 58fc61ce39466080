/*
 * key_hive.h - a loaded hive behind the handles of its keys
 */
#ifndef FB_NT_KEY_HIVE_H
#define FB_NT_KEY_HIVE_H

#include "hive/hive.h"
#include "nt/handle.h"
#include "nt/key_lock.h"

#include <stdbool.h>

enum { FB_NT_KEY_BUCKETS = 1024 };

/*
 * struct fb_nt_lazy - the lazy flusher of a hive; without one @after_ns is 0
 * @due_ns: when it is to flush, on CLOCK_MONOTONIC; 0: there is nothing to flush
 * @stop:   guarded by the lock's mutex, which @wake goes with
 * @flushes, @log_bytes, @primary_bytes: its own work; changed within a flush
 */
struct fb_nt_lazy {
	uint64_t after_ns;
	_Atomic uint64_t due_ns;
	pthread_t thread;
	pthread_cond_t wake;
	bool stop;
	uint64_t flushes, log_bytes, primary_bytes;
};

/*
 * struct fb_nt_hive - lives until the last of its keys is closed
 * @store:     NULL once unloaded; read and written as @lock says, cleared by a change
 * @on_disk:   it is to be flushed: neither in memory alone nor loaded for reading
 * @unloading: by somebody, who is the one to close @store; guarded as @store
 * @users:     handles of its keys
 * @open:      those whose key is there, by its cell; guarded by @open_lock
 */
struct fb_nt_hive {
	struct fb_hive *store;
	bool on_disk;
	bool unloading;
	struct fb_nt_key_lock lock;
	struct fb_nt_lazy lazy;
	atomic_uint users;
	pthread_mutex_t open_lock;
	struct fb_nt_key *open[FB_NT_KEY_BUCKETS];
};

/*
 * struct fb_nt_key - one handle; several may stand for one key
 * @cell: of the key; FB_REGF_NIL: none yet, or deleted. Set within a query or
 *        change, cleared by a change.
 * @next, @link: in its bucket; @link is NULL when it is in none
 */
struct fb_nt_key {
	struct fb_nt_object o;
	struct fb_nt_hive *hive;
	_Atomic uint32_t cell;
	ACCESS_MASK access;
	struct fb_nt_key *next;
	struct fb_nt_key **link;
};

/* fb_nt_key_get - hold the key of a handle; fb_nt_key_put gives it back */
NTSTATUS fb_nt_key_get(HANDLE handle, struct fb_nt_key **out);
void fb_nt_key_put(struct fb_nt_key *k);

/*
 * fb_nt_key_check - is there still a key to work on?
 * @cell: receives it; within a query, change or flush it stays what it is
 *
 * STATUS_KEY_DELETED, STATUS_HIVE_UNLOADED.
 */
NTSTATUS fb_nt_key_check(const struct fb_nt_key *k, uint32_t *cell);

/*
 * fb_nt_key_new - a handle of no key yet, so that nobody can use it
 *
 * For a hive without one, or of another key that the caller holds. The handle is
 * closed with fb_nt_object_close.
 */
NTSTATUS fb_nt_key_new(struct fb_nt_hive *h, ACCESS_MASK access, struct fb_nt_key **out,
		       HANDLE *handle);

/* fb_nt_key_attach - it stands for the key @cell now; within a query or change */
void fb_nt_key_attach(struct fb_nt_key *k, uint32_t cell);

/* fb_nt_key_forget - every handle of @cell is of a deleted key; within a change */
void fb_nt_key_forget(struct fb_nt_hive *h, uint32_t cell);

/* fb_nt_hive_change_end - the same for the lock, and the lazy flusher learns of it */
void fb_nt_hive_change_end(struct fb_nt_hive *h);

/* fb_nt_hive_flushed - nothing is left for the lazy flusher; within a flush */
void fb_nt_hive_flushed(struct fb_nt_hive *h);

/* fb_nt_hive_shut - stop the lazy flusher, close the store; 0 or a negative errno */
int fb_nt_hive_shut(struct fb_nt_hive *h);

/* fb_nt_lazy_start - before any key is known; 0 or a negative errno */
int fb_nt_lazy_start(struct fb_nt_hive *h, uint64_t after_ns);

/* fb_nt_lazy_stop - and wait until it has; without one nothing happens */
void fb_nt_lazy_stop(struct fb_nt_hive *h);

#endif

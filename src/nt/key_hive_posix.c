#include "nt/key_hive.h"

#include "hive/io.h"
#include "nt/keys.h"
#include "nt/nt.h"
#include "nt/status.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static struct fb_nt_hive *hive_new(struct fb_hive *store)
{
	struct fb_nt_hive *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	if (fb_nt_key_lock_init(&h->lock))
		goto out_free;
	if (pthread_mutex_init(&h->open_lock, NULL))
		goto out_lock;
	h->store = store;
	return h;

out_lock:
	fb_nt_key_lock_destroy(&h->lock);
out_free:
	free(h);
	return NULL;
}

/* On failure @store is still the caller's. */
static NTSTATUS hive_root(struct fb_hive *store, bool on_disk, uint64_t lazy_ns,
			  HANDLE *root)
{
	struct fb_nt_hive *h = hive_new(store);
	struct fb_nt_key *k;
	HANDLE handle;
	NTSTATUS status;

	if (!h)
		return fb_nt_told_as(STATUS_INSUFFICIENT_RESOURCES, ENOMEM);
	h->on_disk = on_disk;
	status = fb_nt_key_new(h, KEY_ALL_ACCESS, &k, &handle);
	if (status)
		goto out_free;
	if (h->on_disk && fb_nt_lazy_start(h, lazy_ns)) {
		status = fb_nt_told_as(STATUS_INSUFFICIENT_RESOURCES, EAGAIN);
		goto out_close;
	}
	fb_nt_key_attach(k, fb_hive_root(store));
	*root = handle;
	return STATUS_SUCCESS;

out_close:
	h->store = NULL;
	fb_nt_object_close(handle, FB_NT_OBJECT_KEY);
	return status;
out_free:
	fb_nt_key_lock_destroy(&h->lock);
	pthread_mutex_destroy(&h->open_lock);
	free(h);
	return status;
}

NTSTATUS fb_nt_new_hive(HANDLE *root)
{
	const struct fb_hive_options o = {0};
	struct fb_hive *store;
	NTSTATUS status;
	int ret;

	if (!root)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	ret = fb_hive_new(&store, &o);
	if (ret)
		return fb_nt_told_tree(-ret);
	status = hive_root(store, false, 0, root);
	if (status)
		fb_hive_free(store);
	return status;
}

static NTSTATUS told_file(int err)
{
	return err == EBUSY ? fb_nt_told_as(STATUS_SHARING_VIOLATION, err)
			    : fb_nt_told_name(err);
}

NTSTATUS fb_nt_load_hive(const char *path, const struct fb_nt_hive_options *o,
			 HANDLE *root)
{
	static const struct fb_nt_hive_options defaults;
	struct fb_hive_options how = {0};
	struct fb_hive_io *io;
	struct fb_hive *store;
	NTSTATUS status;
	int ret;

	o = o ? o : &defaults;
	if (!path || !root || o->strategy > FB_NT_LOG_AND_PRIMARY)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	how.strategy = o->strategy == FB_NT_LOG_ONLY ? FB_HIVE_LOG_ONLY
						     : FB_HIVE_LOG_AND_PRIMARY;
	how.log_cap = o->log_cap;
	how.read_only = o->read_only;
	ret = fb_hive_disk_open(&io, path, o->read_only ? FB_HIVE_READ : FB_HIVE_WRITE,
				NULL);
	if (ret)
		return told_file(-ret);
	ret = fb_hive_open(&store, io, &how, NULL);
	if (ret) {
		io->ops->close(io);
		return fb_nt_told_hive(-ret);
	}
	status = hive_root(store, !o->read_only, o->lazy_flush_ns, root);
	if (status)
		fb_hive_free(store);
	return status;
}

int fb_nt_hive_shut(struct fb_nt_hive *h)
{
	struct fb_hive *store;

	fb_nt_lazy_stop(h);
	fb_nt_change_begin(&h->lock);
	store = h->store;
	h->store = NULL;
	fb_nt_hive_change_end(h);
	if (h->on_disk)
		return fb_hive_close(store, NULL);
	fb_hive_free(store);
	return 0;
}

/* One caller alone is told to go on. */
static NTSTATUS claim_unload(struct fb_nt_key *k)
{
	NTSTATUS status;
	uint32_t cell;

	fb_nt_change_begin(&k->hive->lock);
	status = fb_nt_key_check(k, &cell);
	if (!status && k->hive->unloading)
		status = fb_nt_told(STATUS_HIVE_UNLOADED);
	if (!status)
		k->hive->unloading = true;
	fb_nt_hive_change_end(k->hive);
	return status;
}

NTSTATUS fb_nt_unload_hive(HANDLE key)
{
	struct fb_nt_key *k;
	NTSTATUS status = fb_nt_key_get(key, &k);
	int ret = 0;

	if (status)
		return status;
	status = claim_unload(k);
	if (!status)
		ret = fb_nt_hive_shut(k->hive);
	fb_nt_key_put(k);
	return ret ? fb_nt_told_hive(-ret) : status;
}

/* Hold the hive of a key still: no change, no other flush, until let_go. */
static NTSTATUS hold(HANDLE key, struct fb_nt_key **out)
{
	struct fb_nt_key *k;
	NTSTATUS status = fb_nt_key_get(key, &k);
	uint32_t cell;

	if (status)
		return status;
	fb_nt_flush_begin(&k->hive->lock);
	status = fb_nt_key_check(k, &cell);
	if (!status) {
		*out = k;
		return status;
	}
	fb_nt_flush_end(&k->hive->lock);
	fb_nt_key_put(k);
	return status;
}

static void let_go(struct fb_nt_key *k)
{
	fb_nt_flush_end(&k->hive->lock);
	fb_nt_key_put(k);
}

/* What a hive of this kind need not have done succeeds without I/O. */
static NTSTATUS flush_by(HANDLE key, int (*flush)(struct fb_hive *, struct fb_err *))
{
	struct fb_nt_key *k;
	NTSTATUS status = hold(key, &k);
	int ret = 0;

	if (status)
		return status;
	if (k->hive->on_disk)
		ret = flush(k->hive->store, NULL);
	if (!ret)
		fb_nt_hive_flushed(k->hive);
	let_go(k);
	return ret ? fb_nt_told_hive(-ret) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtFlushKey(HANDLE KeyHandle)
{
	return flush_by(KeyHandle, fb_hive_flush);
}

NTSTATUS fb_nt_reconcile_hive(HANDLE key)
{
	return flush_by(key, fb_hive_reconcile);
}

static NTSTATUS save(struct fb_hive *store, const char *path)
{
	struct fb_hive_io *io;
	int ret = fb_hive_disk_open(&io, path, FB_HIVE_CREATE, NULL);

	if (ret)
		return told_file(-ret);
	ret = fb_hive_save(store, io, NULL);
	io->ops->close(io);
	if (!ret)
		return STATUS_SUCCESS;
	unlink(path);
	return fb_nt_told_hive(-ret);
}

NTSTATUS fb_nt_save_hive(HANDLE key, const char *path)
{
	struct fb_nt_key *k;
	NTSTATUS status = hold(key, &k);

	if (status)
		return status;
	status = path ? save(k->hive->store, path)
		      : fb_nt_told(STATUS_INVALID_PARAMETER);
	let_go(k);
	return status;
}

static NTSTATUS count(const struct fb_nt_hive *h, struct fb_nt_hive_counters *out)
{
	const struct fb_nt_lazy *l = &h->lazy;
	struct fb_hive_counters all;

	fb_hive_count(h->store, &all);
	out->log_bytes = all.log_bytes - l->log_bytes;
	out->primary_bytes = all.primary_bytes - l->primary_bytes;
	out->lazy_flushes = l->flushes;
	out->lazy_bytes = l->log_bytes + l->primary_bytes;
	out->hive_bytes = fb_hive_bytes(h->store);
	return STATUS_SUCCESS;
}

NTSTATUS fb_nt_hive_counters(HANDLE key, struct fb_nt_hive_counters *out)
{
	struct fb_nt_key *k;
	NTSTATUS status = hold(key, &k);

	if (status)
		return status;
	status = out ? count(k->hive, out) : fb_nt_told(STATUS_INVALID_PARAMETER);
	let_go(k);
	return status;
}

/*
 * keys.h - registry keys for NtFlushKey to work on
 *
 * The documents describe flushing, not how a hive comes to be, so these constructors
 * are our own and small. Where no registry is, a hive is a regf file: made in memory
 * and saved, then loaded. A key's handle carries the access it was opened with and is
 * closed with NtClose. Closing the last key of a loaded hive unloads it, without
 * telling how that went.
 *
 * Names are UTF-8. The name of a key is a path below @parent, its parts separated by
 * backslashes, "" being @parent itself: part for part at most 255 UTF-16 units, none
 * empty; the name of a value at most 16383, "" being the default value.
 *
 * All may be called from any thread. Of one hive, queries go on at any time but while
 * a change is made; a flush (reconcile, save, a lazy flush too) keeps changes and
 * other flushes out for its whole length, as the documents say. Neither side waits
 * for more than its turn: after a flush every change that waited comes before the next
 * one, and a flush that waits comes before any new change.
 *
 * Failures that any of them may tell, outputs being left untouched:
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH
 * STATUS_ACCESS_DENIED          the handle lacks the access named there; or a change
 *                               to a hive loaded for reading (errno EROFS): the
 *                               documents are silent, so this is our choice
 * STATUS_KEY_DELETED            by this handle or another of the same key
 * STATUS_HIVE_UNLOADED          by another of its keys
 * STATUS_OBJECT_NAME_INVALID    no UTF-8, too long, a part of a path that is empty
 * STATUS_OBJECT_NAME_NOT_FOUND  no such key or value, or one of the path is missing
 * STATUS_REGISTRY_CORRUPT       the hive is damaged
 * STATUS_REGISTRY_QUOTA_LIMIT   its 2 GiB are full
 * STATUS_INSUFFICIENT_RESOURCES no memory
 * STATUS_INVALID_PARAMETER      a pointer is NULL, an access bit is unknown
 */
#ifndef FB_NT_KEYS_H
#define FB_NT_KEYS_H

#include "nt/nt_types.h"

#include <stdbool.h>

/* How a flush makes changes durable. */
enum fb_nt_flush_strategy {
	FB_NT_LOG_ONLY, /* Windows 8.1 and later: the log now, the primary later */
	FB_NT_LOG_AND_PRIMARY, /* before: the log, then the primary, at every flush */
};

/*
 * struct fb_nt_hive_options - zeros are the defaults
 * @log_cap:       bytes of log after which a flush also brings the primary up to
 *                 date; 0: 4 MiB
 * @lazy_flush_ns: the hive is flushed so long after the first change that is not
 *                 durable yet, without anybody asking; 0: never
 * @read_only:     nothing is written, recovery is done in memory
 */
struct fb_nt_hive_options {
	enum fb_nt_flush_strategy strategy;
	uint64_t log_cap;
	uint64_t lazy_flush_ns;
	bool read_only;
};

/*
 * struct fb_nt_hive_counters - since the hive was loaded
 * @log_bytes, @primary_bytes: written to either, but for the lazy flusher's
 * @lazy_flushes: of the lazy flusher that had something to write
 * @lazy_bytes:   written by those, to log and primary
 * @hive_bytes:   size of the hive's data now
 */
struct fb_nt_hive_counters {
	uint64_t log_bytes, primary_bytes;
	uint64_t lazy_flushes, lazy_bytes;
	uint64_t hive_bytes;
};

/* --- hives --- */

/*
 * fb_nt_new_hive - an empty hive in memory alone
 * @root: its root key, with KEY_ALL_ACCESS
 *
 * It can be filled and saved; flushing it succeeds without I/O.
 */
NTSTATUS fb_nt_new_hive(HANDLE *root);

/*
 * fb_nt_save_hive - write the hive of @key to a new file, durable
 *
 * No access is asked for; the hive stays what it is, and @path is no hive of its own
 * until it is loaded. STATUS_OBJECT_NAME_COLLISION (it is there, or a log of its
 * name) and what else fb_nt_open_file tells of a name; a failed write as NtFlushKey,
 * then the file is removed again.
 */
NTSTATUS fb_nt_save_hive(HANDLE key, const char *path);

/*
 * fb_nt_load_hive - read the hive at @path, whose logs are @path.LOG1 and @path.LOG2
 * @o:    NULL: the defaults
 * @root: its root key, with KEY_ALL_ACCESS
 *
 * A hive that was not closed cleanly is recovered. STATUS_REGISTRY_CORRUPT (no hive,
 * or damaged beyond use), STATUS_SHARING_VIOLATION (loaded already), what
 * fb_nt_open_file tells of a name, and a failed read or write as NtFlushKey.
 */
NTSTATUS fb_nt_load_hive(const char *path, const struct fb_nt_hive_options *o,
			 HANDLE *root);

/*
 * fb_nt_unload_hive - stop the lazy flusher, bring the primary up to date, close
 * @key: any of the hive; as all its handles it must still be closed
 *
 * The other routines answer STATUS_HIVE_UNLOADED from then on, whatever it returns; a
 * failed write is told as NtFlushKey does, what was flushed before is safe then.
 */
NTSTATUS fb_nt_unload_hive(HANDLE key);

/* fb_nt_reconcile_hive - flush, and bring the primary up to date; as NtFlushKey */
NTSTATUS fb_nt_reconcile_hive(HANDLE key);

/* fb_nt_hive_counters - waits for a flush under way */
NTSTATUS fb_nt_hive_counters(HANDLE key, struct fb_nt_hive_counters *out);

/* --- keys --- */

/*
 * fb_nt_create_key - open a key, which is made if need be
 * @access:  KEY_* and DELETE; 0 is good for a flush
 * @created: receives whether it was made; may be NULL
 *
 * As NtCreateKey, only the last key of the path is made. Then @parent must have been
 * opened with KEY_CREATE_SUB_KEY, else STATUS_ACCESS_DENIED. STATUS_INVALID_PARAMETER
 * also for a 513th level, STATUS_TOO_MANY_OPENED_FILES.
 */
NTSTATUS fb_nt_create_key(HANDLE parent, const char *name, ACCESS_MASK access,
			  HANDLE *out, bool *created);

/* fb_nt_open_key - one that is there; asks for no access of @parent */
NTSTATUS fb_nt_open_key(HANDLE parent, const char *name, ACCESS_MASK access,
			HANDLE *out);

/*
 * fb_nt_delete_key - and its values, at once; its handles must still be closed
 *
 * DELETE access. STATUS_CANNOT_DELETE with subkeys, and for the root.
 */
NTSTATUS fb_nt_delete_key(HANDLE key);

/*
 * fb_nt_enumerate_key - name of subkey number @index, in the order of the hive
 * @cap: bytes at @name, the NUL included; 766 always suffice
 *
 * KEY_ENUMERATE_SUB_KEYS access. STATUS_NO_MORE_ENTRIES, STATUS_BUFFER_TOO_SMALL.
 */
NTSTATUS fb_nt_enumerate_key(HANDLE key, ULONG index, char *name, size_t cap);

/* --- values --- */

/*
 * fb_nt_set_value - make a value or give it other data
 * @type: REG_SZ and so on, any number
 *
 * KEY_SET_VALUE access. STATUS_INVALID_PARAMETER also for more than 2^31 - 1 bytes.
 */
NTSTATUS fb_nt_set_value(HANDLE key, const char *name, ULONG type, const void *data,
			 size_t bytes);

/*
 * fb_nt_query_value - a value's type and data
 * @type, @bytes: may be NULL
 *
 * KEY_QUERY_VALUE access. STATUS_BUFFER_TOO_SMALL when @cap is less than the value
 * has: no data and no type then, but @bytes tells how many there are.
 */
NTSTATUS fb_nt_query_value(HANDLE key, const char *name, ULONG *type, void *data,
			   size_t cap, size_t *bytes);

/* fb_nt_delete_value - KEY_SET_VALUE access */
NTSTATUS fb_nt_delete_value(HANDLE key, const char *name);

#endif

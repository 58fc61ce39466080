#include "plan/vocab.h"

#include "plan/result.h"

#include <string.h>

const char *const fb_path_names[] = {"null",     "file",  "mapped",
				     "registry", "nvmem", NULL};
const char *const fb_mode_names[] = {
	"none",         "buffers",
	"normal",       "data-only",
	"no-sync",      "data-sync-only",
	"purge",        "write-through",
	"write-dsync",  "view",
	"view-file",    "msync",
	"key",          "key-legacy",
	"flush",        "flush-drain",
	"ranges",       "write",
	"write-flush",  "write-flush-drain",
	"write-nt",     "write-persist",
	"fill-flush",   "fill-nt",
	"fill-persist", NULL,
};
const char *const fb_pattern_names[] = {"seq",  "rand",   "append",
					"zipf", "create", NULL};
const char *const fb_prepare_names[] = {"written", "unwritten", "extend", NULL};
const char *const fb_data_names[] = {"random", "zero", NULL};
const char *const fb_flush_range_names[] = {"op", "whole", NULL};
const char *const fb_share_names[] = {"own", "one", NULL};
const char *const fb_no_sync_names[] = {"range", "fsync", "cache-off", NULL};
const char *const fb_nv_flush_names[] = {"auto",    "clwb", "clflushopt",
					 "clflush", "none", NULL};
const char *const fb_account_names[] = {"disk", "process", "trace", NULL};
const char *const fb_cpu_idle_names[] = {"allow", "busy", NULL};
const char *const fb_sched_names[] = {"other", "fifo", NULL};
const char *const fb_survives_names[] = {
	"", "nothing", "process-crash", "os-crash", "power-loss", NULL,
};
const char *const fb_fidelity_names[] = {
	"", "native", "equivalent", "stronger", "weaker", "emulated", "missing", NULL,
};
const char *const fb_ended_names[] = {"time",  "ops",       "space",
				      "error", "interrupt", NULL};
const char *const fb_op_names[] = {"write", "flush", "commit", NULL};
const char *const fb_dev_hist_names[] = {
	"requests_per_flush", "dev_write",   "dev_flush", "rq_data",
	"rq_journal",         "rq_metadata", "rq_flush",  "rq_read",
	"rq_discard",         "rq_other",    NULL,
};

static const struct fb_mode_info modes[FB_MODE_COUNT] = {
	[FB_MODE_NONE] = {FB_PATH_FILE, false, false, "-", "no flush: the baseline"},
	[FB_MODE_BUFFERS] = {FB_PATH_FILE, false, false, "NtFlushBuffersFile", "fsync"},
	[FB_MODE_NORMAL] = {FB_PATH_FILE, false, false, "NtFlushBuffersFileEx 0",
			    "fsync"},
	[FB_MODE_DATA_ONLY] = {FB_PATH_FILE, false, true,
			       "NtFlushBuffersFileEx FLUSH_FLAGS_FILE_DATA_ONLY",
			       "sync_file_range of the whole file"},
	[FB_MODE_NO_SYNC] = {FB_PATH_FILE, false, false,
			     "NtFlushBuffersFileEx FLUSH_FLAGS_NO_SYNC",
			     "as --no_sync says: range, fsync or cache-off"},
	[FB_MODE_DATA_SYNC_ONLY] =
		{FB_PATH_FILE, false, false,
		 "NtFlushBuffersFileEx FLUSH_FLAGS_FILE_DATA_SYNC_ONLY", "fdatasync"},
	[FB_MODE_PURGE] = {FB_PATH_FILE, false, false,
			   "NtFlushBuffersFileEx FLUSH_FLAGS_FLUSH_AND_PURGE",
			   "fsync, then drop the cached pages"},
	[FB_MODE_WRITE_THROUGH] = {FB_PATH_FILE, true, false, "FILE_WRITE_THROUGH",
				   "opened O_DSYNC: each write is the flush"},
	[FB_MODE_WRITE_DSYNC] = {FB_PATH_FILE, true, false, "-",
				 "pwritev2 with RWF_DSYNC: each write is the flush"},
	[FB_MODE_VIEW] = {FB_PATH_MAPPED, false, true, "NtFlushVirtualMemory",
			  "sync_file_range of the view's range"},
	[FB_MODE_VIEW_FILE] = {FB_PATH_MAPPED, false, false,
			       "NtFlushVirtualMemory + NtFlushBuffersFile",
			       "the same, then fsync"},
	[FB_MODE_MSYNC] = {FB_PATH_MAPPED, false, false, "-",
			   "msync(MS_SYNC) of the range"},
	[FB_MODE_KEY] = {FB_PATH_REGISTRY, false, false, "NtFlushKey",
			 "own hive store: changed pages to a log, the file later"},
	[FB_MODE_KEY_LEGACY] = {FB_PATH_REGISTRY, false, false, "NtFlushKey",
				"the same before 8.1: log and file at every flush"},
	[FB_MODE_FLUSH] = {FB_PATH_NVMEM, false, false, "RtlFlushNonVolatileMemory",
			   "the lines of the op's range flushed, and a fence"},
	[FB_MODE_FLUSH_DRAIN] =
		{FB_PATH_NVMEM, false, false,
		 "RtlFlushNonVolatileMemory NO_DRAIN + RtlDrainNonVolatileFlush",
		 "each range flushed, one fence at the end"},
	[FB_MODE_RANGES] = {FB_PATH_NVMEM, false, false,
			    "RtlFlushNonVolatileMemoryRanges",
			    "all ranges of the op by one call"},
	[FB_MODE_WRITE] = {FB_PATH_NVMEM, false, false,
			   "RtlWriteNonVolatileMemory 0 + RtlFlushNonVolatileMemory",
			   "as flush, stored by the routine"},
	[FB_MODE_WRITE_FLUSH] = {FB_PATH_NVMEM, true, false,
				 "RtlWriteNonVolatileMemory FLUSH",
				 "stored, flushed and waited for by one call"},
	[FB_MODE_WRITE_FLUSH_DRAIN] =
		{FB_PATH_NVMEM, false, false,
		 "RtlWriteNonVolatileMemory FLUSH NO_DRAIN + RtlDrainNonVolatileFlush",
		 "stored and flushed by one call, one fence at the end"},
	[FB_MODE_WRITE_NT] = {FB_PATH_NVMEM, true, false,
			      "RtlWriteNonVolatileMemory NON_TEMPORAL",
			      "streaming stores, past the caches, and a fence"},
	[FB_MODE_WRITE_PERSIST] = {FB_PATH_NVMEM, true, false,
				   "RtlWriteNonVolatileMemory PERSIST",
				   "whole lines streamed, the rest flushed"},
	[FB_MODE_FILL_FLUSH] = {FB_PATH_NVMEM, true, false,
				"RtlFillNonVolatileMemory FLUSH",
				"as write-flush, with one value"},
	[FB_MODE_FILL_NT] = {FB_PATH_NVMEM, true, false,
			     "RtlFillNonVolatileMemory NON_TEMPORAL",
			     "as write-nt, with one value"},
	[FB_MODE_FILL_PERSIST] = {FB_PATH_NVMEM, true, false,
				  "RtlFillNonVolatileMemory PERSIST",
				  "as write-persist, with one value"},
};

bool fb_mode_on(enum fb_path_id p, enum fb_mode m)
{
	if (p == FB_PATH_NULL)
		return m == FB_MODE_NONE;
	return modes[m].path == p;
}

const struct fb_mode_info *fb_mode_get(enum fb_mode m)
{
	return &modes[m];
}

const char *fb_path_of_word(const char *word)
{
	static const struct {
		const char *word;
		enum fb_path_id path;
	} words[] = {
		{"pmem", FB_PATH_NVMEM},   {"libpmem", FB_PATH_NVMEM},
		{"dax", FB_PATH_NVMEM},    {"dev-dax", FB_PATH_NVMEM},
		{"nvdimm", FB_PATH_NVMEM}, {"mmap", FB_PATH_MAPPED},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i].word, word))
			return fb_path_names[words[i].path];
	}
	return NULL;
}

const char *fb_mode_of_call(const char *call)
{
	static const struct {
		const char *call;
		enum fb_mode mode;
	} calls[] = {
		{"fsync", FB_MODE_NORMAL},
		{"FlushFileBuffers", FB_MODE_NORMAL},
		{"fdatasync", FB_MODE_DATA_SYNC_ONLY},
		{"sync_file_range", FB_MODE_DATA_ONLY},
		{"FlushViewOfFile", FB_MODE_VIEW},
		{"dsync", FB_MODE_WRITE_THROUGH},
		{"O_DSYNC", FB_MODE_WRITE_THROUGH},
		{"RWF_DSYNC", FB_MODE_WRITE_DSYNC},
		{"NtFlushKey", FB_MODE_KEY},
		{"RegFlushKey", FB_MODE_KEY},
		{"RtlFlushNonVolatileMemory", FB_MODE_FLUSH},
		{"RtlFlushNonVolatileMemoryRanges", FB_MODE_RANGES},
		{"RtlDrainNonVolatileFlush", FB_MODE_FLUSH_DRAIN},
		{"RtlWriteNonVolatileMemory", FB_MODE_WRITE_PERSIST},
		{"RtlFillNonVolatileMemory", FB_MODE_FILL_PERSIST},
		{"pmem_persist", FB_MODE_FLUSH},
		{"pmem_memcpy_persist", FB_MODE_WRITE_PERSIST},
		{"pmem_memset_persist", FB_MODE_FILL_PERSIST},
	};

	if (!strcmp(call, "clwb"))
		return "flush with nv_flush=clwb";
	if (!strcmp(call, "clflushopt"))
		return "flush with nv_flush=clflushopt";
	if (!strcmp(call, "clflush"))
		return "flush with nv_flush=clflush";
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!strcmp(calls[i].call, call))
			return fb_mode_names[calls[i].mode];
	}
	return NULL;
}

const char *fb_dev_hist_unit(enum fb_dev_hist h)
{
	return h == FB_DEV_REQUESTS_PER_FLUSH ? "requests" : "ns";
}

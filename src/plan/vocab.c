#include "plan/vocab.h"

#include "plan/result.h"

#include <string.h>

const char *const fb_path_names[] = {"null", "file", "mapped", "registry", NULL};
const char *const fb_mode_names[] = {
	"none",           "buffers", "normal",        "data-only",   "no-sync",
	"data-sync-only", "purge",   "write-through", "write-dsync", "view",
	"view-file",      "msync",   "key",           "key-legacy",  NULL,
};
const char *const fb_pattern_names[] = {"seq",  "rand",   "append",
					"zipf", "create", NULL};
const char *const fb_prepare_names[] = {"written", "unwritten", "extend", NULL};
const char *const fb_data_names[] = {"random", "zero", NULL};
const char *const fb_flush_range_names[] = {"op", "whole", NULL};
const char *const fb_share_names[] = {"own", "one", NULL};
const char *const fb_no_sync_names[] = {"range", "fsync", "cache-off", NULL};
const char *const fb_account_names[] = {"disk", "process", NULL};
const char *const fb_survives_names[] = {
	"", "nothing", "process-crash", "os-crash", "power-loss", NULL,
};
const char *const fb_fidelity_names[] = {
	"", "native", "equivalent", "stronger", "weaker", "emulated", "missing", NULL,
};
const char *const fb_ended_names[] = {"time",  "ops",       "space",
				      "error", "interrupt", NULL};
const char *const fb_op_names[] = {"write", "flush", "commit", NULL};

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
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!strcmp(calls[i].call, call))
			return fb_mode_names[calls[i].mode];
	}
	return NULL;
}

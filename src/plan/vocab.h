/*
 * vocab.h - the project's words: paths, modes, what survives
 *
 * One table a vocabulary; names are what profiles, CSV and the terminal say.
 */
#ifndef FB_PLAN_VOCAB_H
#define FB_PLAN_VOCAB_H

#include <stdbool.h>
#include <stddef.h>

enum fb_path_id {
	FB_PATH_NULL,
	FB_PATH_FILE,
	FB_PATH_MAPPED,
	FB_PATH_REGISTRY,
	FB_PATH_NVMEM,
	FB_PATH_COUNT,
};

enum fb_mode {
	FB_MODE_NONE,
	FB_MODE_BUFFERS,
	FB_MODE_NORMAL,
	FB_MODE_DATA_ONLY,
	FB_MODE_NO_SYNC,
	FB_MODE_DATA_SYNC_ONLY,
	FB_MODE_PURGE,
	FB_MODE_WRITE_THROUGH,
	FB_MODE_WRITE_DSYNC,
	FB_MODE_VIEW,
	FB_MODE_VIEW_FILE,
	FB_MODE_MSYNC,
	FB_MODE_KEY,
	FB_MODE_KEY_LEGACY,
	FB_MODE_FLUSH,
	FB_MODE_FLUSH_DRAIN,
	FB_MODE_RANGES,
	FB_MODE_WRITE,
	FB_MODE_WRITE_FLUSH,
	FB_MODE_WRITE_FLUSH_DRAIN,
	FB_MODE_WRITE_NT,
	FB_MODE_WRITE_PERSIST,
	FB_MODE_FILL_FLUSH,
	FB_MODE_FILL_NT,
	FB_MODE_FILL_PERSIST,
	FB_MODE_COUNT,
};

enum fb_pattern {
	FB_PATTERN_SEQ,
	FB_PATTERN_RAND,
	FB_PATTERN_APPEND,
	FB_PATTERN_ZIPF,
	FB_PATTERN_CREATE,
	FB_PATTERN_COUNT,
};

enum fb_prepare {
	FB_PREPARE_WRITTEN,
	FB_PREPARE_UNWRITTEN,
	FB_PREPARE_EXTEND,
	FB_PREPARE_COUNT,
};

enum fb_data { FB_DATA_RANDOM, FB_DATA_ZERO, FB_DATA_COUNT };
enum fb_flush_range { FB_FLUSH_RANGE_OP, FB_FLUSH_RANGE_WHOLE, FB_FLUSH_RANGE_COUNT };
enum fb_share { FB_SHARE_OWN, FB_SHARE_ONE, FB_SHARE_COUNT };

enum fb_no_sync {
	FB_NO_SYNC_RANGE,
	FB_NO_SYNC_FSYNC,
	FB_NO_SYNC_CACHE_OFF,
	FB_NO_SYNC_COUNT,
};

enum fb_nv_flush {
	FB_NV_FLUSH_AUTO,
	FB_NV_FLUSH_CLWB,
	FB_NV_FLUSH_CLFLUSHOPT,
	FB_NV_FLUSH_CLFLUSH,
	FB_NV_FLUSH_NONE,
	FB_NV_FLUSH_COUNT,
};

enum fb_account_kind {
	FB_ACCOUNT_DISK,
	FB_ACCOUNT_PROCESS,
	FB_ACCOUNT_TRACE,
	FB_ACCOUNT_COUNT,
};

enum fb_cpu_idle { FB_CPU_IDLE_ALLOW, FB_CPU_IDLE_BUSY, FB_CPU_IDLE_COUNT };
enum fb_sched { FB_SCHED_OTHER, FB_SCHED_FIFO, FB_SCHED_COUNT };

/* Worst first: more is better. UNKNOWN is an empty field, ranked with none. */
enum fb_survives {
	FB_SURVIVES_UNKNOWN,
	FB_SURVIVES_NOTHING,
	FB_SURVIVES_PROCESS_CRASH,
	FB_SURVIVES_OS_CRASH,
	FB_SURVIVES_POWER_LOSS,
	FB_SURVIVES_COUNT,
};

enum fb_fidelity {
	FB_FIDELITY_UNKNOWN,
	FB_FIDELITY_NATIVE,
	FB_FIDELITY_EQUIVALENT,
	FB_FIDELITY_STRONGER,
	FB_FIDELITY_WEAKER,
	FB_FIDELITY_EMULATED,
	FB_FIDELITY_MISSING,
	FB_FIDELITY_COUNT,
};

/* Why a case ended. */
enum fb_ended {
	FB_ENDED_TIME,
	FB_ENDED_OPS,
	FB_ENDED_SPACE,
	FB_ENDED_ERROR,
	FB_ENDED_INTERRUPT,
	FB_ENDED_COUNT,
};

/* Names in enum order, NULL-terminated: usable as a parameter's choices. */
extern const char *const fb_path_names[];
extern const char *const fb_mode_names[];
extern const char *const fb_pattern_names[];
extern const char *const fb_prepare_names[];
extern const char *const fb_data_names[];
extern const char *const fb_flush_range_names[];
extern const char *const fb_share_names[];
extern const char *const fb_no_sync_names[];
extern const char *const fb_nv_flush_names[];
extern const char *const fb_account_names[];
extern const char *const fb_cpu_idle_names[];
extern const char *const fb_sched_names[];
extern const char *const fb_survives_names[];
extern const char *const fb_fidelity_names[];
extern const char *const fb_ended_names[];

/* struct fb_mode_info - what is true of a mode wherever it runs */
struct fb_mode_info {
	enum fb_path_id path;
	/* Writes and flushes in one call: flush_* stay empty. */
	bool one_call;
	/* Always goes through sync_file_range: survives only under the star's
	 * condition. So does no-sync, but by no_sync=range alone. */
	bool range;
	const char *call; /* the routine or system call, for `list` */
	const char *help; /* one line, what it does on Linux */
};

/* fb_mode_on - does path @p have mode @m? Mode none is of null and file. */
bool fb_mode_on(enum fb_path_id p, enum fb_mode m);

/* fb_path_of_word - the path that others call so: "pmem" is nvmem; NULL: nobody does */
const char *fb_path_of_word(const char *word);

/*
 * fb_mode_of_call - what a system call, open flag or instruction is called here
 *
 * "fdatasync" is data-sync-only; an instruction has a parameter beside the mode. For
 * people. NULL for what is none of these.
 */
const char *fb_mode_of_call(const char *call);

/* fb_mode_get - never NULL for a mode below FB_MODE_COUNT */
const struct fb_mode_info *fb_mode_get(enum fb_mode m);

#endif

/*
 * probe_modes.h - what each mode promises on a target
 */
#ifndef FB_BENCH_PROBE_MODES_H
#define FB_BENCH_PROBE_MODES_H

#include "host/host.h"
#include "path/path.h"

/* Before the path and the mode in a key. */
#define PROBE_MODE_KEY "mode_"

/* What is known of path nvmem, whose modes a target may refuse when it is opened. */
enum probe_nvmem { PROBE_NVMEM_UNTRIED, PROBE_NVMEM_REFUSED, PROBE_NVMEM_THERE };

/*
 * probe_mode_facts - mode_<path>_<mode>: "fidelity survives" of a case of defaults
 *
 * A word that is not known is "-". The further ways of no-sync have keys of their own,
 * mode_file_no-sync_fsync. What cannot be run on this target has no row; nor has path
 * nvmem on a target that leads to no persistent memory, when nobody tried. 0 or
 * -ENOMEM.
 */
int probe_mode_facts(struct fb_facts *f, const struct fb_target *t,
		     enum probe_nvmem nvmem);

/*
 * probe_mode_groups - read from such facts, the safest promise first
 * @line: called with a word of what survives and with the modes of one path that do,
 *        "file: buffers normal (equivalent), write-dsync (native)"; for modes that are
 *        missing here the word is "missing"
 */
void probe_mode_groups(const struct fb_facts *f,
		       void (*line)(const char *survives, const char *modes, void *ctx),
		       void *ctx);

#endif

/*
 * process.h - what the kernel charges to this process
 */
#ifndef FB_ACCOUNT_PROCESS_H
#define FB_ACCOUNT_PROCESS_H

#include <stdint.h>

/*
 * fb_process_write_bytes - bytes this process, all its threads, caused to be sent to
 * storage since it began
 *
 * 0 or a negative errno with @bytes untouched: no accounting in this kernel.
 */
int fb_process_write_bytes(uint64_t *bytes);

#endif

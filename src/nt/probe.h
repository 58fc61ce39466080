/*
 * probe.h - may this thread write here?
 */
#ifndef FB_NT_PROBE_H
#define FB_NT_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * fb_nt_probe_write - whether @bytes bytes at @at can be written
 * @bytes: > 0 and at most a page
 *
 * For the output pointers of a routine: nothing is changed, no address makes it
 * crash. Costs nothing to speak of on the caller's own stack, one system call a
 * page elsewhere. A mapping that another thread takes away meanwhile is not seen.
 */
bool fb_nt_probe_write(void *at, size_t bytes);

#endif

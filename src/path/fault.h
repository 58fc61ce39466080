/*
 * fault.h - a store through a mapping that the disk refuses
 *
 * When the page behind a view cannot be read or given a block the system raises a
 * fault at the store instead of returning an error.
 */
#ifndef FB_PATH_FAULT_H
#define FB_PATH_FAULT_H

#include <stddef.h>

/* fb_fault_install - once a process, before any fb_fault_copy; 0 or -errno */
int fb_fault_install(void);

/*
 * fb_fault_guard - call work(arg); a fault at a store in it breaks it off
 *
 * 0, or -EIO then: what @work had not finished is left as it is, so it must hold
 * nothing. Not nested in another.
 */
int fb_fault_guard(void (*work)(void *arg), void *arg);

/*
 * fb_fault_copy - memcpy into a view
 *
 * 0, or -EIO when the view could not take it; the bytes before may be there.
 */
int fb_fault_copy(void *to, const void *from, size_t n);

#endif

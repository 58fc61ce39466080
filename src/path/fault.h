/*
 * fault.h - a store through a mapping that the disk refuses
 *
 * When the page behind a view cannot be read or given a block the system raises a
 * fault at the store instead of returning an error.
 */
#ifndef FB_PATH_FAULT_H
#define FB_PATH_FAULT_H

#include <stdint.h>

/* fb_fault_install - once a process, before any fb_fault_guard; 0 or -errno */
int fb_fault_install(void);

/*
 * fb_fault_guard - call work(arg); a fault at a store in it breaks it off
 * @at: receives the address of its page then; NULL: nobody asks
 *
 * 0, or -EIO then: what @work had not finished is left as it is, so it must hold
 * nothing. Not nested in another.
 */
int fb_fault_guard(void (*work)(void *arg), void *arg, uintptr_t *at);

#endif

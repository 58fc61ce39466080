/*
 * filetime.h - the time as hives keep it
 */
#ifndef FB_HIVE_FILETIME_H
#define FB_HIVE_FILETIME_H

#include <stdint.h>

/* fb_filetime_now - the system's clock: 100 ns since 1 January 1601, UTC */
uint64_t fb_filetime_now(void);

#endif

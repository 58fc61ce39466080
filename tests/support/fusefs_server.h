/*
 * fusefs_server.h - the child's side of fusefs.h
 */
#ifndef FB_TESTS_FUSEFS_SERVER_H
#define FB_TESTS_FUSEFS_SERVER_H

#include "support/fusefs.h"

/*
 * fusefs_serve - mount at @dir and answer until it is unmounted
 * @ready: gets one byte once the mount stands
 *
 * 0 or -errno. One thread; one call a process.
 */
int fusefs_serve(const char *dir, struct fusefs_shared *s, bool writeback, int ready);

#endif

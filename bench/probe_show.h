/*
 * probe_show.h - facts and warnings as a screen for people
 */
#ifndef FB_BENCH_PROBE_SHOW_H
#define FB_BENCH_PROBE_SHOW_H

#include "host/host.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * struct probe_view - how to show it
 * @width: columns; fewer than 60 count as 60, more than 100 as 100
 */
struct probe_view {
	FILE *out;
	int width;
	bool colour;
};

/*
 * probe_show - machine, target, devices, what came of a flush, cost of measuring,
 * modes, warnings
 *
 * All of it is in @f and @ws: what has no row is not shown. 0 or -ENOMEM.
 */
int probe_show(const struct probe_view *v, const struct fb_facts *f,
	       const struct fb_warnings *ws);

/*
 * probe_show_flush - the lines that say what came of the try of a flush
 * probe_show_devices - the disks as a tree, from the file system down
 *
 * Parts of the above. @say prints one line of label and text.
 */
typedef void probe_say(void *ctx, const char *label, const char *text);
void probe_show_flush(const struct fb_facts *f, probe_say *say, void *ctx);
void probe_show_devices(const struct fb_facts *f, probe_say *say, void *ctx);

/* probe_add - put @a and @b behind what is in @out; what has no room is cut */
void probe_add(char *out, size_t room, const char *a, const char *b);

#endif

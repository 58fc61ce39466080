/*
 * neighbours.h - what other processes read and wrote meanwhile
 */
#ifndef FB_ACCOUNT_NEIGHBOURS_H
#define FB_ACCOUNT_NEIGHBOURS_H

#include <stddef.h>
#include <stdint.h>

/* struct fb_neighbour - a process that is not ours; @bytes: moved since it began, on
 * any disk */
struct fb_neighbour {
	int pid;
	uint64_t bytes;
};

/* struct fb_neighbours - by pid; all zero is none */
struct fb_neighbours {
	struct fb_neighbour *list;
	size_t n;
	size_t room;
};

/*
 * fb_neighbours_look - all that may be looked at: as an ordinary user only one's own
 *
 * 0, -ENOMEM, or -ENOENT where the kernel tells nothing of processes. What @out held is
 * forgotten.
 */
int fb_neighbours_look(struct fb_neighbours *out);

/*
 * fb_neighbours_gain - what those in @is moved since @was
 * @most: "name[pid]" of the one that moved most, empty when none moved anything
 *
 * One that began in between counts whole, one that ended does not count. Nor do kernel
 * threads: what they move they move for others, us among them.
 */
uint64_t fb_neighbours_gain(const struct fb_neighbours *was,
			    const struct fb_neighbours *is, char most[48]);

void fb_neighbours_free(struct fb_neighbours *n);

#endif

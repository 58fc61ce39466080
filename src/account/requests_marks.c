#include "account/requests_parts.h"

#include <string.h>

static struct fb_marks plain(uint32_t flags)
{
	return (struct fb_marks){
		.klass = flags & FB_BLOCK_META ? FB_RQ_METADATA : FB_RQ_OTHER,
	};
}

static struct fb_marks journal(bool surely)
{
	return (struct fb_marks){.klass = FB_RQ_JOURNAL, .surely_journal = surely};
}

/*
 * Not only jbd2 writes the journal. Whoever flushes writes fast commits, of which only
 * the last block has PREFLUSH; and whoever makes room in the journal says so in its
 * superblock (FUA), but first writes metadata home with the marks of a fast commit's
 * other blocks. Those two are told apart by their place.
 */
static struct fb_marks of_ext(uint32_t flags, const char *comm)
{
	const bool meta = flags & FB_BLOCK_META;
	struct fb_marks m;

	/* Also files' data, where data=ordered; that has no mark. */
	if (!strncmp(comm, "jbd2/", 5))
		return journal(meta);
	if (flags & FB_BLOCK_PREFLUSH)
		return journal(true);
	if (meta && flags & FB_BLOCK_FUA)
		return journal(false);
	m = plain(flags);
	m.perhaps_journal = meta && flags & FB_BLOCK_SYNC;
	return m;
}

static struct fb_marks of_xfs(uint32_t flags)
{
	const uint32_t log = FB_BLOCK_PREFLUSH | FB_BLOCK_FUA | FB_BLOCK_SYNC;

	return flags & FB_BLOCK_META && flags & log ? journal(true) : plain(flags);
}

struct fb_marks fb_marks_of(const char *fs, uint32_t flags, const char *comm)
{
	if (!strcmp(fs, "ext4") || !strcmp(fs, "ext3") || !strcmp(fs, "ext2"))
		return of_ext(flags, comm);
	return !strcmp(fs, "xfs") ? of_xfs(flags) : plain(flags);
}

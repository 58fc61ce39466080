#include "device/btrfs_chunks.h"

#include "device/device.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { SEARCH_BYTES = 1 << 16, SECTOR = 512 };

/* An item's parts are at no particular alignment. */
struct item {
	uint64_t logical;
	const uint8_t *bytes;
	size_t len;
};

union search {
	struct btrfs_ioctl_search_args_v2 args;
	uint8_t room[SEARCH_BYTES];
};

static enum fb_btrfs_profile profile_of(uint64_t type)
{
	static const struct {
		uint64_t bit;
		enum fb_btrfs_profile profile;
	} known[] = {
		{0, FB_BTRFS_SINGLE},
		{BTRFS_BLOCK_GROUP_DUP, FB_BTRFS_DUP},
		{BTRFS_BLOCK_GROUP_RAID0, FB_BTRFS_RAID0},
		{BTRFS_BLOCK_GROUP_RAID1, FB_BTRFS_RAID1},
		{BTRFS_BLOCK_GROUP_RAID1C3, FB_BTRFS_RAID1},
		{BTRFS_BLOCK_GROUP_RAID1C4, FB_BTRFS_RAID1},
		{BTRFS_BLOCK_GROUP_RAID10, FB_BTRFS_RAID10},
		{BTRFS_BLOCK_GROUP_RAID5, FB_BTRFS_RAID5},
		{BTRFS_BLOCK_GROUP_RAID6, FB_BTRFS_RAID6},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if ((type & ~(uint64_t)BTRFS_BLOCK_GROUP_TYPE_MASK) == known[i].bit)
			return known[i].profile;
	return FB_BTRFS_NEW;
}

static void place_stripe(struct fb_btrfs_stripe *s, int fd,
			 const struct btrfs_stripe *from)
{
	struct btrfs_ioctl_dev_info_args info = {.devid = le64toh(from->devid)};
	char path[BTRFS_DEVICE_PATH_NAME_MAX + 1] = "";
	struct fb_disk disk;
	uint64_t sector;
	struct stat st;

	*s = (struct fb_btrfs_stripe){0};
	if (ioctl(fd, BTRFS_IOC_DEV_INFO, &info))
		return;
	memcpy(path, info.path, BTRFS_DEVICE_PATH_NAME_MAX);
	if (stat(path, &st) || !S_ISBLK(st.st_mode) ||
	    fb_disk_place(major(st.st_rdev), minor(st.st_rdev), &disk, &sector))
		return;
	s->placed = true;
	s->dev_major = disk.dev_major;
	s->dev_minor = disk.dev_minor;
	s->begin = sector * SECTOR + le64toh(from->offset);
}

static bool makes_sense(const struct fb_btrfs_chunk *c)
{
	const unsigned parity = c->profile == FB_BTRFS_RAID5   ? 1
				: c->profile == FB_BTRFS_RAID6 ? 2
							       : 0;

	return c->n_stripes > parity && c->stripe_len &&
	       (c->profile != FB_BTRFS_RAID10 ||
		(c->sub_stripes && !(c->n_stripes % c->sub_stripes)));
}

static int make_room(struct fb_btrfs *b, size_t stripes)
{
	struct fb_btrfs_stripe *s = realloc(b->stripes,
					    (b->n_stripes + stripes) * sizeof(*s));
	struct fb_btrfs_chunk *c;

	if (!s)
		return -ENOMEM;
	b->stripes = s;
	c = realloc(b->chunks, (b->n_chunks + 1) * sizeof(*c));
	if (!c)
		return -ENOMEM;
	b->chunks = c;
	return 0;
}

static int add_chunk(struct fb_btrfs *b, int fd, const struct item *item)
{
	const size_t head = offsetof(struct btrfs_chunk, stripe);
	struct btrfs_chunk raw;
	struct btrfs_stripe stripe;
	struct fb_btrfs_chunk c;
	int ret;

	if (item->len < sizeof(raw))
		return -EIO;
	memcpy(&raw, item->bytes, sizeof(raw));
	c = (struct fb_btrfs_chunk){
		.logical = item->logical,
		.length = le64toh(raw.length),
		.stripe_len = le64toh(raw.stripe_len),
		.profile = profile_of(le64toh(raw.type)),
		.data = le64toh(raw.type) & BTRFS_BLOCK_GROUP_DATA,
		.stripe = b->n_stripes,
		.n_stripes = le16toh(raw.num_stripes),
		.sub_stripes = le16toh(raw.sub_stripes),
	};
	if (!makes_sense(&c) || item->len < head + c.n_stripes * sizeof(stripe))
		return -EIO;
	ret = make_room(b, c.n_stripes);
	if (ret)
		return ret;
	for (unsigned i = 0; i < c.n_stripes; i++) {
		memcpy(&stripe, item->bytes + head + i * sizeof(stripe),
		       sizeof(stripe));
		place_stripe(&b->stripes[b->n_stripes++], fd, &stripe);
	}
	b->chunks[b->n_chunks++] = c;
	return 0;
}

/* Adds what one search found; @next is where the next one begins. */
static int add_found(struct fb_btrfs *b, int fd, const union search *s, uint64_t *next)
{
	const uint8_t *at = (const uint8_t *)s->args.buf;
	const uint8_t *end = s->room + sizeof(s->room);
	int ret = 0;

	for (uint32_t i = 0; !ret && i < s->args.key.nr_items; i++) {
		struct btrfs_ioctl_search_header h;

		if ((size_t)(end - at) < sizeof(h))
			return -EIO;
		memcpy(&h, at, sizeof(h));
		at += sizeof(h);
		if ((size_t)(end - at) < h.len)
			return -EIO;
		if (h.type == BTRFS_CHUNK_ITEM_KEY)
			ret = add_chunk(b, fd, &(struct item){h.offset, at, h.len});
		at += h.len;
		*next = h.offset + 1;
	}
	return ret;
}

static int search_all(struct fb_btrfs *b, int fd, union search *s)
{
	uint64_t next = 0;
	int ret;

	do {
		s->args = (struct btrfs_ioctl_search_args_v2){
			.key = {.tree_id = BTRFS_CHUNK_TREE_OBJECTID,
				.min_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
				.max_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
				.min_offset = next,
				.max_offset = UINT64_MAX,
				.max_transid = UINT64_MAX,
				.min_type = BTRFS_CHUNK_ITEM_KEY,
				.max_type = BTRFS_CHUNK_ITEM_KEY,
				.nr_items = UINT32_MAX},
			.buf_size = sizeof(*s) - sizeof(s->args),
		};
		if (ioctl(fd, BTRFS_IOC_TREE_SEARCH_V2, &s->args))
			return -errno;
		ret = add_found(b, fd, s, &next);
	} while (!ret && s->args.key.nr_items);
	return ret;
}

int fb_btrfs_read(struct fb_btrfs *out, int fd)
{
	struct fb_btrfs b = {0};
	union search *s = malloc(sizeof(*s));
	int ret;

	if (!s)
		return -ENOMEM;
	ret = search_all(&b, fd, s);
	free(s);
	if (ret)
		fb_btrfs_free(&b);
	else
		*out = b;
	return ret;
}

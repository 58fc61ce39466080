#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/extent_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MIB = 1 << 20, ARGS_MAX = 24 };

#define MAGIC UINT64_C(0x66625f7365637472)

/* One sector of a file. */
struct mark {
	uint64_t magic;
	uint32_t id, version;
	uint64_t block, sector;
	uint8_t rest[LAB_SECTOR - 32];
};

int extent_lab_enter(struct extent_lab *lab)
{
	memset(lab, 0, sizeof(*lab));
	if (tmpdir_make(lab->folder))
		return -1;
	snprintf(lab->mnt, sizeof(lab->mnt), "%s/mnt", lab->folder);
	return mkdir(lab->mnt, 0700);
}

static int part_ioctl(struct extent_lab *lab, int op, uint64_t start, uint64_t bytes)
{
	struct blkpg_partition part = {
		.start = (long long)(start * LAB_SECTOR),
		.length = (long long)bytes,
		.pno = 1,
	};
	struct blkpg_ioctl_arg arg = {.op = op, .datalen = sizeof(part), .data = &part};

	return ioctl(lab->disk[0].fd, BLKPG, &arg) ? -errno : 0;
}

void extent_lab_leave(struct extent_lab *lab)
{
	if (lab->mounted)
		umount2(lab->mnt, MNT_DETACH);
	if (*lab->partition)
		part_ioctl(lab, BLKPG_DEL_PARTITION, 0, 0);
	for (size_t i = 0; i < lab->n; i++)
		disk_detach(&lab->disk[i]);
	tmpdir_remove(lab->folder);
	memset(lab, 0, sizeof(*lab));
}

void extent_lab_disks(struct extent_lab *lab, size_t n, unsigned mib)
{
	char name[24];

	if (!disk_can_run())
		skip();
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "d%zu", i);
		assert_int_equal(disk_attach(&lab->disk[i], lab->folder, name,
					     (uint64_t)mib * MIB),
				 0);
		lab->n++;
	}
}

void extent_lab_part(struct extent_lab *lab, uint64_t start, unsigned mib)
{
	int ret = part_ioctl(lab, BLKPG_ADD_PARTITION, start, (uint64_t)mib * MIB);

	snprintf(lab->partition, sizeof(lab->partition), "%sp1", lab->disk[0].dev);
	if (!ret && !access(lab->partition, F_OK))
		return;
	if (ret)
		*lab->partition = '\0';
	fprintf(stderr, "no partitions on loop devices here\n");
	skip();
}

void extent_lab_make(struct extent_lab *lab, const char *const *mkfs, const char *type,
		     const char *options)
{
	const char *source = *lab->partition ? lab->partition : lab->disk[0].dev;
	const char *argv[ARGS_MAX + LAB_DISKS_MAX];
	size_t n = 0;

	for (; *mkfs && n < ARGS_MAX - 1; mkfs++)
		argv[n++] = *mkfs;
	argv[n++] = source;
	for (size_t i = 1; i < lab->n; i++)
		argv[n++] = lab->disk[i].dev;
	argv[n] = NULL;
	if (disk_run(argv)) {
		fprintf(stderr, "%s cannot make such a file system\n", argv[0]);
		skip();
	}
	for (size_t i = 0; !strcmp(type, "btrfs") && i < lab->n; i++)
		disk_run((const char *const[]){"btrfs", "device", "scan",
					       i ? lab->disk[i].dev : source, NULL});
	if (mount(source, lab->mnt, type, 0, options)) {
		fprintf(stderr, "mount %s: %s\n", type, strerror(errno));
		assert_int_equal(errno, ENODEV);
		skip();
	}
	lab->mounted = true;
}

int extent_lab_open(const struct extent_lab *lab, const char *name, int flags)
{
	char path[2 * TMPDIR_LEN];
	int fd;

	tmpdir_join(path, sizeof(path), lab->mnt, name);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	if (flags)
		assert_int_equal(ioctl(fd, FS_IOC_SETFLAGS, &flags), 0);
	return fd;
}

void extent_lab_write(int fd, unsigned id, unsigned version, const uint64_t range[2])
{
	struct mark marks[LAB_BLOCK / LAB_SECTOR] = {0};

	for (uint64_t block = range[0]; block < range[1]; block++) {
		for (size_t s = 0; s < LAB_BLOCK / LAB_SECTOR; s++)
			marks[s] = (struct mark){.magic = MAGIC,
						 .id = id,
						 .version = version,
						 .block = block,
						 .sector = s};
		assert_int_equal(
			pwrite(fd, marks, sizeof(marks), (off_t)(block * LAB_BLOCK)),
			sizeof(marks));
	}
}

/* struct look - a reading of the disks under way */
struct look {
	const struct fb_extents *e;
	unsigned id, version;
	uint64_t blocks;
	uint16_t *times;
	struct extent_seen seen;
};

static void judge(struct look *l, dev_t dev, uint64_t sector, const struct mark *m)
{
	bool held = fb_extents_hold(l->e, major(dev), minor(dev), sector);
	bool file = m->magic == MAGIC && m->id == l->id && m->block < l->blocks;

	if (held && !file)
		l->seen.strange++;
	if (!file || m->version != l->version)
		return;
	l->times[m->block]++;
	if (held)
		l->seen.inside++;
	else
		l->seen.outside++;
}

static void look_at(struct look *l, const struct disk *d, struct mark *marks)
{
	const size_t chunk = MIB;
	int fd = open(d->dev, O_RDONLY | O_DIRECT | O_CLOEXEC);
	struct stat st;
	uint64_t at = 0;
	ssize_t got;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	while ((got = pread(fd, marks, chunk, (off_t)at)) > 0) {
		for (size_t i = 0; i < (size_t)got / LAB_SECTOR; i++)
			judge(l, st.st_rdev, at / LAB_SECTOR + i, &marks[i]);
		at += (uint64_t)got;
	}
	close(fd);
	assert_int_equal(got, 0);
}

struct extent_seen extent_lab_look(const struct extent_lab *lab,
				   const struct fb_extents *e, const unsigned who[2],
				   uint64_t blocks)
{
	const unsigned each = LAB_BLOCK / LAB_SECTOR;
	struct look l = {.e = e, .id = who[0], .version = who[1], .blocks = blocks};
	struct mark *marks = aligned_alloc(LAB_BLOCK, MIB);

	l.times = calloc(blocks, sizeof(*l.times));
	assert_non_null(marks);
	assert_non_null(l.times);
	for (size_t i = 0; i < lab->n; i++)
		look_at(&l, &lab->disk[i], marks);
	l.seen.min = blocks ? UINT32_MAX : 0;
	for (uint64_t b = 0; b < blocks; b++) {
		if (l.times[b] / each < l.seen.min)
			l.seen.min = l.times[b] / each;
		if (l.times[b] / each > l.seen.max)
			l.seen.max = l.times[b] / each;
	}
	free(l.times);
	free(marks);
	return l.seen;
}

void extent_lab_expect(const struct extent_lab *lab, const struct fb_extents *e,
		       unsigned id, uint64_t blocks, unsigned copies)
{
	const unsigned who[2] = {id, 1};
	struct extent_seen seen = extent_lab_look(lab, e, who, blocks);

	assert_string_equal(e->unknown, "");
	assert_int_equal(seen.outside, 0);
	assert_int_equal(seen.strange, 0);
	assert_int_equal(seen.min, copies);
	assert_int_equal(seen.max, copies);
	assert_int_equal(seen.inside, blocks * copies * (LAB_BLOCK / LAB_SECTOR));
	assert_int_equal(extent_lab_sectors(e), seen.inside);
}

uint64_t extent_lab_sectors(const struct fb_extents *e)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < e->n; i++)
		sum += e->list[i].end - e->list[i].begin;
	return sum;
}

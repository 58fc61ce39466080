#include "device/device.h"

#include "base/units.h"
#include "device/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Sectors of the stat file, whatever the disk's own are (block/stat.rst). */
enum { SECTOR_BYTES = 512 };

enum {
	FIELDS_OLD = 11,     /* before 4.18 */
	FIELDS_DISCARD = 15, /* before 5.5 */
	FIELDS = 17,
};

int fb_disk_meter_open(struct fb_disk_meter *m, const struct fb_disk *d)
{
	char path[96], counting[8];
	struct fb_disk_meter opened;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/", d->dev_major,
		 d->dev_minor);
	if (!fb_sysfs_read(counting, sizeof(counting), "%squeue/iostats", path) &&
	    !strcmp(counting, "0"))
		return -ENODATA;
	strcat(path, "mq");
	opened.counts_flushes = !access(path, F_OK);
	strcpy(strrchr(path, '/'), "/stat");
	opened.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (opened.fd < 0)
		return -errno;
	*m = opened;
	return 0;
}

static size_t parse_fields(uint64_t field[FIELDS], const char *text)
{
	size_t n = 0;
	char *end;

	for (; n < FIELDS; n++, text = end) {
		field[n] = strtoull(text, &end, 10);
		if (end == text)
			break;
	}
	return n;
}

int fb_disk_meter_read(const struct fb_disk_meter *m, struct fb_disk_stat *out)
{
	uint64_t f[FIELDS];
	char text[512];
	ssize_t got = pread(m->fd, text, sizeof(text) - 1, 0);
	size_t n;

	if (got < 0)
		return -errno;
	text[got] = '\0';
	n = parse_fields(f, text);
	if (n < FIELDS_OLD)
		return -ENODATA;
	*out = (struct fb_disk_stat){
		.reads = f[0],
		.read_bytes = f[2] * SECTOR_BYTES,
		.writes = f[4],
		.write_bytes = f[6] * SECTOR_BYTES,
		.in_flight = f[8],
		.discards = n < FIELDS_DISCARD ? FB_UNKNOWN : f[11],
		.discard_bytes = n < FIELDS_DISCARD ? FB_UNKNOWN : f[13] * SECTOR_BYTES,
		.flushes = n < FIELDS || !m->counts_flushes ? FB_UNKNOWN : f[15],
	};
	return 0;
}

void fb_disk_meter_close(struct fb_disk_meter *m)
{
	close(m->fd);
	m->fd = -1;
}

int fb_disk_stat_read(const struct fb_disk *d, struct fb_disk_stat *out)
{
	struct fb_disk_meter m;
	int ret = fb_disk_meter_open(&m, d);

	if (ret)
		return ret;
	ret = fb_disk_meter_read(&m, out);
	fb_disk_meter_close(&m);
	return ret;
}

/* A disk that does not tell counts as idle; the first such says why. */
static int is_idle(const struct fb_device *d, bool *idle)
{
	int first = 0;

	*idle = true;
	for (size_t i = 0; i < d->n_disks; i++) {
		struct fb_disk_stat st = {0};
		int ret = fb_disk_stat_read(&d->disks[i], &st);

		if (ret && !first)
			first = ret;
		if (st.in_flight)
			*idle = false;
	}
	return first;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int fb_device_quiesce(const struct fb_device *d, unsigned timeout_ms)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint64_t end = now_ms() + timeout_ms;
	unsigned seen = 0;
	int ret = 0;

	while (d->n_disks && seen < 2) {
		bool idle;

		ret = is_idle(d, &idle);
		seen = idle ? seen + 1 : 0;
		if (!seen && now_ms() >= end)
			return -ETIMEDOUT;
		if (seen < 2)
			nanosleep(&pause, NULL);
	}
	return ret;
}

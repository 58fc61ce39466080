#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/trace_lab.h"

#include "account/trace_ring.h"
#include "support/disk.h"
#include "support/need.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MIB = 1 << 20, EVENTS_MAX = 100000 };

struct trace_lab trace_lab;

int trace_lab_enter(void **state)
{
	(void)state;
	memset(&trace_lab, 0, sizeof(trace_lab));
	trace_lab.image = trace_lab.loop = trace_lab.file = -1;
	trace_lab.other = trace_lab.zram = -1;
	trace_lab.page = aligned_alloc(TRACE_LAB_PAGE, TRACE_LAB_PAGE);
	trace_lab.events = calloc(EVENTS_MAX, sizeof(*trace_lab.events));
	if (!trace_lab.page || !trace_lab.events)
		return -1;
	memset(trace_lab.page, 1, TRACE_LAB_PAGE);
	return 0;
}

int trace_lab_enter_single(void **state)
{
	const int ret = trace_lab_enter(state);

	trace_lab.single = true;
	return ret;
}

static void put_text(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

int trace_lab_leave(void **state)
{
	const int fds[] = {trace_lab.image, trace_lab.loop, trace_lab.file,
			   trace_lab.other};
	char number[16];

	(void)state;
	fb_trace_close(trace_lab.trace);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	loopfs_unmount(&trace_lab.fs);
	snprintf(number, sizeof(number), "%d", trace_lab.zram);
	if (trace_lab.zram >= 0)
		put_text("/sys/class/zram-control/hot_remove", number);
	tmpdir_remove(trace_lab.folder);
	free(trace_lab.page);
	free(trace_lab.events);
	return 0;
}

const char *trace_lab_no_rights(void)
{
	return geteuid() ? "needs root to trace" : NULL;
}

/* The disk is known by its number alone, as the kernel's filter is. */
static void add_disk(const char *device, enum fb_tri queued)
{
	struct fb_disk *d = &trace_lab.disks[trace_lab.n_disks++];
	struct stat st;

	assert_int_equal(stat(device, &st), 0);
	snprintf(d->name, sizeof(d->name), "%s", device + strlen("/dev/"));
	d->dev_major = major(st.st_rdev);
	d->dev_minor = minor(st.st_rdev);
	d->queued = queued;
}

/* A loop device, through the page cache of its image: its requests end in a thread. */
void trace_lab_attach(uint64_t bytes)
{
	char image[TMPDIR_LEN + 8], device[32];

	need(trace_lab_no_rights());
	if (!disk_can_run())
		skip();
	assert_int_equal(tmpdir_make(trace_lab.folder), 0);
	tmpdir_join(image, sizeof(image), trace_lab.folder, "image");
	trace_lab.image = open(image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(trace_lab.image >= 0);
	assert_int_equal(ftruncate(trace_lab.image, (off_t)bytes), 0);
	trace_lab.loop = disk_loop(trace_lab.image, false, device);
	assert_true(trace_lab.loop >= 0);
	trace_lab.file = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	assert_true(trace_lab.file >= 0);
	add_disk(device, FB_YES);
}

void trace_lab_mount_ext4(void)
{
	/* The journal stays silent while a test runs. */
	const struct loopfs_spec spec = {"ext4", 64 * MIB, "commit=300", NULL};
	char path[TMPDIR_LEN + 16];

	need(trace_lab_no_rights());
	need(loopfs_missing("ext4"));
	assert_int_equal(loopfs_mount(&trace_lab.fs, &spec), 0);
	add_disk(trace_lab.fs.device, FB_YES);
	tmpdir_join(path, sizeof(path), trace_lab.fs.dir, "file");
	trace_lab.file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(trace_lab.file >= 0);
	for (int i = 0; i < TRACE_LAB_OPS; i++)
		assert_int_equal(pwrite(trace_lab.file, trace_lab.page, TRACE_LAB_PAGE,
					(off_t)i * TRACE_LAB_PAGE),
				 TRACE_LAB_PAGE);
	assert_int_equal(syncfs(trace_lab.file), 0);
}

/* A disk in memory, which has no requests. */
void trace_lab_make_zram(void)
{
	char path[64], device[32];
	FILE *f = NULL;

	need(trace_lab_no_rights());
	if (!access("/sys/class/zram-control/hot_add", R_OK))
		f = fopen("/sys/class/zram-control/hot_add", "re");
	need(f ? NULL : "the kernel makes no zram devices");
	if (fscanf(f, "%d", &trace_lab.zram) != 1)
		trace_lab.zram = -1;
	fclose(f);
	assert_true(trace_lab.zram >= 0);
	snprintf(path, sizeof(path), "/sys/block/zram%d/disksize", trace_lab.zram);
	put_text(path, "4194304");
	snprintf(device, sizeof(device), "/dev/zram%d", trace_lab.zram);
	add_disk(device, FB_NO);
}

void trace_lab_open_sized(size_t ring_bytes)
{
	const struct fb_disk *const disks[] = {&trace_lab.disks[0],
					       &trace_lab.disks[1]};
	const struct fb_trace_ask ask = {disks, trace_lab.n_disks, ring_bytes,
					 trace_lab.single};
	struct fb_err err = {0};

	if (fb_trace_open_sized(&trace_lab.trace, &ask, &err))
		fail_msg("%s", err.text);
	need(fb_trace_has_programs(trace_lab.trace) == trace_lab.single
		     ? NULL
		     : "the kernel takes no BPF programs for tracepoints");
}

static void keep(const struct fb_block_event *e, void *ctx)
{
	assert_ptr_equal(ctx, &trace_lab);
	assert_true(trace_lab.n_events < EVENTS_MAX);
	trace_lab.events[trace_lab.n_events++] = *e;
}

void trace_lab_read_events(void)
{
	fb_trace_read(trace_lab.trace, keep, &trace_lab);
}

void trace_lab_start(void)
{
	trace_lab.n_events = 0;
	assert_int_equal(fb_trace_start(trace_lab.trace), 0);
}

void trace_lab_stop(void)
{
	fb_trace_stop(trace_lab.trace);
	trace_lab_read_events();
}

/*
 * What must be equal unless the kernel kept an event back: one that hides what runs
 * while a CPU idles may keep back any answer, and a program misses what interrupts it.
 */
void trace_lab_assert_count(uint64_t seen, uint64_t expected)
{
	if (seen != expected && fb_trace_hidden(trace_lab.trace))
		need("the kernel kept events back");
	assert_int_equal(seen, expected);
}

void trace_lab_assert_none_lost(void)
{
	assert_int_equal(
		fb_trace_lost(trace_lab.trace) - fb_trace_hidden(trace_lab.trace), 0);
}

void trace_lab_write_pages(int first, int n)
{
	for (int i = first; i < first + n; i++)
		assert_int_equal(pwrite(trace_lab.file, trace_lab.page, TRACE_LAB_PAGE,
					(off_t)i * TRACE_LAB_PAGE),
				 TRACE_LAB_PAGE);
}

/* How many of a kind have these flags, and sectors or none. */
size_t trace_lab_count(enum fb_block_kind kind, uint32_t flags, bool data)
{
	size_t n = 0;

	for (size_t i = 0; i < trace_lab.n_events; i++)
		n += trace_lab.events[i].kind == kind &&
		     (trace_lab.events[i].flags & flags) == flags &&
		     (trace_lab.events[i].sectors != 0) == data;
	return n;
}

void trace_lab_assert_ordered(void)
{
	for (size_t i = 1; i < trace_lab.n_events; i++)
		assert_true(trace_lab.events[i - 1].time_ns <=
			    trace_lab.events[i].time_ns);
}

void trace_lab_assert_of(const struct fb_disk *d)
{
	for (size_t i = 0; i < trace_lab.n_events; i++) {
		assert_int_equal(trace_lab.events[i].dev_major, d->dev_major);
		assert_int_equal(trace_lab.events[i].dev_minor, d->dev_minor);
	}
}

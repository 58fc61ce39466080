#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/fusefs.h"
#include "support/loopfs.h"
#include "support/need.h"
#include "support/nt_assert.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RW   (FILE_READ_DATA | FILE_WRITE_DATA)
#define SIZE 65536

static struct fusefs fuse;
static struct loopfs loop;
static char path[TMPDIR_LEN + 16];
static HANDLE file;
static const char *missing;
static char data[SIZE];

static int make_file(const char *dir)
{
	tmpdir_join(path, sizeof(path), dir, "file");
	if (fb_nt_open_file(path, RW, 0, FB_NT_CREATE, &file))
		return -1;
	return fb_nt_set_size(file, SIZE) ? -1 : 0;
}

static int setup_fuse(void **state)
{
	(void)state;
	missing = fusefs_missing();
	if (missing)
		return 0;
	return fusefs_mount(&fuse, true) ? -1 : make_file(fuse.dir);
}

/* No journal commit but those that a flush asks for. */
static int setup_loop(void **state)
{
	const struct loopfs_spec spec = {
		.type = "ext4", .bytes = 32 << 20, .options = "commit=300"};
	IO_STATUS_BLOCK iosb;

	(void)state;
	missing = loopfs_missing("ext4");
	if (missing)
		return 0;
	if (loopfs_mount(&loop, &spec) || make_file(loop.dir) ||
	    fb_nt_write(file, 0, data, SIZE, false))
		return -1;
	return NtFlushBuffersFile(file, &iosb);
}

static int teardown(void **state)
{
	(void)state;
	NtClose(file);
	file = NULL;
	fusefs_unmount(&fuse);
	loopfs_unmount(&loop);
	return 0;
}

static void write_all(void)
{
	memset(data, 'd', SIZE);
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 0, data, SIZE, false));
}

static void flush(ULONG flags)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	assert_status(STATUS_SUCCESS,
		      NtFlushBuffersFileEx(file, flags, NULL, 0, &iosb));
	assert_iosb(STATUS_SUCCESS, 0, iosb);
}

/* Requests that the file system received. */
static void assert_seen(uint64_t bytes, uint64_t fsyncs, uint64_t fdatasyncs)
{
	assert_int_equal(fuse.shared->bytes_written, bytes);
	assert_int_equal(fuse.shared->fsyncs, fsyncs);
	assert_int_equal(fuse.shared->fdatasyncs, fdatasyncs);
	fusefs_reset_counts(&fuse);
}

static void a_write_alone_stays_in_the_cache(void **state)
{
	(void)state;
	need(missing);
	write_all();
	assert_seen(0, 0, 0);
}

static void each_flag_asks_the_file_system_for_what_it_names(void **state)
{
	const struct {
		ULONG flags;
		uint64_t fsyncs;
		uint64_t fdatasyncs;
	} expected[] = {
		{0, 1, 0},
		{FLUSH_FLAGS_FILE_DATA_ONLY, 0, 0},
		{FLUSH_FLAGS_NO_SYNC, 0, 0},
		{FLUSH_FLAGS_FILE_DATA_SYNC_ONLY, 0, 1},
		{FLUSH_FLAGS_FLUSH_AND_PURGE, 1, 0},
	};

	(void)state;
	need(missing);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		write_all();
		assert_seen(0, 0, 0);
		flush(expected[i].flags);
		assert_seen(SIZE, expected[i].fsyncs, expected[i].fdatasyncs);
	}
}

static void no_sync_by_fsync_is_an_fsync(void **state)
{
	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, fb_nt_set_no_sync(file, FB_NT_NO_SYNC_FSYNC));
	write_all();
	flush(FLUSH_FLAGS_NO_SYNC);
	assert_seen(SIZE, 1, 0);
	/* Only that flag changes. */
	write_all();
	flush(FLUSH_FLAGS_FILE_DATA_ONLY);
	assert_seen(SIZE, 0, 0);
	assert_status(STATUS_SUCCESS, fb_nt_set_no_sync(file, FB_NT_NO_SYNC_RANGE));
	write_all();
	flush(FLUSH_FLAGS_NO_SYNC);
	assert_seen(SIZE, 0, 0);
}

static void a_refused_flush_does_no_io(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	HANDLE reader = NULL;

	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(path, FILE_READ_DATA, 0, FB_NT_OPEN, &reader));
	write_all();
	assert_status(STATUS_ACCESS_DENIED, NtFlushBuffersFile(reader, &iosb));
	assert_status(STATUS_ACCESS_DENIED,
		      NtFlushBuffersFileEx(reader, FLUSH_FLAGS_FILE_DATA_ONLY, NULL, 0,
					   &iosb));
	assert_status(STATUS_ACCESS_VIOLATION, NtFlushBuffersFile(file, NULL));
	assert_status(STATUS_ACCESS_VIOLATION,
		      NtFlushBuffersFileEx(file, FLUSH_FLAGS_NO_SYNC, NULL, 0, NULL));
	assert_status(STATUS_INVALID_PARAMETER,
		      NtFlushBuffersFileEx(file, 3, NULL, 0, &iosb));
	assert_status(STATUS_INVALID_PARAMETER,
		      NtFlushBuffersFileEx(file, 0, NULL, 1, &iosb));
	/* Closing would write the file out. */
	assert_seen(0, 0, 0);
	assert_status(STATUS_SUCCESS, NtClose(reader));
}

static void durable_write_syncs_data(void **state)
{
	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 0, data, SIZE, true));
	assert_seen(SIZE, 0, 1);
}

static void folder_flush_reaches_the_folder(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	HANDLE folder = NULL;

	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(fuse.dir, FILE_ADD_FILE, FILE_DIRECTORY_FILE,
				      FB_NT_OPEN, &folder));
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(folder, &iosb));
	assert_seen(0, 1, 0);
	assert_status(STATUS_SUCCESS, NtClose(folder));
}

static void view_flush_writes_the_range_and_no_more(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	size_t size = page;
	void *base = NULL;
	char *view;
	void *at;

	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, fb_nt_map_view(file, 0, SIZE, true, &base));
	view = base;
	view[0] = view[2 * page] = view[5 * page] = 1;
	fusefs_reset_counts(&fuse);
	at = view + 2 * page;
	assert_status(STATUS_SUCCESS,
		      NtFlushVirtualMemory(NtCurrentProcess(), &at, &size, &iosb));
	assert_seen(page, 0, 0);
	assert_status(STATUS_SUCCESS, fb_nt_msync(view + 5 * page, 1));
	assert_int_equal(fuse.shared->fsyncs + fuse.shared->fdatasyncs, 1);
	assert_true(fuse.shared->bytes_written >= page);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(view));
}

/* What the device received since the last call. */
static struct loopfs_io device_io(void)
{
	static struct loopfs_io before;
	struct loopfs_io now;
	struct loopfs_io gain;

	assert_false(loopfs_read_io(&loop, &now));
	gain.bytes_written = now.bytes_written - before.bytes_written;
	gain.flushes = now.flushes - before.flushes;
	before = now;
	return gain;
}

static void each_flag_empties_the_devices_cache_or_not(void **state)
{
	const struct {
		ULONG flags;
		bool empties;
	} expected[] = {
		{0, true},
		{FLUSH_FLAGS_FILE_DATA_ONLY, false},
		{FLUSH_FLAGS_NO_SYNC, false},
		{FLUSH_FLAGS_FILE_DATA_SYNC_ONLY, true},
		{FLUSH_FLAGS_FLUSH_AND_PURGE, true},
	};
	struct loopfs_io io;

	(void)state;
	need(missing);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		write_all();
		device_io();
		flush(expected[i].flags);
		io = device_io();
		assert_true(io.bytes_written >= SIZE);
		assert_int_equal(io.flushes > 0, expected[i].empties);
	}
}

static size_t pages_in_cache(void)
{
	unsigned char in_core[SIZE / 4096] = {0};
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	size_t n = 0;

	assert_ptr_not_equal(map, MAP_FAILED);
	assert_false(mincore(map, SIZE, in_core));
	for (size_t i = 0; i < sizeof(in_core); i++)
		n += in_core[i] & 1;
	munmap(map, SIZE);
	close(fd);
	return n;
}

static void purge_drops_the_cached_pages(void **state)
{
	(void)state;
	need(missing);
	write_all();
	flush(0);
	assert_int_equal(pages_in_cache(), SIZE / sysconf(_SC_PAGESIZE));
	flush(FLUSH_FLAGS_FLUSH_AND_PURGE);
	assert_int_equal(pages_in_cache(), 0);
}

static void volume_flush_writes_every_file_of_the_volume(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	struct loopfs_io io;
	HANDLE volume = NULL;

	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, fb_nt_open_volume(loop.dir, &volume));
	write_all();
	device_io();
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(volume, &iosb));
	assert_iosb(STATUS_SUCCESS, 0, iosb);
	io = device_io();
	assert_true(io.bytes_written >= SIZE);
	assert_true(io.flushes > 0);
	assert_status(STATUS_SUCCESS, NtClose(volume));
}

static void block_device_is_flushed_like_a_file(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	HANDLE device = NULL;
	uint64_t size = 0;

	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, fb_nt_open_file(loop.device, FILE_APPEND_DATA, 0,
						      FB_NT_OPEN, &device));
	assert_status(STATUS_SUCCESS, fb_nt_get_size(device, &size));
	assert_int_equal(size, 32 << 20);
	device_io();
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(device, &iosb));
	assert_true(device_io().flushes > 0);
	assert_status(STATUS_SUCCESS, NtClose(device));
}

int main(void)
{
#define FUSE(name) cmocka_unit_test_setup_teardown(name, setup_fuse, teardown)
#define LOOP(name) cmocka_unit_test_setup_teardown(name, setup_loop, teardown)
	const struct CMUnitTest tests[] = {
		FUSE(a_write_alone_stays_in_the_cache),
		FUSE(each_flag_asks_the_file_system_for_what_it_names),
		FUSE(no_sync_by_fsync_is_an_fsync),
		FUSE(a_refused_flush_does_no_io),
		FUSE(durable_write_syncs_data),
		FUSE(folder_flush_reaches_the_folder),
		FUSE(view_flush_writes_the_range_and_no_more),
		LOOP(each_flag_empties_the_devices_cache_or_not),
		LOOP(purge_drops_the_cached_pages),
		LOOP(volume_flush_writes_every_file_of_the_volume),
		LOOP(block_device_is_flushed_like_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * dax_probe.c - what the guest of `make check-dax` asks of a file, in one word
 *
 * dax_probe sync FILE    MAP_SYNC by our own mmap: is there persistent memory at all
 * dax_probe token FILE   a token through the seam for all of FILE, what it knows, and
 *                        who mapped the view
 * dax_probe sync_view FILE   what the routines that write a view back say to one of it
 * dax_probe write FILE   make or open FILE, store a pattern that is durable on return
 * dax_probe check FILE   the pattern is there
 * dax_probe hold FILE    claim it as a run does, until killed
 * dax_probe open FILE, dax_probe create FILE   status of opening it for writing
 *
 * Exit 0 when it is so, 1 when it is refused, 2 usage.
 */
#include "nt/nt.h"
#include "nt/objects.h"
#include "nt/view_table.h"
#include "path/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATTERN_BYTES = 1 << 20, FILL_BYTES = 4099, MAPPED_BYTES = 2 << 20 };

static unsigned char pattern[PATTERN_BYTES];

static void make_pattern(void)
{
	for (uint32_t i = 0; i < PATTERN_BYTES; i++)
		pattern[i] = (unsigned char)((i * 2654435761u) >> 24);
	memset(pattern + PATTERN_BYTES - FILL_BYTES, 0xa5, FILL_BYTES);
}

static int refused(const char *what, NTSTATUS status)
{
	printf("%s: %s (%s)\n", what, fb_nt_status_name(status),
	       strerror(fb_nt_os_error()));
	return 1;
}

static int sync_works(const char *name)
{
	int fd = open(name, O_RDWR);
	void *at;

	if (fd < 0) {
		printf("open: %s\n", strerror(errno));
		return 1;
	}
	at = mmap(NULL, MAPPED_BYTES, PROT_READ | PROT_WRITE,
		  MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0);
	printf("MAP_SYNC: %s\n", at == MAP_FAILED ? strerror(errno) : "granted");
	close(fd);
	return at == MAP_FAILED;
}

static NTSTATUS open_to_write(const char *name, enum fb_nt_disposition how, HANDLE *h)
{
	return fb_nt_open_file(name, FILE_READ_DATA | FILE_WRITE_DATA, 0, how, h);
}

/* A token for all of the file's first @length bytes. */
static int take(HANDLE file, size_t length, char **base, PVOID *token)
{
	void *at;
	NTSTATUS status = fb_nt_map_nv_view(file, 0, length, &at);

	if (!NT_SUCCESS(status))
		return refused("view", status);
	*base = at;
	status = RtlGetNonVolatileToken(at, length, token);
	return NT_SUCCESS(status) ? 0 : refused("token", status);
}

/* libpmem takes back itself what it mapped. */
static const char *mapped_by(const void *base)
{
	struct fb_nt_view *v = fb_nt_view_hold((uintptr_t)base);
	const char *who = v->unmap == munmap ? "the kernel" : fb_nt_libpmem();

	fb_nt_view_put(v);
	return who;
}

static int tell_token(const char *name)
{
	static const char *const granularities[] = {"page", "line", "byte"};
	const char *library = fb_nt_libpmem();
	struct fb_nt_nv_info info;
	uint64_t bytes;
	HANDLE file;
	char *base;
	PVOID token;
	NTSTATUS status = open_to_write(name, FB_NT_OPEN, &file);

	if (!NT_SUCCESS(status))
		return refused("open", status);
	if (fb_device_bytes(name, &bytes) || take(file, bytes, &base, &token))
		return 1;
	status = fb_nt_query_nv_token(token, &info);
	if (!NT_SUCCESS(status))
		return refused("query", status);
	printf("granularity %s, flush %s, emulated %d, libpmem %s, mapped by %s\n",
	       granularities[info.granularity], info.flush_name, info.emulated,
	       library ? library : "none", mapped_by(base));
	return 0;
}

static int tell_sync_view(const char *name)
{
	IO_STATUS_BLOCK iosb;
	NTSTATUS flushed, synced;
	SIZE_T length = MAPPED_BYTES;
	HANDLE file;
	PVOID at, token;
	char *base;
	NTSTATUS status = open_to_write(name, FB_NT_OPEN, &file);

	if (!NT_SUCCESS(status))
		return refused("open", status);
	if (take(file, MAPPED_BYTES, &base, &token))
		return 1;
	at = base;
	flushed = NtFlushVirtualMemory(NtCurrentProcess(), &at, &length, &iosb);
	synced = fb_nt_msync(base, MAPPED_BYTES);
	printf("%s %s\n", fb_nt_status_name(flushed), fb_nt_status_name(synced));
	return !NT_SUCCESS(flushed) || !NT_SUCCESS(synced);
}

/* Pieces of odd lengths, so that most begin and end inside a line. */
static NTSTATUS store(PVOID token, char *base)
{
	size_t end = PATTERN_BYTES - FILL_BYTES;
	NTSTATUS status = STATUS_SUCCESS;

	for (size_t at = 0, n = 1; at < end && NT_SUCCESS(status); at += n) {
		n = n * 3 % 8191;
		if (n > end - at)
			n = end - at;
		status = RtlWriteNonVolatileMemory(token, base + at, pattern + at, n,
						   WRITE_NV_MEMORY_FLAG_PERSIST);
	}
	if (!NT_SUCCESS(status))
		return status;
	return RtlFillNonVolatileMemory(token, base + end, FILL_BYTES, 0xa5,
					FILL_NV_MEMORY_FLAG_PERSIST);
}

/* Nothing is closed or synced: the stores alone must have done it. */
static int write_pattern(const char *name)
{
	bool is_new = access(name, F_OK) != 0;
	HANDLE file;
	char *base;
	PVOID token;
	NTSTATUS status = open_to_write(name, is_new ? FB_NT_CREATE : FB_NT_OPEN,
					&file);

	if (NT_SUCCESS(status) && is_new)
		status = fb_nt_set_size(file, MAPPED_BYTES);
	if (!NT_SUCCESS(status))
		return refused("open", status);
	if (take(file, MAPPED_BYTES, &base, &token))
		return 1;
	status = store(token, base);
	return NT_SUCCESS(status) ? 0 : refused("write", status);
}

static int check_pattern(const char *name)
{
	int fd = open(name, O_RDONLY);
	const unsigned char *at;
	size_t same = 0;

	if (fd < 0) {
		printf("open: %s\n", strerror(errno));
		return 1;
	}
	at = mmap(NULL, MAPPED_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (at == MAP_FAILED) {
		printf("mmap: %s\n", strerror(errno));
		return 1;
	}
	while (same < PATTERN_BYTES && at[same] == pattern[same])
		same++;
	printf("%zu of %d bytes are there\n", same, PATTERN_BYTES);
	return same < PATTERN_BYTES;
}

static int hold(const char *name)
{
	struct fb_err err;
	int claim;

	if (fb_claim_device(name, &claim, &err)) {
		printf("%s\n", err.text);
		return 1;
	}
	printf("held\n");
	fflush(stdout);
	for (;;)
		pause();
}

static int tell_open(const char *name, enum fb_nt_disposition how)
{
	HANDLE file;
	NTSTATUS status = open_to_write(name, how, &file);

	printf("%s\n", fb_nt_status_name(status));
	return !NT_SUCCESS(status);
}

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[1] : "";

	make_pattern();
	if (!strcmp(what, "sync"))
		return sync_works(argv[2]);
	if (!strcmp(what, "token"))
		return tell_token(argv[2]);
	if (!strcmp(what, "sync_view"))
		return tell_sync_view(argv[2]);
	if (!strcmp(what, "write"))
		return write_pattern(argv[2]);
	if (!strcmp(what, "check"))
		return check_pattern(argv[2]);
	if (!strcmp(what, "hold"))
		return hold(argv[2]);
	if (!strcmp(what, "open"))
		return tell_open(argv[2], FB_NT_OPEN);
	if (!strcmp(what, "create"))
		return tell_open(argv[2], FB_NT_CREATE);
	fprintf(stderr,
		"usage: dax_probe sync|token|sync_view|write|check|hold|open|create "
		"FILE\n");
	return 2;
}

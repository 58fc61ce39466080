#include "nt/file_linux.h"
#include "nt/nt.h"
#include "nt/probe.h"
#include "nt/status.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fb_nt_sync_range(int fd, uint64_t offset, uint64_t bytes)
{
	const unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
			     SYNC_FILE_RANGE_WAIT_AFTER;
	int ret;

	do {
		ret = sync_file_range(fd, (off_t)offset, (off_t)bytes, all);
	} while (ret && errno == EINTR);
	return ret ? errno : 0;
}

static int sync_with(int (*call)(int fd), int fd)
{
	int ret;

	do {
		ret = call(fd);
	} while (ret && errno == EINTR);
	return ret ? errno : 0;
}

static int sync_and_purge(int fd)
{
	const int err = sync_with(fsync, fd);

	return err ? err : posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* errno of the flush that @flags, already checked, ask for. */
static int flush(const struct fb_nt_file *f, ULONG flags)
{
	if (f->kind == FB_NT_VOLUME)
		return sync_with(syncfs, f->fd);
	switch (flags) {
	case FLUSH_FLAGS_FILE_DATA_ONLY:
		return fb_nt_sync_range(f->fd, 0, 0);
	case FLUSH_FLAGS_NO_SYNC:
		if (f->no_sync == FB_NT_NO_SYNC_RANGE)
			return fb_nt_sync_range(f->fd, 0, 0);
		return sync_with(fsync, f->fd);
	case FLUSH_FLAGS_FILE_DATA_SYNC_ONLY:
		return sync_with(fdatasync, f->fd);
	case FLUSH_FLAGS_FLUSH_AND_PURGE:
		return sync_and_purge(f->fd);
	default:
		return sync_with(fsync, f->fd);
	}
}

static bool flags_are_valid(enum fb_nt_file_kind kind, ULONG flags)
{
	switch (flags) {
	case 0:
		return true;
	case FLUSH_FLAGS_FILE_DATA_SYNC_ONLY:
		return kind == FB_NT_FILE;
	case FLUSH_FLAGS_FILE_DATA_ONLY:
	case FLUSH_FLAGS_NO_SYNC:
	case FLUSH_FLAGS_FLUSH_AND_PURGE:
		return kind != FB_NT_VOLUME;
	default:
		return false;
	}
}

static NTSTATUS flush_and_tell(const struct fb_nt_file *f, ULONG flags,
			       PIO_STATUS_BLOCK iosb)
{
	const int err = flush(f, flags);

	if (err)
		return fb_nt_told_media(err);
	iosb->Status = STATUS_SUCCESS;
	iosb->Information = 0;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtFlushBuffersFileEx(HANDLE FileHandle, ULONG Flags, PVOID Parameters,
				    ULONG ParametersSize,
				    PIO_STATUS_BLOCK IoStatusBlock)
{
	struct fb_nt_file *f;
	NTSTATUS status = fb_nt_file_get(FileHandle, &f);

	if (status)
		return status;
	if (!(f->access & FB_NT_WRITE_OR_APPEND))
		status = fb_nt_told(STATUS_ACCESS_DENIED);
	else if (Parameters || ParametersSize || !flags_are_valid(f->kind, Flags))
		status = fb_nt_told(STATUS_INVALID_PARAMETER);
	else if (!fb_nt_probe_write(IoStatusBlock, sizeof(*IoStatusBlock)))
		status = fb_nt_told(STATUS_ACCESS_VIOLATION);
	else
		status = flush_and_tell(f, Flags, IoStatusBlock);
	fb_nt_file_put(f);
	return status;
}

NTSTATUS NTAPI NtFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
	return NtFlushBuffersFileEx(FileHandle, 0, NULL, 0, IoStatusBlock);
}

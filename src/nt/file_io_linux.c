#include "nt/file_linux.h"

#include "nt/status.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* A failed read, write or change of size: the caller's mistakes, then the media. */
static NTSTATUS told_io(int err)
{
	if (err == EFAULT)
		return fb_nt_told_as(STATUS_ACCESS_VIOLATION, err);
	if (err == EINVAL)
		return fb_nt_told_as(STATUS_INVALID_PARAMETER, err);
	if (err == EOPNOTSUPP || err == ENOSYS)
		return fb_nt_told_as(STATUS_NOT_SUPPORTED, err);
	return fb_nt_told_media(err);
}

/* Hold a file for reading or writing bytes with one of the rights @any. */
static NTSTATUS get_for_io(HANDLE handle, ACCESS_MASK any, struct fb_nt_file **out)
{
	struct fb_nt_file *f;
	NTSTATUS status = fb_nt_file_get(handle, &f);

	if (status)
		return status;
	if (f->kind != FB_NT_FILE)
		status = fb_nt_told(STATUS_OBJECT_TYPE_MISMATCH);
	else if (!(f->access & any))
		status = fb_nt_told(STATUS_ACCESS_DENIED);
	if (status)
		fb_nt_file_put(f);
	else
		*out = f;
	return status;
}

static ssize_t write_once(int fd, struct iovec v, uint64_t offset, bool dsync)
{
	ssize_t n;

	do {
		n = dsync ? pwritev2(fd, &v, 1, (off_t)offset, RWF_DSYNC)
			  : pwrite(fd, v.iov_base, v.iov_len, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* A short write keeps its reason to itself; a second try brings it out. */
static NTSTATUS told_short(int fd, struct iovec v, size_t done, uint64_t offset)
{
	v.iov_base = (char *)v.iov_base + done;
	v.iov_len -= done;
	if (write_once(fd, v, offset + done, false) < 0)
		return fb_nt_told_media(errno);
	return fb_nt_told(STATUS_UNEXPECTED_IO_ERROR);
}

NTSTATUS fb_nt_write(HANDLE file, uint64_t offset, const void *data, size_t length,
		     bool dsync)
{
	const struct iovec v = {.iov_base = (void *)(uintptr_t)data, .iov_len = length};
	struct fb_nt_file *f;
	NTSTATUS status = get_for_io(file, FB_NT_WRITE_OR_APPEND, &f);
	ssize_t n;

	if (status)
		return status;
	/* pwritev2 takes -1 for the current position. */
	if (offset > INT64_MAX) {
		status = fb_nt_told(STATUS_INVALID_PARAMETER);
		goto out_put;
	}
	n = write_once(f->fd, v, offset, dsync);
	if (n < 0)
		status = told_io(errno);
	else if ((size_t)n < length)
		status = told_short(f->fd, v, (size_t)n, offset);
out_put:
	fb_nt_file_put(f);
	return status;
}

NTSTATUS fb_nt_read(HANDLE file, uint64_t offset, void *data, size_t length)
{
	struct fb_nt_file *f;
	NTSTATUS status = get_for_io(file, FILE_READ_DATA, &f);
	size_t done = 0;
	ssize_t n = 1;

	if (status)
		return status;
	while (done < length && n > 0) {
		n = pread(f->fd, (char *)data + done, length - done,
			  (off_t)(offset + done));
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		status = told_io(errno);
	else if (done < length)
		status = fb_nt_told(STATUS_UNEXPECTED_IO_ERROR);
	fb_nt_file_put(f);
	return status;
}

static int resize(int fd, uint64_t bytes)
{
	return ftruncate(fd, (off_t)bytes);
}

static int allocate(int fd, uint64_t bytes)
{
	return fallocate(fd, 0, 0, (off_t)bytes);
}

static NTSTATUS change(HANDLE file, uint64_t bytes, int (*call)(int fd, uint64_t bytes))
{
	struct fb_nt_file *f;
	NTSTATUS status = get_for_io(file, FB_NT_WRITE_OR_APPEND, &f);
	int ret;

	if (status)
		return status;
	do {
		ret = call(f->fd, bytes);
	} while (ret && errno == EINTR);
	if (ret)
		status = told_io(errno);
	fb_nt_file_put(f);
	return status;
}

NTSTATUS fb_nt_set_size(HANDLE file, uint64_t bytes)
{
	return change(file, bytes, resize);
}

NTSTATUS fb_nt_allocate(HANDLE file, uint64_t bytes)
{
	return change(file, bytes, allocate);
}

int fb_nt_file_size(int fd, uint64_t *bytes)
{
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	if (S_ISBLK(st.st_mode))
		return ioctl(fd, BLKGETSIZE64, bytes) ? errno : 0;
	*bytes = (uint64_t)st.st_size;
	return 0;
}

NTSTATUS fb_nt_get_size(HANDLE file, uint64_t *bytes)
{
	struct fb_nt_file *f;
	NTSTATUS status = fb_nt_file_get(file, &f);
	int err;

	if (status)
		return status;
	if (f->kind == FB_NT_FILE) {
		err = fb_nt_file_size(f->fd, bytes);
		status = err ? fb_nt_told_media(err) : STATUS_SUCCESS;
	} else {
		status = fb_nt_told(STATUS_OBJECT_TYPE_MISMATCH);
	}
	fb_nt_file_put(f);
	return status;
}

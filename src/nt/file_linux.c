#include "nt/file_linux.h"

#include "nt/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALL_ACCESS (FILE_READ_DATA | FB_NT_WRITE_OR_APPEND)
#define ALL_OPTIONS                                                                    \
	(FILE_DIRECTORY_FILE | FILE_WRITE_THROUGH | FILE_NO_INTERMEDIATE_BUFFERING)

static void release(struct fb_nt_object *o)
{
	struct fb_nt_file *f = (struct fb_nt_file *)o;

	close(f->fd);
	free(f);
}

/* @fd is the handle's from then on; closed on failure. */
static NTSTATUS give_handle(int fd, enum fb_nt_file_kind kind, ACCESS_MASK access,
			    HANDLE *out)
{
	struct fb_nt_file *f = calloc(1, sizeof(*f));
	NTSTATUS status;

	if (!f) {
		status = fb_nt_told_as(STATUS_INSUFFICIENT_RESOURCES, ENOMEM);
	} else {
		f->o.type = FB_NT_OBJECT_FILE;
		f->o.release = release;
		f->fd = fd;
		f->kind = kind;
		f->access = access;
		f->no_sync = FB_NT_NO_SYNC_RANGE;
		status = fb_nt_object_add(&f->o, out);
	}
	if (status) {
		free(f);
		close(fd);
	}
	return status;
}

NTSTATUS fb_nt_file_get(HANDLE handle, struct fb_nt_file **out)
{
	struct fb_nt_object *o;
	const NTSTATUS status = fb_nt_object_get(handle, FB_NT_OBJECT_FILE, &o);

	if (!status)
		*out = (struct fb_nt_file *)o;
	return status;
}

void fb_nt_file_put(struct fb_nt_file *f)
{
	fb_nt_object_put(&f->o);
}

static int file_flags(ACCESS_MASK access, ULONG options)
{
	int flags = O_CLOEXEC | O_NOCTTY;

	if (!(access & FB_NT_WRITE_OR_APPEND))
		flags |= O_RDONLY;
	else
		flags |= access & FILE_READ_DATA ? O_RDWR : O_WRONLY;
	if ((access & FB_NT_WRITE_OR_APPEND) == FILE_APPEND_DATA)
		flags |= O_APPEND;
	if (options & FILE_WRITE_THROUGH)
		flags |= O_DSYNC;
	if (options & FILE_NO_INTERMEDIATE_BUFFERING)
		flags |= O_DIRECT;
	return flags;
}

/* A folder can only be opened for reading, so its write access is asked for here. */
static NTSTATUS open_folder(const char *path, ACCESS_MASK access, int *out)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return fb_nt_told_name(errno);
	if (access & FB_NT_WRITE_OR_APPEND && faccessat(fd, ".", W_OK, AT_EACCESS)) {
		err = errno;
		close(fd);
		return fb_nt_told_name(err);
	}
	*out = fd;
	return STATUS_SUCCESS;
}

static NTSTATUS create_folder(const char *path, ACCESS_MASK access, int *out)
{
	NTSTATUS status;

	if (mkdir(path, 0777))
		return fb_nt_told_name(errno);
	status = open_folder(path, access, out);
	if (status)
		rmdir(path);
	return status;
}

static NTSTATUS check_no_folder(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return fb_nt_told_media(errno);
	if (S_ISDIR(st.st_mode))
		return fb_nt_told(STATUS_FILE_IS_A_DIRECTORY);
	return STATUS_SUCCESS;
}

static NTSTATUS open_regular(const char *path, ACCESS_MASK access, ULONG options,
			     enum fb_nt_disposition how, int *out)
{
	const int make = how == FB_NT_CREATE ? O_CREAT | O_EXCL : 0;
	const int fd = open(path, file_flags(access, options) | make, 0666);
	NTSTATUS status = STATUS_SUCCESS;
	int err;

	if (fd < 0) {
		err = errno;
		/* The kernel makes the file before it learns that it has no direct I/O.
		 */
		if (make && err == EINVAL)
			unlink(path);
		return fb_nt_told_name(err);
	}
	if (!make)
		status = check_no_folder(fd);
	if (status)
		close(fd);
	else
		*out = fd;
	return status;
}

static NTSTATUS check_open(const char *path, ACCESS_MASK access, ULONG options,
			   enum fb_nt_disposition how)
{
	const ULONG no_folder = FILE_DIRECTORY_FILE | FILE_NO_INTERMEDIATE_BUFFERING;

	if (!path || !access || access & ~ALL_ACCESS || options & ~ALL_OPTIONS ||
	    (options & no_folder) == no_folder ||
	    (how != FB_NT_OPEN && how != FB_NT_CREATE))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

static NTSTATUS open_either(const char *path, ACCESS_MASK access, ULONG options,
			    enum fb_nt_disposition how, int *fd)
{
	if (!(options & FILE_DIRECTORY_FILE))
		return open_regular(path, access, options, how, fd);
	return how == FB_NT_CREATE ? create_folder(path, access, fd)
				   : open_folder(path, access, fd);
}

static void remove_created(const char *path, ULONG options)
{
	if (options & FILE_DIRECTORY_FILE)
		rmdir(path);
	else
		unlink(path);
}

NTSTATUS fb_nt_open_file(const char *path, ACCESS_MASK access, ULONG options,
			 enum fb_nt_disposition how, HANDLE *out)
{
	const bool folder = options & FILE_DIRECTORY_FILE;
	NTSTATUS status = check_open(path, access, options, how);
	int fd = -1;

	if (!status)
		status = open_either(path, access, options, how, &fd);
	if (status)
		return status;
	status = give_handle(fd, folder ? FB_NT_FOLDER : FB_NT_FILE, access, out);
	if (status && how == FB_NT_CREATE)
		remove_created(path, options);
	return status;
}

static NTSTATUS check_mount_root(int fd)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &stx))
		return fb_nt_told_media(errno);
	if (!(stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return fb_nt_told(STATUS_NOT_SUPPORTED);
	if (!(stx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

NTSTATUS fb_nt_open_volume(const char *mount_point, HANDLE *out)
{
	NTSTATUS status;
	int fd;

	if (!mount_point)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	status = open_folder(mount_point, FILE_WRITE_DATA, &fd);
	if (status)
		return status;
	status = check_mount_root(fd);
	if (!status)
		return give_handle(fd, FB_NT_VOLUME, FILE_WRITE_DATA, out);
	close(fd);
	return status;
}

static NTSTATUS open_memory(uint64_t bytes, int *fd)
{
	const int new = memfd_create("flushbench", MFD_CLOEXEC);
	int err;

	if (new < 0)
		return fb_nt_told_name(errno);
	if (bytes > INT64_MAX || ftruncate(new, (off_t)bytes)) {
		err = bytes > INT64_MAX ? EINVAL : errno;
		close(new);
		return err == EINVAL || err == EFBIG
			       ? fb_nt_told_as(STATUS_INVALID_PARAMETER, err)
			       : fb_nt_told_media(err);
	}
	*fd = new;
	return STATUS_SUCCESS;
}

NTSTATUS fb_nt_create_memory(uint64_t bytes, HANDLE *out)
{
	int fd = -1;
	const NTSTATUS status = open_memory(bytes, &fd);

	if (status)
		return status;
	return give_handle(fd, FB_NT_FILE, FILE_READ_DATA | FILE_WRITE_DATA, out);
}

NTSTATUS fb_nt_set_no_sync(HANDLE file, enum fb_nt_no_sync method)
{
	struct fb_nt_file *f;
	NTSTATUS status = fb_nt_file_get(file, &f);

	if (status)
		return status;
	if (method == FB_NT_NO_SYNC_RANGE || method == FB_NT_NO_SYNC_FSYNC)
		f->no_sync = method;
	else
		status = fb_nt_told(STATUS_INVALID_PARAMETER);
	fb_nt_file_put(f);
	return status;
}

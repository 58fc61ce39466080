#include "nt/status.h"

#include "nt/objects.h"

#include <errno.h>
#include <stddef.h>

struct meaning {
	int err;
	NTSTATUS status;
};

static const struct meaning media[] = {
	{EROFS, STATUS_MEDIA_WRITE_PROTECTED},
	{ENODEV, STATUS_VOLUME_DISMOUNTED},
	{ENXIO, STATUS_VOLUME_DISMOUNTED},
	{ENOTCONN, STATUS_VOLUME_DISMOUNTED},
	{ESHUTDOWN, STATUS_VOLUME_DISMOUNTED},
	{ECONNABORTED, STATUS_VOLUME_DISMOUNTED},
	{EIO, STATUS_IO_DEVICE_ERROR},
	{ENOSPC, STATUS_DISK_FULL},
	{EDQUOT, STATUS_DISK_FULL},
	{ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
	{0, STATUS_UNEXPECTED_IO_ERROR},
};

/* What only a name can get wrong; the rest means the same as on an open file. */
static const struct meaning names[] = {
	{ENOENT, STATUS_OBJECT_NAME_NOT_FOUND},
	{EEXIST, STATUS_OBJECT_NAME_COLLISION},
	{EACCES, STATUS_ACCESS_DENIED},
	{EPERM, STATUS_ACCESS_DENIED},
	{ETXTBSY, STATUS_ACCESS_DENIED},
	{EISDIR, STATUS_FILE_IS_A_DIRECTORY},
	{ENOTDIR, STATUS_NOT_A_DIRECTORY},
	{EMFILE, STATUS_TOO_MANY_OPENED_FILES},
	{ENFILE, STATUS_TOO_MANY_OPENED_FILES},
	{EINVAL, STATUS_INVALID_PARAMETER},
	{ENAMETOOLONG, STATUS_INVALID_PARAMETER},
	{ELOOP, STATUS_INVALID_PARAMETER},
	{0, STATUS_SUCCESS},
};

static const struct meaning trees[] = {
	{ENOENT, STATUS_OBJECT_NAME_NOT_FOUND}, {EROFS, STATUS_ACCESS_DENIED},
	{ENOTEMPTY, STATUS_CANNOT_DELETE},      {EINVAL, STATUS_INVALID_PARAMETER},
	{ENOSPC, STATUS_REGISTRY_QUOTA_LIMIT},  {ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
	{0, STATUS_REGISTRY_CORRUPT},
};

static const struct meaning hives[] = {
	{EBADMSG, STATUS_REGISTRY_CORRUPT},
	{EROFS, STATUS_MEDIA_WRITE_PROTECTED},
	{ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
	{0, STATUS_REGISTRY_IO_FAILED},
};

static _Thread_local int os_error;

static NTSTATUS look_up(const struct meaning *m, int err)
{
	while (m->err && m->err != err)
		m++;
	return m->status;
}

int fb_nt_os_error(void)
{
	return os_error;
}

NTSTATUS fb_nt_told_as(NTSTATUS status, int err)
{
	os_error = err;
	return status;
}

NTSTATUS fb_nt_told(NTSTATUS status)
{
	return fb_nt_told_as(status, 0);
}

NTSTATUS fb_nt_told_media(int err)
{
	return fb_nt_told_as(look_up(media, err), err);
}

NTSTATUS fb_nt_told_name(int err)
{
	const NTSTATUS status = look_up(names, err);

	return status ? fb_nt_told_as(status, err) : fb_nt_told_media(err);
}

NTSTATUS fb_nt_told_tree(int err)
{
	return fb_nt_told_as(look_up(trees, err), err);
}

NTSTATUS fb_nt_told_hive(int err)
{
	return fb_nt_told_as(look_up(hives, err), err);
}

#include "nt/objects.h"

#include <errno.h>
#include <stdio.h>

struct status {
	NTSTATUS value;
	const char *name;
	int err;
};

#define STATUS(name, err)                                                              \
	{                                                                              \
		STATUS_##name, "STATUS_" #name, err                                    \
	}

static const struct status known[] = {
	STATUS(SUCCESS, 0),
	STATUS(CACHE_PAGE_LOCKED, 0),
	STATUS(PENDING, 0),
	STATUS(NO_MORE_ENTRIES, -ENOENT),
	STATUS(UNSUCCESSFUL, -EIO),
	STATUS(NOT_IMPLEMENTED, -ENOSYS),
	STATUS(INFO_LENGTH_MISMATCH, -EINVAL),
	STATUS(ACCESS_VIOLATION, -EFAULT),
	STATUS(INVALID_HANDLE, -EBADF),
	STATUS(INVALID_PARAMETER, -EINVAL),
	STATUS(NO_SUCH_FILE, -ENOENT),
	STATUS(INVALID_DEVICE_REQUEST, -ENOSYS),
	STATUS(NO_MEMORY, -ENOMEM),
	STATUS(NOT_MAPPED_VIEW, -EINVAL),
	STATUS(ACCESS_DENIED, -EACCES),
	STATUS(BUFFER_TOO_SMALL, -ENOBUFS),
	STATUS(OBJECT_TYPE_MISMATCH, -EBADF),
	STATUS(OBJECT_NAME_INVALID, -EINVAL),
	STATUS(OBJECT_NAME_NOT_FOUND, -ENOENT),
	STATUS(OBJECT_NAME_COLLISION, -EEXIST),
	STATUS(SHARING_VIOLATION, -EBUSY),
	STATUS(FILE_LOCK_CONFLICT, -EAGAIN),
	STATUS(DISK_FULL, -ENOSPC),
	STATUS(NOT_MAPPED_DATA, -EINVAL),
	STATUS(INSUFFICIENT_RESOURCES, -ENOMEM),
	STATUS(MEDIA_WRITE_PROTECTED, -EROFS),
	STATUS(FILE_IS_A_DIRECTORY, -EISDIR),
	STATUS(NOT_SUPPORTED, -ENOTSUP),
	STATUS(UNEXPECTED_IO_ERROR, -EIO),
	STATUS(INVALID_PARAMETER_2, -EINVAL),
	STATUS(NOT_A_DIRECTORY, -ENOTDIR),
	STATUS(PROCESS_IS_TERMINATING, -ESRCH),
	STATUS(TOO_MANY_OPENED_FILES, -EMFILE),
	STATUS(CANNOT_DELETE, -ENOTEMPTY),
	STATUS(REGISTRY_CORRUPT, -EIO),
	STATUS(REGISTRY_IO_FAILED, -EIO),
	STATUS(KEY_DELETED, -ENOENT),
	STATUS(IO_DEVICE_ERROR, -EIO),
	STATUS(REGISTRY_QUOTA_LIMIT, -ENOSPC),
	STATUS(VOLUME_DISMOUNTED, -ENODEV),
	STATUS(HIVE_UNLOADED, -ENODEV),
};

static const struct status *find(NTSTATUS status)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].value == status)
			return &known[i];
	return NULL;
}

const char *fb_nt_status_name(NTSTATUS status)
{
	static _Thread_local char hex[sizeof("0xC0000001")];
	const struct status *s = find(status);

	if (s)
		return s->name;
	snprintf(hex, sizeof(hex), "0x%08X", (unsigned)status);
	return hex;
}

int fb_nt_errno(NTSTATUS status)
{
	const struct status *s = find(status);

	if (NT_SUCCESS(status))
		return 0;
	return s ? s->err : -EIO;
}

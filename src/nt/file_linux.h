/*
 * file_linux.h - what a file handle stands for
 */
#ifndef FB_NT_FILE_LINUX_H
#define FB_NT_FILE_LINUX_H

#include "nt/handle.h"
#include "nt/objects.h"

#define FB_NT_WRITE_OR_APPEND (FILE_WRITE_DATA | FILE_APPEND_DATA)

enum fb_nt_file_kind { FB_NT_FILE, FB_NT_FOLDER, FB_NT_VOLUME };

/* struct fb_nt_file - @o is first, so that a pointer to one is one to the other */
struct fb_nt_file {
	struct fb_nt_object o;
	int fd;
	enum fb_nt_file_kind kind;
	ACCESS_MASK access;
	enum fb_nt_no_sync no_sync;
};

/*
 * fb_nt_file_get - hold a file, folder or volume; fb_nt_file_put gives it back
 *
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH.
 */
NTSTATUS fb_nt_file_get(HANDLE handle, struct fb_nt_file **out);

/* fb_nt_file_put - give back what fb_nt_file_get handed out */
void fb_nt_file_put(struct fb_nt_file *f);

/* fb_nt_file_size - errno of the attempt, 0 on success */
int fb_nt_file_size(int fd, uint64_t *bytes);

/* fb_nt_sync_range - data of a range out, no metadata, no device flush; errno or 0 */
int fb_nt_sync_range(int fd, uint64_t offset, uint64_t bytes);

#endif

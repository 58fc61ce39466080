#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/view_rig.h"

#include "nt/nt.h"
#include "support/nt_assert.h"

#include <unistd.h>

struct view_rig view_rig;

int view_rig_make(size_t pages)
{
	struct view_rig *r = &view_rig;
	void *base;

	r->page = (size_t)sysconf(_SC_PAGESIZE);
	if (tmpdir_make(r->folder))
		return -1;
	tmpdir_join(r->path, sizeof(r->path), r->folder, "file");
	if (fb_nt_open_file(r->path, FILE_READ_DATA | FILE_WRITE_DATA, 0, FB_NT_CREATE,
			    &r->file) ||
	    fb_nt_set_size(r->file, pages * r->page) ||
	    fb_nt_map_view(r->file, 0, pages * r->page, false, &base))
		return -1;
	r->view = base;
	return 0;
}

int view_rig_leave(void **state)
{
	(void)state;
	fb_nt_unmap_view(view_rig.view);
	NtClose(view_rig.file);
	tmpdir_remove(view_rig.folder);
	view_rig = (struct view_rig){.page = view_rig.page};
	return 0;
}

void assert_view_refused(NTSTATUS expected, HANDLE process, void *at, size_t bytes)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	void *base = at;
	size_t size = bytes;

	assert_status(expected, NtFlushVirtualMemory(process, &base, &size, &iosb));
	assert_int_equal(fb_nt_os_error(), 0);
	assert_ptr_equal(base, at);
	assert_int_equal(size, bytes);
	assert_iosb_untouched(iosb);
}

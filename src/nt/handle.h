/*
 * handle.h - the object table behind the handles of a system that has none of its own
 *
 * A handle is an index and a generation: a closed or invented one is told and
 * never dereferenced. An object lives until its handle is closed and nobody holds
 * it. Every function may be called from any thread; get and put take no lock and
 * allocate nothing.
 */
#ifndef FB_NT_HANDLE_H
#define FB_NT_HANDLE_H

#include "nt/nt_types.h"

/* Objects that may live at once. */
#define FB_NT_OBJECTS_MAX 65536

enum fb_nt_object_type {
	FB_NT_OBJECT_FILE,
	FB_NT_OBJECT_PROCESS,
	FB_NT_OBJECT_KEY,
};

/*
 * struct fb_nt_object - first member of whatever a handle stands for
 * @release: called once, when the handle is closed and the last holder has put it
 * @slot:    the table's own
 */
struct fb_nt_object {
	enum fb_nt_object_type type;
	void (*release)(struct fb_nt_object *o);
	uint32_t slot;
};

/*
 * fb_nt_object_add - give @o a handle; the table owns it from then on
 *
 * STATUS_TOO_MANY_OPENED_FILES when the table is full: @o is still the caller's.
 */
NTSTATUS fb_nt_object_add(struct fb_nt_object *o, HANDLE *out);

/*
 * fb_nt_object_get - hold the object of a handle; fb_nt_object_put gives it back
 *
 * STATUS_INVALID_HANDLE, or STATUS_OBJECT_TYPE_MISMATCH (NtCurrentProcess(), which
 * is no table entry, included).
 */
NTSTATUS fb_nt_object_get(HANDLE handle, enum fb_nt_object_type type,
			  struct fb_nt_object **out);

/* fb_nt_object_put - give back what fb_nt_object_get handed out */
void fb_nt_object_put(struct fb_nt_object *o);

/*
 * fb_nt_object_close - end a handle of one type
 *
 * As fb_nt_object_get. Of two closing at once one is told STATUS_INVALID_HANDLE.
 */
NTSTATUS fb_nt_object_close(HANDLE handle, enum fb_nt_object_type type);

#endif

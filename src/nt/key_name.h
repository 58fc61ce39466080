/*
 * key_name.h - names as they are handed in, and as a hive takes them
 */
#ifndef FB_NT_KEY_NAME_H
#define FB_NT_KEY_NAME_H

#include "hive/name.h"
#include "nt/nt_types.h"

/* struct fb_nt_name_room - for the units of one name; a stack has it to spare */
struct fb_nt_name_room {
	uint16_t units[FB_VALUE_NAME_MAX];
};

/*
 * fb_nt_name - UTF-8 as UTF-16 in @room
 *
 * STATUS_INVALID_PARAMETER for NULL, STATUS_OBJECT_NAME_INVALID.
 */
NTSTATUS fb_nt_name(const char *text, struct fb_nt_name_room *room,
		    struct fb_hive_name *out);

/* fb_nt_path - the same, and each part is a key's name; or there is none at all */
NTSTATUS fb_nt_path(const char *text, struct fb_nt_name_room *room,
		    struct fb_hive_name *out);

/* fb_nt_path_part - take the first part and its backslash off @path */
struct fb_hive_name fb_nt_path_part(struct fb_hive_name *path);

#endif

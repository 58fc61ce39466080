#include "nt/key_name.h"

#include "nt/status.h"

#include <errno.h>

NTSTATUS fb_nt_name(const char *text, struct fb_nt_name_room *room,
		    struct fb_hive_name *out)
{
	int n;

	if (!text)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	n = fb_name_from_utf8(text, room->units, FB_VALUE_NAME_MAX);
	if (n < 0)
		return fb_nt_told_as(STATUS_OBJECT_NAME_INVALID, -n);
	out->units = room->units;
	out->n = (size_t)n;
	return STATUS_SUCCESS;
}

struct fb_hive_name fb_nt_path_part(struct fb_hive_name *path)
{
	struct fb_hive_name part = {path->units, 0};
	size_t taken;

	while (part.n < path->n && path->units[part.n] != '\\')
		part.n++;
	taken = part.n < path->n ? part.n + 1 : part.n;
	path->units += taken;
	path->n -= taken;
	return part;
}

static bool is_path(struct fb_hive_name path)
{
	struct fb_hive_name part;

	if (path.n && path.units[path.n - 1] == '\\')
		return false;
	while (path.n) {
		part = fb_nt_path_part(&path);
		if (!part.n || part.n > FB_KEY_NAME_MAX)
			return false;
	}
	return true;
}

NTSTATUS fb_nt_path(const char *text, struct fb_nt_name_room *room,
		    struct fb_hive_name *out)
{
	struct fb_hive_name path = {NULL, 0};
	const NTSTATUS status = fb_nt_name(text, room, &path);

	if (status)
		return status;
	if (!is_path(path))
		return fb_nt_told(STATUS_OBJECT_NAME_INVALID);
	*out = path;
	return STATUS_SUCCESS;
}

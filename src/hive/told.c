#include "hive/told.h"

#include <errno.h>
#include <string.h>

enum { NAME_SHOWN = 300 };

/* The end of a long name says most, and the advice after it must not be cut off. */
static const char *end_of(const char *name)
{
	size_t n = strlen(name);

	return n > NAME_SHOWN ? name + n - NAME_SHOWN : name;
}

int fb_told_file(struct fb_err *err, int code, const char *name)
{
	const char *end = end_of(name);

	if (!*name)
		return fb_err_set(err, code,
				  "a hive with an empty name cannot be; name its file");
	switch (code) {
	case -ENOENT:
		return fb_err_set(err, code,
				  "%s: there is no such hive; check its name", end);
	case -EEXIST:
		return fb_err_set(err, code,
				  "%s is there already; move it away, or name another "
				  "hive",
				  end);
	case -EISDIR:
		return fb_err_set(err, code, "%s is a folder; name a hive in it", end);
	case -EINVAL:
		return fb_err_set(err, code, "%s is no regular file; name a hive", end);
	case -ENAMETOOLONG:
		return fb_err_set(err, code,
				  "%s: a hive's name and those of its logs must not be "
				  "so long; use a shorter one",
				  end);
	case -ELOOP:
		return fb_err_set(err, code,
				  "%s: symbolic links lead round in a circle; name the "
				  "hive itself",
				  end);
	case -EBUSY:
		return fb_err_set(err, code,
				  "%s is in use by another process; try again when "
				  "that has closed it",
				  end);
	default:
		return fb_err_set(err, code,
				  "%s cannot be opened: %s; check its rights and those "
				  "of its folder",
				  end, strerror(-code));
	}
}

int fb_told_log(struct fb_err *err, int code, const char *name)
{
	const char *end = end_of(name);

	switch (code) {
	case -EEXIST:
		return fb_err_set(err, code,
				  "%s is no log, and the hive needs one of that name; "
				  "move it away",
				  end);
	case -EISDIR:
	case -EINVAL:
		return fb_err_set(err, code,
				  "%s is no regular file, and the hive needs a log of "
				  "that name; move it away",
				  end);
	case -ELOOP:
		return fb_err_set(err, code,
				  "%s is a symbolic link, and logs are not written "
				  "through one; put the log itself in its place, or "
				  "move the link away",
				  end);
	case -ENOMEM:
		return fb_err_set(err, code, "%s: there is no memory for this log",
				  end);
	default:
		return fb_err_set(err, code,
				  "%s: the log cannot be read or made: %s; check its "
				  "rights, those of its folder, and the disk",
				  end, strerror(-code));
	}
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int fb_told_lost_logs(struct fb_err *err, const char *hive, const char *log1,
		      const char *log2)
{
	return fb_err_set(err, -ENODATA,
			  "%s is dirty, and neither %s nor %s beside it holds what it "
			  "lacks; put its logs there, or, if they are lost, take it as "
			  "it lies: `flushbench hive recover --without-logs`",
			  end_of(hive), last_part(log1), last_part(log2));
}

#include "device/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int fb_sysfs_read(char *out, size_t room, const char *fmt, ...)
{
	char path[PATH_MAX], line[4096];
	ssize_t got;
	size_t len;
	va_list ap;
	int fd;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, line, sizeof(line) - 1);
	if (got < 0)
		got = -errno;
	close(fd);
	if (got <= 0)
		return got ? (int)got : -ENODATA;
	line[got] = '\0';
	len = strcspn(line, "\n");
	while (len && strchr(" \t", line[len - 1]))
		len--;
	if (len >= room)
		len = room - 1;
	memcpy(out, line, len);
	out[len] = '\0';
	return 0;
}

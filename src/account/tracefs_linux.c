#include "account/trace_format.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A format file is about 1.5 KiB. */
enum { TEXT_MAX = 16384 };

static const char *const events[FB_BLOCK_KINDS] = {
	[FB_BLOCK_QUEUE] = "block_bio_queue",
	[FB_BLOCK_ISSUE] = "block_rq_issue",
	[FB_BLOCK_COMPLETE] = "block_rq_complete",
	[FB_BLOCK_REQUEUE] = "block_rq_requeue",
	[FB_BLOCK_BIO_DONE] = "block_bio_complete",
};

/*
 * A mount that has no place in any folder goes away with its descriptor, also when we
 * are killed, and nobody else sees it.
 */
static int mount_nowhere(void)
{
	const int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	int fd = -1;
	int ret;

	if (fs < 0)
		return -errno;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	ret = fd < 0 ? -errno : fd;
	close(fs);
	return ret;
}

/* The folder of the block events, or -errno: the first place that has it. */
static int open_events(void)
{
	static const char *const mounted[] = {
		"/sys/kernel/tracing/events/block",
		"/sys/kernel/debug/tracing/events/block",
	};
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int top;
	int fd;

	for (size_t i = 0; i < sizeof(mounted) / sizeof(*mounted); i++) {
		fd = open(mounted[i], flags);
		if (fd >= 0)
			return fd;
	}
	top = mount_nowhere();
	if (top < 0)
		return top;
	fd = openat(top, "events/block", flags);
	if (fd < 0)
		fd = -errno;
	close(top);
	return fd;
}

static int read_all(int fd, char **out)
{
	char *text = malloc(TEXT_MAX);
	size_t len = 0;
	ssize_t got = 1;

	if (!text)
		return -ENOMEM;
	while (len < TEXT_MAX - 1 && got > 0) {
		got = read(fd, text + len, TEXT_MAX - 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0) {
		const int ret = -errno;

		free(text);
		return ret;
	}
	text[len] = '\0';
	*out = text;
	return 0;
}

/* NULL and 0 where the kernel has no such event. */
static int read_format(int folder, const char *event, char **out)
{
	char path[64];
	int ret;
	int fd;

	snprintf(path, sizeof(path), "%s/format", event);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	ret = read_all(fd, out);
	close(fd);
	return ret;
}

static int explain(struct fb_err *err, int code)
{
	switch (code) {
	case -EACCES:
	case -EPERM:
		return fb_err_set(
			err, code,
			"tracefs cannot be read: %s; run as root, or mount it on "
			"/sys/kernel/tracing and let this user read its events",
			strerror(-code));
	case -ENOMEM:
		return fb_err_set(err, code, "tracefs cannot be read: out of memory");
	case -ENOSYS:
		return fb_err_set(err, -ENODEV,
				  "tracefs is not mounted; mount it: mount -t tracefs "
				  "nodev /sys/kernel/tracing");
	case -ENOENT:
	case -ENODEV:
		return fb_err_set(
			err, -ENODEV,
			"this kernel has no block tracepoints; take one built "
			"with CONFIG_BLK_DEV_IO_TRACE");
	default:
		return fb_err_set(err, code,
				  "tracefs cannot be read: %s; is it mounted "
				  "on /sys/kernel/tracing?",
				  strerror(-code));
	}
}

int fb_tracefs_formats(char *out[FB_BLOCK_KINDS], struct fb_err *err)
{
	const int folder = open_events();
	char *text[FB_BLOCK_KINDS] = {0};
	int ret = folder < 0 ? folder : 0;

	for (size_t i = 0; !ret && i < FB_BLOCK_KINDS; i++)
		ret = read_format(folder, events[i], &text[i]);
	if (folder >= 0)
		close(folder);
	if (!ret) {
		memcpy(out, text, sizeof(text));
		return 0;
	}
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++)
		free(text[i]);
	return explain(err, ret);
}

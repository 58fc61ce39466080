#include "device/cache_note.h"

#include "device/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Held for moments only; whoever holds it for long must not hold us up as well. */
static int lock_soon(int fd)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	for (int i = 0; i < 300; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return -EBUSY;
}

int fb_note_lock(bool make)
{
	int fd, ret;

	if (make) {
		/* Whatever the umask: other users' runs ask here too. */
		if (!mkdir(FB_NOTE_DIR, 0755))
			chmod(FB_NOTE_DIR, 0755);
		else if (errno != EEXIST)
			return -errno;
	}
	fd = open(FB_NOTE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = lock_soon(fd);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

/* Said aloud, for a process forked meanwhile holds the same open file. */
void fb_note_unlock(int fd)
{
	flock(fd, LOCK_UN);
	close(fd);
}

void fb_note_path(char out[FB_NOTE_PATH], unsigned dev_major, unsigned dev_minor)
{
	snprintf(out, FB_NOTE_PATH, FB_NOTE_DIR "/" FB_NOTE_PREFIX "%u:%u", dev_major,
		 dev_minor);
}

static int write_text(const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t put;
	int ret = 0;

	if (fd < 0)
		return -errno;
	fchmod(fd, 0644);
	put = write(fd, text, len);
	if (put < 0)
		ret = -errno;
	else if ((size_t)put != len)
		ret = -ENOSPC;
	else if (fsync(fd))
		ret = -errno;
	close(fd);
	return ret;
}

static int sync_folder(void)
{
	int fd = open(FB_NOTE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd))
		ret = -errno;
	close(fd);
	return ret;
}

static int may_write(const char *folder)
{
	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) ? -errno : 0;
}

int fb_note_writable(void)
{
	int ret = may_write(FB_NOTE_DIR);

	return ret == -ENOENT ? may_write(FB_NOTE_PARENT) : ret;
}

/* A link, not a rename: it refuses to replace the note of another run. */
int fb_note_create(const struct fb_cache_note *n)
{
	static const char draft[] = FB_NOTE_DIR "/.draft";
	char path[FB_NOTE_PATH], text[512];
	int ret;

	fb_note_path(path, n->dev_major, n->dev_minor);
	snprintf(text, sizeof(text),
		 "disk %s\nnumber %u:%u\ndiskseq %" PRIu64 "\nwas %s\nrun %d\n"
		 "guardian %d %" PRIu64 "\n",
		 n->disk, n->dev_major, n->dev_minor, n->diskseq, n->was, (int)n->run,
		 (int)n->guardian, n->guardian_start);
	ret = write_text(draft, text);
	if (!ret && link(draft, path))
		ret = -errno;
	unlink(draft);
	if (ret)
		return ret;
	ret = sync_folder();
	if (ret)
		unlink(path);
	return ret;
}

int fb_note_read(struct fb_cache_note *out, const char *path)
{
	struct fb_cache_note n = {0};
	int run, guardian, got;
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	got = fscanf(f,
		     "disk %63s number %u:%u diskseq %" SCNu64 " was %31[a-z ] run %d "
		     "guardian %d %" SCNu64,
		     n.disk, &n.dev_major, &n.dev_minor, &n.diskseq, n.was, &run,
		     &guardian, &n.guardian_start);
	fclose(f);
	if (got != 8)
		return -EBADMSG;
	n.run = run;
	n.guardian = guardian;
	*out = n;
	return 0;
}

uint64_t fb_process_start(pid_t pid)
{
	enum { STATE = 3, START = 22 };
	char line[1024], *rest;
	const char *field = NULL;

	if (fb_sysfs_read(line, sizeof(line), "/proc/%d/stat", (int)pid))
		return 0;
	rest = strrchr(line, ')');
	if (!rest)
		return 0;
	rest += 2;
	for (int i = STATE; i <= START; i++) {
		field = strsep(&rest, " ");
		if (!field || (i == STATE && strchr("ZX", *field)))
			return 0;
	}
	return strtoull(field, NULL, 10);
}

bool fb_note_guarded(const struct fb_cache_note *n)
{
	uint64_t start = fb_process_start(n->guardian);

	return start && start == n->guardian_start;
}

int fb_note_taken(const struct fb_disk *d, struct fb_err *err)
{
	struct fb_cache_note n;
	char path[FB_NOTE_PATH];
	int ret;

	fb_note_path(path, d->dev_major, d->dev_minor);
	ret = fb_note_read(&n, path);
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return fb_err_set(err, ret, "%s: %s; remove it", path, strerror(-ret));
	if (fb_note_guarded(&n))
		return fb_err_set(err, -EBUSY,
				  "%s: process %d has its write cache switched off "
				  "(guardian %d); wait until that run ends",
				  d->name, (int)n.run, (int)n.guardian);
	return fb_err_set(err, -EBUSY,
			  "%s: process %d was killed and left its write cache switched "
			  "off; the next run as root restores it",
			  d->name, (int)n.run);
}

uint64_t fb_disk_seq(unsigned dev_major, unsigned dev_minor)
{
	char text[32];

	if (fb_sysfs_read(text, sizeof(text), "/sys/dev/block/%u:%u/diskseq", dev_major,
			  dev_minor))
		return 0;
	return strtoull(text, NULL, 10);
}

int fb_cache_word_open(unsigned dev_major, unsigned dev_minor)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/write_cache",
		 dev_major, dev_minor);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int fb_cache_word_get(int fd, char out[FB_CACHE_WORD])
{
	ssize_t got = pread(fd, out, FB_CACHE_WORD - 1, 0);

	if (got < 0)
		return -errno;
	while (got && out[got - 1] == '\n')
		got--;
	out[got] = '\0';
	return 0;
}

int fb_cache_word_set(int fd, const char *word)
{
	char now[FB_CACHE_WORD];
	int ret;

	if (pwrite(fd, word, strlen(word), 0) < 0)
		return -errno;
	ret = fb_cache_word_get(fd, now);
	if (ret)
		return ret;
	return strcmp(now, word) ? -EIO : 0;
}

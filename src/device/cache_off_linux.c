#include "device/cache_off.h"

#include "device/cache_note.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OFF "write through"

/* Without close_range(2) this many descriptors are closed one by one. */
enum { CLOSE_MAX = 65536 };

/* struct debt - a disk; @owed from its note's creation to its restoration */
struct debt {
	struct fb_cache_note note;
	char path[FB_NOTE_PATH];
	int fd;
	bool owed;
};

/*
 * Shared with the guardian, which reads there what has been switched so far and
 * crosses off what it restored. @pipe: both ends stay open here, so that a byte
 * sent to a guardian that was killed raises no SIGPIPE.
 */
struct fb_cache_off {
	int pipe[2];
	int run_fd;
	pid_t guardian;
	size_t n;
	struct debt debts[FB_DISKS_MAX];
};

static int refuse_foreign(const struct fb_disk *d, struct fb_err *err)
{
	struct stat st;

	if (!*d->backing_file)
		return fb_err_set(err, -EPERM,
				  "%s is no loop device: switching its cache off puts "
				  "everything on it at risk; --yes-disable-flushes "
				  "does it all the same",
				  d->name);
	if (stat(d->backing_file, &st))
		return fb_err_set(
			err, -EPERM,
			"%s: its backing file %s cannot be examined (%s), so "
			"whose it is is unknown; --yes-disable-flushes does it all the same",
			d->name, d->backing_file, strerror(errno));
	if (st.st_uid != geteuid())
		return fb_err_set(err, -EPERM,
				  "%s: its backing file %s belongs to user %u, not to "
				  "you; --yes-disable-flushes does it all the same",
				  d->name, d->backing_file, (unsigned)st.st_uid);
	return 0;
}

/* Of a guardian that was killed only its note tells the next run. */
static int refuse_noteless(int ret, const char *path, struct fb_err *err)
{
	return fb_err_set(
		err, ret,
		"%s: %s; without a note there the next run could not restore "
		"the write cache if this one were killed, so it stays on; run "
		"as root, with " FB_NOTE_PARENT " writable",
		path, strerror(-ret));
}

int fb_cache_off_allowed(const struct fb_device *d, bool forced, struct fb_err *err)
{
	int ret;

	if (!d->n_disks)
		return fb_err_set(
			err, -ENODEV,
			"%s leads to no disk whose cache could be switched off; leave no_sync=cache-off out",
			*d->mount_point ? d->mount_point : "the target");
	for (size_t i = 0; i < d->n_disks; i++) {
		const struct fb_disk *disk = &d->disks[i];
		int fd;

		ret = forced ? 0 : refuse_foreign(disk, err);
		if (ret)
			return ret;
		fd = fb_cache_word_open(disk->dev_major, disk->dev_minor);
		if (fd < 0)
			return fb_err_set(err, -EPERM,
					  "/sys/block/%s/queue/write_cache: %s; run as "
					  "root",
					  disk->name, strerror(-fd));
		close(fd);
	}
	ret = fb_note_writable();
	if (ret) {
		refuse_noteless(ret, FB_NOTE_DIR, err);
		return -EPERM;
	}
	return 0;
}

/* From here to guard() only calls that are safe between fork and exec. */

static int pay(struct debt *b)
{
	int ret;

	if (!b->owed)
		return 0;
	ret = fb_cache_word_set(b->fd, b->note.was);
	if (ret && ret != -ENODEV)
		return ret;
	unlink(b->path);
	b->owed = false;
	return 0;
}

static void close_span(unsigned first, unsigned last)
{
	if (!close_range(first, last, 0))
		return;
	for (unsigned fd = first; fd <= last && fd < CLOSE_MAX; fd++)
		close((int)fd);
}

static unsigned next_kept(const struct fb_cache_off *c, unsigned from)
{
	unsigned next = ~0u;

	if ((unsigned)c->pipe[0] >= from)
		next = (unsigned)c->pipe[0];
	if (c->run_fd >= 0 && (unsigned)c->run_fd >= from && (unsigned)c->run_fd < next)
		next = (unsigned)c->run_fd;
	for (size_t i = 0; i < c->n; i++) {
		unsigned fd = (unsigned)c->debts[i].fd;

		if (fd >= from && fd < next)
			next = fd;
	}
	return next;
}

static void close_others(const struct fb_cache_off *c)
{
	unsigned from = 0, kept;

	while ((kept = next_kept(c, from)) != ~0u) {
		if (kept > from)
			close_span(from, kept - 1);
		from = kept + 1;
	}
	close_span(from, ~0u);
}

/*
 * Every signal stays blocked: only SIGKILL can part the guardian from its duty. A
 * process forked by the run may keep the pipe's end alive, so the run's own end is
 * watched too where the kernel can (5.3).
 */
static void guard(struct fb_cache_off *c)
{
	struct pollfd p[2] = {
		{.fd = c->pipe[0], .events = POLLIN},
		{.fd = c->run_fd, .events = POLLIN},
	};
	int failed = 0;

	setsid();
	if (chdir("/"))
		failed = 1;
	prctl(PR_SET_NAME, "fb-guardian");
	close_others(c);
	while (poll(p, 2, -1) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < c->n; i++)
		if (pay(&c->debts[i]))
			failed = 1;
	_exit(failed);
}

static int start_guardian(struct fb_cache_off *c)
{
	sigset_t all, before;
	pid_t pid;
	int ret;

	if (pipe2(c->pipe, O_CLOEXEC))
		return -errno;
	c->run_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (!pid)
		guard(c);
	ret = pid < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	c->guardian = pid;
	return ret;
}

/* A disk that has no volatile cache already owes nothing afterwards. */
static int prepare(struct fb_cache_off *c, const struct fb_disk *d, struct fb_err *err)
{
	struct debt *b = &c->debts[c->n];
	int ret = fb_note_taken(d, err);

	if (ret)
		return ret;
	b->fd = fb_cache_word_open(d->dev_major, d->dev_minor);
	ret = b->fd < 0 ? b->fd : fb_cache_word_get(b->fd, b->note.was);
	if (ret) {
		if (b->fd >= 0)
			close(b->fd);
		return fb_err_set(
			err, ret,
			"/sys/block/%s/queue/write_cache: %s; run as root, or leave no_sync=cache-off out",
			d->name, strerror(-ret));
	}
	if (!strcmp(b->note.was, OFF)) {
		close(b->fd);
		return 0;
	}
	memcpy(b->note.disk, d->name, sizeof(b->note.disk));
	b->note.dev_major = d->dev_major;
	b->note.dev_minor = d->dev_minor;
	b->note.diskseq = fb_disk_seq(d->dev_major, d->dev_minor);
	b->note.run = getpid();
	fb_note_path(b->path, d->dev_major, d->dev_minor);
	c->n++;
	return 0;
}

static int switch_off(struct fb_cache_off *c, struct debt *b, struct fb_err *err)
{
	int ret;

	b->note.guardian = c->guardian;
	b->note.guardian_start = fb_process_start(c->guardian);
	ret = fb_note_create(&b->note);
	if (ret)
		return refuse_noteless(ret, b->path, err);
	b->owed = true;
	ret = fb_cache_word_set(b->fd, OFF);
	if (ret)
		return fb_err_set(
			err, ret,
			"/sys/block/%s/queue/write_cache: %s; run as root, or leave no_sync=cache-off out",
			b->note.disk, strerror(-ret));
	return 0;
}

static int begin_locked(struct fb_cache_off *c, const struct fb_device *d,
			struct fb_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < d->n_disks; i++)
		ret = prepare(c, &d->disks[i], err);
	if (ret || !c->n)
		return ret;
	ret = start_guardian(c);
	if (ret)
		return fb_err_set(
			err, ret,
			"no guardian for the write cache: %s; leave no_sync=cache-off out",
			strerror(-ret));
	for (size_t i = 0; !ret && i < c->n; i++)
		ret = switch_off(c, &c->debts[i], err);
	return ret;
}

int fb_cache_off_begin(struct fb_cache_off **out, const struct fb_device *d,
		       struct fb_err *err)
{
	struct fb_cache_off *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int lock, ret;

	if (c == MAP_FAILED)
		return fb_err_set(
			err, -ENOMEM,
			"no memory for the write cache's state; leave no_sync=cache-off out");
	c->pipe[0] = c->pipe[1] = c->run_fd = -1;
	lock = fb_note_lock(true);
	ret = lock < 0 ? refuse_noteless(lock, FB_NOTE_DIR, err)
		       : begin_locked(c, d, err);
	if (lock >= 0)
		fb_note_unlock(lock);
	if (ret) {
		fb_cache_off_end(c, NULL);
		return ret;
	}
	*out = c;
	return 0;
}

static void stop_guardian(struct fb_cache_off *c)
{
	pid_t got = -1;

	if (write(c->pipe[1], "", 1) == 1)
		do
			got = waitpid(c->guardian, NULL, 0);
		while (got < 0 && errno == EINTR);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* The guardian has paid unless it was killed: what it left is paid here. */
int fb_cache_off_end(struct fb_cache_off *c, struct fb_err *err)
{
	int first = 0;

	if (!c)
		return 0;
	if (c->guardian > 0)
		stop_guardian(c);
	for (size_t i = 0; i < c->n; i++) {
		struct debt *b = &c->debts[i];
		int ret = pay(b);

		if (ret && !first)
			first = fb_err_set(err, ret,
					   "/sys/block/%s/queue/write_cache: %s; write "
					   "\"%s\" into it by hand",
					   b->note.disk, strerror(-ret), b->note.was);
		close(b->fd);
	}
	close_if_open(c->pipe[0]);
	close_if_open(c->pipe[1]);
	close_if_open(c->run_fd);
	munmap(c, sizeof(*c));
	return first;
}

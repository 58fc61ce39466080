#include "support/fusefs.h"

#include "support/fusefs_server.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *fusefs_missing(void)
{
	if (geteuid())
		return "a FUSE mount of our own needs root";
	if (access("/dev/fuse", R_OK | W_OK))
		return "there is no /dev/fuse";
	if (own_mounts())
		return "no mount namespace";
	return NULL;
}

static void serve(const struct fusefs *f, bool writeback, int ready, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	_exit(fusefs_serve(f->dir, f->shared, writeback, ready) ? 1 : 0);
}

/* The server writes one byte once the mount stands; without, it is gone. */
static int start(struct fusefs *f, bool writeback)
{
	const pid_t parent = getpid();
	int ready[2];
	char byte;
	ssize_t n;

	if (pipe(ready))
		return -errno;
	f->pid = fork();
	if (!f->pid) {
		close(ready[0]);
		serve(f, writeback, ready[1], parent);
	}
	close(ready[1]);
	do {
		n = f->pid > 0 ? read(ready[0], &byte, 1) : 0;
	} while (n < 0 && errno == EINTR);
	close(ready[0]);
	return n == 1 ? 0 : -EIO;
}

int fusefs_mount(struct fusefs *f, bool writeback)
{
	int ret = own_mounts();

	memset(f, 0, sizeof(*f));
	if (!ret)
		ret = tmpdir_make(f->top);
	if (ret)
		return ret;
	tmpdir_join(f->dir, sizeof(f->dir), f->top, "mnt");
	f->shared = mmap(NULL, sizeof(*f->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f->shared == MAP_FAILED) {
		f->shared = NULL;
		ret = -ENOMEM;
	} else {
		ret = mkdir(f->dir, 0700) ? -errno : start(f, writeback);
	}
	if (ret)
		fusefs_unmount(f);
	return ret;
}

static void set_fault(struct fusefs_fault *fault, int err, unsigned after)
{
	atomic_store(&fault->err, 0);
	atomic_store(&fault->after, after);
	atomic_store(&fault->err, err);
}

void fusefs_fail_fsync(struct fusefs *f, int err, unsigned after)
{
	set_fault(&f->shared->fsync_fault, err, after);
}

void fusefs_fail_write(struct fusefs *f, int err, unsigned after)
{
	set_fault(&f->shared->write_fault, err, after);
}

void fusefs_reset_counts(struct fusefs *f)
{
	atomic_store(&f->shared->fsyncs, 0);
	atomic_store(&f->shared->fdatasyncs, 0);
	atomic_store(&f->shared->writes, 0);
	atomic_store(&f->shared->bytes_written, 0);
}

void fusefs_kill(struct fusefs *f)
{
	if (f->pid <= 0)
		return;
	kill(f->pid, SIGKILL);
	while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
		;
	f->pid = 0;
}

void fusefs_unmount(struct fusefs *f)
{
	if (!f->top[0])
		return;
	if (umount2(f->dir, 0))
		umount2(f->dir, MNT_DETACH);
	fusefs_kill(f);
	if (f->shared)
		munmap(f->shared, sizeof(*f->shared));
	tmpdir_remove(f->top);
	memset(f, 0, sizeof(*f));
}

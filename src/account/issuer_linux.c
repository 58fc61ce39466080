#include "account/issuer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* PF_KTHREAD of the kernel's include/linux/sched.h, in field 9 of proc_pid_stat(5). */
enum { KERNEL_THREAD = 0x00200000 };

void fb_issuers_reset(struct fb_issuers *i)
{
	memset(i, 0, sizeof(*i));
}

/* 0 or -1: there is no such task, or none to be seen. */
static int read_flags(int pid, unsigned *flags)
{
	char path[32], text[512];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* A name may hold anything, brackets and blanks among it. */
	end = strrchr(text, ')');
	if (!end || sscanf(end, ") %*c %*d %*d %*d %*d %*d %u", flags) != 1)
		return -1;
	return 0;
}

bool fb_issuer_is_kernel_thread(int pid)
{
	unsigned flags;

	return pid > 0 && !read_flags(pid, &flags) && flags & KERNEL_THREAD;
}

/* Kernel threads that hand over writes; most others have a '/', as no program has. */
static bool is_kernel_name(const char comm[16])
{
	static const char *const begin[] = {"btrfs-", "kswapd",    "f2fs_",
					    "md",     "jfsCommit", "dmcrypt_write"};

	if (memchr(comm, '/', 16))
		return true;
	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++) {
		const size_t n = strlen(begin[i]);

		if (!strncmp(comm, begin[i], n) &&
		    (strcmp(begin[i], "md") || (comm[n] >= '0' && comm[n] <= '9')))
			return true;
	}
	return false;
}

static enum fb_issuer look(const struct fb_block_event *e)
{
	unsigned flags;

	if (e->pid > 0 && !read_flags(e->pid, &flags))
		return flags & KERNEL_THREAD ? FB_ISSUER_KERNEL : FB_ISSUER_OTHERS;
	return is_kernel_name(e->comm) ? FB_ISSUER_KERNEL : FB_ISSUER_OTHERS;
}

enum fb_issuer fb_issuer_of(const struct fb_block_event *e, void *ctx)
{
	struct fb_issuers *i = ctx;
	const unsigned slot = (unsigned)e->pid % FB_ISSUERS_SEEN;

	if (!i->self)
		i->self = getpid();
	if (e->pid == i->self)
		return FB_ISSUER_SELF;
	if (e->pid <= 0)
		return look(e);
	if (i->seen[slot].pid != e->pid) {
		i->seen[slot].who = look(e);
		i->seen[slot].pid = e->pid;
	}
	return i->seen[slot].who;
}

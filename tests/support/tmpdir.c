#include "support/tmpdir.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>

int tmpdir_make(char path[TMPDIR_LEN])
{
	const char *top = getenv("TMPDIR");
	char name[TMPDIR_LEN];
	int n;

	n = snprintf(name, sizeof(name), "%s/flushbench-test-XXXXXX",
		     top ? top : "/tmp");
	if (n < 0 || (size_t)n >= sizeof(name))
		return -ENAMETOOLONG;
	if (!mkdtemp(name))
		return -errno;
	snprintf(path, TMPDIR_LEN, "%s", name);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void tmpdir_remove(char path[TMPDIR_LEN])
{
	if (!path[0])
		return;
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	path[0] = 0;
}

char *tmpdir_join(char *out, size_t size, const char *dir, const char *name)
{
	snprintf(out, size, "%s/%s", dir, name);
	return out;
}

int own_mounts(void)
{
	static bool done;

	if (done)
		return 0;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	done = true;
	return 0;
}

int folder_entries(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

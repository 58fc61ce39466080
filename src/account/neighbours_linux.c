#include "account/neighbours.h"

#include "account/issuer.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_text(int folder, const char *name, char *out, size_t room)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, out, room - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	out[n] = '\0';
	return 0;
}

static int moved_bytes(int folder, const char *pid, uint64_t *bytes)
{
	char name[32], text[512];
	const char *r, *w;
	uint64_t read_bytes, write_bytes;

	snprintf(name, sizeof(name), "%.20s/io", pid);
	if (read_text(folder, name, text, sizeof(text)))
		return -ENODATA;
	r = strstr(text, "\nread_bytes: ");
	w = strstr(text, "\nwrite_bytes: ");
	if (!r || !w || sscanf(r, " read_bytes: %" SCNu64, &read_bytes) != 1 ||
	    sscanf(w, " write_bytes: %" SCNu64, &write_bytes) != 1)
		return -ENODATA;
	*bytes = read_bytes + write_bytes;
	return 0;
}

static int add(struct fb_neighbours *n, int pid, uint64_t bytes)
{
	if (n->n == n->room) {
		size_t room = n->room ? 2 * n->room : 128;
		struct fb_neighbour *list = realloc(n->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		n->list = list;
		n->room = room;
	}
	n->list[n->n++] = (struct fb_neighbour){pid, bytes};
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct fb_neighbour *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int fb_neighbours_look(struct fb_neighbours *out)
{
	const int self = getpid();
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int ret = 0;

	out->n = 0;
	if (!dir)
		return -ENOENT;
	while (!ret && (entry = readdir(dir))) {
		uint64_t bytes;
		int pid;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		pid = atoi(entry->d_name);
		if (pid != self && !moved_bytes(dirfd(dir), entry->d_name, &bytes))
			ret = add(out, pid, bytes);
	}
	closedir(dir);
	if (out->n)
		qsort(out->list, out->n, sizeof(*out->list), by_pid);
	return ret;
}

static void name_of(int pid, char out[48])
{
	char path[32], comm[24] = "?";

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	read_text(AT_FDCWD, path, comm, sizeof(comm));
	comm[strcspn(comm, "\n")] = '\0';
	snprintf(out, 48, "%s[%d]", comm, pid);
}

static const struct fb_neighbour *find(const struct fb_neighbours *n, int pid)
{
	const struct fb_neighbour key = {.pid = pid};

	return n->n ? bsearch(&key, n->list, n->n, sizeof(key), by_pid) : NULL;
}

/* What those moved in their lives that are no more: it is their parents' now. */
static uint64_t inherited(const struct fb_neighbours *was,
			  const struct fb_neighbours *is)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < was->n; i++)
		if (!find(is, was->list[i].pid))
			bytes += was->list[i].bytes;
	return bytes;
}

/* The number may be another process's by now. */
static uint64_t gained(const struct fb_neighbours *was, const struct fb_neighbour *now)
{
	const struct fb_neighbour *then = find(was, now->pid);

	if (!now->bytes || (then && then->bytes == now->bytes) ||
	    fb_issuer_is_kernel_thread(now->pid))
		return 0;
	return then && then->bytes < now->bytes ? now->bytes - then->bytes : now->bytes;
}

uint64_t fb_neighbours_gain(const struct fb_neighbours *was,
			    const struct fb_neighbours *is, char most[48])
{
	const uint64_t old = inherited(was, is);
	uint64_t all = 0, largest = 0;
	int pid = 0;

	for (size_t i = 0; i < is->n; i++) {
		const uint64_t bytes = gained(was, &is->list[i]);

		all += bytes;
		if (bytes > largest) {
			largest = bytes;
			pid = is->list[i].pid;
		}
	}
	most[0] = '\0';
	/* Else it may be a parent that did nothing. */
	if (pid && largest > 2 * old)
		name_of(pid, most);
	return all > old ? all - old : 0;
}

void fb_neighbours_free(struct fb_neighbours *n)
{
	free(n->list);
	*n = (struct fb_neighbours){0};
}

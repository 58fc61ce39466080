#include "hive/fd_posix.h"

#include "hive/regf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

static const char zeros[FB_REGF_PAGE];

int fb_fd_sync_by(int (*call)(int), int fd)
{
	int ret;

	do
		ret = call(fd);
	while (ret && errno == EINTR);
	return ret ? -errno : 0;
}

int fb_fd_sync_folder(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = fb_fd_sync_by(fsync, fd);
	close(fd);
	return ret;
}

int fb_fd_read(int fd, uint64_t offset, char *data, size_t bytes)
{
	while (bytes) {
		ssize_t n = pread(fd, data, bytes, (off_t)offset);

		if (!n)
			return -ENODATA;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			offset += (uint64_t)n;
			bytes -= (size_t)n;
		}
	}
	return 0;
}

/* struct rest - what of some spans is still to be written; @skip bytes of the first */
struct rest {
	const struct fb_hive_span *spans;
	unsigned n;
	size_t skip;
};

static void advance(struct rest *r, size_t done)
{
	while (r->n && done >= r->spans->bytes - r->skip) {
		done -= r->spans->bytes - r->skip;
		r->skip = 0;
		r->spans++;
		r->n--;
	}
	r->skip += done;
}

static ssize_t write_some(int fd, uint64_t offset, const struct rest *r)
{
	struct iovec v[IOV_MAX];
	int n = r->n < IOV_MAX ? (int)r->n : IOV_MAX;

	for (int i = 0; i < n; i++) {
		size_t skip = i ? 0 : r->skip;

		v[i].iov_base = (char *)r->spans[i].data + skip;
		v[i].iov_len = r->spans[i].bytes - skip;
	}
	return pwritev(fd, v, n, (off_t)offset);
}

int fb_fd_write(int fd, uint64_t offset, const struct fb_hive_span *spans, unsigned n)
{
	struct rest r = {.spans = spans, .n = n};

	advance(&r, 0);
	while (r.n) {
		ssize_t done = write_some(fd, offset, &r);

		if (!done)
			return -EIO;
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			offset += (uint64_t)done;
			advance(&r, (size_t)done);
		}
	}
	return 0;
}

/*
 * A page at a time: of a larger write the page cache makes one large folio, and a page
 * of it that is written later is charged, and looked for, as the whole.
 */
static int write_zeros(int fd, uint64_t from, uint64_t to)
{
	int ret = 0;

	while (!ret && from < to) {
		uint64_t n = FB_REGF_PAGE - from % FB_REGF_PAGE;
		struct fb_hive_span span = {zeros, n < to - from ? n : to - from};

		ret = fb_fd_write(fd, from, &span, 1);
		from += span.bytes;
	}
	return ret;
}

/*
 * The length grows only with what is written: were it set first, a crash would leave a
 * file that seems to be ready and is not.
 */
int fb_fd_grow(int fd, uint64_t from, uint64_t to)
{
	int ret;

	if (from >= to)
		return 0;
	do
		ret = fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)from,
				(off_t)(to - from));
	while (ret && errno == EINTR);
	if (ret && errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	return write_zeros(fd, from, to);
}

int fb_fd_cut(int fd, uint64_t bytes)
{
	return ftruncate(fd, (off_t)bytes) ? -errno : 0;
}

#include "report/csv.h"

#include "base/units.h"

#include <assert.h>
#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * @stream:    where rows go; NULL: to @fd, the file at @path
 * @fields:    of the row at hand
 * @committed: bytes of the file that are whole rows
 * @failed:    the first error while rows gathered, told by the next commit
 */
struct fb_csv_out {
	FILE *stream;
	int fd;
	char *path;
	size_t columns;
	size_t fields;
	char *buf;
	size_t len;
	size_t room;
	off_t committed;
	int failed;
};

static char *reserve(struct fb_csv_out *o, size_t more)
{
	if (o->failed)
		return NULL;
	if (o->room - o->len < more) {
		size_t room = 2 * o->room + more;
		char *buf = realloc(o->buf, room);

		if (!buf) {
			o->failed = -ENOMEM;
			return NULL;
		}
		o->buf = buf;
		o->room = room;
	}
	return o->buf + o->len;
}

static void append(struct fb_csv_out *o, const char *s, size_t len)
{
	char *to = reserve(o, len);

	if (!to)
		return;
	memcpy(to, s, len);
	o->len += len;
}

/* Spaces at the ends too: some readers strip them. */
static bool needs_quotes(const char *s, size_t len)
{
	return strpbrk(s, ",\"\r\n") || s[0] == ' ' || s[len - 1] == ' ';
}

static void begin_field(struct fb_csv_out *o)
{
	if (o->fields++)
		append(o, ",", 1);
}

void fb_csv_text(struct fb_csv_out *o, const char *s)
{
	size_t len = s ? strlen(s) : 0;
	char *to;

	if (!len) {
		fb_csv_empty(o);
		return;
	}
	begin_field(o);
	if (!needs_quotes(s, len)) {
		append(o, s, len);
		return;
	}
	to = reserve(o, 2 * len + 2);
	if (to)
		o->len += csv_write2(to, 2 * len + 2, s, len, CSV_QUOTE);
}

void fb_csv_empty(struct fb_csv_out *o)
{
	begin_field(o);
	/* Alone in its row it would be a blank line, which readers skip. */
	if (o->columns == 1)
		append(o, "\"\"", 2);
}

void fb_csv_u64(struct fb_csv_out *o, uint64_t v)
{
	char text[24];

	if (v == FB_UNKNOWN) {
		fb_csv_empty(o);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64, v);
	fb_csv_text(o, text);
}

void fb_csv_real(struct fb_csv_out *o, double v)
{
	char text[32];

	if (!isfinite(v)) {
		fb_csv_empty(o);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	fb_csv_text(o, text);
}

void fb_csv_end_row(struct fb_csv_out *o)
{
	assert(o->fields == o->columns);
	o->fields = 0;
	append(o, "\n", 1);
}

static int write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static int told(const struct fb_csv_out *o, int ret, const char *what,
		struct fb_err *err)
{
	if (o->stream)
		return fb_err_set(err, ret, "out of memory");
	return fb_err_set(
		err, ret,
		"%s: cannot %s: %s; make room there, or name another folder with --results",
		o->path, what, strerror(-ret));
}

int fb_csv_commit(struct fb_csv_out *o, struct fb_err *err)
{
	size_t len = o->len;
	int ret = o->failed;

	assert(!o->fields);
	o->len = 0;
	o->failed = 0;
	if (!ret && o->stream)
		fwrite(o->buf, 1, len, o->stream);
	else if (!ret)
		ret = write_all(o->fd, o->buf, len);
	if (!ret) {
		o->committed += (off_t)len;
		return 0;
	}
	if (o->stream)
		return told(o, ret, "write", err);
	/* If even that fails, readers drop the unterminated line. */
	if (ftruncate(o->fd, o->committed))
		return told(o, ret, "write, nor take back what was half written", err);
	return told(o, ret, "write", err);
}

int fb_csv_sync(struct fb_csv_out *o, struct fb_err *err)
{
	return !o->stream && fsync(o->fd) ? told(o, -errno, "sync", err) : 0;
}

static void release(struct fb_csv_out *o)
{
	free(o->buf);
	free(o->path);
	free(o);
}

static int put_header(struct fb_csv_out *o, const char *const *columns, size_t n,
		      struct fb_err *err)
{
	o->columns = n;
	for (size_t i = 0; i < n; i++)
		fb_csv_text(o, columns[i]);
	fb_csv_end_row(o);
	return fb_csv_commit(o, err);
}

int fb_csv_create(struct fb_csv_out **out, const char *path, const char *const *columns,
		  size_t n, struct fb_err *err)
{
	struct fb_csv_out *o = calloc(1, sizeof(*o));
	int ret;

	if (!o || !(o->path = strdup(path))) {
		free(o);
		return fb_err_set(err, -ENOMEM, "%s: out of memory", path);
	}
	o->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	if (o->fd < 0) {
		ret = told(o, -errno, "create", err);
		goto out_release;
	}
	ret = put_header(o, columns, n, err);
	if (ret)
		goto out_unlink;
	*out = o;
	return 0;

out_unlink:
	close(o->fd);
	unlink(path);
out_release:
	release(o);
	return ret;
}

int fb_csv_to_stream(struct fb_csv_out **out, FILE *stream, const char *const *columns,
		     size_t n, struct fb_err *err)
{
	struct fb_csv_out *o = calloc(1, sizeof(*o));
	int ret;

	if (!o)
		return fb_err_set(err, -ENOMEM, "out of memory");
	o->stream = stream;
	ret = put_header(o, columns, n, err);
	if (ret)
		release(o);
	else
		*out = o;
	return ret;
}

int fb_csv_close(struct fb_csv_out *o, struct fb_err *err)
{
	int ret = fb_csv_commit(o, err);

	/* Network file systems tell a failed write only here. */
	if (!o->stream && close(o->fd) && !ret)
		ret = told(o, -errno, "close", err);
	release(o);
	return ret;
}

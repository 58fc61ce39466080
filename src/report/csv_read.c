#include "report/csv.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * @text:  the fields, each with its terminator, one after another
 * @cells: where in @text, row after row; the header is row 0
 * @lines: of the file, on which each row begins
 */
struct fb_csv_table {
	char *path;
	char *text;
	uint32_t *cells;
	size_t cells_room;
	uint32_t *lines;
	size_t lines_room;
	size_t columns;
	size_t rows;
};

/* What the parser's callbacks share. */
struct reader {
	struct fb_csv_table *t;
	size_t used;   /* bytes of text */
	size_t fields; /* of the row at hand */
	uint32_t line;
	uint32_t row_line;
	bool in_row; /* where the last line ended */
	int ret;
	struct fb_err *err;
};

static void fail(struct reader *r, int ret)
{
	if (!r->ret)
		r->ret = fb_err_set(r->err, ret, "%s:%u: %s", r->t->path, r->line,
				    strerror(-ret));
}

static bool grow(uint32_t **list, size_t *room, size_t need)
{
	size_t more = 2 * *room + 1024;
	uint32_t *p;

	if (need <= *room)
		return true;
	p = realloc(*list, more * sizeof(*p));
	if (!p)
		return false;
	*list = p;
	*room = more;
	return true;
}

/* Cells kept so far; the header's are counted while its row is read. */
static size_t cells_before(const struct reader *r)
{
	return r->t->columns * r->t->rows;
}

static void on_field(void *field, size_t len, void *ctx)
{
	struct reader *r = ctx;
	struct fb_csv_table *t = r->t;
	size_t at = cells_before(r) + r->fields;

	if (r->ret)
		return;
	r->fields++;
	if (t->columns && r->fields > t->columns)
		return;
	if (!grow(&t->cells, &t->cells_room, at + 1)) {
		fail(r, -ENOMEM);
		return;
	}
	/* The parser reads this very buffer, and is past all that is written here. */
	memcpy(t->text + r->used, field, len);
	t->text[r->used + len] = '\0';
	t->cells[at] = (uint32_t)r->used;
	r->used += len + 1;
}

/* Looking for names that are there twice takes the square of it. */
enum { COLUMNS_MOST = 4096 };

static void check_header(struct reader *r)
{
	struct fb_csv_table *t = r->t;

	if (t->columns > COLUMNS_MOST)
		r->ret = fb_err_set(r->err, -EINVAL,
				    "%s:%u: %zu columns are no table of a run", t->path,
				    r->row_line, t->columns);
	for (size_t i = 0; i < t->columns && !r->ret; i++) {
		const char *name = fb_csv_column_name(t, i);

		if (!*name)
			r->ret = fb_err_set(r->err, -EINVAL,
					    "%s:%u: column %zu has no name", t->path,
					    r->row_line, i + 1);
		else if (fb_csv_find(t, name) != (int)i)
			r->ret = fb_err_set(r->err, -EINVAL,
					    "%s:%u: column %zu: '%s' is there twice",
					    t->path, r->row_line, i + 1, name);
	}
}

static void on_row(int terminator, void *ctx)
{
	struct reader *r = ctx;
	struct fb_csv_table *t = r->t;

	(void)terminator;
	if (r->ret)
		return;
	if (t->columns && r->fields != t->columns) {
		r->ret = fb_err_set(r->err, -EINVAL,
				    "%s:%u: %zu fields, but the header has %zu columns",
				    t->path, r->row_line, r->fields, t->columns);
		return;
	}
	if (!grow(&t->lines, &t->lines_room, t->rows + 1)) {
		fail(r, -ENOMEM);
		return;
	}
	t->lines[t->rows++] = r->row_line;
	t->columns = r->fields;
	r->fields = 0;
	r->row_line = r->line;
	if (t->rows == 1)
		check_header(r);
}

/* Spaces are part of a field (RFC 4180), libcsv would strip them. */
static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static int told_bad_quote(struct reader *r, size_t column)
{
	return fb_err_set(r->err, -EINVAL,
			  "%s:%u: column %zu: a quote that neither begins nor ends a "
			  "field; write a quote inside of a field twice",
			  r->t->path, r->line, column);
}

/* A line at a time, because the parser does not tell where it is. */
static int parse_lines(struct reader *r, struct csv_parser *p, const char *s,
		       size_t len)
{
	while (len && !r->ret) {
		const char *end = memchr(s, '\n', len);
		size_t n = end ? (size_t)(end - s) + 1 : len;
		size_t done;

		r->line++;
		if (!r->in_row)
			r->row_line = r->line;
		done = csv_parse(p, s, n, on_field, on_row, r);
		if (done != n && csv_error(p) == CSV_EPARSE)
			return told_bad_quote(r, done + 1);
		if (done != n)
			fail(r, -ENOMEM);
		s += n;
		len -= n;
		/* A quoted field that goes on is no field yet, but it is in a row. */
		r->in_row = p->pstate != 0;
	}
	return r->ret;
}

/* Up to the last line end; what follows is a row that was never finished. */
static size_t whole_lines(const char *text, size_t len)
{
	const char *last = memrchr(text, '\n', len);

	return last ? (size_t)(last - text) + 1 : 0;
}

static int parse(struct fb_csv_table *t, size_t len, struct fb_err *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct reader r = {.t = t, .err = err};
	size_t whole = whole_lines(t->text, len), skip = 0;
	struct csv_parser p;
	int ret;

	if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI))
		return fb_err_set(err, -ENOMEM, "%s: out of memory", t->path);
	csv_set_space_func(&p, no_space);
	if (whole >= 3 && !memcmp(t->text, bom, 3))
		skip = 3;
	ret = parse_lines(&r, &p, t->text + skip, whole - skip);
	if (!ret && whole == len && r.in_row)
		ret = fb_err_set(err, -EINVAL,
				 "%s:%u: the quote of a field that begins in this row "
				 "is never closed",
				 t->path, r.row_line);
	if (!ret && !t->rows)
		ret = fb_err_set(err, -EINVAL, "%s: no header line", t->path);
	csv_free(&p);
	return ret;
}

static int refuse_nul(const struct fb_csv_table *t, size_t len, struct fb_err *err)
{
	const char *nul = memchr(t->text, '\0', len), *line = t->text;
	unsigned number = 1;

	if (!nul)
		return 0;
	for (const char *p = line; (p = memchr(p, '\n', (size_t)(nul - p))); line = ++p)
		number++;
	return fb_err_set(err, -EINVAL, "%s:%u: column %td: a NUL byte; this is no CSV",
			  t->path, number, nul - line + 1);
}

static int read_all(int fd, char *buf, size_t *len)
{
	size_t done = 0;

	while (done < *len) {
		ssize_t n = read(fd, buf + done, *len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	*len = done;
	return 0;
}

/* The size at the start is enough: what is appended meanwhile is a later row. */
static int slurp(struct fb_csv_table *t, size_t *len)
{
	int fd = open(t->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), ret = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		ret = -errno;
	else if (!S_ISREG(st.st_mode))
		ret = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (st.st_size >= UINT32_MAX)
		ret = -EFBIG;
	if (ret)
		goto out_close;
	*len = (size_t)st.st_size;
	t->text = malloc(*len + 1);
	ret = t->text ? read_all(fd, t->text, len) : -ENOMEM;

out_close:
	close(fd);
	return ret;
}

int fb_csv_load(struct fb_csv_table **out, const char *path, struct fb_err *err)
{
	struct fb_csv_table *t = calloc(1, sizeof(*t));
	size_t len = 0;
	int ret;

	if (!t || !(t->path = strdup(path))) {
		free(t);
		return fb_err_set(err, -ENOMEM, "%s: out of memory", path);
	}
	ret = slurp(t, &len);
	if (ret)
		fb_err_set(
			err, ret,
			"%s: cannot read: %s; name the folder of a run that you may read",
			path, strerror(-ret));
	if (!ret)
		ret = refuse_nul(t, len, err);
	if (!ret)
		ret = parse(t, len, err);
	if (ret)
		fb_csv_free(t);
	else
		*out = t;
	return ret;
}

void fb_csv_free(struct fb_csv_table *t)
{
	if (!t)
		return;
	free(t->lines);
	free(t->cells);
	free(t->text);
	free(t->path);
	free(t);
}

size_t fb_csv_rows(const struct fb_csv_table *t)
{
	return t->rows - 1;
}

size_t fb_csv_columns(const struct fb_csv_table *t)
{
	return t->columns;
}

const char *fb_csv_column_name(const struct fb_csv_table *t, size_t column)
{
	return t->text + t->cells[column];
}

int fb_csv_find(const struct fb_csv_table *t, const char *column)
{
	for (size_t i = 0; i < t->columns; i++)
		if (!strcmp(fb_csv_column_name(t, i), column))
			return (int)i;
	return -1;
}

const char *fb_csv_get(const struct fb_csv_table *t, size_t row, int column)
{
	if (column < 0)
		return "";
	return t->text + t->cells[(row + 1) * t->columns + (size_t)column];
}

int fb_csv_get_real(const struct fb_csv_table *t, size_t row, int column, double *out,
		    struct fb_err *err)
{
	const char *text = fb_csv_get(t, row, column);
	char *end;
	double v;

	if (!*text) {
		*out = NAN;
		return 0;
	}
	v = strtod(text, &end);
	/* strtod would take "nan", "inf" and hexadecimal too. */
	if (*end || strspn(text, "0123456789+-.eE") != strlen(text) || !isfinite(v))
		return fb_err_set(err, -EINVAL,
				  "%s:%u: column %d (%s): '%.40s' is not a number",
				  t->path, t->lines[row + 1], column + 1,
				  fb_csv_column_name(t, (size_t)column), text);
	*out = v;
	return 0;
}

void fb_csv_keep(struct fb_csv_table *t,
		 int (*keep)(const struct fb_csv_table *t, size_t row, void *ctx),
		 void *ctx)
{
	size_t kept = 1;

	for (size_t row = 0; row + 1 < t->rows; row++) {
		if (!keep(t, row, ctx))
			continue;
		memmove(t->cells + kept * t->columns, t->cells + (row + 1) * t->columns,
			t->columns * sizeof(*t->cells));
		t->lines[kept++] = t->lines[row + 1];
	}
	t->rows = kept;
}

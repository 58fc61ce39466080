#include "account/trace_format.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * No record of a block event is near as long; perf itself lets none be longer
 * (PERF_MAX_TRACE_SIZE), nor is an ID above what common_type holds.
 */
enum { RECORD_MAX = 8192, ID_MAX = 65535 };

/* The kernel's own dev_t, not the one of user space (MAJOR and MINOR). */
enum { MINOR_BITS = 20 };

enum {
	OPERATIONS = FB_BLOCK_READ | FB_BLOCK_WRITE | FB_BLOCK_DISCARD | FB_BLOCK_FLUSH
};

struct named {
	const char *name;
	struct fb_trace_field *field;
	bool (*fits)(unsigned size);
	bool wanted;
};

static bool is_u32(unsigned size)
{
	return size == 4;
}

static bool is_sector(unsigned size)
{
	return size == 4 || size == 8;
}

static bool is_text(unsigned size)
{
	return size > 0 && size <= 64;
}

static bool is_field_of(const char *line, const char *end, const char *name)
{
	const char *at = end;
	const size_t len = strlen(name);

	if (at > line && at[-1] == ']')
		while (at > line && *at != '[')
			at--;
	return (size_t)(at - line) > len && !strncmp(at - len, name, len) &&
	       strchr(" \t*", at[-(ptrdiff_t)len - 1]);
}

/* Of a line like "field:char rwbs[8];	offset:28;	size:8;	signed:0;" */
static int take_field(const struct named *n, const char *line)
{
	const char *end = line + strcspn(line, ";\n");
	struct fb_trace_field f;
	int whole = 0;

	if (*end != ';' || !is_field_of(line, end, n->name))
		return 0;
	if (n->field->size)
		return -EINVAL;
	/* @whole is set only where all of it was there. */
	sscanf(end, "; offset:%5u; size:%5u;%n", &f.offset, &f.size, &whole);
	if (!whole || !n->fits(f.size) || f.offset > RECORD_MAX - f.size)
		return -EINVAL;
	*n->field = f;
	return 0;
}

static int take_line(struct fb_trace_format *f, const struct named *fields,
		     const char *line)
{
	int ret = 0;

	line += strspn(line, " \t");
	if (!strncmp(line, "ID:", 3))
		return sscanf(line, "ID: %6u", &f->id) == 1 ? 0 : -EINVAL;
	if (strncmp(line, "field:", 6))
		return 0;
	for (const struct named *n = fields; !ret && n->name; n++)
		ret = take_field(n, line);
	return ret;
}

int fb_trace_format_parse(struct fb_trace_format *out, const char *text)
{
	struct fb_trace_format f = {0};
	const struct named fields[] = {
		{"dev", &f.dev, is_u32, true},
		{"sector", &f.sector, is_sector, true},
		{"nr_sector", &f.nr_sector, is_u32, true},
		{"rwbs", &f.rwbs, is_text, true},
		{"comm", &f.comm, is_text, false},
		{NULL, NULL, NULL, false},
	};
	int ret = 0;

	while (!ret && *text) {
		ret = take_line(&f, fields, text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (ret || !f.id || f.id > ID_MAX)
		return -EINVAL;
	for (const struct named *n = fields; n->name; n++)
		if (n->wanted && !n->field->size)
			return -EINVAL;
	*out = f;
	return 0;
}

/*
 * What the operation is, by its letters behind a PREFLUSH, and how many they are. The
 * kernel spells it in blk_fill_rwbs of kernel/trace/blktrace.c. N is all it has no
 * letter for: up to Linux 6.18 zeroing without data as well.
 */
static size_t take_operation(const char *s, size_t n, uint32_t *flags)
{
	const char second = n > 1 ? s[1] : '\0';

	switch (*s) {
	case 'R':
		*flags |= FB_BLOCK_READ;
		return 1;
	case 'W':
		*flags |= FB_BLOCK_WRITE | (second == 'Z' ? FB_BLOCK_DISCARD : 0);
		return second == 'Z' ? 2 : 1;
	case 'D':
		*flags |= FB_BLOCK_DISCARD;
		return second == 'E' ? 2 : 1;
	case 'F':
		*flags |= FB_BLOCK_FLUSH;
		return 1;
	case 'Z':
		/* An append carries data; the rest (reset, open...) manages zones. */
		if (second == 'A')
			*flags |= FB_BLOCK_WRITE;
		else if (second == 'R')
			*flags |= FB_BLOCK_DISCARD;
		return second ? 2 : 1;
	default:
		return *s == 'N';
	}
}

uint32_t fb_trace_flags(const char *rwbs, size_t n)
{
	static const char operations[] = "RWDFZN";
	const char *s = rwbs, *end = rwbs + strnlen(rwbs, n);
	uint32_t flags = 0;

	if (end - s > 1 && *s == 'F' && strchr(operations, s[1])) {
		/* FF is one thing: a flush request always has PREFLUSH set, too. */
		flags = s[1] == 'F' ? 0 : FB_BLOCK_PREFLUSH;
		s++;
	}
	if (s < end)
		s += take_operation(s, (size_t)(end - s), &flags);
	for (; s < end; s++)
		flags |= *s == 'F'   ? FB_BLOCK_FUA
			 : *s == 'S' ? FB_BLOCK_SYNC
			 : *s == 'M' ? FB_BLOCK_META
				     : 0u;
	return flags;
}

static uint64_t number_at(const uint8_t *raw, struct fb_trace_field f)
{
	uint32_t narrow;
	uint64_t wide;

	if (f.size == sizeof(wide)) {
		memcpy(&wide, raw + f.offset, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, raw + f.offset, sizeof(narrow));
	return narrow;
}

static bool is_within(struct fb_trace_field f, size_t size)
{
	return f.offset + (size_t)f.size <= size;
}

int fb_trace_decode(const struct fb_trace_format *f, const void *raw, size_t size,
		    struct fb_block_event *out)
{
	const uint8_t *r = raw;
	const size_t room = sizeof(out->comm) - 1;
	uint32_t dev;

	if (!is_within(f->dev, size) || !is_within(f->sector, size) ||
	    !is_within(f->nr_sector, size) || !is_within(f->rwbs, size) ||
	    !is_within(f->comm, size))
		return -EINVAL;
	dev = (uint32_t)number_at(r, f->dev);
	out->dev_major = dev >> MINOR_BITS;
	out->dev_minor = dev & ((1u << MINOR_BITS) - 1);
	out->sector = number_at(r, f->sector);
	out->sectors = (uint32_t)number_at(r, f->nr_sector);
	/* A flush that is answered stands at all ones, or where another request was. */
	if (!out->sectors && out->sector == UINT64_MAX)
		out->sector = 0;
	out->flags = fb_trace_flags((const char *)r + f->rwbs.offset, f->rwbs.size);
	/* Zeroing that the kernel calls N: a command passed through has no sectors. */
	if (!(out->flags & OPERATIONS) && out->sectors)
		out->flags |= FB_BLOCK_WRITE | FB_BLOCK_DISCARD;
	memset(out->comm, 0, sizeof(out->comm));
	memcpy(out->comm, r + f->comm.offset,
	       f->comm.size < room ? f->comm.size : room);
	return 0;
}

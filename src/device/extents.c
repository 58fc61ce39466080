#include "device/extents.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOM_FIRST = 64 };

static int grow(struct fb_extents *e)
{
	size_t room = e->room ? 2 * e->room : ROOM_FIRST;
	struct fb_extent *list = realloc(e->list, room * sizeof(*list));

	if (!list)
		return -ENOMEM;
	e->list = list;
	e->room = room;
	return 0;
}

int fb_extents_add(struct fb_extents *e, const struct fb_extent *x)
{
	if (x->begin >= x->end)
		return 0;
	if (e->n == e->room && grow(e))
		return -ENOMEM;
	e->list[e->n++] = *x;
	return 0;
}

void fb_extents_unknown(struct fb_extents *e, const char *fmt, ...)
{
	va_list ap;

	if (*e->unknown)
		return;
	va_start(ap, fmt);
	vsnprintf(e->unknown, sizeof(e->unknown), fmt, ap);
	va_end(ap);
}

static int by_disk(const struct fb_extent *x, unsigned dev_major, unsigned dev_minor)
{
	if (x->dev_major != dev_major)
		return x->dev_major < dev_major ? -1 : 1;
	if (x->dev_minor != dev_minor)
		return x->dev_minor < dev_minor ? -1 : 1;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct fb_extent *x = a, *y = b;
	int order = by_disk(x, y->dev_major, y->dev_minor);

	if (order)
		return order;
	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

void fb_extents_join(struct fb_extents *e)
{
	size_t n = 0;

	if (e->n)
		qsort(e->list, e->n, sizeof(*e->list), by_place);
	for (size_t i = 0; i < e->n; i++) {
		const struct fb_extent *x = &e->list[i];
		struct fb_extent *last = n ? &e->list[n - 1] : NULL;

		if (last && !by_disk(last, x->dev_major, x->dev_minor) &&
		    x->begin <= last->end) {
			if (last->end < x->end)
				last->end = x->end;
		} else {
			e->list[n++] = *x;
		}
	}
	e->n = n;
}

bool fb_extents_hold(const struct fb_extents *e, unsigned dev_major, unsigned dev_minor,
		     uint64_t sector)
{
	size_t low = 0, high = e->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct fb_extent *x = &e->list[mid];
		int order = by_disk(x, dev_major, dev_minor);

		if (!order && x->begin <= sector && sector < x->end)
			return true;
		if (order < 0 || (!order && x->end <= sector))
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

void fb_extents_free(struct fb_extents *e)
{
	free(e->list);
	*e = (struct fb_extents){0};
}

#include "account/requests_parts.h"

#include <string.h>

/* So many that lost their answers at one place are looked through, and no more. */
enum { LOOKS_MAX = 64 };

static const struct fb_span *at(const struct fb_spans *s, size_t i)
{
	return &s->list[s->order[i]];
}

static bool is_before(const struct fb_span *a, const struct fb_span *b)
{
	if (a->disk != b->disk)
		return a->disk < b->disk;
	return a->begin != b->begin ? a->begin < b->begin : a->born < b->born;
}

/* The first that is not before @one. */
static size_t place(const struct fb_spans *s, const struct fb_span *one)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (is_before(at(s, mid), one))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void fb_spans_clear(struct fb_spans *s)
{
	for (size_t i = 0; i < s->n; i++)
		fb_spans_at(s, i)->born = 0;
	s->n = 0;
	memset(s->longest, 0, sizeof(s->longest));
}

bool fb_spans_add(struct fb_spans *s, const struct fb_span *one, struct fb_span *gone)
{
	const uint64_t born = one->born ? one->born : ++s->born;
	struct fb_span *slot = &s->list[born % FB_SPANS_MAX];
	const bool dropped = slot->born;
	size_t i;

	if (dropped) {
		*gone = *slot;
		fb_spans_remove(s, place(s, gone));
	}
	*slot = *one;
	slot->born = born;
	if (one->end - one->begin > s->longest[one->op])
		s->longest[one->op] = one->end - one->begin;
	i = place(s, slot);
	memmove(&s->order[i + 1], &s->order[i], (s->n - i) * sizeof(s->order[0]));
	s->order[i] = (uint16_t)(born % FB_SPANS_MAX);
	s->n++;
	return dropped;
}

void fb_spans_remove(struct fb_spans *s, size_t i)
{
	fb_spans_at(s, i)->born = 0;
	s->n--;
	memmove(&s->order[i], &s->order[i + 1], (s->n - i) * sizeof(s->order[0]));
}

size_t fb_spans_from(const struct fb_spans *s, unsigned disk, uint64_t sector)
{
	const struct fb_span begin = {.disk = (uint8_t)disk, .begin = sector};

	return place(s, &begin);
}

/* It, and all before it, lie too far before a sector to reach it. */
static bool is_out_of_reach(const struct fb_spans *s, const struct fb_span *one,
			    const struct fb_span *what)
{
	return one->disk != what->disk ||
	       what->begin - one->begin > s->longest[what->op];
}

static bool holds(const struct fb_span *one, const struct fb_span *what)
{
	return one->op == what->op &&
	       (one->begin == what->begin || one->end > what->begin);
}

size_t fb_spans_youngest(const struct fb_spans *s, const struct fb_span *what)
{
	struct fb_span last = *what;
	size_t found = s->n, i;

	last.born = UINT64_MAX;
	i = place(s, &last);
	for (size_t looks = 0; i > 0 && looks < LOOKS_MAX; looks++) {
		const struct fb_span *one = at(s, --i);

		if (is_out_of_reach(s, one, what))
			break;
		if (!holds(one, what) ||
		    (found < s->n && one->born < at(s, found)->born))
			continue;
		found = i;
		if (one->born == s->born || what->op == FB_RQ_OP_FLUSH)
			break;
	}
	return found;
}

/* Of those that begin at a sector the oldest, else the nearest that holds it. */
static size_t find(const struct fb_spans *s, const struct fb_span *what)
{
	const size_t from = place(s, what);

	for (size_t i = from; i < s->n; i++) {
		if (at(s, i)->disk != what->disk || at(s, i)->begin != what->begin)
			break;
		if (at(s, i)->op == what->op)
			return i;
	}
	for (size_t i = from; i-- > 0 && !is_out_of_reach(s, at(s, i), what);)
		if (holds(at(s, i), what))
			return i;
	return s->n;
}

/* The first that lies in @range from @sector on, in part or whole. */
static size_t next_within(const struct fb_spans *s, const struct fb_span *range,
			  uint64_t sector)
{
	const struct fb_span what = {
		.disk = range->disk,
		.op = range->op,
		.begin = sector,
	};
	size_t i = find(s, &what);

	if (i < s->n)
		return i;
	for (i = fb_spans_from(s, range->disk, sector); i < s->n; i++) {
		if (at(s, i)->disk != range->disk || at(s, i)->begin >= range->end)
			break;
		if (at(s, i)->op == range->op)
			return i;
	}
	return s->n;
}

static void add_piece(struct fb_spans *s, const struct fb_span *whole, uint64_t begin,
		      uint64_t end)
{
	struct fb_span piece = *whole, gone;

	if (begin >= end)
		return;
	if (begin != whole->begin) {
		piece.first = begin;
		piece.done = 0;
	}
	piece.begin = begin;
	piece.end = end;
	piece.left = end - begin;
	piece.born = 0;
	fb_spans_add(s, &piece, &gone);
}

bool fb_spans_cut(struct fb_spans *s, const struct fb_span *range,
		  struct fb_span *first)
{
	bool found = false;
	uint64_t sector = range->begin;

	while (sector < range->end) {
		const size_t i = next_within(s, range, sector);
		struct fb_span one;

		if (i == s->n)
			break;
		one = *at(s, i);
		fb_spans_remove(s, i);
		add_piece(s, &one, one.begin, sector);
		add_piece(s, &one, range->end, one.end);
		if (found)
			first->done += one.done;
		else
			*first = one;
		found = true;
		sector = one.end;
	}
	return found;
}

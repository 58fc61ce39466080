#include "path/nvmem_lines.h"

#include <stdbool.h>

enum { WORD = 8 };

struct fb_lines fb_lines_of_words(uint64_t offset, uint64_t length, uint64_t line)
{
	uint64_t from = (offset + WORD - 1) / WORD * WORD;
	uint64_t to = (offset + length) / WORD * WORD;

	if (from >= to)
		return (struct fb_lines){0, 0};
	return fb_lines_of(from, to - from, line);
}

static bool is_sorted(const struct fb_lines *s, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (s[i].first < s[i - 1].first)
			return false;
	return true;
}

static void swap(struct fb_lines *a, struct fb_lines *b)
{
	struct fb_lines t = *a;

	*a = *b;
	*b = t;
}

static void sift_down(struct fb_lines *s, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && s[child].first < s[child + 1].first)
			child++;
		if (s[root].first >= s[child].first)
			return;
		swap(&s[root], &s[child]);
	}
}

/* Not qsort, which may ask for memory: this runs between ops. */
static void sort(struct fb_lines *s, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(s, i, n);
	for (size_t left = n; left-- > 1;) {
		swap(&s[0], &s[left]);
		sift_down(s, 0, left);
	}
}

uint64_t fb_lines_union(struct fb_lines *all, size_t n)
{
	uint64_t lines = 0, counted = 0; /* every line before @counted */

	if (!is_sorted(all, n))
		sort(all, n);
	for (size_t i = 0; i < n; i++) {
		uint64_t from = all[i].first > counted ? all[i].first : counted;

		if (all[i].end > from) {
			lines += all[i].end - from;
			counted = all[i].end;
		}
	}
	return lines;
}

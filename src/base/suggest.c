#include "base/suggest.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 63 };

static int fold(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Three rows suffice: a swap of neighbours looks back two. */
struct rows {
	size_t row[3][WORD_MAX + 1];
};

static void fill_row(struct rows *r, const char *a, const char *b, size_t i)
{
	size_t *two = r->row[(i + 1) % 3], *one = r->row[(i + 2) % 3];
	size_t *now = r->row[i % 3];

	now[0] = i;
	for (size_t j = 1; b[j - 1]; j++) {
		int same = fold(a[i - 1]) == fold(b[j - 1]);

		now[j] = smaller(one[j], now[j - 1]) + 1;
		now[j] = smaller(now[j], one[j - 1] + !same);
		if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
		    fold(a[i - 2]) == fold(b[j - 1]))
			now[j] = smaller(now[j], two[j - 2] + 1);
	}
}

size_t fb_suggest_distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	struct rows r;

	if (na > WORD_MAX || nb > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		r.row[0][j] = j;
	for (size_t i = 1; i <= na; i++)
		fill_row(&r, a, b, i);
	return r.row[na % 3][nb];
}

/* Three letters and more that begin a word were meant as its short form. */
static const char *begun(const char *s, const char *const *words, size_t n)
{
	size_t len = strlen(s);

	for (size_t i = 0; len > 2 && i < n; i++) {
		size_t j = 0;

		while (j < len && words[i][j] && fold(words[i][j]) == fold(s[j]))
			j++;
		if (j == len)
			return words[i];
	}
	return NULL;
}

const char *fb_suggest(const char *s, const char *const *words, size_t n)
{
	const char *best = NULL;
	size_t best_distance = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(s), other = strlen(words[i]);
		size_t d = fb_suggest_distance(s, words[i]);

		if (d >= best_distance || d > (len > other ? len : other) / 3)
			continue;
		best = words[i];
		best_distance = d;
	}
	return best ? best : begun(s, words, n);
}

/*
 * suggest.h - "did you mean"
 */
#ifndef FB_BASE_SUGGEST_H
#define FB_BASE_SUGGEST_H

#include <stddef.h>

/*
 * fb_suggest_distance - edits (insert, delete, change, swap of neighbours)
 * between two words, letter case and '-' against '_' not counted
 *
 * Words longer than 63 bytes are unlike everything: SIZE_MAX.
 */
size_t fb_suggest_distance(const char *a, const char *b);

/*
 * fb_suggest - the word of @words nearest to @s
 * @words: array of @n strings
 *
 * NULL when none is near enough to have been meant: more than a third of its
 * letters differ, and it does not begin with @s.
 */
const char *fb_suggest(const char *s, const char *const *words, size_t n);

#endif

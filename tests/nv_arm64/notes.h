/*
 * notes.h - which lines of a buffer were flushed, how, and when it was waited for
 */
#ifndef FB_TESTS_NV_ARM64_NOTES_H
#define FB_TESTS_NV_ARM64_NOTES_H

#include "nt/objects.h"

#include <stdbool.h>

enum { NOTES_BYTES = 16384, NOTES_LINES = NOTES_BYTES / 16 };

/*
 * struct notes - of one call
 * @flushes:    of each line of [base, base + NOTES_BYTES), @line bytes each
 * @outside:    flushes elsewhere, or by another instruction than @how
 * @unfinished: flushes since the last fence
 */
struct notes {
	uintptr_t base;
	size_t line;
	enum fb_nt_nv_flush how;
	unsigned flushes[NOTES_LINES];
	unsigned outside;
	unsigned unfinished;
	unsigned fences;
};

extern struct notes notes;

/* notes_clear - forget what was noted; @base, @line and @how stay */
void notes_clear(void);

/* notes_exactly - each line with a byte of [at, at + n) was flushed once, no other */
bool notes_exactly(uintptr_t at, size_t n);

void note_line(uintptr_t at, enum fb_nt_nv_flush how);
void note_fence(void);

#endif

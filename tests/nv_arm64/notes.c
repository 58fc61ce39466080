#include "nv_arm64/notes.h"

#include <string.h>

struct notes notes;

void notes_clear(void)
{
	memset(notes.flushes, 0, sizeof(notes.flushes));
	notes.outside = 0;
	notes.unfinished = 0;
	notes.fences = 0;
}

bool notes_exactly(uintptr_t at, size_t n)
{
	const size_t first = (at - notes.base) / notes.line;
	const size_t end = n ? (at + n - 1 - notes.base) / notes.line + 1 : first;

	for (size_t i = 0; i < NOTES_BYTES / notes.line; i++)
		if (notes.flushes[i] != (i >= first && i < end))
			return false;
	return !notes.outside;
}

void note_line(uintptr_t at, enum fb_nt_nv_flush how)
{
	const uintptr_t offset = at - notes.base;

	notes.unfinished++;
	if (offset >= NOTES_BYTES || how != notes.how)
		notes.outside++;
	else
		notes.flushes[offset / notes.line]++;
}

void note_fence(void)
{
	notes.fences++;
	notes.unfinished = 0;
}

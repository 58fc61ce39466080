/*
 * nv_medium.h - what would survive a power loss: a model fed with the instructions that
 * push stores out
 *
 * A flush pushes a line as it is then, a streaming store its own bytes; both count only
 * from the next fence on.
 */
#ifndef FB_TESTS_SUPPORT_NV_MEDIUM_H
#define FB_TESTS_SUPPORT_NV_MEDIUM_H

#include "nt/objects.h"

enum { NV_MEDIUM_LINE = 64 };

/* struct nv_event - @stream bytes stored at @at, or 0: its line flushed by @how */
struct nv_event {
	size_t at;
	size_t stream;
	enum fb_nt_nv_flush how;
};

/*
 * nv_medium - of the @length bytes from @at on; nv_event.at counts from there
 * @durable: what would be found after a power loss
 * @events:  since nv_medium_forget, @fences not among them
 * @after:   events since the last fence
 */
extern struct nv_medium {
	char *at;
	size_t length;
	char *pushed;
	char *durable;
	struct nv_event *events;
	size_t n_events;
	size_t after;
	unsigned fences;
} nv_medium;

/* nv_medium_make - the memory as it is now is durable; fails the test */
void nv_medium_make(char *at, size_t length);
void nv_medium_remove(void);

/* nv_medium_forget - the events; what is durable stays so */
void nv_medium_forget(void);

/* nv_medium_settle - make @n bytes durable without any event */
void nv_medium_settle(size_t at, size_t n);

/* What the instructions do. An address that is not in the memory fails the test. */
void nv_medium_flush(uintptr_t at, enum fb_nt_nv_flush how);
void nv_medium_stream(const void *to, size_t n);
void nv_medium_fence(void);

#endif

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/nv_medium.h"

#include <stdlib.h>
#include <string.h>

struct nv_medium nv_medium;

/* A line may be flushed twice, and be streamed in words besides. */
static size_t most_events(void)
{
	return nv_medium.length;
}

void nv_medium_make(char *at, size_t length)
{
	struct nv_medium *m = &nv_medium;

	m->at = at;
	m->length = length;
	m->pushed = malloc(length);
	m->durable = malloc(length);
	m->events = malloc(most_events() * sizeof(*m->events));
	assert_true(m->pushed && m->durable && m->events);
	nv_medium_settle(0, length);
}

void nv_medium_remove(void)
{
	free(nv_medium.pushed);
	free(nv_medium.durable);
	free(nv_medium.events);
	nv_medium = (struct nv_medium){0};
}

void nv_medium_forget(void)
{
	nv_medium.n_events = 0;
	nv_medium.after = 0;
	nv_medium.fences = 0;
}

void nv_medium_settle(size_t at, size_t n)
{
	memcpy(nv_medium.durable + at, nv_medium.at + at, n);
}

static void note(struct nv_event e, size_t n)
{
	struct nv_medium *m = &nv_medium;

	if (e.at > m->length || n > m->length - e.at)
		fail_msg("an instruction for %zu bytes at %zu, which is outside", n,
			 e.at);
	assert_true(m->n_events < most_events());
	memcpy(m->pushed + e.at, m->at + e.at, n);
	m->events[m->n_events++] = e;
	m->after++;
}

void nv_medium_flush(uintptr_t at, enum fb_nt_nv_flush how)
{
	const size_t offset = at - (uintptr_t)nv_medium.at;

	note((struct nv_event){offset & ~(size_t)(NV_MEDIUM_LINE - 1), 0, how},
	     NV_MEDIUM_LINE);
}

void nv_medium_stream(const void *to, size_t n)
{
	const size_t offset = (uintptr_t)to - (uintptr_t)nv_medium.at;

	if ((uintptr_t)to % n)
		fail_msg("%zu bytes streamed to %p, which is not aligned", n, to);
	note((struct nv_event){offset, n, FB_NT_NV_NONE}, n);
}

void nv_medium_fence(void)
{
	struct nv_medium *m = &nv_medium;

	for (; m->after; m->after--) {
		const struct nv_event *e = &m->events[m->n_events - m->after];

		memcpy(m->durable + e->at, m->pushed + e->at,
		       e->stream ? e->stream : NV_MEDIUM_LINE);
	}
	m->fences++;
}

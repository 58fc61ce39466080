/*
 * nv_rig.h - memory that stands for non-volatile memory, between pages nobody may touch
 */
#ifndef FB_TESTS_SUPPORT_NV_RIG_H
#define FB_TESTS_SUPPORT_NV_RIG_H

#include "nt/objects.h"

/*
 * struct nv_rig - @at is @length bytes of whole pages, @token for exactly those
 * @view: begins with a page before @at, ends with a page after it, both inaccessible
 */
struct nv_rig {
	char *view;
	char *at;
	size_t length;
	size_t page;
	PVOID token;
};

/* nv_rig_make - all zero; fails the test. nv_rig_remove in any case. */
void nv_rig_make(struct nv_rig *r, size_t pages);
void nv_rig_remove(struct nv_rig *r);

/* nv_memory_view - a view of @bytes of memory without a name; fails the test */
void *nv_memory_view(size_t bytes);

/* nv_token - for a part of any writable view; fails the test */
PVOID nv_token(void *base, size_t length);

/*
 * nv_source - @length random bytes that end right before an inaccessible page and begin
 * at a page that comes right after one; fails the test. @length in whole pages.
 */
char *nv_source(size_t length);
void nv_source_free(char *at, size_t length);

/* nv_all_flushes - every way to flush a line, without AUTO; ends with AUTO */
extern const enum fb_nt_nv_flush nv_all_flushes[];

#endif

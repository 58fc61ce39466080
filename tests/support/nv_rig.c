#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/nv_rig.h"

#include "nt/nt.h"
#include "support/nt_assert.h"

#include <sys/mman.h>
#include <unistd.h>

const enum fb_nt_nv_flush nv_all_flushes[] = {
	FB_NT_NV_CLWB, FB_NT_NV_CLFLUSHOPT, FB_NT_NV_CLFLUSH, FB_NT_NV_NONE,
	FB_NT_NV_CVAP, FB_NT_NV_CVAC,       FB_NT_NV_AUTO,
};

void *nv_memory_view(size_t bytes)
{
	HANDLE memory = NULL;
	void *view = NULL;

	assert_status(STATUS_SUCCESS, fb_nt_create_memory(bytes, &memory));
	assert_status(STATUS_SUCCESS, fb_nt_map_view(memory, 0, bytes, false, &view));
	assert_status(STATUS_SUCCESS, NtClose(memory));
	return view;
}

PVOID nv_token(void *base, size_t length)
{
	PVOID token = NULL;

	assert_status(STATUS_SUCCESS, fb_nt_emulate_nv_token(base, length, &token));
	assert_non_null(token);
	return token;
}

void nv_rig_make(struct nv_rig *r, size_t pages)
{
	r->page = (size_t)sysconf(_SC_PAGESIZE);
	r->length = pages * r->page;
	r->view = nv_memory_view(r->length + 2 * r->page);
	r->at = r->view + r->page;
	assert_false(mprotect(r->view, r->page, PROT_NONE));
	assert_false(mprotect(r->at + r->length, r->page, PROT_NONE));
	r->token = nv_token(r->at, r->length);
}

void nv_rig_remove(struct nv_rig *r)
{
	if (r->view)
		fb_nt_unmap_view(r->view);
	*r = (struct nv_rig){0};
}

char *nv_source(size_t length)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, length + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	uint64_t x = 0x9e3779b97f4a7c15;

	assert_ptr_not_equal(at, MAP_FAILED);
	at += page;
	assert_false(mprotect(at, length, PROT_READ | PROT_WRITE));
	for (size_t i = 0; i < length; i++) {
		x = x * 6364136223846793005 + 1442695040888963407;
		at[i] = (char)(x >> 56);
	}
	return at;
}

void nv_source_free(char *at, size_t length)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (at)
		munmap(at - page, length + 2 * page);
}

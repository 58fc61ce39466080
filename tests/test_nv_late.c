/*
 * A view that is unmapped while a token for it is on its way.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nv_token.h"

/* What grants tokens anew, with something happening in its midst. */
static int get_cpu_late(enum fb_nt_nv_flush how, const struct fb_nv_cpu **out);
static NTSTATUS add_token_late(const struct fb_nv_token *t, PVOID *out);
#define fb_nv_cpu_get   get_cpu_late
#define fb_nv_token_add add_token_late
#include "nt/nv_grant_posix.c"
#undef fb_nv_cpu_get
#undef fb_nv_token_add

#include "support/need.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"

#include <string.h>
#include <unistd.h>

/* @meanwhile happens before the token's birth, or after it */
static struct {
	void (*meanwhile)(void);
	bool after_birth;
	char *view;
	char *again;
	PVOID born;
} late;

static int get_cpu_late(enum fb_nt_nv_flush how, const struct fb_nv_cpu **out)
{
	if (late.meanwhile && !late.after_birth)
		late.meanwhile();
	return fb_nv_cpu_get(how, out);
}

static NTSTATUS add_token_late(const struct fb_nv_token *t, PVOID *out)
{
	const NTSTATUS status = fb_nv_token_add(t, out);

	late.born = *out;
	if (late.meanwhile && late.after_birth)
		late.meanwhile();
	return status;
}

static int setup(void **state)
{
	(void)state;
	memset(&late, 0, sizeof(late));
	late.view = nv_memory_view((size_t)getpagesize());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	late.meanwhile = NULL;
	fb_nt_unmap_view(late.view);
	return 0;
}

static void unmap(void)
{
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(late.view));
}

static void unmap_and_map(void)
{
	unmap();
	late.again = nv_memory_view((size_t)getpagesize());
}

static void assert_told(void (*meanwhile)(void))
{
	PVOID untouched = &untouched;

	late.meanwhile = meanwhile;
	assert_status(STATUS_INFO_LENGTH_MISMATCH,
		      fb_nt_emulate_nv_token(late.view, 1, &untouched));
	assert_ptr_equal(untouched, &untouched);
	assert_non_null(late.born);
	assert_status(STATUS_INVALID_PARAMETER, RtlDrainNonVolatileFlush(late.born));
}

static void a_view_unmapped_before_its_tokens_birth_gets_none(void **state)
{
	(void)state;
	assert_told(unmap);
}

static void a_view_unmapped_right_after_gets_none(void **state)
{
	(void)state;
	late.after_birth = true;
	assert_told(unmap);
}

static void another_one_in_its_place_is_not_taken_for_it(void **state)
{
	(void)state;
	assert_told(unmap_and_map);
	if (late.again != late.view)
		fb_nt_unmap_view(late.again);
	need(late.again == late.view ? NULL : "the system mapped it elsewhere");
}

static void without_anything_in_its_midst_a_token_is_granted(void **state)
{
	(void)state;
	assert_status(STATUS_SUCCESS, RtlDrainNonVolatileFlush(nv_token(late.view, 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_view_unmapped_before_its_tokens_birth_gets_none),
		T(a_view_unmapped_right_after_gets_none),
		T(another_one_in_its_place_is_not_taken_for_it),
		T(without_anything_in_its_midst_a_token_is_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

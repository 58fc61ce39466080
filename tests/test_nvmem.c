/*
 * The path nvmem: the routines that each mode calls and the lines it says they flush.
 * The routines are spied on, then called.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"

#include <stdio.h>
#include <string.h>

static struct {
	char text[512];
	const char *view;
} calls;

static void note(const char *name, const void *at, size_t n, unsigned flags)
{
	size_t used = strlen(calls.text);

	snprintf(calls.text + used, sizeof(calls.text) - used, "%s %td+%zu:%x ", name,
		 (const char *)at - calls.view, n, flags);
}

static NTSTATUS spy_flush(PVOID token, PVOID at, SIZE_T n, ULONG flags)
{
	note("flush", at, n, flags);
	return RtlFlushNonVolatileMemory(token, at, n, flags);
}

static NTSTATUS spy_ranges(PVOID token, PNV_MEMORY_RANGE r, SIZE_T n, ULONG flags)
{
	for (size_t i = 0; i < n; i++)
		note(i ? "and" : "ranges", r[i].BaseAddress, r[i].Length, flags);
	return RtlFlushNonVolatileMemoryRanges(token, r, n, flags);
}

static NTSTATUS spy_drain(PVOID token)
{
	strcat(calls.text, "drain ");
	return RtlDrainNonVolatileFlush(token);
}

static NTSTATUS spy_write(PVOID token, void *to, const void *from, SIZE_T n,
			  ULONG flags)
{
	note("write", to, n, flags);
	return RtlWriteNonVolatileMemory(token, to, from, n, flags);
}

static NTSTATUS spy_fill(PVOID token, void *to, SIZE_T n, UCHAR value, ULONG flags)
{
	note("fill", to, n, flags);
	return RtlFillNonVolatileMemory(token, to, n, value, flags);
}

/* In the place of the library's: what it calls is what the spies hear. */
#define RtlFlushNonVolatileMemory       spy_flush
#define RtlFlushNonVolatileMemoryRanges spy_ranges
#define RtlDrainNonVolatileFlush        spy_drain
#define RtlWriteNonVolatileMemory       spy_write
#define RtlFillNonVolatileMemory        spy_fill
#include "path/nvmem.c"

#include "support/need.h"
#include "support/nvmem_case.h"
#include "support/path_rig.h"

enum { PAGE_SIZE = 4096, PAGES = 64, LANES = PATH_RIG_LANES };

static struct path_rig rig;

static int set_up(void **state)
{
	struct fb_case c = nvmem_case(100, PAGES * PAGE_SIZE);

	(void)state;
	c.writes_per_flush = 2;
	c.numjobs = c.flushers = LANES;
	return path_rig_make(&rig, c);
}

static int tear_down(void **state)
{
	(void)state;
	return path_rig_remove(&rig);
}

static char *view_of(unsigned lane)
{
	return ((struct nvmem_lane *)rig.lane[lane])->view;
}

/* Ops of two writes of 100 bytes each, at 1000 and 5000: three lines and two. The next
 * op's are so much further on. */
enum {
	FIRST = 1000,
	SECOND = 5000,
	LENGTH = 100,
	NEXT = 8192,
	DIRTIED = 3 + 2,
	BETWEEN = 65
};

static bool flushes(unsigned lane)
{
	return !fb_mode_get((enum fb_mode)rig.c.mode)->one_call &&
	       lane < rig.c.flushers;
}

static void do_ops(unsigned lane, uint64_t n)
{
	static char data[LENGTH];
	struct fb_lane *l = rig.lane[lane];
	struct fb_write w[8];

	memset(data, 'x', LENGTH);
	calls.view = view_of(lane);
	calls.text[0] = '\0';
	for (uint64_t i = 0; i < 2 * n; i++)
		w[i] = (struct fb_write){(i % 2 ? SECOND : FIRST) + i / 2 * NEXT, data,
					 LENGTH};
	l->ops->begin_ops(l, w, 2, n);
	for (uint64_t i = 0; i < n; i++) {
		assert_int_equal(l->ops->write(l, &w[2 * i]), 0);
		assert_int_equal(l->ops->write(l, &w[2 * i + 1]), 0);
		if (flushes(lane))
			assert_int_equal(l->ops->flush(l, FIRST + i * NEXT,
						       SECOND + LENGTH - FIRST),
					 0);
	}
}

static struct fb_path_counters counted(void)
{
	struct fb_path_counters n;

	fb_path_nvmem.counters(rig.path, &n);
	return n;
}

/* @calls: of one op; @flushed: lines by them, @none: where no line is flushed */
static const struct expected {
	enum fb_mode mode;
	const char *calls;
	uint64_t flushed, none;
} table[] = {
	{FB_MODE_FLUSH, "flush 1000+4100:0 ", BETWEEN, 0},
	{FB_MODE_FLUSH_DRAIN, "flush 1000+100:1 flush 5000+100:1 drain ", DIRTIED, 0},
	{FB_MODE_RANGES, "ranges 1000+100:0 and 5000+100:0 ", DIRTIED, 0},
	{FB_MODE_WRITE, "write 1000+100:0 write 5000+100:0 flush 1000+4100:0 ", BETWEEN,
	 0},
	{FB_MODE_WRITE_FLUSH, "write 1000+100:1 write 5000+100:1 ", DIRTIED, 0},
	{FB_MODE_WRITE_FLUSH_DRAIN, "write 1000+100:101 write 5000+100:101 drain ",
	 DIRTIED, 0},
	{FB_MODE_WRITE_NT, "write 1000+100:2 write 5000+100:2 ", DIRTIED, DIRTIED},
	{FB_MODE_WRITE_PERSIST, "write 1000+100:3 write 5000+100:3 ", DIRTIED, 0},
	{FB_MODE_FILL_FLUSH, "fill 1000+100:1 fill 5000+100:1 ", DIRTIED, 0},
	{FB_MODE_FILL_NT, "fill 1000+100:2 fill 5000+100:2 ", DIRTIED, DIRTIED},
	{FB_MODE_FILL_PERSIST, "fill 1000+100:3 fill 5000+100:3 ", DIRTIED, 0},
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

static void check_bytes(unsigned lane)
{
	char back[LENGTH + 2], want[LENGTH + 2] = {0};

	memset(want + 1, 'x', LENGTH);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fb_path_nvmem.read_back(rig.path, lane,
							 (i ? SECOND : FIRST) - 1, back,
							 sizeof(back)),
				 0);
		assert_memory_equal(back, want, sizeof(want));
	}
}

static void each_mode_makes_its_calls_and_counts_their_lines(void **state)
{
	(void)state;
	for (int i = 0; i < ROWS; i++) {
		rig.c.mode = (int)table[i].mode;
		path_rig_open(&rig);
		do_ops(0, 1);
		assert_string_equal(calls.text, table[i].calls);
		check_bytes(0);
		assert_int_equal(counted().lines_dirtied, DIRTIED);
		assert_int_equal(counted().lines_flushed, table[i].flushed);
		path_rig_close(&rig);
	}
}

static void every_mode_of_the_path_is_in_the_table(void **state)
{
	int n = 0;

	(void)state;
	for (int m = 0; m < FB_MODE_COUNT; m++)
		n += fb_mode_on(FB_PATH_NVMEM, (enum fb_mode)m);
	assert_int_equal(n, ROWS);
}

static void ops_of_a_batch_are_flushed_one_after_another(void **state)
{
	(void)state;
	rig.c.batch = 2;
	rig.c.mode = FB_MODE_FLUSH_DRAIN;
	path_rig_open(&rig);
	do_ops(0, 2);
	assert_string_equal(calls.text, "flush 1000+100:1 flush 5000+100:1 drain "
					"flush 9192+100:1 flush 13192+100:1 drain ");
	assert_int_equal(counted().lines_dirtied, 2 * DIRTIED);
	assert_int_equal(counted().lines_flushed, 2 * DIRTIED);
	path_rig_close(&rig);
	rig.c.mode = FB_MODE_RANGES;
	path_rig_open(&rig);
	do_ops(0, 2);
	assert_string_equal(calls.text, "ranges 1000+100:0 and 5000+100:0 "
					"ranges 9192+100:0 and 13192+100:0 ");
}

static bool streams(void)
{
	struct fb_nt_nv_info info;

	fb_nt_query_nv_token(((struct nvmem_lane *)rig.lane[0])->token, &info);
	return strcmp(info.stream_name, "none") != 0;
}

static void without_an_instruction_only_what_streams_is_flushed(void **state)
{
	(void)state;
	rig.c.nv_flush = FB_NV_FLUSH_NONE;
	path_rig_open(&rig);
	if (!streams())
		need("this CPU has no stores past its caches");
	path_rig_close(&rig);
	for (int i = 0; i < ROWS; i++) {
		rig.c.mode = (int)table[i].mode;
		path_rig_open(&rig);
		do_ops(0, 1);
		assert_int_equal(counted().lines_dirtied, DIRTIED);
		assert_int_equal(counted().lines_flushed, table[i].none);
		path_rig_close(&rig);
	}
}

static void a_thread_that_does_not_flush_counts_what_it_dirties_alone(void **state)
{
	(void)state;
	rig.c.flushers = 1;
	rig.c.batch = 3;
	for (int i = 0; i < 4; i++) {
		rig.c.mode = (int)table[i].mode;
		path_rig_open(&rig);
		do_ops(1, 3);
		assert_int_equal(counted().lines_dirtied, 3 * DIRTIED);
		assert_int_equal(counted().lines_flushed, 0);
		do_ops(0, 1);
		assert_int_equal(counted().lines_flushed, table[i].flushed);
		path_rig_close(&rig);
	}
}

/* Bytes 60 to 75: of the words that stream the one at 64 alone. */
static void a_line_of_which_no_word_streams_is_not_counted(void **state)
{
	const struct fb_write w = {60, "sixteen bytes...", 15};

	(void)state;
	rig.c.mode = FB_MODE_WRITE_NT;
	for (int i = 0; i < 2; i++) {
		rig.c.nv_flush = i ? FB_NV_FLUSH_NONE : FB_NV_FLUSH_AUTO;
		path_rig_open(&rig);
		if (i && !streams())
			need("this CPU has no stores past its caches");
		rig.lane[0]->ops->begin_ops(rig.lane[0], &w, 1, 1);
		assert_int_equal(counted().lines_dirtied, 2);
		assert_int_equal(counted().lines_flushed, i ? 1 : 2);
		path_rig_close(&rig);
	}
}

static void each_thread_counts_for_itself(void **state)
{
	const struct count *c[LANES];

	(void)state;
	rig.c.batch = 2;
	path_rig_open(&rig);
	for (unsigned i = 0; i < LANES; i++)
		c[i] = ((struct nvmem_lane *)rig.lane[i])->count;
	do_ops(0, 1);
	do_ops(1, 2);
	assert_int_equal(c[0]->dirtied, DIRTIED);
	assert_int_equal(c[1]->dirtied, 2 * DIRTIED);
	assert_int_equal(counted().lines_dirtied, 3 * DIRTIED);
}

static void threads_share_a_region_or_have_their_own(void **state)
{
	(void)state;
	path_rig_open(&rig);
	assert_ptr_not_equal(view_of(0), view_of(1));
	do_ops(0, 1);
	assert_int_equal(view_of(0)[FIRST], 'x');
	assert_int_equal(view_of(1)[FIRST], 0);
	path_rig_close(&rig);
	rig.c.share = FB_SHARE_ONE;
	path_rig_open(&rig);
	assert_ptr_equal(view_of(0), view_of(1));
	do_ops(0, 1);
	check_bytes(1);
}

static void a_token_that_is_gone_is_an_error_of_the_call(void **state)
{
	struct fb_write w = {.offset = 0, .data = "12345678", .length = 8};

	(void)state;
	rig.c.mode = FB_MODE_WRITE;
	path_rig_open(&rig);
	calls.view = view_of(0);
	RtlFreeNonVolatileToken(((struct nvmem_lane *)rig.lane[0])->token);
	rig.lane[0]->ops->begin_ops(rig.lane[0], &w, 1, 1);
	assert_int_equal(rig.lane[0]->ops->write(rig.lane[0], &w), -EINVAL);
	assert_non_null(strstr(rig.lane[0]->err.text, "write failed"));
	assert_int_equal(rig.lane[0]->ops->flush(rig.lane[0], 0, 8), -EINVAL);
	assert_non_null(strstr(rig.lane[0]->err.text, "flush failed"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_mode_makes_its_calls_and_counts_their_lines),
		T(every_mode_of_the_path_is_in_the_table),
		T(ops_of_a_batch_are_flushed_one_after_another),
		T(without_an_instruction_only_what_streams_is_flushed),
		T(a_line_of_which_no_word_streams_is_not_counted),
		T(each_thread_counts_for_itself),
		T(a_thread_that_does_not_flush_counts_what_it_dirties_alone),
		T(threads_share_a_region_or_have_their_own),
		T(a_token_that_is_gone_is_an_error_of_the_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

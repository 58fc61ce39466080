/*
 * What a plan makes of path nvmem: its parameters, what has no meaning there, what
 * contradicts itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plan_rig.h"

#include <stdio.h>
#include <string.h>

#define NVMEM "path=nvmem\nmode=flush\n"

/* Refused as a whole: nothing is left of the plan. */
static void assert_left_out(const char *text, const char *what)
{
	const char *reason = only_left_out(text);

	if (!strstr(reason, what))
		fail_msg("\"%s\" does not say \"%s\"", reason, what);
}

static void assert_planned(const char *text)
{
	plan_rig_again();
	if (expand(text))
		fail_msg("%s", rig.err.text);
	assert_int_equal(rig.plan.n_cases, 1);
}

static void the_defaults_are_those_of_the_table(void **state)
{
	const struct fb_case *c;

	(void)state;
	assert_int_equal(expand(NVMEM "bs=64\n"), 0);
	c = rig.plan.cases;
	assert_int_equal(c->batch, 1);
	assert_int_equal(c->nv_flush, FB_NV_FLUSH_AUTO);
	assert_int_equal(c->nv_emulate, 0);
	assert_int_equal(c->ranges, 1);
	assert_int_equal(c->stride, 64);
	assert_int_equal(c->align, 64);
}

static void stride_and_align_follow_unless_they_are_given(void **state)
{
	static const struct {
		const char *text;
		uint64_t stride, align;
	} list[] = {
		{"bs=64\nranges=4\n", 64, 256},
		{"bs=64\nranges=4\nstride=4k\n", 4096, 3 * 4096 + 64},
		{"bs=64\nranges=4\nstride=4k\nalign=1\n", 4096, 1},
		{"bs=100\nalign=64\n", 100, 64},
		{"bs=64\nsize=8g\nalign=4g\n", 64, UINT64_C(4) << 30},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		snprintf(text, sizeof(text), NVMEM "%s", list[i].text);
		assert_planned(text);
		assert_int_equal(rig.plan.cases[0].stride, list[i].stride);
		assert_int_equal(rig.plan.cases[0].align, list[i].align);
	}
}

static void what_follows_is_not_told_and_what_was_given_is_read_back(void **state)
{
	char what[256];

	(void)state;
	assert_planned(NVMEM "bs=64\nranges=4\n");
	fb_plan_describe(rig.plan.cases, what, sizeof(what));
	assert_string_equal(what, "path=nvmem mode=flush bs=64 ranges=4");
	assert_planned(NVMEM "bs=64\nranges=4\nstride=4k\nalign=16k\nbatch=8\n"
			     "nv_flush=clflush\nnv_emulate=1\n");
	fb_plan_describe(rig.plan.cases, what, sizeof(what));
	assert_string_equal(what, "path=nvmem mode=flush bs=64 batch=8 "
				  "nv_flush=clflush nv_emulate=1 ranges=4 stride=4k "
				  "align=16k");
}

static void what_belongs_to_disks_is_empty_there_and_the_other_way_round(void **state)
{
	static const char *const of_disks[] = {"prepare",     "fill_bs", "invalidate",
					       "direct",      "no_sync", "account",
					       "flush_range", "hives"};
	static const char *const of_nvmem[] = {"batch",  "nv_flush", "nv_emulate",
					       "ranges", "stride",   "align"};

	(void)state;
	assert_int_equal(expand("path=file,nvmem\nmode=normal,flush\nranges=1,2\n"
				"stride=8k\nsize=1m\n"),
			 0);
	assert_int_equal(rig.plan.n_cases, 3);
	for (size_t i = 0; i < rig.plan.n_cases; i++) {
		const struct fb_case *c = &rig.plan.cases[i];
		bool nvmem = c->path == FB_PATH_NVMEM;

		for (size_t k = 0; k < 8; k++)
			assert_int_equal(is_given(c, of_disks[k]),
					 !nvmem && k != 4 && k < 6);
		for (size_t k = 0; k < 6; k++)
			assert_int_equal(is_given(c, of_nvmem[k]),
					 nvmem && (k != 4 || c->ranges > 1));
		assert_true(is_given(c, "data") && is_given(c, "bs"));
	}
}

static void what_has_no_meaning_there_is_left_out_with_its_reason(void **state)
{
	(void)state;
	assert_left_out(NVMEM "direct=1\n", "direct: ");
	assert_left_out(NVMEM "prepare=unwritten\n", "prepare: ");
	assert_left_out(NVMEM "prepare=extend\n", "prepare: ");
	assert_left_out(NVMEM "pattern=create\n", "pattern create: ");
	assert_left_out("path=nvmem\nmode=write-persist\nnumjobs=2\nflushers=1\n",
			"flushers: ");
	assert_left_out("path=nvmem\nmode=write-flush-drain\nnumjobs=2\nflushers=1\n",
			"flushers: ");
	assert_left_out("path=file\nmode=write-nt\n", "--path nvmem");
	assert_left_out("path=nvmem\nmode=msync\n", "--path mapped");
}

static void what_contradicts_itself_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_not_planned(NVMEM "bs=64\nranges=2\nstride=63\n", 5, "at least bs");
	assert_not_planned(NVMEM "size=4k\nbs=64\nranges=2\nstride=4k\n", 3,
			   "the ranges of a write");
	assert_not_planned(NVMEM "size=4k\nbs=8k\n", 3, "at least bs");
	assert_not_planned(NVMEM "size=4k\nbs=64\nalign=8k\n", 5, "at most size");
	assert_not_planned(NVMEM "size=4k\nbs=64\nalign=1k\nwrites_per_flush=5\n", 3,
			   "a place for each write");
	assert_not_planned(NVMEM "batch=2\nrate_iops=1000\n", 3, "give one of the two");
	assert_not_planned(NVMEM "batch=2\nthinktime=1\n", 3, "give one of the two");
	assert_not_planned(NVMEM "batch=3\nops=10\n", 4, "a multiple of batch");
	assert_not_planned(NVMEM "size=1g\nbs=1\nbatch=1024\nranges=32\n"
				 "writes_per_flush=33\n",
			   5,
			   "batch x writes_per_flush x ranges must be at most 1048576");
	assert_not_planned(NVMEM "size=1g\nbs=1\nranges=1024\nwrites_per_flush=1025\n",
			   6, ": writes_per_flush x ranges must be at most 1048576");
	assert_not_planned(NVMEM "pattern=append\nsize=64k\nbs=64\nbatch=1025\n", 4,
			   "a place for each write of a batch");
	assert_not_planned(NVMEM "pattern=append\nsize=64k\nbs=64\nbatch=342\n"
				 "writes_per_flush=3\n",
			   4, "batch=342");
	assert_not_planned(NVMEM
			   "pattern=append\nsize=64k\nbs=64\nbatch=513\nnumjobs=2\n"
			   "share=one\n",
			   4, "a place for each write of a batch");
	assert_not_planned(NVMEM "nv_flush=mfence\n", 3, "clflushopt");
	assert_not_planned(NVMEM "batch=0\n", 3, "batch=0");
	assert_not_planned(NVMEM "ranges=0\n", 3, "ranges=0");
	assert_not_planned(NVMEM "align=0\n", 3, "align=0");
}

static void what_just_fits_is_planned(void **state)
{
	(void)state;
	assert_planned(NVMEM "size=4160\nbs=64\nranges=2\nstride=4k\n");
	assert_planned(NVMEM "bs=64\nranges=1\nstride=1\n");
	assert_planned(NVMEM "size=4k\nbs=64\nalign=4k\n");
	assert_planned(NVMEM "size=4k\nbs=64\nalign=1k\nwrites_per_flush=4\n");
	assert_planned(NVMEM "size=4k\nbs=64\nalign=1\nwrites_per_flush=4033\n");
	assert_planned(NVMEM "size=1g\nbs=1\nbatch=1024\nranges=32\n"
			     "writes_per_flush=32\n");
	assert_planned(NVMEM "batch=5\nops=10\n");
	assert_planned(NVMEM "pattern=append\nsize=64k\nbs=64\nbatch=1024\n");
	assert_planned(NVMEM "pattern=append\nsize=64k\nbs=64\nbatch=341\n"
			     "writes_per_flush=3\n");
	assert_planned(NVMEM "pattern=append\nsize=64k\nbs=64\nbatch=512\nnumjobs=2\n"
			     "share=one\n");
	assert_planned(NVMEM
		       "pattern=append\nsize=64k\nbs=64\nbatch=1024\nnumjobs=2\n");
	assert_planned(NVMEM "pattern=seq\nsize=64k\nbs=64\nbatch=1025\n");
	assert_planned(NVMEM "bs=64m\n");
}

static void a_mode_is_found_by_the_routine_it_calls(void **state)
{
	static const struct {
		const char *call, *mode;
	} list[] = {
		{"RtlFlushNonVolatileMemory", "flush?"},
		{"RtlFlushNonVolatileMemoryRanges", "ranges?"},
		{"RtlDrainNonVolatileFlush", "flush-drain?"},
		{"RtlWriteNonVolatileMemory", "write-persist?"},
		{"RtlFillNonVolatileMemory", "fill-persist?"},
		{"pmem_persist", "flush?"},
		{"pmem_memcpy_persist", "write-persist?"},
		{"pmem_memset_persist", "fill-persist?"},
		{"clwb", "flush with nv_flush=clwb?"},
		{"clflushopt", "flush with nv_flush=clflushopt?"},
		{"clflush", "flush with nv_flush=clflush?"},
	};
	char text[128], says[64];

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		snprintf(text, sizeof(text), "path=nvmem\nmode=%s\n", list[i].call);
		snprintf(says, sizeof(says), "did you mean %s", list[i].mode);
		assert_not_planned(text, 2, says);
		/* and every mode there is follows, the last one whole */
		assert_told(2, "fill-nt, fill-persist)");
	}
}

static void the_path_is_found_by_what_others_call_it(void **state)
{
	static const char *const words[] = {"pmem", "libpmem", "dax", "dev-dax",
					    "nvdimm"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(text, sizeof(text), "path=%s\n", words[i]);
		assert_not_planned(text, 1, "did you mean nvmem?");
	}
	assert_not_planned("path=mmap\n", 1, "did you mean mapped?");
	assert_not_planned("path=fil\n", 1, "did you mean file?");
}

/* One range has no next one: its cases are not run once for each value. */
static void stride_is_for_writes_of_several_ranges(void **state)
{
	int alone = 0;

	(void)state;
	assert_int_equal(expand(NVMEM "bs=64\nranges=1,4\nstride=64,4k\n"), 0);
	assert_int_equal(rig.plan.n_cases, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct fb_case *c = &rig.plan.cases[i];

		alone += c->ranges == 1;
		assert_int_equal(is_given(c, "stride"), c->ranges > 1);
		assert_int_equal(is_given(c, "align"), 1);
	}
	assert_int_equal(alone, 1);
}

static void a_stride_given_in_vain_is_told(void **state)
{
	(void)state;
	assert_int_equal(expand(NVMEM "bs=64\nstride=4k\n"), 0);
	assert_int_equal(fb_plan_find_unheard(&rig.plan, &rig.profile, &rig.err), 0);
	assert_int_equal(rig.plan.n_unheard, 1);
	assert_string_equal(rig.plan.unheard[0].param, "stride");
	assert_non_null(strstr(rig.plan.unheard[0].when, "ranges"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, plan_rig_enter, plan_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_defaults_are_those_of_the_table),
		T(stride_and_align_follow_unless_they_are_given),
		T(what_follows_is_not_told_and_what_was_given_is_read_back),
		T(what_belongs_to_disks_is_empty_there_and_the_other_way_round),
		T(what_has_no_meaning_there_is_left_out_with_its_reason),
		T(what_contradicts_itself_is_refused_with_its_line),
		T(what_just_fits_is_planned),
		T(stride_is_for_writes_of_several_ranges),
		T(a_stride_given_in_vain_is_told),
		T(the_path_is_found_by_what_others_call_it),
		T(a_mode_is_found_by_the_routine_it_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

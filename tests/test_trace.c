#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/trace_ring.h"
#include "support/need.h"
#include "support/trace_lab.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

/* The kernel's own counters of the first disk, since boot. */
struct counters {
	uint64_t reads, writes, sectors, flushes;
};

static struct counters counters(void)
{
	struct counters c = {0};
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", trace_lab.disks[0].name);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f,
				"%" SCNu64 " %*u %*u %*u %" SCNu64 " %*u %" SCNu64
				" %*u %*u %*u %*u %*u %*u %*u %*u %" SCNu64,
				&c.reads, &c.writes, &c.sectors, &c.flushes),
			 4);
	fclose(f);
	return c;
}

static struct counters since(struct counters from)
{
	const struct counters now = counters();

	return (struct counters){now.reads - from.reads, now.writes - from.writes,
				 now.sectors - from.sectors,
				 now.flushes - from.flushes};
}

static void flush_pages(bool read_each)
{
	for (int i = 0; i < TRACE_LAB_OPS; i++) {
		trace_lab_write_pages(i, 1);
		assert_int_equal(fdatasync(trace_lab.file), 0);
		if (read_each)
			trace_lab_read_events();
	}
}

static void assert_as_counted(struct counters c)
{
	uint64_t sectors = 0;

	for (size_t i = 0; i < trace_lab.n_events; i++)
		if (trace_lab.events[i].kind == FB_BLOCK_ISSUE &&
		    trace_lab.events[i].flags & FB_BLOCK_WRITE)
			sectors += trace_lab.events[i].sectors;
	assert_int_equal(
		c.writes,
		trace_lab_count(FB_BLOCK_ISSUE, FB_BLOCK_WRITE, true) +
			trace_lab_count(FB_BLOCK_QUEUE, FB_BLOCK_PREFLUSH, false));
	trace_lab_assert_count(c.flushes,
			       trace_lab_count(FB_BLOCK_ISSUE, FB_BLOCK_FLUSH, false));
	trace_lab_assert_count(c.sectors, sectors);
}

static void assert_ours(void)
{
	size_t ours = 0;

	for (size_t i = 0; i < trace_lab.n_events; i++) {
		const struct fb_block_event *e = &trace_lab.events[i];

		if (e->kind != FB_BLOCK_QUEUE) {
			assert_string_equal(e->comm, "");
			continue;
		}
		ours += e->pid == getpid() && e->tid == getpid() &&
			!strncmp(e->comm, program_invocation_short_name, 15);
	}
	assert_true(ours >= 2 * TRACE_LAB_OPS);
}

static void check_flushes(bool read_each)
{
	struct counters c;

	trace_lab_mount_ext4();
	trace_lab_open_sized(0);
	c = counters();
	trace_lab_start();
	flush_pages(read_each);
	trace_lab_stop();
	c = since(c);
	trace_lab_assert_none_lost();
	assert_true(c.flushes >= TRACE_LAB_OPS);
	assert_as_counted(c);
	trace_lab_assert_of(&trace_lab.disks[0]);
	trace_lab_assert_ordered();
	assert_ours();
}

static void requests_read_after_each_op_are_those_the_kernel_counts(void **state)
{
	(void)state;
	check_flushes(true);
}

static void requests_read_at_the_end_are_those_the_kernel_counts(void **state)
{
	(void)state;
	check_flushes(false);
}

/* The three events of a write of page @i, in their order, and no other. */
static bool is_all_of(int i)
{
	bool right = trace_lab.n_events == 3;

	for (size_t k = 0; right && k < 3; k++)
		right = trace_lab.events[k].kind == k &&
			trace_lab.events[k].sectors == TRACE_LAB_PAGE / 512 &&
			trace_lab.events[k].sector ==
				(uint64_t)i * (TRACE_LAB_PAGE / 512);
	return right;
}

static void all_of_an_op_is_there_when_it_ends(void **state)
{
	int wrong = 0;

	(void)state;
	trace_lab_attach(4 * MIB);
	trace_lab_open_sized(0);
	trace_lab_start();
	for (int i = 0; i < TRACE_LAB_OPS; i++) {
		trace_lab.n_events = 0;
		trace_lab_write_pages(i, 1);
		trace_lab_read_events();
		wrong += !is_all_of(i);
	}
	trace_lab_stop();
	trace_lab_assert_none_lost();
	trace_lab_assert_count((uint64_t)wrong, 0);
}

static void nothing_is_seen_before_the_start_and_after_the_end(void **state)
{
	(void)state;
	trace_lab_attach(MIB);
	trace_lab_open_sized(0);
	trace_lab_write_pages(0, 10);
	trace_lab_read_events();
	assert_int_equal(trace_lab.n_events, 0);
	trace_lab_start();
	trace_lab_stop();
	assert_int_equal(trace_lab.n_events, 0);
	trace_lab_write_pages(0, 10);
	trace_lab_read_events();
	assert_int_equal(trace_lab.n_events, 0);
	trace_lab_assert_none_lost();
}

/* Of few events none is hidden; but a program misses what others do to other disks. */
static void assert_nothing_lost(void)
{
	if (!trace_lab.single)
		assert_int_equal(fb_trace_lost(trace_lab.trace), 0);
	trace_lab_assert_none_lost();
}

static void a_new_start_forgets_what_was_not_read(void **state)
{
	(void)state;
	trace_lab_attach(MIB);
	trace_lab_open_sized(0);
	trace_lab_start();
	trace_lab_write_pages(0, 10);
	trace_lab_start();
	trace_lab_write_pages(100, 1);
	trace_lab_stop();
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_QUEUE, FB_BLOCK_WRITE, true),
			       1);
	assert_int_equal(trace_lab.events[0].sector, 100 * TRACE_LAB_PAGE / 512);
	assert_nothing_lost();
}

/* As many records as fill the smallest ring many times, most of them cut by its end. */
static void records_cut_by_the_end_of_the_ring_are_whole(void **state)
{
	(void)state;
	trace_lab_attach(4 * MIB);
	trace_lab_open_sized(TRACE_LAB_PAGE);
	trace_lab_start();
	for (int i = 0; i < 1000; i++) {
		trace_lab_write_pages(i, 1);
		trace_lab_read_events();
	}
	trace_lab_stop();
	trace_lab_assert_none_lost();
	trace_lab_assert_count(
		trace_lab_count(FB_BLOCK_QUEUE, FB_BLOCK_WRITE | FB_BLOCK_SYNC, true),
		1000);
	trace_lab_assert_count(
		trace_lab_count(FB_BLOCK_ISSUE, FB_BLOCK_WRITE | FB_BLOCK_SYNC, true),
		1000);
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_COMPLETE,
					       FB_BLOCK_WRITE | FB_BLOCK_SYNC, true),
			       1000);
	trace_lab_assert_of(&trace_lab.disks[0]);
	for (size_t i = 0, next = 0; i < trace_lab.n_events; i++)
		if (trace_lab.events[i].kind == FB_BLOCK_QUEUE)
			assert_int_equal(trace_lab.events[i].sector,
					 next++ * TRACE_LAB_PAGE / 512);
}

/* Each write is three events; nothing is read while the ring runs over. */
static void events_without_room_are_counted_exactly(void **state)
{
	struct counters c;
	uint64_t lost;

	(void)state;
	trace_lab_attach(4 * MIB);
	trace_lab_open_sized(TRACE_LAB_PAGE);
	c = counters();
	trace_lab_start();
	trace_lab_write_pages(0, 1000);
	trace_lab_stop();
	c = since(c);
	lost = fb_trace_lost(trace_lab.trace);
	assert_true(trace_lab.n_events > 0);
	assert_true(lost > 2000);
	trace_lab_assert_count(trace_lab.n_events + lost, 3 * (c.writes + c.reads));
	trace_lab_start();
	trace_lab_write_pages(0, 1);
	trace_lab_stop();
	assert_nothing_lost();
}

static void a_loss_is_told_while_recording_goes_on(void **state)
{
	uint64_t lost;

	(void)state;
	trace_lab_attach(4 * MIB);
	trace_lab_open_sized(TRACE_LAB_PAGE);
	trace_lab_start();
	trace_lab_write_pages(0, 1000);
	lost = fb_trace_lost(trace_lab.trace);
	need(lost ? NULL
		  : "the kernel does not tell before the end (Linux before 6.0)");
	trace_lab_stop();
	assert_true(lost > 2000);
	assert_int_equal(fb_trace_lost(trace_lab.trace) -
				 fb_trace_hidden(trace_lab.trace),
			 lost);
}

#define lab_test(f) cmocka_unit_test_setup_teardown(f, trace_lab_enter, trace_lab_leave)
#define single_test(f)                                                                 \
	{                                                                              \
#f "_through_programs", f, trace_lab_enter_single, trace_lab_leave,    \
			NULL                                                           \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(requests_read_after_each_op_are_those_the_kernel_counts),
		single_test(requests_read_after_each_op_are_those_the_kernel_counts),
		lab_test(requests_read_at_the_end_are_those_the_kernel_counts),
		single_test(requests_read_at_the_end_are_those_the_kernel_counts),
		lab_test(all_of_an_op_is_there_when_it_ends),
		single_test(all_of_an_op_is_there_when_it_ends),
		lab_test(nothing_is_seen_before_the_start_and_after_the_end),
		single_test(nothing_is_seen_before_the_start_and_after_the_end),
		lab_test(a_new_start_forgets_what_was_not_read),
		single_test(a_new_start_forgets_what_was_not_read),
		lab_test(records_cut_by_the_end_of_the_ring_are_whole),
		single_test(records_cut_by_the_end_of_the_ring_are_whole),
		lab_test(events_without_room_are_counted_exactly),
		single_test(events_without_room_are_counted_exactly),
		lab_test(a_loss_is_told_while_recording_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

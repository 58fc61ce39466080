/*
 * A lane of the path nvmem as the driver meets it: what is filled in, what is read
 * back, a store that faults, the memory it says it takes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "path/nvmem.h"
#include "path/nvmem_lines.h"
#include "run/cursor.h"
#include "support/nvmem_case.h"
#include "support/path_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE_SIZE = 4096, SIZE = 4 << 20 };

static struct path_rig rig;
static struct fb_cursor cursor;

static int set_up(void **state)
{
	(void)state;
	return path_rig_make(&rig, nvmem_case(64, SIZE));
}

static void open_path(void)
{
	path_rig_open(&rig);
	assert_int_equal(fb_cursor_init(&cursor, &rig.c, 0, NULL), 0);
}

static void close_path(void)
{
	fb_cursor_free(&cursor);
	path_rig_close(&rig);
}

static int tear_down(void **state)
{
	(void)state;
	fb_cursor_free(&cursor);
	return path_rig_remove(&rig);
}

/* The one value of all bytes that the next op fills in: no mark, which counts up and
 * would at some sizes be the same low byte for ever. */
static int filled_with(char *back)
{
	const struct fb_write *w = cursor.writes;

	const char *data;

	assert_true(fb_cursor_advance(&cursor));
	data = w->data;
	rig.lane[0]->ops->begin_ops(rig.lane[0], w, 1, 1);
	assert_int_equal(rig.lane[0]->ops->write(rig.lane[0], w), 0);
	assert_int_equal(
		fb_path_nvmem.read_back(rig.path, 0, w->offset, back, w->length), 0);
	for (uint64_t i = 1; i < w->length; i++)
		assert_int_equal(back[i], back[0]);
	if (data[w->length - 1])
		assert_int_equal(back[0], data[w->length - 1]);
	return (unsigned char)back[0];
}

/* Memory may take zeros faster than anything else: only who asks for them has them. */
static void what_is_filled_in_is_zero_only_when_zeros_are_asked_for(void **state)
{
	static const uint64_t sizes[] = {1, 7, 8, 64, 4097, 4104, 64 << 10, 1 << 20};
	char *back = malloc(1 << 20);

	(void)state;
	assert_non_null(back);
	rig.c.mode = FB_MODE_FILL_NT;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		rig.c.bs = rig.c.stride = rig.c.align = sizes[i];
		rig.c.data = FB_DATA_RANDOM;
		open_path();
		for (int op = 0; op < 300; op++)
			assert_int_not_equal(filled_with(back), 0);
		close_path();
		rig.c.data = FB_DATA_ZERO;
		open_path();
		assert_int_equal(filled_with(back), 0);
		close_path();
	}
	free(back);
}

static void past_the_region_nothing_is_read_back(void **state)
{
	char byte;

	(void)state;
	open_path();
	assert_int_equal(fb_path_nvmem.read_back(rig.path, 0, rig.c.size - 1, &byte, 1),
			 0);
	assert_int_equal(fb_path_nvmem.read_back(rig.path, 0, rig.c.size, &byte, 1),
			 -ENODATA);
	assert_int_equal(fb_path_nvmem.read_back(rig.path, 0, UINT64_MAX, &byte, 1),
			 -ENODATA);
}

static void store_somewhere(void *arg)
{
	*(volatile char *)arg = 1;
}

static void a_store_that_faults_ends_the_work_and_is_told(void **state)
{
	FILE *empty = tmpfile();
	char *page, here;

	(void)state;
	assert_non_null(empty);
	page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(empty),
		    0);
	fclose(empty);
	assert_ptr_not_equal(page, MAP_FAILED);
	open_path();
	assert_int_equal(fb_path_nvmem.guard(rig.lane[0], store_somewhere, page), -EIO);
	assert_int_equal(rig.lane[0]->err.status, (uint32_t)STATUS_IO_DEVICE_ERROR);
	assert_non_null(strstr(rig.lane[0]->err.text, "memory: "));
	assert_non_null(strstr(rig.lane[0]->err.text, "another target"));
	assert_int_equal(fb_path_nvmem.guard(rig.lane[0], store_somewhere, &here), 0);
	munmap(page, PAGE_SIZE);
}

static void the_memory_of_a_batch_is_all_told(void **state)
{
	const uint64_t per_write = sizeof(NV_MEMORY_RANGE);

	(void)state;
	rig.c.writes_per_flush = 10;
	rig.c.batch = 100;
	rig.c.ranges = 3;
	assert_int_equal(fb_nvmem_lane_bytes(&rig.c),
			 3000 * per_write + 30 * sizeof(struct fb_lines));
	rig.c.batch = 0;
	assert_int_equal(fb_nvmem_lane_bytes(&rig.c),
			 30 * (per_write + sizeof(struct fb_lines)));
	rig.c.path = FB_PATH_FILE;
	assert_int_equal(fb_nvmem_lane_bytes(&rig.c), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_filled_in_is_zero_only_when_zeros_are_asked_for),
		T(past_the_region_nothing_is_read_back),
		T(a_store_that_faults_ends_the_work_and_is_told),
		T(the_memory_of_a_batch_is_all_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

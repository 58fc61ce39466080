#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_lab.h"

#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(10000000)

struct hive_lab hive_lab;

uint64_t hive_lab_now(void)
{
	static uint64_t now = UINT64_C(133000000000000000);

	return now += SECOND;
}

void hive_lab_open(void)
{
	int ret = fb_hive_open(&hive_lab.h, &hive_lab.disk.io, &hive_lab.options,
			       &hive_lab.err);

	if (ret)
		fail_msg("open: %d: %s", ret, hive_lab.err.text);
	hive_lab.disk.opens++;
	hive_disk_forget(&hive_lab.disk);
}

void hive_lab_drop(void)
{
	fb_hive_free(hive_lab.h);
	hive_lab.h = NULL;
}

static int enter(enum fb_hive_strategy strategy)
{
	hive_lab = (struct hive_lab){.options = {.strategy = strategy,
						 .log_cap = HIVE_LAB_LOG_CAP,
						 .now = hive_lab_now}};
	hive_disk_begin(&hive_lab.disk);
	assert_int_equal(fb_hive_new(&hive_lab.h, &hive_lab.options), 0);
	assert_int_equal(fb_hive_save(hive_lab.h, &hive_lab.disk.io, &hive_lab.err), 0);
	hive_lab_drop();
	hive_lab_open();
	return 0;
}

int hive_lab_enter(void **state)
{
	(void)state;
	return enter(FB_HIVE_LOG_ONLY);
}

int hive_lab_enter_old(void **state)
{
	(void)state;
	return enter(FB_HIVE_LOG_AND_PRIMARY);
}

int hive_lab_leave(void **state)
{
	(void)state;
	hive_lab_drop();
	hive_disk_end(&hive_lab.disk);
	return 0;
}

void hive_lab_set(const char *name, size_t bytes, int fill)
{
	char *data = malloc(bytes + 1);

	assert_non_null(data);
	memset(data, fill, bytes);
	assert_int_equal(fb_value_set(hive_lab.h, fb_hive_root(hive_lab.h),
				      hive_name(name), FB_REG_BINARY, data, bytes),
			 0);
	free(data);
}

void hive_lab_flush(void)
{
	if (fb_hive_flush(hive_lab.h, &hive_lab.err))
		fail_msg("flush: %s", hive_lab.err.text);
}

bool hive_lab_is(const char *name, size_t bytes, int fill)
{
	struct fb_hive *h = hive_lab.h;
	struct fb_value_info info;
	char *data = malloc(bytes + 1);
	bool same = true;
	uint32_t value;

	assert_non_null(data);
	if (fb_value_find(h, fb_hive_root(h), hive_name(name), &value) ||
	    fb_value_info(h, value, &info) || info.bytes != bytes ||
	    fb_value_read(h, value, 0, data, bytes))
		same = false;
	for (size_t i = 0; same && i < bytes; i++)
		same = data[i] == (char)fill;
	free(data);
	return same;
}

struct fb_base_block hive_lab_base(enum fb_hive_file f)
{
	struct fb_base_block b;

	assert_true(hive_lab.disk.file[f].bytes >= FB_REGF_SECTOR);
	assert_true(fb_base_valid(hive_lab.disk.file[f].data));
	fb_base_get(hive_lab.disk.file[f].data, &b);
	return b;
}

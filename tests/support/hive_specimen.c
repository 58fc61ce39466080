#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_specimen.h"

#include "hive/regf.h"
#include "support/hive_edits.h"
#include "support/hive_rig.h"

#include <stdio.h>
#include <string.h>

void specimen_value(struct fb_hive *h, const char *key, const char *name, uint32_t type,
		    size_t bytes)
{
	static unsigned char data[SPECIMEN_BIG];
	uint32_t k = *key ? hive_key(h, fb_hive_root(h), key) : fb_hive_root(h);

	memset(data, 0x5a, sizeof(data));
	assert_int_equal(fb_value_set(h, k, hive_name(name), type, data, bytes), 0);
}

void specimen_secure(struct fb_hive *h, const char *key, unsigned which)
{
	size_t bytes;
	const void *d = hive_descriptor(which, &bytes);

	assert_int_equal(
		fb_key_set_security(h, hive_key(h, fb_hive_root(h), key), d, bytes), 0);
}

struct fb_hive *specimen_make(uint32_t minor)
{
	struct fb_hive *h = hive_rig_new(minor);
	char name[16];

	specimen_value(h, "aaa", "inline", FB_REG_DWORD, 4);
	specimen_value(h, "aaa", "cell", FB_REG_BINARY, 100);
	specimen_value(h, "aaa", "big", FB_REG_BINARY, SPECIMEN_BIG);
	specimen_secure(h, "bbb", 0);
	specimen_secure(h, "ccc", 1);
	hive_key(h, hive_key(h, fb_hive_root(h), "ccc"), "sub");
	for (int i = 0; i < SPECIMEN_MANY; i++) {
		snprintf(name, sizeof(name), "key%04d", i);
		hive_key(h, hive_key(h, fb_hive_root(h), "many"), name);
	}
	specimen_secure(h, "many", 2);
	return h;
}

struct fb_hive *specimen_small(void)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = hive_key(h, fb_hive_root(h), "Caf\xc3\xa9");

	specimen_value(h, "", "", FB_REG_SZ, 6);
	specimen_value(h, "b", "q\"x\\y", FB_REG_BINARY, 2);
	specimen_value(h, "b", "Z", 0x80000001, 0);
	specimen_value(h, "b", "\xce\xbb", FB_REG_DWORD, 3);
	assert_int_equal(fb_value_set(h, key, hive_name("n"), FB_REG_DWORD,
				      "\x78\x56\x34\x12", 4),
			 0);
	hive_key(h, key, "sub");
	return h;
}

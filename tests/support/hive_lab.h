/*
 * hive_lab.h - a hive on a disk in memory, one a test
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_LAB_H
#define FB_TESTS_HIVE_LAB_H

#include "hive/store.h"
#include "support/hive_disk.h"
#include "support/hive_rig.h"

enum { HIVE_LAB_LOG_CAP = 64 << 10 };

/* hive_lab - @options: its clock is hive_lab_now; @h NULL: it is not open */
extern struct hive_lab {
	struct hive_disk disk;
	struct fb_hive_options options;
	struct fb_hive *h;
	struct fb_err err;
} hive_lab;

/* hive_lab_now - a clock that goes one second on each time */
uint64_t hive_lab_now(void);

/* hive_lab_enter, _enter_old - an empty hive, saved and open, nothing recorded */
int hive_lab_enter(void **state);
int hive_lab_enter_old(void **state);
int hive_lab_leave(void **state);

/* hive_lab_open - again; hive_lab_drop - forget it as a crash would */
void hive_lab_open(void);
void hive_lab_drop(void);

/* hive_lab_set - a value below the root, of @bytes bytes of @fill */
void hive_lab_set(const char *name, size_t bytes, int fill);
void hive_lab_flush(void);

/* hive_lab_is - the value is so; false, too, when there is none */
bool hive_lab_is(const char *name, size_t bytes, int fill);

/* hive_lab_base - the base block as the disk has it */
struct fb_base_block hive_lab_base(enum fb_hive_file f);

#endif

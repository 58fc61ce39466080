/*
 * hive_logs.h - a primary and logs put together by hand, on the disk of hive_lab
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_LOGS_H
#define FB_TESTS_HIVE_LOGS_H

#include "hive/hive.h"
#include "hive/pages.h"
#include "hive/regf.h"

enum { HIVE_STEPS = 5 };

/*
 * hive_steps - what one hive held, time after time: step k has the values step1 ..
 * stepk, 4 bytes of k each, the fourth 8 KiB, which makes it grow
 * @dirty: pages that differ from the step before
 */
extern struct hive_step {
	unsigned char *bins;
	uint32_t bytes;
	struct fb_pages dirty;
} hive_steps[HIVE_STEPS];

/* hive_recovered - what the last hive_recovers saw */
extern struct fb_hive_recovery hive_recovered;

/* hive_logs_enter - the steps and a disk with an empty hive's primary, not open */
int hive_logs_enter(void **state);
int hive_logs_leave(void **state);

/* hive_primary - step @k, dirty: seq2 = @seq2, seq1 one more; _clean: both @seq */
void hive_primary(uint32_t seq2, unsigned k);
void hive_primary_clean(uint32_t seq, unsigned k);

/* hive_lose_base - of the primary; hive_no_logs - they are not there */
void hive_lose_base(void);
void hive_no_logs(void);

/* hive_patch_base - a field of a file's base block, its checksum right again */
void hive_patch_base(enum fb_hive_file f, unsigned field, uint32_t v);

/* hive_log - a log from number @seq on with the steps @k .. @k + @n - 1 */
void hive_log(enum fb_hive_file f, uint32_t seq, unsigned k, unsigned n);
void hive_log_add(enum fb_hive_file f, uint32_t seq, unsigned k);

/* hive_log_old - one of the old format with all pages up to step @k */
void hive_log_old(enum fb_hive_file f, uint32_t seq, unsigned k, uint32_t type);

/* hive_assert_step - the open hive is as step @k */
void hive_assert_step(unsigned k);

/*
 * hive_recovers - opening ends with step @k by @entries entries from number @first on
 *
 * The primary is clean after, and opens again as the same. With no entries it must
 * first be refused, and is then opened without_logs.
 */
void hive_recovers(unsigned k, uint32_t first, uint32_t entries);

/* hive_refused - opening tells damage, with @text, and writes nothing */
void hive_refused(const char *text);

#endif

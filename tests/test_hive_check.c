/* Every kind of damage is told with its place; whatever the bytes, the check ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/base_block.h"
#include "support/hive_damage.h"
#include "support/hive_edits.h"
#include "support/hive_rig.h"
#include "support/hive_specimen.h"
#include "support/need.h"
#include "support/tmpdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct hive_damage *const lists[] = {
	hive_damage_file,
	hive_damage_tree,
	hive_damage_security,
	hive_damage_value,
};

enum { N_LISTS = sizeof(lists) / sizeof(lists[0]) };

static struct hive_image image;
static char dir[TMPDIR_LEN];

static int leave(void **state)
{
	(void)state;
	hive_image_free(&image);
	tmpdir_remove(dir);
	return 0;
}

static void assert_nothing_found(void)
{
	hive_image_check(&image);
	if (image.n_found)
		hive_image_show(&image);
	assert_int_equal(image.n_found, 0);
}

static bool is_told(const struct hive_damage *d, const struct hive_image *i,
		    uint64_t offset)
{
	if (hive_image_told(i, d->id, offset) && (!d->alone || i->n_found == 1))
		return true;
	print_error("%s: wanted %s at 0x%llx%s\n", d->name, d->id,
		    (unsigned long long)offset, d->alone ? ", alone" : "");
	hive_image_show(i);
	return false;
}

/* Returns whether the hive could be damaged so. */
static bool try(const struct hive_damage *d, const struct hive_image *whole)
{
	struct hive_image i;
	uint64_t offset;
	bool told = true;

	hive_image_copy(&i, whole);
	offset = d->make(&i);
	if (offset != HIVE_UNHURT) {
		hive_image_check(&i);
		told = is_told(d, &i, offset);
	}
	free(i.at);
	assert_true(told);
	return offset != HIVE_UNHURT;
}

/* Every kind but one; how many there are, and how many of them could be done. */
static void try_all(const struct hive_image *whole, const char *but, int *all,
		    int *done)
{
	*all = *done = 0;
	for (int l = 0; l < N_LISTS; l++)
		for (const struct hive_damage *d = lists[l]; d->name; d++) {
			if (but && !strcmp(d->id, but))
				continue;
			++*all;
			*done += try(d, whole);
		}
}

static void each_damage_of_our_hive_is_told_with_its_place(void **state)
{
	int all, done;

	(void)state;
	hive_image_make(&image, specimen_make(5));
	assert_nothing_found();
	try_all(&image, NULL, &all, &done);
	/* It has no lf list. */
	assert_int_equal(done, all - 1);
}

static void each_damage_of_a_hive_of_version_1_3_is_told(void **state)
{
	int all, done;

	(void)state;
	hive_image_make(&image, specimen_make(3));
	assert_nothing_found();
	try_all(&image, NULL, &all, &done);
	/* It has no lh lists and no big data in segments. */
	assert_int_equal(done, all - 1 - 5);
}

/* Our text is merged into an empty hive of ours that has the descriptors. */
static void by_hivex(char *path)
{
	struct fb_hive *h = hive_rig_new(5);
	char line[3 * TMPDIR_LEN + 3 * SPECIMEN_BIG + 512];
	FILE *text;

	assert_int_equal(tmpdir_make(dir), 0);
	specimen_secure(h, "bbb", 0);
	specimen_secure(h, "ccc", 1);
	specimen_secure(h, "many", 2);
	snprintf(path, TMPDIR_LEN + 16, "%s/hive", dir);
	hive_edits_save(h, path);
	fb_hive_free(h);
	snprintf(line, sizeof(line), "hivexregedit --merge '%s' >/dev/null", path);
	text = popen(line, "w");
	assert_non_null(text);
	fputs("[\\aaa]\n\"inline\"=dword:5a5a5a5a\n\"cell\"=hex(3):", text);
	for (int k = 0; k < 100; k++)
		fputs(k ? ",5a" : "5a", text);
	fputs("\n\"big\"=hex(3):", text);
	for (int k = 0; k < SPECIMEN_BIG; k++)
		fputs(k ? ",5a" : "5a", text);
	fputs("\n\n[\\ccc\\sub]\n\n", text);
	for (int k = 0; k < SPECIMEN_MANY; k++)
		fprintf(text, "[\\many\\key%04d]\n\n", k);
	assert_int_equal(pclose(text), 0);
}

static void each_damage_of_a_hive_of_hivex_is_told(void **state)
{
	char path[TMPDIR_LEN + 16];
	int all, done;

	(void)state;
	need(system("command -v hivexregedit >/dev/null")
		     ? "there is no hivexregedit; run scripts/deps.sh check"
		     : NULL);
	by_hivex(path);
	hive_image_load(&image, path);
	assert_nothing_found();
	/* Its own free cells show that its writer does not join them. */
	try_all(&image, "free_adjacent", &all, &done);
	/* No lf list, no ri list, no segments. */
	assert_int_equal(done, all - 1 - 1 - 5);
}

static void a_file_without_signature_is_told_and_its_bins_are_read(void **state)
{
	(void)state;
	hive_image_make(&image, specimen_make(5));
	image.at[0] = 'R';
	hive_image_seal(&image);
	hive_image_check(&image);
	assert_int_equal(image.n_found, 1);
	assert_true(hive_image_told(&image, "signature", 0));
	assert_int_equal(image.survey.keys, SPECIMEN_MANY + 6);
}

static void a_dirty_hive_is_told_what_to_do(void **state)
{
	(void)state;
	hive_image_make(&image, specimen_make(5));
	fb_put32(image.at + FB_BASE_SEQ1, 99);
	hive_image_seal(&image);
	hive_image_check(&image);
	assert_non_null(strstr(image.found[0].text, "flushbench hive recover FILE"));
}

/* The data of a log are no bins, and none of that is worth a word. */
static void a_log_is_told_as_one_and_no_more(void **state)
{
	static const uint32_t types[] = {1, 2, 6};
	struct fb_base_block b;
	struct hive_image log = {.bytes = 3 * FB_REGF_PAGE};

	(void)state;
	hive_image_make(&image, specimen_make(5));
	log.at = calloc(1, log.bytes);
	assert_non_null(log.at);
	memcpy(log.at, image.at, FB_REGF_SECTOR);
	memset(log.at + FB_REGF_SECTOR, 'x', log.bytes - FB_REGF_SECTOR);
	fb_base_get(log.at, &b);
	for (int i = 0; i < 9; i++) {
		b.type = types[i % 3];
		b.seq1 = b.seq2 + (uint32_t)i / 3;
		log.bytes = i < 3 ? 600 : 3 * FB_REGF_PAGE;
		fb_base_put(log.at, &b);
		hive_image_check(&log);
		assert_int_equal(log.n_found, 1);
		assert_true(hive_image_told(&log, "type", FB_BASE_TYPE));
	}
	free(log.at);
}

static void any_bytes_end_the_check(void **state)
{
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 3);
	hive_image_make(&image, specimen_make(5));
	for (int round = 0; round < 300; round++) {
		struct hive_image i;

		hive_image_copy(&i, &image);
		for (int k = 0; k < 1 + round / 10; k++)
			i.at[fb_rng_below(&rng, i.bytes)] =
				(unsigned char)fb_rng_next(&rng);
		if (round % 3 == 0) {
			i.bytes = fb_rng_below(&rng, i.bytes) + 1;
			i.at = realloc(i.at, i.bytes);
		}
		hive_image_check(&i);
		free(i.at);
	}
}

static void files_of_any_length_end_the_check(void **state)
{
	(void)state;
	hive_image_make(&image, hive_rig_new(5));
	for (uint64_t n = 0; n < 2 * FB_REGF_PAGE; n++) {
		unsigned char *part = malloc(n ? n : 1);

		assert_non_null(part);
		memcpy(part, image.at, n);
		assert_true(fb_hive_check(part, n, NULL, NULL) > 0);
		free(part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_teardown(name, leave)
		T(each_damage_of_our_hive_is_told_with_its_place),
		T(each_damage_of_a_hive_of_version_1_3_is_told),
		T(each_damage_of_a_hive_of_hivex_is_told),
		T(a_file_without_signature_is_told_and_its_bins_are_read),
		T(a_dirty_hive_is_told_what_to_do),
		T(a_log_is_told_as_one_and_no_more),
		T(any_bytes_end_the_check),
		T(files_of_any_length_end_the_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

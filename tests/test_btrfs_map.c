#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/btrfs_chunks.h"
#include "support/extent_lab.h"

#include <string.h>

enum { MIB = 1 << 20, STRIPE = 64 << 10, STRIPES_MAX = 6 };

static struct fb_extents found;

static int enter(void **state)
{
	(void)state;
	memset(&found, 0, sizeof(found));
	return 0;
}

static int leave(void **state)
{
	(void)state;
	fb_extents_free(&found);
	return 0;
}

static struct fb_btrfs_stripe stripes[STRIPES_MAX];
static struct fb_btrfs_chunk chunk;

static struct fb_btrfs made_up(enum fb_btrfs_profile profile, unsigned n, unsigned sub)
{
	for (unsigned i = 0; i < STRIPES_MAX; i++)
		stripes[i] = (struct fb_btrfs_stripe){
			.placed = true,
			.dev_major = 8,
			.dev_minor = 16 * i,
			.begin = (1 + i) * UINT64_C(1000) * MIB,
		};
	chunk = (struct fb_btrfs_chunk){
		.logical = UINT64_C(5) << 30,
		.length = 12 * 16 * STRIPE,
		.stripe_len = STRIPE,
		.profile = profile,
		.data = true,
		.n_stripes = n,
		.sub_stripes = sub,
	};
	return (struct fb_btrfs){&chunk, 1, stripes, n};
}

/* By the rule, a sector at a time: its first copy's stripe, and where on it. */
static uint64_t place_of(uint64_t at, unsigned columns, unsigned *column)
{
	uint64_t turn = at / STRIPE;

	*column = (unsigned)(turn % columns);
	return turn / columns * STRIPE + at % STRIPE;
}

static void check_range(const struct fb_btrfs *b, const uint64_t range[2],
			const unsigned layout[2])
{
	const unsigned columns = layout[0], copies = layout[1];
	uint64_t sectors = 0;

	fb_extents_free(&found);
	assert_int_equal(fb_btrfs_add_range(&found, b, chunk.logical + range[0],
					    range[1] - range[0]),
			 0);
	assert_true(found.n <= columns * copies);
	fb_extents_join(&found);
	for (uint64_t at = range[0]; at < range[1]; at += LAB_SECTOR) {
		unsigned column;
		uint64_t on = place_of(at, columns, &column);

		for (unsigned c = 0; c < copies; c++, sectors++) {
			const struct fb_btrfs_stripe *s = &stripes[column * copies + c];

			assert_true(fb_extents_hold(&found, 8, s->dev_minor,
						    (s->begin + on) / LAB_SECTOR));
		}
	}
	assert_int_equal(extent_lab_sectors(&found), sectors);
	assert_string_equal(found.unknown, "");
}

static void check_profile(enum fb_btrfs_profile profile, unsigned n, unsigned sub,
			  const unsigned layout[2])
{
	const struct fb_btrfs b = made_up(profile, n, sub);
	const uint64_t edges[] = {0,
				  LAB_SECTOR,
				  STRIPE - LAB_SECTOR,
				  STRIPE,
				  STRIPE + LAB_SECTOR,
				  2 * STRIPE,
				  3 * STRIPE - LAB_SECTOR,
				  5 * STRIPE,
				  7 * STRIPE + 4096,
				  chunk.length - LAB_SECTOR,
				  chunk.length};
	const size_t count = sizeof(edges) / sizeof(*edges);

	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			check_range(&b, (const uint64_t[]){edges[i], edges[j]}, layout);
}

static void every_profile_is_translated_sector_by_sector(void **state)
{
	(void)state;
	check_profile(FB_BTRFS_SINGLE, 1, 1, (const unsigned[]){1, 1});
	check_profile(FB_BTRFS_DUP, 2, 1, (const unsigned[]){1, 2});
	check_profile(FB_BTRFS_RAID1, 4, 1, (const unsigned[]){1, 4});
	check_profile(FB_BTRFS_RAID0, 3, 1, (const unsigned[]){3, 1});
	check_profile(FB_BTRFS_RAID0, 4, 1, (const unsigned[]){4, 1});
	check_profile(FB_BTRFS_RAID10, 4, 2, (const unsigned[]){2, 2});
	check_profile(FB_BTRFS_RAID10, 6, 2, (const unsigned[]){3, 2});
}

static void a_range_may_reach_into_the_next_chunk(void **state)
{
	struct fb_btrfs b = made_up(FB_BTRFS_SINGLE, 1, 1);
	struct fb_btrfs_chunk two[2] = {chunk, chunk};

	(void)state;
	two[1].logical += chunk.length;
	two[1].stripe = 1;
	b.chunks = two;
	b.n_chunks = 2;
	b.n_stripes = 2;
	assert_int_equal(fb_btrfs_add_range(&found, &b, two[1].logical - 8192, 12288),
			 0);
	assert_int_equal(found.n, 2);
	assert_int_equal(found.list[0].end,
			 (stripes[0].begin + chunk.length) / LAB_SECTOR);
	assert_int_equal(found.list[0].end - found.list[0].begin, 16);
	assert_int_equal(found.list[1].begin, stripes[1].begin / LAB_SECTOR);
	assert_int_equal(found.list[1].end - found.list[1].begin, 8);
}

static void what_is_in_no_chunk_is_unknown(void **state)
{
	const struct fb_btrfs b = made_up(FB_BTRFS_SINGLE, 1, 1);

	(void)state;
	assert_int_equal(fb_btrfs_add_range(&found, &b, chunk.logical - 1, 1), 0);
	assert_int_equal(found.n, 0);
	assert_non_null(strstr(found.unknown, "no chunk"));
	*found.unknown = '\0';
	assert_int_equal(
		fb_btrfs_add_range(&found, &b, chunk.logical + chunk.length, 1), 0);
	assert_non_null(strstr(found.unknown, "no chunk"));
}

static void a_device_that_is_not_found_is_unknown(void **state)
{
	const struct fb_btrfs b = made_up(FB_BTRFS_RAID1, 2, 1);

	(void)state;
	stripes[1].placed = false;
	assert_int_equal(fb_btrfs_add_range(&found, &b, chunk.logical, 4096), 0);
	assert_int_equal(found.n, 1);
	assert_non_null(strstr(found.unknown, "cannot be found"));
}

static void parity_moves_and_a_new_profile_is_not_guessed(void **state)
{
	struct fb_btrfs b = made_up(FB_BTRFS_RAID6, 4, 1);

	(void)state;
	assert_int_equal(fb_btrfs_add_range(&found, &b, chunk.logical, 4096), 0);
	assert_int_equal(found.n, 0);
	assert_string_equal(found.unknown, "btrfs: raid6 chunks");
	*found.unknown = '\0';
	assert_int_equal(fb_btrfs_add_data(&found, &b), 0);
	assert_int_equal(found.n, 4);
	assert_int_equal(found.list[3].end - found.list[3].begin,
			 chunk.length / 2 / LAB_SECTOR);
	assert_string_equal(found.unknown, "");
	b = made_up(FB_BTRFS_NEW, 2, 1);
	assert_int_equal(fb_btrfs_add_data(&found, &b), 0);
	assert_int_equal(found.n, 4);
	assert_string_equal(found.unknown, "btrfs: unknown chunks");
}

static void chunks_without_data_are_no_data_chunks(void **state)
{
	const struct fb_btrfs b = made_up(FB_BTRFS_DUP, 2, 1);

	(void)state;
	chunk.data = false;
	assert_int_equal(fb_btrfs_add_data(&found, &b), 0);
	assert_int_equal(found.n, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_profile_is_translated_sector_by_sector),
		CASE(a_range_may_reach_into_the_next_chunk),
		CASE(what_is_in_no_chunk_is_unknown),
		CASE(a_device_that_is_not_found_is_unknown),
		CASE(parity_moves_and_a_new_profile_is_not_guessed),
		CASE(chunks_without_data_are_no_data_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

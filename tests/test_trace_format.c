#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/trace_format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON                                                                         \
	"format:\n"                                                                    \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"                   \
	"\tfield:dev_t dev;\toffset:8;\tsize:4;\tsigned:0;\n"                          \
	"\tfield:sector_t sector;\toffset:16;\tsize:8;\tsigned:0;\n"

#define PRINT                                                                          \
	"\nprint fmt: \"%d,%d %s %llu + %u [%s]\", REC->dev, REC->rwbs, REC->comm\n"

/* Linux 5.10 and 6.1: eight letters, and the old spelling of unsigned. */
static const char queue_6_1[] =
	"name: block_bio_queue\nID: 1230\n" COMMON
	"\tfield:unsigned int nr_sector;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:char rwbs[8];\toffset:28;\tsize:8;\tsigned:1;\n"
	"\tfield:char comm[16];\toffset:36;\tsize:16;\tsigned:1;\n" PRINT;
static const char issue_5_10[] =
	"name: block_rq_issue\nID: 1093\n" COMMON
	"\tfield:unsigned int nr_sector;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned int bytes;\toffset:28;\tsize:4;\tsigned:0;\n"
	"\tfield:char rwbs[8];\toffset:32;\tsize:8;\tsigned:1;\n"
	"\tfield:char comm[16];\toffset:40;\tsize:16;\tsigned:1;\n"
	"\tfield:__data_loc char[] cmd;\toffset:56;\tsize:4;\tsigned:1;\n" PRINT;
static const char done_5_10[] =
	"name: block_bio_complete\nID: 1099\n" COMMON
	"\tfield:unsigned nr_sector;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:int error;\toffset:28;\tsize:4;\tsigned:1;\n"
	"\tfield:char rwbs[8];\toffset:32;\tsize:8;\tsigned:1;\n" PRINT;
/* Linux 6.18: a priority before the letters, of which there is room for ten. */
static const char queue_6_18[] =
	"name: block_bio_queue\nID: 2097\n" COMMON
	"\tfield:unsigned int nr_sector;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:char rwbs[10];\toffset:28;\tsize:10;\tsigned:0;\n"
	"\tfield:char comm[16];\toffset:38;\tsize:16;\tsigned:0;\n" PRINT;
static const char issue_6_18[] =
	"name: block_rq_issue\nID: 2104\n" COMMON
	"\tfield:unsigned int nr_sector;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned int bytes;\toffset:28;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned short ioprio;\toffset:32;\tsize:2;\tsigned:0;\n"
	"\tfield:char rwbs[10];\toffset:34;\tsize:10;\tsigned:0;\n"
	"\tfield:char comm[16];\toffset:44;\tsize:16;\tsigned:0;\n"
	"\tfield:__data_loc char[] cmd;\toffset:60;\tsize:4;\tsigned:0;\n" PRINT;
static const char complete_6_18[] =
	"name: block_rq_complete\nID: 2107\n" COMMON
	"\tfield:unsigned int nr_sector;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:int error;\toffset:28;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned short ioprio;\toffset:32;\tsize:2;\tsigned:0;\n"
	"\tfield:char rwbs[10];\toffset:34;\tsize:10;\tsigned:0;\n"
	"\tfield:__data_loc char[] cmd;\toffset:44;\tsize:4;\tsigned:0;\n" PRINT;

static struct fb_trace_format parsed(const char *text)
{
	struct fb_trace_format f;

	assert_int_equal(fb_trace_format_parse(&f, text), 0);
	return f;
}

static void assert_field(struct fb_trace_field f, unsigned offset, unsigned size)
{
	assert_int_equal(f.offset, offset);
	assert_int_equal(f.size, size);
}

static void formats_of_several_kernels_are_understood(void **state)
{
	struct fb_trace_format f = parsed(queue_6_1);

	(void)state;
	assert_int_equal(f.id, 1230);
	assert_field(f.dev, 8, 4);
	assert_field(f.sector, 16, 8);
	assert_field(f.nr_sector, 24, 4);
	assert_field(f.rwbs, 28, 8);
	assert_field(f.comm, 36, 16);
	f = parsed(issue_5_10);
	assert_int_equal(f.id, 1093);
	assert_field(f.rwbs, 32, 8);
	assert_field(f.comm, 40, 16);
	f = parsed(done_5_10);
	assert_field(f.nr_sector, 24, 4);
	assert_field(f.rwbs, 32, 8);
	assert_field(f.comm, 0, 0);
	f = parsed(queue_6_18);
	assert_field(f.rwbs, 28, 10);
	assert_field(f.comm, 38, 16);
	f = parsed(issue_6_18);
	assert_field(f.rwbs, 34, 10);
	assert_field(f.comm, 44, 16);
	f = parsed(complete_6_18);
	assert_int_equal(f.id, 2107);
	assert_field(f.rwbs, 34, 10);
	assert_field(f.comm, 0, 0);
}

/* What a record says of 254:3, with the letters FWS and a sector near the end of 64
 * bits. */
static struct fb_block_event decoded(const struct fb_trace_format *f)
{
	const uint32_t dev = 254u << 20 | 3, sectors = 24;
	const uint64_t sector = 0xfedcba9876543210u;
	struct fb_block_event e;
	uint8_t raw[64];

	memset(&e, 0xa5, sizeof(e));
	memset(raw, 0x55, sizeof(raw));
	memcpy(raw + f->dev.offset, &dev, sizeof(dev));
	memcpy(raw + f->sector.offset, &sector, sizeof(sector));
	memcpy(raw + f->nr_sector.offset, &sectors, sizeof(sectors));
	memcpy(raw + f->rwbs.offset, "FWS", 4);
	if (f->comm.size)
		memcpy(raw + f->comm.offset, "fifteen_letters", 16);
	assert_int_equal(fb_trace_decode(f, raw, sizeof(raw), &e), 0);
	return e;
}

static void records_of_several_kernels_say_the_same(void **state)
{
	const char *const texts[] = {queue_6_1,  issue_5_10, done_5_10,
				     queue_6_18, issue_6_18, complete_6_18};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct fb_trace_format f = parsed(texts[i]);
		const struct fb_block_event e = decoded(&f);

		assert_int_equal(e.dev_major, 254);
		assert_int_equal(e.dev_minor, 3);
		assert_true(e.sector == 0xfedcba9876543210u);
		assert_int_equal(e.sectors, 24);
		assert_int_equal(e.flags,
				 FB_BLOCK_PREFLUSH | FB_BLOCK_WRITE | FB_BLOCK_SYNC);
		assert_string_equal(e.comm, f.comm.size ? "fifteen_letters" : "");
	}
}

static struct fb_block_event decoded_letters(const char *rwbs, uint64_t sector,
					     uint32_t sectors)
{
	const struct fb_trace_format f = parsed(queue_6_18);
	struct fb_block_event e;
	uint8_t raw[64] = {0};

	memcpy(raw + f.sector.offset, &sector, sizeof(sector));
	memcpy(raw + f.nr_sector.offset, &sectors, sizeof(sectors));
	memcpy(raw + f.rwbs.offset, rwbs, strlen(rwbs) + 1);
	assert_int_equal(fb_trace_decode(&f, raw, sizeof(raw), &e), 0);
	return e;
}

static void a_flush_has_neither_place_nor_length(void **state)
{
	struct fb_block_event e = decoded_letters("FF", UINT64_MAX, 0);

	(void)state;
	assert_int_equal(e.flags, FB_BLOCK_FLUSH);
	assert_true(e.sector == 0);
	e = decoded_letters("FWS", 0, 0);
	assert_int_equal(e.flags, FB_BLOCK_PREFLUSH | FB_BLOCK_WRITE | FB_BLOCK_SYNC);
	assert_true(e.sector == 0);
	assert_int_equal(e.sectors, 0);
}

/* The kernel has no letter of its own for what zeroes without data, up to 6.18. */
static void an_unnamed_request_with_sectors_carries_no_data(void **state)
{
	(void)state;
	assert_int_equal(decoded_letters("NS", 0, 131072).flags,
			 FB_BLOCK_WRITE | FB_BLOCK_DISCARD | FB_BLOCK_SYNC);
	assert_int_equal(decoded_letters("N", 0, 0).flags, 0);
}

static void a_record_too_short_for_a_field_is_refused(void **state)
{
	const struct fb_trace_format f = parsed(queue_6_18);
	const struct fb_trace_format bio = parsed(done_5_10);
	uint8_t raw[64] = {0};
	struct fb_block_event e;

	(void)state;
	for (size_t size = 0; size < 54; size++)
		assert_int_equal(fb_trace_decode(&f, raw, size, &e), -EINVAL);
	assert_int_equal(fb_trace_decode(&f, raw, 54, &e), 0);
	assert_int_equal(fb_trace_decode(&bio, raw, 39, &e), -EINVAL);
	assert_int_equal(fb_trace_decode(&bio, raw, 40, &e), 0);
}

static void a_name_of_any_length_ends(void **state)
{
	struct fb_trace_format f = parsed(queue_6_18);
	struct fb_block_event e;
	uint8_t raw[96];

	(void)state;
	memset(raw, 'x', sizeof(raw));
	assert_int_equal(fb_trace_decode(&f, raw, sizeof(raw), &e), 0);
	assert_int_equal(strlen(e.comm), sizeof(e.comm) - 1);
	f.comm.size = 32;
	assert_int_equal(fb_trace_decode(&f, raw, sizeof(raw), &e), 0);
	assert_int_equal(strlen(e.comm), sizeof(e.comm) - 1);
}

static void assert_refused(const char *text)
{
	struct fb_trace_format f, before;

	memset(&f, 0xa5, sizeof(f));
	before = f;
	if (fb_trace_format_parse(&f, text) != -EINVAL)
		fail_msg("accepted: %s", text);
	assert_memory_equal(&f, &before, sizeof(f));
}

/* @text with the first @old replaced by @new, the caller's to free. */
static char *with(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	const size_t room = strlen(text) + strlen(new) + 1;
	char *out = malloc(room);

	assert_non_null(at);
	assert_non_null(out);
	snprintf(out, room, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
	return out;
}

static void damaged_formats_are_refused_and_leave_nothing(void **state)
{
	static const char *const damage[][2] = {
		{"ID: 2097", "ID: x"},
		{"ID: 2097", "ID: 0"},
		{"ID: 2097", "ID: 65536"},
		{"ID: 2097", "ID: -2097"},
		{"ID: 2097\n", ""},
		{"dev_t dev", "dev_t def"},
		{"sector_t sector", "sector_t vector"},
		{"int nr_sector", "int nr_sectors"},
		{"rwbs[10]", "rwb[10]"},
		{"offset:8;\tsize:4", "offset:8;\tsize:8"},
		{"offset:16;\tsize:8", "offset:16;\tsize:2"},
		{"offset:16;\tsize:8", "offset:16;\tsize:0"},
		{"offset:24;\tsize:4", "offset:24;\tsize:8"},
		{"offset:24;\tsize:4", "offset:99999;\tsize:4"},
		{"offset:24;\tsize:4", "offset:4294967292;\tsize:4"},
		{"offset:24;\tsize:4", "offset:-4;\tsize:4"},
		{"offset:24;\tsize:4", "size:4;\toffset:24"},
		{"offset:28;\tsize:10", "offset:28;\tsize:65"},
		{"offset:28;\tsize:10", "offset:28"},
		{"offset:38;\tsize:16", "offset:38;\tsize:4096"},
		{"int nr_sector", "sector_t sector"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
		char *text = with(queue_6_18, damage[i][0], damage[i][1]);

		assert_refused(text);
		free(text);
	}
}

static void a_format_cut_anywhere_is_refused_or_whole(void **state)
{
	/* What is needed ends with the semicolon behind the size of rwbs. */
	const size_t needed =
		(size_t)(strstr(complete_6_18, "size:10;") - complete_6_18) + 8;
	char *text = strdup(complete_6_18);

	(void)state;
	assert_non_null(text);
	for (size_t n = strlen(text); n-- > 0;) {
		struct fb_trace_format f;

		text[n] = '\0';
		if (n < needed)
			assert_refused(text);
		else
			assert_int_equal(fb_trace_format_parse(&f, text), 0);
	}
	free(text);
}

/* The kernel's spelling (blk_fill_rwbs) of an operation and its marks. */
struct spelling {
	const char *operation;
	uint32_t flags;
};

static const struct spelling operations[] = {
	{"R", FB_BLOCK_READ},
	{"W", FB_BLOCK_WRITE},
	{"D", FB_BLOCK_DISCARD},
	{"DE", FB_BLOCK_DISCARD},
	{"N", 0},
	{"WZ", FB_BLOCK_WRITE | FB_BLOCK_DISCARD},
	{"ZA", FB_BLOCK_WRITE},
	{"ZR", FB_BLOCK_DISCARD},
	{"ZRA", FB_BLOCK_DISCARD},
	{"ZF", 0},
	{"ZO", 0},
	{"ZC", 0},
};

enum { MARKS = 6 };

static void assert_spelled(const struct spelling *op, unsigned marks)
{
	static const struct spelling mark[MARKS] = {
		{"F", FB_BLOCK_PREFLUSH}, {"F", FB_BLOCK_FUA},  {"A", 0},
		{"S", FB_BLOCK_SYNC},     {"M", FB_BLOCK_META}, {"U", 0},
	};
	uint32_t flags = op->flags | (marks & 1 ? mark[0].flags : 0);
	char rwbs[16];

	snprintf(rwbs, sizeof(rwbs), "%s%s", marks & 1 ? "F" : "", op->operation);
	for (unsigned i = 1; i < MARKS; i++) {
		if (!(marks & 1u << i))
			continue;
		strcat(rwbs, mark[i].operation);
		flags |= mark[i].flags;
	}
	if (fb_trace_flags(rwbs, sizeof(rwbs)) != flags)
		fail_msg("%s: %x, expected %x", rwbs,
			 (unsigned)fb_trace_flags(rwbs, sizeof(rwbs)), (unsigned)flags);
}

static void every_combination_of_letters_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		for (unsigned marks = 0; marks < 1u << MARKS; marks++)
			assert_spelled(&operations[i], marks);
}

static void a_flush_request_is_told_from_marks(void **state)
{
	(void)state;
	assert_int_equal(fb_trace_flags("FF", 10), FB_BLOCK_FLUSH);
	assert_int_equal(fb_trace_flags("F", 10), FB_BLOCK_FLUSH);
	assert_int_equal(fb_trace_flags("FFS", 10), FB_BLOCK_FLUSH | FB_BLOCK_SYNC);
	assert_int_equal(fb_trace_flags("FS", 10), FB_BLOCK_FLUSH | FB_BLOCK_SYNC);
	assert_int_equal(fb_trace_flags("WF", 10), FB_BLOCK_WRITE | FB_BLOCK_FUA);
	assert_int_equal(fb_trace_flags("FW", 10), FB_BLOCK_PREFLUSH | FB_BLOCK_WRITE);
}

static void letters_end_at_their_number(void **state)
{
	(void)state;
	assert_int_equal(fb_trace_flags("FWFSM", 2),
			 FB_BLOCK_PREFLUSH | FB_BLOCK_WRITE);
	assert_int_equal(fb_trace_flags("WZ", 1), FB_BLOCK_WRITE);
	assert_int_equal(fb_trace_flags("FW", 1), FB_BLOCK_FLUSH);
	assert_int_equal(fb_trace_flags("W", 0), 0);
	assert_int_equal(fb_trace_flags("", 10), 0);
	assert_int_equal(fb_trace_flags("?!", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_of_several_kernels_are_understood),
		cmocka_unit_test(records_of_several_kernels_say_the_same),
		cmocka_unit_test(a_flush_has_neither_place_nor_length),
		cmocka_unit_test(an_unnamed_request_with_sectors_carries_no_data),
		cmocka_unit_test(a_record_too_short_for_a_field_is_refused),
		cmocka_unit_test(a_name_of_any_length_ends),
		cmocka_unit_test(damaged_formats_are_refused_and_leave_nothing),
		cmocka_unit_test(a_format_cut_anywhere_is_refused_or_whole),
		cmocka_unit_test(every_combination_of_letters_is_read),
		cmocka_unit_test(a_flush_request_is_told_from_marks),
		cmocka_unit_test(letters_end_at_their_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What the lines about a flush say, from facts that no machine here has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* The program's own source: the library has nothing that prints. */
#include "bench/probe_parts.c"

static struct fb_facts facts;
static char shown[2048];

const char *bench_fact(const struct fb_facts *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->list[i].key, key))
			return f->list[i].value;
	return NULL;
}

static int enter(void **state)
{
	(void)state;
	*shown = '\0';
	fb_facts_add(&facts, "disk0", "vda");
	fb_facts_add(&facts, "sanity_flushes", "100");
	return fb_facts_add(&facts, "sanity_dev_flushes", "54");
}

static int leave(void **state)
{
	(void)state;
	fb_facts_free(&facts);
	return 0;
}

static void keep(void *ctx, const char *label, const char *text)
{
	(void)ctx;
	probe_add(shown, sizeof(shown), label, ": ");
	probe_add(shown, sizeof(shown), text, "\n");
}

static void assert_shows(const char *text)
{
	probe_show_flush(&facts, keep, NULL);
	assert_string_equal(shown, text);
}

static void flushes_are_counted_where_some_reach_the_disk(void **state)
{
	(void)state;
	fb_facts_add(&facts, "sanity_verdict", "some");
	assert_shows("verdict: not every flush reaches vda: 0.54 for each that was "
		     "asked for\n");
}

static void others_who_flush_are_named(void **state)
{
	(void)state;
	fb_facts_add(&facts, "sanity_verdict", "shared");
	assert_shows("verdict: flushes reach vda, but others flush it meanwhile, and "
		     "theirs may have served for ours: 0.54 for each that was asked "
		     "for\n");
}

static void a_flush_that_cannot_be_is_not_counted(void **state)
{
	(void)state;
	fb_facts_add(&facts, "sanity_verdict", "implausible");
	assert_shows("verdict: a flush is faster than a device can be: something else "
		     "answers for vda\n");
}

/* Two repetitions: the flush in the disk is no part of the first median. */
static void the_traced_round_has_a_line_of_its_own(void **state)
{
	(void)state;
	fb_facts_add(&facts, "sanity_commit_p50_ns", "80000");
	fb_facts_add(&facts, "sanity_write_p50_ns", "2000");
	fb_facts_add(&facts, "sanity_traced_p50_ns", "28000");
	fb_facts_add(&facts, "sanity_dev_flush_p50_ns", "4400");
	assert_shows("median: 80.0 us to write 4 KiB and flush, 2.00 us without a "
		     "flush\n"
		     "traced: 28.0 us in a round of its own, 4.40 us of it the disk's "
		     "flush\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(flushes_are_counted_where_some_reach_the_disk),
		TEST(others_who_flush_are_named),
		TEST(a_flush_that_cannot_be_is_not_counted),
		TEST(the_traced_round_has_a_line_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

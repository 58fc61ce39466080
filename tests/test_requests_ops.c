#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/requests_rig.h"

#include <string.h>

static struct requests_rig rig;

static int leave(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

static void enter(void)
{
	rig_open(&rig, "ext4", false, true);
	rig_data(&rig, 1000, 2000);
}

/* Whatever happened, the time of the next event. */
static void at(uint64_t us)
{
	rig.now = 1000000 + us * 1000;
}

/* The op's own figures, before the next one is seen. */
static void end_op(uint64_t requests, uint64_t write_us, uint64_t flush_us)
{
	struct fb_hist *const *h = rig.r->hist;
	const uint64_t was[] = {h[FB_DEV_REQUESTS_PER_FLUSH]->sum, h[FB_DEV_WRITE]->sum,
				h[FB_DEV_FLUSH]->sum};

	fb_requests_end_op(rig.r);
	assert_int_equal(h[FB_DEV_REQUESTS_PER_FLUSH]->sum - was[0], requests);
	assert_int_equal(h[FB_DEV_WRITE]->sum - was[1], write_us * 1000);
	assert_int_equal(h[FB_DEV_FLUSH]->sum - was[2], flush_us * 1000);
}

static void an_op_has_the_time_of_its_writes_and_of_its_flush(void **state)
{
	(void)state;
	enter();
	rig_bio(&rig, "WS", 1000, 8);
	at(10);
	rig_issue(&rig, "WS", 1000, 8);
	at(50);
	rig_answer(&rig, "WS", 1000, 8);
	rig_bio(&rig, "FWS", 0, 0);
	at(60);
	rig_issue(&rig, "FF", 0, 0);
	at(90);
	rig_answer(&rig, "FF", 0, 0);
	rig_answer(&rig, "WS", 0, 0);
	end_op(2, 40, 30);
	end_op(0, 0, 0);
	rig_finish(&rig);
	assert_int_equal(rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->count, 2);
	assert_int_equal(rig.hist[FB_DEV_WRITE]->count, 2);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->max, 40000);
	assert_int_equal(rig.hist[FB_DEV_RQ_FLUSH]->max, 30000);
}

static void writes_that_overlap_count_their_time_once(void **state)
{
	(void)state;
	enter();
	at(10);
	rig_issue(&rig, "W", 1000, 8);
	at(20);
	rig_issue(&rig, "W", 1100, 8);
	at(30);
	rig_answer(&rig, "W", 1000, 8);
	at(50);
	rig_answer(&rig, "W", 1100, 8);
	end_op(2, 40, 0);
}

static void a_write_beside_a_flush_is_time_of_the_flush(void **state)
{
	(void)state;
	enter();
	at(10);
	rig_issue(&rig, "W", 1000, 8);
	at(30);
	rig_issue(&rig, "FF", 0, 0);
	at(40);
	rig_answer(&rig, "W", 1000, 8);
	at(70);
	rig_answer(&rig, "FF", 0, 0);
	end_op(2, 20, 40);
}

static void disks_below_add_nothing_to_an_op(void **state)
{
	(void)state;
	enter();
	rig.disk = RIG_BELOW;
	rig_request(&rig, "W", 1000, 8);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	end_op(0, 0, 0);
}

static void a_write_given_back_is_not_with_the_disk(void **state)
{
	(void)state;
	enter();
	rig_bio(&rig, "W", 1000, 8);
	at(10);
	rig_issue(&rig, "W", 1000, 8);
	at(20);
	rig_see(&rig, FB_BLOCK_REQUEUE, "W", 1000, 8);
	at(50);
	rig_issue(&rig, "W", 1000, 8);
	at(70);
	rig_answer(&rig, "W", 1000, 8);
	end_op(1, 30, 0);
	rig_finish(&rig);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->max, 20000);
}

static void time_that_goes_back_adds_nothing(void **state)
{
	(void)state;
	enter();
	at(50);
	rig_issue(&rig, "W", 1000, 8);
	at(20);
	rig_issue(&rig, "FF", 0, 0);
	at(10);
	rig_answer(&rig, "W", 1000, 8);
	rig_answer(&rig, "FF", 0, 0);
	end_op(2, 0, 0);
	assert_int_equal(rig.r->hist[FB_DEV_WRITE]->count, 1);
	rig_finish(&rig);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->max, 0);
}

static void without_ops_there_are_no_figures_of_ops(void **state)
{
	(void)state;
	rig_open(&rig, "ext4", false, false);
	rig_data(&rig, 1000, 2000);
	rig_request(&rig, "W", 1000, 8);
	fb_requests_end_op(rig.r);
	rig_finish(&rig);
	assert_int_equal(rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->count, 0);
	assert_int_equal(rig.hist[FB_DEV_WRITE]->count, 0);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->count, 1);
}

static const struct {
	const char *klass;
	enum fb_dev_hist hist;
} classes[] = {
	{"data", FB_DEV_RQ_DATA},         {"journal", FB_DEV_RQ_JOURNAL},
	{"metadata", FB_DEV_RQ_METADATA}, {"flush", FB_DEV_RQ_FLUSH},
	{"read", FB_DEV_RQ_READ},         {"discard", FB_DEV_RQ_DISCARD},
	{"other", FB_DEV_RQ_OTHER},
};

static void each_class_has_its_own_distribution(void **state)
{
	(void)state;
	enter();
	rig_request(&rig, "W", 1000, 8);
	rig_request(&rig, "WM", 5000, 8);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_request(&rig, "R", 1000, 8);
	rig_request(&rig, "D", 1000, 8);
	rig_request(&rig, "W", 5000, 8);
	rig.comm = "jbd2/own-8";
	rig_request(&rig, "WSM", 6000, 8);
	rig_finish(&rig);
	assert_int_equal(rig.io.n_classes, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(rig.hist[classes[i].hist]->count, 1);
		assert_string_equal(strchr(fb_dev_hist_names[classes[i].hist], '_') + 1,
				    classes[i].klass);
	}
	assert_null(fb_dev_hist_names[FB_DEV_HISTS]);
	assert_string_equal(fb_dev_hist_unit(FB_DEV_REQUESTS_PER_FLUSH), "requests");
	assert_string_equal(fb_dev_hist_unit(FB_DEV_WRITE), "ns");
}

/* struct tally - what a disk with requests was seen to answer */
struct tally {
	uint64_t requests[RIG_DISKS], bytes[RIG_DISKS];
};

static void random_event(struct fb_rng *rng)
{
	static const char *const letters[] = {"W",   "WS",   "FWFSM", "WFSM", "FF",
					      "FWS", "RAHM", "D",     "N",    "WM"};
	static const char *const names[] = {"program", "jbd2/own-8", ""};
	const char *rwbs = letters[fb_rng_below(rng, 10)];
	const enum fb_block_kind kind = (enum fb_block_kind)fb_rng_below(rng, 5);

	rig.disk = (unsigned)fb_rng_below(rng, RIG_DISKS + 1);
	rig.pid = (int)(100 * fb_rng_below(rng, 4));
	rig.comm = names[fb_rng_below(rng, 3)];
	if (!fb_rng_below(rng, 20))
		rig.now -= fb_rng_below(rng, 500000);
	if (!fb_rng_below(rng, 50))
		rig_see(&rig, kind, rwbs, UINT64_MAX - fb_rng_below(rng, 9), 8);
	else
		rig_see(&rig, kind, rwbs, 980 + 4 * fb_rng_below(rng, 60),
			4 * (uint32_t)fb_rng_below(rng, 6));
}

static void add_rows(struct tally *t, uint64_t *flushes, uint64_t *writes)
{
	for (size_t i = 0; i < rig.io.n_classes; i++) {
		const struct fb_io_class *c = &rig.io.classes[i];
		unsigned d = 0;

		while (strcmp(rig.disks[d].name, c->device) != 0)
			d++;
		t->requests[d] += c->requests;
		t->bytes[d] += c->bytes;
		if (d > RIG_OWN_BIOS)
			continue;
		if (!strcmp(c->klass, "flush"))
			*flushes += c->requests;
		else if (strcmp(c->klass, "read") != 0 && strcmp(c->klass, "discard"))
			*writes += c->bytes;
	}
}

static void nonsense_is_counted_and_never_crashes(void **state)
{
	struct fb_rng rng;
	struct tally t = {{0}, {0}};
	uint64_t flushes = 0, writes = 0, timed = 0;

	(void)state;
	rig_open(&rig, "ext4", true, true);
	rig_data(&rig, 1000, 1100);
	fb_rng_init(&rng, 6);
	for (int i = 0; i < 200000; i++) {
		random_event(&rng);
		if (!(i % 7))
			fb_requests_end_op(rig.r);
	}
	assert_true(rig.r->bios.n <= FB_SPANS_MAX && rig.r->sent.n <= FB_SPANS_MAX);
	rig_data(&rig, 1150, 1160);
	rig_finish(&rig);
	add_rows(&t, &flushes, &writes);
	assert_int_equal(flushes, rig.sum.flushes);
	assert_int_equal(writes, rig.sum.bytes);
	assert_int_equal(rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->count, 200000 / 7 + 1);
	/* But for what came after the last op, which is no op's. */
	assert_int_equal((int64_t)rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->sum +
				 rig.r->op_requests,
			 t.requests[RIG_OWN] + t.requests[RIG_OWN_BIOS]);
	for (int i = FB_DEV_RQ_DATA; i < FB_DEV_HISTS; i++)
		timed += rig.hist[i]->count;
	assert_true(timed > 0 &&
		    timed <= t.requests[RIG_OWN] + t.requests[RIG_OWN_BIOS]);
}

/* struct flight - requests a made-up disk has at once */
struct flight {
	uint64_t sector[32];
	uint32_t sectors[32];
	unsigned n;
};

/* All of it, or a part, or it is given back and issued anew. */
static void answer_one(struct fb_rng *rng, struct flight *f, struct tally *t)
{
	const unsigned i = (unsigned)fb_rng_below(rng, f->n);
	const uint64_t all = f->sector[i];
	const uint32_t part = 1 + (uint32_t)fb_rng_below(rng, f->sectors[i]);

	if (!fb_rng_below(rng, 4)) {
		rig_see(&rig, FB_BLOCK_REQUEUE, "W", all, f->sectors[i]);
		rig_issue(&rig, "W", all, f->sectors[i]);
	}
	rig_answer(&rig, "W", all, part);
	t->bytes[RIG_OWN] += part * 512;
	f->sector[i] += part;
	f->sectors[i] -= part;
	if (f->sectors[i])
		return;
	t->requests[RIG_OWN]++;
	f->n--;
	f->sector[i] = f->sector[f->n];
	f->sectors[i] = f->sectors[f->n];
}

static void begin_one(struct fb_rng *rng, struct flight *f, uint64_t sector)
{
	const uint32_t sectors = 2 + (uint32_t)fb_rng_below(rng, 30);
	const uint32_t head = 1 + (uint32_t)fb_rng_below(rng, sectors - 1);

	/* One bio, or two that are merged, the second in front of the first or behind.
	 */
	if (fb_rng_below(rng, 2)) {
		rig_bio(&rig, "W", sector, sectors);
	} else if (fb_rng_below(rng, 2)) {
		rig_bio(&rig, "W", sector, head);
		rig_bio(&rig, "W", sector + head, sectors - head);
	} else {
		rig_bio(&rig, "W", sector + head, sectors - head);
		rig_bio(&rig, "W", sector, head);
	}
	rig_issue(&rig, "W", sector, sectors);
	f->sector[f->n] = sector;
	f->sectors[f->n++] = sectors;
}

static void all_that_is_answered_is_in_the_rows(void **state)
{
	struct fb_rng rng;
	struct tally t = {{0}, {0}};
	struct flight f = {.n = 0};
	uint64_t next = 0;

	(void)state;
	rig_open(&rig, "ext4", false, true);
	rig_data(&rig, 0, 1 << 30);
	fb_rng_init(&rng, 60);
	for (int i = 0; i < 20000 || f.n; i++) {
		if (i < 20000 && f.n < 32 && (fb_rng_below(&rng, 2) || !f.n))
			begin_one(&rng, &f, next += 64);
		else
			answer_one(&rng, &f, &t);
	}
	rig_finish(&rig);
	assert_int_equal(rig.io.n_classes, 1);
	assert_int_equal(rig.io.classes[0].requests, t.requests[RIG_OWN]);
	assert_int_equal(rig.io.classes[0].bytes, t.bytes[RIG_OWN]);
	assert_string_equal(rig.io.classes[0].issuer, "self");
	assert_int_equal(rig.sum.writes, t.requests[RIG_OWN]);
	assert_int_equal(rig.sum.bytes, t.bytes[RIG_OWN]);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->count, t.requests[RIG_OWN]);
	assert_int_equal(rig.r->bios.n + rig.r->sent.n + rig.r->busy.n[0], 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, leave)
	const struct CMUnitTest tests[] = {
		T(an_op_has_the_time_of_its_writes_and_of_its_flush),
		T(writes_that_overlap_count_their_time_once),
		T(a_write_beside_a_flush_is_time_of_the_flush),
		T(disks_below_add_nothing_to_an_op),
		T(a_write_given_back_is_not_with_the_disk),
		T(time_that_goes_back_adds_nothing),
		T(without_ops_there_are_no_figures_of_ops),
		T(each_class_has_its_own_distribution),
		T(nonsense_is_counted_and_never_crashes),
		T(all_that_is_answered_is_in_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_storm.h"

#include "support/hive_crash.h"
#include "support/hive_lab.h"
#include "support/hive_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FLUSHES = 24,      /* of a round */
	FLUSHES_AFTER = 4, /* after a crash, before the next */
	ROUND_STATES = 5000,
	SAMPLES_AFTER = 2, /* states of each prefix after a crash */
	NESTED_ONE_IN = 64,
};

/* struct attempt - one flush: ops @from .. @to, what the hive was */
struct attempt {
	size_t from, to;
	bool returned;
	unsigned char *bins;
	size_t bytes;
};

/* struct life - what was done to a hive from @start on, recorded by @disk */
struct life {
	struct hive_disk *disk;
	struct hive_disk start;
	struct attempt *list;
	size_t n, room;
};

/* struct storm - one round; @crashed, @again: disks of states, used over and over */
struct storm {
	struct hive_storm *s;
	struct fb_hive_options options;
	struct fb_rng rng;
	struct hive_disk disk, crashed, again;
	struct hive_model model;
};

static void life_begin(struct life *l, struct hive_disk *disk)
{
	*l = (struct life){.disk = disk};
	hive_disk_begin(&l->start);
	hive_disk_copy(&l->start, disk);
	hive_disk_forget(disk);
}

static void life_end(struct life *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->list[i].bins);
	free(l->list);
	hive_disk_end(&l->start);
	*l = (struct life){0};
}

static void life_add(struct life *l, const struct fb_hive *h, size_t from,
		     bool returned)
{
	struct attempt a = {.from = from,
			    .to = l->disk->n,
			    .returned = returned,
			    .bytes = (size_t)fb_hive_bytes(h)};

	a.bins = malloc(a.bytes);
	assert_non_null(a.bins);
	memcpy(a.bins, fb_hive_bins(h), a.bytes);
	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : 32;
		l->list = realloc(l->list, l->room * sizeof(*l->list));
		assert_non_null(l->list);
	}
	l->list[l->n++] = a;
}

static bool is_as(const struct attempt *a, const struct fb_hive *h)
{
	return fb_hive_bytes(h) == a->bytes &&
	       !memcmp(fb_hive_bins(h), a->bins, a->bytes);
}

/* The last flush that had returned when op @at was about to be done, or a later one. */
static bool is_promised(const struct life *l, size_t at, const struct fb_hive *h)
{
	for (size_t i = l->n; i--;) {
		const struct attempt *a = &l->list[i];

		if (a->from >= at && i)
			continue;
		if (is_as(a, h))
			return true;
		if (a->returned && a->to <= at)
			return false;
	}
	return false;
}

static void flush(struct storm *t, struct fb_hive *h, struct life *l)
{
	size_t from = l->disk->n;
	int ret = fb_rng_below(&t->rng, 12) ? fb_hive_flush(h, NULL)
					    : fb_hive_reconcile(h, NULL);

	life_add(l, h, from, !ret);
	assert_true(!ret || t->s->errors);
}

static void edit(struct storm *t, struct fb_hive *h)
{
	for (uint64_t n = 1 + fb_rng_below(&t->rng, 5); n; n--)
		hive_model_edit(&t->model, h, &t->rng);
	hive_model_assert(&t->model, h);
}

static void edit_and_flush(struct storm *t, struct fb_hive *h, struct life *l)
{
	for (int i = 0; t->s->errors && i < 3 && fb_rng_below(&t->rng, 2); i++) {
		edit(t, h);
		l->disk->fail_at = l->disk->calls + 1 +
				   (unsigned)fb_rng_below(&t->rng, 9);
		flush(t, h, l);
		l->disk->fail_at = 0;
	}
	edit(t, h);
	flush(t, h, l);
}

static struct fb_hive *open_it(struct storm *t, struct hive_disk *disk)
{
	struct fb_hive *h = NULL;

	if (t->s->mode == HIVE_STORM_MIXED)
		t->options.strategy = (enum fb_hive_strategy)(fb_rng_next(&t->rng) & 1);
	if (fb_hive_open(&h, &disk->io, &t->options, NULL))
		return NULL;
	disk->opens++;
	return h;
}

/* Closed, or dropped as by a process that dies, and open again. */
static struct fb_hive *reopen(struct storm *t, struct fb_hive *h, struct life *l)
{
	if (fb_rng_next(&t->rng) & 1)
		assert_int_equal(fb_hive_close(h, NULL), 0);
	else
		fb_hive_free(h);
	h = open_it(t, l->disk);
	assert_non_null(h);
	assert_true(is_promised(l, l->disk->n, h));
	return h;
}

static void live(struct storm *t, struct life *l)
{
	struct fb_hive *h;

	assert_int_equal(fb_hive_new(&h, &t->options), 0);
	assert_int_equal(fb_hive_save(h, &t->disk.io, NULL), 0);
	fb_hive_free(h);
	life_begin(l, &t->disk);
	t->disk.deaf_to = t->s->deaf_to;
	t->disk.mark_first = t->s->mark_first;
	h = open_it(t, &t->disk);
	assert_non_null(h);
	life_add(l, h, 0, true);
	for (int i = 0; i < FLUSHES; i++) {
		edit_and_flush(t, h, l);
		if (!fb_rng_below(&t->rng, 10))
			h = reopen(t, h, l);
	}
	assert_int_equal(fb_hive_close(h, NULL), 0);
}

static void violated(struct storm *t, const struct hive_crash *c, const char *what,
		     const char *told)
{
	snprintf(t->s->violation, sizeof(t->s->violation),
		 "SEED=%llu N=1: %s after op %zu, in state:%s",
		 (unsigned long long)t->s->seed, what, c->at, told);
}

/*
 * One state of one prefix: what opens must be promised. 0 when it is; @keep_open: the
 * hive, for more.
 */
static int try_state(struct storm *t, const struct life *l, const struct hive_crash *c,
		     struct hive_disk *disk, struct fb_hive **keep_open)
{
	struct fb_hive *h = open_it(t, disk);
	bool good = h && is_promised(l, c->at, h) && !fb_hive_recovered(h)->dummy_bins;

	t->s->tried++;
	if (good && keep_open) {
		*keep_open = h;
		return 0;
	}
	fb_hive_free(h);
	return good ? 0 : 1;
}

/* State @i of a prefix, told in words only when it breaks the promise. */
static int try_one(struct storm *t, const struct life *l, const struct hive_crash *c,
		   uint64_t i, struct hive_disk *disk, struct fb_hive **keep_open)
{
	struct fb_rng before = t->rng;
	char told[800];

	hive_disk_forget(disk);
	hive_crash_state(c, i, &t->rng, disk, NULL, 0);
	if (!try_state(t, l, c, disk, keep_open))
		return 0;
	hive_crash_state(c, i, &before, disk, told, sizeof(told));
	violated(t, c, "a hive is lost or not as promised", told);
	return 1;
}

static void change_without_model(struct storm *t, struct fb_hive *h, int i)
{
	static const unsigned char data[20000];
	char name[16];

	snprintf(name, sizeof(name), "after%d", i & 1);
	assert_int_equal(fb_value_set(h, fb_hive_root(h), hive_name(name),
				      FB_REG_BINARY, data,
				      (size_t)fb_rng_below(&t->rng, i ? 9 : 20000)),
			 0);
}

static int explore_again(struct storm *t, const struct life *l)
{
	struct hive_crash c;
	int ret = 0;

	hive_crash_begin(&c, l->disk, &l->start);
	while (!ret && hive_crash_step(&c))
		for (uint64_t i = 0; !ret && i < SAMPLES_AFTER; i++)
			ret = try_one(t, l, &c, UINT64_MAX, &t->again, NULL);
	hive_crash_end(&c);
	return ret;
}

/* Opened after a crash, the hive lives on, and crashes again, perhaps while opening. */
static int live_on(struct storm *t, const struct life *before, struct hive_crash *c,
		   uint64_t i)
{
	struct life l;
	struct fb_hive *h;
	int ret;

	hive_disk_forget(&t->crashed);
	hive_crash_state(c, i, &t->rng, &t->crashed, NULL, 0);
	life_begin(&l, &t->crashed);
	ret = try_state(t, before, c, &t->crashed, &h);
	if (!ret) {
		life_add(&l, h, 0, true);
		l.list[0].to = 0;
		for (int k = 0; k < FLUSHES_AFTER; k++) {
			change_without_model(t, h, k);
			flush(t, h, &l);
		}
		fb_hive_free(h);
		ret = explore_again(t, &l);
	} else {
		violated(t, c, "a hive is lost or not as promised", " (see live_on)");
	}
	life_end(&l);
	return ret;
}

static int explore(struct storm *t, const struct life *l, bool keep_lost)
{
	uint64_t samples = ROUND_STATES / (l->disk->n + 1) + 1;
	struct hive_crash c;
	int ret = 0;

	hive_crash_begin(&c, l->disk, &l->start);
	c.keep_lost = keep_lost;
	while (!ret && hive_crash_step(&c)) {
		uint64_t exact = hive_crash_exact(&c);
		uint64_t n = c.n ? (exact > samples ? exact : samples) : 1;

		for (uint64_t i = 0; !ret && i < n; i++)
			ret = try_one(t, l, &c, i, &t->crashed, NULL);
		if (!ret && !fb_rng_below(&t->rng, NESTED_ONE_IN / 8))
			ret = live_on(t, l, &c, UINT64_MAX);
	}
	hive_crash_end(&c);
	return ret;
}

static int run_round(struct hive_storm *s)
{
	struct storm t = {.s = s,
			  .options = {.strategy = s->mode == HIVE_STORM_OLD
							  ? FB_HIVE_LOG_AND_PRIMARY
							  : FB_HIVE_LOG_ONLY,
				      .log_cap = HIVE_LAB_LOG_CAP,
				      .now = hive_lab_now}};
	struct life l;
	int ret;

	fb_rng_init(&t.rng, s->seed);
	hive_disk_begin(&t.disk);
	hive_disk_begin(&t.crashed);
	hive_disk_begin(&t.again);
	live(&t, &l);
	ret = explore(&t, &l, s->seed & 1);
	life_end(&l);
	hive_disk_end(&t.disk);
	hive_disk_end(&t.crashed);
	hive_disk_end(&t.again);
	return ret;
}

void hive_storm_run(struct hive_storm *s)
{
	s->violation[0] = '\0';
	s->tried = 0;
	while (s->tried < s->states && !run_round(s))
		s->seed++;
}

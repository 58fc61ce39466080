#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_crash.h"

#include "hive/regf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a crash left of one write. */
enum remains { NOTHING, ALL, HEAD, TAIL, SOME, ALL_BUT_ONE, REMAINS };

static const char *const remain_names[] = {"none", "all",  "head",
					   "tail", "some", "all but one"};

/* struct part - the sectors of a write that are there; @at: where HEAD, TAIL divide */
struct part {
	enum remains kind;
	size_t at;
};

void hive_crash_begin(struct hive_crash *c, const struct hive_disk *rec,
		      const struct hive_disk *start)
{
	*c = (struct hive_crash){.rec = rec};
	hive_disk_begin(&c->durable);
	hive_disk_copy(&c->durable, start);
}

void hive_crash_end(struct hive_crash *c)
{
	hive_disk_end(&c->durable);
	free(c->pending);
	*c = (struct hive_crash){0};
}

static void make_durable(struct hive_crash *c, enum fb_hive_file f)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct hive_op *op = &c->rec->ops[c->pending[i]];

		if (op->file != f)
			c->pending[kept++] = c->pending[i];
		else if (!op->lost || c->keep_lost)
			hive_bytes_put(&c->durable.file[f], op->offset, op->data,
				       op->bytes);
	}
	c->n = kept;
}

bool hive_crash_step(struct hive_crash *c)
{
	const struct hive_op *op = &c->rec->ops[c->at];

	if (c->at == c->rec->n)
		return false;
	if (!op->data) {
		make_durable(c, op->file);
	} else {
		if (c->n == c->room) {
			c->room = c->room ? c->room * 2 : 32;
			c->pending = realloc(c->pending, c->room * sizeof(*c->pending));
			assert_non_null(c->pending);
		}
		c->pending[c->n++] = c->at;
	}
	c->at++;
	return true;
}

uint64_t hive_crash_exact(const struct hive_crash *c)
{
	return c->n <= HIVE_CRASH_ALL ? UINT64_C(1) << c->n : 0;
}

static bool is_there(const struct part *p, size_t sector, struct fb_rng *r)
{
	switch (p->kind) {
	case NOTHING:
		return false;
	case HEAD:
		return sector < p->at;
	case TAIL:
		return sector >= p->at;
	case SOME:
		return fb_rng_next(r) & 1;
	case ALL_BUT_ONE:
		return sector != p->at;
	default:
		return true;
	}
}

static void put_part(struct hive_bytes *f, const struct hive_op *op, struct part p,
		     struct fb_rng *r)
{
	if (p.kind == ALL) {
		hive_bytes_put(f, op->offset, op->data, op->bytes);
		return;
	}
	for (size_t at = 0; at < op->bytes; at += FB_REGF_SECTOR) {
		size_t n = op->bytes - at < FB_REGF_SECTOR ? op->bytes - at
							   : FB_REGF_SECTOR;

		if (is_there(&p, at / FB_REGF_SECTOR, r))
			hive_bytes_put(f, op->offset + at, op->data + at, n);
	}
}

static struct part pick_part(const struct hive_op *op, struct fb_rng *r)
{
	size_t sectors = (op->bytes + FB_REGF_SECTOR - 1) / FB_REGF_SECTOR;
	struct part p = {.kind = (enum remains)fb_rng_below(r, REMAINS + 2)};

	if (p.kind >= REMAINS)
		p.kind = (enum remains)(p.kind - REMAINS);
	if (sectors)
		p.at = (size_t)fb_rng_below(r, sectors);
	return p;
}

static size_t tell(char *told, size_t room, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static size_t tell(char *told, size_t room, size_t at, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!told || at >= room)
		return at;
	va_start(ap, fmt);
	n = vsnprintf(told + at, room - at, fmt, ap);
	va_end(ap);
	return at + (size_t)n;
}

/* A length that the file system had not yet written down. */
static size_t cut_files(const struct hive_crash *c, struct fb_rng *r,
			struct hive_disk *out, char *told, size_t room)
{
	size_t at = 0;

	for (int f = 0; f < FB_HIVE_FILES; f++) {
		size_t had = c->durable.file[f].bytes;

		if (out->file[f].bytes == had || fb_rng_next(r) & 1)
			continue;
		hive_bytes_cut(&out->file[f], had);
		at = tell(told, room, at, " file %d has its old length;", f);
	}
	return at;
}

void hive_crash_state(const struct hive_crash *c, uint64_t i, struct fb_rng *r,
		      struct hive_disk *out, char *told, size_t room)
{
	bool exact = i < hive_crash_exact(c);
	size_t at = 0;

	hive_disk_copy(out, &c->durable);
	if (told && room)
		told[0] = '\0';
	for (size_t w = 0; w < c->n; w++) {
		const struct hive_op *op = &c->rec->ops[c->pending[w]];
		struct part p = {.kind = i >> w & 1 ? ALL : NOTHING};

		if (!exact)
			p = pick_part(op, r);
		put_part(&out->file[op->file], op, p, r);
		at = tell(told, room, at,
			  " op %zu (file %d, %zu bytes at %llu): %s %zu;",
			  c->pending[w], op->file, op->bytes,
			  (unsigned long long)op->offset, remain_names[p.kind], p.at);
	}
	if (!exact)
		cut_files(c, r, out, told ? told + at : NULL,
			  at < room ? room - at : 0);
}

#include "hive/check_walk.h"

#include <stdlib.h>

static bool is_sk(const struct fb_check_cell *cell)
{
	return cell->bytes >= FB_SK_DESCRIPTOR && fb_regf_is(cell->at, "sk");
}

/* A security cell may be referred to any number of times, but only as one. */
static bool take(struct fb_check *c, uint32_t rel, const struct fb_check_ref *ref)
{
	struct fb_check_cell sk;

	if (fb_check_look(c, rel, &sk) && fb_check_bit(c->sks, rel))
		return true;
	if (!fb_check_follow(c, rel, ref, &sk))
		return false;
	if (!is_sk(&sk)) {
		fb_check_tell(c, ref->field, ref->id,
			      "%s at 0x%x, but \"sk\" is missing there", ref->what,
			      rel);
		return false;
	}
	fb_check_mark(c->sks, rel);
	return true;
}

static void add(struct fb_check *c, uint32_t rel, uint32_t users)
{
	if (c->n_security < c->room_security ||
	    fb_check_grow(c, (void **)&c->security, &c->room_security,
			  sizeof(*c->security)))
		c->security[c->n_security++] = (struct fb_check_sk){.rel = rel,
								    .users = users};
}

void fb_check_use_security(struct fb_check *c, const struct fb_check_cell *nk)
{
	struct fb_check_ref ref = {fb_check_field(nk, FB_NK_SECURITY), "security",
				   "security descriptor"};
	uint32_t rel = fb_get32(nk->at + FB_NK_SECURITY);

	if (take(c, rel, &ref))
		add(c, rel, 1);
	else
		c->incomplete = true;
}

static int by_rel(const void *a, const void *b)
{
	uint32_t ra = ((const struct fb_check_sk *)a)->rel;
	uint32_t rb = ((const struct fb_check_sk *)b)->rel;

	return (ra > rb) - (ra < rb);
}

/* One entry a cell, in the order of the file, its users added up. */
static void merge(struct fb_check *c)
{
	size_t n = 0;

	if (c->n_security)
		qsort(c->security, c->n_security, sizeof(*c->security), by_rel);
	for (size_t i = 0; i < c->n_security; i++) {
		if (n && c->security[n - 1].rel == c->security[i].rel)
			c->security[n - 1].users += c->security[i].users;
		else
			c->security[n++] = c->security[i];
	}
	c->n_security = n;
}

static struct fb_check_sk *find(const struct fb_check *c, uint32_t rel)
{
	struct fb_check_sk key = {.rel = rel};

	return c->n_security
		       ? bsearch(&key, c->security, c->n_security, sizeof(key), by_rel)
		       : NULL;
}

static uint32_t link_of(const struct fb_check *c, uint32_t rel, uint32_t field)
{
	return fb_get32(c->data + rel + FB_REGF_CELL_HEAD + field);
}

/* Cells that no key uses, but that a link leads to. */
static void add_linked(struct fb_check *c)
{
	static const uint32_t fields[] = {FB_SK_NEXT, FB_SK_PREVIOUS};

	for (size_t i = 0; i < c->n_security && !c->no_memory; i++)
		for (int k = 0; k < 2; k++) {
			uint32_t rel = link_of(c, c->security[i].rel, fields[k]);
			struct fb_check_cell sk;

			if (!fb_check_look(c, rel, &sk) || !is_sk(&sk) ||
			    fb_check_bit(c->used, rel) || fb_check_bit(c->frees, rel))
				continue;
			fb_check_mark(c->used, rel);
			fb_check_mark(c->sks, rel);
			add(c, rel, 0);
		}
	merge(c);
}

static bool is_known(const struct fb_check *c, uint32_t rel)
{
	return rel < c->size && rel % FB_REGF_CELL_STEP == 0 &&
	       fb_check_bit(c->sks, rel);
}

static bool tell_link(struct fb_check *c, uint32_t rel, uint32_t field)
{
	struct fb_check_sk *sk = find(c, rel);

	if (field == FB_SK_PREVIOUS && sk->previous_told)
		return false;
	sk->previous_told = sk->previous_told || field == FB_SK_PREVIOUS;
	fb_check_tell(c, fb_check_place((uint64_t)rel + FB_REGF_CELL_HEAD + field),
		      field == FB_SK_NEXT ? "sk_next" : "sk_previous",
		      "%s security descriptor 0x%x: the ring is broken",
		      field == FB_SK_NEXT ? "next" : "previous",
		      link_of(c, rel, field));
	return false;
}

/* Of two links that disagree the one is wrong whose goal has another partner. */
static bool check_next(struct fb_check *c, uint32_t rel)
{
	uint32_t next = link_of(c, rel, FB_SK_NEXT), back;

	if (!is_known(c, next))
		return tell_link(c, rel, FB_SK_NEXT);
	back = link_of(c, next, FB_SK_PREVIOUS);
	if (back == rel)
		return true;
	if (is_known(c, back) && link_of(c, back, FB_SK_NEXT) == next)
		return tell_link(c, rel, FB_SK_NEXT);
	return tell_link(c, next, FB_SK_PREVIOUS);
}

static bool check_previous(struct fb_check *c, uint32_t rel)
{
	uint32_t back = link_of(c, rel, FB_SK_PREVIOUS), next;

	if (!is_known(c, back))
		return tell_link(c, rel, FB_SK_PREVIOUS);
	next = link_of(c, back, FB_SK_NEXT);
	if (next == rel || !is_known(c, next))
		return true;
	if (link_of(c, next, FB_SK_PREVIOUS) == back)
		return tell_link(c, rel, FB_SK_PREVIOUS);
	return true;
}

static bool check_links(struct fb_check *c)
{
	bool good = true;

	for (size_t i = 0; i < c->n_security; i++) {
		good = check_next(c, c->security[i].rel) && good;
		good = check_previous(c, c->security[i].rel) && good;
	}
	return good;
}

static void check_one_ring(struct fb_check *c, uint32_t first)
{
	struct fb_check_sk *sk = find(c, first);

	while (sk && !sk->in_ring) {
		sk->in_ring = true;
		sk = find(c, link_of(c, sk->rel, FB_SK_NEXT));
	}
	for (size_t i = 0; i < c->n_security; i++)
		if (!c->security[i].in_ring)
			fb_check_tell(c, fb_check_place(c->security[i].rel), "sk_ring",
				      "a security descriptor outside the ring of the "
				      "root's");
}

static void check_content(struct fb_check *c, const struct fb_check_sk *sk)
{
	struct fb_check_cell cell;
	uint32_t bytes, at;
	const char *wrong;

	fb_check_look(c, sk->rel, &cell);
	bytes = fb_get32(cell.at + FB_SK_BYTES);
	if (bytes > cell.bytes - FB_SK_DESCRIPTOR) {
		fb_check_tell(c, fb_check_field(&cell, FB_SK_BYTES), "sk_past_cell",
			      "security descriptor of %u bytes, but its cell has %u",
			      bytes, cell.bytes - FB_SK_DESCRIPTOR);
		return;
	}
	if (!fb_check_afford(c, fb_check_field(&cell, FB_SK_BYTES), bytes))
		return;
	wrong = fb_check_descriptor(cell.at + FB_SK_DESCRIPTOR, bytes, &at);
	if (wrong)
		fb_check_tell(c, fb_check_field(&cell, FB_SK_DESCRIPTOR) + at,
			      "descriptor", "security descriptor: %s", wrong);
}

static void check_users(struct fb_check *c, const struct fb_check_sk *sk)
{
	uint32_t users = link_of(c, sk->rel, FB_SK_USERS);

	if (users != sk->users)
		fb_check_tell(c,
			      fb_check_place((uint64_t)sk->rel + FB_REGF_CELL_HEAD +
					     FB_SK_USERS),
			      "sk_users",
			      "%u keys use this security descriptor, not %u", sk->users,
			      users);
}

void fb_check_security(struct fb_check *c)
{
	uint32_t first = c->n_security ? c->security[0].rel : FB_REGF_NIL;

	merge(c);
	add_linked(c);
	c->survey.descriptors = c->n_security;
	if (check_links(c) && first != FB_REGF_NIL)
		check_one_ring(c, first);
	for (size_t i = 0; i < c->n_security; i++) {
		check_content(c, &c->security[i]);
		if (!c->incomplete)
			check_users(c, &c->security[i]);
	}
}

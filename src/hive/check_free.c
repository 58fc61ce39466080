#include "hive/check_walk.h"

/* Bytes of the cell that a record needs; 0: the payload begins like none. */
static uint64_t need_of(const unsigned char *p, uint32_t bytes)
{
	uint64_t need = 0;

	if (bytes >= FB_NK_NAME && fb_regf_is(p, "nk"))
		need = FB_NK_NAME + fb_get16(p + FB_NK_NAME_BYTES);
	else if (bytes >= FB_VK_NAME && fb_regf_is(p, "vk"))
		need = FB_VK_NAME + fb_get16(p + FB_VK_NAME_BYTES);
	else if (bytes >= FB_SK_DESCRIPTOR && fb_regf_is(p, "sk"))
		need = FB_SK_DESCRIPTOR + (uint64_t)fb_get32(p + FB_SK_BYTES);
	else if (bytes > FB_LIST_ITEMS && (fb_regf_is(p, "lf") || fb_regf_is(p, "lh")))
		need = FB_LIST_ITEMS + 8 * fb_get16(p + FB_LIST_COUNT);
	return need ? (need + FB_REGF_CELL_HEAD + 7) / 8 * 8 : 0;
}

static bool was_record(const struct fb_check_cell *cell)
{
	uint64_t need = need_of(cell->at, cell->bytes);

	return need && need <= cell->bytes + FB_REGF_CELL_HEAD;
}

/* hivex reserves a byte for a name that is not there. */
static bool was_just_a_record(const struct fb_check_cell *cell)
{
	uint64_t need = need_of(cell->at, cell->bytes);
	uint64_t has = cell->bytes + FB_REGF_CELL_HEAD;

	return need && (has == need || has == need + FB_REGF_CELL_STEP);
}

/* The place where the second of two free neighbours begins; NIL: they are none. */
static uint32_t neighbour(const struct fb_check *c, const struct fb_check_cell *first)
{
	uint64_t next = (uint64_t)first->rel + FB_REGF_CELL_HEAD + first->bytes;

	if (next >= c->size || !fb_check_bit(c->frees, (uint32_t)next) ||
	    fb_check_bit(c->used, first->rel) || fb_check_bit(c->used, (uint32_t)next))
		return FB_REGF_NIL;
	return (uint32_t)next;
}

/* Returns whether the writer of the hive was seen not to join cells. */
static bool each_pair(struct fb_check *c,
		      bool (*see)(struct fb_check *c, const struct fb_check_cell *first,
				  const struct fb_check_cell *second))
{
	struct fb_check_cell first, second;

	for (uint32_t i = 0; i < c->size / 512; i++)
		for (uint64_t bits = c->frees[i]; bits; bits &= bits - 1) {
			uint32_t rel = i * 512 + (uint32_t)__builtin_ctzll(bits) * 8;

			fb_check_look(c, rel, &first);
			rel = neighbour(c, &first);
			if (rel != FB_REGF_NIL && fb_check_look(c, rel, &second) &&
			    see(c, &first, &second))
				return true;
		}
	return false;
}

static bool is_witness(struct fb_check *c, const struct fb_check_cell *first,
		       const struct fb_check_cell *second)
{
	(void)c;
	return was_just_a_record(first) || was_record(second);
}

static bool tell_pair(struct fb_check *c, const struct fb_check_cell *first,
		      const struct fb_check_cell *second)
{
	fb_check_tell(c, fb_check_place(second->rel), "free_adjacent",
		      "a free cell behind the free one at 0x%llx: they should be one",
		      (unsigned long long)fb_check_place(first->rel));
	return false;
}

void fb_check_free(struct fb_check *c)
{
	if (!each_pair(c, is_witness))
		each_pair(c, tell_pair);
}

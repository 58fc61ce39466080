/*
 * check_walk.h - what the parts of the checker share
 */
#ifndef FB_HIVE_CHECK_WALK_H
#define FB_HIVE_CHECK_WALK_H

#include "hive/check.h"
#include "hive/pages.h"
#include "hive/regf.h"

#include <stdbool.h>

/* struct fb_check_key - a key that is still to be looked at */
struct fb_check_key {
	uint32_t rel;
	uint32_t parent; /* NIL: it is the root */
	uint32_t level;  /* of the root: 0 */
};

/* struct fb_check_sk - a security cell, and how many keys use it */
struct fb_check_sk {
	uint32_t rel;
	uint32_t users;
	bool in_ring, previous_told;
};

/*
 * struct fb_check - a check under way
 * @data, @size: hive-bins data as far as the file has it, whole pages
 * @starts: bit i: an allocated cell begins at 8 * i; @frees: a free one
 * @used:   something refers to the cell; @sks: as a security cell
 * @loose:  8 bytes behind a cell whose size is wrong: cells may begin there
 * @walked: bytes of lists and descriptors that were looked through; @size at most
 * @queue:  keys to look at, from @next on
 * @incomplete: some cells were out of reach, so what counts users may be too low
 * @past_end: something referred beyond the data
 */
struct fb_check {
	const unsigned char *file;
	uint64_t bytes;
	const unsigned char *data;
	uint32_t size;
	uint32_t minor;
	uint64_t *starts, *frees, *used, *sks, *loose;
	uint64_t walked;
	struct fb_check_key *queue;
	size_t next, n_keys, room_keys;
	struct fb_check_sk *security;
	size_t n_security, room_security;
	bool incomplete, past_end, no_memory;
	struct fb_sink sink;
	int64_t findings;
	struct fb_survey survey;
};

/* struct fb_check_ref - a field that refers to a cell
 * @field: its place in the file; @id of the finding if it is wrong; @what it names */
struct fb_check_ref {
	uint64_t field;
	const char *id;
	const char *what;
};

struct fb_check_cell {
	const unsigned char *at; /* payload */
	uint32_t bytes;          /* of it */
	uint32_t rel;
};

static inline bool fb_check_bit(const uint64_t *set, uint32_t rel)
{
	return fb_bit(set, rel / FB_REGF_CELL_STEP);
}

static inline void fb_check_mark(uint64_t *set, uint32_t rel)
{
	fb_bit_set(set, rel / FB_REGF_CELL_STEP);
}

/* fb_check_place - in the file, of byte @rel of the data */
static inline uint64_t fb_check_place(uint64_t rel)
{
	return FB_REGF_PAGE + rel;
}

/* fb_check_field - in the file, of a record's field */
static inline uint64_t fb_check_field(const struct fb_check_cell *cell, uint32_t field)
{
	return fb_check_place((uint64_t)cell->rel + FB_REGF_CELL_HEAD + field);
}

void fb_check_tell(struct fb_check *c, uint64_t offset, const char *id, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));

/* fb_check_grow - room for one more of @size bytes; false: no memory, which is noted */
bool fb_check_grow(struct fb_check *c, void **items, size_t *room, size_t size);

/*
 * fb_check_look - the cell at @rel, as it lies there; false: none begins there
 *
 * A free cell is handed out too. Tells nothing.
 */
bool fb_check_look(const struct fb_check *c, uint32_t rel, struct fb_check_cell *out);

/*
 * fb_check_follow - the cell that a field refers to, from now on used
 *
 * A cell that is free is told and handed out all the same. false: there is none, or
 * something else uses it; told.
 */
bool fb_check_follow(struct fb_check *c, uint32_t rel, const struct fb_check_ref *ref,
		     struct fb_check_cell *out);

/*
 * fb_check_afford - may @bytes more of a list or descriptor be looked through?
 * @field: what is told of, if not
 *
 * Sound cells have no byte in common, so all of them together have no more than the
 * data. Loose ones may each reach to the end, and a hostile file has one every 8 bytes:
 * without this the check would not end. false: told.
 */
bool fb_check_afford(struct fb_check *c, uint64_t field, uint64_t bytes);

/* fb_check_bins - bins and cells, of which @c then has the sets */
void fb_check_bins(struct fb_check *c);

/* fb_check_free - neighbours that are free; after the walk */
void fb_check_free(struct fb_check *c);

/* fb_check_keys - all keys from @root on */
void fb_check_keys(struct fb_check *c, uint32_t root);

/* fb_check_enqueue - a key that a list names */
void fb_check_enqueue(struct fb_check *c, const struct fb_check_key *key);

/* struct fb_check_longest - of what belongs to a key */
struct fb_check_longest {
	uint32_t subkey_name, value_name, value_data;
};

void fb_check_subkeys(struct fb_check *c, const struct fb_check_cell *nk,
		      const struct fb_check_key *key, struct fb_check_longest *longest);
void fb_check_values(struct fb_check *c, const struct fb_check_cell *nk,
		     struct fb_check_longest *longest);

/* fb_check_use_security - that @nk refers to its security cell */
void fb_check_use_security(struct fb_check *c, const struct fb_check_cell *nk);

/* fb_check_security - all of them, once the keys are done */
void fb_check_security(struct fb_check *c);

/*
 * fb_check_descriptor - what is wrong with a self-relative security descriptor
 *
 * NULL: nothing. @at: the place in it.
 */
const char *fb_check_descriptor(const unsigned char *d, uint32_t bytes, uint32_t *at);

/* struct fb_check_name - as it stands in a record; @at NULL: not known */
struct fb_check_name {
	const unsigned char *at;
	uint32_t bytes;
	bool is_8bit;
};

/* fb_check_units - its length in UTF-16 units */
static inline uint32_t fb_check_units(const struct fb_check_name *n)
{
	return n->is_8bit ? n->bytes : n->bytes / 2;
}

/* fb_check_key_name - of a key's record, whole and of legal length; else @at is NULL */
struct fb_check_name fb_check_key_name(const struct fb_check_cell *nk);

enum fb_check_order { FB_CHECK_ASCENDING, FB_CHECK_EQUAL, FB_CHECK_DESCENDING };

/* fb_check_order - of two neighbours in a list */
enum fb_check_order fb_check_order(const struct fb_check_name *first,
				   const struct fb_check_name *second);

/* fb_check_hash_fits, fb_check_hint_fits - four bytes of an lh or an lf list */
bool fb_check_hash_fits(const struct fb_check_name *n, const unsigned char *hash);
bool fb_check_hint_fits(const struct fb_check_name *n, const unsigned char *hint);

#endif

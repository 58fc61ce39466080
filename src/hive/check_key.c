#include "hive/check_walk.h"

#include "hive/name.h"

struct fb_check_name fb_check_key_name(const struct fb_check_cell *nk)
{
	struct fb_check_name n = {0};

	if (nk->bytes < FB_NK_NAME || !fb_regf_is(nk->at, "nk"))
		return n;
	n.is_8bit = fb_get16(nk->at + FB_NK_FLAGS) & FB_NK_FLAG_8BIT;
	n.bytes = fb_get16(nk->at + FB_NK_NAME_BYTES);
	if (n.bytes && n.bytes <= nk->bytes - FB_NK_NAME &&
	    fb_check_units(&n) <= FB_KEY_NAME_MAX && (n.is_8bit || n.bytes % 2 == 0))
		n.at = nk->at + FB_NK_NAME;
	return n;
}

void fb_check_enqueue(struct fb_check *c, const struct fb_check_key *key)
{
	if (c->n_keys == c->room_keys &&
	    !fb_check_grow(c, (void **)&c->queue, &c->room_keys, sizeof(*c->queue)))
		return;
	c->queue[c->n_keys++] = *key;
}

static void check_letters(struct fb_check *c, const struct fb_check_cell *nk,
			  const struct fb_check_name *n)
{
	uint32_t step = n->is_8bit ? 1 : 2;

	for (uint32_t i = 0; i < n->bytes; i += step) {
		uint16_t unit = n->is_8bit ? n->at[i] : fb_get16(n->at + i);

		if (unit && unit != '\\')
			continue;
		fb_check_tell(c, fb_check_field(nk, FB_NK_NAME + i), "key_name",
			      "a %s in the name of a key", unit ? "backslash" : "NUL");
		return;
	}
}

static void check_name(struct fb_check *c, const struct fb_check_cell *nk)
{
	struct fb_check_name n = fb_check_key_name(nk);
	uint64_t field = fb_check_field(nk, FB_NK_NAME_BYTES);

	if (n.at)
		check_letters(c, nk, &n);
	else if (!n.bytes)
		fb_check_tell(c, field, "key_name", "a key without a name");
	else if (n.bytes > nk->bytes - FB_NK_NAME)
		fb_check_tell(c, field, "key_name_past_cell",
			      "name of %u bytes, but its cell has %u left", n.bytes,
			      nk->bytes - FB_NK_NAME);
	else
		fb_check_tell(c, field, "key_name",
			      "name of %u bytes: at most %d characters, whole ones",
			      n.bytes, FB_KEY_NAME_MAX);
}

static void check_class(struct fb_check *c, const struct fb_check_cell *nk)
{
	struct fb_check_ref ref = {fb_check_field(nk, FB_NK_CLASS), "class", "class"};
	uint32_t bytes = fb_get16(nk->at + FB_NK_CLASS_BYTES);
	struct fb_check_cell cell;

	if (!bytes || !fb_check_follow(c, fb_get32(nk->at + FB_NK_CLASS), &ref, &cell))
		return;
	if (bytes > cell.bytes)
		fb_check_tell(
			c, fb_check_field(nk, FB_NK_CLASS_BYTES), "class_past_cell",
			"class of %u bytes, but its cell has %u", bytes, cell.bytes);
}

static void check_longest(struct fb_check *c, const struct fb_check_cell *nk,
			  const struct fb_check_longest *truth)
{
	struct {
		uint32_t field, said, truth;
		const char *id, *what;
	} all[] = {
		{FB_NK_MAX_SUBKEY_NAME, fb_get16(nk->at + FB_NK_MAX_SUBKEY_NAME),
		 truth->subkey_name, "max_subkey_name", "subkey's name"},
		{FB_NK_MAX_VALUE_NAME, fb_get32(nk->at + FB_NK_MAX_VALUE_NAME),
		 truth->value_name, "max_value_name", "value's name"},
		{FB_NK_MAX_VALUE_DATA, fb_get32(nk->at + FB_NK_MAX_VALUE_DATA),
		 truth->value_data, "max_value_data", "value's data"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].said < all[i].truth)
			fb_check_tell(c, fb_check_field(nk, all[i].field), all[i].id,
				      "longest %s: %u bytes, but there is one of %u",
				      all[i].what, all[i].said, all[i].truth);
}

/* As it stands in the root it means nothing. */
static void check_place(struct fb_check *c, const struct fb_check_cell *nk,
			const struct fb_check_key *key)
{
	uint32_t parent = fb_get32(nk->at + FB_NK_PARENT);

	if (key->parent != FB_REGF_NIL && parent != key->parent)
		fb_check_tell(c, fb_check_field(nk, FB_NK_PARENT), "parent",
			      "parent 0x%x, but it is a subkey of 0x%x", parent,
			      key->parent);
	if (key->level == FB_REGF_LEVELS + 1)
		fb_check_tell(c, fb_check_place(key->rel), "depth",
			      "more than %d keys above this one", FB_REGF_LEVELS);
}

static void check_key(struct fb_check *c, const struct fb_check_key *key)
{
	struct fb_check_longest longest = {0};
	struct fb_check_cell nk;

	fb_check_look(c, key->rel, &nk);
	if (nk.bytes < FB_NK_NAME || !fb_regf_is(nk.at, "nk")) {
		c->incomplete = true;
		if (nk.bytes >= 2 && !fb_regf_is(nk.at, "nk"))
			fb_check_tell(c, fb_check_field(&nk, 0), "key_signature",
				      "no key here: \"nk\" is missing");
		else
			fb_check_tell(c, fb_check_place(key->rel), "key_past_cell",
				      "a key needs %d bytes, its cell has %u",
				      FB_NK_NAME, nk.bytes);
		return;
	}
	c->survey.keys++;
	check_name(c, &nk);
	check_place(c, &nk, key);
	fb_check_use_security(c, &nk);
	check_class(c, &nk);
	fb_check_values(c, &nk, &longest);
	fb_check_subkeys(c, &nk, key, &longest);
	check_longest(c, &nk, &longest);
}

void fb_check_keys(struct fb_check *c, uint32_t root)
{
	struct fb_check_ref ref = {FB_BASE_ROOT, "root", "root key"};
	struct fb_check_cell nk;

	if (!fb_check_follow(c, root, &ref, &nk)) {
		c->incomplete = true;
		return;
	}
	if (!fb_regf_is(nk.at, "nk")) {
		fb_check_tell(c, FB_BASE_ROOT, "root",
			      "root key at 0x%x, but that is "
			      "no key",
			      root);
		c->incomplete = true;
		return;
	}
	fb_check_enqueue(c, &(struct fb_check_key){root, FB_REGF_NIL, 0});
	while (c->next < c->n_keys && !c->no_memory) {
		struct fb_check_key key = c->queue[c->next++];

		check_key(c, &key);
	}
}

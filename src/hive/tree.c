#include "hive/records.h"

#include <string.h>

/* What offreg.dll gives new keys: SYSTEM and Administrators all, Everyone and
 * Restricted read; owner and group Administrators. Checked against 10.0.22621. */
static const unsigned char descriptor[] = {
	/* revision, control, owner, group, SACL, DACL */
	1, 0, 0x04, 0x80, 0x70, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0,
	/* DACL: revision 2, 0x5C bytes, 4 entries */
	2, 0, 0x5C, 0, 4, 0, 0, 0,
	/* S-1-5-18, 0xF003F */
	0, 2, 0x14, 0, 0x3F, 0, 0x0F, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
	/* S-1-5-32-544, 0xF003F */
	0, 2, 0x18, 0, 0x3F, 0, 0x0F, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2,
	0, 0,
	/* S-1-1-0, 0x20019 */
	0, 2, 0x14, 0, 0x19, 0, 0x02, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
	/* S-1-5-12, 0x20019 */
	0, 2, 0x14, 0, 0x19, 0, 0x02, 0, 1, 1, 0, 0, 0, 0, 0, 5, 12, 0, 0, 0,
	/* owner and group: S-1-5-32-544 */
	1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32,
	0, 0, 0, 0x20, 2, 0, 0};

_Static_assert(sizeof(descriptor) == 0x90, "offsets of owner and group count on it");

static void fill_root(struct fb_hive *h, unsigned char *nk, uint32_t sk)
{
	static const char name[] = {'R', 'O', 'O', 'T'};

	memcpy(nk, "nk", 2);
	fb_put16(nk + FB_NK_FLAGS, FB_NK_FLAGS_ROOT);
	fb_put64(nk + FB_NK_TIME, h->base.time);
	fb_put32(nk + FB_NK_PARENT, FB_REGF_NIL);
	fb_put32(nk + FB_NK_LIST, FB_REGF_NIL);
	fb_put32(nk + FB_NK_VOLATILE_LIST, FB_REGF_NIL);
	fb_put32(nk + FB_NK_VALUE_LIST, FB_REGF_NIL);
	fb_put32(nk + FB_NK_SECURITY, sk);
	fb_put32(nk + FB_NK_CLASS, FB_REGF_NIL);
	fb_put16(nk + FB_NK_NAME_BYTES, sizeof(name));
	memcpy(nk + FB_NK_NAME, name, sizeof(name));
}

int fb_tree_make(struct fb_hive *h)
{
	uint32_t root, sk;
	unsigned char *at;
	int ret = fb_cell_alloc(&h->bins, FB_NK_NAME + 4, FB_REGF_NIL, &root);

	if (!ret)
		ret = fb_cell_alloc(&h->bins, FB_SK_DESCRIPTOR + sizeof(descriptor),
				    FB_REGF_NIL, &sk);
	if (ret)
		return ret;
	fb_put64(h->bins.at + FB_BIN_TIME, h->base.time);
	fill_root(h, h->bins.at + root + FB_REGF_CELL_HEAD, sk);
	at = h->bins.at + sk + FB_REGF_CELL_HEAD;
	memcpy(at, "sk", 2);
	fb_put32(at + FB_SK_NEXT, sk);
	fb_put32(at + FB_SK_PREVIOUS, sk);
	fb_put32(at + FB_SK_USERS, 1);
	fb_put32(at + FB_SK_BYTES, sizeof(descriptor));
	memcpy(at + FB_SK_DESCRIPTOR, descriptor, sizeof(descriptor));
	h->base.root = root;
	return 0;
}

#include "hive/records.h"

#include <errno.h>
#include <string.h>

enum { DESCRIPTOR_LEAST = 20 };

const unsigned char *fb_sk_get(const struct fb_hive *h, uint32_t rel)
{
	const unsigned char *sk = fb_cell_get(&h->bins, rel, FB_SK_DESCRIPTOR);

	if (!sk || !fb_regf_is(sk, "sk") ||
	    fb_get32(sk + FB_SK_BYTES) > fb_cell_bytes(sk) - FB_SK_DESCRIPTOR)
		return NULL;
	return sk;
}

int fb_security_hold(struct fb_hive *h, uint32_t rel)
{
	const unsigned char *sk = fb_sk_get(h, rel);

	if (!sk || fb_get32(sk + FB_SK_USERS) == UINT32_MAX)
		return -EBADMSG;
	fb_record_put32(h, sk, FB_SK_USERS, fb_get32(sk + FB_SK_USERS) + 1);
	return 0;
}

/* The last user of one that is not cannot go. */
static bool is_linked(const struct fb_hive *h, const unsigned char *sk)
{
	return fb_sk_get(h, fb_get32(sk + FB_SK_NEXT)) &&
	       fb_sk_get(h, fb_get32(sk + FB_SK_PREVIOUS));
}

int fb_security_release(struct fb_hive *h, uint32_t rel)
{
	const unsigned char *sk = fb_sk_get(h, rel), *next, *last;

	if (!sk)
		return -EBADMSG;
	if (fb_get32(sk + FB_SK_USERS) > 1) {
		fb_record_put32(h, sk, FB_SK_USERS, fb_get32(sk + FB_SK_USERS) - 1);
		return 0;
	}
	if (!is_linked(h, sk))
		return -EBADMSG;
	next = fb_sk_get(h, fb_get32(sk + FB_SK_NEXT));
	last = fb_sk_get(h, fb_get32(sk + FB_SK_PREVIOUS));
	fb_record_put32(h, next, FB_SK_PREVIOUS, fb_get32(sk + FB_SK_PREVIOUS));
	fb_record_put32(h, last, FB_SK_NEXT, fb_get32(sk + FB_SK_NEXT));
	return fb_cell_free(&h->bins, rel);
}

/*
 * The ring from @from on. A damaged one may never come back to its beginning: all cells
 * of a sound one together are no more than the data.
 */
static int find_equal(const struct fb_hive *h, uint32_t from, const void *descriptor,
		      size_t bytes, uint32_t *rel)
{
	uint32_t left = h->bins.bytes;

	*rel = from;
	do {
		const unsigned char *sk = fb_sk_get(h, *rel);

		if (!sk || fb_cell_bytes(sk) > left)
			return -EBADMSG;
		left -= fb_cell_bytes(sk);
		if (fb_get32(sk + FB_SK_BYTES) == bytes &&
		    !memcmp(sk + FB_SK_DESCRIPTOR, descriptor, bytes))
			return 0;
		*rel = fb_get32(sk + FB_SK_NEXT);
	} while (*rel != from);
	return -ENOENT;
}

/* After @at in the ring; without a user yet. */
static int add(struct fb_hive *h, uint32_t at, const void *descriptor, uint32_t bytes,
	       uint32_t *rel)
{
	uint32_t next = fb_get32(fb_sk_get(h, at) + FB_SK_NEXT);
	unsigned char *sk;
	int ret;

	if (!fb_sk_get(h, next))
		return -EBADMSG;
	ret = fb_cell_alloc(&h->bins, FB_SK_DESCRIPTOR + bytes, at, rel);
	if (ret)
		return ret;
	sk = h->bins.at + *rel + FB_REGF_CELL_HEAD;
	memcpy(sk, "sk", 2);
	fb_put32(sk + FB_SK_NEXT, next);
	fb_put32(sk + FB_SK_PREVIOUS, at);
	fb_put32(sk + FB_SK_BYTES, bytes);
	memcpy(sk + FB_SK_DESCRIPTOR, descriptor, bytes);
	fb_record_put32(h, fb_sk_get(h, at), FB_SK_NEXT, *rel);
	fb_record_put32(h, fb_sk_get(h, next), FB_SK_PREVIOUS, *rel);
	return 0;
}

int fb_key_security(const struct fb_hive *h, uint32_t key, const void **out,
		    size_t *bytes)
{
	const unsigned char *nk = fb_nk_get(h, key), *sk;

	sk = nk ? fb_sk_get(h, fb_get32(nk + FB_NK_SECURITY)) : NULL;
	if (!sk)
		return -EBADMSG;
	*out = sk + FB_SK_DESCRIPTOR;
	*bytes = fb_get32(sk + FB_SK_BYTES);
	return 0;
}

int fb_key_set_security(struct fb_hive *h, uint32_t key, const void *descriptor,
			size_t bytes)
{
	const unsigned char *nk = fb_nk_get(h, key);
	uint32_t old, sk;
	int ret;

	if (h->options.read_only)
		return -EROFS;
	if (bytes < DESCRIPTOR_LEAST || bytes > UINT16_MAX)
		return -EINVAL;
	if (!nk)
		return -EBADMSG;
	old = fb_get32(nk + FB_NK_SECURITY);
	ret = find_equal(h, old, descriptor, bytes, &sk);
	if (ret != -EBADMSG && !is_linked(h, fb_sk_get(h, old)))
		ret = -EBADMSG;
	if (ret == -ENOENT)
		ret = add(h, old, descriptor, (uint32_t)bytes, &sk);
	if (!ret)
		ret = fb_security_hold(h, sk);
	if (ret)
		return ret;
	fb_record_put32(h, nk, FB_NK_SECURITY, sk);
	fb_nk_touched(h, nk);
	return fb_security_release(h, old);
}

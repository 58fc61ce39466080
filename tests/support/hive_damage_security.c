#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_damage.h"

#include <string.h>

static uint32_t sk_of(const struct hive_image *i, const char *key)
{
	return image_u32(i, image_key(i, key), FB_NK_SECURITY);
}

static uint64_t sk_users(struct hive_image *i)
{
	uint32_t sk = sk_of(i, "\\bbb");

	image_put32(i, sk, FB_SK_USERS, image_u32(i, sk, FB_SK_USERS) + 1);
	return image_field(sk, FB_SK_USERS);
}

static uint64_t sk_next_nowhere(struct hive_image *i)
{
	image_put32(i, sk_of(i, "\\bbb"), FB_SK_NEXT, 0x20);
	return image_field(sk_of(i, "\\bbb"), FB_SK_NEXT);
}

static uint64_t sk_next_itself(struct hive_image *i)
{
	image_put32(i, sk_of(i, "\\bbb"), FB_SK_NEXT, sk_of(i, "\\bbb"));
	return image_field(sk_of(i, "\\bbb"), FB_SK_NEXT);
}

static uint64_t sk_previous_nowhere(struct hive_image *i)
{
	image_put32(i, sk_of(i, "\\bbb"), FB_SK_PREVIOUS, 0xfffffff0);
	return image_field(sk_of(i, "\\bbb"), FB_SK_PREVIOUS);
}

static uint64_t sk_previous_itself(struct hive_image *i)
{
	image_put32(i, sk_of(i, "\\bbb"), FB_SK_PREVIOUS, sk_of(i, "\\bbb"));
	return image_field(sk_of(i, "\\bbb"), FB_SK_PREVIOUS);
}

/* Taken out of the ring with care, but a key still uses it. */
static uint64_t sk_outside(struct hive_image *i)
{
	uint32_t sk = sk_of(i, "\\ccc"), next = image_u32(i, sk, FB_SK_NEXT);
	uint32_t previous = image_u32(i, sk, FB_SK_PREVIOUS);

	image_put32(i, previous, FB_SK_NEXT, next);
	image_put32(i, next, FB_SK_PREVIOUS, previous);
	image_put32(i, sk, FB_SK_NEXT, sk);
	image_put32(i, sk, FB_SK_PREVIOUS, sk);
	return FB_REGF_PAGE + (uint64_t)sk;
}

static uint64_t sk_nil(struct hive_image *i)
{
	image_put32(i, image_key(i, "\\bbb"), FB_NK_SECURITY, FB_REGF_NIL);
	return image_field(image_key(i, "\\bbb"), FB_NK_SECURITY);
}

static uint64_t sk_is_a_key(struct hive_image *i)
{
	image_put32(i, image_key(i, "\\bbb"), FB_NK_SECURITY, image_key(i, "\\ccc"));
	return image_field(image_key(i, "\\bbb"), FB_NK_SECURITY);
}

static uint64_t sk_past_cell(struct hive_image *i)
{
	image_put32(i, sk_of(i, "\\bbb"), FB_SK_BYTES, 10000);
	return image_field(sk_of(i, "\\bbb"), FB_SK_BYTES);
}

static uint64_t garbage_at(struct hive_image *i, uint32_t from, uint32_t bytes)
{
	uint64_t at = image_field(sk_of(i, "\\bbb"), FB_SK_DESCRIPTOR);

	memset(i->at + at + from, 0xee, bytes);
	return at + from;
}

static uint64_t descriptor_garbage(struct hive_image *i)
{
	return garbage_at(i, 0, 80);
}

static uint64_t descriptor_owner(struct hive_image *i)
{
	return garbage_at(i, 4, 4);
}

static uint64_t descriptor_group_sid(struct hive_image *i)
{
	return garbage_at(i, 0x40, 16);
}

static uint64_t descriptor_acl(struct hive_image *i)
{
	return garbage_at(i, 20, 8);
}

static uint64_t descriptor_ace(struct hive_image *i)
{
	return garbage_at(i, 28, 20);
}

const struct hive_damage hive_damage_security[] = {
	{"sk reference count", sk_users, "sk_users", true},
	{"sk flink to no sk", sk_next_nowhere, "sk_next", true},
	{"sk flink to itself", sk_next_itself, "sk_next", true},
	{"sk blink to nothing", sk_previous_nowhere, "sk_previous", true},
	{"sk blink to itself", sk_previous_itself, "sk_previous", true},
	{"sk outside the ring", sk_outside, "sk_ring", true},
	{"sk is NIL", sk_nil, "security", true},
	{"sk is a key", sk_is_a_key, "cell_twice", true},
	{"descriptor past its cell", sk_past_cell, "sk_past_cell", true},
	{"descriptor garbage", descriptor_garbage, "descriptor", true},
	{"descriptor: owner leads outside", descriptor_owner, "descriptor", true},
	{"descriptor: group is no SID", descriptor_group_sid, "descriptor", true},
	{"descriptor: garbage for an ACL", descriptor_acl, "descriptor", true},
	{"descriptor: garbage for an ACE", descriptor_ace, "descriptor", true},
	{0},
};

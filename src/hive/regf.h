/*
 * regf.h - where things stand in a hive and in its logs
 *
 * Offsets and lengths in bytes, integers little-endian. "rel" is an offset from the
 * start of the hive-bins data, which is byte 4096 of the file. Source: msuhanov/regf,
 * "Windows registry file format specification", unless another is named.
 */
#ifndef FB_HIVE_REGF_H
#define FB_HIVE_REGF_H

#include <stdint.h>
#include <string.h>

#define FB_REGF_NIL      UINT32_C(0xFFFFFFFF)
#define FB_REGF_BINS_MAX UINT32_C(0x80000000) /* bit 31 marks volatile storage */
#define FB_REGF_BIG_DATA 16344 /* bytes of a value that one cell may hold */
#define FB_REGF_LEVELS   512   /* depth of the tree; ReactOS */

enum {
	FB_REGF_PAGE = 4096,
	FB_REGF_SECTOR = 512,
	FB_REGF_CELL_STEP = 8,
	FB_REGF_CELL_HEAD = 4,
	FB_REGF_ROOT = 32, /* where the root cell normally is */
};

/* The base block; only its first 512 bytes mean anything. */
enum {
	FB_BASE_SIGNATURE = 0, /* "regf" */
	FB_BASE_SEQ1 = 4,
	FB_BASE_SEQ2 = 8,
	FB_BASE_TIME = 12,
	FB_BASE_MAJOR = 20,
	FB_BASE_MINOR = 24,
	FB_BASE_TYPE = 28,
	FB_BASE_FORMAT = 32,
	FB_BASE_ROOT = 36,
	FB_BASE_BINS = 40, /* bytes of hive-bins data */
	FB_BASE_CLUSTER = 44,
	FB_BASE_NAME = 48,
	FB_BASE_NAME_BYTES = 64,
	FB_BASE_FLAGS = 144,
	FB_BASE_CHECKSUM = 508,
};

enum fb_regf_type {
	FB_REGF_PRIMARY = 0,
	FB_REGF_LOG_OLD = 1,      /* XP to 8.0 */
	FB_REGF_LOG_VERY_OLD = 2, /* to 2000 */
	FB_REGF_LOG_NEW = 6,      /* 8.1 and later */
};

enum { /* hbin */
       FB_BIN_SIGNATURE = 0,
       FB_BIN_OFFSET = 4,
       FB_BIN_SIZE = 8,
       FB_BIN_TIME = 20, /* first bin: a copy of the base block's */
       FB_BIN_SPARE = 28,
       FB_BIN_HEAD = 32,
};

enum { /* nk */
       FB_NK_FLAGS = 2,
       FB_NK_TIME = 4,
       FB_NK_ACCESS = 12,
       FB_NK_PARENT = 16,
       FB_NK_SUBKEYS = 20,
       FB_NK_VOLATILE_SUBKEYS = 24,
       FB_NK_LIST = 28,
       FB_NK_VOLATILE_LIST = 32,
       FB_NK_VALUES = 36,
       FB_NK_VALUE_LIST = 40,
       FB_NK_SECURITY = 44,
       FB_NK_CLASS = 48,
       FB_NK_MAX_SUBKEY_NAME = 52, /* u16, bytes as UTF-16 */
       FB_NK_MAX_CLASS = 56,
       FB_NK_MAX_VALUE_NAME = 60, /* bytes as UTF-16 */
       FB_NK_MAX_VALUE_DATA = 64,
       FB_NK_WORK_VAR = 68,
       FB_NK_NAME_BYTES = 72, /* u16 */
       FB_NK_CLASS_BYTES = 74,
       FB_NK_NAME = 76,
};

enum {
	FB_NK_FLAG_VOLATILE = 1,
	FB_NK_FLAG_HIVE_EXIT = 2,
	FB_NK_FLAG_HIVE_ENTRY = 4,
	FB_NK_FLAG_NO_DELETE = 8,
	FB_NK_FLAG_LINK = 0x10,
	FB_NK_FLAG_8BIT = 0x20,   /* the name is Latin-1, not UTF-16LE */
	FB_NK_FLAG_PREDEF = 0x40, /* a handle stands where the values' count is; yarp */
	FB_NK_FLAGS_ROOT = 0x2C,
};

enum { /* vk */
       FB_VK_NAME_BYTES = 2,
       FB_VK_DATA_BYTES = 4,
       FB_VK_DATA = 8,
       FB_VK_TYPE = 12,
       FB_VK_FLAGS = 16,
       FB_VK_SPARE = 18,
       FB_VK_NAME = 20,
       FB_VK_FLAG_8BIT = 1,
       FB_VK_FLAG_TOMBSTONE = 2,
};
#define FB_VK_INLINE UINT32_C(0x80000000) /* in DATA_BYTES: DATA is the data */

enum { /* sk */
       FB_SK_NEXT = 4,
       FB_SK_PREVIOUS = 8,
       FB_SK_USERS = 12,
       FB_SK_BYTES = 16,
       FB_SK_DESCRIPTOR = 20,
};

enum { /* lf, lh, li, ri: signature, u16 count, elements */
       FB_LIST_COUNT = 2,
       FB_LIST_ITEMS = 4,
};

enum { /* db: signature, u16 segments, u32 rel of the list of their rels */
       FB_DB_SEGMENTS = 2,
       FB_DB_LIST = 4,
       FB_DB_BYTES = 8,
};

/* Value types; any other number is allowed too. */
enum {
	FB_REG_NONE = 0,
	FB_REG_SZ = 1,
	FB_REG_EXPAND_SZ = 2,
	FB_REG_BINARY = 3,
	FB_REG_DWORD = 4,
	FB_REG_DWORD_BIG_ENDIAN = 5,
	FB_REG_LINK = 6,
	FB_REG_MULTI_SZ = 7,
	FB_REG_RESOURCE_LIST = 8,
	FB_REG_FULL_RESOURCE_DESCRIPTOR = 9,
	FB_REG_RESOURCE_REQUIREMENTS_LIST = 10,
	FB_REG_QWORD = 11,
};

/* fb_page_of - the page that a rel lies in */
static inline uint32_t fb_page_of(uint32_t rel)
{
	return rel / FB_REGF_PAGE;
}

static inline uint16_t fb_get16(const void *at)
{
	const unsigned char *b = at;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t fb_get32(const void *at)
{
	const unsigned char *b = at;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t fb_get64(const void *at)
{
	return fb_get32(at) | (uint64_t)fb_get32((const char *)at + 4) << 32;
}

static inline void fb_put16(void *at, uint16_t v)
{
	unsigned char b[2] = {(unsigned char)v, (unsigned char)(v >> 8)};

	memcpy(at, b, sizeof(b));
}

static inline void fb_put32(void *at, uint32_t v)
{
	unsigned char b[4] = {(unsigned char)v, (unsigned char)(v >> 8),
			      (unsigned char)(v >> 16), (unsigned char)(v >> 24)};

	memcpy(at, b, sizeof(b));
}

static inline void fb_put64(void *at, uint64_t v)
{
	fb_put32(at, (uint32_t)v);
	fb_put32((char *)at + 4, (uint32_t)(v >> 32));
}

/* fb_regf_bins_fit - hive-bins data may be @bytes: whole pages, at most 2 GiB */
static inline int fb_regf_bins_fit(uint32_t bytes)
{
	return bytes && bytes % FB_REGF_PAGE == 0 && bytes <= FB_REGF_BINS_MAX;
}

/* fb_regf_is - whether a record begins with @signature of two or four letters */
static inline int fb_regf_is(const void *at, const char *signature)
{
	return !memcmp(at, signature, strlen(signature));
}

#endif

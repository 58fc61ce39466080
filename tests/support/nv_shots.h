/*
 * nv_shots.h - calls of the routines for non-volatile memory, each judged by what the
 * nv_medium was told of it
 */
#ifndef FB_TESTS_SUPPORT_NV_SHOTS_H
#define FB_TESTS_SUPPORT_NV_SHOTS_H

#include "nt/nv_cpu.h"
#include "support/nv_rig.h"

/*
 * struct nv_call - a routine with its flags
 * @stores: the routine does; else it flushes what the caller stored
 * @drains: with one fence at its end
 * @listed: works on two ranges of the same length
 *
 * One that stores takes what it stores from nv_new_bytes.
 */
struct nv_call {
	const char *name;
	NTSTATUS (*call)(size_t at, size_t n, ULONG flags);
	ULONG flags;
	bool stores;
	bool drains;
	bool listed;
};

/* nv_calls - every routine that takes a range, with every combination of flags */
enum { NV_CALLS = 14 };
extern const struct nv_call nv_calls[NV_CALLS];

/* nv_range - where the shots go, and what they are made of; @bytes: nv_new_bytes last
 */
extern struct nv_range {
	struct nv_rig rig;
	struct fb_nv_cpu cpu;
	PVOID token;
	char *source;
	const char *bytes;
} nv_range;

/* nv_range_make - fails the test; nv_range_remove in any case */
void nv_range_make(void);
void nv_range_remove(void);

/*
 * nv_range_use - from here on by a copy of this one; it must tell the nv_medium
 *
 * Where it flushes no lines the region is one whose granularity is a byte.
 */
void nv_range_use(const struct fb_nv_cpu *cpu);

/* nv_new_bytes - other bytes than were there, whatever was; 1 MiB and more */
const char *nv_new_bytes(void);

/* struct nv_shot - @n bytes at @at of the region */
struct nv_shot {
	const struct nv_call *call;
	size_t at;
	size_t n;
};

/*
 * nv_shoot - one call; fails the test unless it did to each line what it should
 *
 * Each line of the range is flushed once by the right instruction, or streamed, as the
 * flags say, and no other is touched; a fence comes last, or none; what was stored is
 * what was meant, and after the drain all of it is durable.
 */
void nv_shoot(struct nv_shot s);

/* nv_shots_small - of 0 to 300 bytes at every alignment to a line */
void nv_shots_small(const struct nv_call *c);

/* nv_shots_large - the powers of two up to 1 MiB, and a byte more and less */
void nv_shots_large(const struct nv_call *c);

#endif

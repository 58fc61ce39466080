/*
 * insn_noted.h - the instructions of nv_insn_aarch64.h, each done and noted
 *
 * The engine is compiled with this one in its place (FB_NV_INSN).
 */
#ifndef FB_TESTS_NV_ARM64_INSN_NOTED_H
#define FB_TESTS_NV_ARM64_INSN_NOTED_H

#include "nv_arm64/notes.h"

#define fb_nv_cvap plain_cvap
#define fb_nv_cvac plain_cvac
#define fb_nv_dsb  plain_dsb
#include "nt/nv_insn_aarch64.h"
#undef fb_nv_cvap
#undef fb_nv_cvac
#undef fb_nv_dsb

static inline void fb_nv_cvap(uintptr_t at)
{
	plain_cvap(at);
	note_line(at, FB_NT_NV_CVAP);
}

static inline void fb_nv_cvac(uintptr_t at)
{
	plain_cvac(at);
	note_line(at, FB_NT_NV_CVAC);
}

static inline void fb_nv_dsb(void)
{
	plain_dsb();
	note_fence();
}

#endif

/*
 * nv_step_x86_64.h - the instructions that a call really executes, told by stepping
 * through it one by one
 */
#ifndef FB_TESTS_SUPPORT_NV_STEP_X86_64_H
#define FB_TESTS_SUPPORT_NV_STEP_X86_64_H

#include "nt/nt_types.h"

#include <stdbool.h>

/* Instructions that matter here; streaming stores by how many bytes they store. */
enum nv_insn {
	NV_OTHER,
	NV_CLWB,
	NV_CLFLUSHOPT,
	NV_CLFLUSH,
	NV_SFENCE,
	NV_MFENCE,
	NV_LFENCE,
	NV_RDTSC,
	NV_STREAM_8,
	NV_STREAM_16,
	NV_STREAM_32,
	NV_STREAM_64,
	NV_INSNS,
};

/* struct nv_trace - all but NV_OTHER in their order; @count[NV_OTHER] is of those */
struct nv_trace {
	unsigned count[NV_INSNS];
	enum nv_insn order[512];
	size_t n;
};

/* nv_decode - the instruction that begins at @code */
enum nv_insn nv_decode(const unsigned char code[16]);

/*
 * nv_step - call it in a child, an instruction at a time
 *
 * Called once before, so that what happens only the first time is over. NULL, or why
 * it cannot be done here. Fails the test when the call does not succeed.
 */
const char *nv_step(NTSTATUS (*call)(void *ctx), void *ctx, struct nv_trace *out);

/* nv_kernel_lists - its word for what the CPU can do; skips the test where it is silent
 */
bool nv_kernel_lists(const char *flag);

#endif

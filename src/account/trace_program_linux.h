/*
 * trace_program_linux.h - what the kernel runs at a tracepoint, in its instructions
 */
#ifndef FB_ACCOUNT_TRACE_PROGRAM_LINUX_H
#define FB_ACCOUNT_TRACE_PROGRAM_LINUX_H

#include "account/trace_ring.h"

#include <linux/bpf.h>

enum { FB_PROGRAM_MAX = 256, FB_PROGRAM_DISKS_MAX = 64 };

struct fb_program {
	struct bpf_insn code[FB_PROGRAM_MAX];
	unsigned n;
};

/* struct fb_program_state - shared with the programs; @lost: the ring had no room */
struct fb_program_state {
	uint64_t recording;
	uint64_t lost;
};

/* struct fb_program_record - what a program puts into the ring */
struct fb_program_record {
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint32_t tid, pid;
	uint64_t sector;
	uint32_t dev;
	uint32_t sectors;
	uint64_t kind;
	char rwbs[16];
	char comm[16];
};

/* struct fb_program_of - @ring_fd, @state_fd: maps of the kernel */
struct fb_program_of {
	enum fb_block_kind kind;
	const struct fb_trace_format *format;
	const struct fb_trace_ask *ask;
	int ring_fd, state_fd;
};

/* fb_program_layout - where fb_trace_decode finds in a record what @f's event had */
struct fb_trace_format fb_program_layout(const struct fb_trace_format *f);

/* fb_program_make - 0; -E2BIG: too many disks, or an event with too long fields */
int fb_program_make(struct fb_program *out, const struct fb_program_of *of);

#endif

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/nv_step_x86_64.h"

#include "support/need.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* The three prefixes VEX, EVEX and none lead to the same: opcode map 0F. */
struct shape {
	bool prefix_66;
	bool prefix_f3;
	unsigned vector;
	const unsigned char *opcode;
};

static enum nv_insn streamed(unsigned bytes)
{
	switch (bytes) {
	case 16:
		return NV_STREAM_16;
	case 32:
		return NV_STREAM_32;
	default:
		return NV_STREAM_64;
	}
}

static enum nv_insn decode_ae(const struct shape *s)
{
	const unsigned reg = s->opcode[1] >> 3 & 7;
	const bool memory = s->opcode[1] >> 6 != 3;

	if (s->prefix_f3)
		return NV_OTHER;
	if (memory && reg == 6)
		return s->prefix_66 ? NV_CLWB : NV_OTHER;
	if (memory && reg == 7)
		return s->prefix_66 ? NV_CLFLUSHOPT : NV_CLFLUSH;
	if (memory || s->prefix_66 || reg < 5)
		return NV_OTHER;
	return reg == 5 ? NV_LFENCE : reg == 6 ? NV_MFENCE : NV_SFENCE;
}

/* movntdq, movntps and movntpd, movnti, rdtsc and rdtscp */
static enum nv_insn decode_0f(const struct shape *s)
{
	switch (s->opcode[0]) {
	case 0xe7:
		return s->prefix_66 ? streamed(s->vector) : NV_STREAM_8;
	case 0x2b:
		return streamed(s->vector);
	case 0xc3:
		return s->vector == 16 ? NV_STREAM_8 : NV_OTHER;
	case 0x31:
		return NV_RDTSC;
	case 0x01:
		return s->opcode[1] == 0xf9 ? NV_RDTSC : NV_OTHER;
	case 0xae:
		return decode_ae(s);
	default:
		return NV_OTHER;
	}
}

static enum nv_insn decode_vector(const unsigned char *p)
{
	struct shape s = {0};
	unsigned map;
	unsigned pp;

	if (p[0] == 0xc5) {
		map = 1;
		pp = p[1];
		s.vector = 16u << (p[1] >> 2 & 1);
		s.opcode = p + 2;
	} else if (p[0] == 0xc4) {
		map = p[1] & 31;
		pp = p[2];
		s.vector = 16u << (p[2] >> 2 & 1);
		s.opcode = p + 3;
	} else {
		map = p[1] & 7;
		pp = p[2];
		s.vector = 16u << (p[3] >> 5 & 3);
		s.opcode = p + 4;
	}
	s.prefix_66 = (pp & 3) == 1;
	if (map != 1 || (s.opcode[0] != 0xe7 && s.opcode[0] != 0x2b))
		return NV_OTHER;
	return decode_0f(&s);
}

enum nv_insn nv_decode(const unsigned char code[16])
{
	struct shape s = {.vector = 16};
	const unsigned char *p = code;

	while (p < code + 8 && *p &&
	       strchr("\x66\xf2\xf3\x2e\x36\x3e\x26\x64\x65", *p)) {
		s.prefix_66 |= *p == 0x66;
		s.prefix_f3 |= *p == 0xf3;
		p++;
	}
	if ((*p & 0xf0) == 0x40)
		p++;
	if (*p == 0xc5 || *p == 0xc4 || *p == 0x62)
		return decode_vector(p);
	if (*p != 0x0f)
		return NV_OTHER;
	s.opcode = p + 1;
	return decode_0f(&s);
}

/* Between two stops of its own; sanitizers must not look for leaks under a tracer. */
static void run_child(NTSTATUS (*call)(void *ctx), void *ctx)
{
	NTSTATUS status;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(2);
	raise(SIGSTOP);
	status = call(ctx);
	raise(SIGSTOP);
	_exit(status ? 1 : 0);
}

static enum nv_insn insn_at_pc(pid_t child)
{
	unsigned char code[16] = {0};
	long pc = ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, regs.rip), NULL);

	for (size_t i = 0; i < sizeof(code); i += sizeof(long)) {
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKTEXT, child, pc + (long)i, NULL);
		if (!errno)
			memcpy(code + i, &word, sizeof(word));
	}
	return nv_decode(code);
}

static void note(struct nv_trace *t, enum nv_insn insn)
{
	t->count[insn]++;
	if (insn != NV_OTHER && t->n < sizeof(t->order) / sizeof(t->order[0]))
		t->order[t->n++] = insn;
}

/* From the child's first stop to its next that is no step; its wait status. */
static int step_to_stop(pid_t child, struct nv_trace *t)
{
	int status;

	do {
		note(t, insn_at_pc(child));
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		if (waitpid(child, &status, 0) != child)
			return -1;
	} while (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	return status;
}

const char *nv_step(NTSTATUS (*call)(void *ctx), void *ctx, struct nv_trace *out)
{
	int status = 0;
	pid_t child;

	memset(out, 0, sizeof(*out));
	assert_int_equal(call(ctx), STATUS_SUCCESS);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		run_child(call, ctx);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status))
		return "a child cannot be traced here (ptrace is refused)";
	status = step_to_stop(child, out);
	assert_true(WIFSTOPPED(status));
	if (WSTOPSIG(status) != SIGSTOP)
		kill(child, SIGKILL);
	ptrace(PTRACE_DETACH, child, NULL, NULL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	return NULL;
}

bool nv_kernel_lists(const char *flag)
{
	static char text[1 << 16];
	FILE *f = fopen("/proc/cpuinfo", "r");
	size_t n;

	need(f ? NULL : "there is no /proc/cpuinfo");
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	strtok(strstr(text, "flags"), "\n");
	for (char *at = strstr(text, flag); at; at = strstr(at + 1, flag))
		if (at[-1] == ' ' && (at[strlen(flag)] == ' ' || !at[strlen(flag)]))
			return true;
	return false;
}

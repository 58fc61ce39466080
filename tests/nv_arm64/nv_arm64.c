/*
 * nv_arm64.c - the routines for non-volatile memory on arm64, run by an emulator
 *
 * nv_arm64 CPU cvap|cvac   says `ok - ` or `not ok - ` of each claim on that CPU, whose
 *                          best instruction is the one named
 * nv_arm64 CPU once        one flush and no more, for the emulator to tell of
 */
#include "base/clock.h"
#include "nt/nt.h"
#include "nt/view_table.h"
#include "nv_arm64/notes.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

enum { REACH = 4096, SPARE = 128 };

static const char *cpu;
static int failed;

static char *at;
static PVOID token;
static char source[REACH + SPARE];

static void claim(const char *name, bool holds)
{
	printf("%s - on_%s_%s\n", holds ? "ok" : "not ok", cpu, name);
	failed |= !holds;
}

static bool make_region(void)
{
	HANDLE file;
	void *base;

	if (fb_nt_create_memory(NOTES_BYTES, &file) ||
	    fb_nt_map_view(file, 0, NOTES_BYTES, false, &base) || NtClose(file))
		return false;
	at = base;
	notes.base = (uintptr_t)base;
	return !fb_nt_emulate_nv_token(base, NOTES_BYTES, &token);
}

static bool knows(const char *best)
{
	struct fb_nt_nv_info info;

	if (fb_nt_query_nv_token(token, &info))
		return false;
	notes.how = info.flush;
	notes.line = info.line;
	return !strcmp(info.flush_name, best) && !strcmp(info.stream_name, "none") &&
	       info.line >= 16 && !(info.line & (info.line - 1)) && info.emulated;
}

static bool takes(enum fb_nt_nv_flush how)
{
	struct fb_nt_nv_info info;
	const NTSTATUS status = fb_nt_choose_nv_flush(token, how);

	if (status)
		return status != STATUS_NOT_SUPPORTED;
	return !fb_nt_query_nv_token(token, &info) && info.flush == how;
}

static bool refuses(enum fb_nt_nv_flush how)
{
	struct fb_nt_nv_info before, after;

	return !fb_nt_query_nv_token(token, &before) &&
	       fb_nt_choose_nv_flush(token, how) == STATUS_NOT_SUPPORTED &&
	       !fb_nt_query_nv_token(token, &after) && before.flush == after.flush;
}

static void choices(bool has_cvap)
{
	claim("the_instructions_of_another_processor_are_refused",
	      refuses(FB_NT_NV_CLWB) && refuses(FB_NT_NV_CLFLUSHOPT) &&
		      refuses(FB_NT_NV_CLFLUSH));
	claim("cvac_and_none_are_taken", takes(FB_NT_NV_CVAC) && takes(FB_NT_NV_NONE));
	claim("cvap_is_taken_where_it_is",
	      has_cvap ? takes(FB_NT_NV_CVAP) : refuses(FB_NT_NV_CVAP));
	claim("the_best_is_chosen_again", !fb_nt_choose_nv_flush(token, FB_NT_NV_AUTO));
}

/* The seam's own word is changed here: no file of an emulator is on such memory. */
static void real_tokens(void)
{
	struct fb_nt_view *v = fb_nt_view_hold((uintptr_t)at);
	struct fb_nt_nv_info info;
	PVOID t;

	claim("ordinary_memory_gets_no_token",
	      RtlGetNonVolatileToken(at, 1, &t) == STATUS_NOT_SUPPORTED);
	v->nv = true;
	v->granularity = FB_NT_NV_LINE;
	claim("non_volatile_memory_gets_one_that_flushes_lines",
	      !RtlGetNonVolatileToken(at, 1, &t) && !fb_nt_query_nv_token(t, &info) &&
		      info.flush == notes.how && !info.emulated &&
		      !RtlFreeNonVolatileToken(t));
	v->granularity = FB_NT_NV_BYTE;
	notes_clear();
	claim("where_the_caches_are_saved_only_the_fence_is_left",
	      !RtlGetNonVolatileToken(at, REACH, &t) &&
		      !RtlFlushNonVolatileMemory(t, at, REACH, 0) &&
		      notes_exactly(notes.base, 0) && notes.fences == 1 &&
		      !RtlFreeNonVolatileToken(t));
	v->nv = false;
	fb_nt_view_put(v);
}

static bool flush_is_exact(size_t from, size_t n)
{
	const ULONG no_drain = FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN;
	char *p = at + REACH + from;

	notes_clear();
	if (RtlFlushNonVolatileMemory(token, p, n, no_drain) || notes.fences ||
	    !notes_exactly((uintptr_t)p, n))
		return false;
	if (RtlDrainNonVolatileFlush(token) || notes.fences != 1 || notes.unfinished)
		return false;
	notes_clear();
	return !RtlFlushNonVolatileMemory(token, p, n, 0) &&
	       notes_exactly((uintptr_t)p, n) && notes.fences == 1 && !notes.unfinished;
}

static bool flushes_are_exact(void)
{
	for (size_t from = 0; from < notes.line; from++)
		for (size_t n = 1; n < 4 * notes.line; n++)
			if (!flush_is_exact(from, n))
				return false;
	return flush_is_exact(1, REACH);
}

static bool ranges_are_exact(void)
{
	NV_MEMORY_RANGE r[] = {{at, 1}, {at + notes.line - 1, 2}, {at + REACH, 0}};

	notes_clear();
	return !RtlFlushNonVolatileMemoryRanges(token, r, 3, 0) &&
	       notes.flushes[0] == 2 && notes.flushes[1] == 1 && !notes.flushes[2] &&
	       notes.fences == 1 && !notes.unfinished;
}

static bool is_refused(NTSTATUS status)
{
	return status == STATUS_INVALID_PARAMETER;
}

static bool bad_calls_are_told(void)
{
	PVOID freed;

	if (fb_nt_emulate_nv_token(at, REACH, &freed) || RtlFreeNonVolatileToken(freed))
		return false;
	notes_clear();
	return is_refused(RtlFreeNonVolatileToken(freed)) &&
	       is_refused(RtlFlushNonVolatileMemory(freed, at, 1, 0)) &&
	       is_refused(RtlDrainNonVolatileFlush(NULL)) &&
	       is_refused(RtlDrainNonVolatileFlush((PVOID)UINTPTR_MAX)) &&
	       is_refused(RtlFlushNonVolatileMemory(token, at - 1, 1, 0)) &&
	       is_refused(RtlFlushNonVolatileMemory(token, at + 1, NOTES_BYTES, 0)) &&
	       is_refused(RtlFlushNonVolatileMemory(token, at, 1, 2)) &&
	       is_refused(RtlFillNonVolatileMemory(token, at, 1, 0, 0x103)) &&
	       is_refused(RtlFillNonVolatileMemory(token, at, 1, 0, 4)) &&
	       notes_exactly(notes.base, 0) && !notes.fences;
}

/* What stands in the region: the old bytes, but for the @n new ones at @p. */
static bool holds(const char *p, const char *wanted, size_t n)
{
	static char old[SPARE];

	return !memcmp(p, wanted, n) && !memcmp(p - SPARE, old, SPARE) &&
	       !memcmp(p + n, old, SPARE);
}

static NTSTATUS store(bool fill, char *p, const char *from, size_t n, ULONG flags)
{
	return fill ? RtlFillNonVolatileMemory(token, p, n, (UCHAR)*from, flags)
		    : RtlWriteNonVolatileMemory(token, p, from, n, flags);
}

static bool store_is_exact(bool fill, size_t from, size_t n, ULONG flags)
{
	static char filled[REACH];
	const unsigned fences = flags && !(flags & WRITE_NV_MEMORY_FLAG_NO_DRAIN);
	const char *wanted = source + (from * 7) % SPARE;
	char *p = at + REACH + from;
	bool exact;

	memset(filled, wanted[0], n);
	notes_clear();
	exact = !store(fill, p, wanted, n, flags) &&
		holds(p, fill ? filled : wanted, n) &&
		notes_exactly((uintptr_t)p, flags ? n : 0) && notes.fences == fences &&
		!(fences && notes.unfinished);
	memset(p, 0, n);
	return exact;
}

/* Every length up to some lines, then about the powers of two. */
static size_t next_length(size_t n)
{
	if (n < 200 || !(n & (n + 1)) || !(n & (n - 1)))
		return n + 1;
	for (size_t power = 256; power <= REACH; power *= 2)
		if (n < power - 1)
			return power - 1;
	return REACH + 1;
}

static bool stores_are_exact(bool fill)
{
	static const ULONG flags[] = {
		0, WRITE_NV_MEMORY_FLAG_FLUSH, WRITE_NV_MEMORY_FLAG_NON_TEMPORAL,
		WRITE_NV_MEMORY_FLAG_PERSIST,
		WRITE_NV_MEMORY_FLAG_FLUSH | WRITE_NV_MEMORY_FLAG_NO_DRAIN};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		for (size_t from = 0; from < 64; from++)
			for (size_t n = 1; n <= REACH; n = next_length(n))
				if (!store_is_exact(fill, from, n, flags[i]))
					return false;
	return true;
}

static bool stamps_go_on(void)
{
	const uint64_t first = fb_stamp_tsc_ordered();
	const uint64_t fenced = fb_stamp_tsc_fenced();
	const uint64_t last = fb_stamp_tsc_ordered();
	struct fb_clock c;

	fb_clock_init(&c);
	return first && first <= fenced && fenced <= last &&
	       !strcmp(fb_clock_name(&c), "cntvct");
}

static bool an_unmapped_view_is_told(void)
{
	return !fb_nt_unmap_view(at) &&
	       is_refused(RtlFlushNonVolatileMemory(token, at, 1, 0)) &&
	       is_refused(RtlFreeNonVolatileToken(token));
}

/*
 * QEMU before 8.1 says that its CPU has dc cvap and refuses it to user mode. It
 * changes nothing that could be seen, so it is left out then; anything else is fatal.
 */
static void pass_cvap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	uint32_t code;

	(void)info;
	memcpy(&code, (const void *)u->uc_mcontext.pc, sizeof(code));
	if ((code & ~0x1fu) == 0xd50b7c20u)
		u->uc_mcontext.pc += sizeof(code);
	else
		signal(sig, SIG_DFL);
}

static int usage(void)
{
	fputs("usage: nv_arm64 CPU cvap|cvac|once\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const struct sigaction pass = {.sa_sigaction = pass_cvap,
				       .sa_flags = SA_SIGINFO};

	if (argc != 3)
		return usage();
	cpu = argv[1];
	sigaction(SIGILL, &pass, NULL);
	if (!make_region()) {
		printf("not ok - on_%s_a_token_is_granted: %s\n", cpu,
		       strerror(fb_nt_os_error()));
		return 1;
	}
	if (!strcmp(argv[2], "once"))
		return RtlFlushNonVolatileMemory(token, at, 1, 0) != STATUS_SUCCESS;
	for (size_t i = 0; i < sizeof(source); i++)
		source[i] = (char)(i * 31 + i / 251 + 1);
	claim("a_token_is_granted_and_knows_the_best_instruction", knows(argv[2]));
	claim("each_line_of_a_flush_is_pushed_once_and_waited_for",
	      flushes_are_exact());
	claim("ranges_are_waited_for_once", ranges_are_exact());
	claim("bad_tokens_flags_and_ranges_are_told", bad_calls_are_told());
	claim("writes_are_exact_and_their_lines_pushed", stores_are_exact(false));
	claim("fills_are_exact_and_their_lines_pushed", stores_are_exact(true));
	choices(!strcmp(argv[2], "cvap"));
	real_tokens();
	claim("stamps_are_read_and_go_on", stamps_go_on());
	claim("the_token_of_an_unmapped_view_is_told", an_unmapped_view_is_told());
	return failed;
}

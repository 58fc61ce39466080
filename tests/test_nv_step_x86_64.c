#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <ucontext.h>

/* The processor traps after each instruction while this flag is set. */
#define TRAP_FLAG 0x100

/* A slot changes hands from one region to another while a call looks at its token. */
struct region {
	size_t at;
	size_t length;
};

static const struct region regions[][2] = {
	{{0, 8192}, {16384, 4096}},
	{{0, 4096}, {16384, 8192}},
	{{16384, 8192}, {0, 4096}},
	{{16384, 4096}, {0, 8192}},
};

static struct nv_rig rig;

/* The look that is stepped through; @left instructions until its slot changes hands. */
static struct look {
	const struct region *from;
	const struct region *to;
	PVOID token;
	PVOID next;
	volatile int left;
	volatile bool over;
	volatile bool changed;
} look;

static void start_stepping(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)number;
	(void)info;
	u->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

/* The routines take no lock for a look, so that these can be called in its midst. */
static void change_hands(void)
{
	look.changed = !RtlFreeNonVolatileToken(look.token) &&
		       !fb_nt_emulate_nv_token(rig.at + look.to->at, look.to->length,
					       &look.next);
}

static void after_an_instruction(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)number;
	(void)info;
	if (!look.over && look.left-- > 0)
		return;
	if (!look.over)
		change_hands();
	u->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
}

static int setup(void **state)
{
	struct sigaction step = {.sa_flags = SA_SIGINFO};

	(void)state;
	nv_rig_make(&rig, 8);
	step.sa_sigaction = after_an_instruction;
	assert_false(sigaction(SIGTRAP, &step, NULL));
	step.sa_sigaction = start_stepping;
	assert_false(sigaction(SIGUSR1, &step, NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	signal(SIGTRAP, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	nv_rig_remove(&rig);
	return 0;
}

typedef bool sound_look(void);

/* False when the call was over before its slot changed hands. */
static bool step_and_look(sound_look *is_sound, int instructions)
{
	bool sound;

	look.token = nv_token(rig.at + look.from->at, look.from->length);
	look.left = instructions;
	look.over = look.changed = false;
	raise(SIGUSR1);
	sound = is_sound();
	look.over = true;
	if (!sound)
		fail_msg("changed hands after %d instructions, it was seen half way",
			 instructions);
	assert_status(STATUS_SUCCESS,
		      RtlFreeNonVolatileToken(look.changed ? look.next : look.token));
	return look.changed;
}

static void look_at_every_instruction(sound_look *is_sound)
{
	int n;

	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		look.from = &regions[i][0];
		look.to = &regions[i][1];
		for (n = 0; step_and_look(is_sound, n);)
			n++;
		assert_true(n > 20);
	}
}

static bool query_is_sound(void)
{
	struct fb_nt_nv_info info;

	if (fb_nt_query_nv_token(look.token, &info))
		return true;
	return info.base == (uintptr_t)rig.at + look.from->at &&
	       info.length == look.from->length;
}

/*
 * A byte outside the token's region that is in what may be seen instead: the base of
 * one with the length of the other, either way, or the other.
 */
static int which;

static char *outside(void)
{
	const struct region *in = which == 1 ? look.from : look.to;

	return rig.at + in->at + (which == 2 ? 0 : in->length + 100);
}

static bool flush_is_sound(void)
{
	return RtlFlushNonVolatileMemory(look.token, outside(), 1, 0) != STATUS_SUCCESS;
}

static bool write_is_sound(void)
{
	return RtlWriteNonVolatileMemory(look.token, outside(), "x", 1, 0) !=
	       STATUS_SUCCESS;
}

static void a_query_tells_one_region_or_none(void **state)
{
	(void)state;
	look_at_every_instruction(query_is_sound);
}

static void a_flush_works_in_one_region_or_none(void **state)
{
	(void)state;
	for (which = 0; which < 3; which++)
		look_at_every_instruction(flush_is_sound);
}

static void a_write_works_in_one_region_or_none(void **state)
{
	(void)state;
	which = 2;
	look_at_every_instruction(write_is_sound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_query_tells_one_region_or_none),
		T(a_flush_works_in_one_region_or_none),
		T(a_write_works_in_one_region_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

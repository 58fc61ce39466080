#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define NS_PER_S 1000000000u

/* What a wake-up may be late: the rest of a sleep is spun away. */
#define SPIN_NS 60000u

#define CALIBRATE_NS    4500000u
#define CALIBRATE_TRIES 16

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t monotonic_read(const struct fb_clock *c)
{
	(void)c;
	return clock_ns(CLOCK_MONOTONIC);
}

static void relax(void)
{
#if defined(__x86_64__)
	_mm_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#endif
}

static void sleep_until(const struct fb_clock *c, uint64_t t)
{
	uint64_t now;

	while ((now = fb_clock_now(c)) < t) {
		uint64_t ns = fb_clock_ns(c, t - now);
		struct timespec ts;

		if (ns <= SPIN_NS) {
			relax();
			continue;
		}
		ns -= SPIN_NS;
		ts.tv_sec = (time_t)(ns / NS_PER_S);
		ts.tv_nsec = (long)(ns % NS_PER_S);
		if (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL))
			return;
	}
}

#if defined(__x86_64__)
/* The kernel leaves the counter when it catches it drifting or jumping. */
static bool kernel_trusts_tsc(void)
{
	char name[8] = "";
	int fd =
		open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		     O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, name, sizeof(name) - 1);
	close(fd);
	return n == 4 && !memcmp(name, "tsc\n", 4);
}

static bool tsc_is_invariant(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && d & (1u << 8);
}

struct anchor {
	uint64_t ticks;
	uint64_t ns;
};

/* The tightest bracket of several: one interrupt between the reads costs 10 us. */
static struct anchor take_anchor(void)
{
	struct anchor best = {0};
	uint64_t width = UINT64_MAX;

	for (int i = 0; i < CALIBRATE_TRIES; i++) {
		uint64_t t0 = fb_stamp_tsc_ordered();
		uint64_t ns = clock_ns(CLOCK_MONOTONIC_RAW);
		uint64_t t1 = fb_stamp_tsc_ordered();

		if (t1 - t0 >= width)
			continue;
		width = t1 - t0;
		best.ticks = t0 + width / 2;
		best.ns = ns;
	}
	return best;
}

static uint64_t counter_mult(void)
{
	struct anchor from, to;
	uint64_t until;

	if (!tsc_is_invariant() || !kernel_trusts_tsc())
		return 0;
	from = take_anchor();
	until = from.ns + CALIBRATE_NS;
	while (clock_ns(CLOCK_MONOTONIC_RAW) < until)
		relax();
	to = take_anchor();
	if (to.ticks <= from.ticks)
		return 0;
	return (uint64_t)(((unsigned __int128)(to.ns - from.ns) << 32) /
			  (to.ticks - from.ticks));
}
#elif defined(__aarch64__)
static uint64_t counter_mult(void)
{
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz ? ((unsigned __int128)NS_PER_S << 32) / hz : 0;
}
#else
static uint64_t counter_mult(void)
{
	return 0;
}
#endif

void fb_clock_init(struct fb_clock *c)
{
	uint64_t mult = counter_mult();

	*c = (struct fb_clock){
		.tsc = mult != 0,
		.mult = mult ? mult : 1ull << 32,
		.read = monotonic_read,
		.sleep_until = sleep_until,
	};
}

const char *fb_clock_name(const struct fb_clock *c)
{
	if (!c->tsc)
		return "monotonic";
#if defined(__aarch64__)
	return "cntvct";
#else
	return "tsc";
#endif
}

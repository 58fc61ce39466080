/*
 * clock.h - time stamps for the driver
 *
 * A stamp counts ticks of one clock: the time stamp counter where the kernel
 * trusts it, else CLOCK_MONOTONIC, else whatever a test hands in. Reading is in
 * the header because it stands in the timed loop.
 */
#ifndef FB_BASE_CLOCK_H
#define FB_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/*
 * struct fb_clock - read only after fb_clock_init, shared by all threads
 * @tsc:         stamps are rdtsc; else @read is called
 * @mult:        nanoseconds a tick, times 2^32
 * @read:        ticks now, by a call
 * @sleep_until: returns at or after tick @t, early only when a signal came
 * @ctx:         for a test's clock
 */
struct fb_clock {
	bool tsc;
	uint64_t mult;
	uint64_t (*read)(const struct fb_clock *c);
	void (*sleep_until)(const struct fb_clock *c, uint64_t t);
	void *ctx;
};

/*
 * fb_clock_init - the best clock of this machine
 *
 * Takes about 5 ms when it has to calibrate the counter against
 * CLOCK_MONOTONIC_RAW (error below 50 ppm). Cannot fail: CLOCK_MONOTONIC is
 * always there.
 */
void fb_clock_init(struct fb_clock *c);

/* fb_clock_name - "tsc", "cntvct" (arm) or "monotonic", for system.csv */
const char *fb_clock_name(const struct fb_clock *c);

/* fb_clock_ns - a difference of stamps in nanoseconds */
static inline uint64_t fb_clock_ns(const struct fb_clock *c, uint64_t ticks)
{
	return (uint64_t)(((unsigned __int128)ticks * c->mult) >> 32);
}

/* fb_clock_ticks - nanoseconds in ticks, rounded down */
static inline uint64_t fb_clock_ticks(const struct fb_clock *c, uint64_t ns)
{
	return (uint64_t)(((unsigned __int128)ns << 32) / c->mult);
}

/* fb_stamp_tsc - the counter, unordered: enough where a system call orders it */
static inline uint64_t fb_stamp_tsc(void)
{
#if defined(__x86_64__)
	return __rdtsc();
#elif defined(__aarch64__)
	uint64_t t;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(t)::"memory");
	return t;
#else
	return 0;
#endif
}

/* fb_stamp_tsc_ordered - the counter, once every earlier instruction is done */
static inline uint64_t fb_stamp_tsc_ordered(void)
{
#if defined(__x86_64__)
	_mm_lfence();
	return __rdtsc();
#elif defined(__aarch64__)
	__asm__ volatile("isb" ::: "memory");
	return fb_stamp_tsc();
#else
	return 0;
#endif
}

/*
 * fb_stamp_tsc_fenced - the counter, once every earlier store and flush of a line has
 * arrived
 *
 * A store fence alone does not hold the counter back: on AMD a flush of one line and
 * an sfence read as 10 ns where they take 160.
 */
static inline uint64_t fb_stamp_tsc_fenced(void)
{
#if defined(__x86_64__)
	_mm_mfence();
	_mm_lfence();
	return __rdtsc();
#elif defined(__aarch64__)
	__asm__ volatile("dsb sy" ::: "memory");
	return fb_stamp_tsc_ordered();
#else
	return 0;
#endif
}

/* fb_clock_now - a stamp outside the timed loop */
static inline uint64_t fb_clock_now(const struct fb_clock *c)
{
	return c->tsc ? fb_stamp_tsc() : c->read(c);
}

#endif

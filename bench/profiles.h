/*
 * profiles.h - the profiles that a user can name without a folder
 */
#ifndef FB_BENCH_PROFILES_H
#define FB_BENCH_PROFILES_H

/*
 * struct bench_profile - one that bench_find_file would find by @name
 * @help: the first line of its head comment
 */
struct bench_profile {
	const char *name;
	const char *path;
	const char *help;
};

/* bench_each_profile - call @see with each; what it is handed lasts for that call */
void bench_each_profile(void (*see)(const struct bench_profile *p, void *ctx),
			void *ctx);

#endif

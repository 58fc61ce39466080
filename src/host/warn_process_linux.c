#include "host/tell.h"
#include "host/warn_parts.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* By the names they are known by; what LD_PRELOAD names and is not loaded does nothing.
 */
static bool is_neutraliser(const char *library)
{
	static const char *const known[] = {"libeatmydata", "libnosync", "nosync.so",
					    "libnofsync", "nofsync.so"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strncmp(library, known[i], strlen(known[i])))
			return true;
	return false;
}

static bool find_known(const char *root, char *said, size_t room)
{
	char path[PATH_MAX], line[PATH_MAX + 128];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/maps", root);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		char *file = strchr(line, '/');

		line[strcspn(line, "\n")] = '\0';
		if (file && is_neutraliser(base_name(file))) {
			snprintf(said, room, "%.200s is loaded", file);
			found = true;
		}
	}
	if (f)
		fclose(f);
	return found;
}

static const char *file_of(const char *symbol)
{
	void *at = dlsym(RTLD_DEFAULT, symbol);
	Dl_info info;

	return at && dladdr(at, &info) ? info.dli_fname : NULL;
}

/* A sanitizer's stands before the C library's and calls it. */
static bool is_sanitizer(const char *file)
{
	return strstr(base_name(file), "san.so") || strstr(base_name(file), "clang_rt");
}

/* A library of any name that answers for the C library. */
static bool find_stand_in(char *said, size_t room)
{
	static const char *const calls[] = {"fsync", "fdatasync", "msync",
					    "sync_file_range", "syncfs"};
	const char *libc = file_of("getauxval"), *file;

	for (size_t i = 0; libc && i < sizeof(calls) / sizeof(calls[0]); i++) {
		file = file_of(calls[i]);
		if (file && strcmp(file, libc) && !is_sanitizer(file)) {
			snprintf(said, room, "%s is that of %.200s", calls[i], file);
			return true;
		}
	}
	return false;
}

int fb_warn_process(struct fb_warnings *ws, const char *root)
{
	static const struct fb_warning w = {
		.id = "flush_neutralised",
		.severity = FB_SEVERITY_WARNING,
		.text = "A library stands before the system's flush calls; those known "
			"make them do nothing, so that latencies are those of an empty "
			"call and nothing is durable. Unset LD_PRELOAD or clear "
			"/etc/ld.so.preload, and run again.",
	};
	char said[240];

	if (!find_known(root, said, sizeof(said)) &&
	    (*root || !find_stand_in(said, sizeof(said))))
		return 0;
	return fb_host_tell(ws, &w, "%s", said);
}

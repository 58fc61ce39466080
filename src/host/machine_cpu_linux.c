#include "host/machine.h"

#include "device/sysfs.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = 16 };

/* Different words and how often each was met; what there is no room for is not. */
struct tally {
	size_t n;
	char word[KINDS][64];
	unsigned count[KINDS];
};

/* Was it new? */
static bool tally_add(struct tally *t, const char *word)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (!strcmp(t->word[i], word)) {
			t->count[i]++;
			return false;
		}
	}
	if (i == KINDS)
		return false;
	snprintf(t->word[i], sizeof(t->word[i]), "%s", word);
	t->count[i] = 1;
	t->n++;
	return true;
}

static void tally_write(const struct tally *t, bool counts, char *out, size_t room)
{
	size_t at = 0;

	for (size_t i = 0; i < t->n && at < room; i++) {
		at += (size_t)snprintf(out + at, room - at, "%s%s", i ? ", " : "",
				       t->word[i]);
		if (counts && at < room)
			at += (size_t)snprintf(out + at, room - at, " %u", t->count[i]);
	}
}

static int find(const char *root, const char *pattern, glob_t *found)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/%s", root, pattern);
	return glob(path, 0, NULL, found) ? -ENOENT : 0;
}

int fb_machine_governors(const char *root, char *out, size_t room)
{
	struct tally t = {0};
	char name[64];
	glob_t found;

	if (find(root, "cpu[0-9]*/cpufreq/scaling_governor", &found))
		return -ENOENT;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!fb_sysfs_read(name, sizeof(name), "%s", found.gl_pathv[i]))
			tally_add(&t, name);
	globfree(&found);
	if (!t.n)
		return -ENOENT;
	tally_write(&t, t.n > 1, out, room);
	return 0;
}

/* false: it may not be entered, or does not tell */
static bool read_state(const char *folder, char *out, size_t room, unsigned *us)
{
	char name[32], text[32];

	if (fb_sysfs_read(name, sizeof(name), "%s/name", folder) ||
	    fb_sysfs_read(text, sizeof(text), "%s/latency", folder))
		return false;
	*us = (unsigned)strtoul(text, NULL, 10);
	snprintf(out, room, "%s %u us", name, *us);
	return fb_sysfs_read(text, sizeof(text), "%s/disable", folder) ||
	       !strcmp(text, "0");
}

int fb_machine_idle_states(const char *root, char *out, size_t room,
			   unsigned *slowest_us)
{
	unsigned us, slowest = 0;
	struct tally t = {0};
	char state[64];
	glob_t found;

	if (find(root, "cpu[0-9]*/cpuidle/state[0-9]*", &found))
		return -ENOENT;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (read_state(found.gl_pathv[i], state, sizeof(state), &us) &&
		    tally_add(&t, state) && us > slowest)
			slowest = us;
	}
	globfree(&found);
	if (!t.n)
		return -ENOENT;
	tally_write(&t, false, out, room);
	*slowest_us = slowest;
	return 0;
}

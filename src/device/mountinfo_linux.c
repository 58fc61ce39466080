#include "device/mountinfo.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Fields before the optional ones: id, parent, major:minor, root, point, options. */
enum { FIELDS_BEFORE = 6, FIELDS_AFTER = 3 };

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	       s[2] >= '0' && s[2] <= '7';
}

static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && is_octal(s + 1)) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
				       (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* The kernel escapes blanks inside a field, so every blank parts two of them; a
 * source may be empty, so two blanks in a row part three. */
static char *next_field(char **rest)
{
	return strsep(rest, " \n");
}

static bool split(char **fields, size_t n, char **rest)
{
	for (size_t i = 0; i < n; i++) {
		fields[i] = next_field(rest);
		if (!fields[i])
			return false;
	}
	return true;
}

static bool skip_optional(char **rest)
{
	char *field;

	while ((field = next_field(rest)))
		if (!strcmp(field, "-"))
			return true;
	return false;
}

int fb_mount_parse(struct fb_mount *out, char *line)
{
	char *before[FIELDS_BEFORE], *after[FIELDS_AFTER];
	unsigned dev_major, dev_minor;
	char *rest = line, *end;
	uint64_t id;

	if (!split(before, FIELDS_BEFORE, &rest) || !skip_optional(&rest) ||
	    !split(after, FIELDS_AFTER, &rest))
		return -EINVAL;
	id = strtoull(before[0], &end, 10);
	if (end == before[0] || *end || !*after[0] ||
	    sscanf(before[2], "%u:%u", &dev_major, &dev_minor) != 2)
		return -EINVAL;
	unescape(before[3]);
	unescape(before[4]);
	unescape(after[0]);
	unescape(after[1]);
	*out = (struct fb_mount){
		.line = line,
		.id = id,
		.dev_major = dev_major,
		.dev_minor = dev_minor,
		.root = before[3],
		.mount_point = before[4],
		.mount_options = before[5],
		.fs = after[0],
		.source = after[1],
		.super_options = after[2],
	};
	return 0;
}

/* The length of the mount point when it stands above @path, else 0. */
static size_t prefix_len(const char *mount_point, const char *path)
{
	size_t len = strlen(mount_point);

	if (len == 1 && *mount_point == '/')
		return *path == '/';
	if (!len || strncmp(mount_point, path, len))
		return 0;
	return path[len] == '/' || !path[len] ? len : 0;
}

int fb_mount_find(struct fb_mount *out, FILE *f, uint64_t id, const char *path)
{
	struct fb_mount best = {0}, m;
	size_t best_len = 0, room = 0;
	char *line = NULL;

	errno = 0;
	while (getline(&line, &room, f) >= 0) {
		size_t len;

		if (fb_mount_parse(&m, line))
			continue;
		len = m.id == id ? SIZE_MAX : prefix_len(m.mount_point, path);
		if (!len || len < best_len)
			continue;
		free(best.line);
		best = m;
		best_len = len;
		line = NULL;
		room = 0;
	}
	free(line);
	if (!best.line)
		return errno == ENOMEM ? -ENOMEM : -ENOENT;
	*out = best;
	return 0;
}

int fb_mount_of(struct fb_mount *out, const struct statx *st, const char *path)
{
	uint64_t id = FB_MOUNT_NO_ID;
	char real[PATH_MAX];
	FILE *f;
	int ret;

	if (!realpath(path, real))
		*real = '\0';
	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return -errno;
	if (st->stx_mask & STATX_MNT_ID)
		id = st->stx_mnt_id;
	ret = fb_mount_find(out, f, id, real);
	fclose(f);
	return ret;
}

int fb_mount_find_dev(struct fb_mount *out, FILE *f, unsigned dev_major,
		      unsigned dev_minor)
{
	struct fb_mount m;
	char *line = NULL;
	size_t room = 0;

	errno = 0;
	while (getline(&line, &room, f) >= 0) {
		if (fb_mount_parse(&m, line) || m.dev_major != dev_major ||
		    m.dev_minor != dev_minor)
			continue;
		*out = m;
		return 0;
	}
	free(line);
	return errno == ENOMEM ? -ENOMEM : -ENOENT;
}

/* An option of a comma list; its length, and @list moved past it. */
static const char *next_option(const char **list, size_t *len)
{
	const char *option = *list;

	if (!*option)
		return NULL;
	*len = strcspn(option, ",");
	*list = option + *len + (option[*len] == ',');
	return option;
}

/* The option equal to @key's first @key_len bytes, up to @sep when that is not 0. */
static const char *find_option(const char *list, const char *key, size_t key_len,
			       char sep)
{
	const char *option;
	size_t len;

	while ((option = next_option(&list, &len))) {
		if (len < key_len || strncmp(option, key, key_len))
			continue;
		if (sep ? option[key_len] == sep : len == key_len)
			return option;
	}
	return NULL;
}

bool fb_mount_has(const struct fb_mount *m, const char *option)
{
	size_t len = strlen(option);

	return find_option(m->super_options, option, len, '\0') ||
	       find_option(m->mount_options, option, len, '\0');
}

char *fb_mount_value(const struct fb_mount *m, const char *key)
{
	size_t len = strlen(key);
	const char *option = find_option(m->super_options, key, len, '=');
	char *value;

	if (!option)
		option = find_option(m->mount_options, key, len, '=');
	if (!option)
		return NULL;
	option += len + 1;
	value = strndup(option, strcspn(option, ","));
	if (value)
		unescape(value);
	return value;
}

static size_t append_options(const char *list, char *out, size_t used, size_t room)
{
	const char *option;
	size_t len;

	while ((option = next_option(&list, &len))) {
		if (!len || find_option(out, option, len, '\0') ||
		    used + len + 2 > room)
			continue;
		if (used)
			out[used++] = ',';
		memcpy(out + used, option, len);
		used += len;
		out[used] = '\0';
	}
	return used;
}

void fb_mount_options(const struct fb_mount *m, char *out, size_t room)
{
	size_t used;

	*out = '\0';
	used = append_options(m->mount_options, out, 0, room);
	append_options(m->super_options, out, used, room);
}

void fb_mount_free(struct fb_mount *m)
{
	free(m->line);
	*m = (struct fb_mount){0};
}

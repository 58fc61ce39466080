/*
 * make_seeds.c - inputs for the fuzz targets, of our own writer: make_seeds FOLDER
 *
 * FOLDER/hive and FOLDER/log must be there.
 */
#include "fuzz/scene.h"

#include "hive/regf.h"

#include <stdio.h>
#include <string.h>

static int put(const char *folder, const char *target, int n,
	       const struct fb_hive_span *parts)
{
	char path[4096];
	FILE *f;
	int ret = 0;

	snprintf(path, sizeof(path), "%s/%s/seed%d", folder, target, n);
	f = fopen(path, "wb");
	if (!f) {
		perror(path);
		return 1;
	}
	for (int i = 0; i < 3; i++)
		ret |= parts[i].bytes &&
		       fwrite(parts[i].data, parts[i].bytes, 1, f) != 1;
	ret |= fclose(f) != 0;
	if (ret)
		perror(path);
	return ret;
}

/* Some of each change; then so many keys that lists are split, and gone again. */
static const struct {
	uint8_t op[12][4];
} scripts[] = {
	{{{0, 0, 1, 9},
	  {0, 0, 2, 1},
	  {3, 0, 1, 0},
	  {2, 0, 1, 0},
	  {3, 1, 7, 2},
	  {6, 0, 0, 0},
	  {5, 1, 2, 0},
	  {4, 2, 0, 0}}},
	{{{3, 0, 0, 3},
	  {3, 0, 1, 3},
	  {3, 0, 2, 3},
	  {6, 0, 0, 0},
	  {3, 0, 3, 3},
	  {4, 0, 0, 1},
	  {4, 0, 0, 1},
	  {7, 0, 0, 0},
	  {4, 0, 0, 1},
	  {4, 0, 0, 1}}},
};

enum { SCRIPTS = sizeof(scripts) / sizeof(scripts[0]) };

static int put_hive(const char *folder, int shape, int script)
{
	struct fuzz_disk d;
	int ret;

	fuzz_shape_make((enum fuzz_shape)shape, &d);
	ret = put(folder, "hive", shape * SCRIPTS + script,
		  (struct fb_hive_span[3]){{d.file[0].data, d.file[0].bytes},
					   {scripts[script].op, sizeof(scripts[0].op)},
					   {NULL, 0}});
	fuzz_disk_free(&d);
	return ret;
}

static int put_log(const char *folder, int scene)
{
	unsigned char head[8] = {(unsigned char)scene};
	struct fuzz_disk d;
	int ret;

	fuzz_scene_make((enum fuzz_scene)scene, &d);
	fb_put32(head + 4, (uint32_t)d.file[1].bytes);
	ret = put(folder, "log", scene,
		  (struct fb_hive_span[3]){{head, sizeof(head)},
					   {d.file[1].data, d.file[1].bytes},
					   {d.file[2].data, d.file[2].bytes}});
	fuzz_disk_free(&d);
	return ret;
}

int main(int argc, char **argv)
{
	int ret = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: make_seeds FOLDER\n");
		return 2;
	}
	for (int i = 0; i < FUZZ_SHAPES; i++) {
		ret |= put_hive(argv[1], i, 0);
		if (i == FUZZ_KEYS || i == FUZZ_INDEX || i == FUZZ_LF || i == FUZZ_LI)
			ret |= put_hive(argv[1], i, 1);
	}
	for (int i = 0; i < FUZZ_SCENES; i++)
		ret |= put_log(argv[1], i);
	return ret;
}

/*
 * scene.h - hives of our own writer to begin with
 */
#ifndef FB_TESTS_FUZZ_SCENE_H
#define FB_TESTS_FUZZ_SCENE_H

#include "fuzz/disk.h"

#include "hive/hive.h"

/* What the primary of a scene needs its logs for. */
enum fuzz_scene {
	FUZZ_NEW,      /* entries in LOG1, the later of them in LOG2 */
	FUZZ_NEW_ONE,  /* all in LOG1 */
	FUZZ_OLD,      /* the log of before 8.1, the primary half written */
	FUZZ_NEW_LOST, /* as FUZZ_NEW, the base block torn */
	FUZZ_OLD_LOST,
	FUZZ_CLEAN, /* nothing: they are stale */
	FUZZ_SCENES
};

/* fuzz_scene_make - its files; the same in each program and run */
void fuzz_scene_make(enum fuzz_scene scene, struct fuzz_disk *d);

/* What is special in a hive. */
enum fuzz_shape {
	FUZZ_EMPTY,
	FUZZ_VALUES, /* one of every type, inline, in a cell, under long names */
	FUZZ_BIG,    /* big data */
	FUZZ_KEYS,   /* lh, names of 8 and 16 bit, a class, several descriptors */
	FUZZ_INDEX,  /* ri over lh */
	FUZZ_LF,     /* version 1.3: lf */
	FUZZ_LI,     /* version 1.3: ri over li */
	FUZZ_SHAPES
};

/* fuzz_shape_make - a clean primary */
void fuzz_shape_make(enum fuzz_shape shape, struct fuzz_disk *d);

#endif

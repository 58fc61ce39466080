/*
 * open.h - steps of opening a hive that more than one file needs
 */
#ifndef FB_HIVE_OPEN_H
#define FB_HIVE_OPEN_H

#include "hive/store.h"

/* fb_hive_alloc - an empty hive with its options; -ENOMEM. fb_hive_free ends it. */
int fb_hive_alloc(struct fb_hive **out, const struct fb_hive_options *o);

#endif

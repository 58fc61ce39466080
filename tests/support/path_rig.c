#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/path_rig.h"

#include <string.h>

int path_rig_make(struct path_rig *r, struct fb_case c)
{
	memset(r, 0, sizeof(*r));
	if (tmpdir_make(r->dir))
		return -1;
	if (fb_device_resolve(r->dir, &r->device, &r->err)) {
		tmpdir_remove(r->dir);
		return -1;
	}
	r->target = (struct fb_target){.dir = r->dir, .device = &r->device};
	r->c = c;
	return 0;
}

void path_rig_open(struct path_rig *r)
{
	const struct fb_path_ops *ops = fb_path_get((enum fb_path_id)r->c.path);

	assert_true(r->c.numjobs <= PATH_RIG_LANES);
	if (ops->open(&r->path, &r->c, &r->target, &r->err))
		fail_msg("%s", r->err.text);
	for (unsigned i = 0; i < r->c.numjobs; i++)
		if (ops->lane_open(&r->lane[i], r->path, i, &r->err))
			fail_msg("%s", r->err.text);
}

static int release(struct path_rig *r)
{
	struct fb_path *p = r->path;

	for (int i = 0; i < PATH_RIG_LANES; i++)
		if (r->lane[i])
			p->ops->lane_close(r->lane[i]);
	memset(r->lane, 0, sizeof(r->lane));
	r->path = NULL;
	return p ? p->ops->close(p, &r->err) : 0;
}

void path_rig_close(struct path_rig *r)
{
	assert_int_equal(release(r), 0);
	assert_int_equal(folder_entries(r->dir), 0);
}

int path_rig_remove(struct path_rig *r)
{
	const int ret = release(r), left = folder_entries(r->dir);

	tmpdir_remove(r->dir);
	return ret || left ? -1 : 0;
}

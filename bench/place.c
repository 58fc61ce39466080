#include "bench/place.h"

#include "base/units.h"
#include "bench/bench.h"
#include "bench/host.h"
#include "device/cache_off.h"
#include "path/claim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What a file system takes to give back the space of a deleted file. */
enum { RECLAIM_MS = 3000 };

/* Before the device is looked at: a cache that seems off would promise too much. */
static void recover_cache(void)
{
	char restored[256];
	struct fb_err err;

	if (fb_cache_off_recover(restored, sizeof(restored), &err))
		bench_say("%s", err.text);
	if (restored[0])
		bench_say(
			"a killed run had left the write cache of %s switched off for "
			"the kernel; it is on again",
			restored);
}

/* A terminal, /dev/null: what has no size. */
static bool is_useless(const char *name, const struct fb_device *d)
{
	uint64_t bytes;

	return d->raw && !d->dax && fb_device_bytes(name, &bytes) == -ENODEV;
}

static int refuse_absent(const char *name, int ret, struct fb_err *err)
{
	const bool device = !strncmp(name, "/dev/", 5) && strncmp(name, "/dev/shm/", 9);

	if (ret == -ENOENT && device)
		return fb_err_set(err, ret,
				  "--target %s: there is no such device; name one that "
				  "is there (ls /dev), or a folder",
				  name);
	return fb_err_set(err, ret, "--target %s: %s; name a folder that is there",
			  name, strerror(-ret));
}

int place_see(struct place *p, const char *name, struct fb_err *err)
{
	int ret;

	*p = (struct place){.name = name};
	recover_cache();
	ret = fb_device_resolve(name, &p->device, err);
	if (ret)
		return refuse_absent(name, ret, err);
	p->target.device = &p->device;
	p->target.dir = name;
	if (is_useless(name, &p->device))
		return fb_err_set(err, -ENOTBLK,
				  "--target %s is a character device that keeps "
				  "nothing; name a folder, a block device or a device "
				  "DAX (/dev/dax0.0)",
				  name);
	if (!p->device.raw && !bench_is_folder(name))
		return fb_err_set(err, -ENOTDIR,
				  "--target %s is no folder and no device; name the "
				  "folder it lies in, or a device",
				  name);
	return 0;
}

int place_look(struct place *p, const char *name, const char *allow_device,
	       struct fb_err *err)
{
	int ret = place_see(p, name, err);

	if (ret)
		return ret;
	if (p->device.raw && (!allow_device || strcmp(allow_device, name)))
		return fb_err_set(err, -EPERM,
				  "--target %s is a device: what is on it would be "
				  "destroyed; if that is meant, add --allow-device %s",
				  name, name);
	if (!p->device.raw && allow_device)
		return fb_err_set(err, -EINVAL,
				  "--allow-device %s: --target %s is no device; leave "
				  "--allow-device out, or name the device with both",
				  allow_device, name);
	return 0;
}

static int take_device(struct place *p, struct fb_err *err)
{
	int ret;

	/* A claim does not write, so the device would be taken. */
	if (p->device.nv.read_only == FB_YES)
		return -EROFS;
	ret = fb_claim_device(p->name, &p->claim, err);
	p->claimed = !ret;
	return ret;
}

static int refuse_unarmed(const struct place *p, struct fb_err *err)
{
	const char *slash = strrchr(p->name, '/');
	const char *behind = p->device.n_disks ? p->device.disks[0].name
			     : slash           ? slash + 1
					       : p->name;

	return fb_err_set(err, -EROFS,
			  "--target %s is write-protected: the NVDIMM behind %s is not "
			  "armed, or was set read-only "
			  "(/sys/bus/nd/devices/%s/read_only); see what is wrong with "
			  "it (ndctl list -DHR), or name another",
			  p->name, behind,
			  *p->device.nv.region ? p->device.nv.region : "regionN");
}

int place_take(struct place *p, bool *leftover, struct fb_err *err)
{
	int ret;

	*leftover = false;
	if (p->device.raw)
		ret = take_device(p, err);
	else
		ret = fb_workdir_open(&p->work, p->name, leftover, err);
	if (ret == -EROFS && p->device.nv.read_only == FB_YES)
		return refuse_unarmed(p, err);
	if (p->work)
		p->target.dir = fb_workdir_handle(p->work);
	return ret;
}

static int space_of(const struct place *p, uint64_t *have)
{
	return p->device.raw ? fb_device_bytes(p->name, have)
			     : fb_folder_free_bytes(p->name, have);
}

/* A leftover that was just removed may be what fills the target. */
int place_check_space(const struct place *p, uint64_t need, bool leftover,
		      struct fb_err *err)
{
	char a[FB_FORMAT_LEN], b[FB_FORMAT_LEN];
	uint64_t have;

	if (leftover)
		fb_device_reclaim(p->target.dir, need, RECLAIM_MS);
	if (space_of(p, &have) || need <= have)
		return 0;
	return fb_err_set(err, -ENOSPC,
			  "--target %s: the largest case takes %s, but %s %s; lower "
			  "size or numjobs",
			  p->name, fb_format_bytes(a, (double)need),
			  fb_format_bytes(b, (double)have),
			  p->device.raw ? "is all it holds" : "are free");
}

bool place_holds(const struct place *p, const char *path)
{
	char at[4096];
	char *slash;

	if (!p->work)
		return false;
	/* What is not there yet would be made in the nearest folder that is. */
	snprintf(at, sizeof(at), "%s", path);
	while (!fb_workdir_holds(p->work, at)) {
		slash = strrchr(at, '/');
		if (!slash || slash == at)
			return false;
		*slash = '\0';
	}
	return true;
}

int place_leave(struct place *p, struct fb_err *err)
{
	int ret = 0;

	if (p->claimed)
		fb_claim_end(p->claim);
	if (p->work)
		ret = fb_workdir_close(p->work, err);
	p->claimed = false;
	p->work = NULL;
	return ret;
}

#include "host/machine.h"
#include "host/tell.h"
#include "host/warn_parts.h"

#include <stdio.h>
#include <string.h>

/* Those that are so, by name. */
struct found {
	size_t n;
	const struct fb_disk *first;
	char names[160];
};

static void collect(const struct fb_disk *list, size_t n,
		    bool (*is)(const struct fb_disk *), struct found *f)
{
	for (size_t i = 0; i < n; i++) {
		const size_t at = strlen(f->names);

		if (!is(&list[i]))
			continue;
		f->first = f->first ? f->first : &list[i];
		snprintf(f->names + at, sizeof(f->names) - at, "%s%.63s",
			 f->n++ ? ", " : "", list[i].name);
	}
}

static struct found find(const struct fb_device *d, bool (*is)(const struct fb_disk *))
{
	struct found f = {0};

	collect(d->disks, d->n_disks, is, &f);
	collect(d->below, d->n_below, is, &f);
	return f;
}

/* Does it begin so, with a number or a letter next? */
static bool called(const struct fb_disk *d, const char *begin, const char *next)
{
	const size_t n = strlen(begin);

	return !strncmp(d->name, begin, n) && d->name[n] && strchr(next, d->name[n]);
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static bool is_memory(const struct fb_disk *d)
{
	return called(d, "ram", DIGITS) || called(d, "zram", DIGITS) ||
	       called(d, "nullb", DIGITS);
}

bool fb_disk_is_virtual(const struct fb_disk *d)
{
	static const char *const models[] = {
		"QEMU",           "VBOX",          "Virtual",     "VMware",
		"PersistentDisk", "Elastic Block", "nvme_card-pd"};

	if (called(d, "vd", LETTERS) || called(d, "xvd", LETTERS))
		return true;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (strcasestr(d->model, models[i]))
			return true;
	return false;
}

static bool is_uncounted(const struct fb_disk *d)
{
	return d->queued == FB_NO && !is_memory(d);
}

static bool is_loop(const struct fb_disk *d)
{
	return d->backing_file[0];
}

static bool is_cached_loop(const struct fb_disk *d)
{
	return is_loop(d) && d->direct_io == FB_NO;
}

static int warn_memory(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "memory_disk",
		.severity = FB_SEVERITY_WARNING,
		.text = "The disk is kept in memory: a request is a copy, a flush moves "
			"nothing, and all is gone with the power. Latencies are those "
			"of software alone. Name a target on a disk.",
	};
	struct found f = find(d, is_memory);

	if (f.n)
		return fb_host_tell(ws, &w, "%s", f.names);
	if (!d->below_memory)
		return 0;
	f = find(d, is_loop);
	return fb_host_tell(ws, &w, "%s stands on memory%s%.60s",
			    f.n ? f.names : "the disk", f.n ? " by its file " : "",
			    f.n ? f.first->backing_file : "");
}

static int warn_loop(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning cached = {
		.id = "loop_target",
		.severity = FB_SEVERITY_WARNING,
		.text = "The loop device goes through the page cache of the file "
			"system below: writes are copies in memory, and a flush pays "
			"for all of them at once. Attach it with direct I/O (losetup "
			"--direct-io=on), or name a target on the disk itself.",
	};
	static const struct fb_warning direct = {
		.id = "loop_target",
		.severity = FB_SEVERITY_NOTE,
		.text = "A loop device stands between: each request passes a second "
			"file system, whose work is in every latency and whose own "
			"writes are not in dev_bytes (io.csv has them by disk). Name a "
			"target on the disk itself to leave it out.",
	};
	struct found f = find(d, is_cached_loop);

	if (f.n)
		return fb_host_tell(ws, &cached, "%s: loop/dio is 0", f.names);
	f = find(d, is_loop);
	return f.n ? fb_host_tell(ws, &direct, "%s, direct I/O", f.names) : 0;
}

static int warn_virtual(struct fb_warnings *ws, const struct fb_device *d,
			const char *root)
{
	static const struct fb_warning w = {
		.id = "virtual_disk",
		.severity = FB_SEVERITY_NOTE,
		.text = "A hypervisor shows this disk: a flush it has acknowledged may "
			"have got no further than the host, or been dropped there "
			"(cache=unsafe), so survives is the host's promise and the "
			"latency its answer. Ask how the disk is attached.",
	};
	char name[FB_DISK_NAME] = "an unknown hypervisor";
	const struct found f = find(d, fb_disk_is_virtual);

	if (!f.n || fb_machine_virtual(root) == FB_NO)
		return 0;
	fb_machine_hypervisor(root, name, sizeof(name));
	return fb_host_tell(ws, &w, "%s of %s", f.names, name);
}

static int warn_uncounted(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "flushes_uncounted",
		.severity = FB_SEVERITY_NOTE,
		.text = "The disk has no request queue, and the kernel counts no flush "
			"of its: dev_flushes and flush_amp stay empty, and whether a "
			"flush gets through is not checked. Use account=trace, or see "
			"the disks below it in io.csv.",
	};
	struct found f = {0};

	collect(d->disks, d->n_disks, is_uncounted, &f);
	return f.n ? fb_host_tell(ws, &w, "%s", f.names) : 0;
}

int fb_warn_disks(struct fb_warnings *ws, const struct fb_device *d, const char *root)
{
	int ret = warn_memory(ws, d);

	if (!ret)
		ret = warn_loop(ws, d);
	if (!ret)
		ret = warn_virtual(ws, d, root);
	return ret ? ret : warn_uncounted(ws, d);
}

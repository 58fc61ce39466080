#include "host/machine.h"

#include "device/sysfs.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The value of "key   : value", NULL when the line is about something else. */
static char *value_of(char *line, const char *key)
{
	size_t len = strlen(key);
	char *value = strchr(line, ':');

	if (!value || strncmp(line, key, len) || !strchr("\t :", line[len]))
		return NULL;
	value++;
	value += strspn(value, " \t");
	value[strcspn(value, "\n")] = '\0';
	return value;
}

int fb_machine_cpuinfo(const char *root, const char *key, char *out, size_t room)
{
	char path[PATH_MAX], line[8192], *value;
	int ret = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	f = fopen(path, "re");
	while (f && ret && fgets(line, sizeof(line), f)) {
		value = value_of(line, key);
		if (value) {
			snprintf(out, room, "%s", value);
			ret = 0;
		}
	}
	if (f)
		fclose(f);
	return ret;
}

/* Where the processor does not say so the firmware or the kernel may. A cloud's maker
 * is that of its bare machines as well, and Microsoft's that of tablets. */
static enum fb_tri virtual_by_name(const char *root)
{
	static const char *const makers[] = {"QEMU",   "KVM",         "Xen",
					     "VMware", "innotek",     "Parallels",
					     "Google", "OpenStack",   "Firecracker",
					     "Amazon", "Virtual Mach"};
	char text[128], product[64] = "";

	if (!fb_sysfs_read(text, sizeof(text), "%s/sys/hypervisor/type", root) ||
	    !fb_sysfs_read(text, sizeof(text),
			   "%s/proc/device-tree/hypervisor/compatible", root))
		return FB_YES;
	if (fb_sysfs_read(text, 64, "%s/sys/class/dmi/id/sys_vendor", root))
		return FB_MAYBE;
	fb_sysfs_read(product, sizeof(product), "%s/sys/class/dmi/id/product_name",
		      root);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", product);
	if (strstr(product, "metal"))
		return FB_NO;
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (strstr(text, makers[i]))
			return FB_YES;
	return FB_MAYBE;
}

enum fb_tri fb_machine_virtual(const char *root)
{
	char flags[8192], *words = flags, *each;

	if (fb_machine_cpuinfo(root, "flags", flags, sizeof(flags)))
		return virtual_by_name(root);
	while ((each = strsep(&words, " ")))
		if (!strcmp(each, "hypervisor"))
			return FB_YES;
	return FB_NO;
}

/* Each hypervisor's own clock is offered under none of the others. */
static int by_clock(const char *root, char *out, size_t room)
{
	static const struct {
		const char *clock, *name;
	} known[] = {
		{"kvm-clock", "KVM"},
		{"hyperv_clocksource", "Hyper-V"},
		{"xen", "Xen"},
	};
	char text[256];

	if (fb_sysfs_read(text, sizeof(text),
			  "%s/sys/devices/system/clocksource/clocksource0/"
			  "available_clocksource",
			  root))
		return -ENOENT;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strstr(text, known[i].clock)) {
			snprintf(out, room, "%s", known[i].name);
			return 0;
		}
	}
	return -ENOENT;
}

int fb_machine_hypervisor(const char *root, char *out, size_t room)
{
	char vendor[64], product[64] = "";

	if (fb_machine_virtual(root) != FB_YES)
		return -ENOENT;
	if (!fb_sysfs_read(vendor, sizeof(vendor), "%s/sys/class/dmi/id/sys_vendor",
			   root)) {
		fb_sysfs_read(product, sizeof(product),
			      "%s/sys/class/dmi/id/product_name", root);
		snprintf(out, room, "%s%s%s", vendor, *product ? " " : "", product);
		return 0;
	}
	if (!fb_sysfs_read(out, room, "%s/sys/hypervisor/type", root))
		return 0;
	return by_clock(root, out, room);
}

int fb_machine_clock_source(const char *root, char *out, size_t room)
{
	return fb_sysfs_read(out, room,
			     "%s/sys/devices/system/clocksource/clocksource0/"
			     "current_clocksource",
			     root)
		       ? -ENOENT
		       : 0;
}

uint64_t fb_machine_tick_ns(void)
{
	struct timespec step;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &step) || step.tv_sec)
		return 0;
	/* Without a tick of its own the coarse clock steps as the fine one does. */
	return step.tv_nsec >= 1000 ? (uint64_t)step.tv_nsec : 0;
}

uint64_t fb_machine_page_bytes(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

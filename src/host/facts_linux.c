#include "host/host.h"

#include "device/sysfs.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

const char *fb_host_os(void)
{
	return "linux";
}

void fb_host_name(char *out, size_t room)
{
	char name[256];

	if (gethostname(name, sizeof(name)))
		*name = '\0';
	name[sizeof(name) - 1] = '\0';
	snprintf(out, room, "%s", *name ? name : "localhost");
}

static int add_system(struct fb_facts *f)
{
	struct utsname u;
	int ret = fb_facts_add(f, "os", "%s", fb_host_os());

	if (ret || uname(&u))
		return ret;
	return fb_facts_add(f, "kernel", "%s %s", u.release, u.version);
}

/* The value of "key   : value", NULL when the line is about something else. */
static char *cpuinfo_value(char *line, const char *key)
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

static bool has_word(char *words, const char *word)
{
	char *each;

	while ((each = strsep(&words, " ")))
		if (!strcmp(each, word))
			return true;
	return false;
}

/* The first processor's lines; the others repeat them. */
static int add_cpu(struct fb_facts *f)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	bool model = false, flags = false;
	char line[8192], *value;
	int ret = 0;

	if (!file)
		return 0;
	while (!ret && fgets(line, sizeof(line), file)) {
		if (!model && (value = cpuinfo_value(line, "model name"))) {
			model = true;
			ret = fb_facts_add(f, "cpu", "%s", value);
		} else if (!flags && (value = cpuinfo_value(line, "flags"))) {
			flags = true;
			ret = fb_facts_add(f, "virtualised", "%s",
					   has_word(value, "hypervisor") ? "yes"
									 : "no");
		}
	}
	fclose(file);
	return ret;
}

static int add_sizes(struct fb_facts *f)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct sysinfo s;
	int ret = 0;

	if (cpus > 0)
		ret = fb_facts_add(f, "cpus", "%ld", cpus);
	if (!ret && !sysinfo(&s))
		ret = fb_facts_add(f, "memory_bytes", "%" PRIu64,
				   (uint64_t)s.totalram * s.mem_unit);
	return ret;
}

int fb_host_facts(struct fb_facts *f)
{
	char text[256];
	int ret = add_system(f);

	if (!ret)
		ret = add_cpu(f);
	if (!ret)
		ret = add_sizes(f);
	if (!ret && !fb_sysfs_read(text, sizeof(text),
				   "/sys/devices/system/clocksource/clocksource0/"
				   "current_clocksource"))
		ret = fb_facts_add(f, "clock_source", "%s", text);
	if (ret)
		return ret;
	fb_host_name(text, sizeof(text));
	return fb_facts_add(f, "hostname", "%s", text);
}

#include "host/host.h"

#include "host/machine.h"

#include <inttypes.h>
#include <stdio.h>
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

static int add_cpu(struct fb_facts *f, const char *root)
{
	const enum fb_tri is_virtual = fb_machine_virtual(root);
	char text[256];
	int ret = 0;

	if (!fb_machine_cpuinfo(root, "model name", text, sizeof(text)))
		ret = fb_facts_add(f, "cpu", "%s", text);
	if (!ret && is_virtual != FB_MAYBE)
		ret = fb_facts_add(f, "virtualised", "%s",
				   is_virtual == FB_YES ? "yes" : "no");
	if (!ret && !fb_machine_hypervisor(root, text, sizeof(text)))
		ret = fb_facts_add(f, "hypervisor", "%s", text);
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

static int add_pace(struct fb_facts *f, const char *root)
{
	const uint64_t tick_ns = fb_machine_tick_ns();
	char text[512];
	unsigned us;
	int ret = 0;

	if (!fb_machine_governors(root, text, sizeof(text)))
		ret = fb_facts_add(f, "cpu_governor", "%s", text);
	if (!ret && !fb_machine_idle_states(root, text, sizeof(text), &us))
		ret = fb_facts_add(f, "cpu_idle_states", "%s", text);
	if (!ret && tick_ns)
		ret = fb_facts_add(f, "tick_hz", "%.0f", 1e9 / (double)tick_ns);
	if (!ret && !fb_machine_clock_source(root, text, sizeof(text)))
		ret = fb_facts_add(f, "clock_source", "%s", text);
	return ret;
}

int fb_host_facts(struct fb_facts *f, const char *root)
{
	char name[256];
	int ret = add_system(f);

	if (!ret)
		ret = add_cpu(f, root);
	if (!ret)
		ret = add_sizes(f);
	if (!ret)
		ret = add_pace(f, root);
	if (ret)
		return ret;
	fb_host_name(name, sizeof(name));
	return fb_facts_add(f, "hostname", "%s", name);
}

#include "host/host.h"
#include "host/machine.h"
#include "host/tell.h"
#include "host/warn_parts.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* So much takes a common disk about a second to write. */
#define DIRTY_BYTES (UINT64_C(256) << 20)

static int warn_virtual(struct fb_warnings *ws, const char *root)
{
	static const struct fb_warning w = {
		.id = "virtual_machine",
		.severity = FB_SEVERITY_NOTE,
		.text = "This is a virtual machine: requests and wake-ups pass the "
			"hypervisor and other guests take its time, so latencies are "
			"longer and scatter more than on the bare machine; the host's "
			"cache mode is not seen. Compare machines of one host alone.",
	};
	char name[160] = "it does not say which";

	if (fb_machine_virtual(root) != FB_YES)
		return 0;
	fb_machine_hypervisor(root, name, sizeof(name));
	return fb_host_tell(ws, &w, "%s", name);
}

/* What one reading takes; where the machine is made up nothing is to be measured. */
static double clock_cost_ns(const char *root)
{
	enum { CALLS = 1000 };
	struct timespec t, begin, end;

	if (*root)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < CALLS; i++)
		clock_gettime(CLOCK_MONOTONIC, &t);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((double)(end.tv_sec - begin.tv_sec) * 1e9 +
		(double)(end.tv_nsec - begin.tv_nsec)) /
	       CALLS;
}

/* A system call alone takes so long; without one it is a tenth. */
#define CLOCK_SLOW_NS 200

static int warn_clock(struct fb_warnings *ws, const char *root)
{
	static const char *const slow[] = {"hpet", "acpi_pm", "jiffies",
					   "refined-jiffies", "pit"};
	static const struct fb_warning w = {
		.id = "slow_clock",
		.severity = FB_SEVERITY_WARNING,
		.text = "Reading this clock source asks a chip or the hypervisor: a "
			"stamp takes up to microseconds, which are in every latency, "
			"and short ops are told by its steps. Boot with "
			"clocksource=tsc, or see in the kernel's log what is wrong with "
			"the TSC.",
	};
	const double cost = clock_cost_ns(root);
	char name[64] = "not told";
	bool is_slow = cost > CLOCK_SLOW_NS;

	fb_machine_clock_source(root, name, sizeof(name));
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++)
		is_slow |= !strcmp(name, slow[i]);
	if (!is_slow)
		return 0;
	return cost > 0 ? fb_host_tell(ws, &w, "clock source %s, %.0f ns a reading",
				       name, cost)
			: fb_host_tell(ws, &w, "clock source %s", name);
}

static int warn_governor(struct fb_warnings *ws, const char *root)
{
	static const struct fb_warning w = {
		.id = "cpu_governor",
		.severity = FB_SEVERITY_NOTE,
		.text = "CPUs run as fast as their load asks for, and one that waits "
			"for a disk has little: the software's part of a latency may "
			"be longer than it need be, and differ between runs. Measure "
			"with the governor performance, or with cpu_idle=busy.",
	};
	char text[128];

	if (fb_machine_governors(root, text, sizeof(text)) ||
	    !strcmp(text, "performance"))
		return 0;
	return fb_host_tell(ws, &w, "scaling_governor %s", text);
}

static int warn_idle(struct fb_warnings *ws, const char *root)
{
	static const struct fb_warning w = {
		.id = "cpu_idle_states",
		.severity = FB_SEVERITY_NOTE,
		.text = "A CPU that waits for the disk goes to sleep, and waking it is "
			"part of each latency, on a quick disk a quarter of it. That is "
			"what a program meets there; measure with cpu_idle=busy too to see it apart.",
	};
	char text[200];
	unsigned us;

	if (fb_machine_idle_states(root, text, sizeof(text), &us) || !us)
		return 0;
	return fb_host_tell(ws, &w, "wake-up times: %s", text);
}

static uint64_t dirty_bytes(const char *root)
{
	char path[PATH_MAX], line[128];
	uint64_t sum = 0, kib;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Dirty: %" SCNu64, &kib) == 1 ||
		    sscanf(line, "Writeback: %" SCNu64, &kib) == 1)
			sum += kib * 1024;
	if (f)
		fclose(f);
	return sum;
}

static int warn_dirty(struct fb_warnings *ws, const char *root)
{
	static const struct fb_warning w = {
		.id = "dirty_memory",
		.severity = FB_SEVERITY_NOTE,
		.text = "Much that others wrote has not reached a disk yet: flushes of "
			"a journal may have to write theirs first, and the kernel "
			"writes it back meanwhile, so latencies are longer than on a "
			"quiet machine. Run sync and wait for what writes to end.",
	};
	const uint64_t bytes = dirty_bytes(root);

	if (bytes <= DIRTY_BYTES)
		return 0;
	return fb_host_tell(ws, &w, "Dirty and Writeback: %" PRIu64 " MiB",
			    bytes >> 20);
}

int fb_host_warn_machine(struct fb_warnings *ws, const char *root)
{
	int ret = fb_warn_process(ws, root);

	if (!ret)
		ret = warn_virtual(ws, root);
	if (!ret)
		ret = warn_clock(ws, root);
	if (!ret)
		ret = warn_governor(ws, root);
	if (!ret)
		ret = warn_idle(ws, root);
	if (!ret)
		ret = fb_warn_io_limit(ws, root);
	return ret ? ret : warn_dirty(ws, root);
}

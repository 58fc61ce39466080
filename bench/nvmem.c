#include "bench/nvmem.h"

#include "nt/nv_cpu.h"
#include "nt/objects.h"

static struct fb_host_nv count(const struct fb_plan *plan)
{
	struct fb_host_nv nv = {.variable = fb_nt_nv_variable};

	nv.real = !plan;
	for (size_t i = 0; plan && i < plan->n_cases; i++) {
		if (plan->cases[i].path != FB_PATH_NVMEM)
			continue;
		if (plan->cases[i].nv_emulate)
			nv.emulated++;
		else
			nv.real++;
	}
	return nv;
}

static int cpu_facts(struct fb_facts *f)
{
	const struct fb_nv_cpu *cpu;
	int ret;

	if (fb_nv_cpu_get(FB_NT_NV_AUTO, &cpu))
		return fb_facts_add(f, "nv_flush_auto", "none");
	ret = fb_facts_add(f, "nv_flush_auto", "%s", cpu->name);
	if (!ret)
		ret = fb_facts_add(f, "nv_streams", "%s", cpu->stream_name);
	if (!ret)
		ret = fb_facts_add(f, "nv_line_bytes", "%zu", cpu->line);
	return ret;
}

int nvmem_facts(struct fb_facts *f, const struct fb_plan *plan)
{
	const struct fb_host_nv nv = count(plan);
	const char *libpmem;
	int ret;

	if (!nv.emulated && !nv.real)
		return 0;
	libpmem = fb_nt_libpmem();
	ret = cpu_facts(f);
	return ret ? ret : fb_facts_add(f, "libpmem", "%s", libpmem ? libpmem : "none");
}

int nvmem_warnings(struct fb_warnings *ws, const struct fb_plan *plan,
		   const struct fb_device *d)
{
	const struct fb_host_nv nv = count(plan);

	return fb_host_warn_nv(ws, d, &nv);
}

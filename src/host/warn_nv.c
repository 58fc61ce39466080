#include "host/host.h"

#include <stdio.h>
#include <string.h>

struct variable {
	const char *name;
	const char *does;
};

static const struct variable meanings[] = {
	{"PMEM_IS_PMEM_FORCE", "answers for it"},
	{"PMEM2_FORCE_GRANULARITY", "answers for libpmem2"},
	{"PMEM_NO_FLUSH", "never flush, or always"},
	{"PMEM_NO_CLWB", "no clwb"},
	{"PMEM_NO_CLFLUSHOPT", "no clflushopt"},
	{"PMEM_NO_MOVNT", "no streaming stores"},
	{"PMEM_MOVNT_THRESHOLD", "when to stream"},
	{"PMEM_AVX", "copies by AVX"},
	{"PMEM_AVX512F", "copies by AVX-512"},
	{"PMEM_MOVDIR64B", "copies by movdir64b"},
	{"PMEM_NO_GENERIC_MEMCPY", "which copy"},
	{"PMEM_WC_WORKAROUND", "which copy"},
	{"PMEM_MMAP_HINT", "maps elsewhere"},
};

static const char *meaning(const char *set)
{
	const size_t n = strcspn(set, "=");

	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (strlen(meanings[i].name) == n && !strncmp(meanings[i].name, set, n))
			return meanings[i].does;
	return "unknown";
}

static int add(struct fb_warnings *ws, struct fb_warning *w, const char *id)
{
	w->id = id;
	w->severity = FB_SEVERITY_WARNING;
	return fb_warnings_add(ws, w);
}

/* What does not fit is counted. */
static void list_variables(char *out, size_t room, const char *(*variable)(unsigned i))
{
	const char *set;
	size_t at = 0;
	unsigned i;

	for (i = 0; (set = variable(i)); i++) {
		char one[128];
		const size_t n = (size_t)snprintf(one, sizeof(one), "%s%.60s (%s)",
						  i ? ", " : "", set, meaning(set));

		if (at + n + sizeof(", and 99 more") > room)
			break;
		memcpy(out + at, one, n + 1);
		at += n;
	}
	if (set) {
		unsigned more = 1;

		while (variable(i + more))
			more++;
		snprintf(out + at, room - at, ", and %u more", more);
	}
}

static int warn_environment(struct fb_warnings *ws, const struct fb_host_nv *nv)
{
	struct fb_warning w = {
		.text = "Variables change what libpmem says or does. The routines "
			"measured here are our own and heed none; where one answers "
			"for libpmem, the kernel's MAP_SYNC decides what is "
			"persistent. Unset them to compare with a program on libpmem."};

	list_variables(w.evidence, sizeof(w.evidence), nv->variable);
	return add(ws, &w, "nv_environment");
}

static int warn_emulated(struct fb_warnings *ws, const struct fb_host_nv *nv)
{
	struct fb_warning w = {
		.text = "Ordinary memory stands for non-volatile memory: the latencies "
			"are those of this CPU and its DRAM, and nothing survives a "
			"power loss. Name a target on a DAX mount and leave nv_emulate "
			"out to measure the real thing."};

	snprintf(w.evidence, sizeof(w.evidence),
		 "nv_emulate=1 in %zu of %zu nvmem cases", nv->emulated,
		 nv->emulated + nv->real);
	return add(ws, &w, "nv_emulated");
}

static int warn_plain_memory(struct fb_warnings *ws, const struct fb_device *d)
{
	struct fb_warning w = {
		.text = "The target's persistent memory is memory set aside at boot "
			"(memmap=, or an e820 entry): whether it outlives the power is "
			"known to whoever did that, so survives is left empty. Name a "
			"target on an NVDIMM for a promise."};

	snprintf(w.evidence, sizeof(w.evidence), "%s, provider %s", d->nv.region,
		 d->nv.provider);
	return add(ws, &w, "nv_plain_memory");
}

static int warn_volatile(struct fb_warnings *ws, const struct fb_device *d)
{
	struct fb_warning w = {
		.text = "The target's memory is volatile: gone with the power, though the "
			"kernel shows it like persistent memory and a file system on it "
			"grants MAP_SYNC. Its nvmem cases are refused. Name a target on "
			"an NVDIMM for a promise."};

	snprintf(w.evidence, sizeof(w.evidence), "%s: nd_volatile, provider %s",
		 d->n_disks ? d->disks[0].name : "device DAX", d->nv.provider);
	return add(ws, &w, "nv_volatile");
}

int fb_host_warn_nv(struct fb_warnings *ws, const struct fb_device *d,
		    const struct fb_host_nv *nv)
{
	int ret = 0;

	if (!nv->emulated && !nv->real)
		return 0;
	if (nv->emulated)
		ret = warn_emulated(ws, nv);
	if (!ret && nv->real && d->nv.domain == FB_NV_DOMAIN_NONE)
		ret = warn_volatile(ws, d);
	else if (!ret && nv->real && !strcmp(d->nv.provider, "e820"))
		ret = warn_plain_memory(ws, d);
	if (!ret && nv->variable(0))
		ret = warn_environment(ws, nv);
	return ret;
}

#include "host/host.h"
#include "host/tell.h"

#include <stdio.h>
#include <string.h>

/* What does not fit is counted. */
static void list_variables(char *out, size_t room, const struct fb_host_nv *nv)
{
	const char *set, *does;
	size_t at = 0;
	unsigned i;

	for (i = 0; (set = nv->variable(i, &does)); i++) {
		char one[128];
		const size_t n = (size_t)snprintf(one, sizeof(one), "%s%.60s (%s)",
						  i ? ", " : "", set, does);

		if (at + n + sizeof(", and 99 more") > room)
			break;
		memcpy(out + at, one, n + 1);
		at += n;
	}
	if (set) {
		unsigned more = 1;

		while (nv->variable(i + more, &does))
			more++;
		snprintf(out + at, room - at, ", and %u more", more);
	}
}

static int warn_environment(struct fb_warnings *ws, const struct fb_host_nv *nv)
{
	static const struct fb_warning w = {
		.id = "nv_environment",
		.severity = FB_SEVERITY_WARNING,
		.text = "Variables change what libpmem says or does. The routines "
			"measured here are our own and heed none; where one answers "
			"for libpmem, the kernel's MAP_SYNC decides what is "
			"persistent. Unset them to compare with a program on libpmem.",
	};
	char list[sizeof(ws->list->evidence)];

	list_variables(list, sizeof(list), nv);
	return fb_host_tell(ws, &w, "%s", list);
}

static int warn_emulated(struct fb_warnings *ws, const struct fb_host_nv *nv)
{
	static const struct fb_warning w = {
		.id = "nv_emulated",
		.severity = FB_SEVERITY_WARNING,
		.text = "Ordinary memory stands for non-volatile memory: the latencies "
			"are those of this CPU and its DRAM, and nothing survives a "
			"power loss. Name a target on a DAX mount and leave nv_emulate "
			"out to measure the real thing.",
	};

	return fb_host_tell(ws, &w, "nv_emulate=1 in %zu of %zu nvmem cases",
			    nv->emulated, nv->emulated + nv->real);
}

static int warn_plain_memory(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "nv_plain_memory",
		.severity = FB_SEVERITY_WARNING,
		.text = "The target's persistent memory is memory set aside at boot "
			"(memmap=, or an e820 entry): whether it outlives the power is "
			"known to whoever did that, so survives is left empty. Name a "
			"target on an NVDIMM for a promise.",
	};

	return fb_host_tell(ws, &w, "%s, provider %s", d->nv.region, d->nv.provider);
}

static int warn_volatile(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "nv_volatile",
		.severity = FB_SEVERITY_WARNING,
		.text = "The target's memory is volatile: gone with the power, though the "
			"kernel shows it like persistent memory and a file system on it "
			"grants MAP_SYNC. Its nvmem cases are refused. Name a target on "
			"an NVDIMM for a promise.",
	};

	return fb_host_tell(ws, &w, "%s: nd_volatile, provider %s",
			    d->n_disks ? d->disks[0].name : "device DAX",
			    d->nv.provider);
}

int fb_host_warn_nv(struct fb_warnings *ws, const struct fb_device *d,
		    const struct fb_host_nv *nv)
{
	const char *does;
	int ret = 0;

	if (!nv->emulated && !nv->real)
		return 0;
	if (nv->emulated)
		ret = warn_emulated(ws, nv);
	if (!ret && nv->real && d->nv.domain == FB_NV_DOMAIN_NONE)
		ret = warn_volatile(ws, d);
	else if (!ret && nv->real && !strcmp(d->nv.provider, "e820"))
		ret = warn_plain_memory(ws, d);
	if (!ret && nv->variable(0, &does))
		ret = warn_environment(ws, nv);
	return ret;
}

#include "base/units.h"
#include "host/host.h"
#include "host/machine.h"
#include "host/tell.h"
#include "host/warn_parts.h"
#include "stats/hist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DELAY_SHARE 0.05
/* A turn or two of somebody else's is no finding, however short the case was. */
#define DELAY_MIN_NS 10000000

/* Near a multiple of the tick by so much of it; above so many of them all is near. */
#define TICK_NEAR 0.1
enum { TICKS_MAX = 8 };

enum { STEPS_MIN = 10 };

/* One page more or less at either end of a write is no large page. */
#define FOLIO_AMP 4

/* What others did, as a share of what the disk wrote, and what is too little to matter:
 * counters of whole processes tell less than requests do. */
#define NOISE_TRACED  0.05
#define NOISE_COUNTED 0.10
enum { NOISE_TRACED_MIN = 64 << 10, NOISE_COUNTED_MIN = 1 << 20 };

uint64_t fb_warn_median(const struct fb_hist *h)
{
	return h && h->count ? fb_hist_percentile(h, 50) : FB_UNKNOWN;
}

static double delay_share(const struct fb_result *r)
{
	if (r->run_delay_ns == FB_UNKNOWN || r->elapsed_ns == FB_UNKNOWN ||
	    !r->elapsed_ns || r->run_delay_ns < DELAY_MIN_NS)
		return 0;
	return (double)r->run_delay_ns /
	       ((double)r->elapsed_ns * (double)(r->c->numjobs ? r->c->numjobs : 1));
}

static int warn_delay(struct fb_warnings *ws, const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "run_delay",
		.severity = FB_SEVERITY_WARNING,
		.text = "The threads were ready and waited for a CPU in this share of "
			"the time: latencies hold that, not the storage alone. End what "
			"else runs, give the case CPUs of its own (cpus_allowed), or "
			"run it with sched=fifo.",
	};
	const double share = delay_share(r);
	char waited[FB_FORMAT_LEN], of[FB_FORMAT_LEN];

	if (share <= DELAY_SHARE)
		return 0;
	return fb_host_tell(ws, &w, "%.0f %%: %s in %s%s", 100 * share,
			    fb_format_ns(waited, (double)r->run_delay_ns),
			    fb_format_ns(of, (double)r->elapsed_ns),
			    r->c->numjobs > 1 ? " of several threads" : "");
}

static int warn_tick(struct fb_warnings *ws, const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "tick_artefact",
		.severity = FB_SEVERITY_WARNING,
		.text = "The median is the scheduler's tick, not the disk: an op on a "
			"CPU that another program keeps busy goes on when a tick takes "
			"the CPU away from that. Use other CPUs (cpus_allowed) or "
			"sched=fifo; a nice value does not help.",
	};
	const double tick = (double)fb_machine_tick_ns();
	const uint64_t p50 = fb_warn_median(r->hist[FB_OP_COMMIT]);
	char text[FB_FORMAT_LEN], each[FB_FORMAT_LEN];
	double ticks, off;

	if (tick <= 0 || p50 == FB_UNKNOWN || delay_share(r) <= DELAY_SHARE)
		return 0;
	ticks = (double)(uint64_t)((double)p50 / tick + 0.5);
	off = (double)p50 / tick - ticks;
	if (ticks < 1 || ticks > TICKS_MAX || off > TICK_NEAR || off < -TICK_NEAR)
		return 0;
	return fb_host_tell(ws, &w, "commit p50 %s, a tick each %s",
			    fb_format_ns(text, (double)p50), fb_format_ns(each, tick));
}

/* What its answer is: on path null the driver itself is measured, in mode none no flush
 * is. */
static bool has_answer(const struct fb_case *c, enum fb_op op)
{
	return c->path != FB_PATH_NULL &&
	       (op != FB_OP_FLUSH || c->mode != FB_MODE_NONE);
}

static int warn_coarse(struct fb_warnings *ws, const struct fb_result *r,
		       double step_ns)
{
	struct fb_warning w = {
		.id = "coarse_clock",
		.text = "The median is a few steps of the clock: it may be a step off, "
			"percentiles fall onto steps, and small differences are none. "
			"Compare means, or on path nvmem time many ops together "
			"(batch).",
	};
	char list[96] = "", text[FB_FORMAT_LEN];

	for (int op = 0; op < FB_OP_COUNT; op++) {
		const uint64_t p50 = fb_warn_median(r->hist[op]);
		const size_t at = strlen(list);

		if (p50 == FB_UNKNOWN || !has_answer(r->c, (enum fb_op)op) ||
		    (double)(p50 * (r->c->batch ? r->c->batch : 1)) >=
			    STEPS_MIN * step_ns)
			continue;
		snprintf(list + at, sizeof(list) - at, "%s%s p50 %s", at ? ", " : "",
			 fb_op_names[op], fb_format_ns(text, (double)p50));
		/* A write into memory is short beside the flush that is asked about. */
		if (op != FB_OP_WRITE)
			w.severity = FB_SEVERITY_WARNING;
	}
	return *list ? fb_host_tell(ws, &w, "%s, a step is %s", list,
				    fb_format_ns(text, step_ns))
		     : 0;
}

static int warn_range(struct fb_warnings *ws, const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "out_of_range",
		.severity = FB_SEVERITY_WARNING,
		.text = "Ops of more than an hour share the histogram's last bucket: "
			"percentiles that reach them say the longest. Find what "
			"stopped the machine or the disk for so long, and run again.",
	};
	uint64_t most = 0;

	for (int op = 0; op < FB_OP_COUNT; op++)
		if (r->hist[op] && r->hist[op]->out_of_range > most)
			most = r->hist[op]->out_of_range;
	return most ? fb_host_tell(ws, &w, "%" PRIu64 " samples", most) : 0;
}

/* The kernel charges a process for a page when it dirties it, a large one whole; so a
 * journal, or a file system that copies, is not taken for one. */
static int warn_folio(struct fb_warnings *ws, const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "folio_amplification",
		.severity = FB_SEVERITY_WARNING,
		.text = "A store through a mapping dirties the whole large page of the "
			"page cache, and the flush writes all of it: bytes and latency "
			"are those of how the file was filled or read. Use a smaller "
			"fill_bs, invalidate=1 and pattern rand to compare.",
	};
	const uint64_t page = fb_machine_page_bytes();
	const uint64_t pages = (fb_case_write_bytes(r->c) + page - 1) / page;
	const double asked = (double)r->app_writes * (double)(pages * page);

	if (r->c->path != FB_PATH_MAPPED || r->io.dev_bytes == FB_UNKNOWN ||
	    r->io.proc_write_bytes == FB_UNKNOWN || asked <= 0)
		return 0;
	if ((double)r->io.dev_bytes < FOLIO_AMP * asked ||
	    (double)r->io.proc_write_bytes < FOLIO_AMP * asked)
		return 0;
	return fb_host_tell(ws, &w,
			    "%.0f times the stored pages dirtied, %.0f times written; "
			    "fill_bs %" PRIu64 ", invalidate %d",
			    (double)r->io.proc_write_bytes / asked,
			    (double)r->io.dev_bytes / asked, r->c->fill_bs,
			    r->c->invalidate);
}

static bool is_noisy(const struct fb_io *io)
{
	const bool traced = !strcmp(io->source, "trace");
	const double of = io->dev_bytes == FB_UNKNOWN ? 0 : (double)io->dev_bytes;
	const double share = (traced ? NOISE_TRACED : NOISE_COUNTED) * of;
	const double least = traced ? NOISE_TRACED_MIN : NOISE_COUNTED_MIN;

	return io->others_bytes != FB_UNKNOWN &&
	       (double)io->others_bytes > (share > least ? share : least);
}

static int warn_noise(struct fb_warnings *ws, const struct fb_device *d,
		      const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "noise",
		.severity = FB_SEVERITY_WARNING,
		.text = "Others used disks while this was measured: ops waited for "
			"theirs, and the dev_ figures hold their writes (io.csv of a "
			"traced repetition tells them apart). End them, run at a quiet "
			"time, or on a disk of its own.",
	};
	const bool traced = !strcmp(r->io.source, "trace");
	char theirs[FB_FORMAT_LEN], all[FB_FORMAT_LEN] = "an unknown amount";

	/* What moves nothing to a disk is not disturbed on one; a FUSE daemon's work is
	 * the case's own. */
	if (d->medium != FB_MEDIUM_DISK || !strncmp(d->fs, "fuse", 4) ||
	    r->c->path == FB_PATH_NULL || r->c->path == FB_PATH_NVMEM ||
	    !is_noisy(&r->io))
		return 0;
	if (r->io.dev_bytes != FB_UNKNOWN)
		fb_format_bytes(all, (double)r->io.dev_bytes);
	return fb_host_tell(ws, &w,
			    "%s by others %s, %s written to the disk in all%s%s",
			    fb_format_bytes(theirs, (double)r->io.others_bytes),
			    traced ? "on it" : "on any disk", all,
			    !r->io.others[0] ? ""
			    : traced         ? "; on any disk most by "
					     : "; most by ",
			    r->io.others);
}

static int warn_all(struct fb_warnings *ws, const struct fb_device *d,
		    const struct fb_result *r, double step_ns)
{
	int ret = warn_delay(ws, r);

	if (!ret)
		ret = warn_tick(ws, r);
	if (!ret && step_ns > 0)
		ret = warn_coarse(ws, r, step_ns);
	if (!ret)
		ret = warn_range(ws, r);
	if (!ret)
		ret = fb_warn_shape(ws, r, step_ns);
	if (!ret)
		ret = fb_warn_promise(ws, d, r);
	if (!ret)
		ret = warn_folio(ws, r);
	return ret ? ret : warn_noise(ws, d, r);
}

int fb_host_warn_result(struct fb_warnings *ws, const struct fb_device *d,
			const struct fb_result *r, double step_ns)
{
	const size_t before = ws->n;
	const int ret = warn_all(ws, d, r, step_ns);

	for (size_t i = before; i < ws->n; i++) {
		ws->list[i].case_id = r->c->case_id;
		ws->list[i].rep = r->rep;
	}
	return ret;
}

#include "account/account.h"

#include "account/counters.h"
#include "account/neighbours.h"
#include "account/observer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * struct fb_account - @observer: NULL unless block events are recorded
 * @uncounted: requests that the disks' counters have and the trace has not
 * @looked: the neighbours were seen at the begin
 * @quiet: nothing was in flight then
 */
struct fb_account {
	const struct fb_device *d;
	struct fb_account_how how;
	struct fb_counters counters;
	struct fb_reading before;
	bool looked;
	bool quiet;
	struct fb_neighbours neighbours;
	struct fb_observer *observer;
	uint64_t lost, hidden;
	uint64_t uncounted;
	struct fb_err untraced;
};

static void give_up_trace(struct fb_account *a)
{
	fb_observer_close(a->observer);
	a->observer = NULL;
}

int fb_account_open(struct fb_account **out, const struct fb_device *d,
		    const struct fb_account_how *how)
{
	struct fb_account *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->d = d;
	a->how = *how;
	fb_counters_open(&a->counters, d, how->process_only);
	if (how->trace && fb_observer_open(&a->observer, d, how, &a->untraced))
		a->observer = NULL;
	*out = a;
	return 0;
}

/* Also where nothing is counted: what others began would be measured. */
static bool wait_quiet(const struct fb_account *a, unsigned timeout_ms)
{
	return fb_device_quiesce(a->d, timeout_ms) != -ETIMEDOUT;
}

bool fb_account_begin(struct fb_account *a, unsigned timeout_ms)
{
	bool quiet;

	/* Before it is quiet: to look takes a while. */
	a->looked = !a->how.process_only && !fb_neighbours_look(&a->neighbours);
	quiet = a->quiet = wait_quiet(a, timeout_ms);
	/* First the trace, and at the end last: it has all that the counters have. */
	if (a->observer && fb_observer_begin(a->observer, &a->untraced))
		give_up_trace(a);
	fb_counters_read(&a->counters, &a->before);
	return quiet;
}

static void fill_others(struct fb_account *a, struct fb_io *out)
{
	struct fb_neighbours now = {0};

	out->others_bytes = FB_UNKNOWN;
	out->others[0] = '\0';
	if (a->looked && !fb_neighbours_look(&now))
		out->others_bytes = fb_neighbours_gain(&a->neighbours, &now,
						       out->others);
	fb_neighbours_free(&now);
}

static bool is_own(const struct fb_device *d, const char *disk)
{
	for (size_t i = 0; i < d->n_disks; i++)
		if (!strcmp(d->disks[i].name, disk))
			return true;
	return false;
}

/* Requests and bytes of a class that one kind of issuer asked the mount's disks for. */
static struct fb_io_class sum_of(const struct fb_io *io, const struct fb_device *d,
				 const char *klass, const char *issuer)
{
	struct fb_io_class sum = {.klass = klass, .issuer = issuer};

	for (size_t i = 0; i < io->n_classes; i++) {
		const struct fb_io_class *c = &io->classes[i];

		if (strcmp(c->klass, klass) || strcmp(c->issuer, issuer) ||
		    !is_own(d, c->device))
			continue;
		sum.requests += c->requests;
		sum.bytes += c->bytes;
	}
	return sum;
}

uint64_t fb_account_own_flushes(const struct fb_io *io, const struct fb_device *d)
{
	const uint64_t theirs = sum_of(io, d, "flush", "others").requests;

	if (io->dev_flushes == FB_UNKNOWN || strcmp(io->source, "trace"))
		return io->dev_flushes;
	return io->dev_flushes > theirs ? io->dev_flushes - theirs : 0;
}

static uint64_t larger(uint64_t traced, uint64_t counted)
{
	return counted != FB_UNKNOWN && counted > traced ? counted : traced;
}

/* Metadata and journal by a mark of the file system's. */
static bool marks_all(const struct fb_device *d)
{
	static const char *const fs[] = {"ext3", "ext4", "xfs", "btrfs"};
	const char *name = d->overlay ? d->upper_fs : d->fs;

	for (size_t i = 0; i < sizeof(fs) / sizeof(fs[0]); i++)
		if (!strcmp(fs[i], name))
			return true;
	return false;
}

static uint64_t short_of(uint64_t traced, uint64_t counted)
{
	return counted != FB_UNKNOWN && counted > traced ? counted - traced : 0;
}

/* Of a disk without requests the kernel counts a bio with PREFLUSH twice. */
static bool all_have_requests(const struct fb_device *d)
{
	for (size_t i = 0; i < d->n_disks; i++)
		if (d->disks[i].queued == FB_NO)
			return false;
	return true;
}

/*
 * The kernel's own counters are the judge: what they have and the trace has not was
 * lost as well, for an event may get lost without a word. Then they stand.
 */
static void fill_traced(struct fb_account *a, bool quiet, struct fb_io *out)
{
	const struct fb_io counted = *out;

	out->n_classes = 0;
	fb_observer_fill(a->observer, out);
	/* What a kernel thread writes that is in none of our files nor the file
	 * system's own: somebody else's files, where a file system marks its own. */
	if (!fb_observer_doubt(a->observer) && marks_all(a->d))
		out->others_bytes += sum_of(out, a->d, "other", "kernel").bytes;
	if (quiet && all_have_requests(a->d))
		a->uncounted = short_of(out->dev_writes, counted.dev_writes) +
			       short_of(out->dev_flushes, counted.dev_flushes);
	a->lost = fb_observer_lost(a->observer, a->uncounted, &a->hidden);
	out->lost_events = a->lost;
	if (!a->uncounted || strcmp(counted.source, "disk"))
		return;
	out->dev_bytes = larger(out->dev_bytes, counted.dev_bytes);
	out->dev_writes = larger(out->dev_writes, counted.dev_writes);
	out->dev_flushes = larger(out->dev_flushes, counted.dev_flushes);
}

bool fb_account_end(struct fb_account *a, unsigned timeout_ms, struct fb_io *out)
{
	bool quiet = wait_quiet(a, timeout_ms);
	struct fb_reading now;

	fb_counters_read(&a->counters, &now);
	if (a->observer)
		fb_observer_end(a->observer);
	fb_counters_fill(&a->counters, &a->before, &now, out);
	fill_others(a, out);
	out->lost_events = FB_UNKNOWN;
	if (a->observer)
		fill_traced(a, quiet && a->quiet, out);
	return quiet;
}

void fb_account_end_op(struct fb_account *a)
{
	if (a->observer)
		fb_observer_read(a->observer, true);
}

void fb_account_watch(struct fb_account *a)
{
	if (a->observer)
		fb_observer_read(a->observer, false);
}

bool fb_account_is_traced(const struct fb_account *a)
{
	return a->observer;
}

void fb_account_take_hists(struct fb_account *a, struct fb_hist *hist[FB_DEV_HISTS])
{
	if (a->observer)
		fb_observer_take_hists(a->observer, hist);
}

static int tell(struct fb_warnings *ws, const struct fb_warning *w,
		const char *evidence)
{
	struct fb_warning told = *w;

	snprintf(told.evidence, sizeof(told.evidence), "%.255s", evidence);
	return fb_warnings_add(ws, &told);
}

static int warn_untraced(const struct fb_account *a, struct fb_warnings *ws)
{
	struct fb_warning w = {
		.id = "trace_unavailable",
		.severity = FB_SEVERITY_NOTE,
		.text = "Requests cannot be told apart here: the repetition that was to "
			"be traced counted as the others do. The evidence says what it "
			"takes.",
	};

	return tell(ws, &w, a->untraced.text);
}

/* Few lost events take a few times from the distributions, many all of them. */
static int warn_lost(const struct fb_account *a, struct fb_warnings *ws)
{
	struct fb_warning w = {
		.id = "lost_events",
		.severity = FB_SEVERITY_NOTE,
		.text = "Some block events got lost: requests are counted all the same, "
			"but device times lack a few. A disk that others use less "
			"loses fewer.",
	};
	char evidence[160];

	if (a->uncounted || !fb_observer_has_times(a->observer)) {
		w.severity = FB_SEVERITY_WARNING;
		snprintf(
			w.text, sizeof(w.text),
			"So many block events got lost that device times are left out, "
			"or classes lack requests; the dev_ figures are right all the "
			"same. Lower numjobs, or use a disk that others leave "
			"alone.");
	}
	snprintf(evidence, sizeof(evidence),
		 "%" PRIu64 " lost, %" PRIu64
		 " of them kept back by the kernel; %" PRIu64
		 " requests not in the classes",
		 a->lost, a->hidden, a->uncounted);
	return tell(ws, &w, evidence);
}

static int warn_doubt(const char *doubt, struct fb_warnings *ws)
{
	static const struct fb_warning w = {
		.id = "extents_unknown",
		.severity = FB_SEVERITY_WARNING,
		.text = "Where the target's blocks lie is not known for all of them: "
			"writes of data are in class other. What the disk did "
			"altogether is as counted.",
	};

	return tell(ws, &w, doubt);
}

int fb_account_warn(const struct fb_account *a, struct fb_warnings *ws)
{
	const char *doubt;

	if (!a->how.trace)
		return 0;
	if (!a->observer)
		return warn_untraced(a, ws);
	if (a->lost && warn_lost(a, ws))
		return -ENOMEM;
	doubt = fb_observer_doubt(a->observer);
	return doubt ? warn_doubt(doubt, ws) : 0;
}

bool fb_account_pace(struct fb_account *a, bool record)
{
	return a->observer && fb_observer_pace(a->observer, record);
}

void fb_account_close(struct fb_account *a)
{
	if (!a)
		return;
	fb_observer_close(a->observer);
	fb_counters_close(&a->counters);
	fb_neighbours_free(&a->neighbours);
	free(a);
}

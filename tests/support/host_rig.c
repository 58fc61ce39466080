#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "stats/hist.h"
#include "stats/series.h"
#include "support/host_rig.h"
#include "support/tree.h"

#include <stdlib.h>
#include <string.h>

struct host_rig host_rig;

int host_rig_leave(void **state)
{
	(void)state;
	fb_facts_free(&host_rig.facts);
	fb_warnings_free(&host_rig.warnings);
	tmpdir_remove(host_rig.root);
	for (int op = 0; op < FB_OP_COUNT; op++)
		free(host_rig.result.hist[op]);
	fb_series_free(host_rig.result.series);
	memset(&host_rig, 0, sizeof(host_rig));
	return 0;
}

void host_rig_record(enum fb_op op, uint64_t ns, unsigned n)
{
	struct fb_hist **h = &host_rig.result.hist[op];

	if (!*h)
		*h = malloc(sizeof(**h));
	assert_non_null(*h);
	fb_hist_reset(*h);
	for (unsigned i = 0; i < n; i++)
		fb_hist_record(*h, ns);
}

int host_rig_result(void **state)
{
	enum { OPS = 10000, BS = 4096 };

	(void)state;
	host_rig.device = (struct fb_device){
		.fs = "ext4",
		.medium = FB_MEDIUM_DISK,
		.barriers = FB_YES,
		.n_disks = 1,
		.disks = {{.name = "sda",
			   .write_cache = FB_YES,
			   .own_cache = FB_MAYBE,
			   .queued = FB_YES}},
	};
	host_rig.c = (struct fb_case){.path = FB_PATH_FILE,
				      .mode = FB_MODE_DATA_SYNC_ONLY,
				      .case_id = 7,
				      .bs = BS,
				      .fill_bs = BS,
				      .numjobs = 1,
				      .flushers = 1,
				      .batch = 1};
	host_rig.result = (struct fb_result){
		.c = &host_rig.c,
		.rep = 3,
		.promise = {FB_SURVIVES_POWER_LOSS, FB_FIDELITY_EQUIVALENT},
		.ops = OPS,
		.elapsed_ns = 1000000000,
		.app_bytes = (uint64_t)OPS * BS,
		.app_writes = OPS,
		.app_flushes = OPS,
		.io = {.dev_bytes = (uint64_t)OPS * BS,
		       .dev_writes = 2 * OPS,
		       .dev_flushes = OPS,
		       .dev_fua = FB_UNKNOWN,
		       .proc_write_bytes = (uint64_t)OPS * BS,
		       .lost_events = FB_UNKNOWN,
		       .source = "disk"},
	};
	host_rig_record(FB_OP_WRITE, 10000, OPS);
	host_rig_record(FB_OP_FLUSH, 90000, OPS);
	host_rig_record(FB_OP_COMMIT, 100000, OPS);
	return 0;
}

const char *fact_value(const char *key)
{
	for (size_t i = 0; i < host_rig.facts.n; i++)
		if (!strcmp(host_rig.facts.list[i].key, key))
			return host_rig.facts.list[i].value;
	return NULL;
}

void assert_fact(const char *key, const char *expected)
{
	const char *got = fact_value(key);

	if (!got)
		fail_msg("no fact %s", key);
	assert_string_equal(got, expected);
}

void host_put(const char *name, const char *text)
{
	if (!host_rig.root[0])
		assert_int_equal(tmpdir_make(host_rig.root), 0);
	tree_put(host_rig.root, name, text);
}

const struct fb_warning *warned(const char *id)
{
	for (size_t i = 0; i < host_rig.warnings.n; i++)
		if (!strcmp(host_rig.warnings.list[i].id, id))
			return &host_rig.warnings.list[i];
	return NULL;
}

void assert_warned(const char *id, enum fb_severity severity, const char *part)
{
	const struct fb_warning *w = warned(id);

	if (!w)
		fail_msg("no warning %s", id);
	assert_int_equal(w->severity, severity);
	if (!strstr(w->evidence, part))
		fail_msg("%s: \"%s\" does not say \"%s\"", id, w->evidence, part);
}

void assert_not_warned(const char *id)
{
	const struct fb_warning *w = warned(id);

	if (w)
		fail_msg("%s is warned of: %s", id, w->evidence);
}

void assert_sentences(size_t n)
{
	assert_int_equal(host_rig.warnings.n, n);
	for (size_t i = 0; i < n; i++) {
		const char *text = host_rig.warnings.list[i].text;

		assert_int_equal(text[strlen(text) - 1], '.');
	}
}

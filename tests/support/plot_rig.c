#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plot_rig.h"

#include "stats/summary.h"
#include "support/need.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct plot_rig plot_rig;

/* Where plot_rig_put writes, and as whom. */
static struct {
	char folder[TMPDIR_LEN + 128];
	char run_id[128];
} at;

static FILE *open_file(enum fb_run_file f, const char *how)
{
	char path[sizeof(at.folder) + 64];
	FILE *file = fopen(
		tmpdir_join(path, sizeof(path), at.folder, fb_run_file_names[f]), how);

	assert_non_null(file);
	return file;
}

static void put(enum fb_run_file f, const char *text, const char *how)
{
	FILE *file = open_file(f, how);

	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void plot_rig_append(enum fb_run_file f, const char *text)
{
	put(f, text, "a");
}

void plot_rig_replace(enum fb_run_file f, const char *text)
{
	put(f, text, "w");
}

/* A field with its comma; a file is told apart from columns by quotes alone. */
static void field(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++)
		fputs(*text == '"' ? "\"\"" : (const char[]){*text, '\0'}, f);
	fputs("\",", f);
}

static void put_latency_columns(FILE *f)
{
	for (int op = 0; op < FB_OP_COUNT; op++)
		fprintf(f, ",%s_min_ns,%s_p50_ns,%s_p99_ns", fb_op_names[op],
			fb_op_names[op], fb_op_names[op]);
	fputc('\n', f);
}

void plot_rig_begin(const char *folder, const char *run_id)
{
	FILE *f;

	snprintf(at.folder, sizeof(at.folder), "%s", folder);
	snprintf(at.run_id, sizeof(at.run_id), "%s", run_id);
	assert_int_equal(mkdir(folder, 0777), 0);
	f = open_file(FB_RUN_SUMMARY, "w");
	fputs("schema,case_id,rep,errors,run_id,path,mode,bs,thinktime,survives,"
	      "fidelity,status,write_amp,flush_amp,batch,lines_flushed,"
	      "lines_dirtied,commits_per_s,traced,trace_cost,ops,app_flushes,"
	      "lost_events",
	      f);
	put_latency_columns(f);
	assert_int_equal(fclose(f), 0);
	plot_rig_replace(FB_RUN_HISTOGRAM,
			 "run_id,case_id,rep,op,low,high,count,unit\n");
	plot_rig_replace(FB_RUN_SERIES,
			 "run_id,case_id,rep,t_ms,op,count,p50_ns,p99_ns,max_ns\n");
	plot_rig_replace(FB_RUN_IO,
			 "run_id,case_id,rep,device,class,fua,issuer,requests,bytes\n");
	plot_rig_replace(FB_RUN_SYSTEM, "run_id,host,key,value\n"
					"r,h,target_fs,ext4\nr,h,disk0,vda\n"
					"r,h,disk0_write_cache,write back\n");
}

void plot_rig_end(void)
{
	plot_rig_append(FB_RUN_SYSTEM, "r,h,run_end,now\n");
}

/* Most within half as much again, one of a hundred far out. */
static void fill(struct fb_hist *h, double ns, unsigned samples)
{
	fb_hist_reset(h);
	for (unsigned i = 0; i < samples; i++) {
		double share = 1 + i * 7919 % 100 / 200.0;

		fb_hist_record(h, (uint64_t)(ns * share * (i % 100 == 99 ? 8 : 1)));
	}
}

static void fill_exactly(struct fb_hist *h, const double exact[4])
{
	static const unsigned samples[4] = {600, 350, 45, 5};

	fb_hist_reset(h);
	for (int i = 0; i < 4; i++)
		for (unsigned k = 0; k < samples[i]; k++)
			fb_hist_record(h, (uint64_t)exact[i]);
}

static void put_buckets(const struct plot_rep *r, enum fb_op op,
			const struct fb_hist *h)
{
	FILE *f = open_file(FB_RUN_HISTOGRAM, "a");

	for (uint32_t i = 0; i < FB_HIST_COUNTERS; i++)
		if (h->counters[i])
			fprintf(f,
				"r,%u,%u,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",ns\n",
				r->case_id, r->rep, fb_op_names[op], fb_hist_low(i),
				fb_hist_high(i), h->counters[i]);
	assert_int_equal(fclose(f), 0);
}

static void put_intervals(const struct plot_rep *r, enum fb_op op,
			  const struct fb_hist *h)
{
	FILE *f = open_file(FB_RUN_SERIES, "a");

	for (int t = 1; t <= 3 && h->count; t++) {
		fprintf(f, "r,%u,%u,%d,%s,%" PRIu64 ",%" PRIu64 ",", r->case_id, r->rep,
			t * 10, fb_op_names[op], h->count, fb_hist_percentile(h, 50));
		if (r->batch)
			fputs(",\n", f);
		else
			fprintf(f, "%" PRIu64 ",%" PRIu64 "\n",
				fb_hist_percentile(h, 99), h->max);
	}
	assert_int_equal(fclose(f), 0);
}

static void put_figures(FILE *f, const struct fb_hist *h, bool tail)
{
	struct fb_summary s = fb_summary_of(h);

	fputc(',', f);
	if (s.count)
		fprintf(f, "%" PRIu64, s.min);
	for (int i = 0; i <= 2; i += 2) {
		fputc(',', f);
		if (s.percentile[i] != FB_UNKNOWN && (tail || !i))
			fprintf(f, "%" PRIu64, s.percentile[i]);
	}
}

static const char *or_usual(const char *given, const char *usual)
{
	return given ? given : usual;
}

static bool has_op(const struct plot_rep *r, int op)
{
	if (op == FB_OP_FLUSH && r->one_call)
		return false;
	return !r->batch || op == FB_OP_COMMIT || (op == FB_OP_WRITE && r->one_call);
}

static void put_latencies(FILE *f, const struct plot_rep *r)
{
	static const double share[FB_OP_COUNT] = {0.1, 0.9, 1};
	double ns = r->ns == PLOT_ZERO ? 0 : r->ns > 0 ? r->ns : 80000;
	struct fb_hist *h = malloc(sizeof(*h));

	assert_non_null(h);
	for (int op = 0; op < FB_OP_COUNT; op++) {
		fill(h, ns * share[op], has_op(r, op) ? r->samples : 0);
		if (r->exact)
			fill_exactly(h, r->exact);
		put_figures(f, h, !r->batch);
		put_buckets(r, (enum fb_op)op, h);
		put_intervals(r, (enum fb_op)op, h);
	}
	fputc('\n', f);
	free(h);
}

void plot_rig_put(const struct plot_rep *given)
{
	FILE *f = open_file(FB_RUN_SUMMARY, "a");
	struct plot_rep r = *given;

	r.case_id = r.case_id ? r.case_id : 1;
	r.rep = r.rep ? r.rep : 1;
	fprintf(f, "1,%u,%u,0,", r.case_id, r.rep);
	field(f, at.run_id);
	field(f, or_usual(r.path, "file"));
	field(f, or_usual(r.mode, "normal"));
	field(f, or_usual(r.bs, "4096"));
	field(f, or_usual(r.thinktime, "0"));
	field(f, or_usual(r.survives, "power-loss"));
	field(f, or_usual(r.fidelity, "equivalent"));
	field(f, or_usual(r.status, "0x00000000"));
	field(f, or_usual(r.write_amp, "1.02"));
	field(f, or_usual(r.flush_amp, "1"));
	if (r.batch)
		fprintf(f, "%u", r.batch);
	fprintf(f, ",%s,%s,1000,%d,%s,200,%s,0", or_usual(r.lines, ""),
		r.lines ? "1" : "", r.traced, r.traced ? "0.031" : "",
		or_usual(r.app_flushes, "100"));
	put_latencies(f, &r);
	assert_int_equal(fclose(f), 0);
}

void plot_rig_put_mode(unsigned case_id, const char *mode, const char *bs)
{
	plot_rig_put(&(struct plot_rep){
		.case_id = case_id, .mode = mode, .bs = bs, .samples = 300});
}

void plot_rig_put_nvmem(unsigned case_id, const char *mode, unsigned batch,
			const char *lines)
{
	plot_rig_put(&(struct plot_rep){.case_id = case_id,
					.path = "nvmem",
					.mode = mode,
					.survives = "nothing",
					.fidelity = "emulated",
					.write_amp = "",
					.flush_amp = "",
					.lines = lines,
					.batch = batch,
					.samples = 300,
					.ns = 160});
}

void plot_rig_put_io(unsigned case_id, unsigned rep, const char *rest)
{
	char row[256];

	snprintf(row, sizeof(row), "r,%u,%u,%s\n", case_id, rep, rest);
	plot_rig_append(FB_RUN_IO, row);
}

void plot_rig_put_op(unsigned case_id, unsigned rep, const char *op, unsigned value)
{
	char row[256];

	snprintf(row, sizeof(row), "r,%u,%u,%s,%u,%u,100,ns\n", case_id, rep, op, value,
		 value);
	plot_rig_append(FB_RUN_HISTOGRAM, row);
}

void plot_rig_trace(unsigned case_id, unsigned rep, const char *mode)
{
	plot_rig_put(&(struct plot_rep){.case_id = case_id,
					.rep = rep,
					.mode = mode,
					.samples = 100,
					.traced = true});
	plot_rig_put_io(case_id, rep, "vda,data,0,self,100,409600");
	plot_rig_put_io(case_id, rep, "vda,journal,0,kernel,40,491520");
	plot_rig_put_io(case_id, rep, "vda,metadata,0,kernel,2,8192");
	plot_rig_put_io(case_id, rep, "vda,flush,0,self,100,0");
	plot_rig_put_op(case_id, rep, "dev_write", 30000);
	plot_rig_put_op(case_id, rep, "dev_flush", 20000);
}

void plot_rig_cases(unsigned n)
{
	static const enum fb_mode modes[] = {FB_MODE_NORMAL, FB_MODE_DATA_ONLY,
					     FB_MODE_WRITE_DSYNC, FB_MODE_PURGE};
	char bs[16], thinktime[16];

	for (unsigned i = 0; i < n; i++) {
		enum fb_mode mode = modes[i % 4];
		struct plot_rep r = {.case_id = i + 1,
				     .mode = fb_mode_names[mode],
				     .bs = bs,
				     .thinktime = thinktime,
				     .samples = 300,
				     .ns = 20000.0 * (1 + i % 13),
				     .one_call = fb_mode_get(mode)->one_call};

		snprintf(bs, sizeof(bs), "%u", 512u << (i / 4 % 10));
		snprintf(thinktime, sizeof(thinktime), "%u", i / 40 * 1000);
		r.survives = mode == FB_MODE_DATA_ONLY ? "os-crash" : "power-loss";
		for (r.rep = 1; r.rep <= 2; r.rep++)
			plot_rig_put(&r);
	}
}

int plot_rig_enter(void **state)
{
	char folder[TMPDIR_LEN + 8];

	(void)state;
	memset(&plot_rig, 0, sizeof(plot_rig));
	if (tmpdir_make(plot_rig.top))
		return -1;
	plot_rig_begin(tmpdir_join(folder, sizeof(folder), plot_rig.top, "run"),
		       "run-1");
	plot_rig_end();
	return 0;
}

static void unload(void)
{
	fb_plot_free(&plot_rig.plot);
	fb_cases_free(&plot_rig.cases);
	fb_run_free(&plot_rig.run);
	free(plot_rig.text);
	plot_rig.text = NULL;
}

int plot_rig_leave(void **state)
{
	(void)state;
	unload();
	tmpdir_remove(plot_rig.top);
	return 0;
}

void plot_rig_load(enum fb_op op)
{
	struct plot_rig *r = &plot_rig;

	unload();
	if (fb_run_load(&r->run, at.folder, &r->err) ||
	    fb_cases_make(&r->cases, r->run.table[FB_RUN_SUMMARY], &r->err) ||
	    fb_plot_make(&r->plot, &r->run, &r->cases, op, &r->err))
		fail_msg("%s", r->err.text);
}

int plot_rig_write(enum fb_plot_id which)
{
	size_t n;
	FILE *f;
	int ret;

	free(plot_rig.text);
	plot_rig.text = NULL;
	f = open_memstream(&plot_rig.text, &n);
	assert_non_null(f);
	ret = fb_plot_write(f, &plot_rig.plot, which, &plot_rig.err);
	assert_int_equal(fclose(f), 0);
	return ret;
}

void plot_rig_draw(enum fb_plot_id which, enum fb_op op)
{
	plot_rig_load(op);
	if (plot_rig_write(which))
		fail_msg("%s", plot_rig.err.text);
}

void plot_rig_has(const char *part, unsigned times)
{
	unsigned seen = 0;

	for (const char *s = plot_rig.text; (s = strstr(s, part)); s++)
		seen++;
	if (seen == times)
		return;
	fprintf(stderr, "\"%s\" is there %u times, not %u:\n%s\n", part, seen, times,
		plot_rig.text);
	fail();
}

void need_gnuplot(void)
{
	need(system("command -v gnuplot >/dev/null 2>&1") ? "needs gnuplot" : NULL);
}

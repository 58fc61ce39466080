/*
 * The files of a run as others read them: names and order of every column.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/param.h"
#include "support/cli.h"

#include <stdio.h>

#define LATENCY(op)                                                                    \
	op "_min_ns," op "_mean_ns," op "_p50_ns," op "_p90_ns," op "_p99_ns," op      \
	   "_p999_ns," op "_p9999_ns," op "_max_ns,"

static void header_is(const char *file, const char *expected)
{
	char path[CLI_PATH + 32], line[8192] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/r/%s", lab.results, file);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	assert_string_equal(line, expected);
}

/* The design's own words, so that a column renamed or moved does not go unseen. */
static void columns_are_those_promised(void **state)
{
	char summary[8192] = "schema,run_id,profile,job,host,os,case_id,rep,";

	(void)state;
	for (size_t i = 0; i < fb_params_count; i++)
		snprintf(summary + strlen(summary), sizeof(summary) - strlen(summary),
			 "%s,",
			 strcmp(fb_params[i].name, "ops") ? fb_params[i].name
							  : "ops_limit");
	strcat(summary,
	       "survives,fidelity,load,ended,ops,errors,status,os_error,elapsed_ns,"
	       "run_delay_ns,out_of_range,retries," LATENCY("write") LATENCY("flush") LATENCY(
		       "commit") "commits_per_s,bytes_per_s,app_bytes,"
				 "app_writes,app_flushes,dev_bytes,dev_writes,dev_flushes,dev_fua,"
				 "write_amp,io_amp,flush_amp,proc_write_bytes,log_bytes,primary_bytes,"
				 "hive_growth_bytes,lazy_flushes,lazy_bytes,lines_dirtied,lines_flushed,"
				 "account_source,lost_events,traced,trace_cost,warnings");
	assert_exit(0, measure("--path null --mode none"), lab.c);
	header_is("summary.csv", summary);
	header_is("histogram.csv", "run_id,case_id,rep,op,low,high,count,unit");
	header_is("series.csv",
		  "run_id,case_id,rep,t_ms,op,count,p50_ns,p99_ns,max_ns");
	header_is("io.csv",
		  "run_id,case_id,rep,device,class,fua,issuer,requests,bytes");
	header_is("system.csv", "run_id,host,key,value");
	header_is("warnings.csv", "run_id,host,case_id,rep,id,severity,text,evidence");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)
	const struct CMUnitTest tests[] = {
		TEST(columns_are_those_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

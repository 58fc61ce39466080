#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/table_rig.h"

#include <stdio.h>
#include <string.h>

struct table_rig table;

const char *table_file(enum fb_run_file f)
{
	static char path[TMPDIR_LEN + 64];

	return tmpdir_join(path, sizeof(path), table.folder, fb_run_file_names[f]);
}

void table_put(enum fb_run_file f, const char *s)
{
	FILE *file = fopen(table_file(f), "a");

	assert_non_null(file);
	assert_true(fputs(s, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

int table_rig_enter(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	if (tmpdir_make(table.folder))
		return -1;
	table_put(FB_RUN_SUMMARY, TABLE_HEAD);
	table_put(FB_RUN_SYSTEM, "run_id,host,key,value\nrun-1,here,run_end,now\n");
	table_put(FB_RUN_WARNINGS,
		  "run_id,host,case_id,rep,id,severity,text,evidence\n");
	return 0;
}

int table_rig_leave(void **state)
{
	(void)state;
	fb_run_free(&table.run);
	tmpdir_remove(table.folder);
	return 0;
}

void table_put_row(int case_id, int rep, const char *mode, int bs, const char *rest)
{
	char row[1024];

	snprintf(row, sizeof(row), "1,run-1,%d,%d,file,%s,%d,1048576,1,%d,0,0,%s\n",
		 case_id, rep, mode, bs, bs, rest);
	table_put(FB_RUN_SUMMARY, row);
}

int table_print(int width, int colour)
{
	FILE *out = fmemopen(table.text, sizeof(table.text), "w");
	int ret;

	assert_non_null(out);
	fb_run_free(&table.run);
	if (fb_run_load(&table.run, table.folder, &table.err))
		fail_msg("%s", table.err.text);
	ret = fb_table_print(out, &table.run, width, colour, &table.err);
	assert_int_equal(fclose(out), 0);
	return ret;
}

void table_has(const char *part, int expected)
{
	if (!strstr(table.text, part) != !expected)
		fail_msg("'%s' is %s:\n%s", part, expected ? "missing" : "there",
			 table.text);
}

size_t table_widest(void)
{
	size_t widest = 0;

	for (const char *s = table.text; *s; s += strcspn(s, "\n"), s += *s == '\n') {
		size_t len = strcspn(s, "\n");

		assert_true(!len || s[len - 1] != ' ');
		widest = len > widest ? len : widest;
	}
	return widest;
}

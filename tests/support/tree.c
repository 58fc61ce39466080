#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void join(char path[TREE_PATH], const char *root, const char *name)
{
	assert_true(snprintf(path, TREE_PATH, "%s/%s", root, name) < TREE_PATH);
}

void tree_folders(const char *root, const char *name)
{
	char path[TREE_PATH];

	join(path, root, name);
	for (char *c = path + strlen(root) + 1; (c = strchr(c, '/')); c++) {
		*c = '\0';
		if (mkdir(path, 0700))
			assert_int_equal(errno, EEXIST);
		*c = '/';
	}
}

void tree_put(const char *root, const char *name, const char *text)
{
	char path[TREE_PATH];
	FILE *f;

	tree_folders(root, name);
	join(path, root, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

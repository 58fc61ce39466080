#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/disk.h"
#include "support/warn_lab.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct warn_lab warn_lab;

int warn_lab_enter(void **state)
{
	memset(&warn_lab, 0, sizeof(warn_lab));
	return cli_lab_enter(state);
}

int warn_lab_leave(void **state)
{
	cli_free(&lab.c);
	if (warn_lab.child > 0) {
		kill(warn_lab.child, SIGKILL);
		waitpid(warn_lab.child, NULL, 0);
	}
	if (warn_lab.mounted[0])
		umount2(warn_lab.mounted, MNT_DETACH);
	loopfs_unmount(&warn_lab.loop);
	fusefs_unmount(&warn_lab.fuse);
	return cli_lab_leave(state);
}

static size_t row_of(const char *id)
{
	return row_where(FB_RUN_WARNINGS, "id", id);
}

bool run_warns(const char *id)
{
	return row_of(id) != SIZE_MAX;
}

void assert_run_warns(const char *id, const char *severity, const char *part)
{
	const size_t row = row_of(id);

	if (row == SIZE_MAX) {
		cli_show(&lab.c);
		fail_msg("not warned of %s", id);
	}
	assert_string_equal(field(FB_RUN_WARNINGS, row, "severity"), severity);
	assert_says(field(FB_RUN_WARNINGS, row, "evidence"), part);
}

void assert_run_silent(const char *id)
{
	if (run_warns(id))
		fail_msg("warned of %s: %s", id,
			 field(FB_RUN_WARNINGS, row_of(id), "evidence"));
}

void measure_well(const char *words)
{
	assert_exit(0, measure("%s", words), lab.c);
	for (size_t i = 0; i < row_count(FB_RUN_WARNINGS); i++) {
		assert_string_not_equal(field(FB_RUN_WARNINGS, i, "text"), "");
		assert_string_not_equal(field(FB_RUN_WARNINGS, i, "evidence"), "");
	}
}

static void target_in(const char *folder)
{
	tmpdir_join(lab.target, sizeof(lab.target), folder, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
}

void use_loopfs(const struct loopfs_spec *spec)
{
	need(loopfs_missing(spec->type));
	assert_int_equal(loopfs_mount(&warn_lab.loop, spec), 0);
	target_in(warn_lab.loop.dir);
}

void use_mount(const char *type, const char *options)
{
	char where[CLI_PATH];

	if (own_mounts())
		need("needs the right to mount");
	tmpdir_join(where, sizeof(where), lab.top, "mnt");
	assert_int_equal(mkdir(where, 0700), 0);
	assert_int_equal(mount(type, where, type, 0, options), 0);
	snprintf(warn_lab.mounted, sizeof(warn_lab.mounted), "%s", where);
	target_in(where);
}

const char *warn_lab_library(const char *name, const char *source)
{
	static char path[CLI_PATH];
	const char *file = file_put("library.c", source, strlen(source));
	const char *argv[] = {"cc", "-shared", "-fPIC", "-o", path, file, NULL};

	snprintf(path, sizeof(path), "%.250s/%.60s", lab.top, name);
	return disk_run(argv) ? NULL : path;
}

void measure_preloaded(const char *library, const char *words)
{
	/* A sanitizer wants to be first in line, and is content to be told. */
	static const char options[] = "ASAN_OPTIONS";
	char *asan = getenv(options) ? strdup(getenv(options)) : NULL;
	int code;

	setenv(options, "verify_asan_link_order=0", 1);
	setenv("LD_PRELOAD", library, 1);
	code = measure("%s", words);
	unsetenv("LD_PRELOAD");
	if (asan)
		setenv(options, asan, 1);
	else
		unsetenv(options);
	free(asan);
	assert_exit(0, code, lab.c);
}

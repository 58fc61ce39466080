#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/claim.h"
#include "path/workdir.h"
#include "support/cli.h"
#include "support/tmpdir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	char dir[TMPDIR_LEN];
	struct fb_err err;
} rig;

static int set_up(void **state)
{
	(void)state;
	return tmpdir_make(rig.dir);
}

static int tear_down(void **state)
{
	(void)state;
	tmpdir_remove(rig.dir);
	return 0;
}

static void a_work_folder_is_made_once_and_removed_whole(void **state)
{
	struct fb_workdir *w, *second;
	char path[2 * TMPDIR_LEN], sub[3 * TMPDIR_LEN];
	bool leftover;

	(void)state;
	assert_int_equal(fb_workdir_open(&w, rig.dir, &leftover, &rig.err), 0);
	assert_false(leftover);
	snprintf(path, sizeof(path), "%s", fb_workdir_path(w));
	assert_int_equal(fb_workdir_open(&second, rig.dir, &leftover, &rig.err),
			 -EBUSY);
	snprintf(sub, sizeof(sub), "%s/a", path);
	assert_int_equal(mkdir(sub, 0700), 0);
	snprintf(sub, sizeof(sub), "%s/a/b", path);
	assert_int_equal(symlink("/etc/passwd", sub), 0);
	assert_int_equal(fb_workdir_close(w, &rig.err), 0);
	assert_int_equal(folder_entries(rig.dir), 0);
}

static void a_killed_runs_folder_is_emptied_by_the_next(void **state)
{
	struct fb_workdir *w;
	bool leftover;
	pid_t pid = fork();
	int status;

	(void)state;
	if (!pid) {
		char sub[3 * TMPDIR_LEN];

		if (fb_workdir_open(&w, rig.dir, &leftover, NULL))
			_exit(1);
		snprintf(sub, sizeof(sub), "%s/data-0", fb_workdir_path(w));
		close(open(sub, O_CREAT | O_WRONLY, 0600));
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(folder_entries(rig.dir), 1);
	assert_int_equal(fb_workdir_open(&w, rig.dir, &leftover, &rig.err), 0);
	assert_true(leftover);
	assert_int_equal(folder_entries(fb_workdir_path(w)), 1);
	assert_int_equal(fb_workdir_close(w, &rig.err), 0);
	assert_int_equal(folder_entries(rig.dir), 0);
}

static void a_folder_not_of_our_making_is_left_alone(void **state)
{
	struct fb_workdir *w;
	char path[2 * TMPDIR_LEN], file[3 * TMPDIR_LEN];
	bool leftover;

	(void)state;
	snprintf(path, sizeof(path), "%s/" FB_WORKDIR_NAME, rig.dir);
	snprintf(file, sizeof(file), "%s/precious", path);
	assert_int_equal(mkdir(path, 0700), 0);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(fb_workdir_open(&w, rig.dir, &leftover, &rig.err), -EEXIST);
	assert_int_equal(access(file, F_OK), 0);
	unlink(file);
	rmdir(path);
	/* nor is a link followed */
	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(fb_workdir_open(&w, rig.dir, &leftover, &rig.err), -EEXIST);
	unlink(path);
}

static void what_takes_our_folders_name_is_left_alone(void **state)
{
	char path[2 * TMPDIR_LEN], moved[2 * TMPDIR_LEN], file[3 * TMPDIR_LEN];
	struct fb_workdir *w;
	bool leftover;

	(void)state;
	assert_int_equal(fb_workdir_open(&w, rig.dir, &leftover, &rig.err), 0);
	tmpdir_join(path, sizeof(path), rig.dir, FB_WORKDIR_NAME);
	tmpdir_join(moved, sizeof(moved), rig.dir, "moved");
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	tmpdir_join(file, sizeof(file), path, "data-0");
	close(open(file, O_CREAT | O_WRONLY, 0600));
	/* the handle leads to where we were, not to what is called so now */
	snprintf(file, sizeof(file), "%s/ours", fb_workdir_handle(w));
	close(open(file, O_CREAT | O_WRONLY, 0600));
	tmpdir_join(file, sizeof(file), moved, "ours");
	assert_int_equal(access(file, F_OK), 0);
	assert_int_equal(fb_workdir_close(w, &rig.err), -ENOENT);
	assert_int_equal(folder_entries(moved), 0);
	assert_int_equal(folder_entries(path), 1);
}

static void what_lies_in_our_folder_is_known_as_such(void **state)
{
	char path[2 * TMPDIR_LEN];
	struct fb_workdir *w;
	bool leftover;

	(void)state;
	assert_int_equal(fb_workdir_open(&w, rig.dir, &leftover, &rig.err), 0);
	tmpdir_join(path, sizeof(path), fb_workdir_path(w), "r");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(fb_workdir_holds(w, path));
	assert_true(fb_workdir_holds(w, fb_workdir_path(w)));
	assert_false(fb_workdir_holds(w, rig.dir));
	assert_int_equal(fb_workdir_close(w, &rig.err), 0);
}

static void only_a_block_device_or_a_device_dax_is_claimed(void **state)
{
	uint64_t bytes = 7;
	int claim = 7;

	(void)state;
	assert_int_equal(fb_claim_device("/dev/null", &claim, &rig.err), -ENOTBLK);
	assert_non_null(strstr(rig.err.text, "/dev/null"));
	assert_int_equal(fb_claim_device(rig.dir, &claim, &rig.err), -ENOTBLK);
	assert_int_equal(claim, 7);
	assert_int_equal(fb_device_bytes("/dev/null", &bytes), -ENODEV);
	assert_int_equal(bytes, 7);
}

static void an_absent_target_under_dev_is_no_folder(void **state)
{
	cli_lab_enter(state);
	assert_exit(2, cli_run(&lab.c, "run nvmem --target /dev/dax99.9"), lab.c);
	assert_says(lab.c.err, "--target /dev/dax99.9: there is no such device");
	assert_exit(2, cli_run(&lab.c, "run quick --target /dev/shm/no/such"), lab.c);
	assert_says(lab.c.err, "name a folder that is there");
}

static int leave_lab(void **state)
{
	cli_lab_leave(state);
	return tear_down(state);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_work_folder_is_made_once_and_removed_whole),
		T(a_killed_runs_folder_is_emptied_by_the_next),
		T(a_folder_not_of_our_making_is_left_alone),
		T(what_takes_our_folders_name_is_left_alone),
		T(what_lies_in_our_folder_is_known_as_such),
		T(only_a_block_device_or_a_device_dax_is_claimed),
		cmocka_unit_test_setup_teardown(an_absent_target_under_dev_is_no_folder,
						set_up, leave_lab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The files of a hive, on a disk that does what it should.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "hive/io.h"
#include "support/tmpdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_ROOM = TMPDIR_LEN + 300 };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	char folder[TMPDIR_LEN];
	char hive[PATH_ROOM];
	struct fb_hive_io *io, *other;
	struct fb_err err;
	void *buffer;
	pid_t child;
	mode_t umask;
	int cwd;
} lab;

static int enter(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	lab.umask = umask(022);
	lab.cwd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lab.cwd < 0 || tmpdir_make(lab.folder))
		return -1;
	tmpdir_join(lab.hive, sizeof(lab.hive), lab.folder, "hive");
	return 0;
}

static void let_go(struct fb_hive_io **io)
{
	if (*io)
		(*io)->ops->close(*io);
	*io = NULL;
}

static int leave(void **state)
{
	int ret = fchdir(lab.cwd);

	(void)state;
	close(lab.cwd);
	umask(lab.umask);
	if (lab.child > 0) {
		kill(lab.child, SIGKILL);
		waitpid(lab.child, NULL, 0);
	}
	let_go(&lab.io);
	let_go(&lab.other);
	free(lab.buffer);
	tmpdir_remove(lab.folder);
	return ret;
}

static const char *in_folder(const char *name)
{
	static char path[PATH_ROOM];

	return tmpdir_join(path, sizeof(path), lab.folder, name);
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void open_hive(enum fb_hive_access access)
{
	assert_int_equal(fb_hive_disk_open(&lab.io, lab.hive, access, &lab.err), 0);
}

static void assert_refused(const char *path, enum fb_hive_access access, int expected,
			   const char *words)
{
	assert_int_equal(fb_hive_disk_open(&lab.other, path, access, &lab.err),
			 expected);
	assert_null(lab.other);
	assert_non_null(strstr(lab.err.text, words));
	assert_int_equal(lab.err.os_error, -expected);
}

static void assert_size(enum fb_hive_file f, uint64_t expected)
{
	uint64_t bytes = 1;

	assert_int_equal(lab.io->ops->size(lab.io, f, &bytes), 0);
	assert_int_equal(bytes, expected);
}

static void assert_no_log(enum fb_hive_file f)
{
	uint64_t bytes = 1;
	char byte;

	assert_int_equal(lab.io->ops->size(lab.io, f, &bytes), -ENOENT);
	assert_int_equal(bytes, 1);
	assert_int_equal(lab.io->ops->read(lab.io, f, 0, &byte, 1), -ENOENT);
}

static void assert_named(enum fb_hive_file f, const char *suffix)
{
	char expected[PATH_ROOM + 8];

	snprintf(expected, sizeof(expected), "%s%s", lab.hive, suffix);
	assert_string_equal(lab.io->ops->name(lab.io, f), expected);
}

static int put(enum fb_hive_file f, uint64_t offset, const char *text)
{
	const struct fb_hive_span span = {text, strlen(text)};

	return lab.io->ops->write(lab.io, f, offset, &span, 1);
}

static void assert_holds(enum fb_hive_file f, uint64_t offset, const char *text)
{
	char got[64];
	size_t n = strlen(text);

	assert_true(n <= sizeof(got));
	assert_int_equal(lab.io->ops->read(lab.io, f, offset, got, n), 0);
	assert_memory_equal(got, text, n);
}

static void new_hive_is_an_empty_file_without_logs(void **state)
{
	(void)state;
	open_hive(FB_HIVE_CREATE);
	assert_size(FB_HIVE_PRIMARY, 0);
	assert_no_log(FB_HIVE_LOG1);
	assert_no_log(FB_HIVE_LOG2);
	assert_int_equal(put(FB_HIVE_LOG1, 0, "x"), -ENOENT);
	assert_int_equal(lab.io->ops->sync(lab.io, FB_HIVE_LOG1), -ENOENT);
	assert_named(FB_HIVE_PRIMARY, "");
	assert_named(FB_HIVE_LOG1, ".LOG1");
	assert_named(FB_HIVE_LOG2, ".LOG2");
	assert_int_equal(folder_entries(lab.folder), 1);
}

static void new_hive_replaces_none(void **state)
{
	(void)state;
	put_file(lab.hive, "old");
	assert_refused(lab.hive, FB_HIVE_CREATE, -EEXIST, "move it away");
	open_hive(FB_HIVE_READ);
	assert_holds(FB_HIVE_PRIMARY, 0, "old");
}

/* Its entries might be replayed into the new one. */
static void new_hive_is_not_made_beside_the_log_of_another(void **state)
{
	static const char *const logs[] = {"hive.LOG", "hive.LOG1", "hive.LOG2"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		put_file(in_folder(logs[i]), "regf");
		assert_refused(lab.hive, FB_HIVE_CREATE, -EEXIST, logs[i]);
		assert_int_equal(folder_entries(lab.folder), 1);
		assert_int_equal(unlink(in_folder(logs[i])), 0);
	}
	open_hive(FB_HIVE_CREATE);
}

static void what_is_no_hive_is_told(void **state)
{
	char folder[PATH_ROOM];

	(void)state;
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	snprintf(folder, sizeof(folder), "%s/", lab.folder);
	for (int access = FB_HIVE_READ; access <= FB_HIVE_WRITE; access++) {
		assert_refused(lab.hive, access, -ENOENT, lab.hive);
		assert_refused("", access, -ENOENT, "empty name cannot be; name its");
		assert_refused("/dev/null", access, -EINVAL, "/dev/null is no regular");
		assert_refused(in_folder("pipe"), access, -EINVAL, "pipe is no reg");
		assert_refused(in_folder("pipe/x"), access, -ENOTDIR, "pipe/x");
		assert_refused(in_folder("none/x"), access, -ENOENT, "none/x");
		assert_refused(lab.folder, access, -EISDIR, "is a folder");
		assert_refused(folder, access, -EISDIR, "is a folder");
	}
	assert_refused(folder, FB_HIVE_CREATE, -EISDIR, "is a folder");
	assert_int_equal(folder_entries(lab.folder), 1);
}

static void log_that_is_no_file_is_told(void **state)
{
	uint64_t bytes = 1;

	(void)state;
	put_file(lab.hive, "x");
	assert_int_equal(mkdir(in_folder("hive.LOG1"), 0700), 0);
	assert_int_equal(mkfifo(in_folder("hive.LOG2"), 0600), 0);
	open_hive(FB_HIVE_WRITE);
	assert_int_equal(lab.io->ops->size(lab.io, FB_HIVE_LOG1, &bytes), -EISDIR);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG2, 512), -EINVAL);
	assert_int_equal(bytes, 1);
	assert_int_equal(folder_entries(lab.folder), 3);
}

static void name_whose_logs_would_be_too_long_is_told(void **state)
{
	char name[PATH_ROOM], path[PATH_MAX + 1];

	(void)state;
	snprintf(name, sizeof(name), "%s/%0251d", lab.folder, 7);
	assert_refused(name, FB_HIVE_CREATE, -ENAMETOOLONG, "use a shorter one");
	name[strlen(name) - 1] = 0;
	assert_int_equal(fb_hive_disk_open(&lab.io, name, FB_HIVE_CREATE, &lab.err), 0);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG2, 512), 0);
	memset(path, '/', sizeof(path));
	memcpy(path + PATH_MAX - 10, "hive", 5);
	assert_refused(path, FB_HIVE_READ, -ENOENT, "no such hive");
	memcpy(path + PATH_MAX - 10, "hive1", 6);
	assert_refused(path, FB_HIVE_READ, -ENAMETOOLONG, "use a shorter one");
}

static void short_name_is_one_in_the_current_folder(void **state)
{
	(void)state;
	assert_int_equal(chdir(lab.folder), 0);
	assert_int_equal(fb_hive_disk_open(&lab.io, "here", FB_HIVE_CREATE, &lab.err),
			 0);
	assert_int_equal(fchdir(lab.cwd), 0);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 512), 0);
	assert_int_equal(access(in_folder("here"), F_OK), 0);
	assert_int_equal(access(in_folder("here.LOG1"), F_OK), 0);
}

static void logs_stay_with_the_hive_when_its_folder_is_renamed(void **state)
{
	char moved[PATH_ROOM];

	(void)state;
	assert_int_equal(mkdir(in_folder("a"), 0700), 0);
	tmpdir_join(lab.hive, sizeof(lab.hive), lab.folder, "a/hive");
	open_hive(FB_HIVE_CREATE);
	tmpdir_join(moved, sizeof(moved), lab.folder, "b");
	assert_int_equal(rename(in_folder("a"), moved), 0);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG2, 512), 0);
	assert_int_equal(folder_entries(moved), 2);
}

/* More spans than one call takes, empty ones among them, and none at all. */
static void spans_lie_one_after_another(void **state)
{
	enum { SPANS = 3 * IOV_MAX + 7, MOST = 7 };
	static struct fb_hive_span spans[SPANS];
	static char from[SPANS * MOST], got[SPANS * MOST];
	struct fb_rng rng;
	size_t n = 0;

	(void)state;
	fb_rng_init(&rng, 5);
	fb_rng_fill(&rng, from, sizeof(from));
	for (int i = 0; i < SPANS; i++) {
		spans[i].data = from + n;
		spans[i].bytes = fb_rng_below(&rng, MOST + 1);
		n += spans[i].bytes;
	}
	open_hive(FB_HIVE_CREATE);
	assert_int_equal(lab.io->ops->write(lab.io, FB_HIVE_PRIMARY, 0, spans, 0), 0);
	assert_int_equal(put(FB_HIVE_PRIMARY, 0, ""), 0);
	assert_size(FB_HIVE_PRIMARY, 0);
	assert_int_equal(lab.io->ops->write(lab.io, FB_HIVE_PRIMARY, 100, spans, SPANS),
			 0);
	assert_size(FB_HIVE_PRIMARY, 100 + n);
	assert_int_equal(lab.io->ops->read(lab.io, FB_HIVE_PRIMARY, 100, got, n), 0);
	assert_memory_equal(got, from, n);
	assert_int_equal(lab.io->ops->sync(lab.io, FB_HIVE_PRIMARY), 0);
}

static void reading_past_the_end_is_told(void **state)
{
	char got[8];

	(void)state;
	put_file(lab.hive, "12345");
	open_hive(FB_HIVE_READ);
	assert_holds(FB_HIVE_PRIMARY, 0, "12345");
	assert_holds(FB_HIVE_PRIMARY, 4, "5");
	assert_holds(FB_HIVE_PRIMARY, 5, "");
	assert_int_equal(lab.io->ops->read(lab.io, FB_HIVE_PRIMARY, 0, got, 6),
			 -ENODATA);
	assert_int_equal(lab.io->ops->read(lab.io, FB_HIVE_PRIMARY, 5, got, 1),
			 -ENODATA);
	assert_int_equal(lab.io->ops->read(lab.io, FB_HIVE_PRIMARY, 1000, got, 1),
			 -ENODATA);
}

/* All of it written: were it only allocated, there would be a hole where data begin. */
static void assert_zeros(const char *path, uint64_t from, uint64_t to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t hole;

	assert_true(fd >= 0);
	hole = lseek(fd, (off_t)from, SEEK_HOLE);
	close(fd);
	assert_int_equal(hole, to);
	free(lab.buffer);
	lab.buffer = malloc(to - from);
	assert_non_null(lab.buffer);
	assert_int_equal(
		lab.io->ops->read(lab.io, FB_HIVE_LOG1, from, lab.buffer, to - from),
		0);
	for (uint64_t i = 0; i < to - from; i++)
		assert_int_equal(((char *)lab.buffer)[i], 0);
}

static void reserved_log_is_written_with_zeros(void **state)
{
	char log[PATH_ROOM + 8];

	(void)state;
	snprintf(log, sizeof(log), "%s.LOG1", lab.hive);
	open_hive(FB_HIVE_CREATE);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 4096), 0);
	assert_size(FB_HIVE_LOG1, 4096);
	assert_zeros(log, 0, 4096);
	assert_int_equal(put(FB_HIVE_LOG1, 4090, "entry"), 0);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 3145729), 0);
	assert_size(FB_HIVE_LOG1, 3145729);
	assert_holds(FB_HIVE_LOG1, 4090, "entry");
	assert_zeros(log, 4096, 3145729);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 512), 0);
	assert_size(FB_HIVE_LOG1, 3145729);
	assert_no_log(FB_HIVE_LOG2);
}

static void log_has_the_rights_of_the_primary(void **state)
{
	struct stat st;

	(void)state;
	umask(0);
	put_file(lab.hive, "x");
	assert_int_equal(chmod(lab.hive, 0640), 0);
	open_hive(FB_HIVE_WRITE);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 512), 0);
	assert_int_equal(stat(in_folder("hive.LOG1"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void hive_opened_for_reading_is_not_written(void **state)
{
	(void)state;
	put_file(lab.hive, "primary");
	put_file(in_folder("hive.LOG1"), "log one");
	open_hive(FB_HIVE_READ);
	for (int f = 0; f < FB_HIVE_FILES; f++) {
		assert_int_equal(put(f, 0, "x"), -EROFS);
		assert_int_equal(lab.io->ops->reserve(lab.io, f, 4096), -EROFS);
		assert_int_equal(lab.io->ops->sync(lab.io, f), -EROFS);
	}
	assert_holds(FB_HIVE_PRIMARY, 0, "primary");
	assert_holds(FB_HIVE_LOG1, 0, "log one");
	assert_size(FB_HIVE_LOG1, 7);
	assert_int_equal(folder_entries(lab.folder), 2);
}

static void writer_keeps_all_others_out(void **state)
{
	(void)state;
	open_hive(FB_HIVE_CREATE);
	assert_refused(lab.hive, FB_HIVE_WRITE, -EBUSY, "in use by another process");
	assert_refused(lab.hive, FB_HIVE_READ, -EBUSY, "in use by another process");
	let_go(&lab.io);
	open_hive(FB_HIVE_WRITE);
	assert_refused(lab.hive, FB_HIVE_READ, -EBUSY, "in use by another process");
	assert_int_equal(access(lab.hive, F_OK), 0);
}

static void readers_share_and_keep_writers_out(void **state)
{
	(void)state;
	put_file(lab.hive, "x");
	open_hive(FB_HIVE_READ);
	assert_refused(lab.hive, FB_HIVE_WRITE, -EBUSY, "in use by another process");
	assert_int_equal(
		fb_hive_disk_open(&lab.other, lab.hive, FB_HIVE_READ, &lab.err), 0);
}

static void closed_hive_is_free_whatever_was_forked_meanwhile(void **state)
{
	(void)state;
	open_hive(FB_HIVE_CREATE);
	lab.child = fork();
	if (!lab.child) {
		pause();
		_exit(0);
	}
	assert_true(lab.child > 0);
	let_go(&lab.io);
	open_hive(FB_HIVE_WRITE);
}

static void log_as_xp_names_it_is_the_first(void **state)
{
	(void)state;
	put_file(lab.hive, "x");
	put_file(in_folder("hive.LOG"), "regf of XP");
	open_hive(FB_HIVE_WRITE);
	assert_named(FB_HIVE_LOG1, ".LOG");
	assert_named(FB_HIVE_LOG2, ".LOG2");
	assert_holds(FB_HIVE_LOG1, 0, "regf of XP");
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 4096), 0);
	assert_int_equal(folder_entries(lab.folder), 2);
	let_go(&lab.io);
	put_file(in_folder("hive.LOG1"), "");
	open_hive(FB_HIVE_WRITE);
	assert_named(FB_HIVE_LOG1, ".LOG1");
}

/* Somebody's notes about the hive, or the output of a program. */
static void other_file_of_that_name_is_left_alone(void **state)
{
	static const char *const texts[] = {"all went well\n", "", "reg"};

	(void)state;
	put_file(lab.hive, "x");
	for (int i = 0; i < 3; i++) {
		put_file(in_folder("hive.LOG"), texts[i]);
		open_hive(FB_HIVE_WRITE);
		assert_named(FB_HIVE_LOG1, ".LOG1");
		let_go(&lab.io);
	}
}

static void logs_lie_beside_the_hive_and_not_beside_a_link_to_it(void **state)
{
	char link[PATH_ROOM];

	(void)state;
	tmpdir_join(link, sizeof(link), lab.folder, "link");
	assert_int_equal(mkdir(in_folder("deep"), 0700), 0);
	put_file(in_folder("deep/hive"), "x");
	put_file(in_folder("deep/hive.LOG2"), "regf of it");
	put_file(in_folder("link.LOG2"), "regf of another");
	assert_int_equal(symlink("deep/hive", link), 0);
	for (int access = FB_HIVE_READ; access <= FB_HIVE_WRITE; access++) {
		assert_int_equal(fb_hive_disk_open(&lab.io, link, access, &lab.err), 0);
		assert_holds(FB_HIVE_LOG2, 0, "regf of it");
		let_go(&lab.io);
	}
	assert_int_equal(fb_hive_disk_open(&lab.io, link, FB_HIVE_WRITE, &lab.err), 0);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 512), 0);
	assert_int_equal(access(in_folder("deep/hive.LOG1"), F_OK), 0);
	assert_int_equal(access(in_folder("link.LOG1"), F_OK), -1);
	assert_refused(link, FB_HIVE_CREATE, -EEXIST, "link.LOG2 is there");
}

static void link_that_leads_nowhere_is_no_hive(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", lab.hive), 0);
	assert_refused(lab.hive, FB_HIVE_WRITE, -ENOENT, "there is no such hive");
	assert_int_equal(unlink(lab.hive), 0);
	assert_int_equal(symlink("hive", lab.hive), 0);
	assert_refused(lab.hive, FB_HIVE_WRITE, -ELOOP, "name the hive itself");
}

/* It might lead to anything; what there is in the log can still be read. */
static void log_is_not_written_through_a_link(void **state)
{
	uint64_t bytes;

	(void)state;
	put_file(lab.hive, "x");
	put_file(in_folder("notes"), "regf");
	assert_int_equal(symlink("notes", in_folder("hive.LOG1")), 0);
	assert_int_equal(symlink("nowhere", in_folder("hive.LOG2")), 0);
	open_hive(FB_HIVE_READ);
	assert_holds(FB_HIVE_LOG1, 0, "regf");
	let_go(&lab.io);
	open_hive(FB_HIVE_WRITE);
	for (int f = FB_HIVE_LOG1; f <= FB_HIVE_LOG2; f++) {
		assert_int_equal(lab.io->ops->size(lab.io, f, &bytes), -ELOOP);
		assert_int_equal(put(f, 0, "entry"), -ELOOP);
		assert_int_equal(lab.io->ops->reserve(lab.io, f, 512), -ELOOP);
	}
	let_go(&lab.io);
	assert_int_equal(unlink(lab.hive), 0);
	assert_int_equal(unlink(in_folder("hive.LOG1")), 0);
	assert_refused(lab.hive, FB_HIVE_CREATE, -EEXIST, "hive.LOG2");
}

static void what_is_no_log_is_not_reserved(void **state)
{
	static const char *const texts[] = {"all went well\n", "r", "reg", "Regf"};

	(void)state;
	put_file(lab.hive, "x");
	for (int i = 0; i < 4; i++) {
		put_file(in_folder("hive.LOG2"), texts[i]);
		open_hive(FB_HIVE_WRITE);
		assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG2, 512),
				 -EEXIST);
		assert_size(FB_HIVE_LOG2, strlen(texts[i]));
		let_go(&lab.io);
	}
}

/* A crash may keep the later sectors of a first entry and not the first. */
static void log_whose_first_sector_never_arrived_is_reserved(void **state)
{
	(void)state;
	put_file(lab.hive, "x");
	put_file(in_folder("hive.LOG1"), "");
	open_hive(FB_HIVE_WRITE);
	assert_int_equal(put(FB_HIVE_LOG1, 512, "HvLE"), 0);
	assert_int_equal(lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, 1024), 0);
	assert_holds(FB_HIVE_LOG1, 512, "HvLE");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(new_hive_is_an_empty_file_without_logs),
		TEST(new_hive_replaces_none),
		TEST(new_hive_is_not_made_beside_the_log_of_another),
		TEST(what_is_no_hive_is_told),
		TEST(log_that_is_no_file_is_told),
		TEST(name_whose_logs_would_be_too_long_is_told),
		TEST(short_name_is_one_in_the_current_folder),
		TEST(logs_stay_with_the_hive_when_its_folder_is_renamed),
		TEST(spans_lie_one_after_another),
		TEST(reading_past_the_end_is_told),
		TEST(reserved_log_is_written_with_zeros),
		TEST(log_has_the_rights_of_the_primary),
		TEST(hive_opened_for_reading_is_not_written),
		TEST(writer_keeps_all_others_out),
		TEST(readers_share_and_keep_writers_out),
		TEST(closed_hive_is_free_whatever_was_forked_meanwhile),
		TEST(log_as_xp_names_it_is_the_first),
		TEST(other_file_of_that_name_is_left_alone),
		TEST(logs_lie_beside_the_hive_and_not_beside_a_link_to_it),
		TEST(link_that_leads_nowhere_is_no_hive),
		TEST(log_is_not_written_through_a_link),
		TEST(what_is_no_log_is_not_reserved),
		TEST(log_whose_first_sector_never_arrived_is_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

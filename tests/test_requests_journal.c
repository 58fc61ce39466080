#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/journal_lab.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* "class issuer requests, ..." in the order of the classes */
static void expect(const char *rows)
{
	char text[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < journal.io.n_classes; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s %" PRIu64,
				      i ? ", " : "", journal.io.classes[i].klass,
				      journal.io.classes[i].issuer,
				      journal.io.classes[i].requests);
	assert_string_equal(text, rows);
}

static void step_data_sync(const char *rows)
{
	journal_begin();
	journal_write(journal.file, 7);
	assert_int_equal(fdatasync(journal.file), 0);
	journal_end();
	expect(rows);
	assert_int_equal(journal_bytes("data"), JOURNAL_LAB_PAGE);
}

static void step_sync(const char *rows)
{
	journal_begin();
	journal_write(journal.file, 9);
	assert_int_equal(fsync(journal.file), 0);
	journal_end();
	expect(rows);
	assert_int_equal(journal_bytes("data"), JOURNAL_LAB_PAGE);
}

static void step_create(const char *rows)
{
	int fd;

	journal_begin();
	fd = openat(journal.dir, "new", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	journal_write(fd, 0);
	assert_int_equal(fsync(fd), 0);
	close(fd);
	journal_end();
	expect(rows);
	assert_int_equal(journal_bytes("data"), JOURNAL_LAB_PAGE);
}

static void step_sync_folder(const char *rows)
{
	journal_begin();
	assert_int_equal(fsync(journal.dir), 0);
	journal_end();
	expect(rows);
}

static void step_rename(const char *rows)
{
	journal_begin();
	assert_int_equal(renameat(journal.dir, "new", journal.dir, "newer"), 0);
	assert_int_equal(fsync(journal.dir), 0);
	journal_end();
	expect(rows);
}

static void ext4_journals_through_jbd2(void **state)
{
	(void)state;
	journal_start(&journal_ext4);
	step_data_sync("data self 1, flush self 1");
	step_sync("data self 1, journal kernel 2, flush kernel 2");
	step_create("data self 1, journal kernel 2, flush kernel 2");
	step_sync_folder("");
	step_rename("journal kernel 2, flush kernel 2");
}

static void ext4_without_a_journal_writes_metadata_itself(void **state)
{
	(void)state;
	journal_start(&journal_ext4_none);
	step_data_sync("data self 1, metadata self 1, flush self 1");
	step_sync("data self 1, metadata self 1, flush self 1");
	step_create("data self 1, metadata self 2, flush self 1");
	step_sync_folder("flush self 1"); /* its inode was in the file's block */
	step_rename("metadata self 2, flush self 1");
}

static void ext4_fast_commits_are_journal_of_who_flushes(void **state)
{
	(void)state;
	journal_start(&journal_ext4_fast);
	step_data_sync("data self 1, flush self 1");
	step_sync("data self 1, journal self 1, flush self 2");
	step_create("data self 1, journal self 1, flush self 2");
}

static void ext4_journals_data_when_told_to_and_then_writes_it_home(void **state)
{
	(void)state;
	journal_start(&journal_ext4_data);
	step_data_sync("data self 1, journal kernel 2, flush self 1, flush kernel 2");
}

static void xfs_writes_its_log_with_the_flush(void **state)
{
	(void)state;
	journal_start(&journal_xfs);
	step_data_sync("data self 1, flush self 1");
	step_sync("data self 1, journal self 1, flush self 2");
	step_create("data self 1, journal self 1, flush self 2");
	step_sync_folder("");
	step_rename("journal self 1, flush self 2");
}

static void btrfs_has_no_journal_that_can_be_told(void **state)
{
	(void)state;
	journal_start(&journal_btrfs);
	step_data_sync("data self 1, metadata self 5, flush self 2");
	step_sync("data self 1, metadata self 5, flush self 2");
	step_create("data self 1, metadata self 5, flush self 2");
	step_rename("metadata self 5, flush self 2");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, journal_enter, journal_leave)
	const struct CMUnitTest tests[] = {
		T(ext4_journals_through_jbd2),
		T(ext4_without_a_journal_writes_metadata_itself),
		T(ext4_fast_commits_are_journal_of_who_flushes),
		T(ext4_journals_data_when_told_to_and_then_writes_it_home),
		T(xfs_writes_its_log_with_the_flush),
		T(btrfs_has_no_journal_that_can_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

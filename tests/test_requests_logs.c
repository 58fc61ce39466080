#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/journal_lab.h"
#include "support/need.h"

#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

enum { SECTOR = 512, FILES = 600 };

static void add_log(uint64_t begin_sector, uint64_t end_sector)
{
	struct fb_extents *e = &journal.log;
	const struct fb_disk *d = &journal.d.disks[0];

	e->list = realloc(e->list, (e->n + 1) * sizeof(*e->list));
	assert_non_null(e->list);
	e->list[e->n++] = (struct fb_extent){d->dev_major, d->dev_minor, begin_sector,
					     end_sector};
	e->room = e->n;
}

/* Where ext4's tools say that the journal's inode has its blocks. */
static void find_ext4_log(unsigned block_bytes)
{
	const unsigned per = block_bytes / SECTOR;
	char command[96];
	uint64_t block;
	FILE *f;

	snprintf(command, sizeof(command), "debugfs -R 'blocks <8>' %s 2>/dev/null",
		 journal.disk.dev);
	f = popen(command, "re");
	assert_non_null(f);
	while (fscanf(f, "%" SCNu64, &block) == 1)
		add_log(block * per, (block + 1) * per);
	pclose(f);
	if (!journal.log.n)
		need("debugfs is not installed");
	fb_extents_join(&journal.log);
}

/* From the superblock: sb_logstart, sb_logblocks, sb_agblocks, sb_agblklog. */
static void find_xfs_log(void)
{
	unsigned char sb[SECTOR];
	uint64_t start_block;
	uint32_t blocks, group_blocks;

	assert_int_equal(pread(journal.disk.fd, sb, sizeof(sb), 0), sizeof(sb));
	memcpy(&start_block, sb + 48, sizeof(start_block));
	memcpy(&group_blocks, sb + 84, sizeof(group_blocks));
	memcpy(&blocks, sb + 96, sizeof(blocks));
	start_block = be64toh(start_block);
	start_block = (start_block >> sb[124]) * be32toh(group_blocks) +
		      (start_block & ((UINT64_C(1) << sb[124]) - 1));
	add_log(start_block * 8, (start_block + be32toh(blocks)) * 8);
}

static void make_file(const char *name, bool flush)
{
	const int fd = openat(journal.dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	if (flush)
		assert_int_equal(fsync(fd), 0);
	close(fd);
	journal_drain();
}

/* One file after the other, flushed now and then, and all written home in the end. */
static void make_files(int files, int each)
{
	/* So many events are lost now and then. */
	for (int tries = 0; tries < 5; tries++) {
		journal_begin();
		for (int i = 0; i < files; i++) {
			char name[96];

			/* Long names fill the blocks of a fast commit. */
			snprintf(name, sizeof(name), "%d-%060d", tries, i);
			make_file(name, i % each == each - 1);
		}
		assert_int_equal(syncfs(journal.dir), 0);
		if (journal_ended_whole())
			return;
	}
	need("block events were lost");
}

static void all_journal_is_in_the_log(void)
{
	assert_true(journal.log_bytes > 0);
	assert_int_equal(journal_bytes("journal"), journal.log_bytes);
	assert_int_equal(journal_bytes("other"), 0);
	assert_int_equal(journal_bytes("data"), 0);
}

static void ext4s_journal_is_what_is_written_where_it_lies(void **state)
{
	(void)state;
	journal_start(&journal_ext4);
	find_ext4_log(4096);
	make_files(FILES, 7);
	all_journal_is_in_the_log();
}

static void room_made_in_ext4s_journal_is_metadata(void **state)
{
	(void)state;
	journal_start(&journal_ext4_small);
	find_ext4_log(1024);
	make_files(4 * FILES, 3);
	all_journal_is_in_the_log();
	assert_true(journal_bytes("metadata") > 0);
}

static void fast_commits_of_many_blocks_are_journal(void **state)
{
	(void)state;
	journal_start(&journal_ext4_fast);
	find_ext4_log(1024);
	make_files(4 * FILES, 30);
	all_journal_is_in_the_log();
}

static void xfss_journal_is_what_is_written_where_it_lies(void **state)
{
	(void)state;
	journal_start(&journal_xfs);
	find_xfs_log();
	make_files(4 * FILES, 2 * FILES);
	all_journal_is_in_the_log();
	close(journal.file);
	journal.file = -1;
	journal_begin();
	assert_int_equal(mount(NULL, journal.mnt, NULL, MS_REMOUNT | MS_RDONLY, NULL),
			 0);
	journal_end();
	all_journal_is_in_the_log();
	assert_true(journal_bytes("metadata") > 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, journal_enter, journal_leave)
	const struct CMUnitTest tests[] = {
		T(ext4s_journal_is_what_is_written_where_it_lies),
		T(room_made_in_ext4s_journal_is_metadata),
		T(fast_commits_of_many_blocks_are_journal),
		T(xfss_journal_is_what_is_written_where_it_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
